package desk

import (
	"encoding/json"
	"strings"
	"time"

	"yinling/internal/db"
)

const (
	// a hold is taken over only from nobody, or from who has let it run out
	takeHold = `INSERT INTO desk_hold (region, queue, object, account, name, at) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (region, queue, object) DO UPDATE SET account = excluded.account, name = excluded.name, at = excluded.at
		WHERE desk_hold.at < $7 OR desk_hold.account = excluded.account`
	selectHolds = `SELECT object, account, name, at FROM desk_hold WHERE region = $1 AND queue = $2 AND object = ANY($3) AND at > $4`
	dropHoldsOf = `DELETE FROM desk_hold WHERE region = $1 AND queue = $2 AND account = $3`
	dropHold    = `DELETE FROM desk_hold WHERE region = $1 AND queue = $2 AND object = $3`

	selectVersions = `SELECT id, version FROM desk_case WHERE region = $1 AND id = ANY($2)`

	selectBatch = `SELECT id, queue, act, until, items, at FROM desk_batch WHERE region = $1 AND account = $2 AND id = $3`
	updateBatch = `UPDATE desk_batch SET items = $4 WHERE region = $1 AND account = $2 AND id = $3`

	selectSetting = `SELECT value FROM desk_setting WHERE region = $1 AND account = $2 AND name = $3`
	upsertSetting = `INSERT INTO desk_setting (region, account, name, value) VALUES ($1,$2,$3,$4)
		ON CONFLICT (region, account, name) DO UPDATE SET value = excluded.value`
)

func dropHolds(tx *db.Tx, region, queue, account string) error {
	_, err := tx.Exec(dropHoldsOf, region, queue, account)
	return err
}

// letGo frees a case that has been decided.
func letGo(tx *db.Tx, region, queue, object string) error {
	_, err := tx.Exec(dropHold, region, queue, object)
	return err
}

func putBatch(tx *db.Tx, region, account string, b Batch) error {
	items, err := json.Marshal(b.Items)
	if err != nil {
		return err
	}
	_, err = tx.Insert("desk_batch", strings.Fields("region id account queue act until items at"),
		[][]any{{region, b.ID, account, b.Queue, b.Act, millis(b.Until), string(items), b.At.UnixMilli()}}, "")
	return err
}

func setBatchItems(tx *db.Tx, region, account string, b Batch) error {
	items, err := json.Marshal(b.Items)
	if err != nil {
		return err
	}
	_, err = tx.Exec(updateBatch, region, account, b.ID, string(items))
	return err
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func versionsOf(tx *db.Tx, region string, ids []string) (map[string]int64, error) {
	out := make(map[string]int64, len(ids))
	_, err := db.All(tx, func(r db.Row) (struct{}, error) {
		var id string
		var n int64
		err := r.Scan(&id, &n)
		out[id] = n
		return struct{}{}, err
	}, selectVersions, region, ids)
	return out, err
}
