package office

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/care/caretest"
	"yinling/internal/claim"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/measure"
	"yinling/internal/outreach"
	"yinling/internal/policy"
	"yinling/internal/report"
	"yinling/internal/web/ui"
)

func openMeasure(t *testing.T, d *db.DB) *caretest.Browser {
	set, err := policy.Load("")
	caretest.Must(t, err)
	by := map[string]audit.Actor{}
	for _, x := range []struct{ id, role, region string }{{"yantai", "clerk", "370600"}, {"yantai2", "reviewer", "370600"}, {"sheng", "clerk", "370000"}, {"weihai", "clerk", "371000"}, {"lyg", "clerk", "320700"}, {"money", "treasurer", "370600"}} {
		by[x.id] = audit.Actor{ID: x.id, Name: x.id, Role: x.role, Region: x.region}
	}
	kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
	log, files := &audit.Log{DB: d}, &desk.Files{Dir: t.TempDir()}
	s := &Server{Kit: kit, Log: log, Packs: set, Measure: &measure.Service{Log: log, Packs: set, Files: files}, Desk: &desk.Service{Log: log, Files: files},
		Outreach: &outreach.Service{Log: log, Packs: set}, Report: &report.Service{Log: log}, Care: &care.Service{Log: log, Packs: set}, Claim: &claim.Service{Log: log, Packs: set}}
	return caretest.Open(t, kit.Handler(s.Router()))
}

// The ledger over pages: a city plans and reports, its province sees it and
// takes the table, another city sees nothing of it.
func TestMeasurePages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		b := openMeasure(t, d)
		b.As = "yantai"
		b.Get("/o/measure").Want(200, "工作台账", "设置“老年人优先窗口”", "超期 1219 天", "2021年1月底前", "报送具体工作措施")
		b.Get("/o/measure?on=2021-01-31").Want(200, "今天到期", "剩 28 天")
		b.Get("/o/measure?on=2021-13-31").Want(422, "没有这一天")
		b.Get("/o/measure?on=2020-12-31").Want(404, "工作台账是空的")
		at := "/o/measure/sd-7"
		b.Get(at).Want(200, "即时联网结算", "2021年12月底前", "鲁医保发〔2021〕1号", "不补日期", "报进展").
			Post(at+"/plan", "unit_name", "", "owner", "").Want(422, "请填承办处室")
		b.Get(at).Post(at+"/plan", "unit_name", "结算处", "owner", "王处长", "target", "全市联网", "step0", "接口联调", "due0", "2021-09-30", "version", "0").Want(200, "全市联网", "接口联调", "过了 977 天")
		b.Get(at).Post(at+"/plan", "unit_name", "结算处", "owner", "李处长", "version", "0").Want(409, "刚被别人改过")
		b.Get(at).Post(at+"/report", "done", "yes", "say", "").Want(422, "请填做了什么")
		b.Get(at).Post(at+"/report", "done", "yes", "say", "全部联网", "on", "2021-12-30").Want(200, "报完成", "没有佐证")
		b.As = "sheng"
		b.Get("/o/measure/matrix").Want(200, "山东省", "烟台市", "济南市", "胜利油田", "待定", "超期的")
		b.Get("/o/measure?unit=370600").Want(200, "烟台市的工作台账", "王处长")
		lacks(t, b, `href="/o/measure/filing"`)
		b.Get(at+"?unit=370600").Want(200, "全部联网", "王处长")
		lacks(t, b, "报上去")
		b.Get("/o/measure/table?on=2022-01-01").Want(200)
		f, err := excelize.OpenReader(bytes.NewReader([]byte(b.Page)))
		caretest.Must(t, err)
		rows, err := f.GetRows("工作台账")
		caretest.Must(t, err)
		if len(rows) != 1+18*16 {
			t.Errorf("%d rows in the table", len(rows))
		}
		found := false
		for _, r := range rows {
			if r[1] == "烟台市" && r[2] == "措施七" {
				found = r[6] == "2021-12-31" && r[8] == "王处长" && r[10] == "超期" && r[12] == "1" && strings.Contains(r[16], "全部联网")
			}
		}
		if !found {
			t.Error("the city's line is not in the table as it stood that day")
		}
		b.Get("/o/measure/paper?unit=370600").Want(200, "烟台市", "工作台账")
		b.As = "weihai"
		b.Get("/o/measure?unit=370600").Want(404, "不归您看")
		b.Get("/o/measure/matrix").Want(200, "威海市")
		lacks(t, b, "烟台市")
		b.As = "money"
		b.Get("/o/measure").Want(403)
		b.As = "lyg"
		b.Get("/o/measure").Want(200, "工作台账是空的")
		b.Get("/o/measure?on=2024-09-01").Want(200, "常态化", "长期，还没有报告")
		b.Get("/o/measure/filing").Want(404)
	})
}

// The own measures go to the superior only after another hand recorded the
// head's approval.
func TestFilingPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		b := openMeasure(t, d)
		b.As = "yantai"
		at := "/o/measure/filing"
		b.Get(at).Want(200, "2021年1月12日前", "还没有存下", "措施一")
		b.Get(at+"/paper").Want(200, "草稿：还没有存下")
		b.Get(at).Post(at, "said", " ", "version", "0").Want(422, "请写具体工作措施")
		b.Get(at).Post(at, "said", "一、每个大厅设优先窗口。", "version", "0").Want(200, "每个大厅设优先窗口")
		lacks(t, b, "登记已经审定盖章")
		b.As = "yantai2"
		b.Get(at).Want(200, "登记已经审定盖章").Post(at+"/approve", "head", "", "version", "1").Want(422, "请写审定的主要负责同志")
		b.Get(at).Post(at+"/approve", "head", "赵局长", "version", "1").Want(200, "赵局长")
		b.As = "yantai"
		b.Get(at).Want(200, "登记已经报送").Post(at+"/send", "number", "OA-7", "version", "2").Want(200, "OA-7", "完成，迟")
		b.Get(at+"/paper").Want(200, "赵局长", "OA-7")
		lacks(t, b, "草稿")
	})
}

func lacks(t *testing.T, b *caretest.Browser, text string) {
	t.Helper()
	if strings.Contains(b.Page, text) {
		t.Errorf("%s shows %q", b.URL, text)
	}
}
