package benefit

import (
	"testing"

	"yinling/internal/day"
	"yinling/internal/policy"
)

// The shipped packs load, and every region that ships terms answers.
func TestShippedTerms(t *testing.T) {
	t.Parallel()
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"320700", "350100", "370481", "330328", "331000"} {
		v, err := set.At(region, day.MustParse("2024-06-30"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := TermsOf(v); err != nil {
			t.Errorf("%s: %v", region, err)
		}
	}
	v, err := set.At("000000", day.MustParse("2024-06-30"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := TermsOf(v); err == nil {
		t.Error("the nation has no terms of its own and must say so")
	}
}
