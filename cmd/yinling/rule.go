package main

import (
	"reflect"
	"strings"

	"yinling/internal/policy"
)

// ruleCmd is `yinling rule …`: what the rules are and what they say.
type ruleCmd struct {
	List ruleList `cmd:"" help:"列出全部规则"`
	Eval ruleEval `cmd:"" help:"按一个地区某一天的政策包运行一条规则"`
	Show ruleShow `cmd:"" help:"一条规则读哪些值，各依据什么条款"`
}

type ruleList struct{}

type ruleLine struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	File  string `json:"file"`
	Line  int    `json:"line"`
}

func (c *ruleList) Run(e *env) error {
	out := []ruleLine{}
	for _, r := range policy.Rules() {
		out = append(out, ruleLine{r.ID, r.Label, r.File, r.Line})
	}
	return e.print(map[string]any{"rules": out})
}

type ruleEval struct {
	Rule   string `arg:"" help:"规则，如 assess.level"`
	Region string `required:"" help:"地区代码" placeholder:"CODE"`
	On     string `required:"" help:"哪一天" placeholder:"DAY"`
	In     string `required:"" help:"输入：JSON、@文件，或 - 从标准输入读"`
	Packs  string `help:"叠加的政策包文件夹" placeholder:"DIR"`
}

func (c *ruleEval) Run(e *env) error {
	if _, err := policy.FindRule(c.Rule); err != nil {
		return err
	}
	raw, err := e.input(c.In)
	if err != nil {
		return err
	}
	v, err := viewOf(c.Packs, c.Region, c.On)
	if err != nil {
		return err
	}
	r, err := policy.EvalJSON(v, c.Rule, raw)
	if err != nil {
		return err
	}
	return e.print(r)
}

type ruleShow struct {
	Rule   string `arg:"" help:"规则，如 assess.level"`
	Region string `help:"地区代码；写了就给出当地的值" placeholder:"CODE"`
	On     string `help:"哪一天" placeholder:"DAY"`
	Packs  string `help:"叠加的政策包文件夹" placeholder:"DIR"`
}

type keyLine struct {
	Key      string        `json:"key"`
	Label    string        `json:"label"`
	Type     policy.Type   `json:"type"`
	Unit     string        `json:"unit,omitempty"`
	Optional bool          `json:"optional,omitempty"`
	Options  []string      `json:"options,omitempty"`
	Value    *policy.Shown `json:"value,omitempty"`
}

func (c *ruleShow) Run(e *env) error {
	r, err := policy.FindRule(c.Rule)
	if err != nil {
		return err
	}
	set, err := policy.Load(c.Packs)
	if err != nil {
		return err
	}
	reads, err := set.Reads()
	if err != nil {
		return err
	}
	here := map[string]*policy.Shown{}
	if c.Region != "" {
		v, err := viewOf(c.Packs, c.Region, c.On)
		if err != nil {
			return err
		}
		for _, s := range v.Show() {
			here[s.Key] = &s
		}
	}
	keys := []keyLine{}
	for _, k := range reads[r.ID] {
		keys = append(keys, keyLine{k.Name, k.Label, k.Type, k.Unit, k.Optional, k.Options, here[k.Name]})
	}
	return e.print(map[string]any{"id": r.ID, "label": r.Label, "file": r.File, "line": r.Line,
		"in": shape(r.In), "out": shape(r.Out), "keys": keys})
}

// shape shows the JSON form of an input or output by the names of its fields.
func shape(t reflect.Type) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		m := map[string]any{}
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name != "" && name != "-" && f.IsExported() {
				m[name] = shape(f.Type)
			}
		}
		if len(m) > 0 {
			return m
		}
	case reflect.Slice:
		return []any{shape(t.Elem())}
	case reflect.Map:
		return map[string]any{"…": shape(t.Elem())}
	}
	return t.Name()
}
