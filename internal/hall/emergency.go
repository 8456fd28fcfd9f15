package hall

import (
	"context"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Plan is one version of the emergency plan (应急预案): who does what, and for
// each kind of trouble the steps in their order. The newest whose day has come
// holds.
type Plan struct {
	Region  string
	Version int64 // 0: the program's own minimum from the pack
	Title   string
	Roles   []Duty
	Kinds   []Trouble
	From    day.Day
	ByName  string
	At      int64
}

// Duty is a role of the plan: who has it and how to reach them. No telephone
// numbers of persons: 内线 or a post.
type Duty struct {
	Role  string `json:"role"`
	Who   string `json:"who"`
	Reach string `json:"reach"`
}

// Trouble is a kind of emergency with its steps.
type Trouble struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Steps []string `json:"steps"`
}

// Kind finds a kind of trouble of the plan.
func (p Plan) Kind(id string) (Trouble, bool) {
	for _, k := range p.Kinds {
		if k.ID == id {
			return k, true
		}
	}
	return Trouble{}, false
}

// planAt is the plan that holds on a day: the newest version that has begun,
// completed by the kinds of the pack that it leaves out.
func (s *Service) planAt(tx *db.Tx, region string, on day.Day) (Plan, error) {
	v, err := s.Packs.At(region, on)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Region: region, Title: "随程序带的最少做法"}
	list, err := plansOf(tx, region)
	if err != nil {
		return p, err
	}
	for _, x := range list { // the newest first
		if x.From <= on {
			p = x
			break
		}
	}
	rows, _ := emergencies.Peek(v)
	for _, r := range rows {
		if _, ok := p.Kind(r.ID); !ok {
			p.Kinds = append(p.Kinds, Trouble{r.ID, r.Name, r.Steps})
		}
	}
	return p, nil
}

// Drill is a drill or training that was held (演练、培训).
type Drill struct {
	Region, ID, Place string
	Kind              string // drill, training
	On                day.Day
	Topic             string
	People            int64
	Note              string
	Plan              int64
	ByName            string
}

// Incident is something that happened (突发事件) under a version of the plan.
type Incident struct {
	Region, ID, Place string
	Kind, Name        string
	Plan              int64
	Ended, Started    int64
	Result            string
	ByName            string
}

// Open tells whether it goes on.
func (i Incident) Open() bool { return i.Ended == 0 }

// Readiness is how well a place is prepared.
type Readiness struct {
	Place
	Last Drill // zero: never
	Due  bool
	By   day.Day // when the next is due; zero: at once
}

// Emergencies is the page of the plan.
type Emergencies struct {
	Plan      Plan
	Versions  []Plan
	Ready     []Readiness
	Drills    []Drill
	Incidents []Incident
}

// Emergencies reads plan, drills and incidents of a region.
func (s *Service) Emergencies(ctx context.Context, region string) (e Emergencies, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		today := tx.Today()
		if e.Plan, err = s.planAt(tx, region, today); err != nil {
			return err
		}
		if e.Versions, err = plansOf(tx, region); err != nil {
			return err
		}
		if e.Drills, err = drillsOf(tx, region); err != nil {
			return err
		}
		if e.Incidents, err = incidentsOf(tx, region); err != nil {
			return err
		}
		places, err := db.All(tx, scanPlace, getPlaces, region)
		if err != nil {
			return err
		}
		v, err := s.Packs.At(region, today)
		if err != nil {
			return err
		}
		for _, p := range places {
			if p.Kind != "hall" {
				continue
			}
			r, months := Readiness{Place: p}, int64(-1)
			for _, d := range e.Drills {
				if d.Place == p.ID && d.On > r.Last.On {
					r.Last, months = d, monthsBetween(d.On, today)
				}
			}
			due, _, err := DrillRule.Decide(v, DrillFacts{Months: months})
			if err != nil {
				return err
			}
			if r.Due = due.Due; months >= 0 {
				r.By = r.Last.On.AddMonths(int(due.Every))
			}
			e.Ready = append(e.Ready, r)
		}
		return nil
	})
	return e, err
}

// monthsBetween counts full months.
func monthsBetween(from, to day.Day) (n int64) {
	for from.AddMonths(int(n)+1) <= to {
		n++
	}
	return n
}

// Draft reads the plan as it holds today, to write the next version from.
func (s *Service) Draft(ctx context.Context, region string) (p Plan, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { p, err = s.planAt(tx, region, tx.Today()); return err })
	return p, err
}

// Issue puts a new version of the plan in force from a day on; earlier versions
// stay for the record, and every incident names the one it was handled under.
func (s *Service) Issue(ctx context.Context, who audit.Actor, key string, p Plan) (Plan, error) {
	act := audit.Act{Region: p.Region, Verb: "hall.plan", Object: "plan", Key: key, Body: p}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Plan, error) {
		if p.Title = strings.TrimSpace(p.Title); p.Title == "" {
			return p, fault.Field("title", "请给这一版写个名称，例如“2024年修订”")
		}
		if len(p.Roles) == 0 {
			return p, fault.Field("roles", "请写谁负责什么，每行一个：角色｜岗位｜怎么找到")
		}
		v, err := s.Packs.At(p.Region, tx.Today())
		if err != nil {
			return p, err
		}
		rows, _ := emergencies.Peek(v)
		for i, k := range p.Kinds {
			at := slices.IndexFunc(rows, func(r Emergency) bool { return r.ID == k.ID })
			if at < 0 || len(k.Steps) == 0 {
				return p, fault.Field(k.ID, "请写这种情况先做什么、再做什么，一行一步")
			}
			p.Kinds[i].Name = rows[at].Name
		}
		if p.From < tx.Today() {
			return p, fault.Field("from", "生效的日子不能早于今天")
		}
		list, err := plansOf(tx, p.Region)
		if err != nil {
			return p, err
		}
		p.Version = 1
		if len(list) > 0 {
			p.Version = list[0].Version + 1
		}
		p.ByName, p.At = who.Name, tx.Millis()
		return p, putPlan(tx, p, who.ID)
	})
}

// Held records a drill or a training.
func (s *Service) Held(ctx context.Context, who audit.Actor, key string, d Drill) (Drill, error) {
	act := audit.Act{Region: d.Region, Verb: "hall.drill", Object: d.Place, Key: key, Body: d}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Drill, error) {
		if _, err := placeOf(tx, d.Region, d.Place); err != nil {
			return d, fault.Field("place", "请选在哪个大厅")
		}
		if d.Kind != "drill" && d.Kind != "training" {
			return d, fault.Field("kind", "请选是演练还是培训")
		}
		if d.Topic = strings.TrimSpace(d.Topic); d.Topic == "" {
			return d, fault.Field("topic", "请写练了什么、讲了什么")
		}
		if d.People < 1 {
			return d, fault.Field("people", "请填几个人参加")
		}
		if d.On.IsZero() || d.On > tx.Today() {
			return d, fault.Field("on", "请填做过的那一天，不能晚于今天")
		}
		p, err := s.planAt(tx, d.Region, d.On)
		if err != nil {
			return d, err
		}
		d.ID, d.Plan, d.ByName = tx.NewID(), p.Version, who.Name
		return d, putDrill(tx, d)
	})
}

// Alarm starts an incident with one tap (一键启动): the time is running, the
// plan's steps and contacts are on the page.
func (s *Service) Alarm(ctx context.Context, who audit.Actor, region, place, kind, key string) (Incident, error) {
	act := audit.Act{Region: region, Verb: "hall.alarm", Object: place, Key: key, Body: kind}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (i Incident, err error) {
		if _, err := placeOf(tx, region, place); err != nil {
			return i, err
		}
		p, err := s.planAt(tx, region, tx.Today())
		if err != nil {
			return i, err
		}
		k, ok := p.Kind(kind)
		if !ok {
			return i, fault.Field("kind", "请点发生了什么事")
		}
		i = Incident{Region: region, ID: tx.NewID(), Place: place, Kind: k.ID, Name: k.Name, Plan: p.Version, Started: tx.Millis(), ByName: who.Name}
		if err := putIncident(tx, i, who.ID); err != nil {
			return i, err
		}
		return i, tell(tx, i, "发现并启动应急预案", who)
	})
}

// Tell adds a line to what was done in an incident.
func (s *Service) Tell(ctx context.Context, who audit.Actor, region, id, key, say string) error {
	act := audit.Act{Region: region, Verb: "hall.tell", Object: id, Key: key, Body: say}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		i, err := incidentOf(tx, region, id)
		if err != nil {
			return err
		}
		if !i.Open() {
			return fault.New(fault.Conflict, "这件事已经结束，不能再记。要补充请写在下一次演练的小结里。")
		}
		if say = strings.TrimSpace(say); say == "" {
			return fault.Field("say", "请写刚才做了什么")
		}
		return tell(tx, i, say, who)
	})
}

// Close ends an incident with its result.
func (s *Service) Close(ctx context.Context, who audit.Actor, region, id, key, result string) (Incident, error) {
	act := audit.Act{Region: region, Verb: "hall.end_incident", Object: id, Key: key, Body: result}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Incident, error) {
		i, err := incidentOf(tx, region, id)
		if err != nil {
			return i, err
		}
		if !i.Open() {
			return i, fault.New(fault.Conflict, "这件事已经结束了。")
		}
		if result = strings.TrimSpace(result); result == "" {
			return i, fault.Field("result", "请写结果：老人怎样了，交给了谁，以后怎么避免")
		}
		i.Ended, i.Result = tx.Millis(), result
		n, err := tx.Exec(endIncident, region, id, i.Ended, i.Result)
		if err := changed(n, err); err != nil {
			return i, err
		}
		return i, tell(tx, i, "结束："+result, who)
	})
}

// IncidentFile is an incident with all that belongs to it.
type IncidentFile struct {
	Incident
	At    Place
	Plan  Plan
	Do    Trouble
	Lines []Step
}

// Incident reads an incident.
func (s *Service) Incident(ctx context.Context, region, id string) (f IncidentFile, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if f.Incident, err = incidentOf(tx, region, id); err != nil {
			return err
		}
		if f.At, err = placeOf(tx, region, f.Incident.Place); err != nil {
			return err
		}
		if f.Plan, err = s.planAt(tx, region, dayOf(f.Started)); err != nil {
			return err
		}
		f.Do, _ = f.Plan.Kind(f.Kind)
		f.Lines, err = linesOf(tx, region, id)
		return err
	})
	return f, err
}
