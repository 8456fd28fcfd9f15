package assess

import (
	"context"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/undo"
)

// A decision of the desk is told to nobody for ten minutes; until then who made
// it takes it back, and the case stands as it did, with its limit.
func TestUndoWithinTenMinutes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		c := w.apply()
		was := w.detail(w.clerk, c).Case
		waits := func() (n int) {
			w.ok(d.Raw().QueryRow(`SELECT COUNT(*) FROM job_job WHERE region = $1 AND kind = 'assess.message' AND done = 0`, region).Scan(&n))
			return n
		}
		n0 := waits()
		other := audit.Actor{ID: "u-second", Name: "张敏", Role: roleClerk, Region: region}
		for name, decide := range map[string]func() error{
			"accept":     func() error { return w.Accept(ctx, w.clerk, c, "") },
			"supplement": func() error { return w.Supplement(ctx, w.clerk, c, "身份证件") },
			"refuse":     func() error { return w.Refuse(ctx, w.clerk, c, "other_payer", "工伤保险") },
		} {
			clk.Add(undo.For + time.Second)
			w.ok(decide())
			n := waits()
			var due int64
			w.ok(d.Raw().QueryRow(`SELECT MAX(due) FROM job_job WHERE region = $1 AND kind = 'assess.message'`, region).Scan(&due))
			if n != n0+1 || due != d.Now().Add(undo.For).UnixMilli() {
				t.Fatalf("%s: %d messages, the first due %s", name, n-n0, time.UnixMilli(due))
			}
			w.refused(fault.Forbidden, w.Undo(ctx, other, c), "不是您做的")
			w.ok(w.Undo(ctx, w.clerk, c))
			got := w.detail(w.clerk, c)
			k := got.Case
			if n := waits(); n != n0 || got.App.State != StateApplied || got.App.AcceptedBy != "" || k.Stage != was.Stage || k.Status != was.Status || k.Due != was.Due || k.Missing != was.Missing {
				t.Fatalf("%s taken back: %d messages, %+v, %+v", name, n-n0, got.App.State, k)
			}
			if s := got.Steps; !strings.Contains(s[len(s)-1].Say, "撤回了刚才的") {
				t.Fatalf("timeline: %+v", s[len(s)-1])
			}
			w.refused(fault.Conflict, w.Undo(ctx, w.clerk, c), "不能办")
		}
		w.ok(w.Accept(ctx, w.clerk, c, ""))
		clk.Add(undo.For + time.Minute)
		w.refused(fault.Conflict, w.Undo(ctx, w.clerk, c), "过了 10 分钟")
		w.ok(w.Draw(ctx, w.clerk, c))
		w.refused(fault.Conflict, w.Undo(ctx, w.clerk, c), "待上门")
	})
}

// A batch is one transaction: what is refused leaves its refusal and nothing
// else, the others are done, and each has its own event.
func TestAcceptTogether(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		c := w.apply()
		var cases []Cmd
		w.write(func(tx *db.Tx) error { // 200 more of the same person's, straight into the file
			app, err := get(tx, region, c.ID)
			if err != nil {
				return err
			}
			k, err := desk.Get(tx, region, c.ID)
			if err != nil {
				return err
			}
			v, err := packs.At(region, tx.Today())
			if err != nil {
				return err
			}
			for i := range 200 {
				missing := int64(0)
				if i%50 == 49 {
					missing = 1
				}
				n, err := desk.Open(tx, desk.NewCase{Region: region, Matter: Matter, Stage: k.Stage, Channel: k.Channel, Person: k.Person,
					DueWorkdays: k.DueDays, Calendar: v.Calendar(), Missing: missing, By: w.clerk})
				if err != nil {
					return err
				}
				app.ID = n.ID
				if err := insertApp(tx, app); err != nil {
					return err
				}
				cases = append(cases, Cmd{Region: region, ID: n.ID, Version: 1, Key: "b-" + n.ID})
			}
			return nil
		})
		before := count(t, d, "audit_event")
		bad := 0
		began := time.Now()
		w.ok(audit.Together(ctx, w.Log, func(ctx context.Context) error {
			bad = 0
			for _, c := range cases {
				if err := w.Accept(ctx, w.clerk, c, ""); err != nil {
					w.refused(fault.Conflict, err, "还差 1 样材料")
					bad++
				}
			}
			return nil
		}))
		t.Logf("%d accepted, %d refused in %s", len(cases)-bad, bad, time.Since(began))
		if bad != 4 || count(t, d, "audit_event") != before+200 {
			t.Fatalf("%d refused, %d events", bad, count(t, d, "audit_event")-before)
		}
		var moments, accepted int
		w.ok(d.Raw().QueryRow(`SELECT COUNT(DISTINCT changed), COUNT(*) FROM desk_case WHERE region = $1 AND stage = 'draw'`, region).Scan(&moments, &accepted))
		if moments != 1 || accepted != 196 {
			t.Fatalf("%d accepted in %d transactions", accepted, moments)
		}
	})
}
