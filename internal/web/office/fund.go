package office

import (
	"encoding/json"
	"net/http"
	"strconv"

	"yinling/internal/access"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/money"
	"yinling/internal/web/ui"
)

type fundPage struct {
	ui.Page
	Statement                 fund.Statement
	Filter                    ui.Filter
	Tabs                      ui.Tabs
	KPIs                      ui.KPIs
	List                      ui.Table
	MayPost                   bool
	MayClose                  bool
	Sources                   []ui.Option
	From, Fen, Slip, Memo, On string
}

var fundTmpl = ui.MustParse[fundPage](ui.Office, files, "fund/book.html")

// fundBook is the state of one book in a month; the page where the treasurer
// works.
func (s *Server) fundBook(w http.ResponseWriter, r *http.Request) error {
	p, err := s.fundPage(r)
	if err != nil {
		return err
	}
	return fundTmpl.Render(w, r, p)
}

func bookOf(r *http.Request) fund.Book {
	if b := fund.Book(r.FormValue("book")); b == fund.Medical {
		return b
	}
	return fund.LTCI
}

func (s *Server) fundPage(r *http.Request) (*fundPage, error) {
	who, book := ui.Actor(r), bookOf(r)
	f := ui.ParseForm(r)
	m := f.Month("m", "")
	if m == 0 {
		m = ui.Today(r).Month()
	}
	st, err := s.Fund.ReadStatement(r.Context(), who.Region, book, m)
	if err != nil {
		return nil, err
	}
	p := &fundPage{Page: ui.Page{Title: "基金账", Nav: "/o/fund"}, Statement: st, Filter: monthFilter(r, "/o/fund", m)}
	p.Filter.Keep = []ui.Option{{Value: "book", Label: string(book)}}
	p.Tabs.Label = "哪一本账"
	for _, b := range fund.Books() {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: "/o/fund?book=" + string(b) + "&m=" + m.String(), Label: b.Name(), N: -1, Current: b == book})
	}
	kpi := func(label string, v money.Fen, note string) {
		p.KPIs.Items = append(p.KPIs.Items, ui.KPI{Label: label, Value: v.String(), Unit: "元", Note: note})
	}
	kpi("本月收入", st.Income, "")
	kpi("本月支出", st.Expense, "")
	kpi("本月结余", st.Surplus, "")
	kpi("基金累计结余", st.Fund, map[bool]string{true: "已结账", false: "还没有结账"}[st.Closed])
	p.List = statementTable(st)
	role := access.RoleOf(who.Role)
	p.MayPost = role.Allows(access.FundPost)
	p.MayClose = role.Allows(access.FundClose) && !st.Closed && m < ui.Today(r).Month()
	for _, a := range fund.Chart(book) {
		if a.Side == fund.Income {
			p.Sources = append(p.Sources, ui.Option{Value: a.Code, Label: a.Name})
		}
	}
	p.Sources = append(p.Sources, ui.Option{Value: fund.TreasuryBank, Label: "从财政专户划到支出户"})
	return p, nil
}

func statementTable(st fund.Statement) ui.Table {
	t := ui.Table{Caption: st.Book.Name() + st.Month.Chinese() + "科目余额", Head: []string{"科目", "类别", "期初", "借方", "贷方", "期末"}}
	for _, row := range st.Rows {
		t.Rows = append(t.Rows, ui.Row{Cells: []any{row.Code + " " + row.Name, row.Side.Name(), row.Opening, row.Debit, row.Credit, row.Closing}})
	}
	return t
}

// fundPost books a bank slip: money in, or a move to the payout account.
func (s *Server) fundPost(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	in := fund.Receipt{Book: bookOf(r), From: f.Text("from", "来源"), Fen: f.Fen("fen", "金额"), On: f.Day("on", "到账日期"), Slip: f.Text("slip", "银行回单号"), Memo: f.Raw("memo")}
	err := f.Err()
	if err == nil && in.From == fund.TreasuryBank {
		_, err = s.Fund.Fill(r.Context(), who, who.Region, in, f.Once())
	} else if err == nil {
		_, err = s.Fund.Receive(r.Context(), who, who.Region, in, f.Once())
	}
	if err != nil {
		p, perr := s.fundPage(r)
		if perr != nil {
			return perr
		}
		p.From, p.Fen, p.Slip, p.Memo, p.On = f.Raw("from"), f.Raw("fen"), f.Raw("slip"), f.Raw("memo"), f.Raw("on")
		return fundTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/fund?book="+string(in.Book))
}

// fundClose closes the books up to a month.
func (s *Server) fundClose(w http.ResponseWriter, r *http.Request) error {
	f, who, book := ui.ParseForm(r), ui.Actor(r), bookOf(r)
	m := f.Month("m", "月份")
	err := f.Err()
	if err == nil {
		_, err = s.Fund.Close(r.Context(), who, who.Region, book, m, f.Once())
	}
	if err != nil {
		p, perr := s.fundPage(r)
		if perr != nil {
			return perr
		}
		return fundTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/fund/statement/"+string(book)+"/"+m.String())
}

type statementPage struct {
	ui.Page
	Statement fund.Statement
	Region    string
	Agency    string
	List      ui.Table
	Ranges    ui.Table
	Seal      ui.Seal
	MadeAt    string
}

var statementTmpl = ui.MustParse[statementPage](ui.Office, files, "fund/statement.html")

// fundStatement is the month's statement for signature; with .json for programs.
func (s *Server) fundStatement(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	text := r.PathValue("month")
	asJSON := len(text) > 5 && text[len(text)-5:] == ".json"
	if asJSON {
		text = text[:len(text)-5]
	}
	m, err := day.ParseMonth(text)
	if err != nil {
		return fault.New(fault.NotFound, "没有这个月的报表。")
	}
	st, err := s.Fund.ReadStatement(r.Context(), who.Region, fund.Book(r.PathValue("book")), m)
	if err != nil {
		return err
	}
	if asJSON {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		return json.NewEncoder(w).Encode(st)
	}
	p := &statementPage{Page: ui.Page{Title: st.Book.Name() + "收支月报", Back: "/o/fund?book=" + string(st.Book) + "&m=" + m.String(), Nav: "/o/fund"}, Statement: st, List: statementTable(st),
		MadeAt: ui.Instant(ui.Now(r).UnixMilli())}
	if v, err := s.Packs.At(who.Region, m.Last()); err == nil {
		p.Region = v.Name()
	}
	p.Ranges = ui.Table{Caption: "凭证号", Head: []string{"账道", "张数", "第一号", "最后一号"}, Empty: "这个月没有凭证。"}
	for _, l := range st.Vouchers {
		p.Ranges.Rows = append(p.Ranges.Rows, ui.Row{Cells: []any{l.Lane, l.Count, l.First, l.Last}})
	}
	return statementTmpl.Render(w, r, p)
}

type vouchersPage struct {
	ui.Page
	Filter ui.Filter
	List   ui.Table
	Pager  ui.Pager
}

var vouchersTmpl = ui.MustParse[vouchersPage](ui.Office, files, "fund/vouchers.html")

const vouchersAPage = 50

func (s *Server) vouchers(w http.ResponseWriter, r *http.Request) error {
	who, book := ui.Actor(r), bookOf(r)
	m, err := monthOf(r)
	if err != nil {
		return err
	}
	vs, err := s.Fund.List(r.Context(), who.Region, book, m, r.FormValue("after"), vouchersAPage)
	if err != nil {
		return err
	}
	p := &vouchersPage{Page: ui.Page{Title: "记账凭证", Back: "/o/fund?book=" + string(book) + "&m=" + m.String(), Nav: "/o/fund"}, Filter: monthFilter(r, "/o/fund/vouchers", m)}
	p.Filter.Keep = []ui.Option{{Value: "book", Label: string(book)}}
	p.List = ui.Table{Caption: m.Chinese() + "凭证", Head: []string{"凭证", "种类", "业务日期", "摘要", "金额"}, Empty: "这个月没有凭证。"}
	for _, v := range vs {
		var sum money.Fen
		for _, l := range v.Lines {
			sum += max(l.Fen, 0)
		}
		note := v.Memo
		if v.LateOf != 0 {
			note += "（" + v.LateOf.Chinese() + "的业务，补记）"
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: v.ID(), Href: "/o/fund/voucher/" + v.ID()}, v.Kind.Name(), v.On, note, sum}})
	}
	if len(vs) == vouchersAPage {
		p.Pager = ui.Pager{Say: strconv.Itoa(len(vs)) + " 张", Next: "/o/fund/vouchers?book=" + string(book) + "&m=" + m.String() + "&after=" + vs[len(vs)-1].ID()}
	}
	return vouchersTmpl.Render(w, r, p)
}

type voucherPage struct {
	ui.Page
	V          fund.Voucher
	Facts      ui.Summary
	List       ui.Table
	MayReverse bool
	Why        string
}

var voucherTmpl = ui.MustParse[voucherPage](ui.Office, files, "fund/voucher.html")

func (s *Server) voucherPage(r *http.Request) (*voucherPage, error) {
	who := ui.Actor(r)
	v, err := s.Fund.Read(r.Context(), who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &voucherPage{Page: ui.Page{Title: "凭证 " + v.ID(), Back: "/o/fund/vouchers?book=" + string(v.Book) + "&m=" + v.Month.String(), Nav: "/o/fund"}, V: v}
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "种类", Value: v.Kind.Name()}, {Label: "业务日期", Value: v.On}, {Label: "记账月", Value: v.Month}, {Label: "摘要", Value: v.Memo},
		{Label: "业务号", Value: v.Ref}, {Label: "制单", Value: v.Maker}, {Label: "时间", Value: ui.Instant(v.At)}}}
	if v.Reverses != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "冲销的是", Value: ui.Link{Href: "/o/fund/voucher/" + v.Reverses, Label: v.Reverses, Tone: "ghost"}})
	}
	p.List = ui.Table{Caption: "分录", Head: []string{"科目", "往来", "借方", "贷方"}}
	for _, l := range v.Lines {
		a, _ := fund.Find(v.Book, l.Account)
		var debit, credit any = "", ""
		if l.Fen > 0 {
			debit = l.Fen
		} else {
			credit = -l.Fen
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{a.Code + " " + a.Name, l.Party, debit, credit}})
	}
	p.MayReverse = access.RoleOf(who.Role).Allows(access.FundPost) && (v.Kind == fund.Receive || v.Kind == fund.Move)
	return p, nil
}

func (s *Server) voucher(w http.ResponseWriter, r *http.Request) error {
	p, err := s.voucherPage(r)
	if err != nil {
		return err
	}
	return voucherTmpl.Render(w, r, p)
}

// voucherReverse books the mirror of a voucher made by hand.
func (s *Server) voucherReverse(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	why := f.Text("why", "冲销的原因")
	err := f.Err()
	var v fund.Voucher
	if err == nil {
		v, err = s.Fund.Reverse(r.Context(), who, who.Region, id, why, f.Once())
	}
	if err != nil {
		p, perr := s.voucherPage(r)
		if perr != nil {
			return perr
		}
		p.Why = why
		return voucherTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/fund/voucher/"+v.ID())
}

type matchPage struct {
	ui.Page
	Filter ui.Filter
	Panel  ui.Panel
	List   ui.Table
	Wrong  ui.Table
}

var matchTmpl = ui.MustParse[matchPage](ui.Office, files, "fund/match.html")

// fundMatch is the reconciliation of institution, ledger and payment file.
func (s *Server) fundMatch(w http.ResponseWriter, r *http.Request) error {
	m, err := monthOf(r)
	if err != nil {
		return err
	}
	rec, err := s.Claim.Reconcile(r.Context(), ui.Actor(r).Region, m)
	if err != nil {
		return err
	}
	p := &matchPage{Page: ui.Page{Title: "对账", Back: "/o/fund", Nav: "/o/fund"}, Filter: monthFilter(r, "/o/fund/match", m)}
	p.Panel = ui.Panel{Tone: "ok", Title: "对上了", Say: "机构账单、基金账、拨付文件三方一致，一分不差。"}
	p.List = ui.Table{Caption: m.Chinese() + "对账", Head: []string{"机构", "账单", "基金应付", "扣减", "保证金", "本月实付", "累计已付", "账上还欠"}, Empty: "还没有账。"}
	p.Wrong = ui.Table{Title: "对不上的", Caption: "对不上的", Head: []string{"机构", "差在哪里"}}
	for _, x := range rec.Rows {
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{x.Name, x.Bills, x.Fund, x.Deducted, x.Deposit, x.Payable, x.Paid, x.Owed}})
		for _, d := range x.Differs {
			p.Wrong.Rows = append(p.Wrong.Rows, ui.Row{Cells: []any{x.Name, d}})
		}
	}
	for _, f := range rec.Files {
		p.Wrong.Rows = append(p.Wrong.Rows, ui.Row{Cells: []any{"拨付文件 " + f, "内容和生成时的摘要不一样"}})
	}
	if !rec.OK {
		p.Panel = ui.Panel{Tone: "stop", Title: "有对不上的", Say: "请先停止拨付，把下面每一条查清楚，再通知审计员。"}
	}
	return matchTmpl.Render(w, r, p)
}
