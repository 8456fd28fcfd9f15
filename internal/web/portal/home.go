package portal

import (
	"fmt"
	"net/http"

	"yinling/internal/audit"
	"yinling/internal/person"
	"yinling/internal/web/ui"
)

type homePage struct {
	ui.Page
	Name     string // whom the page greets
	Today    string
	Next     ui.Next
	HasNext  bool
	ActsFor  ui.Rows // for whom the visitor may act
	Box      searchBox
	Tiles    ui.Tiles
	Rows     ui.Rows
	Policies ui.Lines
	Notices  ui.Lines
}

var homeTmpl = ui.MustParse[homePage](ui.Portal, files, "home/home.html", "search/box.html")

// Where the services of the citizens' face begin.
const (
	atApply  = "/assess"
	atCases  = "/case"
	atCare   = "/care"
	atBills  = "/claim"
	atFamily = "/family"
)

// services are the tiles of the first page, the same in both modes. Those that
// are not done on the net yet lead to telephone and window.
func services(bills int) []ui.Tile {
	dot := ""
	if bills > 0 {
		dot = fmt.Sprintf("%d 笔", bills)
	}
	return []ui.Tile{
		{Href: atApply, Icon: "care", Tone: "pine", Title: "申请护理", Say: "先做评估"},
		{Href: atBills, Icon: "bill", Tone: "pers", Title: "确认付款", Say: "护理账单", Dot: dot},
		{Href: atFamily, Icon: "family", Tone: "sky", Title: "家人代办", Say: "授权给亲人"},
		{Href: "/help/chronic", Icon: "chronic", Tone: "pers", Title: "慢病备案", Say: "打电话办"},
		{Href: "/help/drug", Icon: "drug", Tone: "gold", Title: "续方送药", Say: "打电话办"},
		{Href: "/matter/remote.filing/apply", Icon: "train", Tone: "sky", Title: "异地看病", Say: "先备案"},
		{Href: "/matter/door.visit/apply", Icon: "door", Tone: "gold", Title: "请人上门", Say: "挑个时候"},
		{Href: "/near", Icon: "pin", Tone: "pine", Title: "附近窗口", Say: "去哪里办"},
	}
}

// region is the region that the page speaks of.
func (s *Server) region(r *http.Request) string {
	if who := ui.Actor(r); who.Region != "" {
		return who.Region
	}
	return s.Region
}

// subject is the person whom the visitor acts for: another's proxy, or himself.
func subject(who audit.Actor) string {
	if who.Behalf != "" {
		return who.Behalf
	}
	return who.Person
}

func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), ui.Who(r)
	today := ui.Today(r)
	p := &homePage{Page: ui.Page{Bleed: !ui.Elder(r)}, Today: fmt.Sprintf("今天是 %s", today.Short()), Box: s.searchBox(r, "")}
	bills := 0
	if subject(who.Actor) != "" {
		p.Name = who.Name
		next, waiting, err := s.next(ctx, r, who.Actor)
		if err != nil {
			return err
		}
		p.Next, p.HasNext, bills = next, true, waiting
		if who.Behalf == "" {
			people, _, err := s.Person.ActsFor(ctx, who.Region, who.Person)
			if err != nil {
				return err
			}
			for _, x := range people {
				p.ActsFor.Items = append(p.ActsFor.Items, ui.Link{Href: atFamily, Label: "替 " + x.Name + " 办", Icon: "family"})
			}
		}
	}
	p.Tiles.Items = services(bills)
	p.Rows.Items = []ui.Link{{Href: atCases, Label: "我的办件", Icon: "list"}, {Href: "/policy", Label: "看政策", Icon: "book"}, {Href: "/voice", Label: "投诉和建议", Icon: "chat"}}
	region := s.region(r)
	p.Policies = ui.Lines{Title: "政策文件", More: ui.Link{Href: "/policy", Label: "更多"}, Empty: "还没有录入政策文件。"}
	for _, d := range s.documents(region) {
		if len(p.Policies.Items) == 4 {
			break
		}
		if d.Mark.Say != "" { // an example is no document to read
			continue
		}
		p.Policies.Items = append(p.Policies.Items, ui.LineItem{Href: "/policy#" + d.ID, Label: d.Title, Note: d.Issued})
	}
	p.Notices = ui.Lines{Title: "正在公示", More: ui.Link{Href: "/notice", Label: "更多"}, Empty: "现在没有公示。"}
	list, err := s.Outreach.Current(ctx, region, 4)
	if err != nil {
		return err
	}
	for _, n := range list {
		note := "今天最后一天"
		if left := int(n.Ends - today); left > 0 {
			note = fmt.Sprintf("还有 %d 天", left)
		}
		p.Notices.Items = append(p.Notices.Items, ui.LineItem{Href: "/notice/" + n.ID, Label: n.Shown + " " + n.What, Note: note})
	}
	return homeTmpl.Render(w, r, p)
}

type mePage struct {
	ui.Page
	Facts   ui.Summary
	Cover   ui.Summary
	Rows    ui.Rows
	Citizen bool
}

var meTmpl = ui.MustParse[mePage](ui.Portal, files, "home/me.html")

// me shows the person and where everything of theirs is (我的).
func (s *Server) me(w http.ResponseWriter, r *http.Request) error {
	who := ui.Who(r)
	p := &mePage{Page: ui.Page{Title: "我的"}}
	if id := subject(who.Actor); id != "" {
		p.Citizen = true
		today := ui.Today(r)
		x, c, err := s.Person.Self(r.Context(), who.Region, id)
		if err != nil {
			return err
		}
		p.Facts = ui.Summary{Title: "我的信息", Rows: []ui.Fact{{Label: "姓名", Value: x.Name}, {Label: "证件", Value: "尾号 " + x.IDTail},
			{Label: "年龄", Value: fmt.Sprintf("%d 岁", x.Age(today))}, {Label: "手机", Value: person.MaskPhone(x.Phone)},
			{Label: "住址", Value: x.District + x.Community + x.Address}}}
		p.Cover = ui.Summary{Title: "参保", Rows: []ui.Fact{{Label: "护理保险", Value: ui.Chip{Tone: "hot", Say: "今天没有在保的记录"}}}}
		if c.Covers(today) {
			p.Cover.Rows = []ui.Fact{{Label: "护理保险", Value: ui.Chip{Tone: "ok", Say: "在保"}}, {Label: "从哪天起", Value: c.Since}, {Label: "缴费", Value: fmt.Sprintf("%d 个月", c.PaidMonths)}}
		}
		p.Rows.Items = []ui.Link{{Href: atCases, Label: "我的办件", Icon: "list"}, {Href: atCare, Label: "我的护理", Icon: "care"},
			{Href: atBills, Label: "我的账单", Icon: "bill"}, {Href: atFamily, Label: "家人代办", Icon: "family"}}
	}
	return meTmpl.Render(w, r, p)
}
