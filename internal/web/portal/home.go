package portal

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/claim"
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
	Tiles    ui.Tiles
	Rows     ui.Rows
	Policies ui.Lines
	Notices  ui.Lines
}

var homeTmpl = ui.MustParse[homePage](ui.Portal, files, "home/home.html")

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
		{Href: atCare, Icon: "clock", Tone: "gold", Title: "上门护理", Say: "计划和时间"},
		{Href: atFamily, Icon: "family", Tone: "sky", Title: "家人代办", Say: "授权给亲人"},
		{Href: "/help/chronic", Icon: "chronic", Tone: "gold", Title: "慢病备案", Say: "打电话办"},
		{Href: "/help/drug", Icon: "drug", Tone: "pine", Title: "续方送药", Say: "打电话办"},
		{Href: "/help/cross", Icon: "train", Tone: "sky", Title: "异地看病", Say: "打电话办"},
		{Href: "/help/near", Icon: "pin", Tone: "pers", Title: "附近窗口", Say: "去哪里办"},
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
	p := &homePage{Page: ui.Page{Bleed: !ui.Elder(r)}, Today: fmt.Sprintf("今天是 %s", today.Short())}
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
	p.Rows.Items = []ui.Link{{Href: "/policy", Label: "看政策", Icon: "book"}, {Href: "/notice", Label: "看公示", Icon: "doc"}, {Href: atCases, Label: "我的办件", Icon: "list"}}
	region := s.region(r)
	p.Policies = ui.Lines{Title: "政策文件", More: ui.Link{Href: "/policy", Label: "更多"}, Empty: "还没有录入政策文件。"}
	for i, d := range s.documents(region) {
		if i == 4 {
			break
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

// The road of an application as a citizen counts it.
var roadSteps = map[assess.State]int{assess.StateApplied: 1, assess.StateSupplement: 1, assess.StateAccepted: 2, assess.StateDrawn: 3, assess.StateRecorded: 3,
	assess.StateDisputed: 3, assess.StateRedrawn: 3, assess.StateRerecorded: 3, assess.StateConcluded: 4, assess.StateFinal: 4, assess.StateOnNotice: 4, assess.StateEffective: 5}

// next finds the one thing that comes next for the person, most urgent first,
// and how many bills wait.
func (s *Server) next(ctx context.Context, r *http.Request, who audit.Actor) (ui.Next, int, error) {
	id, today := subject(who), ui.Today(r)
	bills, err := s.Claim.BillsOf(ctx, who, who.Region, id, today.AddMonths(-3), 50)
	if err != nil {
		return ui.Next{}, 0, err
	}
	var waiting []claim.Bill
	for _, b := range bills {
		if b.Status == claim.Quoted {
			waiting = append(waiting, b)
		}
	}
	apps, err := s.Assess.OfPerson(ctx, who, id)
	if err != nil {
		return ui.Next{}, 0, err
	}
	for _, a := range apps {
		if a.State == assess.StateSupplement {
			return ui.Next{Tag: "要您办", Title: "申请护理还差材料", When: a.SupplyBy.Short() + "前补交", Say: "还差：" + a.MissingWhat,
				Acts: []ui.Link{{Href: atCases + "/" + a.ID, Label: "去补交"}}}, len(waiting), nil
		}
	}
	if len(waiting) > 0 {
		b := waiting[0]
		return ui.Next{Tag: fmt.Sprintf("等您确认 %d 笔", len(waiting)), Title: "确认护理账单", When: "您付 " + b.PersonFen.Yuan(),
			Say:  b.On.Short() + " 上门护理 " + fmt.Sprintf("%d 分钟", b.Minutes) + "，医保付 " + b.Fund.Yuan(),
			Acts: []ui.Link{{Href: atBills + "/" + b.Visit, Label: "看账单"}}}, len(waiting), nil
	}
	plans, err := s.Care.PlansFor(ctx, who, who.Region, id)
	if err != nil {
		return ui.Next{}, 0, err
	}
	for _, p := range plans {
		if p.Status == care.Offered {
			return ui.Next{Tag: "等您确认", Title: "护理计划写好了", When: "看看合不合适", Say: p.Institution.Name + " 为您写的计划",
				Acts: []ui.Link{{Href: atCare + "/plan/" + p.ID, Label: "看计划"}}}, 0, nil
		}
	}
	open := 0
	var first assess.Application
	for _, a := range apps {
		if n := roadSteps[a.State]; n > 0 && n < 5 {
			if open++; open == 1 {
				first = a
			}
		}
	}
	if open > 0 {
		n := roadSteps[first.State]
		card := ui.Next{Tag: fmt.Sprintf("正在办 %d 件", open), Title: "申请护理保险", When: first.State.Name(), Say: nextSay(first),
			Steps: ui.Steps{Total: 5, Now: n, Say: fmt.Sprintf("共 5 步，现在是第 %d 步", n)}, Acts: []ui.Link{{Href: atCases + "/" + first.ID, Label: "看进度"}}}
		if !first.VisitOn.IsZero() && n == 3 {
			card.When = first.VisitOn.Short() + " " + slotName(first.VisitSlot)
		}
		return card, 0, nil
	}
	visits, err := s.Care.Of(ctx, who, who.Region, id, today, today+14, 20)
	if err != nil {
		return ui.Next{}, 0, err
	}
	var soon *care.Row
	for i, v := range visits {
		if v.Status == care.Planned && (soon == nil || v.On < soon.On || (v.On == soon.On && v.PlannedAt < soon.PlannedAt)) {
			soon = &visits[i]
		}
	}
	if soon != nil {
		return ui.Next{Tag: "下次上门", Title: "上门护理", When: soon.On.Short() + " " + ui.Clock(soon.PlannedAt), Say: "护理员 " + soon.StaffName + "。来人会出示证件，不另收钱。",
			Acts: []ui.Link{{Href: atCare, Label: "看安排"}}}, 0, nil
	}
	for _, a := range apps {
		if a.State == assess.StateEffective {
			return ui.Next{Tag: "正在享受", Title: a.FinalName, When: "有效到 " + a.ValidTo.Chinese(), Say: "可以选护理方式和机构。",
				Acts: []ui.Link{{Href: atCare, Label: "选护理方式"}, {Href: atCases + "/" + a.ID, Label: "看结果"}}}, 0, nil
		}
	}
	return ui.Next{Title: "老人要人照顾？", When: "先申请评估", Say: "不收费。自己办、家人办，或请我们上门都行。", Acts: []ui.Link{{Href: atApply, Label: "申请护理"}}}, 0, nil
}

// nextSay tells who does what next.
func nextSay(a assess.Application) string {
	switch a.State {
	case assess.StateApplied:
		return "我们正在看材料，能不能受理会发短信告诉您。"
	case assess.StateAccepted, assess.StateDisputed:
		return "我们正在安排评估员，约好时间告诉您。"
	case assess.StateDrawn, assess.StateRedrawn:
		return "评估员上门看老人的情况，不收钱。"
	case assess.StateRecorded, assess.StateRerecorded:
		return "评估做完了，专家正在定等级。"
	case assess.StateConcluded, assess.StateFinal:
		return "等级定了，正在准备公示和通知。"
	case assess.StateOnNotice:
		return "正在公示，没有人提意见就生效。"
	}
	return ""
}

func slotName(slot string) string {
	switch {
	case strings.HasSuffix(slot, "am"):
		return "上午"
	case strings.HasSuffix(slot, "pm"):
		return "下午"
	}
	return slot
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
