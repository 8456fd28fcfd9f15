package office

import (
	"net/http"
	"strings"

	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/hall"
	"yinling/internal/web/ui"
)

// asked are questions of a matter on a page, with what was answered so far; the
// template is matter/fields.html.
type asked struct {
	Fields []desk.Field
	In     map[string]string
	Ticks  map[string][]string
	own    map[string][]desk.Option // answers that differ by person and day
}

func ask(fields []desk.Field) asked {
	return asked{Fields: fields, In: map[string]string{}, Ticks: map[string][]string{}}
}

// Options are the answers that a question offers, for the template.
func (a asked) Options(f desk.Field) (out []ui.Option) {
	if f.Kind != "checks" {
		out = append(out, ui.Option{Label: "请选"})
	}
	if own, ok := a.own[f.ID]; ok {
		f.Options = own
	}
	for _, o := range f.Options {
		out = append(out, ui.Option{Value: o.Value, Label: o.Label})
	}
	return out
}

// read keeps the answers for the form that comes back.
func (a asked) read(f *ui.Form) {
	for _, x := range a.Fields {
		if x.Kind == "checks" {
			a.Ticks[x.ID] = f.All(x.ID)
			a.In[x.ID] = strings.Join(a.Ticks[x.ID], ",")
		} else {
			a.In[x.ID] = f.Raw(x.ID)
		}
	}
}

// matterNew is the window's and the telephone's form: one page for the keyboard.
type matterNew struct {
	ui.Page
	asked
	Q, Person, Matter string
	Found             []ui.Option
	Matters           []ui.Option
	M                 desk.Matter
	Channels          []ui.Option
	Channel, Consent  string
	Ticket            hall.Ticket // from which it is taken; no ID: none
	New               bool        // somebody who is not in the roster
	Name, IDNo        string
	District          string
	Districts         []ui.Option
}

var matterNewTmpl = ui.MustParse[matterNew](ui.Office, files, "matter/new.html", "matter/fields.html")

func (s *Server) matterNewPage(r *http.Request) (*matterNew, error) {
	who := ui.Actor(r)
	p := &matterNew{Page: ui.Page{Title: "窗口收件", Back: "/o/matter", Nav: "/o/matter"}, Q: r.FormValue("q"), Person: r.FormValue("person"), Matter: r.FormValue("matter"),
		Channel: r.FormValue("channel")}
	v, err := s.Packs.At(who.Region, ui.Today(r))
	if err != nil {
		return nil, err
	}
	p.Matters = []ui.Option{{Label: "请选事项"}}
	for _, m := range desk.Matters(v) {
		if len(m.Ways(desk.ByClerk)) > 0 {
			p.Matters = append(p.Matters, ui.Option{Value: m.ID, Label: m.Theme + "：" + m.Name})
		}
	}
	if p.Matter != "" {
		if p.M, err = desk.MatterOf(v, p.Matter); err != nil {
			return nil, err
		}
		for _, c := range p.M.Ways(desk.ByClerk) {
			p.Channels = append(p.Channels, ui.Option{Value: string(c), Label: c.Name()})
		}
	}
	if p.Channel == "" {
		p.Channel = string(desk.Window)
	}
	if err := s.fromTicket(r, p); err != nil {
		return nil, err
	}
	if p.M.New && r.FormValue("new") != "" {
		return p, s.newcomerForm(r, p)
	}
	if p.Q == "" {
		return p, s.ask(r, p)
	}
	found, err := s.Person.Search(r.Context(), who.Region, p.Q, 20)
	if err != nil {
		return nil, err
	}
	for _, x := range found {
		p.Found = append(p.Found, personOption(x, r))
	}
	if len(found) == 1 && p.Person == "" {
		p.Person = found[0].ID
	}
	switch {
	case len(found) > 0:
	case p.M.New:
		return p, s.newcomerForm(r, p)
	default:
		p.Problems = []ui.Problem{{Field: "q", Say: "名册里没有找到。请核对姓名和证件号；还没有参保的，选「城乡居民参保登记」替他登记。"}}
	}
	return p, s.ask(r, p)
}

// fromTicket takes over what the ticket of the hall knows: who and what for.
func (s *Server) fromTicket(r *http.Request, p *matterNew) (err error) {
	id, who := r.FormValue("ticket"), ui.Actor(r)
	if id == "" {
		return nil
	}
	if p.Ticket, _, err = s.Hall.Ticket(r.Context(), who.Region, id); err != nil {
		return err
	}
	p.Back, p.Nav = "/o/hall/ticket/"+id, "/o/hall"
	if p.Q != "" || p.Person == "" {
		return nil
	}
	x, _, err := s.Person.Self(r.Context(), who.Region, p.Person)
	p.Found = []ui.Option{personOption(x, r)}
	return err
}

// newcomerForm asks who it is whom the roster does not have, with what was
// looked for filled in.
func (s *Server) newcomerForm(r *http.Request, p *matterNew) error {
	p.New, p.Person = true, ""
	if p.Name, p.IDNo = p.Q, ""; strings.ContainsAny(p.Q, "0123456789") {
		p.Name, p.IDNo = "", p.Q
	}
	list, err := s.districts(r.Context(), ui.Actor(r).Region)
	if err != nil {
		return err
	}
	p.Districts = []ui.Option{{Label: "请选"}}
	for _, d := range list {
		p.Districts = append(p.Districts, ui.Option{Value: d, Label: d})
	}
	return s.ask(r, p)
}

// ask puts the questions of the matter on the page, with the answers that differ
// by person and day.
func (s *Server) ask(r *http.Request, p *matterNew) (err error) {
	p.asked = ask(p.M.Fields)
	p.own = map[string][]desk.Option{}
	for _, f := range p.M.Fields {
		if f.Kind == "slot" || f.Kind == "soon" {
			if p.own[f.ID], err = s.Desk.OptionsFor(r.Context(), ui.Actor(r).Region, p.Person, p.M.ID, f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Server) matterNew(w http.ResponseWriter, r *http.Request) error {
	p, err := s.matterNewPage(r)
	if err != nil {
		return err
	}
	return matterNewTmpl.Render(w, r, p)
}

// brought reads the answers and files of a matter's form and keeps them for the
// form that comes back; what is wrong with them goes to f.
func (s *Server) brought(r *http.Request, f *ui.Form, p *matterNew, in *desk.ApplyInput) {
	p.read(f)
	for _, x := range p.Fields {
		in.Answers[x.ID] = p.In[x.ID]
		if err := x.Judge(p.In[x.ID]); err != nil {
			f.Bad(x.ID, "%s", fault.As(err).Say)
		}
	}
	for _, x := range p.M.Asked() {
		st, err := s.upload(r, "file-"+x.ID)
		if err != nil {
			f.Bad("file-"+x.ID, "%s", fault.As(err).Say)
		} else if st != nil {
			in.Files = append(in.Files, desk.FileFor{Kind: x.ID, Stored: *st})
		}
	}
}

func (s *Server) matterEnter(w http.ResponseWriter, r *http.Request) error {
	p, err := s.matterNewPage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	if p.New {
		p.Name, p.IDNo, p.District = f.Text("name", "姓名"), f.Text("idno", "身份证号"), f.Choice("district", "住在哪个区县", p.Districts)
	} else if p.Person == "" {
		f.Bad("q", "请先查到给谁办")
	}
	in := desk.ApplyInput{Region: who.Region, Key: f.Once(), Matter: p.Matter, Person: p.Person, Channel: desk.Channel(f.Choice("channel", "办理方式", p.Channels)), Ticket: p.Ticket.ID,
		Answers: map[string]string{}}
	if p.New {
		in.New = desk.Newcomer{Name: p.Name, IDNo: p.IDNo, District: p.District}
	}
	s.brought(r, f, p, &in)
	var got desk.Receipt
	if err = f.Err(); err == nil {
		got, err = s.Desk.Apply(r.Context(), who, in)
	}
	if err != nil {
		return matterNewTmpl.Again(w, r, p, err)
	}
	to := "/o/matter/case/" + got.Number
	switch {
	case strings.HasPrefix(string(p.M.Opens), "assess."):
		to = "/o/assess/" + got.Number
	case p.M.Opens != "":
		to = "/o/voice"
	}
	return ui.Redirect(w, r, to)
}
