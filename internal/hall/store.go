package hall

import (
	"errors"
	"strings"

	"yinling/internal/db"
	"yinling/internal/fault"
)

const (
	placeCols = `region, id, name, kind, district, address, hours, institution, open, version, weekdays, opens, facilities, staff, lat, lng`
	getPlaces = `SELECT ` + placeCols + ` FROM hall_place WHERE region = $1 ORDER BY kind, name, id`
	getPlace  = `SELECT ` + placeCols + ` FROM hall_place WHERE region = $1 AND id = $2`
	setPlace  = `UPDATE hall_place SET name = $4, kind = $5, district = $6, address = $7, hours = $8, institution = $9, open = $10, version = version + 1, at = $11,
		weekdays = $12, opens = $13, facilities = $14, staff = $15, lat = $16, lng = $17 WHERE region = $1 AND id = $2 AND version = $3`

	windowCols = `region, id, place, no, name, matters, priority, status, reason, clerk, clerk_name, version`
	getWindows = `SELECT ` + windowCols + ` FROM hall_window WHERE region = $1 AND place = $2 ORDER BY no`
	allWindows = `SELECT ` + windowCols + ` FROM hall_window WHERE region = $1 ORDER BY place, no`
	getWindow  = `SELECT ` + windowCols + ` FROM hall_window WHERE region = $1 AND id = $2`
	setWindow  = `UPDATE hall_window SET name = $4, matters = $5, priority = $6, status = $7, reason = $8, clerk = $9, clerk_name = $10, version = version + 1, at = $11
		WHERE region = $1 AND id = $2 AND version = $3`

	bump = `INSERT INTO hall_count (region, place, day, n) VALUES ($1,$2,$3,1)
		ON CONFLICT (region, place, day) DO UPDATE SET n = hall_count.n + 1 RETURNING n`

	ticketCols = `region, id, place, day, label, lane, why, source, matter, person, shown, status, window_id, to_window, calls,
		taken, arrived, called, started, accepted, ended, decision, call_decision, version`
	getTicket  = `SELECT ` + ticketCols + ` FROM hall_ticket WHERE region = $1 AND id = $2`
	getActive  = `SELECT ` + ticketCols + ` FROM hall_ticket WHERE region = $1 AND place = $2 AND day = $3 AND status IN ('booked','waiting','called','serving','missed') ORDER BY taken, id`
	getDays    = `SELECT ` + ticketCols + ` FROM hall_ticket WHERE region = $1 AND place = $2 AND day >= $3 AND day <= $4 ORDER BY day, taken, id LIMIT 20000`
	getOf      = `SELECT ` + ticketCols + ` FROM hall_ticket WHERE region = $1 AND person = $2 AND day = $3 ORDER BY taken, id`
	getAt      = `SELECT ` + ticketCols + ` FROM hall_ticket WHERE region = $1 AND place = $2 AND day = $3 AND window_id = $4 AND status IN ('called','serving') ORDER BY called, id`
	getLabel   = `SELECT ` + ticketCols + ` FROM hall_ticket WHERE region = $1 AND place = $2 AND day = $3 AND label = $4`
	countQueue = `SELECT place, COUNT(*) FROM hall_ticket WHERE region = $1 AND day = $2 AND status = 'waiting' GROUP BY place`
	setTicket  = `UPDATE hall_ticket SET status = $4, window_id = $5, to_window = $6, calls = $7, arrived = $8, called = $9, started = $10, accepted = $11, ended = $12,
		call_decision = $13, matter = $14, version = version + 1 WHERE region = $1 AND id = $2 AND version = $3`

	getSteps      = `SELECT seq, step, say, actor, actor_name, at FROM hall_step WHERE region = $1 AND ticket = $2 ORDER BY seq`
	getCases      = `SELECT case_id FROM hall_case WHERE region = $1 AND ticket = $2 ORDER BY at, case_id`
	getCaseTicket = `SELECT ticket FROM hall_case WHERE region = $1 AND case_id = $2 ORDER BY at`
	lastStep      = `SELECT COALESCE(MAX(seq), 0) FROM hall_step WHERE region = $1 AND ticket = $2`
)

func scanPlace(r db.Row) (p Place, err error) {
	return p, r.Scan(&p.Region, &p.ID, &p.Name, &p.Kind, &p.District, &p.Address, &p.told, &p.Institution, &p.Open, &p.Version,
		&p.Weekdays, &p.Opens, &p.Facilities, &p.Staff, &p.Lat, &p.Lng)
}

func scanWindow(r db.Row) (w Window, err error) {
	var matters string
	err = r.Scan(&w.Region, &w.ID, &w.Place, &w.No, &w.Name, &matters, &w.Priority, &w.Status, &w.Reason, &w.Clerk, &w.ClerkName, &w.Version)
	w.Matters = split(matters)
	return w, err
}

func scanTicket(r db.Row) (t Ticket, err error) {
	return t, r.Scan(&t.Region, &t.ID, &t.Place, &t.Day, &t.Label, &t.Lane, &t.Why, &t.Source, &t.Matter, &t.Person, &t.Shown, &t.Status, &t.Window, &t.ToWindow, &t.Calls,
		&t.Taken, &t.Arrived, &t.Called, &t.Started, &t.Accepted, &t.Ended, &t.Decision, &t.CallDecision, &t.Version)
}

// one reads a row; nothing there is said with the sentence.
func one[T any](tx *db.Tx, scan func(db.Row) (T, error), none, q string, args ...any) (T, error) {
	v, err := db.One(tx, scan, q, args...)
	if errors.Is(err, db.ErrNone) {
		return v, fault.New(fault.NotFound, "%s", none)
	}
	return v, err
}

func placeOf(tx *db.Tx, region, id string) (Place, error) {
	return one(tx, scanPlace, "没有找到这个大厅或站点。", getPlace, region, id)
}

func windowOf(tx *db.Tx, region, id string) (Window, error) {
	return one(tx, scanWindow, "没有找到这个窗口。", getWindow, region, id)
}

func ticketOf(tx *db.Tx, region, id string) (Ticket, error) {
	return one(tx, scanTicket, "没有找到这个号。号只在当天有用，请重新取一个。", getTicket, region, id)
}

func putPlace(tx *db.Tx, p Place) error {
	_, err := tx.Insert("hall_place", strings.Fields("region id name kind district address hours institution open version at weekdays opens facilities staff lat lng"),
		[][]any{{p.Region, p.ID, p.Name, p.Kind, p.District, p.Address, p.Hours(), p.Institution, p.Open, p.Version, tx.Millis(),
			p.Weekdays, p.Opens, p.Facilities, p.Staff, p.Lat, p.Lng}}, "")
	return err
}

func changePlace(tx *db.Tx, p Place) error {
	n, err := tx.Exec(setPlace, p.Region, p.ID, p.Version, p.Name, p.Kind, p.District, p.Address, p.Hours(), p.Institution, p.Open, tx.Millis(),
		p.Weekdays, p.Opens, p.Facilities, p.Staff, p.Lat, p.Lng)
	return changed(n, err)
}

func putWindow(tx *db.Tx, w Window) (bool, error) {
	n, err := tx.Insert("hall_window", strings.Fields("region id place no name matters priority status reason clerk clerk_name version at"),
		[][]any{{w.Region, w.ID, w.Place, w.No, w.Name, strings.Join(w.Matters, ","), w.Priority, w.Status, w.Reason, w.Clerk, w.ClerkName, w.Version, tx.Millis()}},
		"ON CONFLICT (region, place, no) DO NOTHING")
	return n == 1, err
}

func changeWindow(tx *db.Tx, w Window) error {
	n, err := tx.Exec(setWindow, w.Region, w.ID, w.Version, w.Name, strings.Join(w.Matters, ","), w.Priority, w.Status, w.Reason, w.Clerk, w.ClerkName, tx.Millis())
	return changed(n, err)
}

// changed turns a guarded update that met no row into a conflict.
func changed(n int64, err error) error {
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "您打开这一页以后，别人已经改过。请看过新的内容再办。")
	}
	return err
}

func putTicket(tx *db.Tx, t Ticket) error {
	cols := strings.FieldsFunc(ticketCols, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
	_, err := tx.Insert("hall_ticket", cols, [][]any{{t.Region, t.ID, t.Place, t.Day, t.Label, t.Lane, t.Why, t.Source, t.Matter, t.Person, t.Shown, string(t.Status),
		t.Window, t.ToWindow, t.Calls, t.Taken, t.Arrived, t.Called, t.Started, t.Accepted, t.Ended, t.Decision, t.CallDecision, t.Version}}, "")
	return err
}

// changeTicket writes a ticket if nobody changed it since it was read.
func changeTicket(tx *db.Tx, t Ticket) (bool, error) {
	n, err := tx.Exec(setTicket, t.Region, t.ID, t.Version, string(t.Status), t.Window, t.ToWindow, t.Calls, t.Arrived, t.Called, t.Started, t.Accepted, t.Ended,
		t.CallDecision, t.Matter)
	return n == 1, err
}

func note(tx *db.Tx, t Ticket, step, say, actor, name string) error {
	seq, err := db.One(tx, db.Value[int64], lastStep, t.Region, t.ID)
	if err != nil {
		return err
	}
	_, err = tx.Insert("hall_step", strings.Fields("region ticket seq step say actor actor_name at"),
		[][]any{{t.Region, t.ID, seq + 1, step, say, actor, name, tx.Millis()}}, "")
	return err
}

func stepsOf(tx *db.Tx, region, ticket string) ([]Step, error) {
	return db.All(tx, func(r db.Row) (s Step, err error) {
		return s, r.Scan(&s.Seq, &s.Step, &s.Say, &s.Actor, &s.ActorName, &s.At)
	}, getSteps, region, ticket)
}

func queueCounts(tx *db.Tx, region, day string) (map[string]int64, error) {
	type row struct {
		place string
		n     int64
	}
	rows, err := db.All(tx, func(r db.Row) (x row, err error) { return x, r.Scan(&x.place, &x.n) }, countQueue, region, day)
	out := map[string]int64{}
	for _, x := range rows {
		out[x.place] = x.n
	}
	return out, err
}
