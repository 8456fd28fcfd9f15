package office

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/money"
	"yinling/internal/web/ui"
)

// claimQueue are the months of institutions, by two reviews and a signature.
func (s *Server) claimQueue() *queue {
	step := func(f func(context.Context, audit.Actor, string, string, string, int64) (claim.Month, error)) func(context.Context, audit.Actor, string, int64, string, map[string]string) error {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, _ map[string]string) error {
			_, err := f(ctx, who, who.Region, id, key, version)
			return err
		}
	}
	back := func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
		_, err := s.Claim.Return(ctx, who, who.Region, id, in["note"], key, version)
		return err
	}
	why := []ui.Field{{Kind: "area", Name: "note", Label: "退回的原因", Hint: "写明要改什么"}}
	const final = "通过了不能撤回；要改，请用「退回」，机构改好再送来。"
	return &queue{Key: "claim", Path: "/o/claim", Title: "月度结算", See: access.FundSee, Params: []string{"m", "status"}, list: s.claimList, peek: s.claimPeek,
		Deeds: []*deed{
			{Key: "review", Name: "初审通过", Done: "初审通过了", Letter: "A", Can: access.ClaimReview, Batch: "批量初审通过", Final: final, do: step(s.Claim.Review)},
			{Key: "check", Name: "复核通过", Done: "复核通过了", Letter: "A", Can: access.ClaimReview, Batch: "批量复核通过", Final: final, do: step(s.Claim.Check)},
			{Key: "return", Name: "退回", Done: "退回了", Letter: "R", Tone: "line", Can: access.ClaimReview, Fields: why, do: back},
			{Key: "sign", Name: "审签", Done: "审签了", Letter: "A", Can: access.ClaimSign, Batch: "批量审签", Final: "审签马上记账，不能撤回。", do: step(s.Claim.Sign)},
			{Key: "back", Name: "退回", Done: "退回了", Letter: "R", Tone: "line", Can: access.ClaimSign, Fields: why, do: back},
		}}
}

// stepOf is the next step of a month claim.
var stepOf = map[claim.MonthStatus]string{claim.Submitted: "review", claim.Reviewed: "check", claim.Checked: "sign"}

// handOf says why who may not take the next step of a claim.
func handOf(who audit.Actor, m claim.Month) string {
	switch {
	case m.Status == claim.Reviewed && who.ID == m.FirstBy:
		return "的初审是您办的，复核要由另一位同事办"
	case m.Status == claim.Checked && (who.ID == m.FirstBy || who.ID == m.SecondBy):
		return "是您审过的，审签要由另一位同事办"
	}
	return ""
}

func (s *Server) claimList(r *http.Request, v url.Values, p *workPage) error {
	ctx, who := r.Context(), ui.Actor(r)
	m := ui.Today(r).Month() - 1
	if t := v.Get("m"); t != "" {
		x, err := day.ParseMonth(t)
		if err == nil {
			m = x
		}
	}
	v.Set("m", m.String())
	p.View = p.Q.address(v)
	ms, err := s.Claim.Months(ctx, who.Region, m, "", "")
	if err != nil {
		return err
	}
	ready, err := s.Claim.Ready(ctx, who.Region, m)
	if err != nil {
		return err
	}
	ids := append([]string{}, ready...)
	for _, c := range ms {
		ids = append(ids, c.Institution)
	}
	names, err := s.Claim.Names(ctx, who.Region, ids)
	if err != nil {
		return err
	}
	st := claim.MonthStatus(v.Get("status"))
	p.Title = "月度结算 " + m.Chinese()
	p.Filter = monthFilter(r, p.Q.Path, m)
	counts, have := map[claim.MonthStatus]int{}, map[string]bool{}
	var fund, cut, pay money.Fen
	p.List = ui.Table{Caption: m.Chinese() + "各机构申报", Head: []string{"机构", "账单", "基金应付", "抵回和追回", "扣减", "保证金", "实付", "状态"}, Empty: "这个阶段没有申报。"}
	for _, c := range ms {
		counts[c.Status]++
		have[c.Institution] = true
		fund, cut, pay = fund+c.Fund, cut+c.Deducted, pay+c.Payable
		if st != "" && st != c.Status {
			continue
		}
		name := names[c.Institution]
		if name == "" {
			name = c.Institution
		}
		p.Items = append(p.Items, workItem{ID: c.ID, Name: name, Version: c.Version, Against: handOf(who, c), Cells: []any{ui.Two{First: name}, c.Bills, c.Fund, c.Offsets + c.Recovered, c.Deducted, c.Deposit, c.Payable,
			ui.Chip{Tone: claimTone(c.Status), Say: c.Status.Name()}}})
	}
	p.Tabs = ui.Tabs{Label: "按阶段看", Items: []ui.Tab{{Href: p.Q.address(v, "status", ""), Label: "全部", N: len(ms), Current: st == ""}}}
	for _, x := range claim.MonthStatuses {
		if counts[x] > 0 || x == st {
			p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: p.Q.address(v, "status", string(x)), Label: x.Name(), N: counts[x], Current: st == x})
		}
	}
	p.offer(r, stepOf[st])
	p.Top = []any{ui.KPIs{Items: []ui.KPI{{Label: "已归集机构", Value: strconv.Itoa(len(ms)), Unit: "家"}, {Label: "基金应付", Value: ui.Amount(fund), Unit: "元"},
		{Label: "审核扣减", Value: ui.Amount(cut), Unit: "元"}, {Label: "实付", Value: ui.Amount(pay), Unit: "元"}}}}
	may := access.RoleOf(who.Role).Allows(access.ClaimReview)
	missing := ui.Table{Title: "有账单、还没有申报的机构", Caption: "还没有申报的机构", Head: []string{"机构"}, Empty: "有账单的机构都归集过了。"}
	for _, id := range ready {
		switch {
		case id == "":
			if may && m < ui.Today(r).Month() && mayGather(ms) {
				p.Foot = footForm{Title: "亲情护理补助", Say: "这个月有不经机构的亲情护理，由经办归集，两人审核后按人拨付。", Action: "/o/claim/family", Button: "归集并送审", Hidden: ui.Option{Value: "m", Label: m.String()}}
			}
		case !have[id]:
			missing.Rows = append(missing.Rows, ui.Row{Cells: []any{names[id]}})
		}
	}
	other := ui.Rows{Items: []ui.Link{{Href: "/o/claim/file?m=" + m.String(), Label: "拨付文件和银行回盘", Icon: "coin"}, {Href: "/o/claim/open", Label: "有问题的账单和冲正", Icon: "warn"},
		{Href: "/o/claim/deposit", Label: "质量保证金", Icon: "shield"}, {Href: "/o/claim/recover", Label: "追回", Icon: "back"}, {Href: "/o/fund/match?m=" + m.String(), Label: "对账", Icon: "scale"}}}
	if may {
		other.Items = append(other.Items, ui.Link{Href: "/o/claim/account", Label: "收款账户等核对", Icon: "check"})
	}
	p.Extra = []any{missing, other}
	return nil
}

func (s *Server) claimPeek(r *http.Request, id string) (*peek, error) {
	c, err := s.claimPage(r, id)
	if err != nil {
		return nil, err
	}
	sh := c.Sheet
	k := &peek{Version: sh.Version, Name: c.Name, Small: sh.Month.Month.Chinese(), Chips: []ui.Chip{{Tone: claimTone(sh.Status), Say: sh.Status.Name()}}, Objects: []string{id},
		Links: []ui.Link{{Href: "/o/claim/month/" + id, Label: "打开整份申报，逐张看账单"}}}
	for _, x := range []struct {
		label string
		fen   money.Fen
	}{{"基金应付", sh.Fund}, {"抵回和追回", sh.Offsets + sh.Recovered}, {"审核扣减", sh.Deducted}, {"保证金", sh.Deposit}, {"实付", sh.Payable}} {
		k.Facts = append(k.Facts, ui.Fact{Label: x.label, Value: x.fen})
		k.Watch = append(k.Watch, [2]string{x.label, x.fen.Yuan()})
	}
	k.Facts = append(k.Facts, ui.Fact{Label: "账单", Value: strconv.FormatInt(sh.Bills, 10) + " 张"})
	for _, f := range c.Facts.Rows {
		if t, ok := f.Value.(string); ok {
			k.Facts = append(k.Facts, f)
			k.Watch = append(k.Watch, [2]string{f.Label, t})
		}
	}
	k.Watch = append(k.Watch, [2]string{"状态", sh.Status.Name()}, [2]string{"账单", strconv.FormatInt(sh.Bills, 10) + " 张"})
	if n := len(sh.Problems); n > 0 {
		k.Checks.Items = append(k.Checks.Items, ui.Check{State: "warn", Say: strconv.Itoa(n) + " 次护理没有进来", Source: "预审，原因看整份申报"})
	}
	if c.MayReview {
		k.Allowed = []string{"review", "return"}
	}
	if c.MayCheck {
		k.Allowed = []string{"check", "return"}
	}
	if c.MaySign && handOf(ui.Actor(r), sh.Month) == "" {
		k.Allowed = []string{"sign", "back"}
	}
	return k, nil
}
