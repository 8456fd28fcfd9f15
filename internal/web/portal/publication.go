package portal

import (
	"net/http"
	"slices"
	"strings"

	"yinling/internal/fault"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

type publicationsPage struct {
	ui.Page
	List ui.Lines
}

// publicationPage is a text that explains the policy, with its pictures and
// sounds; it can be heard like every page.
type publicationPage struct {
	ui.Page
	X     outreach.Publication
	Paras []string
	Cites ui.Summary
	Files []publicationFile
}

type publicationFile struct {
	outreach.Media
	Href string
}

var (
	publicationsTmpl = ui.MustParse[publicationsPage](ui.Portal, files, "publication/list.html")
	publicationTmpl  = ui.MustParse[publicationPage](ui.Portal, files, "publication/one.html")
)

func (s *Server) publications(w http.ResponseWriter, r *http.Request) error {
	xs, err := s.Outreach.Publications(r.Context(), s.region(r), "")
	if err != nil {
		return err
	}
	p := &publicationsPage{Page: ui.Page{Title: "宣传材料", Back: "/policy", Nav: "/policy"}, List: ui.Lines{Title: "讲给您听", Empty: "还没有宣传材料，可以先看政策。"}}
	for _, x := range xs {
		note := x.Published.Short()
		if x.State == outreach.Revise {
			note = "正在修订"
		}
		p.List.Items = append(p.List.Items, ui.LineItem{Href: "/publication/" + x.ID, Label: x.Title, Note: note})
	}
	return publicationsTmpl.Render(w, r, p)
}

// public reads what everybody may read.
func (s *Server) public(r *http.Request) (outreach.Publication, []outreach.Media, error) {
	x, files, err := s.Outreach.Publication(r.Context(), s.region(r), r.PathValue("id"))
	if err == nil && !x.Public() {
		err = fault.New(fault.NotFound, "没有找到这份材料，它可能已经撤下。")
	}
	return x, files, err
}

func (s *Server) publication(w http.ResponseWriter, r *http.Request) error {
	x, files, err := s.public(r)
	if err != nil {
		return err
	}
	p := &publicationPage{Page: ui.Page{Title: x.Title, Back: "/publication", Nav: "/policy"}, X: x, Paras: x.Paragraphs(ui.Elder(r)), Cites: ui.Summary{Title: "讲的是这些政策"}}
	for _, c := range x.Cites {
		fact := ui.Fact{Label: c.Label, Value: c.Say}
		if !c.Plain() {
			fact.Value = ui.Link{Href: "/policy/" + c.Key, Label: "看这项政策", Tone: "ghost"}
		}
		p.Cites.Rows = append(p.Cites.Rows, fact)
	}
	for _, f := range files {
		p.Files = append(p.Files, publicationFile{f, "/publication/" + x.ID + "/file/" + f.ID})
	}
	return publicationTmpl.Render(w, r, p)
}

func (s *Server) publicationPaper(w http.ResponseWriter, r *http.Request) error {
	x, _, err := s.public(r)
	if err != nil {
		return err
	}
	v, err := s.Packs.At(x.Region, ui.Today(r))
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/publication/"+x.ID, x.Leaflet(v.Name()))
}

// publicMedia is the public file that an address names.
func (s *Server) publicMedia(r *http.Request) (m outreach.Media, err error) {
	_, files, err := s.public(r)
	if err != nil {
		return m, err
	}
	i := slices.IndexFunc(files, func(m outreach.Media) bool { return m.ID == r.PathValue("doc") })
	if i < 0 {
		return m, fault.New(fault.NotFound, "没有找到这个附件。")
	}
	return files[i], nil
}

func (s *Server) publicationFile(w http.ResponseWriter, r *http.Request) error {
	m, err := s.publicMedia(r)
	if err != nil {
		return err
	}
	f, err := s.Desk.Files.Open(m.Document)
	if err != nil {
		return err
	}
	defer f.Close()
	return ui.SendFile(w, r, m.Mime, m.Document.At, f)
}

// publicationCaptions are the subtitles of a video, from the words that were
// written for it.
func (s *Server) publicationCaptions(w http.ResponseWriter, r *http.Request) error {
	m, err := s.publicMedia(r)
	if err != nil {
		return err
	}
	text := m.Captions()
	if text == "" {
		return fault.New(fault.NotFound, "这段没有字幕，说的话在视频下面。")
	}
	return ui.SendFile(w, r, "text/vtt; charset=utf-8", m.Document.At, strings.NewReader(text))
}
