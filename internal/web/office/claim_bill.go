package office

import (
	"net/http"
	"strconv"

	"yinling/internal/access"
	"yinling/internal/care"
	"yinling/internal/claim"
	"yinling/internal/web/ui"
)

type billPage struct {
	ui.Page
	X            claim.Sight
	Facts        ui.Summary
	Lines, Books ui.Table
	MayAsk, Open bool // may ask for a reversal; something waits in the worklist
	MayRecover   bool
	Recover      recoverForm
	Note         string
}

// recoverForm is what stands in the form that asks for a recovery.
type recoverForm struct {
	Left          string // what can still be recovered
	Reasons, Ways []ui.Option
	Reason, Way   string
	Fen, Why      string
}

var billTmpl = ui.MustParse[billPage](ui.Office, files, "claim/bill.html")

func (s *Server) billPage(r *http.Request, id string) (*billPage, error) {
	who := ui.Actor(r)
	x, err := s.Claim.Look(r.Context(), who, who.Region, id)
	if err != nil {
		return nil, err
	}
	p := &billPage{Page: ui.Page{Title: "账单：" + x.Who.Name + " " + x.On.Short(), Back: "/o/claim", Nav: "/o/claim"}, X: x}
	fact := func(label string, v any) { p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: v}) }
	fact("状态", ui.Chip{Tone: "wait", Say: x.Status.Name()})
	if x.Institution == "" {
		fact("机构", "亲情护理，补助付给家庭")
	} else {
		fact("机构", x.Place.Name)
		fact("护理员", x.StaffName)
	}
	fact("时长", strconv.FormatInt(x.Minutes, 10)+" 分钟")
	fact("费用", x.Total)
	fact("基金付", x.Fund)
	fact("个人付", x.PersonFen)
	if x.Charge.ID != "" {
		fact("个人部分", x.Charge.Status.Name())
	}
	fact("依据", ui.Link{Href: "/o/why/" + x.Decision, Label: "看怎么算的", Tone: "ghost"})
	p.Lines = ui.Table{Title: "明细", Caption: "费用明细", Head: []string{"项目", "数量", "单价", "费用", "基金付", "个人付"}}
	for _, l := range x.Bill.Lines {
		p.Lines.Rows = append(p.Lines.Rows, ui.Row{Cells: []any{ui.Two{First: l.Name, Second: l.Refused}, care.Quantity(l.Qty, l.Unit), ui.Two{First: l.Price.Yuan(), Second: s.Care.PriceMark(who.Region, l.On, l.Item)}, l.Total, l.Fund, l.Person}})
	}
	p.Books = ui.Table{Title: "记账凭证", Caption: "记账凭证", Head: []string{"凭证", "种类", "日期", "记账月"}, Empty: "还没有记账。"}
	for _, v := range x.Vouchers {
		p.Books.Rows = append(p.Books.Rows, ui.Row{Cells: []any{ui.Two{First: v.ID(), Href: "/o/fund/voucher/" + v.ID()}, v.Kind.Name(), v.On, v.Month}})
	}
	role := access.RoleOf(who.Role)
	p.Open = (x.Status == claim.Disputed || x.Status == claim.Reversing) && role.Allows(access.ClaimReverse)
	p.MayAsk = x.Status == claim.Settled && role.Allows(access.ClaimReverse)
	if left, err := s.Claim.RecoverableOf(r.Context(), who.Region, x.Visit); err != nil {
		return nil, err
	} else if left > 0 && role.Allows(access.ClaimReverse) {
		p.MayRecover = true
		p.Recover = recoverForm{Left: left.Yuan(), Ways: recoverWays, Way: "offset"}
		if v, err := s.Packs.At(who.Region, x.On.Month().Last()); err == nil {
			for _, o := range claim.Reasons(v) {
				p.Recover.Reasons = append(p.Recover.Reasons, ui.Option{Value: o.Code, Label: o.Name})
			}
		}
	}
	return p, nil
}

func (s *Server) bill(w http.ResponseWriter, r *http.Request) error {
	p, err := s.billPage(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	return billTmpl.Render(w, r, p)
}

// billAsk is the first hand of a reversal (冲正).
func (s *Server) billAsk(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	version, note := f.Int("version", "", 0, 1<<40), f.Raw("note")
	err := f.Err()
	if err == nil {
		_, err = s.Claim.AskReverse(r.Context(), who, who.Region, id, note, f.Once(), version)
	}
	if err != nil {
		p, perr := s.billPage(r, id)
		if perr != nil {
			return perr
		}
		p.Note = note
		return billTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/claim/bill/"+id)
}
