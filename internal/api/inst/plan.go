package inst

import (
	"context"

	"yinling/internal/api"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/fault"
)

// date is a day in a body; it is checked by the schema and read by parse.
func parse(field, s string) (day.Day, error) {
	if s == "" {
		return 0, nil
	}
	d, err := day.Parse(s)
	if err != nil {
		return 0, fault.Field(field, "这一天不存在，请写成 2024-06-30 的样子。")
	}
	return d, nil
}

// Item is a line of the catalogue.
type Item struct {
	Code          string `json:"code"`
	Name          string `json:"name"`
	Kind          string `json:"kind" enum:"living,nursing" doc:"生活照护或医疗护理"`
	Unit          string `json:"unit" enum:"hour,visit,day,bed_day,month"`
	Minutes       int64  `json:"minutes" doc:"一次的参考分钟数"`
	Qualification string `json:"qualification" enum:"care_worker,nurse,family" doc:"至少要什么人做"`
	PriceFen      int64  `json:"price_fen" doc:"单价，分"`
	Grade         string `json:"grade" doc:"证据等级，assumed 为示例值"`
}

func (s *Server) catalogue(ctx context.Context, in *struct {
	On string `query:"on" format:"date" doc:"哪一天的目录，默认今天"`
}) (*api.Body[struct {
	Items []Item `json:"items"`
}], error) {
	on, err := parse("on", in.On)
	if err != nil {
		return nil, err
	}
	if on.IsZero() {
		on = s.Today()
	}
	out := &api.Body[struct {
		Items []Item `json:"items"`
	}]{}
	out.Body.Items = []Item{}
	for _, i := range s.Care.Items(api.Actor(ctx).Region, on) {
		out.Body.Items = append(out.Body.Items, Item{i.Code, i.Name, i.Kind, i.Unit, i.Minutes, i.Qualification, int64(i.PriceFen), s.Care.ItemGrade(api.Actor(ctx).Region, on, i)})
	}
	return out, nil
}

// Person is a person served.
type Person struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Sex        string `json:"sex"`
	Birth      string `json:"birth" format:"date"`
	Address    string `json:"address"`
	Mode       string `json:"mode" enum:"home,family,institution,community"`
	From       string `json:"from" format:"date"`
	Plan       string `json:"plan" doc:"计划编号，还没有就空"`
	PlanStatus string `json:"plan_status"`
}

func (s *Server) persons(ctx context.Context, _ *struct{}) (*api.Body[struct {
	Persons []Person `json:"persons"`
}], error) {
	who := api.Actor(ctx)
	list, err := s.Care.Served(ctx, who, who.Region)
	if err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Persons []Person `json:"persons"`
	}]{}
	out.Body.Persons = []Person{}
	for _, c := range list {
		out.Body.Persons = append(out.Body.Persons, Person{c.Person, c.Who.Name, c.Who.Sex, c.Who.Birth.String(), c.Who.District + c.Who.Community + c.Who.Address, c.Mode, c.From.String(), c.Plan.ID, string(c.Plan.Status)})
	}
	return out, nil
}

// PlanItem and Slot are parts of a plan.
type PlanItem struct {
	Item    string `json:"item" minLength:"1" maxLength:"32" doc:"目录里的编码"`
	PerWeek int64  `json:"per_week" minimum:"0" maximum:"70"`
	Minutes int64  `json:"minutes" minimum:"0" maximum:"1440" doc:"每次分钟数"`
	Staff   string `json:"staff" enum:"care_worker,nurse,family"`
}

// Slot: see PlanItem.
type Slot struct {
	Weekday int64  `json:"weekday" minimum:"1" maximum:"7" doc:"1 是周一"`
	Start   string `json:"start" pattern:"^[0-2][0-9]:[0-5][0-9]$" doc:"几点，例如 09:00"`
	Staff   string `json:"staff,omitempty" maxLength:"64" doc:"工作人员编号，可以以后再排"`
}

// PlanIn is a plan as the institution writes it.
type PlanIn struct {
	Person  string     `json:"person" minLength:"1" maxLength:"64"`
	Mode    string     `json:"mode" enum:"home,family,institution,community"`
	From    string     `json:"from" format:"date"`
	To      string     `json:"to" format:"date"`
	Items   []PlanItem `json:"items" maxItems:"100" nullable:"false"`
	Slots   []Slot     `json:"slots" maxItems:"50" nullable:"false"`
	Version int64      `json:"version,omitempty" doc:"修改时，您看到的版本"`
}

func (p PlanIn) input() (in care.PlanInput, err error) {
	in = care.PlanInput{Person: p.Person, Mode: p.Mode, Version: p.Version}
	if in.From, err = parse("from", p.From); err != nil {
		return in, err
	}
	if in.To, err = parse("to", p.To); err != nil {
		return in, err
	}
	for _, i := range p.Items {
		in.Items = append(in.Items, care.PlanItem(i))
	}
	for _, x := range p.Slots {
		in.Slots = append(in.Slots, care.Slot(x))
	}
	return in, nil
}

// Finding is what the check of a plan found.
type Finding struct {
	Field string `json:"field"`
	Say   string `json:"say"`
	Stop  bool   `json:"stop" doc:"true：改好才能交本人确认；false：本人要知道"`
}

// Checked is what a plan comes to in a full month.
type Checked struct {
	Month    string    `json:"month" doc:"按哪个月算"`
	Visits   int64     `json:"visits"`
	Minutes  int64     `json:"minutes"`
	TotalFen int64     `json:"total_fen" doc:"服务价格合计，分"`
	Findings []Finding `json:"findings"`
}

func checkedOf(c care.Checked) Checked {
	out := Checked{c.Month.String(), c.Visits, c.MonthMinutes, int64(c.TotalFen), []Finding{}}
	for _, p := range c.Problems {
		out.Findings = append(out.Findings, Finding{p.Field, p.Say, p.Stop})
	}
	return out
}

// Plan is a care plan.
type Plan struct {
	ID       string     `json:"id"`
	Person   string     `json:"person"`
	Mode     string     `json:"mode"`
	Status   string     `json:"status" enum:"draft,offered,confirmed,returned,refused,active,ended"`
	From     string     `json:"from" format:"date"`
	To       string     `json:"to" format:"date"`
	Items    []PlanItem `json:"items"`
	Slots    []Slot     `json:"slots"`
	Checked  Checked    `json:"checked"`
	Note     string     `json:"note" doc:"退回、不同意或停止的原因"`
	Decision string     `json:"decision" doc:"核对的依据编号"`
	Version  int64      `json:"version"`
}

func planOf(p care.Plan) Plan {
	out := Plan{ID: p.ID, Person: p.Person, Mode: p.Mode, Status: string(p.Status), From: p.From.String(), To: p.To.String(), Items: []PlanItem{}, Slots: []Slot{},
		Checked: checkedOf(p.Limits), Note: p.Note, Decision: p.Decision, Version: p.Version}
	for _, i := range p.Items {
		out.Items = append(out.Items, PlanItem(i))
	}
	for _, x := range p.Slots {
		out.Slots = append(out.Slots, Slot(x))
	}
	return out
}

func (s *Server) plans(ctx context.Context, in *struct {
	Status string `query:"status" enum:"draft,offered,confirmed,returned,refused,active,ended" doc:"默认全部"`
}) (*api.Body[struct {
	Plans []Plan `json:"plans"`
}], error) {
	who := api.Actor(ctx)
	rows, err := s.Care.Plans(ctx, who, who.Region, care.PlanStatus(in.Status), 1000)
	if err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Plans []Plan `json:"plans"`
	}]{}
	out.Body.Plans = []Plan{}
	for _, r := range rows {
		out.Body.Plans = append(out.Body.Plans, planOf(r.Plan))
	}
	return out, nil
}

// ByID names one thing.
type ByID struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Server) plan(ctx context.Context, in *ByID) (*api.Body[Plan], error) {
	who := api.Actor(ctx)
	r, _, err := s.Care.SeePlan(ctx, who, who.Region, in.ID)
	if err != nil {
		return nil, err
	}
	return &api.Body[Plan]{Body: planOf(r.Plan)}, nil
}

func (s *Server) planCheck(ctx context.Context, in *struct {
	api.Once
	Body PlanIn
}) (*api.Body[Checked], error) {
	p, err := in.Body.input()
	if err != nil {
		return nil, err
	}
	if err := s.servesPerson(ctx, p.Person); err != nil {
		return nil, err
	}
	c, err := s.Care.Check(ctx, api.Actor(ctx).Region, p)
	if err != nil {
		return nil, err
	}
	return &api.Body[Checked]{Body: checkedOf(c)}, nil
}

// servesPerson keeps a token from asking about persons of others.
func (s *Server) servesPerson(ctx context.Context, person string) error {
	who := api.Actor(ctx)
	list, err := s.Care.Served(ctx, who, who.Region)
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.Person == person {
			return nil
		}
	}
	return fault.Field("person", "本机构没有这位服务对象，或者他还没有选择本机构。")
}

func (s *Server) save(ctx context.Context, id, key string, in PlanIn) (*api.Body[Plan], error) {
	p, err := in.input()
	if err != nil {
		return nil, err
	}
	if err := s.servesPerson(ctx, p.Person); err != nil {
		return nil, err
	}
	who := api.Actor(ctx)
	plan, err := s.Care.Save(ctx, who, who.Region, id, key, p)
	if err != nil {
		return nil, err
	}
	return &api.Body[Plan]{Body: planOf(plan)}, nil
}

func (s *Server) planNew(ctx context.Context, in *struct {
	api.Once
	Body PlanIn
}) (*api.Body[Plan], error) {
	return s.save(ctx, "", in.Key, in.Body)
}

func (s *Server) planSave(ctx context.Context, in *struct {
	api.Once
	ByID
	Body PlanIn
}) (*api.Body[Plan], error) {
	return s.save(ctx, in.ID, in.Key, in.Body)
}

func (s *Server) planAct(ctx context.Context, in *struct {
	api.Once
	ByID
	Body struct {
		Action  string `json:"action" enum:"offer,recall,end"`
		Version int64  `json:"version" doc:"您看到的版本"`
		Note    string `json:"note,omitempty" maxLength:"600" doc:"停止的原因"`
		Last    string `json:"last,omitempty" format:"date" doc:"停止：最后服务的一天，默认今天"`
	}
}) (*api.Body[Plan], error) {
	last, err := parse("last", in.Body.Last)
	if err != nil {
		return nil, err
	}
	who := api.Actor(ctx)
	p, err := s.Care.Act(ctx, who, who.Region, in.ID, in.Key, care.PlanAct{Action: in.Body.Action, Version: in.Body.Version, Note: in.Body.Note, Last: last})
	if err != nil {
		return nil, err
	}
	return &api.Body[Plan]{Body: planOf(p)}, nil
}

func (s *Server) planDays(ctx context.Context, in *struct {
	api.Once
	ByID
	Body struct {
		Days []string `json:"days" minItems:"1" maxItems:"31" nullable:"false" doc:"在护理的日期"`
	}
}) (*api.Body[struct {
	Recorded int64 `json:"recorded" doc:"新记下的天数；记过的不再记"`
}], error) {
	var days []day.Day
	for _, t := range in.Body.Days {
		d, err := parse("days", t)
		if err != nil || d.IsZero() {
			return nil, fault.Field("days", "日期要写成 2024-06-30 的样子，而且是有的日子。")
		}
		days = append(days, d)
	}
	who := api.Actor(ctx)
	n, err := s.Care.RecordDays(ctx, who, who.Region, in.ID, in.Key, days)
	if err != nil {
		return nil, err
	}
	out := &api.Body[struct {
		Recorded int64 `json:"recorded" doc:"新记下的天数；记过的不再记"`
	}]{}
	out.Body.Recorded = n
	return out, nil
}
