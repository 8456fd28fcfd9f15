package policy

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"yinling/internal/day"
	"yinling/internal/money"
)

// scalar makes the reader of a key out of the reader of its type.
func scalar[T any](one func(*loader, *file, yamlNode) (T, bool)) func(*loader, *file, yamlNode, *entry) bool {
	return func(l *loader, f *file, n yamlNode, e *entry) bool {
		v, ok := one(l, f, n)
		if !ok {
			return false
		}
		e.value = v
		e.source.value = asJSON(n)
		e.source.say = e.key.Label + "：" + show(v, e.key.Unit)
		if e.source.clause != nil {
			e.source.render()
		}
		return true
	}
}

// show writes a value for people.
func show(v any, unit string) string {
	switch x := v.(type) {
	case money.Fen:
		return x.Yuan()
	case money.PPM:
		return x.Percent()
	case bool:
		if x {
			return "是"
		}
		return "否"
	case day.Day:
		return x.Chinese()
	case []string:
		if len(x) == 0 {
			return "无"
		}
		return strings.Join(x, "、")
	case []int64:
		if len(x) == 0 {
			return "无"
		}
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(x), " ", "、"), "[]")
	}
	if unit == "" {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%v %s", v, unit)
}

// Many is a list that a row may write as a single value.
type Many[T any] []T

func (Many[T]) many() {}

// Has tells whether v is in the list.
func (m Many[T]) Has(v T) bool {
	for _, x := range m {
		if any(x) == any(v) {
			return true
		}
	}
	return false
}

var (
	rowType    = reflect.TypeFor[Row]()
	fenType    = reflect.TypeFor[money.Fen]()
	ppmType    = reflect.TypeFor[money.PPM]()
	microType  = reflect.TypeFor[money.Micro]()
	dayType    = reflect.TypeFor[day.Day]()
	manyType   = reflect.TypeFor[interface{ many() }]()
	validType  = reflect.TypeFor[interface{ Valid() bool }]()
	reservedIn = map[string]bool{"clause": true, "grade": true, "open": true}
)

// fieldName is the name of a field in a pack and whether it must be there.
func fieldName(sf reflect.StructField) (name string, required bool) {
	name, rest, _ := strings.Cut(sf.Tag.Get("json"), ",")
	return name, !strings.Contains(rest, "omitempty")
}

// checkRowType finds mistakes of the programmer when the program starts.
func checkRowType(key string, t reflect.Type) {
	if t.Kind() != reflect.Struct {
		panic("policy: rows of " + key + " are no struct")
	}
	if f, ok := t.FieldByName("Row"); !ok || f.Type != rowType {
		panic("policy: rows of " + key + " do not embed policy.Row")
	}
	checkFields(key, t, true)
}

func checkFields(key string, t reflect.Type, row bool) {
	for sf := range t.Fields() {
		if sf.Type == rowType {
			continue
		}
		name, _ := fieldName(sf)
		if name == "" || (row && reservedIn[name]) {
			panic("policy: field " + sf.Name + " of " + key + " has no usable json name")
		}
		ft := sf.Type
		for ft.Kind() == reflect.Pointer || ft.Kind() == reflect.Slice || ft.Kind() == reflect.Map {
			ft = ft.Elem()
		}
		base := strings.TrimSuffix(name, "_by_staff")
		switch {
		case ft == fenType && !strings.HasSuffix(base, "fen"), ft == ppmType && !strings.HasSuffix(base, "percent"):
			panic("policy: field " + name + " of " + key + " must end with its unit (_fen, _percent)")
		case ft.Kind() == reflect.Float64 || ft.Kind() == reflect.Float32 || ft.Kind() == reflect.Interface:
			panic("policy: field " + name + " of " + key + " must not be a float or an interface")
		case ft.Kind() == reflect.Struct && ft != dayType:
			checkFields(key, ft, false)
		}
	}
}

func readRows[T any](l *loader, f *file, n yamlNode, e *entry) ([]T, bool) {
	items, ok := l.items(f, n)
	if !ok {
		return nil, false
	}
	e.source.say = fmt.Sprintf("%s：%d 行", e.key.Label, len(items))
	if e.source.clause != nil {
		e.source.render()
	}
	rows := make([]T, len(items))
	rt := reflect.TypeFor[T]()
	at, _ := rt.FieldByName("Row")
	for i, it := range items {
		src := &source{key: e.key.Name, entry: e, clause: e.source.clause, value: asJSON(it)}
		m, good := l.rowFields(f, it, e, src)
		if !good {
			ok = false
			continue
		}
		rv := reflect.ValueOf(&rows[i]).Elem()
		if !l.structFields(f, it, m, rv, true) {
			ok = false
			continue
		}
		rv.FieldByIndex(at.Index).Set(reflect.ValueOf(Row{src}))
		if src.clause != nil {
			src.render()
		}
	}
	return rows, ok
}

// rowFields splits a row into its own fields and the three that every row may
// have: clause, grade and open override those of the value.
func (l *loader) rowFields(f *file, it yamlNode, e *entry, src *source) ([]pair, bool) {
	ps, ok := l.pairs(f, it)
	var own []pair
	var clause, grade, open yamlNode
	for _, p := range ps {
		switch p.name {
		case "clause":
			clause = p.val
		case "grade":
			grade = p.val
		case "open":
			open = p.val
		default:
			own = append(own, p)
		}
	}
	if clause == nil && grade == nil && open == nil {
		return own, ok
	}
	had := len(l.problems)
	src.clause = l.clause(f, l.chain, it, clause, grade, open, e.source.clause)
	// The explanation shows what the row says, not where it comes from twice.
	src.value = asJSONWithout(it, reservedIn)
	return own, ok && len(l.problems) == had
}

func asJSONWithout(n yamlNode, drop map[string]bool) []byte {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return asJSON(n)
	}
	o := object{}
	for _, v := range m.Values {
		if name := v.Key.GetToken().Value; !drop[name] {
			o = append(o, member{name, asJSON(v.Value)})
		}
	}
	b, _ := marshal(o)
	return b
}

func (l *loader) structFields(f *file, at yamlNode, ps []pair, rv reflect.Value, row bool) bool {
	t := rv.Type()
	fields := map[string]reflect.StructField{}
	var known []string
	for sf := range t.Fields() {
		if name, _ := fieldName(sf); name != "" {
			fields[name] = sf
			known = append(known, name)
		}
	}
	if row {
		known = append(known, "clause", "grade", "open")
	}
	ok := true
	there := map[string]bool{}
	for _, p := range ps {
		sf, is := fields[p.name]
		if !is {
			l.node(f, p.key, "不认识「%s」；%s%s", p.name, suggest(p.name, known), wide(p.name))
			there[nearest(p.name, known)] = true
			ok = false
			continue
		}
		there[p.name] = true
		if s, is := p.val.(*ast.StringNode); is && strings.ContainsRune(s.Value, '，') {
			for _, name := range known { // a Chinese comma swallowed it: one fault, one message
				if strings.Contains(s.Value, "，"+name) {
					there[name] = true
				}
			}
		}
		if _, empty := p.val.(*ast.NullNode); empty {
			l.node(f, p.key, "「%s」后面是空的；请填上，或删去这一行", p.name)
			ok = false
			continue
		}
		ok = l.value(f, p.val, rv.FieldByIndex(sf.Index), sf) && ok
	}
	for sf := range t.Fields() {
		if name, required := fieldName(sf); name != "" && required && !there[name] {
			l.node(f, at, "缺少「%s」；请补上", name)
			ok = false
		}
	}
	if ok && !l.replay { // what a stored decision rests on was good in its time
		if c, is := rv.Addr().Interface().(interface{ Check() error }); is {
			if err := c.Check(); err != nil {
				l.node(f, at, "%s", err.Error())
				return false
			}
		}
	}
	return ok
}

// value reads one field of a row by its Go type.
func (l *loader) value(f *file, n yamlNode, rv reflect.Value, sf reflect.StructField) bool {
	t := rv.Type()
	set := func(v any, ok bool) bool {
		if ok {
			rv.Set(reflect.ValueOf(v).Convert(t))
		}
		return ok
	}
	switch {
	case t == fenType:
		v, ok := readFen(l, f, n)
		return set(v, ok)
	case t == ppmType:
		v, ok := readPercent(l, f, n)
		return set(v, ok)
	case t == microType:
		v, ok := readMicro(l, f, n)
		return set(v, ok)
	case t == dayType:
		v, ok := readDay(l, f, n)
		return set(v, ok)
	case t.Implements(manyType):
		if _, isList := n.(*ast.SequenceNode); !isList {
			rv.Set(reflect.MakeSlice(t, 1, 1))
			return l.value(f, n, rv.Index(0), sf)
		}
	}
	switch t.Kind() {
	case reflect.String:
		s, ok := readText(l, f, n)
		if options := sf.Tag.Get("options"); ok && options != "" {
			ok = l.oneOf(f, n, s, strings.Split(options, "|"))
		}
		ok = set(s, ok)
		if ok && t.Implements(validType) && !rv.Interface().(interface{ Valid() bool }).Valid() {
			l.node(f, n, "没有「%s」这个选项；可以填的见 docs/packs.md", s)
			return false
		}
		return ok
	case reflect.Bool:
		v, ok := readBool(l, f, n)
		return set(v, ok)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v, ok := readInt(l, f, n)
		return set(v, ok)
	case reflect.Pointer:
		rv.Set(reflect.New(t.Elem()))
		return l.value(f, n, rv.Elem(), sf)
	case reflect.Slice:
		items, ok := l.items(f, n)
		rv.Set(reflect.MakeSlice(t, len(items), len(items)))
		for i, it := range items {
			ok = l.value(f, it, rv.Index(i), sf) && ok
		}
		return ok
	case reflect.Map:
		ps, ok := l.pairs(f, n)
		rv.Set(reflect.MakeMap(t))
		for _, p := range ps {
			v := reflect.New(t.Elem()).Elem()
			ok = l.value(f, p.val, v, sf) && ok
			rv.SetMapIndex(reflect.ValueOf(p.name).Convert(t.Key()), v)
		}
		return ok
	case reflect.Struct:
		ps, ok := l.pairs(f, n)
		return ok && l.structFields(f, n, ps, rv, false)
	}
	panic("policy: field " + sf.Name + " has a type that packs cannot hold")
}
