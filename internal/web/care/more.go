package care

import (
	"fmt"
	"net/http"
	"slices"

	"yinling/internal/care"
	"yinling/internal/web/ui"
)

var (
	proofTmpl = ui.MustParse[visitPage](ui.Care, files, "visit/proof.html")
	moreTmpl  = ui.MustParse[visitPage](ui.Care, files, "visit/more.html")
)

// Addable are the items of the catalogue that the visit does not have yet.
func (p *visitPage) Addable() (out []ui.Option) {
	for _, it := range p.catalogue {
		if !slices.ContainsFunc(p.X.Items, func(x care.SightItem) bool { return x.Code == it.Code }) {
			out = append(out, ui.Option{Value: it.Code, Label: it.Name})
		}
	}
	return out
}

// more adds an item that the plan does not have, with the reason. What was
// noted before stays.
func (s *Server) more(w http.ResponseWriter, r *http.Request) error {
	p, err := s.sight(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	add := care.DoneItem{Item: f.Choice("item", "加哪一项", p.Addable()), Minutes: f.Int("minutes", "做了几分钟", 1, 600)}
	e := care.Event{Kind: "items", Note: f.Text("note", "为什么加这一项")}
	for _, it := range p.X.Items {
		if it.Done >= 0 {
			e.Items = append(e.Items, care.DoneItem{Item: it.Code, Minutes: it.Done})
		}
	}
	e.Items = append(e.Items, add)
	return s.act(w, r, moreTmpl, "", f, nil, e)
}

type unplannedPage struct {
	ui.Page
	Name        string
	Own, Others []ui.Option
	Plan, Note  string
	Whys        []ui.Option
}

var unplannedTmpl = ui.MustParse[unplannedPage](ui.Care, files, "visit/unplanned.html")

func (s *Server) unplannedPage(r *http.Request, name string) (*unplannedPage, error) {
	who := ui.Actor(r)
	own, others, err := s.Care.Serving(r.Context(), who, who.Region, name, ui.Today(r), 50)
	if err != nil {
		return nil, err
	}
	p := &unplannedPage{Page: ui.Page{Title: "临时上门", Back: "/v/", Nav: "/v/"}, Name: name, Whys: whys}
	list := func(rows []care.PlanRow) (out []ui.Option) {
		for _, x := range rows {
			out = append(out, ui.Option{Value: x.ID, Label: x.Who.Name, Hint: x.Who.Community + x.Who.Address})
		}
		return out
	}
	p.Own, p.Others = list(own), list(others)
	return p, nil
}

// All are the choices of the page.
func (p *unplannedPage) All() []ui.Option { return slices.Concat(p.Own, p.Others) }

// unplanned asks to whom and why a worker goes without a visit in the plan.
func (s *Server) unplanned(w http.ResponseWriter, r *http.Request) error {
	p, err := s.unplannedPage(r, ui.ParseForm(r).Raw("name"))
	if err != nil {
		return err
	}
	return unplannedTmpl.Render(w, r, p)
}

func (s *Server) begin(w http.ResponseWriter, r *http.Request) error {
	f := ui.ParseForm(r)
	p, err := s.unplannedPage(r, f.Raw("name"))
	if err != nil {
		return err
	}
	p.Plan, p.Note = f.Choice("plan", "去谁家", p.All()), f.Text("note", "为什么临时上门")
	var v care.Visit
	if err = f.Err(); err == nil {
		who := ui.Actor(r)
		v, err = s.Care.Unplanned(r.Context(), who, who.Region, f.Once(), care.Event{Plan: p.Plan, Note: p.Note, Place: place(f)})
	}
	if err != nil {
		return unplannedTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/v/visit/"+v.ID)
}

type mePage struct {
	ui.Page
	Work    care.Work
	Worker  bool
	Facts   ui.Summary
	License ui.Chip
}

var meTmpl = ui.MustParse[mePage](ui.Care, files, "visit/me.html")

// me is the worker's own page: hours of the month, what comes, certificate,
// what was deducted, and the settings of this phone.
func (s *Server) me(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	p := &mePage{Page: ui.Page{Title: "我的"}, Worker: who.Role == "care_worker"}
	if !p.Worker {
		return meTmpl.Render(w, r, p)
	}
	on := ui.Today(r)
	x, err := s.Care.MyWork(r.Context(), who, who.Region, on)
	if err != nil {
		return err
	}
	p.Work = x
	add := func(label string, v any) { p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: v}) }
	add("机构", x.Institute.Name)
	add("岗位", x.Staff.Role.Name())
	add(on.Month().Chinese()+"做完", fmt.Sprintf("%d 次，共 %s", x.Visits, care.Hours(x.Minutes)))
	if x.Troubles > 0 {
		add("没做成", fmt.Sprintf("%d 次", x.Troubles))
	}
	p.License = ui.Chip{Tone: "mute", Say: "没有登记到期日"}
	if until := x.Staff.LicenseUntil; !until.IsZero() {
		p.License = ui.Chip{Tone: "ok", Say: until.Chinese() + "到期"}
		switch left := int(until - on); {
		case left < 0:
			p.License = ui.Chip{Tone: "bad", Say: until.Chinese() + "已经到期"}
		case left <= 60:
			p.License = ui.Chip{Tone: "hot", Say: fmt.Sprintf("还有 %d 天到期", left)}
		}
	}
	add("证书", p.License)
	if x.Fit != "" {
		add("上岗", ui.Chip{Tone: "bad", Say: x.Fit})
	}
	return meTmpl.Render(w, r, p)
}
