package office

import (
	"net/http"
	"strings"

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
	for _, x := range s.Packs.Packs {
		if v, err := s.Packs.At(x.Region, today); err == nil && x.Region != who.Region && !strings.HasSuffix(x.Region, "0000") {
			p.Regions = append(p.Regions, ui.Option{Value: x.Region, Label: v.Name()})
		}
	}
	cases, apps, err := s.Desk.AwayList(r.Context(), who.Region, !p.Closed, 100)
	if err != nil {
		return nil, err
	}
	here, err := s.Packs.At(who.Region, today)
	if err != nil {
		return nil, err
	}
	p.Rows = ui.Table{Caption: "替外地收的件", Head: []string{"受理号", "事项", "参保地", "那边的受理号", "结果", "时限"}, Empty: "没有在路上的件。"}
	for _, c := range cases {
		a := apps[c.ID]
		name, matter := a.OtherRegion, c.Topic
		if v, err := s.Packs.At(a.OtherRegion, today); err == nil {
			name = v.Name()
			if m, err := desk.MatterOf(v, c.Topic); err == nil {
				matter = m.Name
			}
		}
		p.Rows.Rows = append(p.Rows.Rows, ui.Row{Cells: []any{c.ID, matter, name, orDash(a.Other), orDash(a.Result), clockOf(c, here.Calendar(), today)}})
	}
	if p.There == "" {
		return p, nil
	}
	there, err := s.Packs.At(p.There, today)
	if err != nil {
		return nil, err
	}
	p.Matters = []ui.Option{{Label: "请选事项"}}
	for _, m := range desk.Matters(there) {
		if m.Opens == "" && len(m.Ways(desk.ByClerk)) > 0 && m.ID != "door.visit" {
			p.Matters = append(p.Matters, ui.Option{Value: m.ID, Label: m.Name})
		}
	}
	if p.Matter != "" {
		if p.M, err = desk.MatterOf(there, p.Matter); err == nil {
			err = s.ask(r, &p.matterNew)
		}
	}
	return p, err
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
