package inst

import (
	"net/http"

	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/money"
	"yinling/internal/web/ui"
)

type claimsPage struct {
	ui.Page
	List     ui.Table
	Months   []ui.Option
	Deposits ui.Table
	Recovers ui.Table
}

var claimsTmpl = ui.MustParse[claimsPage](ui.Inst, files, "claim/list.html")

func monthTone(st claim.MonthStatus) string {
	switch st {
	case claim.Paid:
		return "ok"
	case claim.Returned, claim.Failed:
		return "bad"
	case claim.Draft:
		return "hot"
	}
	return "wait"
}

func (s *Server) claims(w http.ResponseWriter, r *http.Request) error {
	p, err := s.claimsPage(r)
	if err != nil {
		return err
	}
	return claimsTmpl.Render(w, r, p)
}

func (s *Server) claimsPage(r *http.Request) (*claimsPage, error) {
	who := ui.Actor(r)
	ms, err := s.Claim.Months(r.Context(), who.Region, 0, who.Institution, "")
	if err != nil {
		return nil, err
	}
	p := &claimsPage{Page: ui.Page{Title: "月度申报"}}
	p.List = ui.Table{Caption: "各月申报", Head: []string{"月份", "账单", "费用合计", "基金应付", "扣减", "保证金", "实付", "状态"}, Empty: "还没有申报过。先归集一个月的账单。"}
	for _, m := range ms {
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: m.Month.Chinese(), Href: "/j/claim/" + m.Month.String()}, m.Bills, m.Total, m.Fund,
			m.Deducted, m.Deposit, m.Payable, ui.Chip{Tone: monthTone(m.Status), Say: m.Status.Name()}}})
	}
	this := ui.Today(r).Month()
	for i := day.Month(0); i < 12; i++ {
		p.Months = append(p.Months, ui.Option{Value: (this - i).String(), Label: (this - i).Chinese(), Checked: i == 1})
	}
	ds, err := s.Claim.Deposits(r.Context(), who.Region, who.Institution, "", 0)
	if err != nil {
		return nil, err
	}
	xs, err := s.Claim.Recoveries(r.Context(), who, who.Region, "", "", 100)
	if err != nil {
		return nil, err
	}
	p.Recovers = ui.Table{Title: "追回", Caption: "追回", Head: []string{"账单", "金额", "理由", "怎样追回", "状态"}, Empty: "没有要追回的。"}
	for _, x := range xs {
		if x.Status == claim.RecoveryAsked || x.Status == claim.RecoveryRefused {
			continue // nothing is decided against the institution
		}
		way := "缴回财政专户，凭回单入账"
		if x.Way == "offset" {
			way = "从下一份月结抵扣"
		}
		p.Recovers.Rows = append(p.Recovers.Rows, ui.Row{Cells: []any{ui.Link{Href: "/j/visit/" + x.Visit, Label: "看记录", Tone: "ghost"}, x.Fen,
			ui.Two{First: s.reasons(who.Region, ui.Today(r).Month())[x.Reason], Second: x.Note}, way, ui.Two{First: x.Status.Name(), Second: x.Slip}}})
	}
	p.Deposits = ui.Table{Title: "质量保证金", Caption: "质量保证金", Head: []string{"月份", "扣留", "返还", "不返还", "状态"}, Empty: "没有扣留的保证金。"}
	for _, d := range ds {
		p.Deposits.Rows = append(p.Deposits.Rows, ui.Row{Cells: []any{d.Month, d.Fen, d.Released, d.Kept, ui.Chip{Tone: "mute", Say: d.Status.Name()}}})
	}
	return p, err
}

// claimIntake gathers a month's bills into its claim and shows it.
func (s *Server) claimIntake(w http.ResponseWriter, r *http.Request) error {
	who, f := ui.Actor(r), ui.ParseForm(r)
	m := f.Month("month", "月份")
	err := f.Err()
	if err == nil {
		_, err = s.Claim.Intake(r.Context(), who, who.Region, who.Institution, m)
	}
	if err != nil {
		p, perr := s.claimsPage(r)
		if perr != nil {
			return perr
		}
		return claimsTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/claim/"+m.String())
}

type claimPage struct {
	ui.Page
	Sheet  claim.Sheet
	KPIs   ui.KPIs
	Absent ui.Table
	Lines  ui.Table
	Cuts   ui.Table
	May    bool // may be gathered and handed in
}

var claimTmpl = ui.MustParse[claimPage](ui.Inst, files, "claim/month.html")

func (s *Server) claimPage(r *http.Request) (*claimPage, error) {
	who := ui.Actor(r)
	sh, err := s.Claim.ReadMonth(r.Context(), who, who.Region, who.Institution+"/"+r.PathValue("month"))
	if err != nil {
		return nil, err
	}
	p := &claimPage{Page: ui.Page{Title: sh.Month.Month.Chinese() + "申报", Back: "/j/claim", Nav: "/j/claim"}, Sheet: sh}
	p.May = sh.Status == claim.Draft || sh.Status == claim.Returned
	kpi := func(label string, v money.Fen, note string) {
		p.KPIs.Items = append(p.KPIs.Items, ui.KPI{Label: label, Value: ui.Amount(v), Unit: "元", Note: note})
	}
	p.KPIs.Items = append(p.KPIs.Items, ui.KPI{Label: "账单", Value: itoa(len(sh.Lines)), Unit: "张"})
	kpi("基金应付", sh.Fund, "费用合计 "+sh.Total.Yuan())
	kpi("扣减和抵回", sh.Deducted+sh.Offsets+sh.Recovered, "")
	kpi("保证金", sh.Deposit, "审签时扣留")
	kpi("实付", sh.Payable, sh.Status.Name())
	var ids []string
	for _, b := range sh.Lines {
		ids = append(ids, b.Person)
	}
	names, err := s.Claim.PersonNames(r.Context(), who.Region, ids)
	if err != nil {
		return nil, err
	}
	cut := map[string]claim.Deduction{}
	for _, d := range sh.Deductions {
		cut[d.Visit] = d
	}
	reasons := s.reasons(who.Region, sh.Month.Month)
	p.Absent = ui.Table{Title: "预审：没有进来的护理", Caption: "没有进来的护理和原因", Head: []string{"日期", "护理", "原因"}, Empty: "这个月做完的护理都在申报里。"}
	for _, x := range sh.Problems {
		p.Absent.Rows = append(p.Absent.Rows, ui.Row{Cells: []any{x.On.Short(), ui.Link{Href: "/j/visit/" + x.Visit, Label: "看记录", Tone: "ghost"}, x.Say}})
	}
	p.Cuts = ui.Table{Title: "差异：扣减和抵回", Caption: "扣减和抵回", Head: []string{"日期", "服务对象", "金额", "理由"}, Empty: "没有扣减。"}
	p.Lines = ui.Table{Title: "申报明细", Caption: "申报明细", Head: []string{"日期", "服务对象", "项目", "费用", "基金付", "个人付", "扣减"}, Empty: "还没有可以申报的账单。"}
	for _, b := range sh.Lines {
		d := cut[b.Visit]
		p.Lines.Rows = append(p.Lines.Rows, ui.Row{Cells: []any{b.On.Short(), ui.Two{First: names[b.Person], Href: "/j/visit/" + b.Visit}, b.Items(), b.Total, b.Fund, b.PersonFen, d.Fen}})
		if d.Fen > 0 {
			p.Cuts.Rows = append(p.Cuts.Rows, ui.Row{Cells: []any{b.On.Short(), names[b.Person], d.Fen, ui.Two{First: reasons[d.Reason], Second: d.Note}}})
		}
	}
	for _, x := range sh.Recoveries {
		p.Cuts.Rows = append(p.Cuts.Rows, ui.Row{Cells: []any{ui.Instant(x.At), ui.Link{Href: "/j/visit/" + x.Visit, Label: "看记录", Tone: "ghost"}, x.Fen, ui.Two{First: "追回：" + reasons[x.Reason], Second: x.Note}}})
	}
	for _, b := range sh.Offset {
		p.Cuts.Rows = append(p.Cuts.Rows, ui.Row{Cells: []any{b.On.Short(), names[b.Person], b.Fund, ui.Two{First: "以前月份已付，冲正后抵回", Second: b.Note}}})
	}
	return p, nil
}

// reasons names the deduction reasons of the region.
func (s *Server) reasons(region string, m day.Month) map[string]string {
	out := map[string]string{}
	if v, err := s.Packs.At(region, m.Last()); err == nil {
		for _, x := range claim.Reasons(v) {
			out[x.Code] = x.Name
		}
	}
	return out
}

func (s *Server) claimMonth(w http.ResponseWriter, r *http.Request) error {
	p, err := s.claimPage(r)
	if err != nil {
		return err
	}
	return claimTmpl.Render(w, r, p)
}

// claimSubmit hands the month in.
func (s *Server) claimSubmit(w http.ResponseWriter, r *http.Request) error {
	who, f := ui.Actor(r), ui.ParseForm(r)
	id := who.Institution + "/" + r.PathValue("month")
	if _, err := s.Claim.Submit(r.Context(), who, who.Region, id, f.Once(), f.Int("version", "", 0, 1<<40)); err != nil {
		p, perr := s.claimPage(r)
		if perr != nil {
			return perr
		}
		return claimTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/claim/"+r.PathValue("month"))
}
