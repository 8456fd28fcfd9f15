package portal

import (
	"context"
	"net/http"

	"yinling/internal/fault"
	"yinling/internal/paper"
	"yinling/internal/web/ui"
)

// Papers proves the code of a document; app's is one.
type Papers func(ctx context.Context, code string) (paper.Found, error)

// genuinePage tells whether a document is genuine (文书核验).
type genuinePage struct {
	ui.Page
	Code  string
	Asked bool
	F     paper.Found
	Facts ui.Summary
	No    string // why it is not ours
}

var genuineTmpl = ui.MustParse[genuinePage](ui.Portal, files, "check/check.html")

// check asks for a code; /check?code= sends it on to its own address.
func (s *Server) check(w http.ResponseWriter, r *http.Request) error {
	if code := ui.ParseForm(r).Raw("code"); code != "" {
		return s.checkOne(w, r, code)
	}
	return genuineTmpl.Render(w, r, &genuinePage{Page: ui.Page{Title: "核验文书", Back: "/"}})
}

func (s *Server) checkCode(w http.ResponseWriter, r *http.Request) error {
	return s.checkOne(w, r, r.PathValue("code"))
}

func (s *Server) checkOne(w http.ResponseWriter, r *http.Request, code string) error {
	p := &genuinePage{Page: ui.Page{Title: "核验文书", Back: "/check"}, Code: code}
	if err := s.checks.Try(ui.Actor(r).Terminal, ui.Now(r)); err != nil {
		return genuineTmpl.Again(w, r, p, err)
	}
	f, err := s.Papers(r.Context(), code)
	if fault.Is(err, fault.NotFound) {
		p.Asked, p.No = true, fault.As(err).Say
		return genuineTmpl.RenderStatus(w, r, http.StatusNotFound, p)
	}
	if err != nil {
		return err
	}
	p.Asked, p.F = true, f
	p.Facts.Rows = []ui.Fact{{Label: "文书", Value: f.Title}}
	if f.No != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "编号", Value: f.No})
	}
	p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "日期", Value: f.On}, ui.Fact{Label: "谁出的", Value: f.Issuer})
	if f.Shown != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "给谁的", Value: f.Shown})
	}
	return genuineTmpl.Render(w, r, p)
}
