package office

import (
	"fmt"
	"net/http"

	"yinling/internal/assess"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/web/ui"
)

// newPage is the window's long form (窗口代录): one page for the keyboard.
type newPage struct {
	ui.Page
	Q        string // how the person is looked up
	Found    []ui.Option
	Person   string
	Channels []ui.Option
	Kinds    []ui.Option
	Places   []ui.Option
	Items    []newItem
	Times    []ui.Option
	Subsidy  []ui.Option
	In       newInput
	No       bool // the automatic checks said no
}

type newInput struct {
	Channel, Kind, Relation, Place, Address, Since, Note string
	Times, Subsidy                                       []string
}

type newItem struct{ ID, Name, Said string }

var newTmpl = ui.MustParse[newPage](ui.Office, files, "desk/new.html")

var abilities = []ui.Option{{Value: "independent", Label: "独立"}, {Value: "partial", Label: "部分独立"}, {Value: "dependent", Label: "依赖"}}

// Abilities are the columns of the self-screen, for the template.
func (p *newPage) Abilities() []ui.Option {
	return append([]ui.Option{{Label: "请选"}}, abilities...)
}

func (s *Server) newPage(r *http.Request) (*newPage, error) {
	p := &newPage{Page: ui.Page{Title: "窗口代录", Back: "/o/desk", Nav: "/o/desk"}, Q: r.FormValue("q"), Person: r.FormValue("person"),
		Channels: []ui.Option{}, In: newInput{Channel: string(desk.Window), Kind: string(assess.First), Relation: "本人", Place: "home"},
		Kinds:  []ui.Option{{Value: "first", Label: "首次评估"}, {Value: "renew", Label: "到期前重新评估"}, {Value: "change", Label: "状态变化复评"}},
		Places: []ui.Option{{Value: "home", Label: "自己家里"}, {Value: "child", Label: "子女或亲戚家里"}, {Value: "institution", Label: "养老院或护理院"}, {Value: "hospital", Label: "医院里"}},
		Times:  []ui.Option{{Value: "am", Label: "工作日上午"}, {Value: "pm", Label: "工作日下午"}, {Value: "weekend", Label: "周末"}, {Value: "any", Label: "都可以"}}}
	for _, c := range desk.Channels {
		if c != desk.Online {
			p.Channels = append(p.Channels, ui.Option{Value: string(c), Label: c.Name()})
		}
	}
	for _, x := range assess.Subsidies {
		p.Subsidy = append(p.Subsidy, ui.Option{Value: x.Key, Label: x.Name})
	}
	v, err := s.Packs.At(ui.Actor(r).Region, ui.Today(r))
	if err != nil {
		return nil, err
	}
	for _, q := range assess.ScreenQuestions(v) {
		p.Items = append(p.Items, newItem{ID: q.ID, Name: q.Name, Said: r.FormValue(q.ID)})
	}
	if p.Q != "" {
		found, err := s.Person.Search(r.Context(), ui.Actor(r).Region, p.Q, 20)
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			p.Found = append(p.Found, personOption(x, r))
		}
		if len(found) == 1 && p.Person == "" {
			p.Person = found[0].ID
		}
		if len(found) == 0 {
			p.Problems = []ui.Problem{{Field: "q", Say: "名册里没有找到。请核对姓名和证件号，或先到“名册导入”里加上。"}}
		}
	}
	return p, nil
}

func personOption(x person.Person, r *http.Request) ui.Option {
	return ui.Option{Value: x.ID, Label: x.Name, Hint: fmt.Sprintf("%s · %d 岁 · 尾号 %s · %s", x.Sex, x.Age(ui.Today(r)), x.IDTail, x.District)}
}

func (s *Server) deskNew(w http.ResponseWriter, r *http.Request) error {
	p, err := s.newPage(r)
	if err != nil {
		return err
	}
	return newTmpl.Render(w, r, p)
}

func (s *Server) deskEnter(w http.ResponseWriter, r *http.Request) error {
	p, err := s.newPage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	p.In = newInput{Channel: f.Choice("channel", "申请方式", p.Channels), Kind: f.Choice("kind", "评估种类", p.Kinds), Relation: f.Text("relation", "申请人和参保人的关系"),
		Place: f.Choice("place", "现在住在哪里", p.Places), Address: f.Text("address", "上门地址"), Note: f.Text("note", ""), Times: f.All("times"), Subsidy: f.All("subsidy")}
	since := f.Month("since", "从哪个月起要人照顾")
	p.In.Since = since.String()
	told := assess.Told{Relation: p.In.Relation, Place: p.In.Place, Address: p.In.Address, Since: since, Times: p.In.Times, Subsidy: p.In.Subsidy,
		Note: p.In.Note, Items: map[string]string{}}
	for _, it := range p.Items {
		told.Items[it.ID] = f.Choice(it.ID, "「"+it.Name+"」", abilities)
	}
	if p.Person == "" {
		f.Bad("q", "请先查到参保人")
	}
	in := assess.ApplyInput{Region: who.Region, Key: f.Once(), Person: p.Person, Kind: assess.Kind(p.In.Kind), Channel: desk.Channel(p.In.Channel),
		Relation: p.In.Relation, Answers: told, Insist: f.Ticked("insist")}
	st, err := s.upload(r, "file")
	if err != nil {
		f.Bad("file", "%s", fault.As(err).Say)
	} else if st != nil {
		in.Files = []desk.Stored{*st}
	}
	err = f.Err()
	var got assess.Receipt
	if err == nil {
		got, err = s.Assess.Apply(r.Context(), who, in)
	}
	if err != nil {
		p.No = fault.Is(err, fault.Refused)
		return newTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/assess/"+got.Number)
}
