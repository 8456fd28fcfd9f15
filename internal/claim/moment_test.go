package claim

import (
	"fmt"
	"testing"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

// One item of one person at one minute from one institution is paid once; two
// carers at once with other items both are.
func TestMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		bill := func(visit string, items ...string) *Bill {
			b := &Bill{Region: region, Visit: visit, Person: "p", Institution: "i", Begin: 60_000 * 7}
			for _, i := range items {
				b.Lines = append(b.Lines, BillLine{Item: i})
			}
			return b
		}
		put := func(want string, bs ...*Bill) {
			t.Helper()
			var got map[string]string
			must(t, d.Write(ctx, func(tx *db.Tx) (err error) { got, err = putMoments(tx, region, bs); return err }))
			if fmt.Sprint(got) != want {
				t.Errorf("clash %v, want %s", got, want)
			}
		}
		a, b := bill("a", "L01", "L02", "L01"), bill("b", "L03")
		put("map[]", a)
		put("map[]", b)
		put("map[c:a]", bill("c", "L09", "L02"))
		put("map[d:b]", bill("d", "L03"), bill("e", "L04")) // e stays beside a and b
		put("map[g:f]", bill("f", "L05"), bill("g", "L05"), bill("h", "L06"))
		must(t, d.Write(ctx, func(tx *db.Tx) error { return clearMoment(tx, region, a) }))
		put("map[i:b]", bill("i", "L03")) // b has taken a's place at the key
		put("map[]", bill("c", "L09", "L02"))
		// Days of care have no minute: one each, and never the same day twice.
		onDay := func(visit, on string) *Bill {
			b := bill(visit, "F01")
			b.Begin, b.Institution, b.On = 0, "", day.MustParse(on)
			return b
		}
		put("map[]", onDay("j", "2024-05-10"), onDay("k", "2024-05-11"))
		put("map[l:j]", onDay("l", "2024-05-10"), onDay("m", "2024-05-12"))
		var text string
		must(t, d.Read(ctx, func(tx *db.Tx) error {
			rows, err := db.All(tx, func(r db.Row) (s string, err error) {
				var part int64
				var visit string
				err = r.Scan(&part, &visit)
				return fmt.Sprint(part, visit), err
			}, `SELECT part, visit FROM claim_moment WHERE region = $1 AND institution = 'i' ORDER BY part`, region)
			text = fmt.Sprint(rows)
			return err
		}))
		if text != "[0b 1e 2f 3h 4c]" {
			t.Errorf("parts: %s", text)
		}
	})
}
