package assess

import (
	"testing"

	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

// The rule of the limits, asked about a case, says the same as the case's own
// clock at every stage, and explains it with its clauses.
func TestLimitsOfACase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		limits := func(c Cmd) (Detail, Limits) {
			t.Helper()
			x := w.detail(w.clerk, c)
			l, why, err := x.Limits()
			w.ok(err)
			cited := 0
			for _, s := range why {
				if s.Clause() != nil {
					cited++
				}
			}
			if cited == 0 || len(l.Named()) == 0 {
				t.Errorf("%s: nothing is cited or named: %+v", x.App.State, l)
			}
			return x, l
		}
		c := w.apply() // asked to supplement and supplied on the way
		x, l := limits(c)
		if l.Accept != x.Case.Due || l.Accept.IsZero() || !l.Supplement.IsZero() || !l.Deliver.IsZero() {
			t.Errorf("received: %+v, clock %s", l, x.Case.Due)
		}
		w.pass(1)
		w.ok(w.Supplement(ctx, w.clerk, c, NeededMaterial))
		if x, l = limits(c); l.Supplement != x.App.SupplyBy || l.Supplement.IsZero() {
			t.Errorf("supplement: %+v, case %s", l, x.App.SupplyBy)
		}
		w.file(c, w.asDaughter, "record", jpeg)
		w.pass(1)
		w.ok(w.Supply(ctx, w.asDaughter, c))
		if x, l = limits(c); l.Accept != x.Case.Due || !l.Supplement.IsZero() {
			t.Errorf("supplied: %+v, clock %s", l, x.Case.Due)
		}
		w.ok(w.Accept(ctx, w.clerk, c, ""))
		if x, l = limits(c); l.Deliver != x.Case.Due || l.Deliver.IsZero() {
			t.Errorf("accepted: %+v, clock %s", l, x.Case.Due)
		}
	})
}
