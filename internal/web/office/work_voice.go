package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// voiceQueue are complaints, questions and suggestions (投诉、咨询、建议).
func (s *Server) voiceQueue() *queue {
	finding := ui.Field{Kind: "choose", Name: "finding", Label: "核实结果", Options: options(outreach.Findings, func(k struct{ ID, Name string }) (string, string) { return k.ID, k.Name })}
	return &queue{Key: outreach.Matter, Path: "/o/voice", Title: "投诉和建议", See: access.VoiceSee, Params: []string{"stage", "kind"}, list: s.voiceList, peek: s.voicePeek,
		Undo: desk.UndoCase,
		undo: func(ctx context.Context, who audit.Actor, id, key string) error {
			return s.Outreach.UndoVoice(ctx, who, who.Region, id, key)
		},
		Deeds: []*deed{
			{Key: "take", Name: "受理", Done: "受理了，由您办", Letter: "A", Can: access.VoiceAct, Batch: "批量受理",
				do: func(ctx context.Context, who audit.Actor, id string, version int64, key string, _ map[string]string) error {
					_, err := s.Outreach.Take(ctx, who, who.Region, id, key, version, access.RoleOf(who.Role).Allows(access.VoiceLead))
					return err
				}},
			{Key: "ask", Name: "请机构说明", Done: "请机构说明了", Letter: "R", Tone: "line", Can: access.VoiceAct, AskOnly: true, Final: "机构马上看到，不能撤回；机构看不到是谁提的。",
				Fields: []ui.Field{{Kind: "text", Name: "inst", Label: "哪家机构", Hint: "按机构库里的名称"}},
				do: func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
					i, err := s.institutionNamed(ctx, who.Region, in["inst"])
					if err == nil {
						_, err = s.Outreach.Ask(ctx, who, who.Region, id, key, version, i.ID, i.Name)
					}
					return err
				}},
			{Key: "answer", Name: "答复", Done: "答复了", Letter: "D", Can: access.VoiceAct,
				Fields: []ui.Field{finding, {Kind: "area", Name: "text", Label: "答复", Hint: "查到了什么、怎样处理，本人会看到", Rows: 4},
					{Kind: "text", Name: "improve", Label: "要改进的事（可以不填）"}, {Kind: "text", Name: "owner", Label: "改进由谁负责（可以不填）"}},
				do: func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
					_, err := s.Outreach.AnswerVoice(ctx, who, who.Region, id, key, version, outreach.Reply{Finding: in["finding"], Text: in["text"], Improve: in["improve"], Owner: in["owner"]})
					return err
				}},
		}}
}

// institutionNamed finds the one institution of a name; none for an empty name.
func (s *Server) institutionNamed(ctx context.Context, region, name string) (i institution.Institution, err error) {
	if name = strings.TrimSpace(name); name == "" {
		return i, nil
	}
	all, err := s.Institution.Find(ctx, region, "", "", "")
	if err != nil {
		return i, err
	}
	n := 0
	for _, x := range all {
		if x.Name == name {
			return x, nil
		}
		if strings.Contains(x.Name, name) {
			i, n = x, n+1
		}
	}
	if n != 1 {
		return institution.Institution{}, fault.Field("inst", "机构库里没有找到（或不止一家）叫“%s”的，请写全名", name)
	}
	return i, nil
}

// concerned is whom a voice concerns: the institution's name, and what it is.
func concerned(x outreach.Voice) ui.Two {
	if x.AgainstName == "" {
		return ui.Two{First: outreach.AgainstName(x.Against)}
	}
	return ui.Two{First: x.AgainstName, Second: outreach.AgainstName(x.Against)}
}

var voiceTabs = []string{outreach.Received, outreach.Handling, "late", outreach.Answered, outreach.Done}

func (s *Server) voiceList(r *http.Request, v url.Values, p *workPage) error {
	ctx, who, today := r.Context(), ui.Actor(r), ui.Today(r)
	if ui.Who(r).Can(access.VoiceAct) {
		p.Head = []ui.Link{{Href: "/o/voice/new", Label: "电话和窗口登记", Icon: "pen"}}
	}
	stage := v.Get("stage")
	if outreach.StageName(stage) == "" && stage != "late" {
		stage = outreach.Received
	}
	v.Set("stage", stage)
	p.View = p.Q.address(v)
	counts, err := s.Outreach.VoiceCounts(ctx, who.Region)
	if err != nil {
		return err
	}
	p.Tabs.Label = "办理环节"
	for _, t := range voiceTabs {
		name := outreach.StageName(t)
		if t == "late" {
			name = "督办"
		}
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: p.Q.address(v, "stage", t), Label: name, N: counts[t], Current: t == stage})
	}
	kinds := []ui.Option{{Label: "全部"}}
	for _, k := range outreach.Kinds {
		kinds = append(kinds, ui.Option{Value: k.ID, Label: k.Name, Checked: k.ID == v.Get("kind")})
	}
	p.Filter = ui.Filter{Action: p.Q.Path, Fields: []ui.Field{{Name: "kind", Label: "种类", Value: v.Get("kind"), Options: kinds}}, Button: "筛选", Keep: []ui.Option{{Value: "stage", Label: stage}}}
	xs, err := s.Outreach.Voices(ctx, who.Region, stage, v.Get("kind"), 200)
	if err != nil {
		return err
	}
	p.List = ui.Table{Caption: "投诉和建议", Head: []string{"提出人", "种类", "说的是谁", "内容", "时限"}, Empty: "这里现在没有件。"}
	for _, x := range xs {
		name := x.Name
		if x.Anonymous {
			name = "不留名"
		}
		it := workItem{ID: x.ID, Name: name, Version: x.Version}
		var due any = "—"
		switch {
		case x.Late && (x.Stage == outreach.Received || x.Stage == outreach.Handling):
			due = ui.Chip{Tone: "bad", Say: "超期，督办"}
		case !x.Due.IsZero():
			due = chipOf(today, x.Due)
		case !x.Answered.IsZero():
			due = x.Answered.Short() + "答复"
		}
		it.Cells = []any{ui.Two{First: name, Second: x.Channel.Name() + " " + x.ID}, outreach.KindName(x.Kind), concerned(x), x.Brief(), due}
		p.Items = append(p.Items, it)
	}
	if stage == outreach.Received {
		p.offer(r, "take")
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 件", len(xs))}
	return nil
}

func (s *Server) voicePeek(r *http.Request, id string) (*peek, error) {
	who := ui.Actor(r)
	x, err := s.Outreach.See(r.Context(), who.Region, id)
	if err != nil {
		return nil, err
	}
	if err := audit.Seen(r.Context(), s.Log, who, who.Region, "outreach.see", id); err != nil {
		return nil, err
	}
	name := x.Name
	if x.Anonymous {
		name = "不留名"
	}
	k := &peek{Version: x.Case.Version, Name: name, Small: outreach.KindName(x.Kind) + " · " + x.Channel.Name(), Chips: []ui.Chip{{Tone: "info", Say: outreach.StageName(x.Stage)}}, Ask: map[string]string{}, Objects: []string{id}}
	if x.Late && x.Answered.IsZero() {
		k.Chips = append(k.Chips, ui.Chip{Tone: "bad", Say: "超期，督办"})
	}
	k.Facts = []ui.Fact{{Label: "说了什么", Value: x.Say}, {Label: "说的是谁", Value: strings.Trim(x.AgainstName+" "+outreach.AgainstName(x.Against), " ")}}
	if x.Phone != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "电话", Value: x.Phone})
	}
	if !x.Due.IsZero() {
		k.Facts = append(k.Facts, ui.Fact{Label: "时限", Value: x.Due})
	}
	if x.HandlerName != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "谁在办", Value: x.HandlerName})
	}
	if !x.Asked.IsZero() {
		say := x.Asked.Short() + "请机构说明，还没有回"
		if x.Explanation != "" {
			say = x.Explanation + "（" + x.Explained.Short() + "）"
		}
		k.Facts = append(k.Facts, ui.Fact{Label: "机构的说明", Value: say})
	}
	if x.Answer != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "核实结果", Value: outreach.FindingName(x.Finding)}, ui.Fact{Label: "答复", Value: x.Answer + "（" + x.Answered.Short() + "）"})
	}
	for _, d := range x.Files {
		k.Facts = append(k.Facts, ui.Fact{Label: "交来的照片", Value: ui.Link{Href: "/o/voice/" + id + "/file/" + d.ID, Label: d.Name, Tone: "ghost"}})
	}
	for _, d := range x.Done {
		say := d.Title + "，" + d.Owner + "负责"
		if d.State != "open" {
			say = d.Title + "：" + d.Result
		}
		k.Facts = append(k.Facts, ui.Fact{Label: "改进", Value: ui.Link{Href: "/o/improve?state=" + d.State, Label: say, Tone: "ghost"}})
	}
	road := ui.Timeline{}
	for _, st := range x.Steps {
		m := ui.Moment{State: "done", Title: st.Say, Who: st.ActorName, When: ui.Instant(st.At.UnixMilli())}
		if st.Decision != "" {
			m.Link = ui.Link{Href: "/o/why/" + st.Decision + "?back=" + url.QueryEscape("/o/voice"), Label: "依据"}
		}
		road.Items = append(road.Items, m)
	}
	k.More = []any{road}
	k.Links = []ui.Link{{Href: "/o/why/" + x.Decision + "?back=" + url.QueryEscape("/o/voice"), Label: "时限的依据"}}
	if x.Stage == outreach.Answered || x.Stage == outreach.Done {
		k.Links = append(k.Links, ui.Link{Href: "/o/voice/" + id + "/paper", Label: "打印答复书"})
	}
	k.Watch = [][2]string{{"环节", outreach.StageName(x.Stage)}, {"谁在办", orDash(x.HandlerName)}, {"机构的说明", orDash(x.Explanation)}, {"答复", orDash(x.Answer)}}
	switch x.Stage {
	case outreach.Received:
		k.Allowed = []string{"take"}
	case outreach.Handling:
		if x.Handler == who.ID {
			k.Allowed = []string{"answer"}
			if x.Asked.IsZero() {
				k.Allowed = append(k.Allowed, "ask")
				if x.AgainstInst == "" {
					k.Ask["ask"] = "提出的人没有说是哪家机构"
				}
			}
		} else if x.Late && ui.Who(r).Can(access.VoiceLead) {
			k.Allowed = []string{"take"}
		}
	}
	return k, nil
}

// voicePaper is the answer on one sheet of A4.
func (s *Server) voicePaper(w http.ResponseWriter, r *http.Request) error {
	x, err := s.Outreach.See(r.Context(), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/o/voice", x.Sheet())
}

// voiceFile shows a file that came with a voice.
func (s *Server) voiceFile(w http.ResponseWriter, r *http.Request) error {
	who, id := ui.Actor(r), r.PathValue("id")
	x, err := s.Outreach.See(r.Context(), who.Region, id)
	if err != nil {
		return err
	}
	if err := audit.Seen(r.Context(), s.Log, who, who.Region, "outreach.see", id); err != nil {
		return err
	}
	return s.sendFile(w, r, x.Files, r.PathValue("doc"))
}
