package office

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"yinling/internal/access"
	"yinling/internal/fault"
	"yinling/internal/share"
	"yinling/internal/web/ui"
)

type doubtsPage struct {
	ui.Page
	Tabs   ui.Tabs
	Filter ui.Tabs
	List   ui.Table
	Pager  ui.Pager
}

type doubtPage struct {
	ui.Page
	D        share.Doubt
	Source   share.Source
	Compare  ui.Table
	Verdicts []ui.Option
	In       struct{ Verdict, Note string }
	Open     bool // may be decided, by this visitor
}

var (
	doubtsTmpl = ui.MustParse[doubtsPage](ui.Office, files, "share/doubts.html")
	doubtTmpl  = ui.MustParse[doubtPage](ui.Office, files, "share/doubt.html")
)

// shareDoubts lists the rows that a clerk has to look at, the oldest first.
func (s *Server) shareDoubts(w http.ResponseWriter, r *http.Request) error {
	state := r.FormValue("state")
	if state != share.Unknown {
		state = share.Doubtful
	}
	batch, at, _ := strings.Cut(r.FormValue("after"), "-")
	line, _ := strconv.ParseInt(at, 10, 64)
	list, err := s.Share.Doubts(r.Context(), ui.Actor(r).Region, state, batch, line, sharePageRows+1)
	if err != nil {
		return err
	}
	p := &doubtsPage{Page: ui.Page{Title: "认不准的", Nav: "/o/share"}, Tabs: shareTabs("/o/share/doubt", -1)}
	for _, st := range []string{share.Doubtful, share.Unknown} {
		p.Filter.Items = append(p.Filter.Items, ui.Tab{Href: "/o/share/doubt?state=" + st, Label: rowStateChip(st).Say, N: -1, Current: st == state})
	}
	p.Filter.Label = "状态"
	if len(list) > sharePageRows {
		list = list[:sharePageRows]
		last := list[sharePageRows-1]
		p.Pager = ui.Pager{Say: fmt.Sprintf("这一页 %d 行", sharePageRows), Next: fmt.Sprintf("/o/share/doubt?state=%s&after=%s-%d", state, last.Batch, last.Line)}
	}
	p.List = doubtTable(list, "没有等人认定的行。")
	return doubtsTmpl.Render(w, r, p)
}

func (s *Server) doubtPage(r *http.Request) (*doubtPage, error) {
	who := ui.Actor(r)
	line, _ := strconv.ParseInt(r.PathValue("line"), 10, 64)
	d, people, err := s.Share.Doubt(r.Context(), who, who.Region, r.PathValue("batch"), line)
	if err != nil {
		return nil, err
	}
	p := &doubtPage{Page: ui.Page{Title: "认定：" + d.Name, Back: "/o/share/doubt", Nav: "/o/share"}, D: d}
	if p.Source, err = s.shareSource(r, d.Source); err != nil {
		return nil, err
	}
	p.Open = (d.State == share.Doubtful || d.State == share.Unknown) && ui.Who(r).Can(access.ShareImport)
	p.Compare = ui.Table{Caption: "名单和名册并排看", Head: []string{"", p.Source.Department + "的名单"}}
	rows := [][]any{{"姓名", d.Name}, {"出生日期", birthSay(d.Birth)}, {"证件号码", orSay(d.IDMask, "没有写")}, {"住处", orSay(d.Address, "没有写")}, {"电话", "名单上没有"}, {"说他是", givesName(p.Source)}}
	for i, x := range people {
		n := ""
		if len(people) > 1 {
			n = strconv.Itoa(i + 1)
		}
		p.Compare.Head = append(p.Compare.Head, "参保名册"+n)
		phone := "没有登记"
		if x.Phone != "" {
			phone = x.Phone
		}
		same := func(ours, theirs string) any {
			if ours != theirs && theirs != "" {
				return ui.Two{First: ours, Chip: ui.Chip{Tone: "hot", Say: "不一样"}}
			}
			return ours
		}
		name := ui.Two{First: x.Name, Href: "/o/person/" + x.ID}
		if x.Name != d.Name {
			name.Chip = ui.Chip{Tone: "hot", Say: "不一样"}
		}
		tail := any("尾号 " + x.IDTail)
		if len(d.IDMask) > 1 && !strings.HasSuffix(x.IDTail, d.IDMask[len(d.IDMask)-2:]) {
			tail = ui.Two{First: "尾号 " + x.IDTail, Chip: ui.Chip{Tone: "hot", Say: "不一样"}}
		}
		born := ""
		if d.Birth != 0 {
			born = d.Birth.Chinese()
		}
		for j, c := range []any{name, same(x.Birth.Chinese(), born), tail, x.District + x.Community + x.Address, ui.Two{First: phone}, orSay(strings.Join(x.Groups, "、"), "没有")} {
			rows[j] = append(rows[j], c)
		}
		p.Verdicts = append(p.Verdicts, ui.Option{Value: x.ID, Label: "是" + x.Name + n + "（尾号 " + x.IDTail + "）", Hint: "记入这个人，下一批名单不再问"})
	}
	for _, c := range rows {
		p.Compare.Rows = append(p.Compare.Rows, ui.Row{Cells: c})
	}
	p.Verdicts = append(p.Verdicts, ui.Option{Value: share.Another, Label: "不是名册里的人", Hint: "下一批名单不再问"}, ui.Option{Value: share.Unknown, Label: "查不清", Hint: "先放着，谁的情况都不改"})
	return p, nil
}

func (s *Server) shareDoubt(w http.ResponseWriter, r *http.Request) error {
	p, err := s.doubtPage(r)
	if err != nil {
		return err
	}
	return doubtTmpl.Render(w, r, p)
}

// shareDecide keeps what a clerk has found out about a row.
func (s *Server) shareDecide(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	x := share.Verdict{State: f.Raw("verdict"), Note: f.Text("note", "怎样核对的")}
	if x.State != share.Another && x.State != share.Unknown {
		x.Person, x.State = x.State, share.Same
	}
	line, _ := strconv.ParseInt(r.PathValue("line"), 10, 64)
	err := f.Err()
	if err == nil && x.State == share.Same && x.Person == "" {
		err = fault.Field("verdict", "请选是不是同一个人；查不清就选查不清")
	}
	if err == nil {
		err = s.Share.Decide(r.Context(), who, who.Region, r.PathValue("batch"), line, f.Once(), x)
	}
	if err != nil {
		p, perr := s.doubtPage(r)
		if perr != nil {
			return perr
		}
		p.In.Verdict, p.In.Note = f.Raw("verdict"), f.Raw("note")
		return doubtTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/share/doubt")
}
