package office

import (
	"net/http"

	"yinling/internal/fault"
	"yinling/internal/hall"
	"yinling/internal/web/ui"
)

// hallWindowPage is what somebody at a window sees: the one who is here, then
// who comes next.
type hallWindowPage struct {
	ui.Page
	W        hall.Window
	P        hall.Place
	Chip     ui.Chip
	Here     hall.Ticket
	Is       bool // somebody is here
	Matter   string
	Waited   string
	Next     ui.Table
	Left     int // who wait for this window
	Others   []ui.Option
	Matters  []ui.Option
	To, Say  string
	Reason   string
	Name     string
	Priority string
	YesNo    []ui.Option
	Reasons  ui.Link
	Apply    ui.Link
}

var hallWindowTmpl = ui.MustParse[hallWindowPage](ui.Office, files, "hall/window.html")

func (s *Server) hallWindowPage(r *http.Request) (*hallWindowPage, error) {
	who := ui.Actor(r)
	x, f, err := s.Hall.WindowAt(r.Context(), who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &hallWindowPage{Page: ui.Page{Title: x.Label(), Back: "/o/hall/at/" + f.ID, Nav: "/o/hall"}, W: x, P: f.Place, Chip: windowChip(x), Name: x.Name, Matters: s.matterOptions(who.Region),
		YesNo: yesNo, Priority: "no", Next: ui.Table{Caption: "接下来叫谁", Head: []string{"号", "为什么", "办什么", "等了", ""}, Empty: "没有人在等这个窗口。"}}
	if x.Priority {
		p.Priority = "yes"
	}
	if t, ok := f.At(x.ID); ok {
		p.Here, p.Is, p.Matter, p.Waited = t, true, s.Hall.MatterName(who.Region, t.Matter), lasting((t.Called-t.Arrived)/1000)
		p.Reasons = ui.Link{Href: "/o/why/" + t.CallDecision + "?back=/o/hall/window/" + x.ID, Label: "为什么叫他", Tone: "ghost"}
		p.Apply = ui.Link{Href: acceptHref(t), Label: "填申请表，收件", Tone: "line"}
	}
	for _, t := range f.With(hall.Waiting) {
		if t.ToWindow == x.ID || t.ToWindow == "" && x.Serves(t.Matter) {
			p.Left++
		}
	}
	next, err := s.Hall.Next(who.Region, f, x, 6)
	if err != nil {
		return nil, err
	}
	for _, t := range next {
		p.Next.Rows = append(p.Next.Rows, s.ticketRow(who.Region, f, t))
	}
	p.Others = append(p.Others, ui.Option{Label: "请选"})
	for _, o := range f.Windows {
		if o.ID != x.ID && o.Status != "closed" {
			p.Others = append(p.Others, ui.Option{Value: o.ID, Label: o.Label() + " " + o.Name})
		}
	}
	return p, nil
}

func (s *Server) hallWindow(w http.ResponseWriter, r *http.Request) error {
	p, err := s.hallWindowPage(r)
	if err != nil {
		return err
	}
	return hallWindowTmpl.Render(w, r, p)
}

// windowDone shows the window again after an act, with what went wrong on top.
func (s *Server) windowDone(w http.ResponseWriter, r *http.Request, err error) error {
	if err == nil {
		return ui.Redirect(w, r, "/o/hall/window/"+r.PathValue("id"))
	}
	p, perr := s.hallWindowPage(r)
	if perr != nil {
		return perr
	}
	f := ui.ParseForm(r)
	p.Reason, p.To, p.Say = f.Raw("reason"), f.Raw("to"), f.Raw("say")
	return hallWindowTmpl.Again(w, r, p, err)
}

func (s *Server) hallCall(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	_, err := s.Hall.Call(r.Context(), who, who.Region, r.PathValue("id"), f.Once())
	return s.windowDone(w, r, err)
}

func (s *Server) hallTurn(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	_, err := s.Hall.Turn(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), f.Raw("status"), f.Text("reason", ""))
	return s.windowDone(w, r, err)
}

// hallAct is what the window does with the one who is here.
func (s *Server) hallAct(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, err := s.hallWindowPage(r)
	if err != nil {
		return err
	}
	in := hall.Act{Action: f.Raw("act"), To: f.Raw("to"), Matter: f.Raw("matter"), Say: f.Text("say", "")}
	switch err = f.Err(); {
	case err != nil:
	case !p.Is || f.Raw("ticket") != p.Here.ID:
		err = fault.New(fault.Conflict, "这个号已经不在您的窗口了。请看现在的情况再办。")
	default:
		_, err = s.Hall.Do(r.Context(), who, who.Region, p.Here.ID, f.Once(), in)
	}
	return s.windowDone(w, r, err)
}

func (s *Server) hallWindowChange(w http.ResponseWriter, r *http.Request) error {
	p, err := s.hallWindowPage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	in := p.W
	in.Name, in.Matters, in.Version = f.Text("window", ""), f.All("matters"), f.Int("version", "", 0, 1<<40)
	p.Name, p.W.Matters, p.Priority = in.Name, in.Matters, f.Choice("priority", "是不是优先窗口", yesNo)
	in.Priority = p.Priority == "yes"
	if err = f.Err(); err == nil {
		_, err = s.Hall.SaveWindow(r.Context(), ui.Actor(r), f.Once(), in)
	}
	if err != nil {
		return hallWindowTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/hall/window/"+p.W.ID)
}
