package policy

import (
	"strings"
	"testing"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// A decision of another version of a rule's program is told apart from a
// damaged one, and its equal replay still counts.
func TestReplayOfAnotherVersion(t *testing.T) {
	set, _ := buildWith(t, nil)
	v, err := set.At("000000", day.MustParse("2024-06-30"))
	if err != nil {
		t.Fatal(err)
	}
	type in struct {
		Days int64 `json:"days" need:"true"`
	}
	type out struct {
		Left int64 `json:"left"`
	}
	r := NewRule("test.again", 2, "第二版", func(v *View, in in) (out, error) {
		v.Say("等 %d 天", in.Days)
		if in.Days < 0 {
			return out{}, fault.Field("days", "天数不能是负的")
		}
		return out{testWait.In(v) - in.Days}, nil
	})
	_, d, err := r.Decide(v, in{5})
	if err != nil {
		t.Fatal(err)
	}
	i, o, x, err := d.Texts()
	if err != nil {
		t.Fatal(err)
	}
	if d.Named() != "test.again@2" {
		t.Errorf("stored as %s", d.Named())
	}
	for _, tc := range []struct {
		rule, in, out string
		same, moved   bool
		say           string
	}{
		{"test.again@2", i, o, true, false, "一字不差"},
		{"test.again@2", i, `{"left":1}`, false, false, "和存档不同"},
		{"test.again", i, `{"left":1}`, false, true, "规则程序已从第1版改到第2版，不能逐字重算"},
		{"test.again", `{"days":-1}`, o, false, true, "规则程序已从第1版改到第2版，不能逐字重算"}, // the old program took what this one does not
		{"test.again", i, o, true, true, "仍然一字不差"},
		{"test.again@3", i, `{"left":1}`, false, true, "当时是第3版，现在装的是第2版"},
		{"test.gone", i, o, false, true, "已经撤下"},
	} {
		got, err := Replay(d.Bundle(), d.Region, tc.rule, d.On, tc.in, tc.out, x)
		if err != nil || got.Same != tc.same || got.Moved() != tc.moved || !strings.Contains(got.Say(), tc.say) {
			t.Errorf("%s %s %s: %+v %q, %v", tc.rule, tc.in, tc.out, got, got.Say(), err)
		}
	}
	if _, err := Replay(d.Bundle(), d.Region, "test.again@2", d.On, `{"days":-1}`, o, x); err == nil {
		t.Error("this very program cannot read its own input, and nobody is told")
	}
}
