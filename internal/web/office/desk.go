package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

var sorts = []ui.Option{{Value: desk.SortUrgent, Label: "重点人群在前"}, {Value: desk.SortDue, Label: "最急的在前"}, {Value: desk.SortNew, Label: "最近收件在前"}}

// deskQueue are applications for assessment, from acceptance to public notice.
func (s *Server) deskQueue() *queue {
	cmd := func(who audit.Actor, id string, version int64, key string) assess.Cmd {
		return assess.Cmd{Region: who.Region, ID: id, Version: version, Key: key}
	}
	plain := func(f func(context.Context, audit.Actor, assess.Cmd) error) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, _ map[string]string) error {
			return f(ctx, who, cmd(who, id, version, key))
		}
	}
	const drawn = "抽签抽出就算数，不能重来；要换人，到整件里写明原因再抽。"
	return &queue{Key: assess.Matter, Path: "/o/desk", Title: "失能评估申请", See: access.DeskSee,
		Params: []string{"stage", "district", "channel", "material", "priority", "sort", "q", "after"},
		list:   s.deskList, peek: s.deskPeek, Undo: desk.UndoCase,
		undo: func(ctx context.Context, who audit.Actor, id, key string) error {
			return s.Assess.Undo(ctx, who, cmd(who, id, 0, key))
		},
		Deeds: []*deed{
			{Key: "accept", Name: "受理", Done: "受理了", Letter: "A", Can: access.AssessAccept, Batch: "批量受理", AskOnly: true,
				Fields: []ui.Field{{Kind: "area", Name: "note", Label: "人工核对的情况"}},
				do: func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
					return s.Assess.Accept(ctx, who, cmd(who, id, version, key), in["note"])
				}},
			{Key: "supplement", Name: "补正", Done: "要求补材料了", Letter: "R", Tone: "line", Can: access.AssessAccept,
				Fields: []ui.Field{{Kind: "area", Name: "what", Label: "还差哪几样材料", Hint: "一次说全，几样之间用顿号隔开"}},
				do: func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
					return s.Assess.Supplement(ctx, who, cmd(who, id, version, key), in["what"])
				}},
			{Key: "refuse", Name: "不予", Done: "不予受理", Letter: "D", Tone: "stop", Can: access.AssessAccept,
				Fields: []ui.Field{{Kind: "choose", Name: "ground", Label: "哪一种情形", Options: options(assess.RefuseGrounds, func(k struct{ Key, Name string }) (string, string) { return k.Key, k.Name })},
					{Kind: "area", Name: "detail", Label: "怎样核实的"}},
				do: func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
					return s.Assess.Refuse(ctx, who, cmd(who, id, version, key), in["ground"], in["detail"])
				}},
			{Key: "draw", Name: "随机抽派", Done: "抽派了", Letter: "A", Can: access.AssessDraw, Batch: "批量抽派", Final: drawn, do: plain(s.Assess.Draw)},
			{Key: "publish", Name: "公示", Done: "公示了", Letter: "A", Can: access.AssessNotice, Batch: "批量公示",
				Final: "公示出去大家都看得见，不能撤回；有人提异议就转复评。", do: plain(s.Assess.Publish)},
			{Key: "deliver", Name: "送达", Done: "送达了", Letter: "R", Tone: "line", Can: access.AssessNotice, Final: "送达马上通知申请人，不能撤回。", do: plain(s.Assess.Deliver)},
			{Key: "effect", Name: "生效", Done: "生效了", Letter: "A", Can: access.AssessNotice, Final: "待遇马上开始，不能撤回。", do: plain(s.Assess.Effect)},
		}}
}

// batchOf is the batch act of a stage.
var batchOf = map[string]string{"accept": "accept", "draw": "draw", "publish": "publish"}

func (s *Server) deskList(r *http.Request, v url.Values, p *workPage) error {
	ctx, who, today := r.Context(), ui.Actor(r), ui.Today(r)
	q := p.Q
	if ui.Who(r).Can(access.DeskEnter) {
		p.Head = []ui.Link{{Href: "/o/desk/new", Label: "窗口代录", Icon: "pen"}}
	}
	stage := v.Get("stage")
	if !slices.ContainsFunc(assess.Stages, func(x assess.Stage) bool { return x.Key == stage }) {
		stage = assess.Stages[0].Key
	}
	v.Set("stage", stage)
	p.View = q.address(v)
	order := v.Get("sort")
	if order == "" {
		order = desk.SortUrgent
		if stage == "done" {
			order = desk.SortNew
		}
	}
	f := desk.Filter{Stage: stage, District: v.Get("district"), Channel: desk.Channel(v.Get("channel")),
		Material: v.Get("material"), Priority: v.Get("priority") != "", Sort: order, After: v.Get("after")}
	items, page, err := s.Assess.Worklist(ctx, who, f, v.Get("q"))
	if err != nil {
		return err
	}
	x, err := s.waiting(ctx, who.Region, ui.Now(r))
	if err != nil {
		return err
	}
	p.Tabs.Label = "办理环节"
	for _, st := range assess.Stages {
		n := -1
		if c, ok := x.all[st.Key]; ok {
			n = c
		}
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: q.address(v, "stage", st.Key, "after", "", "q", ""), Label: st.Name, N: n, Current: st.Key == stage && v.Get("q") == ""})
	}
	districts, err := s.districts(ctx, who.Region)
	if err != nil {
		return err
	}
	p.Filter = deskFilter(v, stage, order, districts)
	if v.Get("district")+v.Get("channel")+v.Get("material")+v.Get("priority")+v.Get("q") != "" {
		p.Reset = q.Path + "?stage=" + stage
	}
	pack, err := s.Packs.At(who.Region, today)
	if err != nil {
		return err
	}
	p.List = ui.Table{Caption: "失能评估申请", Head: []string{"申请人", "地区", "申请方式", "材料", "自动核验", "时限"}, Empty: "这里现在没有件。"}
	for _, it := range items {
		p.Items = append(p.Items, deskItem(it, pack.Calendar(), today, stage))
	}
	p.offer(r, batchOf[stage])
	p.Pager = ui.Pager{Say: "共 " + desk.CountText(page.Total) + " 件"}
	if page.Next != "" {
		p.Pager.Next = q.address(v, "after", page.Next)
	}
	if f.After != "" {
		p.Pager.Prev = q.address(v, "after", "")
	}
	return nil
}

func (s *Server) districts(ctx context.Context, region string) (out []string, err error) {
	all, err := s.Institution.Find(ctx, region, "", "", "")
	for _, i := range all {
		if i.District != "" {
			out = append(out, i.District)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), err
}

func deskFilter(v url.Values, stage, sort string, districts []string) ui.Filter {
	pick := func(name, label, none string, options []ui.Option) ui.Field {
		out := []ui.Option{}
		if none != "" {
			out = append(out, ui.Option{Label: none})
		}
		val := v.Get(name)
		if name == "sort" {
			val = sort
		}
		for _, o := range options {
			o.Checked = o.Value == val
			out = append(out, o)
		}
		return ui.Field{Name: name, Label: label, Options: out}
	}
	var areas, channels []ui.Option
	for _, d := range districts {
		areas = append(areas, ui.Option{Value: d, Label: d})
	}
	for _, c := range desk.Channels {
		channels = append(channels, ui.Option{Value: string(c), Label: c.Name()})
	}
	return ui.Filter{Action: "/o/desk", Keep: []ui.Option{{Value: "stage", Label: stage}},
		Fields: []ui.Field{pick("district", "地区", "全部地区", areas), pick("channel", "申请方式", "全部方式", channels),
			pick("material", "材料", "不限", []ui.Option{{Value: "complete", Label: "齐全"}, {Value: "missing", Label: "有缺"}}),
			pick("sort", "排序", "", sorts)},
		Ticks: []ui.Option{{Value: "priority", Label: "优先人群", Checked: v.Get("priority") != ""}}}
}

func deskItem(it assess.Entry, cal *day.Calendar, today day.Day, stage string) workItem {
	c := it.Case
	who := ui.Two{First: it.Person.Name, Second: fmt.Sprintf("%s · %d岁 · 尾号 %s", it.Person.Sex, it.Person.Age(today), it.Person.IDTail)}
	if c.Priority != "" {
		who.Chip = ui.Chip{Tone: "wait", Say: c.Priority}
	}
	paper := ui.Chip{Tone: "ok", Say: "齐全"}
	if c.Missing > 0 {
		paper = ui.Chip{Tone: "bad", Say: fmt.Sprintf("缺 %d 件", c.Missing)}
	}
	checks := ui.Chip{Tone: "ok", Say: fmt.Sprintf("%d/%d 通过", c.ChecksOK, c.ChecksAll)}
	if c.ChecksOK < c.ChecksAll {
		checks = ui.Chip{Tone: "hot", Say: fmt.Sprintf("%d/%d 待核", c.ChecksOK, c.ChecksAll)}
	}
	how := c.Channel.Name()
	if c.Relation != "" && c.Relation != "本人" {
		how += " · " + c.Relation
	}
	w := workItem{ID: c.ID, Name: it.Person.Name, Version: c.Version,
		Cells: []any{who, ui.Two{First: c.District, Second: it.Person.Community}, how, paper, checks, clockOf(c, cal, today)}}
	switch {
	case stage == "accept" && c.Missing > 0:
		w.Against = fmt.Sprintf("缺 %d 件材料", c.Missing)
	case stage == "accept" && c.ChecksOK < c.ChecksAll:
		w.Against = fmt.Sprintf("有 %d 项核验没有通过，要单独办", c.ChecksAll-c.ChecksOK)
	case stage == "publish" && it.Below != "":
		w.Against = "没有达到待遇等级，要单独送达"
	}
	return w
}

// clockOf is the bar of a case's limit, or the sentence why there is none.
func clockOf(c desk.Case, cal *day.Calendar, today day.Day) any {
	k, err := c.Clock(cal, today)
	if err != nil {
		return ui.Two{First: "时限待定", Second: fault.As(err).Say}
	}
	if c.DueDays == 0 || c.Status != desk.StatusOpen {
		return k.Say
	}
	return ui.SLAOf(int(k.Left), int(c.DueDays))
}

// deskPeek is an application beside the list.
func (s *Server) deskPeek(r *http.Request, id string) (*peek, error) {
	c, err := s.casePage(r, id)
	if err != nil {
		return nil, err
	}
	d := c.D
	k := &peek{Version: d.Case.Version, Name: d.Person.Name, Small: fmt.Sprintf("%s · %d\u2060岁 · %s", d.Person.Sex, d.Person.Age(ui.Today(r)), d.App.ID),
		Chips: []ui.Chip{c.Chip}, Checks: c.Checks, Ask: map[string]string{}}
	if clock, err := d.Case.Clock(d.View.Calendar(), ui.Today(r)); err == nil && d.Case.DueDays > 0 && d.Case.Status == desk.StatusOpen {
		k.Chips = append(k.Chips, ui.Chip{Tone: map[bool]string{true: "hot", false: "info"}[clock.Left <= 0], Say: clock.Say})
	}
	if d.Case.Priority != "" {
		k.Chips = append(k.Chips, ui.Chip{Tone: "wait", Say: d.Case.Priority + "优先"})
	}
	k.Facts = c.Brief()
	if d.App.FinalLevel >= 0 {
		k.Facts = append(k.Facts, ui.Fact{Label: "结论", Value: assess.LevelName(d.View, d.App.FinalLevel)})
	}
	if d.Notice.ID != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "公示", Value: "到" + d.Notice.Ends.Short()})
	}
	var texts []string
	for _, f := range k.Facts {
		if t, ok := f.Value.(string); ok {
			texts = append(texts, t)
		}
	}
	k.Watch = [][2]string{{"状态", d.App.State.Name()}, {"材料", fmt.Sprintf("缺 %d 件", d.Case.Missing)}, {"收到的材料", fmt.Sprintf("%d 份", len(d.Documents))},
		{"自动核验", fmt.Sprintf("%d/%d 通过", d.Case.ChecksOK, d.Case.ChecksAll)}, {"优先", orDash(d.Case.Priority)}, {"申请内容", strings.Join(texts, "，")}}
	for _, st := range d.Steps {
		k.Moments = append(k.Moments, change{st.At, st.ActorName, st.Say})
	}
	for act, may := range c.Can {
		if may {
			k.Allowed = append(k.Allowed, act)
		}
	}
	if d.Case.Missing > 0 { // nothing to accept yet
		k.Allowed = slices.DeleteFunc(k.Allowed, func(a string) bool { return a == "accept" })
	}
	if c.Failed {
		k.Ask["accept"] = "自动核验有没通过的，要受理请写怎样核对的。"
	}
	for _, l := range c.Why {
		l.Label, l.Tone = "看"+l.Label+"的原文和计算", ""
		k.Links = append(k.Links, l)
		break // the check that the decision rests on; the others stand in the whole case
	}
	k.Links = append(k.Links, ui.Link{Href: "/o/assess/" + d.App.ID, Label: "打开整件"})
	return k, nil
}
