package db_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

func TestInsertAndSets(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx := context.Background()
		if _, err := d.Raw().Exec(`CREATE TABLE db_thing (region TEXT NOT NULL, id TEXT NOT NULL, n BIGINT NOT NULL, ok BOOLEAN NOT NULL, on_day TEXT, empty BIGINT, PRIMARY KEY (region, id))`); err != nil {
			t.Fatal(err)
		}
		cols := strings.Fields("region id n ok on_day empty")
		on, _ := day.Of(2024, 2, 29)
		for _, n := range []int{1, 2, 7, 8, 33, 300} {
			rows := make([][]any, n)
			for i := range rows {
				rows[i] = []any{"320700", fmt.Sprint("x", i), i, i%2 == 0, on, nil}
				if i == 1 {
					rows[i][4] = nil
				}
			}
			err := d.Write(ctx, func(tx *db.Tx) error {
				if _, err := tx.Exec(`DELETE FROM db_thing WHERE region = $1`, "320700"); err != nil {
					return err
				}
				m, err := tx.Insert("db_thing", cols, rows, "")
				if err != nil || m != int64(n) {
					t.Errorf("insert %d: %d, %v", n, m, err)
				}
				if m, err = tx.Insert("db_thing", cols, rows, "ON CONFLICT (region, id) DO NOTHING"); err != nil || m != 0 {
					t.Errorf("again %d: %d, %v", n, m, err)
				}
				ids, err := db.All(tx, db.Value[string], `SELECT id FROM db_thing WHERE region = $1 AND id = ANY($2) AND n = ANY($3) ORDER BY id`,
					"320700", []string{"x0", "x1", "x5", "no'body"}, []int64{0, 5})
				want := map[bool]string{true: "[x0 x5]", false: "[x0]"}[n > 5]
				if err != nil || fmt.Sprint(ids) != want {
					t.Errorf("set of %d: %v, %v; want %s", n, ids, err, want)
				}
				got, err := db.One(tx, db.Value[day.Day], `SELECT on_day FROM db_thing WHERE region = $1 AND id = $2`, "320700", "x0")
				if err != nil || got != on {
					t.Errorf("day %v, %v", got, err)
				}
				_, err = db.One(tx, db.Value[int64], `SELECT n FROM db_thing WHERE region = $1 AND id = ANY($2)`, "320700", []string{})
				if !errors.Is(err, db.ErrNone) {
					t.Errorf("empty set: %v", err)
				}
				m, err = tx.Exec(`UPDATE db_thing SET n = db_thing.n + v.more, ok = v.yes FROM ROWS($2, who TEXT, more BIGINT, yes BOOLEAN) AS v WHERE db_thing.region = $1 AND db_thing.id = v.who`,
					"320700", db.Rows{{"x0", 1 << 60, true}, {"no'body\"", 5, false}})
				if err != nil || m != 1 {
					t.Errorf("rows: %d, %v", m, err)
				}
				big, err := db.One(tx, db.Value[int64], `SELECT n FROM db_thing WHERE region = $1 AND id = $2 AND ok`, "320700", "x0")
				if err != nil || big != 1<<60 {
					t.Errorf("after rows: %d, %v", big, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestNestedUseOfOneText(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	q := `SELECT CAST(x AS BIGINT) FROM (SELECT 1 AS x UNION SELECT 2) AS t WHERE x >= $1 ORDER BY x`
	err := d.Write(context.Background(), func(tx *db.Tx) error {
		outer, err := db.All(tx, func(r db.Row) (string, error) {
			var n int64
			if err := r.Scan(&n); err != nil {
				return "", err
			}
			inner, err := db.All(tx, db.Value[int64], q, n)
			return fmt.Sprint(n, inner), err
		}, q, 1)
		if fmt.Sprint(outer) != "[1 [1 2] 2 [2]]" {
			t.Errorf("got %v", outer)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRollbackKeepsNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx := context.Background()
		put := func(tx *db.Tx, key string) error {
			_, err := tx.Exec(`INSERT INTO audit_head (region, lane, seq, hash, at) VALUES ($1, 1, 1, $2, 0)`, "320700", key)
			return err
		}
		boom := errors.New("boom")
		if err := d.Write(ctx, func(tx *db.Tx) error { return errors.Join(put(tx, "a"), boom) }); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		func() {
			defer func() { recover() }()
			d.Write(ctx, func(tx *db.Tx) error { put(tx, "a"); panic("boom") })
		}()
		if err := d.Write(ctx, func(tx *db.Tx) error { return put(tx, "b") }); err != nil {
			t.Fatal(err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error { return put(tx, "c") }); !db.IsUnique(err) {
			t.Errorf("second row: %v, want unique", err)
		}
	})
}

// T-09: settings under which an acknowledged write could be lost stop the start.
func TestT09UnsafeSettingsRefused(t *testing.T) {
	ctx := context.Background()
	refused := func(url, name string) {
		t.Helper()
		d, err := db.Open(ctx, url, db.Options{})
		if err == nil {
			d.Close()
			t.Errorf("%s: opened, want a refusal that names %s", url, name)
		} else if !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want %s named", url, err, name)
		}
		d, err = db.Open(ctx, url, db.Options{AllowUnsafe: true})
		if err != nil {
			t.Errorf("override: %v", err)
			return
		}
		defer d.Close()
		if bad, err := d.Unsafe(ctx); err != nil || !strings.Contains(strings.Join(bad, " "), name) {
			t.Errorf("Unsafe: %v, %v", bad, err)
		}
	}
	file := filepath.Join(t.TempDir(), "x.db")
	refused("sqlite:"+file+"?_pragma=synchronous(NORMAL)", "synchronous")
	refused("sqlite:"+file+"?_pragma=foreign_keys(0)", "foreign_keys")
	for v, want := range map[string]bool{"3.51.2": false, "3.51.3": true, "3.52.0": false, "3.52.1": true, "3.53.4": true, "3.50.7": true,
		"3.50.6": false, "3.44.6": true, "3.44.5": false, "3.45.0": false, "4.0.0": false, "": false} {
		if db.SafeSQLite(v) != want {
			t.Errorf("SafeSQLite(%q) = %v", v, !want)
		}
	}
	t.Run("postgres", func(t *testing.T) {
		url := dbtest.PostgresURL(t)
		// The other two need a server restart to change; the code reads all three alike.
		refused(url+"&options=-c%20synchronous_commit%3Doff", "synchronous_commit")
	})
}
