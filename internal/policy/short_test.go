package policy

import (
	"encoding/json"
	"strings"
	"testing"

	"yinling/internal/fault"
)

func TestShortGivesTheSameBytesBack(t *testing.T) {
	a := &source{key: "benefit.terms", value: json.RawMessage(`{"ratio_percent":80}`), clause: &fault.Clause{Doc: "某办法", Article: "九", Grade: GradeAssumed}}
	b := &source{key: "benefit.caps", value: json.RawMessage(`30`), clause: &fault.Clause{Doc: "某办法", Article: "十", Grade: "A"}}
	a.render()
	b.render()
	for _, e := range []Explanation{nil, {}, {{text: "一"}}, {
		{text: "tab\tand\nline \"end\" \\"}, {src: a, text: "%s 元", args: []any{"13.00"}}, {src: b, text: "乙"}, {src: a, text: "丙"}, {text: ""}, {src: &source{}, text: "丁"},
	}} {
		used := map[string]Citation{}
		texts := map[string]string{}
		s := e.short(used)
		for id, c := range used {
			texts[id] = c.Text
		}
		want := string(e.append(nil))
		if got, err := Long(s, texts); err != nil || got != want {
			t.Errorf("%q comes back as %q, %v", want, got, err)
		}
		for id, was := range texts {
			texts[id] = strings.Replace(was, "article", "artikel", 1)
			if _, err := Long(s, texts); err == nil {
				t.Error("a changed citation was not noticed")
			}
			delete(texts, id)
			if _, err := Long(s, texts); err == nil {
				t.Error("a missing citation was not noticed")
			}
			texts[id] = was
		}
	}
	for _, bad := range []string{"", "[]", "cited:\n\"x\"\t0", "cited:ab\n\"x\"\t7"} {
		if _, err := Long(bad, map[string]string{}); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}
