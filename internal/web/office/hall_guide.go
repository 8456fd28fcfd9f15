package office

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"yinling/internal/access"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/hall"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// hallGuidePage is the guide's tablet (引导台): who comes in, what for, a ticket.
type hallGuidePage struct {
	ui.Page
	P       hall.Place
	Q       string
	Found   []ui.Option
	Person  string
	Matters []ui.Option
	Matter  string
	Label   string
	Says    []ui.Option
	Said    []string
	Queue   ui.Table
	Steps   []string
}

// hallTicketPage is one number with its log.
type hallTicketPage struct {
	ui.Page
	T       hall.Ticket
	P       hall.Place
	Facts   ui.Summary
	Log     ui.Timeline
	Steps   []ui.Option
	Step    string
	Say     string
	Stars   []ui.Option
	Rating  string
	Acts    []ui.Option
	Ways    ui.Rows
	Road    ui.Timeline // 接待、答疑、受理、办理、反馈
	Cases   ui.Rows
	Waits   ui.Table
	MayRate bool
}

var (
	hallGuideTmpl  = ui.MustParse[hallGuidePage](ui.Office, files, "hall/guide.html")
	hallTicketTmpl = ui.MustParse[hallTicketPage](ui.Office, files, "hall/ticket.html")
)

func (s *Server) hallGuidePage(r *http.Request) (*hallGuidePage, error) {
	who := ui.Actor(r)
	f, err := s.Hall.Floor(r.Context(), who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &hallGuidePage{Page: ui.Page{Title: "引导台", Back: "/o/hall/at/" + f.ID, Nav: "/o/hall"}, P: f.Place, Q: strings.TrimSpace(r.FormValue("q")), Person: r.FormValue("person"), Matter: r.FormValue("matter"),
		Matters: append([]ui.Option{{Label: "先问问（咨询）"}}, s.matterOptions(who.Region)...),
		Says:    []ui.Option{{Value: "elder", Label: "60 岁以上"}, {Value: "unwell", Label: "行动不便、残疾，或身体不舒服"}},
		Queue:   ui.Table{Title: "现在的号", Caption: "点号码接着帮他", Head: []string{"号", "通道", "办什么", "等了", ""}, Empty: "现在没有人在等。"}}
	for _, x := range hall.Steps {
		p.Steps = append(p.Steps, x.Name)
	}
	for _, t := range f.Tickets {
		p.Queue.Rows = append(p.Queue.Rows, s.ticketRow(who.Region, f, t))
	}
	if p.Q != "" {
		found, err := s.Person.Search(r.Context(), who.Region, p.Q, 20)
		if err != nil {
			p.Problems = []ui.Problem{{Field: "q", Say: fault.As(err).Say}}
			return p, nil
		}
		for _, x := range found {
			p.Found = append(p.Found, personOption(x, r))
		}
		if len(found) == 1 {
			p.Person = found[0].ID
		}
		if len(found) == 0 {
			p.Problems = []ui.Problem{{Field: "q", Say: "名册里没有找到。可以不选人，直接取号；要办参保的，请他到窗口登记。"}}
		}
	}
	return p, nil
}

func (s *Server) hallGuide(w http.ResponseWriter, r *http.Request) error {
	p, err := s.hallGuidePage(r)
	if err != nil {
		return err
	}
	return hallGuideTmpl.Render(w, r, p)
}

// hallDraw takes a ticket for whom the guide greets, or reports in one that was
// taken online, and goes on to it.
func (s *Server) hallDraw(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, err := s.hallGuidePage(r)
	if err != nil {
		return err
	}
	p.Label, p.Said = strings.ToUpper(f.Text("label", "")), f.All("said")
	var t hall.Ticket
	switch err = f.Err(); {
	case err != nil:
	case f.Raw("act") == "arrive" && p.Label == "":
		err = fault.Field("label", "请填网上取的号，例如 L012")
	case f.Raw("act") == "arrive":
		if t, err = s.Hall.Find(r.Context(), who.Region, p.P.ID, p.Label); err == nil {
			t, err = s.Hall.Do(r.Context(), who, who.Region, t.ID, f.Once(), hall.Act{Action: "arrive"})
		} else if fault.Is(err, fault.NotFound) {
			err = fault.Field("label", "%s", fault.As(err).Say)
		}
	default:
		in := hall.Take{Place: p.P.ID, Matter: p.Matter, Person: p.Person, Source: "guide"}
		for _, x := range p.Said {
			in.Elder, in.Unwell = in.Elder || x == "elder", in.Unwell || x == "unwell"
		}
		t, err = s.Hall.Draw(r.Context(), who, who.Region, f.Once(), in)
	}
	if err != nil {
		return hallGuideTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/hall/ticket/"+t.ID)
}

func (s *Server) hallTicketPage(r *http.Request) (*hallTicketPage, error) {
	who := ui.Actor(r)
	t, steps, err := s.Hall.Ticket(r.Context(), who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	f, err := s.Hall.Floor(r.Context(), who.Region, t.Place)
	if err != nil {
		return nil, err
	}
	p := &hallTicketPage{Page: ui.Page{Title: "号 " + t.Label, Back: "/o/hall/at/" + t.Place + "/guide", Nav: "/o/hall"}, T: t, P: f.Place, MayRate: t.Status == hall.Done, Stars: scores()}
	at := "还没有叫"
	if t.Window != "" {
		at = f.Window(t.Window).Label()
	} else if t.ToWindow != "" {
		at = "转到 " + f.Window(t.ToWindow).Label()
	}
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "现在", Value: ticketChip(t)}, {Label: "办什么", Value: s.Hall.MatterName(who.Region, t.Matter)},
		{Label: "通道", Value: ui.Link{Href: "/o/why/" + t.Decision + "?back=/o/hall/ticket/" + t.ID, Label: t.Why, Tone: "ghost"}},
		{Label: "从哪里取的", Value: map[string]string{"machine": "取号机", "guide": "引导台", "online": "网上"}[t.Source]}, {Label: "窗口", Value: at}}}
	switch was, err := s.Outreach.RatingOf(r.Context(), who.Region, "ticket", t.ID); {
	case err == nil:
		p.MayRate = false
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "好差评", Value: ui.Two{First: outreach.Scores[was.Score-1], Second: was.Words}})
	case !fault.Is(err, fault.NotFound):
		return nil, err
	}
	p.Waits = waitsTable(t)
	for _, x := range steps {
		p.Log.Items = append(p.Log.Items, ui.Moment{State: "done", Title: hall.StepName(x.Step), Say: x.Say, When: ui.Clock(x.At), Who: x.ActorName})
	}
	cases, err := s.Hall.Cases(r.Context(), who.Region, t.ID)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		p.Cases.Items = append(p.Cases.Items, ui.Link{Href: caseHref(c), Label: s.Hall.MatterName(who.Region, c.Topic) + "　" + c.ID + "　" + c.Status.Name(), Icon: "doc"})
	}
	now := true
	for _, x := range hall.Stages(t, steps, cases) {
		m := ui.Moment{State: "next", Title: x.Name, Say: x.Say, Who: x.By}
		if x.At > 0 {
			m.State, m.When = "done", ui.Clock(x.At)
		} else if now {
			m.State, now = "now", false
		}
		p.Road.Items = append(p.Road.Items, m)
	}
	for _, x := range hall.Steps {
		if t.Ended == 0 && x.ID != "feedback" && (x.ID != "accept" && x.ID != "handle" || t.Status == hall.Serving) {
			p.Steps = append(p.Steps, ui.Option{Value: x.ID, Label: x.Name})
		}
	}
	for _, a := range hall.Flow {
		say := map[string]string{"arrive": "到了，报到", "leave": "不办了", "back": "过号回来了，接着排"}[a.Action]
		if a.From == t.Status && say != "" && t.Day == ui.Today(r).String() {
			p.Acts = append(p.Acts, ui.Option{Value: a.Action, Label: say})
		}
	}
	if ui.Who(r).Can(access.DeskEnter) && t.Day == ui.Today(r).String() {
		p.Ways.Items = []ui.Link{{Href: acceptHref(t), Label: "和他一起填申请表，收件", Icon: "pen"}}
	}
	if t.Person != "" {
		p.Ways.Items = append(p.Ways.Items, ui.Link{Href: "/o/person/" + t.Person, Label: "看他的参保和办件", Icon: "user"})
	}
	return p, nil
}

// acceptHref is the form of acceptance with what the ticket knows: the reception
// goes on where it began (S-14).
func acceptHref(t hall.Ticket) string {
	return "/o/matter/new?" + url.Values{"ticket": {t.ID}, "matter": {t.Matter}, "person": {t.Person}}.Encode()
}

// caseHref is the page of a case at the desk, whichever domain it belongs to.
func caseHref(c desk.Case) string {
	switch c.Matter {
	case desk.MatterWord:
		return "/o/matter/case/" + c.ID
	case outreach.Matter:
		return "/o/voice"
	}
	return "/o/assess/" + c.ID
}

// waitsTable shows the four waits of a ticket.
func waitsTable(t hall.Ticket) ui.Table {
	out := ui.Table{Title: "四段时间", Caption: "四段时间", Head: []string{"从哪里到哪里", "用了"}}
	for i, x := range t.Segments() {
		out.Rows = append(out.Rows, ui.Row{Cells: []any{hall.SegmentNames[i], lasting(x)}})
	}
	return out
}

func (s *Server) hallTicket(w http.ResponseWriter, r *http.Request) error {
	p, err := s.hallTicketPage(r)
	if err != nil {
		return err
	}
	return hallTicketTmpl.Render(w, r, p)
}

func (s *Server) ticketDone(w http.ResponseWriter, r *http.Request, f *ui.Form, err error) error {
	if err == nil {
		return ui.Redirect(w, r, "/o/hall/ticket/"+r.PathValue("id"))
	}
	p, perr := s.hallTicketPage(r)
	if perr != nil {
		return perr
	}
	p.Step, p.Say, p.Rating = f.Raw("step"), f.Raw("say"), f.Raw("rating")
	return hallTicketTmpl.Again(w, r, p, err)
}

func (s *Server) hallTicketAct(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	in := hall.Act{Action: f.Raw("act")}
	if in.Action != "arrive" && in.Action != "leave" && in.Action != "back" {
		return s.ticketDone(w, r, f, fault.New(fault.Conflict, "这一步要在窗口办。"))
	}
	_, err := s.Hall.Do(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), in)
	return s.ticketDone(w, r, f, err)
}

func (s *Server) hallStep(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	step, say := f.Raw("step"), f.Text("say", "")
	err := f.Err()
	if step == "feedback" && err == nil {
		err = s.ticketRate(r, f, say)
	}
	if err == nil {
		err = s.Hall.Write(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), step, say)
	}
	return s.ticketDone(w, r, f, err)
}

// ticketRate keeps what the person at the guide's desk thinks of the window.
func (s *Server) ticketRate(r *http.Request, f *ui.Form, say string) error {
	who := ui.Actor(r)
	score := f.Int("rating", "满意不满意", 1, 5)
	if err := f.Err(); err != nil {
		return err
	}
	t, err := s.Hall.Served(r.Context(), who.Region, r.PathValue("id"))
	insurer := ""
	if err == nil && t.Clerk != "" {
		if a, err := s.Access.Account(r.Context(), who.Region, t.Clerk); err == nil && a.Role.ID == "insurer" {
			insurer = a.Name
		}
	}
	if err == nil {
		_, err = s.Outreach.Rate(r.Context(), who, who.Region, f.Once()+"-rate", outreach.Rating{Kind: "ticket", Object: t.ID, Score: score, Words: say, Person: t.Person,
			Desk: t.Clerk, DeskName: t.ClerkName, Window: t.Ticket.Window, WindowName: t.Where, Insurer: insurer})
	}
	return err
}

// scores are the five steps of a rating, best first.
func scores() (out []ui.Option) {
	for i := len(outreach.Scores); i >= 1; i-- {
		out = append(out, ui.Option{Value: strconv.Itoa(i), Label: outreach.Scores[i-1]})
	}
	return out
}
