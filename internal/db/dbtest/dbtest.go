// Package dbtest gives a test the real databases. Each runs the same test on
// SQLite and on PostgreSQL; PostgreSQL is the server that `make pg` started and
// named in YINLING_TEST_PG. In CI (CI set) a missing server fails the test.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
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

// SQLite opens a fresh migrated SQLite database.
func SQLite(t testing.TB) (*db.DB, *Clock) {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
}

var serial atomic.Int64

// Postgres opens a fresh migrated database on the test server.
func Postgres(t testing.TB) (*db.DB, *Clock) {
	t.Helper()
	return open(t, PostgresURL(t))
}

// PostgresURL makes an empty database on the test server and returns its address.
func PostgresURL(t testing.TB) string {
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
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	t.Cleanup(func() {
		admin, err := sql.Open("pgx", base)
		if err == nil {
			admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
			admin.Close()
		}
	})
	return u.String()
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
	if err := d.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return d, c
}
