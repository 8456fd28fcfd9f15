package report

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

func TestAssessedAndServed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			app := func(id string, recorded, final int64, previous, concluded string) {
				put(t, tx, "assess_application", "person$ kind$ state$ round answers$ self_grade$ final_name$ visit_on$ visit_slot$ missing_what$ supply_by$ notice$ concluded_on$ delivered_on$ object_by$ valid_from$ valid_to$ renew_from$ previous$ d_apply$ d_order$ d_level$ d_conclude$ d_valid$ accepted_by$ entered_by$ entered_inst$ benefit$ created changed",
					map[string]any{"region": region, "id": id, "recorded_level": recorded, "final_level": final, "previous": previous, "concluded_on": concluded, "created": time.Date(2024, 5, 2, 10, 0, 0, 0, day.Shanghai).UnixMilli()})
			}
			app("SL230531000001", 5, 5, "", "2023-06-10") // before the twelve months
			app("SL230601000001", 3, 3, "", "2023-06-20")
			app("SL240502000001", 3, 4, "SL230601000001", "2024-05-22")
			app("SL240503000001", 5, 4, "SL230531000001", "2024-06-02")
			app("SL240503000002", 2, -1, "", "")
			app("SL240601000001", 1, 1, "", "2024-06-09") // after the month
			put(t, tx, "assess_objection", "name$ phone$ reason$ state$ account$ at", map[string]any{"region": region, "id": "o1", "case_id": "SL240502000001"})
			put(t, tx, "institution_institution", "kind$ grade$ district$ address$ phone$ lat lng from_day$ to_day$ status$ reason$ account_name$ account_sealed$ account_tail$ decision$ version at", map[string]any{"region": region, "id": "i1", "name": "康宁"})
			for i, v := range []struct {
				status         string
				late, min, day int64
			}{{"done", 0, 60, 3}, {"done", 45, 50, 4}, {"done", -40, 70, 5}, {"trouble", 0, 0, 6}, {"planned", 0, 0, 7}} {
				begin := int64(0)
				if v.status == "done" {
					begin = 1_000_000_000 + v.late*60_000
				}
				put(t, tx, "care_visit", "plan$ person$ staff$ mode$ planned_items$ end_at place$ items$ evidence$ confirmed$ trouble$ lines$ bill_decision$ suspect_decision$ suspects note$ version at",
					map[string]any{"region": region, "id": fmt.Sprint("v", i), "institution": "i1", "on_day": fmt.Sprintf("2024-05-%02d", v.day), "status": v.status,
						"planned_at": int64(1_000_000_000), "planned_minutes": int64(60), "begin_at": begin, "minutes": v.min})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s := &Service{Log: &audit.Log{DB: d}}
		may, _ := day.ParseMonth("2024-05")
		a, err := s.Assessed(t.Context(), region, may)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(a.Months); n != 12 || a.Months[0].Applied != 1 || a.Months[11].Applied != 3 || a.Months[11].Concluded != 2 {
			t.Errorf("months: %+v", a.Months)
		}
		a.Months = nil
		want := Assessed{Levels: []Count{{"3", 1}, {"4", 2}}, Compared: 3, Same: 1, Higher: 1, Worse: 1, Better: 1, Objected: 1, Days: []int64{20}}
		if diff := cmp.Diff(want, a); diff != "" {
			t.Error(diff)
		}
		b, err := s.Served(t.Context(), region, may)
		if err != nil {
			t.Fatal(err)
		}
		one := Service1{Visits: 5, Done: 3, Missed: 1, Trouble: 1, Timed: 3, Late: 1, Early: 1, Measured: 3, Short: 1, Long: 1, Finished: 3}
		if diff := cmp.Diff(one, b.All); diff != "" {
			t.Error(diff)
		}
		if len(b.Institutions) != 1 || b.Institutions[0].Name != "康宁" {
			t.Errorf("institutions: %+v", b.Institutions)
		}
	})
}

// Who has a benefit in each district, per thousand of the roster; the count of
// the roster is used again for half an hour, everything else is of now.
func TestPlaces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		person := func(tx *db.Tx, id, district, deceased string) {
			put(t, tx, "person_person", "id_sealed$ id_tail$ phone_index$ digest$ name$ pinyin$ sex$ birth$ phone_sealed$ community$ address$ lat lng updated", map[string]any{"region": region, "id": id, "id_index": id, "district": district, "deceased": deceased, "resident": true})
		}
		on := day.FromTime(dbtest.Start)
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			for i := range 4 {
				person(tx, fmt.Sprint("a", i), "海州区", "")
			}
			person(tx, "a9", "海州区", "2024-01-01")
			person(tx, "b0", "连云区", "")
			for _, b := range []struct{ id, from, to string }{{"a0", "2024-01-01", "2025-01-01"}, {"b0", "2024-01-01", "2024-05-01"}} {
				put(t, tx, "benefit_benefit", "case_id$ decision$ decided_on$ ended_by$ version at", map[string]any{"region": region, "id": "x" + b.id, "person": b.id, "level": int64(4), "from_day": b.from, "to_day": b.to})
			}
			for _, i := range []struct{ id, kind, district, status string }{{"i1", "care", "海州区", "active"}, {"i2", "point", "连云区", "active"}, {"i3", "care", "连云区", "suspended"}, {"i4", "assessment", "连云区", "active"}} {
				put(t, tx, "institution_institution", "grade$ address$ phone$ lat lng reason$ account_name$ account_sealed$ account_tail$ decision$ version at",
					map[string]any{"region": region, "id": i.id, "name": i.id, "kind": i.kind, "district": i.district, "status": i.status, "from_day": "2024-01-01", "to_day": "2025-01-01"})
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		s := &Service{Log: &audit.Log{DB: d}}
		got, err := s.Places(t.Context(), region, on)
		if err != nil {
			t.Fatal(err)
		}
		want := []Place{{District: "海州区", People: 4, Benefits: 1, Institutions: 1}, {District: "连云区", People: 1, Points: 1}}
		if diff := cmp.Diff(want, got); diff != "" || got[0].PerThousand() != 25000 {
			t.Error(diff, got[0].PerThousand())
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { person(tx, "b1", "连云区", ""); return nil }); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int64{1, 2} {
			if got, err = s.Places(t.Context(), region, on); err != nil || got[1].People != want {
				t.Errorf("%+v, want %d (%v)", got, want, err)
			}
			c.Add(31 * time.Minute)
		}
	})
}
