package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/money"
)

const region = "990600"

// put writes a row that names only what the test is about; the rest is empty.
func put(t *testing.T, tx *db.Tx, table, numbers string, row map[string]any) {
	t.Helper()
	var cols []string
	var vals []any
	for c, v := range row {
		cols, vals = append(cols, c), append(vals, v)
	}
	for _, c := range strings.Fields(numbers) {
		name, text := strings.CutSuffix(c, "$")
		if _, ok := row[name]; ok {
			continue
		}
		cols = append(cols, name)
		if text {
			vals = append(vals, "")
		} else {
			vals = append(vals, int64(0))
		}
	}
	if _, err := tx.Insert(table, cols, [][]any{vals}, ""); err != nil {
		t.Fatal(err)
	}
}

func TestBoard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		ctx := t.Context()
		err := d.Write(ctx, func(tx *db.Tx) error {
			seq := int64(0)
			post := func(region, book, month, account string, fen int64) {
				seq++
				put(t, tx, "fund_posting", "lane no kind$ party$ prev$ hash$", map[string]any{"region": region, "book": book, "seq": seq, "month": month, "account": account, "fen": fen})
			}
			post(region, "ltci", "2024-05", "1101", 100_000)
			post(region, "ltci", "2024-05", "4101", -100_000)
			post(region, "ltci", "2024-06", "5101", 7_500)
			post(region, "ltci", "2024-06", "2101", -7_500)
			post(region, "ltci", "2024-06", "1102", -2_500)
			post(region, "medical", "2024-06", "4101", -999)
			post("990700", "ltci", "2024-06", "4101", -999)
			for i, level := range []int64{3, 3, 5} {
				id := string(rune('a' + i))
				put(t, tx, "person_person", "name$ pinyin$ sex$ birth$ id_index$ id_sealed$ id_tail$ phone_index$ phone_sealed$ community$ address$ lat lng deceased$ digest$ updated",
					map[string]any{"region": region, "id": id, "id_index": id, "district": []string{"海州", "海州", "连云"}[i], "resident": true})
				put(t, tx, "benefit_benefit", "case_id$ decision$ decided_on$ ended_by$ version at",
					map[string]any{"region": region, "id": id, "person": id, "level": level, "from_day": "2024-01-01", "to_day": "2025-12-31"})
			}
			put(t, tx, "benefit_benefit", "case_id$ decision$ decided_on$ ended_by$ version at",
				map[string]any{"region": region, "id": "over", "person": "a", "level": int64(4), "from_day": "2022-01-01", "to_day": "2023-12-31"})
			for _, e := range []struct{ visit, status, due string }{{"v1", "answered", "2024-06-01"}, {"v2", "answered", "2024-06-05"}, {"v3", "open", ""}, {"v4", "accepted", ""}} {
				put(t, tx, "care_exception", "person$ staff$ on_day$ clause$ answer$ answered_by$ evidence$ reason$ decided_by$ deduct_minutes version at",
					map[string]any{"region": region, "visit": e.visit, "kind": "overlap", "institution": "i1", "say": "两次上门时间重叠", "status": e.status, "answer_due": "2024-06-10", "decide_due": e.due})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s := &Service{Log: &audit.Log{DB: d}}
		june, _ := day.ParseMonth("2024-06")
		b, err := s.Board(ctx, region, june)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(b.Money); n != 12 || b.Money[10].In != 100_000 || b.Money[11].Out != 7_500 || b.Money[11].In != 0 {
			t.Errorf("money of 12 months: %v", b.Money)
		}
		if b.Balance != money.Fen(97_500) || b.People != 3 || b.Late != 1 {
			t.Errorf("balance %d, people %d, late %d; want 97500, 3, 1", b.Balance, b.People, b.Late)
		}
		if diff := cmp.Diff([]Count{{"海州", 2}, {"连云", 1}}, b.Districts); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]Count{{"5", 1}, {"3", 2}}, b.Levels); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]Doubt{{"overlap", 3, 1}}, b.Doubts); diff != "" {
			t.Error(diff)
		}
		if len(b.Urgent) != 2 || b.Urgent[0].Visit != "v1" {
			t.Errorf("urgent: %v", b.Urgent)
		}
		todo, err := s.Todo(ctx, region)
		if err != nil || todo.Doubts != 2 || todo.DoubtsLate != 1 {
			t.Errorf("todo %+v, %v; want 2 doubts, 1 late", todo, err)
		}
	})
}

// The number range of December must end in January of the next year.
func TestRoad(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			for _, id := range []string{"SL24113000001A", "SL24120100001B", "SL24123100001C", "SL25010100001D"} {
				put(t, tx, "assess_application", "person$ kind$ state$ round answers$ self_grade$ final_name$ visit_on$ visit_slot$ missing_what$ supply_by$ notice$ concluded_on$ delivered_on$ object_by$ valid_from$ valid_to$ renew_from$ previous$ d_apply$ d_order$ d_level$ d_conclude$ d_valid$ accepted_by$ entered_by$ entered_inst$ created changed",
					map[string]any{"region": region, "id": id, "recorded_level": int64(3), "final_level": int64(-1), "benefit": ""})
			}
			r, err := road(tx, region, 2024, 12)
			if err != nil {
				return err
			}
			if (r != Road{Applied: 2, Visited: 2}) {
				t.Errorf("December: %+v", r)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
