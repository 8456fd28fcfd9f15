package office

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"yinling/internal/access"
	"yinling/internal/share"
	"yinling/internal/web/ui"
)

type watchPage struct {
	ui.Page
	Tabs  ui.Tabs
	KPIs  ui.KPIs
	Board ui.Table
	Say   string
}

var watchTmpl = ui.MustParse[watchPage](ui.Office, files, "share/watch.html")

// whiches are the lists behind the figures of the board.
var whiches = []ui.Option{{Value: "should", Label: "应评"}, {Value: "assessed", Label: "已评"}, {Value: "enjoying", Label: "已享"}, {Value: "untouched", Label: "未联系"},
	{Value: share.None, Label: "没有申请"}, {Value: share.Refused, Label: "没有受理或撤回"}, {Value: share.Due, Label: "该复评"}, {Value: share.Open, Label: "正在办"},
	{Value: "overdue", Label: "联系到期"}, {Value: "nobody", Label: "没有跟踪人"}, {Value: "uninsured", Label: "没有参保"}, {Value: "all", Label: "全部重点人群"}}

func watchHref(district, which string) string {
	q := url.Values{"which": {which}}
	if district != "" {
		q.Set("district", district)
	}
	return "/o/share/watch/list?" + q.Encode()
}

// shareWatch is the board 户不漏人: by district how many should be assessed,
// are, have the benefit, were never contacted. Every figure leads to its list.
func (s *Server) shareWatch(w http.ResponseWriter, r *http.Request) error {
	rows, err := s.Share.Board(r.Context(), ui.Actor(r).Region)
	if err != nil {
		return err
	}
	p := &watchPage{Page: ui.Page{Title: "重点人群排查", Nav: "/o/share/watch"}, Tabs: shareTabs("/o/share/watch", -1)}
	p.Board = ui.Table{Title: "各区县", Caption: "人数；点数字看名单", Head: []string{"区县", "重点人群", "应评", "已评", "已享", "未联系", "该复评", "联系到期", "没有跟踪人"},
		Empty: "还没有排查名单。导入部门名单以后，系统会按重点人群列出每一个人。"}
	var sum share.BoardRow
	cells := func(name string, b share.BoardRow, district string) ui.Row {
		row := ui.Row{Cells: []any{name}}
		for _, x := range []struct {
			which string
			n     int64
		}{{"all", b.All}, {"should", b.Should}, {"assessed", b.Assessed}, {"enjoying", b.Enjoying}, {"untouched", b.Untouched}, {share.Due, b.Due}, {"overdue", b.Overdue}, {"nobody", b.Nobody}} {
			if x.n == 0 {
				row.Cells = append(row.Cells, ui.Two{First: "0"})
				continue
			}
			row.Cells = append(row.Cells, ui.Two{First: strconv.FormatInt(x.n, 10), Href: watchHref(district, x.which)})
		}
		return row
	}
	for _, b := range rows {
		sum = sum.Add(b)
		p.Board.Rows = append(p.Board.Rows, cells(orSay(b.District, "没有写区县"), b, b.District))
	}
	if len(rows) > 1 {
		p.Board.Rows = append(p.Board.Rows, cells("合计", sum, ""))
	}
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	p.KPIs.Items = []ui.KPI{{Label: "应评", Value: n(sum.Should), Unit: "人", Note: fmt.Sprintf("重点人群 %d 人里参了保的", sum.All), Href: watchHref("", "should")},
		{Label: "已评", Value: n(sum.Assessed), Unit: "人", Href: watchHref("", "assessed")}, {Label: "已享", Value: n(sum.Enjoying), Unit: "人", Href: watchHref("", "enjoying")},
		{Label: "未联系", Value: n(sum.Untouched), Unit: "人", Note: "没有申请，也没有人联系过", Href: watchHref("", "untouched"), Hot: sum.Untouched > 0}}
	return watchTmpl.Render(w, r, p)
}

// shareRefresh works the list out anew.
func (s *Server) shareRefresh(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	if err := s.Share.Refresh(r.Context(), who, who.Region); err != nil {
		return err
	}
	return ui.Redirect(w, r, "/o/share/watch")
}

// followers are those of the office who may follow people up.
func (s *Server) followers(r *http.Request) (out []ui.Option, err error) {
	const page = 200
	for after := ""; ; {
		list, err := s.Access.List(r.Context(), ui.Actor(r).Region, after, page)
		for _, a := range list {
			if after = a.Login; a.Role.Allows(access.ShareFollow) && a.Status == "active" {
				out = append(out, ui.Option{Value: a.ID, Label: a.Name + "（" + a.Role.Name + "）"})
			}
		}
		if err != nil || len(list) < page {
			return out, err
		}
	}
}

func watchChip(x share.Watched) ui.Chip {
	tone := map[string]string{share.None: "hot", share.Refused: "hot", share.Due: "wait", share.Open: "info", share.Enjoy: "ok"}[x.State]
	return ui.Chip{Tone: orSay(tone, "mute"), Say: share.StateName(x.State)}
}
