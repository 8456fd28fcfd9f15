package door

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Helper (帮办员) goes to people's doors.
type Helper struct {
	ID, Account, Name, District string
	Lat, Lng                    int64
	Skills                      []string // matter ids, or a theme; "*" everything
	Active                      bool
}

// Can tells whether the helper knows a matter.
func (h Helper) Can(matter string) bool {
	return slices.Contains(h.Skills, "*") || slices.Contains(h.Skills, matter)
}

// Visit is one appointment at a door (上门).
type Visit struct {
	ID, Case, Duty, Person  string
	District, Address, What string
	Lat, Lng                int64
	On                      day.Day
	Part, Helper, Status    string
	SetOut, Arrived, Ended  int64 // when the helper left for it, stood at the door, wrote the result; 0: not yet
	Metres                  int64 // from the registered address on arrival, -1: no location
	Result, Decision        string
	Version                 int64
}

// States of a visit.
const (
	Planned = "planned"
	Done    = "done"
	Missed  = "missed" // nobody was met
	Off     = "off"
)

// StatusName is a state in Chinese.
func StatusName(s string) string {
	return map[string]string{Planned: "约好了", Done: "办了", Missed: "没见到人", Off: "取消了"}[s]
}

// Service sends helpers out.
type Service struct {
	Log     *audit.Log
	Packs   *policy.Set
	Persons *person.Service
	Files   *desk.Files
}

// horizon is how many days ahead slots are looked for.
const horizon = 21

// Hire adds or changes a helper.
func (s *Service) Hire(ctx context.Context, who audit.Actor, region, key string, h Helper) error {
	if h.Name = strings.TrimSpace(h.Name); h.Name == "" {
		return fault.Field("name", "请填帮办员的姓名")
	}
	if len(h.Skills) == 0 {
		return fault.Field("skills", "请选他会办什么")
	}
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "door.hire", Object: h.Account, Key: key, Body: h}, func(tx *db.Tx) error {
		if h.ID == "" {
			h.ID = tx.NewID()
		}
		return putHelper(tx, region, h)
	})
}

// Offer gives the half days in which somebody can come to a person.
func (s *Service) Offer(tx *db.Tx, region, id, matter string) (out []Slot, d policy.Decision, err error) {
	v, err := s.Packs.At(region, tx.Today())
	if err != nil {
		return nil, d, err
	}
	helpers, err := helpersOf(tx, region)
	if err != nil {
		return nil, d, err
	}
	limit, _ := loadCount.Peek(v)
	in := OfferIn{}
	loads, err := loadsOf(tx, region, tx.Today(), tx.Today()+horizon)
	if err != nil {
		return nil, d, err
	}
	for on := tx.Today(); on <= tx.Today()+horizon; on++ {
		if ok, err := v.Calendar().IsWorkday(on); err != nil || !ok {
			continue
		}
		for _, part := range []string{Morning, Afternoon} {
			sl := Slot{On: on, Part: part}
			for _, h := range helpers {
				if h.Active && h.Can(matter) {
					sl.Free += max(0, limit-loads[load{on, part, h.ID}])
				}
			}
			in.Slots = append(in.Slots, sl)
		}
	}
	res, d, err := OfferRule.Decide(v, in)
	return res.Slots, d, err
}

// Booking is a wish for a visit.
type Booking struct {
	Region, Case, Duty, Person, Address, What, Matter string
	On                                                day.Day
	Part                                              string
}

// Book makes an appointment and decides who goes; the decision is stored.
func (s *Service) Book(tx *db.Tx, b Booking) (x Visit, h Helper, err error) {
	if SlotName(b.Part) == "" || b.On < tx.Today() {
		return x, h, fault.Field("slot", "请从给出的时段里选一个")
	}
	p, err := s.Persons.Get(tx, b.Region, b.Person)
	if err != nil {
		return x, h, err
	}
	h, d, err := s.pick(tx, b.Region, p, b.Matter, b.On, b.Part, func(Helper) bool { return true })
	if err != nil {
		return x, h, err
	}
	x = Visit{ID: tx.NewID(), Case: b.Case, Duty: b.Duty, Person: b.Person, District: p.District, Address: b.Address, What: b.What, Lat: p.Lat, Lng: p.Lng,
		On: b.On, Part: b.Part, Helper: h.ID, Status: Planned, Metres: -1, Version: 1}
	if x.Address == "" {
		x.Address = p.District + p.Community + p.Address
	}
	if x.Decision, err = audit.DecideOne(tx, b.Region, d, x.ID); err != nil {
		return x, h, err
	}
	return x, h, insertVisit(tx, b.Region, x)
}

// pick asks rule door.dispatch who of the helpers that may be asked goes to a
// person in half a day.
func (s *Service) pick(tx *db.Tx, region string, p person.Person, matter string, on day.Day, part string, may func(Helper) bool) (h Helper, d policy.Decision, err error) {
	v, err := s.Packs.At(region, tx.Today())
	if err != nil {
		return h, d, err
	}
	helpers, err := helpersOf(tx, region)
	if err != nil {
		return h, d, err
	}
	loads, err := loadsOf(tx, region, on, on)
	if err != nil {
		return h, d, err
	}
	in := DispatchIn{Helpers: []Fit{}}
	for _, c := range helpers {
		if !c.Active || !may(c) {
			continue
		}
		f := Fit{ID: c.ID, Name: c.Name, Skill: c.Can(matter), Metres: -1, Load: loads[load{on, part, c.ID}]}
		if p.Lat != 0 && c.Lat != 0 {
			f.Metres = metres(Stop{p.Lat, p.Lng}, Stop{c.Lat, c.Lng})
		}
		in.Helpers = append(in.Helpers, f)
	}
	out, d, err := DispatchRule.Decide(v, in)
	for _, c := range helpers {
		if c.ID == out.Helper {
			h = c
		}
	}
	return h, d, err
}

// OfCase is the latest visit of a case.
func (s *Service) OfCase(tx *db.Tx, region, person, id string) (Visit, error) {
	all, err := visitsOf(tx, region, person)
	for _, v := range all {
		if v.Case == id {
			return v, err
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "这件还没有约上门。")
	}
	return Visit{}, err
}

// OwedTo is what people are owed this year (应上门) and what was done.
type OwedTo struct {
	Person person.Person
	Age    int64
	Level  int64
	Owed   []Owed
	Left   int64
}

// OwedOf lists what is owed to the given people this year.
func (s *Service) OwedOf(tx *db.Tx, region string, people []person.Person) (out []OwedTo, err error) {
	v, err := s.Packs.At(region, tx.Today())
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	y, _, _ := tx.Today().Date()
	first, err := day.Of(y, 1, 1)
	if err != nil {
		return nil, err
	}
	done, err := dutiesDone(tx, region, ids, first)
	if err != nil {
		return nil, err
	}
	grants, err := benefit.OfMany(tx, region, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		x := OwedTo{Person: p, Age: int64(p.Age(tx.Today()))}
		for _, b := range grants[p.ID] {
			if b.From <= tx.Today() && tx.Today() <= b.To {
				x.Level = b.Level
			}
		}
		had := done[p.ID]
		if had == nil {
			had = map[string]int64{}
		}
		res, _, err := OwedRule.Decide(v, OwedIn{Age: x.Age, Level: x.Level, Done: had})
		if err != nil {
			return nil, err
		}
		for _, o := range res.Owed {
			x.Left += o.Left
		}
		if x.Owed = res.Owed; len(x.Owed) > 0 {
			out = append(out, x)
		}
	}
	return out, nil
}

func skillsText(s []string) string { b, _ := json.Marshal(s); return string(b) }

// Helpers lists the helpers of a region.
func (s *Service) Helpers(ctx context.Context, region string) (out []Helper, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { out, err = helpersOf(tx, region); return err })
	return out, err
}

// OwedPage is OwedOf for one page of people: the oldest of a region down to the
// lowest age that is owed anything, or (byLevel) who is entitled to care. after
// is the mark of the page before, next that of the following one, empty at the
// end. One page reads size persons, however many the roster has.
func (s *Service) OwedPage(ctx context.Context, region string, byLevel bool, after string, size int) (list []OwedTo, next string, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		var people []person.Person
		if byLevel {
			people, next, err = s.entitled(tx, region, after, size)
		} else {
			people, next, err = s.oldest(tx, v, region, after, size)
		}
		if err != nil {
			return err
		}
		list, err = s.OwedOf(tx, region, people)
		return err
	})
	return list, next, err
}

func (s *Service) entitled(tx *db.Tx, region, after string, size int) (people []person.Person, next string, err error) {
	ids, err := benefit.Holders(tx, region, after, tx.Today(), size)
	if err != nil {
		return nil, "", err
	}
	of, err := s.Persons.GetMany(tx, region, ids)
	for _, id := range ids {
		people = append(people, of[id])
	}
	if len(ids) == size {
		next = ids[size-1]
	}
	return people, next, err
}

func (s *Service) oldest(tx *db.Tx, v *policy.View, region, after string, size int) (people []person.Person, next string, err error) {
	from := int64(0) // the lowest age that is owed a visit; 0 none
	for _, d := range Duties(v) {
		if d.Age > 0 && (from == 0 || d.Age < from) {
			from = d.Age
		}
	}
	if from == 0 {
		return nil, "", nil
	}
	if people, err = s.Persons.Oldest(tx, region, after, size); err != nil {
		return nil, "", err
	}
	if len(people) == size {
		next = person.OldestAfter(people[size-1])
	}
	if i := slices.IndexFunc(people, func(p person.Person) bool { return int64(p.Age(tx.Today())) < from }); i >= 0 {
		people, next = people[:i], ""
	}
	return people, next, nil
}

// DelegatedTo lists the matters that a service point may bring.
func (s *Service) DelegatedTo(ctx context.Context, region, inst string) (out []desk.Matter, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		for _, m := range desk.Matters(v) {
			ok, err := s.Delegated(tx, region, inst, m)
			if err != nil {
				return err
			}
			if ok && len(m.Ways(desk.ByPoint)) > 0 {
				out = append(out, m)
			}
		}
		return nil
	})
	return out, err
}
