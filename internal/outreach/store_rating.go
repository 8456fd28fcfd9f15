package outreach

import (
	"errors"
	"strconv"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const ratingCols = `region, kind, object, score, words, person, account, desk, desk_name, staff, staff_name, inst, inst_name, insurer, day, low, due, answer, answered, answered_by, decision, at, desk_window, window_name`

const (
	selectRating  = `SELECT ` + ratingCols + ` FROM outreach_rating WHERE region = $1 AND kind = $2 AND object = $3`
	selectRatings = `SELECT ` + ratingCols + ` FROM outreach_rating WHERE region = $1 AND kind = $2 AND object = ANY($3)`
	selectLow     = `SELECT ` + ratingCols + ` FROM outreach_rating WHERE region = $1 AND low = $2 AND answered = '' AND ($3 = '' OR kind = $3) ORDER BY due, object LIMIT $4`
	selectLowDone = `SELECT ` + ratingCols + ` FROM outreach_rating WHERE region = $1 AND low = $2 AND answered <> '' AND ($3 = '' OR kind = $3) ORDER BY answered DESC, object LIMIT $4`
	selectNew     = `SELECT ` + ratingCols + ` FROM outreach_rating WHERE region = $1 AND ($2 = '' OR kind = $2) ORDER BY at DESC, object LIMIT $3`
	selectRatedAt = `SELECT ` + ratingCols + ` FROM outreach_rating WHERE region = $1 AND inst = $2 ORDER BY day DESC, object LIMIT $3`
	answerSQL     = `UPDATE outreach_rating SET answer = $4, answered = $5, answered_by = $6 WHERE region = $1 AND kind = $2 AND object = $3`
	onRating      = `ON CONFLICT (region, kind, object) DO UPDATE SET score = excluded.score, words = excluded.words, account = excluded.account, low = excluded.low, due = excluded.due, decision = excluded.decision, at = excluded.at`
	sums          = `CAST(COUNT(*) AS BIGINT), CAST(SUM(CASE WHEN score >= 4 THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN low THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(score) AS BIGINT)`

	standDesk    = `SELECT 'desk', desk, MAX(desk_name), ` + sums + ` FROM outreach_rating WHERE region = $1 AND day >= $2 AND desk <> '' AND insurer = '' GROUP BY desk`
	standWindow  = `SELECT 'window', desk_window, MAX(window_name), ` + sums + ` FROM outreach_rating WHERE region = $1 AND day >= $2 AND desk_window <> '' GROUP BY desk_window`
	standStaff   = `SELECT 'staff', staff, MAX(staff_name), ` + sums + ` FROM outreach_rating WHERE region = $1 AND day >= $2 AND staff <> '' GROUP BY staff`
	standInst    = `SELECT 'inst', inst, MAX(inst_name), ` + sums + ` FROM outreach_rating WHERE region = $1 AND day >= $2 AND inst <> '' GROUP BY inst`
	standInsurer = `SELECT 'insurer', insurer, MAX(insurer), ` + sums + ` FROM outreach_rating WHERE region = $1 AND day >= $2 AND insurer <> '' GROUP BY insurer`
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func scanRating(r db.Row) (x Rating, err error) {
	err = r.Scan(&x.Region, &x.Kind, &x.Object, &x.Score, &x.Words, &x.Person, &x.Account, &x.Desk, &x.DeskName, &x.Staff, &x.StaffName, &x.Inst, &x.InstName, &x.Insurer,
		&x.Day, &x.Low, &x.Due, &x.Answer, &x.Answered, &x.AnsweredBy, &x.Decision, &x.At, &x.Window, &x.WindowName)
	return x, err
}

func putRating(tx *db.Tx, x Rating) error {
	_, err := tx.Insert("outreach_rating", fieldsOf(ratingCols), [][]any{{x.Region, x.Kind, x.Object, x.Score, x.Words, x.Person, x.Account, x.Desk, x.DeskName, x.Staff, x.StaffName,
		x.Inst, x.InstName, x.Insurer, x.Day, x.Low, x.Due, x.Answer, x.Answered, x.AnsweredBy, x.Decision, x.At, x.Window, x.WindowName}}, onRating)
	return err
}

func answerRating(tx *db.Tx, x Rating) error {
	_, err := tx.Exec(answerSQL, x.Region, x.Kind, x.Object, x.Answer, x.Answered, x.AnsweredBy)
	return err
}

func getRating(tx *db.Tx, region, kind, object string) (Rating, error) {
	x, err := db.One(tx, scanRating, selectRating, region, kind, object)
	if errors.Is(err, db.ErrNone) {
		return x, fault.New(fault.NotFound, "还没有评价过。")
	}
	return x, err
}

func ratings(tx *db.Tx, region, which, kind string, limit int) ([]Rating, error) {
	switch which {
	case "low":
		return db.All(tx, scanRating, selectLow, region, true, kind, limit)
	case "answered":
		return db.All(tx, scanRating, selectLowDone, region, true, kind, limit)
	}
	return db.All(tx, scanRating, selectNew, region, kind, limit)
}

func ratingsAt(tx *db.Tx, region, inst string, limit int) ([]Rating, error) {
	return db.All(tx, scanRating, selectRatedAt, region, inst, limit)
}

func standings(tx *db.Tx, region string, from day.Day) (out []Standing, err error) {
	for _, q := range []string{standWindow, standInst, standStaff, standDesk, standInsurer} {
		xs, err := db.All(tx, func(r db.Row) (x Standing, err error) {
			err = r.Scan(&x.Who, &x.ID, &x.Name, &x.N, &x.Good, &x.Low, &x.Total)
			return x, err
		}, q, region, from)
		if err != nil {
			return nil, err
		}
		out = append(out, xs...)
	}
	return out, nil
}

func ratingsOf(tx *db.Tx, region, kind string, objects []string) (map[string]Rating, error) {
	xs, err := db.All(tx, scanRating, selectRatings, region, kind, objects)
	out := make(map[string]Rating, len(xs))
	for _, x := range xs {
		out[x.Object] = x
	}
	return out, err
}
