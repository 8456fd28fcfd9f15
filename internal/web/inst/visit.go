package inst

import (
	"fmt"
	"net/http"

	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

type visitsPage struct {
	ui.Page
	Tabs   ui.Tabs
	Filter ui.Filter
	List   ui.Table
	Pager  ui.Pager
}

var visitsTmpl = ui.MustParse[visitsPage](ui.Inst, files, "care/visits.html")

const visitsAPage = 50

func (s *Server) visits(w http.ResponseWriter, r *http.Request) error {
	who, f := ui.Actor(r), ui.ParseForm(r)
	from, to, st := f.Day("from", ""), f.Day("to", ""), care.VisitStatus(f.Raw("status"))
	if from.IsZero() {
		from = ui.Today(r)
	}
	if to < from {
		to = from
	}
	var afterDay day.Day
	after := f.Raw("after")
	if after != "" {
		afterDay = f.Day("after_day", "")
	}
	rows, err := s.Care.List(r.Context(), who, who.Region, from, to, st, afterDay, after, visitsAPage)
	if err != nil {
		return err
	}
	link := func(st care.VisitStatus) string {
		return fmt.Sprintf("/j/visits?from=%s&to=%s&status=%s", from, to, st)
	}
	p := &visitsPage{Page: ui.Page{Title: "上门记录"}, Tabs: ui.Tabs{Label: "按状态看"}}
	for _, t := range []care.VisitStatus{"", care.Planned, care.Started, care.Done, care.Trouble, care.Void, care.Cancelled} {
		label := t.Name()
		if t == "" {
			label = "全部"
		}
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: link(t), Label: label, N: -1, Current: t == st})
	}
	p.Filter = ui.Filter{Action: "/j/visits", Button: "看这些天", Keep: []ui.Option{{Value: "status", Label: string(st)}},
		Fields: []ui.Field{{Name: "from", Label: "从", Type: "date", Value: from.String()}, {Name: "to", Label: "到", Type: "date", Value: to.String()}}}
	p.List = ui.Table{Caption: "上门记录", Head: visitHead, Empty: "这些天没有上门。"}
	for _, x := range rows {
		p.List.Rows = append(p.List.Rows, visitRow(x, ui.Now(r).UnixMilli()))
	}
	if len(rows) == visitsAPage {
		last := rows[len(rows)-1]
		p.Pager = ui.Pager{Say: itoa(len(rows)) + " 条", Next: fmt.Sprintf("%s&after_day=%s&after=%s", link(st), last.On, last.ID)}
	}
	return visitsTmpl.Render(w, r, p)
}

type visitPage struct {
	ui.Page
	X      care.Sight
	Facts  ui.Summary
	Items  ui.Table
	Lines  ui.Table
	Doubts ui.Table
	Staff  []ui.Option
	Chosen string
}

var visitTmpl = ui.MustParse[visitPage](ui.Inst, files, "care/visit.html")

func (s *Server) visitPage(r *http.Request) (*visitPage, error) {
	who := ui.Actor(r)
	x, err := s.Care.See(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &visitPage{Page: ui.Page{Title: "上门：" + x.Who.Name + " " + x.On.Short(), Back: "/j/visits", Nav: "/j/visits"}, X: x, Chosen: x.Visit.Staff}
	p.Facts = ui.Summary{Rows: visitFacts(x)}
	p.Items = itemTable(x)
	p.Lines = ui.Table{Title: "费用明细", Caption: "按目录算出", Head: []string{"项目", "数量", "单价", "金额"}, Empty: "还没有费用。"}
	for _, l := range x.Lines {
		fen, err := l.PriceFen.Times(l.Qty, "half_up")
		if err != nil {
			return nil, err
		}
		p.Lines.Rows = append(p.Lines.Rows, ui.Row{Cells: []any{l.Name, care.Quantity(l.Qty, l.Unit), ui.Two{First: l.PriceFen.Yuan(), Second: s.Care.PriceMark(x.Region, x.On, l.Item)}, fen}})
	}
	p.Doubts = ui.Table{Caption: "疑点", Head: []string{"疑点", "状态", "最晚说明"}, Empty: "没有疑点。"}
	for _, e := range x.Exceptions {
		p.Doubts.Rows = append(p.Doubts.Rows, ui.Row{Cells: []any{ui.Two{First: care.ExceptionName(e.Kind), Second: e.Say, Href: "/j/exception/" + e.Visit + "/" + e.Kind},
			ui.Chip{Tone: exceptionTone(e.Status), Say: e.Status.Name()}, e.AnswerDue}})
	}
	if x.Status == care.Planned {
		_, staff, err := s.Insts.See(r.Context(), who.Region, who.Institution)
		if err != nil {
			return nil, err
		}
		p.Staff = staffOptions(staff, x.Visit.Staff, x.On)
	}
	return p, nil
}

// visitFacts are the six elements of a visit and what stands beside them.
func visitFacts(x care.Sight) []ui.Fact {
	out := []ui.Fact{fact("状态", ui.Chip{Tone: visitTone(x.Status), Say: x.Status.Name()}), fact("老人", x.Who.Name), fact("护理员", x.StaffName), fact("日期", x.On)}
	at := func(label string, m *care.Mark) {
		if m == nil {
			return
		}
		say := ui.Clock(m.Device)
		switch {
		case m.Fix.Off:
			say += "，没有定位"
		case m.Distance >= 0:
			say += fmt.Sprintf("，离登记住址 %d 米，误差 %d 米", m.Distance, m.Fix.Accuracy)
		default:
			say += fmt.Sprintf("，定位误差 %d 米，住址没有坐标", m.Fix.Accuracy)
		}
		if m.Fix.Mock {
			say += "，手机报的是模拟位置"
		}
		out = append(out, fact(label, ui.Two{First: say, Second: "服务器收到：" + ui.Instant(m.Received)}))
	}
	at("到达", x.Place.In)
	at("离开", x.Place.Out)
	if x.Minutes > 0 {
		out = append(out, fact("时长", fmt.Sprintf("%d 分钟（计划 %d 分钟）", x.Minutes, x.PlannedMinutes)))
	}
	switch {
	case x.Confirmed != "":
		out = append(out, fact("家属确认", map[string]string{"code": "念了确认码", "pin": "输了上门口令", "sign": "签字"}[x.Confirmed]))
	case x.Status == care.Done:
		out = append(out, fact("家属确认", ui.Chip{Tone: "hot", Say: "还没有"}))
	}
	out = append(out, fact("留证", itoa(len(x.Visit.Evidence))+" 份"))
	if x.Trouble != "" {
		out = append(out, fact("情况", care.TroubleName(x.Trouble)))
	}
	if x.Note != "" {
		out = append(out, fact("说明", x.Note))
	}
	if x.BillDecision != "" {
		out = append(out, fact("怎么计费的", ui.Link{Href: "/why/" + x.BillDecision, Label: "看依据和计算", Tone: "ghost"}))
	}
	return out
}

func itemTable(x care.Sight) ui.Table {
	t := ui.Table{Title: "服务项目", Caption: "计划和实际", Head: []string{"项目", "计划", "实际"}, Empty: "没有项目。"}
	minutes := func(n int64) any {
		if n < 0 {
			return "—"
		}
		return itoa(n) + " 分钟"
	}
	for _, it := range x.Items {
		t.Rows = append(t.Rows, ui.Row{Cells: []any{it.Name, minutes(it.Planned), minutes(it.Done)}})
	}
	return t
}

func (s *Server) visit(w http.ResponseWriter, r *http.Request) error {
	p, err := s.visitPage(r)
	if err != nil {
		return err
	}
	return visitTmpl.Render(w, r, p)
}

func (s *Server) roster(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	staff := f.Text("staff", "护理员")
	err := f.Err()
	if err == nil {
		err = s.Care.Roster(r.Context(), who, who.Region, r.PathValue("id"), staff)
	}
	if err != nil {
		p, perr := s.visitPage(r)
		if perr != nil {
			return perr
		}
		p.Chosen = staff
		return visitTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, backTo(r, r.PathValue("id")))
}

type exceptionsPage struct {
	ui.Page
	Tabs ui.Tabs
	List ui.Table
}

type exceptionPage struct {
	ui.Page
	X      care.Sight
	E      care.Exception
	Facts  ui.Summary
	Answer string
	May    bool
}

var (
	exceptionsTmpl = ui.MustParse[exceptionsPage](ui.Inst, files, "care/exceptions.html")
	exceptionTmpl  = ui.MustParse[exceptionPage](ui.Inst, files, "care/exception.html")
)

func (s *Server) exceptions(w http.ResponseWriter, r *http.Request) error {
	who, st := ui.Actor(r), care.ExceptionStatus(r.FormValue("status"))
	rows, counts, err := s.Care.Exceptions(r.Context(), who, who.Region, st, 200)
	if err != nil {
		return err
	}
	p := &exceptionsPage{Page: ui.Page{Title: "疑点说明"}, Tabs: ui.Tabs{Label: "按状态看"}}
	for _, t := range []care.ExceptionStatus{"", care.Open, care.Answered, care.Accepted, care.Deducted, care.Voided} {
		tab := ui.Tab{Href: "/j/exceptions?status=" + string(t), Label: t.Name(), N: int(counts[t]), Current: t == st}
		if t == "" {
			tab.Label, tab.N = "全部", -1
		}
		p.Tabs.Items = append(p.Tabs.Items, tab)
	}
	p.List = ui.Table{Caption: "疑点", Head: []string{"老人", "哪天", "疑点", "状态", "最晚说明"}, Empty: "没有要说明的疑点。"}
	for _, x := range rows {
		var due any = x.AnswerDue
		if x.Exception.Status != care.Open {
			due = ""
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: x.Who.Name, Second: x.StaffName, Href: "/j/exception/" + x.Exception.Visit + "/" + x.Kind},
			x.Exception.On.Short(), ui.Two{First: care.ExceptionName(x.Kind), Second: x.Say}, ui.Chip{Tone: exceptionTone(x.Exception.Status), Say: x.Exception.Status.Name()}, due}})
	}
	return exceptionsTmpl.Render(w, r, p)
}

func (s *Server) exceptionPage(r *http.Request) (*exceptionPage, error) {
	who := ui.Actor(r)
	x, err := s.Care.See(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	for _, e := range x.Exceptions {
		if e.Kind != r.PathValue("kind") {
			continue
		}
		p := &exceptionPage{Page: ui.Page{Title: care.ExceptionName(e.Kind) + "：" + x.Who.Name, Back: "/j/exceptions", Nav: "/j/exceptions"}, X: x, E: e, Answer: e.Answer, May: !e.Status.Decided()}
		p.Facts = ui.Summary{Rows: append([]ui.Fact{fact("疑点", e.Say), fact("现在", ui.Chip{Tone: exceptionTone(e.Status), Say: e.Status.Name()})}, visitFacts(x)[1:]...)}
		if c := e.Clause; c != nil {
			p.Facts.Rows = append(p.Facts.Rows, fact("依据", ui.Two{First: c.Doc, Second: c.No + " " + c.Article, Chip: ui.GradeMark(c.Grade)}))
		}
		if e.Status.Decided() {
			p.Facts.Rows = append(p.Facts.Rows, fact("经办的处理", e.Reason))
		}
		return p, nil
	}
	return nil, fault.New(fault.NotFound, "没有找到这个疑点，可能已经消除了。")
}

func (s *Server) exception(w http.ResponseWriter, r *http.Request) error {
	p, err := s.exceptionPage(r)
	if err != nil {
		return err
	}
	return exceptionTmpl.Render(w, r, p)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	text := f.Text("answer", "当时的情况")
	err := f.Err()
	if err == nil {
		_, err = s.Care.Answer(r.Context(), who, who.Region, id, r.PathValue("kind"), f.Once(), text, nil)
	}
	if err != nil {
		p, perr := s.exceptionPage(r)
		if perr != nil {
			return perr
		}
		p.Answer = text
		return exceptionTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/exception/"+id+"/"+r.PathValue("kind"))
}

// levelName is what the region calls a level.
func (s *Server) levelName(region string, on day.Day, level int64) string {
	v, err := s.Packs.At(region, on)
	if err != nil {
		return itoa(level) + "级"
	}
	return benefit.Name(v, level)
}
