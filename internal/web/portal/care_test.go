package portal

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/web/ui"
)

// The person chooses, looks, agrees, takes it back, agrees, and sees the visit.
func TestPersonChoosesAndConfirms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := caretest.New(t, d, c, 2)
		by := map[string]audit.Actor{"0": tn.Self(0), "1": tn.Self(1)}
		kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
		s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Region: caretest.Region, Person: tn.People, Care: tn.Care, Institution: tn.Insts}
		b := caretest.Open(t, kit.Handler(s.Router()))
		b.As = "0"
		b.Get("/care").Want(200, "请选护理方式和机构", "/care/choose")
		b.Get("/care/choose").Want(200, "您想怎么得到照顾？", "居家护理")
		b.Get("/care/choose?mode=").Want(422, "请选一种护理方式")
		b.Get("/care/choose?mode=home").Want(200, "康宁护理站", "哪家都可以选").Post("/care/choose", "mode", "home", "from", "2024-06-03").Want(422, "请选一家护理机构")
		b.Post("/care/choose", "mode", "home", "from", "2024-06-03", "institution", tn.Inst.ID).Want(200, "机构正在写护理计划", "康宁护理站")
		plan := tn.Plan(0, "offer")
		b.Get("/care").Want(200, "写好了护理计划", "/care/plan/"+plan.ID)
		at := "/care/plan/" + plan.ID
		b.Get(at).Want(200, "头面部清洁：每周 2 次，每次 20 分钟，护理员做", "周一 09:00，周小兰", "2024年7月大约").Post(at, "version", "2", "pin", "12").Want(422, "4 到 6 位数字")
		b.Post(at, "version", "2", "act", "decline").Want(422, "请写明原因")
		b.Post(at, "version", "2", "pin", "2468").Want(200, "等经办审批", "09:10</b> 前可以", "撤回确认")
		b.Post(at+"/undo").Want(200, "等本人确认")
		b.Post(at, "version", "4", "pin", "2468").Want(200, "等经办审批")
		_, err := tn.Care.Act(context.Background(), tn.Clerk, caretest.Region, plan.ID, "", care.PlanAct{Action: "approve"})
		caretest.Must(t, err)
		v := tn.Visits(0, caretest.Today, caretest.Today)[0]
		b.Get("/care").Want(200, "下次上门：6月3日 周一 上午 9 点，周小兰", "今天的确认码")
		code := codeOf(t, tn, plan.ID, v.ID)
		b.Get("/care/visit/"+v.ID).Want(200, code, "头面部清洁：计划 20 分钟")
		for _, e := range []care.Event{{Kind: "checkin"}, {Kind: "checkout", Items: []care.DoneItem{{Item: "L01", Minutes: 20}}}, {Kind: "confirm", Method: "code", Code: code}} {
			c.Add(10 * time.Minute)
			_, err := tn.Care.Do(context.Background(), tn.Workers[0], caretest.Region, v.ID, "", e)
			caretest.Must(t, err)
		}
		b.Get("/care").Want(200, "最近做过的护理", "10 分钟")
		b.Get("/care/visit/"+v.ID).Want(200, "已完成", "做了 20 分钟", "看这次的账单")
		// Another person sees nothing of it.
		b.As = "1"
		b.Get(at).Want(404)
		b.Get("/care/visit/" + v.ID).Want(404)
		b.Get("/care").Want(200)
		if strings.Contains(b.Page, "头面部清洁") {
			t.Fatal("another person's care is shown")
		}
	})
}

func codeOf(t *testing.T, tn *caretest.Town, plan, visit string) (code string) {
	caretest.Must(t, tn.DB.Read(context.Background(), func(tx *db.Tx) error {
		p, err := care.GetPlan(tx, caretest.Region, plan)
		code = p.Code(visit)
		return err
	}))
	return code
}
