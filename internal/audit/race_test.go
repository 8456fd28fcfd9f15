package audit

import (
	"context"
	"testing"

	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// The same act arrives on two servers; the second has already looked for the
// receipt when the first commits, and is then refused by what the first did. It
// must answer with the first one's receipt. (SQLite has one writer at a time.)
func TestOwnSuccessDoesNotRefuse(t *testing.T) {
	d, _ := dbtest.Postgres(t)
	l, ctx, who := &Log{DB: d}, context.Background(), System("320700")
	act := Act{Region: "320700", Verb: "test.do", Object: "x", Key: "k", Body: 1}
	first := func() {
		if _, err := Do(ctx, l, who, act, func(*db.Tx) (int, error) { return 7, nil }); err != nil {
			t.Error(err)
		}
	}
	no := fault.New(fault.Conflict, "已经办过了。")
	got, err := Do(ctx, l, who, act, func(*db.Tx) (int, error) { first(); return 0, no })
	if err != nil || got != 7 {
		t.Errorf("one act: %d, %v", got, err)
	}
	act.Key = "g"
	g := NewGroup(l, GroupOptions{}, func(_ *db.Tx, _ string, batch []Request[int]) ([]Outcome[int], error) {
		first()
		return []Outcome[int]{{Err: no}}, nil
	}, nil)
	defer g.Close()
	if got, err = g.Do(ctx, who, act, "s", 1); err != nil || got != 7 {
		t.Errorf("group: %d, %v", got, err)
	}
	act.Key = "other"
	if _, err = Do(ctx, l, who, act, func(*db.Tx) (int, error) { return 0, no }); !fault.Is(err, fault.Conflict) {
		t.Errorf("a real refusal: %v", err)
	}
}
