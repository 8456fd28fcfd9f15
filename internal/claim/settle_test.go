package claim

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/money"
)

func TestFromVisitToReceipt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 2)
		b := tn.quoted([]int{0})[0]
		if b.Total != 6500 || b.Fund != 5200 || b.PersonFen != 1300 || b.Status != Quoted || b.Decision == "" || len(b.Takes) == 0 {
			t.Fatalf("bill: %+v", b)
		}
		if _, err := tn.Settle(ctx, tn.self(1), region, b.Person, "k0", SettleRequest{b.Visit, b.Version}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a stranger settled: %v", err)
		}
		r, err := tn.Settle(ctx, tn.self(0), region, b.Person, "k1", SettleRequest{b.Visit, b.Version})
		must(t, err)
		if r.Fund != 5200 || r.Person != 1300 || r.Voucher == "" || r.Charge == "" || r.UndoUntil != r.SettledAt+600_000 {
			t.Errorf("receipt: %+v", r)
		}
		if got := tn.books(fund.DueCare); got != -5200 {
			t.Errorf("due to the institution: %d", got)
		}
		if tn.books(fund.ForHome) != 5200 || tn.used(0) == 0 || tn.charge(r.Charge).Status != ChargeOpen {
			t.Error("expense, cap or charge is missing")
		}
		// Paid, then undone inside ten minutes: everything goes back, the money too.
		if ch, err := tn.MarkPaid(ctx, audit.System(region), region, r.Charge, "T1"); err != nil || ch.Status != ChargePaid {
			t.Fatal(ch, err)
		}
		c.Add(9 * time.Minute)
		u, err := tn.Undo(ctx, tn.self(0), region, b.Visit, "u1")
		must(t, err)
		if u.Status != Quoted || u.ConfirmedBy != "" || tn.used(0) != 0 || tn.books(fund.DueCare) != 0 || tn.charge(r.Charge).Status != ChargeRefunding {
			t.Errorf("after undo: %+v used %d", u, tn.used(0))
		}
		n := 0
		err = tn.DoRefund(ctx, func(string) PaymentChannel { n++; return refunder{} }, Refund{region, r.Charge})
		if err != nil || tn.charge(r.Charge).Status != ChargeRefunded {
			t.Errorf("refund: %v", err)
		}
		if err := tn.DoRefund(ctx, func(string) PaymentChannel { n++; return refunder{} }, Refund{region, r.Charge}); err != nil || n != 1 {
			t.Errorf("refunded %d times, %v", n, err)
		}
		// A second settlement is a second round; after ten minutes it stands.
		r2, err := tn.Settle(ctx, tn.self(0), region, b.Person, "k2", SettleRequest{Visit: b.Visit})
		must(t, err)
		if r2.Round != 2 || r2.Charge == r.Charge {
			t.Errorf("second round: %+v", r2)
		}
		c.Add(10 * time.Minute)
		if _, err := tn.Undo(ctx, tn.self(0), region, b.Visit, "u2"); !fault.Is(err, fault.Conflict) {
			t.Errorf("undo after ten minutes: %v", err)
		}
		if tn.books(fund.DueCare) != -5200 {
			t.Error("a refused undo changed the books")
		}
	})
}

type refunder struct{ PaymentChannel }

func (refunder) Refund(_ context.Context, _, _ string, _ money.Fen, _ string) (bool, error) {
	return true, nil
}

func TestDisputeAndAnswer(t *testing.T) {
	d, c := dbtest.SQLite(t)
	tn := newTown(t, d, c, 1)
	b := tn.quoted([]int{0})[0]
	if _, err := tn.Dispute(ctx, tn.self(0), region, b.Visit, " ", "", 0); !fault.Is(err, fault.Invalid) {
		t.Errorf("a dispute without a word: %v", err)
	}
	_, err := tn.Dispute(ctx, tn.self(0), region, b.Visit, "只来了半小时", "", b.Version)
	must(t, err)
	if ws, err := tn.Waiting(ctx, region, Disputed, 10); err != nil || len(ws) != 1 {
		t.Errorf("the office sees %d, %v", len(ws), err)
	}
	if _, err := tn.Settle(ctx, tn.self(0), region, b.Person, "k", SettleRequest{Visit: b.Visit}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a disputed bill was settled: %v", err)
	}
	got, err := tn.Answer(ctx, hand("clerk", "clerk"), region, b.Visit, false, "已核对签退时间，确是 60 分钟", "", 0)
	if err != nil || got.Status != Quoted {
		t.Fatal(got.Status, err)
	}
	_, err = tn.Dispute(ctx, tn.self(0), region, b.Visit, "不是", "", 0)
	must(t, err)
	got, err = tn.Answer(ctx, hand("clerk", "clerk"), region, b.Visit, true, "认定没有服务", "", 0)
	if err != nil || got.Status != Void {
		t.Fatal(got.Status, err)
	}
	if _, err := tn.Settle(ctx, tn.self(0), region, b.Person, "k2", SettleRequest{Visit: b.Visit}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a void bill was settled: %v", err)
	}
}

func TestReverseNeedsTwoHands(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		b := tn.quoted([]int{0})[0]
		_, err := tn.Settle(ctx, tn.self(0), region, b.Person, "k", SettleRequest{Visit: b.Visit})
		must(t, err)
		c.Add(time.Hour)
		a, z := hand("a", "reviewer"), hand("z", "reviewer")
		_, err = tn.AskReverse(ctx, a, region, b.Visit, "录错人", "", 0)
		must(t, err)
		if _, err := tn.JudgeReverse(ctx, a, region, b.Visit, true, "", 0); !fault.Is(err, fault.Forbidden) {
			t.Errorf("T-20: one hand reversed alone: %v", err)
		}
		if tn.bill(b.Visit).Status != Reversing || tn.books(fund.DueCare) != -5200 {
			t.Error("a refused reversal changed something")
		}
		got, err := tn.JudgeReverse(ctx, z, region, b.Visit, true, "", 0)
		if err != nil || got.Status != Reversed || tn.books(fund.DueCare) != 0 || tn.used(0) != 0 {
			t.Errorf("reversal: %v %v", got.Status, err)
		}
		// The corrected visit may be billed again.
		if b, err = tn.QuoteVisit(ctx, audit.System(region), region, b.Visit); err != nil || b.Status != Quoted {
			t.Fatal(b.Status, err)
		}
		if r, err := tn.Settle(ctx, tn.self(0), region, b.Person, "k9", SettleRequest{Visit: b.Visit}); err != nil || r.Round != 2 {
			t.Errorf("second settlement: %+v %v", r, err)
		}
	})
}

// T-13: the idempotency contract.
func TestT13Idempotency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 4)
		bs := tn.quoted([]int{0, 1, 2, 3})
		first, err := tn.Settle(ctx, tn.self(0), region, bs[0].Person, "key", SettleRequest{Visit: bs[0].Visit})
		must(t, err)
		same := func(what string, r Receipt, err error) {
			t.Helper()
			if err != nil || r != first {
				t.Errorf("%s: %+v, %v", what, r, err)
			}
		}
		r, err := tn.Settle(ctx, tn.self(0), region, bs[0].Person, "key", SettleRequest{Visit: bs[0].Visit})
		same("again", r, err)
		for _, wait := range []time.Duration{time.Second, time.Hour, 400 * 24 * time.Hour} {
			c.Add(wait)
			r, err = tn.Settle(ctx, tn.self(0), region, bs[0].Person, "key", SettleRequest{Visit: bs[0].Visit})
			same("after "+wait.String(), r, err)
		}
		second := &Service{Log: tn.Log, Packs: tn.Packs, Persons: tn.Persons} // another server, or this one restarted
		second.Start(audit.GroupOptions{Lane: 5})
		defer second.Close()
		r, err = second.Settle(ctx, tn.self(0), region, bs[0].Person, "key", SettleRequest{Visit: bs[0].Visit})
		same("on another server", r, err)

		conflict := func(what string, err error) {
			t.Helper()
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", what, err)
			}
		}
		_, err = tn.Settle(ctx, tn.self(0), region, bs[0].Person, "key", SettleRequest{Visit: bs[1].Visit})
		conflict("same key, other bill", err)
		_, err = tn.Settle(ctx, tn.self(0), region, bs[0].Person, "key", SettleRequest{Visit: bs[0].Visit, Version: 7})
		conflict("same key, other version", err)
		_, err = tn.Settle(ctx, tn.self(0), region, bs[0].Person, "other", SettleRequest{Visit: bs[0].Visit})
		conflict("other key, same bill", err)
		_, err = tn.Settle(ctx, tn.self(0), region, bs[0].Person, "", SettleRequest{Visit: bs[0].Visit})
		conflict("no key, same bill", err)
		// The key belongs to the actor: another person's same key is another act.
		if _, err = tn.Settle(ctx, tn.self(1), region, bs[1].Person, "key", SettleRequest{Visit: bs[1].Visit}); err != nil {
			t.Errorf("another actor's key: %v", err)
		}

		// Fifty at once, on two servers: one effect, one receipt.
		var wg sync.WaitGroup
		var mu sync.Mutex
		got := map[Receipt]int{}
		for i := range 50 {
			wg.Go(func() {
				s := tn.Service
				if i%2 == 1 {
					s = second
				}
				for {
					r, err := s.Settle(ctx, tn.self(2), region, bs[2].Person, "par", SettleRequest{Visit: bs[2].Visit})
					if fault.Is(err, fault.Busy) {
						continue
					}
					mu.Lock()
					if err != nil {
						t.Errorf("parallel: %v", err)
					}
					got[r]++
					mu.Unlock()
					return
				}
			})
		}
		wg.Wait()
		if len(got) != 1 {
			t.Errorf("%d different receipts for one key", len(got))
		}
		// Fifty different keys for one bill at once: one wins.
		var won atomic.Int64
		for i := range 50 {
			wg.Go(func() {
				s := tn.Service
				if i%2 == 1 {
					s = second
				}
				_, err := s.Settle(ctx, tn.self(3), region, bs[3].Person, fmt.Sprint("p", i), SettleRequest{Visit: bs[3].Visit})
				if err == nil {
					won.Add(1)
				} else if !fault.Is(err, fault.Conflict) {
					t.Errorf("parallel keys: %v", err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d keys settled one bill", won.Load())
		}

		// The same item of the same person at the same minute from the same
		// provider, in another visit: refused, and the first visit is named.
		twin := tn.visits([]int{2}, func(v *care.Visit) {})[0]
		_, err = d.Raw().Exec(`UPDATE care_visit SET begin_at = (SELECT begin_at FROM care_visit WHERE id = '` + bs[2].Visit + `') WHERE id = '` + twin + `'`)
		must(t, err)
		b, err := tn.QuoteVisit(ctx, audit.System(region), region, twin)
		must(t, err)
		used := tn.used(2)
		_, err = tn.Settle(ctx, tn.self(2), region, b.Person, "twin", SettleRequest{Visit: twin})
		conflict("natural duplicate", err)
		if tn.used(2) != used || tn.bill(twin).Status != Quoted {
			t.Error("a refused duplicate left something behind")
		}
		if due := tn.books(fund.DueCare); due != -4*5200 {
			t.Errorf("the books hold %d, want four settlements", due)
		}
	})
}

// A group in which some are refused keeps the others.
func TestGroupKeepsWhatIsSound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 40)
		var ids []int
		for i := range 40 {
			ids = append(ids, i)
		}
		bs := tn.quoted(ids)
		held := tn.visits([]int{0}, func(v *care.Visit) { v.Suspects = 1 })
		hb, err := tn.QuoteVisit(ctx, audit.System(region), region, held[0])
		must(t, err)
		var wg sync.WaitGroup
		var ok, no atomic.Int64
		for i, b := range bs {
			wg.Go(func() {
				who := tn.self(i)
				if i%5 == 4 {
					who = tn.self(0) // a stranger
				}
				if _, err := tn.Settle(ctx, who, region, b.Person, fmt.Sprint("g", i), SettleRequest{Visit: b.Visit}); err == nil {
					ok.Add(1)
				} else if fault.Is(err, fault.Forbidden) {
					no.Add(1)
				} else {
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			if _, err := tn.Settle(ctx, tn.self(0), region, hb.Person, "held", SettleRequest{Visit: hb.Visit}); !fault.Is(err, fault.Conflict) {
				t.Errorf("a bill with an open suspicion: %v", err)
			}
		})
		wg.Wait()
		if ok.Load() != 32 || no.Load() != 8 || tn.books(fund.DueCare) != -32*5200 {
			t.Errorf("%d settled, %d refused, due %d", ok.Load(), no.Load(), tn.books(fund.DueCare))
		}
	})
}

// The cap moved between quote and settlement: refused, quoted anew, and the
// person sees the new figures before anything is paid.
func TestCapMoved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		var many []int
		for range 31 { // 30 hours a month are the cap of this region
			many = append(many, 0)
		}
		bs := tn.quoted(many)
		for _, b := range bs {
			if b.Fund != 5200 {
				t.Fatalf("quoted before anything was used: %+v", b)
			}
		}
		for i, b := range bs[:28] { // 28 × 52.00 yuan; the fund's monthly cap is 1,500.00
			_, err := tn.Settle(ctx, tn.self(0), region, b.Person, fmt.Sprint("c", i), SettleRequest{Visit: b.Visit})
			must(t, err)
		}
		last := bs[28]
		_, err := tn.Settle(ctx, tn.self(0), region, last.Person, "over", SettleRequest{last.Visit, last.Version})
		if !fault.Is(err, fault.Conflict) {
			t.Fatalf("over the cap: %v", err)
		}
		b := tn.bill(last.Visit)
		if b.Status != Quoted || b.Version == last.Version || b.Fund != 150000-28*5200 {
			t.Errorf("quoted anew: %+v", b)
		}
		if _, err = tn.Settle(ctx, tn.self(0), region, b.Person, "over2", SettleRequest{b.Visit, b.Version}); err != nil {
			t.Errorf("with the new figures: %v", err)
		}
		if due := tn.books(fund.DueCare); due != -150000 {
			t.Errorf("the fund owes %d, its cap is 1,500.00", due)
		}
	})
}
