package share

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

func (w *town) verbs(t *testing.T, object string) (out []string) {
	t.Helper()
	lines, err := audit.Lines(context.Background(), w.Log, region, audit.Query{Object: object}, 50)
	must(t, err)
	for _, l := range lines {
		if l.Result == "done" && l.Verb != "share.doubt_see" {
			out = append(out, l.Verb)
		}
	}
	slices.Reverse(out)
	return out
}

// A verdict that changed nobody's facts is taken back, and the row is asked
// about again, also in the next list; one that became a fact stands.
func TestUndoVerdict(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		w, ctx := open(t, d), context.Background()
		other := audit.Actor{ID: "clerk2", Name: "张敏", Role: "clerk", Region: region}
		bring := func(on string) Doubt {
			t.Helper()
			w.bring("tekun", on, listHead, row("王桂蓝", number(2), birth(2)))
			list, err := w.Doubts(ctx, region, Doubtful, "tekun", "", 0, 5)
			must(t, err)
			if len(list) != 1 {
				t.Fatalf("%d doubtful rows on %s", len(list), on)
			}
			return list[0]
		}
		was := bring("2024-05-31")
		n := 0
		decide := func(v Verdict) error {
			n++
			return w.Decide(ctx, clerk, region, was.Batch, was.Line, fmt.Sprint("k", n), v)
		}
		for _, state := range []string{Unknown, Another} {
			must(t, decide(Verdict{State: state, Note: "打过电话", Version: was.Version()}))
			if err := w.UndoDecide(ctx, other, region, was.Batch, was.Line, ""); !fault.Is(err, fault.Forbidden) {
				t.Errorf("another takes it back: %v", err)
			}
			must(t, w.UndoDecide(ctx, clerk, region, was.Batch, was.Line, ""))
			now, _, err := w.Doubt(ctx, clerk, region, was.Batch, was.Line)
			must(t, err)
			if fmt.Sprint(now) != fmt.Sprint(was) {
				t.Fatalf("%s taken back:\n%+v\n%+v", state, now, was)
			}
		}
		id := rowID(was.Batch, was.Line)
		if got := w.verbs(t, id); !slices.Equal(got, []string{"share.decide", "share.decide_undo", "share.decide", "share.decide_undo"}) {
			t.Errorf("the record: %v", got)
		}
		was = bring("2024-06-01") // asked again: nothing of the verdict stayed
		must(t, decide(Verdict{State: Unknown, Note: "打过电话"}))
		if err := decide(Verdict{State: Another, Note: "不认识", Version: was.Version()}); !fault.Is(err, fault.Conflict) {
			t.Errorf("decided from an old page: %v", err)
		}
		must(t, decide(Verdict{State: Same, Person: w.ids[2], Note: "看过户口簿"}))
		if err := w.UndoDecide(ctx, clerk, region, was.Batch, was.Line, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("a fact is taken back: %v", err)
		}
		if g := w.person(2).KeyGroups; len(g) != 1 {
			t.Errorf("the fact: %+v", g)
		}
	})
}

// Whom a watched person was given to and what a contact said are taken back;
// the board and the list show what they showed.
func TestUndoWatch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		w, ctx := open(t, d), context.Background()
		w.bring("tekun", "2024-06-01", listHead, row(names[0], number(0), birth(0)))
		must(t, w.Refresh(ctx, clerk, region))
		id := w.ids[0]
		see := func() (Watched, int) {
			t.Helper()
			x, list, err := w.WatchedOne(ctx, region, id)
			must(t, err)
			x.Version = 0
			return x, len(list)
		}
		was, _ := see()
		must(t, w.Assign(ctx, clerk, region, id, "k1", "clerk", "刘晓", day.MustParse("2024-06-20"), 1))
		if err := w.Assign(ctx, clerk, region, id, "k2", "c2", "张敏", 0, 1); !fault.Is(err, fault.Conflict) {
			t.Errorf("given away from an old page: %v", err)
		}
		must(t, w.Refresh(ctx, clerk, region)) // the nightly computation is nobody's act
		must(t, w.UndoWatch(ctx, clerk, region, id, "u1"))
		if now, n := see(); now != was || n != 0 {
			t.Fatalf("taken back: %+v, was %+v", now, was)
		}
		must(t, w.Touch(ctx, clerk, region, id, "k3", Contact{Result: "later"}))
		must(t, w.UndoWatch(ctx, clerk, region, id, "u2"))
		if now, n := see(); now != was || n != 0 {
			t.Fatalf("taken back: %+v with %d contacts", now, n)
		}
		if err := w.UndoWatch(ctx, clerk, region, id, "u3"); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken back twice: %v", err)
		}
		if got := w.verbs(t, id); !slices.Equal(got, []string{"share.assign", "share.watch_undo", "share.contact", "share.watch_undo"}) {
			t.Errorf("the record: %v", got)
		}
	})
}
