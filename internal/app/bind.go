package app

import (
	"yinling/internal/access"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/institution"
)

// bind ties a new account to its institution, member of staff or person; all of
// them must exist.
func (a *App) bind(tx *db.Tx, acc access.Account) error {
	if acc.Institution != "" {
		if _, err := institution.Get(tx, acc.Region, acc.Institution); fault.Is(err, fault.NotFound) {
			return fault.Field("institution", "没有编号是 %s 的机构", acc.Institution)
		} else if err != nil {
			return err
		}
	}
	switch {
	case acc.Person == "":
		return nil
	case acc.Role.OfStaff():
		return institution.Link(tx, acc.Region, acc.Institution, acc.Person, acc.Role.ID, acc.ID)
	}
	_, err := a.Person.Get(tx, acc.Region, acc.Person)
	if fault.Is(err, fault.NotFound) {
		return fault.Field("person", "名册里没有编号是 %s 的人", acc.Person)
	}
	return err
}
