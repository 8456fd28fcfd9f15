package office

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"yinling/internal/access"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/web/ui"
)

// familyDaysPage is a month of a household's family care at the window: days
// are confirmed, or taken back, for a family that has come (窗口代确认).
type familyDaysPage struct {
	ui.Page
	Plan   care.PlanRow
	Month  day.Month
	Facts  ui.Summary
	Filter ui.Filter
	List   ui.Table
	Open   []ui.Option // days that may be confirmed
	Back   []ui.Option // confirmed days that may be taken back
	Came   []ui.Option
	Shown  []ui.Option
	In     care.AtWindow
	Paid   bool // some days are settled
	May    bool
	Acts   ui.Table
	None   string
}

var familyDaysTmpl = ui.MustParse[familyDaysPage](ui.Office, files, "care/days.html")

func (s *Server) familyDaysPage(r *http.Request) (*familyDaysPage, error) {
	who, id := ui.Actor(r), r.PathValue("id")
	x, _, err := s.Care.SeePlan(r.Context(), who, who.Region, id)
	if err != nil {
		return nil, err
	}
	callers, acts, err := s.Care.Window(r.Context(), who, who.Region, id)
	if err != nil {
		return nil, err
	}
	m := ui.Today(r).Month() // the window confirms what has just been
	if got, err := day.ParseMonth(r.FormValue("m")); err == nil {
		m = got
	}
	month, err := s.Care.FamilyDays(r.Context(), who, who.Region, x.Person, m)
	if err != nil {
		return nil, err
	}
	c, err := s.Care.CarerOf(r.Context(), who, who.Region, id)
	if err != nil {
		return nil, err
	}
	p := &familyDaysPage{Page: ui.Page{Title: x.Who.Name + "的照护日子", Back: "/o/care/family?tab=plan", Nav: "/o/care/family"}, Plan: x, Month: m, Filter: monthFilter(r, "/o/care/family/days/"+id, m)}
	// Numbers do not stand here: the last four are read from the document.
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "参保人", Value: ui.Two{First: x.Who.Name, Second: fmt.Sprintf("%s · %d岁", x.Who.Sex, x.Who.Age(ui.Today(r))), Href: "/o/person/" + x.Person}},
		{Label: "照护人", Value: c.Name + "（" + c.Relation + "）"},
		{Label: "计划", Value: ui.Two{First: x.From.String() + " 至 " + x.To.String(), Href: "/o/care/plan/" + id, Chip: ui.Chip{Tone: carePlanTone(x.Status), Say: x.Status.Name()}}}}}
	if month.Plan.ID != id {
		p.None = m.Chinese() + "没有按这份计划照护的日子。"
	} else {
		s.familyDaysList(p, month)
	}
	for _, k := range callers {
		p.Came = append(p.Came, ui.Option{Value: k.Key, Label: k.Name, Hint: k.Role})
	}
	for _, k := range care.Shown {
		p.Shown = append(p.Shown, ui.Option{Value: k, Label: k})
	}
	p.Shown = append([]ui.Option{{Label: "请选"}}, p.Shown...)
	p.May = ui.Who(r).Can(access.DeskEnter) && len(p.Open)+len(p.Back) > 0
	p.Acts = ui.Table{Title: "窗口办过的", Caption: "窗口办过的", Head: []string{"什么时候", "办了什么", "哪几天", "谁来的", "谁办的"}, Empty: "没有到窗口办过，都是家里在手机上确认的。"}
	for _, a := range acts {
		did := ui.Chip{Tone: "ok", Say: "确认"}
		if a.Back {
			did = ui.Chip{Tone: "mute", Say: "收回"}
		}
		p.Acts.Rows = append(p.Acts.Rows, ui.Row{Cells: []any{ui.Instant(a.At), did, shortDays(a.Days), ui.Two{First: a.Came + "（" + a.CameAs + "）", Second: "出示" + a.Shown}, a.ClerkName}})
	}
	return p, nil
}

// familyDaysList puts the days of the month on the page.
func (s *Server) familyDaysList(p *familyDaysPage, m care.FamilyMonth) {
	p.List = ui.Table{Caption: p.Month.Chinese() + "的日子", Head: []string{"哪天", "到哪一步", "谁确认的"}, Empty: "还没有确认过。"}
	for _, d := range slices.Backward(m.Days) {
		day := ui.Option{Value: d.On.String(), Label: d.On.Short()}
		if d.Open {
			p.Open = append(p.Open, day)
		}
		if d.Back {
			p.Back = append(p.Back, day)
		}
		if d.Visit.ID == "" {
			continue
		}
		step := ui.Chip{Tone: "ok", Say: "确认了"}
		switch {
		case d.Visit.Status == care.Cancelled:
			step = ui.Chip{Tone: "mute", Say: "收回了"}
		case d.Visit.Status == care.Void:
			step = ui.Chip{Tone: "bad", Say: "不予认定"}
		case d.Visit.Suspects > 0:
			step = ui.Chip{Tone: "wait", Say: "在核实"}
		case d.Paid:
			step, p.Paid = ui.Chip{Tone: "info", Say: "结算了"}, true
		}
		by := "家里在手机上"
		if d.Visit.Confirmed == "window" {
			by = "窗口代确认"
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{d.On.Short(), step, ui.Two{First: by, Second: d.Visit.Note}}})
	}
}

// shortDays writes days one after another.
func shortDays(days []day.Day) string {
	out := make([]string, len(days))
	for i, d := range days {
		out[i] = d.Short()
	}
	return strings.Join(out, "、")
}

func (s *Server) familyDays(w http.ResponseWriter, r *http.Request) error {
	p, err := s.familyDaysPage(r)
	if err != nil {
		return err
	}
	return familyDaysTmpl.Render(w, r, p)
}

// familyDaysKeep confirms days for who has come, or takes them back (do=back).
func (s *Server) familyDaysKeep(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	p, err := s.familyDaysPage(r)
	if err != nil {
		return err
	}
	p.In = care.AtWindow{Came: f.Choice("came", "来的是谁", p.Came), Shown: f.Choice("shown", "出示了什么证件", p.Shown), Tail: f.Text("tail", "证件号码后四位")}
	back := f.Raw("do") == "back"
	name, among := "day", p.Open
	if back {
		name, among = "back", p.Back
	}
	days := f.Days(name, among)
	if f.Err() == nil && len(days) == 0 {
		f.Bad(name, "请勾选是哪几天")
	}
	if err = f.Err(); err == nil && back {
		_, err = s.Care.TakeBack(r.Context(), who, who.Region, id, f.Once(), days, &p.In)
	} else if err == nil {
		_, err = s.Care.ConfirmFor(r.Context(), who, who.Region, id, f.Once(), days, p.In)
	}
	if err != nil {
		return familyDaysTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/care/family/days/"+id+"?m="+p.Month.String())
}
