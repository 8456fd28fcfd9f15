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
)

// CarryDays is how many days of visits a phone takes along: today and the days
// that 72 hours without network may reach.
const CarryDays = 4

// Whys are the reasons for which a phone gives no place.
var Whys = []struct{ ID, Say string }{
	{"no_signal", "手机收不到定位"}, {"denied", "手机没有开定位权限"}, {"no_script", "这部手机不能自动定位"},
}

// FarWhys are the reasons for which the place is far from the registered home.
var FarWhys = []struct{ ID, Say string }{
	{"relative", "老人在亲属家"}, {"outside", "陪老人在外面"}, {"moved", "老人搬家了"}, {"address", "登记的位置不对"}, {"drift", "手机定位飘了"},
}

// WhyName is the reason in words.
func WhyName(id string) string {
	if n := say(Whys, id); n != id {
		return n
	}
	return say(FarWhys, id)
}

// Carried is a visit as a phone takes it along: what the worker needs at the
// door and nothing more (no id number, no level, no amounts).
type Carried struct {
	ID      string        `json:"id"`
	Plan    string        `json:"plan"`
	On      string        `json:"on"`
	At      int64         `json:"at"` // planned, ms; 0 none
	Minutes int64         `json:"minutes"`
	Name    string        `json:"name"`
	Sex     string        `json:"sex"`
	Age     int           `json:"age"`
	Where   string        `json:"where"`
	Phone   string        `json:"phone"`
	Lat     int64         `json:"lat"` // of the registered home, 1e-6 degrees; 0 unknown
	Lng     int64         `json:"lng"`
	Status  VisitStatus   `json:"status"`
	Begin   int64         `json:"begin"`
	End     int64         `json:"end"`
	Items   []CarriedItem `json:"items"`
	Proofs  int           `json:"proofs"` // pieces of evidence the server has
	Signed  string        `json:"signed"` // how the family confirmed
	Trouble string        `json:"trouble"`
}

// CarriedItem is an item of a visit; minutes -1: not planned, not done.
type CarriedItem struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	Planned int64  `json:"planned"`
	Done    int64  `json:"done"`
}

// Bag is what a phone takes along for the days without network.
type Bag struct {
	Staff  string    `json:"staff"`
	Today  string    `json:"today"`
	Radius int64     `json:"radius"` // metres from the home within which nothing is asked; -1: the pack gives none
	Visits []Carried `json:"visits"`
}

// Carry packs the bag of a member of staff: the visits of today and the next
// days, and what is still open of yesterday. The look is recorded.
func (s *Service) Carry(ctx context.Context, who audit.Actor, region string, on day.Day) (b Bag, err error) {
	b = Bag{Today: on.String(), Radius: -1, Visits: []Carried{}}
	if v, err := s.Packs.At(region, on); err == nil {
		if n, ok := radius.Peek(v); ok {
			b.Radius = n
		}
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		m, err := institution.StaffOfActor(tx, region, who)
		if err != nil {
			return err
		}
		b.Staff = m.Name
		visits, err := VisitsOfStaff(tx, region, m.ID, on-1, on+CarryDays-1)
		if err != nil {
			return err
		}
		visits = slices.DeleteFunc(visits, func(v Visit) bool { return v.On < on && v.Status != Started || v.Status == Cancelled })
		rows, err := s.rows(tx, region, visits)
		for _, r := range rows {
			c := Carried{ID: r.ID, Plan: r.Plan, On: r.On.String(), At: r.PlannedAt, Minutes: r.PlannedMinutes, Name: r.Who.Name, Sex: r.Who.Sex, Age: r.Who.Age(on),
				Where: r.Who.Community + r.Who.Address, Phone: r.Who.Phone, Lat: r.Who.Lat, Lng: r.Who.Lng, Status: r.Status, Begin: r.Begin, End: r.End,
				Items: []CarriedItem{}, Proofs: len(r.Evidence), Signed: r.Confirmed, Trouble: r.Trouble}
			for _, it := range s.items(region, r.Visit) {
				c.Items = append(c.Items, CarriedItem{it.Code, it.Name, it.Planned, it.Done})
			}
			b.Visits = append(b.Visits, c)
		}
		return err
	})
	if err != nil {
		return b, err
	}
	return b, s.seen(ctx, who, region, "care.take", who.ID, "")
}

// Serving lists the plans in force of the worker's institution for a visit that
// nobody had planned: those in which the worker has a part first; name narrows.
func (s *Service) Serving(ctx context.Context, who audit.Actor, region, name string, on day.Day, limit int) (own, others []PlanRow, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		m, err := institution.StaffOfActor(tx, region, who)
		if err != nil {
			return err
		}
		plans, err := PlansOf(tx, region, m.Institution, Active, 2000)
		if err != nil {
			return err
		}
		plans = slices.DeleteFunc(plans, func(p Plan) bool { return on < p.From || on > p.To })
		rows, err := s.planRows(tx, region, plans)
		for _, r := range rows {
			mine := slices.ContainsFunc(r.Slots, func(x Slot) bool { return x.Staff == m.ID })
			switch {
			case mine && (name == "" || r.Who.Name == name) && len(own) < limit:
				own = append(own, r)
			// A colleague's clients are found by their whole name only.
			case !mine && name != "" && r.Who.Name == name && len(others) < limit:
				others = append(others, r)
			}
		}
		return err
	})
	return own, others, err
}

// Unplanned begins a visit that nobody had planned: the check-in names the plan
// it belongs to and why. It is billed and looked at like any other and becomes
// an exception.
func (s *Service) Unplanned(ctx context.Context, who audit.Actor, region, key string, e Event) (Visit, error) {
	if e.Note == "" {
		return Visit{}, fault.Field("note", "请写为什么临时上门。")
	}
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.visit", Object: e.Plan, Key: key, Body: e, Detail: []string{"unplanned"}}, func(tx *db.Tx) (Visit, error) {
		e := e
		e.Kind, e.Visit, e.ClientID, e.At = "checkin", tx.NewID(), "web-"+tx.NewID(), tx.Millis()
		results, err := s.record(tx, who, region, []Event{e})
		if err != nil {
			return Visit{}, err
		}
		if results[0].Status != "stored" {
			return Visit{}, fault.New(fault.Invalid, "%s", results[0].Say)
		}
		return GetVisit(tx, region, e.Visit)
	})
}

// Work is the month of a worker: visits done, minutes, and what the office
// decided about them.
type Work struct {
	Staff     institution.Staff
	Fit       string // why the worker may not work today, "" for may
	Visits    int
	Minutes   int64
	Troubles  int
	Deducted  []ExceptionRow
	Coming    []Row // of the next 14 days
	Institute institution.Institution
}

// MyWork is the month of work of the member of staff behind who, for the month of on.
func (s *Service) MyWork(ctx context.Context, who audit.Actor, region string, on day.Day) (x Work, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if x.Staff, err = institution.StaffOfActor(tx, region, who); err != nil {
			return err
		}
		if ok, why := x.Staff.FitOn(on); !ok {
			x.Fit = why
		}
		if x.Institute, err = institution.Get(tx, region, x.Staff.Institution); err != nil {
			return err
		}
		visits, err := VisitsOfStaff(tx, region, x.Staff.ID, on.Month().First(), on+14)
		if err != nil {
			return err
		}
		var coming []Visit
		for _, v := range visits {
			switch {
			case v.Status == Done && v.On.Month() == on.Month():
				x.Visits, x.Minutes = x.Visits+1, x.Minutes+v.Minutes
			case v.Status == Trouble && v.On.Month() == on.Month():
				x.Troubles++
			case v.Status == Planned && v.On > on:
				coming = append(coming, v)
			}
		}
		if x.Coming, err = s.rows(tx, region, coming); err != nil {
			return err
		}
		for _, st := range []ExceptionStatus{Deducted, Voided} {
			xs, err := ExceptionsOf(tx, region, x.Staff.Institution, st, x.Staff.ID, 50)
			if err != nil {
				return err
			}
			for _, e := range xs {
				if e.On.Month() == on.Month() {
					x.Deducted = append(x.Deducted, ExceptionRow{Exception: e})
				}
			}
		}
		return nil
	})
	return x, err
}

// Proof is a piece of evidence of a visit, for who may see the visit.
func (s *Service) Proof(ctx context.Context, who audit.Actor, region, visit, doc string) (d desk.Document, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := GetVisit(tx, region, visit)
		if err != nil {
			return err
		}
		if err := s.maySee(tx, who, region, v.Person, v.Institution); err != nil {
			return err
		}
		if d, err = desk.GetDocument(tx, region, doc); err != nil {
			return err
		}
		if d.Case != "visit-"+visit {
			return fault.New(fault.NotFound, "没有找到这份留证。")
		}
		return nil
	})
	if err != nil {
		return d, err
	}
	return d, s.seen(ctx, who, region, "care.see", visit, "")
}
