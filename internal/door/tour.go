package door

import (
	"context"
	"os"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/job"
	"yinling/internal/person"
	"yinling/internal/sms"
)

// Tour is the half day of one helper in the order of the way.
type Tour struct {
	Helper Helper
	Part   string
	Stops  []Visit
	People map[string]person.Person
	Metres int64
}

// Day reads the tours of a day; account "" of all helpers, else of the one who
// logs in with it.
func (s *Service) Day(ctx context.Context, region, account string, on day.Day) (out []Tour, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		helpers, err := helpersOf(tx, region)
		if err != nil {
			return err
		}
		visits, err := visitsOn(tx, region, on)
		if err != nil {
			return err
		}
		var ids []string
		for _, v := range visits {
			ids = append(ids, v.Person)
		}
		people, err := s.Persons.GetMany(tx, region, ids)
		if err != nil {
			return err
		}
		for _, h := range helpers {
			if account != "" && h.Account != account {
				continue
			}
			for _, part := range []string{Morning, Afternoon} {
				t := Tour{Helper: h, Part: part, People: people}
				var stops []Stop
				var mine []Visit
				for _, v := range visits {
					if v.Helper == h.ID && v.Part == part && v.Status != Off {
						mine, stops = append(mine, v), append(stops, Stop{v.Lat, v.Lng})
					}
				}
				order, n := Route(Stop{h.Lat, h.Lng}, stops)
				for _, i := range order {
					t.Stops = append(t.Stops, mine[i])
				}
				if t.Metres = n; len(t.Stops) > 0 {
					out = append(out, t)
				}
			}
		}
		return nil
	})
	return out, err
}

// helperRole is the role of an account that goes out itself; such an account
// reaches its own visits only.
const helperRole = "helper"

// reach reads a visit that an actor may reach: a helper those that they were
// sent to, the desk all.
func reach(tx *db.Tx, who audit.Actor, region, id string) (v Visit, err error) {
	if v, err = getVisit(tx, region, id); err != nil || who.Role != helperRole {
		return v, err
	}
	all, err := helpersOf(tx, region)
	if err != nil {
		return Visit{}, err
	}
	for _, h := range all {
		if h.ID == v.Helper && h.Account == who.ID {
			return v, nil
		}
	}
	return Visit{}, errNoVisit()
}

// proofs is where the files of a visit are kept: under its case, or under the
// visit itself when it is owed and nobody asked for it.
func (v Visit) proofs() string {
	if v.Case != "" {
		return v.Case
	}
	return v.ID
}

// Seen is one visit for a page.
type Seen struct {
	Visit
	Who   person.Person
	Files []desk.Document // photographs and papers of the door
}

// See reads one visit with its person and proofs; the look is audited.
func (s *Service) See(ctx context.Context, who audit.Actor, region, id string) (x Seen, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if x.Visit, err = reach(tx, who, region, id); err != nil {
			return err
		}
		if x.Who, err = s.Persons.Get(tx, region, x.Person); err != nil {
			return err
		}
		all, err := desk.Documents(tx, region, x.proofs())
		for _, d := range all {
			if d.Kind == proofKind {
				x.Files = append(x.Files, d)
			}
		}
		return err
	})
	if err != nil {
		return Seen{}, err
	}
	return x, audit.Seen(ctx, s.Log, who, region, "door.see", id)
}

// Open opens one proof of a visit; the caller closes it. NotFound for a file of
// something else.
func (s *Service) Open(ctx context.Context, who audit.Actor, id, doc string) (mime string, at time.Time, f *os.File, err error) {
	x, err := s.See(ctx, who, who.Region, id)
	if err != nil {
		return "", at, nil, err
	}
	for _, d := range x.Files {
		if d.ID == doc {
			f, err = s.Files.Open(d)
			return d.Mime, d.At, f, err
		}
	}
	return "", at, nil, fault.New(fault.NotFound, "没有找到这份留证。请从这次上门重新打开。")
}

// textComing tells who is waited for that somebody is on the way.
var textComing = sms.New("door.coming", "上门出发", "{name}您好，帮办员{who}出发了，到您家来。来人带证件，不收钱。改时间打12393。")

// proofKind marks the files of a door among those of a case.
const proofKind = "door"

// step changes a planned visit that the actor may reach.
func (s *Service) step(ctx context.Context, who audit.Actor, region, id, key, verb string, body any, fn func(tx *db.Tx, x *Visit) error) (Visit, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: verb, Object: id, Key: key, Body: []any{id, body}}, func(tx *db.Tx) (Visit, error) {
		x, err := reach(tx, who, region, id)
		if err != nil {
			return x, err
		}
		if x.Status != Planned {
			return x, fault.New(fault.Conflict, "这次上门已经记过了：%s。", StatusName(x.Status))
		}
		if err := fn(tx, &x); err != nil {
			return x, err
		}
		return x, changeVisit(tx, region, x)
	})
}

// Leave (出发) notes that the helper is on the way, and tells the person so. It
// is said on the day of the visit and once.
func (s *Service) Leave(ctx context.Context, who audit.Actor, region, id, key string) (Visit, error) {
	return s.step(ctx, who, region, id, key, "door.leave", nil, func(tx *db.Tx, x *Visit) error {
		switch {
		case x.On != tx.Today():
			return fault.New(fault.Conflict, "这次上门约在%s，到那天再出发。", x.On.Chinese())
		case x.SetOut > 0:
			return nil
		}
		x.SetOut = tx.Millis()
		p, err := s.Persons.Get(tx, region, x.Person)
		if err != nil {
			return err
		}
		return job.Put(tx, region, "door.coming "+x.ID, time.Time{}, desk.Told{Case: x.Case, Person: x.Person, Text: textComing.Say(p.Name, who.Name), At: tx.Millis()})
	})
}

// Arrive (到了) notes that the helper stands at the door and how far from the
// registered address; at zero the phone gave no place.
func (s *Service) Arrive(ctx context.Context, who audit.Actor, region, id, key string, at Stop) (Visit, error) {
	return s.step(ctx, who, region, id, key, "door.arrive", at, func(tx *db.Tx, x *Visit) error {
		if x.On > tx.Today() {
			return fault.New(fault.Conflict, "这次上门约在%s，还没到那天。", x.On.Chinese())
		}
		if x.Arrived == 0 {
			x.arrive(tx.Millis(), at)
		}
		return nil
	})
}

func (v *Visit) arrive(ms int64, at Stop) {
	v.Arrived, v.Metres = ms, -1
	if at.Lat != 0 && v.Lat != 0 {
		v.Metres = metres(at, Stop{v.Lat, v.Lng})
	}
}

// Proof is what shows that somebody was at the door.
type Proof struct {
	Place  Stop // for who did not say before that they arrived
	Result string
	Missed bool // nobody was met
	Files  []desk.Stored
}

// Finish records the result of a visit, by its own helper or by a clerk for them.
func (s *Service) Finish(ctx context.Context, who audit.Actor, region, id, key string, p Proof) (Visit, error) {
	return s.step(ctx, who, region, id, key, "door.finish", p, func(tx *db.Tx, x *Visit) error {
		if x.Result = strings.TrimSpace(p.Result); x.Result == "" {
			return fault.Field("result", "请写在家里办了什么；没见到人的写为什么")
		}
		if !p.Missed && len(p.Files) == 0 {
			return fault.Field("file", "请拍一张到场的照片，或老人、家属签字的纸")
		}
		if x.Status, x.Ended = Done, tx.Millis(); p.Missed {
			x.Status = Missed
		}
		if x.Arrived == 0 {
			x.arrive(x.Ended, p.Place)
		}
		for _, f := range p.Files {
			if _, err := desk.Attach(tx, region, x.proofs(), proofKind, f, who); err != nil {
				return err
			}
		}
		return nil
	})
}

// Again makes another appointment after nobody was met; the case goes on.
func (s *Service) Again(ctx context.Context, who audit.Actor, region, id, key string, on day.Day, part string) (Visit, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "door.again", Object: id, Key: key, Body: []any{id, on, part}}, func(tx *db.Tx) (x Visit, err error) {
		old, err := reach(tx, who, region, id)
		if err != nil {
			return x, err
		}
		if old.Status != Missed && old.Status != Off {
			return x, fault.New(fault.Conflict, "这次上门是“%s”，不用另约。", StatusName(old.Status))
		}
		if last, err := s.latest(tx, region, old); err != nil || last.ID != old.ID {
			if err == nil {
				err = fault.New(fault.Conflict, "已经另约了%s%s。", last.On.Chinese(), SlotName(last.Part))
			}
			return x, err
		}
		x, _, err = s.Book(tx, Booking{Region: region, Case: old.Case, Duty: old.Duty, Person: old.Person, Address: old.Address, What: old.What, Matter: visitMatter, On: on, Part: part})
		return x, err
	})
}

// visitMatter is the matter for which helpers are sent.
const visitMatter = "door.visit"

// latest is the newest visit for what a visit was for.
func (s *Service) latest(tx *db.Tx, region string, of Visit) (Visit, error) {
	all, err := visitsOf(tx, region, of.Person)
	for _, v := range all {
		if v.Case == of.Case && v.Duty == of.Duty {
			return v, err
		}
	}
	return of, err
}

// Slots are the half days in which somebody can come to a person.
func (s *Service) Slots(ctx context.Context, region, person string) (out []Slot, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		out, _, err = s.Offer(tx, region, person, visitMatter)
		return err
	})
	return out, err
}
