package office

import (
	"net/http"
	"strconv"

	"yinling/internal/access"
	"yinling/internal/fund"
	"yinling/internal/money"
	"yinling/internal/web/ui"
)

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
	by, err := s.Access.Names(r.Context(), who.Region, v.Maker)
	if err != nil {
		return nil, err
	}
	p := &voucherPage{Page: ui.Page{Title: "凭证 " + v.ID(), Back: "/o/fund/vouchers?book=" + string(v.Book) + "&m=" + v.Month.String(), Nav: "/o/fund"}, V: v}
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "种类", Value: v.Kind.Name()}, {Label: "业务日期", Value: v.On}, {Label: "记账月", Value: v.Month}, {Label: "摘要", Value: v.Memo},
		{Label: "业务号", Value: v.Ref}, {Label: "制单", Value: by[v.Maker]}, {Label: "时间", Value: ui.Instant(v.At)}}}
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
