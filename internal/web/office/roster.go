package office

import (
	"fmt"
	"net/http"
	"strconv"

	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/web/ui"
)

type rosterPage struct {
	ui.Page
	List  ui.Table
	Heads []string
	Busy  bool
}

type uploadPage struct {
	ui.Page
	U       person.Upload
	Done    ui.Done
	Panel   ui.Panel
	KPIs    ui.KPIs
	Reasons ui.Table
	Percent int64
}

var (
	rosterTmpl = ui.MustParse[rosterPage](ui.Office, files, "roster/list.html")
	uploadTmpl = ui.MustParse[uploadPage](ui.Office, files, "roster/one.html")
)

// maxRoster is the largest upload; a larger roster goes through the command line.
const maxRoster = 512 << 20

func uploadChip(u person.Upload) ui.Chip {
	switch u.State() {
	case "running":
		return ui.Chip{Tone: "wait", Say: "正在导入"}
	case "cut":
		return ui.Chip{Tone: "hot", Say: "中途停了"}
	case "failed":
		return ui.Chip{Tone: "bad", Say: "读不了"}
	}
	if u.Report != nil && u.Report.Rejected > 0 {
		return ui.Chip{Tone: "hot", Say: fmt.Sprintf("退回 %d 行", u.Report.Rejected)}
	}
	return ui.Chip{Tone: "ok", Say: "全部收下"}
}

func (s *Server) rosterPage(r *http.Request) (*rosterPage, error) {
	list, err := s.Person.Uploads(r.Context(), ui.Actor(r).Region)
	if err != nil {
		return nil, err
	}
	p := &rosterPage{Page: ui.Page{Title: "名册导入"}}
	p.List = ui.Table{Title: "最近的导入", Caption: "最近 20 次", Head: []string{"文件", "什么时候", "谁", "新增", "改动", "没变", "结果"}, Empty: "还没有导入过名册。"}
	for _, u := range list {
		p.Busy = p.Busy || u.Running
		n, c, same := "", "", ""
		if u.Report != nil {
			n, c, same = strconv.Itoa(u.Report.New), strconv.Itoa(u.Report.Changed), strconv.Itoa(u.Report.Same)
		}
		p.List.Rows = append(p.List.Rows, ui.Row{ID: u.ID, Cells: []any{ui.Two{First: u.File, Href: "/o/roster/" + u.ID}, ui.Instant(u.Begun), u.ActorName, n, c, same, uploadChip(u)}})
	}
	for _, names := range person.Headings {
		if len(names) > 0 && names[0] != "原因" {
			p.Heads = append(p.Heads, names[0])
		}
	}
	return p, nil
}

func (s *Server) rosters(w http.ResponseWriter, r *http.Request) error {
	p, err := s.rosterPage(r)
	if err != nil {
		return err
	}
	return rosterTmpl.Render(w, r, p)
}

func (s *Server) rosterUpload(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	id, err := func() (string, error) {
		f, h, err := r.FormFile("file")
		if err != nil {
			return "", fault.Field("file", "请选名册文件（xlsx 或 csv）")
		}
		defer f.Close()
		return s.Person.Upload(r.Context(), who, who.Region, h.Filename, f)
	}()
	if err != nil {
		p, perr := s.rosterPage(r)
		if perr != nil {
			return perr
		}
		return rosterTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/roster/"+id)
}

func (s *Server) rosterOne(w http.ResponseWriter, r *http.Request) error {
	u, err := s.Person.Uploaded(r.Context(), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := &uploadPage{Page: ui.Page{Title: "名册 " + u.File, Back: "/o/roster", Nav: "/o/roster"}, U: u}
	switch u.State() {
	case "running":
		p.Percent = 100 * u.Progress.Done / max(1, u.Progress.Total)
		w.Header().Set("Refresh", "3") // the page looks again by itself, without script
	case "cut":
		p.Panel = ui.Panel{Tone: "warn", Title: "导入中途停了", Say: "程序重启过。已经收下的人都在，请把同一个文件再传一次，不会重复。"}
	case "failed":
		p.Panel = ui.Panel{Tone: "stop", Title: "这个文件读不了", Say: u.Say}
	default:
		rep := u.Report
		p.KPIs.Items = []ui.KPI{{Label: "读了", Value: strconv.Itoa(rep.Rows), Unit: "行"}, {Label: "新增", Value: strconv.Itoa(rep.New), Unit: "人"},
			{Label: "改动", Value: strconv.Itoa(rep.Changed), Unit: "人"}, {Label: "没有变化", Value: strconv.Itoa(rep.Same), Unit: "人"},
			{Label: "退回", Value: strconv.Itoa(rep.Rejected), Unit: "行", Hot: rep.Rejected > 0}}
		p.Reasons = ui.Table{Title: "退回的原因", Caption: "每一处问题", Head: []string{"第几行", "哪一列", "内容（遮盖）", "原因"}}
		for _, x := range rep.Problems {
			row := strconv.Itoa(x.Row)
			if x.Sheet != "" {
				row = x.Sheet + " " + row
			}
			p.Reasons.Rows = append(p.Reasons.Rows, ui.Row{Cells: []any{row, x.Column, x.Value, x.Reason}})
		}
		if rep.More > 0 {
			p.Reasons.Caption = fmt.Sprintf("这里列出前 %d 处，还有 %d 处在退回文件里", len(rep.Problems), rep.More)
		}
	}
	return uploadTmpl.Render(w, r, p)
}

// rosterRejects is the file of rejected rows, to be corrected and uploaded again.
func (s *Server) rosterRejects(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	f, err := s.Person.Rejects(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	w.Header().Set("Content-Disposition", `attachment; filename="rejects-`+r.PathValue("id")+`.xlsx"`)
	_, err = f.WriteTo(w)
	return err
}
