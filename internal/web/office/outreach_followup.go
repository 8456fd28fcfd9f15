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
