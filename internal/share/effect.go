package share

import (
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/person"
)

// effect lets the roster know what facts of a source say: key group, death,
// stay in hospital. Subsidies and assessments are asked for where they count.
func (s *Service) effect(tx *db.Tx, region string, src Source, list []Fact) error {
	if len(list) == 0 {
		return nil
	}
	switch src.Gives {
	case GivesGroup:
		put := make([]person.Membership, len(list))
		for i, f := range list {
			put[i] = person.Membership{Person: f.Person, Group: person.Group{Name: src.Value, Source: src.Department, Since: f.Since}}
			if f.Since == 0 {
				put[i].Since = f.AsOf
			}
		}
		return s.Persons.PutGroups(tx, region, put)
	case GivesDeceased:
		on := make(map[string]day.Day, len(list))
		for _, f := range list {
			on[f.Person] = f.Since
		}
		return s.Persons.PutDeceased(tx, region, on)
	case GivesHospital:
		put := make([]person.StayOf, len(list))
		for i, f := range list {
			put[i] = person.StayOf{Person: f.Person, Stay: person.Stay{Since: f.Since, Until: f.Until, Source: src.Department}}
		}
		return s.Persons.PutStays(tx, region, put)
	}
	return nil
}
