package care

import (
	"context"
	"slices"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/institution"
)

// Standing is where a person stands with care: the benefit, the choice, the
// plan, the visits to come and the last ones.
type Standing struct {
	Benefit     benefit.Benefit // zero ID: none on the day, nor to come
	Choice      benefit.Choice
	Chosen      bool
	Institution institution.Institution
	Plan        Plan // the one to confirm, else the one in force, else the newest
	Family      Plan // of family care, in force; zero ID: none
	Next, Last  []Row
}

// Stand reads a person's standing for the citizen's page.
func (s *Service) Stand(ctx context.Context, who audit.Actor, region, person string) (x Standing, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if err := s.maySee(tx, who, region, person, who.Institution); err != nil {
			return err
		}
		today := tx.Today()
		all, err := benefit.Of(tx, region, person)
		if err != nil {
			return err
		}
		for _, b := range all {
			if b.To >= today && (x.Benefit.ID == "" || b.From <= today) {
				x.Benefit = b
			}
		}
		// A choice for next month is already the person's choice.
		x.Choice, err = benefit.ModeOn(tx, region, person, today+62)
		if x.Chosen = err == nil; err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if x.Chosen && x.Choice.Institution != "" {
			if x.Institution, err = institution.Get(tx, region, x.Choice.Institution); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		plans, err := PlansOfPerson(tx, region, person)
		if err != nil {
			return err
		}
		weight := map[PlanStatus]int{Offered: 4, Active: 3, Confirmed: 2, Returned: 1}
		for _, p := range plans {
			if p.OfFamily() && p.Status == Active && x.Family.ID == "" {
				x.Family = p
			}
			if p.Status != Draft && (x.Plan.ID == "" || weight[p.Status] > weight[x.Plan.Status]) {
				x.Plan = p
			}
		}
		next, err := VisitsOfPerson(tx, region, person, today, today+28, 60)
		if err != nil {
			return err
		}
		last, err := VisitsOfPerson(tx, region, person, today-31, today, 100)
		if err != nil {
			return err
		}
		next = slices.DeleteFunc(next, func(v Visit) bool { return v.Status != Planned && v.Status != Started })
		last = slices.DeleteFunc(last, func(v Visit) bool { return v.Status != Done && v.Status != Trouble && v.Status != Void })
		slices.Reverse(last)
		if x.Next, err = s.rows(tx, region, next); err != nil {
			return err
		}
		x.Last, err = s.rows(tx, region, last)
		return err
	})
	return x, err
}

// Modes are the modes and combinations that the region lets a person choose.
func (s *Service) Modes(region string, standing Standing) (out [][]string, err error) {
	v, err := s.Packs.At(region, standing.Benefit.From)
	if err != nil {
		return nil, err
	}
	for i, a := range benefit.Modes {
		if a != "community" && benefit.Named(v, a) == nil { // no region of ours pays it yet; a pack that combines it shows it below
			out = append(out, []string{a})
		}
		for _, b := range benefit.Modes[i+1:] {
			if benefit.Combination(v, []string{a, b}) == nil {
				out = append(out, []string{a, b})
			}
		}
	}
	return out, nil
}
