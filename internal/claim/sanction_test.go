package claim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// Who deceived the fund is not settled at the door for the months of the text:
// the bill says so with its clause, the person pays, and nothing of it is left
// when the measure is taken back within ten minutes.
func TestSanctionOfInsured(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 2)
		c.Add(365 * 24 * time.Hour) // the text holds from December 2024
		now := today + 365
		clerk, other, p := hand("r1", "reviewer"), hand("r2", "reviewer"), tn.people[0]
		visits := tn.visits([]int{0, 1, 0}, onDay(now.String()))
		for _, bad := range []struct {
			months int64
			why    string
			kind   fault.Kind
		}{{2, "挂名服务", fault.Refused}, {13, "挂名服务", fault.Refused}, {6, " ", fault.Invalid}} {
			if _, err := tn.Punish(ctx, clerk, region, p, "", bad.months, bad.why); !fault.Is(err, bad.kind) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if _, err := tn.Punish(ctx, clerk, region, "nobody", "", 6, "挂名服务"); !fault.Is(err, fault.NotFound) {
			t.Errorf("nobody: %v", err)
		}
		x, err := tn.Punish(ctx, clerk, region, p, "k", 6, "挂名服务，查实 3 次")
		must(t, err)
		if again, err := tn.Punish(ctx, clerk, region, p, "k", 6, "挂名服务，查实 3 次"); err != nil || again.ID != x.ID {
			t.Fatalf("the same key: %+v, %v", again, err)
		}
		if _, err := tn.Punish(ctx, other, region, p, "", 3, "又一次"); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		dec, err := tn.Log.Decision(ctx, region, x.Decision)
		if err != nil || dec.Rule != "institution.sanction" || !dec.Cites() {
			t.Errorf("decision %+v, %v", dec, err)
		}

		b, err := tn.QuoteVisit(ctx, tn.self(0), region, visits[0])
		must(t, err)
		if b.Fund != 0 || b.PersonFen != b.Total || b.Total == 0 || len(b.Takes) != 0 {
			t.Errorf("a stopped bill: %+v", b)
		}
		why, err := tn.Log.Decision(ctx, region, b.Decision)
		if err != nil || !why.Cites() || !strings.Contains(why.Out, "暂停参保人联网结算，到"+x.To.Chinese()) || !strings.Contains(why.Out, "735") {
			t.Errorf("why %+v, %v", why, err)
		}
		if b, err := tn.QuoteVisit(ctx, tn.self(1), region, visits[1]); err != nil || b.Fund == 0 {
			t.Errorf("somebody else's bill: %+v, %v", b, err)
		}

		if _, err := tn.Pardon(ctx, other, region, p, x.ID, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another's measure: %v", err)
		}
		if _, err := tn.Pardon(ctx, clerk, region, p, "no", ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such: %v", err)
		}
		c.Add(9 * time.Minute)
		_, err = tn.Pardon(ctx, clerk, region, p, x.ID, "u")
		must(t, err)
		if _, err := tn.Pardon(ctx, clerk, region, p, x.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken back twice: %v", err)
		}
		if b, err := tn.QuoteVisit(ctx, tn.self(0), region, visits[0]); err != nil || b.Fund == 0 {
			t.Errorf("after it was taken back: %+v, %v", b, err)
		}

		y, err := tn.Punish(ctx, other, region, p, "", 3, "挂名服务")
		must(t, err)
		c.Add(10 * time.Minute)
		if _, err := tn.Pardon(ctx, other, region, p, y.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("after ten minutes: %v", err)
		}
		xs, err := tn.Sanctions(ctx, region, p)
		if err != nil || len(xs) != 2 || xs[0].ID != y.ID || !xs[0].On(y.To) || xs[0].On(y.To+1) || xs[1].On(now) {
			t.Errorf("%+v, %v", xs, err)
		}
		must(t, d.Read(ctx, func(tx *db.Tx) error {
			ps, err := benefit.Pauses(tx, region, p, now, day.MustParse("2030-01-01"))
			if len(ps) != 1 || !slices.ContainsFunc(ps, func(q benefit.Pause) bool { return q.Reason == "breach" && q.To == y.To }) {
				t.Errorf("pauses %+v", ps)
			}
			return err
		}))
	})
}
