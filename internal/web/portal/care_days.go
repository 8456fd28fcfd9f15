package portal

import (
	"fmt"
	"net/http"
	"slices"

	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// careDaysPage is a month of family care, as the family confirms it day by day.
type careDaysPage struct {
	ui.Page
	X          care.FamilyMonth
	Say        string
	Open       []ui.Option // days that may be confirmed
	Check      []day.Day   // chosen, to be looked at once more
	Back       []ui.Option // confirmed, may be taken back
	Paid       bool        // some are settled: only the office reverses them
	Done       ui.Lines
	Prev, Next ui.Link
	Nothing    ui.Empty
}

var careDaysTmpl = ui.MustParse[careDaysPage](ui.Portal, files, "care/days.html")

func (s *Server) careDaysPage(r *http.Request) (*careDaysPage, error) {
	who, today := ui.Actor(r), ui.Today(r)
	m := today.Month()
	if x, err := day.ParseMonth(r.FormValue("m")); err == nil && x <= m && x > m-24 {
		m = x
	}
	x, err := s.Care.FamilyDays(r.Context(), who, who.Region, subject(who), m)
	if err != nil {
		return nil, err
	}
	p := &careDaysPage{Page: ui.Page{Title: "确认照护的日子", Back: "/care"}, X: x}
	p.Prev = ui.Link{Href: "/care/days?m=" + (m - 1).String(), Label: (m - 1).Chinese(), Tone: "ghost"}
	if m < today.Month() {
		p.Next = ui.Link{Href: "/care/days?m=" + (m + 1).String(), Label: (m + 1).Chinese(), Tone: "ghost"}
	}
	if x.Plan.ID == "" {
		p.Nothing = ui.Empty{Title: m.Chinese() + "没有亲情护理", Say: "亲情护理的计划本人确认、医保经办审批以后，在这里按天确认。", Act: ui.Link{Href: "/care", Label: "看护理安排"}}
		return p, nil
	}
	p.Done = ui.Lines{Title: m.Chinese() + "确认过的日子"}
	n := 0
	for _, d := range x.Days {
		switch {
		case d.Open:
			p.Open = append(p.Open, ui.Option{Value: d.On.String(), Label: d.On.Short()})
		case d.Visit.ID != "" && d.Visit.Status != care.Cancelled:
			note := "已确认"
			switch {
			case d.Paid:
				note, p.Paid = "已结算", true
			case d.Visit.Status == care.Void:
				note = "经办核实，不予认定"
			case d.Visit.Suspects > 0:
				note = "经办在核实"
			}
			if d.Visit.Status == care.Done {
				n++
			}
			if d.Back {
				p.Back = append(p.Back, ui.Option{Value: d.On.String(), Label: d.On.Short()})
			}
			p.Done.Items = append(p.Done.Items, ui.LineItem{Href: "/care/visit/" + d.Visit.ID, Label: d.On.Short(), Note: note})
		}
	}
	slices.Reverse(p.Open)
	slices.Reverse(p.Back)
	slices.Reverse(p.Done.Items)
	p.Say = fmt.Sprintf("%s照护，%s确认了 %d 天。", x.Carer.Name, m.Chinese(), n)
	return p, nil
}

func (s *Server) careDays(w http.ResponseWriter, r *http.Request) error {
	p, err := s.careDaysPage(r)
	if err != nil {
		return err
	}
	return careDaysTmpl.Render(w, r, p)
}

// careDaysKeep shows the chosen days once more and, with «sure», keeps them.
func (s *Server) careDaysKeep(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, err := s.careDaysPage(r)
	if err != nil {
		return err
	}
	days := f.Days("day", p.Open)
	switch err = f.Err(); {
	case err != nil:
	case p.X.Plan.ID == "":
		return fault.New(fault.Conflict, "这个月没有亲情护理的计划，不用确认。")
	case len(days) == 0:
		err = fault.Field("day", "请勾选照护过的日子")
	case !f.Ticked("sure"):
		slices.Sort(days)
		p.Check = days
		return careDaysTmpl.Render(w, r, p)
	default:
		_, err = s.Care.RecordDays(r.Context(), who, who.Region, p.X.Plan.ID, f.Once(), days)
	}
	if err != nil {
		return careDaysTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/care/days?m="+p.X.Month.String())
}

// careDaysBack takes confirmed days back, as long as their bill is not settled.
func (s *Server) careDaysBack(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, err := s.careDaysPage(r)
	if err != nil {
		return err
	}
	if p.X.Plan.ID == "" {
		return fault.New(fault.Conflict, "这个月没有亲情护理的计划，不用收回。")
	}
	days := f.Days("back", p.Back)
	if err = f.Err(); err == nil {
		_, err = s.Care.TakeBack(r.Context(), who, who.Region, p.X.Plan.ID, f.Once(), days, nil)
	}
	if err != nil {
		return careDaysTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/care/days?m="+p.X.Month.String())
}

// planOfFamily adds who cares to a plan without an institution, and words it for one.
func (s *Server) planOfFamily(r *http.Request, p *carePlanPage) error {
	who := ui.Actor(r)
	c, err := s.Care.CarerOf(r.Context(), who, who.Region, p.X.ID)
	if err != nil {
		return err
	}
	p.Family = true
	for i, f := range p.Facts.Rows {
		switch f.Label {
		case "护理机构":
			p.Facts.Rows[i] = ui.Fact{Label: "谁来照护", Value: ui.Two{First: c.Name, Second: c.Relation}}
		case p.X.Limits.Month.Chinese() + "大约":
			p.Facts.Rows[i].Value = fmt.Sprintf("%d 天，服务价格 %s", p.X.Limits.Visits, p.X.Limits.TotalFen.Yuan()) + s.Care.PlanMark(p.X.Plan)
		}
	}
	p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "照护人合不合适", Value: ui.Link{Href: "/why/" + c.Decision, Label: "看怎么核对的", Tone: "ghost"}})
	return nil
}
