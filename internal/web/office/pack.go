package office

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
	"yinling/internal/web/ui"
)

type packListPage struct {
	ui.Page
	Table   ui.Table
	Compare ui.Filter
}

type packShowPage struct {
	ui.Page
	Pack      *policy.Pack
	Ref       policy.PackRef
	On        day.Day
	When      ui.Filter
	Documents ui.Table
	Groups    []packGroup
	Marked    int // values below grade B
	Refused   string
}

// packGroup is the values of one word.
type packGroup struct {
	Word, Name string
	Table      ui.Table
}

type packKeyPage struct {
	ui.Page
	Shown policy.Shown
	Facts ui.Summary
	Text  string
	Grade ui.Chip
	Where string
}

type packDiffPage struct {
	ui.Page
	Pick  ui.Filter
	Table ui.Table
	Same  bool
	A, B  string
}

var (
	packListTmpl = ui.MustParse[packListPage](ui.Office, files, "pack/list.html")
	packShowTmpl = ui.MustParse[packShowPage](ui.Office, files, "pack/show.html")
	packKeyTmpl  = ui.MustParse[packKeyPage](ui.Office, files, "pack/key.html")
	packDiffTmpl = ui.MustParse[packDiffPage](ui.Office, files, "pack/diff.html")
)

// words names the domains by which values are grouped.
var words = [][2]string{{"assess", "失能评估"}, {"benefit", "待遇"}, {"care", "护理服务"}, {"claim", "结算"}, {"fund", "基金"},
	{"institution", "定点机构"}, {"person", "参保人和代办"}, {"calendar", "工作日历"}}

func (s *Server) packList(w http.ResponseWriter, r *http.Request) error {
	p := &packListPage{Page: ui.Page{Title: "政策包"}, Compare: s.diffForm("", "", ui.Today(r))}
	p.Table = ui.Table{Caption: "全部政策包", Head: []string{"地区", "版本", "有效期", "上级", "文件", "自己规定的值"}}
	for _, x := range s.Packs.Packs {
		parent := "—"
		if up := s.Packs.Pack(x.Parent); up != nil {
			parent = up.Name
		}
		p.Table.Rows = append(p.Table.Rows, ui.Row{Cells: []any{ui.Two{First: x.Name, Second: x.Region, Href: "/o/pack/" + x.Region},
			x.Version, x.From.String() + " 至 " + x.To.String(), parent, len(x.Documents), x.Given()}})
	}
	return packListTmpl.Render(w, r, p)
}

// onDay reads ?on=, today by default.
func onDay(r *http.Request) (day.Day, error) {
	f := ui.ParseForm(r)
	on := f.Day("on", "")
	if on.IsZero() {
		on = ui.Today(r)
	}
	return on, f.Err()
}

func (s *Server) packShow(w http.ResponseWriter, r *http.Request) error {
	region := r.PathValue("region")
	pack := s.Packs.Pack(region)
	if pack == nil {
		return fault.New(fault.NotFound, "没有地区 %s 的政策包。", region)
	}
	on, err := onDay(r)
	if err != nil {
		return err
	}
	p := &packShowPage{Page: ui.Page{Title: pack.Name + "政策包", Back: "/o/pack", Nav: "/o/pack"}, Pack: pack, Ref: s.Packs.Ref(region), On: on}
	p.When = ui.Filter{Action: "/o/pack/" + region, Fields: []ui.Field{{Name: "on", Label: "看哪天有效的", Type: "date", Value: on.String()}}, Button: "看"}
	p.Documents = ui.Table{Title: "依据的文件", Head: []string{"文件", "文号", "发文单位", "日期"}, Empty: "这个包没有自己的文件，全部沿用上级。"}
	for _, d := range pack.Documents {
		p.Documents.Rows = append(p.Documents.Rows, ui.Row{Cells: []any{d.Title, d.No, d.Issuer, issued(d.Issued)}})
	}
	v, err := s.Packs.At(region, on)
	if fault.Is(err, fault.Refused) {
		p.Refused = fault.As(err).Say
		return packShowTmpl.Render(w, r, p)
	}
	if err != nil {
		return err
	}
	byWord := map[string][]policy.Shown{}
	for _, x := range v.Show() {
		word, _, _ := strings.Cut(x.Key, ".")
		byWord[word] = append(byWord[word], x)
	}
	for _, word := range words {
		list := byWord[word[0]]
		delete(byWord, word[0])
		if len(list) > 0 {
			p.Groups = append(p.Groups, s.group(p, word[0], word[1], list))
		}
	}
	for _, word := range slices.Sorted(maps.Keys(byWord)) {
		p.Groups = append(p.Groups, s.group(p, word, word, byWord[word]))
	}
	return packShowTmpl.Render(w, r, p)
}

func (s *Server) group(p *packShowPage, word, name string, list []policy.Shown) packGroup {
	g := packGroup{Word: word, Name: name, Table: ui.Table{Caption: name, Head: []string{"规定", "值", "依据", "来自"}}}
	for _, x := range list {
		mark := ui.Chip{}
		basis := ui.Two{}
		if x.Clause != nil {
			mark = ui.GradeMark(x.Clause.Grade)
			basis = ui.Two{First: x.Clause.Doc + " " + x.Clause.Article, Second: x.Clause.No, Chip: mark}
		}
		if mark.Say != "" {
			p.Marked++
		}
		from := x.Region
		if pack := s.Packs.Pack(x.Region); pack != nil {
			from = pack.Name
		}
		g.Table.Rows = append(g.Table.Rows, ui.Row{Cells: []any{
			ui.Two{First: x.Label, Second: x.Key, Href: "/o/pack/" + p.Pack.Region + "/" + x.Key + "?on=" + p.On.String()}, plain(x), basis, from}})
	}
	return g
}

// plain is the value in a table cell: a table of rows only says how many.
func plain(x policy.Shown) string {
	say := x.Say
	for _, mark := range []string{"（示例值，未见官方文件）", "（凭记忆录入，待核对原文）"} {
		say = strings.TrimSuffix(say, mark) // the chip beside it says so
	}
	if r := []rune(say); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return say
}

// issued is a document's day in Chinese, the text itself where it names none.
func issued(s string) string {
	if d, err := day.Parse(s); err == nil {
		return d.Chinese()
	}
	return s
}
