package institution

import (
	"context"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
)

// Resident is one stay of a person in a home (住养老人): from admission to
// discharge. While it lasts, the person's registered dwelling is the home's.
type Resident struct {
	Region, ID, Institution, Person string
	Room                            string
	Since, Until                    day.Day // Until 0: still there
	Why                             string  // of the discharge
	Consent                         string  // who agreed to the exchange with the agency, and how
	Home                            dwelling
	At, Version                     int64
	Who                             person.Person // filled for pages, without telephone
}

// dwelling is where a person was registered before.
type dwelling struct {
	District  string `json:"district"`
	Community string `json:"community"`
	Address   string `json:"address"`
	Lat       int64  `json:"lat"`
	Lng       int64  `json:"lng"`
	Resident  bool   `json:"resident"`
}

// Discharges are the reasons of a discharge (离院原因).
var Discharges = []string{"回家", "转到别的机构", "住院", "去世", "其他"}

// Admission is a person who moves in, named by number and name together: a home
// cannot find out by trying who is insured.
type Admission struct {
	IDNo    string `json:"-"`
	Name    string
	Room    string
	Since   day.Day // zero: today
	Consent string
}

// home is the actor's own institution, if it takes residents.
func home(tx *db.Tx, who audit.Actor) (Institution, error) {
	if who.Institution == "" {
		return Institution{}, fault.New(fault.Forbidden, "您的账号没有连着机构。请找系统管理员连上。")
	}
	i, err := Get(tx, who.Region, who.Institution)
	switch {
	case err != nil:
		return i, err
	case !i.Kind.Serves():
		return i, fault.New(fault.Forbidden, "%s是%s，没有住养老人。", i.Name, i.Kind.Name())
	case !i.OpenOn(tx.Today()):
		return i, fault.New(fault.Conflict, "%s现在不在协议有效期内，不能登记入住和代办。", i.Name)
	}
	return i, nil
}

// MoveIn registers an admission (入住). Invalid: number and name do not belong
// together; Conflict: the person lives in a home already. Which one is not said.
func (s *Service) MoveIn(ctx context.Context, who audit.Actor, key string, in Admission) (Resident, error) {
	act := audit.Act{Region: who.Region, Verb: "institution.move_in", Object: who.Institution, Key: key,
		Body: []any{in, s.Keys.Index(who.Region, "institution.resident", in.IDNo)}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (r Resident, err error) {
		i, err := home(tx, who)
		if err != nil {
			return r, err
		}
		if in.Since.IsZero() {
			in.Since = tx.Today()
		}
		switch {
		case in.Since > tx.Today():
			return r, fault.Field("since", "%s还没有到，住进来以后再登记。", in.Since.Chinese())
		case strings.TrimSpace(in.Consent) == "":
			return r, fault.Field("consent", "请写老人或监护人怎样同意的：谁、当面还是书面。没有同意，不能交换他的信息。")
		}
		p, err := s.People.Match(tx, who.Region, in.IDNo, in.Name)
		if err != nil {
			if fault.Is(err, fault.Invalid) {
				err = fault.Field("id", "%s", fault.As(err).Say)
			}
			return r, err
		}
		if p.Deceased != 0 {
			return r, fault.Field("id", "登记的情况是这位老人已经去世。登记有误，请家属带证件到窗口更正。")
		}
		r = Resident{Region: who.Region, ID: tx.NewID(), Institution: i.ID, Person: p.ID, Room: in.Room, Since: in.Since, Consent: in.Consent,
			Home: dwelling{p.District, p.Community, p.Address, p.Lat, p.Lng, p.Resident}, At: tx.Millis(), Version: 1, Who: shown(p)}
		ok, err := putResident(tx, who.ID, r)
		if err != nil {
			return r, err
		}
		if !ok {
			return r, fault.New(fault.Conflict, "这位老人登记住在一家机构，还没有办离院。请先办离院；有疑问请打 12393 核对。")
		}
		return r, s.dwell(tx, who.Region, p, dwelling{i.District, "", i.Address, i.Lat, i.Lng, true})
	})
}

// MoveOut registers a discharge (离院) and gives the former dwelling back, unless
// it has been changed meanwhile.
func (s *Service) MoveOut(ctx context.Context, who audit.Actor, id, key string, on day.Day, why string) (Resident, error) {
	act := audit.Act{Region: who.Region, Verb: "institution.move_out", Object: id, Key: key, Body: []any{on, why}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (r Resident, err error) {
		if r, err = ownResident(tx, who, id); err != nil {
			return r, err
		}
		if on.IsZero() {
			on = tx.Today()
		}
		switch {
		case !r.Until.IsZero():
			return r, fault.New(fault.Conflict, "%s已经办过离院了。", r.Until.Chinese())
		case on > tx.Today() || on < r.Since:
			return r, fault.Field("on", "离院日期要在入住（%s）以后、今天以前。", r.Since.Chinese())
		case strings.TrimSpace(why) == "":
			return r, fault.Field("why", "请选离院的原因。")
		}
		r.Until, r.Why = on, why
		ok, err := endResident(tx, who.ID, r)
		if err != nil {
			return r, err
		}
		if !ok {
			return r, fault.New(fault.Conflict, "这位老人的入住登记刚被改过，请刷新后再办。")
		}
		p, err := s.People.Get(tx, r.Region, r.Person)
		if err != nil {
			return r, err
		}
		r.Who = shown(p)
		i, err := Get(tx, r.Region, r.Institution)
		if err != nil || p.Address != i.Address || p.District != i.District {
			return r, err
		}
		return r, s.dwell(tx, who.Region, p, r.Home)
	})
}

// dwell changes where a person is registered: visits are checked against it,
// and the rules ask whether the person lives in the region.
func (s *Service) dwell(tx *db.Tx, region string, p person.Person, w dwelling) error {
	no, err := s.People.IDNumber(tx, region, p.ID)
	if err != nil {
		return err
	}
	n, err := person.ParseID(no, tx.Today())
	if err != nil {
		return err
	}
	e := person.Entry{Number: n, Name: p.Name, Sex: p.Sex, Birth: p.Birth, District: w.District, Community: w.Community, Address: w.Address, Lat: w.Lat, Lng: w.Lng,
		Resident: w.Resident, Has: person.HasDistrict | person.HasCommunity | person.HasAddress | person.HasPlace | person.HasResident}
	_, _, err = s.People.Put(tx, region, []person.Entry{e})
	return err
}

// shown is a person as the home sees it.
func shown(p person.Person) person.Person {
	p.Phone = ""
	return p
}

// Living tells whether a person lives in the actor's institution today; only
// then may it act for them. NotFound otherwise.
func Living(tx *db.Tx, who audit.Actor, person string) error {
	ids, err := residentsIn(tx, who.Region, who.Institution, person)
	if err == nil && (who.Institution == "" || ids == 0) {
		err = fault.New(fault.NotFound, "花名册里没有这位老人。先登记入住，再替他办。")
	}
	return err
}

// Residents is the roster of the actor's institution (住养老人花名册): who lives
// there, or with left who has left.
func (s *Service) Residents(ctx context.Context, region, institution string, left bool) (list []Resident, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if list, err = residentsOf(tx, region, institution, left); err != nil {
			return err
		}
		return s.fill(tx, list)
	})
	return list, err
}

func (s *Service) fill(tx *db.Tx, list []Resident) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.Person
	}
	people, err := s.People.GetMany(tx, list[0].Region, ids)
	for i := range list {
		list[i].Who = shown(people[list[i].Person])
	}
	return err
}

// Resident reads one stay of the actor's own institution; the look is on record.
func (s *Service) Resident(ctx context.Context, who audit.Actor, id string) (r Resident, err error) {
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "institution.resident", Object: id}, func(tx *db.Tx) error {
		if r, err = ownResident(tx, who, id); err != nil {
			return err
		}
		p, err := s.People.Get(tx, r.Region, r.Person)
		r.Who = shown(p)
		return err
	})
	return r, err
}
