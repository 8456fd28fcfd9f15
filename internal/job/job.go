// Package job is the outbox and the queue. Put writes a job in the same
// transaction as the business rows, so it exists exactly when they do; a
// Runner leases due jobs and runs the handler of their kind. A handler must be
// idempotent by (kind, key): a job runs at least once.
//
//	Put ─ due ─→ leased ─→ done
//	       ↑        │ error
//	       └ backoff┘ … 20 tries ─→ given up (doctor names it)
package job

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"yinling/internal/db"
)

// Args is what a job carries; Kind is its stable name («assess.decided»).
type Args interface{ Kind() string }

// New is one job to be enqueued. The key makes it unique within its kind; Due
// is when it may run (the zero time: now).
type New struct {
	Key  string
	Due  time.Time
	Args Args
}

const (
	leaseJob = `UPDATE job_job SET lease = $4, tries = tries + 1 WHERE region = $1 AND id = $2 AND done = 0
		AND (lease < $3 OR lease > $5) RETURNING kind, key, args, tries`
	dueJobs = `SELECT id FROM job_job WHERE region = $1 AND done = 0 AND due <= $2
		AND (lease < $2 OR lease > $3) ORDER BY due, id LIMIT $4`
	endJob = `UPDATE job_job SET done = $4, due = $5, lease = 0, error = $6 WHERE region = $1 AND id = $2 AND done = 0 AND lease = $3`
	count  = `SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN done < 0 THEN 1 ELSE 0 END), 0) AS BIGINT),
		COALESCE(MIN(CASE WHEN done = 0 THEN due END), 0) FROM job_job WHERE region = $1 AND done <= 0`
	failing = `SELECT id, key, tries, error, done FROM job_job WHERE region = $1 AND kind = $2 AND done <= 0 AND tries > 0 AND error <> ''
		ORDER BY id LIMIT $3`
	failed = `SELECT id, kind, key, tries, error FROM job_job WHERE region = $1 AND done < 0 ORDER BY id LIMIT $2`
)

const retryJob = `UPDATE job_job SET done = 0, tries = 0, due = $3, lease = 0 WHERE region = $1 AND id = $2 AND done < 0`

// Retry puts a job that was given up back into the queue; false: there is none.
func Retry(tx *db.Tx, region, id string) (bool, error) {
	n, err := tx.Exec(retryJob, region, id, tx.Millis())
	return n > 0, err
}

const dropJob = `DELETE FROM job_job WHERE region = $1 AND kind = $2 AND key = $3 AND done = 0 AND lease = 0 AND tries = 0`

// Drop takes a job back that has not begun; false: it has, or there is none.
func Drop(tx *db.Tx, region, kind, key string) (bool, error) {
	n, err := tx.Exec(dropJob, region, kind, key)
	return n > 0, err
}

// givenUp in done: tried maxTries times.
const givenUp = -1

var cols = strings.Fields("region id kind key args due lease tries done error at")

// Put enqueues a job to run at due (the zero time: now). The key makes it
// unique within its kind: a second Put with the same key is a no-op.
func Put(tx *db.Tx, region, key string, due time.Time, args Args) error {
	return PutAll(tx, region, []New{{key, due, args}})
}

// PutAll enqueues many jobs with few statements.
func PutAll(tx *db.Tx, region string, jobs []New) error {
	rows := make([][]any, len(jobs))
	for i, j := range jobs {
		b, err := json.Marshal(j.Args)
		if err != nil {
			return fmt.Errorf("job %s: %w", j.Args.Kind(), err)
		}
		at := tx.Millis()
		if !j.Due.IsZero() {
			at = j.Due.UnixMilli()
		}
		rows[i] = []any{region, tx.NewID(), j.Args.Kind(), j.Key, string(b), at, 0, 0, 0, "", tx.Millis()}
	}
	_, err := tx.Insert("job_job", cols, rows, "ON CONFLICT (region, kind, key) DO NOTHING")
	return err
}

// State is what doctor shows of a region's queue.
type State struct {
	Waiting int64 // not done, given up ones included
	GivenUp int64
	Oldest  int64 // due of the oldest waiting job, milliseconds; 0 when none
}

// Look reads the state of a region's queue.
func Look(tx *db.Tx, region string) (State, error) {
	return db.One(tx, func(r db.Row) (s State, err error) { return s, r.Scan(&s.Waiting, &s.GivenUp, &s.Oldest) }, count, region)
}

// Failed is a job that was given up.
type Failed struct {
	ID, Kind, Key, Error string
	Tries                int64
}

// GivenUp lists jobs that were given up, oldest first.
func GivenUp(tx *db.Tx, region string, limit int) ([]Failed, error) {
	return db.All(tx, func(r db.Row) (f Failed, err error) { return f, r.Scan(&f.ID, &f.Kind, &f.Key, &f.Tries, &f.Error) }, failed, region, limit)
}

// Failure is a job that has failed at least once and is not done.
type Failure struct {
	ID, Key, Error string
	Tries          int64
	GivenUp        bool
}

// Failing lists the jobs of a kind that have failed and are not done, oldest first.
func Failing(tx *db.Tx, region, kind string, limit int) ([]Failure, error) {
	return db.All(tx, func(r db.Row) (f Failure, err error) {
		var done int64
		err = r.Scan(&f.ID, &f.Key, &f.Tries, &f.Error, &done)
		f.GivenUp = done == givenUp
		return f, err
	}, failing, region, kind, limit)
}
