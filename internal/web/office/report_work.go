package office

import (
	"fmt"
	"net/http"
	"slices"

	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/report"
	"yinling/internal/web/ui"
)

// boardPage is a dashboard of panels: the figures, then charts, each with its
// sentence and its table.
type boardPage struct {
	ui.Page
	Tabs   ui.Tabs
	Months ui.Filter
	AsOf   string
	KPIs   ui.KPIs
	Wide   []any // two thirds of the width, each with what stands beside it
	Beside []any
	Table  ui.Table
}

var boardTmpl = ui.MustParse[boardPage](ui.Office, files, "report/work.html")

func boards(path string, m day.Month) ui.Tabs {
	t := ui.Tabs{Label: "看板"}
	for _, x := range []struct{ href, name string }{{"/o/report", "运行"}, {"/o/report/assess", "评估"}, {"/o/report/care", "服务"}, {"/o/report/map", "地图"}} {
		t.Items = append(t.Items, ui.Tab{Href: x.href + "?m=" + m.String(), Label: x.name, N: -1, Current: x.href == path})
	}
	return t
}

// boardMonth reads ?m=, the current month by default, and makes the choice of months.
func boardMonth(r *http.Request, path string) (m day.Month, months ui.Filter, err error) {
	f, today := ui.ParseForm(r), ui.Today(r)
	m = f.Month("m", "")
	if m == 0 || m > today.Month() {
		m = today.Month()
	}
	var options []ui.Option
	for i := day.Month(0); i < 12; i++ {
		x := today.Month() - i
		options = append(options, ui.Option{Value: x.String(), Label: x.Chinese(), Checked: x == m})
	}
	return m, ui.Filter{Action: path, Fields: []ui.Field{{Name: "m", Label: "月份", Options: options}}, Button: "看"}, f.Err()
}

func (s *Server) boardPage(r *http.Request, title, path string) (*boardPage, day.Month, error) {
	m, months, err := boardMonth(r, path)
	return &boardPage{Page: ui.Page{Title: title, Nav: "/o/report"}, Tabs: boards(path, m), Months: months, AsOf: ui.Instant(ui.Now(r).UnixMilli())}, m, err
}

// reportAssess is 评估看板.
func (s *Server) reportAssess(w http.ResponseWriter, r *http.Request) error {
	p, m, err := s.boardPage(r, "评估看板", "/o/report/assess")
	if err != nil {
		return err
	}
	b, err := s.Report.Assessed(r.Context(), ui.Actor(r).Region, m)
	if err != nil {
		return err
	}
	line := ui.LineChart{Title: "每月申请和出结论", Unit: "件，按申请的月份", Series: []ui.Series{{Name: "申请", Tone: "pine"}, {Name: "出结论", Tone: "pers"}}}
	var applied, concluded, granted int64
	for _, x := range b.Months {
		_, mm, _ := x.Month.First().Date()
		line.X = append(line.X, fmt.Sprintf("%d月", mm))
		line.Series[0].Y = append(line.Series[0].Y, x.Applied)
		line.Series[1].Y = append(line.Series[1].Y, x.Concluded)
		applied, concluded, granted = applied+x.Applied, concluded+x.Concluded, granted+x.Granted
	}
	line.Say = fmt.Sprintf("12 个月收到 %d 件申请，%d 件出了结论，%d 件享受了待遇。", applied, concluded, granted)
	slices.Sort(b.Days)
	half := int64(0)
	if n := len(b.Days); n > 0 {
		half = b.Days[n/2]
	}
	p.KPIs.Items = []ui.KPI{{Label: "近 12 个月申请", Value: fmt.Sprint(applied), Unit: "件"}, {Label: "专家和现场同一等级", Note: fmt.Sprintf("共 %d 件", b.Compared), Value: fmt.Sprint(report.Percent(b.Same, b.Compared)), Unit: "%"},
		{Label: m.Chinese() + "出结论用时", Note: fmt.Sprintf("共 %d 件", len(b.Days)), Value: fmt.Sprint(half), Unit: "天（中间值）"}, {Label: "有实名异议", Value: fmt.Sprint(b.Objected), Unit: "件"}}
	levels := ui.Bars{Title: "结论的等级", Unit: "近 12 个月，件", Say: "这段时间还没有结论。"}
	v, err := s.Packs.At(ui.Actor(r).Region, ui.Today(r))
	if err != nil {
		return err
	}
	var most report.Count
	for _, l := range b.Levels {
		var n int64
		fmt.Sscan(l.Name, &n)
		l.Name = benefit.Name(v, n)
		levels.Items = append(levels.Items, ui.Bar{Name: l.Name, N: l.N, Text: fmt.Sprintf("%d 件", l.N)})
		if l.N > most.N {
			most = l
		}
	}
	if most.N > 0 {
		levels.Say = fmt.Sprintf("最多的是%s，%d 件。", most.Name, most.N)
	}
	agree := ui.Bars{Title: "专家结论和现场记分", Unit: "近 12 个月，件", Say: fmt.Sprintf("%d 件里 %d 件等级相同，%d 件专家定得更重，%d 件更轻。", b.Compared, b.Same, b.Higher, b.Compared-b.Same-b.Higher),
		Items: []ui.Bar{{Name: "相同", N: b.Same}, {Name: "专家更重", N: b.Higher, Tone: "gold"}, {Name: "专家更轻", N: b.Compared - b.Same - b.Higher, Tone: "pers"}}}
	if b.Compared == 0 {
		agree.Items, agree.Say = nil, "这段时间还没有可比的结论。"
	}
	again := ui.Bars{Title: "复评后的变化", Unit: "和上一次结论比，件", Say: fmt.Sprintf("重新评估的人里，%d 人变重，%d 人不变，%d 人变轻。", b.Worse, b.Equal, b.Better),
		Items: []ui.Bar{{Name: "变重", N: b.Worse, Tone: "pers"}, {Name: "不变", N: b.Equal}, {Name: "变轻", N: b.Better, Tone: "gold"}}}
	if b.Worse+b.Equal+b.Better == 0 {
		again.Items, again.Say = nil, "这段时间没有重新评估出结论的人。"
	}
	p.Wide, p.Beside = []any{line, daysBars(b.Days, m)}, []any{levels, agree}
	p.Wide, p.Beside = append(p.Wide, again), append(p.Beside, ui.Lines{Title: "去办", Items: []ui.LineItem{{Href: "/o/desk?stage=draw", Label: "待派评估和有异议的"}, {Href: "/o/desk?stage=conclude", Label: "待专家结论"}, {Href: "/o/desk?stage=publish", Label: "待公示送达"}}})
	return boardTmpl.Render(w, r, p)
}

func daysBars(days []int64, m day.Month) ui.Bars {
	b := ui.Bars{Title: "从申请到出结论", Unit: m.Chinese() + "出的结论，件", Say: "这个月没有出结论。"}
	if len(days) == 0 {
		return b
	}
	over := 0
	for i, x := range []struct {
		name     string
		from, to int64
		tone     string
	}{{"10 天以内", -1, 10, ""}, {"11–20 天", 11, 20, ""}, {"21–30 天", 21, 30, "gold"}, {"30 天以上", 31, 1 << 40, "seal"}} {
		n := 0
		for _, d := range days {
			if d >= x.from && d <= x.to {
				n++
			}
		}
		if i == 3 {
			over = n
		}
		b.Items = append(b.Items, ui.Bar{Name: x.name, N: int64(n), Tone: x.tone})
	}
	b.Say = fmt.Sprintf("一半在 %d 天以内出结论，%d 件超过 30 天（按日历天数）。", days[len(days)/2], over)
	return b
}

// reportCare is 服务看板.
func (s *Server) reportCare(w http.ResponseWriter, r *http.Request) error {
	p, m, err := s.boardPage(r, "服务看板", "/o/report/care")
	if err != nil {
		return err
	}
	b, err := s.Report.Served(r.Context(), ui.Actor(r).Region, m)
	if err != nil {
		return err
	}
	a := b.All
	var doubts, acted int64
	kinds := ui.Bars{Title: "发现的疑点", Unit: m.Chinese() + "的上门，条", More: ui.Link{Href: "/o/care/exceptions", Label: "看清单"}}
	for _, d := range b.Doubts {
		kinds.Items = append(kinds.Items, ui.Bar{Name: care.ExceptionName(d.Kind), N: d.N, Tone: "gold", Text: fmt.Sprintf("%d 条", d.N)})
		doubts, acted = doubts+d.N, acted+d.Late
	}
	kinds.Say = fmt.Sprintf("共 %d 条，%d 条扣减或不予认定。", doubts, acted)
	p.KPIs.Items = []ui.KPI{{Label: m.Chinese() + "上门", Note: fmt.Sprintf("排了 %d 次", a.Visits), Value: fmt.Sprint(a.Done), Unit: "次"},
		{Label: "准时", Note: "前后半小时以内", Value: fmt.Sprint(report.Percent(a.Timed-a.Late-a.Early, a.Timed)), Unit: "%"},
		{Label: "时长够", Note: "不少于计划的九成", Value: fmt.Sprint(report.Percent(a.Measured-a.Short, a.Measured)), Unit: "%"},
		{Label: "过了日子没有去", Value: fmt.Sprint(a.Missed), Unit: "次", Hot: a.Missed > 0}}
	state := ui.Bars{Title: "排的上门办成了多少", Unit: "次", Say: fmt.Sprintf("排了 %d 次，去了 %d 次；%d 次有情况没有服务，%d 次过了日子没有去。", a.Visits, a.Done, a.Trouble, a.Missed),
		Items: []ui.Bar{{Name: "去了", N: a.Done}, {Name: "有情况", N: a.Trouble, Tone: "gold"}, {Name: "没有去", N: a.Missed, Tone: "pers"}, {Name: "不予认定", N: a.Void, Tone: "seal"}}}
	onTime := ui.Bars{Title: "准时到达", Unit: "次", Say: fmt.Sprintf("%d 次里 %d 次在约定的前后半小时以内到。", a.Timed, a.Timed-a.Late-a.Early),
		Items: []ui.Bar{{Name: "准时", N: a.Timed - a.Late - a.Early}, {Name: "晚到", N: a.Late, Tone: "pers"}, {Name: "早到", N: a.Early, Tone: "gold"}}}
	long := ui.Bars{Title: "时长和计划比", Unit: "次", Say: fmt.Sprintf("做完的 %d 次里，%d 次短了一成以上，%d 次长了一成以上。", a.Measured, a.Short, a.Long),
		Items: []ui.Bar{{Name: "差不多", N: a.Measured - a.Short - a.Long}, {Name: "短了", N: a.Short, Tone: "pers"}, {Name: "长了", N: a.Long, Tone: "gold"}}}
	p.Wide, p.Beside = []any{state, long}, []any{onTime, kinds}
	p.Table = ui.Table{Title: "各机构", Caption: m.Chinese() + "各机构的服务", Head: []string{"机构", "排了", "去了", "没有去", "准时", "时长够", "家属确认"}, Empty: "这个月没有排上门。"}
	for _, x := range b.Institutions {
		share := func(n, all int64) string {
			if all == 0 {
				return "—"
			}
			return fmt.Sprintf("%d%%", report.Percent(n, all))
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []any{ui.Two{First: x.Name, Href: "/o/institution/" + x.Institution}, x.Visits, x.Done, x.Missed,
			share(x.Timed-x.Late-x.Early, x.Timed), share(x.Measured-x.Short, x.Measured), share(x.Confirmed, x.Finished)}})
	}
	return boardTmpl.Render(w, r, p)
}
