package office

import (
	"fmt"
	"net/http"

	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/money"
	"yinling/internal/web/ui"
)

var payerKinds = []ui.Option{{Value: "employee", Label: "在职职工"}, {Value: "retiree", Label: "退休人员"}, {Value: "flexible", Label: "灵活就业"}, {Value: "resident", Label: "未就业居民"}, {Value: "minor", Label: "未成年人"}}

type contributionPage struct {
	ui.Page
	At      string // address of the form
	Whose   string
	Kind    string
	Kinds   []ui.Option
	Base    string
	Given   money.Fen // the base that the roster or the pack gives
	Whence  string    // where Given comes from
	Group   string
	On      string
	Done    bool
	Facts   ui.Summary
	Explain ui.Explain
}

var contributionTmpl = ui.MustParse[contributionPage](ui.Office, files, "fund/contribution.html")

// contribution works out who pays what for one kind of insured person (筹资),
// and, where the roster knows the kind, what that comes to for all of them. It
// answers a question and stores nothing.
func (s *Server) contribution(w http.ResponseWriter, r *http.Request) error {
	p := &contributionPage{Page: ui.Page{Title: "筹资测算", Back: "/o/fund", Nav: "/o/fund"}, At: "/o/fund/contribution", Kind: "employee"}
	p.Group = r.FormValue("group")
	// By the last count: nobody walks a roster of a million to show a figure.
	heads := func(kind string, year int64) (n int64, err error) {
		y, err := s.Fund.ReadYear(r.Context(), ui.Actor(r).Region, year, "")
		for _, c := range y.Classes {
			if c.Kind == kind && (p.Group == "" || p.Group == c.Relief) {
				n += c.Heads
			}
		}
		return n, err
	}
	var groups []string
	if p.Group != "" {
		groups = []string{p.Group}
	}
	return s.contributionOf(w, r, p, groups, heads)
}

// personContribution is contribution for one person of the roster: the kind is
// proposed from coverage and age, the groups are those of the roster.
func (s *Server) personContribution(w http.ResponseWriter, r *http.Request) error {
	v, err := s.Person.See(r.Context(), ui.Actor(r), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := &contributionPage{Page: ui.Page{Title: v.Name + "的筹资", Back: "/o/person/" + v.ID, Nav: "/o/person"}, At: "/o/person/" + v.ID + "/contribution", Whose: v.ID, Kind: "resident"}
	var own money.Fen
	for _, c := range v.Coverages { // the one in force, else the last
		if p.Kind, own = c.Kind, c.Base; c.Covers(ui.Today(r)) {
			break
		}
	}
	if age := v.Age(ui.Today(r)); age < 18 {
		p.Kind = "minor"
	}
	if r.FormValue("base") == "" && (r.FormValue("kind") == "" || r.FormValue("kind") == p.Kind) {
		if at, err := s.Packs.At(ui.Actor(r).Region, ui.Today(r)); err == nil {
			p.Given, p.Whence = fund.BaseOf(at, p.Kind, own)
		}
	}
	return s.contributionOf(w, r, p, v.Groups, nil)
}

func (s *Server) contributionOf(w http.ResponseWriter, r *http.Request, p *contributionPage, groups []string, heads func(string, int64) (int64, error)) error {
	f := ui.ParseForm(r)
	p.Kinds, p.Base = payerKinds, f.Raw("base")
	if k := f.Raw("kind"); k != "" {
		p.Kind = k
	}
	on := f.Day("on", "")
	if on.IsZero() {
		on = ui.Today(r)
	}
	p.On = on.String()
	base := p.Given
	switch {
	case p.Base != "":
		base = f.Fen("base", "缴费基数")
	case base > 0:
		p.Base = base.String()
	default:
		return contributionTmpl.Render(w, r, p)
	}
	err := f.Err()
	if err == nil {
		err = p.work(s, r, fund.Contributor{Kind: p.Kind, Base: base, Groups: groups}, heads)
	}
	if err != nil {
		return contributionTmpl.Again(w, r, p, err)
	}
	return contributionTmpl.Render(w, r, p)
}

func (p *contributionPage) work(s *Server, r *http.Request, in fund.Contributor, heads func(string, int64) (int64, error)) error {
	on, err := onDay(r)
	if err != nil {
		return err
	}
	v, err := s.Packs.At(ui.Actor(r).Region, on)
	if err != nil {
		return err
	}
	out, dec, err := fund.ContributionRule.Decide(v, in)
	if f := fault.As(err); err != nil {
		if f.Field == "base_fen" {
			return fault.Field("base", "%s", f.Say)
		}
		return err
	}
	p.Done, p.Explain, p.Facts.Title = true, ui.ExplainOf(dec.Explain), "谁缴多少"
	add := func(label string, fen money.Fen) {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: fen})
	}
	if p.Whence != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "缴费基数", Value: ui.Two{First: in.Base.Yuan(), Second: p.Whence}})
	}
	add("个人缴", out.Person)
	add("单位缴", out.Employer)
	add("财政补助", out.Government)
	add("合计", out.Total)
	if heads == nil {
		return nil
	}
	n, err := heads(in.Kind, int64(on.Month().Year()))
	if err != nil || n == 0 {
		return err
	}
	all, err := out.Total.MulDiv(n, 1, money.Down)
	if err != nil {
		return fault.Field("base", "缴费基数太大，算不了")
	}
	p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "名册里这类参保人", Value: fmt.Sprintf("%d 人（按%d年的应收测算）", n, on.Month().Year())}, ui.Fact{Label: "都按这个基数，一期共", Value: all})
	return nil
}
