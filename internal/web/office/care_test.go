package office

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

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

func openCare(t *testing.T, d *db.DB, c *dbtest.Clock) (*caretest.Town, *caretest.Browser) {
	tn := caretest.New(t, d, c, 1)
	by := map[string]audit.Actor{"clerk": tn.Clerk, "auditor": {ID: "auditor", Role: "auditor", Region: caretest.Region}}
	kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
	s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Outreach: &outreach.Service{Log: tn.Log}, Care: tn.Care, Institution: tn.Insts, Report: &report.Service{Log: tn.Log}, Desk: &desk.Service{Log: tn.Log, Files: tn.Files}}
	b := caretest.Open(t, kit.Handler(s.Router()))
	b.As = "clerk"
	return tn, b
}

func TestPlanIsApproved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, b := openCare(t, d, c)
		plan := tn.Plan(0, "offer", "confirm")
		at := "/o/care/plan/" + plan.ID
		b.Get("/o/care/plans").Want(200, "王桂兰", "康宁护理站", "没有超限额")
		b.Get(at).Want(200, "等经办审批", "头面部清洁", "本人确认").Post(at, "act", "return", "version", "3").Want(422, "请写明原因")
		b.Post(at, "act", "approve", "version", "2").Want(409, "刚被别人改过")
		b.Get(at).Post(at, "act", "approve", "version", "3").Want(200, "这里没有计划")
		if n := len(tn.Visits(0, caretest.Today, caretest.Today+27)); n != 8 {
			t.Fatalf("%d visits", n)
		}
		b.Get(at).Post(at, "act", "approve").Want(409, "现在是“执行中”")
		b.As = "auditor"
		b.Get(at).Want(403)
	})
}

func TestExceptionIsDecided(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, b := openCare(t, d, c)
		tn.Plan(0, "offer", "confirm", "approve")
		v := tn.Visits(0, caretest.Today, caretest.Today)[0]
		for _, e := range []care.Event{{Kind: "checkin", Place: &care.Fix{Off: true}}, {Kind: "checkout", Items: []care.DoneItem{{Item: "L01", Minutes: 20}}}} {
			c.Add(20 * time.Minute)
			_, err := tn.Care.Do(context.Background(), tn.Workers[0], caretest.Region, v.ID, "", e)
			caretest.Must(t, err)
		}
		b.Get("/o/care/exceptions?status=open").Want(200, "没有定位", "周小兰")
		at := "/o/care/exception/" + v.ID + "/location_off"
		// The evidence is shown to who decides, and the look is on record.
		st, err := tn.Files.Save(caretest.Region, "现场.jpg", strings.NewReader("\xff\xd8\xff\xe0"), d.Now())
		caretest.Must(t, err)
		ids, err := tn.Care.KeepEvidence(context.Background(), tn.Workers[0], caretest.Region, v.ID, "", "photo", []desk.Stored{st})
		caretest.Must(t, err)
		proof := "/o/care/visit/" + v.ID + "/file/" + ids[0]
		b.Get(at).Want(200, "服务照片", "现场.jpg", proof)
		looks := func() (n int) {
			caretest.Must(t, d.Raw().QueryRow(`SELECT COUNT(*) FROM audit_event WHERE verb = 'care.proof' AND actor = 'clerk'`).Scan(&n))
			return n
		}
		before := looks()
		b.Get(proof).Want(200)
		if looks() != before+1 {
			t.Errorf("the look at evidence is not on record: %d, then %d", before, looks())
		}
		b.Get("/o/care/visit/" + v.ID + "/file/nope").Want(404)
		b.As = "auditor"
		b.Get(proof).Want(403)
		b.As = "clerk"
		b.Get(at).Want(200, "还没有，2024年6月5日前说明", "21.67 元").Post(at, "action", "deduct", "minutes", "", "reason", "说不清").Want(422, "扣减的分钟数")
		b.Post(at, "action", "deduct", "minutes", "10", "reason", "说不清").Want(200)
		b.Get(at).Want(200, "扣减时长", "10 分钟", "10.83 元")
		b.Post(at, "action", "void", "reason", "再想想").Want(409, "不能再“不予认定”")
		b.Get("/o/care/exception/"+v.ID+"/unconfirmed").Post("/o/care/exception/"+v.ID+"/unconfirmed", "action", "void", "reason", "家属说没来").Want(200)
		if x := tn.Visits(0, v.On, v.On)[0]; x.Status != care.Void || len(x.Lines) != 0 {
			t.Fatalf("%+v", x)
		}
	})
}

func TestInstitutionPages(t *testing.T) {
	t.Parallel()
	d, c := dbtest.SQLite(t)
	tn, b := openCare(t, d, c)
	b.Get("/o/institution").Want(200, "康宁护理站", "登记新机构").Post("/o/institution", "name", "", "kind", "care", "district", "海州区").Want(422, "请填机构名称")
	b.Post("/o/institution", "name", "新浦护理站", "kind", "care", "district", "海州区", "address", "新浦路1号", "account", "6222 0000 1111 2222", "account_name", "新浦护理站").Want(200, "申请中", "尾号 2222")
	at := b.URL
	c.Set(time.Date(2024, 12, 2, 1, 0, 0, 0, time.UTC)) // the measures of 2024 hold
	facts := []string{"version", "1", "operating", "3", "from", "2024-12-02", "to", "2026-12-01", "fact", "registered", "fact", "team", "fact", "premises", "fact", "platform", "fact", "systems"}
	b.Get(at).Post(at+"/admit", facts...).Want(409, "收费")
	b.Get(at).Post(at+"/admit", append(facts, "fact", "price_list", "fact", "dishonest")...).Want(409, "失信")
	b.Get(at).Post(at+"/admit", append(facts, "fact", "price_list")...).Want(200, "协议有效", "看条件和条款")
	b.Post(at+"/token", "name", "院内系统", "until", "2025-06-30").Want(200, "只显示这一次")
	token := regexp.MustCompile(`<code>(.+?)</code>`).FindStringSubmatch(b.Page)[1]
	if _, err := tn.Insts.CheckToken(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	if b.Get(at); strings.Contains(b.Page, token) {
		t.Fatal("the token is shown again")
	}
	b.Get("/o/institution/"+tn.Inst.ID+"/staff/"+tn.WorkerIDs[0]).Want(200, "周小兰").Post("/o/institution/"+tn.Inst.ID+"/staff/"+tn.WorkerIDs[0], "version", "1", "until", "2029-06-02", "reason", "套取基金").Want(422, "拟处理", "机构说明以后再定")
	b.As = "auditor"
	b.Get(at).Want(200)
	if strings.Contains(b.Page, "接口令牌") {
		t.Fatal("an auditor is offered acts")
	}
	b.Post(at, "action", "end", "reason", "x").Want(403)
}
