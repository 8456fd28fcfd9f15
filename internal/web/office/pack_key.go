package office

import (
	"encoding/json"
	"net/http"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
	"yinling/internal/web/ui"
)

func (s *Server) packKey(w http.ResponseWriter, r *http.Request) error {
	region, key := r.PathValue("region"), r.PathValue("key")
	on, err := onDay(r)
	if err != nil {
		return err
	}
	v, err := s.Packs.At(region, on)
	if err != nil {
		return err
	}
	for _, x := range v.Show() {
		if x.Key != key {
			continue
		}
		p := &packKeyPage{Page: ui.Page{Title: x.Label, Back: "/o/pack/" + region + "?on=" + on.String(), Nav: "/o/pack"}, Shown: x}
		until := "另有新规定为止"
		if !x.To.IsZero() {
			until = x.To.Chinese()
		}
		p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "键", Value: x.Key}, {Label: "从哪天到哪天", Value: x.From.Chinese() + " 至 " + until}, {Label: "写在", Value: x.File}}}
		if c := x.Clause; c != nil {
			p.Grade = ui.GradeMark(c.Grade)
			p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "文件", Value: c.Doc}, ui.Fact{Label: "文号", Value: c.No}, ui.Fact{Label: "条款", Value: c.Article}, ui.Fact{Label: "证据等级", Value: c.Grade})
			if c.Issued != "" {
				p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "发文", Value: c.Issuer + " " + issued(c.Issued)})
			}
		}
		var pretty any
		if json.Unmarshal(x.Value, &pretty) == nil {
			b, _ := json.MarshalIndent(pretty, "", "  ")
			p.Text = string(b)
		}
		return packKeyTmpl.Render(w, r, p)
	}
	return fault.New(fault.NotFound, "%s在 %s 没有这一项规定：%s", v.Name(), on.Chinese(), key)
}

func (s *Server) diffForm(a, b string, on day.Day) ui.Filter {
	options := func(chosen string) []ui.Option {
		var out []ui.Option
		for _, x := range s.Packs.Packs {
			out = append(out, ui.Option{Value: x.Region, Label: x.Name, Checked: x.Region == chosen})
		}
		return out
	}
	return ui.Filter{Action: "/o/pack/diff", Button: "比一比", Fields: []ui.Field{
		{Name: "a", Label: "地区一", Options: options(a)}, {Name: "b", Label: "地区二", Options: options(b)},
		{Name: "on", Label: "哪天", Type: "date", Value: on.String()}}}
}

func (s *Server) packDiff(w http.ResponseWriter, r *http.Request) error {
	on, err := onDay(r)
	if err != nil {
		return err
	}
	a, b := r.FormValue("a"), r.FormValue("b")
	p := &packDiffPage{Page: ui.Page{Title: "两个地区的不同", Back: "/o/pack", Nav: "/o/pack"}, Pick: s.diffForm(a, b, on)}
	if a == "" || b == "" {
		return packDiffTmpl.Render(w, r, p)
	}
	x, err := s.Packs.At(a, on)
	if err != nil {
		return packDiffTmpl.Again(w, r, p, err)
	}
	y, err := s.Packs.At(b, on)
	if err != nil {
		return packDiffTmpl.Again(w, r, p, err)
	}
	p.A, p.B = x.Name(), y.Name()
	p.Table = ui.Table{Caption: "不同的规定", Head: []string{"规定", p.A, p.B}}
	cell := func(v *policy.Shown) any {
		if v == nil {
			return ui.Chip{Tone: "mute", Say: "没有规定"}
		}
		out := ui.Two{First: plain(*v)}
		if v.Clause != nil {
			out.Second, out.Chip = v.Clause.Doc+" "+v.Clause.Article, ui.GradeMark(v.Clause.Grade)
		}
		return out
	}
	for _, d := range policy.Compare(x, y) {
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []any{ui.Two{First: d.Label, Second: d.Key}, cell(d.A), cell(d.B)}})
	}
	p.Same = len(p.Table.Rows) == 0
	return packDiffTmpl.Render(w, r, p)
}
