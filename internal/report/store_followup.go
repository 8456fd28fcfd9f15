package report

import (
	"context"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
)

// Ended is something that ended for a person: a visit that was done, a case that
// was closed. Follow-up calls (回访) are drawn from it.
type Ended struct {
	Object, Person, Name string
	On                   day.Day
	Key                  bool // the person belongs to a key group
}

const (
	visitsEnded = `SELECT v.id, v.person, p.name, v.on_day, CASE WHEN EXISTS (SELECT 1 FROM person_group AS g WHERE g.region = v.region AND g.person = v.person) THEN 1 ELSE 0 END
		FROM care_visit AS v JOIN person_person AS p ON p.region = v.region AND p.id = v.person
		WHERE v.region = $1 AND v.on_day >= $2 AND v.on_day <= $3 AND v.status = 'done' ORDER BY v.id`
	casesEnded = `SELECT c.id, c.person, p.name, c.opened, CASE WHEN EXISTS (SELECT 1 FROM person_group AS g WHERE g.region = c.region AND g.person = c.person) THEN 1 ELSE 0 END
		FROM desk_case AS c JOIN person_person AS p ON p.region = c.region AND p.id = c.person
		WHERE c.region = $1 AND c.changed >= $2 AND c.changed < $3 AND c.status IN ('done', 'refused') AND c.matter <> 'complaint' ORDER BY c.id`
)

// VisitsEnded lists the visits done between two days, both included.
func (s *Service) VisitsEnded(ctx context.Context, region string, from, to day.Day) ([]Ended, error) {
	return s.ended(ctx, visitsEnded, region, from, to)
}

// CasesEnded lists the cases, complaints aside, that were closed between two
// days, both included.
func (s *Service) CasesEnded(ctx context.Context, region string, from, to day.Day) ([]Ended, error) {
	return s.ended(ctx, casesEnded, region, midnight(from), midnight(to+1))
}

func (s *Service) ended(ctx context.Context, query string, args ...any) (out []Ended, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, func(r db.Row) (x Ended, err error) {
			var key int64
			err = r.Scan(&x.Object, &x.Person, &x.Name, &x.On, &key)
			x.Key = key == 1
			return x, err
		}, query, args...)
		return err
	})
	return out, err
}

func midnight(d day.Day) int64 {
	y, m, dd := d.Date()
	return time.Date(y, time.Month(m), dd, 0, 0, 0, 0, day.Shanghai).UnixMilli()
}
