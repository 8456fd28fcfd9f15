// Package policy is the engine between packs and rules: it reads the packs
// (政策包), refuses every pack that is not exact, gives each rule the View of one
// region on one day, and records what the rule used and why.
//
//	pack (YAML)  ──Load──▶  Set  ──At(region, day)──▶  View  ──Rule.Decide──▶  Decision
//
// A rule declares the keys that it reads as package variables; reading a key
// writes the value and its clause into the Explanation, so a rule cannot use a
// number that its explanation does not show.
package policy

import (
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"sort"
	"strings"

	"yinling/internal/day"
	"yinling/internal/money"
)

// Evidence grades (证据等级) of a value.
const (
	GradeRecalled = "R"       // recalled, not confirmed in a text
	GradeDoubtful = "D"       // found, but the source is doubtful
	GradeAssumed  = "assumed" // an example value, no official figure
)

var grades = []string{"A", "B", "C", GradeDoubtful, GradeRecalled, GradeAssumed}

// Words are the domains that may stand before the first dot of a key and name
// a file in a pack, with what they hold.
var Words = map[string]string{
	"assess": "申请与失能等级评估", "benefit": "待遇", "care": "护理服务与上门", "claim": "申报与结算",
	"calendar": "工作日历", "fund": "筹资与基金账", "institution": "定点机构", "person": "参保",
	"desk": "办件", "supervise": "稽核", "outreach": "公示与回访", "medical": "医疗保障", "measure": "工作台账", "share": "部门数据共享",
	"hall": "服务大厅", "door": "上门办、就近办",
}

// Type is the kind of value that a key takes in a pack.
type Type string

// The types, by the names that docs/packs.md uses.
const (
	TInt        Type = "整数"
	TFen        Type = "金额（分）"
	TPercent    Type = "百分数"
	TQty        Type = "小数"
	TText       Type = "文字"
	TBool       Type = "是否"
	TChoice     Type = "选项"
	TTexts      Type = "文字列表"
	TInts       Type = "整数列表"
	TDay        Type = "日期"
	TRows       Type = "行列表"
	TConditions Type = "条件列表"
)

// units ties the last word of a key to the unit that people read, so that a
// key can never say days and mean months.
var units = map[string]string{
	"days": "天", "workdays": "个工作日", "months": "个月", "years": "年", "weeks": "周",
	"minutes": "分钟", "hours": "小时", "metres": "米", "points": "个百分点", "level": "级",
	"fen": "元", "percent": "%",
}

// KeyInfo is what a key says about itself; the documentation is made from it.
type KeyInfo struct {
	Name, Label, Unit string
	Type              Type
	Options           []string
	Optional          bool
	Row               reflect.Type // of TRows: the row; of TConditions: the facts
	File              string       // where it is declared
	Line              int

	id   int
	env  *condEnv
	read func(l *loader, f *file, n yamlNode, e *entry) bool
}

type registry struct {
	keys  []*KeyInfo
	named map[string]*KeyInfo
	words map[string]bool
	rules map[string]*Info
}

var std = &registry{named: map[string]*KeyInfo{}, words: map[string]bool{}, rules: map[string]*Info{}}

// Key is a value that a rule reads from a pack.
type Key[T any] struct{ info *KeyInfo }

// Optional lets every pack leave the key out; the rule asks with Get.
func (k Key[T]) Optional() Key[T] { k.info.Optional = true; return k }

// Checked adds what the types cannot say about the whole value: rows that must
// agree, texts of a certain form. The error's text is Chinese.
func (k Key[T]) Checked(check func(T) error) Key[T] {
	read := k.info.read
	k.info.read = func(l *loader, f *file, n yamlNode, e *entry) bool {
		if !read(l, f, n, e) {
			return false
		}
		if err := check(e.value.(T)); err != nil && !l.replay {
			l.node(f, n, "%s", err.Error())
			return false
		}
		return true
	}
	return k
}

// Name is the key as packs write it.
func (k Key[T]) Name() string { return k.info.Name }

// In is the value on the day of v, noted in the explanation with its clause.
// A key that the region leaves out gives the zero value and makes v refuse.
// Lists are shared and must not be changed.
func (k Key[T]) In(v *View) T {
	e := v.at.values[k.info.id]
	if e == nil {
		v.missing(k.info)
		var zero T
		return zero
	}
	v.used(e)
	return e.value.(T)
}

// Get is In for a value that a region may leave out; ok tells whether it is there.
func (k Key[T]) Get(v *View) (value T, ok bool) {
	e := v.at.values[k.info.id]
	if e == nil {
		return value, false
	}
	v.used(e)
	return e.value.(T), true
}

// Peek is Get without a step in the explanation: for screens that show a value
// (it is no base for a decision).
func (k Key[T]) Peek(v *View) (value T, ok bool) {
	e := v.at.values[k.info.id]
	if e == nil {
		return value, false
	}
	return e.value.(T), true
}

// sourceIn makes a key citable: the value that holds in v.
func (k Key[T]) sourceIn(v *View) *source {
	if e := v.at.values[k.info.id]; e != nil {
		return &e.source
	}
	return nil
}

// Cite is the source of the whole value as a row.
func (k Key[T]) Cite(v *View) Row { return Row{k.sourceIn(v)} }

var keyForm = regexp.MustCompile(`^[a-z]+(\.[a-z][a-z0-9_]*)+$`)

func register[T any](name, label, unit string, t Type) Key[T] {
	k := &KeyInfo{Name: name, Label: label, Unit: unit, Type: t, id: len(std.keys)}
	_, k.File, k.Line, _ = runtime.Caller(2)
	k.File = shortFile(k.File)
	if !keyForm.MatchString(name) {
		panic("policy: key " + name + " is not word.name in small letters")
	}
	if std.named[name] != nil {
		panic("policy: key " + name + " is declared twice")
	}
	last := name[strings.LastIndexAny(name, "._")+1:]
	switch want, counted := units[last], t == TInt || t == TFen || t == TPercent || t == TQty; {
	case t == TInt && want == "" && last != "count" && last != "score":
		panic("policy: key " + name + " must end with its unit (_days, _workdays, _months, _count …)")
	case counted && want != "" && unit != want:
		panic(fmt.Sprintf("policy: key %s ends with %s but its unit is %s", name, last, unit))
	case t == TFen && last != "fen", t == TPercent && last != "percent":
		panic("policy: key " + name + " must end with _fen or _percent as its type")
	case t == TDay && last != "on":
		panic("policy: key " + name + " is a date and must end with _on")
	case want != "" && (t == TText || t == TBool || t == TChoice):
		panic("policy: key " + name + " ends with a unit but holds no number")
	}
	std.keys = append(std.keys, k)
	std.named[name] = k
	std.words[wordOf(name)] = true
	return Key[T]{k}
}

func wordOf(key string) string { w, _, _ := strings.Cut(key, "."); return w }

// shortFile cuts a file name to the part inside the repository.
func shortFile(f string) string {
	for _, dir := range []string{"/internal/", "/cmd/"} {
		if i := strings.LastIndex(f, dir); i >= 0 {
			return f[i+1:]
		}
	}
	return f
}

// Int declares a whole number; the last word of the key names the unit
// (_days 天, _workdays 个工作日, _months 个月, _count any …).
func Int(name, label, unit string) Key[int64] {
	k := register[int64](name, label, unit, TInt)
	k.info.read = scalar(readInt)
	return k
}

// Fen declares an amount in fen.
func Fen(name, label string) Key[money.Fen] {
	k := register[money.Fen](name, label, "元", TFen)
	k.info.read = scalar(readFen)
	return k
}

// Percent declares a ratio; packs write it as a percentage (82.5).
func Percent(name, label string) Key[money.PPM] {
	k := register[money.PPM](name, label, "%", TPercent)
	k.info.read = scalar(readPercent)
	return k
}

// Qty declares a decimal quantity, up to six decimals.
func Qty(name, label, unit string) Key[money.Micro] {
	k := register[money.Micro](name, label, unit, TQty)
	k.info.read = scalar(readMicro)
	return k
}

// Text declares a text.
func Text(name, label string) Key[string] {
	k := register[string](name, label, "", TText)
	k.info.read = scalar(readText)
	return k
}

// Bool declares a yes or no.
func Bool(name, label string) Key[bool] {
	k := register[bool](name, label, "", TBool)
	k.info.read = scalar(readBool)
	return k
}

// Date declares a day.
func Date(name, label string) Key[day.Day] {
	k := register[day.Day](name, label, "", TDay)
	k.info.read = scalar(readDay)
	return k
}

// Choice declares a name out of options: the method that a region uses.
func Choice(name, label string, options ...string) Key[string] {
	k := register[string](name, label, "", TChoice)
	k.info.Options = options
	k.info.read = scalar(func(l *loader, f *file, n yamlNode) (string, bool) {
		s, ok := readText(l, f, n)
		return s, ok && l.oneOf(f, n, s, options)
	})
	return k
}

// Texts declares a list of texts.
func Texts(name, label string) Key[[]string] {
	k := register[[]string](name, label, "", TTexts)
	k.info.read = scalar(list(readText))
	return k
}

// Ints declares a list of whole numbers.
func Ints(name, label string) Key[[]int64] {
	k := register[[]int64](name, label, "", TInts)
	k.info.read = scalar(list(readInt))
	return k
}

// Row is embedded in the struct of a row so that the rule can cite it.
type Row struct{ src *source }

func (r Row) sourceIn(*View) *source { return r.src }

// Mark is what stands behind a figure of the row on a screen: that it is an
// example value or waits to be checked; "" for grades A and B.
func (r Row) Mark() string {
	if r.src == nil || r.src.clause == nil {
		return ""
	}
	return gradeMark(r.src.clause.Grade)
}

// Cited is what v.Cite and v.Refuse can quote: a row of a table, or a key.
type Cited interface{ sourceIn(v *View) *source }

// Rows declares a list of rows. T is a struct that embeds Row; its fields carry
// json names (those of amounts end _fen, of ratios _percent), omitempty makes a
// field optional, `say` describes it, `options:"a|b"` limits it. T may have
// Check() error for what types cannot say; its text is Chinese.
func Rows[T any](name, label string) Key[[]T] {
	t := reflect.TypeFor[T]()
	checkRowType(name, t)
	k := register[[]T](name, label, "", TRows)
	k.info.Row = t
	k.info.read = func(l *loader, f *file, n yamlNode, e *entry) bool {
		rows, ok := readRows[T](l, f, n, e)
		e.value = rows
		return ok
	}
	return k
}

// Keys lists every key, by name.
func Keys() []*KeyInfo {
	ks := append([]*KeyInfo(nil), std.keys...)
	sort.Slice(ks, func(i, j int) bool { return ks[i].Name < ks[j].Name })
	return ks
}

// Number reads a whole number by its key's name, where a row of a pack names
// the key (a step whose limit another key holds already). ok is false when
// there is no such number key, or the region gives no value.
func (v *View) Number(name string) (n int64, from Cited, ok bool) {
	info := std.named[name]
	if info == nil || info.Type != TInt {
		return 0, nil, false
	}
	k := Key[int64]{info}
	n, ok = k.Peek(v)
	return n, k.Cite(v), ok
}
