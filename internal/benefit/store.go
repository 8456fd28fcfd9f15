package benefit

import (
	"fmt"
	"sort"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const (
	benefitCols = `region, id, person, level, case_id, decision, decided_on, from_day, to_day, ended_by, version, end_decision`

	putBenefit = `INSERT INTO benefit_benefit (region, id, person, level, case_id, decision, decided_on, from_day, to_day, ended_by, version, at, granted_to)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,'',1,$10,$9)`
	getBenefit = `SELECT ` + benefitCols + ` FROM benefit_benefit WHERE region = $1 AND id = $2`
	onBenefit  = `SELECT ` + benefitCols + ` FROM benefit_benefit
		WHERE region = $1 AND person = $2 AND from_day <= $3 AND to_day >= $3 ORDER BY from_day DESC, id DESC LIMIT 1`
	ofPerson = `SELECT ` + benefitCols + ` FROM benefit_benefit WHERE region = $1 AND person = $2 ORDER BY from_day, id`
	// A new benefit or an end cuts what runs on or after the day; what has not begun never begins.
	cutBenefits = `UPDATE benefit_benefit SET to_day = $3, ended_by = $4, version = version + 1
		WHERE region = $1 AND person = $2 AND to_day > $3 AND id <> $5`

	endByDeath = `UPDATE benefit_benefit SET to_day = $3, ended_by = $4, end_decision = $5, version = version + 1 WHERE region = $1 AND person = $2 AND to_day > $3`
	reviveAll  = `UPDATE benefit_benefit SET to_day = granted_to, ended_by = '', end_decision = '', version = version + 1
		WHERE region = $1 AND person = ANY($2) AND ended_by = $3 AND granted_to <> ''`

	lastMode = `SELECT region, person, seq, benefit, mode, institution, from_day, counts, chosen_by, decision FROM benefit_mode
		WHERE region = $1 AND person = $2 ORDER BY seq DESC LIMIT 1`
	modeOn = `SELECT region, person, seq, benefit, mode, institution, from_day, counts, chosen_by, decision FROM benefit_mode
		WHERE region = $1 AND person = $2 AND from_day <= $3 ORDER BY seq DESC LIMIT 1`
	countModes = `SELECT COUNT(*) FROM benefit_mode WHERE region = $1 AND person = $2 AND counts AND from_day >= $3 AND from_day <= $4`
	putMode    = `INSERT INTO benefit_mode (region, person, seq, benefit, mode, institution, from_day, counts, chosen_by, decision, at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`

	onPause   = `ON CONFLICT (region, person, from_day, reason) DO UPDATE SET to_day = excluded.to_day, note = excluded.note`
	dropPause = `DELETE FROM benefit_pause WHERE region = $1 AND person = $2 AND from_day = $3 AND reason = $4`
	usedMany  = `SELECT person, cap, period, used FROM benefit_used WHERE region = $1 AND until_day >= $2 AND person = ANY($3)`
	giveUsed  = `UPDATE benefit_used SET used = benefit_used.used - v.amount FROM ROWS($2, person TEXT, cap TEXT, period TEXT, amount BIGINT) AS v
		WHERE benefit_used.region = $1 AND benefit_used.person = v.person AND benefit_used.cap = v.cap
		AND benefit_used.period = v.period AND benefit_used.used >= v.amount`

	pausesOf = `SELECT from_day, to_day, reason, note FROM benefit_pause
		WHERE region = $1 AND person = $2 AND from_day <= $4 AND (to_day = '' OR to_day >= $3) ORDER BY from_day`
)

func scanBenefit(r db.Row) (b Benefit, err error) {
	err = r.Scan(&b.Region, &b.ID, &b.Person, &b.Level, &b.Case, &b.Decision, &b.Decided, &b.From, &b.To, &b.EndedBy, &b.Version, &b.EndDecision)
	return b, err
}

func scanMode(r db.Row) (m Choice, err error) {
	var modes string
	err = r.Scan(&m.Region, &m.Person, &m.Seq, &m.Benefit, &modes, &m.Institution, &m.From, &m.Counts, &m.By, &m.Decision)
	m.Modes = strings.Split(modes, "+")
	return m, err
}

func scanPause(r db.Row) (p Pause, err error) {
	return p, r.Scan(&p.From, &p.To, &p.Reason, &p.Note)
}

type usedKey struct{ person, cap, period string }

type usedRow struct{ amount, max int64 }

func (a usedKey) less(b usedKey) bool {
	if a.person != b.person {
		return a.person < b.person
	}
	if a.cap != b.cap {
		return a.cap < b.cap
	}
	return a.period < b.period
}

const usedCols = `region person cap period until_day used max`

// The guard: a row changes only while the sum stays within the cap, and what
// was changed is returned, so a missing row is a take that did not fit.
const guardUsed = `ON CONFLICT (region, person, cap, period) DO UPDATE
	SET used = benefit_used.used + excluded.used, max = excluded.max
	WHERE benefit_used.used + excluded.used <= excluded.max`

func takeAll(tx *db.Tx, region, person string, takes []Take) error {
	if len(takes) == 0 {
		return nil
	}
	add := make(map[usedKey]*usedRow, len(takes))
	for _, t := range takes {
		if t.Amount < 0 || t.Amount > t.Max {
			return over(t)
		}
		add[usedKey{person, t.Cap, t.Period}] = &usedRow{t.Amount, t.Max}
	}
	n, err := upsertUsed(tx, region, add)
	if err == nil && n < int64(len(add)) {
		return over(takes[0])
	}
	return err
}

func writeTaken(tx *db.Tx, region string, add map[usedKey]*usedRow) error {
	n, err := upsertUsed(tx, region, add)
	if err == nil && n < int64(len(add)) {
		return fault.New(fault.Busy, "限额刚刚被别的单子用掉了一部分，请再试一次。")
	}
	return err
}

func upsertUsed(tx *db.Tx, region string, add map[usedKey]*usedRow) (int64, error) {
	if len(add) == 0 {
		return 0, nil
	}
	keys := make([]usedKey, 0, len(add))
	for k := range add {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i].less(keys[j]) })
	rows := make([][]any, len(keys))
	for i, k := range keys {
		until, err := lastOf(k.period)
		if err != nil {
			return 0, err
		}
		rows[i] = []any{region, k.person, k.cap, k.period, until, add[k].amount, add[k].max}
	}
	return tx.Insert("benefit_used", strings.Fields(usedCols), rows, guardUsed)
}

func usedOf(tx *db.Tx, region string, persons []string, since day.Day) (map[usedKey]int64, error) {
	out := map[usedKey]int64{}
	if len(persons) == 0 {
		return out, nil
	}
	type row struct {
		usedKey
		used int64
	}
	rows, err := db.All(tx, func(r db.Row) (x row, err error) { return x, r.Scan(&x.person, &x.cap, &x.period, &x.used) },
		usedMany, region, since, persons)
	for _, r := range rows {
		out[r.usedKey] = r.used
	}
	return out, err
}

func giveBack(tx *db.Tx, region string, sum map[usedKey]int64) error {
	if len(sum) == 0 {
		return nil
	}
	keys := make([]usedKey, 0, len(sum))
	for k := range sum {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i].less(keys[j]) })
	rows := make(db.Rows, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.person, k.cap, k.period, sum[k]}
	}
	n, err := tx.Exec(giveUsed, region, rows)
	if err == nil && n != int64(len(keys)) {
		err = fmt.Errorf("benefit: gave back %d of %d accumulators in region %s: more than was taken", n, len(keys), region)
	}
	return err
}
