package care

import (
	"context"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/person"
)

// RecordDays records the days of care in an institution, by it, or by the
// family, by the person or a proxy (按日记录): each day becomes a done visit with the plan's items by day, and those
// by the month on the first day of the month that the plan covers. A day that
// is recorded already stays as it is, so a month may be sent again.
func (s *Service) RecordDays(ctx context.Context, who audit.Actor, region, plan, key string, days []day.Day) (int64, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.days", Object: plan, Key: key, Body: days}, func(tx *db.Tx) (int64, error) {
		p, err := GetPlan(tx, region, plan)
		if err != nil {
			return 0, err
		}
		if p.OfFamily() {
			if err := s.mayAct(tx, who, region, p.Person); err != nil {
				return 0, err
			}
		} else if p.Institution != who.Institution {
			return 0, fault.New(fault.NotFound, "没有找到这份护理计划。")
		}
		if p.Mode == "home" {
			return 0, fault.Field("days", "居家上门要按次打卡，不能按天记录。")
		}
		return s.keepDays(tx, p, days, "sign")
	})
}

// keepDays makes the days of a plan done visits, confirmed by sign or window. A
// day that was taken back is done again.
func (s *Service) keepDays(tx *db.Tx, p Plan, days []day.Day, confirmed string) (int64, error) {
	if p.ConfirmedBy == "" || p.Status != Active && p.Status != Ended {
		return 0, fault.New(fault.Conflict, "这份计划现在是“%s”，还不能记录服务。", p.Status.Name())
	}
	var visits []Visit
	for _, d := range days {
		if d < p.From || d > p.To {
			return 0, fault.Field("days", "%s不在计划的日期里。", d.Chinese())
		}
		if d > tx.Today() {
			return 0, fault.Field("days", "%s还没到，不能先记。", d.Chinese())
		}
		v := s.dayOf(p, d)
		v.Confirmed = confirmed
		visits = append(visits, v)
	}
	if p.OfFamily() {
		if err := s.familyDays(tx, p, days); err != nil {
			return 0, err
		}
	}
	known, err := GetVisits(tx, p.Region, ids(visits))
	if err != nil {
		return 0, err
	}
	visits = slices.DeleteFunc(visits, func(v Visit) bool {
		had, ok := known[v.ID]
		return ok && had.Status != Cancelled
	})
	var fresh []Visit
	for i := range visits {
		v := &visits[i]
		if err := s.bill(tx, v); err != nil {
			return 0, err
		}
		if had, ok := known[v.ID]; ok {
			v.Version = had.Version
			if err := updateVisit(tx, *v); err != nil {
				return 0, err
			}
			continue
		}
		fresh = append(fresh, *v)
	}
	n, err := InsertVisits(tx, fresh)
	if err != nil {
		return 0, err
	}
	return n + int64(len(visits)-len(fresh)), s.examine(tx, p.Region, visits)
}

func ids(visits []Visit) []string {
	out := make([]string, len(visits))
	for i, v := range visits {
		out[i] = v.ID
	}
	return out
}

// dayID names the visit that stands for a day of a plan.
func dayID(plan string, d day.Day) string {
	return plan + "-" + strings.ReplaceAll(d.String(), "-", "") + "-d"
}

func (s *Service) dayOf(p Plan, d day.Day) Visit {
	v := Visit{Region: p.Region, ID: dayID(p.ID, d), Plan: p.ID, Person: p.Person, Institution: p.Institution,
		On: d, Mode: p.Mode, Status: Done, Confirmed: "sign"}
	all := s.Items(p.Region, d)
	for _, it := range p.Items {
		n := slices.IndexFunc(all, func(a Item) bool { return a.Code == it.Item })
		if n >= 0 && all[n].Unit == "month" && d != max(p.From, d.Month().First()) {
			continue
		}
		v.Items = append(v.Items, DoneItem{Item: it.Item})
	}
	v.PlannedItems = v.Items
	return v
}

// Charge is a person whom an institution serves, with the plan that holds or is
// on its way.
type Charge struct {
	institution.Relation
	Who  person.Person
	Plan Plan // zero: none yet
}

// Served lists whom the institution of who serves today.
func (s *Service) Served(ctx context.Context, who audit.Actor, region string) (out []Charge, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		// Choices for the coming month are work to do today: their plan is to be written.
		rel, err := institution.Served(tx, region, who.Institution, tx.Today())
		if err != nil {
			return err
		}
		next, err := institution.Served(tx, region, who.Institution, tx.Today()+31)
		if err != nil {
			return err
		}
		for _, r := range next {
			if !slices.ContainsFunc(rel, func(o institution.Relation) bool { return o.Person == r.Person && o.Mode == r.Mode }) {
				rel = append(rel, r)
			}
		}
		var persons []string
		for _, r := range rel {
			persons = append(persons, r.Person)
		}
		people, err := s.People.GetMany(tx, region, unique(slices.Clone(persons)))
		if err != nil {
			return err
		}
		plans, err := PlansOf(tx, region, who.Institution, "", 10000)
		if err != nil {
			return err
		}
		for _, r := range rel {
			c := Charge{Relation: r, Who: people[r.Person]}
			for _, p := range plans { // the newest first; one in force wins over an ended one
				if p.Person == r.Person && p.Mode == r.Mode && (c.Plan.ID == "" || c.Plan.Status == Ended && p.Status != Ended) {
					c.Plan = p
				}
			}
			out = append(out, c)
		}
		return nil
	})
	return out, err
}
