package office

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

type carePlanPage struct {
	ui.Page
	X     care.PlanRow
	Facts ui.Summary
	Items ui.Table
	Slots ui.Table
	Over  []care.Problem
	Note  string
	May   bool
	Days  string          // where the window confirms days
	Own   map[string]bool // what the agency may do with a plan of family care
}

var (
	carePlanTmpl = ui.MustParse[carePlanPage](ui.Office, files, "care/plan.html")
)

func carePlanTone(s care.PlanStatus) string {
	switch s {
	case care.Active:
		return "ok"
	case care.Confirmed:
		return "hot"
	case care.Returned, care.Declined:
		return "bad"
	}
	return "wait"
}

var careDays = []string{"", "周一", "周二", "周三", "周四", "周五", "周六", "周日"}

func (s *Server) carePlanPage(r *http.Request, id string) (*carePlanPage, error) {
	who := ui.Actor(r)
	x, names, err := s.Care.SeePlan(r.Context(), who, who.Region, id)
	if err != nil {
		return nil, err
	}
	p := &carePlanPage{Page: ui.Page{Title: "护理计划：" + x.Who.Name, Back: s.backTo(r, s.queue("plan"), x.ID), Nav: "/o/care/plans"}, X: x, Over: x.Limits.Problems, May: x.Status == care.Confirmed}
	level := strconv.FormatInt(x.Level, 10) + "级"
	if v, err := s.Packs.At(who.Region, x.From); err == nil {
		level = benefit.Name(v, x.Level)
	}
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "状态", Value: ui.Chip{Tone: carePlanTone(x.Status), Say: x.Status.Name()}}, {Label: "参保人", Value: ui.Two{First: x.Who.Name, Second: fmt.Sprintf("%s · %d岁 · 尾号 %s", x.Who.Sex, x.Who.Age(ui.Today(r)), x.Who.IDTail)}},
		{Label: "失能等级", Value: level}, {Label: "护理方式", Value: benefit.ModeChinese(x.Mode)},
		{Label: "日期", Value: x.From.Chinese() + "至" + x.To.Chinese()}}}
	if err := s.careCarer(r, p); err != nil {
		return nil, err
	}
	if x.Limits.Month != 0 {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: x.Limits.Month.Chinese(), Value: monthOfPlan(x.Plan) + s.Care.PlanMark(x.Plan)})
	}
	if x.ConfirmedAt > 0 {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "本人确认", Value: ui.Instant(x.ConfirmedAt)})
	}
	if x.Note != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "原因", Value: x.Note})
	}
	if x.Decision != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "核对", Value: ui.Link{Href: "/o/why/" + x.Decision, Label: "看依据和计算", Tone: "ghost"}})
	}
	all := s.Care.Items(x.Region, x.From)
	p.Items = ui.Table{Caption: "服务项目", Head: []string{"项目", "每周", "每次", "谁做"}}
	if x.Mode != "home" {
		p.Items.Head = []string{"项目", "多久一次", "谁做"}
	}
	for _, it := range x.Items {
		name := it.Item
		if n := slices.IndexFunc(all, func(a care.Item) bool { return a.Code == it.Item }); n >= 0 {
			name = all[n].Name
		}
		if x.Mode != "home" {
			p.Items.Rows = append(p.Items.Rows, ui.Row{Cells: []any{name, "每天", care.StaffName(it.Staff)}})
			continue
		}
		p.Items.Rows = append(p.Items.Rows, ui.Row{Cells: []any{name, fmt.Sprintf("%d 次", it.PerWeek), fmt.Sprintf("%d 分钟", it.Minutes), care.StaffName(it.Staff)}})
	}
	p.Slots = ui.Table{Caption: "每周上门", Head: []string{"哪天", "几点", "护理员"}, Empty: "不用上门。"}
	for _, sl := range x.Slots {
		name := names[sl.Staff]
		if name == "" {
			name = "还没排人"
		}
		p.Slots.Rows = append(p.Slots.Rows, ui.Row{Cells: []any{careDays[min(max(sl.Weekday, 0), 7)], sl.Start, name}})
	}
	return p, nil
}

// monthOfPlan is what the plan's fullest month comes to.
func monthOfPlan(p care.Plan) string {
	if p.Mode != "home" {
		return fmt.Sprintf("%d 天，服务价格 %s", p.Limits.Visits, p.Limits.TotalFen.Yuan())
	}
	return fmt.Sprintf("%d 次，%s，服务价格 %s", p.Limits.Visits, care.Hours(p.Limits.MonthMinutes), p.Limits.TotalFen.Yuan())
}

func (s *Server) carePlan(w http.ResponseWriter, r *http.Request) error {
	p, err := s.carePlanPage(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	return carePlanTmpl.Render(w, r, p)
}

func (s *Server) carePlanAct(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	version, _ := strconv.ParseInt(f.Raw("version"), 10, 64)
	a := care.PlanAct{Action: f.Raw("act"), Version: version, Note: f.Text("note", "")}
	switch a.Action {
	case "approve", "return", "offer", "recall":
	case "end":
		a.Last = f.Day("last", "最后照护的一天")
	default:
		return fault.New(fault.Forbidden, "这一步不由经办机构办。")
	}
	err := f.Err()
	if err == nil {
		_, err = s.Care.Act(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), a)
	}
	if err != nil {
		p, perr := s.carePlanPage(r, r.PathValue("id"))
		if perr != nil {
			return perr
		}
		p.Note = a.Note
		return carePlanTmpl.Again(w, r, p, err)
	}
	if a.Action == "approve" || a.Action == "return" {
		return ui.Redirect(w, r, "/o/care/plans")
	}
	return ui.Redirect(w, r, "/o/care/plan/"+r.PathValue("id"))
}

type careExceptionPage struct {
	ui.Page
	X       care.Sight
	E       care.Exception
	Facts   ui.Summary
	Visit   ui.Summary
	Items   ui.Table
	Proofs  ui.Table
	Actions []ui.Option
	Action  string
	Minutes string
	Reason  string
	May     bool
}

var (
	careExceptionTmpl = ui.MustParse[careExceptionPage](ui.Office, files, "care/exception.html")
)

func careExceptionTone(s care.ExceptionStatus) string {
	switch s {
	case care.Open:
		return "wait"
	case care.Answered:
		return "hot"
	case care.Accepted:
		return "ok"
	}
	return "bad"
}

var careActions = []ui.Option{
	{Value: "accept", Label: "情况属实，照常结算"},
	{Value: "deduct", Label: "扣减时长", Hint: "扣减后重新算费用"},
	{Value: "void", Label: "这次不予认定", Hint: "整次不结算"},
}

func (s *Server) careExceptionPage(r *http.Request, id, kind string) (*careExceptionPage, error) {
	who := ui.Actor(r)
	x, err := s.Care.See(r.Context(), who, who.Region, id)
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(x.Exceptions, func(e care.Exception) bool { return e.Kind == kind })
	if n < 0 {
		return nil, fault.New(fault.NotFound, "没有找到这个疑点，可能已经消除了。")
	}
	e := x.Exceptions[n]
	p := &careExceptionPage{Page: ui.Page{Title: care.ExceptionName(e.Kind) + "：" + x.Who.Name, Back: s.backTo(r, s.queue("exception"), x.ID+"/"+e.Kind), Nav: "/o/care/exceptions"}, X: x, E: e, Actions: careActions, May: !e.Status.Decided()}
	add := func(s *ui.Summary, label string, v any) { s.Rows = append(s.Rows, ui.Fact{Label: label, Value: v}) }
	add(&p.Facts, "疑点", e.Say)
	add(&p.Facts, "状态", ui.Chip{Tone: careExceptionTone(e.Status), Say: e.Status.Name()})
	if c := e.Clause; c != nil {
		add(&p.Facts, "依据", ui.Two{First: c.Doc, Second: c.No + " " + c.Article, Chip: ui.GradeMark(c.Grade)})
	}
	if x.SuspectDecision != "" {
		add(&p.Facts, "怎么发现的", ui.Link{Href: "/o/why/" + x.SuspectDecision, Label: "看依据和计算", Tone: "ghost"})
	}
	if e.Answer != "" {
		add(&p.Facts, "机构的说明", e.Answer)
	} else if !e.AnswerDue.IsZero() && e.Institution != "" {
		add(&p.Facts, "机构的说明", "还没有，"+e.AnswerDue.Chinese()+"前说明")
	}
	if e.Status.Decided() {
		add(&p.Facts, "处理的理由", e.Reason)
		if e.DeductMinutes > 0 {
			add(&p.Facts, "扣减", fmt.Sprintf("%d 分钟", e.DeductMinutes))
		}
	}
	p.Visit.Title = "上门记录"
	if x.Institution.ID != "" {
		add(&p.Visit, "机构", x.Institution.Name)
		add(&p.Visit, "护理员", x.StaffName)
	}
	add(&p.Visit, "日期", x.On)
	for _, m := range []struct {
		label string
		at    *care.Mark
	}{{"到达", x.Place.In}, {"离开", x.Place.Out}} {
		if m.at == nil {
			continue
		}
		say := ui.Clock(m.at.Device)
		if m.at.Fix.Off {
			say += "，没有定位"
		} else {
			say += fmt.Sprintf("，离登记住址 %d 米，误差 %d 米", m.at.Distance, m.at.Fix.Accuracy)
		}
		add(&p.Visit, m.label, ui.Two{First: say, Second: "服务器收到：" + ui.Instant(m.at.Received)})
	}
	if x.Mode == "home" {
		add(&p.Visit, "时长", fmt.Sprintf("%d 分钟（计划 %d 分钟）", x.Minutes, x.PlannedMinutes))
		add(&p.Visit, "留证", fmt.Sprintf("%d 份", len(x.Visit.Evidence)))
	}
	total, err := x.TotalFen()
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, l := range x.Lines {
		codes = append(codes, l.Item)
	}
	add(&p.Visit, "服务价格", total.Yuan()+s.Care.PriceMark(x.Region, x.On, codes...))
	p.Proofs = proofsTable(x)
	p.Items = ui.Table{Caption: "项目", Head: []string{"项目", "计划", "实际"}}
	for _, it := range x.Items {
		cell := func(n int64) string {
			if n < 0 {
				return "—"
			}
			return fmt.Sprintf("%d 分钟", n)
		}
		p.Items.Rows = append(p.Items.Rows, ui.Row{Cells: []any{it.Name, cell(it.Planned), cell(it.Done)}})
	}
	return p, nil
}

func (s *Server) careException(w http.ResponseWriter, r *http.Request) error {
	p, err := s.careExceptionPage(r, r.PathValue("id"), r.PathValue("kind"))
	if err != nil {
		return err
	}
	return careExceptionTmpl.Render(w, r, p)
}

func (s *Server) careJudge(w http.ResponseWriter, r *http.Request) error {
	f, who, id, kind := ui.ParseForm(r), ui.Actor(r), r.PathValue("id"), r.PathValue("kind")
	j := care.Judgement{Action: f.Choice("action", "怎么处理", careActions), Reason: f.Text("reason", "处理的理由")}
	j.Version, _ = strconv.ParseInt(f.Raw("version"), 10, 64)
	if j.Action == "deduct" {
		j.Minutes = f.Int("minutes", "扣减的分钟数", 1, 1440)
	}
	err := f.Err()
	if err == nil {
		_, err = s.Care.Judge(r.Context(), who, who.Region, id, kind, f.Once(), j)
	}
	if err != nil {
		p, perr := s.careExceptionPage(r, r.PathValue("id"), r.PathValue("kind"))
		if perr != nil {
			return perr
		}
		p.Action, p.Minutes, p.Reason = j.Action, f.Raw("minutes"), j.Reason
		return careExceptionTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/care/exceptions")
}
