package office

import (
	"net/http"

	"yinling/internal/web/ui"
)

type noticePage struct {
	ui.Page
	List ui.Table
}

var noticeTmpl = ui.MustParse[noticePage](ui.Office, files, "notice/list.html")

// notices are what is on public notice today, with the way to each case.
func (s *Server) notices(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Outreach.Current(r.Context(), ui.Actor(r).Region, 500)
	if err != nil {
		return err
	}
	p := &noticePage{Page: ui.Page{Title: "公示"}, List: ui.Table{Caption: "公示中的结论", Head: []string{"受理号", "公示的姓名", "地区", "结论", "从", "到"},
		Empty: "现在没有正在公示的结论。"}}
	for _, n := range list {
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: n.Object, Href: "/o/assess/" + n.Object}, n.Shown, n.Place, n.What, n.Begins, n.Ends}})
	}
	return noticeTmpl.Render(w, r, p)
}
