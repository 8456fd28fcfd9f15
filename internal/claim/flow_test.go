package claim

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

var billStates = []Status{Quoted, Confirmed, Disputed, Settled, Reversing, Reversed, Void, Withdrawn}

// inState makes a bill and takes it by the allowed steps to a state.
func (tn *town) inState(st Status) Bill {
	tn.t.Helper()
	b := tn.quoted([]int{0})[0]
	step := func(err error) { tn.t.Helper(); must(tn.t, err) }
	who, a, z := tn.self(0), hand("a", "reviewer"), hand("z", "reviewer")
	switch st {
	case Confirmed:
		_, err := tn.Confirm(ctx, who, region, b.Visit, "", 0)
		step(err)
	case Disputed, Void:
		_, err := tn.Dispute(ctx, who, region, b.Visit, "不对", "", 0)
		step(err)
		if st == Void {
			_, err = tn.Answer(ctx, a, region, b.Visit, true, "属实", "", 0)
			step(err)
		}
	case Withdrawn:
		step(tn.withdraw(b.Visit))
	case Settled, Reversing, Reversed:
		_, err := tn.Settle(ctx, who, region, b.Person, "", SettleRequest{Visit: b.Visit})
		step(err)
		if st != Settled {
			_, err = tn.AskReverse(ctx, a, region, b.Visit, "错", "", 0)
			step(err)
		}
		if st == Reversed {
			_, err = tn.JudgeReverse(ctx, z, region, b.Visit, true, "", 0)
			step(err)
		}
	}
	if b = tn.bill(b.Visit); b.Status != st {
		tn.t.Fatalf("made %s, want %s", b.Status, st)
	}
	return b
}

// withdraw moves a bill as the job does whose visit was taken back.
func (tn *town) withdraw(visit string) error {
	return tn.d.Write(ctx, func(tx *db.Tx) error {
		b, err := Get(tx, region, visit)
		if err == nil {
			err = b.move("withdraw")
		}
		if err == nil {
			err = b.put(tx)
		}
		return err
	})
}

// T-21: every state of a bill × every action: what the table allows works and
// ends where it says, everything else is refused and changes nothing.
func TestT21BillFlow(t *testing.T) {
	d, c := dbtest.SQLite(t)
	tn := newTown(t, d, c, 1)
	who, a, z := tn.self(0), hand("a", "reviewer"), hand("z", "reviewer")
	acts := map[string]func(v string) error{
		"quote":   func(v string) error { _, err := tn.QuoteVisit(ctx, audit.System(region), region, v); return err },
		"confirm": func(v string) error { _, err := tn.Confirm(ctx, who, region, v, "", 0); return err },
		"dispute": func(v string) error { _, err := tn.Dispute(ctx, who, region, v, "不对", "", 0); return err },
		"settle": func(v string) error {
			_, err := tn.Settle(ctx, who, region, who.Person, "", SettleRequest{Visit: v})
			return err
		},
		"undo":     func(v string) error { _, err := tn.Undo(ctx, who, region, v, ""); return err },
		"answer":   func(v string) error { _, err := tn.Answer(ctx, a, region, v, false, "属实", "", 0); return err },
		"void":     func(v string) error { _, err := tn.Answer(ctx, a, region, v, true, "不实", "", 0); return err },
		"ask":      func(v string) error { _, err := tn.AskReverse(ctx, a, region, v, "错", "", 0); return err },
		"withdraw": tn.withdraw,
		"keep":     func(v string) error { _, err := tn.JudgeReverse(ctx, z, region, v, false, "", 0); return err },
		"approve":  func(v string) error { _, err := tn.JudgeReverse(ctx, z, region, v, true, "", 0); return err },
	}
	for _, s := range billFlow {
		if acts[s.action] == nil {
			t.Fatalf("no test for action %s", s.action)
		}
	}
	pairs := 0
	for _, st := range billStates {
		for name, act := range acts {
			pairs++
			b := tn.inState(st)
			before := fmt.Sprint(b)
			err := act(b.Visit)
			now := tn.bill(b.Visit)
			to, ok := next(billFlow, string(st), name)
			switch {
			case ok && (err != nil || now.Status != Status(to)):
				t.Errorf("%s × %s: %v, ended %s, want %s", st, name, err, now.Status, to)
			case !ok && name == "quote":
				if err != nil || fmt.Sprint(now) != before {
					t.Errorf("%s × quote: %v, changed the bill", st, err)
				}
			case !ok && (!fault.Is(err, fault.Conflict) || fmt.Sprint(now) != before):
				t.Errorf("%s × %s: %v, bill %s → %s", st, name, err, st, now.Status)
			}
			// Give the hours back, or the month's cap ends the test.
			if now.Status == Settled {
				if _, err := tn.Undo(ctx, who, region, b.Visit, ""); err != nil {
					t.Fatal(err)
				}
			} else if now.Status == Reversing {
				if _, err := tn.JudgeReverse(ctx, z, region, b.Visit, true, "", 0); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if pairs != 88 {
		t.Errorf("%d pairs", pairs)
	}
	// Every refused attempt is on record.
	var n int
	must(t, d.Raw().QueryRow(`SELECT COUNT(*) FROM audit_event WHERE result = 'conflict'`).Scan(&n))
	if want := 70 - len(billFlow) + 1 - 4; n < want {
		t.Errorf("%d refused attempts on record, want at least %d", n, want)
	}
	if tn.books("2101") != 0 || tn.used(0) != 0 {
		t.Error("something was left behind")
	}
}

// T-21: the same for the month claim.
func TestT21MonthFlow(t *testing.T) {
	d, c := dbtest.SQLite(t)
	tn := newTown(t, d, c, 1)
	v := tn.visits([]int{0})[0]
	_, err := tn.Batch(ctx, region, may, nil)
	must(t, err)
	c.Add(time.Hour)
	tn.fillBank(100_000)
	for _, st := range MonthStatuses {
		for _, action := range []string{"intake", "submit", "deduct", "review", "check", "return", "sign", "file", "paid", "failed"} {
			for _, q := range []string{`UPDATE claim_bill SET month = ''`, `DELETE FROM claim_month`, `DELETE FROM claim_deduction`, `DELETE FROM claim_payfile`, `DELETE FROM claim_payment`} {
				_, err := d.Raw().Exec(q)
				must(t, err)
			}
			inst := audit.Actor{ID: "boss", Role: "institution", Region: region, Institution: tn.inst}
			m, err := tn.Intake(ctx, inst, region, tn.inst, may)
			must(t, err)
			_, err = d.Raw().Exec(`UPDATE claim_month SET status = '` + string(st) + `', first_by = 'a', second_by = 'b' WHERE id = '` + m.ID + `'`)
			must(t, err)
			file := fmt.Sprint("f-", st, action)
			must(t, d.Write(ctx, func(tx *db.Tx) error {
				ps := []Payment{{File: file, No: 1, Kind: "month", Claim: m.ID, Institution: tn.inst, Fen: m.Payable, Status: PaymentSent}}
				return putFile(tx, region, Payfile{ID: file, Month: may, Lines: 1, Fen: m.Payable, Digest: digest(csvOf(ps))}, ps)
			}))
			before := monthText(t, d.Raw(), m.ID)
			a, b, boss := hand("a", "reviewer"), hand("b", "reviewer"), hand("t", "treasurer")
			switch action {
			case "intake":
				_, err = tn.Intake(ctx, inst, region, tn.inst, may)
			case "submit":
				_, err = tn.Submit(ctx, inst, region, m.ID, "", 0)
			case "deduct":
				_, err = tn.Deduct(ctx, a, region, m.ID, v, "short_time", 1, "", "", 0)
			case "review":
				_, err = tn.Review(ctx, a, region, m.ID, "", 0)
			case "check":
				_, err = tn.Check(ctx, b, region, m.ID, "", 0)
			case "return":
				_, err = tn.Return(ctx, b, region, m.ID, "改", "", 0)
			case "sign":
				_, err = tn.Sign(ctx, boss, region, m.ID, "", 0)
			case "file":
				_, err = tn.File(ctx, boss, region, may, "")
			case "paid", "failed":
				_, err = tn.Returns(ctx, boss, region, file, []Reply{{No: 1, OK: action == "paid"}})
			}
			after := monthText(t, d.Raw(), m.ID)
			to, ok := next(monthFlow, string(st), action)
			if ok {
				var got string
				must(t, d.Raw().QueryRow(`SELECT status FROM claim_month WHERE id = $1`, m.ID).Scan(&got))
				if err != nil || got != to {
					t.Errorf("%s × %s: %v, ended %s, want %s", st, action, err, got, to)
				}
			} else if !fault.Is(err, fault.Conflict) || before != after {
				t.Errorf("%s × %s: %v\n%s\n%s", st, action, err, before, after)
			}
		}
	}
}

func monthText(t *testing.T, raw *sql.DB, id string) string {
	var status, note string
	var version, deducted, deposit int64
	must(t, raw.QueryRow(`SELECT status, note, version, deducted, deposit FROM claim_month WHERE id = $1`, id).Scan(&status, &note, &version, &deducted, &deposit))
	return fmt.Sprint(status, note, version, deducted, deposit)
}
