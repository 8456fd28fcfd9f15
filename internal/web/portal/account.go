package portal

import (
	"net/http"

	"yinling/internal/claim"
	"yinling/internal/web/ui"
)

type accountPage struct {
	ui.Page
	Say               string
	Live, Asked       ui.Summary
	HasLive, HasAsked bool
	In                claim.NewAccount
	Relations         []ui.Option
	Paid              ui.Lines
}

var accountTmpl = ui.MustParse[accountPage](ui.Portal, files, "claim/account.html")

// accountPage shows where the money for family care goes and what was paid.
func (s *Server) accountPage(r *http.Request) (*accountPage, error) {
	who := ui.Actor(r)
	live, asked, err := s.Claim.AccountsOf(r.Context(), who, who.Region, subject(who))
	if err != nil {
		return nil, err
	}
	paid, err := s.Claim.PaidTo(r.Context(), who, who.Region, subject(who))
	if err != nil {
		return nil, err
	}
	p := &accountPage{Page: ui.Page{Title: "亲情护理补助", Back: "/care"}, HasLive: live.Tail != "", HasAsked: asked.Tail != ""}
	for _, x := range claim.Relations {
		p.Relations = append(p.Relations, ui.Option{Value: x, Label: x})
	}
	facts := func(title string, a claim.Account) ui.Summary {
		return ui.Summary{Title: title, Rows: []ui.Fact{{Label: "户名", Value: a.Holder}, {Label: "开户银行", Value: a.Bank}, {Label: "账号", Value: a.Masked()}}}
	}
	switch {
	case p.HasAsked:
		p.Say = "账户交上来了，医保经办正在核对。核对好以后，下一次拨付就付到这里。"
	case p.HasLive:
		p.Say = "补助每月付到下面的账户。要换，请重新填一个。"
	default:
		p.Say = "请填收补助的银行账户。可以是本人的，也可以是家人的。"
	}
	if p.HasLive {
		p.Live = facts("现在用的账户", live)
	}
	if p.HasAsked {
		p.Asked = facts("等核对的账户", asked)
	}
	p.Paid = ui.Lines{Title: "付过的补助"}
	for _, x := range paid {
		note := x.Payable.Yuan() + " " + x.Status.Name()
		if x.Reason != "" {
			note += "：" + x.Reason
		}
		p.Paid.Items = append(p.Paid.Items, ui.LineItem{Href: "/claim", Label: x.Month().Chinese(), Note: note})
	}
	return p, nil
}

func (s *Server) account(w http.ResponseWriter, r *http.Request) error {
	p, err := s.accountPage(r)
	if err != nil {
		return err
	}
	return accountTmpl.Render(w, r, p)
}

func (s *Server) accountEnter(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	in := claim.NewAccount{Holder: f.Raw("holder"), Relation: f.Raw("relation"), Bank: f.Raw("bank"), Number: f.Raw("number")}
	if _, err := s.Claim.AskAccount(r.Context(), who, who.Region, subject(who), f.Once(), in); err != nil {
		p, perr := s.accountPage(r)
		if perr != nil {
			return perr
		}
		p.In = in
		return accountTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/care/account")
}
