package audit

import (
	"context"
	"testing"

	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

func TestDoIsIdempotentByKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		l := &Log{DB: d}
		who := System("320700")
		runs := 0
		do := func(body string) (int, error) {
			return Do(context.Background(), l, who, Act{Region: "320700", Verb: "test.do", Object: "x", Key: "k1", Body: body},
				func(tx *db.Tx) (int, error) { runs++; return 7, nil })
		}
		for range 3 {
			if got, err := do("a"); err != nil || got != 7 {
				t.Fatalf("got %d, %v", got, err)
			}
		}
		if runs != 1 {
			t.Fatalf("ran %d times, want once", runs)
		}
		if _, err := do("b"); !fault.Is(err, fault.Conflict) {
			t.Fatalf("other body: %v, want conflict", err)
		}
	})
}
