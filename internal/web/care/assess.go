package care

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"yinling/internal/assess"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

type tasksPage struct {
	ui.Page
	Visits, Conclude []assess.TaskItem
}

// assessPage serves everything about one task; each template shows its part.
type assessPage struct {
	ui.Page
	D        assess.Detail
	Age      int
	Items    []scored
	Left     int
	Next     int // number of the first item without a score; 0: none
	It       scored
	N, Of    int
	Options  []ui.Option
	Score    string
	Note     string
	Slots    []ui.Option
	On, Slot string
	Video    desk.Document
	HasVideo bool
	Sign     signForm
	Team     []assess.Member
	Levels   []ui.Option
	Level    string
	Reason   string
	Given    bool
	Recorded string
	Why      string
}

type scored struct {
	No       int64
	ID, Name string
	Done     bool
	Text     string
}

type signForm struct{ Began, Ended, Guardian, Relation, Note string }

var (
	tasksTmpl    = ui.MustParse[tasksPage](ui.Care, files, "assess/tasks.html")
	taskTmpl     = ui.MustParse[assessPage](ui.Care, files, "assess/task.html")
	itemTmpl     = ui.MustParse[assessPage](ui.Care, files, "assess/item.html")
	signTmpl     = ui.MustParse[assessPage](ui.Care, files, "assess/sign.html")
	videoTmpl    = ui.MustParse[assessPage](ui.Care, files, "assess/video.html")
	concludeTmpl = ui.MustParse[assessPage](ui.Care, files, "assess/conclude.html")
)

func (s *Server) assessTasks(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Assess.MyTasks(r.Context(), ui.Actor(r))
	if err != nil {
		return err
	}
	p := &tasksPage{Page: ui.Page{Title: "评估任务", Nav: "/v/assess"}}
	for _, t := range list {
		if t.Duty == assess.DutyVisit {
			p.Visits = append(p.Visits, t)
		} else {
			p.Conclude = append(p.Conclude, t)
		}
	}
	slices.SortStableFunc(p.Visits, func(a, b assess.TaskItem) int { return int(a.App.VisitOn - b.App.VisitOn) })
	return tasksTmpl.Render(w, r, p)
}

// Chip tells how far a task is.
func (p *tasksPage) Chip(t assess.TaskItem) ui.Chip {
	switch {
	case t.Duty == assess.DutyConclude && t.Given:
		return ui.Chip{Tone: "ok", Say: "已交意见"}
	case t.Duty == assess.DutyConclude:
		return ui.Chip{Tone: "hot", Say: "等您的意见"}
	case !t.SignedAt.IsZero():
		return ui.Chip{Tone: "ok", Say: "已签字"}
	case t.App.VisitOn.IsZero():
		return ui.Chip{Tone: "hot", Say: "要约时间"}
	case t.App.VisitOn == p.Today():
		return ui.Chip{Tone: "wait", Say: "今天"}
	}
	return ui.Chip{Tone: "info", Say: t.App.VisitOn.Short()}
}

func (s *Server) assessPage(r *http.Request) (*assessPage, error) {
	who := ui.Actor(r)
	d, err := s.Assess.Detail(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if d.Me.Staff == "" {
		return nil, fault.New(fault.NotFound, "这一轮没有抽派给您。请看您的任务列表。")
	}
	p := &assessPage{Page: ui.Page{Title: d.Person.Name, Back: "/v/assess", Nav: "/v/assess"}, D: d, Age: d.Person.Age(ui.Today(r)),
		On: d.App.VisitOn.String(), Slot: d.App.VisitSlot, Why: d.App.DLevel}
	for _, sl := range assess.Slots {
		p.Slots = append(p.Slots, ui.Option{Value: sl.Key, Label: sl.Name})
	}
	items := assess.Instrument(d.View)
	p.Of = len(items)
	for i, it := range items {
		sc, ok := d.Scores[it.ID]
		x := scored{No: it.No, ID: it.ID, Name: it.Name, Done: ok}
		if ok {
			for _, o := range it.Options {
				if o.Score == sc.Score {
					x.Text = fmt.Sprintf("%d 分 · %s", o.Score, o.Text)
				}
			}
		} else {
			p.Left++
			if p.Next == 0 {
				p.Next = i + 1
			}
		}
		p.Items = append(p.Items, x)
	}
	for _, doc := range d.Documents {
		if doc.Kind == "video" {
			p.Video, p.HasVideo = doc, true
		}
	}
	for _, m := range d.Members {
		if m.On && m.Round == d.App.Round && m.Duty == assess.DutyVisit {
			p.Team = append(p.Team, m)
		}
	}
	for n := int64(0); n <= 5; n++ {
		p.Levels = append(p.Levels, ui.Option{Value: strconv.FormatInt(n, 10), Label: assess.LevelName(d.View, n)})
	}
	if d.App.RecordedLevel >= 0 {
		p.Recorded = assess.LevelName(d.View, d.App.RecordedLevel)
	}
	for _, o := range d.Opinions {
		p.Given = p.Given || o.Staff == d.Me.Staff && o.Round == d.App.Round
	}
	if d.Visited {
		p.Sign = signForm{Began: hhmm(d.Visit.Began), Ended: hhmm(d.Visit.Ended), Guardian: d.Visit.Guardian, Relation: d.Visit.Relation, Note: d.Visit.Note}
	}
	return p, nil
}

func hhmm(t time.Time) string { return t.In(day.Shanghai).Format("15:04") }

// assessTask shows a task by what the member was drawn for.
func (s *Server) assessTask(w http.ResponseWriter, r *http.Request) error {
	p, err := s.assessPage(r)
	if err != nil {
		return err
	}
	if p.D.Me.Duty == assess.DutyConclude {
		return concludeTmpl.Render(w, r, p)
	}
	return taskTmpl.Render(w, r, p)
}

func (s *Server) assessCmd(r *http.Request, f *ui.Form) assess.Cmd {
	return assess.Cmd{Region: ui.Actor(r).Region, ID: r.PathValue("id"), Key: f.Once()}
}

func (s *Server) assessAppoint(w http.ResponseWriter, r *http.Request) error {
	p, err := s.assessPage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	on := f.Day("on", "上门的日子")
	p.On, p.Slot = f.Raw("on"), f.Choice("slot", "上午还是下午", p.Slots)
	if err = f.Err(); err == nil {
		err = s.Assess.Appoint(r.Context(), ui.Actor(r), s.assessCmd(r, f), on, p.Slot)
	}
	if err != nil {
		return taskTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/v/assess/"+p.D.App.ID)
}

func (s *Server) itemPage(r *http.Request) (*assessPage, error) {
	p, err := s.assessPage(r)
	if err != nil {
		return nil, err
	}
	n, _ := strconv.Atoi(r.PathValue("n"))
	items := assess.Instrument(p.D.View)
	if n < 1 || n > len(items) || p.D.Me.Duty != assess.DutyVisit {
		return nil, fault.New(fault.NotFound, "评估表里没有这一项。")
	}
	it := items[n-1]
	p.N, p.It = n, p.Items[n-1]
	p.Title, p.Back = fmt.Sprintf("%d %s", it.No, it.Name), "/v/assess/"+p.D.App.ID
	for i, o := range it.Options {
		p.Options = append(p.Options, ui.Option{Value: strconv.FormatInt(o.Score, 10), Label: o.Text, Hint: fmt.Sprintf("%d 分", o.Score), Icon: pictures(it.ID, i, len(it.Options))})
	}
	if sc, ok := p.D.Scores[it.ID]; ok {
		p.Score, p.Note = strconv.FormatInt(sc.Score, 10), sc.Note
	}
	return p, nil
}

func (s *Server) assessItem(w http.ResponseWriter, r *http.Request) error {
	p, err := s.itemPage(r)
	if err != nil {
		return err
	}
	return itemTmpl.Render(w, r, p)
}

// assessScore keeps one score and goes on to the next item without one.
func (s *Server) assessScore(w http.ResponseWriter, r *http.Request) error {
	p, err := s.itemPage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	p.Score, p.Note = f.Choice("score", "一个选项", p.Options), f.Text("note", "")
	if err = f.Err(); err == nil {
		n, _ := strconv.ParseInt(p.Score, 10, 64)
		err = s.Assess.SaveScore(r.Context(), ui.Actor(r), s.assessCmd(r, f), p.It.ID, n, p.Note)
	}
	if err != nil {
		return itemTmpl.Again(w, r, p, err)
	}
	to := "/v/assess/" + p.D.App.ID
	if f.Raw("then") != "list" {
		for i := p.N; i < p.N+p.Of; i++ {
			if k := i % p.Of; !p.Items[k].Done && k != p.N-1 {
				to += fmt.Sprintf("/item/%d", k+1)
				break
			}
		}
	}
	return ui.Redirect(w, r, to)
}

// Tone is the look of the count of items that are left.
func (p *assessPage) Tone() string {
	if p.Left > 0 {
		return "wait"
	}
	return "ok"
}
