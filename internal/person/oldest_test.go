package person

import (
	"fmt"
	"strings"
	"testing"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

// A page of the oldest is read from its index, in its order, whatever the size of
// the roster: no scan, no sort. The dead and who was born in 1970 or later are
// not in it.
func TestOldest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		s := service(t, d)
		const n = 6000
		first := day.MustParse("1925-01-01")
		cols := strings.Fields("region id name pinyin sex birth id_index id_sealed id_tail phone_index phone_sealed district community address lat lng resident deceased digest updated")
		write(t, d, func(tx *db.Tx) error {
			return tx.Bulk("person_person", cols, n, func(i int) []any {
				id, dead := fmt.Sprintf("p%05d", i), ""
				if i%10 == 3 {
					dead = "2024-01-01"
				}
				birth := first + day.Day(i*7919%n*6) // every day of ninety-nine years, in no order
				return []any{region, id, "某某", "moumou", "女", birth.String(), id, "", "0000", "", "", "", "", "", int64(0), int64(0), true, dead, "", int64(0)}
			})
		})
		analyze := map[db.Dialect]string{db.SQLite: "ANALYZE", db.Postgres: "ANALYZE person_person"}[d.Dialect]
		if _, err := d.Raw().Exec(analyze); err != nil {
			t.Fatal(err)
		}
		seen, after := 0, ""
		var last Person
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			for {
				page, err := s.Oldest(tx, region, after, 100)
				if err != nil {
					return err
				}
				for _, p := range page {
					if p.Birth < last.Birth || p.Deceased != 0 || p.Birth >= day.MustParse("1970-01-01") {
						t.Fatalf("%s born %s after %s, deceased %q", p.ID, p.Birth, last.Birth, p.Deceased)
					}
					last, seen = p, seen+1
				}
				if len(page) < 100 {
					return nil
				}
				after = OldestAfter(last)
			}
		}); err != nil {
			t.Fatal(err)
		}
		want := 0
		for i := range n {
			if i%10 != 3 && first+day.Day(i*7919%n*6) < day.MustParse("1970-01-01") {
				want++
			}
		}
		if seen != want {
			t.Errorf("%d people seen, want %d", seen, want)
		}

		explain := map[db.Dialect]string{db.SQLite: "EXPLAIN QUERY PLAN ", db.Postgres: "EXPLAIN "}[d.Dialect]
		birth, id, _ := strings.Cut(OldestAfter(last), "/")
		rows, err := d.Raw().Query(explain+selectOldest, region, birth, id, 100)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var plan strings.Builder
		names, _ := rows.Columns()
		for rows.Next() {
			v := make([]any, len(names))
			for i := range v {
				v[i] = new(any)
			}
			if err := rows.Scan(v...); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&plan, *v[len(v)-1].(*any))
		}
		for _, bad := range []string{"SCAN person_person", "Seq Scan", "TEMP B-TREE", "Sort"} {
			if strings.Contains(plan.String(), bad) || !strings.Contains(plan.String(), "person_person_oldest") {
				t.Fatalf("not read from the index in its order:\n%s", plan.String())
			}
		}
	})
}
