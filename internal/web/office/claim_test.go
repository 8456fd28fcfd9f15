package office

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/care/caretest"
	"yinling/internal/claim"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fund"
	"yinling/internal/outreach"
	"yinling/internal/report"
	"yinling/internal/web/ui"
)

// The month over the pages of the office: review by two hands, deduction,
// sign-off, file, and the ledger with its statement.
func TestMonthOverPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		ctx := context.Background()
		tn := caretest.New(t, d, c, 2)
		staff := func(id, role string) audit.Actor { return audit.Actor{ID: id, Role: role, Region: caretest.Region} }
		by := map[string]audit.Actor{"a": staff("a", "reviewer"), "b": staff("b", "reviewer"), "t": staff("t", "treasurer"), "c": staff("c", "clerk")}
		kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
		claims := &claim.Service{Log: tn.Log, Packs: tn.Packs, Persons: tn.People}
		claims.Start(audit.GroupOptions{})
		t.Cleanup(claims.Close)
		s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Outreach: &outreach.Service{Log: tn.Log}, Access: &access.Service{Log: tn.Log}, Person: tn.People, Care: tn.Care, Institution: tn.Insts, Claim: claims, Fund: &fund.Service{Log: tn.Log},
			Report: &report.Service{Log: tn.Log}, Desk: &desk.Service{Log: tn.Log, Files: tn.Files}}
		b := caretest.Open(t, kit.Handler(s.Router()))
		plan := tn.Plan(0, "offer", "confirm", "approve")
		v := tn.Visits(0, caretest.Today, caretest.Today)[0]
		var code string
		caretest.Must(t, d.Read(ctx, func(tx *db.Tx) error {
			p, err := care.GetPlan(tx, caretest.Region, plan.ID)
			code = p.Code(v.ID)
			return err
		}))
		for _, e := range []care.Event{{Kind: "checkin"}, {Kind: "checkout", Items: []care.DoneItem{{Item: "L01", Minutes: 20}}}, {Kind: "confirm", Method: "code", Code: code}} {
			c.Add(15 * time.Minute)
			_, err := tn.Care.Do(ctx, tn.Workers[0], caretest.Region, v.ID, "", e)
			caretest.Must(t, err)
		}
		_, err := d.Raw().Exec(`UPDATE care_visit SET suspects = 0`)
		caretest.Must(t, err)
		m := v.On.Month()
		_, err = claims.Batch(ctx, caretest.Region, m, nil)
		caretest.Must(t, err)
		c.Add(30 * 24 * time.Hour)
		mo, err := claims.Intake(ctx, tn.Boss, caretest.Region, tn.Inst.ID, m)
		caretest.Must(t, err)
		_, err = claims.Submit(ctx, tn.Boss, caretest.Region, mo.ID, "s", 0)
		caretest.Must(t, err)
		if mo.Fund <= 100 {
			t.Fatalf("nothing to settle: %+v", mo)
		}

		at := "/o/claim/month/" + mo.ID
		b.As = "c"
		b.Get("/o/claim").Want(403)
		b.As = "a"
		b.Get("/o/claim?m="+m.String()).Want(200, "康宁护理站", "待初审", mo.Fund.Yuan())
		b.Get(at).Want(200, "初审通过", "头面部清洁", "扣减金额")
		b.Post(at+"/deduct", "visit", v.ID, "fen", "1", "reason", "").Want(422, "请选扣减理由")
		b.Post(at+"/deduct", "visit", v.ID, "fen", "1", "reason", "short_time", "note", "少了两分钟").Want(200, "服务时长不足", "少了两分钟", "1.00 元")
		b.Post(at+"/review").Want(200, "待复核")
		b.Get(at).Want(200)
		if strings.Contains(b.Page, "复核通过") {
			t.Error("the hand of the first review is offered the second")
		}
		b.Post(at+"/check").Want(403, "另一位同事")
		b.As = "b"
		b.Get(at).Post(at+"/check").Want(200, "待审签")
		b.Get(at).Post(at + "/sign").Want(403)
		b.As = "t"
		b.Get(at).Post(at+"/back", "why", "").Want(422)
		b.Post(at+"/back", "why", "补一份签收单").Want(200, "已退回", "补一份签收单")
		again, err := claims.Submit(ctx, tn.Boss, caretest.Region, mo.ID, "s2", 0)
		caretest.Must(t, err)
		for _, who := range []string{"a", "b"} {
			b.As = who
			b.Get(at).Post(at + map[string]string{"a": "/review", "b": "/check"}[who]).Want(200)
		}
		if again.Deducted != 100 {
			t.Errorf("a returned claim lost its deduction: %+v", again)
		}
		b.As = "t"
		b.Get(at).Post(at+"/sign").Want(200, "待拨付", "看依据")
		b.Get("/o/claim/file?m="+m.String()).Want(200, "康宁护理站", "生成拨付文件").Post("/o/claim/file", "m", m.String()).Want(200, "拨付文件 "+m.String()+"-01", "已报送", "回盘", "尾号 0017")
		if strings.Contains(b.Page, "9901000000000000017") {
			t.Error("the page shows a whole account number")
		}
		b.Get("/o/claim/file/"+m.String()+"-01/csv").Want(200, "康宁护理站", "护理服务费", "9901000000000000017")
		b.Get("/o/fund?m="+m.String()).Want(200, "长期护理保险基金", "居家护理待遇支出", "结 2024年6月 的账")
		b.Post("/o/fund", "book", "ltci", "from", fund.FromEmployer, "fen", "1000", "on", "2024-06-30", "slip", "").Want(422, "请填银行回单号")
		b.Post("/o/fund", "book", "ltci", "from", fund.FromEmployer, "fen", "1000", "on", "2024-06-30", "slip", "H1").Want(200)
		b.Get("/o/fund").Post("/o/fund", "book", "ltci", "from", fund.TreasuryBank, "fen", "1000.01", "on", "2024-06-30", "slip", "H2").Want(409, "不够")
		b.Get("/o/fund").Post("/o/fund", "book", "ltci", "from", fund.TreasuryBank, "fen", "500", "on", "2024-06-30", "slip", "H2").Want(200)
		b.Get("/o/fund?m="+m.String()).Post("/o/fund/close", "book", "ltci", "m", m.String()).Want(200, "已结账", "校验码", "制表")
		b.Get("/o/fund/statement/ltci/"+m.String()+".json").Want(200, `"closed":true`, `"balanced":true`)
		b.Get("/o/fund/vouchers?m="+m.String()).Want(200, "居家上门护理结算", "/o/fund/voucher/ltci-0-1")
		b.Get("/o/fund/voucher/ltci-0-1").Want(200, "应付定点机构")
		b.Get("/o/fund/voucher/nope").Want(404)
		b.Get("/o/fund/match?m="+m.String()).Want(200, "对上了")
		b.Get("/o/claim/deposit").Want(200, "扣留中").Post("/o/claim/deposit", "claim", mo.ID, "score", "101").Want(422)
		b.Post("/o/claim/deposit", "claim", mo.ID, "score", "95").Want(200, "已核返")
		b.As = "a"
		b.Get("/o/claim/bill/"+v.ID).Want(200, "申请冲正", "记账凭证").Post("/o/claim/bill/"+v.ID, "note", "").Want(422)
		b.Post("/o/claim/bill/"+v.ID, "note", "没有服务").Want(200, "这张账单在等经办处理")
		const open = "/o/claim/open"
		b.Get(open+"?status=reversing&see="+v.ID).Want(200, "没有服务", "这一件现在不用您办").Post(open+"/approve", "one", "1", "id", v.ID, "view", open).Want(403, "两个人")
		b.Get(open+"?status=reversing&id="+v.ID+"|0|").Want(200, "的冲正是您申请的，要由另一位同事复核")
		b.As = "b"
		b.Get(open+"?status=reversing&see="+v.ID).Want(200, "驳回冲正").Post(open+"/keep", "one", "1", "id", v.ID+"|1|老人", "was", `[["状态","已结算"]]`, "view", open+"?status=reversing").Want(409, "您打开以后，这件变了", "申请冲正，等复核")
		b.Get(open+"?status=reversing").Post(open+"/keep", "one", "1", "id", v.ID, "view", open).Want(200, "驳回冲正了", "结算不变")

		// 追回: asked by one hand, approved by another, paid in with a bank slip.
		b.Get("/o/claim/bill/"+v.ID).Want(200, "追回已拨付的钱", "最多还能追回").Post("/o/claim/bill/"+v.ID+"/recover", "fen", "2", "reason", "", "way", "direct", "why", "回访").Want(422, "请选追回的理由")
		b.Post("/o/claim/bill/"+v.ID+"/recover", "fen", "2", "reason", "short_time", "way", "direct", "why", "").Want(422, "请写明查实的情况")
		b.Post("/o/claim/bill/"+v.ID+"/recover", "fen", "2", "reason", "short_time", "way", "direct", "why", "回访查实").Want(200, "追回 2.00 元", "等复核", "要由另一位同事复核")
		x, err := claims.Recoveries(ctx, by["a"], caretest.Region, "", "", 10)
		caretest.Must(t, err)
		const list = "/o/claim/recover"
		one := []string{"one", "1", "id", x[0].ID, "view", list}
		b.Post(list+"/approve", one...).Want(403, "两个人")
		b.As = "a"
		b.Get(list+"?status=asked").Want(200, "批量同意追回").Post(list+"/approve", "id", x[0].ID, "view", list).Want(200, "同意追回了 1 件", "不能撤回")
		b.Get(list).Post(list+"/receive", append(one, "receive-slip", "R1")...).Want(403)
		b.Get(list+"?status=open&see="+x[0].ID).Want(200, "康宁护理站", "对方缴回", "记账凭证", "改追回方式")
		b.Post(list+"/cancel", append(one, "cancel-note", "算错了")...).Want(403, "另一位同事")
		b.Get(list+"?see="+x[0].ID).Post(list+"/way", append(one, "way-way", "")...).Want(422, "请选怎样追回")
		b.As = "t"
		b.Get(list).Post(list+"/receive", append(one, "receive-slip", "")...).Want(422, "银行回单号")
		b.Post(list+"/receive", append(one, "receive-slip", "R1")...).Want(200, "记了缴回")
		b.Get(list+"?see="+x[0].ID).Want(200, "已缴回", "R1")
		b.Get("/o/fund/match?m="+m.String()).Want(200, "对上了")
	})
}

// Family care without an institution: gathered, reviewed and signed over the
// pages, the account entered at the window and compared by another hand.
func TestFamilyOverPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		ctx := context.Background()
		tn := caretest.New(t, d, c, 2)
		staff := func(id, role string) audit.Actor { return audit.Actor{ID: id, Role: role, Region: caretest.Region} }
		by := map[string]audit.Actor{"a": staff("a", "reviewer"), "b": staff("b", "reviewer"), "t": staff("t", "treasurer"), "c": staff("c", "clerk")}
		kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
		claims := &claim.Service{Log: tn.Log, Packs: tn.Packs, Persons: tn.People}
		s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Outreach: &outreach.Service{Log: tn.Log}, Access: &access.Service{Log: tn.Log}, Person: tn.People, Care: tn.Care, Institution: tn.Insts, Claim: claims, Fund: &fund.Service{Log: tn.Log},
			Report: &report.Service{Log: tn.Log}, Desk: &desk.Service{Log: tn.Log, Files: tn.Files}}
		b := caretest.Open(t, kit.Handler(s.Router()))
		tn.Plan(0, "offer", "confirm", "approve")
		v := tn.Visits(0, caretest.Today, caretest.Today)[0]
		_, err := d.Raw().Exec(`UPDATE care_visit SET institution = '', staff = '', mode = 'family', status = 'done', suspects = 0, confirmed = 'sign',
			lines = '[{"item":"F01","name":"亲情护理","kind":"living","unit":"day","qty":1000000,"price_fen":3000,"staff":"family","on":"` + v.On.String() + `"}]' WHERE id = '` + v.ID + `'`)
		caretest.Must(t, err)
		m := v.On.Month()
		sum, err := claims.Batch(ctx, caretest.Region, m, nil)
		if err != nil || sum.Settled != 1 {
			t.Fatalf("%+v, %v", sum, err)
		}
		c.Add(30 * 24 * time.Hour)
		b.As = "a"
		b.Get("/o/claim?m="+m.String()).Want(200, "归集并送审").Post("/o/claim/family", "m", m.String()).Want(200, "亲情护理（付给家庭）", "待初审", "按人拨付", "30.00 元")
		at := "/o/claim/month/family/" + m.String()
		b.Post(at+"/review").Want(200, "待复核")
		b.As = "b"
		b.Get(at).Post(at + "/check").Want(200)
		b.As = "t"
		b.Get(at).Post(at+"/sign").Want(200, "待拨付", "等拨付")
		b.Get("/o/claim/file?m="+m.String()).Want(200, "亲情护理（付给家庭）").Post("/o/claim/file", "m", m.String()).Want(409, "收款账户")
		b.As = "c"
		acc := "/o/person/" + tn.Persons[0] + "/account"
		b.Get(acc).Want(200, "登记账户").Post(acc, "holder", "王小明", "relation", "子女", "bank", "示例银行", "number", "12").Want(422, "8 到 32 位", "王小明")
		b.Post(acc, "holder", "王小明", "relation", "子女", "bank", "示例银行", "number", "9901 0020 0000 0000 123").Want(200, "等核对的账户", "尾号 0123")
		const asked = "/o/claim/account"
		b.Post(asked+"/ok", "id", tn.Persons[0]).Want(403)
		b.As = "a"
		b.Get(acc).Want(200, "去核对")
		b.Get(asked+"?see="+tn.Persons[0]).Want(200, "王小明", "示例银行", "核对无误", "批量启用").Post(asked+"/ok", "one", "1", "id", tn.Persons[0], "view", asked).Want(200, "启用了")
		b.Get(acc).Want(200, "在用的账户")
		b.As = "t"
		b.Get("/o/claim/file?m="+m.String()).Post("/o/claim/file", "m", m.String()).Want(200, "王小明", "尾号 0123", "亲情护理补助")
		b.Get("/o/claim/file/"+m.String()+"-01/csv").Want(200, "9901002000000000123", "24.00")
		b.Get("/o/fund/match?m="+m.String()).Want(200, "对上了")
	})
}
