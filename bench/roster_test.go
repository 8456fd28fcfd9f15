package bench

import (
	"context"
	"os"
	"strconv"
	"testing"

	"yinling/internal/db/dbtest"
)

// TestRoster runs the roster benchmark small, so that it stays able to run;
// YINLING_BENCH_ROWS makes it large.
func TestRoster(t *testing.T) {
	n := 2000
	if v, err := strconv.Atoi(os.Getenv("YINLING_BENCH_ROWS")); err == nil {
		n = v
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			p := Plan{URL: "sqlite:x", Dir: t.TempDir(), Rounds: 1, Say: t.Logf}
			if engine == "postgres" {
				p.URL = dbtest.PostgresURL(t)
			}
			r, err := Roster(context.Background(), p, n)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", r)
			if r.Ours <= 0 || r.Yard <= 0 {
				t.Error("no rate")
			}
		})
	}
}
