package office

import (
	"net/http"

	"yinling/internal/desk"
	"yinling/internal/web/ui"
)

// handoverPage takes a matter in for a fund elsewhere (通办) and shows what is on
// its way.
type handoverPage struct {
	matterNew
	There, Name, IDNo string
	Regions           []ui.Option
	Rows              ui.Table
	Closed            bool
}

var handoverTmpl = ui.MustParse[handoverPage](ui.Office, files, "handover/handover.html", "matter/fields.html")

func (s *Server) handoverPage(r *http.Request) (*handoverPage, error) {
	who, today := ui.Actor(r), ui.Today(r)
	p := &handoverPage{matterNew: matterNew{Page: ui.Page{Title: "通办"}, Matter: r.FormValue("matter"), Channel: string(desk.Window)},
		There: r.FormValue("there"), Regions: []ui.Option{{Label: "请选参保地"}}, Closed: r.FormValue("closed") != ""}
	places, err := s.Desk.Places(r.Context(), who.Region)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, x := range places {
		names[x.Region] = x.Name
		p.Regions = append(p.Regions, ui.Option{Value: x.Region, Label: x.Name})
	}
	cases, apps, err := s.Desk.AwayList(r.Context(), who.Region, !p.Closed, 100)
	if err != nil {
		return nil, err
	}
	here, err := s.Packs.At(who.Region, today)
	if err != nil {
		return nil, err
	}
	p.Rows = ui.Table{Caption: "替外地收的件", Head: []string{"受理号", "事项", "参保地", "那边的受理号", "参保地怎么说", "时限"}, Empty: "没有在路上的件。"}
	for _, c := range cases {
		a := apps[c.ID]
		matter := c.Topic
		if m, err := s.Desk.MatterThere(today, who.Region, a.OtherRegion, c.Topic); err == nil {
			matter = m.Name
		}
		p.Rows.Rows = append(p.Rows.Rows, ui.Row{Cells: []any{c.ID, matter, orSay(names[a.OtherRegion], a.OtherRegion), orDash(a.Other), said(a, p.Closed), clockOf(c, here.Calendar(), today)}})
	}
	if p.There == "" {
		return p, nil
	}
	all, err := s.Desk.MattersThere(today, who.Region, p.There)
	if err != nil {
		return nil, err
	}
	p.Matters = []ui.Option{{Label: "请选事项"}}
	for _, m := range all {
		if m.Opens == "" && len(m.Ways(desk.ByClerk)) > 0 && m.ID != "door.visit" {
			p.Matters = append(p.Matters, ui.Option{Value: m.ID, Label: m.Name})
		}
	}
	if p.Matter != "" {
		if p.M, err = s.Desk.MatterThere(today, who.Region, p.There, p.Matter); err == nil {
			err = s.ask(r, &p.matterNew)
		}
	}
	return p, err
}

// said is what the fund has said about a case that is there: its result, or what
// it asks for and since when.
func said(a desk.Application, closed bool) any {
	at := a.AskedThere()
	if closed || a.Result == "" || at == 0 {
		return orDash(a.Result)
	}
	return ui.Two{First: a.Result, Second: ui.Instant(at) + "说的；请告诉来办的人", Chip: ui.Chip{Tone: "hot", Say: "等补材料"}}
}

func (s *Server) handover(w http.ResponseWriter, r *http.Request) error {
	p, err := s.handoverPage(r)
	if err != nil {
		return err
	}
	return handoverTmpl.Render(w, r, p)
}

func (s *Server) handoverSend(w http.ResponseWriter, r *http.Request) error {
	p, err := s.handoverPage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	p.Name, p.IDNo = f.Text("name", "姓名"), f.Text("idno", "身份证号")
	in := desk.Away{There: p.There, IDNo: p.IDNo, Name: p.Name, ApplyInput: desk.ApplyInput{Key: f.Once(), Matter: p.Matter, Channel: desk.Window, Answers: map[string]string{}}}
	s.brought(r, f, &p.matterNew, &in.ApplyInput)
	if err = f.Err(); err == nil {
		_, err = s.Desk.TakeAway(r.Context(), who, in)
	}
	if err != nil {
		return handoverTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/handover")
}
