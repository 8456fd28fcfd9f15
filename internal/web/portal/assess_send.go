package portal

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"yinling/internal/assess"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

type checkPage struct {
	ui.Page
	Facts   ui.Summary
	Name    string
	Subsidy []ui.Option
	Took    []string
	Screen  assess.Screen
	Insist  bool // the automatic checks said no; the person may ask for a human
}

type sentPage struct {
	ui.Page
	Done ui.Done
	Undo ui.Undo
	Open bool // the undo is still open
}

// UndoFor is how long an application can be taken back with one tap.
const UndoFor = 10 * time.Minute

func subsidyOptions() (out []ui.Option) {
	for _, x := range assess.Subsidies {
		out = append(out, ui.Option{Value: x.Key, Label: x.Name})
	}
	return out
}

func (s *Server) checkPage(r *http.Request) (*checkPage, assess.Draft, error) {
	p, err := s.applyPage(r, "times")
	if err != nil {
		return nil, assess.Draft{}, err
	}
	d := p.Draft
	c := &checkPage{Page: ui.Page{Title: "核对一遍", Back: "/assess/apply/times"}, Name: p.Name, Subsidy: subsidyOptions()}
	record := "以后补"
	if len(p.Docs) > 0 {
		names := []string{}
		for _, doc := range p.Docs {
			names = append(names, doc.Name)
		}
		record = strings.Join(names, "、")
	}
	c.Facts = ui.Summary{Rows: []ui.Fact{
		{Label: "给谁申请", Value: p.Name, Change: "/assess/apply/who"},
		{Label: "上门地址", Value: labels(places, d.Told.Place) + "，" + d.Told.Address, Change: "/assess/apply/place"},
		{Label: "自己做不了的事", Value: labels(p.Items, p.Cannot...), Change: "/assess/apply/items"},
		{Label: "有多久了", Value: labels(sinceOptions, p.SinceSaid), Change: "/assess/apply/since"},
		{Label: "病历或诊断证明", Value: record, Change: "/assess/apply/record"},
		{Label: "方便上门", Value: labels(timeOptions, d.Told.Times...), Change: "/assess/apply/times"},
	}}
	if c.Screen, err = s.Assess.Screen(ui.Actor(r).Region, ui.Now(r), d.Told.Items); err != nil {
		return nil, d, err
	}
	return c, d, nil
}

func (s *Server) assessCheck(w http.ResponseWriter, r *http.Request) error {
	d, docs, _, err := s.Assess.Draft(r.Context(), ui.Actor(r))
	if err != nil {
		return err
	}
	if q := unanswered(d, docs); q != "check" {
		return ui.Redirect(w, r, "/assess/apply/"+q)
	}
	p, _, err := s.checkPage(r)
	if err != nil {
		return err
	}
	return checkTmpl.Render(w, r, p)
}

// assessSend files the application. When an automatic check says no, the same
// page comes back with the reason, the clause, and a way to a human.
func (s *Server) assessSend(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	f := ui.ParseForm(r)
	d, docs, _, err := s.Assess.Draft(r.Context(), who)
	if err != nil {
		return err
	}
	if d.Person == "" {
		// Sent twice: the draft has become a case already.
		return ui.Redirect(w, r, "/case")
	}
	if q := unanswered(d, docs); q != "check" {
		return ui.Redirect(w, r, "/assess/apply/"+q)
	}
	wards, err := s.Assess.Wards(r.Context(), who)
	if err != nil {
		return err
	}
	d.Told.Subsidy = f.All("subsidy")
	i := slices.IndexFunc(wards, func(x assess.Ward) bool { return x.Person.ID == d.Person })
	if i >= 0 {
		d.Told.Relation = wards[i].Relation
	}
	got, err := s.Assess.Apply(r.Context(), who, assess.ApplyInput{Region: who.Region, Key: f.Once(), Person: d.Person,
		Channel: desk.Online, Relation: d.Told.Relation, Answers: d.Told, Draft: true, Insist: f.Ticked("insist")})
	if err != nil {
		p, _, err2 := s.checkPage(r)
		if err2 != nil {
			return err2
		}
		p.Took, p.Insist = d.Told.Subsidy, fault.Is(err, fault.Refused)
		return checkTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/assess/sent/"+got.Number)
}

func (s *Server) assessSent(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	d, err := s.Assess.Detail(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := &sentPage{Page: ui.Page{Title: "申请收到了"}, Done: ui.Done{Title: "申请收到了", Number: d.App.ID,
		Acts: []ui.Link{{Href: "/case/" + d.App.ID, Label: "看进度"}, {Href: "/", Label: "回首页", Tone: "line"}}}}
	next := "工作人员会尽快答复您受理不受理。"
	if !d.Case.Due.IsZero() {
		next = d.Case.Due.Short() + "前，工作人员会答复您受理不受理。"
	}
	p.Done.Say = []string{next, "受理后，评估员上门前会打电话约时间。来人会出示证件，不收钱。"}
	if d.Case.Missing > 0 {
		p.Done.Say = append(p.Done.Say, "还差 1 样："+assess.NeededMaterial+"。可以在“看进度”里随时补交，越早补越快。")
	}
	until := d.Case.Created.Add(UndoFor)
	p.Open = d.App.State == assess.StateApplied && ui.Now(r).Before(until)
	p.Undo = ui.Undo{Until: until.In(day.Shanghai).Format("15:04"), Say: "填错了？", Action: "/case/" + d.App.ID + "/withdraw", Button: "撤回"}
	return sentTmpl.Render(w, r, p)
}
