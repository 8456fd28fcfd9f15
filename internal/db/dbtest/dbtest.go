// Package dbtest gives a test the real databases. Each runs the same test on
// SQLite and on PostgreSQL; PostgreSQL is the server that `make pg` started and
// named in YINLING_TEST_PG. In CI (CI set) a missing server fails the test.
package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yinling/internal/db"
)

// Start is the instant at which every test's clock stands: 2024-06-03 09:00 in
// China, a Monday.
var Start = time.Date(2024, 6, 3, 1, 0, 0, 0, time.UTC)

// Clock is a clock that a test sets.
type Clock struct{ ms atomic.Int64 }

// Now is the instant that the test set.
func (c *Clock) Now() time.Time { return time.UnixMilli(c.ms.Load()).UTC() }

// Set moves the clock.
func (c *Clock) Set(t time.Time) { c.ms.Store(t.UnixMilli()) }

// Add moves the clock on.
func (c *Clock) Add(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// Each runs fn on a fresh migrated database of each engine.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB, c *Clock)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		d, c := SQLite(t)
		fn(t, d, c)
	})
	t.Run("postgres", func(t *testing.T) {
		d, c := Postgres(t)
		fn(t, d, c)
	})
}

// SQLite opens a fresh migrated SQLite database. It does not sync: what a test
// looks at does not hang on a power cut (e2e/strength pulls that plug).
func SQLite(t testing.TB) (*db.DB, *Clock) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "test.db")
	made, err := sqliteSchema()
	if err == nil {
		err = os.WriteFile(file, made, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return open(t, "sqlite:"+file+"?_pragma=synchronous(OFF)")
}

// sqliteSchema is the file of a migrated database without rows, made once.
var sqliteSchema = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "yinling-schema-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "schema.db")
	if err := migrate("sqlite:" + file); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

func migrate(url string) error {
	ctx := context.Background()
	d, err := db.Open(ctx, url, db.Options{AllowUnsafe: true})
	if err != nil {
		return err
	}
	return errors.Join(d.Migrate(ctx), d.Close())
}

var serial atomic.Int64

// Postgres opens a fresh migrated database on the test server.
func Postgres(t testing.TB) (*db.DB, *Clock) {
	t.Helper()
	return open(t, postgresURL(t, true))
}

// PostgresURL makes an empty database on the test server and returns its address.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return postgresURL(t, false)
}

// postgresSchema is a migrated database that new ones are copied from. It stays
// on the server under the name of its schema for all test programs.
func postgresSchema(admin *sql.DB, base string) (string, error) {
	ctx := context.Background()
	name := "schema_" + db.SchemaHash()
	c, err := admin.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	// One test program makes it, the others wait.
	if _, err := c.ExecContext(ctx, "SELECT pg_advisory_lock(7301)"); err != nil {
		return "", err
	}
	defer c.ExecContext(ctx, "SELECT pg_advisory_unlock(7301)")
	var n int
	if err := c.QueryRowContext(ctx, "SELECT COUNT(*) FROM pg_database WHERE datname = $1", name).Scan(&n); err != nil || n > 0 {
		return name, err
	}
	making := name + "_making"
	if _, err := c.ExecContext(ctx, "DROP DATABASE IF EXISTS "+making); err != nil {
		return "", err
	}
	if _, err := c.ExecContext(ctx, "CREATE DATABASE "+making); err != nil {
		return "", err
	}
	if err := migrate(withPath(base, making)); err != nil {
		return "", err
	}
	_, err = c.ExecContext(ctx, "ALTER DATABASE "+making+" RENAME TO "+name)
	return name, err
}

func withPath(base, name string) string {
	u, _ := url.Parse(base) // base has served as an address already
	u.Path = "/" + name
	return u.String()
}

func postgresURL(t testing.TB, migrated bool) string {
	t.Helper()
	base := os.Getenv("YINLING_TEST_PG")
	if base == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("YINLING_TEST_PG is not set: run through `make test`, which starts PostgreSQL")
		}
		t.Skip("YINLING_TEST_PG is not set; `make test` starts PostgreSQL")
	}
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	name := fmt.Sprintf("t%d_%d_%d", os.Getpid(), time.Now().UnixNano(), serial.Add(1))
	make := "CREATE DATABASE " + name
	if migrated {
		schema, err := postgresSchema(admin, base)
		if err != nil {
			t.Fatal(err)
		}
		make += " TEMPLATE " + schema
	}
	if _, err := admin.Exec(make); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		admin, err := sql.Open("pgx", base)
		if err == nil {
			admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
			admin.Close()
		}
	})
	return withPath(base, name)
}

func open(t testing.TB, url string) (*db.DB, *Clock) {
	t.Helper()
	c := &Clock{}
	c.Set(Start)
	ctx := context.Background()
	d, err := db.Open(ctx, url, db.Options{Now: c.Now, AllowUnsafe: true, MaxConns: 40})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d, c
}
