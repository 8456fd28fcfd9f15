package office

import (
	"fmt"
	"net/http"
	"time"

	"yinling/internal/access"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// matterCase is one whole case of a matter with the form of its present step.
type matterCase struct {
	ui.Page
	asked
	W        desk.Way
	At       string // address of the page
	Chip     ui.Chip
	Facts    ui.Summary
	Timeline ui.Timeline
	Papers   ui.Table
	Step     desk.MatterStep
	Mine     bool // the actor's turn
	Note     string
	Supply   bool
	Final    map[string]string // which decisions cannot be taken back, and why
	Undo     ui.Undo
}

var matterCaseTmpl = ui.MustParse[matterCase](ui.Office, files, "matter/case.html", "matter/fields.html")

func (s *Server) matterCasePage(r *http.Request) (*matterCase, error) {
	who := ui.Actor(r)
	w, err := s.Desk.Way(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	c := w.Case
	p := &matterCase{Page: ui.Page{Title: w.Matter.Name + "：" + w.Person.Name, Back: "/o/matter", Nav: "/o/matter"}, W: w, At: "/o/matter/case/" + c.ID,
		Chip: ui.Chip{Tone: statusTone(c.Status), Say: c.Status.Name()}, Supply: c.Status == desk.StatusWaiting}
	p.Step, _ = w.Matter.Step(w.App.Step)
	p.Final = atOnce(w)
	if p.Undo, err = s.undoOf(r, s.queue("matter"), c.ID, p.At); err != nil {
		return nil, err
	}
	p.asked = ask(p.Step.Asks)
	p.Mine = c.Status == desk.StatusOpen && p.Step.Role.Does(who.Role)
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "受理号", Value: c.ID}, {Label: "给谁", Value: forWhom(w)},
		{Label: "怎么来的", Value: c.Channel.Name() + "，" + desk.ByName(w.App.By)}}}
	if w.App.Consent != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "本人怎样同意", Value: w.App.Consent})
	}
	if s.Hall != nil {
		if t, err := s.Hall.OfCase(r.Context(), who.Region, c.ID); err != nil {
			return nil, err
		} else if t.ID != "" && ui.Who(r).Can(access.HallWork) {
			p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "从哪张号收的", Value: ui.Link{Href: "/o/hall/ticket/" + t.ID, Label: t.Label, Tone: "ghost"}})
		}
	}
	for _, f := range w.Matter.Fields {
		if v := w.App.Answers[f.ID]; v != "" {
			p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: f.Label, Value: f.Say(v)})
		}
	}
	for _, st := range w.Matter.Steps {
		for _, f := range st.Asks {
			if v := w.App.Asked[f.ID]; v != "" {
				p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: st.Name + "：" + f.Label, Value: f.Say(v)})
			}
		}
	}
	for _, st := range w.Done {
		m := ui.Moment{State: "done", Title: st.Say, When: ui.Instant(st.At.UnixMilli()), Who: st.ActorName}
		if st.Decision != "" {
			m.Link = ui.Link{Href: "/o/why/" + st.Decision, Label: "依据"}
		}
		p.Timeline.Items = append(p.Timeline.Items, m)
	}
	for i, x := range w.Ahead {
		m := ui.Moment{State: map[bool]string{true: "now", false: "next"}[i == 0], Title: x.Name, Who: x.By}
		if i == 0 && !c.Due.IsZero() {
			m.When = c.Due.Short() + "前"
		}
		p.Timeline.Items = append(p.Timeline.Items, m)
	}
	p.Papers = ui.Table{Caption: "材料", Title: "材料", Head: []string{"材料", "收到时间"}, Empty: "没有交材料。"}
	for _, d := range w.Documents {
		p.Papers.Rows = append(p.Papers.Rows, ui.Row{Cells: []any{ui.Two{First: d.Name, Href: "/o/matter/case/" + c.ID + "/file/" + d.ID}, ui.Instant(d.At.UnixMilli())}})
	}
	return p, nil
}

// forWhom leads to the person, who may not be in the roster yet.
func forWhom(w desk.Way) any {
	if w.Person.ID != "" {
		return ui.Link{Href: "/o/person/" + w.Person.ID, Label: w.Person.Name, Tone: "ghost"}
	}
	return ui.Two{First: w.Person.Name, Second: fmt.Sprintf("%s · %s出生 · 尾号 %s · 还不在名册里", w.Person.Sex, w.Person.Birth.Chinese(), w.Person.IDTail)}
}

func (s *Server) matterCase(w http.ResponseWriter, r *http.Request) error {
	p, err := s.matterCasePage(r)
	if err != nil {
		return err
	}
	return matterCaseTmpl.Render(w, r, p)
}

func (s *Server) matterDecide(w http.ResponseWriter, r *http.Request) error {
	p, err := s.matterCasePage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	verdict := desk.Verdict(f.Raw("verdict"))
	p.Note = f.Raw("note")
	p.read(f)
	cmd := desk.Cmd{Region: ui.Actor(r).Region, ID: p.W.Case.ID, Version: f.Int("version", "版本", 0, 1<<40), Key: f.Once()}
	if err := s.Desk.Decide(r.Context(), ui.Actor(r), cmd, verdict, p.Note, p.In); err != nil {
		return matterCaseTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/matter/case/"+p.W.Case.ID)
}

// matterSupply registers what was brought to the window for a case that waits.
func (s *Server) matterSupply(w http.ResponseWriter, r *http.Request) error {
	p, err := s.matterCasePage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	var files []desk.FileFor
	st, err := s.upload(r, "file")
	if err != nil {
		f.Bad("file", "%s", fault.As(err).Say)
	} else if st != nil {
		files = []desk.FileFor{{Kind: "window", Stored: *st}}
	}
	if err = f.Err(); err == nil {
		err = s.Desk.Supply(r.Context(), ui.Actor(r), desk.Cmd{Region: ui.Actor(r).Region, ID: p.W.Case.ID, Key: f.Once()}, files, f.Raw("note"))
	}
	if err != nil {
		return matterCaseTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/matter/case/"+p.W.Case.ID)
}

func (s *Server) matterFile(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	d, f, err := s.Desk.Document(r.Context(), who, who.Region, r.PathValue("id"), r.PathValue("doc"))
	if err != nil {
		return err
	}
	defer f.Close()
	return ui.SendFile(w, r, d.Mime, time.Time{}, f)
}
