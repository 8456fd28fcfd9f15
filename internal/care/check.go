package care

import (
	"context"
	"fmt"
	"time"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/institution"
)

// bill sets the lines of a done visit by rule care.bill and clears those of
// any other. A pack that cannot answer never costs the record: the visit stays
// without lines and asks for attention.
func (s *Service) bill(tx *db.Tx, v *Visit) error {
	if v.Status != Done {
		v.Lines, v.BillDecision = nil, ""
		return nil
	}
	xs, err := ExceptionsOfVisit(tx, v.Region, v.ID)
	if err != nil {
		return err
	}
	in := BillIn{On: v.On, Mode: v.Mode, Minutes: v.Minutes, Items: v.Items}
	for _, x := range xs {
		in.DeductMinutes += x.DeductMinutes
	}
	if in.Staff, _, err = s.worker(tx, *v); err != nil {
		return err
	}
	view, err := s.Packs.At(v.Region, v.On)
	if err != nil {
		return s.unchecked(tx, *v, err)
	}
	out, dec, err := billRule.Decide(view, in)
	if err != nil {
		return s.unchecked(tx, *v, err)
	}
	if v.BillDecision != "" && js(out.Lines) == js(v.Lines) {
		return nil
	}
	v.Lines = out.Lines
	v.BillDecision, err = audit.DecideOne(tx, v.Region, dec, v.ID)
	return err
}

// worker is the qualification of who did the visit and, when there is a reason
// against it, why they may not work on the day.
func (s *Service) worker(tx *db.Tx, v Visit) (role, unfit string, err error) {
	if v.Staff == "" {
		if v.Mode == "family" {
			return "family", "", nil
		}
		return "care_worker", "", nil
	}
	m, err := institution.GetStaff(tx, v.Region, v.Staff)
	if fault.Is(err, fault.NotFound) {
		return "care_worker", "没有找到这位护理员的登记", nil
	}
	if err != nil {
		return "", "", err
	}
	if ok, why := m.FitOn(v.On); !ok {
		unfit = why
	}
	return string(m.Role), unfit, nil
}

// unchecked keeps a visit that no pack could judge from being forgotten.
func (s *Service) unchecked(tx *db.Tx, v Visit, why error) error {
	f := fault.As(why)
	if f.Kind == fault.Internal {
		return why
	}
	x := Exception{Region: v.Region, Visit: v.ID, Kind: "unchecked", Institution: v.Institution, Person: v.Person, Staff: v.Staff, On: v.On,
		Say: "这次上门还没有核对：" + f.Say, Status: Open}
	return insertExceptions(tx, []Exception{x})
}

// nearGap is how far apart two visits may be, in ms, and still be looked at together.
const nearGap = 6 * 3600 * 1000

// examine runs care.suspect over done visits and over those around them, whose
// answer may change, and keeps the exceptions in step. What somebody has
// answered or decided is never touched.
func (s *Service) examine(tx *db.Tx, region string, visits []Visit) error {
	seen := map[string]bool{}
	var again []Visit
	for _, v := range visits {
		if !seen[v.ID] {
			seen[v.ID] = true
			again = append(again, v)
		}
	}
	for _, v := range visits {
		around, err := s.around(tx, v)
		if err != nil {
			return err
		}
		for _, o := range around {
			if !seen[o.ID] && (near(v, o) || (o.Staff == v.Staff && o.On == v.On)) {
				seen[o.ID] = true
				again = append(again, o)
			}
		}
	}
	for _, v := range again {
		if err := s.suspect(tx, v); err != nil {
			return err
		}
	}
	return nil
}

func near(a, b Visit) bool {
	return a.Begin > 0 && b.Begin > 0 && a.Begin-b.End < nearGap && b.Begin-a.End < nearGap
}

// around is the other done visits of the same worker or to the same person on
// the day and its neighbours.
func (s *Service) around(tx *db.Tx, v Visit) ([]Visit, error) {
	all, err := VisitsOfPerson(tx, v.Region, v.Person, v.On-1, v.On+1, 200)
	if err != nil {
		return nil, err
	}
	if v.Staff != "" {
		more, err := VisitsOfStaff(tx, v.Region, v.Staff, v.On-1, v.On+1)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	var out []Visit
	seen := map[string]bool{v.ID: true}
	for _, o := range all {
		if o.Status == Done && !seen[o.ID] {
			seen[o.ID] = true
			out = append(out, o)
		}
	}
	return out, nil
}

func (s *Service) suspect(tx *db.Tx, v Visit) error {
	in, err := s.suspectIn(tx, v)
	if err != nil {
		return err
	}
	had, err := ExceptionsOfVisit(tx, v.Region, v.ID)
	if err != nil {
		return err
	}
	view, err := s.Packs.At(v.Region, v.On)
	if err != nil {
		return s.unchecked(tx, v, err)
	}
	out, dec, err := suspectRule.Decide(view, in)
	if err != nil {
		return s.unchecked(tx, v, err)
	}
	found := map[string]Suspicion{}
	for _, f := range out.Found {
		found[f.Kind] = f
	}
	var undecided int64
	changed := false
	for _, x := range had {
		f, still := found[x.Kind]
		delete(found, x.Kind)
		if x.Status == Open && x.Kind != "after_settled" {
			switch {
			case !still:
				changed = true
				if _, err := tx.Exec(dropException, v.Region, v.ID, x.Kind); err != nil {
					return err
				}
				continue
			case f.Say != x.Say:
				changed = true
				if _, err := tx.Exec(sayException, v.Region, v.ID, x.Kind, f.Say, js(f.Clause), v.Staff, v.On); err != nil {
					return err
				}
			}
		}
		if !x.Status.Decided() {
			undecided++
		}
	}
	var fresh []Exception
	for _, f := range out.Found {
		if _, ok := found[f.Kind]; !ok {
			continue
		}
		x := Exception{Region: v.Region, Visit: v.ID, Kind: f.Kind, Institution: v.Institution, Person: v.Person, Staff: v.Staff, On: v.On,
			Say: f.Say, Clause: f.Clause, Status: Open}
		s.limits(tx, &x)
		fresh = append(fresh, x)
	}
	undecided += int64(len(fresh))
	if err := insertExceptions(tx, fresh); err != nil {
		return err
	}
	if !changed && len(fresh) == 0 && v.Suspects == undecided {
		return nil
	}
	id, err := audit.DecideOne(tx, v.Region, dec, v.ID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(markVisit, v.Region, v.ID, undecided, id)
	return err
}

// limits sets the deadline of an answer. A year without an official calendar
// has none: the exception stands without a date rather than with a guess.
func (s *Service) limits(tx *db.Tx, x *Exception) {
	if v, err := s.Packs.At(x.Region, tx.Today()); err == nil {
		if n, ok := answerDays.Peek(v); ok {
			if d, err := v.Calendar().AddWorkdays(tx.Today(), int(n)); err == nil {
				x.AnswerDue = d
			}
		}
	}
}

// suspectIn gathers what the rule sees of a visit.
func (s *Service) suspectIn(tx *db.Tx, v Visit) (in SuspectIn, err error) {
	p, err := GetPlan(tx, v.Region, v.Plan)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return in, err
	}
	in = SuspectIn{Mode: v.Mode, Begin: v.Begin, End: v.End, Minutes: v.Minutes, PlanMinutes: v.PlannedMinutes, PlanItems: v.PlannedItems, Items: v.Items,
		Scheduled: (v.PlannedAt > 0 || v.Mode != "home") && v.On >= p.From && v.On <= p.To, Evidence: int64(len(v.Evidence)), Confirmed: v.Confirmed != "",
		In: spot(v.Place.In), Out: spot(v.Place.Out), Home: 1}
	if in.Staff, in.Unfit, err = s.worker(tx, v); err != nil {
		return in, err
	}
	if in.InHospital, err = s.People.InHospital(tx, v.Region, v.Person, v.On); err != nil {
		return in, err
	}
	if !in.InHospital {
		days, err := benefit.HospitalDays(tx, v.Region, v.Person, v.On, v.On)
		if err != nil {
			return in, err
		}
		in.InHospital = len(days) > 0
	}
	if v.Mode != "home" {
		return in, nil
	}
	events, err := readEvents(tx, v.Region, v.ID)
	if err != nil {
		return in, err
	}
	for _, e := range events {
		in.LateMinutes = max(in.LateMinutes, (e.received-e.At)/60000)
		in.AheadMinutes = max(in.AheadMinutes, (e.At-e.received)/60000)
	}
	others, err := s.around(tx, v)
	if err != nil {
		return in, err
	}
	homes := map[string]bool{v.Person: true}
	for _, o := range others {
		same := v.Staff != "" && o.Staff == v.Staff
		if same && o.On == v.On && (o.Begin < v.Begin || (o.Begin == v.Begin && o.ID < v.ID)) {
			homes[o.Person] = true
		}
		if near(v, o) {
			in.Near = append(in.Near, Near{Visit: o.ID, SameStaff: same, SamePerson: o.Person == v.Person, Begin: o.Begin, End: o.End, Metres: between(v, o)})
		}
	}
	in.Home = int64(len(homes))
	return in, nil
}

func spot(m *Mark) *Spot {
	if m == nil {
		return nil
	}
	return &Spot{Off: m.Fix.Off, Mock: m.Fix.Mock, Accuracy: m.Fix.Accuracy, Distance: m.Distance}
}

// between is the way from the end of the earlier to the beginning of the later.
func between(a, b Visit) int64 {
	if b.Begin < a.Begin {
		a, b = b, a
	}
	from, to := a.Place.Out, b.Place.In
	if from == nil || to == nil || from.Fix.Off || to.Fix.Off {
		return -1
	}
	return metres(from.Fix.Lat, from.Fix.Lng, to.Fix.Lat, to.Fix.Lng)
}

// Recheck looks again at every done visit of a day: what arrived at the same
// moment from two phones is seen here. The schedule of app runs it for the days
// that can still receive offline records.
func (s *Service) Recheck(ctx context.Context, region string, on day.Day) error {
	var ids []string
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) { ids, err = db.All(tx, db.Value[string], doneOn, region, on); return err })
	for len(ids) > 0 && err == nil {
		n := min(len(ids), 100)
		err = audit.Run(ctx, s.Log, audit.System(region), audit.Act{Region: region, Verb: "care.recheck", Object: on.String()}, func(tx *db.Tx) error {
			m, err := GetVisits(tx, region, ids[:n])
			if err != nil {
				return err
			}
			for _, id := range ids[:n] {
				if v := m[id]; v.Status == Done {
					if err := s.suspect(tx, v); err != nil {
						return err
					}
				}
			}
			return nil
		})
		ids = ids[n:]
	}
	return err
}

// At is the moment of a visit's ms for people.
func At(ms int64) string { return time.UnixMilli(ms).In(day.Shanghai).Format("15:04") }

// Hours writes minutes for people: 5 小时 40 分钟.
func Hours(minutes int64) string {
	switch {
	case minutes < 60:
		return fmt.Sprintf("%d 分钟", minutes)
	case minutes%60 == 0:
		return fmt.Sprintf("%d 小时", minutes/60)
	}
	return fmt.Sprintf("%d 小时 %d 分钟", minutes/60, minutes%60)
}
