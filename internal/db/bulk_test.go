package db_test

import (
	"context"
	"testing"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

func TestBulk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		ctx := context.Background()
		if _, err := d.Raw().Exec(`CREATE TABLE db_bulk (region TEXT NOT NULL, id TEXT NOT NULL, n BIGINT NOT NULL, ok BOOLEAN NOT NULL, on_day TEXT NOT NULL, PRIMARY KEY (region, id))`); err != nil {
			t.Fatal(err)
		}
		cols := []string{"region", "id", "n", "ok", "on_day"}
		put := func(from, n int) error {
			return d.Write(ctx, func(tx *db.Tx) error {
				var buf [5]any
				return tx.Bulk("db_bulk", cols, n, func(i int) []any {
					return append(buf[:0], "r", string(rune('A'+from+i)), int64(1)<<60+int64(i), i%2 == 0, day.MustParse("1940-06-01").String())
				})
			})
		}
		if err := put(0, 0); err != nil {
			t.Fatal(err)
		}
		if err := put(0, 20); err != nil {
			t.Fatal(err)
		}
		if err := put(15, 20); !db.IsUnique(err) { // five of them are there
			t.Fatalf("overlap: %v", err)
		}
		if err := put(20, 1); err != nil {
			t.Fatalf("after a failure: %v", err)
		}
		err := d.Read(ctx, func(tx *db.Tx) error {
			n, err := db.One(tx, db.Value[int64], `SELECT COUNT(*) FROM db_bulk WHERE region = $1 AND on_day = $2`, "r", "1940-06-01")
			if err != nil || n != 21 {
				t.Errorf("%d rows, %v", n, err)
			}
			v, err := db.One(tx, db.Value[int64], `SELECT n FROM db_bulk WHERE region = $1 AND id = $2 AND NOT ok`, "r", "B")
			if err != nil || v != 1<<60+1 {
				t.Errorf("%d, %v", v, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Many rows at once are all there, and a key that is taken is refused as such.
func TestInsertMany(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx := context.Background()
		cols := []string{"region", "lane", "seq", "hash", "at"}
		var rows [][]any
		for i := range 1200 {
			rows = append(rows, []any{"320700", i, int64(i), "𠮷\t\\N", 7})
		}
		put := func(rows [][]any) error {
			return d.Write(ctx, func(tx *db.Tx) error {
				n, err := tx.Insert("audit_head", cols, rows, "")
				if err == nil && n != int64(len(rows)) {
					t.Errorf("%d of %d", n, len(rows))
				}
				return err
			})
		}
		if err := put(rows); err != nil {
			t.Fatal(err)
		}
		var n int64
		if err := d.Raw().QueryRow(`SELECT COUNT(*) FROM audit_head WHERE hash = $1`, "𠮷\t\\N").Scan(&n); err != nil || n != 1200 {
			t.Errorf("%d rows, %v", n, err)
		}
		for i := range rows {
			rows[i][1] = 5000 + i
		}
		rows[1100][1] = 3
		if err := put(rows); !db.IsUnique(err) {
			t.Errorf("a key that is taken: %v", err)
		}
	})
}
