package care

import (
	"net/http"
	"strconv"
	"time"

	"yinling/internal/assess"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// assessFile takes the recording or a photograph of the visit.
func (s *Server) assessFile(w http.ResponseWriter, r *http.Request) error {
	p, err := s.assessPage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	kind := f.Raw("kind")
	if kind != "video" {
		kind = "photo"
	}
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 {
		return taskTmpl.Again(w, r, p, fault.Field("file", "请先拍，或选文件"))
	}
	h := r.MultipartForm.File["file"][0]
	in, err := h.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	st, err := s.Assess.Files.Save(ui.Actor(r).Region, h.Filename, in, ui.Now(r))
	if err == nil {
		_, err = s.Assess.AddDocument(r.Context(), ui.Actor(r), s.assessCmd(r, f), kind, st)
	}
	if err != nil {
		return taskTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/v/assess/"+p.D.App.ID)
}

// assessDocument opens evidence for a member of the case.
func (s *Server) assessDocument(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	doc, f, err := s.Assess.Document(r.Context(), who, who.Region, r.PathValue("doc"))
	if err != nil {
		return err
	}
	defer f.Close()
	return ui.SendFile(w, r, doc.Mime, time.Time{}, f)
}

func (s *Server) signPage(r *http.Request) (*assessPage, error) {
	p, err := s.assessPage(r)
	if err != nil {
		return nil, err
	}
	p.Title, p.Back = "签字", "/v/assess/"+p.D.App.ID
	return p, nil
}

func (s *Server) assessSignForm(w http.ResponseWriter, r *http.Request) error {
	p, err := s.signPage(r)
	if err != nil {
		return err
	}
	return signTmpl.Render(w, r, p)
}

// assessSign signs the record; the first to sign also says who was present and
// from when to when, the second confirms it.
func (s *Server) assessSign(w http.ResponseWriter, r *http.Request) error {
	p, err := s.signPage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	in := assess.SignInput{NoTie: f.Ticked("notie")}
	if !p.D.Visited || f.Raw("guardian") != "" {
		p.Sign = signForm{Began: f.Text("began", "开始的时间"), Ended: f.Text("ended", "结束的时间"), Guardian: f.Text("guardian", "在场的监护人或代理人"),
			Relation: f.Text("relation", "和老人的关系"), Note: f.Text("note", "")}
		in.Guardian, in.Relation, in.Note, in.Video = p.Sign.Guardian, p.Sign.Relation, p.Sign.Note, p.Video.ID
		in.Began, in.Ended = s.clockOn(r, f, "began"), s.clockOn(r, f, "ended")
	}
	if err = f.Err(); err == nil {
		err = s.Assess.Sign(r.Context(), ui.Actor(r), s.assessCmd(r, f), in)
	}
	if err != nil {
		return signTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/v/assess")
}

// clockOn reads a time of today.
func (s *Server) clockOn(r *http.Request, f *ui.Form, name string) time.Time {
	raw := f.Raw(name)
	t, err := time.ParseInLocation("2006-01-02 15:04", ui.Today(r).String()+" "+raw, day.Shanghai)
	if err != nil {
		if raw != "" {
			f.Bad(name, "时间写成 09:30 的样子")
		}
		return time.Time{}
	}
	return t
}

// assessConclude files an expert's own conclusion.
func (s *Server) assessConclude(w http.ResponseWriter, r *http.Request) error {
	p, err := s.assessPage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	p.Level, p.Reason = f.Choice("level", "结论等级", p.Levels), f.Text("reason", "")
	if err = f.Err(); err == nil {
		n, _ := strconv.ParseInt(p.Level, 10, 64)
		err = s.Assess.Conclude(r.Context(), ui.Actor(r), s.assessCmd(r, f), n, p.Reason)
	}
	if err != nil {
		return concludeTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/v/assess")
}
