package office

import (
	"net/http"

	"yinling/internal/access"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/money"
	"yinling/internal/web/ui"
)

func claimTone(st claim.MonthStatus) string {
	switch st {
	case claim.Paid:
		return "ok"
	case claim.Returned, claim.Failed:
		return "bad"
	case claim.Draft:
		return "mute"
	}
	return "wait"
}

// monthOf reads ?m=, last month by default.
func monthOf(r *http.Request) (day.Month, error) {
	f := ui.ParseForm(r)
	m := f.Month("m", "")
	if m == 0 {
		m = ui.Today(r).Month() - 1
	}
	return m, f.Err()
}

func monthFilter(r *http.Request, action string, m day.Month) ui.Filter {
	var options []ui.Option
	for i := day.Month(0); i < 18; i++ {
		x := ui.Today(r).Month() - i
		options = append(options, ui.Option{Value: x.String(), Label: x.Chinese(), Checked: x == m})
	}
	return ui.Filter{Action: action, Fields: []ui.Field{{Name: "m", Label: "月份", Options: options}}, Button: "看"}
}

// mayGather tells whether the families' claim of the month can still be made
// or brought up to date.
func mayGather(ms []claim.Month) bool {
	for _, m := range ms {
		if m.IsFamily() {
			return m.Status == claim.Draft || m.Status == claim.Returned
		}
	}
	return true
}

type claimPage struct {
	ui.Page
	Sheet                                   claim.Sheet
	Name                                    string
	Facts                                   ui.Summary
	KPIs                                    ui.KPIs
	Lines, Absent, Cuts, Payees             ui.Table
	Reasons                                 []ui.Option
	Bills                                   []ui.Option
	MayReview, MayCheck, MaySign, MayReturn bool
	MayDeduct                               bool
	Visit, Reason, Fen, Note, Back1, BackTo string
}

var claimTmpl = ui.MustParse[claimPage](ui.Office, files, "claim/month.html")

func (s *Server) claimPage(r *http.Request, id string) (*claimPage, error) {
	ctx, who := r.Context(), ui.Actor(r)
	sh, err := s.Claim.ReadMonth(ctx, who, who.Region, id)
	if err != nil {
		return nil, err
	}
	names, err := s.Claim.Names(ctx, who.Region, []string{sh.Institution})
	if err != nil {
		return nil, err
	}
	var persons []string
	for _, b := range sh.Lines {
		persons = append(persons, b.Person)
	}
	people, err := s.Claim.PersonNames(ctx, who.Region, persons)
	if err != nil {
		return nil, err
	}
	p := &claimPage{Page: ui.Page{Title: names[sh.Institution] + " " + sh.Month.Month.Chinese(), Back: s.backTo(r, s.queue("claim"), sh.ID), Nav: "/o/claim"}, Sheet: sh, Name: names[sh.Institution]}
	kpi := func(label string, v money.Fen) {
		p.KPIs.Items = append(p.KPIs.Items, ui.KPI{Label: label, Value: ui.Amount(v), Unit: "元"})
	}
	kpi("基金应付", sh.Fund)
	kpi("抵回以前冲正", sh.Offsets)
	kpi("追回抵扣", sh.Recovered)
	kpi("审核扣减", sh.Deducted)
	if !sh.IsFamily() {
		kpi("保证金", sh.Deposit)
	}
	kpi("实付", sh.Payable)
	role := access.RoleOf(who.Role)
	p.MayReview = sh.Status == claim.Submitted && role.Allows(access.ClaimReview)
	p.MayCheck = sh.Status == claim.Reviewed && role.Allows(access.ClaimReview) && who.ID != sh.FirstBy
	p.MaySign = sh.Status == claim.Checked && role.Allows(access.ClaimSign)
	p.MayDeduct = (sh.Status == claim.Submitted || sh.Status == claim.Reviewed) && role.Allows(access.ClaimReview)
	p.MayReturn = p.MayReview || p.MayCheck || p.MaySign
	p.BackTo = "return"
	if p.MaySign {
		p.BackTo = "back" // the treasurer's own way, see the flow of the month
	}
	by := []string{sh.SubmittedBy, sh.FirstBy, sh.SecondBy, sh.SignedBy}
	for _, d := range sh.Deductions {
		by = append(by, d.Maker)
	}
	staff, err := s.Access.Names(ctx, who.Region, by...)
	if err != nil {
		return nil, err
	}
	done := func(who string) string {
		if who == "" {
			return "还没有办"
		}
		return staff[who]
	}
	p.Facts = ui.Summary{Title: "经手", Rows: []ui.Fact{{Label: "状态", Value: ui.Chip{Tone: claimTone(sh.Status), Say: sh.Status.Name()}}, {Label: "申报", Value: done(sh.SubmittedBy)},
		{Label: "初审", Value: done(sh.FirstBy)}, {Label: "复核", Value: done(sh.SecondBy)}, {Label: "审签", Value: done(sh.SignedBy)}}}
	if sh.Decision != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "保证金依据", Value: ui.Link{Href: "/o/why/" + sh.Decision, Label: "看依据", Tone: "ghost"}})
	}
	reasons := map[string]string{}
	if v, err := s.Packs.At(who.Region, sh.Month.Month.Last()); err == nil {
		for _, x := range claim.Reasons(v) {
			reasons[x.Code] = x.Name
			p.Reasons = append(p.Reasons, ui.Option{Value: x.Code, Label: x.Name})
		}
	}
	cut := map[string]claim.Deduction{}
	p.Cuts = ui.Table{Title: "扣减和抵回", Caption: "扣减和抵回", Head: []string{"账单", "金额", "理由", "经手"}, Empty: "没有扣减。"}
	for _, d := range sh.Deductions {
		cut[d.Visit] = d
		p.Cuts.Rows = append(p.Cuts.Rows, ui.Row{Cells: []any{ui.Two{First: "看账单", Href: "/o/claim/bill/" + d.Visit}, d.Fen, ui.Two{First: reasons[d.Reason], Second: d.Note}, staff[d.Maker]}})
	}
	for _, b := range sh.Offset {
		p.Cuts.Rows = append(p.Cuts.Rows, ui.Row{Cells: []any{ui.Two{First: b.On.Short(), Href: "/o/claim/bill/" + b.Visit}, b.Fund, "以前月份已付，冲正后抵回", ""}})
	}
	for _, x := range sh.Recoveries {
		p.Cuts.Rows = append(p.Cuts.Rows, ui.Row{Cells: []any{ui.Two{First: "看追回", Href: "/o/claim/recover?see=" + x.ID}, x.Fen, ui.Two{First: "追回：" + s.reasonName(who.Region, sh.Month.Month, x.Reason), Second: x.Note}, x.Status.Name()}})
	}
	if sh.IsFamily() {
		if p.Payees, err = s.payeesTable(r, sh); err != nil {
			return nil, err
		}
	}
	p.Absent = ui.Table{Title: "预审：没有进来的护理", Caption: "没有进来的护理", Head: []string{"日期", "原因"}, Empty: "做完的护理都在申报里。"}
	for _, x := range sh.Problems {
		p.Absent.Rows = append(p.Absent.Rows, ui.Row{Cells: []any{x.On.Short(), x.Say}})
	}
	p.Lines = ui.Table{Title: "账单", Caption: "账单明细", Head: []string{"日期", "参保人", "项目", "费用", "基金付", "个人付", "扣减"}, Empty: "没有账单。"}
	for _, b := range sh.Lines {
		p.Lines.Rows = append(p.Lines.Rows, ui.Row{Cells: []any{ui.Two{First: b.On.Short(), Href: "/o/claim/bill/" + b.Visit}, people[b.Person], b.Items(), b.Total, b.Fund, b.PersonFen, cut[b.Visit].Fen}})
		p.Bills = append(p.Bills, ui.Option{Value: b.Visit, Label: b.On.Short() + " " + people[b.Person] + " " + b.Fund.Yuan()})
	}
	return p, nil
}

func (s *Server) claimMonth(w http.ResponseWriter, r *http.Request) error {
	p, err := s.claimPage(r, r.PathValue("inst")+"/"+r.PathValue("month"))
	if err != nil {
		return err
	}
	return claimTmpl.Render(w, r, p)
}

// claimAct is one act of a reviewer or the treasurer on a month claim.
func (s *Server) claimAct(act func(s *Server, r *http.Request, f *ui.Form, id string, version int64) error) ui.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := ui.ParseForm(r)
		id := r.PathValue("inst") + "/" + r.PathValue("month")
		version := f.Int("version", "", 0, 1<<40)
		if err := act(s, r, f, id, version); err != nil {
			p, perr := s.claimPage(r, r.PathValue("inst")+"/"+r.PathValue("month"))
			if perr != nil {
				return perr
			}
			p.Visit, p.Reason, p.Fen, p.Note, p.Back1 = f.Raw("visit"), f.Raw("reason"), f.Raw("fen"), f.Raw("note"), f.Raw("why")
			return claimTmpl.Again(w, r, p, err)
		}
		return ui.Redirect(w, r, "/o/claim/month/"+id)
	}
}

func claimReview(s *Server, r *http.Request, f *ui.Form, id string, version int64) error {
	who := ui.Actor(r)
	_, err := s.Claim.Review(r.Context(), who, who.Region, id, f.Once(), version)
	return err
}

func claimCheck(s *Server, r *http.Request, f *ui.Form, id string, version int64) error {
	who := ui.Actor(r)
	_, err := s.Claim.Check(r.Context(), who, who.Region, id, f.Once(), version)
	return err
}

func claimSign(s *Server, r *http.Request, f *ui.Form, id string, version int64) error {
	who := ui.Actor(r)
	_, err := s.Claim.Sign(r.Context(), who, who.Region, id, f.Once(), version)
	return err
}

func claimReturn(s *Server, r *http.Request, f *ui.Form, id string, version int64) error {
	who, why := ui.Actor(r), f.Text("why", "退回的原因")
	if err := f.Err(); err != nil {
		return err
	}
	_, err := s.Claim.Return(r.Context(), who, who.Region, id, why, f.Once(), version)
	return err
}

func claimDeduct(s *Server, r *http.Request, f *ui.Form, id string, version int64) error {
	who := ui.Actor(r)
	visit, reason, fen, note := f.Text("visit", "账单"), f.Raw("reason"), f.Fen("fen", "扣减金额"), f.Raw("note")
	if fen > 0 && reason == "" {
		f.Bad("reason", "请选扣减理由")
	}
	if err := f.Err(); err != nil {
		return err
	}
	_, err := s.Claim.Deduct(r.Context(), who, who.Region, id, visit, reason, fen, note, f.Once(), version)
	return err
}
