package office

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/desk"
	"yinling/internal/web/ui"
)

// casePage is an application for the desk: the whole page, and the preview
// beside the worklist.
type casePage struct {
	ui.Page
	Undo     ui.Undo
	D        assess.Detail
	Chip     ui.Chip
	Clock    any
	Facts    ui.Summary
	Checks   ui.Checks
	Failed   bool
	Timeline ui.Timeline
	Papers   ui.Table
	Levels   ui.Summary // the three levels, kept apart
	Members  ui.Table
	Scores   ui.Table
	Visit    ui.Summary
	Opinions ui.Table
	Draws    []drawView
	Objects  ui.Table
	Why      []ui.Link
	Can      map[string]bool
	Grounds  []ui.Option
	Kinds    []ui.Option
	Slots    []ui.Option
	Others   []ui.Option // members who can be replaced
	In       caseInput
	Holder   desk.Holder
	Limits   limitsCard
	Mine     bool
	Beside   ui.Table // assessments of other departments
}

// caseInput keeps what was typed when a form comes back.
type caseInput struct {
	Note, What, Ground, Detail, Staff, Reason, Tie, On, Slot, Kind string
}

type drawView struct {
	Title, Seed, Why string
	Chosen, Recused  []string
	Pool             int
}

var caseTmpl = ui.MustParse[casePage](ui.Office, files, "assess/case.html")

func options[T any](list []T, f func(T) (key, name string)) (out []ui.Option) {
	for _, x := range list {
		k, n := f(x)
		out = append(out, ui.Option{Value: k, Label: n})
	}
	return out
}

func tone(d assess.Detail) string {
	switch d.Case.Status {
	case desk.StatusDone:
		return "ok"
	case desk.StatusWaiting:
		return "hot"
	case desk.StatusRefused:
		return "bad"
	case desk.StatusWithdrawn:
		return "mute"
	}
	return "wait"
}

func (s *Server) casePage(r *http.Request, id string) (*casePage, error) {
	who := ui.Actor(r)
	d, err := s.Assess.Detail(r.Context(), who, who.Region, id)
	if err != nil {
		return nil, err
	}
	back, err := s.undoOf(r, s.queue(assess.Matter), id, "/o/assess/"+id)
	if err != nil {
		return nil, err
	}
	a := d.App
	p := &casePage{Undo: back, Page: ui.Page{Title: d.Person.Name + " 的评估申请", Back: s.backTo(r, s.queue(assess.Matter), id), Nav: "/o/desk"}, D: d,
		Chip: ui.Chip{Tone: tone(d), Say: a.State.Name()}, Clock: clockOf(d.Case, d.View.Calendar(), ui.Today(r)), Failed: assess.Failed(d.Checks),
		Can: map[string]bool{}, Kinds: options(assess.DocumentKinds, func(k struct{ Key, Name string }) (string, string) { return k.Key, k.Name }),
		Grounds: options(assess.RefuseGrounds, func(k struct{ Key, Name string }) (string, string) { return k.Key, k.Name }),
		Slots:   options(assess.Slots, func(k struct{ Key, Name string }) (string, string) { return k.Key, k.Name }),
	}
	held, err := s.Desk.Holders(r.Context(), who.Region, assess.Matter, []string{id})
	if err != nil {
		return nil, err
	}
	p.Holder = held[id]
	p.Mine = p.Holder.Account == who.ID
	// What the state allows, the role may do, and the route lets through.
	need := map[assess.Action]access.Can{assess.ActAccept: access.AssessAccept, assess.ActSupplement: access.AssessAccept, assess.ActRefuse: access.AssessAccept,
		assess.ActDraw: access.AssessDraw, assess.ActReplace: access.AssessDraw, assess.ActAppoint: access.AssessDraw, assess.ActPublish: access.AssessNotice,
		assess.ActDeliver: access.AssessNotice, assess.ActEffect: access.AssessNotice, assess.ActWithdraw: access.DeskEnter, assess.ActSupply: access.DeskEnter, assess.ActObject: access.DeskEnter}
	for _, act := range assess.Allowed(a.State, who.Role) {
		p.Can[string(act)] = need[act] != "" && ui.Who(r).Can(need[act])
	}
	p.Facts, p.Limits = caseFacts(d, r), limitsOf(d)
	if ui.Who(r).Can(access.ShareSee) {
		if p.Beside, err = s.besideTable(r, a.Person, a.ID); err != nil {
			return nil, err
		}
	}
	p.Checks.Title = "自动核验"
	for _, c := range d.Checks {
		state := "ok"
		if !c.OK {
			state = "no"
		}
		p.Checks.Items = append(p.Checks.Items, ui.Check{State: state, Say: c.Say, Source: c.Source + " · " + ui.Instant(c.At.UnixMilli())})
	}
	for _, st := range d.Steps {
		m := ui.Moment{State: "done", Title: st.Say, When: ui.Instant(st.At.UnixMilli()), Who: st.ActorName}
		if st.Decision != "" {
			m.Link = ui.Link{Href: "/o/why/" + st.Decision, Label: "依据"}
		}
		p.Timeline.Items = append(p.Timeline.Items, m)
	}
	p.Papers = ui.Table{Caption: "材料和证据", Head: []string{"材料", "种类", "大小", "收到", "SM3"}, Empty: "还没有材料。"}
	for _, doc := range d.Documents {
		p.Papers.Rows = append(p.Papers.Rows, ui.Row{Cells: []any{ui.Two{First: doc.Name, Href: "/o/assess/" + a.ID + "/file/" + doc.ID}, assess.KindName(doc.Kind),
			desk.SizeText(doc.Size), ui.Instant(doc.At.UnixMilli()), doc.SM3[:12] + "…"}})
	}
	s.record(p)
	for _, w := range []struct{ name, id string }{{"受理核验", a.DApply}, {"优先次序", a.DOrder}, {"记分等级", a.DLevel}, {"专家结论", a.DConclude}, {"有效期", a.DValid}} {
		if w.id != "" {
			p.Why = append(p.Why, ui.Link{Href: "/o/why/" + w.id + "?back=/o/assess/" + a.ID, Label: w.name, Tone: "ghost"})
		}
	}
	return p, nil
}

func caseFacts(d assess.Detail, r *http.Request) ui.Summary {
	a, t := d.App, d.App.Answers
	f := ui.Summary{Title: "申请", Rows: []ui.Fact{{Label: "受理号", Value: a.ID}, {Label: "种类", Value: a.Kind.Name()},
		{Label: "参保人", Value: fmt.Sprintf("%s，%s，%d 岁，证件尾号 %s", d.Person.Name, d.Person.Sex, d.Person.Age(ui.Today(r)), d.Person.IDTail)}}}
	how := d.Case.Channel.Name()
	if d.Case.Relation != "" && d.Case.Relation != "本人" {
		how += "，" + d.Case.Relation + "代办"
	}
	add := func(label string, v any) { f.Rows = append(f.Rows, ui.Fact{Label: label, Value: v}) }
	add("怎么申请的", how)
	if d.Person.Phone != "" {
		add("电话", d.Person.Phone)
	}
	place := map[string]string{"home": "自己家里", "child": "子女或亲戚家里", "institution": "养老院或护理院", "hospital": "医院里"}[t.Place]
	add("住处", strings.Trim(place+"，"+t.Address, "，"))
	var need []string
	for _, q := range assess.ScreenQuestions(d.View) {
		if v := t.Items[q.ID]; v == "dependent" || v == "partial" {
			need = append(need, q.Name+map[string]string{"dependent": "（依赖）", "partial": "（部分）"}[v])
		}
	}
	add("自评", fmt.Sprintf("%s 级：%s", a.SelfGrade, orDash(strings.Join(need, "、"))))
	add("从何时起", t.Since.Chinese())
	var money []string
	for _, x := range assess.Subsidies {
		if slices.Contains(t.Subsidy, x.Key) {
			money = append(money, x.Name)
		}
	}
	add("其他护理补贴", orDash(strings.Join(money, "、")))
	var times []string
	for _, x := range t.Times {
		if name := map[string]string{"am": "工作日上午", "pm": "工作日下午", "weekend": "周末", "any": "都可以"}[x]; name != "" {
			times = append(times, name)
		}
	}
	if len(times) > 0 {
		add("方便上门", strings.Join(times, "、"))
	}
	if d.Case.Priority != "" {
		add("优先", d.Case.Priority)
	}
	if t.Note != "" {
		add("备注", t.Note)
	}
	return f
}

// Brief are the facts of the preview.
func (p *casePage) Brief() (out []ui.Fact) {
	for _, f := range p.Facts.Rows {
		switch f.Label {
		case "怎么申请的", "住处", "自评", "从何时起", "电话":
			out = append(out, f)
		}
	}
	return out
}

func orDash(s string) string {
	if s == "" {
		return "没有"
	}
	return s
}

func (s *Server) assessCase(w http.ResponseWriter, r *http.Request) error {
	p, err := s.casePage(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	return caseTmpl.Render(w, r, p)
}

// assessFile opens a piece of evidence; the look is audited.
func (s *Server) assessFile(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	doc, f, err := s.Assess.Document(r.Context(), who, who.Region, r.PathValue("doc"))
	if err != nil {
		return err
	}
	defer f.Close()
	return ui.SendFile(w, r, doc.Mime, time.Time{}, f)
}

// assessLetter is a document of the case on one sheet of A4.
func (s *Server) assessLetter(w http.ResponseWriter, r *http.Request) error {
	p, err := s.casePage(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	l, err := p.D.Letter(r.PathValue("kind"))
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/o/assess/"+p.D.App.ID, l)
}
