package office

import (
	"fmt"
	"net/http"
	"slices"

	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

func (s *Server) spotList(r *http.Request, p *familyPage) error {
	who := ui.Actor(r)
	p.Filter = monthFilter(r, "/o/care/family", p.Month)
	p.Filter.Keep = []ui.Option{{Value: "tab", Label: "spot"}}
	rows, err := s.Care.Drawn(r.Context(), who, who.Region, p.Month)
	if err != nil {
		return err
	}
	p.Draw = len(rows) == 0 && p.Month <= ui.Today(r).Month()
	p.List = ui.Table{Caption: p.Month.Chinese() + "抽到的家庭", Head: []string{"参保人", "照护人", "本月确认", "结果", ""}, Empty: p.Month.Chinese() + "还没有抽查。"}
	for _, x := range rows {
		tone := map[care.SpotStatus]string{care.SpotDue: "wait", care.SpotOK: "ok", care.SpotDoubt: "bad"}[x.Status]
		label := "看结果"
		if x.Status == care.SpotDue {
			label = "记结果"
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: x.PlanRow.Who.Name, Second: x.PlanRow.Who.Community}, ui.Two{First: x.Carer.Name, Second: x.Carer.Relation + " " + x.Carer.Phone},
			fmt.Sprintf("%d 天", len(x.Days)), ui.Chip{Tone: tone, Say: x.Status.Name()}, ui.Link{Href: "/o/care/family/spot/" + p.Month.String() + "/" + x.Plan, Label: label, Tone: "ghost"}}})
	}
	if len(rows) > 0 {
		p.Seed = ui.Summary{Title: "怎么抽的", Rows: []ui.Fact{{Label: "抽几户", Value: ui.Link{Href: "/o/why/" + rows[0].Decision, Label: "看依据和计算", Tone: "ghost"}},
			{Label: "随机种子", Value: rows[0].Seed}, {Label: "抽取时间", Value: ui.Instant(rows[0].DrawnAt)}}}
	}
	return nil
}

// familyDraw draws the households of a month.
func (s *Server) familyDraw(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	m := f.Month("m", "月份")
	err := f.Err()
	if err == nil {
		_, err = s.Care.Draw(r.Context(), who, who.Region, f.Once(), m)
	}
	if err != nil {
		p, perr := s.familyPage(r)
		if perr != nil {
			return perr
		}
		return familyTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/care/family?tab=spot&m="+m.String())
}

// spotPage is one household that was drawn.
type spotPage struct {
	ui.Page
	X     care.SpotRow
	Facts ui.Summary
	Ways  []ui.Option
	Finds []ui.Option
	Days  []ui.Option
	Way   string
	Find  string
	Note  string
	Open  bool
}

var spotTmpl = ui.MustParse[spotPage](ui.Office, files, "care/spot.html")

func (s *Server) spotPage(r *http.Request) (*spotPage, error) {
	who := ui.Actor(r)
	m, err := day.ParseMonth(r.PathValue("month"))
	if err != nil {
		return nil, fault.New(fault.NotFound, "没有这个月的抽查。")
	}
	rows, err := s.Care.Drawn(r.Context(), who, who.Region, m)
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(rows, func(x care.SpotRow) bool { return x.Plan == r.PathValue("id") })
	if n < 0 {
		return nil, fault.New(fault.NotFound, "这个月没有抽到这一户。")
	}
	x := rows[n]
	p := &spotPage{Page: ui.Page{Title: "抽查：" + x.PlanRow.Who.Name, Back: "/o/care/family?tab=spot&m=" + m.String(), Nav: "/o/care/family"}, X: x, Open: x.Status == care.SpotDue,
		Ways:  []ui.Option{{Value: "phone", Label: "打了电话"}, {Value: "door", Label: "上门看了"}},
		Finds: []ui.Option{{Value: "ok", Label: "照护属实"}, {Value: "doubt", Label: "有疑点", Hint: "勾选哪几天，那几天先不结算，等处理"}}}
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "参保人", Value: ui.Two{First: x.PlanRow.Who.Name, Second: x.PlanRow.Who.Phone, Href: "/o/person/" + x.PlanRow.Person}},
		{Label: "住址", Value: x.PlanRow.Who.District + x.PlanRow.Who.Community + x.PlanRow.Who.Address}, {Label: "照护人", Value: ui.Two{First: x.Carer.Name + "（" + x.Carer.Relation + "）", Second: x.Carer.Phone}},
		{Label: "照护计划", Value: ui.Link{Href: "/o/care/plan/" + x.Plan, Label: "打开", Tone: "ghost"}}, {Label: m.Chinese() + "确认", Value: fmt.Sprintf("%d 天", len(x.Days))}}}
	if !p.Open {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "结果", Value: x.Status.Name()}, ui.Fact{Label: "情况", Value: x.Note}, ui.Fact{Label: "什么时候查的", Value: ui.Instant(x.CheckedAt)})
	}
	for _, d := range x.Days {
		p.Days = append(p.Days, ui.Option{Value: d.String(), Label: d.Short()})
	}
	return p, nil
}

func (s *Server) spot(w http.ResponseWriter, r *http.Request) error {
	p, err := s.spotPage(r)
	if err != nil {
		return err
	}
	return spotTmpl.Render(w, r, p)
}

// spotKeep keeps what was found.
func (s *Server) spotKeep(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, err := s.spotPage(r)
	if err != nil {
		return err
	}
	in := care.SpotResult{Way: f.Choice("way", "怎么查的", p.Ways), Doubt: f.Choice("find", "查到什么", p.Finds) == "doubt", Note: f.Text("note", "看到、听到的情况"), Version: p.X.Version}
	in.Days = f.Days("day", p.Days)
	if err = f.Err(); err == nil {
		err = s.Care.Checked(r.Context(), who, who.Region, p.X.Month, p.X.Plan, f.Once(), in)
	}
	if err != nil {
		p.Way, p.Find, p.Note = f.Raw("way"), f.Raw("find"), f.Raw("note")
		return spotTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/care/family?tab=spot&m="+p.X.Month.String())
}
