package inst

import (
	"fmt"
	"net/http"
	"net/url"

	"yinling/internal/assess"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// appliesPage lists what the institution applied for (机构代办).
type appliesPage struct {
	ui.Page
	List  ui.Table
	Pager ui.Pager
}

// applyPage is the form for one resident.
type applyPage struct {
	ui.Page
	Places, Times, Subsidy []ui.Option
	Items                  []applyItem
	In                     applyInput
	No                     bool // the automatic checks said no
}

type applyInput struct {
	Name, IDNo, Relation, Place, Address, Since, Note string
	Times, Subsidy                                    []string
}

type applyItem struct{ ID, Name, Said string }

type appliedPage struct {
	ui.Page
	Done  *ui.Done
	Facts ui.Summary
	Hold  ui.Panel
}

var (
	appliesTmpl = ui.MustParse[appliesPage](ui.Inst, files, "assess/list.html")
	applyTmpl   = ui.MustParse[applyPage](ui.Inst, files, "assess/new.html")
	appliedTmpl = ui.MustParse[appliedPage](ui.Inst, files, "assess/one.html")
)

const appliesPerPage = 50

var abilities = []ui.Option{{Value: "independent", Label: "独立"}, {Value: "partial", Label: "部分独立"}, {Value: "dependent", Label: "依赖"}}

// Abilities are the columns of the self-screen, for the template.
func (p *applyPage) Abilities() []ui.Option {
	return append([]ui.Option{{Label: "请选"}}, abilities...)
}

func applyTone(st assess.State) string {
	switch st {
	case assess.StateEffective:
		return "ok"
	case assess.StateSupplement:
		return "hot"
	case assess.StateRefused, assess.StateBelow, assess.StateExpired:
		return "info"
	case assess.StateWithdrawn:
		return "mute"
	}
	return "wait"
}

func (s *Server) applies(w http.ResponseWriter, r *http.Request) error {
	before := r.URL.Query().Get("before")
	list, err := s.Assess.OfInstitution(r.Context(), ui.Actor(r), before, appliesPerPage+1)
	if err != nil {
		return err
	}
	p := &appliesPage{Page: ui.Page{Title: "申请评估"}, List: ui.Table{Caption: "本机构替老人提出的申请", Head: []string{"老人", "受理号", "种类", "哪天提出", "办到哪一步"},
		Empty: "还没有替老人申请过。"}}
	if len(list) > appliesPerPage {
		list = list[:appliesPerPage]
		p.Pager.Next = "/j/applies?before=" + url.QueryEscape(list[appliesPerPage-1].App.ID)
	}
	if before != "" {
		p.Pager.Prev = "/j/applies"
	}
	p.Pager.Say = fmt.Sprintf("这一页 %d 件", len(list))
	for _, x := range list {
		p.List.Rows = append(p.List.Rows, ui.Row{ID: x.App.ID, Cells: []any{ui.Two{First: x.Person.Name, Second: "尾号 " + x.Person.IDTail, Href: "/j/apply/" + x.App.ID},
			x.App.ID, x.App.Kind.Name(), ui.Instant(x.App.Created.UnixMilli()), ui.Chip{Tone: applyTone(x.App.State), Say: x.App.State.Name()}}})
	}
	return appliesTmpl.Render(w, r, p)
}

func (s *Server) applyPage(r *http.Request) (*applyPage, error) {
	p := &applyPage{Page: ui.Page{Title: "替老人申请评估", Back: "/j/applies", Nav: "/j/applies"}, In: applyInput{Relation: "入住机构", Place: "institution"},
		Places: []ui.Option{{Value: "institution", Label: "养老院或护理院"}, {Value: "home", Label: "自己家里"}, {Value: "child", Label: "子女或亲戚家里"}, {Value: "hospital", Label: "医院里"}},
		Times:  []ui.Option{{Value: "am", Label: "工作日上午"}, {Value: "pm", Label: "工作日下午"}, {Value: "weekend", Label: "周末"}, {Value: "any", Label: "都可以"}}}
	for _, x := range assess.Subsidies {
		p.Subsidy = append(p.Subsidy, ui.Option{Value: x.Key, Label: x.Name})
	}
	who := ui.Actor(r)
	inst, _, err := s.Insts.See(r.Context(), who.Region, who.Institution)
	if err != nil {
		return nil, err
	}
	p.In.Address = inst.District + inst.Address
	v, err := s.Packs.At(who.Region, ui.Today(r))
	if err != nil {
		return nil, err
	}
	for _, q := range assess.ScreenQuestions(v) {
		p.Items = append(p.Items, applyItem{ID: q.ID, Name: q.Name, Said: r.PostFormValue(q.ID)})
	}
	return p, nil
}

func (s *Server) applyNew(w http.ResponseWriter, r *http.Request) error {
	p, err := s.applyPage(r)
	if err != nil {
		return err
	}
	return applyTmpl.Render(w, r, p)
}

func (s *Server) applySend(w http.ResponseWriter, r *http.Request) error {
	p, err := s.applyPage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	p.In = applyInput{Name: f.Text("name", "老人的姓名"), IDNo: f.Digits("id", "老人的身份证号"), Relation: f.Text("relation", "机构和老人的关系"),
		Place: f.Choice("place", "现在住在哪里", p.Places), Address: f.Text("address", "上门地址"), Note: f.Text("note", ""), Times: f.All("times"), Subsidy: f.All("subsidy")}
	p.In.Since = f.Raw("since")
	told := assess.Told{Relation: p.In.Relation, Place: p.In.Place, Address: p.In.Address, Since: f.Month("since", "从哪个月起要人照顾"), Times: p.In.Times,
		Subsidy: p.In.Subsidy, Note: p.In.Note, Items: map[string]string{}}
	for _, it := range p.Items {
		told.Items[it.ID] = f.Choice(it.ID, "「"+it.Name+"」", abilities)
	}
	if !f.Ticked("consent") {
		f.Bad("consent", "请先征得老人或监护人同意，再勾上")
	}
	in := assess.ApplyInput{Region: who.Region, Key: f.Once(), Relation: p.In.Relation, Answers: told, Insist: f.Ticked("insist")}
	if err = f.Err(); err == nil { // a file is only kept for a form that is complete
		in.Files, err = s.evidence(r, "file")
	}
	var got assess.Receipt
	if err == nil {
		got, err = s.Assess.ApplyFor(r.Context(), who, p.In.IDNo, p.In.Name, in)
	}
	if err != nil {
		p.No = fault.Is(err, fault.Refused)
		return applyTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/j/apply/"+got.Number)
}

// evidence is the file that came with the form; none is no mistake.
func (s *Server) evidence(r *http.Request, field string) ([]desk.Stored, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File[field]) == 0 {
		return nil, nil
	}
	h := r.MultipartForm.File[field][0]
	in, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	st, err := s.Files.Save(ui.Actor(r).Region, h.Filename, in, ui.Now(r))
	if fault.Is(err, fault.Invalid) {
		return nil, fault.Field(field, "%s", fault.As(err).Say)
	}
	return []desk.Stored{st}, err
}

func (s *Server) applied(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	d, err := s.Assess.Detail(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	a := d.App
	p := &appliedPage{Page: ui.Page{Title: d.Person.Name + "的评估申请", Back: "/j/applies", Nav: "/j/applies"}}
	add := func(label string, v any) { p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: v}) }
	add("老人", d.Person.Name+"，尾号 "+d.Person.IDTail)
	add("受理号", a.ID)
	add("种类", a.Kind.Name())
	add("申请方式", d.Case.Channel.Name())
	add("办到哪一步", ui.Chip{Tone: applyTone(a.State), Say: a.State.Name()})
	switch a.State {
	case assess.StateApplied:
		p.Done = &ui.Done{Title: "申请交上去了", Number: a.ID, Say: []string{"请把受理号告诉老人和家属。经办机构会在 " + d.Case.Due.Chinese() + "前决定是否受理，材料不全会告诉您补什么。"}}
	case assess.StateSupplement:
		p.Hold = ui.Panel{Tone: "warn", Title: "要补材料", Say: a.MissingWhat + "。请在 " + a.SupplyBy.Chinese() + "前由老人或家属在网上补交，或送到窗口。"}
	}
	if !a.VisitOn.IsZero() {
		add("上门评估", a.VisitOn.Chinese())
	}
	if !a.ValidFrom.IsZero() {
		add("结论", a.FinalName)
		add("有效期", a.ValidFrom.Chinese()+"至"+a.ValidTo.Chinese())
	}
	return appliedTmpl.Render(w, r, p)
}
