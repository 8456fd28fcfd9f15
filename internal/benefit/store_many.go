package benefit

import (
	"yinling/internal/day"
	"yinling/internal/db"
)

const (
	ofPersons  = `SELECT ` + benefitCols + ` FROM benefit_benefit WHERE region = $1 AND person = ANY($2) ORDER BY person, from_day, id`
	holders    = `SELECT DISTINCT person FROM benefit_benefit WHERE region = $1 AND person > $2 AND from_day <= $3 AND to_day >= $3 ORDER BY person LIMIT $4`
	pausesMany = `SELECT person, from_day, to_day, reason, note FROM benefit_pause
		WHERE region = $1 AND from_day <= $3 AND (to_day = '' OR to_day >= $2) AND person = ANY($4) ORDER BY person, from_day`
	choicesMany = `SELECT region, person, seq, benefit, mode, institution, from_day, counts, chosen_by, decision FROM benefit_mode
		WHERE region = $1 AND person = ANY($2) ORDER BY person, seq`
	chosen = `SELECT region, person, seq, benefit, mode, institution, from_day, counts, chosen_by, decision FROM benefit_mode m
		WHERE region = $1 AND (mode = $2 OR mode LIKE $2 || '+%' OR mode LIKE '%+' || $2)
		AND NOT EXISTS (SELECT 1 FROM benefit_mode n WHERE n.region = $1 AND n.person = m.person AND n.seq > m.seq)
		AND EXISTS (SELECT 1 FROM benefit_benefit b WHERE b.region = $1 AND b.person = m.person AND b.to_day >= $3)
		ORDER BY from_day, person LIMIT $4`
)

// OfMany is Of for many persons at once.
func OfMany(tx *db.Tx, region string, persons []string) (map[string][]Benefit, error) {
	rows, err := db.All(tx, scanBenefit, ofPersons, region, persons)
	out := make(map[string][]Benefit, len(persons))
	for _, b := range rows {
		out[b.Person] = append(out[b.Person], b)
	}
	return out, err
}

// Chosen lists the newest choices that have a mode in them, of persons whose
// benefit is not over, the earliest first.
func Chosen(tx *db.Tx, region, mode string, limit int) ([]Choice, error) {
	return db.All(tx, scanMode, chosen, region, mode, tx.Today(), limit)
}

// Holders lists who is entitled on the day, by person, after a person.
func Holders(tx *db.Tx, region, after string, on day.Day, limit int) ([]string, error) {
	return db.All(tx, db.Value[string], holders, region, after, on, limit)
}

// PausesMany is Pauses for many persons at once.
func PausesMany(tx *db.Tx, region string, persons []string, from, to day.Day) (map[string][]Pause, error) {
	type row struct {
		person string
		Pause
	}
	rows, err := db.All(tx, func(r db.Row) (p row, err error) { return p, r.Scan(&p.person, &p.From, &p.To, &p.Reason, &p.Note) },
		pausesMany, region, from, to, persons)
	out := map[string][]Pause{}
	for _, p := range rows {
		out[p.person] = append(out[p.person], p.Pause)
	}
	return out, err
}

// ChoicesMany is Choices for many persons at once.
func ChoicesMany(tx *db.Tx, region string, persons []string) (map[string][]Choice, error) {
	rows, err := db.All(tx, scanMode, choicesMany, region, persons)
	out := make(map[string][]Choice, len(persons))
	for _, c := range rows {
		out[c.Person] = append(out[c.Person], c)
	}
	return out, err
}
