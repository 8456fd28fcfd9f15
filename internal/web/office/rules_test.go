package office

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fund"
	"yinling/internal/institution"
	"yinling/internal/outreach"
	"yinling/internal/report"
	"yinling/internal/web/ui"
)

// The rules that answer a question of the office have their pages: a measure
// after a breach, who contributes what, how a plan stands to the national design.
func TestRulesOverPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := caretest.New(t, d, c, 2)
		staff := func(id, role string) audit.Actor { return audit.Actor{ID: id, Role: role, Region: caretest.Region} }
		by := map[string]audit.Actor{"c": staff("c", "clerk"), "t": staff("t", "treasurer"), "r": staff("r", "reviewer")}
		kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
		insts := &institution.Service{Log: tn.Log, Keys: tn.Insts.Keys, Packs: tn.Packs}
		s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Outreach: &outreach.Service{Log: tn.Log}, Access: &access.Service{Log: tn.Log}, Person: tn.People, Institution: insts, Fund: &fund.Service{Log: tn.Log}, Report: &report.Service{Log: tn.Log}, Desk: &desk.Service{Log: tn.Log, Files: tn.Files}}
		b := caretest.Open(t, kit.Handler(s.Router()))
		b.As = "c"

		at := "/o/institution/" + tn.Inst.ID
		b.Get(at).Want(200, "没有处理过").Post(at+"/sanction", "subject", "staff", "staff", tn.WorkerIDs[0], "serious", "no", "months", "6", "why", "虚记").Want(409, "没有给出")
		c.Add(365 * 24 * time.Hour) // the text holds from December 2024
		b.Get(at).Post(at+"/sanction", "subject", "staff", "staff", tn.WorkerIDs[0], "serious", "no", "months", "13", "why", "虚记上门").Want(409, "3 至 12 个月", "虚记上门")
		b.Post(at+"/sanction", "subject", "staff", "staff", tn.WorkerIDs[0], "serious", "no", "months", "6", "why", "").Want(422, "请写明查实的情况")
		b.Post(at+"/sanction", "subject", "staff", "staff", tn.WorkerIDs[0], "serious", "no", "months", "6", "why", "虚记上门").Want(200, "暂停服务人员的支付资格 6 个月", "虚记上门", "前说明", "是您告知的")
		if strings.Contains(b.Page, ">作出处理<") {
			t.Error("a measure before the institution could answer")
		}
		b.Get(at).Post(at+"/ask", "ask", "？").Want(422, "说明什么")
		b.Get(at).Post(at+"/ask", "ask", "请说明 6 月 3 日的上门为什么只有 12 分钟").Want(200, "12 分钟", "没有处理过", "拟怎样处理")
		c.Add(10 * 24 * time.Hour) // nobody answered
		q, err := insts.Inquiries(t.Context(), caretest.Region, tn.Inst.ID)
		if err != nil || len(q) != 2 {
			t.Fatal(q, err)
		}
		plan := q[slices.IndexFunc(q, func(q institution.Inquiry) bool { return q.Kind == institution.AskPlan })]
		b.Get("/o/inquiry?state=open&see="+plan.ID).Want(200, "到期没有说明", "要由复核岗或者另一位经办的同事来定")
		if strings.Contains(b.Page, ">作出处理<") {
			t.Error("who announced the measure may decide about it")
		}
		b.Post("/o/inquiry/punish", "one", "1", "id", plan.ID+"|1|x", "view", "/o/inquiry").Want(403, "由另一个人来定")
		b.As = "r"
		b.Get("/o/inquiry?state=open&see="+plan.ID).Want(200, "到期没有说明", ">作出处理", "不能撤回")
		b.Post("/o/inquiry/punish", "one", "1", "id", plan.ID+"|1|x", "view", "/o/inquiry").Want(200, "作出处理了")
		b.As = "c"
		b.Get(at).Want(200, "暂停服务人员的支付资格", "生效中", "6 个月", "看条款")
		b.As = "t"
		b.Post(at+"/sanction", "subject", "institution", "serious", "no", "months", "6", "why", "x").Want(403)

		b.Get("/o/fund/contribution").Want(200, "筹资测算")
		b.Get("/o/fund/contribution?kind=employee&base=6000&on=2026-06-30").Want(200, "18.00 元", "个人缴")
		b.Get("/o/fund/contribution?kind=resident&base=40000&group=特困&on=2026-06-30").Want(200, "由财政资助")
		b.Get("/o/fund/contribution?kind=employee&base=abc").Want(422)
		b.Get("/o/fund/contribution?kind=employee&base=6000&on=2024-06-30").Want(409, "没有给出")
		b.As = "c"
		b.Get("/o/fund/contribution").Want(403)
		b.Get("/o/person/"+tn.Persons[0]+"/contribution?base=6000&on=2026-06-30").Want(200, "18.00 元", "在职职工")
		if strings.Contains(b.Page, "名册里这类参保人") {
			t.Error("one person's page counts all")
		}

		b.Get("/o/pack/320700/design?on=2026-06-30").Want(200, "与国家设计对照", "checked")
		b.Get("/o/pack/320700/design?on=2026-06-30&coverage=employee&income=40000&ratio=70&cap=20000&waiting=6").Want(200, "在国家设计之内", "20,000.00 元")
		b.Get("/o/pack/320700/design?on=2026-06-30&coverage=employee&income=40000&cap=20000.01&waiting=12&cash=yes").Want(200, "有不一致的地方", "等待期", "不向失能人员支付现金")
		b.Get("/o/pack/320700/design?on=2024-06-30&coverage=employee&income=40000").Want(409, "没有给出")
		b.Get("/o/pack/320700/design?on=2026-06-30&coverage=employee&income=0").Want(422)
		b.Get("/o/pack/nope/design").Want(404)
	})
}
