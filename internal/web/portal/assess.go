package portal

import (
	"fmt"
	"net/http"
	"slices"

	"yinling/internal/assess"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// question is one page of the application, in the order of the road.
type question struct{ key, title string }

var questions = []question{
	{"who", "给谁申请护理？"}, {"place", "老人现在住在哪里？"}, {"items", "哪些事自己做不了？"},
	{"since", "这样有多久了？"}, {"record", "有病历或诊断证明吗？"}, {"times", "哪些时候方便上门？"},
}

type applyPage struct {
	ui.Page
	N, Of     int
	Q         string
	Draft     assess.Draft
	Docs      []desk.Document
	Wards     []ui.Option
	Chosen    string // of them
	Places    []ui.Option
	Items     []ui.Option // what one may not be able to do oneself
	Cannot    []string    // of them, or nothing
	Since     []ui.Option
	SinceSaid string
	Record    []ui.Option
	RecordIs  string
	Times     []ui.Option
	Name      string
	Saved     string // until when the draft is kept
	Below     bool   // the self-screen does not reach the threshold
}

var (
	applyTmpl = ui.MustParse[applyPage](ui.Portal, files, "assess/question.html")
	checkTmpl = ui.MustParse[checkPage](ui.Portal, files, "assess/check.html")
	sentTmpl  = ui.MustParse[sentPage](ui.Portal, files, "assess/sent.html")
)

// assessStart leads to the first question that has no answer yet.
func (s *Server) assessStart(w http.ResponseWriter, r *http.Request) error {
	d, docs, _, err := s.Assess.Draft(r.Context(), ui.Actor(r))
	if err != nil {
		return err
	}
	return ui.Redirect(w, r, "/assess/apply/"+unanswered(d, docs))
}

func unanswered(d assess.Draft, docs []desk.Document) string {
	switch {
	case d.Person == "":
		return "who"
	case d.Told.Place == "":
		return "place"
	case len(d.Told.Items) == 0:
		return "items"
	case d.Told.Since == 0:
		return "since"
	case !d.Later && len(docs) == 0:
		return "record"
	case len(d.Told.Times) == 0:
		return "times"
	}
	return "check"
}

func (s *Server) applyPage(r *http.Request, key string) (*applyPage, error) {
	i := slices.IndexFunc(questions, func(q question) bool { return q.key == key })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "没有这个问题，请从头开始。")
	}
	who := ui.Actor(r)
	d, docs, at, err := s.Assess.Draft(r.Context(), who)
	if err != nil {
		return nil, err
	}
	p := &applyPage{Page: ui.Page{Title: questions[i].title, Back: "/"}, N: i + 1, Of: len(questions), Q: key, Draft: d, Docs: docs,
		Places: places, Since: sinceOptions, Record: recordOptions, Times: timeOptions}
	if i > 0 {
		p.Back = "/assess/apply/" + questions[i-1].key
	}
	if !at.IsZero() {
		p.Saved = day.FromTime(at.Add(desk.KeepDraft)).Chinese()
	}
	wards, err := s.Assess.Wards(r.Context(), who)
	if err != nil {
		return nil, err
	}
	for _, x := range wards {
		o := ui.Option{Value: x.Person.ID, Label: x.Person.Name, Hint: x.Relation}
		switch {
		case x.Open != "":
			o.Hint += "，已有一件在办"
		case !x.Act:
			o.Hint += "，您现在只能看，不能替办"
		}
		if x.Relation == "本人" {
			o.Label = "我自己（" + x.Person.Name + "）"
		} else {
			o.Hint = "您是" + o.Hint
		}
		p.Wards = append(p.Wards, o)
		if x.Person.ID == d.Person {
			p.Name = x.Person.Name
			if p.Draft.Told.Address == "" {
				if p.Draft.Told.Address = x.Person.District + x.Person.Community + x.Person.Address; key == "place" && p.Draft.Told.Address != "" && p.Draft.Told.Place == "" {
					p.Draft.Told.Place = "home" // what the register says; the person puts it right
				}
			}
		}
	}
	if p.Chosen = d.Person; p.Chosen == "" && len(wards) == 1 && wards[0].Open == "" {
		p.Chosen = wards[0].Person.ID // nobody else can be meant
	}
	v, err := s.Packs.At(who.Region, ui.Today(r))
	if err != nil {
		return nil, err
	}
	for _, q := range assess.ScreenQuestions(v) {
		name := plainNames[q.ID]
		if name == "" {
			name = q.Name
		}
		p.Items = append(p.Items, ui.Option{Value: q.ID, Label: name})
		if d.Told.Items[q.ID] == "dependent" {
			p.Cannot = append(p.Cannot, q.ID)
		}
	}
	if p.Items = append(p.Items, ui.Option{Value: nothing, Label: "都能自己做"}); len(d.Told.Items) > 0 && len(p.Cannot) == 0 {
		p.Cannot = []string{nothing}
	}
	if d.Told.Since != 0 {
		p.SinceSaid = sinceSaid(int(ui.Today(r).Month() - d.Told.Since))
	}
	if d.Later {
		p.RecordIs = "later"
	} else if len(docs) > 0 {
		p.RecordIs = "now"
	}
	return p, nil
}

func sinceSaid(months int) string {
	said := "3"
	for _, o := range sinceOptions {
		var n int
		fmt.Sscan(o.Value, &n)
		if months >= n {
			said = o.Value
		}
	}
	return said
}

func (s *Server) assessQuestion(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("q") == "check" {
		return s.assessCheck(w, r)
	}
	p, err := s.applyPage(r, r.PathValue("q"))
	if err != nil {
		return err
	}
	return applyTmpl.Render(w, r, p)
}

// assessAnswer keeps one answer and goes to the next question, or back to the
// check when all are answered.
func (s *Server) assessAnswer(w http.ResponseWriter, r *http.Request) error {
	who, key := ui.Actor(r), r.PathValue("q")
	p, err := s.applyPage(r, key)
	if err != nil {
		return err
	}
	f, d := ui.ParseForm(r), &p.Draft
	var file *desk.Stored
	switch key {
	case "who":
		if id := f.Choice("who", "给谁申请", p.Wards); id != d.Person {
			*d = assess.Draft{Person: id}
		}
	case "place":
		d.Told.Place, d.Told.Address = f.Choice("place", "现在住在哪里", places), f.Text("address", "上门的地址")
	case "items":
		p.Cannot = slices.DeleteFunc(f.All("items"), func(v string) bool { return !isOption(p.Items, v) })
		switch {
		case len(p.Cannot) == 0:
			f.Bad("items", "请选一样；样样都能做就选“都能自己做”")
		case len(p.Cannot) > 1 && slices.Contains(p.Cannot, nothing):
			f.Bad("items", "您选了做不了的事，又选了“都能自己做”。请去掉一样")
		}
		d.Told.Items = able(p.Items, p.Cannot)
	case "since":
		var months int
		fmt.Sscan(f.Choice("since", "有多久了", sinceOptions), &months)
		d.Told.Since = ui.Today(r).Month() - day.Month(months)
	case "record":
		p.RecordIs = f.Choice("record", "有还是以后补", recordOptions)
		d.Later = p.RecordIs == "later"
		if file, err = s.upload(r, "file"); err != nil {
			f.Bad("file", "%s", fault.As(err).Say)
		} else if p.RecordIs == "now" && file == nil && len(p.Docs) == 0 {
			f.Bad("file", "请拍照或选文件；手边没有就选“以后补”")
		}
		if file != nil {
			d.Later = false
		}
	case "times":
		d.Told.Times = slices.DeleteFunc(f.All("times"), func(v string) bool {
			return !slices.ContainsFunc(timeOptions, func(o ui.Option) bool { return o.Value == v })
		})
		if len(d.Told.Times) == 0 {
			f.Bad("times", "请至少选一个方便的时候")
		}
	}
	if err := f.Err(); err != nil {
		return applyTmpl.Again(w, r, p, err)
	}
	if err := s.Assess.SaveDraft(r.Context(), who, *d, file); err != nil {
		return applyTmpl.Again(w, r, p, err)
	}
	return s.assessStart(w, r)
}

// upload saves the file of a form field to disk; nil when none was chosen.
func (s *Server) upload(r *http.Request, field string) (*desk.Stored, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File[field]) == 0 {
		return nil, nil
	}
	h := r.MultipartForm.File[field][0]
	in, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	st, err := s.Assess.Files.Save(ui.Actor(r).Region, h.Filename, in, ui.Now(r))
	if err != nil {
		return nil, err
	}
	return &st, nil
}

// Progress is how far the questions have gone, for the template.
func (p *applyPage) Progress() ui.Steps {
	return ui.Steps{Total: p.Of, Now: p.N, Say: fmt.Sprintf("第 %d 题，共 %d 题", p.N, p.Of)}
}
