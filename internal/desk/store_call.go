package desk

import (
	"errors"
	"strings"

	"yinling/internal/db"
	"yinling/internal/fault"
)

const callCols = `region, id, person, account, name, phone, about, case_id, state, due, clerk, clerk_name, tries, result, done, at, version`

const (
	selectCall   = `SELECT ` + callCols + ` FROM desk_call WHERE region = $1 AND id = $2`
	selectCalls  = `SELECT ` + callCols + ` FROM desk_call WHERE region = $1 AND state = ANY($2) ORDER BY due, id LIMIT $3`
	selectCalled = `SELECT ` + callCols + ` FROM desk_call WHERE region = $1 AND state = 'done' ORDER BY id DESC LIMIT $2`
	selectMine   = `SELECT ` + callCols + ` FROM desk_call WHERE region = $1 AND account = $2 ORDER BY id DESC LIMIT 20`
	countCalls   = `SELECT COUNT(*) FROM desk_call WHERE region = $1 AND state IN ('open', 'taken')`
	countLate    = `SELECT COUNT(*) FROM desk_call WHERE region = $1 AND state IN ('open', 'taken') AND due > '' AND due < $2`
	updateCall   = `UPDATE desk_call SET state = $4, clerk = $5, clerk_name = $6, tries = $7, result = $8, done = $9, version = version + 1
		WHERE region = $1 AND id = $2 AND version = $3`
)

const fieldCallPhone = "desk.call.phone"

func (s *Service) scanCall(r db.Row) (c Call, err error) {
	if err = r.Scan(&c.Region, &c.ID, &c.Person, &c.Account, &c.Name, &c.Phone, &c.About, &c.Case, &c.State, &c.Due, &c.Clerk, &c.ClerkName,
		&c.Tries, &c.Result, &c.Done, &c.At, &c.Version); err != nil {
		return c, err
	}
	c.Phone, err = s.Persons.Keys.Open(c.Region, fieldCallPhone, c.Phone)
	return c, err
}

func (s *Service) insertCall(tx *db.Tx, c Call) error {
	_, err := tx.Insert("desk_call", strings.Split(strings.Join(strings.Fields(callCols), ""), ","), [][]any{{c.Region, c.ID, c.Person, c.Account, c.Name,
		s.Persons.Keys.Seal(c.Region, fieldCallPhone, c.Phone), c.About, c.Case, string(c.State), c.Due, c.Clerk, c.ClerkName, c.Tries, c.Result, c.Done, c.At, c.Version}}, "")
	return err
}

func (s *Service) getCall(tx *db.Tx, region, id string) (Call, error) {
	c, err := db.One(tx, s.scanCall, selectCall, region, id)
	if errors.Is(err, db.ErrNone) {
		return c, fault.New(fault.NotFound, "没有找到这个回电。请从「回电」重新打开。")
	}
	return c, err
}

func putCall(tx *db.Tx, c Call) error {
	n, err := tx.Exec(updateCall, c.Region, c.ID, c.Version, string(c.State), c.Clerk, c.ClerkName, c.Tries, c.Result, c.Done)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "您打开这一页以后，同事已经动过这个回电。请看过新的内容再办。")
	}
	return err
}
