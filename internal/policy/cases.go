package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// Case is a worked example of a pack (cases/*.yaml): a rule, an input and what
// must come out, or a part of the sentence with which it must refuse.
type Case struct {
	Name, Rule string
	On         day.Day
	In, Out    json.RawMessage
	Refused    string
	File       string
	Line       int
}

// Cases reads the worked examples of a region; faults are told like those of packs.
func (p *Pack) Cases() ([]Case, error) {
	l := &loader{}
	var out []Case
	for _, f := range p.cases {
		root := l.parse(f)
		if root == nil {
			continue
		}
		items, _ := l.items(f, root)
		for _, it := range items {
			had := len(l.problems)
			m := l.fields(f, it, map[string]bool{"name": true, "on": true, "rule": true, "in": true, "out": false, "refused": false})
			if m == nil || len(l.problems) > had {
				continue
			}
			c := Case{File: f.name, Line: position(it).Line}
			c.Name, _ = readText(l, f, m["name"])
			c.On, _ = readDay(l, f, m["on"])
			c.Rule, _ = readText(l, f, m["rule"])
			c.In = asJSON(m["in"])
			switch {
			case (m["out"] == nil) == (m["refused"] == nil):
				l.node(f, it, "算例要写 out（应得的结果）或 refused（应有的拒绝），两个只能写一个")
			case m["refused"] != nil:
				c.Refused, _ = readText(l, f, m["refused"])
			default:
				c.Out = asJSON(m["out"])
			}
			out = append(out, c)
		}
	}
	if len(l.problems) > 0 {
		return nil, l.err()
	}
	return out, nil
}

// Run tells in one sentence what is wrong with a case, or nothing. A case names
// only the fields of the output that it is about; lists must match item by item.
func (c *Case) Run(s *Set, region string) string {
	r, err := c.eval(s, region)
	if err == nil {
		if c.Refused != "" {
			return "应当拒绝，却办成了"
		}
		got, err := marshal(r.Out)
		if err != nil {
			return err.Error()
		}
		return differs("out", decodeAny(c.Out), decodeAny(got))
	}
	f := fault.As(err)
	switch {
	case c.Refused == "" || f.Kind != fault.Refused:
		if f.Field != "" {
			return f.Field + "：" + f.Say
		}
		return f.Say
	case !strings.Contains(f.Say, c.Refused):
		return fmt.Sprintf("拒绝的话里没有「%s」：%s", c.Refused, f.Say)
	}
	return ""
}

func (c *Case) eval(s *Set, region string) (Result, error) {
	v, err := s.At(region, c.On)
	if err != nil {
		return Result{}, err
	}
	return EvalJSON(v, c.Rule, c.In)
}

// Reads are the keys that a rule reads, by its id: those declared in its file
// and those that its worked examples show in their explanations.
func (s *Set) Reads() (map[string][]*KeyInfo, error) {
	read := map[string]map[string]bool{}
	for _, i := range Rules() {
		read[i.ID] = map[string]bool{}
		for _, k := range i.Keys() {
			read[i.ID][k.Name] = true
		}
	}
	for _, p := range s.Packs {
		cases, err := p.Cases()
		if err != nil {
			return nil, err
		}
		for _, c := range cases {
			r, _ := c.eval(s, p.Region)
			for _, step := range r.Explain {
				if k := step.Key(); k != "" && read[c.Rule] != nil {
					read[c.Rule][k] = true
				}
			}
		}
	}
	out := map[string][]*KeyInfo{}
	for _, k := range Keys() {
		for id, names := range read {
			if names[k.Name] {
				out[id] = append(out[id], k)
			}
		}
	}
	return out, nil
}

func decodeAny(raw []byte) (v any) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return string(raw)
	}
	return v
}

func differs(at string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s 应当是对象，实际是 %v", at, got)
		}
		for k, x := range w {
			y, there := g[k]
			if !there {
				return fmt.Sprintf("%s.%s 没有出现", at, k)
			}
			if d := differs(at+"."+k, x, y); d != "" {
				return d
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s 应当有 %d 项，实际是 %v", at, len(w), got)
		}
		for i := range w {
			if d := differs(fmt.Sprintf("%s[%d]", at, i), w[i], g[i]); d != "" {
				return d
			}
		}
		return ""
	}
	if fmt.Sprint(want) != fmt.Sprint(got) {
		return fmt.Sprintf("%s 应当是 %v，实际是 %v", at, want, got)
	}
	return ""
}

// Diff is one key that two regions answer differently on a day.
type Diff struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	A     *Shown `json:"a,omitempty"`
	B     *Shown `json:"b,omitempty"`
}

// Compare lists what differs between two views.
func Compare(a, b *View) []Diff {
	var out []Diff
	for _, k := range Keys() {
		x, y := a.at.values[k.id], b.at.values[k.id]
		if x == y || (x != nil && y != nil && bytes.Equal(x.raw(), y.raw())) {
			continue
		}
		d := Diff{Key: k.Name, Label: k.Label}
		for _, side := range []struct {
			e  *entry
			to **Shown
		}{{x, &d.A}, {y, &d.B}} {
			if side.e != nil {
				s := shown(side.e)
				*side.to = &s
			}
		}
		out = append(out, d)
	}
	return out
}

// Ref is the version and hash of a region's pack.
func (s *Set) Ref(region string) PackRef {
	if r := s.regions[region]; r != nil {
		return r.ref
	}
	return PackRef{}
}

// Given counts the keys that the pack states itself.
func (p *Pack) Given() int { return len(p.entries) }

// Files are the names of the pack's files, cases included.
func (p *Pack) Files() []string {
	var out []string
	for _, f := range append(append([]*file{}, p.files...), p.cases...) {
		out = append(out, f.path)
	}
	return out
}
