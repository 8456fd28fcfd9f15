package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/door"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// dispatchQueue are visits at doors that a dispatcher looks at (上门派单): whose
// helper is not sent out, what is to come, what nobody recorded, where nobody was
// met.
func (s *Server) dispatchQueue() *queue {
	send := func(field string) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
			if field != "" && in[field] == "" {
				return fault.Field(field, "请选派谁去")
			}
			_, err := s.Door.Send(ctx, who, who.Region, id, key, in[field], version)
			return err
		}
	}
	return &queue{Key: "dispatch", Path: "/o/door/dispatch", Title: "上门派单", See: access.DeskSee, Params: []string{"list", "district"}, list: s.dispatchList, peek: s.dispatchPeek,
		Undo: door.UndoDispatchWord,
		undo: func(ctx context.Context, who audit.Actor, id, key string) error {
			return s.Door.UndoDispatch(ctx, who, who.Region, id, key)
		},
		Deeds: []*deed{
			{Key: "send", Name: "改派合适的人", Done: "改派了", Letter: "A", Can: access.DeskEnter, Batch: "批量改派", do: send("")},
			{Key: "to", Name: "指定人", Done: "改派了", Letter: "R", Tone: "line", Can: access.DeskEnter, do: send("helper"),
				Fields: []ui.Field{{Kind: "choose", Name: "helper", Label: "派谁去"}}},
			{Key: "off", Name: "取消上门", Done: "取消了", Letter: "D", Tone: "stop", Can: access.DeskEnter,
				Fields: []ui.Field{{Kind: "area", Name: "why", Label: "为什么取消", Hint: "办件的进度里看得到"}},
				do: func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
					_, err := s.Door.CallOff(ctx, who, who.Region, id, key, in["why"], version)
					return err
				}},
		}}
}

var dispatchTabs = []ui.Option{{Value: door.Waiting, Label: "等派"}, {Value: door.Coming, Label: "约好的"}, {Value: door.Unrecorded, Label: "过了没记"}, {Value: door.NotMet, Label: "没见到人"}}

func (s *Server) dispatchList(r *http.Request, v url.Values, p *workPage) error {
	q, region, which := p.Q, ui.Actor(r).Region, v.Get("list")
	known := false
	for _, t := range dispatchTabs {
		known = known || t.Value == which
	}
	if !known {
		which = door.Waiting
	}
	jobs, n, err := s.Door.DispatchList(r.Context(), region, which, v.Get("district"), openMost)
	if err != nil {
		return err
	}
	if !known && n[door.Waiting] == 0 { // nothing waits: what is to come is the next thing to look at
		if which = door.Coming; n[which] > 0 {
			if jobs, n, err = s.Door.DispatchList(r.Context(), region, which, v.Get("district"), openMost); err != nil {
				return err
			}
		}
	}
	v.Set("list", which)
	p.View = q.address(v)
	p.Head = []ui.Link{{Href: "/o/door", Label: "当天的路线", Icon: "door"}}
	p.Say = "约上门时自动派给顺路、手上少的帮办员。他停派了，这里改派；没见到人的，和家里说好再另约。"
	p.Tabs.Label = "看哪些"
	for _, t := range dispatchTabs {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: q.address(v, "list", t.Value), Label: t.Label, N: n[t.Value], Current: t.Value == which})
	}
	districts, err := s.Person.Districts(r.Context(), region)
	if err != nil {
		return err
	}
	places := []ui.Option{{Label: "全部"}}
	for _, x := range districts {
		places = append(places, ui.Option{Value: x, Label: x, Checked: x == v.Get("district")})
	}
	p.filter(v, ui.Field{Name: "district", Label: "区县", Options: places})
	p.List = ui.Table{Caption: "上门派单", Head: []string{"去谁家", "哪天", "办什么", "派了谁", "地址"}, Empty: "这里没有上门。"}
	for _, x := range jobs {
		it := workItem{ID: x.ID, Name: x.Who.Name, Version: x.Version}
		if x.SetOut > 0 {
			it.Against = "帮办员已经出发"
		}
		it.Cells = []any{ui.Two{First: x.Who.Name, Second: fmt.Sprintf("%d岁", x.Who.Age(ui.Today(r)))}, ui.Two{First: x.On.Short(), Second: door.SlotName(x.Part)}, orDash(x.What), sentChip(x), x.Address}
		p.Items = append(p.Items, it)
	}
	if which == door.Waiting || which == door.Coming {
		p.offer(r, "send")
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 次", len(jobs))}
	return nil
}

// sentChip is who was sent, and whether they go out at present.
func sentChip(x door.Job) ui.Two {
	two := ui.Two{First: orDash(x.Helper.Name)}
	switch {
	case x.Status == door.Planned && !x.Helper.Active:
		two.Chip = ui.Chip{Tone: "hot", Say: "停派"}
	case x.SetOut > 0:
		two.Chip = ui.Chip{Tone: "info", Say: "出发了"}
	}
	return two
}

func (s *Server) dispatchPeek(r *http.Request, id string) (*peek, error) {
	who := ui.Actor(r)
	x, err := s.Door.See(r.Context(), who, who.Region, id)
	if err != nil {
		return nil, err
	}
	helpers, err := s.Door.Helpers(r.Context(), who.Region)
	if err != nil {
		return nil, err
	}
	goes, which := door.Helper{}, ui.Field{Kind: "choose", Name: "helper", Label: "派谁去"}
	for _, h := range helpers {
		if h.ID == x.Helper {
			goes = h
		} else if h.Active {
			which.Options = append(which.Options, ui.Option{Value: h.ID, Label: h.Name + "，" + orDash(h.District)})
		}
	}
	tone := map[string]string{door.Planned: "wait", door.Done: "ok", door.Missed: "bad"}[x.Status]
	k := &peek{Version: x.Version, Name: x.Who.Name, Small: x.On.Short() + door.SlotName(x.Part), Chips: []ui.Chip{{Tone: orSay(tone, "mute"), Say: door.StatusName(x.Status)}}, Objects: []string{id},
		Facts: []ui.Fact{{Label: "地址", Value: x.Address}, {Label: "电话", Value: orDash(x.Who.Phone)}, {Label: "办什么", Value: orDash(x.What)}, {Label: "派了谁", Value: sentChip(door.Job{Visit: x.Visit, Helper: goes})}},
		Watch: [][2]string{{"状态", door.StatusName(x.Status)}, {"派了谁", orDash(goes.Name)}}, Fields: map[string][]ui.Field{"to": {which}},
		Links: []ui.Link{{Href: "/o/door/visit/" + id, Label: "打开这次上门"}, {Href: "/o/why/" + x.Decision + "?back=" + url.QueryEscape("/o/door/dispatch"), Label: "派谁的依据"}}}
	if x.Result != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "结果", Value: x.Result})
	}
	switch {
	case x.Status == door.Missed:
		k.Links[0].Label = "另约一次"
	case x.Status == door.Planned && x.SetOut == 0 && x.On >= ui.Today(r):
		k.Allowed = []string{"send", "to", "off"}
	case x.Status == door.Planned:
		k.Links[0].Label = "记下办了什么"
	}
	return k, nil
}
