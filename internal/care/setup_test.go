package care

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/institution"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

const region = "990700"

var (
	ctx   = context.Background()
	today = day.FromTime(dbtest.Start) // Monday 2024-06-03
)

// bench is a town with one station, two workers, a nurse, and persons in benefit.
type town struct {
	*Service
	t       testing.TB
	d       *db.DB
	clock   *dbtest.Clock
	inst    institution.Institution
	people  []string
	boss    audit.Actor // writes plans
	clerk   audit.Actor // the agency
	workers []institution.Staff
	acts    []audit.Actor // the workers' logins
}

// The persons live on a line to the north, 1,000 m apart, from here.
const homeLat, homeLng = 34600000, 119200000

func newTown(t testing.TB, d *db.DB, c *dbtest.Clock, people int) *town {
	t.Helper()
	set, err := policy.Load("testdata/packs")
	must(t, err)
	keys, err := seal.Create(filepath.Join(t.TempDir(), "key"))
	must(t, err)
	log := &audit.Log{DB: d}
	tn := &town{t: t, d: d, clock: c, Service: &Service{Log: log, Packs: set, People: &person.Service{Log: log, Keys: keys, Packs: set}},
		clerk: audit.Actor{ID: "clerk", Role: "clerk", Region: region}}
	insts := &institution.Service{Log: log, Keys: keys}
	must(t, d.Write(ctx, func(tx *db.Tx) error {
		i, err := insts.Put(tx, region, institution.New{Name: "康宁护理站", Kind: institution.Care})
		if err != nil {
			return err
		}
		if err := insts.Apply(tx, region, i.ID, institution.Change{Action: "agree", From: today - 100, To: today + 700}, ""); err != nil {
			return err
		}
		tn.inst = i
		tn.boss = audit.Actor{ID: "boss", Role: "institution", Region: region, Institution: i.ID}
		for n, role := range []institution.Role{institution.CareWorker, institution.CareWorker, institution.Nurse} {
			login := fmt.Sprintf("w%d", n)
			m, err := insts.PutStaff(tx, region, institution.NewStaff{Institution: i.ID, Name: "护理员" + login, Role: role, Account: login, LicenseUntil: today + 300})
			if err != nil {
				return err
			}
			tn.workers = append(tn.workers, m)
			tn.acts = append(tn.acts, audit.Actor{ID: login, Role: "care_worker", Region: region, Institution: i.ID})
		}
		var entries []person.Entry
		for n := range people {
			birth := day.MustParse("1942-03-15").AddDays(n)
			num, err := person.ParseID(person.DemoID(n, birth, "女"), today)
			if err != nil {
				return err
			}
			entries = append(entries, person.Entry{Number: num, Name: fmt.Sprintf("王桂%d", n), Sex: "女", Birth: birth, Lat: int64(homeLat + n*8993), Lng: homeLng,
				Resident: true, Coverage: person.Coverage{Scheme: "ltci", Kind: "employee", Since: today - 3000, Status: "active"}, Has: person.HasAll})
		}
		if tn.people, _, err = tn.People.Put(tx, region, entries); err != nil {
			return err
		}
		for _, p := range tn.people {
			if _, err := benefit.Grant(tx, benefit.GrantInput{Region: region, Person: p, Level: 4, Decided: today - 30, From: today - 20, To: today + 700}); err != nil {
				return err
			}
		}
		return nil
	}))
	return tn
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// self is a person's own login.
func (tn *town) self(person string) audit.Actor {
	return audit.Actor{ID: "a-" + person, Role: "citizen", Region: region, Person: person}
}

// input is a plan of two visits a week, Monday and Thursday at nine.
func (tn *town) input(p int) PlanInput {
	return PlanInput{Person: tn.people[p], Mode: "home", From: today, To: today + 90,
		Items: []PlanItem{{"L01", 2, 20, "care_worker"}, {"L02", 1, 40, "care_worker"}},
		Slots: []Slot{{1, "09:00", tn.workers[0].ID}, {4, "09:00", tn.workers[0].ID}}}
}

// active writes, offers, confirms and approves a plan.
func (tn *town) active(in PlanInput) Plan {
	tn.t.Helper()
	p, err := tn.Save(ctx, tn.boss, region, "", "", in)
	must(tn.t, err)
	for _, s := range []struct {
		who audit.Actor
		act PlanAct
	}{{tn.boss, PlanAct{Action: "offer"}}, {tn.self(in.Person), PlanAct{Action: "confirm", Pin: "2468"}}, {tn.clerk, PlanAct{Action: "approve"}}} {
		p, err = tn.Act(ctx, s.who, region, p.ID, "", s.act)
		must(tn.t, err)
	}
	return p
}

func (tn *town) visits(p int, from, to day.Day) []Visit {
	tn.t.Helper()
	var out []Visit
	must(tn.t, tn.d.Read(ctx, func(tx *db.Tx) (err error) {
		out, err = VisitsOfPerson(tx, region, tn.people[p], from, to, 100)
		return err
	}))
	return out
}

func (tn *town) visit(id string) (v Visit) {
	tn.t.Helper()
	must(tn.t, tn.d.Read(ctx, func(tx *db.Tx) (err error) { v, err = GetVisit(tx, region, id); return err }))
	return v
}

func (tn *town) exceptions(visit string) map[string]Exception {
	tn.t.Helper()
	out := map[string]Exception{}
	must(tn.t, tn.d.Read(ctx, func(tx *db.Tx) error {
		xs, err := ExceptionsOfVisit(tx, region, visit)
		for _, x := range xs {
			out[x.Kind] = x
		}
		return err
	}))
	return out
}

// home is a fix at a person's door.
func home(p int) *Fix { return &Fix{Lat: int64(homeLat + p*8993), Lng: homeLng, Accuracy: 12} }

// whole is the queue of a good visit at minutes after midnight of a day.
func (tn *town) whole(v Visit, p int, d day.Day, at, minutes int64) []Event {
	var plan Plan
	must(tn.t, tn.d.Read(ctx, func(tx *db.Tx) (err error) { plan, err = GetPlan(tx, region, v.Plan); return err }))
	begin := instant(d, at)
	end := begin + minutes*60000
	id := func(k string) string { return "dev-" + v.ID + "-" + k }
	return []Event{
		{ClientID: id("in"), Visit: v.ID, Kind: "checkin", At: begin, Place: home(p)},
		{ClientID: id("items"), Visit: v.ID, Kind: "items", At: begin + 60000, Items: v.PlannedItems},
		{ClientID: id("photo"), Visit: v.ID, Kind: "evidence", At: begin + 120000, Documents: []string{"doc-" + v.ID}},
		{ClientID: id("out"), Visit: v.ID, Kind: "checkout", At: end, Place: home(p)},
		{ClientID: id("ok"), Visit: v.ID, Kind: "confirm", At: end + 1000, Method: "code", Code: plan.Code(v.ID)},
	}
}
