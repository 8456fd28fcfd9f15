package office

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"yinling/internal/access"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/door"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// doorPage is a day of visits: every helper's way in order.
type doorPage struct {
	ui.Page
	On         string
	Prev, Next ui.Link
	Tours      []tour
	Helpers    ui.Table
	In         helperInput
	Rest       []ui.Option // helpers, to be sent out no more or again
}

type tour struct {
	Title, Say string
	Stops      ui.Table
}

type helperInput struct{ Account, Name, District string }

// doorVisitPage is one visit with the form that ends it.
type doorVisitPage struct {
	ui.Page
	V      door.Visit
	Facts  ui.Summary
	Proofs ui.Table
	Open   bool
	Result string
	Slots  []ui.Option // where nobody was met
}

type owedPage struct {
	ui.Page
	Say   string
	Tabs  ui.Tabs
	Table ui.Table
	Pager ui.Pager
}

var (
	doorTmpl      = ui.MustParse[doorPage](ui.Office, files, "door/day.html")
	doorVisitTmpl = ui.MustParse[doorVisitPage](ui.Office, files, "door/visit.html")
	owedTmpl      = ui.MustParse[owedPage](ui.Office, files, "door/owed.html")
)

func (s *Server) doorPage(r *http.Request) (*doorPage, error) {
	who, on := ui.Actor(r), ui.Today(r)
	if d := ui.ParseForm(r).Raw("on"); d != "" {
		f := ui.ParseForm(r)
		if on = f.Day("on", "日期"); f.Err() != nil {
			on = ui.Today(r)
		}
	}
	p := &doorPage{Page: ui.Page{Title: "上门办"}, On: on.Chinese(), Prev: ui.Link{Href: "/o/door?on=" + (on - 1).String(), Label: "前一天"}, Next: ui.Link{Href: "/o/door?on=" + (on + 1).String(), Label: "后一天"}}
	tours, err := s.Door.Day(r.Context(), who.Region, "", on)
	if err != nil {
		return nil, err
	}
	for _, t := range tours {
		x := tour{Title: t.Helper.Name + " " + door.SlotName(t.Part), Say: fmt.Sprintf("%d 家%s", len(t.Stops), far(t.Metres)),
			Stops: ui.Table{Caption: t.Helper.Name + door.SlotName(t.Part) + "的上门", Head: []string{"顺序", "去谁家", "地址", "办什么", "状态"}}}
		for i, v := range t.Stops {
			q := t.People[v.Person]
			x.Stops.Rows = append(x.Stops.Rows, ui.Row{Cells: []any{fmt.Sprint(i + 1), ui.Two{First: q.Name, Second: fmt.Sprintf("%d岁", q.Age(ui.Today(r))), Href: "/o/door/visit/" + v.ID}, v.Address, v.What,
				ui.Chip{Tone: map[string]string{door.Planned: "wait", door.Done: "ok", door.Missed: "bad"}[v.Status], Say: door.StatusName(v.Status)}}})
		}
		p.Tours = append(p.Tours, x)
	}
	helpers, err := s.Door.Helpers(r.Context(), who.Region)
	p.Helpers = ui.Table{Caption: "帮办员", Title: "帮办员", Head: []string{"姓名", "片区", "会办什么", "派不派"}, Empty: "还没有登记帮办员。"}
	for _, h := range helpers {
		skills := "都会办"
		if !slices.Contains(h.Skills, "*") {
			skills = fmt.Sprintf("%d 件事项", len(h.Skills))
		}
		state := ui.Chip{Tone: "ok", Say: "派"}
		if !h.Active {
			state = ui.Chip{Tone: "mute", Say: "停派"}
		}
		p.Helpers.Rows = append(p.Helpers.Rows, ui.Row{Cells: []any{ui.Two{First: h.Name}, orDash(h.District), skills, state}})
		p.Rest = append(p.Rest, ui.Option{Value: h.ID, Label: h.Name + "（" + state.Say + "）"})
	}
	return p, err
}

func (s *Server) door(w http.ResponseWriter, r *http.Request) error {
	p, err := s.doorPage(r)
	if err != nil {
		return err
	}
	return doorTmpl.Render(w, r, p)
}

func (s *Server) doorHire(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	in := helperInput{Account: f.Raw("account"), Name: f.Text("name", "姓名"), District: f.Text("district", "片区")}
	err := f.Err()
	account := ""
	if err == nil && in.Account != "" {
		account, err = s.helperAccount(r, in.Account)
	}
	if err == nil {
		err = s.Door.Hire(r.Context(), who, who.Region, f.Once(), door.Helper{Account: account, Name: in.Name, District: in.District, Skills: []string{"*"}, Active: true})
	}
	if err != nil {
		p, perr := s.doorPage(r)
		if perr != nil {
			return perr
		}
		p.In = in
		return doorTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/door")
}

// doorRest sends a helper out no more (leave, illness) or again.
func (s *Server) doorRest(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	if err := s.Door.Rest(r.Context(), who, who.Region, f.Once(), f.Raw("helper"), f.Raw("active") != ""); err != nil {
		p, perr := s.doorPage(r)
		if perr != nil {
			return perr
		}
		return doorTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/door/dispatch")
}

// helperAccount finds the account with which a helper logs in.
func (s *Server) helperAccount(r *http.Request, login string) (string, error) {
	a, err := s.Access.ByLogin(r.Context(), ui.Actor(r).Region, login)
	switch {
	case fault.Is(err, fault.NotFound) || err == nil && !a.Role.Allows(access.DoorGo):
		return "", fault.Field("account", "没有登录名是“%s”的帮办员账号。请安全管理员先开好，岗位选帮办员", login)
	case err != nil:
		return "", err
	}
	return a.ID, nil
}

// doorVisitPage reads one visit; with it, where nobody was met, the half days of
// another try.
func (s *Server) doorVisitPage(r *http.Request) (*doorVisitPage, error) {
	who := ui.Actor(r)
	v, err := s.Door.See(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	q := v.Who
	p := &doorVisitPage{Page: ui.Page{Title: "上门：" + q.Name, Back: "/o/door?on=" + v.On.String(), Nav: "/o/door"}, V: v.Visit, Open: v.Status == door.Planned,
		Proofs: ui.Table{Title: "留证", Caption: "留证", Head: []string{"文件", "大小", "收到"}}}
	row := func(label string, value any) {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: value})
	}
	row("去谁家", ui.Link{Href: "/o/person/" + q.ID, Label: q.Name, Tone: "ghost"})
	row("什么时候", v.On.Short()+" "+door.SlotName(v.Part))
	row("地址", v.Address)
	row("办什么", orDash(v.What))
	row("状态", door.StatusName(v.Status))
	if v.Case != "" {
		row("办件", ui.Link{Href: "/o/matter/case/" + v.Case, Label: v.Case, Tone: "ghost"})
	}
	for _, x := range []struct {
		label string
		at    int64
	}{{"出发", v.SetOut}, {"到了", v.Arrived}, {"记下结果", v.Ended}} {
		if x.at > 0 {
			row(x.label, ui.Instant(x.at))
		}
	}
	if v.Arrived > 0 && v.Metres >= 0 {
		row("离登记住址", fmt.Sprintf("%d 米", v.Metres))
	}
	if v.Ended > 0 {
		row("办了什么", v.Result)
	}
	row("派谁的依据", ui.Link{Href: "/o/why/" + v.Decision, Label: "看依据", Tone: "ghost"})
	for _, d := range v.Files {
		p.Proofs.Rows = append(p.Proofs.Rows, ui.Row{Cells: []any{ui.Two{First: d.Name, Href: "/o/door/visit/" + v.ID + "/file/" + d.ID}, desk.SizeText(d.Size), ui.Instant(d.At.UnixMilli())}})
	}
	if v.Status == door.Missed || v.Status == door.Off {
		slots, err := s.Door.Slots(r.Context(), who.Region, v.Person)
		if err != nil && !fault.Is(err, fault.Refused) {
			return nil, err
		}
		for _, x := range slots {
			p.Slots = append(p.Slots, ui.Option{Value: x.On.String() + "/" + x.Part, Label: x.On.Chinese() + door.SlotName(x.Part)})
		}
	}
	return p, nil
}

func (s *Server) doorVisit(w http.ResponseWriter, r *http.Request) error {
	p, err := s.doorVisitPage(r)
	if err != nil {
		return err
	}
	return doorVisitTmpl.Render(w, r, p)
}

func (s *Server) doorFinish(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	in := door.Proof{Result: f.Raw("result"), Missed: f.Ticked("missed")}
	st, err := s.upload(r, "file")
	if err != nil {
		f.Bad("file", "%s", fault.As(err).Say)
	} else if st != nil {
		in.Files = []desk.Stored{*st}
	}
	if err = f.Err(); err == nil {
		_, err = s.Door.Finish(r.Context(), who, who.Region, id, f.Once(), in)
	}
	if err != nil {
		return s.doorVisitAgain(w, r, in.Result, err)
	}
	return ui.Redirect(w, r, "/o/door/visit/"+id)
}

func (s *Server) doorVisitAgain(w http.ResponseWriter, r *http.Request, result string, err error) error {
	p, perr := s.doorVisitPage(r)
	if perr != nil {
		return perr
	}
	p.Result = result
	return doorVisitTmpl.Again(w, r, p, err)
}

// doorAgain makes another appointment after nobody was met.
func (s *Server) doorAgain(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	on, part, _ := strings.Cut(f.Raw("slot"), "/")
	d, err := day.Parse(on)
	if err != nil {
		err = fault.Field("slot", "请选另约哪个时段")
	}
	var v door.Visit
	if err == nil {
		v, err = s.Door.Again(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), d, part)
	}
	if err != nil {
		return s.doorVisitAgain(w, r, "", err)
	}
	return ui.Redirect(w, r, "/o/door/visit/"+v.ID)
}

// doorOwed lists who is owed visits this year and how many are left: the oldest,
// or who is entitled to care.
func (s *Server) doorOwed(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	byLevel := r.FormValue("by") == "level"
	p := &owedPage{Page: ui.Page{Title: "每年应上门", Nav: "/o/door", Back: "/o/door"}, Table: ui.Table{Caption: "每年应上门", Head: []string{"谁", "地区", "应上门", "还差"}, Empty: "这一页的人今年都上过门了，或者当地没有规定每年上门几次。"}}
	p.Tabs = ui.Tabs{Label: "看哪些人", Items: []ui.Tab{{Href: "/o/door/owed", Label: "按年龄", N: -1, Current: !byLevel}, {Href: "/o/door/owed?by=level", Label: "享受待遇的", N: -1, Current: byLevel}}}
	list, next, err := s.Door.OwedPage(r.Context(), who.Region, byLevel, r.FormValue("after"), 100)
	if err != nil {
		return err
	}
	left, full := 0, 0
	for _, x := range list {
		if x.Left == 0 {
			full++
			continue
		}
		left++
		owed := ""
		for i, o := range x.Owed {
			if i > 0 {
				owed += "，"
			}
			owed += fmt.Sprintf("%s %d/%d", o.Name, o.Done, o.Times)
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []any{ui.Two{First: x.Person.Name, Second: fmt.Sprintf("%d岁", x.Age), Href: "/o/person/" + x.Person.ID}, orDash(x.Person.District), owed, fmt.Sprintf("%d 次", x.Left)}})
	}
	order := "从年纪最大的起"
	if byLevel {
		order = "从享受待遇的人里"
	}
	p.Say = fmt.Sprintf("%s，这一页应上门 %d 人，其中 %d 人今年的都上过了，%d 人还差。", order, len(list), full, left)
	if next != "" {
		q := url.Values{"after": {next}}
		if byLevel {
			q.Set("by", "level")
		}
		p.Pager.Next = "/o/door/owed?" + q.Encode()
	}
	return owedTmpl.Render(w, r, p)
}

// far says how long a way is; nothing when no place is known.
func far(metres int64) string {
	if metres == 0 {
		return ""
	}
	return fmt.Sprintf("，照这个顺序走约 %.1f 公里（直线）", float64(metres)/1000)
}
