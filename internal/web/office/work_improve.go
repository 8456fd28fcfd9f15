package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// improveQueue is what is to be done better (改进事项).
func (s *Server) improveQueue() *queue {
	end := func(state, said string) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
			_, err := s.Outreach.CloseImprove(ctx, who, who.Region, id, key, state, said+in["result"], version)
			return err
		}
	}
	return &queue{Key: "improve", Path: "/o/improve", Title: "改进事项", See: access.VoiceSee, Params: []string{"state", "source"}, list: s.improveList, peek: s.improvePeek,
		Undo: outreach.UndoImproveWord,
		undo: func(ctx context.Context, who audit.Actor, id, key string) error {
			return s.Outreach.UndoImprove(ctx, who, who.Region, id, key)
		},
		Deeds: []*deed{
			{Key: "done", Name: "改好了", Done: "记下了：改好了", Letter: "A", Can: access.VoiceAct, Batch: "批量记改好了", do: end("done", "已经改好。")},
			{Key: "other", Name: "改好了，写做法", Done: "记下了：改好了", Letter: "R", Tone: "line", Can: access.VoiceAct, do: end("done", ""),
				Fields: []ui.Field{{Kind: "area", Name: "result", Label: "做了什么", Hint: "看板和投诉的件上都看得到"}}},
			{Key: "drop", Name: "不改", Done: "记下了：不改", Letter: "D", Tone: "stop", Can: access.VoiceAct, do: end("dropped", ""),
				Fields: []ui.Field{{Kind: "area", Name: "result", Label: "为什么不改"}}},
		}}
}

var improveSources = []string{"voice", "rating", "followup", "survey", "briefing", "office"}

func (s *Server) improveList(r *http.Request, v url.Values, p *workPage) error {
	q, state := p.Q, v.Get("state")
	if state != "done" && state != "dropped" {
		state = "open"
	}
	v.Set("state", state)
	p.View = q.address(v)
	if ui.Who(r).Can(access.VoiceAct) {
		p.Head = []ui.Link{{Href: "/o/improve/new", Label: "加一件", Icon: "pen"}}
	}
	xs, counts, err := s.Outreach.Improves(r.Context(), ui.Actor(r).Region, state, v.Get("source"))
	if err != nil {
		return err
	}
	n, from := map[string]int64{}, map[string]int64{}
	var late int64
	for _, c := range counts {
		n[c.State] += c.N
		from[c.Source] += c.N
		if c.State == "open" {
			late += c.Late
		}
	}
	if late > 0 {
		p.Say = fmt.Sprintf("有 %d 件过了日期还没改好，请先办。", late)
	}
	p.Tabs.Label = "按状态看"
	for _, t := range outreach.ImproveStates {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: q.address(v, "state", t.ID), Label: t.Name, N: int(n[t.ID]), Current: t.ID == state})
	}
	sources := []ui.Option{{Label: "全部"}}
	bars := ui.Bars{Title: "从哪里来", Unit: "件", Say: "投诉、差评、回访、调查里发现的，都在这里改。"}
	for _, id := range improveSources {
		sources = append(sources, ui.Option{Value: id, Label: outreach.SourceName(id), Checked: id == v.Get("source")})
		if from[id] > 0 {
			bars.Items = append(bars.Items, ui.Bar{Name: outreach.SourceName(id), Tone: "pine", N: from[id]})
		}
	}
	p.filter(v, ui.Field{Name: "source", Label: "从哪里来", Options: sources})
	p.List = ui.Table{Caption: "改进事项", Head: []string{"要改进什么", "从哪里来", "谁负责", "日期"}, Empty: "这里没有事项。"}
	for _, x := range xs {
		p.Items = append(p.Items, workItem{ID: x.ID, Name: x.Title, Version: x.Version,
			Cells: []any{ui.Two{First: x.Title, Second: x.What}, outreach.SourceName(x.Source), x.Owner, improveChip(x, r)}})
	}
	if state == "open" {
		p.offer(r, "done")
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 件", len(xs))}
	if len(bars.Items) > 0 {
		p.Extra = append(p.Extra, bars)
	}
	return nil
}

func improveChip(x outreach.Improve, r *http.Request) ui.Chip {
	switch {
	case x.State == "dropped":
		return ui.Chip{Tone: "mute", Say: x.Closed.Short() + "，不改"}
	case x.State == "done":
		return ui.Chip{Tone: "ok", Say: x.Closed.Short() + "改好"}
	case x.Due.IsZero():
		return ui.Chip{Tone: "mute", Say: "没有定日期"}
	}
	return chipOf(ui.Today(r), x.Due)
}

func (s *Server) improvePeek(r *http.Request, id string) (*peek, error) {
	x, err := s.Outreach.OneImprove(r.Context(), ui.Actor(r).Region, id)
	if err != nil {
		return nil, err
	}
	k := &peek{Version: x.Version, Name: x.Title, Small: outreach.SourceName(x.Source), Chips: []ui.Chip{improveChip(x, r)}, Objects: []string{id},
		Facts: []ui.Fact{{Label: "谁负责", Value: x.Owner}}, Watch: [][2]string{{"状态", improveChip(x, r).Say}, {"做了什么", orDash(x.Result)}}}
	if x.What != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "怎么发现的", Value: x.What})
	}
	if x.Result != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "做了什么，或为什么不改", Value: x.Result})
	}
	switch x.Source {
	case "voice":
		k.Links = append(k.Links, ui.Link{Href: "/o/voice?see=" + url.QueryEscape(x.Object), Label: "看投诉建议"})
	case "followup":
		k.Links = append(k.Links, ui.Link{Href: "/o/followup?state=done&see=" + url.QueryEscape(x.Object), Label: "看回访"})
	}
	if x.State == "open" {
		k.Allowed = []string{"done", "other", "drop"}
	}
	return k, nil
}

// improveNew notes something to improve that somebody at work has seen.
type improveNew struct {
	ui.Page
	What, Owner, Due string
}

var improveNewTmpl = ui.MustParse[improveNew](ui.Office, files, "outreach/improve_new.html")

func (s *Server) improveForm(w http.ResponseWriter, r *http.Request) error {
	return improveNewTmpl.Render(w, r, &improveNew{Page: ui.Page{Title: "加一件改进事项", Back: "/o/improve", Nav: "/o/improve"}})
}

func (s *Server) improveEnter(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p := &improveNew{Page: ui.Page{Title: "加一件改进事项", Back: "/o/improve", Nav: "/o/improve"}, What: f.Raw("title"), Owner: f.Raw("owner"), Due: f.Raw("due")}
	x := outreach.Improve{Source: "office", Title: f.Text("title", "要改进什么"), Owner: f.Text("owner", "由谁负责"), Due: f.Day("due", "")}
	err := f.Err()
	if err == nil {
		x, err = s.Outreach.Improve(r.Context(), who, who.Region, f.Once(), x)
	}
	if err != nil {
		return improveNewTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/improve?state=open&see="+x.ID+"#"+anchor(x.ID))
}
