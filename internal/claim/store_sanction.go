package claim

import (
	"strings"

	"yinling/internal/db"
)

const (
	sanctionCols = `region, id, person, months, measure, reason, from_day, to_day, decision, maker, at, undone_by, undone_at`
	sanctionList = `SELECT ` + sanctionCols + ` FROM claim_sanction WHERE region = $1 AND person = $2 ORDER BY at DESC, id LIMIT 100`
	sanctionUndo = `UPDATE claim_sanction SET undone_by = $3, undone_at = $4 WHERE region = $1 AND id = $2`
)

func putSanction(tx *db.Tx, x Sanction) error {
	_, err := tx.Insert("claim_sanction", strings.Split(sanctionCols, ", "), [][]any{{x.Region, x.ID, x.Person, x.Months, x.Measure, x.Reason,
		x.From, x.To, x.Decision, x.Maker, x.At, x.UndoneBy, x.UndoneAt}}, "")
	return err
}

func sanctionsOf(tx *db.Tx, region, person string) ([]Sanction, error) {
	return db.All(tx, func(r db.Row) (x Sanction, err error) {
		return x, r.Scan(&x.Region, &x.ID, &x.Person, &x.Months, &x.Measure, &x.Reason, &x.From, &x.To, &x.Decision, &x.Maker, &x.At, &x.UndoneBy, &x.UndoneAt)
	}, sanctionList, region, person)
}
