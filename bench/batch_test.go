package bench

import (
	"context"
	"testing"

	"yinling/internal/db/dbtest"
)

func TestBatchRuns(t *testing.T) {
	AllowUnsafe = true
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			p := Plan{URL: "sqlite:x", Dir: t.TempDir(), Rounds: 1, Say: t.Logf}
			if engine == "postgres" {
				p.URL = dbtest.PostgresURL(t)
			}
			r, err := Batch(context.Background(), p, 3000)
			if err != nil {
				t.Fatal(err)
			}
			if r.Ours <= 0 || r.Yard <= 0 {
				t.Errorf("%+v", r)
			}
		})
	}
}
