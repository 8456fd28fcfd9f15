package office

import (
	"net/http"

	"yinling/internal/access"
	"yinling/internal/claim"
	"yinling/internal/web/ui"
)

func relationOptions() (out []ui.Option) {
	for _, r := range claim.Relations {
		out = append(out, ui.Option{Value: r, Label: r})
	}
	return out
}

type payAccountPage struct {
	ui.Page
	Person             string
	Live, Asked        ui.Summary
	HasLive, HasAsked  bool
	MayEnter, MayJudge bool
	Why                string
	name               string
	asked              claim.Account
	In                 claim.NewAccount
	Relations          []ui.Option
	Paid               ui.Table
}

var payAccountTmpl = ui.MustParse[payAccountPage](ui.Office, files, "claim/account.html")

func accountFacts(title string, a claim.Account, by string) ui.Summary {
	return ui.Summary{Title: title, Rows: []ui.Fact{{Label: "户名", Value: a.Holder + "（" + a.Relation + "）"}, {Label: "开户行", Value: a.Bank}, {Label: "账号", Value: a.Masked()},
		{Label: "时间", Value: ui.Instant(a.At) + "，" + by}}}
}

func (s *Server) payAccountPage(r *http.Request, id string) (*payAccountPage, error) {
	ctx, who := r.Context(), ui.Actor(r)
	v, err := s.Person.See(ctx, who, who.Region, id)
	if err != nil {
		return nil, err
	}
	live, asked, err := s.Claim.AccountsOf(ctx, who, who.Region, id)
	if err != nil {
		return nil, err
	}
	paid, err := s.Claim.PaidTo(ctx, who, who.Region, id)
	if err != nil {
		return nil, err
	}
	by, err := s.Access.Names(ctx, who.Region, live.Checker, asked.Maker)
	if err != nil {
		return nil, err
	}
	role := access.RoleOf(who.Role)
	p := &payAccountPage{Page: ui.Page{Title: v.Name + "的收款账户", Back: "/o/person/" + id, Nav: "/o/person"}, Person: id, Relations: relationOptions(), name: v.Name, asked: asked,
		HasLive: live.Tail != "", HasAsked: asked.Tail != "", MayEnter: role.Allows(access.DeskEnter)}
	if p.HasLive {
		p.Live = accountFacts("在用的账户", live, by[live.Checker]+"核对")
	}
	if p.HasAsked {
		p.Asked = accountFacts("等核对的账户", asked, by[asked.Maker]+"提交")
		p.MayJudge = role.Allows(access.ClaimReview) && asked.Maker != who.ID
		if !p.MayJudge {
			p.Why = "账户要由复核岗的另一位同事对照银行卡核对后才能用。"
		}
	}
	p.Paid = ui.Table{Title: "亲情护理补助", Caption: "亲情护理补助", Head: []string{"月结", "应付", "抵扣", "实付", "状态"}, Empty: "还没有审签过的亲情护理补助。"}
	for _, x := range paid {
		p.Paid.Rows = append(p.Paid.Rows, ui.Row{Cells: []any{x.Month().Chinese(), x.Fund, x.Offsets + x.Deducted + x.Recovered, x.Payable, ui.Two{First: x.Status.Name(), Second: x.Reason}}})
	}
	return p, nil
}

func (s *Server) payAccount(w http.ResponseWriter, r *http.Request) error {
	p, err := s.payAccountPage(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	return payAccountTmpl.Render(w, r, p)
}

// payAccountEnter is the window's entry from the bank card that lies before it.
func (s *Server) payAccountEnter(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	in := claim.NewAccount{Holder: f.Raw("holder"), Relation: f.Raw("relation"), Bank: f.Raw("bank"), Number: f.Raw("number")}
	_, err := s.Claim.AskAccount(r.Context(), who, who.Region, id, f.Once(), in)
	return s.payAccountAfter(w, r, in, err)
}

func (s *Server) payAccountAfter(w http.ResponseWriter, r *http.Request, in claim.NewAccount, err error) error {
	if err == nil {
		return ui.Redirect(w, r, "/o/person/"+r.PathValue("id")+"/account")
	}
	p, perr := s.payAccountPage(r, r.PathValue("id"))
	if perr != nil {
		return perr
	}
	p.In = in
	return payAccountTmpl.Again(w, r, p, err)
}
