package claim

import (
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/fund"
)

// What the office decides about a visit reaches its bill.
func TestBillFollowsItsVisit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		doubted := func(v *care.Visit) { v.Suspects = 1 }
		set := func(visit, q string) {
			t.Helper()
			_, err := d.Raw().Exec(`UPDATE care_visit SET ` + q + ` WHERE id = '` + visit + `'`)
			must(t, err)
		}
		judged := func(visit, action string) Bill {
			t.Helper()
			for range 2 { // a job runs at least once
				must(t, tn.Judged(ctx, region, care.Judged{Visit: visit, Action: action, Reason: "监控显示没有人进门"}))
			}
			return tn.bill(visit)
		}
		// No bill yet: nothing to do.
		must(t, tn.Judged(ctx, region, care.Judged{Visit: tn.visits([]int{0})[0], Action: "void"}))

		bs := tn.quoted([]int{0, 0, 0}, doubted)
		set(bs[0].Visit, `status = 'void', suspects = 0`)
		if b := judged(bs[0].Visit, "void"); b.Status != Void || b.Held || !strings.Contains(b.Note, "没有人进门") {
			t.Errorf("not recognised: %s %v %q", b.Status, b.Held, b.Note)
		}
		set(bs[1].Visit, `suspects = 0`)
		if b := judged(bs[1].Visit, "accept"); b.Status != Quoted || b.Held || b.Total != 6500 {
			t.Errorf("accepted: %s held %v", b.Status, b.Held)
		}
		set(bs[2].Visit, `suspects = 0, minutes = 30, lines = REPLACE(lines, '1000000', '500000')`)
		if b := judged(bs[2].Visit, "deduct"); b.Status != Quoted || b.Held || b.Minutes != 30 || b.Total != 3250 {
			t.Errorf("deducted: %+v", b)
		}
		// The person had confirmed; the record was put down afterwards.
		e := tn.quoted([]int{0})[0]
		_, err := tn.Confirm(ctx, tn.self(0), region, e.Visit, "", 0)
		must(t, err)
		set(e.Visit, `status = 'void'`)
		if b := judged(e.Visit, "void"); b.Status != Void {
			t.Errorf("confirmed and not recognised: %s", b.Status)
		}
		// A day that was taken back waits for nobody, and is quoted when it is confirmed again.
		taken := tn.quoted([]int{0})[0]
		set(taken.Visit, `status = 'cancelled'`)
		if b := judged(taken.Visit, "withdraw"); b.Status != Withdrawn || strings.Count(b.Note, "没有人进门") != 1 {
			t.Errorf("taken back: %s %q", b.Status, b.Note)
		}
		set(taken.Visit, `status = 'done'`)
		if b, err := tn.QuoteVisit(ctx, audit.System(region), region, taken.Visit); err != nil || b.Status != Quoted {
			t.Errorf("confirmed again: %+v, %v", b, err)
		}
		set(taken.Visit, `status = 'cancelled'`)
		// A doubt that comes up between bill and confirmation holds the money.
		late := tn.quoted([]int{0})[0]
		set(late.Visit, `suspects = 1`)
		if _, err := tn.Settle(ctx, tn.self(0), region, tn.people[0], "late", SettleRequest{Visit: late.Visit}); !fault.Is(err, fault.Conflict) {
			t.Errorf("settled with an open doubt: %v", err)
		}
		// Settled in the same moment: another hand must approve the reversal.
		f := tn.quoted([]int{0})[0]
		_, err = tn.Settle(ctx, tn.self(0), region, tn.people[0], "k", SettleRequest{Visit: f.Visit})
		must(t, err)
		set(f.Visit, `status = 'void'`)
		if b := judged(f.Visit, "void"); b.Status != Reversing || !strings.Contains(b.Note, "不予认定") {
			t.Errorf("settled and not recognised: %s %q", b.Status, b.Note)
		}
		_, err = tn.JudgeReverse(ctx, hand("b", "reviewer"), region, f.Visit, true, "", 0)
		must(t, err)
		if b := judged(f.Visit, "void"); b.Status != Reversed || tn.books(fund.DueCare) != 0 {
			t.Errorf("reversed: %s, due %d", b.Status, tn.books(fund.DueCare))
		}
		// The pre-check of the month names what is undecided.
		g := tn.quoted([]int{0})[0]
		set(g.Visit, `suspects = 1`) // a late upload, after the bill was made
		h := tn.visits([]int{0}, doubted)[0]
		c.Add(11 * time.Minute)
		m, err := tn.Intake(ctx, audit.Actor{ID: "boss", Role: "institution", Region: region, Institution: tn.inst}, region, tn.inst, may)
		must(t, err)
		sh, err := tn.ReadMonth(ctx, hand("a", "reviewer"), region, m.ID)
		must(t, err)
		said := map[string]string{}
		for _, p := range sh.Problems {
			said[p.Visit] = p.Say
		}
		if !strings.Contains(said[g.Visit], "疑点") || !strings.Contains(said[h], "疑点") || said[bs[0].Visit] != "经办核定不结算" {
			t.Errorf("pre-check: %v", said)
		}
	})
}
