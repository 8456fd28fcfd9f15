package person

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/money"
)

// A roster may bring the base of contributions: kept when it stands there, left
// alone when the file has no such column, gone when the cell is empty.
func TestRosterBase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, dir := service(t, d), t.TempDir()
		h := head + ",月缴费基数（元）"
		run := func(name string, file []byte) *Report {
			t.Helper()
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := s.Import(context.Background(), audit.System(region), region, path, ImportOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		bases := func(want ...money.Fen) {
			t.Helper()
			for i, w := range want {
				write(t, d, func(tx *db.Tx) error {
					n, err := ParseID(demo(i+1), tx.Today())
					if err != nil {
						return err
					}
					known, err := s.FindNumbers(tx, region, []string{s.NumberIndex(region, n)})
					if err != nil {
						return err
					}
					cs, err := s.Coverages(tx, region, known[s.NumberIndex(region, n)].ID)
					if err != nil || len(cs) != 1 || cs[0].Base != w {
						t.Errorf("person %d: %+v, want base %d, %v", i+1, cs, w, err)
					}
					return nil
				})
			}
		}
		if r := run("a.csv", lines(h, good(1)+",6000", good(2)+`,"8,500.50元"`, good(3)+",")); r.New != 3 || r.Rejected != 0 || len(r.Ignored) != 0 {
			t.Fatalf("%+v", r)
		}
		bases(600000, 850050, 0)
		if r := run("b.csv", lines(h, good(1)+",6000.00", good(2)+",8500.5", good(3)+",0")); r.Same != 3 {
			t.Errorf("the same bases: %+v", r)
		}
		if r := run("c.csv", lines(h, good(1)+",6100", good(2)+",8500.5", good(3)+",")); r.Same != 2 || r.Changed != 1 {
			t.Errorf("one base changed: %+v", r)
		}
		// Without the column nothing changes by silence, also under a corrected first day.
		if r := run("d.csv", lines(head, good(1), cell(2, 8, "2023-02-01"), good(3))); r.Same != 2 || r.Changed != 1 {
			t.Errorf("no column: %+v", r)
		}
		bases(610000, 850050, 0)
		x := book(func(f *excelize.File) {
			table(f, h)
			for i, v := range []any{7000, 7100.25, nil} {
				set(f, "Sheet1", i+2, append(words(good(i+1)), v)...)
			}
		})
		if r := run("e.xlsx", x); r.Changed != 2 || r.Same != 1 || r.Rejected != 0 {
			t.Errorf("workbook: %+v", r)
		}
		bases(700000, 710025, 0)
		if r := run("f.csv", lines(h, good(1)+",", good(2)+",7100.25")); r.Changed != 1 {
			t.Errorf("emptied: %+v", r)
		}
		bases(0, 710025, 0)
		for _, v := range []string{"五千", "-1", "5000.001", "10000000.01", "5e3"} {
			if r := run("bad.csv", lines(h, good(1)+","+v)); r.Rejected != 1 || r.Problems[0].Column != "月缴费基数（元）" || !strings.Contains(r.Problems[0].Reason, "每月多少元") {
				t.Errorf("%s: %+v", v, r.Problems)
			}
		}
		if r := run("alone.csv", lines("姓名,证件号码,缴费基数", "王桂兰,"+demo(1)+",9000")); r.Same != 1 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "缴费基数要和参保类型") {
			t.Errorf("base without coverage: %+v", r)
		}
		bases(0)
		// The count for a year's contributions sums the bases of those who have one.
		write(t, d, func(tx *db.Tx) error {
			cs, err := s.Classes(tx, region, day.MustParse("2024-06-03"), nil)
			if err != nil || len(cs) != 1 || cs[0] != (Class{Kind: "employee", Heads: 3, OwnHeads: 1, OwnBase: 710025}) {
				t.Errorf("%+v, %v", cs, err)
			}
			return nil
		})
	})
}
