package office

import (
	"net/http"
	"slices"

	"yinling/internal/desk"
	"yinling/internal/web/ui"
)

// pointPage is the worklist of a service point (服务站点): what it has brought.
type pointPage struct {
	ui.Page
	Rows  ui.Table
	Say   string
	Theme []matterLinks
}

type matterLinks struct {
	Name string
	Rows ui.Rows
}

// pointNew is the form with which a point brings a matter for somebody whom it
// names by number and name; it cannot look people up.
type pointNewPage struct {
	matterNew
	Name, IDNo string
}

var (
	pointTmpl    = ui.MustParse[pointPage](ui.Office, files, "door/point.html")
	pointNewTmpl = ui.MustParse[pointNewPage](ui.Office, files, "door/point_new.html", "matter/fields.html")
)

func (s *Server) point(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	ways, err := s.Desk.OfInstitution(r.Context(), who, 200)
	if err != nil {
		return err
	}
	p := &pointPage{Page: ui.Page{Title: "代办的件"}, Rows: ui.Table{Caption: "代办的件", Head: []string{"给谁", "事项", "到哪一步", "受理号"}, Empty: "还没有替人办过。"}}
	for _, x := range ways {
		p.Rows.Rows = append(p.Rows.Rows, ui.Row{Cells: []any{ui.Two{First: x.Person.Name, Href: "/o/point/case/" + x.Case.ID}, x.Matter.Name,
			ui.Chip{Tone: statusTone(x.Case.Status), Say: x.Case.Status.Name()}, x.Case.ID}})
	}
	may, err := s.Door.DelegatedTo(r.Context(), who.Region, who.Institution)
	if err != nil {
		return err
	}
	for _, m := range may {
		i := slices.IndexFunc(p.Theme, func(t matterLinks) bool { return t.Name == m.Theme })
		if i < 0 {
			p.Theme, i = append(p.Theme, matterLinks{Name: m.Theme}), len(p.Theme)
		}
		p.Theme[i].Rows.Items = append(p.Theme[i].Rows.Items, ui.Link{Href: "/o/point/new?matter=" + m.ID, Label: m.Name})
	}
	if p.Say = "下面这些事项下放到了您的站点，可以替老人办。"; len(p.Theme) == 0 {
		p.Say = "还没有登记您的站点是哪一种、几点开门，所以还没有事项下放。请找县区医保窗口登记。"
	}
	return pointTmpl.Render(w, r, p)
}

func (s *Server) pointNewPage(r *http.Request) (*pointNewPage, error) {
	p := &pointNewPage{matterNew: matterNew{Page: ui.Page{Title: "替老人办", Back: "/o/point", Nav: "/o/point"}, Matter: r.FormValue("matter")}}
	v, err := s.Packs.At(ui.Actor(r).Region, ui.Today(r))
	if err != nil {
		return nil, err
	}
	if p.M, err = desk.MatterOf(v, p.Matter); err != nil {
		return nil, err
	}
	p.Page.Title = "替老人办：" + p.M.Name
	return p, s.ask(r, &p.matterNew)
}

func (s *Server) pointNew(w http.ResponseWriter, r *http.Request) error {
	p, err := s.pointNewPage(r)
	if err != nil {
		return err
	}
	return pointNewTmpl.Render(w, r, p)
}

func (s *Server) pointSend(w http.ResponseWriter, r *http.Request) error {
	p, err := s.pointNewPage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	p.Name, p.IDNo, p.Consent = f.Text("name", "姓名"), f.Text("id", "身份证号"), f.Text("consent", "本人怎样同意")
	in := desk.ApplyInput{Region: who.Region, Key: f.Once(), Matter: p.M.ID, Channel: desk.Point, Consent: p.Consent, Answers: map[string]string{}}
	s.brought(r, f, &p.matterNew, &in)
	err = f.Err()
	if err == nil && p.M.New { // who is not in the roster yet lives where the point is
		point, _, perr := s.Institution.See(r.Context(), who.Region, who.Institution)
		in.New, err = desk.Newcomer{Name: p.Name, IDNo: p.IDNo, District: point.District}, perr
	}
	if err == nil {
		_, err = s.Desk.ApplyFor(r.Context(), who, p.IDNo, p.Name, in)
	}
	if err != nil {
		return pointNewTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/point")
}

func (s *Server) pointCase(w http.ResponseWriter, r *http.Request) error {
	p, err := s.matterCasePage(r)
	if err != nil {
		return err
	}
	p.Back, p.Nav, p.At, p.Mine, p.Supply = "/o/point", "/o/point", "/o/point/case/"+p.W.Case.ID, false, false
	p.Papers.Rows = nil
	return matterCaseTmpl.Render(w, r, p)
}
