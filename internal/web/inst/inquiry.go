package inst

import (
	"fmt"
	"net/http"

	"yinling/internal/desk"
	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

type inquiryPage struct {
	ui.Page
	Q     institution.Inquiry
	Facts ui.Summary
	Chip  ui.Chip
	Files []ui.Link
	May   bool // may be answered
	Text  string
}

var inquiryTmpl = ui.MustParse[inquiryPage](ui.Inst, files, "message/inquiry.html")

func (s *Server) inquiryPage(r *http.Request) (*inquiryPage, error) {
	q, _, docs, err := s.Insts.SeeInquiry(r.Context(), ui.Actor(r), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	today := ui.Today(r)
	p := &inquiryPage{Page: ui.Page{Title: q.KindSay(), Back: "/j/message", Nav: "/j/message"}, Q: q, May: q.State != institution.InquiryClosed && today <= q.Due}
	add := func(label string, v any) { p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: v}) }
	add("医保局查到", q.Say)
	if q.Kind == institution.AskPlan {
		add("打算怎样处理", fmt.Sprintf("%s：%s %d 个月", q.Name, q.Measure, q.Months))
	}
	add("哪天告知", q.Asked)
	add("最晚说明", q.Due)
	switch {
	case q.Result == institution.ResultPunish:
		p.Chip = ui.Chip{Tone: "bad", Say: "作出处理了"}
	case q.Result == institution.ResultDrop:
		p.Chip = ui.Chip{Tone: "ok", Say: "不处理"}
	case q.State == institution.InquiryClosed:
		p.Chip = ui.Chip{Tone: "ok", Say: "核实完了"}
	case q.State == institution.InquiryAnswered:
		p.Chip = ui.Chip{Tone: "info", Say: "说明了，等医保局定"}
	case p.May:
		p.Chip = ui.Chip{Tone: "hot", Say: fmt.Sprintf("还有 %d 天说明", q.Due-today+1)}
	default:
		p.Chip = ui.Chip{Tone: "bad", Say: "时间过了，没有说明"}
	}
	if q.Answer != "" {
		add("我们的说明", q.Answer)
		add("谁说明的", q.Answerer+"，"+ui.Instant(q.Answered))
	}
	for n, d := range docs {
		p.Files = append(p.Files, ui.Link{Href: "/j/inquiry/" + q.ID + "/file/" + d.ID, Label: fmt.Sprintf("证据 %d：%s", n+1, d.Name)})
	}
	if q.State == institution.InquiryClosed {
		add("医保局的决定", q.ResultSay)
		add("谁定的", q.Closer+"，"+ui.Instant(q.Closed))
	}
	return p, nil
}

// inquiry is a question of the agency, or a measure that it means to take.
func (s *Server) inquiry(w http.ResponseWriter, r *http.Request) error {
	p, err := s.inquiryPage(r)
	if err != nil {
		return err
	}
	return inquiryTmpl.Render(w, r, p)
}

func (s *Server) inquiryAnswer(w http.ResponseWriter, r *http.Request) error {
	p, err := s.inquiryPage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	p.Text = f.Text("text", "当时的情况、不同意的理由")
	err = f.Err()
	var list []desk.Stored
	if err == nil && p.May { // a file is only kept for what can still be answered
		list, err = s.evidence(r, "file")
	}
	if err == nil {
		err = s.Insts.AnswerInquiry(r.Context(), ui.Actor(r), p.Q.ID, f.Once(), p.Text, list)
	}
	if err != nil {
		return inquiryTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/inquiry/"+p.Q.ID)
}

func (s *Server) inquiryFile(w http.ResponseWriter, r *http.Request) error {
	d, f, err := s.Insts.InquiryFile(r.Context(), ui.Actor(r), s.Files, r.PathValue("id"), r.PathValue("doc"))
	if err != nil {
		return err
	}
	defer f.Close()
	return ui.SendFile(w, r, d.Mime, d.At, f)
}
