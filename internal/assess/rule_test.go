package assess

import (
	"testing"

	"yinling/internal/day"
	"yinling/internal/policy"
)

func view(t *testing.T, region, on string) *policy.View {
	t.Helper()
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	v, err := set.At(region, day.MustParse(on))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPeek(t *testing.T) {
	v := view(t, "320700", "2024-06-30")
	r, err := policy.EvalJSON(v, "assess.selfscreen", []byte(`{"items":{"eating":"dependent","continence":"dependent","bathing":"dependent","dressing":"independent","toilet":"partial","transfer":"independent"}}`))
	b, _ := r.JSON()
	t.Log(string(b), err)
}
