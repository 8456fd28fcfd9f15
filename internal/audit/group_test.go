package audit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// A bank small enough to see: accounts with a cap, one taking per request.
type take struct {
	Account string
	N       int64
}

func bank(t *testing.T, d *db.DB) {
	t.Helper()
	if _, err := d.Raw().Exec(`CREATE TABLE bank_account (region TEXT NOT NULL, id TEXT NOT NULL, used BIGINT NOT NULL, CHECK (used <= 100), PRIMARY KEY (region, id))`); err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"320700", "350100"} {
		for i := range 20 {
			if _, err := d.Raw().Exec(`INSERT INTO bank_account VALUES ($1,$2,0)`, region, fmt.Sprint("a", i)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func takes(tx *db.Tx, region string, batch []Request[take]) ([]Outcome[int64], error) {
	outs := make([]Outcome[int64], len(batch))
	for i, r := range batch {
		if r.In.N == 13 {
			return nil, errors.New("thirteen sinks the group")
		}
		used, err := db.One(tx, db.Value[int64], `SELECT used FROM bank_account WHERE region = $1 AND id = $2`, region, r.In.Account)
		if err != nil {
			return nil, err
		}
		if used+r.In.N > 100 {
			outs[i].Err = fault.Refuse(nil, "已用 %d，不够 %d", used, r.In.N)
			continue
		}
		if _, err := tx.Exec(`UPDATE bank_account SET used = used + $3 WHERE region = $1 AND id = $2`, region, r.In.Account, r.In.N); err != nil {
			return nil, err
		}
		outs[i].Out = used + r.In.N
	}
	return outs, nil
}

func number(t *testing.T, d *db.DB, q string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := d.Raw().QueryRow(q, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestGroupManyClients(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		bank(t, d)
		l := &Log{DB: d}
		g := NewGroup(l, GroupOptions{Lane: 7}, takes, nil)
		defer g.Close()
		ctx := context.Background()
		var done, refused atomic.Int64
		var wg sync.WaitGroup
		for c := range 32 {
			wg.Go(func() {
				region := []string{"320700", "350100"}[c%2]
				for i := range 20 {
					key := fmt.Sprintf("k%d-%d", c, i)
					q := take{fmt.Sprint("a", i), 10}
					act := Act{Region: region, Verb: "bank.take", Object: q.Account, Key: key, Body: q}
					got, err := g.Do(ctx, System(region), act, q.Account, q)
					switch {
					case err == nil:
						done.Add(1)
					case fault.Is(err, fault.Refused):
						refused.Add(1)
						continue
					default:
						t.Error(err)
						return
					}
					again, err := g.Do(ctx, System(region), act, "other lane "+key, q)
					if err != nil || again != got {
						t.Errorf("again: %d, %v; first %d", again, err, got)
					}
					act.Body = "another"
					if _, err := g.Do(ctx, System(region), act, q.Account, q); !fault.Is(err, fault.Conflict) {
						t.Errorf("other body: %v", err)
					}
				}
			})
		}
		wg.Wait()
		// 2 regions × 20 accounts × 100 ÷ 10; 16 clients ask each account once.
		if done.Load() != 400 || refused.Load() != 240 {
			t.Errorf("done %d, refused %d; want 400 and 240", done.Load(), refused.Load())
		}
		if n := number(t, d, `SELECT CAST(SUM(used) AS BIGINT) FROM bank_account`); n != 4000 {
			t.Errorf("used %d, want 4000", n)
		}
		for what, want := range map[string]int64{"done": 400, "refused": 240} {
			if n := number(t, d, `SELECT COUNT(*) FROM audit_event WHERE result = $1`, what); n != want {
				t.Errorf("%d events %s, want %d", n, what, want)
			}
		}
	})
}

func TestGroupOneBadRequestSinksNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		bank(t, d)
		gate := make(chan struct{})
		first := make(chan struct{})
		var once sync.Once
		g := NewGroup(&Log{DB: d}, GroupOptions{Lanes: 1}, func(tx *db.Tx, region string, batch []Request[take]) ([]Outcome[int64], error) {
			once.Do(func() { close(first); <-gate })
			return takes(tx, region, batch)
		}, nil)
		defer g.Close()
		ask := func(i int, n int64, key string) error {
			_, err := g.Do(context.Background(), System("320700"), Act{Region: "320700", Verb: "bank.take", Key: key, Body: n}, "x", take{fmt.Sprint("a", i), n})
			return err
		}
		errs := make([]error, 12)
		var wg sync.WaitGroup
		wg.Go(func() { errs[0] = ask(0, 1, "k0") })
		<-first // the committer is busy: what follows becomes one group
		for i := 1; i < 12; i++ {
			n, key := int64(1), fmt.Sprint("k", i)
			switch i {
			case 3:
				n = 13
			case 5, 6:
				key = "twin"
			}
			wg.Go(func() { errs[i] = ask(i, n, key) })
		}
		for len(g.lanes[0]) < 11 {
		}
		close(gate)
		wg.Wait()
		for i, err := range errs {
			if (err != nil) != (i == 3) {
				t.Errorf("request %d: %v", i, err)
			}
		}
		if n := number(t, d, `SELECT CAST(SUM(used) AS BIGINT) FROM bank_account`); n != 10 {
			t.Errorf("used %d, want 10: twelve requests less the bad one and the twin", n)
		}
	})
}

func TestGroupFullAndClosedAreBusy(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	gate := make(chan struct{})
	entered := make(chan struct{}, 10)
	g := NewGroup(&Log{DB: d}, GroupOptions{Queue: 1}, func(_ *db.Tx, _ string, batch []Request[int]) ([]Outcome[int], error) {
		entered <- struct{}{}
		<-gate
		return make([]Outcome[int], len(batch)), nil
	}, nil)
	act := Act{Region: "320700", Verb: "bank.take"}
	var wg sync.WaitGroup
	ask := func() { g.Do(context.Background(), System("320700"), act, "x", 1) }
	wg.Go(ask)
	<-entered
	wg.Go(ask)
	for len(g.lanes[0]) < 1 {
	}
	if _, err := g.Do(context.Background(), System("320700"), act, "x", 1); !fault.Is(err, fault.Busy) {
		t.Errorf("full: %v, want busy", err)
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	close(gate)
	wg.Wait()
	if _, err := g.Do(gone, System("320700"), act, "x", 1); !fault.Is(err, fault.Busy) {
		t.Errorf("caller gone: %v, want busy", err)
	}
	g.Close()
	if _, err := g.Do(context.Background(), System("320700"), act, "x", 1); !fault.Is(err, fault.Busy) {
		t.Errorf("closed: %v, want busy", err)
	}
	if n := number(t, d, `SELECT COUNT(*) FROM audit_event`); n != 2 {
		t.Errorf("%d events, want 2", n)
	}
}
