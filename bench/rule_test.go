package bench

import (
	"context"
	"testing"
)

func TestRuleRuns(t *testing.T) {
	r, err := Rule(context.Background(), Plan{Seconds: 0.2, Rounds: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", r)
	if r.Ours <= 0 || r.Yard <= 0 {
		t.Error("no rate")
	}
}
