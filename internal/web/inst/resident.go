package inst

import (
	"net/http"
	"slices"

	"yinling/internal/access"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

// residentsPage is the roster of residents (住养老人花名册).
type residentsPage struct {
	ui.Page
	List, Left ui.Table
	In         institution.Admission
	May        bool
}

type residentPage struct {
	ui.Page
	R       institution.Resident
	Facts   ui.Summary
	Cases   ui.Table
	Matters ui.Lines
	Whys    []ui.Option
	Why     string
	On      day.Day
	May     bool // the resident lives here and the login may act
}

// bringPage is the form of a matter for a resident.
type bringPage struct {
	ui.Page
	R       institution.Resident
	M       desk.Matter
	Asks    []bringAsk
	Have    []string
	Consent string
	How     []ui.Option
}

// bringAsk is one question with what was answered.
type bringAsk struct {
	F       desk.Field
	Value   string
	Chosen  []string
	Options []ui.Option
}

type bringsPage struct {
	ui.Page
	List ui.Table
}

type broughtPage struct {
	ui.Page
	W        desk.Way
	Where    ui.Panel
	Facts    ui.Summary
	Timeline ui.Timeline
	Lack     []ui.Option
	Note     string
}

var (
	residentsTmpl = ui.MustParse[residentsPage](ui.Inst, files, "resident/list.html")
	residentTmpl  = ui.MustParse[residentPage](ui.Inst, files, "resident/one.html")
	bringTmpl     = ui.MustParse[bringPage](ui.Inst, files, "resident/bring.html")
	bringsTmpl    = ui.MustParse[bringsPage](ui.Inst, files, "resident/cases.html")
	broughtTmpl   = ui.MustParse[broughtPage](ui.Inst, files, "resident/case.html")
)

func mayBring(r *http.Request) bool { return access.RoleOf(ui.Actor(r).Role).Allows(access.InstApply) }

func (s *Server) residentsPage(r *http.Request) (*residentsPage, error) {
	who := ui.Actor(r)
	p := &residentsPage{Page: ui.Page{Title: "住养老人"}, May: mayBring(r)}
	p.List = ui.Table{Title: "现在住着的", Caption: "花名册", Head: []string{"老人", "房间", "入住", "谁同意的"}, Empty: "还没有登记入住的老人。"}
	p.Left = ui.Table{Title: "离院的", Caption: "最近的在前", Head: []string{"老人", "入住", "离院", "原因"}, Empty: "还没有离院的。"}
	now, err := s.Insts.Residents(r.Context(), who.Region, who.Institution, false)
	if err != nil {
		return nil, err
	}
	for _, x := range now {
		p.List.Rows = append(p.List.Rows, ui.Row{ID: x.ID, Cells: []any{ui.Two{First: x.Who.Name, Second: "尾号 " + x.Who.IDTail, Href: "/j/resident/" + x.ID}, x.Room, x.Since, x.Consent}})
	}
	left, err := s.Insts.Residents(r.Context(), who.Region, who.Institution, true)
	for _, x := range left {
		p.Left.Rows = append(p.Left.Rows, ui.Row{ID: x.ID, Cells: []any{ui.Two{First: x.Who.Name, Second: "尾号 " + x.Who.IDTail, Href: "/j/resident/" + x.ID}, x.Since, x.Until, x.Why}})
	}
	return p, err
}

func (s *Server) residents(w http.ResponseWriter, r *http.Request) error {
	p, err := s.residentsPage(r)
	if err != nil {
		return err
	}
	return residentsTmpl.Render(w, r, p)
}

func (s *Server) moveIn(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	in := institution.Admission{IDNo: f.Digits("id", "老人的身份证号"), Name: f.Text("name", "老人的姓名"), Room: f.Text("room", ""), Since: f.Day("since", ""), Consent: f.Text("consent", "谁、怎样同意的")}
	err := f.Err()
	var x institution.Resident
	if err == nil {
		x, err = s.Insts.MoveIn(r.Context(), ui.Actor(r), f.Once(), in)
	}
	if err != nil {
		p, perr := s.residentsPage(r)
		if perr != nil {
			return perr
		}
		p.In = in
		return residentsTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/resident/"+x.ID)
}

func (s *Server) residentPage(r *http.Request) (*residentPage, error) {
	who := ui.Actor(r)
	x, err := s.Insts.Resident(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &residentPage{Page: ui.Page{Title: x.Who.Name, Back: "/j/residents", Nav: "/j/residents"}, R: x, May: x.Until.IsZero() && mayBring(r)}
	for _, y := range institution.Discharges {
		p.Whys = append(p.Whys, ui.Option{Value: y, Label: y})
	}
	p.Facts = ui.Summary{Rows: []ui.Fact{fact("老人", x.Who.Name+"，"+x.Who.Sex+"，尾号 "+x.Who.IDTail), fact("房间", x.Room), fact("入住", x.Since.Chinese()), fact("谁同意的", x.Consent)}}
	if !x.Until.IsZero() {
		p.Facts.Rows = append(p.Facts.Rows, fact("离院", x.Until.Chinese()+"，"+x.Why))
	}
	list, err := s.Desk.OfInstitution(r.Context(), who, 500)
	if err != nil {
		return nil, err
	}
	p.Cases = ui.Table{Title: "替他办的事", Caption: "新的在前", Head: []string{"事项", "受理号", "办到哪一步", "期限"}, Empty: "还没有替他办过事。"}
	for _, c := range list {
		if c.App.Person == x.Person {
			p.Cases.Rows = append(p.Cases.Rows, broughtRow(c, c.Matter.Name, ""))
		}
	}
	v, err := s.Packs.At(who.Region, ui.Today(r))
	if err != nil || !p.May {
		return p, err
	}
	p.Matters = ui.Lines{Title: "替他办什么"}
	for _, m := range desk.Matters(v) {
		if len(m.Ways(desk.ByInstitution)) > 0 {
			p.Matters.Items = append(p.Matters.Items, ui.LineItem{Href: "/j/resident/" + x.ID + "/bring/" + m.ID, Label: m.Name, Note: m.Theme})
		}
	}
	return p, nil
}

func broughtRow(c desk.Way, first, second string) ui.Row {
	var due any = ""
	if !c.Case.Due.IsZero() {
		due = c.Case.Due
	}
	return ui.Row{ID: c.Case.ID, Cells: []any{ui.Two{First: first, Second: second, Href: "/j/case/" + c.Case.ID}, c.Case.ID, broughtChip(c.Case.Status), due}}
}

func broughtChip(s desk.Status) ui.Chip {
	say := s.Name()
	if s == desk.StatusWaiting {
		say = "要补材料"
	}
	return ui.Chip{Tone: map[desk.Status]string{desk.StatusOpen: "wait", desk.StatusWaiting: "hot", desk.StatusDone: "ok", desk.StatusRefused: "info", desk.StatusWithdrawn: "mute"}[s], Say: say}
}

func (s *Server) resident(w http.ResponseWriter, r *http.Request) error {
	p, err := s.residentPage(r)
	if err != nil {
		return err
	}
	return residentTmpl.Render(w, r, p)
}

func (s *Server) moveOut(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	p, err := s.residentPage(r)
	if err != nil {
		return err
	}
	p.Why, p.On = f.Choice("why", "离院的原因", p.Whys), f.Day("on", "")
	if err = f.Err(); err == nil {
		_, err = s.Insts.MoveOut(r.Context(), ui.Actor(r), p.R.ID, f.Once(), p.On, p.Why)
	}
	if err != nil {
		return residentTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/resident/"+p.R.ID)
}

func (s *Server) bringPage(r *http.Request) (*bringPage, error) {
	who := ui.Actor(r)
	x, err := s.Insts.Resident(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	v, err := s.Packs.At(who.Region, ui.Today(r))
	if err != nil {
		return nil, err
	}
	m, err := desk.MatterOf(v, r.PathValue("matter"))
	if err != nil {
		return nil, err
	}
	if len(m.Ways(desk.ByInstitution)) == 0 {
		return nil, fault.New(fault.Forbidden, "「%s」不能由机构代办，请老人或家属到窗口办。", m.Name)
	}
	p := &bringPage{Page: ui.Page{Title: m.Name, Back: "/j/resident/" + x.ID, Nav: "/j/residents"}, R: x, M: m,
		How: []ui.Option{{Value: "当面口头同意", Label: "老人当面同意"}, {Value: "书面同意，签字存机构", Label: "老人书面同意"}, {Value: "监护人书面同意，签字存机构", Label: "监护人书面同意"}}}
	for _, y := range m.Materials {
		if y.From != "" {
			p.Have = append(p.Have, y.Name)
		}
	}
	for _, f := range m.Fields {
		a := bringAsk{F: f}
		for _, o := range f.Options {
			a.Options = append(a.Options, ui.Option{Value: o.Value, Label: o.Label})
		}
		if r.Method == http.MethodPost {
			a.Value, a.Chosen = r.FormValue(f.ID), slices.Clone(r.Form[f.ID])
		}
		p.Asks = append(p.Asks, a)
	}
	return p, nil
}

func (s *Server) bring(w http.ResponseWriter, r *http.Request) error {
	p, err := s.bringPage(r)
	if err != nil {
		return err
	}
	return bringTmpl.Render(w, r, p)
}
