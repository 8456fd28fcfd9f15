package inst

import (
	"net/http"

	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// voicePage is what people say about the institution: what it is asked to
// explain, and how it is rated. Who said it is not shown.
type voicePage struct {
	ui.Page
	Open    []outreach.Voice
	Past    ui.Table
	Stand   ui.KPIs
	Ratings ui.Table
	Bad     string
	Text    string
}

var voiceTmpl = ui.MustParse[voicePage](ui.Inst, files, "voice/list.html")

func (s *Server) voicePage(r *http.Request) (*voicePage, error) {
	ctx, who := r.Context(), ui.Actor(r)
	p := &voicePage{Page: ui.Page{Title: "投诉和评价"}}
	xs, err := s.Outreach.Asked(ctx, who.Region, who.Institution)
	if err != nil {
		return nil, err
	}
	p.Past = ui.Table{Title: "说明过的", Caption: "说明过的", Head: []string{"哪天问的", "说了什么", "我们的说明", "核实结果"}, Empty: "还没有说明过。"}
	for _, x := range xs {
		if x.Stage == outreach.Handling && x.Explained.IsZero() {
			p.Open = append(p.Open, x)
			continue
		}
		result := outreach.FindingName(x.Finding)
		if x.Answered.IsZero() {
			result = "正在核实"
		}
		p.Past.Rows = append(p.Past.Rows, ui.Row{Cells: []any{x.Asked.Short(), x.Say, x.Explanation, result}})
	}
	rs, err := s.Outreach.RatingsAt(ctx, who.Region, who.Institution)
	if err != nil {
		return nil, err
	}
	st := outreach.Standing{}
	p.Ratings = ui.Table{Title: "老人和家人的评价", Caption: "评价", Head: []string{"哪天", "评价", "护理员", "说了什么", "医保局的答复"}, Empty: "还没有人评价。"}
	for _, x := range rs {
		st.N++
		tone := "mute"
		if x.Score >= 4 {
			st.Good++
			tone = "ok"
		}
		if x.Low {
			st.Low++
			tone = "bad"
		}
		p.Ratings.Rows = append(p.Ratings.Rows, ui.Row{Cells: []any{x.Day.Short(), ui.Chip{Tone: tone, Say: outreach.Scores[x.Score-1]}, orNone(x.StaffName), orNone(x.Words), orNone(x.Answer)}})
	}
	p.Stand = ui.KPIs{Items: []ui.KPI{{Label: "最近的评价", Value: st.Say()}}}
	return p, nil
}

func orNone(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func (s *Server) voices(w http.ResponseWriter, r *http.Request) error {
	p, err := s.voicePage(r)
	if err != nil {
		return err
	}
	return voiceTmpl.Render(w, r, p)
}

func (s *Server) voiceExplain(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	if _, err := s.Outreach.Explain(r.Context(), who, who.Region, id, f.Once(), f.Raw("text")); err != nil {
		p, perr := s.voicePage(r)
		if perr != nil {
			return perr
		}
		p.Bad, p.Text = id, f.Raw("text")
		return voiceTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/voice")
}
