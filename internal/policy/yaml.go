package policy

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"yinling/internal/day"
	"yinling/internal/money"
)

type yamlNode = ast.Node

// pair is one «name: value» of a mapping.
type pair struct {
	name string
	key  yamlNode
	val  yamlNode
}

// parse reads one YAML document and refuses everything that a pack does not need.
func (l *loader) parse(f *file) yamlNode {
	if !utf8.ValidString(f.text) || strings.ContainsRune(f.text, 0) {
		l.problems = append(l.problems, Problem{File: f.name, Say: "文件不是 UTF-8 编码的，读不出来；请用记事本打开，「另存为」时编码选 UTF-8"})
		return nil
	}
	if len(f.text) > 1<<20 {
		l.at(f, 1, 1, "文件大于 1 MB；请拆成几个地区或删去不用的内容")
		return nil
	}
	tree, err := parser.ParseBytes([]byte(f.text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, col, say := yamlError(err)
		if n, c, hint := slip(f, line); hint != "" {
			l.at(f, n, c, "YAML 写法不对：%s", hint)
			return nil
		}
		l.at(f, line, col, "YAML 写法不对：%s。请检查这一行的缩进、冒号后的空格和引号", say)
		return nil
	}
	var bodies []yamlNode
	for _, d := range tree.Docs {
		if d.Body != nil && d.Body.Type() != ast.NullType && d.Body.Type() != ast.CommentType {
			bodies = append(bodies, d.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		l.at(f, 1, 1, "文件是空的；请写上内容或删去这个文件")
		return nil
	case len(bodies) > 1:
		l.node(f, bodies[1], "一个文件只能有一份内容；请删去「---」后面的部分或另建文件")
		return nil
	}
	ok := true
	ast.Walk(visitor(func(n yamlNode) {
		switch n.Type() {
		case ast.AnchorType, ast.AliasType, ast.TagType, ast.MergeKeyType, ast.DirectiveType:
			ok = false
			l.node(f, n, "政策包不用 YAML 的锚点、引用和标签（& * ! <<）；请把内容直接写出来")
		}
	}), bodies[0])
	if !ok {
		return nil
	}
	return bodies[0]
}

type visitor func(yamlNode)

func (v visitor) Visit(n yamlNode) ast.Visitor { v(n); return v }

var yamlAt = regexp.MustCompile(`^\[(\d+):(\d+)\] ([^\n]*)`)

// yamlError finds the place in a message of the YAML reader and says it in
// plain words.
func yamlError(err error) (line, col int, say string) {
	line, col, say = 1, 1, ""
	if m := yamlAt.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
		col, _ = strconv.Atoi(m[2])
		say = m[3]
	}
	switch {
	case strings.Contains(say, "mapping end token"):
		return line, col, "「{」没有配上「}」"
	case strings.Contains(say, "sequence end token"):
		return line, col, "「[」没有配上「]」"
	case strings.Contains(say, "cannot start any token"):
		return line, col, "这里有不能用的字符（缩进要用空格，不能用 Tab）"
	case strings.Contains(say, "end-of-line") || strings.Contains(say, "quoted text"):
		return line, col, "引号没有配成对"
	}
	return line, col, "这一行的结构读不懂"
}

// pairs reads a mapping; a name written twice is a fault.
func (l *loader) pairs(f *file, n yamlNode) ([]pair, bool) {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		l.node(f, n, "这里要写「名称: 值」，现在是%s", kindOf(n))
		return nil, false
	}
	out := make([]pair, 0, len(values))
	seen := map[string]bool{}
	ok := true
	for _, v := range values {
		name := ""
		switch k := v.Key.(type) {
		case *ast.StringNode:
			name = k.Value
		default:
			name = v.Key.GetToken().Value
		}
		if seen[name] {
			l.node(f, v.Key, "「%s」写了两次；请只留一个", name)
			ok = false
			continue
		}
		seen[name] = true
		out = append(out, pair{name, v.Key, v.Value})
	}
	return out, ok
}

func (l *loader) items(f *file, n yamlNode) ([]yamlNode, bool) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		l.node(f, n, "这里要写列表（每一项前面加「- 」），现在是%s", kindOf(n))
		return nil, false
	}
	return s.Values, true
}

func kindOf(n yamlNode) string {
	switch n.(type) {
	case *ast.NullNode:
		return "空的"
	case *ast.IntegerNode, *ast.FloatNode:
		return "数字"
	case *ast.BoolNode:
		return "是否（true/false）"
	case *ast.StringNode, *ast.LiteralNode:
		return "文字"
	case *ast.SequenceNode:
		return "列表"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "「名称: 值」"
	}
	return "别的内容"
}

// position is where a reader looks for n: the first thing in it.
func position(n yamlNode) *token.Position {
	switch x := n.(type) {
	case *ast.MappingNode:
		if len(x.Values) > 0 {
			return position(x.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return position(x.Key)
	case *ast.SequenceNode:
		if len(x.Values) > 0 {
			return position(x.Values[0])
		}
	}
	return n.GetToken().Position
}

func quoted(n yamlNode) bool {
	t := n.GetToken().Type
	return t == token.DoubleQuoteType || t == token.SingleQuoteType
}

// written is the source text of a scalar, before YAML gave it a meaning: 012
// stays "012", 1e3 stays "1e3".
func written(n yamlNode) string { return strings.TrimSpace(n.GetToken().Value) }

var wholeNumber = regexp.MustCompile(`^(0|-?[1-9][0-9]*)$`)

func readInt(l *loader, f *file, n yamlNode) (int64, bool) {
	if _, isInt := n.(*ast.IntegerNode); !isInt || !wholeNumber.MatchString(written(n)) {
		l.node(f, n, "这里要填整数，写成 12 的样子（不加引号，前面不加 0，不用 1e3），现在是%s「%s」", kindOf(n), short(written(n)))
		return 0, false
	}
	i, err := strconv.ParseInt(written(n), 10, 64)
	if err != nil {
		l.node(f, n, "这个数太大，装不下")
		return 0, false
	}
	return i, true
}

func readFen(l *loader, f *file, n yamlNode) (money.Fen, bool) {
	if _, isInt := n.(*ast.IntegerNode); !isInt || !wholeNumber.MatchString(written(n)) {
		l.node(f, n, "这里要填金额，写整数，单位是分（75 元写 7500；不写小数点、逗号和「元」），现在是%s「%s」", kindOf(n), short(written(n)))
		return 0, false
	}
	i, ok := readInt(l, f, n)
	return money.Fen(i), ok
}

func readPercent(l *loader, f *file, n yamlNode) (money.PPM, bool) {
	p, err := money.ParsePercent(written(n))
	if err != nil || !plain(n) || strings.HasSuffix(written(n), "%") || leadingZero(written(n)) {
		l.node(f, n, "这里要填百分数，写成 80 或 82.5（80%% 就写 80，最多四位小数），现在是%s「%s」", kindOf(n), short(written(n)))
		return 0, false
	}
	return p, true
}

func readMicro(l *loader, f *file, n yamlNode) (money.Micro, bool) {
	m, err := money.ParseMicro(written(n))
	if err != nil || !plain(n) || leadingZero(written(n)) {
		l.node(f, n, "这里要填小数，写成 25 或 1.5（最多六位小数），现在是%s「%s」", kindOf(n), short(written(n)))
		return 0, false
	}
	return m, true
}

// plain: a number, or a number in quotes.
func plain(n yamlNode) bool {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return true
	case *ast.StringNode:
		return quoted(n)
	}
	return false
}

func leadingZero(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return len(s) > 1 && s[0] == '0' && s[1] != '.'
}

func readText(l *loader, f *file, n yamlNode) (string, bool) {
	s := ""
	switch x := n.(type) {
	case *ast.StringNode:
		s = x.Value
	case *ast.LiteralNode:
		s = strings.TrimSpace(x.Value.Value)
	default:
		l.node(f, n, "这里要填文字，现在是%s「%s」；数字、日期和 true/false 当文字用时要加引号", kindOf(n), short(written(n)))
		return "", false
	}
	if strings.TrimSpace(s) == "" {
		l.node(f, n, "这里不能空着")
		return "", false
	}
	return s, true
}

func readBool(l *loader, f *file, n yamlNode) (bool, bool) {
	b, ok := n.(*ast.BoolNode)
	if !ok || (written(n) != "true" && written(n) != "false") {
		l.node(f, n, "这里要填 true（是）或 false（否），现在是%s「%s」", kindOf(n), short(written(n)))
		return false, false
	}
	return b.Value, true
}

func readDay(l *loader, f *file, n yamlNode) (day.Day, bool) {
	s, isText := n.(*ast.StringNode)
	if !isText || !quoted(n) {
		l.node(f, n, "日期要加引号，写成 \"2024-06-30\"%s", wide(written(n)))
		return 0, false
	}
	d, err := day.Parse(s.Value)
	if err != nil {
		l.node(f, n, "%s", err.Error())
		return 0, false
	}
	return d, true
}

var regionForm = regexp.MustCompile(`^[0-9]{6}$`)

func readRegion(l *loader, f *file, n yamlNode) (string, bool) {
	s, isText := n.(*ast.StringNode)
	if !isText || !quoted(n) || !regionForm.MatchString(s.Value) {
		l.node(f, n, "地区代码是六位数字并且要加引号，写成 \"320700\"（不加引号会把开头的 0 丢掉）")
		return "", false
	}
	return s.Value, true
}

func list[T any](one func(*loader, *file, yamlNode) (T, bool)) func(*loader, *file, yamlNode) ([]T, bool) {
	return func(l *loader, f *file, n yamlNode) ([]T, bool) {
		items, ok := l.items(f, n)
		out := make([]T, 0, len(items))
		for _, it := range items {
			v, good := one(l, f, it)
			out, ok = append(out, v), ok && good
		}
		return out, ok
	}
}

func (l *loader) oneOf(f *file, n yamlNode, s string, options []string) bool {
	for _, o := range options {
		if s == o {
			return true
		}
	}
	l.node(f, n, "没有「%s」这个选项；可以填的是：%s%s", short(s), strings.Join(options, "、"), wide(s))
	return false
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// asJSON renders a node as the explanation shows it: numbers exactly as they
// are written, never through a float.
func asJSON(n yamlNode) json.RawMessage {
	b, _ := marshal(plainValue(n))
	return b
}

type member struct {
	name string
	val  json.RawMessage
}

// object keeps the order in which the pack writes its fields.
type object []member

func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, m.name), ':')
		b = append(b, m.val...)
	}
	return append(b, '}'), nil
}

func plainValue(n yamlNode) any {
	switch x := n.(type) {
	case *ast.MappingNode:
		o := object{}
		for _, v := range x.Values {
			o = append(o, member{v.Key.GetToken().Value, asJSON(v.Value)})
		}
		return o
	case *ast.MappingValueNode:
		return object{{x.Key.GetToken().Value, asJSON(x.Value)}}
	case *ast.SequenceNode:
		a := make([]json.RawMessage, 0, len(x.Values))
		for _, v := range x.Values {
			a = append(a, asJSON(v))
		}
		return a
	case *ast.IntegerNode, *ast.FloatNode:
		if json.Valid([]byte(written(n))) {
			return json.RawMessage(written(n))
		}
		return written(n)
	case *ast.BoolNode:
		return x.Value
	case *ast.StringNode:
		return x.Value
	case *ast.LiteralNode:
		return strings.TrimSpace(x.Value.Value)
	case *ast.NullNode:
		return nil
	}
	return written(n)
}
