package inst

import (
	"net/http"

	"yinling/internal/web/ui"
)

// planPaper is the plan on one sheet of A4, to be left at home.
func (s *Server) planPaper(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	x, names, err := s.Care.SeePlan(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/j/plan/"+x.ID, x.Sheet(s.Care.Items(x.Region, x.From), names))
}

// claimPaper is the notice that a month's money has arrived.
func (s *Server) claimPaper(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	sheet, err := s.Claim.Payout(r.Context(), who, who.Region, who.Institution+"/"+r.PathValue("month"))
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/j/claim/"+r.PathValue("month"), sheet)
}
