package portal

import (
	"context"
	"io"
	"net/http"
	"time"

	"yinling/internal/audit"
	"yinling/internal/desk"
	"yinling/internal/paper"
	"yinling/internal/web/ui"
)

// caseFile takes a paper; when one was asked for, it also hands it in.
func (s *Server) caseFile(w http.ResponseWriter, r *http.Request) error {
	if way, ok, err := s.ofMatter(r); ok || err != nil {
		if err != nil {
			return err
		}
		return s.matterSupply(w, r, way)
	}
	return s.caseAct(w, r, caseTmpl, func(f *ui.Form, p *casePage) error {
		st, err := s.upload(r, "file")
		if err == nil && st == nil {
			f.Bad("file", "请拍照或选文件")
			err = f.Err()
		}
		if err != nil {
			return err
		}
		c := s.cmd(r, f)
		if _, err := s.Assess.AddDocument(r.Context(), ui.Actor(r), c, "record", *st); err != nil || !p.Supply {
			return err
		}
		c.Key += "-supply"
		return s.Assess.Supply(r.Context(), ui.Actor(r), c)
	})
}

func (s *Server) caseObjectForm(w http.ResponseWriter, r *http.Request) error {
	p, err := s.casePage(r)
	if err != nil {
		return err
	}
	p.Title, p.Back = "对结论有意见", "/case/"+r.PathValue("id")
	return objectTmpl.Render(w, r, p)
}

func (s *Server) caseObject(w http.ResponseWriter, r *http.Request) error {
	return s.caseAct(w, r, objectTmpl, func(f *ui.Form, p *casePage) error {
		p.Title, p.Back = "对结论有意见", "/case/"+r.PathValue("id")
		p.Name, p.Phone, p.Reason = f.Text("name", "您的姓名"), f.Digits("phone", "联系电话"), f.Text("reason", "哪里不符合实际情况")
		if err := f.Err(); err != nil {
			return err
		}
		return s.Assess.Object(r.Context(), ui.Actor(r), s.cmd(r, f), p.Name, p.Phone, p.Reason)
	})
}

// caseDocument shows a paper to who may see its case.
func (s *Server) caseDocument(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	doc, file, err := s.Assess.Document(r.Context(), who, who.Region, r.PathValue("doc"))
	if err != nil {
		return err
	}
	defer file.Close()
	serveDocument(w, r, doc, file)
	return nil
}

// serveDocument sends evidence so that a browser shows it and runs nothing in it.
func serveDocument(w http.ResponseWriter, r *http.Request, doc desk.Document, file io.ReadSeeker) {
	w.Header().Set("Content-Type", doc.Mime)
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'")
	http.ServeContent(w, r, "", time.Time{}, file)
}

// caseLetter is a document of the case on one sheet of A4.
func (s *Server) caseLetter(w http.ResponseWriter, r *http.Request) error {
	if _, ok, err := s.ofMatter(r); ok || err != nil {
		if err != nil {
			return err
		}
		return ui.PaperOf(s.received(s.Desk.Letter))(w, r)
	}
	p, err := s.casePage(r)
	if err != nil {
		return err
	}
	l, err := p.D.Letter(r.PathValue("kind"))
	if err != nil {
		return err
	}
	if err := s.Desk.Opened(r.Context(), ui.Actor(r), l); err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/case/"+p.D.App.ID, l)
}

// received writes a document and notes that its person has it on the screen now.
func (s *Server) received(find func(context.Context, audit.Actor, string) (paper.Sheet, error)) func(context.Context, audit.Actor, string) (paper.Sheet, error) {
	return func(ctx context.Context, who audit.Actor, id string) (paper.Sheet, error) {
		sheet, err := find(ctx, who, id)
		if err == nil {
			err = s.Desk.Opened(ctx, who, sheet)
		}
		return sheet, err
	}
}
