package inst

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

type plansPage struct {
	ui.Page
	Tabs ui.Tabs
	List ui.Table
}

var plansTmpl = ui.MustParse[plansPage](ui.Inst, files, "care/plans.html")

var planTabs = []care.PlanStatus{"", care.Draft, care.Offered, care.Confirmed, care.Active, care.Returned, care.Declined, care.Ended}

func (s *Server) plans(w http.ResponseWriter, r *http.Request) error {
	who, st := ui.Actor(r), care.PlanStatus(r.FormValue("status"))
	rows, err := s.Care.Plans(r.Context(), who, who.Region, st, 200)
	if err != nil {
		return err
	}
	p := &plansPage{Page: ui.Page{Title: "护理计划"}, Tabs: ui.Tabs{Label: "按状态看"}}
	for _, t := range planTabs {
		label := t.Name()
		if t == "" {
			label = "全部"
		}
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: "/j/plans?status=" + string(t), Label: label, N: -1, Current: t == st})
	}
	p.List = ui.Table{Caption: "护理计划", Head: []string{"老人", "方式", "日期", "每月", "状态"}, Empty: "这里没有计划。"}
	for _, x := range rows {
		p.List.Rows = append(p.List.Rows, ui.Row{ID: x.ID, Cells: []any{ui.Two{First: x.Who.Name, Second: x.Who.District + x.Who.Community, Href: "/j/plan/" + x.ID},
			modeName(x.Mode), x.From.String() + " 至 " + x.To.String(), ui.Two{First: itoa(x.Limits.Visits) + " 次，" + x.Limits.TotalFen.Yuan(), Second: s.Care.PlanMark(x.Plan)}, ui.Chip{Tone: planTone(x.Status), Say: x.Status.Name()}}})
	}
	return plansTmpl.Render(w, r, p)
}

// itemLine is a line of the catalogue in the form of a plan.
type itemLine struct {
	care.Item
	On      bool
	PerWeek string
	Mins    string
	Staff   []ui.Option
}

// slotLine is a weekly visit in the form.
type slotLine struct {
	N       int
	Weekday []ui.Option
	Start   string
	Staff   []ui.Option
}

type planForm struct {
	ui.Page
	ID      string
	Name    string
	Action  string
	In      care.PlanInput
	Modes   []ui.Option
	Living  []itemLine
	Nursing []itemLine
	Slots   []slotLine
	Checked *care.Checked
	Month   ui.Summary
	Note    string
}

var planFormTmpl = ui.MustParse[planForm](ui.Inst, files, "care/planform.html")

const slotLines = 7

var weekdays = []string{"", "周一", "周二", "周三", "周四", "周五", "周六", "周日"}

func (s *Server) planForm(r *http.Request, id string, in care.PlanInput) (*planForm, error) {
	who := ui.Actor(r)
	served, err := s.Care.Served(r.Context(), who, who.Region)
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(served, func(c care.Charge) bool { return c.Person == in.Person })
	if n < 0 {
		return nil, fault.New(fault.NotFound, "这位老人现在没有选择本机构，不能编计划。")
	}
	_, staff, err := s.Insts.See(r.Context(), who.Region, who.Institution)
	if err != nil {
		return nil, err
	}
	p := &planForm{Page: ui.Page{Title: "编护理计划：" + served[n].Who.Name, Back: "/j/people", Nav: "/j/plans"}, ID: id, Name: served[n].Who.Name, In: in, Action: "/j/plan"}
	if id != "" {
		p.Action, p.Back = "/j/plan/"+id, "/j/plan/"+id
	}
	for _, c := range served {
		if c.Person == in.Person {
			p.Modes = append(p.Modes, ui.Option{Value: c.Mode, Label: modeName(c.Mode), Checked: c.Mode == in.Mode})
		}
	}
	for _, it := range s.Care.Items(who.Region, in.From) {
		l := itemLine{Item: it, Mins: itoa(it.Minutes), PerWeek: "1"}
		chosen := it.Qualification
		if i := slices.IndexFunc(in.Items, func(x care.PlanItem) bool { return x.Item == it.Code }); i >= 0 {
			l.On, l.PerWeek, l.Mins, chosen = true, itoa(in.Items[i].PerWeek), itoa(in.Items[i].Minutes), in.Items[i].Staff
		}
		for _, q := range []string{"care_worker", "nurse", "family"} {
			l.Staff = append(l.Staff, ui.Option{Value: q, Label: care.StaffName(q), Checked: q == chosen})
		}
		if it.Kind == "nursing" {
			p.Nursing = append(p.Nursing, l)
		} else {
			p.Living = append(p.Living, l)
		}
	}
	for n := range slotLines {
		var slot care.Slot
		if n < len(in.Slots) {
			slot = in.Slots[n]
		}
		l := slotLine{N: n, Start: slot.Start}
		for d, name := range weekdays {
			if d == 0 {
				name = "不用"
			}
			l.Weekday = append(l.Weekday, ui.Option{Value: itoa(d), Label: name, Checked: int64(d) == slot.Weekday})
		}
		l.Staff = staffOptions(staff, slot.Staff, in.From)
		p.Slots = append(p.Slots, l)
	}
	return p, nil
}

func staffOptions(staff []institution.Staff, chosen string, on day.Day) []ui.Option {
	out := []ui.Option{{Label: "还没排人"}}
	for _, m := range staff {
		if ok, _ := m.FitOn(on); ok || m.ID == chosen {
			out = append(out, ui.Option{Value: m.ID, Label: m.Name + "（" + m.Role.Name() + "）", Checked: m.ID == chosen})
		}
	}
	return out
}

func (s *Server) planNew(w http.ResponseWriter, r *http.Request) error {
	on := ui.Today(r) + 1
	p, err := s.planForm(r, "", care.PlanInput{Person: r.FormValue("person"), Mode: r.FormValue("mode"), From: on, To: on.AddMonths(6) - 1})
	if err != nil {
		return err
	}
	return planFormTmpl.Render(w, r, p)
}

func (s *Server) planEdit(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	x, _, err := s.Care.SeePlan(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	p, err := s.planForm(r, x.ID, care.PlanInput{Person: x.Person, Mode: x.Mode, From: x.From, To: x.To, Items: x.Items, Slots: x.Slots, Version: x.Version})
	if err != nil {
		return err
	}
	p.Note = x.Note
	return planFormTmpl.Render(w, r, p)
}

// readPlan reads the form of a plan.
func readPlan(f *ui.Form) care.PlanInput {
	in := care.PlanInput{Person: f.Raw("person"), Mode: f.Raw("mode"), From: f.Day("from", "开始日期"), To: f.Day("to", "结束日期")}
	in.Version, _ = strconv.ParseInt(f.Raw("version"), 10, 64)
	for _, code := range f.All("item") {
		in.Items = append(in.Items, care.PlanItem{Item: code, PerWeek: f.Int("week-"+code, "每周次数", 1, 70), Minutes: f.Int("minutes-"+code, "分钟", 1, 1440), Staff: f.Raw("staff-" + code)})
	}
	for n := range slotLines {
		d, err := strconv.ParseInt(f.Raw(fmt.Sprintf("day-%d", n)), 10, 64)
		if err != nil || d < 1 {
			continue
		}
		in.Slots = append(in.Slots, care.Slot{Weekday: d, Start: f.Text(fmt.Sprintf("start-%d", n), "几点上门"), Staff: f.Raw(fmt.Sprintf("who-%d", n))})
	}
	return in
}

// planSave checks the plan and shows what it comes to (then=check), or keeps it
// and goes to its page.
func (s *Server) planSave(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	in := readPlan(f)
	err := f.Err()
	var out care.Checked
	if err == nil {
		out, err = s.Care.Check(r.Context(), who.Region, in)
	}
	if err == nil && f.Raw("then") != "check" && !out.Stops() {
		p, err2 := s.Care.Save(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), in)
		if err2 == nil {
			return ui.Redirect(w, r, "/j/plan/"+p.ID)
		}
		err = err2
	}
	p, perr := s.planForm(r, r.PathValue("id"), in)
	if perr != nil {
		return perr
	}
	if err != nil {
		return planFormTmpl.Again(w, r, p, err)
	}
	p.Checked, p.Month = &out, s.month(who.Region, in.From, out)
	if out.Stops() {
		for _, x := range out.Problems {
			if x.Stop {
				p.Problems = append(p.Problems, ui.Problem{Field: x.Field, Say: x.Say})
			}
		}
		return planFormTmpl.RenderStatus(w, r, http.StatusUnprocessableEntity, p)
	}
	return planFormTmpl.Render(w, r, p)
}

// month is what a full month of the plan comes to.
func (s *Server) month(region string, from day.Day, c care.Checked) ui.Summary {
	if c.Visits == 0 && len(c.Lines) == 0 { // nothing was chosen, or no day to start from
		return ui.Summary{}
	}
	out := ui.Summary{Title: c.Month.Chinese() + "算下来", Rows: []ui.Fact{fact("次数", itoa(c.Visits)+" 次")}}
	if c.MonthMinutes > 0 {
		out.Rows = append(out.Rows, fact("时间", fmt.Sprintf("%s（每周 %s）", care.Hours(c.MonthMinutes), care.Hours(c.WeekMinutes))))
	}
	var codes []string
	for _, l := range c.Lines {
		codes = append(codes, l.Item)
		out.Rows = append(out.Rows, fact(l.Name, fmt.Sprintf("%s，每%s %s%s", care.Quantity(l.Qty, l.Unit), care.UnitName(l.Unit), l.PriceFen.Yuan(), s.Care.PriceMark(region, from, l.Item))))
	}
	out.Rows = append(out.Rows, fact("服务价格合计", c.TotalFen.Yuan()+s.Care.PriceMark(region, from, codes...)))
	return out
}

type planPage struct {
	ui.Page
	X        care.PlanRow
	Facts    ui.Summary
	Items    ui.Table
	Slots    ui.Table
	Month    ui.Summary
	Warnings []care.Problem
	Can      map[string]bool
	Reason   string
	Days     string
	Visits   ui.Table
}

var planTmpl = ui.MustParse[planPage](ui.Inst, files, "care/plan.html")

func (s *Server) planPage(r *http.Request) (*planPage, error) {
	who := ui.Actor(r)
	x, names, err := s.Care.SeePlan(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &planPage{Page: ui.Page{Title: "护理计划：" + x.Who.Name, Back: "/j/plans", Nav: "/j/plans"}, X: x, Can: map[string]bool{}, Warnings: x.Limits.Problems}
	p.Facts = ui.Summary{Rows: []ui.Fact{fact("状态", ui.Chip{Tone: planTone(x.Status), Say: x.Status.Name()}), fact("护理方式", modeName(x.Mode)),
		fact("日期", x.From.Chinese()+" 至 "+x.To.Chinese()), fact("失能等级", s.levelName(who.Region, x.From, x.Level))}}
	if x.Note != "" {
		p.Facts.Rows = append(p.Facts.Rows, fact("原因", x.Note))
	}
	if x.Decision != "" {
		p.Facts.Rows = append(p.Facts.Rows, fact("怎么核对的", ui.Link{Href: "/why/" + x.Decision, Label: "看依据和计算", Tone: "ghost"}))
	}
	p.Items, p.Slots = planTables(s.Care, x, names)
	if x.Limits.Month != 0 {
		p.Month = s.month(x.Region, x.From, x.Limits)
	}
	for _, step := range care.PlanFlow {
		if step.From == x.Status {
			p.Can[step.Action] = true
		}
	}
	rows, err := s.Care.Of(r.Context(), who, who.Region, x.Person, ui.Today(r)-7, ui.Today(r)+14, 50)
	if err != nil {
		return nil, err
	}
	p.Visits = ui.Table{Title: "最近和接下来两周", Caption: "上门", Head: visitHead, Empty: "还没有排出上门。"}
	for _, v := range rows {
		if v.Plan == x.ID {
			p.Visits.Rows = append(p.Visits.Rows, visitRow(v, ui.Now(r).UnixMilli()))
		}
	}
	return p, nil
}

// planTables are the items and the weekly visits of a plan.
func planTables(c *care.Service, x care.PlanRow, names map[string]string) (items, slots ui.Table) {
	all := c.Items(x.Region, x.From)
	items = ui.Table{Caption: "服务项目", Head: []string{"项目", "每周", "每次", "谁做"}}
	for _, it := range x.Items {
		name := it.Item
		if n := slices.IndexFunc(all, func(a care.Item) bool { return a.Code == it.Item }); n >= 0 {
			name = all[n].Name
		}
		items.Rows = append(items.Rows, ui.Row{ID: it.Item, Cells: []any{name, itoa(it.PerWeek) + " 次", itoa(it.Minutes) + " 分钟", care.StaffName(it.Staff)}})
	}
	slots = ui.Table{Caption: "每周上门", Head: []string{"哪天", "几点", "护理员"}, Empty: "不用上门。"}
	for i, sl := range x.Slots {
		name := names[sl.Staff]
		if name == "" {
			name = "还没排人"
		}
		if sl.Weekday >= 1 && sl.Weekday <= 7 {
			slots.Rows = append(slots.Rows, ui.Row{ID: itoa(i), Cells: []any{weekdays[sl.Weekday], sl.Start, name}})
		}
	}
	return items, slots
}

func (s *Server) plan(w http.ResponseWriter, r *http.Request) error {
	p, err := s.planPage(r)
	if err != nil {
		return err
	}
	return planTmpl.Render(w, r, p)
}

// planAct offers, recalls or ends a plan.
func (s *Server) planAct(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	version, _ := strconv.ParseInt(f.Raw("version"), 10, 64)
	a := care.PlanAct{Action: f.Raw("act"), Version: version, Note: f.Text("note", "")}
	var err error
	switch a.Action {
	case "offer", "recall":
	case "end":
		a.Last = f.Day("last", "最后服务的一天")
	default:
		return fault.New(fault.Forbidden, "这一步不由机构办。")
	}
	if err = f.Err(); err == nil {
		_, err = s.Care.Act(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), a)
	}
	if err != nil {
		p, perr := s.planPage(r)
		if perr != nil {
			return perr
		}
		p.Reason = a.Note
		return planTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/plan/"+r.PathValue("id"))
}

// planDays records days of care in the institution or by the family.
func (s *Server) planDays(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	from, to := f.Day("first", "第一天"), f.Day("until", "最后一天")
	err := f.Err()
	if err == nil && (to < from || to > from+31) {
		err = fault.Field("until", "一次记一个月以内，最后一天不能早于第一天。")
	}
	if err == nil {
		var days []day.Day
		for d := from; d <= to; d++ {
			days = append(days, d)
		}
		_, err = s.Care.RecordDays(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), days)
	}
	if err != nil {
		p, perr := s.planPage(r)
		if perr != nil {
			return perr
		}
		return planTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/plan/"+r.PathValue("id"))
}
