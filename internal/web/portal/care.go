package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

type carePage struct {
	ui.Page
	X      care.Standing
	Say    string // one sentence: where it stands
	Act    ui.Link
	Facts  ui.Summary
	Next   []visitLine
	Last   ui.Lines
	Nobody ui.Empty
}

// visitLine is a visit to come, with the code of the day.
type visitLine struct {
	care.Row
	When, Items, Code string
}

var careTmpl = ui.MustParse[carePage](ui.Portal, files, "care/care.html")

func (s *Server) care(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	x, err := s.Care.Stand(r.Context(), who, who.Region, subject(who))
	if err != nil {
		return err
	}
	p := &carePage{Page: ui.Page{Title: "上门护理", Back: "/"}, X: x}
	if len(x.Choice.Modes) == 1 && x.Choice.Modes[0] == "family" {
		p.Title = benefit.ModeChinese("family")
	}
	switch {
	case x.Benefit.ID == "":
		p.Nobody = ui.Empty{Title: "还没有护理待遇", Say: "先申请失能评估。评估达到等级，就可以选护理方式。", Act: ui.Link{Href: atApply, Label: "申请护理"}}
	case !x.Chosen:
		p.Say, p.Act = "护理待遇从"+x.Benefit.From.Chinese()+"开始。请选护理方式和机构。", ui.Link{Href: "/care/choose", Label: "选护理方式"}
	case x.Plan.Status == care.Offered && x.Plan.OfFamily():
		p.Say, p.Act = "医保经办写好了亲情护理的计划，请您看一看。您确认以后再审批。", ui.Link{Href: "/care/plan/" + x.Plan.ID, Label: "看护理计划"}
	case x.Plan.Status == care.Confirmed && x.Plan.OfFamily():
		p.Say = "您已经确认护理计划，正在等医保经办审批。审批完，家里就可以按天确认照护。"
	case x.Plan.Status == care.Active && x.Plan.OfFamily():
		p.Say, p.Act = "家里人在照护。每隔几天来确认一次照护过的日子，补助按确认的天数付。", ui.Link{Href: "/care/days", Label: "确认照护的日子"}
	case x.Plan.Status == care.Offered:
		p.Say, p.Act = x.Institution.Name+"写好了护理计划，请您看一看。您确认以后才上门。", ui.Link{Href: "/care/plan/" + x.Plan.ID, Label: "看护理计划"}
	case x.Plan.Status == care.Confirmed:
		p.Say = "您已经确认护理计划，正在等医保经办审批。审批完就会排上门时间。"
	case x.Plan.Status == care.Active && len(x.Next) > 0:
		p.Say = "下次上门：" + when(x.Next[0]) + "。"
	case x.Plan.Status == care.Active:
		p.Say = "护理计划在执行，最近没有排上门。"
	case x.Institution.ID == "": // family care that no institution guides
		p.Say = "您选了家人照顾。医保经办要和您商量护理计划，请打 " + s.Kit.Phone + " 或到窗口。"
	default:
		p.Say = "您选了" + x.Institution.Name + "，机构正在写护理计划。写好后请您确认。"
	}
	if x.Chosen {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "护理方式", Value: benefit.ModesChinese(x.Choice.Modes), Change: "/care/choose"})
		if x.Institution.ID != "" {
			p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "护理机构", Value: ui.Two{First: x.Institution.Name, Second: x.Institution.Phone}, Change: "/care/choose"})
		}
	}
	if slices.Contains(x.Choice.Modes, "family") && x.Institution.ID == "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "补助", Value: ui.Link{Href: "/care/account", Label: "收款账户和付款", Tone: "ghost"}})
	}
	if x.Family.ID != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "亲情护理", Value: ui.Link{Href: "/care/days", Label: "确认照护的日子", Tone: "ghost"}})
	}
	if x.Plan.ID != "" && x.Plan.Status != care.Offered {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "护理计划", Value: ui.Link{Href: "/care/plan/" + x.Plan.ID, Label: x.Plan.Status.Name(), Tone: "ghost"}})
	}
	for i, v := range x.Next {
		l := visitLine{Row: v, When: when(v), Items: s.itemNames(v.Visit)}
		if v.On == ui.Today(r) {
			l.Code = x.Plan.Code(v.ID)
		}
		if i < 6 {
			p.Next = append(p.Next, l)
		}
	}
	p.Last = ui.Lines{Title: "最近做过的护理"}
	for i, v := range x.Last {
		if i < 8 {
			note := fmt.Sprintf("%d 分钟", v.Minutes)
			if v.Mode != "home" {
				note = v.Status.Name()
			}
			p.Last.Items = append(p.Last.Items, ui.LineItem{Href: "/care/visit/" + v.ID, Label: v.On.Short() + " " + s.itemNames(v.Visit), Note: note})
		}
	}
	return careTmpl.Render(w, r, p)
}

func when(v care.Row) string {
	out := v.On.Short()
	if v.PlannedAt > 0 {
		h, m, _ := strings.Cut(ui.Clock(v.PlannedAt), ":")
		hour, err := strconv.Atoi(h)
		if err != nil {
			return out
		}
		part := "上午"
		if hour >= 12 {
			part = "下午"
		}
		if hour > 12 {
			hour -= 12
		}
		out += fmt.Sprintf(" %s %d 点", part, hour)
		if m != "00" {
			out += m + " 分"
		}
	}
	if v.StaffName != "" {
		out += "，" + v.StaffName
	}
	return out
}

func (s *Server) itemNames(v care.Visit) string {
	all := s.Care.Items(v.Region, v.On)
	done := v.Items
	if v.Status == care.Planned {
		done = v.PlannedItems
	}
	var names []string
	for _, d := range done {
		if n := slices.IndexFunc(all, func(a care.Item) bool { return a.Code == d.Item }); n >= 0 {
			names = append(names, all[n].Name)
		}
	}
	return strings.Join(names, "、")
}

type choosePage struct {
	ui.Page
	Mode    string
	Modes   []ui.Option
	Inst    string
	Insts   []ui.Option
	From    string
	FromSay string
}

var (
	chooseModeTmpl = ui.MustParse[choosePage](ui.Portal, files, "care/mode.html")
	chooseInstTmpl = ui.MustParse[choosePage](ui.Portal, files, "care/inst.html")
)

var modeHints = map[string]string{
	"home": "护理员按约好的时间到家里来", "family": "家里人照顾，按天领补助", "institution": "住进养老院或护理院",
}

func (s *Server) choosePage(r *http.Request) (*choosePage, care.Standing, error) {
	who := ui.Actor(r)
	x, err := s.Care.Stand(r.Context(), who, who.Region, subject(who))
	if err != nil {
		return nil, x, err
	}
	if x.Benefit.ID == "" {
		return nil, x, fault.New(fault.Conflict, "还没有护理待遇，暂时不能选护理方式。先申请失能评估。")
	}
	p := &choosePage{Page: ui.Page{Title: "选护理方式", Back: "/care"}, Mode: r.FormValue("mode"), Inst: r.FormValue("institution")}
	modes, err := s.Care.Modes(who.Region, x)
	if err != nil {
		return nil, x, err
	}
	for _, m := range modes {
		o := ui.Option{Value: strings.Join(m, "+"), Label: benefit.ModesChinese(m)}
		if len(m) == 1 {
			o.Hint = modeHints[m[0]]
		}
		p.Modes = append(p.Modes, o)
	}
	from := max(x.Benefit.From, ui.Today(r))
	if x.Chosen {
		from = max(from, x.Choice.From, ui.Today(r)+1)
	}
	p.From, p.FromSay = from.String(), from.Chinese()
	if p.Mode == "family" {
		p.Insts = append(p.Insts, ui.Option{Label: "不用机构，家里人自己照顾", Hint: "医保经办会和您一起做计划", Checked: p.Inst == ""})
	}
	kinds := []institution.Kind{institution.Care, institution.ElderHome, institution.Medical}
	if strings.Contains(p.Mode, "institution") {
		kinds = []institution.Kind{institution.ElderHome, institution.Medical, institution.Care}
	}
	for _, k := range kinds {
		list, err := s.Institution.Find(r.Context(), who.Region, k, institution.Active, "")
		if err != nil {
			return nil, x, err
		}
		for _, i := range list {
			if i.OpenOn(from) {
				p.Insts = append(p.Insts, ui.Option{Value: i.ID, Label: i.Name, Hint: strings.TrimSpace(k.Name() + " " + i.District + " " + i.Address)})
			}
		}
	}
	return p, x, nil
}

// chooseMode asks for the mode, then, with ?mode=, for the institution.
func (s *Server) chooseMode(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.choosePage(r)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(p.Modes, func(o ui.Option) bool { return o.Value == p.Mode }) {
		p.Title, p.Back = "选护理机构", "/care/choose"
		return chooseInstTmpl.Render(w, r, p)
	}
	if r.URL.Query().Has("mode") {
		return chooseModeTmpl.Again(w, r, p, fault.Field("mode", "请选一种护理方式"))
	}
	return chooseModeTmpl.Render(w, r, p)
}

func (s *Server) choose(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	mode, inst, from := f.Raw("mode"), f.Raw("institution"), f.Day("from", "从哪天起")
	if inst == "" && mode != "family" {
		f.Bad("institution", "请选一家护理机构")
	}
	err := f.Err()
	if err == nil {
		err = s.Care.Choose(r.Context(), who, who.Region, subject(who), strings.Split(mode, "+"), inst, f.Once(), from)
	}
	if err != nil {
		p, _, perr := s.choosePage(r)
		if perr != nil {
			return perr
		}
		p.Title, p.Back = "选护理机构", "/care/choose"
		return chooseInstTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/care")
}

type carePlanPage struct {
	ui.Page
	X       care.PlanRow
	Say     string
	Facts   ui.Summary
	Items   []string
	Slots   []string
	Notices []string
	Undo    ui.Undo
	MayUndo bool
	Pin     string
	Note    string
	Family  bool // no institution
}

var carePlanTmpl = ui.MustParse[carePlanPage](ui.Portal, files, "care/plan.html")

var weekNames = []string{"", "周一", "周二", "周三", "周四", "周五", "周六", "周日"}

func (s *Server) carePlanPage(r *http.Request) (*carePlanPage, error) {
	who := ui.Actor(r)
	x, names, err := s.Care.SeePlan(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &carePlanPage{Page: ui.Page{Title: "护理计划", Back: "/care"}, X: x}
	all := s.Care.Items(x.Region, x.From)
	for _, it := range x.Items {
		name := it.Item
		if n := slices.IndexFunc(all, func(a care.Item) bool { return a.Code == it.Item }); n >= 0 {
			name = all[n].Name
		}
		say := name
		if x.Mode == "home" {
			say = fmt.Sprintf("%s：每周 %d 次，每次 %d 分钟，%s做", name, it.PerWeek, it.Minutes, care.StaffName(it.Staff))
		}
		p.Items = append(p.Items, say)
	}
	for _, sl := range x.Slots {
		say := weekNames[min(max(sl.Weekday, 0), 7)] + " " + sl.Start
		if n := names[sl.Staff]; n != "" {
			say += "，" + n
		}
		p.Slots = append(p.Slots, say)
	}
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "状态", Value: x.Status.Name()}, {Label: "护理机构", Value: ui.Two{First: x.Institution.Name, Second: x.Institution.Phone}},
		{Label: "从哪天到哪天", Value: x.From.Chinese() + "到" + x.To.Chinese()}}}
	if x.Limits.Month != 0 {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: x.Limits.Month.Chinese() + "大约", Value: fmt.Sprintf("%d 次，服务价格 %s", x.Limits.Visits, x.Limits.TotalFen.Yuan()) + s.Care.PlanMark(x.Plan)})
	}
	if x.Decision != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "依据", Value: ui.Link{Href: "/why/" + x.Decision, Label: "看怎么算的", Tone: "ghost"}})
	}
	for _, n := range x.Limits.Problems {
		p.Notices = append(p.Notices, n.Say)
	}
	if x.OfFamily() {
		if err := s.planOfFamily(r, p); err != nil {
			return nil, err
		}
	}
	if until := x.UndoUntil(); until >= ui.Now(r).UnixMilli() {
		p.MayUndo = true
		p.Undo = ui.Undo{Until: ui.Clock(until), Say: "想再看看？", Action: "/care/plan/" + x.ID + "/undo", Button: "撤回确认"}
	}
	return p, nil
}

func (s *Server) carePlan(w http.ResponseWriter, r *http.Request) error {
	p, err := s.carePlanPage(r)
	if err != nil {
		return err
	}
	return carePlanTmpl.Render(w, r, p)
}

// carePlanAct confirms or declines a plan, or takes a confirmation back.
func (s *Server) carePlanAct(action string) ui.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, who := ui.ParseForm(r), ui.Actor(r)
		a := care.PlanAct{Action: action, Pin: f.Digits("pin", ""), Note: f.Text("note", "")}
		if action != "undo" {
			a.Version, _ = strconv.ParseInt(f.Raw("version"), 10, 64)
		}
		if f.Raw("act") == "decline" {
			a.Action, a.Pin = "decline", ""
		}
		err := f.Err()
		if err == nil {
			_, err = s.Care.Act(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), a)
		}
		if err != nil {
			p, perr := s.carePlanPage(r)
			if perr != nil {
				return perr
			}
			p.Note = a.Note
			return carePlanTmpl.Again(w, r, p, err)
		}
		return ui.Redirect(w, r, "/care/plan/"+r.PathValue("id"))
	}
}

type careVisitPage struct {
	ui.Page
	X     care.Sight
	Facts ui.Summary
	Items []string
	Code  string
}

var careVisitTmpl = ui.MustParse[careVisitPage](ui.Portal, files, "care/visit.html")

func (s *Server) careVisit(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	x, err := s.Care.See(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := &careVisitPage{Page: ui.Page{Title: x.On.Short() + "的护理", Back: "/care"}, X: x}
	if (x.Status == care.Planned || x.Status == care.Started || x.Status == care.Done) && x.Confirmed == "" && x.Mode == "home" {
		p.Code = x.Code
	}
	p.Facts.Rows = []ui.Fact{{Label: "状态", Value: x.Status.Name()}, {Label: "护理员", Value: x.StaffName}, {Label: "护理机构", Value: x.Institution.Name}}
	if x.Institution.ID == "" {
		p.Facts.Rows = p.Facts.Rows[:1]
	}
	if x.Begin > 0 {
		say := ui.Clock(x.Begin) + " 到"
		if x.End > 0 {
			say += " " + ui.Clock(x.End) + fmt.Sprintf("，%d 分钟", x.Minutes)
		}
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "时间", Value: say})
	}
	if x.Trouble != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "情况", Value: care.TroubleName(x.Trouble)})
	}
	for _, it := range x.Items {
		say := it.Name
		switch {
		case it.Done >= 0 && it.Planned < 0:
			say += fmt.Sprintf("：做了 %d 分钟（计划里没有）", it.Done)
		case it.Done >= 0 && x.Mode != "home":
		case it.Done >= 0:
			say += fmt.Sprintf("：做了 %d 分钟", it.Done)
		case x.Status == care.Done:
			say += "：这次没做"
		default:
			say += fmt.Sprintf("：计划 %d 分钟", it.Planned)
		}
		p.Items = append(p.Items, say)
	}
	return careVisitTmpl.Render(w, r, p)
}
