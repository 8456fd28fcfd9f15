package matter

import (
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/fund"
	"yinling/internal/person"
)

// TestFamilyCareRoad walks family care over the pages: a granted person chooses
// it, the agency writes the plan with who cares, the family confirms it and then
// the days, the month is settled, gathered, reviewed, signed and paid to the
// family's account, and the books balance.
func TestFamilyCareRoad(t *testing.T) {
	each(t, "", func(h *hall) {
		t := h.t
		ctx := t.Context()
		id, stranger := h.someone("care.none"), h.someone("")
		b := h.web()
		on := func(d day.Day) { // another day, with the same people still logged in
			h.clock.At(d, 9, 0)
			_, err := h.DB.Raw().Exec(`UPDATE access_session SET created = $1, seen = $1`, h.DB.Now().UnixMilli())
			must(t, err)
		}

		// The person leaves home care for family care, from tomorrow.
		b.As = id
		from := today + 1
		b.Get("/care/choose?mode=family").Want(200, "不用机构，家里人自己照顾").Post("/care/choose", "mode", "family", "from", from.String()).Want(200, "亲情护理", "收款账户和付款")

		b.As = "clerk"
		form := "/o/care/family/new?person=" + id
		b.Get("/o/care/family").Want(200, "等做计划", form)
		b.Get(form).Want(200, "谁来照护", "亲情护理（家人照护）", "每天 30.00 元")
		fields := []string{"person", id, "from", from.String(), "to", (from + 60).String(), "item", "F01", "name", "陈小满", "number", "99010019760201304X",
			"relation", "子女", "phone", "19900001234", "agreed", today.String(), "version", "0"}
		b.Post("/o/care/family/new", fields...).Want(422, "照护人的", "陈小满")
		fields[11] = person.DemoID(4000, day.MustParse("1976-02-01"), "女")
		// Not trained: kept, and cannot go to the family.
		b.Get(form).Want(200, "每天", "示例值").Post("/o/care/family/new", fields...).Want(200, "要先改好的地方", "培训合格以后才能开始", "第43299号提案的答复 二（三）")
		plan := b.URL[strings.LastIndex(b.URL, "/")+1:]
		if strings.Contains(b.Page, "交给家里确认") {
			t.Error("an untrained carer goes to the family")
		}
		edit := "/o/care/family/plan/" + plan
		fields[11], fields[len(fields)-1] = "", "1"
		b.Get(edit).Want(200, "已登记，尾号").Post(edit, append(fields, "trained", (today-10).String(), "certificate", "市护理协会 2026-0188")...).Want(200, "交给家里确认")
		at := "/o/care/plan/" + plan
		b.Post(at, "act", "offer", "version", "2").Want(200, "等家里确认")

		b.As = stranger
		b.Get("/care/plan/" + plan).Want(404)
		b.As = id
		b.Get("/care").Want(200, "医保经办写好了亲情护理的计划")
		b.Get("/care/plan/"+plan).Want(200, "陈小满", "亲情护理（家人照护）", "31 天，服务价格 930.00 元（示例值", "照护人合不合适").Post("/care/plan/"+plan, "version", "3").Want(200, "等经办审批", "撤回确认")
		b.As = "clerk"
		b.Get(at).Post(at, "act", "approve", "version", "4").Want(403, "换一位同事")
		b.As = "insurer"
		b.Get(at).Want(200, "陈小满（子女）", "看依据和计算").Post(at, "act", "approve", "version", "4").Want(200)

		// Five days later the family confirms four of them.
		on(today + 6)
		b.As = id
		days := []string{"day", (from + 0).String(), "day", (from + 1).String(), "day", (from + 2).String(), "day", (from + 3).String()}
		b.Get("/care").Want(200, "确认照护的日子")
		b.Get("/care/days").Want(200, "陈小满照护，2026年6月确认了 0 天", "哪几天在家照护了？").Post("/care/days?m=2026-06").Want(422, "请勾选照护过的日子")
		b.Get("/care/days").Post("/care/days?m=2026-06", days...).Want(200, "这 4 天都在家照护了吗？", "随机打电话或上门抽查")
		b.Post("/care/days?m=2026-06", append(days, "sure", "1")...).Want(200, "2026年6月确认了 4 天")
		b.Get("/care/visit/"+plan+"-"+strings.ReplaceAll(from.String(), "-", "")+"-d").Want(200, "亲情护理（家人照护）", "已完成")

		// One day too many is taken back; at the window the carer confirms it again.
		b.Get("/care/days?m=2026-06").Want(200, "确认错了？收回").Post("/care/days/back?m=2026-06").Want(422, "请勾选要收回的日子")
		b.Post("/care/days/back?m=2026-06", "back", (from+2).String()).Want(200, "2026年6月确认了 3 天")
		b.As = "clerk"
		window := "/o/care/family/days/" + plan
		b.Get("/o/care/family?tab=plan").Want(200, "确认日子", window)
		tail := person.DemoID(4000, day.MustParse("1976-02-01"), "女")
		tail = tail[len(tail)-4:]
		b.Get(window+"?m=2026-06").Want(200, "陈小满", "照护人，子女", "收回了", "家里在手机上收回", "没有到窗口办过")
		b.Post(window+"?m=2026-06", "do", "confirm", "came", "carer", "shown", "居民身份证", "tail", "0001", "day", (from+2).String()).Want(422, "对不上", "陈小满")
		b.Post(window+"?m=2026-06", "do", "confirm", "came", "carer", "tail", tail, "day", (from+2).String()).Want(422, "出示了什么证件")
		b.Post(window+"?m=2026-06", "do", "confirm", "came", "carer", "shown", "居民身份证", "tail", tail).Want(422, "请勾选是哪几天")
		b.Post(window+"?m=2026-06", "do", "confirm", "came", "carer", "shown", "居民身份证", "tail", tail, "day", (from+2).String()).Want(200, "窗口代确认", "陈小满（照护人，子女）", "出示居民身份证")
		b.As = "reviewer"
		b.Get(window).Want(403)

		// One of the days turns out not to be true.
		b.As = "insurer"
		b.Get("/o/care/family?tab=spot&m=2026-06").Want(200, "随机抽取2026年6月").Post("/o/care/family/draw?tab=spot", "m", "2026-06").Want(200, "19900001234", "记结果", "随机种子")
		spot := "/o/care/family/spot/2026-06/" + plan
		b.Get(spot).Want(200, "有疑点的日子").Post(spot, "way", "phone", "find", "doubt", "note", "邻居说那天老人在外地").Want(422, "请勾选哪几天")
		b.Post(spot, "way", "phone", "find", "doubt", "note", "邻居说那天老人在外地", "day", (from+3).String()).Want(200, "有疑点")
		b.As = "reviewer"
		doubt := "/o/care/exception/" + plan + "-" + strings.ReplaceAll((from+3).String(), "-", "") + "-d/spot"
		b.Get("/o/care/exceptions?status=open").Want(200, "抽查有疑点")
		b.Get(doubt).Want(200, "电话抽查：邻居说那天老人在外地").Post(doubt, "action", "void", "reason", "家里承认那天不在", "version", "1").Want(200)

		// The month is over: three days of 30 yuan.
		on(today.Month().Last() + 3)
		m := today.Month()
		sum, err := h.Claim.Batch(ctx, region, m, nil)
		if err != nil || sum.Settled != 3 {
			t.Fatalf("settled: %+v, %v", sum, err)
		}
		h.clock.Set(h.clock.Now().Add(11 * time.Minute))
		b.Get("/o/claim?m="+m.String()).Post("/o/claim/family", "m", m.String()).Want(200, "亲情护理（付给家庭）", "按人拨付", "90.00 元")
		month := "/o/claim/month/family/" + m.String()
		b.Post(month+"/review").Want(200, "待复核")
		second, boss := audit.Actor{ID: "r2", Name: "复核", Role: "reviewer", Region: region}, audit.Actor{ID: "t2", Name: "财务", Role: "treasurer", Region: region}
		if _, err := h.Claim.Check(ctx, second, region, "family/"+m.String(), "", 0); err != nil {
			t.Fatal(err)
		}
		b.As = "treasurer"
		b.Get(month).Post(month+"/sign").Want(200, "待拨付")
		b.As = id
		b.Get("/care/account").Post("/care/account", "holder", "陈小满", "relation", "子女", "bank", "示例银行", "number", "9901002000000000123").Want(200, "尾号 0123")
		if err := h.Claim.JudgeAccount(ctx, second, region, id, "", true); err != nil {
			t.Fatal(err)
		}
		for _, step := range []func(slip string) error{
			func(slip string) error {
				_, err := h.Fund.Receive(ctx, boss, region, fund.Receipt{Book: fund.LTCI, From: fund.FromEmployer, Fen: 100000, On: today, Slip: slip}, slip)
				return err
			},
			func(slip string) error {
				_, err := h.Fund.Fill(ctx, boss, region, fund.Receipt{Book: fund.LTCI, From: fund.TreasuryBank, Fen: 50000, On: today, Slip: slip}, slip)
				return err
			},
		} {
			h.n++
			must(t, step("S"+string(rune('a'+h.n))))
		}
		b.As = "treasurer"
		b.Get("/o/claim/file?m="+m.String()).Post("/o/claim/file", "m", m.String()).Want(200, "陈小满", "亲情护理补助")
		file := m.String() + "-01"
		b.Get("/o/claim/file/"+file+"/csv").Want(200, "陈小满,示例银行,9901002000000000123,90.00")
		if got, err := h.Claim.Returns(ctx, boss, region, file, []claim.Reply{{No: 1, OK: true}}); err != nil || got.Paid != 1 {
			t.Fatalf("the bank's answer: %+v, %v", got, err)
		}
		b.Get("/o/fund/match?m="+m.String()).Want(200, "对上了")
		b.As = id
		b.Get("/care/days?m=2026-06").Want(200, "已结算", "由经办办冲正").Post("/care/days/back?m=2026-06", "back", (from+2).String()).Want(409, "已经结算，不能直接收回")
		b.Get("/care/account").Want(200, "已到账", "90.00 元")
		if r, err := fund.Verify(ctx, h.DB, region); err != nil || !r.OK {
			t.Errorf("ledger: %+v, %v", r, err)
		}
	})
}
