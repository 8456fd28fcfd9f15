package share

import (
	"context"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/job"
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
		if err := s.Persons.PutDeceased(tx, region, on); err != nil {
			return err
		}
		return s.died(tx, region, on)
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

// died ends the benefits of who has died. What else ends with it (plans, visits
// to come) is told by a job, for those who had something.
func (s *Service) died(tx *db.Tx, region string, on map[string]day.Day) error {
	v, err := s.Packs.At(region, tx.Today())
	if err != nil {
		return err
	}
	ended, err := benefit.Died(tx, v, region, on)
	if err != nil {
		return err
	}
	for _, p := range ended {
		x := Died{Person: p, On: on[p]}
		if err := job.Put(tx, region, p+" "+x.On.String(), time.Time{}, x); err != nil {
			return err
		}
	}
	return nil
}

// Died is told of somebody whose benefit ended by a death.
type Died struct {
	Person string  `json:"person"`
	On     day.Day `json:"on"`
}

// Kind is the job's name.
func (Died) Kind() string { return "share.died" }

// retracted begins what a fact was ended by when a clerk took it back.
const retracted = "retracted:"

// Retract takes back that a register calls a person dead: they stand before the
// clerk, or the register was wrong. The benefit runs as it did; the plan of care
// is written anew. why is kept on the fact.
func (s *Service) Retract(ctx context.Context, who audit.Actor, region, id, key, why string) error {
	why = strings.TrimSpace(why)
	act := audit.Act{Region: region, Verb: "share.retract", Object: id, Key: key, Body: why}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		if why == "" {
			return fault.Field("why", "请写怎样核实的，例如：本人到窗口，看了身份证")
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		p, err := s.Persons.Get(tx, region, id)
		if err != nil {
			return err
		}
		if p.Deceased == 0 {
			return fault.New(fault.Conflict, "%s没有登记去世，不用更正。", p.Name)
		}
		for _, src := range Sources(v) {
			if src.Gives != GivesDeceased {
				continue
			}
			if _, err := tx.Exec(endFacts, region, src.ID, []string{id}, tx.Today(), retracted+who.ID); err != nil {
				return err
			}
		}
		if err := s.Persons.PutDeceased(tx, region, map[string]day.Day{id: 0}); err != nil {
			return err
		}
		return benefit.Revive(tx, region, []string{id})
	})
}
