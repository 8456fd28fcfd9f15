package institution

import (
	"strings"

	"yinling/internal/db"
)

const sanctionList = `SELECT region, id, institution, subject, staff, name, serious, months, measure, reason, from_day, to_day, decision, maker, at
	FROM institution_sanction WHERE region = $1 AND institution = $2 ORDER BY at DESC, id LIMIT 200`

var sanctionInsert = strings.Fields("region id institution subject staff name serious months measure reason from_day to_day decision maker at")

func putSanction(tx *db.Tx, x Sanctioned) error {
	_, err := tx.Insert("institution_sanction", sanctionInsert, [][]any{{x.Region, x.ID, x.Institution, x.Subject, x.Staff, x.Name, x.Serious, x.Months,
		x.Measure, x.Reason, x.From, x.To, x.Decision, x.Maker, x.At}}, "")
	return err
}

func sanctionsOf(tx *db.Tx, region, id string) ([]Sanctioned, error) {
	return db.All(tx, func(r db.Row) (x Sanctioned, err error) {
		return x, r.Scan(&x.Region, &x.ID, &x.Institution, &x.Subject, &x.Staff, &x.Name, &x.Serious, &x.Months, &x.Measure, &x.Reason,
			&x.From, &x.To, &x.Decision, &x.Maker, &x.At)
	}, sanctionList, region, id)
}
