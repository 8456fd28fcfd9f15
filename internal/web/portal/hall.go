package portal

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/fault"
	"yinling/internal/hall"
	"yinling/internal/web/ui"
)

// hallsPage lists where one can go, and how many wait there now.
type hallsPage struct {
	ui.Page
	Halls []hallLine
	Mine  []hall.Ticket
}

type hallLine struct {
	hall.Busy
	Say string
}

// hallTakePage takes a number before coming, and shows the one that was taken.
type hallTakePage struct {
	ui.Page
	P       hall.Place
	Say     string
	Signed  bool
	Mine    hall.Ticket
	Has     bool
	Queue   bool // there are windows that call
	Now     string
	Matters []ui.Option
	Matter  string
}

// hallScreenPage is the wall screen (大屏): who is called now, who waits.
type hallScreenPage struct {
	ui.Page
	P       hall.Place
	Calls   []hallCall
	Waiting []string
	More    int
	Paused  []string
	Sound   string // of the newest call
	Clock   string
}

type hallCall struct {
	Label, Shown, Window string
	New                  bool
}

// hallSayPage is one call in words, to be read aloud.
type hallSayPage struct {
	ui.Page
	Say string
}

// hallMachinePage is the ticket machine: one question, large buttons, a number.
type hallMachinePage struct {
	ui.Page
	P       hall.Place
	Key     string
	Matters []ui.Option
	Matter  string
	Said    []string
	Says    []ui.Option
	IDNo    string
	T       hall.Ticket
	Ahead   int
}

var (
	hallsTmpl       = ui.MustParse[hallsPage](ui.Portal, files, "hall/list.html")
	hallTakeTmpl    = ui.MustParse[hallTakePage](ui.Portal, files, "hall/take.html")
	hallScreenTmpl  = ui.MustParse[hallScreenPage](ui.Portal, files, "hall/screen.html")
	hallSayTmpl     = ui.MustParse[hallSayPage](ui.Portal, files, "hall/say.html")
	hallMachineTmpl = ui.MustParse[hallMachinePage](ui.Portal, files, "hall/machine.html")
)

// refreshEvery is how often the screen asks anew, by the browser itself;
// fresh is for how long a call counts as new.
const (
	refreshEvery = "8"
	fresh        = 12_000 // milliseconds
)

func (s *Server) hallMatters(region string) (out []ui.Option) {
	for _, m := range s.Hall.ListMatters(region) {
		out = append(out, ui.Option{Value: m.ID, Label: m.Name})
	}
	return out
}

func (s *Server) halls(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Hall.Places(r.Context(), s.region(r))
	if err != nil {
		return err
	}
	p := &hallsPage{Page: ui.Page{Title: "窗口和取号", Back: "/help", Nav: "/help"}}
	for _, b := range list {
		if b.Kind == "home" {
			continue
		}
		say := "现在不办业务"
		if b.Open && b.OpenWindows() > 0 {
			say = fmt.Sprintf("现在 %d 人在等，开着 %d 个窗口", b.Waiting, b.OpenWindows())
		} else if b.Open && len(b.Windows) == 0 {
			say = "来了就能办，不用取号"
		} else if b.Open {
			say = "现在没有开窗口，请看开放时间"
		}
		p.Halls = append(p.Halls, hallLine{b, say})
	}
	if me := ui.Actor(r).Person; me != "" {
		if p.Mine, err = s.Hall.Mine(r.Context(), s.region(r), me); err != nil {
			return err
		}
	}
	return hallsTmpl.Render(w, r, p)
}

func (s *Server) hallTakePage(r *http.Request) (*hallTakePage, error) {
	region := s.region(r)
	f, err := s.Hall.Floor(r.Context(), region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &hallTakePage{Page: ui.Page{Title: f.Name, Back: "/hall", Nav: "/help"}, P: f.Place, Signed: ui.Who(r).Signed(), Matters: append([]ui.Option{{Value: "ask", Label: "先问问"}}, s.hallMatters(region)...),
		Say: fmt.Sprintf("现在 %d 人在等。", len(f.With(hall.Waiting)))}
	p.Queue = f.Open && len(f.Windows) > 0
	if f.Open && !p.Queue {
		p.Say = "来了就能办，不用取号。"
	}
	if me := ui.Actor(r).Person; me != "" {
		mine, err := s.Hall.Mine(r.Context(), region, me)
		if err != nil {
			return nil, err
		}
		for _, t := range mine {
			if t.Place == f.ID && t.Status != hall.Done && t.Status != hall.Left {
				p.Mine, p.Has = t, true
				p.Now = map[hall.Status]string{hall.Booked: "到了大厅，请先找引导员或取号机报到，报到以后才会叫您。", hall.Waiting: "请坐着等，叫到您会大声念，大屏上也有。",
					hall.Called: "正在叫您，请到" + f.Window(t.Window).Label() + "。", hall.Serving: "正在办。", hall.Missed: "叫过您了。请告诉引导员，不用重新取号。"}[t.Status]
			}
		}
	}
	return p, nil
}

func (s *Server) hallOne(w http.ResponseWriter, r *http.Request) error {
	p, err := s.hallTakePage(r)
	if err != nil {
		return err
	}
	return hallTakeTmpl.Render(w, r, p)
}

// hallTake gives the person a number before coming.
func (s *Server) hallTake(w http.ResponseWriter, r *http.Request) error {
	p, err := s.hallTakePage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	_, me, err := self(r)
	if err != nil {
		return err
	}
	p.Matter = f.Choice("matter", "要办什么", p.Matters)
	if err = f.Err(); err == nil {
		matter := p.Matter
		if matter == "ask" {
			matter = ""
		}
		_, err = s.Hall.Draw(r.Context(), who, who.Region, f.Once(), hall.Take{Place: p.P.ID, Matter: matter, Person: me, Source: "online"})
	}
	if err != nil {
		return hallTakeTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/hall/"+p.P.ID)
}

// hallGone gives a number back.
func (s *Server) hallGone(w http.ResponseWriter, r *http.Request) error {
	p, err := s.hallTakePage(r)
	if err != nil {
		return err
	}
	if !p.Has {
		return hallTakeTmpl.Again(w, r, p, fault.New(fault.Conflict, "您今天在这里没有号。"))
	}
	who := ui.Actor(r)
	if _, err := s.Hall.Do(r.Context(), who, who.Region, p.Mine.ID, ui.ParseForm(r).Once(), hall.Act{Action: "leave"}); err != nil {
		return hallTakeTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/hall/"+p.P.ID)
}

// hallScreen is for the wall. It asks anew by itself, without script; the sound
// of a new call is read by the same voice as every page.
func (s *Server) hallScreen(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Hall.Floor(r.Context(), s.region(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	p := &hallScreenPage{Page: ui.Page{Title: f.Name + "叫号", Bleed: true}, P: f.Place, Clock: ui.Clock(f.Now)}
	var newest hall.Ticket
	for _, t := range f.With(hall.Called, hall.Serving) {
		c := hallCall{Label: t.Label, Shown: t.Shown, Window: f.Window(t.Window).Label(), New: t.Status == hall.Called}
		if t.Status == hall.Called && t.Called > newest.Called {
			newest = t
		}
		if c.New {
			p.Calls = append([]hallCall{c}, p.Calls...)
		} else {
			p.Calls = append(p.Calls, c)
		}
	}
	if len(p.Calls) > 6 {
		p.Calls = p.Calls[:6]
	}
	for _, t := range f.With(hall.Waiting) {
		if len(p.Waiting) < 12 {
			p.Waiting = append(p.Waiting, t.Label)
		} else {
			p.More++
		}
	}
	for _, x := range f.Windows {
		if x.Status == "paused" {
			p.Paused = append(p.Paused, x.Label()+"："+x.Reason)
		}
	}
	if newest.ID != "" && f.Now-newest.Called < fresh {
		p.Sound = "/listen?of=" + url.QueryEscape("/hall/"+f.ID+"/say/"+newest.Label)
	}
	w.Header().Set("Refresh", refreshEvery)
	return hallScreenTmpl.Render(w, r, p)
}

// hallSay is what is called out for one ticket.
func (s *Server) hallSay(w http.ResponseWriter, r *http.Request) error {
	region := s.region(r)
	f, err := s.Hall.Floor(r.Context(), region, r.PathValue("id"))
	if err != nil {
		return err
	}
	for _, t := range f.With(hall.Called) {
		if t.Label == r.PathValue("label") {
			say := "请 " + spell(t.Label) + " 号，到 " + f.Window(t.Window).Label() + "。"
			return hallSayTmpl.Render(w, r, &hallSayPage{Page: ui.Page{Title: "叫号", Back: "/hall/" + f.ID + "/screen"}, Say: say + say})
		}
	}
	return fault.New(fault.NotFound, "现在没有在叫这个号。")
}

// spell lets a number be read digit by digit: L 0 1 2.
func spell(label string) string { return strings.Join(strings.Split(label, ""), " ") }

// machine lets only a machine in whose address has the place's secret.
func (s *Server) machine(r *http.Request) (*hallMachinePage, error) {
	region, id := s.region(r), r.PathValue("id")
	f, err := s.Hall.Floor(r.Context(), region, id)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(r.PathValue("key")), []byte(s.Hall.Key(region, id))) != 1 {
		return nil, fault.New(fault.NotFound, "这个地址不是这里的取号机。请工作人员从大厅的页面上重新打开。")
	}
	return &hallMachinePage{Page: ui.Page{Title: f.Name + "取号", Bleed: true}, P: f.Place, Key: r.PathValue("key"), Matters: append([]ui.Option{{Value: "ask", Label: "先问问"}}, s.hallMatters(region)...),
		Says: []ui.Option{{Value: "elder", Label: "我 60 岁以上"}, {Value: "unwell", Label: "我行动不便或身体不舒服"}}, Ahead: len(f.With(hall.Waiting))}, nil
}

func (s *Server) hallMachine(w http.ResponseWriter, r *http.Request) error {
	p, err := s.machine(r)
	if err != nil {
		return err
	}
	if label := r.FormValue("no"); label != "" {
		if p.T, err = s.Hall.Find(r.Context(), s.region(r), p.P.ID, label); err != nil {
			return err
		}
		w.Header().Set("Refresh", "15;url="+r.URL.Path) // for the next one in the line
	}
	return hallMachineTmpl.Render(w, r, p)
}

// hallMachineTake gives a number out at the machine, or reports in one that was
// taken online (its number, or the same person's id card).
func (s *Server) hallMachineTake(w http.ResponseWriter, r *http.Request) error {
	p, err := s.machine(r)
	if err != nil {
		return err
	}
	f, region := ui.ParseForm(r), s.region(r)
	who := audit.Actor{ID: "machine:" + p.P.ID, Name: "取号机", Role: "system", Region: region, Terminal: ui.Actor(r).Terminal}
	p.Said, p.IDNo = f.All("said"), f.Digits("idno", "")
	p.Matter = f.Choice("matter", "要办什么", p.Matters)
	in := hall.Take{Place: p.P.ID, Matter: p.Matter, Source: "machine"}
	if p.Matter == "ask" {
		in.Matter = ""
	}
	for _, x := range p.Said {
		in.Elder, in.Unwell = in.Elder || x == "elder", in.Unwell || x == "unwell"
	}
	var t hall.Ticket
	if err = f.Err(); err == nil {
		t, err = s.Hall.DrawByCard(r.Context(), who, region, f.Once(), p.IDNo, in)
	}
	if err != nil {
		p.IDNo = "" // the next in the line must not see it
		return hallMachineTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/hall/"+p.P.ID+"/machine/"+p.Key+"?no="+t.Label)
}

// AheadSay says how many wait, on the machine's number.
func (p *hallMachinePage) AheadSay() string {
	return "现在 " + strconv.Itoa(p.Ahead) + " 人在等，请坐着等，会大声叫号。"
}
