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

type watchListPage struct {
	ui.Page
	Tabs      ui.Tabs
	Filter    ui.Filter
	List      ui.Table
	Pager     ui.Pager
	Followers []ui.Option
	In        struct{ Follower, Next string }
	Here      string // the address with its filters
	Act       bool
}

var (
	watchTmpl     = ui.MustParse[watchPage](ui.Office, files, "share/watch.html")
	watchListTmpl = ui.MustParse[watchListPage](ui.Office, files, "share/watchlist.html")
)

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

func (s *Server) watchListPage(r *http.Request) (*watchListPage, error) {
	q := r.URL.Query()
	f := share.WatchFilter{District: q.Get("district"), Community: q.Get("community"), Follower: q.Get("follower"), Which: q.Get("which"), After: q.Get("after")}
	if f.Which == "" {
		f.Which = "should"
	}
	who := ui.Who(r)
	list, places, err := s.Share.Watching(r.Context(), ui.Actor(r).Region, f, sharePageRows+1)
	if err != nil {
		return nil, err
	}
	districts, err := s.Person.Districts(r.Context(), ui.Actor(r).Region)
	if err != nil {
		return nil, err
	}
	p := &watchListPage{Page: ui.Page{Title: "排查名单", Back: "/o/share/watch", Nav: "/o/share/watch"}, Tabs: shareTabs("/o/share/watch", -1), Act: who.Can(access.ShareFollow)}
	if p.Followers, err = s.followers(r); err != nil {
		return nil, err
	}
	options := func(list []string) []ui.Option {
		out := []ui.Option{{Label: "全部"}}
		for _, x := range list {
			out = append(out, ui.Option{Value: x, Label: orSay(x, "没有写")})
		}
		return out
	}
	p.Filter = ui.Filter{Action: "/o/share/watch/list", Button: "筛选", Fields: []ui.Field{
		{Kind: "choose", Name: "which", Label: "哪一类", Value: f.Which, Options: whiches},
		{Kind: "choose", Name: "district", Label: "区县", Value: f.District, Options: options(districts)},
		{Kind: "choose", Name: "follower", Label: "跟踪人", Value: f.Follower, Options: append([]ui.Option{{Label: "全部"}}, p.Followers...)}}}
	if len(places) > 0 {
		p.Filter.Fields = append(p.Filter.Fields, ui.Field{Kind: "choose", Name: "community", Label: "社区、村", Value: f.Community, Options: options(places)})
	}
	p.Here = "/o/share/watch/list?" + q.Encode()
	more := len(list) > sharePageRows
	list = list[:min(len(list), sharePageRows)]
	if more {
		next := url.Values{}
		for k := range q {
			next.Set(k, q.Get(k))
		}
		next.Set("after", list[len(list)-1].Person)
		p.Pager = ui.Pager{Say: fmt.Sprintf("这一页 %d 人", len(list)), Next: "/o/share/watch/list?" + next.Encode()}
	}
	p.List = ui.Table{Title: "名单", Caption: fmt.Sprintf("%d 人", len(list)), Head: []string{"姓名", "住处", "走到哪一步", "跟踪人", "最近联系", "下次联系"}, Empty: "没有这样的人。"}
	if more {
		p.List.Caption = fmt.Sprintf("前 %d 人", len(list))
	}
	if p.Act && len(p.Followers) > 0 {
		p.List.Tick = "person"
	}
	for _, x := range list {
		last, next := any("没有联系过"), any("")
		if x.Contacted != 0 {
			last = ui.Two{First: x.Contacted.Chinese(), Second: share.ResultName(x.Result)}
		}
		if x.Next != 0 {
			next = x.Next.Chinese()
			if x.Next <= ui.Today(r) {
				next = ui.Two{First: x.Next.Chinese(), Chip: ui.Chip{Tone: "hot", Say: "到期"}}
			}
		}
		state := ui.Two{First: x.Groups, Chip: watchChip(x)}
		if x.Due != 0 {
			state.Second = "复评：" + x.Due.Chinese()
		}
		p.List.Rows = append(p.List.Rows, ui.Row{ID: x.Person, Name: x.Name, Cells: []any{ui.Two{First: x.Name, Href: "/o/share/person/" + x.Person},
			x.District + " " + x.Community, state, orSay(x.FollowerName, "没有"), last, next}})
	}
	return p, nil
}

func (s *Server) shareWatchList(w http.ResponseWriter, r *http.Request) error {
	p, err := s.watchListPage(r)
	if err != nil {
		return err
	}
	return watchListTmpl.Render(w, r, p)
}

// shareAssign gives the ticked people to a follower.
func (s *Server) shareAssign(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	follower, next, ticked := f.Raw("follower"), f.Day("next", ""), f.All("person")
	err := f.Err()
	if err == nil {
		var names map[string]string
		if names, err = s.Access.Names(r.Context(), who.Region, follower); err == nil {
			err = s.Share.Assign(r.Context(), who, who.Region, f.Once(), ticked, follower, names[follower], next)
		}
	}
	if err != nil {
		p, perr := s.watchListPage(r)
		if perr != nil {
			return perr
		}
		p.In.Follower, p.In.Next = follower, f.Raw("next")
		for i, row := range p.List.Rows {
			for _, id := range ticked {
				p.List.Rows[i].Ticked = p.List.Rows[i].Ticked || row.ID == id
			}
		}
		return watchListTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/share/watch/list?"+r.URL.RawQuery)
}
