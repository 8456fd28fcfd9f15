package desk

import (
	"encoding/json"
	"errors"
	"strings"

	"yinling/internal/db"
)

const applicationCols = `region, case_id, matter, person, step, before, brought, institution, consent, answers, asked, result, decision, since, until, other, other_region, newcomer`

const (
	selectApplication  = `SELECT ` + applicationCols + ` FROM desk_application WHERE region = $1 AND case_id = $2`
	selectApplications = `SELECT ` + applicationCols + ` FROM desk_application WHERE region = $1 AND person = $2 ORDER BY case_id DESC`
	selectThese        = `SELECT ` + applicationCols + ` FROM desk_application WHERE region = $1 AND case_id = ANY($2)`
	selectInst         = `SELECT case_id FROM desk_application WHERE region = $1 AND institution = $2 ORDER BY case_id DESC LIMIT $3`
	updateApplication  = `UPDATE desk_application SET step = $3, before = $4, asked = $5, result = $6, decision = $7, since = $8, until = $9,
		other = $10, other_region = $11, person = $12 WHERE region = $1 AND case_id = $2`
	selectArrived  = `SELECT case_id FROM desk_application WHERE region = $1 AND other_region = $2 AND other = $3 AND other <> '' ORDER BY case_id`
	selectNewcomer = `SELECT case_id FROM desk_application WHERE region = $1 AND person = '' AND newcomer = $2 AND step <> '' ORDER BY case_id`
	setCasePerson  = `UPDATE desk_case SET person = $3 WHERE region = $1 AND id = $2`
	endOthers      = `UPDATE desk_application SET until = $4 WHERE region = $1 AND person = $2 AND case_id <> $3 AND since > ''
		AND (until = '' OR until > $4) AND (matter = $5 OR matter LIKE $6)`
	selectCases = `SELECT ` + caseCols + ` FROM desk_case WHERE region = $1 AND id = ANY($2)`
)

// fieldAnswers names what is sealed: answers hold numbers and telephones.
const fieldAnswers = "desk.answers"

func (s *Service) scanApplication(r db.Row) (a Application, err error) {
	var answers, asked string
	if err = r.Scan(&a.Region, &a.Case, &a.Matter, &a.Person, &a.Step, &a.Before, &a.By, &a.Institution, &a.Consent, &answers, &asked,
		&a.Result, &a.Decision, &a.Since, &a.Until, &a.Other, &a.OtherRegion, &a.newcomer); err != nil {
		return a, err
	}
	return a, errors.Join(s.unseal(a.Region, answers, &a.Answers), s.unseal(a.Region, asked, &a.Asked))
}

func (s *Service) seal(region string, v any) (string, error) {
	b, err := json.Marshal(v)
	return s.Persons.Keys.Seal(region, fieldAnswers, string(b)), err
}

func (s *Service) unseal(region, sealed string, into any) error {
	text, err := s.Persons.Keys.Open(region, fieldAnswers, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), into)
}

func (s *Service) insertApplication(tx *db.Tx, a Application) error {
	answers, err := s.seal(a.Region, a.Answers)
	if err != nil {
		return err
	}
	asked, err := s.seal(a.Region, a.Asked)
	if err != nil {
		return err
	}
	_, err = tx.Insert("desk_application", strings.Split(strings.Join(strings.Fields(applicationCols), ""), ","), [][]any{{a.Region, a.Case, a.Matter, a.Person,
		a.Step, a.Before, a.By, a.Institution, a.Consent, answers, asked, a.Result, a.Decision, a.Since, a.Until, a.Other, a.OtherRegion, a.newcomer}}, "")
	return err
}

func (s *Service) getApplication(tx *db.Tx, region, id string) (Application, error) {
	a, err := db.One(tx, s.scanApplication, selectApplication, region, id)
	if errors.Is(err, db.ErrNone) {
		return a, errNoCase(id)
	}
	return a, err
}

func (s *Service) applicationsOf(tx *db.Tx, region, person string) ([]Application, error) {
	return db.All(tx, s.scanApplication, selectApplications, region, person)
}

func (s *Service) putApplication(tx *db.Tx, a Application) error {
	asked, err := s.seal(a.Region, a.Asked)
	if err != nil {
		return err
	}
	_, err = tx.Exec(updateApplication, a.Region, a.Case, a.Step, a.Before, asked, a.Result, a.Decision, a.Since, a.Until, a.Other, a.OtherRegion, a.Person)
	return err
}

// endStanding ends what the same kind of matter had granted before: a new filing
// takes the place of the old one on the day before it begins.
func (s *Service) endStanding(tx *db.Tx, a Application) error {
	family, _, _ := strings.Cut(a.Matter, ".")
	_, err := tx.Exec(endOthers, a.Region, a.Person, a.Case, a.Since-1, a.Matter, family+".%")
	return err
}
