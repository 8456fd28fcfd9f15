package job_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/job"
)

type bell struct{ N int }

func (bell) Kind() string { return "test.bell" }

type nightly struct{ On day.Day }

func (nightly) Kind() string { return "test.nightly" }

const region = "320700"

func runner(d *db.DB) *job.Runner {
	return &job.Runner{DB: d, Regions: func() []string { return []string{region} }}
}

func put(t *testing.T, d *db.DB, key string, due time.Time, a job.Args) {
	t.Helper()
	if err := d.Write(context.Background(), func(tx *db.Tx) error { return job.Put(tx, region, key, due, a) }); err != nil {
		t.Fatal(err)
	}
}

func drain(t *testing.T, r *job.Runner, want int) {
	t.Helper()
	n, err := r.Drain(context.Background())
	if err != nil || n != want {
		t.Errorf("ran %d, %v; want %d", n, err, want)
	}
}

func TestRetryBackoffAndGivingUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := runner(d)
		calls := 0
		job.On(r, func(_ context.Context, j job.Job, b bell) error {
			calls++
			switch {
			case j.Key == "never":
				panic("no bell")
			case calls < 3:
				return errors.New("not yet")
			}
			return nil
		})
		put(t, d, "a", time.Time{}, bell{1})
		put(t, d, "a", time.Time{}, bell{2}) // the same key: one job
		drain(t, r, 1)
		drain(t, r, 0) // not before its delay
		c.Add(time.Minute)
		drain(t, r, 1)
		c.Add(time.Minute)
		drain(t, r, 1)
		c.Add(time.Hour)
		drain(t, r, 0)
		put(t, d, "never", time.Time{}, bell{})
		for range 20 {
			drain(t, r, 1)
			c.Add(time.Hour)
		}
		drain(t, r, 0)
		err := d.Read(context.Background(), func(tx *db.Tx) error {
			st, err := job.Look(tx, region)
			bad, err2 := job.GivenUp(tx, region, 10)
			if st.GivenUp != 1 || len(bad) != 1 || bad[0].Key != "never" || bad[0].Tries != 20 {
				t.Errorf("state %+v, given up %+v", st, bad)
			}
			return errors.Join(err, err2)
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// T-41: the clock steps between and inside jobs; nothing fires twice, nothing
// is stuck behind a lease from the future.
func TestT41ClockSteps(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		ctx := context.Background()
		r := runner(d)
		fired := map[string]int{}
		var during time.Duration
		job.On(r, func(_ context.Context, j job.Job, b bell) error { fired[j.Key]++; c.Add(during); return nil })
		job.On(r, func(_ context.Context, j job.Job, n nightly) error { fired[j.Kind+n.On.String()]++; return nil })
		r.Daily(2, 0, func(_ string, on day.Day) job.Args { return nightly{on} })
		drain(t, r, 1) // today's
		steps := []time.Duration{-time.Hour, time.Hour, -24 * time.Hour, 24 * time.Hour, 400 * 24 * time.Hour, -400 * 24 * time.Hour}
		for i, s := range steps {
			key := fmt.Sprint("deadline", i)
			put(t, d, key, d.Now().Add(time.Minute), bell{i})
			during = s
			c.Add(time.Minute)
			r.Drain(ctx)
			during = 0
			c.Add(time.Minute)
			r.Drain(ctx)
		}
		for _, s := range steps {
			c.Add(s)
			r.Drain(ctx)
		}
		if len(fired) < 8 {
			t.Errorf("only %v fired", fired)
		}
		for k, n := range fired {
			if n != 1 {
				t.Errorf("%s fired %d times", k, n)
			}
		}
		// A lease left by a process that died while the clock ran 400 days ahead.
		put(t, d, "orphan", time.Time{}, bell{})
		if _, err := d.Raw().Exec(`UPDATE job_job SET lease = $1 WHERE key = 'orphan'`, d.Now().Add(400*24*time.Hour).UnixMilli()); err != nil {
			t.Fatal(err)
		}
		drain(t, r, 1)
	})
}

func TestRunLeasesOnceAmongServersAndStops(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		const n = 60
		var ran atomic.Int64
		left := make(chan struct{}, n)
		ctx, stop := context.WithCancel(context.Background())
		defer stop()
		over := make(chan struct{})
		for range 2 {
			r := runner(d)
			job.On(r, func(_ context.Context, j job.Job, b bell) error { ran.Add(1); left <- struct{}{}; return nil })
			go func() { r.Run(ctx); over <- struct{}{} }()
			defer r.Wake()
		}
		for i := range n {
			put(t, d, fmt.Sprint(i), time.Time{}, bell{i})
		}
		for range n {
			<-left
		}
		stop()
		<-over
		<-over
		if ran.Load() != n {
			t.Errorf("%d runs of %d jobs", ran.Load(), n)
		}
		var open int64
		if err := d.Raw().QueryRow(`SELECT COUNT(*) FROM job_job WHERE done = 0`).Scan(&open); err != nil || open != 0 {
			t.Errorf("%d left open, %v", open, err)
		}
	})
}
