package report

import (
	"context"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
)

// Assessed is the dashboard of assessment (评估看板): applications of the twelve
// months that end with Month.
type Assessed struct {
	Months                 []AssessedMonth
	Levels                 []Count // concluded, by level
	Compared, Same, Higher int64   // experts against what was scored at home: all, the same level, a higher one
	Worse, Equal, Better   int64   // against the person's conclusion before: a higher level is worse
	Objected               int64   // cases with an objection in the real name
	Days                   []int64 // from application to conclusion, of those concluded in the last month
}

// AssessedMonth is what became of the applications of a month.
type AssessedMonth struct {
	Month                       day.Month
	Applied, Concluded, Granted int64
}

// Served is the dashboard of service (服务看板) of a month.
type Served struct {
	All          Service1
	Institutions []Service1
	Doubts       []Doubt // by kind; Late: deducted or not recognised
}

// Service1 is the service of one institution in a month. A visit is on time when
// it began within half an hour of the plan, and as long as planned within a tenth.
type Service1 struct {
	Institution, Name                   string
	Visits, Done, Missed, Trouble, Void int64
	Timed, Late, Early                  int64 // of visits with both times
	Measured, Short, Long               int64 // of finished visits with a planned length
	Finished, Confirmed                 int64
}

func (a *Service1) add(b Service1) {
	a.Visits += b.Visits
	a.Done += b.Done
	a.Missed += b.Missed
	a.Trouble += b.Trouble
	a.Void += b.Void
	a.Timed += b.Timed
	a.Late += b.Late
	a.Early += b.Early
	a.Measured += b.Measured
	a.Short += b.Short
	a.Long += b.Long
	a.Finished += b.Finished
	a.Confirmed += b.Confirmed
}

// Percent is n of all in whole percent, cut; 0 of nothing.
func Percent(n, all int64) int64 {
	if all == 0 {
		return 0
	}
	return n * 100 / all
}

// Assessed reads the dashboard of assessment up to a month.
func (s *Service) Assessed(ctx context.Context, region string, m day.Month) (b Assessed, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { b, err = assessed(tx, region, m); return err })
	return b, err
}

// Served reads the dashboard of service of a month.
func (s *Service) Served(ctx context.Context, region string, m day.Month) (b Served, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { b, err = served(tx, region, m); return err })
	return b, err
}

func dayOf(ms int64) day.Day { return day.FromTime(time.UnixMilli(ms)) }
