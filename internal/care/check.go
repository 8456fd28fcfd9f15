package care

import (
	"context"
	"fmt"
	"slices"
	"time"

	"yinling/internal/audit"
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
	if in.Staff, _, err = s.worker(tx, *v, nil); err != nil {
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
func (s *Service) worker(tx *db.Tx, v Visit, known map[string]institution.Staff) (role, unfit string, err error) {
	if v.Staff == "" {
		if v.Mode == "family" {
			return "family", "", nil
		}
		return "care_worker", "", nil
	}
	m, ok := known[v.Staff]
	if !ok {
		if m, err = institution.GetStaff(tx, v.Region, v.Staff); fault.Is(err, fault.NotFound) {
			return "care_worker", "没有找到这位护理员的登记", nil
		}
		if err != nil {
			return "", "", err
		}
		if known != nil {
			known[v.Staff] = m
		}
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
	if len(visits) == 0 {
		return nil
	}
	c := newScene(s, tx, region)
	if err := c.load(visits); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, v := range visits {
		seen[v.ID] = true
	}
	again := slices.Clone(visits)
	for _, v := range visits {
		for _, o := range c.around(v) {
			if !seen[o.ID] && (near(v, o) || (o.Staff == v.Staff && o.On == v.On)) {
				seen[o.ID] = true
				again = append(again, o)
			}
		}
	}
	if err := c.load(again); err != nil {
		return err
	}
	for _, v := range again {
		if err := c.suspect(v); err != nil {
			return err
		}
	}
	return nil
}

func near(a, b Visit) bool {
	return a.Begin > 0 && b.Begin > 0 && a.Begin-b.End < nearGap && b.Begin-a.End < nearGap
}

func (c *scene) suspect(v Visit) error {
	s, tx := c.Service, c.tx
	in, err := c.input(v)
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
		if x.Status == Open && x.Kind != "after_settled" && x.Kind != "spot" {
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
			var done []Visit
			for _, id := range ids[:n] {
				if v := m[id]; v.Status == Done {
					done = append(done, v)
				}
			}
			return s.examine(tx, region, done)
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
