package report

import (
	"fmt"
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
			put(t, tx, "fund_month", "at", map[string]any{"region": region, "book": "ltci", "month": "2024-04", "account": "1101", "opening": int64(0), "debit": int64(300), "credit": int64(0), "closing": int64(300)})
			put(t, tx, "fund_month", "at", map[string]any{"region": region, "book": "ltci", "month": "2024-04", "account": "4101", "opening": int64(0), "debit": int64(0), "credit": int64(300), "closing": int64(-300)})
			post(region, "ltci", "2024-04", "4101", -777) // closed: the close counts, not this
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
			for _, e := range []struct{ visit, status, due string }{{"v1", "answered", "2024-06-01"}, {"v2", "answered", "2024-06-05"}, {"v3", "open", ""}, {"v4", "accepted", ""}, {"v5", "open", ""}} {
				answer := map[bool]string{true: "2024-05-30", false: "2024-06-10"}[e.visit == "v5"]
				put(t, tx, "care_exception", "person$ staff$ on_day$ clause$ answer$ answered_by$ evidence$ reason$ decided_by$ deduct_minutes version at",
					map[string]any{"region": region, "visit": e.visit, "kind": "overlap", "institution": "i1", "say": "两次上门时间重叠", "status": e.status, "answer_due": answer, "decide_due": e.due})
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
		if n := len(b.Money); n != 12 || b.Money[9].In != 300 || b.Money[10].In != 100_000 || b.Money[11].Out != 7_500 || b.Money[11].In != 0 {
			t.Errorf("money of 12 months: %v", b.Money)
		}
		if b.Balance != money.Fen(97_800) || b.People != 3 || b.Late != 2 {
			t.Errorf("balance %d, people %d, late %d; want 97800, 3, 2", b.Balance, b.People, b.Late)
		}
		if diff := cmp.Diff([]Count{{"海州", 2}, {"连云", 1}}, b.Districts); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]Count{{"5", 1}, {"3", 2}}, b.Levels); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]Doubt{{"overlap", 4, 2}}, b.Doubts); diff != "" {
			t.Error(diff)
		}
		if len(b.Urgent) != 3 || b.Urgent[0].Visit != "v5" || b.Urgent[0].Due != day.MustParse("2024-05-30") || b.Urgent[1].Visit != "v1" {
			t.Errorf("urgent: %v", b.Urgent)
		}
		todo, err := s.Todo(ctx, region)
		if err != nil || todo.Doubts != 3 || todo.DoubtsLate != 1 {
			t.Errorf("todo %+v, %v; want 3 doubts, 1 late", todo, err)
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

// BenchmarkBoardCity reads the dashboard of a city with a year of visits: 200,000
// settlements (three postings each), 931 people, 3,000 applications, 20,000
// decided exceptions. The bar is 200 ms.
func BenchmarkBoardCity(b *testing.B) {
	d, _ := dbtest.SQLite(b)
	ctx := b.Context()
	err := d.Write(ctx, func(tx *db.Tx) error {
		bulk := func(table, cols string, n int, row func(i int) []any) {
			names := strings.Fields(cols)
			for from := 0; from < n; from += 500 {
				var rows [][]any
				for i := from; i < min(n, from+500); i++ {
					rows = append(rows, row(i))
				}
				if _, err := tx.Insert(table, names, rows, ""); err != nil {
					b.Fatal(err)
				}
			}
		}
		first, _ := day.ParseMonth("2023-07")
		bulk("fund_posting", "region book lane seq no month kind account party fen prev hash", 600_000, func(i int) []any {
			m := (first + day.Month(i/50_000)).String()
			return []any{region, "ltci", 0, i, i / 3, m, "settle", []string{"5101", "2101", "2201"}[i%3], "inst", []int64{5400, -5130, -270}[i%3], "0123456789abcdef", strings.Repeat("a", 64)}
		})
		bulk("person_person", "region id name pinyin sex birth id_index id_sealed id_tail phone_index phone_sealed district community address lat lng resident deceased digest updated", 931, func(i int) []any {
			id := fmt.Sprint("p", i)
			return []any{region, id, "", "", "", "", id, "", "", "", "", fmt.Sprint("区", i%9), "", "", 0, 0, true, "", "", 0}
		})
		bulk("benefit_benefit", "region id person level case_id decision decided_on from_day to_day ended_by version at", 931, func(i int) []any {
			return []any{region, fmt.Sprint("b", i), fmt.Sprint("p", i), i%3 + 3, "", "", "", "2023-01-01", "2025-01-01", "", 0, 0}
		})
		bulk("care_exception", "region visit kind institution person staff on_day say clause status answer_due answer answered_by evidence decide_due reason decided_by deduct_minutes version at", 21_000, func(i int) []any {
			return []any{region, fmt.Sprint("v", i), "location_far", "i", "p", "s", "2024-05-01", "离家太远", "", []string{"accepted", "answered"}[i/20_000], "2024-06-10", "", "", "", "2024-06-05", "", "", 0, 0, 0}
		})
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	s := &Service{Log: &audit.Log{DB: d}}
	june, _ := day.ParseMonth("2024-06")
	for b.Loop() {
		if _, err := s.Board(ctx, region, june); err != nil {
			b.Fatal(err)
		}
	}
}
