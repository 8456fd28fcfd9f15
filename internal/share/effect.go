package share

import (
	"yinling/internal/benefit"
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
		if err := s.Persons.PutStays(tx, region, put); err != nil {
			return err
		}
		// Who lies in hospital is not paid for at home twice: the bill asks for these days.
		var pauses []benefit.Suspended
		for _, x := range put {
			p := benefit.Suspended{Person: x.Person, Pause: benefit.Pause{From: x.Since, Reason: "hospital", Note: x.Source}}
			if x.Until != 0 {
				p.To = x.Until - 1 // care at home may begin on the day of discharge
			}
			if p.To.IsZero() || p.To >= p.From {
				pauses = append(pauses, p)
			} else if err := benefit.Resume(tx, region, x.Person, x.Since, "hospital"); err != nil { // out on the same day
				return err
			}
		}
		return benefit.Suspend(tx, region, pauses)
	}
	return nil
}
