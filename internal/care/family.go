package care

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Family care (亲情护理) without an institution: the person chooses somebody to
// care at home, the agency writes the plan with the family, the person confirms,
// another hand approves. Then the family confirms the days of care, each of which
// becomes a done visit, and some households are drawn every month and looked at.

// Carer is who cares under a plan without an institution (亲情照护人).
type Carer struct {
	Plan, Name, Relation string
	Tail                 string // of the identity number
	Phone, Certificate   string
	Birth                day.Day
	Trained              day.Day // zero: not trained
	Agreed               day.Day // agreed in person to care, and to be looked at
	Decision             string  // of rule care.family

	index, sealed string
}

// NewCarer is a carer as entered. An empty Number keeps the one on file.
type NewCarer struct {
	Name, Number, Relation, Phone, Certificate string
	Trained, Agreed                            day.Day
}

const fieldCarer, fieldCarerPhone = "care.carer", "care.carer_phone"

// FamilyInput is a plan of family care as it is written.
type FamilyInput struct {
	Person   string
	From, To day.Day
	Items    []string // of the catalogue, done every day
	Carer    NewCarer
	Version  int64
}

// OfFamily tells whether the plan is carried by the family alone.
func (p Plan) OfFamily() bool { return p.Mode == "family" && p.Institution == "" }

// FamilyItems are the items of the catalogue that a family does; with none
// meant for a family, all that need no nurse.
func (s *Service) FamilyItems(region string, on day.Day) []Item {
	all := s.Items(region, on)
	own := slices.DeleteFunc(slices.Clone(all), func(it Item) bool { return it.Qualification != "family" })
	if len(own) > 0 {
		return own
	}
	return slices.DeleteFunc(slices.Clone(all), func(it Item) bool { return rank[it.Qualification] > rank["family"] })
}

// Relations are those that the region lets a family carer have.
func (s *Service) Relations(region string, on day.Day) []string {
	v, err := s.Packs.At(region, on)
	if err != nil {
		return nil
	}
	out, _ := carerRelations.Peek(v)
	return out
}

// SaveFamily writes a plan of family care (id "") or changes one that is being
// written; only the agency does. Refused where the region pays no family care;
// with what stands against it, the plan is kept and cannot be offered.
func (s *Service) SaveFamily(ctx context.Context, who audit.Actor, region, id, key string, in FamilyInput) (Plan, error) {
	c := in.Carer
	body := []any{in.Person, in.From, in.To, in.Items, in.Version, c.Name, s.People.Keys.Index(region, fieldCarer, c.Number), c.Relation, c.Certificate, c.Trained, c.Agreed}
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.family", Object: id, Key: key, Body: body}, func(tx *db.Tx) (Plan, error) {
		if who.Institution != "" || who.Role == "citizen" {
			return Plan{}, fault.New(fault.Forbidden, "亲情护理的计划由医保经办和家里一起定。")
		}
		p := Plan{Region: region, Person: in.Person, Mode: "family"}
		var had Carer
		if id != "" {
			var err error
			if p, err = s.plan(tx, who, region, id, "save", in.Version); err != nil {
				return p, err
			}
			if had, err = getCarer(tx, region, id); err != nil {
				return p, err
			}
			if !p.OfFamily() || p.Person != in.Person {
				return p, fault.Field("person", "不能把一份计划改给别人，请另写一份。")
			}
		}
		carer, self, err := s.carer(tx, region, in, had)
		if err != nil {
			return p, err
		}
		if err := s.chosenFamily(tx, region, in.Person, in.From); err != nil {
			return p, err
		}
		plan := PlanInput{Person: in.Person, Mode: "family", From: in.From, To: in.To}
		for _, code := range in.Items {
			plan.Items = append(plan.Items, PlanItem{Item: code, PerWeek: 7, Minutes: 1, Staff: "family"})
		}
		for i, it := range plan.Items {
			if n := slices.IndexFunc(s.Items(region, in.From), func(x Item) bool { return x.Code == it.Item }); n >= 0 {
				plan.Items[i].Minutes = s.Items(region, in.From)[n].Minutes
			}
		}
		level, checked, dec, err := s.check(tx, region, plan)
		if err != nil {
			return p, err
		}
		found, famDec, err := s.judgeCarer(tx, region, in.From, p.ID, in.Person, carer, self)
		if err != nil {
			return p, err
		}
		checked.Problems = append(found.Problems, checked.Problems...)
		p.From, p.To, p.Items, p.Limits, p.Level, p.Status, p.Note, p.WrittenBy = in.From, in.To, plan.Items, checked, level, Draft, "", who.ID
		fresh := p.ID == ""
		if fresh {
			secret := make([]byte, 16)
			rand.Read(secret)
			p.ID, p.secret = tx.NewID(), hex.EncodeToString(secret)
		}
		ids, err := audit.Decide(tx, region, []policy.Decision{dec, famDec}, []string{p.ID, p.ID})
		if err != nil {
			return p, err
		}
		p.Decision, carer.Plan, carer.Decision = ids[0], p.ID, ids[1]
		if fresh {
			err = insertPlan(tx, p)
		} else {
			err = updatePlan(tx, p)
		}
		if err != nil {
			return p, err
		}
		p.Version++
		return p, s.putCarer(tx, region, carer)
	})
}

// carer reads what was entered about the carer; had is the one on file.
func (s *Service) carer(tx *db.Tx, region string, in FamilyInput, had Carer) (c Carer, self bool, err error) {
	n := in.Carer
	c = had
	if c.Name = strings.TrimSpace(n.Name); c.Name == "" || len(c.Name) > 120 {
		return c, false, fault.Field("name", "请填照护人的姓名")
	}
	if n.Number != "" || had.index == "" {
		no, err := person.ParseID(n.Number, tx.Today())
		if err != nil {
			return c, false, fault.Field("number", "照护人的%s", fault.As(err).Say)
		}
		c.index, c.sealed, c.Tail, c.Birth = s.People.Keys.Index(region, fieldCarer, no.Text), s.People.Keys.Seal(region, fieldCarer, no.Text), no.Tail(), no.Birth
	}
	if phone := strings.TrimSpace(n.Phone); phone != "" {
		if !digits(phone, 7, 15) {
			return c, false, fault.Field("phone", "电话只填数字，7 到 15 位")
		}
		c.Phone = phone
	}
	if n.Agreed.IsZero() || n.Agreed > tx.Today() {
		return c, false, fault.Field("agreed", "请照护人当面同意，填同意的日期（今天或以前）。")
	}
	if n.Trained > tx.Today() {
		return c, false, fault.Field("trained", "培训日期不能晚于今天。")
	}
	c.Relation, c.Certificate, c.Trained, c.Agreed = n.Relation, strings.TrimSpace(n.Certificate), n.Trained, n.Agreed
	own, err := s.People.IDNumber(tx, region, in.Person)
	return c, s.People.Keys.Index(region, fieldCarer, own) == c.index, err
}

// chosenFamily refuses a plan for somebody who has not chosen family care, or
// has an institution to guide it.
func (s *Service) chosenFamily(tx *db.Tx, region, id string, on day.Day) error {
	c, err := benefit.ModeOn(tx, region, id, on)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && !slices.Contains(c.Modes, "family"):
		return fault.Field("from", "这位参保人在%s没有选亲情护理。请本人或家里先选护理方式。", on.Chinese())
	case err == nil && c.Institution != "" && len(c.Modes) == 1:
		return fault.Field("from", "这位参保人选了由机构指导的亲情护理，计划由机构来写。")
	}
	return err
}

// judgeCarer runs rule care.family for a carer of the person's plan.
func (s *Service) judgeCarer(tx *db.Tx, region string, from day.Day, plan, id string, c Carer, self bool) (FamilyOut, policy.Decision, error) {
	v, err := s.Packs.At(region, from)
	if err != nil {
		return FamilyOut{}, policy.Decision{}, err
	}
	in := FamilyIn{Relation: c.Relation, Age: int64(person.Person{Birth: c.Birth}.Age(from)), Trained: c.Trained, From: from, Self: self}
	if in.Persons, err = db.One(tx, db.Value[int64], caresFor, region, c.index, id, from); err != nil {
		return FamilyOut{}, policy.Decision{}, err
	}
	no, err := s.People.Keys.Open(region, fieldCarer, c.sealed)
	if err != nil {
		return FamilyOut{}, policy.Decision{}, err
	}
	if p, err := s.People.FindByID(tx, region, no); err == nil && !self {
		_, err := benefit.On(tx, region, p.ID, from)
		if in.Entitled = err == nil; err != nil && !fault.Is(err, fault.NotFound) {
			return FamilyOut{}, policy.Decision{}, err
		}
	} else if err != nil && !fault.Is(err, fault.NotFound) {
		return FamilyOut{}, policy.Decision{}, err
	}
	return familyRule.Decide(v, in)
}

// CarerOf is who cares under a plan; the zero Carer for a plan with an institution.
func (s *Service) CarerOf(ctx context.Context, who audit.Actor, region, plan string) (c Carer, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := GetPlan(tx, region, plan)
		if err == nil {
			err = s.maySee(tx, who, region, p.Person, p.Institution)
		}
		if err != nil || !p.OfFamily() {
			return err
		}
		c, err = s.openCarer(tx, region, plan)
		return err
	})
	return c, err
}

func (s *Service) openCarer(tx *db.Tx, region, plan string) (c Carer, err error) {
	if c, err = getCarer(tx, region, plan); err == nil && c.Phone != "" {
		c.Phone, err = s.People.Keys.Open(region, fieldCarerPhone, c.Phone)
	}
	return c, err
}

func (s *Service) putCarer(tx *db.Tx, region string, c Carer) error {
	if c.Phone != "" {
		c.Phone = s.People.Keys.Seal(region, fieldCarerPhone, c.Phone)
	}
	return putCarer(tx, region, c)
}

// Waiting is somebody who has chosen family care and has no plan for it yet.
type Waiting struct {
	benefit.Choice
	Who person.Person
}

// FamilyDesk is what the agency has to do with family care.
type FamilyDesk struct {
	Waiting []Waiting
	Plans   []PlanRow
}

// Family lists who waits for a plan of family care, and those plans; the look
// at the list is not a look at one person.
func (s *Service) Family(ctx context.Context, region string, limit int) (out FamilyDesk, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		chosen, err := benefit.Chosen(tx, region, "family", limit)
		if err != nil {
			return err
		}
		plans, err := db.All(tx, scanPlan, plansFamily, region, limit)
		if err != nil {
			return err
		}
		has := map[string]bool{}
		for _, p := range plans {
			has[p.Person] = has[p.Person] || p.Status != Ended
		}
		if out.Plans, err = s.planRows(tx, region, plans); err != nil {
			return err
		}
		var ids []string
		chosen = slices.DeleteFunc(chosen, func(c benefit.Choice) bool {
			return has[c.Person] || c.Institution != "" && len(c.Modes) == 1
		})
		for _, c := range chosen {
			ids = append(ids, c.Person)
		}
		people, err := s.People.GetMany(tx, region, unique(ids))
		for _, c := range chosen {
			if p := people[c.Person]; p.Deceased.IsZero() {
				out.Waiting = append(out.Waiting, Waiting{c, p})
			}
		}
		return err
	})
	return out, err
}

// FamilyMonth is a month of a person's family care, as the family confirms it.
type FamilyMonth struct {
	Plan  Plan // zero ID: no plan in force in that month
	Carer Carer
	Month day.Month
	Days  []FamilyDay
}

// FamilyDay is one day of the month that the plan covers.
type FamilyDay struct {
	On    day.Day
	Visit Visit // zero ID: never confirmed
	Open  bool  // may be confirmed today
	Back  bool  // is confirmed and may be taken back
	Paid  bool  // settled: only the office reverses it
}

// Waiting is how many days of the month may be confirmed today.
func (m FamilyMonth) Waiting() (n int) {
	for _, d := range m.Days {
		if d.Open {
			n++
		}
	}
	return n
}

// FamilyDays is the month of the person's plan of family care.
func (s *Service) FamilyDays(ctx context.Context, who audit.Actor, region, id string, m day.Month) (out FamilyMonth, err error) {
	out.Month = m
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if err := s.maySee(tx, who, region, id, who.Institution); err != nil {
			return err
		}
		plans, err := PlansOfPerson(tx, region, id)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(plans, func(p Plan) bool {
			return p.OfFamily() && p.ConfirmedBy != "" && (p.Status == Active || p.Status == Ended) && p.From <= m.Last() && p.To >= m.First()
		})
		if n < 0 {
			return nil
		}
		out.Plan = plans[n]
		if out.Carer, err = getCarer(tx, region, out.Plan.ID); err != nil {
			return err
		}
		visits, err := VisitsOfPerson(tx, region, id, m.First(), m.Last(), 400)
		if err != nil {
			return err
		}
		known := map[day.Day]Visit{}
		for _, v := range visits {
			if v.Plan == out.Plan.ID {
				known[v.On] = v
			}
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		late, _ := familyConfirm.Peek(v)
		settled := map[string]bool{}
		if s.Settled != nil && len(known) > 0 {
			if settled, err = s.Settled(tx, region, ids(slices.Collect(maps.Values(known)))); err != nil {
				return err
			}
		}
		for d := max(m.First(), out.Plan.From); d <= min(m.Last(), out.Plan.To); d++ {
			x := FamilyDay{On: d, Visit: known[d]}
			x.Open = (x.Visit.ID == "" || x.Visit.Status == Cancelled) && d <= tx.Today() && d >= tx.Today().AddDays(-int(late))
			x.Paid = x.Visit.Status == Done && settled[x.Visit.ID]
			x.Back = x.Visit.Status == Done && !x.Paid && x.Visit.Suspects == 0
			out.Days = append(out.Days, x)
		}
		return nil
	})
	return out, err
}

// familyDays refuses days on which family care was not chosen, or that lie too
// long ago.
func (s *Service) familyDays(tx *db.Tx, p Plan, days []day.Day) error {
	v, err := s.Packs.At(p.Region, tx.Today())
	if err != nil {
		return err
	}
	late := familyConfirm.In(v)
	if v.Err() != nil {
		return v.Err()
	}
	for _, d := range days {
		if d < tx.Today().AddDays(-int(late)) {
			err := fault.As(v.Refuse(familyConfirm.Cite(v), "%s已经过了 %d 天，不能再在这里确认。请打 12393，由经办核实。", d.Chinese(), late))
			err.Field = "day"
			return err
		}
		c, err := benefit.ModeOn(tx, p.Region, p.Person, d)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if !slices.Contains(c.Modes, "family") {
			return fault.Field("day", "%s选的不是亲情护理，不能按亲情护理确认。", d.Chinese())
		}
	}
	return nil
}
