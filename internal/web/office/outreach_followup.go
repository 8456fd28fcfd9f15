package office

import (
	"fmt"
	"net/http"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// followPage is the call list (回访): who to call, what to say, what came of it.
type followPage struct {
	ui.Page
	Tabs  ui.Tabs
	KPIs  ui.KPIs
	Calls []followCall
	List  ui.Table
	Draws ui.Table
	May   bool
	Score []ui.Option
	Yes   []ui.Option
	Bad   string // the call whose form came back
	In    outreach.Call
	InYes string
	InSc  string
}

type followCall struct {
	outreach.FollowUp
	Phone, KindName, Action string
	Chips                   []ui.Chip
}

var followTmpl = ui.MustParse[followPage](ui.Office, files, "outreach/followup.html")

func (s *Server) followPage(r *http.Request) (*followPage, error) {
	ctx, who := r.Context(), ui.Actor(r)
	state := r.URL.Query().Get("state")
	if state != "done" && state != "lost" {
		state = "open"
	}
	xs, phones, err := s.Outreach.FollowUps(ctx, who.Region, state)
	if err != nil {
		return nil, err
	}
	draws, counts, err := s.Outreach.Draws(ctx, who.Region)
	if err != nil {
		return nil, err
	}
	p := &followPage{Page: ui.Page{Title: "回访", Nav: "/o/followup"}, May: ui.Who(r).Can(access.VoiceAct),
		Yes: []ui.Option{{Value: "yes", Label: "来了，和记录一样"}, {Value: "no", Label: "没来，或和记录不一样"}}}
	for i := len(outreach.Scores); i >= 1; i-- {
		p.Score = append(p.Score, ui.Option{Value: fmt.Sprint(i), Label: outreach.Scores[i-1]})
	}
	p.Tabs.Label = "按状态看"
	for _, t := range [][2]string{{"open", "待回访"}, {"done", "回访了"}, {"lost", "打不通"}} {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: "/o/followup?state=" + t[0], Label: t[1], N: int(counts[t[0]]), Current: t[0] == state})
	}
	total := counts["open"] + counts["done"] + counts["lost"]
	p.KPIs.Items = []ui.KPI{{Label: "抽到", Value: fmt.Sprint(total), Unit: "件"}, {Label: "还没打", Value: fmt.Sprint(counts["open"]), Unit: "件", Hot: counts["open"] > 0}, {Label: "回访了", Value: fmt.Sprint(counts["done"]), Unit: "件"}, {Label: "打不通", Value: fmt.Sprint(counts["lost"]), Unit: "件"}}
	p.List = ui.Table{Caption: "回访", Head: []string{"谁", "哪件事", "结果", "说了什么", "谁打的"}, Empty: "这里没有回访。"}
	for _, x := range xs {
		if state == "open" {
			c := followCall{FollowUp: x, Phone: phones[x.Person], KindName: outreach.FollowName(x.Kind), Action: "/o/followup/" + x.Kind + "/" + x.Object}
			if x.Key {
				c.Chips = append(c.Chips, ui.Chip{Tone: "hot", Say: "重点人群"})
			}
			if x.Tries > 0 {
				c.Chips = append(c.Chips, ui.Chip{Tone: "wait", Say: fmt.Sprintf("打过 %d 次，%s再打", x.Tries, x.Again.Short())})
			}
			p.Calls = append(p.Calls, c)
			continue
		}
		res := any(ui.Chip{Tone: "mute", Say: fmt.Sprintf("打了 %d 次没有人接", x.Tries)})
		if x.State == "done" {
			tone := "ok"
			if x.Score <= 2 || !x.Came {
				tone = "bad"
			}
			say := outreach.Scores[x.Score-1]
			if !x.Came {
				say += "，和记录不一样"
			}
			res = ui.Chip{Tone: tone, Say: say}
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{x.Name, ui.Two{First: outreach.FollowName(x.Kind), Second: x.What}, res, orDash(x.Words), ui.Two{First: x.CallerName, Second: x.Day.Short()}}})
	}
	p.Draws = ui.Table{Title: "每周怎么抽的", Caption: "回访抽样", Head: []string{"哪一周", "抽什么", "重点人群", "其余", "抽到", "种子", "依据"}, Empty: "星期一凌晨抽上一周的。"}
	for _, d := range draws {
		week := d.Week
		if on, err := day.Parse(d.Week); err == nil {
			week = on.Short() + "起"
		}
		p.Draws.Rows = append(p.Draws.Rows, ui.Row{Cells: []any{week, outreach.FollowName(d.Kind), fmt.Sprint(d.Key), fmt.Sprint(d.Other), fmt.Sprint(d.Took), fmt.Sprint(d.Seed), ui.Link{Href: "/o/why/" + d.Decision + "?back=/o/followup", Label: "看条款", Tone: "ghost"}}})
	}
	if len(p.Calls) > 0 {
		if err := audit.Seen(ctx, s.Log, who, who.Region, "outreach.calls", "followup"); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (s *Server) followUps(w http.ResponseWriter, r *http.Request) error {
	p, err := s.followPage(r)
	if err != nil {
		return err
	}
	return followTmpl.Render(w, r, p)
}

func (s *Server) followCalled(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	in := outreach.Call{Reached: f.Raw("reached") != "no", Again: f.Day("again", ""), Came: f.Raw("came") == "yes", Score: f.Int("score", "", 0, 5), Words: f.Text("words", "")}
	if in.Reached && f.Raw("came") == "" {
		f.Bad("came", "请选服务来了没有")
	}
	err := f.Err()
	if err == nil {
		_, err = s.Outreach.Called(r.Context(), who, who.Region, r.PathValue("kind"), r.PathValue("id"), f.Once(), in)
	}
	if err != nil {
		p, perr := s.followPage(r)
		if perr != nil {
			return perr
		}
		p.Bad, p.In, p.InYes, p.InSc = r.PathValue("id"), in, f.Raw("came"), f.Raw("score")
		return followTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/followup")
}

// briefPage are briefings and the knowledge rate (宣讲, 政策知晓率).
type briefPage struct {
	ui.Page
	KPIs      ui.KPIs
	Rate      ui.LineChart
	Places    ui.Bars
	List      ui.Table
	Audiences []ui.Option
	Channels  []ui.Option
	Districts []ui.Option
	Questions []surveyQuestion
	In        outreach.Briefing
	Day       string
	People    string
	May       bool
	HasRate   bool
	Channel   string
	District  string
	Said      string
}

type surveyQuestion struct {
	ID, Text, Chosen string
	Options          []ui.Option
}

var briefTmpl = ui.MustParse[briefPage](ui.Office, files, "outreach/briefing.html")

func (s *Server) briefPage(r *http.Request) (*briefPage, error) {
	ctx, region, today, f := r.Context(), ui.Actor(r).Region, ui.Today(r), ui.ParseForm(r)
	p := &briefPage{Page: ui.Page{Title: "宣讲和知晓率", Nav: "/o/briefing"}, May: ui.Who(r).Can(access.VoiceAct), Channel: f.Raw("channel"), District: f.Raw("district")}
	from := today.AddMonths(-12)
	xs, err := s.Outreach.Briefings(ctx, region, from)
	if err != nil {
		return nil, err
	}
	var people int64
	p.List = ui.Table{Title: "讲过的", Caption: "宣讲", Head: []string{"哪天", "讲什么", "在哪里", "多少人", "问了什么"}, Empty: "一年里还没有宣讲。"}
	for _, x := range xs {
		people += x.People
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{x.Day.Short(), ui.Two{First: x.Title, Second: x.Speaker + "讲，听的是" + outreach.AudienceName(x.Audience)}, ui.Two{First: x.Place, Second: x.District}, fmt.Sprint(x.People), orDash(x.Questions)}})
	}
	months, places, err := s.Outreach.KnowRates(ctx, region, from.Month())
	if err != nil {
		return nil, err
	}
	var n, knows int64
	line := ui.LineChart{Title: "政策知晓率", Unit: "%，按月", Series: []ui.Series{{Name: "知晓率", Tone: "pine"}}}
	for _, m := range months {
		mon, err := day.ParseMonth(m.Name)
		if err != nil {
			return nil, err
		}
		_, mm, _ := mon.First().Date()
		line.X = append(line.X, fmt.Sprintf("%d月", mm))
		line.Series[0].Y = append(line.Series[0].Y, m.Percent())
		n, knows = n+m.N, knows+m.Knows
	}
	line.Say = fmt.Sprintf("12 个月问了 %d 人，%d 人知晓。", n, knows)
	p.Rate, p.HasRate = line, len(months) > 0
	p.Places = ui.Bars{Title: "各区县的知晓率", Unit: "%", Say: "后面写着问了多少人。"}
	for _, x := range places {
		p.Places.Items = append(p.Places.Items, ui.Bar{Name: orDash(x.Name), Tone: "pine", N: x.Percent(), Text: fmt.Sprintf("%d%%（%d 人）", x.Percent(), x.N)})
	}
	share := "—"
	if n > 0 {
		share = fmt.Sprint((knows*100 + n/2) / n)
	}
	p.KPIs.Items = []ui.KPI{{Label: "12 个月宣讲", Value: fmt.Sprint(len(xs)), Unit: "场"}, {Label: "听讲", Value: fmt.Sprint(people), Unit: "人次"}, {Label: "知晓率", Value: share, Unit: "%", Note: fmt.Sprintf("问了 %d 人", n)}}
	for _, a := range outreach.Audiences {
		p.Audiences = append(p.Audiences, ui.Option{Value: a.ID, Label: a.Name})
	}
	for _, c := range outreach.SurveyChannels[:2] {
		p.Channels = append(p.Channels, ui.Option{Value: c.ID, Label: c.Name})
	}
	districts, err := s.Person.Districts(ctx, region)
	if err != nil {
		return nil, err
	}
	for _, d := range districts {
		p.Districts = append(p.Districts, ui.Option{Value: d, Label: d})
	}
	for _, q := range s.Outreach.Questions(region, today) {
		sq := surveyQuestion{ID: q.ID, Text: q.Text, Chosen: f.Raw(q.ID)}
		for i, o := range q.Options {
			sq.Options = append(sq.Options, ui.Option{Value: fmt.Sprint(i + 1), Label: o})
		}
		p.Questions = append(p.Questions, sq)
	}
	if r.URL.Query().Get("said") != "" {
		p.Said = "记下了一份答卷。"
	}
	return p, nil
}

func (s *Server) briefings(w http.ResponseWriter, r *http.Request) error {
	p, err := s.briefPage(r)
	if err != nil {
		return err
	}
	return briefTmpl.Render(w, r, p)
}

func (s *Server) briefEnter(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	x := outreach.Briefing{Title: f.Raw("title"), Place: f.Raw("place"), District: f.Raw("district"), Day: f.Day("day", "哪一天"), Audience: f.Raw("audience"), Speaker: f.Raw("speaker"), People: f.Int("people", "到了多少人", 1, 100000), Questions: f.Text("questions", "")}
	err := f.Err()
	if err == nil {
		_, err = s.Outreach.Brief(r.Context(), who, who.Region, f.Once(), x)
	}
	if err != nil {
		p, perr := s.briefPage(r)
		if perr != nil {
			return perr
		}
		p.In, p.Day, p.People = x, f.Raw("day"), f.Raw("people")
		return briefTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/briefing")
}

func (s *Server) surveyEnter(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	in := outreach.SurveySheet{Channel: f.Raw("channel"), District: f.Raw("district"), Chosen: map[string]int64{}}
	if in.Channel != "phone" {
		in.Channel = "paper"
	}
	for _, q := range s.Outreach.Questions(who.Region, ui.Today(r)) {
		in.Chosen[q.ID] = f.Int(q.ID, "", 0, 20)
	}
	err := f.Err()
	if err == nil {
		_, err = s.Outreach.Surveyed(r.Context(), who, who.Region, f.Once(), in)
	}
	if err != nil {
		p, perr := s.briefPage(r)
		if perr != nil {
			return perr
		}
		return briefTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/briefing?said=1")
}
