package office

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"yinling/internal/access"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/measure"
	"yinling/internal/policy"
	"yinling/internal/web/ui"
)

type ledgerPage struct {
	ui.Page
	L         measure.Ledger
	Choice    ui.Filter
	KPIs      ui.KPIs
	List      ui.Table
	Reminders ui.Lines
	Query     string // the day and unit, for the links to paper and table
	Many      bool   // there are units below
	Filing    bool
}

type matrixPage struct {
	ui.Page
	M      measure.Matrix
	Choice ui.Filter
	Units  ui.Table
	Late   ui.Table
	Query  string
}

type dutyPage struct {
	ui.Page
	D        measure.Duty
	Facts    ui.Summary
	Where    ui.Panel
	Why      policy.Explanation
	Told     []toldReport
	MayWrite bool
	Plan     planForm
	Steps    []stepForm
	NoDay    bool // the document names no day
	Stages   []ui.Option
	Say      string
	On       day.Day
	Step     string
	Done     string
	Dones    []ui.Option
}

type toldReport struct {
	R     measure.Report
	Files []ui.Link
}

type planForm struct {
	Unit, Owner, Phone, Target, SetBy string
	Set                               day.Day
	Version                           int64
}

// stepForm is one row of the stages; the names of its fields carry its number.
type stepForm struct {
	NameID, DueID, Name string
	Due, Done           day.Day
}

var (
	ledgerTmpl = ui.MustParse[ledgerPage](ui.Office, files, "measure/list.html")
	matrixTmpl = ui.MustParse[matrixPage](ui.Office, files, "measure/matrix.html")
	dutyTmpl   = ui.MustParse[dutyPage](ui.Office, files, "measure/one.html")
)

var measureTones = map[string]string{measure.Waiting: "mute", measure.Standing: "info", measure.NotYet: "mute", measure.Doing: "wait", measure.Soon: "hot",
	measure.Late: "bad", measure.Unproven: "hot", measure.Done: "ok"}

func measureChip(v measure.Verdict) ui.Chip {
	say := measure.CodeNames[v.Code]
	switch {
	case v.Step != "" && (v.Code == measure.Standing || v.Code == measure.Doing || v.Code == measure.NotYet || v.Code == measure.Waiting):
		return ui.Chip{Tone: "hot", Say: "阶段过期"}
	case v.Code == measure.Late:
		say = fmt.Sprintf("超期 %d 天", v.Over)
	case v.Code == measure.Soon && v.Left == 0:
		say = "今天到期"
	case v.Code == measure.Soon:
		say = fmt.Sprintf("剩 %d 天", v.Left)
	case v.Code == measure.Done && v.Over > 0:
		say = fmt.Sprintf("完成，迟 %d 天", v.Over)
	}
	return ui.Chip{Tone: measureTones[v.Code], Say: say}
}

// measureAsked reads which day and which unit a page is about.
func measureAsked(r *http.Request) (on day.Day, unit string, err error) {
	if t := r.FormValue("on"); t != "" {
		if on, err = day.Parse(t); err != nil {
			return 0, "", fault.Field("on", "没有这一天，请写成 2024-06-30 的样子。")
		}
	}
	return on, r.FormValue("unit"), nil
}

func measureQuery(on day.Day, unit string) string {
	q := url.Values{}
	if !on.IsZero() {
		q.Set("on", on.String())
	}
	if unit != "" {
		q.Set("unit", unit)
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (s *Server) measures(w http.ResponseWriter, r *http.Request) error {
	on, unit, err := measureAsked(r)
	if err != nil {
		return err
	}
	who := ui.Actor(r)
	l, below, err := s.Measure.Ledger(r.Context(), who.Region, unit, on)
	if fault.Is(err, fault.NotFound) && unit == "" && on.IsZero() {
		p := &ledgerPage{Page: ui.Page{Title: "工作台账"}}
		p.List.Empty = fault.As(err).Say
		return ledgerTmpl.Render(w, r, p)
	}
	if err != nil {
		return err
	}
	p := &ledgerPage{Page: ui.Page{Title: "工作台账", Nav: "/o/measure"}, L: l, Query: measureQuery(on, unit), Many: len(below) > 1}
	if l.Unit.ID != who.Region {
		p.Title, p.Back = l.Unit.Name+"的工作台账", "/o/measure/matrix"+measureQuery(on, "")
	}
	p.Choice = ui.Filter{Action: "/o/measure", Fields: []ui.Field{{Name: "on", Label: "看哪一天", Type: "date", Value: l.On.String()}}, Button: "看"}
	if len(below) > 1 {
		f := ui.Field{Name: "unit", Label: "地区"}
		for _, u := range below {
			f.Options = append(f.Options, ui.Option{Value: u.ID, Label: u.Name, Checked: u.ID == l.Unit.ID})
		}
		p.Choice.Fields = append(p.Choice.Fields, f)
	}
	n := l.Counts()
	behind := 0
	for _, x := range l.Lines {
		if x.State.Step != "" {
			behind++
		}
	}
	for _, k := range []struct {
		label string
		n     int
		hot   bool
	}{{"任务和措施", len(l.Lines), false}, {"阶段过期", behind, behind > 0}, {"完成", n[measure.Done], false}, {"超期", n[measure.Late], n[measure.Late] > 0}, {"快到期", n[measure.Soon], n[measure.Soon] > 0},
		{"缺佐证", n[measure.Unproven], n[measure.Unproven] > 0}, {"长期", n[measure.Standing], false}, {"期限待定", n[measure.Waiting], false}} {
		if k.n == 0 && k.label != "超期" {
			continue
		}
		p.KPIs.Items = append(p.KPIs.Items, ui.KPI{Label: k.label, Value: strconv.Itoa(k.n), Unit: "项", Hot: k.hot})
	}
	p.List = ui.Table{Caption: "任务和措施到" + l.On.Chinese() + "的情况", Head: []string{"做什么", "期限", "谁负责", "状态", "说明"}}
	for _, x := range l.Lines {
		p.Filing = p.Filing || x.Duty.Filing && l.Unit.ID == who.Region
		owner := ui.Two{First: x.Plan.Owner, Second: x.Plan.Unit}
		if owner.First == "" {
			owner = ui.Two{First: "还没有定", Second: x.Duty.Duty}
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: x.Duty.Name, Second: x.Duty.No, Href: "/o/measure/" + x.Duty.ID + measureQuery(on, unit)}, x.Deadline(), owner, measureChip(x.State), x.State.Say}})
	}
	if l.Unit.ID == who.Region && on.IsZero() {
		list, err := s.Measure.Reminders(r.Context(), who.Region, 30)
		if err != nil {
			return err
		}
		p.Reminders = ui.Lines{Title: "近 30 天的提醒", Empty: "没有要提醒的。"}
		for _, x := range list[:min(8, len(list))] {
			p.Reminders.Items = append(p.Reminders.Items, ui.LineItem{Href: "/o/measure/" + x.Duty, Label: x.Say, Note: x.On.Short()})
		}
	}
	return ledgerTmpl.Render(w, r, p)
}

// lateMost is how many late lines the page of all units shows.
const lateMost = 20

func (s *Server) measureMatrix(w http.ResponseWriter, r *http.Request) error {
	on, _, err := measureAsked(r)
	if err != nil {
		return err
	}
	m, err := s.Measure.Matrix(r.Context(), ui.Actor(r).Region, on)
	if err != nil {
		return err
	}
	p := &matrixPage{Page: ui.Page{Title: "各地汇总", Back: "/o/measure", Nav: "/o/measure"}, M: m, Query: measureQuery(on, "")}
	p.Choice = ui.Filter{Action: "/o/measure/matrix", Fields: []ui.Field{{Name: "on", Label: "看哪一天", Type: "date", Value: m.On.String()}}, Button: "看"}
	p.Units = ui.Table{Title: "按地区", Caption: m.On.Chinese(), Head: []string{"地区", "完成", "超期", "快到期", "缺佐证", "进行中", "没有报告", "待定", "长期"}}
	p.Late = ui.Table{Title: "超期的", Caption: "最迟的在前", Head: []string{"地区", "做什么", "期限", "超期", "谁负责"}, Empty: "没有超期的。"}
	type lateLine struct {
		measure.Line
		unit measure.Unit
	}
	var late []lateLine
	for _, u := range m.Units {
		n := u.Counts()
		p.Units.Rows = append(p.Units.Rows, ui.Row{Cells: []any{ui.Two{First: u.Unit.Name, Href: "/o/measure" + measureQuery(on, u.Unit.ID)}, n[measure.Done], n[measure.Late], n[measure.Soon],
			n[measure.Unproven], n[measure.Doing], n[measure.NotYet], n[measure.Waiting], n[measure.Standing]}})
		for _, x := range u.Lines {
			if x.State.Code == measure.Late {
				late = append(late, lateLine{x, u.Unit})
			}
		}
	}
	slices.SortStableFunc(late, func(a, b lateLine) int { return int(b.State.Over - a.State.Over) })
	if len(late) > lateMost {
		p.Late.Caption = fmt.Sprintf("共 %d 项，最迟的 %d 项在这里，全部在导出的表格里", len(late), lateMost)
		late = late[:lateMost]
	}
	for _, x := range late {
		p.Late.Rows = append(p.Late.Rows, ui.Row{Cells: []any{x.unit.Name, ui.Two{First: x.Duty.Name, Second: x.Duty.No, Href: "/o/measure/" + x.Duty.ID + measureQuery(on, x.unit.ID)}, x.Deadline(),
			ui.Chip{Tone: "bad", Say: fmt.Sprintf("%d 天", x.State.Over)}, x.Plan.Owner}})
	}
	return matrixTmpl.Render(w, r, p)
}

// measureTable is the matrix as a table for the superior.
func (s *Server) measureTable(w http.ResponseWriter, r *http.Request) error {
	on, _, err := measureAsked(r)
	if err != nil {
		return err
	}
	m, err := s.Measure.Matrix(r.Context(), ui.Actor(r).Region, on)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := m.WriteXLSX(&b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="measure-`+m.Region+"-"+m.On.String()+`.xlsx"`)
	_, err = b.WriteTo(w)
	return err
}

func (s *Server) measurePaper(w http.ResponseWriter, r *http.Request) error {
	on, unit, err := measureAsked(r)
	if err != nil {
		return err
	}
	l, _, err := s.Measure.Ledger(r.Context(), ui.Actor(r).Region, unit, on)
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/o/measure"+measureQuery(on, unit), l.Sheet())
}

// measureProof shows one file of evidence.
func (s *Server) measureProof(w http.ResponseWriter, r *http.Request) error {
	_, unit, err := measureAsked(r)
	if err != nil {
		return err
	}
	doc, err := s.Measure.Proof(r.Context(), ui.Actor(r), unit, r.PathValue("duty"), r.PathValue("doc"))
	if err != nil {
		return err
	}
	return s.proof(w, r, doc)
}

// proof sends a registered file, shut off from everything.
func (s *Server) proof(w http.ResponseWriter, r *http.Request, doc desk.Document) error {
	f, err := s.Desk.Files.Open(doc)
	if err != nil {
		return err
	}
	defer f.Close()
	return ui.SendFile(w, r, doc.Mime, doc.At, f)
}

func mayMeasure(r *http.Request, c access.Can) bool { return access.RoleOf(ui.Actor(r).Role).Allows(c) }

// Mark is a state in a few characters, for the matrix.
func (p *matrixPage) Mark(v measure.Verdict) string {
	switch v.Code {
	case measure.Late:
		return fmt.Sprintf("超%d天", v.Over)
	case measure.Soon:
		return fmt.Sprintf("剩%d天", v.Left)
	case measure.NotYet:
		return "没报"
	case measure.Waiting:
		return "待定"
	case measure.Doing:
		return "在做"
	case measure.Done:
		if v.Over > 0 {
			return fmt.Sprintf("迟%d天", v.Over)
		}
	}
	return measure.CodeNames[v.Code]
}
