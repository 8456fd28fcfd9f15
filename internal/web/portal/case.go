package portal

import (
	"net/http"

	"yinling/internal/assess"
	"yinling/internal/day"
	"yinling/internal/web/ui"
)

type casesPage struct {
	ui.Page
	Rows ui.Table
	None ui.Empty
}

type casePage struct {
	ui.Page
	D        assess.Detail
	Chip     ui.Chip
	Say      string // the sentence that tells where it stands
	Timeline ui.Timeline
	Facts    ui.Summary
	Result   ui.Summary
	Why      string // decision behind the level
	Papers   ui.Table
	Canned   bool // may be taken back
	Supply   bool // something is to be brought
	Object   bool
	Reason   string
	Phone    string
	Name     string
}

var (
	casesTmpl  = ui.MustParse[casesPage](ui.Portal, files, "case/list.html")
	caseTmpl   = ui.MustParse[casePage](ui.Portal, files, "case/case.html")
	objectTmpl = ui.MustParse[casePage](ui.Portal, files, "case/object.html")
)

// caseTone is the chip of a state.
func caseTone(st assess.State) string {
	switch st {
	case assess.StateEffective:
		return "ok"
	case assess.StateSupplement:
		return "hot"
	case assess.StateRefused, assess.StateBelow, assess.StateExpired:
		return "info"
	case assess.StateWithdrawn:
		return "mute"
	}
	return "wait"
}

func (s *Server) caseList(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	wards, err := s.Assess.Wards(r.Context(), who)
	if err != nil {
		return err
	}
	p := &casesPage{Page: ui.Page{Title: "我的办件", Back: "/"}, Rows: ui.Table{Caption: "办件", Head: []string{"事项", "给谁", "到哪一步", "受理号"}},
		None: ui.Empty{Title: "还没有办件", Say: "您和请您代办的家人都没有在办的事。", Act: ui.Link{Href: "/assess/apply", Label: "申请护理"}}}
	for _, x := range wards {
		apps, err := s.Assess.OfPerson(r.Context(), who, x.Person.ID)
		if err != nil {
			return err
		}
		for _, a := range apps {
			p.Rows.Rows = append(p.Rows.Rows, ui.Row{Cells: []any{ui.Two{First: "申请护理（" + a.Kind.Name() + "）", Href: "/case/" + a.ID}, x.Person.Name,
				ui.Chip{Tone: caseTone(a.State), Say: a.State.Name()}, a.ID}})
		}
		ways, err := s.Desk.OfMatters(r.Context(), who, x.Person.ID)
		if err != nil {
			return err
		}
		for _, y := range ways {
			p.Rows.Rows = append(p.Rows.Rows, ui.Row{Cells: []any{ui.Two{First: y.Matter.Name, Href: "/case/" + y.Case.ID}, x.Person.Name,
				ui.Chip{Tone: matterTone(y.Case.Status), Say: y.Case.Status.Name()}, y.Case.ID}})
		}
	}
	return casesTmpl.Render(w, r, p)
}

func (s *Server) casePage(r *http.Request) (*casePage, error) {
	who := ui.Actor(r)
	d, err := s.Assess.Detail(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	a := d.App
	p := &casePage{Page: ui.Page{Title: "申请护理：" + d.Person.Name, Back: "/case", Nav: "/case"}, D: d, Say: caseSay(d),
		Chip: ui.Chip{Tone: caseTone(a.State), Say: a.State.Name()}, Name: who.Name}
	for _, act := range assess.Allowed(a.State, who.Role) {
		switch act {
		case assess.ActWithdraw:
			p.Canned = true
		case assess.ActSupply:
			p.Supply = true
		case assess.ActObject:
			p.Object = a.Round == 1 && (a.State == assess.StateOnNotice || a.ObjectBy.IsZero() || p.today(r) <= a.ObjectBy)
		}
	}
	for _, st := range d.Steps {
		m := ui.Moment{State: "done", Title: st.Say, When: ui.Instant(st.At.UnixMilli()), Who: st.ActorName}
		if st.Decision != "" {
			m.Link = ui.Link{Href: "/why/" + st.Decision, Label: "为什么"}
		}
		p.Timeline.Items = append(p.Timeline.Items, m)
	}
	for i, title := range ahead(a.State) {
		m := ui.Moment{State: "next", Title: title}
		if i == 0 {
			m.State = "now"
			if !d.Case.Due.IsZero() {
				m.When = d.Case.Due.Short() + "前"
			}
		}
		p.Timeline.Items = append(p.Timeline.Items, m)
	}
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "受理号", Value: a.ID}, {Label: "给谁", Value: d.Person.Name}, {Label: "怎么申请的", Value: d.Case.Channel.Name()}}}
	if !a.VisitOn.IsZero() {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "上门时间", Value: a.VisitOn.Short() + slotSay(a.VisitSlot)})
	}
	for _, m := range d.Members {
		if m.On && m.Duty == assess.DutyVisit && m.Round == a.Round {
			p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "上门的人", Value: m.Name})
		}
	}
	if a.FinalLevel >= 0 && a.State != assess.StateConcluded && a.State != assess.StateRecorded {
		p.Result = ui.Summary{Title: "结果", Rows: []ui.Fact{{Label: "等级", Value: a.FinalName}}}
		if !a.ValidTo.IsZero() {
			p.Result.Rows = append(p.Result.Rows, ui.Fact{Label: "有效到", Value: a.ValidTo})
		}
		if p.Object && !a.ObjectBy.IsZero() {
			p.Result.Rows = append(p.Result.Rows, ui.Fact{Label: "有意见可以在这天前提", Value: a.ObjectBy})
		}
		p.Why = a.DLevel
	}
	p.Papers = ui.Table{Caption: "材料", Title: "材料", Head: []string{"材料", "收到时间"}, Empty: "还没有材料。"}
	for _, doc := range d.Documents {
		if doc.Kind == "video" || doc.Kind == "photo" {
			continue // recordings on site are opened at the desk
		}
		p.Papers.Rows = append(p.Papers.Rows, ui.Row{Cells: []any{ui.Two{First: doc.Name, Href: "/assess/file/" + doc.ID}, ui.Instant(doc.At.UnixMilli())}})
	}
	return p, nil
}

func (p *casePage) today(r *http.Request) day.Day { return ui.Today(r) }

func slotSay(key string) string {
	for _, s := range assess.Slots {
		if s.Key == key {
			return " " + s.Name
		}
	}
	return ""
}

// caseSay is the one sentence above everything else.
func caseSay(d assess.Detail) string {
	a := d.App
	switch a.State {
	case assess.StateApplied:
		return "申请收到了，工作人员正在看。"
	case assess.StateSupplement:
		return "还差：" + a.MissingWhat + "。请在" + a.SupplyBy.Short() + "前补交，就在这一页。"
	case assess.StateAccepted:
		return "受理了，接下来随机抽评估员上门。"
	case assess.StateDrawn, assess.StateRedrawn:
		if a.VisitOn.IsZero() {
			return "评估员会打电话约上门的时间。来人会出示证件，不收钱。"
		}
		return "约好" + a.VisitOn.Short() + slotSay(a.VisitSlot) + "上门。请家人在场。"
	case assess.StateRecorded, assess.StateRerecorded:
		return "上门评估做完了，专家正在下结论。"
	case assess.StateConcluded:
		return "结论出来了，马上公示或送达。"
	case assess.StateOnNotice:
		return "结论是" + a.FinalName + "，公示到" + d.Notice.Ends.Short() + "。没有异议，待遇就生效。"
	case assess.StateEffective:
		return "办好了：" + a.FinalName + "，有效到" + a.ValidTo.Chinese() + "。"
	case assess.StateBelow:
		return "这次的结论是" + a.FinalName + "，还没有达到待遇等级。状态变化满 6 个月可以再申请。"
	case assess.StateDisputed:
		return "收到了实名异议，另派人员复评，复评的结论是最终结论。"
	case assess.StateFinal:
		return "复评的结论是" + a.FinalName + "。"
	case assess.StateRefused:
		return "这次还不能办。原因写在下面，您也可以打 12393 问。"
	case assess.StateWithdrawn:
		return "申请已经撤回。需要时随时再申请。"
	}
	return a.State.Name() + "。"
}

// ahead names what is still to come, the present step first.
func ahead(st assess.State) []string {
	road := []string{"答复受理不受理", "随机抽派评估员", "上门评估", "专家下结论", "公示", "待遇生效"}
	at := map[assess.State]int{assess.StateApplied: 0, assess.StateSupplement: 0, assess.StateAccepted: 1, assess.StateDrawn: 2,
		assess.StateRecorded: 3, assess.StateConcluded: 4, assess.StateOnNotice: 4}
	if st == assess.StateSupplement {
		road[0] = "等您补交材料"
	}
	if i, ok := at[st]; ok {
		return road[i:]
	}
	switch st {
	case assess.StateDisputed, assess.StateRedrawn, assess.StateRerecorded:
		return []string{"复评", "最终结论"}
	case assess.StateFinal:
		return []string{"送达最终结论"}
	}
	return nil
}

func (s *Server) caseView(w http.ResponseWriter, r *http.Request) error {
	if way, ok, err := s.ofMatter(r); ok || err != nil {
		if err != nil {
			return err
		}
		return matterCaseTmpl.Render(w, r, s.matterCasePage(r, way))
	}
	p, err := s.casePage(r)
	if err != nil {
		return err
	}
	return caseTmpl.Render(w, r, p)
}

func (s *Server) cmd(r *http.Request, f *ui.Form) assess.Cmd {
	return assess.Cmd{Region: ui.Actor(r).Region, ID: r.PathValue("id"), Key: f.Once()}
}

func (s *Server) caseAct(w http.ResponseWriter, r *http.Request, t *ui.Template[casePage], do func(*ui.Form, *casePage) error) error {
	p, err := s.casePage(r)
	if err != nil {
		return err
	}
	if err := do(ui.ParseForm(r), p); err != nil {
		return t.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/case/"+r.PathValue("id"))
}

func (s *Server) caseWithdraw(w http.ResponseWriter, r *http.Request) error {
	if way, ok, err := s.ofMatter(r); ok || err != nil {
		if err != nil {
			return err
		}
		return s.matterWithdraw(w, r, way)
	}
	return s.caseAct(w, r, caseTmpl, func(f *ui.Form, _ *casePage) error {
		return s.Assess.Withdraw(r.Context(), ui.Actor(r), s.cmd(r, f), "")
	})
}
