package portal

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"yinling/internal/audit"
	"yinling/internal/fault"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// surveyPage is one question of the knowledge survey (政策知晓调查), on a page of
// its own. What was answered before travels along in the form: nothing is kept
// of who does not finish, and no name of who does.
type surveyPage struct {
	ui.Page
	N, Of   int
	Name    string // of the field
	Text    string
	Chosen  string
	Options []ui.Option
	Before  []ui.Option // earlier answers: field and value
	Last    bool
}

// surveyDonePage says what is right, with where to read on.
type surveyDonePage struct {
	ui.Page
	None  bool // the region asks nothing
	Right int
	Of    int
	Facts ui.Summary
}

var (
	surveyTmpl     = ui.MustParse[surveyPage](ui.Portal, files, "survey/question.html")
	surveyDoneTmpl = ui.MustParse[surveyDonePage](ui.Portal, files, "survey/done.html")
)

// notSaid is the answer of who does not say where they live.
const notSaid = "0"

// surveyAsk is a question of the survey as the page asks it.
type surveyAsk struct {
	name, text string
	options    []ui.Option
}

// surveyAsks are the questions: where one lives, then those of the pack.
func (s *Server) surveyAsks(r *http.Request) ([]surveyAsk, error) {
	region := s.region(r)
	qs := s.Outreach.Questions(region, ui.Today(r))
	if len(qs) == 0 {
		return nil, nil
	}
	districts, err := s.Person.Districts(r.Context(), region)
	if err != nil {
		return nil, err
	}
	where := surveyAsk{name: "district", text: "您住在哪里？"}
	for _, d := range districts {
		where.options = append(where.options, ui.Option{Value: d, Label: d})
	}
	where.options = append(where.options, ui.Option{Value: notSaid, Label: "不想说"})
	out := []surveyAsk{where}
	for _, q := range qs {
		a := surveyAsk{name: "q-" + q.ID, text: q.Text + "？"}
		for i, o := range q.Options {
			a.options = append(a.options, ui.Option{Value: strconv.Itoa(i + 1), Label: o})
		}
		out = append(out, a)
	}
	return out, nil
}

// surveyAt is the page of the n-th question, from 1. Where an earlier one has no
// answer, that one comes instead, with a word about it.
func (s *Server) surveyAt(r *http.Request, asks []surveyAsk, n int) (*surveyPage, error) {
	f := ui.ParseForm(r)
	p := &surveyPage{Page: ui.Page{Title: "小调查", Back: "/publication", Nav: "/policy"}, Of: len(asks)}
	var missing error
	for i, a := range asks[:n] {
		if i == n-1 {
			break
		}
		if v := f.Choice(a.name, "一个答案，不知道就选不知道", a.options); v != "" {
			p.Before = append(p.Before, ui.Option{Value: v, Label: a.name})
			continue
		}
		n, missing = i+1, f.Err()
		break
	}
	a := asks[n-1]
	p.N, p.Name, p.Text, p.Options, p.Chosen, p.Last = n, a.name, a.text, a.options, f.Raw(a.name), n == len(asks)
	if n > 1 {
		q := url.Values{}
		for _, b := range p.Before {
			q.Set(b.Label, b.Value)
		}
		p.Back = fmt.Sprintf("/survey/%d?%s", n-1, q.Encode())
	}
	return p, missing
}

func (s *Server) survey(w http.ResponseWriter, r *http.Request) error { return s.surveyN(w, r, 1) }

func (s *Server) surveyQuestion(w http.ResponseWriter, r *http.Request) error {
	n, _ := strconv.Atoi(r.PathValue("n"))
	return s.surveyN(w, r, n)
}

func (s *Server) surveyN(w http.ResponseWriter, r *http.Request, n int) error {
	asks, err := s.surveyAsks(r)
	if err != nil {
		return err
	}
	if len(asks) == 0 {
		return surveyDoneTmpl.Render(w, r, &surveyDonePage{Page: ui.Page{Title: "小调查", Back: "/publication", Nav: "/policy"}, None: true})
	}
	if n < 1 || n > len(asks) {
		return fault.New(fault.NotFound, "没有这个问题，请从头开始。")
	}
	p, missing := s.surveyAt(r, asks, n)
	if missing != nil {
		return surveyTmpl.Again(w, r, p, missing)
	}
	return surveyTmpl.Render(w, r, p)
}

// surveySend keeps the answers and shows what is right.
func (s *Server) surveySend(w http.ResponseWriter, r *http.Request) error {
	asks, err := s.surveyAsks(r)
	if err != nil {
		return err
	}
	if len(asks) == 0 {
		return fault.New(fault.NotFound, "现在没有小调查。")
	}
	f, region := ui.ParseForm(r), s.region(r)
	p, missing := s.surveyAt(r, asks, len(asks))
	if missing == nil {
		last := asks[len(asks)-1]
		f.Choice(last.name, "一个答案，不知道就选不知道", last.options)
		missing = f.Err()
	}
	if missing != nil {
		return surveyTmpl.Again(w, r, p, missing)
	}
	in := outreach.SurveySheet{Channel: "online", Chosen: map[string]int64{}}
	if d := f.Raw("district"); d != notSaid {
		in.District = d
	}
	for _, q := range s.Outreach.Questions(region, ui.Today(r)) {
		in.Chosen[q.ID] = f.Int("q-"+q.ID, "", 1, int64(len(q.Options)))
	}
	terminal := ui.Actor(r).Terminal
	if err := s.surveys.Try(terminal, ui.Now(r)); err != nil {
		return surveyTmpl.Again(w, r, p, err)
	}
	// Whoever is logged in answers without a name, too.
	who := audit.Actor{ID: "visitor", Name: "网上答题的群众", Role: "public", Region: region, Terminal: terminal}
	k, err := s.Outreach.Surveyed(r.Context(), who, region, f.Once(), in)
	if err != nil {
		return surveyTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, fmt.Sprintf("/survey/done?right=%d", k.Right))
}

func (s *Server) surveyDone(w http.ResponseWriter, r *http.Request) error {
	p := &surveyDonePage{Page: ui.Page{Title: "谢谢您", Back: "/publication", Nav: "/policy"}}
	qs := s.Outreach.Questions(s.region(r), ui.Today(r))
	p.None, p.Of = len(qs) == 0, len(qs)
	if n, err := strconv.Atoi(r.FormValue("right")); err == nil && n >= 0 && n <= len(qs) {
		p.Right = n
	}
	p.Facts.Title = "正确的答案"
	for _, q := range qs {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: q.Text, Value: q.Options[q.Right-1]})
	}
	return surveyDoneTmpl.Render(w, r, p)
}

// Progress tells how far the survey is.
func (p *surveyPage) Progress() ui.Steps {
	return ui.Steps{Total: p.Of, Now: p.N, Say: fmt.Sprintf("第 %d 题，共 %d 题", p.N, p.Of)}
}

// Next is where the answer goes.
func (p *surveyPage) Next() string {
	if p.Last {
		return "/survey"
	}
	return fmt.Sprintf("/survey/%d", p.N+1)
}
