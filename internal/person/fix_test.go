package person

import (
	"context"
	"slices"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// A correction of the roster goes through two hands, and a merge only while the
// entry that goes has nothing but the roster's.
func TestFixesByTwoHands(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx := service(t, d), context.Background()
		s.Log = &audit.Log{DB: d}
		a, b := audit.Actor{ID: "a", Role: "clerk", Region: region}, audit.Actor{ID: "b", Role: "clerk", Region: region}
		one, two, three := entry(1, "王桂兰"), entry(2, "王桂兰"), entry(3, "李秀英")
		ids, _ := put(t, d, s, one, two, three)
		holds := ""
		s.Held = func(*db.Tx, string, string) (string, error) { return holds, nil }

		fresh := entry(9, "王桂兰").Number.Text
		for _, tc := range []struct {
			no, why string
			kind    fault.Kind
			field   string
		}{{"12", "看了身份证", fault.Invalid, "id"}, {fresh, " ", fault.Invalid, "why"}, {one.Number.Text, "看了身份证", fault.Invalid, "id"}, {three.Number.Text, "看了身份证", fault.Conflict, ""}} {
			if _, err := s.AskNumber(ctx, a, region, ids[0], "", tc.no, tc.why); !fault.Is(err, tc.kind) || fault.As(err).Field != tc.field {
				t.Errorf("%+v: %v", tc, err)
			}
		}
		x, err := s.AskNumber(ctx, a, region, ids[0], "k", fresh, "看了身份证原件")
		if err != nil || x.Tail != fresh[len(fresh)-4:] {
			t.Fatalf("%+v, %v", x, err)
		}
		if again, err := s.AskNumber(ctx, a, region, ids[0], "k", fresh, "看了身份证原件"); err != nil || again.ID != x.ID {
			t.Errorf("the same key: %+v, %v", again, err)
		}
		if err := s.JudgeFix(ctx, a, region, x.ID, "", true, 0); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one hand: %v", err)
		}
		if xs, err := s.Fixes(ctx, region, FixAsked, 10); err != nil || len(xs) != 1 || xs[0].Maker != "a" {
			t.Errorf("%+v, %v", xs, err)
		}
		if err := s.JudgeFix(ctx, b, region, x.ID, "", true, x.Version); err != nil {
			t.Fatal(err)
		}
		if err := s.JudgeFix(ctx, b, region, x.ID, "", false, 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("judged twice: %v", err)
		}
		find := func(no string) (id string) {
			t.Helper()
			if err := d.Read(ctx, func(tx *db.Tx) error { p, err := s.FindByID(tx, region, no); id = p.ID; return err }); err != nil {
				t.Errorf("%s: %v", no, err)
			}
			return id
		}
		if find(fresh) != ids[0] || find(one.Number.Text) != ids[0] {
			t.Error("the new and the old number do not find the person")
		}
		var sealed string
		if err := d.Read(ctx, func(tx *db.Tx) error { y, err := getFix(tx, region, x.ID); sealed = y.sealed; return err }); err != nil || sealed != "" {
			t.Errorf("the number stays behind: %q, %v", sealed, err)
		}

		// Taken back: the correction waits, the old number stands and the new one
		// finds nobody. By who decided, within ten minutes.
		state := func() (f Fix, p Person) {
			t.Helper()
			f, p, _, err := s.OneFix(ctx, region, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			f.Version = 0
			return f, p
		}
		if err := s.UndoFix(ctx, a, region, x.ID, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another takes it back: %v", err)
		}
		if err := s.UndoFix(ctx, b, region, x.ID, ""); err != nil {
			t.Fatal(err)
		}
		asked := x
		asked.Version = 0
		if f, p := state(); f != asked || p.IDTail != one.Number.Tail() || p.Birth != one.Birth {
			t.Errorf("taken back: %+v, was %+v; %+v", f, asked, p)
		}
		if err := d.Read(ctx, func(tx *db.Tx) error { _, err := s.FindByID(tx, region, fresh); return err }); !fault.Is(err, fault.NotFound) {
			t.Errorf("the number that was taken back finds somebody: %v", err)
		}
		if find(one.Number.Text) != ids[0] {
			t.Error("the old number does not find the person again")
		}
		if err := s.JudgeFix(ctx, b, region, x.ID, "", true, x.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("approved from the page of before: %v", err)
		}
		if err := s.JudgeFix(ctx, b, region, x.ID, "", true, 0); err != nil || find(fresh) != ids[0] {
			t.Fatalf("approved once more: %v", err)
		}
		if lines, err := audit.Lines(ctx, s.Log, region, audit.Query{Object: x.ID}, 20); err != nil || len(lines) < 3 || lines[0].Verb != "person.fix" || !slices.ContainsFunc(lines, func(l audit.Line) bool { return l.Verb == "person.fix_undo" && l.Result == "done" }) {
			t.Errorf("the record: %+v, %v", lines, err)
		}

		// 合并
		if _, err := s.AskMerge(ctx, a, region, ids[0], "", three.Number.Text, "一人两号"); !fault.Is(err, fault.Refused) {
			t.Errorf("another name: %v", err)
		}
		if _, err := s.AskMerge(ctx, a, region, ids[0], "", fresh, "一人两号"); !fault.Is(err, fault.Invalid) {
			t.Errorf("the same person: %v", err)
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		keep := ids[0]
		holds = "评估申请"
		if _, err := s.AskMerge(ctx, a, region, keep, "", two.Number.Text, "一人两号"); !fault.Is(err, fault.Conflict) {
			t.Errorf("something is held: %v", err)
		}
		holds = ""
		y, err := s.AskMerge(ctx, a, region, keep, "", two.Number.Text, "一人两号")
		must(err)
		holds = "账单" // meanwhile
		if err := s.JudgeFix(ctx, b, region, y.ID, "", true, 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("something is held now: %v", err)
		}
		holds = ""
		must(s.JudgeFix(ctx, b, region, y.ID, "", true, 0))
		if find(two.Number.Text) != keep {
			t.Error("the second number does not find who stays")
		}
		if _, _, drop, err := s.OneFix(ctx, region, y.ID); err != nil || drop.ID != "" {
			t.Errorf("the entry that went is still there: %+v, %v", drop, err)
		}
		z, err := s.AskNumber(ctx, a, region, ids[2], "", entry(20, "李秀英").Number.Text, "看了户口本")
		must(err)
		must(s.JudgeFix(ctx, b, region, z.ID, "", false, 0))
		must(s.UndoFix(ctx, b, region, z.ID, ""))
		if err := s.UndoFix(ctx, b, region, y.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("a merge is taken back: %v", err)
		}
		must(s.JudgeFix(ctx, b, region, z.ID, "", false, 0))
		if find(three.Number.Text) != ids[2] {
			t.Error("a refused correction changed something")
		}
	})
}
