package person

import (
	"context"
	"fmt"
	"testing"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

// Who contributes is counted by kind and by the first of the groups, in one statement.
func TestClasses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		on := day.MustParse("2024-06-03")
		rows := []struct{ id, birth, deceased, kind, status, since, until, groups string }{
			{"a", "1960-01-01", "", "employee", "active", "2024-01-01", "", ""},
			{"b", "1960-01-01", "", "employee", "active", "2024-01-01", "2024-06-03", "特困"},
			{"c", "1960-01-01", "", "employee", "active", "2024-01-01", "", "重残特困"}, // counts for the first
			{"d", "1960-01-01", "", "employee", "active", "2024-01-01", "", "高龄"},   // pays the own part
			{"e", "1960-01-01", "", "resident", "active", "2024-01-01", "", "重残"},
			{"f", "2006-06-03", "", "resident", "active", "2024-01-01", "", ""}, // 18 today
			{"g", "2006-06-04", "", "resident", "active", "2024-01-01", "", ""},
			{"h", "1960-01-01", "2024-06-02", "employee", "active", "2024-01-01", "", ""}, // dead
			{"i", "1960-01-01", "", "employee", "paused", "2024-01-01", "", ""},
			{"j", "1960-01-01", "", "employee", "active", "2024-06-04", "", ""}, // not yet
			{"k", "1960-01-01", "", "employee", "active", "2024-01-01", "2024-06-02", ""},
		}
		var got []Class
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			for _, r := range rows {
				if _, err := tx.Exec(`INSERT INTO person_person (region, id, name, pinyin, sex, birth, id_index, id_sealed, id_tail, phone_index, phone_sealed, district, community, address, lat, lng, resident, deceased, digest, updated)
					VALUES ('990100', $1, 'n', 'n', '女', $2, $1, '', '', '', '', '', '', '', 0, 0, TRUE, $3, '', 0)`, r.id, r.birth, r.deceased); err != nil {
					return err
				}
				if _, err := tx.Exec(`INSERT INTO person_coverage (region, person, scheme, since, until, kind, status, paid) VALUES ('990100', $1, 'ltci', $2, $3, $4, $5, '')`, r.id, r.since, r.until, r.kind, r.status); err != nil {
					return err
				}
				for g := []rune(r.groups); len(g) > 1; g = g[2:] {
					if _, err := tx.Exec(`INSERT INTO person_group (region, person, name, source, since) VALUES ('990100', $1, $2, '民政', '2024-01-01')`, r.id, string(g[:2])); err != nil {
						return err
					}
				}
			}
			var err error
			got, err = (&Service{}).Classes(tx, "990100", on, []string{"特困", "重残"})
			return err
		})
		if want := "[{employee  2 0 0.00} {employee 特困 2 0 0.00} {minor  1 0 0.00} {resident  1 0 0.00} {resident 重残 1 0 0.00}]"; err != nil || fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s, %v", got, want, err)
		}
	})
}
