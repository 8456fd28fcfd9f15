package report

import (
	"context"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/money"
)

// Service reads the figures for pages.
type Service struct {
	Log *audit.Log

	people peopleCache
}

// Board is what the dashboard (运行看板) shows of one month.
type Board struct {
	Month     day.Month
	On        day.Day // the figures that are a state are of this day
	Money     []MonthMoney
	Balance   money.Fen // in the fund's bank accounts
	People    int64     // with a benefit on the day
	Levels    []Count   // by level
	Districts []Count
	Road      Road
	Doubts    []Doubt // exceptions of visits not yet decided, by kind
	Late      int64   // of them past their day
	Urgent    []DoubtRow
}

// MonthMoney is income and spending of the fund in a month (权责发生制, as booked).
type MonthMoney struct {
	Month   day.Month
	In, Out money.Fen
}

// Count is a number of people under a name.
type Count struct {
	Name string
	N    int64
}

// Road is how far the applications of a month have come; each stage holds those
// that reached at least it.
type Road struct{ Applied, Accepted, Visited, Concluded, Granted int64 }

// Doubt is how many exceptions of a kind wait.
type Doubt struct {
	Kind    string
	N, Late int64
}

// DoubtRow is one of the most urgent exceptions.
type DoubtRow struct {
	Visit, Kind, Institution, Say string
	On, Due                       day.Day // Due: until when to answer, or after the answer to decide
}

// Board reads the dashboard of a month.
func (s *Service) Board(ctx context.Context, region string, m day.Month) (b Board, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { b, err = board(tx, region, m); return err })
	return b, err
}

func board(tx *db.Tx, region string, m day.Month) (b Board, err error) {
	b.Month, b.On = m, tx.Today()
	if last := m.Last(); last < b.On {
		b.On = last
	}
	if b.Money, err = moneyOf(tx, region, m-11, m); err != nil {
		return b, err
	}
	if b.Balance, err = balance(tx, region, m); err != nil {
		return b, err
	}
	if b.Levels, err = counts(tx, peopleByLevel, region, b.On); err != nil {
		return b, err
	}
	for _, l := range b.Levels {
		b.People += l.N
	}
	if b.Districts, err = counts(tx, peopleByDistrict, region, b.On); err != nil {
		return b, err
	}
	y, mm, _ := m.First().Date()
	if b.Road, err = road(tx, region, y, mm); err != nil {
		return b, err
	}
	if b.Doubts, err = doubts(tx, region, tx.Today()); err != nil {
		return b, err
	}
	for _, d := range b.Doubts {
		b.Late += d.Late
	}
	b.Urgent, err = urgent(tx, region, tx.Today())
	return b, err
}

// Todo is what waits at the agency, for the menu and the first page.
type Todo struct {
	Plans      int64 // care plans to approve
	Doubts     int64 // exceptions to decide: answered, or not answered in time
	DoubtsLate int64
	Disputes   int64 // bills with «something is wrong», reversals asked for
	Claims     int64 // months of institutions to review, check or sign
	Notices    int64 // running public notices
}

// Todo counts what waits in a region.
func (s *Service) Todo(ctx context.Context, region string) (t Todo, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { t, err = todo(tx, region); return err })
	return t, err
}
