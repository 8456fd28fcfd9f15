package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// followQueue are the calls drawn by sample (回访): whether the service came and
// how it was.
func (s *Server) followQueue() *queue {
	called := func(in func(map[string]string) (outreach.Call, error)) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, form map[string]string) error {
			c, err := in(form)
			if err == nil {
				c.Version = version
				kind, object, _ := strings.Cut(id, "/")
				_, err = s.Outreach.Called(ctx, who, who.Region, kind, object, key, c)
			}
			return err
		}
	}
	scores := []ui.Option{}
	for i := len(outreach.Scores); i >= 1; i-- {
		scores = append(scores, ui.Option{Value: strconv.Itoa(i), Label: outreach.Scores[i-1]})
	}
	return &queue{Key: "followup", Path: "/o/followup", Title: "回访", See: access.VoiceSee, Params: []string{"state", "kind"}, list: s.followList, peek: s.followPeek,
		Undo: outreach.UndoFollowWord,
		undo: func(ctx context.Context, who audit.Actor, id, key string) error {
			kind, object, _ := strings.Cut(id, "/")
			return s.Outreach.UndoCalled(ctx, who, who.Region, kind, object, key)
		},
		Deeds: []*deed{
			{Key: "fine", Name: "来了，满意", Done: "记下了：来了，满意", Letter: "A", Can: access.VoiceAct,
				do: called(func(map[string]string) (outreach.Call, error) {
					return outreach.Call{Reached: true, Came: true, Score: 4}, nil
				})},
			{Key: "said", Name: "别的结果", Done: "记下了", Letter: "R", Tone: "line", Can: access.VoiceAct,
				Fields: []ui.Field{{Kind: "choose", Name: "came", Label: "来了没有", Options: []ui.Option{{Value: "yes", Label: "来了，和记录一样"}, {Value: "no", Label: "没来，或和记录不一样"}}},
					{Kind: "choose", Name: "score", Label: "满意吗", Options: scores}, {Kind: "area", Name: "words", Label: "说了什么（可以不填）"}},
				do: called(func(in map[string]string) (c outreach.Call, err error) {
					c = outreach.Call{Reached: true, Came: in["came"] == "yes", Words: in["words"]}
					if in["came"] == "" {
						return c, fault.Field("came", "请选服务来了没有")
					}
					c.Score, _ = strconv.ParseInt(in["score"], 10, 64)
					return c, nil
				})},
			{Key: "miss", Name: "没有人接", Done: "记下了，明天再打", Letter: "D", Tone: "line", Can: access.VoiceAct, Batch: "批量记没有人接",
				do: called(func(map[string]string) (outreach.Call, error) { return outreach.Call{}, nil })},
		}}
}

var followStates = []ui.Option{{Value: "open", Label: "待回访"}, {Value: "done", Label: "回访了"}, {Value: "lost", Label: "打不通"}}

// followScript is what the clerk says; it protects people from those who only
// say that they call from the agency.
const followScript = "先说：我是医保局的，工号在 12393 可以查；只问服务，不问密码和验证码，也不收钱。再问：上一周的这件事，来了没有，做得和记录一样吗？满意不满意，还有什么要我们改的？最后说：有事打 12393。"

func (s *Server) followList(r *http.Request, v url.Values, p *workPage) error {
	ctx, who, q := r.Context(), ui.Actor(r), p.Q
	state := v.Get("state")
	if state != "done" && state != "lost" {
		state = "open"
	}
	v.Set("state", state)
	p.View = q.address(v)
	xs, err := s.Outreach.FollowUps(ctx, who.Region, state, v.Get("kind"))
	if err != nil {
		return err
	}
	draws, counts, err := s.Outreach.Draws(ctx, who.Region)
	if err != nil {
		return err
	}
	p.Tabs.Label = "按状态看"
	for _, t := range followStates {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: q.address(v, "state", t.Value), Label: t.Label, N: int(counts[t.Value]), Current: t.Value == state})
	}
	kinds := []ui.Option{{Label: "全部"}}
	for _, k := range outreach.FollowKinds {
		kinds = append(kinds, ui.Option{Value: k.ID, Label: k.Name, Checked: k.ID == v.Get("kind")})
	}
	p.filter(v, ui.Field{Name: "kind", Label: "哪一类", Options: kinds})
	p.List = ui.Table{Caption: "回访", Head: []string{"谁", "哪件事", "结果"}, Empty: "这里没有回访。"}
	if state != "open" {
		p.List.Head = append(p.List.Head, "说了什么", "谁打的")
	}
	for _, x := range xs {
		name := ui.Two{First: x.Name, Second: outreach.FollowName(x.Kind)}
		if x.Key {
			name.Chip = ui.Chip{Tone: "hot", Say: "重点人群"}
		}
		it := workItem{ID: x.Kind + "/" + x.Object, Name: x.Name, Version: x.Version, Cells: []any{name, x.What, followResult(x)}}
		if state != "open" {
			it.Cells = append(it.Cells, orDash(x.Words), ui.Two{First: orDash(x.CallerName), Second: shortOrNone(x.Day)})
		}
		p.Items = append(p.Items, it)
	}
	if state == "open" {
		p.offer(r, "miss")
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 件", len(xs))}
	t := ui.Table{Title: "每周怎么抽的", Caption: "回访抽样", Head: []string{"哪一周", "抽什么", "重点人群", "其余", "抽到", "种子", "依据"}, Empty: "星期一凌晨抽上一周的。"}
	for _, d := range draws {
		week := d.Week
		if on, err := day.Parse(d.Week); err == nil {
			week = on.Short() + "起"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []any{week, outreach.FollowName(d.Kind), fmt.Sprint(d.Key), fmt.Sprint(d.Other), fmt.Sprint(d.Took), fmt.Sprint(d.Seed),
			ui.Link{Href: "/o/why/" + d.Decision + "?back=/o/followup", Label: "看条款", Tone: "ghost"}}})
	}
	p.Extra = append(p.Extra, t)
	return nil
}

func shortOrNone(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return d.Short()
}

func followResult(x outreach.FollowUp) ui.Chip {
	switch {
	case x.State == "lost":
		return ui.Chip{Tone: "mute", Say: fmt.Sprintf("打了 %d 次没有人接", x.Tries)}
	case x.State == "done" && !x.Came:
		return ui.Chip{Tone: "bad", Say: outreach.Scores[x.Score-1] + "，和记录不一样"}
	case x.State == "done" && x.Score <= 2:
		return ui.Chip{Tone: "bad", Say: outreach.Scores[x.Score-1]}
	case x.State == "done":
		return ui.Chip{Tone: "ok", Say: outreach.Scores[x.Score-1]}
	case x.Tries > 0:
		return ui.Chip{Tone: "wait", Say: fmt.Sprintf("打过 %d 次，%s再打", x.Tries, x.Again.Short())}
	}
	return ui.Chip{Tone: "info", Say: "还没打"}
}

func (s *Server) followPeek(r *http.Request, id string) (*peek, error) {
	who := ui.Actor(r)
	kind, object, _ := strings.Cut(id, "/")
	x, phone, err := s.Outreach.FollowUp(r.Context(), who, who.Region, kind, object)
	if err != nil {
		return nil, err
	}
	k := &peek{Version: x.Version, Name: x.Name, Small: outreach.FollowName(x.Kind), Chips: []ui.Chip{followResult(x)}, Objects: []string{id},
		Facts: []ui.Fact{{Label: "电话", Value: orSay(phone, "没有留电话，请下次上门时当面问")}, {Label: "哪件事", Value: x.What}},
		Watch: [][2]string{{"结果", followResult(x).Say}, {"说了什么", orDash(x.Words)}, {"谁打的", orDash(x.CallerName)}}}
	if x.Words != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "说了什么", Value: x.Words})
	}
	if x.CallerName != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "谁打的", Value: x.CallerName + "，" + x.Day.Short()})
	}
	if x.Person != "" {
		k.Links = append(k.Links, ui.Link{Href: "/o/person/" + x.Person, Label: "看他的情况"})
	}
	if x.State == "open" {
		k.More = []any{ui.Panel{Tone: "info", Title: "电话里怎么说", Say: followScript}}
		k.Allowed = []string{"fine", "said", "miss"}
	}
	return k, nil
}
