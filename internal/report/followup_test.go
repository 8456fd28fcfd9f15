package report

import (
	"testing"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

// What ended in a week is found, both days included, with who is of a key group;
// complaints and what is still open are not.
func TestEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		from, _ := day.Parse("2024-05-06")
		to := from + 6
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			for _, p := range []string{"p1", "p2"} {
				put(t, tx, "person_person", "id_index$ id_sealed$ id_tail$ pinyin$ sex$ birth$ phone_index$ phone_sealed$ district$ community$ address$ lat lng deceased$ digest$ updated",
					map[string]any{"region": region, "id": p, "name": "王" + p, "id_index": p, "resident": true})
			}
			put(t, tx, "person_group", "source$ since$", map[string]any{"region": region, "person": "p2", "name": "特困"})
			for _, v := range []struct{ id, person, on, status string }{{"v1", "p1", "2024-05-06", "done"}, {"v2", "p2", "2024-05-12", "done"}, {"v3", "p1", "2024-05-05", "done"}, {"v4", "p1", "2024-05-13", "done"}, {"v5", "p1", "2024-05-08", "planned"}} {
				put(t, tx, "care_visit", "institution$ plan$ staff$ mode$ planned_items$ begin_at end_at planned_at planned_minutes minutes place$ items$ evidence$ confirmed$ trouble$ lines$ bill_decision$ suspect_decision$ suspects note$ version at",
					map[string]any{"region": region, "id": v.id, "person": v.person, "on_day": v.on, "status": v.status})
			}
			for _, x := range []struct {
				id, matter, status string
				at                 int64
			}{{"c1", "assess", "done", midnight(from)}, {"c2", "assess", "open", midnight(from)}, {"c3", "complaint", "done", midnight(from)}, {"c4", "assess", "refused", midnight(to+1) - 1}, {"c5", "assess", "done", midnight(to + 1)}} {
				put(t, tx, "desk_case", "stage$ channel$ applicant$ relation$ district$ rank priority$ due_from$ due$ due_days missing checks_ok checks_all version created",
					map[string]any{"region": region, "id": x.id, "matter": x.matter, "status": x.status, "person": "p1", "opened": "2024-05-01", "changed": x.at})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s := &Service{Log: &audit.Log{DB: d}}
		vs, err := s.VisitsEnded(t.Context(), region, from, to)
		if err != nil || len(vs) != 2 || vs[0].Object != "v1" || vs[0].Key || !vs[1].Key || vs[1].Name != "王p2" {
			t.Errorf("%+v %v", vs, err)
		}
		cs, err := s.CasesEnded(t.Context(), region, from, to)
		if err != nil || len(cs) != 2 || cs[0].Object != "c1" || cs[1].Object != "c4" {
			t.Errorf("%+v %v", cs, err)
		}
	})
}
