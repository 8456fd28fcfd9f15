package bench

import (
	"context"
	"testing"

	"yinling/internal/db/dbtest"
)

// The bench must run whenever somebody wants a figure: a short settle on both
// databases, figures not judged.
func TestSettleRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	AllowUnsafe = true
	run := func(t *testing.T, url string) {
		rows, err := Settle(context.Background(), Plan{URL: url, Dir: t.TempDir(), Seconds: 1, Rounds: 1, Persons: 10_000, Clients: []int{8}, Say: t.Logf})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 1 || rows[0].Ours < 1 || rows[0].Yard < 1 {
			t.Errorf("rows %+v", rows)
		}
	}
	t.Run("sqlite", func(t *testing.T) { run(t, "sqlite:"+t.TempDir()+"/x.db") })
	t.Run("postgres", func(t *testing.T) { run(t, dbtest.PostgresURL(t)) })
}
