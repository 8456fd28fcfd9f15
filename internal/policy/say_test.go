package policy

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"yinling/internal/day"
	"yinling/internal/money"
)

// appendf writes what fmt writes, for every mix of verbs and arguments.
func TestAppendfIsFmt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		format := rapid.StringOf(rapid.SampledFrom([]rune{'%', 's', 'v', 'd', 'x', '元', '1', '.', '-', ' '})).Draw(t, "format")
		arg := rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) any { return s }),
			rapid.Map(rapid.Int64(), func(n int64) any { return n }),
			rapid.Map(rapid.Int(), func(n int) any { return n }),
			rapid.Map(rapid.Int64(), func(n int64) any { return money.Fen(n) }),
			rapid.Map(rapid.Int64(), func(n int64) any { return money.Micro(n) }),
			rapid.Map(rapid.Int32Range(1, 900_000), func(n int32) any { return day.Day(n) }),
			rapid.Map(rapid.Bool(), func(b bool) any { return b }),
			rapid.Just[any](nil))
		args := rapid.SliceOfN(arg, 0, 4).Draw(t, "args")
		if got, want := string(appendf([]byte("x"), format, args)), "x"+fmt.Sprintf(format, args...); got != want {
			t.Fatalf("%q %v: %q, want %q", format, args, got, want)
		}
	})
}

func TestAppendQuotedIsJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		var back string
		if err := json.Unmarshal(appendQuoted(nil, s), &back); err != nil || back != s {
			t.Fatalf("%q: %q %v", s, back, err)
		}
		step := Step{text: "%s说", args: []any{s}}
		if err := json.Unmarshal(step.quoteSay([]byte("x"))[1:], &back); err != nil || back != s+"说" {
			t.Fatalf("%q in a sentence: %q %v", s, back, err)
		}
	})
}
