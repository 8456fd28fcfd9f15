package claim

import (
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

// byFamily is a day of care by the family alone: the fund pays 30 yuan.
func byFamily(v *care.Visit) {
	v.Institution, v.Staff, v.Mode = "", "", "family"
	v.Lines = []care.Line{{Item: "F01", Name: "亲情护理（家人照护）", Kind: "living", Unit: "day", Qty: money.One, PriceFen: 3000, Staff: "family"}}
}

// Family-care money goes to persons: gathered by the office, reviewed by two
// hands, signed, filed with the families' accounts, posted and reconciled.
func TestFamilyMonth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 3)
		a, b, boss, clerk := hand("a", "reviewer"), hand("b", "reviewer"), hand("t", "treasurer"), hand("k", "clerk")
		tn.visits([]int{0, 1, 2}, byFamily, onDay("2024-05-10"))
		tn.visits([]int{0, 2}, byFamily, onDay("2024-05-11"))
		tn.visits([]int{0}) // of the institution: not in this claim
		if sum, err := tn.Batch(ctx, region, may, nil); err != nil || sum.Settled != 6 {
			t.Fatalf("batch: %+v, %v", sum, err)
		}
		c.Add(11 * time.Minute)
		if tn.books(fund.DueFamily) != -15000 {
			t.Fatalf("due to families: %d", tn.books(fund.DueFamily))
		}
		spy := audit.Actor{ID: "spy", Role: "institution", Region: region, Institution: tn.inst}
		if _, err := tn.GatherFamily(ctx, spy, region, "", may); !fault.Is(err, fault.NotFound) {
			t.Errorf("an institution gathers the families' claim: %v", err)
		}
		m, err := tn.GatherFamily(ctx, a, region, "g", may)
		if err != nil || m.ID != "family/2024-05" || m.Status != Submitted || m.Bills != 5 || m.Payable != 15000 {
			t.Fatalf("gathered: %+v, %v", m, err)
		}
		if _, err := tn.ReadMonth(ctx, spy, region, m.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("an institution reads it: %v", err)
		}
		sh, err := tn.ReadMonth(ctx, a, region, m.ID)
		if err != nil || len(sh.Payees) != 3 {
			t.Fatalf("sheet: %+v, %v", sh.Payees, err)
		}
		var one Bill
		for _, l := range sh.Lines {
			if l.Person == tn.people[1] {
				one = l
			}
		}
		// One person's only day is deducted whole: nothing is paid to that family.
		m, err = tn.Deduct(ctx, a, region, m.ID, one.Visit, "not_done", 1, "邻居说人在外地", "", 0)
		if err != nil || m.Deducted != 3000 || m.Payable != 12000 {
			t.Fatalf("deducted: %+v, %v", m, err)
		}
		_, err = tn.Review(ctx, a, region, m.ID, "", 0)
		must(t, err)
		if _, err := tn.Check(ctx, a, region, m.ID, "", 0); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one hand reviewed twice: %v", err)
		}
		_, err = tn.Check(ctx, b, region, m.ID, "", 0)
		must(t, err)
		m, err = tn.Sign(ctx, boss, region, m.ID, "", 0)
		if err != nil || m.Deposit != 0 || m.Payable != 12000 || m.Status != Signed {
			t.Fatalf("signed: %+v, %v", m, err)
		}
		if tn.books(fund.DueFamily) != -12000 || tn.books(fund.ForFamily) != 12000 {
			t.Errorf("books: due %d, spent %d", tn.books(fund.DueFamily), tn.books(fund.ForFamily))
		}
		// Nobody has an account: nothing is filed, and nothing is lost.
		if _, err := tn.File(ctx, boss, region, may, ""); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.As(err).Say, "收款账户") {
			t.Errorf("filed without accounts: %v", err)
		}
		card := NewAccount{Holder: "王小明", Relation: "子女", Bank: "示例银行", Number: "9901 0020 0000 0000 123"}
		for _, bad := range []NewAccount{{}, {Holder: "王", Relation: "邻居", Bank: "b", Number: "12345678"}, {Holder: "王", Relation: "本人", Bank: "b", Number: "12a45678"}} {
			if _, err := tn.AskAccount(ctx, clerk, region, tn.people[0], "", bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("account %+v: %v", bad, err)
			}
		}
		if _, err := tn.AskAccount(ctx, tn.self(1), region, tn.people[0], "", card); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger enters an account: %v", err)
		}
		_, err = tn.AskAccount(ctx, tn.self(0), region, tn.people[0], "", card)
		must(t, err)
		_, err = tn.AskAccount(ctx, clerk, region, tn.people[2], "", NewAccount{Holder: "王桂2", Relation: "本人", Bank: "示例银行", Number: "99010020000009999"})
		must(t, err)
		if err := tn.JudgeAccount(ctx, clerk, region, tn.people[2], "", true); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one hand entered and confirmed: %v", err)
		}
		if asked, err := tn.AccountsAsked(ctx, region, 10); err != nil || len(asked) != 2 {
			t.Errorf("waiting: %+v, %v", asked, err)
		}
		must(t, tn.JudgeAccount(ctx, a, region, tn.people[0], "", true))
		// Sealed at rest.
		var leaks int
		must(t, d.Raw().QueryRow(`SELECT COUNT(*) FROM claim_account WHERE sealed LIKE '%9901%' OR tail <> '0123' AND tail <> '9999'`).Scan(&leaks))
		if leaks != 0 {
			t.Error("an account number stands open in the database")
		}
		f, err := tn.File(ctx, boss, region, may, "")
		if err != nil || f.Lines != 1 || f.Fen != 6000 || f.Without != 1 {
			t.Fatalf("file: %+v, %v", f, err)
		}
		must(t, tn.JudgeAccount(ctx, a, region, tn.people[2], "", true))
		_, ps, err := tn.ReadFile(ctx, region, f.ID)
		if err != nil || len(ps) != 1 || ps[0].Tail != "0123" || ps[0].Name != "王小明" || ps[0].number != "" {
			t.Errorf("read: %+v, %v", ps, err)
		}
		_, text, err := tn.Download(ctx, boss, region, f.ID)
		if err != nil || !strings.Contains(string(text), "王小明,示例银行,9901002000000000123,60.00,亲情护理补助,family/2024-05") {
			t.Errorf("text: %s, %v", text, err)
		}
		var looks int
		must(t, d.Raw().QueryRow(`SELECT COUNT(*) FROM audit_event WHERE verb = 'claim.file_download'`).Scan(&looks))
		if looks != 1 {
			t.Errorf("%d downloads on record", looks)
		}
		tn.fillBank(1_000_000)
		// The bank sends the first one back; both go into the second file.
		if _, err := tn.Returns(ctx, boss, region, f.ID, []Reply{{1, false, "户名不符"}}); err != nil {
			t.Fatal(err)
		}
		if m, err = monthOf(tn, m.ID); err != nil || m.Status != Failed {
			t.Errorf("after the bank's refusal: %s, %v", m.Status, err)
		}
		f2, err := tn.File(ctx, boss, region, may, "")
		if err != nil || f2.Lines != 2 || f2.Fen != 12000 || f2.Without != 0 {
			t.Fatalf("second file: %+v, %v", f2, err)
		}
		if got, err := tn.Returns(ctx, boss, region, f2.ID, []Reply{{1, true, ""}}); err != nil || got.Paid != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		if m, err = monthOf(tn, m.ID); err != nil || m.Status != Filed {
			t.Errorf("half answered: %s, %v", m.Status, err)
		}
		if got, err := tn.Returns(ctx, boss, region, f2.ID, []Reply{{1, true, ""}, {2, true, ""}}); err != nil || got.Paid != 1 || got.Already != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		if m, err = monthOf(tn, m.ID); err != nil || m.Status != Paid || tn.books(fund.DueFamily) != 0 || tn.books(fund.PayoutBank) != 1_000_000-12000 {
			t.Errorf("paid: %s, due %d, bank %d, %v", m.Status, tn.books(fund.DueFamily), tn.books(fund.PayoutBank), err)
		}
		mine, err := tn.PaidTo(ctx, tn.self(0), region, tn.people[0])
		if err != nil || len(mine) != 1 || mine[0].Payable != 6000 || mine[0].Status != PayeePaid {
			t.Errorf("what the person sees: %+v, %v", mine, err)
		}
		rec, err := tn.Reconcile(ctx, region, may)
		if err != nil || !rec.OK || rec.Rows[0].Name != familyName || rec.Rows[0].Paid != 12000 || rec.Rows[0].Owed != 0 {
			t.Errorf("reconciliation: %+v, %v", rec, err)
		}
		// A reversal after payment is larger than June's day of that person: it waits for July.
		for _, l := range sh.Lines {
			if l.Person == tn.people[0] {
				_, err = tn.AskReverse(ctx, a, region, l.Visit, "人在外地", "", 0)
				must(t, err)
				_, err = tn.JudgeReverse(ctx, b, region, l.Visit, true, "", 0)
				must(t, err)
			}
		}
		tn.visits([]int{0}, byFamily, onDay("2024-06-02"))
		_, err = tn.Batch(ctx, region, may+1, nil)
		must(t, err)
		c.Add(30 * 24 * time.Hour)
		june, err := tn.GatherFamily(ctx, a, region, "", may+1)
		if err != nil || june.Fund != 3000 || june.Offsets != 3000 || june.Payable != 0 {
			t.Errorf("June: %+v, %v", june, err)
		}
		if rec, err := tn.Reconcile(ctx, region, may+1); err != nil || !rec.OK {
			t.Errorf("June's reconciliation: %+v, %v", rec, err)
		}
	})
}

func monthOf(tn *town, id string) (m Month, err error) {
	err = tn.d.Read(ctx, func(tx *db.Tx) error { m, err = getMonth(tx, region, id); return err })
	return m, err
}

// pay takes the month of an institution or of the families to the bank and
// back; all is paid.
func (tn *town) pay(inst string, mo day.Month) Month {
	tn.t.Helper()
	a, b, boss := hand("a", "reviewer"), hand("b", "reviewer"), hand("t", "treasurer")
	who := audit.Actor{ID: "boss", Role: "institution", Region: region, Institution: inst}
	if inst == "" {
		who = a
	}
	m, err := tn.Intake(ctx, who, region, inst, mo)
	must(tn.t, err)
	_, err = tn.Submit(ctx, who, region, m.ID, "", 0)
	must(tn.t, err)
	_, err = tn.Review(ctx, a, region, m.ID, "", 0)
	must(tn.t, err)
	_, err = tn.Check(ctx, b, region, m.ID, "", 0)
	must(tn.t, err)
	m, err = tn.Sign(ctx, boss, region, m.ID, "", 0)
	must(tn.t, err)
	if m.Status == Paid {
		return m
	}
	f, err := tn.File(ctx, boss, region, mo, "")
	must(tn.t, err)
	var rs []Reply
	for no := range f.Lines {
		rs = append(rs, Reply{No: no + 1, OK: true})
	}
	_, err = tn.Returns(ctx, boss, region, f.ID, rs)
	must(tn.t, err)
	return m
}

// Money of a paid month comes back: asked by one hand, approved by another,
// booked as recoverable, then offset in a later month or paid in by bank.
func TestRecovery(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 2)
		a, b, boss := hand("a", "reviewer"), hand("b", "reviewer"), hand("t", "treasurer")
		vs := tn.visits([]int{0, 0, 1}, onDay("2024-05-10"))
		_, err := tn.Batch(ctx, region, may, nil)
		must(t, err)
		c.Add(11 * time.Minute)
		tn.fillBank(1_000_000)
		in := RecoverIn{Visit: vs[0], Reason: "short_time", Fen: 2000, Way: "offset", Note: "回访查实只来了 40 分钟"}
		if _, err := tn.AskRecover(ctx, a, region, "", in); !fault.Is(err, fault.Conflict) {
			t.Errorf("before any month claim: %v", err)
		}
		tn.pay(tn.inst, may)
		for _, bad := range []RecoverIn{{Visit: vs[0], Reason: "no_such", Fen: 1, Way: "offset", Note: "x"}, {Visit: vs[0], Reason: "short_time", Fen: 5201, Way: "offset", Note: "x"},
			{Visit: vs[0], Reason: "short_time", Fen: 1, Way: "gift", Note: "x"}, {Visit: vs[0], Reason: "short_time", Fen: 1, Way: "direct"}, {Visit: vs[0], Reason: "short_time", Fen: 0, Way: "direct", Note: "x"}} {
			if _, err := tn.AskRecover(ctx, a, region, "", bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		x, err := tn.AskRecover(ctx, a, region, "", in)
		if err != nil || x.Status != RecoveryAsked || x.Decision == "" || x.Party != tn.inst {
			t.Fatalf("asked: %+v, %v", x, err)
		}
		if dec, err := tn.Log.Decision(ctx, region, x.Decision); err != nil || dec.Rule != "claim.deduct" || !dec.Cites() {
			t.Errorf("decision: %+v, %v", dec, err)
		}
		if tn.books(fund.Recoverable) != 0 {
			t.Error("booked before the second hand")
		}
		if _, err := tn.JudgeRecover(ctx, a, region, x.ID, true, "", 0); !fault.Is(err, fault.Forbidden) {
			t.Errorf("one hand asked and approved: %v", err)
		}
		x, err = tn.JudgeRecover(ctx, b, region, x.ID, true, "", 0)
		if err != nil || x.Status != RecoveryOpen || tn.books(fund.Recoverable) != 2000 || tn.books(fund.ForHome) != 3*5200-2000 {
			t.Fatalf("approved: %+v, %d %d, %v", x, tn.books(fund.Recoverable), tn.books(fund.ForHome), err)
		}
		// No more than the rest, and no reversal on top.
		if left, err := tn.RecoverableOf(ctx, region, vs[0]); err != nil || left != 3200 {
			t.Errorf("left %d, %v", left, err)
		}
		if _, err := tn.AskRecover(ctx, a, region, "", RecoverIn{Visit: vs[0], Reason: "short_time", Fen: 3201, Way: "direct", Note: "x"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("more than the rest: %v", err)
		}
		_, err = tn.AskReverse(ctx, a, region, vs[0], "没有服务", "", 0)
		must(t, err)
		if _, err := tn.JudgeReverse(ctx, b, region, vs[0], true, "", 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("reversed on top of a recovery: %v", err)
		}
		// The second comes back by bank, the third is withdrawn, the fourth refused.
		y, err := tn.AskRecover(ctx, a, region, "", RecoverIn{Visit: vs[1], Reason: "not_done", Fen: 1, Way: "direct", Note: "没有来"})
		if err != nil || y.Fen != 5200 { // the reason takes the whole bill
			t.Fatalf("%+v, %v", y, err)
		}
		y, err = tn.JudgeRecover(ctx, b, region, y.ID, true, "", 0)
		must(t, err)
		if _, err := tn.ReceiveRecover(ctx, boss, region, y.ID, " ", "", 0); !fault.Is(err, fault.Invalid) {
			t.Errorf("no slip: %v", err)
		}
		y, err = tn.ReceiveRecover(ctx, boss, region, y.ID, "R-1", "", 0)
		if err != nil || y.Status != RecoveryReceived || tn.books(fund.Recoverable) != 2000 {
			t.Errorf("received: %+v, %v", y, err)
		}
		if _, err := tn.ReceiveRecover(ctx, boss, region, y.ID, "R-2", "", 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("received twice: %v", err)
		}
		z, err := tn.AskRecover(ctx, a, region, "", RecoverIn{Visit: vs[2], Reason: "short_time", Fen: 100, Way: "direct", Note: "x"})
		must(t, err)
		_, err = tn.JudgeRecover(ctx, b, region, z.ID, true, "", 0)
		must(t, err)
		if _, err := tn.CancelRecover(ctx, b, region, z.ID, "弄错了", "", 0); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the approving hand cancelled: %v", err)
		}
		_, err = tn.CancelRecover(ctx, a, region, z.ID, "弄错了", "", 0)
		if err != nil || tn.books(fund.Recoverable) != 2000 {
			t.Errorf("cancelled: %v, %d", err, tn.books(fund.Recoverable))
		}
		q, err := tn.AskRecover(ctx, a, region, "", RecoverIn{Visit: vs[2], Reason: "short_time", Fen: 5200, Way: "offset", Note: "x"})
		must(t, err)
		before := q
		if q, err = tn.JudgeRecover(ctx, b, region, q.ID, false, "", 0); err != nil || q.Status != RecoveryRefused {
			t.Errorf("refused: %+v, %v", q, err)
		}
		// A refusal is taken back by who refused, not by who asked; what is booked is not.
		if err := tn.UndoRecover(ctx, a, region, q.ID, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another takes it back: %v", err)
		}
		must(t, tn.UndoRecover(ctx, b, region, q.ID, ""))
		if now, _, _, err := tn.ReadRecovery(ctx, region, q.ID); err != nil || now.Status != RecoveryAsked || now.Checker != before.Checker || now.Way != before.Way {
			t.Errorf("taken back: %+v, %v", now, err)
		}
		if err := tn.UndoRecover(ctx, b, region, y.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("a receipt is taken back: %v", err)
		}
		if lines, err := audit.Lines(ctx, tn.Log, region, audit.Query{Object: q.ID}, 20); err != nil || len(lines) != 3 || lines[0].Verb != "claim.recover_undo" || lines[0].Result != "done" || lines[2].Verb != "claim.recover_refuse" {
			t.Errorf("the record: %+v, %v", lines, err)
		}
		if q, err = tn.JudgeRecover(ctx, b, region, q.ID, false, "", 0); err != nil || q.Status != RecoveryRefused {
			t.Errorf("refused again: %+v, %v", q, err)
		}
		if rec, err := tn.Reconcile(ctx, region, may); err != nil || !rec.OK {
			t.Errorf("reconciliation: %+v, %v", rec, err)
		}
		// June has one bill: the recovery is taken off there, and a second one does not fit any more.
		w, err := tn.AskRecover(ctx, a, region, "", RecoverIn{Visit: vs[2], Reason: "short_time", Fen: 5000, Way: "offset", Note: "x"})
		must(t, err)
		_, err = tn.JudgeRecover(ctx, b, region, w.ID, true, "", 0)
		must(t, err)
		tn.visits([]int{1}, onDay("2024-06-02"))
		_, err = tn.Batch(ctx, region, may+1, nil)
		must(t, err)
		c.Add(30 * 24 * time.Hour)
		june := tn.pay(tn.inst, may+1)
		if june.Recovered != 2000 || june.Payable != 5200-260-2000 {
			t.Fatalf("June: %+v", june)
		}
		xs, err := tn.Recoveries(ctx, audit.Actor{Role: "institution", Institution: tn.inst, Region: region}, region, RecoveryOffset, "", 10)
		if err != nil || len(xs) != 1 || xs[0].ID != x.ID || xs[0].Month != june.ID {
			t.Errorf("offset: %+v, %v", xs, err)
		}
		if tn.books(fund.Recoverable) != 5000 || tn.books(fund.DueCare) != 0 {
			t.Errorf("recoverable %d, due %d", tn.books(fund.Recoverable), tn.books(fund.DueCare))
		}
		if _, err := tn.CancelRecover(ctx, a, region, x.ID, "弄错了", "", 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("cancelled after the offset: %v", err)
		}
		rec, err := tn.Reconcile(ctx, region, may+1)
		if err != nil || !rec.OK || rec.Rows[0].Recovered != 2000 {
			t.Errorf("reconciliation: %+v, %v", rec, err)
		}
		_, err = d.Raw().Exec(`UPDATE claim_recovery SET fen = fen + 1 WHERE status = 'offset'`)
		must(t, err)
		if rec, err := tn.Reconcile(ctx, region, may+1); err != nil || rec.OK {
			t.Errorf("a changed recovery was not noticed: %+v, %v", rec, err)
		}
	})
}
