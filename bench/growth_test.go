package bench

import (
	"context"
	"testing"

	"yinling/internal/db/dbtest"
)

// Growth and HTTP must run whenever somebody wants a figure; figures not judged.
func TestGrowthAndHTTPRun(t *testing.T) {
	AllowUnsafe = true
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			plan := func() Plan {
				p := Plan{Dir: t.TempDir(), Seconds: 0.5, Rounds: 1, Persons: 2000, Say: t.Logf}
				p.URL = "sqlite:" + p.Dir + "/x.db"
				if engine == "postgres" {
					p.URL = dbtest.PostgresURL(t)
				}
				return p
			}
			rows, err := Growth(context.Background(), plan(), 2000)
			if err != nil || len(rows) != 2 || rows[0].Ours <= 0 || rows[1].Ours <= 0 {
				t.Errorf("growth: %+v, %v", rows, err)
			}
			r, err := HTTP(context.Background(), plan())
			if err != nil || r.Ours <= 0 || r.Yard <= 0 {
				t.Errorf("http: %+v, %v", r, err)
			}
		})
	}
}
