package share

import (
	"context"
	"slices"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Told is a fact with the register it comes from, and until when it is confirmed.
type Told struct {
	Fact
	Source    Source
	Confirmed day.Day // the day to which the newest list that still holds it speaks
	Stale     bool
}

// tell reads what the registers say about a person.
func (s *Service) tell(tx *db.Tx, v *policy.View, region, id string) ([]Told, error) {
	list := Sources(v)
	ids := make([]string, len(list))
	for i, x := range list {
		ids[i] = x.ID
	}
	facts, err := db.All(tx, scanFact, factsOf, region, ids, id)
	if err != nil || len(facts) == 0 {
		return nil, err
	}
	last, err := newest(tx, region)
	var out []Told
	for _, src := range list { // in the pack's order
		for _, f := range facts {
			if f.Source != src.ID {
				continue
			}
			x := Told{Fact: f, Source: src, Confirmed: f.AsOf}
			if src.Mode == "full" && f.EndedOn == 0 && last[src.ID] > f.AsOf {
				x.Confirmed = last[src.ID]
			}
			x.Stale = src.Mode == "full" && src.Stale(x.Confirmed, v.On())
			out = append(out, x)
		}
	}
	return out, err
}

// OfPerson is what departments say about a person: facts of registers, and the
// assessments of all departments as records side by side, ours among them. What
// another's assessment may be used for is told by rule share.recognise.
func (s *Service) OfPerson(ctx context.Context, region, id string) (told []Told, assessed []Assessed, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		all, err := s.tell(tx, v, region, id)
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.Source.Gives != GivesAssessment {
				told = append(told, x)
				continue
			}
			use, _, err := RecogniseRule.Decide(v, RecognisedFacts{Source: x.Source.ID, On: x.Since, Until: x.Until, Today: tx.Today()})
			if err != nil {
				return err
			}
			assessed = append(assessed, Assessed{Fact: x.Fact, Department: x.Source.Department, Tool: x.Source.Value, Use: use})
		}
		apps, err := s.apps(tx, region, []string{id})
		for _, a := range apps[id] {
			if a.FinalLevel >= 0 && !a.ConcludedOn.IsZero() {
				assessed = append(assessed, ofOwn(a))
			}
		}
		slices.SortStableFunc(assessed, func(a, b Assessed) int { return int(b.Since - a.Since) })
		return err
	})
	return told, assessed, err
}

// Record enters another department's assessment by hand, from its document.
func (s *Service) Record(ctx context.Context, who audit.Actor, region, id, key string, f Fact) error {
	act := audit.Act{Region: region, Verb: "share.record", Object: id, Key: key, Body: f}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		src, ok := SourceOf(v, f.Source)
		switch {
		case !ok || src.Gives != GivesAssessment:
			return fault.Field("source", "请选是哪个部门的评估")
		case f.Value == "":
			return fault.Field("value", "请照文书原样写评估结果，例如“重度失能”“二级”")
		case f.Since == 0 || f.Since > tx.Today():
			return fault.Field("since", "请填评估日期，不能晚于今天")
		case f.Until != 0 && f.Until < f.Since:
			return fault.Field("until", "有效期早于评估日期，请核对")
		case f.Document == "":
			return fault.Field("document", "请写证书或文书的编号，好核对原件")
		}
		if _, err := s.Persons.Get(tx, region, id); err != nil {
			return err
		}
		f.Person, f.Item, f.Batch, f.Line, f.AsOf = id, f.Since.String(), "", 0, tx.Today()
		return putFacts(tx, region, []Fact{f})
	})
}

// Double decides by rule share.double which other care subsidies a person gets:
// what a valid register says counts before what the applicant declared. The
// decision is for the caller to keep.
func (s *Service) Double(tx *db.Tx, v *policy.View, region, id string, declared []string) (DoubleOutcome, policy.Decision, error) {
	in := DoubleFacts{Registered: []string{}, Covered: []string{}, Declared: append([]string{}, declared...)}
	last, err := newest(tx, region)
	if err != nil {
		return DoubleOutcome{}, policy.Decision{}, err
	}
	for _, src := range Sources(v) {
		if src.Gives == GivesSubsidy && last[src.ID] != 0 && !src.Stale(last[src.ID], tx.Today()) && !has(in.Covered, src.Value) {
			in.Covered = append(in.Covered, src.Value)
		}
	}
	told, err := s.tell(tx, v, region, id)
	if err != nil {
		return DoubleOutcome{}, policy.Decision{}, err
	}
	for _, x := range told {
		if x.Source.Gives == GivesSubsidy && x.Holds(tx.Today()) && has(in.Covered, x.Source.Value) && !has(in.Registered, x.Source.Value) {
			in.Registered = append(in.Registered, x.Source.Value)
		}
	}
	return DoubleRule.Decide(v, in)
}
