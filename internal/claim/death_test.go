package claim

import (
	"strings"
	"testing"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

// Nothing is paid for a day after a death, whether or not the benefit was ended
// by then; the bill says why with its clause, and pays again when the register
// was wrong.
func TestNothingAfterDeath(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		p := tn.people[0]
		visits := tn.visits([]int{0}, onDay(today.String()))
		dead := func(on day.Day, end bool) {
			t.Helper()
			must(t, d.Write(t.Context(), func(tx *db.Tx) error {
				if err := tn.Persons.PutDeceased(tx, region, map[string]day.Day{p: on}); err != nil || !end {
					return err
				}
				if on == 0 {
					return benefit.Revive(tx, region, []string{p})
				}
				v, err := tn.Packs.At(region, tx.Today())
				if err == nil {
					_, err = benefit.Died(tx, v, region, map[string]day.Day{p: on})
				}
				return err
			}))
		}
		for _, end := range []bool{false, true} {
			dead(today-1, end)
			b, err := tn.QuoteVisit(t.Context(), tn.self(0), region, visits[0])
			must(t, err)
			if b.Fund != 0 || b.PersonFen != b.Total || b.Total == 0 || len(b.Takes) != 0 {
				t.Errorf("benefit ended %v: %+v", end, b)
			}
			why, err := tn.Log.Decision(t.Context(), region, b.Decision)
			if err != nil || !why.Cites() || !strings.Contains(why.Out, "身故") || !strings.Contains(why.Out, (today-1).Chinese()) {
				t.Errorf("why %+v, %v", why, err)
			}
		}
		dead(today, true) // the day itself still counts
		if b, err := tn.QuoteVisit(t.Context(), tn.self(0), region, visits[0]); err != nil || b.Fund == 0 {
			t.Errorf("on the day of the death: %+v, %v", b, err)
		}
		dead(today-5, true)
		dead(0, true)
		if b, err := tn.QuoteVisit(t.Context(), tn.self(0), region, visits[0]); err != nil || b.Fund == 0 {
			t.Errorf("the register was wrong: %+v, %v", b, err)
		}
	})
}
