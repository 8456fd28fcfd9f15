package office

import (
	"net/http"
	"strconv"

	"yinling/internal/day"
	"yinling/internal/hall"
	"yinling/internal/web/ui"
)

// hallBoardPage is how long people waited (四段等待), for the manager.
type hallBoardPage struct {
	ui.Page
	P                       hall.Place
	Filter                  ui.Filter
	Figures                 ui.KPIs
	Hours                   ui.Bars
	Waits                   ui.Bars
	Lanes, Windows, Matters ui.Table
}

var hallBoardTmpl = ui.MustParse[hallBoardPage](ui.Office, files, "hall/board.html")

func measuredTable(title, what string, list []hall.Measured, rated map[string]string) ui.Table {
	t := ui.Table{Title: title, Caption: title + "：中位数", Head: []string{what, "来了", "办完", hall.SegmentNames[0], hall.SegmentNames[1], hall.SegmentNames[2], hall.SegmentNames[3], "等得最久"}, Empty: "这些天没有号。"}
	if rated != nil {
		t.Head = append(t.Head, "好差评")
	}
	for _, m := range list {
		if m.N == 0 {
			continue
		}
		cells := []any{m.Name, strconv.FormatInt(m.N, 10) + " 人", strconv.FormatInt(m.Done, 10) + " 人", lasting(m.Median[0]), lasting(m.Median[1]), lasting(m.Median[2]), lasting(m.Median[3]), lasting(m.Longest)}
		if rated != nil {
			cells = append(cells, orSay(rated[m.ID], "还没有评"))
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}

func (s *Server) hallBoard(w http.ResponseWriter, r *http.Request) error {
	f, today := ui.ParseForm(r), ui.Today(r)
	from, to := f.Day("from", ""), f.Day("to", "")
	if to.IsZero() {
		to = today
	}
	if from.IsZero() {
		from = to
	}
	if from > to || to-from > 31 {
		f.Bad("from", "从哪一天到哪一天，请先早后晚，最多 31 天")
		from = to
	}
	p := &hallBoardPage{}
	b, err := s.Hall.Measure(r.Context(), ui.Actor(r).Region, r.PathValue("id"), from, to)
	if err != nil {
		return err
	}
	p.Page, p.P = ui.Page{Title: "等了多久", Back: "/o/hall/at/" + b.ID, Nav: "/o/hall"}, b.Place
	p.Filter = ui.Filter{Action: "/o/hall/at/" + b.ID + "/board", Button: "看", Fields: []ui.Field{{Name: "from", Label: "从", Value: dayText(from), Type: "date"}, {Name: "to", Label: "到", Value: dayText(to), Type: "date"}}}
	p.Figures = ui.KPIs{Items: []ui.KPI{{Label: "来了", Value: strconv.FormatInt(b.All.N, 10), Unit: "人"}, {Label: "取号到叫号（中位）", Value: lasting(b.All.Median[0])},
		{Label: "等得最久", Value: lasting(b.All.Longest)}, {Label: "窗口办理（中位）", Value: lasting(sum(b.All.Median[2], b.All.Median[3]))}}}
	p.Hours = ui.Bars{Title: "几点来的人多", Unit: "人"}
	p.Waits = ui.Bars{Title: "几点来的等得久", Unit: "分钟", Say: "那个钟点来的人，取号到叫号的中位数"}
	for h, n := range b.ByHour {
		if n > 0 {
			name := strconv.Itoa(h) + " 点"
			p.Hours.Items = append(p.Hours.Items, ui.Bar{Name: name, N: n})
			wait := max(0, b.HourWaits[h]) / 60
			p.Waits.Items = append(p.Waits.Items, ui.Bar{Name: name, N: wait, Tone: "gold", Text: strconv.FormatInt(wait, 10) + " 分钟"})
		}
	}
	stands, err := s.Outreach.Standings(r.Context(), b.Region, from)
	if err != nil {
		return err
	}
	rated := map[string]string{}
	for _, x := range stands {
		if x.Who == "window" {
			rated[x.ID] = x.Say()
		}
	}
	p.Lanes, p.Windows, p.Matters = measuredTable("按通道", "通道", b.ByLane, nil), measuredTable("按窗口", "窗口", b.ByWindow, rated), measuredTable("按事项", "事项", b.ByMatter, nil)
	if err := f.Err(); err != nil {
		return hallBoardTmpl.Again(w, r, p, err)
	}
	return hallBoardTmpl.Render(w, r, p)
}

func sum(a, b int64) int64 {
	if a < 0 || b < 0 {
		return max(a, b)
	}
	return a + b
}

// hallSignPage is a sign on A4: a few very large words (窗口牌、告示、指引).
type hallSignPage struct {
	ui.Page
	PDF   string
	Title string
	Signs []hallSign
}

type hallSign struct {
	Top, Big string
	Lines    []string
	Foot     string
}

var hallSignTmpl = ui.MustParse[hallSignPage](ui.Doc, files, "hall/sign.html")

// hallSign prints signs from what the hall is: nothing is written twice.
func (s *Server) hallSign(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	f, err := s.Hall.Floor(r.Context(), who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := &hallSignPage{Page: ui.Page{Title: f.Name + "标牌", Back: "/o/hall/at/" + f.ID}}
	names := func(x hall.Window) (out []string) {
		for _, m := range x.Matters {
			out = append(out, s.Hall.MatterName(who.Region, m))
		}
		if out == nil {
			out = []string{"什么都办"}
		}
		return out
	}
	switch r.PathValue("kind") {
	case "window":
		for _, x := range f.Windows {
			sign := hallSign{Top: x.Name, Big: strconv.FormatInt(x.No, 10), Lines: names(x), Foot: f.Name}
			if x.Priority {
				sign.Top = "老年人优先窗口"
			}
			p.Signs = append(p.Signs, sign)
		}
	case "priority":
		v, err := s.Packs.At(who.Region, day.FromTime(ui.Now(r)))
		if err != nil {
			return err
		}
		sign := hallSign{Top: "老年人优先", Big: "请先办", Foot: f.Name}
		sign.Lines = append(hall.PrioritySay(v), "身体不舒服的，请告诉引导员，不用排队站着等。")
		p.Signs = []hallSign{sign}
	default: // hours
		sign := hallSign{Top: f.Name, Big: "开放时间", Lines: []string{f.Hours()}, Foot: f.Address}
		for _, x := range f.Windows {
			line := x.Label() + "："
			for i, n := range names(x) {
				if i > 0 {
					line += "、"
				}
				line += n
			}
			sign.Lines = append(sign.Lines, line)
		}
		p.Signs = []hallSign{sign}
	}
	if len(p.Signs) == 0 {
		p.Signs = []hallSign{{Top: f.Name, Big: "还没有窗口", Lines: []string{"先在大厅的页面上加窗口，再来打印。"}}}
	}
	return hallSignTmpl.Render(w, r, p)
}
