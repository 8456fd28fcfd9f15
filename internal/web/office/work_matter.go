package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/desk"
	"yinling/internal/web/ui"
)

// matterTabs are the tabs of the worklist: who has to do something.
var matterTabs = []ui.Option{{Value: "clerk", Label: "经办办"}, {Value: "reviewer", Label: "复核办"},
	{Value: "point", Label: "站点办"}, {Value: "institution", Label: "机构办"}, {Value: desk.StageWaiting, Label: "等申请人"}, {Value: desk.StageClosed, Label: "已办结"}}

// matterQueue are the cases that go by their pack's steps (事项办件).
func (s *Server) matterQueue() *queue {
	decide := func(verdict desk.Verdict) func(context.Context, audit.Actor, string, int64, string, map[string]string) error {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
			return s.Desk.Decide(ctx, who, desk.Cmd{Region: who.Region, ID: id, Version: version, Key: key}, verdict, in["note"], nil)
		}
	}
	note := func(label, hint string) []ui.Field {
		return []ui.Field{{Kind: "area", Name: "note", Label: label, Hint: hint}}
	}
	return &queue{Key: "matter", Path: "/o/matter", Title: "事项办件", See: access.DeskSee,
		Params: []string{"stage", "topic", "district", "channel", "material", "priority", "sort", "q", "after"}, list: s.matterList, peek: s.matterPeek, Undo: desk.UndoCase,
		undo: func(ctx context.Context, who audit.Actor, id, key string) error {
			return s.Desk.Undo(ctx, who, desk.Cmd{Region: who.Region, ID: id, Key: key})
		},
		Deeds: []*deed{
			{Key: "pass", Name: "通过", Done: "通过了", Letter: "A", Can: access.MatterAct, Batch: "批量通过", do: decide(desk.Pass)},
			{Key: "more", Name: "补正", Done: "要求补材料了", Letter: "R", Tone: "line", Can: access.MatterAct,
				Fields: note("还差哪几样材料", "一次说全，几样之间用顿号隔开"), do: decide(desk.More)},
			{Key: "refuse", Name: "不予", Done: "不予办理", Letter: "D", Tone: "stop", Can: access.MatterAct,
				Fields: note("为什么不能办", "当事人会看到这句话"), do: decide(desk.Refuse)},
		}}
}

func (s *Server) matterList(r *http.Request, v url.Values, p *workPage) error {
	ctx, who, today, q := r.Context(), ui.Actor(r), ui.Today(r), p.Q
	if ui.Who(r).Can(access.DeskEnter) {
		p.Head = []ui.Link{{Href: "/o/matter/new", Label: "窗口收件", Icon: "pen"}}
	}
	pack, err := s.Packs.At(who.Region, today)
	if err != nil {
		return err
	}
	stage := v.Get("stage")
	if stage == "" {
		if stage = "clerk"; who.Role == "reviewer" {
			stage = who.Role
		}
	}
	v.Set("stage", stage)
	p.View = q.address(v)
	p.Tabs.Label = "轮到谁办"
	for _, t := range matterTabs {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: q.address(v, "stage", t.Value, "after", "", "q", ""), Label: t.Label, N: -1, Current: t.Value == stage && v.Get("q") == ""})
	}
	districts, err := s.districts(ctx, who.Region)
	if err != nil {
		return err
	}
	order := v.Get("sort")
	if order == "" {
		if order = desk.SortUrgent; stage == desk.StageClosed {
			order = desk.SortNew
		}
	}
	p.Filter = deskFilter(v, stage, order, districts)
	p.Filter.Action = q.Path
	topic := ui.Field{Name: "topic", Label: "事项", Options: []ui.Option{{Label: "全部事项"}}}
	for _, m := range desk.Matters(pack) {
		if m.Opens == "" {
			topic.Options = append(topic.Options, ui.Option{Value: m.ID, Label: m.Name, Checked: m.ID == v.Get("topic")})
		}
	}
	p.Filter.Fields = append([]ui.Field{topic}, p.Filter.Fields...)
	if v.Get("topic")+v.Get("district")+v.Get("channel")+v.Get("material")+v.Get("priority")+v.Get("q") != "" {
		p.Reset = q.Path + "?stage=" + stage
	}
	f := desk.Filter{Region: who.Region, Matter: desk.MatterWord, Stage: stage, Topic: v.Get("topic"), District: v.Get("district"), Channel: desk.Channel(v.Get("channel")),
		Material: v.Get("material"), Priority: v.Get("priority") != "", Sort: order, After: v.Get("after")}
	if text := v.Get("q"); text != "" {
		if f.Number, err = desk.CleanNumber(text); err != nil {
			f.Number, f.Persons = "", []string{}
			found, err := s.Person.Search(ctx, who.Region, text, 50)
			if err != nil {
				return err
			}
			for _, x := range found {
				f.Persons = append(f.Persons, x.ID)
			}
		}
	}
	page, ways, err := s.Desk.WorkMatters(ctx, f)
	if err != nil {
		return err
	}
	p.List = ui.Table{Caption: "事项办件", Head: []string{"给谁", "事项", "地区", "方式", "材料", "时限"}, Empty: "这里现在没有件。"}
	soon := false
	for _, w := range ways {
		c := w.Case
		it := workItem{ID: c.ID, Name: w.Person.Name, Version: c.Version}
		if st, ok := w.Matter.Step(w.App.Step); ok && len(st.Asks) > 0 {
			it.Against = "要填" + st.Asks[0].Label + "，请单独办"
		}
		name := ui.Two{First: w.Person.Name, Second: fmt.Sprintf("%s · %d岁 · 尾号 %s", w.Person.Sex, w.Person.Age(today), w.Person.IDTail)}
		if c.Priority != "" {
			name.Chip = ui.Chip{Tone: "wait", Say: c.Priority}
		}
		paper := ui.Chip{Tone: "ok", Say: "齐全"}
		if c.Missing > 0 {
			paper = ui.Chip{Tone: "bad", Say: "有缺"}
		}
		soon = soon || it.Against == "" && atOnce(w)["pass"] != ""
		it.Cells = []any{name, w.Matter.Name, orDash(c.District), c.Channel.Name() + " · " + desk.ByName(w.App.By), paper, clockOf(c, pack.Calendar(), today)}
		p.Items = append(p.Items, it)
	}
	if stage != desk.StageWaiting && stage != desk.StageClosed {
		if p.offer(r, "pass"); p.Batch != nil && soon {
			p.Batch.Final = "马上生效的几件不能撤回，别的 10 分钟里可以。"
		}
	}
	p.Pager = ui.Pager{Say: "共 " + desk.CountText(page.Total) + " 件"}
	if page.Next != "" {
		p.Pager.Next = q.address(v, "after", page.Next)
	}
	if f.After != "" {
		p.Pager.Prev = q.address(v, "after", "")
	}
	return nil
}

func (s *Server) matterPeek(r *http.Request, id string) (*peek, error) {
	who := ui.Actor(r)
	w, err := s.Desk.Way(r.Context(), who, who.Region, id)
	if err != nil {
		return nil, err
	}
	c := w.Case
	k := &peek{Version: c.Version, Name: w.Person.Name, Small: w.Matter.Name, Chips: []ui.Chip{{Tone: statusTone(c.Status), Say: c.Status.Name()}},
		Links: []ui.Link{{Href: "/o/matter/case/" + id, Label: "打开整件"}}, Objects: []string{id}}
	for _, f := range w.Matter.Fields {
		if v := w.App.Answers[f.ID]; v != "" {
			k.Facts = append(k.Facts, ui.Fact{Label: f.Label, Value: f.Say(v)})
		}
	}
	for _, d := range w.Documents {
		k.Facts = append(k.Facts, ui.Fact{Label: "材料", Value: ui.Link{Href: "/o/matter/case/" + id + "/file/" + d.ID, Label: d.Name, Tone: "ghost"}})
	}
	if w.App.Consent != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "本人怎样同意", Value: w.App.Consent})
	}
	if len(w.Done) > 0 && w.App.Decision != "" {
		k.Links = append(k.Links, ui.Link{Href: "/o/why/" + w.App.Decision, Label: "收件的依据"})
	}
	k.Watch = [][2]string{{"状态", c.Status.Name()}, {"环节", orDash(w.App.Step)}}
	for _, st := range w.Done {
		k.Moments = append(k.Moments, change{At: st.At, Who: st.ActorName, Say: st.Say})
	}
	if st, ok := w.Matter.Step(w.App.Step); ok && st.Role.Does(who.Role) && c.Status == desk.StatusOpen {
		k.Chips, k.Final = append(k.Chips, ui.Chip{Tone: "info", Say: st.Name}), atOnce(w)
		if k.Allowed = []string{"more", "refuse"}; len(st.Asks) == 0 {
			k.Allowed = []string{"pass", "more", "refuse"}
		} else {
			k.Links = append([]ui.Link{{Href: "/o/matter/case/" + id + "#decide", Label: "去填" + st.Asks[0].Label}}, k.Links...)
		}
	}
	return k, nil
}

// atOnce says which decisions on a case take effect at once and why they cannot
// be taken back; desk.Decide keeps nothing of them.
func atOnce(w desk.Way) map[string]string {
	st, ok := w.Matter.Step(w.App.Step)
	if !ok {
		return nil
	}
	out := map[string]string{}
	_, more := w.Matter.After(st.ID)
	switch {
	case st.Act != "" || !more && w.Matter.Lasts != nil:
		out["pass"] = "通过了马上生效，不能撤回。"
	case !more && w.App.OtherRegion != "":
		out["pass"] = "结果马上送到那边，不能撤回。"
	}
	if w.App.OtherRegion != "" {
		out["refuse"] = "结果马上送到那边，不能撤回。"
	}
	return out
}

func statusTone(s desk.Status) string {
	return map[desk.Status]string{desk.StatusOpen: "wait", desk.StatusWaiting: "hot", desk.StatusDone: "ok", desk.StatusRefused: "bad", desk.StatusWithdrawn: "mute"}[s]
}
