package undo

import (
	"context"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/job"
)

type told struct{ What string }

func (told) Kind() string { return "test.told" }

// An act is taken back once, by who did it, in time, while nothing else has
// happened; then its message is never sent. A day later nothing of it is left.
func TestTake(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		const region = "990100"
		l, ctx := &audit.Log{DB: d}, context.Background()
		a, b := audit.Actor{ID: "a", Role: "clerk", Region: region}, audit.Actor{ID: "b", Role: "clerk", Region: region}
		jobs, sent := &job.Runner{DB: d, Regions: func() []string { return []string{region} }}, 0
		job.On(jobs, func(context.Context, job.Job, told) error { sent++; return nil })
		run := func(fn func(tx *db.Tx) error) error {
			return audit.Run(ctx, l, a, audit.Act{Region: region, Verb: "test.act", Object: "x"}, fn)
		}
		keep := func(key string, version int64) {
			t.Helper()
			if err := run(func(tx *db.Tx) error {
				later, err := Put(tx, region, key, told{key})
				if err != nil {
					return err
				}
				return Keep(tx, region, Act{Word: "test.thing", Object: "x", Name: "did", Account: a.ID, Version: version, Jobs: []Later{later}}, map[string]int64{"n": version})
			}); err != nil {
				t.Fatal(err)
			}
		}
		take := func(who audit.Actor, version int64) (n int64, err error) {
			was := map[string]int64{}
			err = run(func(tx *db.Tx) error { _, err := Take(tx, region, "test.thing", "x", who, version, &was); return err })
			return was["n"], err
		}
		open := func(who audit.Actor) int {
			t.Helper()
			acts, err := Open(ctx, l, who, "test.thing", []string{"x", "y"})
			if err != nil {
				t.Fatal(err)
			}
			return len(acts)
		}
		drain := func() {
			t.Helper()
			if _, err := jobs.Drain(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := take(a, 1); !fault.Is(err, fault.Conflict) {
			t.Errorf("nothing was done: %v", err)
		}
		keep("one", 1)
		keep("two", 2) // a later act replaces the first
		if open(a) != 1 || open(b) != 0 {
			t.Error("open to the wrong one")
		}
		if _, err := take(b, 2); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another: %v", err)
		}
		if _, err := take(a, 3); !fault.Is(err, fault.Conflict) {
			t.Errorf("something else happened: %v", err)
		}
		if n, err := take(a, 2); n != 2 || err != nil {
			t.Errorf("taken back: %d, %v", n, err)
		}
		if _, err := take(a, 2); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		c.Add(For + time.Second)
		if drain(); sent != 1 {
			t.Errorf("%d messages: only that of the first act stands", sent)
		}
		keep("three", 4)
		c.Add(For)
		drain() // told at the last moment: too late
		if _, err := take(a, 4); sent != 2 || !fault.Is(err, fault.Conflict) {
			t.Errorf("after it was told: %v, %d messages", err, sent)
		}
		c.Add(time.Second)
		if _, err := take(a, 4); open(a) != 0 || !fault.Is(err, fault.Conflict) {
			t.Errorf("too late: %v", err)
		}
		left := func() (n int) {
			t.Helper()
			if err := d.Raw().QueryRow(`SELECT COUNT(*) FROM undo_act WHERE region = $1`, region).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		for _, want := range []int{1, 0} {
			if err := OnNightly(ctx, l, region); err != nil || left() != want {
				t.Errorf("%d acts are left, %v", left(), err)
			}
			c.Add(25 * time.Hour)
		}
	})
}
