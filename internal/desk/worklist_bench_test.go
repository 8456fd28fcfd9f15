package desk

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

// fill loads n cases, 97 of 100 closed, as ten years of a city leave them.
func fill(t testing.TB, d *db.DB, n int) {
	t.Helper()
	cols := columnsOf(caseCols)
	first := day.MustParse("2014-06-03")
	for from := 0; from < n; from += 20000 {
		rows := make([][]any, 0, 20000)
		for i := from; i < min(n, from+20000); i++ {
			on := first.AddDays(i * 3650 / n)
			id, err := Number(on, int64(i%99999+1))
			if err != nil {
				t.Fatal(err)
			}
			stage, status, due := "done", "done", ""
			if i%100 < 3 {
				stage, status, due = []string{"accept", "draw", "visit", "conclude", "notice"}[i/100%5], "open", on.AddDays(7).String()
			}
			rank, priority := 9, ""
			if i%7 == 0 {
				rank, priority = 1, "特困"
			}
			rows = append(rows, []any{region, id, "assess", stage, status, string(Channels[i%len(Channels)]), fmt.Sprint("p", i*7919%n), "", "", fmt.Sprint("d", i%9),
				int64(rank), priority, on, on, due, int64(5), int64(i % 5 / 4), int64(5), int64(5), int64(1), int64(i), int64(i)})
		}
		if err := d.Write(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Insert("desk_case", cols, rows, "")
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func columnsOf(list string) []string {
	return strings.Split(strings.Join(strings.Fields(list), ""), ",")
}

// BenchmarkWorklist measures every tab, filter and order over a million cases
// and fails when the slower end passes 200 ms or a plan scans the table.
func BenchmarkWorklist(b *testing.B) {
	rows := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("YINLING_BENCH_ROWS")); err == nil {
		rows = n
	}
	for name, open := range map[string]func(testing.TB) (*db.DB, *dbtest.Clock){"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			d, _ := open(b)
			start := time.Now()
			fill(b, d, rows)
			b.Logf("%d cases loaded in %v", rows, time.Since(start))
			d.Raw().Exec("ANALYZE")
			s := &Service{Log: &audit.Log{DB: d}}
			ctx := context.Background()
			var took []time.Duration
			worst := map[time.Duration]string{}
			run := func(f Filter) Page {
				start := time.Now()
				p, err := s.Worklist(ctx, f)
				if err != nil {
					b.Fatal(err)
				}
				t := time.Since(start)
				took = append(took, t)
				worst[t] = fmt.Sprintf("%+v", f)
				return p
			}
			for range b.N {
				for _, stage := range []string{"accept", "notice", "done"} {
					for _, sort := range []string{SortUrgent, SortDue, SortNew} {
						f := Filter{Region: region, Matter: "assess", Stage: stage, Sort: sort}
						for range 3 {
							f.After = run(f).Next
						}
						f.After = ""
						for _, g := range []Filter{{District: "d3"}, {Channel: Video}, {Material: "missing"}, {Priority: true},
							{District: "d3", Channel: Video, Material: "missing", Priority: true}, {District: "nowhere"}} {
							g.Region, g.Matter, g.Stage, g.Sort = f.Region, f.Matter, stage, sort
							run(g)
						}
					}
				}
				run(Filter{Region: region, Matter: "assess", Persons: []string{"p17", "p18", "p19"}})
				start := time.Now()
				if _, _, err := s.Counts(ctx, region, "assess", []string{"accept", "draw", "visit", "conclude", "notice", "done"}); err != nil {
					b.Fatal(err)
				}
				all := time.Since(start)
				took, worst[all] = append(took, all), "counts"
			}
			slices.Sort(took)
			p95 := took[len(took)*95/100]
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(p95.Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
			b.Logf("slowest: %v %s", took[len(took)-1], worst[took[len(took)-1]])
			if p95 > 200*time.Millisecond {
				b.Errorf("p95 %v, more than 200 ms", p95)
			}
			explain := map[db.Dialect]string{db.SQLite: "EXPLAIN QUERY PLAN ", db.Postgres: "EXPLAIN "}[d.Dialect]
			for _, q := range []string{
				listHead + " AND stage = 'accept' ORDER BY rank, due, id LIMIT 31",
				listHead + " AND stage = 'accept' AND (due, id) > ('2020-01-01', 'SL') ORDER BY due, id LIMIT 31",
				listHead + " AND stage = 'done' ORDER BY id DESC LIMIT 31",
				listHead + " AND person IN ('p1','p2') ORDER BY rank, due, id LIMIT 31"} {
				rows, err := d.Raw().Query(explain+q, region, "assess")
				if err != nil {
					b.Fatal(err)
				}
				var plan strings.Builder
				cols, _ := rows.Columns()
				for rows.Next() {
					v := make([]any, len(cols))
					for i := range v {
						v[i] = new(any)
					}
					rows.Scan(v...)
					fmt.Fprintln(&plan, *v[len(v)-1].(*any))
				}
				rows.Close()
				if strings.Contains(plan.String(), "SCAN desk_case") || strings.Contains(plan.String(), "Seq Scan") {
					b.Errorf("full scan:\n%s\n%s", q, plan.String())
				}
				b.Logf("%s\n%s", q[len(listHead):], plan.String())
			}
		})
	}
}
