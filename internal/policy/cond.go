package policy

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"yinling/internal/day"
)

// Condition is one line of a condition list in a pack: a short CEL expression
// over the facts, the sentence when it does not hold, and when it does.
type Condition struct {
	Row
	ID     string `json:"id" say:"这一条的名字，列表里不重复"`
	When   string `json:"when" say:"要满足的条件（CEL）"`
	SayNo  string `json:"say_no" say:"不满足时告诉当事人的话，可用 {事实名} 写出数值"`
	SayYes string `json:"say_yes,omitempty" say:"满足时写进依据的话；不写就用「符合：」加 id"`

	program cel.Program
	yes, no *form
}

// Conditions is a key whose value is a list of conditions over the facts T: a
// struct of bools, whole numbers, texts, text lists and days with json names.
type Conditions[T any] struct {
	Key[[]Condition]
	env *condEnv
}

// condEnv is the CEL environment of one fact struct.
type condEnv struct {
	env   *cel.Env
	names []string
	index map[string]int
	get   []func(reflect.Value) ref.Val
	facts reflect.Type
}

// maxCost bounds one line by CEL's own static estimate; there are no loops.
const maxCost = 20_000

// NewConditions declares a condition list; `say` tags of T name the facts.
func NewConditions[T any](name, label string) Conditions[T] {
	k := register[[]Condition](name, label, "", TConditions)
	env := newCondEnv(name, reflect.TypeFor[T]())
	k.info.Row, k.info.env = env.facts, env
	k.info.read = func(l *loader, f *file, n yamlNode, e *entry) bool { return env.read(l, f, n, e) }
	return Conditions[T]{k, env}
}

// Optional lets every pack leave the list out: then nothing is asked.
func (k Conditions[T]) Optional() Conditions[T] { k.info.Optional = true; return k }

func newCondEnv(key string, t reflect.Type) *condEnv {
	c := &condEnv{index: map[string]int{}, facts: t}
	opts := []cel.EnvOption{cel.ClearMacros()}
	for sf := range t.Fields() {
		name, _ := fieldName(sf)
		if name == "" {
			panic("policy: fact " + sf.Name + " of " + key + " has no json name")
		}
		i := sf.Index
		var ct *cel.Type
		var get func(reflect.Value) ref.Val
		switch {
		case sf.Type == dayType:
			ct = cel.StringType
			get = func(v reflect.Value) ref.Val { return types.String(v.FieldByIndex(i).Interface().(day.Day).String()) }
		case sf.Type.Kind() == reflect.Bool:
			ct = cel.BoolType
			get = func(v reflect.Value) ref.Val { return types.Bool(v.FieldByIndex(i).Bool()) }
		case sf.Type.Kind() == reflect.Int64 || sf.Type.Kind() == reflect.Int:
			ct = cel.IntType
			get = func(v reflect.Value) ref.Val { return types.Int(v.FieldByIndex(i).Int()) }
		case sf.Type.Kind() == reflect.String:
			ct = cel.StringType
			get = func(v reflect.Value) ref.Val { return types.String(v.FieldByIndex(i).String()) }
		case sf.Type.Kind() == reflect.Slice && sf.Type.Elem().Kind() == reflect.String:
			ct = cel.ListType(cel.StringType)
			get = func(v reflect.Value) ref.Val {
				return types.DefaultTypeAdapter.NativeToValue(v.FieldByIndex(i).Interface())
			}
		default:
			panic("policy: fact " + name + " of " + key + " has a type that conditions cannot use")
		}
		opts = append(opts, cel.Variable(name, ct))
		c.index[name] = len(c.names)
		c.names = append(c.names, name)
		c.get = append(c.get, get)
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		panic("policy: facts of " + key + ": " + err.Error())
	}
	c.env = env
	return c
}

// estimator bounds texts and lists, which come from forms.
type estimator struct{}

func (estimator) EstimateSize(cost.AstNode) *cost.SizeEstimate { return &cost.SizeEstimate{Max: 200} }
func (estimator) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

func (c *condEnv) read(l *loader, f *file, n yamlNode, e *entry) bool {
	rows, ok := readRows[Condition](l, f, n, e)
	items, _ := l.items(f, n)
	seen := map[string]bool{}
	for i := range rows {
		r := &rows[i]
		if r.When == "" {
			continue // already reported
		}
		if seen[r.ID] {
			l.node(f, items[i], "条件「%s」写了两次；请换一个 id", r.ID)
			ok = false
		}
		seen[r.ID] = true
		at := fieldNode(items[i], "when")
		if r.program = c.compile(l, f, at, r.When); r.program == nil {
			ok = false
		}
		yes := r.SayYes
		if yes == "" {
			yes = "符合：" + r.ID
		}
		var good bool
		if r.yes, good = c.form(l, f, fieldNode(items[i], "say_yes"), yes); !good {
			ok = false
		}
		if r.no, good = c.form(l, f, fieldNode(items[i], "say_no"), r.SayNo); !good {
			ok = false
		}
	}
	e.value = rows
	return ok
}

func fieldNode(n yamlNode, name string) yamlNode {
	ps, _ := (&loader{}).pairs(&file{}, n)
	for _, p := range ps {
		if p.name == name {
			return p.val
		}
	}
	return n
}

func (c *condEnv) compile(l *loader, f *file, n yamlNode, text string) cel.Program {
	help := "可以用的事实：" + strings.Join(c.names, "、") + "；写法见 docs/packs.md「条件」"
	if len(text) > 500 {
		l.node(f, n, "条件太长；请拆成几条")
		return nil
	}
	ast, issues := c.env.Compile(text)
	if issues.Err() != nil {
		l.node(f, n, "条件写法不对：%s。%s", celSay(issues.Errors()[0].Message), help)
		return nil
	}
	if ast.OutputType() != cel.BoolType {
		l.node(f, n, "条件的结果要是「是」或「否」，现在是 %s；请写成比较，如 months >= 6。%s", ast.OutputType(), help)
		return nil
	}
	est, err := c.env.EstimateCost(ast, estimator{})
	if err != nil || est.Max > maxCost {
		l.node(f, n, "条件算起来太费时间；请拆成几条短的")
		return nil
	}
	p, err := c.env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		l.node(f, n, "条件写法不对：%v。%s", err, help)
		return nil
	}
	return p
}

var celWord = regexp.MustCompile(`'([^']*)'`)

// celSay puts the messages of the expression compiler into plain words.
func celSay(m string) string {
	word := ""
	if w := celWord.FindStringSubmatch(m); w != nil {
		word = w[1]
	}
	switch {
	case strings.HasPrefix(m, "undeclared reference"):
		return "没有叫「" + word + "」的事实或函数"
	case strings.HasPrefix(m, "found no matching overload"):
		return "「" + strings.Trim(word, "_") + "」两边的类型配不上（数字只能和数字比，文字要加引号）"
	case strings.Contains(m, "token recognition error"):
		return "这里不能写「" + word + "」（条件里只用英文名称、数字和引号里的文字）"
	case strings.HasPrefix(m, "Syntax error"):
		return "没有写完，或者符号不对"
	}
	return m
}

// facts are the values of one decision, read once for all lines; the sentences
// of the explanation are filled from the same slice.
type facts struct {
	env  *condEnv
	vals []any
}

func (a *facts) ResolveName(name string) (any, bool) {
	i, ok := a.env.index[name]
	if !ok {
		return nil, false
	}
	return a.vals[i], true
}

func (a *facts) Parent() interpreter.Activation { return nil }

// Check evaluates every line on the facts, notes each with its own sentence and
// clause, and returns those that do not hold.
func (k Conditions[T]) Check(v *View, in T) (failed []*Condition, err error) {
	return k.CheckThese(v, in, nil)
}

// CheckThese is Check on those lines whose id is among the wanted (nil: all).
func (k Conditions[T]) CheckThese(v *View, in T, wanted func(id string) bool) (failed []*Condition, err error) {
	e := v.at.values[k.info.id]
	if e == nil {
		if !k.info.Optional {
			v.missing(k.info)
		}
		return nil, nil
	}
	v.used(e)
	rows := e.value.([]Condition)
	a := &facts{env: k.env, vals: make([]any, len(k.env.get))}
	rv := reflect.ValueOf(&in).Elem()
	for i, get := range k.env.get {
		a.vals[i] = get(rv)
	}
	frame, err := interpreter.NewExecutionFrame(a)
	if err != nil {
		return nil, err
	}
	defer frame.Close()
	for i := range rows {
		c := &rows[i]
		if wanted != nil && !wanted(c.ID) {
			continue
		}
		out, _, err := c.program.Eval(frame)
		if err != nil {
			return nil, fmt.Errorf("policy: condition %s of %s: %w", c.ID, k.Name(), err)
		}
		f := c.yes
		if out != types.True {
			f = c.no
			failed = append(failed, c)
		}
		v.steps = append(v.steps, Step{src: c.src, form: f, args: a.vals})
	}
	return failed, nil
}

// Refuse is the refusal of a line that does not hold; call it with the first of
// those that Check gave.
func (k Conditions[T]) Refuse(v *View, c *Condition) error {
	for i := len(v.steps) - 1; i >= 0; i-- {
		if s := v.steps[i]; s.src == c.src && s.form == c.no {
			return v.Refuse(c, "%s", c.no.fill(s.args))
		}
	}
	return v.Refuse(c, "%s", c.SayNo)
}

// form is a sentence with facts in braces, split at loading.
type form struct {
	parts []string // parts[0] fact parts[1] fact …
	facts []int
}

var formHole = regexp.MustCompile(`\{([a-z0-9_]*)\}`)

func (c *condEnv) form(l *loader, f *file, n yamlNode, text string) (*form, bool) {
	out, ok, last := &form{}, true, 0
	for _, m := range formHole.FindAllStringSubmatchIndex(text, -1) {
		name := text[m[2]:m[3]]
		i, there := c.index[name]
		if !there {
			l.node(f, n, "句子里的 {%s} 不是事实；可以用的是：%s", name, strings.Join(c.names, "、"))
			ok = false
			continue
		}
		out.parts = append(out.parts, text[last:m[0]])
		out.facts = append(out.facts, i)
		last = m[1]
	}
	out.parts = append(out.parts, text[last:])
	return out, ok
}

func (f *form) fill(args []any) string {
	if len(f.facts) == 0 {
		return f.parts[0]
	}
	var b strings.Builder
	for i, p := range f.parts {
		b.WriteString(p)
		if i < len(f.facts) {
			b.WriteString(plainWord(args[f.facts[i]].(ref.Val)))
		}
	}
	return b.String()
}

func plainWord(v ref.Val) string {
	switch x := v.Value().(type) {
	case bool:
		return show(x, "")
	case []string:
		return show(x, "")
	case string:
		if x == "" {
			return "（没有）"
		}
		return x
	}
	return fmt.Sprint(v.Value())
}
