package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// matterAsk is one question of a matter's form, or the check before it is sent.
type matterAsk struct {
	ui.Page
	M       desk.Matter
	Q       string
	F       desk.Field
	Value   string
	Chosen  []string
	Options []ui.Option
	Wards   []ui.Option
	Person  string
	Lack    []desk.Material // files that are still missing
	Docs    []desk.Document
	Facts   ui.Summary
	Name    string
	N, Of   int
	Last    bool
}

var (
	matterAskTmpl   = ui.MustParse[matterAsk](ui.Portal, files, "matter/ask.html")
	matterCheckTmpl = ui.MustParse[matterAsk](ui.Portal, files, "matter/check.html")
)

// Progress is how far the questions have gone.
func (p *matterAsk) Progress() ui.Steps {
	return ui.Steps{Total: p.Of, Now: p.N, Say: fmt.Sprintf("第 %d 题，共 %d 题", p.N, p.Of)}
}

func (s *Server) matterAsk(r *http.Request) (p *matterAsk, d desk.MatterDraft, err error) {
	v, err := s.view(r)
	if err != nil {
		return nil, d, err
	}
	p = &matterAsk{Q: r.PathValue("q")}
	if p.M, err = desk.MatterOf(v, r.PathValue("id")); err != nil {
		return nil, d, err
	}
	who := ui.Actor(r)
	if d, p.Docs, _, err = s.Desk.Draft(r.Context(), who, p.M.ID); err != nil {
		return nil, d, err
	}
	wards, err := s.Assess.Wards(r.Context(), who)
	if err != nil {
		return nil, d, err
	}
	for _, x := range wards {
		if x.Relation == "本人" && !p.M.By.Has(desk.BySelf) || x.Relation != "本人" && !p.M.By.Has(desk.ByProxy) {
			continue
		}
		o := ui.Option{Value: x.Person.ID, Label: x.Person.Name, Hint: "您是" + x.Relation}
		if x.Relation == "本人" {
			o = ui.Option{Value: x.Person.ID, Label: "我自己（" + x.Person.Name + "）"}
		} else if !x.Act {
			o.Hint += "，您现在只能看，不能替办"
		}
		p.Wards = append(p.Wards, o)
		if x.Person.ID == d.Person {
			p.Name = x.Person.Name
		}
	}
	if d.Person == "" && len(p.Wards) == 1 {
		d.Person, p.Name = p.Wards[0].Value, strings.TrimSuffix(strings.TrimPrefix(p.Wards[0].Label, "我自己（"), "）")
	}
	if d.Person == "" && who.Behalf != "" {
		d.Person = who.Behalf
	}
	all := road(p.M, len(p.Wards))
	p.Of, p.N = len(all)-1, slices.Index(all, p.Q)+1
	if p.N == 0 {
		return nil, d, fault.New(fault.NotFound, "没有这个问题，请从头开始。")
	}
	base := atMatters + "/" + p.M.ID
	p.Page = ui.Page{Title: p.M.Name, Back: base, Nav: atMatters}
	if p.N > 1 {
		p.Back = base + "/apply/" + all[p.N-2]
	}
	p.Last, p.Person = p.N == p.Of, d.Person
	for _, x := range p.M.Asked() {
		if !slices.ContainsFunc(p.Docs, func(d desk.Document) bool { return d.Kind == x.ID }) {
			p.Lack = append(p.Lack, x)
		}
	}
	if id, ok := strings.CutPrefix(p.Q, "q-"); ok {
		p.F = p.M.Fields[slices.IndexFunc(p.M.Fields, func(f desk.Field) bool { return f.ID == id })]
		p.Value = d.Answers[id]
		if p.F.Kind == "checks" && p.Value != "" {
			p.Chosen = strings.Split(p.Value, ",")
		}
		options, err := s.Desk.OptionsFor(r.Context(), who.Region, d.Person, p.M.ID, p.F)
		if err != nil {
			return nil, d, err
		}
		for _, o := range options {
			p.Options = append(p.Options, ui.Option{Value: o.Value, Label: o.Label})
		}
	}
	return p, d, nil
}

// unasked is the first question without an answer.
func (p *matterAsk) unasked(d desk.MatterDraft) string {
	if d.Person == "" && len(p.Wards) > 1 {
		return "who"
	}
	for _, f := range p.M.Fields {
		if _, ok := d.Answers[f.ID]; !ok {
			return "q-" + f.ID
		}
	}
	for _, x := range p.Lack {
		if !slices.Contains(d.Later, x.ID) {
			return "files"
		}
	}
	return "check"
}

func (s *Server) matterStart(w http.ResponseWriter, r *http.Request) error {
	r.SetPathValue("q", "check")
	p, d, err := s.matterAsk(r)
	if err != nil {
		return err
	}
	return ui.Redirect(w, r, atMatters+"/"+p.M.ID+"/apply/"+p.unasked(d))
}

func (s *Server) matterQuestion(w http.ResponseWriter, r *http.Request) error {
	p, d, err := s.matterAsk(r)
	if err != nil {
		return err
	}
	if p.Q != "check" {
		return matterAskTmpl.Render(w, r, p)
	}
	if q := p.unasked(d); q != "check" {
		return ui.Redirect(w, r, atMatters+"/"+p.M.ID+"/apply/"+q)
	}
	p.check(d)
	return matterCheckTmpl.Render(w, r, p)
}

func (s *Server) matterAnswer(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	p, d, err := s.matterAsk(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	var file *desk.FileFor
	switch {
	case p.Q == "who":
		if id := f.Choice("who", "给谁办", p.Wards); id != d.Person {
			d = desk.MatterDraft{Person: id, Answers: d.Answers}
		}
	case p.Q == "files":
		for _, x := range p.M.Asked() {
			st, err := s.upload(r, "file-"+x.ID)
			if err != nil {
				f.Bad("file-"+x.ID, "%s", fault.As(err).Say)
			} else if st != nil {
				if err := s.Desk.KeepDraft(r.Context(), who, p.M.ID, d, &desk.FileFor{Kind: x.ID, Stored: *st}); err != nil {
					return err
				}
			} else if !slices.Contains(d.Later, x.ID) {
				d.Later = append(d.Later, x.ID)
			}
		}
	default:
		v := f.Raw(p.F.ID)
		if p.F.Kind == "checks" {
			v = strings.Join(f.All(p.F.ID), ",")
		}
		if p.F.Kind == "day" {
			if day := f.Raw(p.F.ID); day != "" || !p.F.Optional {
				v = f.Day(p.F.ID, p.F.Label).String()
			}
		}
		if f.Err() == nil {
			if err := p.F.Judge(v); err != nil {
				f.Bad(p.F.ID, "%s", strings.TrimPrefix(fault.As(err).Say, p.F.Label+"："))
			}
		}
		p.Value, p.Chosen = v, f.All(p.F.ID)
		d.Answers[p.F.ID] = v
	}
	if err := f.Err(); err != nil {
		return matterAskTmpl.Again(w, r, p, err)
	}
	if err := s.Desk.KeepDraft(r.Context(), who, p.M.ID, d, file); err != nil {
		return matterAskTmpl.Again(w, r, p, err)
	}
	return s.matterStart(w, r)
}

func (s *Server) matterSend(w http.ResponseWriter, r *http.Request) error {
	r.SetPathValue("q", "check")
	who := ui.Actor(r)
	p, d, err := s.matterAsk(r)
	if err != nil {
		return err
	}
	if d.Person == "" || len(d.Answers) == 0 && len(p.M.Fields) > 0 {
		return ui.Redirect(w, r, "/case") // sent twice: the draft has become a case already
	}
	f := ui.ParseForm(r)
	in := desk.ApplyInput{Region: who.Region, Key: f.Once(), Matter: p.M.ID, Person: d.Person, Channel: desk.Online, Answers: d.Answers, Draft: true}
	if i := slices.IndexFunc(p.Wards, func(o ui.Option) bool { return o.Value == d.Person }); i >= 0 {
		in.Relation = strings.TrimPrefix(p.Wards[i].Hint, "您是")
	}
	rec, err := s.Desk.Apply(r.Context(), who, in)
	if err != nil {
		p.check(d)
		return matterCheckTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/case/"+rec.Number)
}
