package office

import (
	"net/http"
	"testing"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/outreach"
	"yinling/internal/report"
	"yinling/internal/web/ui"
)

// A queue over plain HTTP: the pre-check before the click, the batch with a
// result for each, a stale submit with what changed, and nobody else's results.
func TestQueueOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := caretest.New(t, d, c, 3)
		second := audit.Actor{ID: "clerk2", Name: "张敏", Role: "clerk", Region: caretest.Region}
		by := map[string]audit.Actor{"clerk": tn.Clerk, "second": second, "auditor": {ID: "auditor", Role: "auditor", Region: caretest.Region}}
		kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
		s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Outreach: &outreach.Service{Log: tn.Log}, Access: &access.Service{Log: tn.Log}, Care: tn.Care, Institution: tn.Insts, Report: &report.Service{Log: tn.Log}, Desk: &desk.Service{Log: tn.Log, Files: tn.Files}}
		b := caretest.Open(t, kit.Handler(s.Router()))
		b.As = "clerk"
		var refs []string
		var plans []care.Plan
		for i := range 3 {
			p := tn.Plan(i, "offer", "confirm")
			plans = append(plans, p)
			refs = append(refs, p.ID+"|3|计划")
		}
		// Nothing ticked, no way in for others, no act that the queue does not have.
		b.Get("/o/care/plans").Want(200, "核一下选中的能不能审批通过").Post("/o/care/plans/approve", "view", "/o/care/plans").Want(409, "还没有选要办的件")
		b.As = "auditor"
		b.Post("/o/care/plans/approve", "id", refs[0]).Want(403)
		b.As = "clerk"

		// Who works here, and what time limits count with.
		b.Get("/o/staff?role=care_worker").Want(200, "周小兰", "可以上岗")
		b.Get("/o/staff?state=left").Want(200, "没有这样的人员")
		b.Get("/o/pack/calendar?y=2024").Want(200, "个工作日", "放假，不算工作日", "服务时长不足")
		b.Get("/o/pack/calendar?y=2031").Want(200, "还没有国务院办公厅的放假安排")

		// The preview takes the plan; the second sees who has it open.
		b.Get("/o/care/plans?status=confirmed&see="+plans[0].ID).Want(200, "头面部清洁", "审批通过")
		b.As = "second"
		b.Get("/o/care/plans?status=confirmed&see="+plans[0].ID).Want(200, "打开了这件")
		stale := plans[0].ID + "|3|王桂兰"
		b.As = "clerk"
		b.Get("/o/care/plans").Post("/o/care/plans/return", "one", "1", "id", stale, "return-note", "", "view", "/o/care/plans?status=confirmed").Want(422, "请写明原因")
		b.Get("/o/care/plans").Post("/o/care/plans/return", "one", "1", "id", stale, "return-note", "少了一次洗澡", "view", "/o/care/plans?status=confirmed", "at", "0", "was", "[]").Want(200, "退回了", "不能撤回")

		// The second's page is old now: refused, with the difference, the typed text and who it was.
		b.As = "second"
		b.Get("/o/care/plans").Post("/o/care/plans/return", "one", "1", "id", stale, "return-note", "时间不对", "view", "/o/care/plans?status=confirmed", "at", "0", "was", `[["状态","等经办审批"]]`).
			Want(409, "您打开以后，这件变了", "等经办审批", "退回修改", "时间不对", "改动了这一件")

		// A batch: one was decided meanwhile, the others go; each has its result.
		b.As = "clerk"
		b.Get("/o/care/plans?status=confirmed").Post("/o/care/plans/approve", "id", refs[0], "id", refs[1], "id", refs[2], "view", "/o/care/plans?status=confirmed").
			Want(200, "审批通过了 2 件，1 件没有办成", "没有办成", "不能撤回")
		at := b.URL
		for i := 1; i < 3; i++ {
			if n := len(tn.Visits(i, caretest.Today, caretest.Today+27)); n != 8 {
				t.Errorf("plan %d: %d visits", i, n)
			}
		}
		b.Post(at+"/undo").Want(409, "不能撤回")
		b.As = "second"
		b.Get(at).Want(404)
	})
}
