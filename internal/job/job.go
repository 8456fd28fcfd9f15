// Package job is the outbox and the queue. Put writes a job in the same
// transaction as the business rows, so it exists exactly when they do; a
// Runner leases due jobs and runs the handler of their kind. A handler must be
// idempotent by (kind, key): a job runs at least once.
package job

import (
	"encoding/json"
	"fmt"
	"time"

	"yinling/internal/db"
)

// Args is what a job carries; Kind is its stable name («assess.decided»).
type Args interface{ Kind() string }

const putJob = `INSERT INTO job_job (region, id, kind, key, args, due, lease, tries, done, error, at)
	VALUES ($1,$2,$3,$4,$5,$6,0,0,0,'',$7) ON CONFLICT (region, kind, key) DO NOTHING`

// Put enqueues a job to run at due (the zero time: now). The key makes it
// unique within its kind: a second Put with the same key is a no-op.
func Put(tx *db.Tx, region, key string, due time.Time, args Args) error {
	b, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("job %s: %w", args.Kind(), err)
	}
	at := tx.Millis()
	if !due.IsZero() {
		at = due.UnixMilli()
	}
	_, err = tx.Exec(putJob, region, tx.NewID(), args.Kind(), key, string(b), at, tx.Millis())
	return err
}
