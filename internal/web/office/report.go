package office

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/money"
	"yinling/internal/report"
	"yinling/internal/web/ui"
)

type reportPage struct {
	ui.Page
	Month   day.Month
	Months  ui.Filter
	Tabs    ui.Tabs
	KPIs    ui.KPIs
	Money   ui.LineChart
	Road    ui.Funnel
	Map     ui.TileMap
	Levels  ui.Bars
	Doubts  ui.Bars
	Urgent  ui.Table
	AsOf    string
	HasRoad bool
}

var reportTmpl = ui.MustParse[reportPage](ui.Office, files, "report/board.html")

// report is the dashboard (运行看板) of a month: ?m=2024-06, the current one by default.
func (s *Server) report(w http.ResponseWriter, r *http.Request) error {
	today := ui.Today(r)
	m, choice, err := boardMonth(r, "/o/report")
	if err != nil {
		return err
	}
	b, err := s.Report.Board(r.Context(), ui.Actor(r).Region, m)
	if err != nil {
		return err
	}
	p := &reportPage{Page: ui.Page{Title: "运行看板"}, Month: m, AsOf: ui.Instant(ui.Now(r).UnixMilli())}
	p.Months, p.Tabs = choice, boards("/o/report", m)
	this := b.Money[len(b.Money)-1]
	p.KPIs.Items = []ui.KPI{
		{Label: "享受待遇", Note: b.On.Chinese(), Value: strconv.FormatInt(b.People, 10), Unit: "人"},
		{Label: m.Chinese() + "支出", Note: "收入 " + wan(this.In) + " 万元", Value: wan(this.Out), Unit: "万元", Href: "/o/fund"},
		{Label: "基金存款", Note: months(b), Value: wan(b.Balance), Unit: "万元", Href: "/o/fund"},
		{Label: "没处理完的疑点", Note: late(b.Late), Value: strconv.FormatInt(doubtTotal(b), 10), Unit: "条", Href: "/o/care/exceptions", Hot: b.Late > 0},
	}
	p.Money = moneyChart(b)
	p.Road = ui.Funnel{Title: "从申请到享受待遇", Unit: m.Chinese() + "申请，件", Say: roadSay(b.Road), Stages: []ui.Stage{
		{Name: "申请", N: b.Road.Applied}, {Name: "受理", N: b.Road.Accepted}, {Name: "上门评估", N: b.Road.Visited},
		{Name: "专家结论", N: b.Road.Concluded}, {Name: "享受待遇", N: b.Road.Granted}}}
	p.HasRoad = b.Road.Applied > 0
	p.Map = ui.TileMap{Title: "各地区享受待遇的人", Unit: "人，" + b.On.Chinese() + "，示意格子"}
	for _, d := range b.Districts {
		name := d.Name
		if name == "" {
			name = "地区不详"
		}
		p.Map.Tiles = append(p.Map.Tiles, ui.MapTile{Name: name, N: d.N})
	}
	if len(b.Districts) > 0 {
		p.Map.Say = fmt.Sprintf("最多的是%s，%d 人。", p.Map.Tiles[0].Name, b.Districts[0].N)
		if n := len(b.Districts); n > 1 && b.Districts[0].N == b.Districts[n-1].N {
			p.Map.Say = fmt.Sprintf("%d 个地区一样多，各 %d 人。", n, b.Districts[0].N)
		}
	}
	p.Levels = ui.Bars{Title: "失能等级", Unit: "享受待遇的人", Say: fmt.Sprintf("%s享受待遇的 %d 人，按失能等级分。", b.On.Chinese(), b.People)}
	v, err := s.Packs.At(ui.Actor(r).Region, b.On)
	if err != nil {
		return err
	}
	for _, l := range b.Levels {
		n, _ := strconv.ParseInt(l.Name, 10, 64)
		l.Name = benefit.Name(v, n)
		p.Levels.Items = append(p.Levels.Items, ui.Bar{Name: l.Name, N: l.N, Text: fmt.Sprintf("%d 人", l.N)})
	}
	p.Doubts = ui.Bars{Title: "服务疑点", Unit: "没处理完的", Say: doubtSay(b), More: ui.Link{Href: "/o/care/exceptions", Label: "看清单"}}
	for _, d := range b.Doubts {
		tone := "gold"
		if d.Late > 0 {
			tone = "seal"
		}
		p.Doubts.Items = append(p.Doubts.Items, ui.Bar{Name: care.ExceptionName(d.Kind), N: d.N, Tone: tone, Text: fmt.Sprintf("%d 条", d.N)})
	}
	p.Urgent = ui.Table{Title: "最急的疑点", Head: []string{"疑点", "机构", "护理日期", "处理期限"}}
	for _, u := range b.Urgent {
		left := chipOf(today, u.Due)
		p.Urgent.Rows = append(p.Urgent.Rows, ui.Row{Cells: []any{ui.Two{First: care.ExceptionName(u.Kind), Second: u.Say, Href: "/o/care/exception/" + u.Visit + "/" + u.Kind}, u.Institution, u.On.Short(), left}})
	}
	return reportTmpl.Render(w, r, p)
}

func chipOf(today, due day.Day) ui.Chip {
	switch n := int(due - today); {
	case n < 0:
		return ui.Chip{Tone: "bad", Say: fmt.Sprintf("超 %d 天", -n)}
	case n == 0:
		return ui.Chip{Tone: "hot", Say: "今天到期"}
	default:
		return ui.Chip{Tone: "wait", Say: due.Short()}
	}
}

func doubtTotal(b report.Board) (n int64) {
	for _, d := range b.Doubts {
		n += d.N
	}
	return n
}

// wan writes an amount in ten thousand yuan with one decimal, cut, not rounded up.
func wan(f money.Fen) string {
	sign := ""
	if f < 0 {
		sign, f = "−", -f
	}
	return fmt.Sprintf("%s%d.%d", sign, f/1_000_000, f/100_000%10)
}

// months says how long the deposits last at the spending of the last three months.
func months(b report.Board) string {
	var out money.Fen
	n := 0
	for _, m := range slices.Backward(b.Money) {
		if n == 3 {
			break
		}
		out, n = out+m.Out, n+1
	}
	if out <= 0 || b.Balance <= 0 {
		return ""
	}
	return fmt.Sprintf("按近 3 个月可支 %d 个月", b.Balance*3/out)
}

func moneyChart(b report.Board) ui.LineChart {
	c := ui.LineChart{Title: "每月收支", Unit: "万元", Series: []ui.Series{{Name: "收", Tone: "pine"}, {Name: "支", Tone: "pers"}}}
	first := 0
	for first < len(b.Money)-1 && b.Money[first].In == 0 && b.Money[first].Out == 0 {
		first++
	}
	var in, out, most money.Fen
	for _, m := range b.Money[first:] {
		most = max(most, m.Out)
	}
	unit := money.Fen(1_000_000) // ten thousand yuan
	if most < 20*unit {
		c.Unit, unit = "元", 100
	}
	for _, m := range b.Money[first:] {
		_, mm, _ := m.Month.First().Date()
		c.X = append(c.X, fmt.Sprintf("%d月", mm))
		c.Series[0].Y = append(c.Series[0].Y, int64(m.In/unit))
		c.Series[1].Y = append(c.Series[1].Y, int64(m.Out/unit))
		in, out = in+m.In, out+m.Out
	}
	c.Say = fmt.Sprintf("%d 个月共收 %s 万元，支 %s 万元，结余 %s 万元。", len(c.X), wan(in), wan(out), wan(in-out))
	return c
}

func roadSay(r report.Road) string {
	if r.Applied == 0 {
		return "这个月没有申请。"
	}
	return fmt.Sprintf("这个月收到 %d 件申请，到现在有 %d 件已经享受待遇。", r.Applied, r.Granted)
}

func doubtSay(b report.Board) string {
	switch {
	case len(b.Doubts) == 0:
		return "现在没有。"
	case b.Late > 0:
		return fmt.Sprintf("最急：%d 条已经超过期限。", b.Late)
	}
	return "都在期限内。"
}
