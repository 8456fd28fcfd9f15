package share

import (
	"errors"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const (
	watchCols = `person, name, district, community, key_groups, state, should, assessed, enjoying, app, due, follower, follower_name, contacted, result, next_on, version`
	getWatch  = `SELECT ` + watchCols + ` FROM share_watch WHERE region = $1 AND person = $2`
	// The board and the list stand on the same rows: the sums must agree.
	boardRows = `SELECT district, COUNT(*), CAST(SUM(CASE WHEN should THEN 1 ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN should AND assessed THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN should AND enjoying THEN 1 ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN should AND state IN ('none', 'refused') AND contacted = '' THEN 1 ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN should AND state = 'due' THEN 1 ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN should AND next_on <> '' AND next_on <= $2 THEN 1 ELSE 0 END) AS BIGINT),
		CAST(SUM(CASE WHEN should AND follower = '' THEN 1 ELSE 0 END) AS BIGINT)
		FROM share_watch WHERE region = $1 GROUP BY district ORDER BY district`
	// One list for every figure of the board; '' is any.
	listWatch = `SELECT ` + watchCols + ` FROM share_watch WHERE region = $1 AND ($2 = '' OR district = $2) AND ($3 = '' OR community = $3)
		AND ($4 = '' OR follower = $4) AND ($5 = 'all' OR should AND ($5 = 'should' OR $5 = 'assessed' AND assessed OR $5 = 'enjoying' AND enjoying
		OR $5 = 'untouched' AND state IN ('none', 'refused') AND contacted = '' OR $5 = 'overdue' AND next_on <> '' AND next_on <= $6
		OR $5 = 'nobody' AND follower = '' OR state = $5) OR $5 = 'uninsured' AND NOT should)
		AND ($7 = '' OR district > $8 OR district = $8 AND (community > $9 OR community = $9 AND person > $7))
		ORDER BY district, community, person LIMIT $10`
	communities = `SELECT community FROM share_watch WHERE region = $1 AND district = $2 GROUP BY community ORDER BY community`
	watchedPage = `SELECT person FROM share_watch WHERE region = $1 AND person > $2 ORDER BY person LIMIT $3`
	dropWatch   = `DELETE FROM share_watch WHERE region = $1 AND person = ANY($2)`
	upsertWatch = `ON CONFLICT (region, person) DO UPDATE SET name = excluded.name, district = excluded.district, community = excluded.community, key_groups = excluded.key_groups,
		state = excluded.state, should = excluded.should, assessed = excluded.assessed, enjoying = excluded.enjoying, app = excluded.app, due = excluded.due, updated = excluded.updated`
	followWatch = `UPDATE share_watch SET follower = $4, follower_name = $5, contacted = $6, result = $7, next_on = $8, updated = $9, version = version + 1
		WHERE region = $1 AND person = $2 AND version = $3`
	putContact  = `INSERT INTO share_contact (region, person, at, on_day, result, note, next_on, actor, actor_name) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`
	dropContact = `DELETE FROM share_contact WHERE region = $1 AND person = $2 AND at = $3`
	contactsOf  = `SELECT on_day, result, note, next_on, actor_name FROM share_contact WHERE region = $1 AND person = $2 ORDER BY at DESC`
)

var colsWatch = strings.Fields("region person name district community key_groups state should assessed enjoying app due follower follower_name contacted result next_on version updated")

func scanWatch(r db.Row) (w Watched, err error) {
	return w, r.Scan(&w.Person, &w.Name, &w.District, &w.Community, &w.Groups, &w.State, &w.Should, &w.Assessed, &w.Enjoying, &w.App, &w.Due,
		&w.Follower, &w.FollowerName, &w.Contacted, &w.Result, &w.Next, &w.Version)
}

func watchOf(tx *db.Tx, region, id string) (Watched, error) {
	w, err := db.One(tx, scanWatch, getWatch, region, id)
	if errors.Is(err, db.ErrNone) {
		return w, fault.New(fault.NotFound, "这个人不在重点人群排查名单里。")
	}
	return w, err
}

func putWatch(tx *db.Tx, region string, list []Watched) error {
	rows := make([][]any, len(list))
	for i, w := range list {
		rows[i] = []any{region, w.Person, w.Name, w.District, w.Community, w.Groups, w.State, w.Should, w.Assessed, w.Enjoying, w.App, w.Due,
			w.Follower, w.FollowerName, w.Contacted, w.Result, w.Next, int64(1), tx.Millis()}
	}
	_, err := tx.Insert("share_watch", colsWatch, rows, upsertWatch)
	return err
}

// follow writes what an act on a watched person changes.
func follow(tx *db.Tx, region string, w Watched) error {
	n, err := tx.Exec(followWatch, region, w.Person, w.Version, w.Follower, w.FollowerName, w.Contacted, w.Result, w.Next, tx.Millis())
	if err == nil && n == 0 {
		err = errWatchMoved
	}
	return err
}

func scanBoard(r db.Row) (b BoardRow, err error) {
	return b, r.Scan(&b.District, &b.All, &b.Should, &b.Assessed, &b.Enjoying, &b.Untouched, &b.Due, &b.Overdue, &b.Nobody)
}

func board(tx *db.Tx, region string, today day.Day) ([]BoardRow, error) {
	return db.All(tx, scanBoard, boardRows, region, today)
}

func scanContact(r db.Row) (c Contact, err error) {
	return c, r.Scan(&c.On, &c.Result, &c.Note, &c.Next, &c.ActorName)
}
