package office

import (
	"context"
	"net/http"
	"strings"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/web/ui"
)

// System is what the system administrator (系统管理员) sees of the program; app
// fills it.
type System struct {
	Settings    func() []Setting
	Look        func(ctx context.Context, region string) []Finding // the doctor's findings
	Jobs        func(ctx context.Context, region string) ([]FailedJob, error)
	Retry       func(ctx context.Context, who audit.Actor, region, id string) error
	Checkpoints func() ([]audit.Checkpoint, error) // for the auditor's verification
}

// Setting is one setting; secrets are only said to be there.
type Setting struct{ Name, Value, Flag string }

// Finding is one finding of the doctor.
type Finding struct {
	Check string
	OK    bool
	Say   string
}

// FailedJob is a job that was given up.
type FailedJob struct {
	ID, Kind, Key, Error string
	Tries                int64
}

type systemPage struct {
	ui.Page
	Findings ui.Table
	Settings ui.Table
	Jobs     []FailedJob
}

var systemTmpl = ui.MustParse[systemPage](ui.Office, files, "system/system.html")

func (s *Server) system(w http.ResponseWriter, r *http.Request) error {
	region := ui.Actor(r).Region
	p := &systemPage{Page: ui.Page{Title: "系统", Nav: "/o/system"}}
	var err error
	if p.Jobs, err = s.System.Jobs(r.Context(), region); err != nil {
		return err
	}
	p.Findings = ui.Table{Title: "体检", Caption: "打开这一页时查的；全部账和文件请在服务器上运行 yinling doctor", Head: []string{"项目", "结果", "说明"}}
	for _, f := range s.System.Look(r.Context(), region) {
		chip := ui.Chip{Tone: "ok", Say: "好"}
		if !f.OK {
			chip = ui.Chip{Tone: "bad", Say: "不好"}
		}
		p.Findings.Rows = append(p.Findings.Rows, ui.Row{Cells: []any{checkName(f.Check), chip, f.Say}})
	}
	p.Settings = ui.Table{Title: "设置", Caption: "改设置要在服务器上改启动参数或环境变量，再重启", Head: []string{"名称", "现在的值", "参数"}}
	for _, x := range s.System.Settings() {
		p.Settings.Rows = append(p.Settings.Rows, ui.Row{Cells: []any{x.Name, x.Value, x.Flag}})
	}
	return systemTmpl.Render(w, r, p)
}

// systemRetry puts a job that was given up back into the queue.
func (s *Server) systemRetry(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	if err := s.System.Retry(r.Context(), who, who.Region, r.PathValue("id")); err != nil {
		return err
	}
	return ui.Redirect(w, r, "/o/system")
}

// checkNames are the doctor's checks in Chinese.
var checkNames = map[string]string{"key": "密钥", "disk": "磁盘", "engine": "数据库", "settings": "数据库设置", "schema": "数据库版本", "clock": "时钟",
	"checkpoints": "存档点", "region": "统筹区", "time": "记录的时刻", "jobs": "后台任务", "orphans": "数据两半都在"}

func checkName(check string) any {
	word, _, _ := strings.Cut(check, " ")
	return ui.Two{First: checkNames[word], Second: check}
}

func roleName(id string) string {
	switch id {
	case "system":
		return "程序"
	case "api":
		return "机构系统"
	}
	if r := access.RoleOf(id); r.ID != "" {
		return r.Name
	}
	return id
}
