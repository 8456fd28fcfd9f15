package person

import (
	"errors"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
)

// This file is what registers of other departments (部门登记册) need of the
// roster: to find people by set, and to write what a register knows.

// Known is as much of an insured person as matching needs.
type Known struct {
	ID, Name string
	Birth    day.Day
}

// Alike is a name and a birth date.
type Alike struct {
	Name  string
	Birth day.Day
}

// Heading is the cell of a table's head without brackets, blanks and case, as
// headings are compared.
func Heading(cell string) string { return heading(cell) }

// Plain is a cell with full-width letters and digits made plain, trimmed.
func Plain(cell string) string { return half(cell) }

// ReadDay reads the ways in which offices write a day; serial allows the serial
// number of a spreadsheet, say is the reason when it is none.
func ReadDay(raw string, serial, from1904 bool) (d day.Day, say string) {
	return parseDate(raw, serial, from1904)
}

// NumberIndex is the blind index by which FindNumbers finds a number.
func (s *Service) NumberIndex(region string, n Number) string {
	return s.Keys.Index(region, fieldID, n.Text)
}

// FindNumbers finds persons by blind indexes, in few statements; also by numbers
// that have since been corrected. Who is not insured is not in the map.
func (s *Service) FindNumbers(tx *db.Tx, region string, index []string) (map[string]Known, error) {
	rows, err := db.All(tx, scanSought, seekNumbers, region, index)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Known, len(rows))
	for _, r := range rows {
		out[r.index] = r.Known
	}
	if len(out) == len(index) {
		return out, nil
	}
	former, err := db.All(tx, scanFormer, formerOf, region, index)
	if err != nil || len(former) == 0 {
		return out, err
	}
	var ids []string
	for _, f := range former {
		ids = append(ids, f.id)
	}
	people, err := s.GetMany(tx, region, ids)
	for _, f := range former {
		if p, ok := people[f.id]; ok && out[f.index].ID == "" {
			out[f.index] = Known{ID: p.ID, Name: p.Name, Birth: p.Birth}
		}
	}
	return out, err
}

// FindAlike finds everybody who bears one of the names and was born on its day.
func (s *Service) FindAlike(tx *db.Tx, region string, list []Alike) (map[Alike][]Known, error) {
	out := map[Alike][]Known{}
	var want db.Rows
	for _, a := range list {
		if py := pinyinOf(a.Name); py != "" && a.Birth != 0 {
			if _, twice := out[a]; !twice {
				out[a] = nil
				want = append(want, []any{py, a.Birth.String()})
			}
		}
	}
	if len(want) == 0 {
		return nil, nil
	}
	rows, err := db.All(tx, func(r db.Row) (k Known, err error) { return k, r.Scan(&k.ID, &k.Name, &k.Birth) }, seekAlike, region, want)
	seen := map[string]bool{} // two names of one sound ask twice
	for _, k := range rows {
		a := Alike{k.Name, k.Birth}
		if _, asked := out[a]; asked && !seen[k.ID] {
			seen[k.ID] = true
			out[a] = append(out[a], k)
		}
	}
	return out, err
}

// Membership is a person's place in a key group (重点人群).
type Membership struct {
	Person string
	Group
}

// PutGroups writes memberships; a register's word replaces an older one of the same group.
func (s *Service) PutGroups(tx *db.Tx, region string, list []Membership) error {
	rows := make([][]any, len(list))
	for i, m := range list {
		rows[i] = []any{region, m.Person, m.Name, m.Source, m.Since}
	}
	_, err := tx.Insert("person_group", colsGroup, rows, upsertGroup)
	return err
}

// EndGroups takes persons out of a group, as far as the same source put them in.
func (s *Service) EndGroups(tx *db.Tx, region, group, source string, persons []string) error {
	_, err := tx.Exec(endGroups, region, group, source, persons)
	return err
}

// GroupMembers are the persons of any of the groups in the order of their ids,
// up to limit, after the id.
func (s *Service) GroupMembers(tx *db.Tx, region string, groups []string, after string, limit int) ([]string, error) {
	return db.All(tx, db.Value[string], groupMembers, region, groups, after, limit)
}

// PutDeceased marks persons as deceased, on the day by person.
func (s *Service) PutDeceased(tx *db.Tx, region string, on map[string]day.Day) error {
	if len(on) == 0 {
		return nil
	}
	rows := make(db.Rows, 0, len(on))
	for id, d := range on {
		rows = append(rows, []any{id, d.String()})
	}
	_, err := tx.Exec(setDeceased, region, rows, tx.Millis())
	return err
}

// StayOf is a person's time in hospital.
type StayOf struct {
	Person string
	Stay
}

// PutStays records stays; the same admission again changes its end.
func (s *Service) PutStays(tx *db.Tx, region string, list []StayOf) error {
	rows := make([][]any, len(list))
	for i, x := range list {
		if x.Until != 0 && x.Until < x.Since {
			return errors.New("person: a stay ends before it begins")
		}
		rows[i] = []any{region, x.Person, x.Since, x.Until, x.Source, tx.Millis()}
	}
	_, err := tx.Insert("person_stay", strings.Fields("region person since until source updated"), rows, upsertStay)
	return err
}
