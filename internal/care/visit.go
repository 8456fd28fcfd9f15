package care

import (
	"context"
	"slices"
	"sort"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/person"
)

// SyncResult answers one event of a queue: stored (new), known (already here),
// refused (never stored, Say tells why) or conflict (the same client id was
// used for something else). Say with stored or known tells what still has to be
// put right, such as a wrong code of the family.
type SyncResult struct {
	ClientID string `json:"client_id"`
	Status   string `json:"status"`
	Say      string `json:"say,omitempty"`
}

// MaxEvents is how many events one queue may hold at a time.
const MaxEvents = 500

// Sync takes a queue of events, any number of times, in any order and in
// halves, and ends in the same rows. One bad event does not sink the others.
func (s *Service) Sync(ctx context.Context, who audit.Actor, region string, events []Event) ([]SyncResult, error) {
	if len(events) > MaxEvents {
		return nil, fault.Field("events", "一次最多传 %d 条记录，请分几次传。", MaxEvents)
	}
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.sync", Object: who.ID}, func(tx *db.Tx) ([]SyncResult, error) {
		return s.record(tx, who, region, events)
	})
}

// Do records online acts at one visit, in their order, when the flow allows
// each of them. key makes a double submit count once.
func (s *Service) Do(ctx context.Context, who audit.Actor, region, visit, key string, events ...Event) (Visit, error) {
	return s.DoWith(ctx, who, region, visit, key, nil, events...)
}

// DoWith is Do with saved files, which become the evidence of the last event.
func (s *Service) DoWith(ctx context.Context, who audit.Actor, region, visit, key string, files []desk.Stored, events ...Event) (Visit, error) {
	body := []any{events}
	for _, f := range files {
		body = append(body, f.SHA256)
	}
	if n := len(events); key != "" && n > 0 && events[n-1].Kind == "confirm" {
		digest, err := audit.Digest(body)
		if err != nil {
			return Visit{}, err
		}
		key += "-" + digest[:16] // another try from the same form is another act
	}
	v, err := audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.visit", Object: visit, Key: key, Body: body, Detail: kinds(events)}, func(tx *db.Tx) (Visit, error) {
		v, err := GetVisit(tx, region, visit)
		if err != nil {
			return v, err
		}
		events := slices.Clone(events) // the transaction may run again
		at := v.Status
		for i := range events {
			if err := visitMay(at, events[i].Kind); err != nil {
				return v, err
			}
			for _, f := range VisitFlow {
				if f.From == at && f.Action == events[i].Kind {
					at = f.To[0]
					break
				}
			}
			events[i].Visit, events[i].At = visit, tx.Millis()+int64(i)
			if events[i].ClientID == "" {
				events[i].ClientID = "web-" + tx.NewID()
			}
		}
		for _, f := range files {
			d, err := desk.Attach(tx, region, "visit-"+visit, events[len(events)-1].Kind, f, who)
			if err != nil {
				return v, err
			}
			e := &events[len(events)-1]
			e.Documents = append(e.Documents, d.ID)
		}
		results, err := s.record(tx, who, region, events)
		if err != nil {
			return v, err
		}
		for _, r := range results {
			if r.Status == "refused" {
				return v, fault.New(fault.Invalid, "%s", r.Say)
			}
		}
		return GetVisit(tx, region, visit)
	})
	if n := len(events); err == nil && n > 0 && events[n-1].Kind == "confirm" && v.Confirmed == "" {
		// The try is on record; the page asks again.
		return v, fault.Field("code", "确认码或口令不对，请家属再看一眼；也可以请家属签字。")
	}
	return v, err
}

func kinds(events []Event) (out []string) {
	for _, e := range events {
		out = append(out, e.Kind)
	}
	return out
}

// record stores events and makes the visits that they touch anew.
func (s *Service) record(tx *db.Tx, who audit.Actor, region string, events []Event) ([]SyncResult, error) {
	r := recorder{Service: s, tx: tx, who: who, region: region, plans: map[string]Plan{}}
	if err := r.begin(events); err != nil {
		return nil, err
	}
	out := make([]SyncResult, len(events))
	touched := map[string]bool{}
	for i, e := range events {
		fresh, err := r.keep(&e)
		out[i] = SyncResult{ClientID: e.ClientID, Status: "stored"}
		if err != nil {
			f := fault.As(err)
			if f.Kind == fault.Internal {
				return nil, err
			}
			out[i].Status, out[i].Say = "refused", f.Say
			if f.Kind == fault.Conflict {
				out[i].Status = "conflict"
			}
			continue
		}
		if e.Kind == "confirm" && !e.Right {
			out[i].Say = "家属的确认码或口令不对，记录已经存了。请在这次上门里再请家属确认一次，或者请家属签字。"
		}
		if !fresh {
			out[i].Status = "known"
			continue
		}
		touched[e.Visit] = true
	}
	ids := make([]string, 0, len(touched))
	for id := range touched {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return out, s.refresh(tx, region, ids)
}

// recorder holds what the events of one queue need.
type recorder struct {
	*Service
	tx     *db.Tx
	who    audit.Actor
	region string
	staff  institution.Staff // behind the account; empty for an institution's system
	visits map[string]Visit
	plans  map[string]Plan
	people map[string]person.Person // by id: their homes
}

func (r *recorder) begin(events []Event) (err error) {
	if r.staff, err = institution.StaffOfActor(r.tx, r.region, r.who); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	var ids []string
	for _, e := range events {
		ids = append(ids, e.Visit)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	// Two uploads for one visit go one after the other.
	if _, err := r.tx.Exec(lockVisits, r.region, ids); err != nil {
		return err
	}
	if r.visits, err = GetVisits(r.tx, r.region, ids); err != nil {
		return err
	}
	var persons []string
	for _, v := range r.visits {
		persons = append(persons, v.Person)
	}
	r.people, err = r.People.GetMany(r.tx, r.region, unique(persons))
	return err
}

// keep stores one event; fresh tells whether it was not there yet.
func (r *recorder) keep(e *Event) (fresh bool, err error) {
	if err := e.check(); err != nil {
		return false, err
	}
	v, err := r.visitFor(*e)
	if err != nil {
		return false, err
	}
	if err := r.byWhom(e); err != nil {
		return false, err
	}
	now := r.tx.Millis()
	if e.Skew = 0; e.Sent > 0 {
		e.Skew = now - e.Sent
	}
	sent := *e
	sent.Code, sent.Right, sent.Sent, sent.Skew = "", false, 0, 0 // another upload of the same event is the same event
	digest, err := audit.Digest(sent)
	if err != nil {
		return false, err
	}
	if e.Kind == "confirm" {
		if e.Right, err = r.right(v, *e); err != nil {
			return false, err
		}
	}
	e.Code, e.Sent = "", 0 // never kept
	distance := int64(-1)
	if e.Place != nil && !e.Place.Off {
		p, ok := r.people[v.Person]
		if !ok { // of a visit that nobody had planned
			if p, err = r.People.Get(r.tx, r.region, v.Person); err != nil && !fault.Is(err, fault.NotFound) {
				return false, err
			}
			r.people[v.Person] = p
		}
		if p.Lat != 0 || p.Lng != 0 {
			distance = metres(p.Lat, p.Lng, e.Place.Lat, e.Place.Lng)
		}
	}
	n, err := r.tx.Exec(putEvent, r.region, e.ClientID, e.Visit, e.Kind, e.At, now, r.who.ID, digest, js(keptEvent{*e, distance}))
	if err != nil || n == 1 {
		return n == 1, err
	}
	known, err := db.One(r.tx, db.Value[string], knownEvent, r.region, e.ClientID)
	if err == nil && known != digest {
		err = fault.New(fault.Conflict, "这个编号已经传过一条内容不同的记录，先前的那条保留，这一条没有记下。")
	}
	return false, err
}

// visitFor finds the event's visit, or makes one for a visit that nobody had
// planned, when the event names a plan of the institution.
func (r *recorder) visitFor(e Event) (Visit, error) {
	unknown := fault.New(fault.NotFound, "没有找到这次上门，或者它不归您的机构。")
	v, ok := r.visits[e.Visit]
	if ok {
		if v.Institution != r.who.Institution {
			return v, unknown
		}
		return v, nil
	}
	p, err := r.plan(e.Plan)
	if fault.Is(err, fault.NotFound) || (err == nil && p.Institution != r.who.Institution) {
		return v, unknown
	}
	if err != nil {
		return v, err
	}
	v = Visit{Region: r.region, ID: e.Visit, Plan: p.ID, Person: p.Person, Institution: p.Institution, Staff: r.staff.ID, On: day.FromTime(r.tx.Now()), Mode: p.Mode, Status: Planned}
	if _, err := InsertVisits(r.tx, []Visit{v}); err != nil {
		return v, err
	}
	r.visits[e.Visit] = v
	return v, nil
}

func (r *recorder) plan(id string) (Plan, error) {
	if p, ok := r.plans[id]; ok {
		return p, nil
	}
	p, err := GetPlan(r.tx, r.region, id)
	if err == nil {
		r.plans[id] = p
	}
	return p, err
}

// byWhom sets who did it: the worker behind the account, or, for an
// institution's own system, one of its staff by id.
func (r *recorder) byWhom(e *Event) error {
	if r.staff.ID != "" {
		e.Staff = r.staff.ID
		return nil
	}
	if e.Staff == "" {
		return nil
	}
	m, err := institution.GetStaff(r.tx, r.region, e.Staff)
	if fault.Is(err, fault.NotFound) || (err == nil && m.Institution != r.who.Institution) {
		return fault.Field("staff", "没有找到这位工作人员，或者不是您机构的人。")
	}
	return err
}

func (r *recorder) right(v Visit, e Event) (bool, error) {
	if e.Method == "sign" {
		return len(e.Documents) > 0, nil
	}
	p, err := r.plan(v.Plan)
	if err != nil {
		return false, err
	}
	if e.Method == "pin" {
		return p.pin != "" && pinHash(p.secret, e.Code) == p.pin, nil
	}
	return e.Code == p.Code(v.ID), nil
}

// refresh makes visits anew from their events, bills what is done and looks
// for suspicion around it.
func (s *Service) refresh(tx *db.Tx, region string, ids []string) error {
	var look []Visit
	for _, id := range ids {
		v, err := GetVisit(tx, region, id)
		if err != nil {
			return err
		}
		events, err := readEvents(tx, region, id)
		if err != nil {
			return err
		}
		next := fold(v, events)
		if s.Settled != nil {
			settled, err := s.Settled(tx, region, []string{id})
			if err != nil {
				return err
			}
			if settled[id] {
				if err := s.lateWord(tx, v); err != nil {
					return err
				}
				continue
			}
		}
		if err := s.bill(tx, &next); err != nil {
			return err
		}
		if err := updateVisit(tx, next); err != nil {
			return err
		}
		if next.Status == Done {
			look = append(look, next)
		}
	}
	return s.examine(tx, region, look)
}

// lateWord notes that something came for a visit whose bill is settled: the
// record stands, nothing is dropped, the office decides.
func (s *Service) lateWord(tx *db.Tx, v Visit) error {
	x := Exception{Region: v.Region, Visit: v.ID, Kind: "after_settled", Institution: v.Institution, Person: v.Person, Staff: v.Staff, On: v.On,
		Say: "结算以后又收到了这次上门的记录，已结算的内容没有改。", Status: Open}
	s.limits(tx, &x)
	return insertExceptions(tx, []Exception{x})
}

// Roster sets who goes to a visit that has not begun.
func (s *Service) Roster(ctx context.Context, who audit.Actor, region, visit, staff string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.roster", Object: visit, Body: staff}, func(tx *db.Tx) error {
		v, err := GetVisit(tx, region, visit)
		if err != nil {
			return err
		}
		m, err := institution.GetStaff(tx, region, staff)
		if fault.Is(err, fault.NotFound) || (err == nil && m.Institution != who.Institution) {
			return fault.Field("staff", "没有找到这位工作人员，或者不是您机构的人。")
		}
		if err != nil {
			return err
		}
		if ok, why := m.FitOn(v.On); !ok {
			return fault.Field("staff", "%s，不能安排。", why)
		}
		n, err := tx.Exec(rosterVisit, region, visit, who.Institution, staff, tx.Millis())
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "这次上门已经开始或取消了，不能再换人。")
		}
		return err
	})
}
