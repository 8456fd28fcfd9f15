package portal

import (
	"net/http"

	"yinling/internal/web/ui"
)

// carePlanPaper is the plan on one sheet of A4.
func (s *Server) carePlanPaper(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	x, names, err := s.Care.SeePlan(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/care/plan/"+x.ID, x.Sheet(s.Care.Items(x.Region, x.From), names))
}

// billPaper is the bill on one sheet of A4.
func (s *Server) billPaper(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	x, err := s.Claim.Look(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/claim/"+x.Visit, x.Sheet())
}
