// Package report reads across the tables of all domains: statistics, and the
// search for rows whose other half is missing. It never writes.
package report

import (
	"fmt"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/money"
)

// Orphan is a kind of row whose other half is missing.
type Orphan struct {
	Say     string `json:"say"`
	Count   int64  `json:"count"`
	Example string `json:"example,omitempty"`
}

// pairs: what is wrong with what the statement finds. Each selects the ids of
// lonely rows of one region.
var pairs = []struct{ say, query string }{
	{"已结算的账单没有记账凭证", settledUnbooked},
	{"结算凭证没有对应的账单", bookedUnsettled},
	{"账单的核定依据不见了", billUndecided},
	{"待遇的等级结论依据不见了", benefitUndecided},
	{"凭证借贷不平", unbalanced},
	{"限额累计超过上限", overdrawn},
}

const (
	settledUnbooked = `SELECT b.visit FROM claim_bill AS b WHERE b.region = $1 AND b.status = 'settled' AND b.fund > 0
		AND NOT EXISTS (SELECT 1 FROM fund_voucher AS v WHERE v.region = b.region AND v.ref = b.visit)`
	bookedUnsettled = `SELECT v.ref FROM fund_voucher AS v WHERE v.region = $1 AND v.kind = 'settle'
		AND NOT EXISTS (SELECT 1 FROM claim_bill AS b WHERE b.region = v.region AND b.visit = v.ref)`
	billUndecided = `SELECT b.visit FROM claim_bill AS b WHERE b.region = $1 AND b.decision <> ''
		AND NOT EXISTS (SELECT 1 FROM audit_decision AS d WHERE d.region = b.region AND d.id = b.decision)`
	benefitUndecided = `SELECT b.id FROM benefit_benefit AS b WHERE b.region = $1 AND b.decision <> ''
		AND NOT EXISTS (SELECT 1 FROM audit_decision AS d WHERE d.region = b.region AND d.id = b.decision)`
	unbalanced = `SELECT p.book || '-' || p.lane || '-' || p.no FROM fund_posting AS p WHERE p.region = $1
		GROUP BY p.book, p.lane, p.no HAVING CAST(SUM(p.fen) AS BIGINT) <> 0`
	overdrawn = `SELECT u.person || ' ' || u.cap FROM benefit_used AS u WHERE u.region = $1 AND (u.used > u.max OR u.used < 0)`
)

// Orphans looks for lonely rows of a region; none is good.
func Orphans(tx *db.Tx, region string) ([]Orphan, error) {
	out := []Orphan{}
	for _, p := range pairs {
		ids, err := db.All(tx, db.Value[string], p.query, region)
		if err != nil {
			return nil, err
		}
		if len(ids) > 0 {
			out = append(out, Orphan{p.say, int64(len(ids)), ids[0]})
		}
	}
	return out, nil
}

// The dashboard. Money is read month by month from an index that holds account
// and amount, so that a year of a city's postings is a fraction of a second.
const (
	// A closed month is read from its close, an open one from the postings.
	flowsClosed = `SELECT m.month, CAST(COALESCE(SUM(CASE WHEN m.account < '5' THEN m.credit - m.debit ELSE 0 END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN m.account >= '5' THEN m.debit - m.credit ELSE 0 END), 0) AS BIGINT)
		FROM fund_month AS m WHERE m.region = $1 AND m.book = 'ltci' AND m.month >= $2 AND m.month <= $3 AND m.account >= '4' AND m.account < '6' GROUP BY m.month`
	flowOpen = `SELECT CAST(COALESCE(SUM(p.fen), 0) AS BIGINT) FROM fund_posting AS p
		WHERE p.region = $1 AND p.book = 'ltci' AND p.month = $2 AND p.account >= $3 AND p.account < $4`
	lastClosed    = `SELECT COALESCE(MAX(m.month), '') FROM fund_month AS m WHERE m.region = $1 AND m.book = 'ltci' AND m.month <= $2`
	firstPosted   = `SELECT COALESCE(MIN(p.month), '') FROM fund_posting AS p WHERE p.region = $1 AND p.book = 'ltci' AND p.month > $2`
	closedBalance = `SELECT CAST(COALESCE(SUM(m.closing), 0) AS BIGINT) FROM fund_month AS m
		WHERE m.region = $1 AND m.book = 'ltci' AND m.month = $2 AND m.account IN ('1101', '1102')`
	peopleByLevel = `SELECT CAST(b.level AS TEXT), COUNT(*) FROM benefit_benefit AS b
		WHERE b.region = $1 AND b.from_day <= $2 AND b.to_day >= $2 GROUP BY b.level ORDER BY b.level DESC`
	peopleByDistrict = `SELECT p.district, COUNT(*) FROM benefit_benefit AS b JOIN person_person AS p ON p.region = b.region AND p.id = b.person
		WHERE b.region = $1 AND b.from_day <= $2 AND b.to_day >= $2 GROUP BY p.district ORDER BY 2 DESC, 1`
	roadOf = `SELECT COUNT(*), COUNT(CASE WHEN a.accepted_by <> '' THEN 1 END), COUNT(CASE WHEN a.recorded_level >= 0 THEN 1 END),
		COUNT(CASE WHEN a.final_level >= 0 THEN 1 END), COUNT(CASE WHEN a.benefit <> '' THEN 1 END)
		FROM assess_application AS a WHERE a.region = $1 AND a.id >= $2 AND a.id < $3`
	doubtsBy = `SELECT e.kind, COUNT(*), COUNT(CASE WHEN (e.status = 'open' AND e.answer_due < $2) OR (e.status = 'answered' AND e.decide_due < $2) THEN 1 END)
		FROM care_exception AS e WHERE e.region = $1 AND e.status IN ('open', 'answered') GROUP BY e.kind ORDER BY 2 DESC, 1`
	doubtsUrgent = `SELECT e.visit, e.kind, COALESCE(i.name, ''), e.say, e.on_day, CASE WHEN e.status = 'open' THEN e.answer_due ELSE e.decide_due END FROM care_exception AS e
		LEFT JOIN institution_institution AS i ON i.region = e.region AND i.id = e.institution
		WHERE e.region = $1 AND (e.status = 'answered' OR (e.status = 'open' AND e.answer_due < $2)) ORDER BY 6, e.visit LIMIT 5`
	plansWaiting  = `SELECT COUNT(*) FROM care_plan AS p WHERE p.region = $1 AND p.status = 'confirmed'`
	doubtsWaiting = `SELECT COUNT(CASE WHEN e.status = 'answered' OR e.answer_due < $2 THEN 1 END), COUNT(CASE WHEN e.status = 'answered' AND e.decide_due < $2 THEN 1 END)
		FROM care_exception AS e WHERE e.region = $1 AND e.status IN ('open', 'answered')`
	billsWaiting  = `SELECT COUNT(*) FROM claim_bill AS b WHERE b.region = $1 AND b.status IN ('disputed', 'reversing')`
	claimsWaiting = `SELECT COUNT(*) FROM claim_month AS m WHERE m.region = $1 AND m.status IN ('submitted', 'reviewed', 'checked')`
	noticesNow    = `SELECT COUNT(*) FROM outreach_notice AS n WHERE n.region = $1 AND n.status = 'running'`
)

// closedTo is the last closed month up to m, "" for none.
func closedTo(tx *db.Tx, region string, m day.Month) (string, error) {
	return db.One(tx, db.Value[string], lastClosed, region, m)
}

func moneyOf(tx *db.Tx, region string, from, to day.Month) ([]MonthMoney, error) {
	closed, err := closedTo(tx, region, to)
	if err != nil {
		return nil, err
	}
	rows, err := db.All(tx, func(r db.Row) (m MonthMoney, err error) { return m, r.Scan(&m.Month, &m.In, &m.Out) }, flowsClosed, region, from, to)
	if err != nil {
		return nil, err
	}
	known := map[day.Month]MonthMoney{}
	for _, r := range rows {
		known[r.Month] = r
	}
	var out []MonthMoney
	for m := from; m <= to; m++ {
		row, ok := known[m]
		row.Month = m
		if !ok && m.String() > closed {
			if row.In, err = db.One(tx, db.Value[money.Fen], flowOpen, region, m, "4", "5"); err != nil {
				return nil, err
			}
			row.In = -row.In // income stands on the credit side
			if row.Out, err = db.One(tx, db.Value[money.Fen], flowOpen, region, m, "5", "6"); err != nil {
				return nil, err
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// balance is what the bank accounts (1101, 1102) hold at the end of a month.
func balance(tx *db.Tx, region string, m day.Month) (money.Fen, error) {
	closed, err := closedTo(tx, region, m)
	if err != nil {
		return 0, err
	}
	sum, err := db.One(tx, db.Value[money.Fen], closedBalance, region, closed)
	if err != nil {
		return 0, err
	}
	first, err := db.One(tx, db.Value[day.Month], firstPosted, region, closed)
	if err != nil || first == 0 {
		return sum, err
	}
	for ; first <= m; first++ {
		fen, err := db.One(tx, db.Value[money.Fen], flowOpen, region, first, "1101", "1103")
		if err != nil {
			return 0, err
		}
		sum += fen
	}
	return sum, nil
}

func counts(tx *db.Tx, query string, args ...any) ([]Count, error) {
	return db.All(tx, func(r db.Row) (c Count, err error) { return c, r.Scan(&c.Name, &c.N) }, query, args...)
}

// road reads the applications whose number (SL, year, month …) lies in the month.
func road(tx *db.Tx, region string, y, m int) (Road, error) {
	number := func(y, m int) string { return fmt.Sprintf("SL%02d%02d", y%100, m) }
	from, to := number(y, m), number(y+m/12, m%12+1)
	return db.One(tx, func(r db.Row) (x Road, err error) {
		return x, r.Scan(&x.Applied, &x.Accepted, &x.Visited, &x.Concluded, &x.Granted)
	}, roadOf, region, from, to)
}

func doubts(tx *db.Tx, region string, today day.Day) ([]Doubt, error) {
	return db.All(tx, func(r db.Row) (d Doubt, err error) { return d, r.Scan(&d.Kind, &d.N, &d.Late) }, doubtsBy, region, today)
}

func urgent(tx *db.Tx, region string, today day.Day) ([]DoubtRow, error) {
	return db.All(tx, func(r db.Row) (d DoubtRow, err error) {
		return d, r.Scan(&d.Visit, &d.Kind, &d.Institution, &d.Say, &d.On, &d.Due)
	}, doubtsUrgent, region, today)
}

func todo(tx *db.Tx, region string) (t Todo, err error) {
	for _, q := range []struct {
		query string
		to    *int64
	}{{plansWaiting, &t.Plans}, {billsWaiting, &t.Disputes}, {claimsWaiting, &t.Claims}, {noticesNow, &t.Notices}} {
		if *q.to, err = db.One(tx, db.Value[int64], q.query, region); err != nil {
			return t, err
		}
	}
	late, err := db.One(tx, func(r db.Row) (x [2]int64, err error) { return x, r.Scan(&x[0], &x[1]) }, doubtsWaiting, region, tx.Today())
	t.Doubts, t.DoubtsLate = late[0], late[1]
	return t, err
}
