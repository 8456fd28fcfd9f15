package office

import (
	"encoding/json"
	"net/http"

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
		p.KPIs.Items = append(p.KPIs.Items, ui.KPI{Label: label, Value: ui.Amount(v), Unit: "元", Note: note})
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
