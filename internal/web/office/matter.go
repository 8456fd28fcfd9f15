package office

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// matterCase is one whole case of a matter with the form of its present step.
type matterCase struct {
	ui.Page
	W        desk.Way
	At       string // address of the page
	Chip     ui.Chip
	Facts    ui.Summary
	Timeline ui.Timeline
	Papers   ui.Table
	Step     desk.MatterStep
	Mine     bool // the actor's turn
	In       map[string]string
	Note     string
	Supply   bool
}

// matterNew is the window's and the telephone's form: one page for the keyboard.
type matterNew struct {
	ui.Page
	Q, Person, Matter string
	Found             []ui.Option
	Matters           []ui.Option
	M                 desk.Matter
	Channels          []ui.Option
	Channel, Consent  string
	In                map[string]string
	Ticks             map[string][]string
	own               map[string][]desk.Option // answers that differ by person and day
}

var (
	matterCaseTmpl = ui.MustParse[matterCase](ui.Office, files, "matter/case.html")
	matterNewTmpl  = ui.MustParse[matterNew](ui.Office, files, "matter/new.html")
)

// Options are the answers that a question offers, for the template.
func (p *matterNew) Options(f desk.Field) (out []ui.Option) {
	if f.Kind != "checks" {
		out = append(out, ui.Option{Label: "请选"})
	}
	if own, ok := p.own[f.ID]; ok {
		f.Options = own
	}
	return append(out, optionsOf(f)...)
}

// Options are the same for what the decider fills in.
func (p *matterCase) Options(f desk.Field) []ui.Option {
	return append([]ui.Option{{Label: "请选"}}, optionsOf(f)...)
}

func optionsOf(f desk.Field) (out []ui.Option) {
	for _, o := range f.Options {
		out = append(out, ui.Option{Value: o.Value, Label: o.Label})
	}
	return out
}

func (s *Server) matterCasePage(r *http.Request) (*matterCase, error) {
	who := ui.Actor(r)
	w, err := s.Desk.Way(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	c := w.Case
	p := &matterCase{Page: ui.Page{Title: w.Matter.Name + "：" + w.Person.Name, Back: "/o/matter", Nav: "/o/matter"}, W: w, At: "/o/matter/case/" + c.ID, In: map[string]string{},
		Chip: ui.Chip{Tone: statusTone(c.Status), Say: c.Status.Name()}, Supply: c.Status == desk.StatusWaiting}
	p.Step, _ = w.Matter.Step(w.App.Step)
	p.Mine = c.Status == desk.StatusOpen && p.Step.Role.Does(who.Role)
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "受理号", Value: c.ID}, {Label: "给谁", Value: ui.Link{Href: "/o/person/" + w.Person.ID, Label: w.Person.Name}},
		{Label: "怎么来的", Value: c.Channel.Name() + "，" + desk.ByName(w.App.By)}}}
	if w.App.Consent != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "本人怎样同意", Value: w.App.Consent})
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
	for _, x := range p.Step.Asks {
		p.In[x.ID] = f.Raw(x.ID)
	}
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

func (s *Server) matterNewPage(r *http.Request) (*matterNew, error) {
	who := ui.Actor(r)
	p := &matterNew{Page: ui.Page{Title: "窗口收件", Back: "/o/matter", Nav: "/o/matter"}, Q: r.FormValue("q"), Person: r.FormValue("person"), Matter: r.FormValue("matter"),
		Channel: r.FormValue("channel"), In: map[string]string{}, Ticks: map[string][]string{}}
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
	if p.Q == "" {
		return p, nil
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
	if p.own, err = s.ownOptions(r, p.Person, p.M); err != nil {
		return nil, err
	}
	if len(found) == 0 {
		p.Problems = []ui.Problem{{Field: "q", Say: "名册里没有找到。请核对姓名和证件号，或先到“名册导入”里加上。"}}
	}
	return p, nil
}

// ownOptions are the answers that differ by person and day.
func (s *Server) ownOptions(r *http.Request, person string, m desk.Matter) (out map[string][]desk.Option, err error) {
	out = map[string][]desk.Option{}
	for _, f := range m.Fields {
		if f.Kind == "slot" || f.Kind == "soon" {
			if out[f.ID], err = s.Desk.OptionsFor(r.Context(), ui.Actor(r).Region, person, m.ID, f); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
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
	for _, x := range p.M.Fields {
		v := f.Raw(x.ID)
		if x.Kind == "checks" {
			p.Ticks[x.ID] = f.All(x.ID)
			v = strings.Join(p.Ticks[x.ID], ",")
		}
		in.Answers[x.ID], p.In[x.ID] = v, v
		if err := x.Judge(v); err != nil {
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
	if p.Person == "" {
		f.Bad("q", "请先查到给谁办")
	}
	in := desk.ApplyInput{Region: who.Region, Key: f.Once(), Matter: p.Matter, Person: p.Person, Channel: desk.Channel(f.Choice("channel", "办理方式", p.Channels)),
		Consent: f.Raw("consent"), Answers: map[string]string{}}
	s.brought(r, f, p, &in)
	var got desk.Receipt
	if err = f.Err(); err == nil {
		got, err = s.Desk.Apply(r.Context(), who, in)
	}
	if err != nil {
		return matterNewTmpl.Again(w, r, p, err)
	}
	to := "/o/matter/case/"
	if p.M.Opens != "" {
		to = map[bool]string{true: "/o/assess/", false: "/o/matter/case/"}[strings.HasPrefix(string(p.M.Opens), "assess.")]
	}
	return ui.Redirect(w, r, fmt.Sprint(to, got.Number))
}
