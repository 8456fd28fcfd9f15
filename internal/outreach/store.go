package outreach

import (
	"errors"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const cols = `region, id, kind, object, shown, place, what, begins, ends, status, decision`

const (
	selectOne     = `SELECT ` + cols + ` FROM outreach_notice WHERE region = $1 AND id = $2`
	selectCurrent = `SELECT ` + cols + ` FROM outreach_notice
		WHERE region = $1 AND status = 'running' AND ends >= $2 ORDER BY ends, id LIMIT $3`
	updateStatus = `UPDATE outreach_notice SET status = $3 WHERE region = $1 AND id = $2`
)

func scan(r db.Row) (n Notice, err error) {
	err = r.Scan(&n.Region, &n.ID, &n.Kind, &n.Object, &n.Shown, &n.Place, &n.What, &n.Begins, &n.Ends, &n.Status, &n.Decision)
	return n, err
}

func insert(tx *db.Tx, n Notice) error {
	_, err := tx.Insert("outreach_notice", append(strings.Split(strings.ReplaceAll(cols, " ", ""), ","), "at"), [][]any{{
		n.Region, n.ID, n.Kind, n.Object, n.Shown, n.Place, n.What, n.Begins, n.Ends, n.Status, n.Decision, tx.Millis()}}, "")
	return err
}

func get(tx *db.Tx, region, id string) (Notice, error) {
	n, err := db.One(tx, scan, selectOne, region, id)
	if errors.Is(err, db.ErrNone) {
		return n, fault.New(fault.NotFound, "没有找到这条公示，它可能已经期满。")
	}
	return n, err
}

func current(tx *db.Tx, region string, on day.Day, limit int) ([]Notice, error) {
	return db.All(tx, scan, selectCurrent, region, on, limit)
}
