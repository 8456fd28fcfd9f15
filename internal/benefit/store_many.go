package benefit

import (
	"strconv"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
)

const (
	ofPersons  = `SELECT ` + benefitCols + ` FROM benefit_benefit WHERE region = $1 AND person IN (`
	pausesMany = `SELECT person, from_day, to_day, reason, note FROM benefit_pause
		WHERE region = $1 AND from_day <= $3 AND (to_day = '' OR to_day >= $2) AND person IN (`
)

// many runs a statement that ends in «IN (» over ids in portions; fixed are the
// parameters before them, the region first.
func many[T any](tx *db.Tx, scan func(db.Row) (T, error), q, tail string, fixed []any, ids []string) ([]T, error) {
	var out []T
	for len(ids) > 0 {
		n := min(len(ids), 1000)
		args := append([]any(nil), fixed...)
		var marks strings.Builder
		for i, id := range ids[:n] {
			if i > 0 {
				marks.WriteByte(',')
			}
			args = append(args, id)
			marks.WriteString("$" + strconv.Itoa(len(args)))
		}
		rows, err := db.All(tx, scan, q+marks.String()+")"+tail, args...)
		if err != nil {
			return nil, err
		}
		out, ids = append(out, rows...), ids[n:]
	}
	return out, nil
}

// OfMany is Of for many persons at once.
func OfMany(tx *db.Tx, region string, persons []string) (map[string][]Benefit, error) {
	rows, err := many(tx, scanBenefit, ofPersons, " ORDER BY person, from_day, id", []any{region}, persons)
	out := make(map[string][]Benefit, len(persons))
	for _, b := range rows {
		out[b.Person] = append(out[b.Person], b)
	}
	return out, err
}

// PausesMany is Pauses for many persons at once.
func PausesMany(tx *db.Tx, region string, persons []string, from, to day.Day) (map[string][]Pause, error) {
	type row struct {
		person string
		Pause
	}
	rows, err := many(tx, func(r db.Row) (p row, err error) { return p, r.Scan(&p.person, &p.From, &p.To, &p.Reason, &p.Note) },
		pausesMany, " ORDER BY person, from_day", []any{region, from, to}, persons)
	out := map[string][]Pause{}
	for _, p := range rows {
		out[p.person] = append(out[p.person], p.Pause)
	}
	return out, err
}
