package person

import (
	"strings"

	"yinling/internal/db"
	"yinling/internal/fault"
)

const (
	fixCols     = `region, id, kind, person, other, sealed, tail, why, state, maker, checker, at, version`
	selectFix   = `SELECT ` + fixCols + ` FROM person_fix WHERE region = $1 AND id = $2`
	selectFixes = `SELECT ` + fixCols + ` FROM person_fix WHERE region = $1 AND state = $2 ORDER BY at, id LIMIT $3`
	updateFix   = `UPDATE person_fix SET state = $4, checker = $5, sealed = $6, version = version + 1 WHERE region = $1 AND id = $2 AND version = $3`
	sealedOf    = `SELECT id_sealed FROM person_person WHERE region = $1 AND id = $2`
)

func scanFix(r db.Row) (x Fix, err error) {
	return x, r.Scan(&x.Region, &x.ID, &x.Kind, &x.Person, &x.Other, &x.sealed, &x.Tail, &x.Why, &x.State, &x.Maker, &x.Checker, &x.At, &x.Version)
}

func insertFix(tx *db.Tx, x Fix) error {
	_, err := tx.Insert("person_fix", strings.Split(fixCols, ", "), [][]any{{x.Region, x.ID, x.Kind, x.Person, x.Other, x.sealed, x.Tail, x.Why,
		x.State, x.Maker, x.Checker, x.At, x.Version}}, "")
	return err
}

func putFix(tx *db.Tx, x Fix) error {
	n, err := tx.Exec(updateFix, x.Region, x.ID, x.Version, x.State, x.Checker, x.sealed)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这件更正同事已经办了。")
	}
	return err
}

func fixes(tx *db.Tx, region, state string, limit int) ([]Fix, error) {
	return db.All(tx, scanFix, selectFixes, region, state, limit)
}
