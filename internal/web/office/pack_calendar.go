package office

import (
	"net/http"
	"strconv"

	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/web/ui"
)

type calendarPage struct {
	ui.Page
	Years   ui.Filter
	Say     string
	Off     ui.Table
	Reasons ui.Table
}

var calendarTmpl = ui.MustParse[calendarPage](ui.Office, files, "pack/calendar.html")

// packCalendar shows what time limits count with (节假日) and the dictionaries of
// the region. They come from the pack and are changed there, with their clause.
func (s *Server) packCalendar(w http.ResponseWriter, r *http.Request) error {
	today := ui.Today(r)
	v, err := s.Packs.At(ui.Actor(r).Region, today)
	if err != nil {
		return err
	}
	cal := v.Calendar()
	year, err := strconv.Atoi(r.FormValue("y"))
	if err != nil {
		year, _, _ = today.Date()
	}
	p := &calendarPage{Page: ui.Page{Title: "节假日和字典", Back: "/o/pack", Nav: "/o/pack"}}
	var options []ui.Option
	this, _, _ := today.Date()
	for y := this - 2; y <= this+1; y++ {
		options = append(options, ui.Option{Value: strconv.Itoa(y), Label: strconv.Itoa(y) + " 年", Checked: y == year})
	}
	p.Years = ui.Filter{Action: "/o/pack/calendar", Fields: []ui.Field{{Name: "y", Label: "年份", Options: options}}, Button: "看"}
	p.Off = ui.Table{Title: "放假和调休", Caption: strconv.Itoa(year) + " 年", Head: []string{"日期", "怎么算"}, Empty: "这一年没有登记放假安排。"}
	work := 0
	first, err := day.Of(year, 1, 1)
	if err != nil {
		return err
	}
	for d := first; d < first.AddMonths(12); d++ {
		ok, err := cal.IsWorkday(d)
		if err != nil {
			p.Say = err.Error() + "。到期日落在这一年的时限先不算，页面上写“时限待定”。"
			break
		}
		if ok {
			work++
		}
		switch {
		case cal.Worked[d]:
			p.Off.Rows = append(p.Off.Rows, ui.Row{Cells: []any{d.Short(), ui.Chip{Tone: "hot", Say: "调休上班，算工作日"}}})
		case cal.Holidays[d]:
			p.Off.Rows = append(p.Off.Rows, ui.Row{Cells: []any{d.Short(), ui.Chip{Tone: "ok", Say: "放假，不算工作日"}}})
		}
	}
	if p.Say == "" {
		p.Say = strconv.Itoa(year) + " 年一共 " + strconv.Itoa(work) + " 个工作日。受理、结论、疑点处理这些时限都按它算。"
	}
	p.Reasons = ui.Table{Title: "审核扣减的理由", Caption: "审核扣减的理由", Head: []string{"代码", "名称"}, Empty: "政策包里没有。"}
	for _, x := range claim.Reasons(v) {
		p.Reasons.Rows = append(p.Reasons.Rows, ui.Row{Cells: []any{x.Code, x.Name}})
	}
	return calendarTmpl.Render(w, r, p)
}
