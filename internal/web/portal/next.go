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
	"yinling/internal/web/ui"
)

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
			by := p.Institution.Name
			if p.OfFamily() {
				by = "医保经办"
			}
			return ui.Next{Tag: "等您确认", Title: "护理计划写好了", When: "看看合不合适", Say: by + " 为您写的计划",
				Acts: []ui.Link{{Href: atCare + "/plan/" + p.ID, Label: "看计划"}}}, 0, nil
		}
		if p.OfFamily() && p.Status == care.Active {
			m, err := s.Care.FamilyDays(ctx, who, who.Region, id, today.Month())
			if err != nil {
				return ui.Next{}, 0, err
			}
			if n := m.Waiting(); n > 2 { // every few days, not every day
				return ui.Next{Tag: fmt.Sprintf("等您确认 %d 天", n), Title: "确认照护的日子", When: m.Carer.Name + "在照护", Say: "补助按确认的天数付",
					Acts: []ui.Link{{Href: atCare + "/days", Label: "去确认"}}}, 0, nil
			}
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
