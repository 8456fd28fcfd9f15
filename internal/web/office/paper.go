package office

import (
	"net/http"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/web/ui"
)

// noticePaper is today's public notice, to be posted.
func (s *Server) noticePaper(w http.ResponseWriter, r *http.Request) error {
	sheet, err := s.Outreach.Board(r.Context(), ui.Actor(r).Region)
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/o/notice", sheet)
}

func (s *Server) carePlanPaper(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	x, names, err := s.Care.SeePlan(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/o/care/plan/"+x.ID, x.Sheet(s.Care.Items(x.Region, x.From), names))
}

func (s *Server) billPaper(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	x, err := s.Claim.Look(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/o/claim/bill/"+x.Visit, x.Sheet())
}

// claimPaper is the notice of a payment to an institution.
func (s *Server) claimPaper(w http.ResponseWriter, r *http.Request) error {
	who, id := ui.Actor(r), r.PathValue("inst")+"/"+r.PathValue("month")
	sheet, err := s.Claim.Payout(r.Context(), who, who.Region, id)
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/o/claim/month/"+id, sheet)
}

// statementPaper is the month's statement of a book.
func (s *Server) statementPaper(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	m, err := day.ParseMonth(r.PathValue("month"))
	if err != nil {
		return fault.New(fault.NotFound, "没有这个月的报表。")
	}
	st, err := s.Fund.ReadStatement(r.Context(), who.Region, fund.Book(r.PathValue("book")), m)
	if err != nil {
		return err
	}
	region := who.Region
	if v, err := s.Packs.At(who.Region, m.Last()); err == nil {
		region = v.Name()
	}
	return ui.ShowPaper(w, r, "/o/fund/statement/"+string(st.Book)+"/"+m.String(), st.Sheet(region))
}
