package inst

import (
	"net/http"
	"strings"

	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// bringSend files the matter for the resident.
func (s *Server) bringSend(w http.ResponseWriter, r *http.Request) error {
	p, err := s.bringPage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	p.Consent = f.Choice("consent", "老人怎样同意您代办这件事", p.How)
	in := desk.ApplyInput{Key: f.Once(), Matter: p.M.ID, Consent: p.Consent, Answers: map[string]string{}}
	for _, a := range p.Asks {
		in.Answers[a.F.ID] = answerOf(f, a.F)
		if err := a.F.Judge(in.Answers[a.F.ID]); err != nil {
			f.Bad(a.F.ID, "%s", fault.As(err).Say)
		}
	}
	if err = f.Err(); err == nil { // a file is only kept for a form that is complete
		for _, m := range p.M.Asked() {
			list, e := s.evidence(r, "file-"+m.ID)
			if e != nil {
				err = e
				break
			}
			for _, st := range list {
				in.Files = append(in.Files, desk.FileFor{Kind: m.ID, Stored: st})
			}
		}
	}
	var got desk.Receipt
	if err == nil {
		got, err = s.Insts.Bring(r.Context(), who, s.Desk, p.R.ID, in)
	}
	if err != nil {
		return bringTmpl.Again(w, r, p, err)
	}
	if p.M.Opens != "" { // the case is another domain's, with a page of its own
		return ui.Redirect(w, r, "/j/applies")
	}
	return ui.Redirect(w, r, "/j/case/"+got.Number)
}

// answerOf is an answer in the form that a matter takes: days as 2024-06-03,
// several choices separated by a comma.
func answerOf(f *ui.Form, q desk.Field) string {
	switch q.Kind {
	case "checks":
		return strings.Join(f.All(q.ID), ",")
	case "day":
		if d := f.Day(q.ID, ""); !d.IsZero() {
			return d.String()
		}
		return ""
	case "idno", "phone":
		return f.Digits(q.ID, "")
	}
	return f.Raw(q.ID)
}
