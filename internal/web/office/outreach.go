package office

import (
	"fmt"
	"net/http"

	"yinling/internal/desk"
	"yinling/internal/institution"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// voiceNewPage is the clerk's form during a call or at the window: one page.
type voiceNewPage struct {
	ui.Page
	Q, Person                 string
	Found                     []ui.Option
	Kinds, Channels, Insts    []ui.Option
	Kind, Channel, Text, Name string
	Phone, Inst, Against      string
	Sides                     []ui.Option
	Anonymous                 bool
	Done                      ui.Done
	Code                      string
}

var voiceNewTmpl = ui.MustParse[voiceNewPage](ui.Office, files, "outreach/voice_new.html")

func (s *Server) voiceNewPage(r *http.Request) (*voiceNewPage, []institution.Institution, error) {
	f := ui.ParseForm(r)
	p := &voiceNewPage{Page: ui.Page{Title: "登记投诉、咨询、建议", Back: "/o/voice", Nav: "/o/voice"}, Q: f.Raw("q"), Person: f.Raw("person"), Kind: f.Raw("kind"), Channel: f.Raw("channel"),
		Text: f.Raw("text"), Name: f.Raw("name"), Phone: f.Raw("phone"), Inst: f.Raw("inst"), Against: f.Raw("against"), Anonymous: f.Ticked("anonymous"),
		Channels: []ui.Option{{Value: string(desk.Phone), Label: "电话"}, {Value: string(desk.Window), Label: "窗口"}, {Value: string(desk.Doorstep), Label: "上门时"}},
		Sides:    []ui.Option{{Label: "没有指明"}, {Value: "staff", Label: "护理员"}, {Value: "institution", Label: "护理机构"}, {Value: "office", Label: "医保窗口或经办人员"}, {Value: "insurer", Label: "商保经办"}}}
	if p.Channel == "" {
		p.Channel = string(desk.Phone)
	}
	for _, k := range outreach.Kinds {
		p.Kinds = append(p.Kinds, ui.Option{Value: k.ID, Label: k.Name})
	}
	insts, err := s.Institution.Find(r.Context(), ui.Actor(r).Region, "", "", "")
	if err != nil {
		return nil, nil, err
	}
	p.Insts = []ui.Option{{Label: "没有指明"}}
	for _, i := range insts {
		p.Insts = append(p.Insts, ui.Option{Value: i.ID, Label: i.Name})
	}
	if p.Q != "" {
		found, err := s.Person.Search(r.Context(), ui.Actor(r).Region, p.Q, 20)
		if err != nil {
			return nil, nil, err
		}
		for _, x := range found {
			p.Found = append(p.Found, personOption(x, r))
		}
		if len(found) == 0 {
			p.Problems = []ui.Problem{{Field: "q", Say: "名册里没有找到。没有参保的，直接在下面写称呼和电话。"}}
		}
	}
	return p, insts, nil
}

func (s *Server) voiceNew(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.voiceNewPage(r)
	if err != nil {
		return err
	}
	return voiceNewTmpl.Render(w, r, p)
}

func (s *Server) voiceEnter(w http.ResponseWriter, r *http.Request) error {
	p, insts, err := s.voiceNewPage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	in := outreach.Said{Kind: f.Choice("kind", "种类", p.Kinds), Text: f.Text("text", "说了什么"), Channel: desk.Channel(f.Choice("channel", "怎么来的", p.Channels)), Person: p.Person,
		Name: p.Name, Phone: f.Digits("phone", ""), Anonymous: p.Anonymous, Against: p.Against}
	for _, i := range insts {
		if i.ID == p.Inst {
			in.AgainstInst, in.AgainstName = i.ID, i.Name
			if in.Against == "" {
				in.Against = "institution"
			}
		}
	}
	err = f.Err()
	var out outreach.Receipt
	if err == nil {
		out, err = s.Outreach.Speak(r.Context(), who, who.Region, f.Once(), in)
	}
	if err != nil {
		return voiceNewTmpl.Again(w, r, p, err)
	}
	p.Code = out.Code
	p.Done = ui.Done{Title: "登记了", Number: out.Number, Say: []string{fmt.Sprintf("%d 个工作日内受理，受理后 %d 个工作日内答复。", out.Accept, out.Answer)},
		Acts: []ui.Link{{Href: "/o/voice?stage=received&see=" + out.Number, Label: "打开这件"}, {Href: "/o/voice/new", Label: "再登记一件", Tone: "line"}}}
	return voiceNewTmpl.Render(w, r, p)
}
