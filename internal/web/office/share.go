package office

import (
	"fmt"
	"net/http"
	"strconv"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/share"
	"yinling/internal/web/ui"
)

type sharePage struct {
	ui.Page
	Tabs    ui.Tabs
	List    ui.Table
	Batches ui.Table
	Sources []ui.Option
	In      struct{ Source, AsOf string }
	Busy    bool
	Keys    []shareKeyRow
	Key     struct{ Source, Name, Until string }
}

// shareKeyRow is one key of the interface; its text is never seen again.
type shareKeyRow struct {
	share.Key
	Register string
	Chip     ui.Chip
}

type shareBatchPage struct {
	ui.Page
	B       share.Batch
	Source  share.Source
	Panel   ui.Panel
	KPIs    ui.KPIs
	Tabs    ui.Tabs
	Rows    ui.Table
	Pager   ui.Pager
	Reasons ui.Table
	Percent int64
}

var (
	shareTmpl      = ui.MustParse[sharePage](ui.Office, files, "share/list.html")
	shareBatchTmpl = ui.MustParse[shareBatchPage](ui.Office, files, "share/batch.html")
)

// sharePageRows is how many rows a page of a list shows.
const sharePageRows = 50

func shareTabs(now string, doubts int64) ui.Tabs {
	t := ui.Tabs{Label: "部门数据", Items: []ui.Tab{{Href: "/o/share", Label: "部门名单", N: -1}, {Href: "/o/share/doubt", Label: "认不准的", N: int(doubts)}, {Href: "/o/share/watch", Label: "重点人群排查", N: -1}}}
	for i := range t.Items {
		t.Items[i].Current = t.Items[i].Href == now
		if t.Items[i].Href == "/o/share/doubt" && doubts < 0 {
			t.Items[i].N = -1
		}
	}
	return t
}

// givesName says what a register gives.
func givesName(s share.Source) string {
	switch s.Gives {
	case share.GivesGroup:
		return "重点人群：" + s.Value
	case share.GivesDeceased:
		return "去世日期"
	case share.GivesHospital:
		return "住院期间"
	case share.GivesSubsidy:
		return "其他护理补贴"
	}
	return "评估记录，并排放，不合并"
}

func batchChip(b share.Batch) ui.Chip {
	switch b.State() {
	case "running":
		return ui.Chip{Tone: "wait", Say: "正在导入"}
	case "cut":
		return ui.Chip{Tone: "hot", Say: "中途停了"}
	case "failed":
		return ui.Chip{Tone: "bad", Say: "读不了"}
	}
	if b.Report != nil && b.Report.Doubtful > 0 {
		return ui.Chip{Tone: "hot", Say: fmt.Sprintf("认不准 %d 行", b.Report.Doubtful)}
	}
	return ui.Chip{Tone: "ok", Say: "读完了"}
}

func (s *Server) sharePage(r *http.Request) (*sharePage, error) {
	region := ui.Actor(r).Region
	list, err := s.Share.Standings(r.Context(), region)
	if err != nil {
		return nil, err
	}
	batches, err := s.Share.Batches(r.Context(), region)
	if err != nil {
		return nil, err
	}
	p := &sharePage{Page: ui.Page{Title: "部门名单"}}
	p.In.AsOf = ui.Today(r).String()
	p.List = ui.Table{Title: "各部门的名单", Caption: "来源", Head: []string{"名单", "给出什么", "截至", "现在有效", "状态"}, Empty: "这个地区的政策包里没有写部门名单（share.registers）。"}
	names := map[string]string{}
	var doubts int64
	for _, x := range list {
		names[x.ID] = x.Name
		doubts += x.Doubt
		p.Sources = append(p.Sources, ui.Option{Value: x.ID, Label: x.Department + "：" + x.Name})
		asOf, state := any("还没有导入过"), ui.Chip{Tone: "mute", Say: "没有"}
		if x.AsOf != 0 {
			asOf, state = x.AsOf, ui.Chip{Tone: "ok", Say: "有效"}
		}
		if x.Stale {
			state = ui.Chip{Tone: "hot", Say: fmt.Sprintf("超过 %d 个月没有更新", x.ValidMonths)}
		}
		if x.Doubt > 0 {
			state = ui.Chip{Tone: "wait", Say: fmt.Sprintf("认不准 %d 行", x.Doubt)}
		}
		p.List.Rows = append(p.List.Rows, ui.Row{ID: x.ID, Cells: []any{ui.Two{First: x.Name, Second: x.Department}, givesName(x.Source), asOf, strconv.FormatInt(x.Holding, 10), state}})
	}
	p.Batches = ui.Table{Title: "最近的导入", Caption: "最近 20 次", Head: []string{"文件", "名单", "截至", "谁导入", "认出", "没有找到", "结果"}, Empty: "还没有导入过。"}
	for _, b := range batches {
		p.Busy = p.Busy || b.Running
		matched, none := "", ""
		if b.Report != nil {
			matched, none = strconv.Itoa(b.Report.Matched), strconv.Itoa(b.Report.Unmatched)
		}
		p.Batches.Rows = append(p.Batches.Rows, ui.Row{ID: b.ID, Cells: []any{ui.Two{First: b.File, Href: "/o/share/batch/" + b.ID}, orSay(names[b.Source], b.Source), b.AsOf,
			ui.Two{First: b.ActorName, Second: ui.Instant(b.Begun)}, matched, none, batchChip(b)}})
	}
	p.Tabs = shareTabs("/o/share", doubts)
	keys, err := s.Share.Keys(r.Context(), region)
	for _, k := range keys {
		row := shareKeyRow{Key: k, Register: orSay(names[k.Source], k.Source), Chip: ui.Chip{Tone: "ok", Say: "在用"}}
		if !k.On(ui.Today(r)) {
			row.Chip = ui.Chip{Tone: "mute", Say: "停用了"}
		}
		p.Keys = append(p.Keys, row)
	}
	return p, err
}

type shareKeyPage struct {
	ui.Page
	Text, Address string
	Register      string
}

var shareKeyTmpl = ui.MustParse[shareKeyPage](ui.Office, files, "share/key.html")

// shareKey makes a key for a department's system and shows it this once.
func (s *Server) shareKey(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	source, name, until := f.Raw("source"), f.Text("name", "谁在用"), f.Day("until", "")
	text, err := "", f.Err()
	if err == nil {
		text, err = s.Share.NewKey(r.Context(), who, who.Region, source, name, until)
	}
	if err != nil {
		p, perr := s.sharePage(r)
		if perr != nil {
			return perr
		}
		p.Key.Source, p.Key.Name, p.Key.Until = source, f.Raw("name"), f.Raw("until")
		return shareTmpl.Again(w, r, p, err)
	}
	src, err := s.shareSource(r, source)
	if err != nil {
		return err
	}
	return shareKeyTmpl.Render(w, r, &shareKeyPage{Page: ui.Page{Title: "密钥开好了", Back: "/o/share", Nav: "/o/share"}, Text: text, Address: s.Base + "/api/share/v1", Register: src.Name})
}

// shareKeyOff ends a key at once.
func (s *Server) shareKeyOff(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	if err := s.Share.RevokeKey(r.Context(), who, who.Region, r.PathValue("id"), f.Once()); err != nil {
		p, perr := s.sharePage(r)
		if perr != nil {
			return perr
		}
		return shareTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/share")
}

func orSay(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}

func (s *Server) shareList(w http.ResponseWriter, r *http.Request) error {
	p, err := s.sharePage(r)
	if err != nil {
		return err
	}
	return shareTmpl.Render(w, r, p)
}

// shareUpload takes a department's list in.
func (s *Server) shareUpload(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	form := ui.ParseForm(r)
	source, asOf := form.Raw("source"), form.Day("asof", "名单截至哪一天")
	id, err := "", form.Err()
	if err == nil {
		id, err = func() (string, error) {
			f, h, err := r.FormFile("file")
			if err != nil {
				return "", fault.Field("file", "请选名单文件（xlsx 或 csv）")
			}
			defer f.Close()
			return s.Share.Upload(r.Context(), who, who.Region, source, asOf, h.Filename, f)
		}()
	}
	if err != nil {
		p, perr := s.sharePage(r)
		if perr != nil {
			return perr
		}
		p.In.Source, p.In.AsOf = source, form.Raw("asof")
		return shareTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/share/batch/"+id)
}

// shareSource is a register as today's pack knows it; one that has left the
// pack keeps its id for a name.
func (s *Server) shareSource(r *http.Request, id string) (share.Source, error) {
	v, err := s.Packs.At(ui.Actor(r).Region, ui.Today(r))
	if err != nil {
		return share.Source{}, err
	}
	src, ok := share.SourceOf(v, id)
	if !ok {
		src = share.Source{ID: id, Name: id}
	}
	return src, nil
}

func rowStateChip(state string) ui.Chip {
	switch state {
	case share.Doubtful:
		return ui.Chip{Tone: "hot", Say: "等人认定"}
	case share.Same:
		return ui.Chip{Tone: "ok", Say: "是同一个人"}
	case share.Another:
		return ui.Chip{Tone: "mute", Say: "不在名册里"}
	case share.Unknown:
		return ui.Chip{Tone: "wait", Say: "查不清"}
	}
	return ui.Chip{Tone: "mute", Say: "没有找到"}
}

func birthSay(d day.Day) string {
	if d == 0 {
		return "没有写"
	}
	return d.Chinese()
}

func (s *Server) shareBatch(w http.ResponseWriter, r *http.Request) error {
	region, id := ui.Actor(r).Region, r.PathValue("id")
	b, err := s.Share.Batch(r.Context(), region, id)
	if err != nil {
		return err
	}
	p := &shareBatchPage{Page: ui.Page{Title: "名单 " + b.File, Back: "/o/share", Nav: "/o/share"}, B: b}
	if p.Source, err = s.shareSource(r, b.Source); err != nil {
		return err
	}
	switch b.State() {
	case "running":
		p.Percent = 100 * b.Progress.Done / max(1, b.Progress.Total)
		w.Header().Set("Refresh", "3") // the page looks again by itself, without script
		return shareBatchTmpl.Render(w, r, p)
	case "cut":
		p.Panel = ui.Panel{Tone: "warn", Title: "导入中途停了", Say: "程序重启过。请把同一个文件再传一次，不会重复。"}
		return shareBatchTmpl.Render(w, r, p)
	case "failed":
		p.Panel = ui.Panel{Tone: "stop", Title: "这个文件没有导入", Say: b.Say}
		return shareBatchTmpl.Render(w, r, p)
	}
	rep := b.Report
	n := strconv.Itoa
	p.KPIs.Items = []ui.KPI{{Label: "读了", Value: n(rep.Rows), Unit: "行"}, {Label: "认出", Value: n(rep.Matched), Unit: "人次", Note: fmt.Sprintf("新增 %d，改动 %d，没变 %d", rep.New, rep.Changed, rep.Same)},
		{Label: "认不准", Value: n(rep.Doubtful), Unit: "行", Hot: rep.Doubtful > 0}, {Label: "没有找到", Value: n(rep.Unmatched), Unit: "行"},
		{Label: "读不了", Value: n(rep.Rejected), Unit: "行", Hot: rep.Rejected > 0}}
	state := r.FormValue("state")
	if state == "" {
		state = share.Doubtful
	}
	after, _ := strconv.ParseInt(r.FormValue("after"), 10, 64)
	rows, states, err := s.Share.RowsOf(r.Context(), region, id, state, after, sharePageRows+1)
	if err != nil {
		return err
	}
	p.Tabs.Label = "没有直接认出来的行"
	for _, st := range []string{share.Doubtful, share.Unmatched, share.Same, share.Another, share.Unknown} {
		if st == state || states[st] > 0 || st == share.Doubtful || st == share.Unmatched {
			p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: "/o/share/batch/" + id + "?state=" + st, Label: rowStateChip(st).Say, N: int(states[st]), Current: st == state})
		}
	}
	p.Rows = doubtTable(rows[:min(len(rows), sharePageRows)], "没有这样的行。")
	if len(rows) > sharePageRows {
		p.Pager = ui.Pager{Say: fmt.Sprintf("这一页 %d 行", sharePageRows), Next: fmt.Sprintf("/o/share/batch/%s?state=%s&after=%d", id, state, rows[sharePageRows-1].Line)}
	}
	p.Reasons = ui.Table{Title: "读不了的行", Caption: "每一处问题", Head: []string{"第几行", "哪一列", "内容（遮盖）", "原因"}}
	for _, x := range rep.Problems {
		p.Reasons.Rows = append(p.Reasons.Rows, ui.Row{Cells: []any{x.Sheet + " " + n(x.Row), x.Column, x.Value, x.Reason}})
	}
	if rep.More > 0 {
		p.Reasons.Caption = fmt.Sprintf("这里列出前 %d 处，还有 %d 处在退回文件里", len(rep.Problems), rep.More)
	}
	return shareBatchTmpl.Render(w, r, p)
}

// doubtTable lists rows of registers; who may be meant stands on the row's own page.
func doubtTable(rows []share.Doubt, empty string) ui.Table {
	t := ui.Table{Caption: "名单上的行", Head: []string{"名单上的姓名", "出生日期", "号码（遮盖）", "为什么", "可能的人", "结果"}, Empty: empty}
	for _, d := range rows {
		name := ui.Two{First: orSay(d.Name, "没有写姓名"), Second: fmt.Sprintf("第 %d 行", d.Line)}
		if d.State != share.Unmatched {
			name.Href = fmt.Sprintf("/o/share/doubt?state=%s&see=%s/%d", d.State, d.Batch, d.Line)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []any{name, birthSay(d.Birth), d.IDMask, d.Reason, strconv.Itoa(len(d.Candidates)), rowStateChip(d.State)}})
	}
	return t
}

// shareRejects is the file of the rows that could not be read.
func (s *Server) shareRejects(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	f, err := s.Share.Rejects(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="rejects-`+r.PathValue("id")+`.xlsx"`)
	_, err = f.WriteTo(w)
	return err
}
