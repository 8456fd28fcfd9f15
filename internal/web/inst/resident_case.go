package inst

import (
	"net/http"

	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// brought is a case that the institution brought.
func (s *Server) brought(w http.ResponseWriter, r *http.Request) error {
	p, err := s.broughtPage(r)
	if err != nil {
		return err
	}
	return broughtTmpl.Render(w, r, p)
}

func (s *Server) broughtPage(r *http.Request) (*broughtPage, error) {
	who := ui.Actor(r)
	x, err := s.Desk.Way(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if x.App.Institution != who.Institution || who.Institution == "" {
		return nil, fault.New(fault.NotFound, "没有找到这件。它不是本机构代办的。")
	}
	p := &broughtPage{Page: ui.Page{Title: x.Matter.Name + "：" + x.Person.Name, Back: "/j/cases", Nav: "/j/cases"}, W: x}
	p.Where = ui.Panel{Tone: "info", Title: broughtChip(x.Case.Status).Say, Say: "受理号 " + x.Case.ID + "。"}
	switch {
	case x.Case.Status == desk.StatusWaiting:
		p.Where.Tone = "warn"
		for _, m := range x.Matter.Asked() {
			p.Lack = append(p.Lack, ui.Option{Value: m.ID, Label: m.Name})
		}
		p.Lack = append(p.Lack, ui.Option{Value: "other", Label: "别的材料"})
	case x.Case.Status == desk.StatusDone:
		p.Where.Tone = "ok"
	case len(x.Ahead) > 0:
		p.Where.Say += "现在由" + x.Ahead[0].By + "办「" + x.Ahead[0].Name + "」"
		if !x.Case.Due.IsZero() {
			p.Where.Say += "，" + x.Case.Due.Chinese() + "前办完"
		}
		p.Where.Say += "。"
	}
	if x.App.Result != "" {
		p.Facts.Rows = append(p.Facts.Rows, fact("结果", x.App.Result))
	}
	p.Facts.Rows = append(p.Facts.Rows, fact("本人怎样同意的", x.App.Consent))
	for _, f := range x.Matter.Fields {
		if v := x.App.Answers[f.ID]; v != "" {
			p.Facts.Rows = append(p.Facts.Rows, fact(f.Label, f.Say(v)))
		}
	}
	for _, st := range x.Done {
		p.Timeline.Items = append(p.Timeline.Items, ui.Moment{State: "done", Title: st.Say, When: ui.Instant(st.At.UnixMilli()), Who: st.ActorName})
	}
	for i, a := range x.Ahead {
		p.Timeline.Items = append(p.Timeline.Items, ui.Moment{State: map[bool]string{true: "now", false: "next"}[i == 0], Title: a.Name, Who: a.By})
	}
	return p, nil
}

func (s *Server) broughtSupply(w http.ResponseWriter, r *http.Request) error {
	p, err := s.broughtPage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	p.Note = f.Text("note", "")
	kind := f.Choice("kind", "是哪一份材料", p.Lack)
	var in []desk.FileFor
	if err = f.Err(); err == nil {
		var list []desk.Stored
		if list, err = s.evidence(r, "file"); err == nil {
			for _, st := range list {
				in = append(in, desk.FileFor{Kind: kind, Stored: st})
			}
			err = s.Desk.Supply(r.Context(), who, desk.Cmd{Region: who.Region, ID: p.W.Case.ID, Key: f.Once()}, in, p.Note)
		}
	}
	if err != nil {
		return broughtTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/case/"+p.W.Case.ID)
}

func (s *Server) broughts(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Desk.OfInstitution(r.Context(), ui.Actor(r), 200)
	if err != nil {
		return err
	}
	p := &bringsPage{Page: ui.Page{Title: "代办的事"}, List: ui.Table{Caption: "本机构替老人办的事，新的在前", Head: []string{"老人和事项", "受理号", "办到哪一步", "期限"}, Empty: "还没有替老人办过事。从“住养老人”里选一位。"}}
	for _, c := range list {
		p.List.Rows = append(p.List.Rows, broughtRow(c, c.Person.Name, c.Matter.Name))
	}
	return bringsTmpl.Render(w, r, p)
}
