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

// ratingPage shows how everybody is rated and the bad ratings that wait.
type ratingPage struct {
	ui.Page
	Tabs   ui.Tabs
	KPIs   ui.KPIs
	List   ui.Table
	Stands []ui.Table
	Low    []lowRating
}

// lowRating is a bad rating with its form.
type lowRating struct {
	outreach.Rating
	ScoreSay           string
	What, Whom, Action string
	Chip               ui.Chip
	Text               string
}

var ratingTmpl = ui.MustParse[ratingPage](ui.Office, files, "outreach/rating.html")

func ratingOf(x outreach.Rating) string {
	return map[string]string{"visit": "上门护理", "case": "办件", "voice": "投诉答复", "ticket": "大厅窗口"}[x.Kind]
}

func whom(x outreach.Rating) string {
	out := ""
	for _, s := range []string{x.InstName, x.StaffName, x.WindowName, x.DeskName} {
		if s != "" && out != "" {
			out += "，"
		}
		out += s
	}
	return out
}

func (s *Server) ratingPage(r *http.Request) (*ratingPage, error) {
	ctx, region, today := r.Context(), ui.Actor(r).Region, ui.Today(r)
	tab := r.URL.Query().Get("tab")
	if tab != "answered" && tab != "all" {
		tab = "low"
	}
	p := &ratingPage{Page: ui.Page{Title: "好差评", Nav: "/o/rating"}}
	xs, err := s.Outreach.Ratings(ctx, region, tab)
	if err != nil {
		return nil, err
	}
	p.Tabs.Label = "看哪些评价"
	for _, t := range [][2]string{{"low", "等答复的差评"}, {"answered", "答复过的差评"}, {"all", "最近的评价"}} {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: "/o/rating?tab=" + t[0], Label: t[1], N: -1, Current: t[0] == tab})
	}
	from := today.AddMonths(-12)
	stands, err := s.Outreach.Standings(ctx, region, from)
	if err != nil {
		return nil, err
	}
	var all, good, low int64
	for _, g := range []struct{ who, title string }{{"window", "按窗口"}, {"inst", "按机构"}, {"staff", "按护理员"}, {"desk", "按窗口人员"}, {"insurer", "按商保经办"}} {
		t := ui.Table{Title: g.title, Caption: g.title, Head: []string{"谁", "多少人评价", "满意", "满意率", "差评"}, Empty: "还没有人评价。"}
		for _, x := range stands {
			if x.Who != g.who {
				continue
			}
			if g.who != "staff" && g.who != "window" { // the others part all ratings among them
				all, good, low = all+x.N, good+x.Good, low+x.Low
			}
			t.Rows = append(t.Rows, ui.Row{Cells: []any{x.Name, fmt.Sprint(x.N), fmt.Sprint(x.Good), permille(x.Permille()), fmt.Sprint(x.Low)}})
		}
		p.Stands = append(p.Stands, t)
	}
	share := "—"
	if all > 0 {
		share = permille(good * 1000 / all)
	}
	p.KPIs.Items = []ui.KPI{{Label: "12 个月评价", Value: fmt.Sprint(all), Unit: "次"}, {Label: "满意率", Value: share, Note: fmt.Sprintf("%d 次评价里", all)}, {Label: "差评", Value: fmt.Sprint(low), Unit: "次", Hot: low > 0}}
	p.List = ui.Table{Caption: "评价", Head: []string{"评价", "哪件事", "评谁", "说了什么", "答复"}, Empty: "这里没有评价。"}
	for _, x := range xs {
		if tab == "low" {
			l := lowRating{Rating: x, ScoreSay: outreach.Scores[x.Score-1], What: ratingOf(x), Whom: whom(x), Action: "/o/rating/" + x.Kind + "/" + x.Object, Chip: ui.Chip{Tone: "mute", Say: "没有时限"}}
			if !x.Due.IsZero() {
				l.Chip = chipOf(today, x.Due)
			}
			p.Low = append(p.Low, l)
			continue
		}
		tone := map[bool]string{true: "ok", false: "mute"}[x.Score >= 4]
		if x.Low {
			tone = "bad"
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Chip{Tone: tone, Say: outreach.Scores[x.Score-1]}, ui.Two{First: ratingOf(x), Second: x.Day.Short()}, orDash(whom(x)), orDash(x.Words), ui.Two{First: orDash(x.Answer), Second: x.AnsweredBy}}})
	}
	return p, nil
}

func permille(n int64) string { return fmt.Sprintf("%d.%d%%", n/10, n%10) }

func (s *Server) ratings(w http.ResponseWriter, r *http.Request) error {
	p, err := s.ratingPage(r)
	if err != nil {
		return err
	}
	return ratingTmpl.Render(w, r, p)
}

func (s *Server) ratingAnswer(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	kind, id := r.PathValue("kind"), r.PathValue("id")
	_, err := s.Outreach.AnswerRating(r.Context(), who, who.Region, kind, id, f.Once(), f.Raw("text"))
	if err != nil {
		p, perr := s.ratingPage(r)
		if perr != nil {
			return perr
		}
		for i := range p.Low {
			if p.Low[i].Object == id {
				p.Low[i].Text = f.Raw("text")
			}
		}
		return ratingTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/rating?tab=answered")
}
