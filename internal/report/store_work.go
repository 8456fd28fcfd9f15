package report

import (
	"fmt"

	"yinling/internal/day"
	"yinling/internal/db"
)

// The dashboards of assessment and of service. Applications are read by the
// range of their numbers, visits institution by institution: both have an index.
const (
	assessMonths = `SELECT SUBSTR(a.id, 3, 4), COUNT(*), COUNT(CASE WHEN a.final_level >= 0 THEN 1 END), COUNT(CASE WHEN a.benefit <> '' THEN 1 END)
		FROM assess_application AS a WHERE a.region = $1 AND a.id >= $2 AND a.id < $3 GROUP BY SUBSTR(a.id, 3, 4)`
	assessLevels = `SELECT CAST(a.final_level AS TEXT), COUNT(*) FROM assess_application AS a
		WHERE a.region = $1 AND a.id >= $2 AND a.id < $3 AND a.final_level >= 0 GROUP BY a.final_level ORDER BY a.final_level`
	assessAgree = `SELECT COUNT(*), COUNT(CASE WHEN a.final_level = a.recorded_level THEN 1 END), COUNT(CASE WHEN a.final_level > a.recorded_level THEN 1 END)
		FROM assess_application AS a WHERE a.region = $1 AND a.id >= $2 AND a.id < $3 AND a.final_level >= 0 AND a.recorded_level >= 0`
	assessAgain = `SELECT COUNT(CASE WHEN a.final_level > b.final_level THEN 1 END), COUNT(CASE WHEN a.final_level = b.final_level THEN 1 END), COUNT(CASE WHEN a.final_level < b.final_level THEN 1 END)
		FROM assess_application AS a JOIN assess_application AS b ON b.region = a.region AND b.id = a.previous
		WHERE a.region = $1 AND a.id >= $2 AND a.id < $3 AND a.final_level >= 0 AND b.final_level >= 0`
	assessDays = `SELECT a.created, a.concluded_on FROM assess_application AS a
		WHERE a.region = $1 AND a.id >= $2 AND a.id < $3 AND a.concluded_on >= $4 AND a.concluded_on <= $5`
	assessObjected = `SELECT COUNT(DISTINCT o.case_id) FROM assess_objection AS o WHERE o.region = $1 AND o.case_id >= $2 AND o.case_id < $3`

	carers   = `SELECT i.id, i.name FROM institution_institution AS i WHERE i.region = $1 ORDER BY i.name, i.id`
	visitsOf = `SELECT COUNT(*), COUNT(CASE WHEN v.status IN ('done', 'started') THEN 1 END),
		COUNT(CASE WHEN v.status = 'planned' AND v.on_day < $5 THEN 1 END), COUNT(CASE WHEN v.status = 'trouble' THEN 1 END), COUNT(CASE WHEN v.status = 'void' THEN 1 END),
		COUNT(CASE WHEN v.begin_at > 0 AND v.planned_at > 0 AND v.begin_at - v.planned_at > 1800000 THEN 1 END),
		COUNT(CASE WHEN v.begin_at > 0 AND v.planned_at > 0 AND v.begin_at - v.planned_at < -1800000 THEN 1 END),
		COUNT(CASE WHEN v.begin_at > 0 AND v.planned_at > 0 THEN 1 END),
		COUNT(CASE WHEN v.status = 'done' AND v.planned_minutes > 0 THEN 1 END),
		COUNT(CASE WHEN v.status = 'done' AND v.planned_minutes > 0 AND v.minutes * 10 < v.planned_minutes * 9 THEN 1 END),
		COUNT(CASE WHEN v.status = 'done' AND v.planned_minutes > 0 AND v.minutes * 10 > v.planned_minutes * 11 THEN 1 END),
		COUNT(CASE WHEN v.status = 'done' AND v.confirmed <> '' THEN 1 END), COUNT(CASE WHEN v.status = 'done' THEN 1 END)
		FROM care_visit AS v WHERE v.region = $1 AND v.institution = $2 AND v.on_day >= $3 AND v.on_day <= $4`
	doubtsMonth = `SELECT e.kind, COUNT(*), COUNT(CASE WHEN e.status IN ('deducted', 'voided') THEN 1 END) FROM care_exception AS e
		WHERE e.region = $1 AND e.status IN ('open', 'answered', 'accepted', 'deducted', 'voided') AND e.on_day >= $2 AND e.on_day <= $3 GROUP BY e.kind ORDER BY 2 DESC, 1`
)

// number is where the case numbers of a month begin.
func number(m day.Month) string {
	y, mm, _ := m.First().Date()
	return fmt.Sprintf("SL%02d%02d", y%100, mm)
}

func assessed(tx *db.Tx, region string, m day.Month) (b Assessed, err error) {
	from, to := number(m-11), number(m+1)
	by := map[string]AssessedMonth{}
	if _, err = db.All(tx, func(r db.Row) (struct{}, error) {
		var key string
		var x AssessedMonth
		err := r.Scan(&key, &x.Applied, &x.Concluded, &x.Granted)
		by[key] = x
		return struct{}{}, err
	}, assessMonths, region, from, to); err != nil {
		return b, err
	}
	for x := m - 11; x <= m; x++ {
		row := by[number(x)[2:]]
		row.Month = x
		b.Months = append(b.Months, row)
	}
	if b.Levels, err = counts(tx, assessLevels, region, from, to); err != nil {
		return b, err
	}
	if _, err = db.One(tx, func(r db.Row) (struct{}, error) {
		return struct{}{}, r.Scan(&b.Compared, &b.Same, &b.Higher)
	}, assessAgree, region, from, to); err != nil {
		return b, err
	}
	if _, err = db.One(tx, func(r db.Row) (struct{}, error) {
		return struct{}{}, r.Scan(&b.Worse, &b.Equal, &b.Better)
	}, assessAgain, region, from, to); err != nil {
		return b, err
	}
	if b.Objected, err = db.One(tx, db.Value[int64], assessObjected, region, from, to); err != nil {
		return b, err
	}
	b.Days, err = db.All(tx, func(r db.Row) (int64, error) {
		var created int64
		var on day.Day
		err := r.Scan(&created, &on)
		return int64(on - dayOf(created)), err
	}, assessDays, region, from, to, m.First(), m.Last())
	return b, err
}

func served(tx *db.Tx, region string, m day.Month) (b Served, err error) {
	type inst struct{ id, name string }
	list, err := db.All(tx, func(r db.Row) (i inst, err error) { return i, r.Scan(&i.id, &i.name) }, carers, region)
	if err != nil {
		return b, err
	}
	for _, i := range list {
		x, err := db.One(tx, func(r db.Row) (x Service1, err error) {
			return x, r.Scan(&x.Visits, &x.Done, &x.Missed, &x.Trouble, &x.Void, &x.Late, &x.Early, &x.Timed, &x.Measured, &x.Short, &x.Long, &x.Confirmed, &x.Finished)
		}, visitsOf, region, i.id, m.First(), m.Last(), tx.Today())
		if err != nil {
			return b, err
		}
		if x.Visits == 0 {
			continue
		}
		x.Institution, x.Name = i.id, i.name
		b.Institutions = append(b.Institutions, x)
		b.All.add(x)
	}
	b.Doubts, err = db.All(tx, func(r db.Row) (d Doubt, err error) { return d, r.Scan(&d.Kind, &d.N, &d.Late) }, doubtsMonth, region, m.First(), m.Last())
	return b, err
}
