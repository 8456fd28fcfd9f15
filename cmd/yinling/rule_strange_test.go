package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"yinling/internal/fault"
	"yinling/internal/policy"
)

// strange makes every input that differs from a good one in one place: a field
// left out, one too many, of another type, too large, negative, empty, a day
// that does not exist.
func strange(in any, put func(any) any, at string, each func(what string, in any)) {
	for _, v := range []any{nil, "", "x", "2024-02-30", "0000-00-00", json.Number("-1"), json.Number("9223372036854775807"),
		json.Number("1e400"), json.Number("0.5"), true, []any{}, map[string]any{}, map[string]any{"x": json.Number("1")}, []any{nil}} {
		text, _ := json.Marshal(v)
		each(at+" = "+string(text), put(v))
	}
	switch x := in.(type) {
	case map[string]any:
		for k, v := range x {
			without := map[string]any{}
			for n, w := range x {
				if n != k {
					without[n] = w
				}
			}
			each(at+" without "+k, put(without))
			strange(v, func(n any) any {
				with := map[string]any{}
				for m, w := range x {
					with[m] = w
				}
				with[k] = n
				return put(with)
			}, at+"."+k, each)
		}
		with := map[string]any{"no_such_field": json.Number("1")}
		for n, w := range x {
			with[n] = w
		}
		each(at+" with one more", put(with))
	case []any:
		if len(x) > 0 {
			strange(x[0], func(n any) any { return put(append([]any{n}, x[1:]...)) }, at+"[0]", each)
		}
	}
}

// TestRulesRefuseStrangeInput asks every rule what nobody should ask: no panic,
// a fault always names its field, and a sentence is always Chinese.
func TestRulesRefuseStrangeInput(t *testing.T) {
	t.Parallel()
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	// Their names are data: the rule itself says what they may hold.
	inMap := map[string]bool{"door.owed": true}
	asked := map[string]int{}
	for _, p := range set.Packs {
		cases, err := p.Cases()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			if asked[c.Rule] >= 2 {
				continue
			}
			asked[c.Rule]++
			v, err := set.At(p.Region, c.On)
			if err != nil {
				t.Fatal(err)
			}
			ask := func(what string, in any) {
				raw, _ := json.Marshal(in)
				defer func() {
					if r := recover(); r != nil {
						t.Errorf("%s %s: panic %v\n%s", c.Rule, what, r, raw)
					}
				}()
				_, err := policy.EvalJSON(v, c.Rule, raw)
				f := fault.As(err)
				switch {
				case err == nil:
					if (strings.HasSuffix(what, " with one more") || strings.HasSuffix(what, " = 9223372036854775807")) && !inMap[c.Rule] {
						t.Errorf("%s %s: taken as good\n%s", c.Rule, what, raw)
					}
				case f.Kind != fault.Invalid && f.Kind != fault.Refused:
					t.Errorf("%s %s: %s %v", c.Rule, what, f.Kind, err)
				case f.Kind == fault.Invalid && f.Field == "":
					t.Errorf("%s %s: no field: %s", c.Rule, what, f.Say)
				case f.Kind == fault.Refused && f.Clause == nil && !strings.Contains(f.Say, "政策包没有给出"):
					t.Errorf("%s %s: refused without a clause: %s", c.Rule, what, f.Say)
				case strings.IndexFunc(f.Say, func(r rune) bool { return r >= 0x4e00 }) < 0:
					t.Errorf("%s %s: no sentence: %q", c.Rule, what, f.Say)
				}
			}
			d := json.NewDecoder(bytes.NewReader(c.In))
			d.UseNumber()
			var in any
			if err := d.Decode(&in); err != nil {
				t.Fatal(err)
			}
			strange(in, func(n any) any { return n }, "in", ask)
		}
	}
	for _, r := range policy.Rules() {
		if asked[r.ID] == 0 {
			t.Errorf("%s has no case to start from", r.ID)
		}
	}
}
