package portal

import (
	"fmt"
	"net/http"

	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/policy"
	"yinling/internal/web/ui"
)

const atMatters = "/matter"

type mattersPage struct {
	ui.Page
	Themes []matterTheme
}

type matterTheme struct {
	Name string
	Rows ui.Rows
}

// matterPage is the guide (办事指南) of one matter: what for, who, what to bring,
// how many steps; all of it comes from the pack.
type matterPage struct {
	ui.Page
	M      desk.Matter
	Who    []string
	Bring  []desk.Material
	Have   []string // what data sharing supplies
	Chart  ui.FlowChart
	Steps  ui.Table
	Road   ui.Timeline // the same for elders
	Limit  string
	Start  string
	Clause *fault.Clause
}

var (
	mattersTmpl = ui.MustParse[mattersPage](ui.Portal, files, "matter/list.html")
	matterTmpl  = ui.MustParse[matterPage](ui.Portal, files, "matter/guide.html")
)

var themes = []string{"护理保险", "就医和报销", "参保", "代办和帮助", "意见"}

func (s *Server) view(r *http.Request) (*policy.View, error) {
	region := s.Region
	if who := ui.Actor(r); who.Region != "" {
		region = who.Region
	}
	return s.Packs.At(region, ui.Today(r))
}

func (s *Server) matters(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r)
	if err != nil {
		return err
	}
	p := &mattersPage{Page: ui.Page{Title: "办事", Back: "/"}}
	all := desk.Matters(v)
	for _, th := range themes {
		t := matterTheme{Name: th}
		for _, m := range all {
			if m.Theme == th {
				t.Rows.Items = append(t.Rows.Items, ui.Link{Href: atMatters + "/" + m.ID, Label: m.Name})
			}
		}
		if len(t.Rows.Items) > 0 {
			p.Themes = append(p.Themes, t)
		}
	}
	return mattersTmpl.Render(w, r, p)
}

func (s *Server) matter(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r)
	if err != nil {
		return err
	}
	m, err := desk.MatterOf(v, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := &matterPage{Page: ui.Page{Title: m.Name, Back: atMatters, Nav: atMatters}, M: m, Clause: m.Source(v)}
	for _, b := range m.By {
		p.Who = append(p.Who, desk.ByName(b))
	}
	for _, x := range m.Materials {
		if x.From != "" {
			p.Have = append(p.Have, x.Name)
		} else {
			p.Bring = append(p.Bring, x)
		}
	}
	p.Chart, p.Steps, p.Road = FlowOf(v, m)
	var total int64
	open := false
	for _, st := range m.Steps {
		n := st.Workdays(v)
		total += n
		open = open || n == 0 && st.Role != "system"
	}
	switch {
	case m.Instant:
		p.Limit = "条件符合、材料齐全，当场办好"
	case open && total > 0:
		p.Limit = fmt.Sprintf("有规定的环节合计 %d 个工作日", total)
	case total > 0:
		p.Limit = fmt.Sprintf("最多 %d 个工作日", total)
	}
	switch {
	case len(m.Ways(desk.BySelf))+len(m.Ways(desk.ByProxy)) == 0:
	case m.Form != "":
		p.Start = m.Form
	default:
		p.Start = atMatters + "/" + m.ID + "/apply"
	}
	return matterTmpl.Render(w, r, p)
}

// FlowOf draws a matter: the chart, the table of limits and responsibility, and
// the same as a list for the elder version.
func FlowOf(v *policy.View, m desk.Matter) (c ui.FlowChart, t ui.Table, road ui.Timeline) {
	c = ui.FlowChart{Title: "流程图", Begin: "交申请", End: "告诉您结果"}
	t = ui.Table{Caption: "时间表和责任链", Head: []string{"环节", "谁办", "时限", "决定什么"}}
	for _, st := range m.Steps {
		limit := "没有规定时限"
		if n := st.Workdays(v); n > 0 {
			limit = fmt.Sprintf("%d 个工作日内", n)
		} else if m.Instant || st.Role == "system" {
			limit = "当时"
		}
		c.Steps = append(c.Steps, ui.FlowStep{Name: st.Name, By: st.Role.Name(), Say: st.Decides, Limit: limit})
		t.Rows = append(t.Rows, ui.Row{Cells: []any{st.Name, st.Role.Name(), limit, st.Decides}})
		road.Items = append(road.Items, ui.Moment{State: "next", Title: st.Name, When: limit, Say: st.Role.Name() + "办，决定" + st.Decides})
	}
	return c, t, road
}

// matterForm is the OpenAPI of a matter's form, for programs that bring it.
func (s *Server) matterForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.view(r)
	if err != nil {
		return err
	}
	m, err := desk.MatterOf(v, r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, err = w.Write(m.OpenAPI(v))
	return err
}

// road are the questions of a matter in order: for whom, its fields, materials.
func road(m desk.Matter, wards int) (out []string) {
	if wards > 1 {
		out = append(out, "who")
	}
	for _, f := range m.Fields {
		out = append(out, "q-"+f.ID)
	}
	if len(m.Asked()) > 0 {
		out = append(out, "files")
	}
	return append(out, "check")
}

// check lists what was said, each with the way to change it.
func (p *matterAsk) check(d desk.MatterDraft) {
	base := atMatters + "/" + p.M.ID + "/apply/"
	row := func(label string, value any, q string) {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: value, Change: base + q})
	}
	if len(p.Wards) > 1 {
		row("给谁办", p.Name, "who")
	}
	for _, f := range p.M.Fields {
		say := f.Say(d.Answers[f.ID])
		if say == "" {
			say = "没有填"
		}
		row(f.Label, say, "q-"+f.ID)
	}
	for _, x := range p.M.Asked() {
		say := "以后补"
		for _, doc := range p.Docs {
			if doc.Kind == x.ID {
				say = doc.Name
			}
		}
		row(x.Name, say, "files")
	}
}
