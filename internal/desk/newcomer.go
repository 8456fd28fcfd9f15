package desk

import (
	"context"
	"errors"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
)

// Newcomer is somebody of whom the roster knows nothing yet (不在名册里的人) and
// who is there with an identity card. The roster gets them when the matter is
// granted, not before: who is turned away leaves no row.
type Newcomer struct {
	Name, IDNo string
	District   string
}

// What the application keeps of a newcomer beside the answers, sealed with them.
const (
	newName     = "new.name"
	newIDNo     = "new.idno"
	newDistrict = "new.district"
)

// newcomer checks a newcomer's name and number. Conflict: the roster has the
// number; Refused: an application for it is on its way.
func (s *Service) newcomer(tx *db.Tx, region string, m Matter, n Newcomer) (p person.Person, index string, err error) {
	if !m.New {
		return p, "", fault.New(fault.Conflict, "「%s」要先在名册里。请先办参保登记。", m.Name)
	}
	if err := (Field{ID: "name", Label: "姓名", Kind: "text"}).Judge(n.Name); err != nil {
		return p, "", err
	}
	no, err := person.ParseID(n.IDNo, tx.Today())
	if err != nil {
		return p, "", fault.Field("idno", "%s", fault.As(err).Say)
	}
	if no.Birth.IsZero() {
		return p, "", fault.Field("idno", "从这种证件号码看不出出生日期，请换 18 位的证件号码，或请经办人员用名册导入登记")
	}
	known, err := s.Persons.FindByID(tx, region, no.Text)
	if err == nil {
		return p, "", fault.Field("idno", "这个证件号码已经在名册里（%s），不用再登记。请用证件号码查到他，再办「%s」；姓名登记错了的，办「参保信息变更」", person.MaskName(known.Name), m.Name)
	}
	if !fault.Is(err, fault.NotFound) {
		return p, "", err
	}
	index = s.Persons.Keys.Index(region, "desk.newcomer", no.Text)
	open, err := db.One(tx, db.Value[string], selectNewcomer, region, index)
	if err == nil {
		return p, "", fault.Field("idno", "这个证件号码的「%s」已经有一件在办（%s），不用再交。看进度就行", m.Name, open)
	}
	if !errors.Is(err, db.ErrNone) {
		return p, "", err
	}
	return newPerson(region, n, no), index, nil
}

func newPerson(region string, n Newcomer, no person.Number) person.Person {
	return person.Person{Region: region, Name: n.Name, Sex: no.Sex, Birth: no.Birth, IDTail: no.Tail(), District: n.District, Resident: true}
}

// Newcomer is who an application is for, when the roster did not have them.
func (a Application) Newcomer() Newcomer {
	return Newcomer{Name: a.Asked[newName], IDNo: a.Asked[newIDNo], District: a.Asked[newDistrict]}
}

// personOf is who a case is for: from the roster, or as they said it of
// themselves when they are not in it yet (ID is empty then).
func (s *Service) personOf(tx *db.Tx, a Application) (person.Person, error) {
	if a.Person != "" || a.newcomer == "" {
		return s.Persons.Get(tx, a.Region, a.Person)
	}
	n := a.Newcomer()
	no, err := person.ParseID(n.IDNo, numberSeen)
	p := newPerson(a.Region, n, no)
	p.Phone = a.Answers["phone"]
	return p, err
}

// isNew tells whether the matter takes somebody in whose number the roster does
// not have.
func (s *Service) isNew(ctx context.Context, who audit.Actor, in ApplyInput) (is bool, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := s.Packs.At(who.Region, tx.Today())
		if err != nil {
			return err
		}
		m, err := MatterOf(v, in.Matter)
		if err != nil || !m.New {
			return err
		}
		_, err = s.Persons.FindByID(tx, who.Region, in.New.IDNo)
		is = fault.Is(err, fault.NotFound)
		if fault.Is(err, fault.Invalid) {
			return fault.Field("id", "%s", fault.As(err).Say)
		}
		if is {
			return nil
		}
		return err
	})
	return is, err
}

// admit puts a newcomer into the roster, by the deed of the step.
func (s *Service) admit(tx *db.Tx, act Act, a *Application) error {
	if a.Person != "" {
		return nil
	}
	if act.Admit == nil {
		return fault.New(fault.Conflict, "他还不在名册里，这一步办不了。请先办参保登记。")
	}
	id, err := act.Admit(tx, *a)
	if err != nil {
		return err
	}
	a.Person = id
	_, err = tx.Exec(setCasePerson, a.Region, a.Case, id)
	return err
}

// Phone is where somebody can be told of their case who is not in the roster.
func (s *Service) Phone(tx *db.Tx, region, id string) (string, error) {
	a, err := s.getApplication(tx, region, id)
	return a.Answers["phone"], err
}
