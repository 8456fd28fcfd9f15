package care

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const planCols = `region, id, person, institution, mode, level, status, from_day, to_day, items, slots, limits, note, secret, pin, written_by, confirmed_by, approved_by, confirmed_at, until_day, decision, version`

const visitCols = `region, id, plan, person, institution, staff, on_day, mode, planned_at, planned_minutes, planned_items, status, begin_at, end_at, minutes, place, items, evidence, confirmed, trouble, lines, bill_decision, suspect_decision, suspects, note, version`

// What a bill needs to know of a visit: no items, places and evidence, which
// are most of the row.
const servedCols = `region, id, person, institution, staff, on_day, mode, status, begin_at, minutes, confirmed, lines, suspects`

const exceptionCols = `region, visit, kind, institution, person, staff, on_day, say, clause, status, answer_due, answer, answered_by, evidence, decide_due, reason, decided_by, deduct_minutes, version`

const (
	getPlan      = `SELECT ` + planCols + ` FROM care_plan WHERE region = $1 AND id = $2`
	plansPerson  = `SELECT ` + planCols + ` FROM care_plan WHERE region = $1 AND person = $2 ORDER BY id DESC`
	plansOf      = `SELECT ` + planCols + ` FROM care_plan WHERE region = $1 AND institution = $2 AND ($3 = '' OR status = $3) ORDER BY id DESC LIMIT $4`
	plansStatus  = `SELECT ` + planCols + ` FROM care_plan WHERE region = $1 AND status = $2 ORDER BY id LIMIT $3`
	plansRolling = `SELECT ` + planCols + ` FROM care_plan WHERE region = $1 AND status = 'active'
		AND ((until_day < $2 AND until_day < to_day) OR to_day < $3) ORDER BY id LIMIT $4`
	putPlan = `INSERT INTO care_plan (` + planCols + `, at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,1,$22)`
	setPlan = `UPDATE care_plan SET status = $4, from_day = $5, to_day = $6, items = $7, slots = $8, limits = $9, note = $10, pin = $11,
		written_by = $12, confirmed_by = $13, approved_by = $14, until_day = $15, decision = $16, level = $17, confirmed_at = $18, version = version + 1, at = $19
		WHERE region = $1 AND id = $2 AND version = $3`

	getVisit    = `SELECT ` + visitCols + ` FROM care_visit WHERE region = $1 AND id = $2`
	getVisits   = `SELECT ` + visitCols + ` FROM care_visit WHERE region = $1 AND id = ANY($2)`
	visitsStaff = `SELECT ` + visitCols + ` FROM care_visit WHERE region = $1 AND staff = $2 AND on_day >= $3 AND on_day <= $4 ORDER BY on_day, planned_at, begin_at, id`
	visitsOne   = `SELECT ` + visitCols + ` FROM care_visit WHERE region = $1 AND person = $2 AND on_day >= $3 AND on_day <= $4 ORDER BY on_day, planned_at, begin_at, id LIMIT $5`
	visitsOf    = `SELECT ` + visitCols + ` FROM care_visit WHERE region = $1 AND institution = $2 AND on_day >= $3 AND on_day <= $4 AND ($5 = '' OR status = $5) AND (on_day, id) > ($6, $7) ORDER BY on_day, id LIMIT $8`
	getServed   = `SELECT ` + servedCols + ` FROM care_visit WHERE region = $1 AND id = ANY($2)`
	visitsDone  = `SELECT ` + servedCols + ` FROM care_visit WHERE region = $1 AND ($2 = '' OR institution = $2) AND on_day >= $3 AND on_day <= $4 AND status = 'done' AND id > $5 ORDER BY id LIMIT $6`
	setVisit    = `UPDATE care_visit SET staff = $4, on_day = $5, status = $6, begin_at = $7, end_at = $8, minutes = $9, place = $10, items = $11, evidence = $12,
		confirmed = $13, trouble = $14, lines = $15, bill_decision = $16, suspect_decision = $17, suspects = $18, note = $19, version = version + 1, at = $20
		WHERE region = $1 AND id = $2 AND version = $3`
	countBegun    = `SELECT COUNT(*) FROM care_visit WHERE region = $1 AND plan = $2 AND person = $3 AND status <> 'planned'`
	dropVisits    = `DELETE FROM care_visit WHERE region = $1 AND plan = $2 AND person = $3 AND status = 'planned'`
	lockVisits    = `UPDATE care_visit SET version = version + 1 WHERE region = $1 AND id = ANY($2)`
	markVisit     = `UPDATE care_visit SET suspects = $3, suspect_decision = $4 WHERE region = $1 AND id = $2`
	cancelVisits  = `UPDATE care_visit SET status = 'cancelled', version = version + 1, at = $4 WHERE region = $1 AND plan = $2 AND status = 'planned' AND on_day > $3 AND person = $5`
	rosterVisit   = `UPDATE care_visit SET staff = $4, version = version + 1, at = $5 WHERE region = $1 AND id = $2 AND status = 'planned' AND institution = $3`
	doneOfStaff   = `SELECT ` + visitCols + ` FROM care_visit WHERE region = $1 AND staff = ANY($2) AND on_day >= $3 AND on_day <= $4 AND status = 'done'`
	doneOfPersons = `SELECT ` + visitCols + ` FROM care_visit WHERE region = $1 AND person = ANY($2) AND on_day >= $3 AND on_day <= $4 AND status = 'done'`
	servedPersons = `SELECT ` + servedCols + ` FROM care_visit WHERE region = $1 AND person = ANY($2) AND on_day >= $3 AND on_day <= $4 AND status = 'done'`
	personsDone   = `SELECT person, COUNT(*) FROM care_visit WHERE region = $1 AND on_day >= $2 AND on_day <= $3 AND status = 'done' GROUP BY person ORDER BY person`
	doubted       = `SELECT COUNT(*) FROM care_visit WHERE region = $1 AND id = ANY($2) AND (suspects > 0 OR status <> 'done')`
	doneOn        = `SELECT id FROM care_visit WHERE region = $1 AND on_day = $2 AND status = 'done' ORDER BY id`

	eventsOf = `SELECT client_id, kind, device_at, received_at, body FROM care_sync WHERE region = $1 AND visit = $2`
	putEvent = `INSERT INTO care_sync (region, client_id, visit, kind, device_at, received_at, actor, digest, body) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)
		ON CONFLICT (region, client_id) DO NOTHING`
	recentEvents = `SELECT visit, kind, device_at, received_at FROM care_sync WHERE region = $1 AND actor = $2 ORDER BY received_at DESC, client_id LIMIT $3`
	knownEvent   = `SELECT digest FROM care_sync WHERE region = $1 AND client_id = $2`

	exceptionsVisit = `SELECT ` + exceptionCols + ` FROM care_exception WHERE region = $1 AND visit = $2 ORDER BY kind`
	exceptionsOf    = `SELECT ` + exceptionCols + ` FROM care_exception WHERE region = $1 AND ($2 = '' OR institution = $2) AND ($3 = '' OR status = $3) AND ($4 = '' OR staff = $4)
		ORDER BY on_day DESC, visit, kind LIMIT $5`
	exceptionsCount = `SELECT status, COUNT(*) FROM care_exception WHERE region = $1 AND ($2 = '' OR institution = $2) GROUP BY status`
	getException    = `SELECT ` + exceptionCols + ` FROM care_exception WHERE region = $1 AND visit = $2 AND kind = $3`
	setException    = `UPDATE care_exception SET status = $5, answer = $6, answered_by = $7, evidence = $8, decide_due = $9, reason = $10, decided_by = $11, deduct_minutes = $12, version = version + 1, at = $13
		WHERE region = $1 AND visit = $2 AND kind = $3 AND version = $4`
	sayException  = `UPDATE care_exception SET say = $4, clause = $5, staff = $6, on_day = $7 WHERE region = $1 AND visit = $2 AND kind = $3`
	dropException = `DELETE FROM care_exception WHERE region = $1 AND visit = $2 AND kind = $3 AND status = 'open'`
)

// js writes a value that is stored as JSON text.
func js(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("care: %T does not marshal: %v", v, err)) // our own plain structs
	}
	return string(b)
}

func unjs(text string, into any) error {
	if text == "" || text == "[]" || text == "{}" {
		return nil // most columns of most rows
	}
	return json.Unmarshal([]byte(text), into)
}

func scanPlan(r db.Row) (p Plan, err error) {
	var items, slots, limits string
	err = r.Scan(&p.Region, &p.ID, &p.Person, &p.Institution, &p.Mode, &p.Level, &p.Status, &p.From, &p.To, &items, &slots, &limits,
		&p.Note, &p.secret, &p.pin, &p.WrittenBy, &p.ConfirmedBy, &p.ApprovedBy, &p.ConfirmedAt, &p.Until, &p.Decision, &p.Version)
	p.PinSet = p.pin != ""
	return p, errors.Join(err, unjs(items, &p.Items), unjs(slots, &p.Slots), unjs(limits, &p.Limits))
}

func scanVisit(r db.Row) (v Visit, err error) {
	var planned, place, items, evidence, lines string
	err = r.Scan(&v.Region, &v.ID, &v.Plan, &v.Person, &v.Institution, &v.Staff, &v.On, &v.Mode, &v.PlannedAt, &v.PlannedMinutes, &planned,
		&v.Status, &v.Begin, &v.End, &v.Minutes, &place, &items, &evidence, &v.Confirmed, &v.Trouble, &lines,
		&v.BillDecision, &v.SuspectDecision, &v.Suspects, &v.Note, &v.Version)
	err = errors.Join(err, unjs(planned, &v.PlannedItems), unjs(place, &v.Place), unjs(evidence, &v.Evidence), unjs(lines, &v.Lines))
	if items == planned { // as most visits go
		v.Items = slices.Clone(v.PlannedItems)
		return v, err
	}
	return v, errors.Join(err, unjs(items, &v.Items))
}

func scanServed(r db.Row) (v Visit, err error) {
	var lines string
	err = r.Scan(&v.Region, &v.ID, &v.Person, &v.Institution, &v.Staff, &v.On, &v.Mode, &v.Status, &v.Begin, &v.Minutes, &v.Confirmed, &lines, &v.Suspects)
	return v, errors.Join(err, unjs(lines, &v.Lines))
}

func scanException(r db.Row) (x Exception, err error) {
	var clause, evidence string
	err = r.Scan(&x.Region, &x.Visit, &x.Kind, &x.Institution, &x.Person, &x.Staff, &x.On, &x.Say, &clause, &x.Status, &x.AnswerDue, &x.Answer,
		&x.AnsweredBy, &evidence, &x.DecideDue, &x.Reason, &x.DecidedBy, &x.DeductMinutes, &x.Version)
	return x, errors.Join(err, unjs(clause, &x.Clause), unjs(evidence, &x.Evidence))
}

func none(err error, say string) error {
	if errors.Is(err, db.ErrNone) {
		return fault.New(fault.NotFound, "%s", say)
	}
	return err
}

func stale(n int64, err error, what string) error {
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "%s刚被别人改过，请刷新页面，看过新的内容再办。", what)
	}
	return err
}

// GetPlan reads a plan; fault.NotFound when there is none.
func GetPlan(tx *db.Tx, region, id string) (Plan, error) {
	p, err := db.One(tx, scanPlan, getPlan, region, id)
	return p, none(err, "没有找到这份护理计划。")
}

// PlansOfPerson lists a person's plans, the newest first.
func PlansOfPerson(tx *db.Tx, region, person string) ([]Plan, error) {
	return db.All(tx, scanPlan, plansPerson, region, person)
}

// PlansOf lists an institution's plans, by status or all (""), the newest first.
func PlansOf(tx *db.Tx, region, institution string, status PlanStatus, limit int) ([]Plan, error) {
	return db.All(tx, scanPlan, plansOf, region, institution, string(status), limit)
}

// PlansWaiting lists the plans of a region in a status, the oldest first.
func PlansWaiting(tx *db.Tx, region string, status PlanStatus, limit int) ([]Plan, error) {
	return db.All(tx, scanPlan, plansStatus, region, string(status), limit)
}

func insertPlan(tx *db.Tx, p Plan) error {
	_, err := tx.Exec(putPlan, p.Region, p.ID, p.Person, p.Institution, p.Mode, p.Level, string(p.Status), p.From, p.To, js(p.Items), js(p.Slots),
		js(p.Limits), p.Note, p.secret, p.pin, p.WrittenBy, p.ConfirmedBy, p.ApprovedBy, p.ConfirmedAt, p.Until, p.Decision, tx.Millis())
	return err
}

func updatePlan(tx *db.Tx, p Plan) error {
	n, err := tx.Exec(setPlan, p.Region, p.ID, p.Version, string(p.Status), p.From, p.To, js(p.Items), js(p.Slots), js(p.Limits), p.Note, p.pin,
		p.WrittenBy, p.ConfirmedBy, p.ApprovedBy, p.Until, p.Decision, p.Level, p.ConfirmedAt, tx.Millis())
	return stale(n, err, "这份计划")
}

// GetVisit reads a visit; fault.NotFound when there is none.
func GetVisit(tx *db.Tx, region, id string) (Visit, error) {
	v, err := db.One(tx, scanVisit, getVisit, region, id)
	return v, none(err, "没有找到这次上门。")
}

// GetVisits reads visits by id; an id without a row is left out.
func GetVisits(tx *db.Tx, region string, ids []string) (map[string]Visit, error) {
	out := make(map[string]Visit, len(ids))
	rows, err := db.All(tx, scanVisit, getVisits, region, ids)
	for _, v := range rows {
		out[v.ID] = v
	}
	return out, err
}

// Served reads visits by id with what their bills need; the record of items,
// places and evidence is left empty. An id without a row is left out.
func Served(tx *db.Tx, region string, ids []string) (map[string]Visit, error) {
	out := make(map[string]Visit, len(ids))
	rows, err := db.All(tx, scanServed, getServed, region, ids)
	for _, v := range rows {
		out[v.ID] = v
	}
	return out, err
}

// VisitDone reads a visit that has taken place, with its lines, for the claim.
// Conflict: it is not done (yet), or the office does not recognise it.
func VisitDone(tx *db.Tx, region, id string) (Visit, error) {
	v, err := GetVisit(tx, region, id)
	if err == nil && v.Status != Done {
		err = fault.New(fault.Conflict, "这次上门现在是“%s”，不能结算。", v.Status.Name())
	}
	return v, err
}

// VisitsDone reads done visits, as Served does, of days from–to in the order of
// their ids after a given id; institution "" is all.
func VisitsDone(tx *db.Tx, region, institution string, from, to day.Day, after string, limit int) ([]Visit, error) {
	return db.All(tx, scanServed, visitsDone, region, institution, from, to, after, limit)
}

// PersonsDone tells who had how many done visits from–to, in the order of ids.
func PersonsDone(tx *db.Tx, region string, from, to day.Day) (persons []string, visits []int64, err error) {
	_, err = db.All(tx, func(r db.Row) (struct{}, error) {
		var p string
		var n int64
		err := r.Scan(&p, &n)
		persons, visits = append(persons, p), append(visits, n)
		return struct{}{}, err
	}, personsDone, region, from, to)
	return persons, visits, err
}

// VisitsDoneTo reads the done visits, as Served does, of days from–to to some
// persons, each person's in the order of time.
func VisitsDoneTo(tx *db.Tx, region string, persons []string, from, to day.Day) ([]Visit, error) {
	vs, err := db.All(tx, scanServed, servedPersons, region, persons, from, to)
	slices.SortFunc(vs, func(a, b Visit) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.On, b.On), cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.ID, b.ID))
	})
	return vs, err
}

// Doubted counts those of the visits that have a suspicion by now, or are not
// done any more: put down by the office, or taken back.
func Doubted(tx *db.Tx, region string, ids []string) (int64, error) {
	return db.One(tx, db.Value[int64], doubted, region, ids)
}

// VisitsOfStaff lists the visits of a member of staff, in the order of time.
func VisitsOfStaff(tx *db.Tx, region, staff string, from, to day.Day) ([]Visit, error) {
	return db.All(tx, scanVisit, visitsStaff, region, staff, from, to)
}

// VisitsOfPerson lists the visits to a person, in the order of time.
func VisitsOfPerson(tx *db.Tx, region, person string, from, to day.Day, limit int) ([]Visit, error) {
	return db.All(tx, scanVisit, visitsOne, region, person, from, to, limit)
}

// VisitsOf pages through an institution's visits by (day, id) after a given
// one; status "" is all.
func VisitsOf(tx *db.Tx, region, institution string, from, to day.Day, status VisitStatus, afterDay day.Day, after string, limit int) ([]Visit, error) {
	return db.All(tx, scanVisit, visitsOf, region, institution, from, to, string(status), afterDay, after, limit)
}

// InsertVisits writes new visits in few statements; one that exists stays as it is.
func InsertVisits(tx *db.Tx, visits []Visit) (int64, error) {
	rows := make([][]any, len(visits))
	for i, v := range visits {
		rows[i] = []any{v.Region, v.ID, v.Plan, v.Person, v.Institution, v.Staff, v.On, v.Mode, v.PlannedAt, v.PlannedMinutes, js(v.PlannedItems),
			string(v.Status), v.Begin, v.End, v.Minutes, js(v.Place), js(v.Items), js(v.Evidence), v.Confirmed, v.Trouble, js(v.Lines),
			v.BillDecision, v.SuspectDecision, v.Suspects, v.Note, 1, tx.Millis()}
	}
	return tx.Insert("care_visit", append(strings.Fields(strings.ReplaceAll(visitCols, ",", "")), "at"), rows, "ON CONFLICT (region, id) DO NOTHING")
}

func updateVisit(tx *db.Tx, v Visit) error {
	n, err := tx.Exec(setVisit, v.Region, v.ID, v.Version, v.Staff, v.On, string(v.Status), v.Begin, v.End, v.Minutes, js(v.Place), js(v.Items), js(v.Evidence),
		v.Confirmed, v.Trouble, js(v.Lines), v.BillDecision, v.SuspectDecision, v.Suspects, v.Note, tx.Millis())
	return stale(n, err, "这次上门的记录")
}

func readEvents(tx *db.Tx, region, visit string) ([]Event, error) {
	return db.All(tx, func(r db.Row) (e Event, err error) {
		var id, kind, body string
		var at, received int64
		if err = r.Scan(&id, &kind, &at, &received, &body); err != nil {
			return e, err
		}
		var kept keptEvent
		err = unjs(body, &kept)
		e = kept.Event
		e.ClientID, e.Visit, e.Kind, e.At, e.received, e.distance = id, visit, kind, at, received, kept.Distance
		return e, err
	}, eventsOf, region, visit)
}

// keptEvent is the body of an event as stored.
type keptEvent struct {
	Event
	Distance int64 `json:"distance"`
}

// ExceptionsOf lists exceptions; institution, status and staff "" are all.
func ExceptionsOf(tx *db.Tx, region, institution string, status ExceptionStatus, staff string, limit int) ([]Exception, error) {
	return db.All(tx, scanException, exceptionsOf, region, institution, string(status), staff, limit)
}

// ExceptionsOfVisit lists the exceptions of a visit.
func ExceptionsOfVisit(tx *db.Tx, region, visit string) ([]Exception, error) {
	return db.All(tx, scanException, exceptionsVisit, region, visit)
}

// ExceptionCounts counts exceptions by status; institution "" is all.
func ExceptionCounts(tx *db.Tx, region, institution string) (map[ExceptionStatus]int64, error) {
	type row struct {
		s ExceptionStatus
		n int64
	}
	rows, err := db.All(tx, func(r db.Row) (x row, err error) { return x, r.Scan(&x.s, &x.n) }, exceptionsCount, region, institution)
	out := map[ExceptionStatus]int64{}
	for _, r := range rows {
		out[r.s] = r.n
	}
	return out, err
}

// GetException reads one exception.
func GetException(tx *db.Tx, region, visit, kind string) (Exception, error) {
	x, err := db.One(tx, scanException, getException, region, visit, kind)
	return x, none(err, "没有找到这个疑点。")
}

func insertExceptions(tx *db.Tx, xs []Exception) error {
	rows := make([][]any, len(xs))
	for i, x := range xs {
		rows[i] = []any{x.Region, x.Visit, x.Kind, x.Institution, x.Person, x.Staff, x.On, x.Say, js(x.Clause), string(x.Status), x.AnswerDue,
			x.Answer, x.AnsweredBy, js(x.Evidence), x.DecideDue, x.Reason, x.DecidedBy, x.DeductMinutes, 1, tx.Millis()}
	}
	_, err := tx.Insert("care_exception", append(strings.Fields(strings.ReplaceAll(exceptionCols, ",", "")), "at"), rows, "ON CONFLICT (region, visit, kind) DO NOTHING")
	return err
}

func updateException(tx *db.Tx, x Exception) error {
	n, err := tx.Exec(setException, x.Region, x.Visit, x.Kind, x.Version, string(x.Status), x.Answer, x.AnsweredBy, js(x.Evidence), x.DecideDue,
		x.Reason, x.DecidedBy, x.DeductMinutes, tx.Millis())
	return stale(n, err, "这个疑点")
}
