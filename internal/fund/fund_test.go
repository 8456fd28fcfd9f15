package fund

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/money"
)

const region = "990100"

var clerk = audit.Actor{ID: "treasurer", Role: "treasurer", Region: region}

func settle(key string, lane int64, on string, fen money.Fen) Voucher {
	return Voucher{Region: region, Book: LTCI, Lane: lane, On: day.MustParse(on), Kind: Settle, Key: key, Ref: key, Memo: "居家护理结算",
		Maker: "t", Lines: []Line{{ForHome, "J001", fen}, {DueCare, "J001", -fen}}}
}

func write1(t testing.TB, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func verify(t testing.TB, d *db.DB) Report {
	t.Helper()
	rep, err := Verify(context.Background(), d, "")
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func TestPost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		write1(t, d, func(tx *db.Tx) error {
			var vs []Voucher
			for i := range 256 {
				vs = append(vs, settle(fmt.Sprint("v", i), int64(i%2), "2024-06-01", money.Fen(100+i)))
			}
			out, err := Post(tx, vs)
			if err != nil {
				return err
			}
			if out[255].No != 128 || out[254].No != 128 || out[0].No != 1 {
				t.Errorf("numbers have gaps: %d %d %d", out[0].No, out[254].No, out[255].No)
			}
			got, err := Get(tx, region, out[7].ID())
			if err != nil || len(got.Lines) != 2 || got.Lines[0].Fen != 107 || got.Month.String() != "2024-06" {
				t.Errorf("Get = %+v, %v", got, err)
			}
			return nil
		})
		for _, bad := range []func(*Voucher){
			func(v *Voucher) { v.Lines[0].Fen++ },
			func(v *Voucher) { v.Lines[0].Account = ForMedical },
			func(v *Voucher) { v.Book = "other" },
			func(v *Voucher) { v.Book = Medical }, // its chart has no home care: no voucher touches two books
			func(v *Voucher) { v.Lines = v.Lines[:1] },
			func(v *Voucher) { v.Lane = Lanes },
			func(v *Voucher) { v.Key = "" },
		} {
			v := settle("bad", 0, "2024-06-01", 5)
			bad(&v)
			if err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := Post(tx, []Voucher{v}); return err }); err == nil {
				t.Errorf("posted %+v", v)
			}
		}
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := Post(tx, []Voucher{settle("v3", 5, "2024-06-01", 1)})
			return err
		})
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("a key posted twice: %v", err)
		}
		if rep := verify(t, d); !rep.OK || rep.Vouchers != 256 || rep.Postings != 512 || rep.Debit != rep.Credit {
			t.Errorf("verify: %+v", rep)
		}
	})
}

// T-15: each of 500 vouchers is reversed by two clients at once; one wins.
func TestT15ReverseOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		const n = 500
		ids := make([]string, n)
		write1(t, d, func(tx *db.Tx) error {
			var vs []Voucher
			for i := range n {
				vs = append(vs, settle(fmt.Sprint("v", i), int64(i%Lanes), "2024-06-01", 100))
			}
			out, err := Post(tx, vs)
			for i := range out {
				ids[i] = out[i].ID()
			}
			return err
		})
		var won, lost atomic.Int64
		var wg sync.WaitGroup
		for client := range 2 {
			wg.Go(func() {
				for i := range ids {
					err := d.Write(context.Background(), func(tx *db.Tx) error {
						// Different lanes, so that the loser is not saved by one head's lock alone.
						_, err := ReverseMany(tx, region, []string{ids[i]}, int64(client), "录错", "c")
						return err
					})
					switch {
					case err == nil:
						won.Add(1)
					case fault.Is(err, fault.Conflict), db.IsUnique(err):
						lost.Add(1)
					default:
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if won.Load() != n || lost.Load() != n {
			t.Errorf("%d reversals won, %d lost, want %d each", won.Load(), lost.Load(), n)
		}
		if rep := verify(t, d); !rep.OK || rep.Vouchers != 2*n {
			t.Errorf("verify: %+v", rep)
		}
		d.Read(context.Background(), func(tx *db.Tx) error {
			if b, err := Balance(tx, region, LTCI, DueCare); b != 0 || err != nil {
				t.Errorf("balance after reversal = %d, %v", b, err)
			}
			if _, err := Get(tx, region, "ltci-99-1"); !fault.Is(err, fault.NotFound) {
				t.Errorf("a voucher that is not there: %v", err)
			}
			return nil
		})
	})
}

// T-18: closed figures never change, late entries land in the open month with
// a reference, a second close, also at the same time, is a no-op.
func TestT18MonthClose(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s := &Service{Log: &audit.Log{DB: d}}
		ctx := context.Background()
		write1(t, d, func(tx *db.Tx) error {
			_, err := Post(tx, []Voucher{settle("a", 0, "2024-04-30", 100), settle("b", 3, "2024-05-02", 200)})
			return err
		})
		may, june := day.MustParse("2024-05-01").Month(), day.MustParse("2024-06-01").Month()
		if _, err := s.Close(ctx, clerk, region, LTCI, june, "k0"); !fault.Is(err, fault.Conflict) {
			t.Errorf("closing a running month: %v", err)
		}
		var wg sync.WaitGroup
		var closed atomic.Int64
		for i := range 4 {
			wg.Go(func() {
				r, err := s.Close(ctx, clerk, region, LTCI, may, fmt.Sprint("k", i+1))
				if err != nil {
					t.Error(err)
				}
				closed.Add(int64(r.Closed))
			})
		}
		wg.Wait()
		if closed.Load() != 2 {
			t.Errorf("April and May closed %d times in all, want 2", closed.Load())
		}
		before, err := s.ReadStatement(ctx, region, LTCI, may)
		if err != nil || !before.Closed || !before.Balanced || before.Expense != 200 || before.Fund != -300 {
			t.Fatalf("statement of May: %+v, %v", before, err)
		}
		write1(t, d, func(tx *db.Tx) error {
			out, err := Post(tx, []Voucher{settle("late", 5, "2024-05-20", 7)})
			if err != nil {
				return err
			}
			if out[0].Month != june || out[0].LateOf != may {
				t.Errorf("late voucher in %s of %s", out[0].Month, out[0].LateOf)
			}
			return nil
		})
		after, err := s.ReadStatement(ctx, region, LTCI, may)
		if err != nil || after.Check != before.Check {
			t.Errorf("a closed month changed: %s → %s, %v", before.Check, after.Check, err)
		}
		open, err := s.ReadStatement(ctx, region, LTCI, june)
		if err != nil || open.Closed || open.Expense != 7 || open.Fund != -307 || !open.Balanced {
			t.Errorf("statement of June: %+v, %v", open, err)
		}
		d.Read(ctx, func(tx *db.Tx) error {
			if b, err := Balance(tx, region, LTCI, DueCare); b != -307 || err != nil {
				t.Errorf("balance = %d, %v", b, err)
			}
			return nil
		})
		// By party: the closed months from their sums, the open one from its postings.
		byParty := func() map[string]money.Fen {
			sum := map[string]money.Fen{}
			d.Read(ctx, func(tx *db.Tx) error {
				fs, err := Flows(tx, region, LTCI)
				if err != nil {
					t.Error(err)
				}
				for _, f := range fs {
					sum[f.Account+"/"+string(f.Kind)+"/"+f.Party] += f.Fen
				}
				return nil
			})
			return sum
		}
		open1 := byParty()
		var raw money.Fen
		if err := d.Raw().QueryRow(`SELECT CAST(SUM(fen) AS BIGINT) FROM fund_posting WHERE account = '` + DueCare + `'`).Scan(&raw); err != nil {
			t.Fatal(err)
		}
		var sum money.Fen
		for _, fen := range open1 {
			sum += fen
		}
		if raw != -307 || sum != raw || len(open1) == 0 {
			t.Errorf("by party %v, postings %d", open1, raw)
		}
		c.Add(40 * 24 * time.Hour)
		if _, err := s.Close(ctx, clerk, region, LTCI, june, "k9"); err != nil {
			t.Fatal(err)
		}
		if got := byParty(); !maps.Equal(got, open1) {
			t.Errorf("the close changed the sums by party: %v, %v", open1, got)
		}
		if rep := verify(t, d); !rep.OK {
			t.Errorf("verify: %+v", rep)
		}
		if _, err := d.Raw().Exec(`UPDATE fund_party SET fen = fen + 1 WHERE account = '` + DueCare + `'`); err != nil {
			t.Fatal(err)
		}
		if rep := verify(t, d); rep.OK || !strings.Contains(rep.Faults[0].Say, "往来单位") {
			t.Errorf("a changed sum of a party was not found: %+v", rep)
		}
		if _, err := d.Raw().Exec(`UPDATE fund_party SET fen = fen - 1 WHERE account = '` + DueCare + `'`); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Raw().Exec(`UPDATE fund_month SET debit = debit + 1, closing = closing + 1 WHERE month = '2024-05' AND account = '` + ForHome + `'`); err != nil {
			t.Fatal(err)
		}
		if rep := verify(t, d); rep.OK {
			t.Error("a changed month close was not found")
		}
	})
}

func TestBankNeverNegative(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s := &Service{Log: &audit.Log{DB: d}}
		ctx := context.Background()
		in := Receipt{Book: LTCI, From: FromEmployer, Fen: 1000, On: day.MustParse("2024-06-03"), Slip: "H1"}
		v, err := s.Receive(ctx, clerk, region, in, "k1")
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.Receive(ctx, clerk, region, in, "k1"); err != nil || again.ID() != v.ID() {
			t.Errorf("same key: %v %v", again.ID(), err)
		}
		if _, err := s.Receive(ctx, clerk, region, in, "k2"); !fault.Is(err, fault.Conflict) {
			t.Errorf("same slip under another key: %v", err)
		}
		if _, err := s.Fill(ctx, clerk, region, Receipt{Book: LTCI, Fen: 1001, On: in.On, Slip: "H2"}, "k3"); !fault.Is(err, fault.Conflict) {
			t.Errorf("more than the treasury account holds: %v", err)
		}
		if _, err := s.Fill(ctx, clerk, region, Receipt{Book: LTCI, Fen: 1000, On: in.On, Slip: "H2"}, "k4"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reverse(ctx, clerk, region, v.ID(), "记错", "k5"); !fault.Is(err, fault.Conflict) {
			t.Errorf("reversing money that has moved on: %v", err)
		}
		if rep := verify(t, d); !rep.OK || rep.Vouchers != 2 {
			t.Errorf("verify: %+v", rep)
		}
	})
}

// T-23, the ledger's part: one changed, deleted, swapped or inserted row, also
// with its own hash recomputed, is found and named.
func TestT23Tamper(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	const n = 300
	write1(t, d, func(tx *db.Tx) error {
		var vs []Voucher
		for i := range n {
			vs = append(vs, settle(fmt.Sprint("v", i), 0, "2024-06-01", money.Fen(100+i)))
		}
		_, err := Post(tx, vs)
		return err
	})
	undo := errors.New("undo")
	rapid.Check(t, func(rt *rapid.T) {
		seq := rapid.Int64Range(1, 2*n-1).Draw(rt, "seq")
		no := (seq + 1) / 2
		what := rapid.SampledFrom([]string{"fen", "account", "party", "month", "kind", "delete", "swap", "voucher memo", "voucher gone", "voucher day", "rehash", "cut"}).Draw(rt, "what")
		var rep Report
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			var err error
			exec := func(q string, args ...any) {
				if _, e := tx.Exec(q, args...); e != nil {
					err = e
				}
			}
			switch what {
			case "fen":
				exec(`UPDATE fund_posting SET fen = fen + 1 WHERE seq = $1`, seq)
			case "account":
				exec(`UPDATE fund_posting SET account = $2 WHERE seq = $1`, seq, Deposits)
			case "party":
				exec(`UPDATE fund_posting SET party = 'J002' WHERE seq = $1`, seq)
			case "month":
				exec(`UPDATE fund_posting SET month = 'x' WHERE seq = $1`, seq)
			case "kind":
				exec(`UPDATE fund_posting SET kind = 'pay' WHERE seq = $1`, seq)
			case "delete":
				exec(`DELETE FROM fund_posting WHERE seq = $1`, seq)
			case "swap":
				exec(`UPDATE fund_posting SET seq = -1 WHERE seq = $1`, seq)
				exec(`UPDATE fund_posting SET seq = $1 WHERE seq = $2`, seq, seq+1)
				exec(`UPDATE fund_posting SET seq = $1 WHERE seq = -1`, seq+1)
			case "voucher memo":
				exec(`UPDATE fund_voucher SET memo = memo || '.' WHERE no = $1`, no)
			case "voucher gone":
				exec(`DELETE FROM fund_voucher WHERE no = $1`, no)
			case "voucher day":
				exec(`UPDATE fund_voucher SET on_day = '2024-13-99' WHERE no = $1`, no)
			case "rehash":
				ps, e := walkLane(tx, region, LTCI, 0, seq-2, 2)
				if seq == 1 {
					ps, e = walkLane(tx, region, LTCI, 0, 0, 1)
				}
				if e != nil {
					return e
				}
				p, last := ps[len(ps)-1], ""
				if len(ps) == 2 {
					last = ps[0].hash
				}
				p.line.Party = "J002"
				exec(`UPDATE fund_posting SET party = 'J002', hash = $2 WHERE seq = $1`, seq, hash(last, &p.v, p.seq, p.line))
			case "cut":
				exec(`DELETE FROM fund_posting WHERE seq > $1`, seq)
				seq++
			}
			if err != nil {
				return err
			}
			if err := rep.region(tx, region); err != nil {
				return err
			}
			return undo
		})
		if !errors.Is(err, undo) {
			rt.Fatal(err)
		}
		if len(rep.Faults) == 0 {
			rt.Fatalf("%s at %d was not found", what, seq)
		}
		want := seq
		if len(what) > 7 && what[:7] == "voucher" {
			want = no*2 - 1 // the first posting of the voucher
		}
		if got := rep.Faults[0].Seq; got != want {
			rt.Fatalf("%s at %d was located at %d: %s", what, want, got, rep.Faults[0].Say)
		}
	})
}

// Whatever is posted, reversed and closed in whatever order: sums are zero,
// numbers have no gap, balances equal the sum of the postings (T-12 in small).
func TestT12Model(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		serial := 0
		rapid.Check(t, func(rt *rapid.T) {
			if serial > 400 { // one growing ledger per engine is enough
				return
			}
			ctx := context.Background()
			s := &Service{Log: &audit.Log{DB: d}}
			var due money.Fen
			d.Read(ctx, func(tx *db.Tx) (err error) { due, err = Balance(tx, region, LTCI, DueCare); return })
			for range rapid.IntRange(1, 8).Draw(rt, "steps") {
				serial++
				switch rapid.IntRange(0, 9).Draw(rt, "op") {
				case 0:
					c.Add(20 * 24 * time.Hour)
				case 1:
					m := day.FromTime(c.Now()).Month() - 1
					if _, err := s.Close(ctx, clerk, region, LTCI, m, ""); err != nil {
						rt.Fatal(err)
					}
				case 2, 3:
					id := fmt.Sprintf("ltci-0-%d", rapid.IntRange(1, 60).Draw(rt, "no"))
					err := d.Write(ctx, func(tx *db.Tx) error {
						v, err := Reverse(tx, region, id, "r", "t")
						if err == nil {
							for _, l := range v.Lines {
								if l.Account == DueCare {
									due += l.Fen
								}
							}
						}
						return err
					})
					if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
						rt.Fatal(err)
					}
				default:
					fen := money.Fen(rapid.Int64Range(1, 1e9).Draw(rt, "fen"))
					on := day.FromTime(c.Now()).AddDays(-rapid.IntRange(0, 90).Draw(rt, "back"))
					write1(t, d, func(tx *db.Tx) error {
						_, err := Post(tx, []Voucher{settle(fmt.Sprint("m", serial), int64(rapid.IntRange(0, 2).Draw(rt, "lane")), on.String(), fen)})
						return err
					})
					due -= fen
				}
			}
			d.Read(ctx, func(tx *db.Tx) error {
				if b, err := Balance(tx, region, LTCI, DueCare); b != due || err != nil {
					rt.Fatalf("balance %d, model %d, %v", b, due, err)
				}
				return nil
			})
			if rep := verify(t, d); !rep.OK {
				rt.Fatalf("verify: %+v", rep)
			}
		})
	})
}

// Every voucher comes with its own lines, found by halving the lane, also where
// two months alternate and vouchers have lines of different number.
func TestLinesOfVouchers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		const n = 300
		var vs []Voucher
		for i := range n {
			on := "2024-05-02"
			if i%3 == 0 || i > 250 {
				on = "2024-04-02"
			}
			v := settle(fmt.Sprintf("v%03d", i), 0, on, money.Fen(i+1))
			for k := range i % 4 {
				v.Lines = append(v.Lines, Line{ForHome, "J002", money.Fen(k + 1)}, Line{DueCare, "J002", -money.Fen(k + 1)})
			}
			vs = append(vs, v)
		}
		write1(t, d, func(tx *db.Tx) error { _, err := Post(tx, vs); return err })
		want := map[string]Voucher{}
		for _, v := range vs {
			want[v.Key] = v
		}
		d.Read(context.Background(), func(tx *db.Tx) error {
			seen := 0
			for _, m := range []string{"2024-04-01", "2024-05-01"} {
				for after := ""; ; {
					page, err := Vouchers(tx, region, LTCI, day.MustParse(m).Month(), after, 50)
					if err != nil {
						t.Fatal(err)
					}
					for _, v := range page {
						if fmt.Sprint(v.Lines) != fmt.Sprint(want[v.Key].Lines) {
							t.Errorf("%s: %v, want %v", v.Key, v.Lines, want[v.Key].Lines)
						}
						seen++
					}
					if len(page) < 50 {
						break
					}
					after = page[len(page)-1].ID()
				}
			}
			if seen != n {
				t.Errorf("%d of %d vouchers", seen, n)
			}
			for _, no := range []int64{1, 2, n} {
				v, err := Get(tx, region, Voucher{Book: LTCI, No: no}.ID())
				if err != nil || fmt.Sprint(v.Lines) != fmt.Sprint(want[v.Key].Lines) {
					t.Errorf("voucher %d: %v, %v", no, v.Lines, err)
				}
			}
			return nil
		})
	})
}
