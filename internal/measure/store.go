package measure

import (
	"encoding/json"
	"errors"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
)

const planCols = `duty, unit, owner, phone, target, set_on, set_by, steps, version, at`

const (
	plansAll = `SELECT ` + planCols + ` FROM measure_plan WHERE region = $1 ORDER BY duty`
	planOne  = `SELECT ` + planCols + ` FROM measure_plan WHERE region = $1 AND duty = $2`
	planPut  = `INSERT INTO measure_plan (region, duty, unit, owner, phone, target, set_on, set_by, steps, version, actor, at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,1,$10,$11) ON CONFLICT (region, duty) DO UPDATE SET unit = $3, owner = $4, phone = $5, target = $6,
		set_on = $7, set_by = $8, steps = $9, version = measure_plan.version + 1, actor = $10, at = $11 WHERE measure_plan.version = $12`
	planSteps = `UPDATE measure_plan SET steps = $3, version = version + 1, at = $4 WHERE region = $1 AND duty = $2`

	reportCols = `id, duty, on_day, done, step, say, proof, actor_name, at`
	reportsAll = `SELECT ` + reportCols + ` FROM measure_report WHERE region = $1 ORDER BY duty, on_day, id`
	reportsOf  = `SELECT ` + reportCols + ` FROM measure_report WHERE region = $1 AND duty = $2 ORDER BY on_day, id`
	reportHas  = `SELECT duty FROM measure_report WHERE region = $1 AND id = $2`

	remindPut = `INSERT INTO measure_reminder (region, duty, kind, due, turn, say, on_day, at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
		ON CONFLICT (region, duty, kind, due, turn) DO NOTHING`
	remindNew = `SELECT duty, kind, due, turn, say, on_day FROM measure_reminder WHERE region = $1 AND on_day >= $2 ORDER BY at DESC, duty LIMIT $3`

	filingGet = `SELECT duty, said, writer, writer_name, written, head, approver, approved_on, sent_on, sent_no, version FROM measure_filing WHERE region = $1 AND duty = $2`
	filingPut = `INSERT INTO measure_filing (region, duty, said, writer, writer_name, written, head, approver, approved_on, sent_on, sent_no, version)
		VALUES ($1,$2,$3,$4,$5,$6,'','','','','',1) ON CONFLICT (region, duty) DO UPDATE SET said = $3, writer = $4, writer_name = $5, written = $6,
		head = '', approver = '', approved_on = '', version = measure_filing.version + 1 WHERE measure_filing.version = $7 AND measure_filing.sent_on = ''`
	filingApprove = `UPDATE measure_filing SET head = $3, approver = $4, approved_on = $5, version = version + 1 WHERE region = $1 AND duty = $2 AND version = $6 AND approved_on = ''`
	filingSend    = `UPDATE measure_filing SET sent_on = $3, sent_no = $4, version = version + 1 WHERE region = $1 AND duty = $2 AND version = $5 AND approved_on <> '' AND sent_on = ''`
)

func scanPlan(r db.Row) (p Plan, err error) {
	var steps string
	if err = r.Scan(&p.Duty, &p.Unit, &p.Owner, &p.Phone, &p.Target, &p.Set, &p.SetBy, &steps, &p.Version, &p.At); err == nil {
		err = json.Unmarshal([]byte(steps), &p.Steps)
	}
	return p, err
}

func plans(tx *db.Tx, region string) (map[string]Plan, error) {
	rows, err := db.All(tx, scanPlan, plansAll, region)
	out := make(map[string]Plan, len(rows))
	for _, p := range rows {
		out[p.Duty] = p
	}
	return out, err
}

// planOf is the plan of a duty, empty when there is none yet.
func planOf(tx *db.Tx, region, duty string) (Plan, error) {
	p, err := db.One(tx, scanPlan, planOne, region, duty)
	if errors.Is(err, db.ErrNone) {
		return Plan{Duty: duty}, nil
	}
	return p, err
}

func putPlan(tx *db.Tx, region, actor string, p Plan) (bool, error) {
	steps, err := json.Marshal(p.Steps)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(planPut, region, p.Duty, p.Unit, p.Owner, p.Phone, p.Target, p.Set, p.SetBy, string(steps), actor, tx.Millis(), p.Version)
	return n > 0, err
}

func putSteps(tx *db.Tx, region, duty string, list []Step) error {
	steps, err := json.Marshal(list)
	if err == nil {
		_, err = tx.Exec(planSteps, region, duty, string(steps), tx.Millis())
	}
	return err
}

func scanReport(r db.Row) (x Report, err error) {
	return x, r.Scan(&x.ID, &x.Duty, &x.On, &x.Done, &x.Step, &x.Say, &x.Proof, &x.Name, &x.At)
}

func reports(tx *db.Tx, region string) (map[string][]Report, error) {
	rows, err := db.All(tx, scanReport, reportsAll, region)
	out := map[string][]Report{}
	for _, x := range rows {
		out[x.Duty] = append(out[x.Duty], x)
	}
	return out, err
}

func insertReport(tx *db.Tx, region, actor string, x Report) error {
	_, err := tx.Insert("measure_report", strings.Fields("region id duty on_day done step say proof actor actor_name at"),
		[][]any{{region, x.ID, x.Duty, x.On, x.Done, x.Step, x.Say, x.Proof, actor, x.Name, tx.Millis()}}, "")
	return err
}

func scanReminder(r db.Row) (x Reminder, err error) {
	return x, r.Scan(&x.Duty, &x.Kind, &x.Due, &x.Turn, &x.Say, &x.On)
}

func scanFiling(r db.Row) (x Filing, err error) {
	return x, r.Scan(&x.Duty, &x.Said, &x.Writer, &x.WriterName, &x.Written, &x.Head, &x.Approver, &x.Approved, &x.Sent, &x.SentNo, &x.Version)
}

// filing is the text of a duty, empty when nobody has written it yet.
func filing(tx *db.Tx, region, duty string) (Filing, error) {
	x, err := db.One(tx, scanFiling, filingGet, region, duty)
	if errors.Is(err, db.ErrNone) {
		return Filing{Duty: duty}, nil
	}
	return x, err
}

func remindersSince(tx *db.Tx, region string, from day.Day, limit int) ([]Reminder, error) {
	return db.All(tx, scanReminder, remindNew, region, from, limit)
}
