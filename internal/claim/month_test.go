package claim

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/money"
)

// fillBank puts money where payments come from.
func (tn *town) fillBank(fen money.Fen) {
	f := &fund.Service{Log: tn.Log}
	_, err := f.Receive(ctx, hand("t", "treasurer"), region, fund.Receipt{Book: fund.LTCI, From: fund.FromEmployer, Fen: fen, On: today, Slip: fmt.Sprint("in", tn.serial)}, "")
	must(tn.t, err)
	_, err = f.Fill(ctx, hand("t", "treasurer"), region, fund.Receipt{Book: fund.LTCI, Fen: fen, On: today, Slip: fmt.Sprint("mv", tn.serial)}, "")
	must(tn.t, err)
}

func reply(file string, f func(no int64) string, n int64) string {
	var b strings.Builder
	b.WriteString("\ufeff文件号,序号,结果,原因\r\n")
	for no := int64(1); no <= n; no++ {
		fmt.Fprintf(&b, "%s,%d,%s,\r\n", file, no, f(no))
	}
	return b.String()
}

// The month from intake to money, with the two-hands rule (T-20), a bank
// return in halves and twice (T-17), a late bill and a reversal after payment.
func TestMonth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 3)
		inst := audit.Actor{ID: "boss", Role: "institution", Region: region, Institution: tn.inst}
		other := audit.Actor{ID: "spy", Role: "institution", Region: region, Institution: "another"}
		a, b, boss := hand("a", "reviewer"), hand("b", "reviewer"), hand("t", "treasurer")
		tn.visits([]int{0, 0, 1}, onDay("2024-05-10"))
		open := tn.visits([]int{2}, func(v *care.Visit) { v.Confirmed = "" })
		sum, err := tn.Batch(ctx, region, may, nil)
		if err != nil || sum.Visits != 4 || sum.Settled != 3 || sum.Waiting != 1 || sum.Fund != 3*5200 {
			t.Fatalf("batch: %+v, %v", sum, err)
		}
		m, err := tn.Intake(ctx, inst, region, tn.inst, may)
		if err != nil || m.Bills != 0 {
			t.Fatalf("bills that can still be undone are in the claim: %+v, %v", m, err)
		}
		if _, err := tn.Submit(ctx, inst, region, m.ID, "s0", 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("an empty claim was handed in: %v", err)
		}
		c.Add(11 * time.Minute)
		m, err = tn.Intake(ctx, inst, region, tn.inst, may)
		if err != nil || m.Bills != 3 || m.Fund != 15600 || m.Payable != 15600 {
			t.Fatalf("intake: %+v, %v", m, err)
		}
		if again, err := tn.Intake(ctx, inst, region, tn.inst, may); err != nil || again.Fund != m.Fund || again.Bills != 3 {
			t.Errorf("second intake: %+v, %v", again, err)
		}
		sh, err := tn.ReadMonth(ctx, inst, region, m.ID)
		if err != nil || len(sh.Lines) != 3 || len(sh.Problems) != 1 || sh.Problems[0].Visit != open[0] {
			t.Errorf("sheet: %d lines, problems %+v, %v", len(sh.Lines), sh.Problems, err)
		}
		if _, err := tn.ReadMonth(ctx, other, region, m.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another institution reads it: %v", err)
		}
		if _, err := tn.Submit(ctx, other, region, m.ID, "s1", 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("another institution hands it in: %v", err)
		}
		_, err = tn.Submit(ctx, inst, region, m.ID, "s2", 0)
		must(t, err)
		line := sh.Lines[0]
		for _, bad := range []struct {
			reason string
			fen    money.Fen
		}{{"no_such", 100}, {"short_time", 5201}, {"short_time", -1}} {
			if _, err := tn.Deduct(ctx, a, region, m.ID, line.Visit, bad.reason, bad.fen, "", "", 0); !fault.Is(err, fault.Invalid) {
				t.Errorf("deduction %+v: %v", bad, err)
			}
		}
		m, err = tn.Deduct(ctx, a, region, m.ID, line.Visit, "short_time", 1000, "少了 12 分钟", "", 0)
		if err != nil || m.Deducted != 1000 || m.Payable != 14600 {
			t.Fatalf("deduction: %+v, %v", m, err)
		}
		if _, err := tn.Deduct(ctx, a, region, m.ID, sh.Lines[1].Visit, "not_done", 1, "", "", 0); err != nil {
			t.Fatal(err)
		}
		m, err = tn.Deduct(ctx, a, region, m.ID, sh.Lines[1].Visit, "", 0, "", "", 0) // taken away again
		if err != nil || m.Deducted != 1000 {
			t.Fatalf("deduction withdrawn: %+v, %v", m, err)
		}
		_, err = tn.Review(ctx, a, region, m.ID, "r", 0)
		must(t, err)
		if _, err := tn.Check(ctx, a, region, m.ID, "c0", 0); !fault.Is(err, fault.Forbidden) {
			t.Errorf("T-20: one hand reviewed twice: %v", err)
		}
		_, err = tn.Check(ctx, b, region, m.ID, "c", 0)
		must(t, err)
		for _, who := range []audit.Actor{a, b} {
			if _, err := tn.Sign(ctx, who, region, m.ID, "g0"+who.ID, 0); !fault.Is(err, fault.Forbidden) {
				t.Errorf("T-20: a reviewer signed: %v", err)
			}
		}
		m, err = tn.Sign(ctx, boss, region, m.ID, "g", 0)
		if err != nil || m.Deposit != 730 || m.Payable != 13870 || m.Decision == "" {
			t.Fatalf("sign: %+v, %v", m, err)
		}
		if tn.books(fund.DueCare) != -13870 || tn.books(fund.Deposits) != -730 || tn.books(fund.ForHome) != 14600 {
			t.Errorf("books after signing: %d %d %d", tn.books(fund.DueCare), tn.books(fund.Deposits), tn.books(fund.ForHome))
		}
		f, err := tn.File(ctx, boss, region, may, "f")
		if err != nil || f.Lines != 1 || f.Fen != 13870 {
			t.Fatalf("file: %+v, %v", f, err)
		}
		if again, err := tn.File(ctx, boss, region, may, "f"); err != nil || again != f {
			t.Errorf("same key: %+v, %v", again, err)
		}
		if _, err := tn.File(ctx, boss, region, may, "f2"); !fault.Is(err, fault.Conflict) {
			t.Errorf("everything is filed already: %v", err)
		}
		_, one, err := tn.Download(ctx, boss, region, f.ID)
		must(t, err)
		_, two, err := tn.Download(ctx, boss, region, f.ID)
		if err != nil || !bytes.Equal(one, two) || digest(one) != f.Digest || !strings.Contains(string(one), "康宁护理站,,9901000000000000017,138.70") {
			t.Errorf("re-export: %q, %v", two, err)
		}
		apply := func(who audit.Actor, file, text string) (Applied, error) {
			rs, err := ParseReturns(strings.NewReader(text), file)
			if err != nil {
				return Applied{}, err
			}
			return tn.Returns(ctx, who, region, file, rs)
		}
		good := func(int64) string { return "成功" }
		if _, err := apply(boss, f.ID, reply(f.ID, good, 1)); !fault.Is(err, fault.Conflict) {
			t.Errorf("paid out of an empty account: %v", err)
		}
		tn.fillBank(1_000_000)
		got, err := apply(boss, f.ID, reply(f.ID, func(int64) string { return "失败" }, 1))
		if err != nil || got.Failed != 1 || got.Paid != 0 || tn.books(fund.DueCare) != -13870 {
			t.Fatalf("bank refused: %+v, %v", got, err)
		}
		f2, err := tn.File(ctx, boss, region, may, "f3")
		if err != nil || f2.Fen != 13870 || f2.ID == f.ID {
			t.Fatalf("filed again: %+v, %v", f2, err)
		}
		for i := range 3 {
			got, err = apply(boss, f2.ID, reply(f2.ID, good, 1))
			if err != nil || got.Paid+got.Already != 1 || (i > 0) != (got.Already == 1) {
				t.Errorf("return file, time %d: %+v, %v", i, got, err)
			}
		}
		if tn.books(fund.DueCare) != 0 || tn.books(fund.PayoutBank) != 1_000_000-13870 {
			t.Errorf("after payment: due %d, bank %d", tn.books(fund.DueCare), tn.books(fund.PayoutBank))
		}
		// The deposit is released by performance and paid with the next file.
		if _, err := tn.ReleaseDeposit(ctx, boss, region, m.ID, 101, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("score 101: %v", err)
		}
		dep, err := tn.ReleaseDeposit(ctx, boss, region, m.ID, 85, "")
		if err != nil || dep.Released != 584 || dep.Kept != 146 {
			t.Fatalf("release: %+v, %v", dep, err)
		}
		if _, err := tn.ReleaseDeposit(ctx, boss, region, m.ID, 85, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("released twice: %v", err)
		}
		// One bill is reversed after payment, and one came late: both are in June's claim.
		_, err = tn.AskReverse(ctx, a, region, sh.Lines[2].Visit, "没有服务", "", 0)
		must(t, err)
		_, err = tn.JudgeReverse(ctx, b, region, sh.Lines[2].Visit, true, "", 0)
		must(t, err)
		if _, err := tn.AskReverse(ctx, a, region, line.Visit, "没有服务", "", 0); err != nil {
			t.Fatal(err)
		}
		if _, err := tn.JudgeReverse(ctx, b, region, line.Visit, true, "", 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("a bill with a deduction was reversed on top: %v", err)
		}
		late, err := tn.Confirm(ctx, tn.self(2), region, quoteOf(tn, open[0]).Visit, "", 0)
		must(t, err)
		tn.visits([]int{0}, onDay("2024-06-02"))
		for _, mo := range []string{"2024-05-01", "2024-06-01"} {
			_, err = tn.Batch(ctx, region, day.MustParse(mo).Month(), nil)
			must(t, err)
		}
		if tn.bill(late.Visit).Status != Settled {
			t.Error("the confirmed bill is not settled by the batch")
		}
		c.Add(30 * 24 * time.Hour)
		june, err := tn.Intake(ctx, inst, region, tn.inst, may+1)
		if err != nil || june.Bills != 2 || june.Fund != 10400 || june.Offsets != 5200 || june.Payable != 5200 {
			t.Fatalf("June: %+v, %v", june, err)
		}
		if again, err := tn.Intake(ctx, inst, region, tn.inst, may); !fault.Is(err, fault.Conflict) {
			t.Errorf("a paid month took bills in: %+v, %v", again, err)
		}
		rec, err := tn.Reconcile(ctx, region, may)
		if err != nil || !rec.OK || len(rec.Rows) != 1 || rec.Rows[0].Paid != 13870 {
			t.Errorf("reconciliation: %+v, %v", rec, err)
		}
		_, err = d.Raw().Exec(`UPDATE claim_payment SET fen = fen + 1 WHERE status = 'paid'`)
		must(t, err)
		if rec, err := tn.Reconcile(ctx, region, may); err != nil || rec.OK {
			t.Errorf("a payment that nobody booked was not noticed: %+v, %v", rec, err)
		}
		if _, _, err := tn.ReadFile(ctx, region, f2.ID); !fault.Is(err, fault.Internal) {
			t.Errorf("a changed payment file was exported: %v", err)
		}
	})
}

func quoteOf(tn *town, visit string) Bill {
	b, err := tn.QuoteVisit(ctx, audit.System(region), region, visit)
	must(tn.t, err)
	return b
}

// Batch in pieces, killed and run again: everything is settled once.
func TestBatchResumes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 60)
		var who []int
		for i := range 1200 {
			who = append(who, i%60)
		}
		tn.visits(who)
		// The first piece is committed, then the process dies.
		pieces, err := tn.pieces(ctx, region, may, 500)
		must(t, err)
		if p, err := tn.batchPiece(ctx, region, may, 0, pieces[0]); err != nil || p.Sum.Visits != 500 || p.Sum.Settled != 500 {
			t.Fatalf("first piece: %+v, %v", p.Sum, err)
		}
		var seen []int
		sum, err := tn.batch(ctx, region, may, 500, func(s Summary) { seen = append(seen, s.Visits) })
		if err != nil || sum.Settled != 700 || sum.Already != 500 || sum.Refused != 0 || len(seen) != 3 {
			t.Fatalf("second run: %+v %v, %v", sum, seen, err)
		}
		sum, err = tn.Batch(ctx, region, may, nil)
		if err != nil || sum.Settled != 0 || sum.Already != 1200 {
			t.Fatalf("third run: %+v, %v", sum, err)
		}
		if due := tn.books(fund.DueCare); due != -1200*5200 {
			t.Errorf("due %d", due)
		}
		var bills int
		must(t, d.Raw().QueryRow(`SELECT COUNT(*) FROM claim_bill WHERE status = 'settled' AND round = 1 AND decision <> ''`).Scan(&bills))
		if bills != 1200 {
			t.Errorf("%d bills", bills)
		}
	})
}
