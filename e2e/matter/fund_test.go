package matter

import (
	"strconv"
	"testing"

	"yinling/internal/db"
	"yinling/internal/fund"
)

// TestContributionsOverPages: the treasurer counts the year by the roster, the
// reviewer books it, slips come by file and by hand and are compared by another
// hand, and everybody who may look sees what is still to come.
func TestContributionsOverPages(t *testing.T) {
	each(t, "", func(h *hall) {
		t := h.t
		for range 3 {
			h.someone("")
		}
		n := int64(0)
		must(t, h.DB.Read(t.Context(), func(tx *db.Tx) error {
			classes, err := h.Person.Classes(tx, region, today, nil)
			for _, c := range classes {
				if c.Kind == "employee" {
					n += c.Heads
				}
			}
			return err
		}))
		b := h.web()
		b.As = "auditor"
		b.Get("/o/fund/due").Want(200, "2026年筹资", "还没有测算应收", "按示例值测算")
		b.Post("/o/fund/due/count?year=2026").Want(403)
		b.As = "treasurer"
		b.Get("/o/fund/due").Want(200, "按名册和政策包测算应收").Post("/o/fund/due/count?year=2026").Want(200, "测算好了，等核对入账", "在职职工", "看依据和计算")
		b.Post("/o/fund/due/book?year=2026", "version", "1").Want(403)
		b.Post("/o/fund/due/receipt?year=2026", "slip", "A1", "source", "person", "fen", "10", "on", today.String()).Want(409, "还没有核对入账")
		b.As = "reviewer"
		b.Get("/o/fund/due").Want(200, "核对无误，记应收").Post("/o/fund/due/book?year=2026", "version", "1").Want(200, "账和单据一致")
		b.As = "treasurer"
		b.Get("/o/fund/due").Want(200, "登记一张到账回单").Post("/o/fund/due/receipt?year=2026", "slip", "A1", "source", "", "fen", "10", "on", today.String()).Want(422, "来源请在", "A1")
		b.Post("/o/fund/due/receipt?year=2026", "slip", "A1", "source", "person", "fen", "90", "on", today.String(), "memo", "税务代征").Want(200, "等核对")
		b.Post("/o/fund/due/receipt?year=2026", "@file", "回单号,来源,金额\nB1,医保,45\n").Want(422, "没有“到账日期”这一列")
		b.Post("/o/fund/due/receipt?year=2026", "@file", "回单号,来源,金额,到账日期\nB1,医保,45,"+today.String()+"\n").Want(200, "B1")
		b.As = "reviewer"
		b.Get("/o/fund/due").Want(200, "等核对的回单", "税务代征").Post("/o/fund/due/judge?year=2026", "act", "ok").Want(422, "请勾选要办的回单")
		b.Post("/o/fund/due/judge?year=2026", "act", "ok", "slip", "A1", "slip", "B1").Want(200, "135.00", "已入账", "账和单据一致")
		y, err := h.Fund.ReadYear(t.Context(), region, 2026, "")
		if err != nil || int64(y.Total.Due) != n*18000 || y.Total.Received != 13500 {
			t.Errorf("%d persons: %+v, %v", n, y.Total, err)
		}
		b.As = "auditor"
		b.Get("/o/fund/due?year=2026").Want(200, "个人缴费", "医保基金划转")
		b.Get("/o/why/"+y.Classes[0].Decision).Want(200, "年度应收筹资", "筹资测算的人均基数", strconv.FormatInt(n, 10)+" 人")
		b.Get("/o/fund/contribution?kind=employee&base=5000").Want(200, "名册里这类参保人", strconv.FormatInt(n, 10)+" 人（按2026年的应收测算）")
		b.Get("/o/fund").Want(200, "应收个人缴费", "待到账筹资")
		if r, err := fund.Verify(t.Context(), h.DB, region); err != nil || !r.OK {
			t.Errorf("ledger: %+v, %v", r, err)
		}
	})
}
