package care

import (
	"context"
	"slices"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/person"
)

// serves tells whether who works for the institution that gives the care, and
// so sees only its own; the agency and its insurers see the region.
func serves(who audit.Actor) bool {
	return who.Role == "institution" || who.Role == "care_worker" || who.Role == "api"
}

// outside tells whether who has nothing to do with care: assessors and experts
// see assessments only, administrators see nobody.
func outside(who audit.Actor) bool {
	return who.Role == "assessor" || who.Role == "expert" || who.Role == "admin" || who.Role == "security"
}

// maySee: the person, a proxy of any scope, the institution, the agency of the
// region. Whoever may not see is told that there is nothing.
func (s *Service) maySee(tx *db.Tx, who audit.Actor, region, person, inst string) error {
	hidden := fault.New(fault.NotFound, "没有找到这份记录。")
	switch {
	case who.Region != region || outside(who):
		return hidden
	case serves(who):
		if who.Institution != inst {
			return hidden
		}
	case who.Role == "citizen" && who.Person != person:
		scope, _, err := s.People.ProxyScope(tx, region, who.Person, person, tx.Today())
		if err != nil {
			return err
		}
		if scope == "" {
			return hidden
		}
	}
	return nil
}

// mayAct: the person, or a proxy who was given more than to look.
func (s *Service) mayAct(tx *db.Tx, who audit.Actor, region, person string) error {
	if who.Role != "citizen" || who.Person == "" {
		return fault.New(fault.Forbidden, "护理方式和护理计划要由本人或家里有授权的人来定。")
	}
	if who.Person == person {
		return nil
	}
	scope, _, err := s.People.ProxyScope(tx, region, who.Person, person, tx.Today())
	if err == nil && scope != "act" && scope != "pay" {
		err = fault.New(fault.Forbidden, "您没有替这位参保人办事的授权。请本人在“家人代办”里给您“可以代办”。")
	}
	return err
}

// Row is a visit in a list.
type Row struct {
	Visit
	Who       person.Person
	StaffName string
}

// SightItem is an item of a visit: planned, done or both.
type SightItem struct {
	Item
	Planned, Done int64 // minutes, -1 not
}

// Sight is a visit with everything that a page shows about it.
type Sight struct {
	Row
	Plan        Plan
	Institution institution.Institution
	Items       []SightItem
	Exceptions  []Exception
	Evidence    []desk.Document
	Code        string // for the person and proxies only
}

// seen records that somebody else than the person read about the care; the
// agency's people, the institution's and proxies all leave their trace.
func (s *Service) seen(ctx context.Context, who audit.Actor, region, verb, object, person string) error {
	if who.Person == person {
		return nil
	}
	return audit.Seen(ctx, s.Log, who, region, verb, object)
}

// See is a visit for a page; the look is audited.
func (s *Service) See(ctx context.Context, who audit.Actor, region, visit string) (x Sight, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := GetVisit(tx, region, visit)
		if err != nil {
			return err
		}
		if err := s.maySee(tx, who, region, v.Person, v.Institution); err != nil {
			return err
		}
		rows, err := s.rows(tx, region, []Visit{v})
		if err != nil {
			return err
		}
		x.Row = rows[0]
		if x.Plan, err = GetPlan(tx, region, v.Plan); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if v.Institution != "" {
			if x.Institution, err = institution.Get(tx, region, v.Institution); err != nil {
				return err
			}
		}
		if x.Exceptions, err = ExceptionsOfVisit(tx, region, visit); err != nil {
			return err
		}
		if x.Evidence, err = desk.Documents(tx, region, "visit-"+visit); err != nil {
			return err
		}
		if who.Role == "citizen" {
			x.Code = x.Plan.Code(visit)
		}
		x.Items = s.items(region, v)
		return nil
	})
	if err != nil {
		return x, err
	}
	return x, s.seen(ctx, who, region, "care.see", visit, x.Person)
}

// items joins what was planned with what was done, by the catalogue of the day.
func (s *Service) items(region string, v Visit) []SightItem {
	all := s.Items(region, v.On)
	var out []SightItem
	add := func(code string) *SightItem {
		for i := range out {
			if out[i].Code == code {
				return &out[i]
			}
		}
		it := Item{Code: code, Name: code}
		if n := slices.IndexFunc(all, func(a Item) bool { return a.Code == code }); n >= 0 {
			it = all[n]
		}
		out = append(out, SightItem{Item: it, Planned: -1, Done: -1})
		return &out[len(out)-1]
	}
	for _, p := range v.PlannedItems {
		add(p.Item).Planned = p.Minutes
	}
	for _, d := range v.Items {
		add(d.Item).Done = d.Minutes
	}
	return out
}

// Items is the catalogue of a region on a day; empty when no pack gives one.
func (s *Service) Items(region string, on day.Day) []Item {
	v, err := s.Packs.At(region, on)
	if err != nil {
		return nil
	}
	return Catalogue(v)
}

// PriceMark is what stands behind a price or a sum of prices of items on a
// screen: that one of them is an example value or waits to be checked; "" when
// all have grade A or B.
func (s *Service) PriceMark(region string, on day.Day, items ...string) string {
	for _, it := range s.Items(region, on) {
		if m := it.Mark(); m != "" && slices.Contains(items, it.Code) {
			return m
		}
	}
	return ""
}

// PlanMark is PriceMark of what a plan comes to.
func (s *Service) PlanMark(p Plan) string {
	codes := make([]string, len(p.Items))
	for i, it := range p.Items {
		codes[i] = it.Item
	}
	return s.PriceMark(p.Region, p.From, codes...)
}

// ItemGrade is the evidence grade of an item of the catalogue.
func (s *Service) ItemGrade(region string, on day.Day, it Item) string {
	v, err := s.Packs.At(region, on)
	if err != nil {
		return ""
	}
	if c := fault.As(v.Refuse(it, "")).Clause; c != nil {
		return c.Grade
	}
	return ""
}

func (s *Service) rows(tx *db.Tx, region string, visits []Visit) ([]Row, error) {
	var persons, staff []string
	for _, v := range visits {
		persons, staff = append(persons, v.Person), append(staff, v.Staff)
	}
	people, err := s.People.GetMany(tx, region, unique(persons))
	if err != nil {
		return nil, err
	}
	names, err := institution.StaffNames(tx, region, unique(staff))
	if err != nil {
		return nil, err
	}
	out := make([]Row, len(visits))
	for i, v := range visits {
		out[i] = Row{v, people[v.Person], names[v.Staff]}
	}
	return out, nil
}

func unique(s []string) []string { slices.Sort(s); return slices.Compact(s) }

// Mine is the day of a member of staff: the visits of the day, and those of the
// day before that are still open.
func (s *Service) Mine(ctx context.Context, who audit.Actor, region string, on day.Day) (m institution.Staff, rows []Row, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if m, err = institution.StaffOfActor(tx, region, who); err != nil {
			return err
		}
		visits, err := VisitsOfStaff(tx, region, m.ID, on-1, on)
		if err != nil {
			return err
		}
		visits = slices.DeleteFunc(visits, func(v Visit) bool { return v.On < on && v.Status != Started || v.Status == Cancelled })
		rows, err = s.rows(tx, region, visits)
		return err
	})
	return m, rows, err
}

// List is an institution's visits of some days, page by page after (day, id).
func (s *Service) List(ctx context.Context, who audit.Actor, region string, from, to day.Day, status VisitStatus, afterDay day.Day, after string, limit int) (rows []Row, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		visits, err := VisitsOf(tx, region, who.Institution, from, to, status, afterDay, after, limit)
		if err != nil {
			return err
		}
		rows, err = s.rows(tx, region, visits)
		return err
	})
	return rows, err
}

// Of is the visits to a person of some days.
func (s *Service) Of(ctx context.Context, who audit.Actor, region, person string, from, to day.Day, limit int) (rows []Row, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if who.Role == "citizen" {
			if err := s.maySee(tx, who, region, person, ""); err != nil {
				return err
			}
		}
		visits, err := VisitsOfPerson(tx, region, person, from, to, limit)
		if err != nil {
			return err
		}
		visits = slices.DeleteFunc(visits, func(v Visit) bool { return serves(who) && v.Institution != who.Institution })
		rows, err = s.rows(tx, region, visits)
		return err
	})
	return rows, err
}

// PlanRow is a plan in a list.
type PlanRow struct {
	Plan
	Who         person.Person
	Institution institution.Institution
}

func (s *Service) planRows(tx *db.Tx, region string, plans []Plan) ([]PlanRow, error) {
	var persons, insts []string
	for _, p := range plans {
		persons, insts = append(persons, p.Person), append(insts, p.Institution)
	}
	people, err := s.People.GetMany(tx, region, unique(persons))
	if err != nil {
		return nil, err
	}
	in, err := institution.GetMany(tx, region, unique(insts))
	if err != nil {
		return nil, err
	}
	out := make([]PlanRow, len(plans))
	for i, p := range plans {
		out[i] = PlanRow{p, people[p.Person], in[p.Institution]}
	}
	return out, nil
}

// Plans is an institution's plans (for its staff) or those of the region in a
// status (for the agency).
func (s *Service) Plans(ctx context.Context, who audit.Actor, region string, status PlanStatus, limit int) (rows []PlanRow, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		var plans []Plan
		if serves(who) {
			plans, err = PlansOf(tx, region, who.Institution, status, limit)
		} else {
			plans, err = PlansWaiting(tx, region, status, limit)
		}
		if err != nil {
			return err
		}
		rows, err = s.planRows(tx, region, plans)
		return err
	})
	return rows, err
}

// PlansFor is a person's plans that have left the institution's desk.
func (s *Service) PlansFor(ctx context.Context, who audit.Actor, region, person string) (rows []PlanRow, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if err := s.maySee(tx, who, region, person, who.Institution); err != nil {
			return err
		}
		plans, err := PlansOfPerson(tx, region, person)
		if err != nil {
			return err
		}
		plans = slices.DeleteFunc(plans, func(p Plan) bool {
			return who.Role == "citizen" && (p.Status == Draft || p.Status == Ended && p.ConfirmedBy == "") || serves(who) && p.Institution != who.Institution
		})
		rows, err = s.planRows(tx, region, plans)
		return err
	})
	return rows, err
}

// SeePlan is a plan for a page, with the names of its staff; the look is audited.
func (s *Service) SeePlan(ctx context.Context, who audit.Actor, region, id string) (row PlanRow, staff map[string]string, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := GetPlan(tx, region, id)
		if err != nil {
			return err
		}
		if err := s.maySee(tx, who, region, p.Person, p.Institution); err != nil {
			return err
		}
		var ids []string
		for _, slot := range p.Slots {
			ids = append(ids, slot.Staff)
		}
		if staff, err = institution.StaffNames(tx, region, unique(ids)); err != nil {
			return err
		}
		rows, err := s.planRows(tx, region, []Plan{p})
		if err != nil {
			return err
		}
		row = rows[0]
		return nil
	})
	if err != nil {
		return row, staff, err
	}
	return row, staff, s.seen(ctx, who, region, "care.see_plan", id, row.Person)
}

// ExceptionRow is an exception in a list.
type ExceptionRow struct {
	Exception
	Row
}

// Exceptions lists those that who has to do with: a carer's own, an
// institution's, or the region's.
func (s *Service) Exceptions(ctx context.Context, who audit.Actor, region string, status ExceptionStatus, limit int) (rows []ExceptionRow, counts map[ExceptionStatus]int64, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		inst, staff := "", ""
		if serves(who) {
			inst = who.Institution
		}
		if who.Role == "care_worker" {
			m, err := institution.StaffOfActor(tx, region, who)
			if err != nil {
				return err
			}
			staff = m.ID
		}
		xs, err := ExceptionsOf(tx, region, inst, status, staff, limit)
		if err != nil {
			return err
		}
		if counts, err = ExceptionCounts(tx, region, inst); err != nil {
			return err
		}
		ids := make([]string, len(xs))
		for i, x := range xs {
			ids[i] = x.Visit
		}
		visits, err := GetVisits(tx, region, unique(ids))
		if err != nil {
			return err
		}
		list := make([]Visit, len(xs))
		for i, x := range xs {
			list[i] = visits[x.Visit]
		}
		vs, err := s.rows(tx, region, list)
		for i, x := range xs {
			rows = append(rows, ExceptionRow{x, vs[i]})
		}
		return err
	})
	return rows, counts, err
}

// KeepEvidence registers saved files with a visit and returns their ids; the
// page then records an evidence event that names them.
func (s *Service) KeepEvidence(ctx context.Context, who audit.Actor, region, visit, key, kind string, files []desk.Stored) ([]string, error) {
	body := []string{kind}
	for _, f := range files {
		body = append(body, f.SHA256)
	}
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.evidence", Object: visit, Key: key, Body: body}, func(tx *db.Tx) ([]string, error) {
		v, err := GetVisit(tx, region, visit)
		if err != nil {
			return nil, err
		}
		if err := s.maySee(tx, who, region, v.Person, v.Institution); err != nil {
			return nil, err
		}
		var ids []string
		for _, f := range files {
			d, err := desk.Attach(tx, region, "visit-"+visit, kind, f, who)
			if err != nil {
				return nil, err
			}
			ids = append(ids, d.ID)
		}
		return ids, nil
	})
}

// Received is an event as the server has it, for the page of the queue.
type Received struct {
	Visit, Name, Kind string
	At, ReceivedAt    int64
}

// KindName is the kind of event in words.
func (r Received) KindName() string { return say(VisitActions, r.Kind) }

// Recent is what the server received last from an account.
func (s *Service) Recent(ctx context.Context, who audit.Actor, region string, limit int) (out []Received, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if out, err = db.All(tx, func(r db.Row) (x Received, err error) { return x, r.Scan(&x.Visit, &x.Kind, &x.At, &x.ReceivedAt) }, recentEvents, region, who.ID, limit); err != nil {
			return err
		}
		ids := make([]string, len(out))
		for i, x := range out {
			ids[i] = x.Visit
		}
		visits, err := GetVisits(tx, region, unique(ids))
		if err != nil {
			return err
		}
		var persons []string
		for _, v := range visits {
			persons = append(persons, v.Person)
		}
		people, err := s.People.GetMany(tx, region, unique(persons))
		for i := range out {
			out[i].Name = people[visits[out[i].Visit].Person].Name
		}
		return err
	})
	return out, err
}
