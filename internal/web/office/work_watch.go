package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/share"
	"yinling/internal/web/ui"
)

// watchQueue is the key population on the watch list (排查名单): who follows whom
// up, and what came of it.
func (s *Server) watchQueue() *queue {
	touch := func(c func(map[string]string) share.Contact) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
			x, err := c(in), error(nil)
			x.Version = version
			if in["next"] != "" {
				if x.Next, err = day.Parse(in["next"]); err != nil {
					return fault.Field("next", "日期没有看懂，请从日历里选")
				}
			}
			return s.Share.Touch(ctx, who, who.Region, id, key, x)
		}
	}
	fixed := func(result string) does {
		return touch(func(map[string]string) share.Contact { return share.Contact{Result: result} })
	}
	return &queue{Key: "watch", Path: "/o/share/watch/list", Nav: "/o/share/watch", Title: "排查名单", See: access.ShareSee, Params: []string{"which", "district", "community", "follower", "after"}, list: s.watchList, peek: s.watchPeek,
		Undo: share.UndoWatchWord,
		undo: func(ctx context.Context, who audit.Actor, id, key string) error {
			return s.Share.UndoWatch(ctx, who, who.Region, id, key)
		},
		Deeds: []*deed{
			{Key: "later", Name: "联系了，暂时不需要", Done: "记下了：暂时不需要", Letter: "A", Can: access.ShareFollow, do: fixed("later")},
			{Key: "unreached", Name: "没有联系上", Done: "记下了：没有联系上", Letter: "R", Tone: "line", Can: access.ShareFollow, do: fixed("unreached")},
			{Key: "contact", Name: "别的结果", Done: "记下了", Letter: "D", Tone: "line", Can: access.ShareFollow,
				Fields: []ui.Field{{Kind: "choose", Name: "result", Label: "联系的结果", Options: options(share.Results, func(x struct{ ID, Say string }) (string, string) { return x.ID, x.Say })},
					{Kind: "text", Name: "note", Label: "说明（可以不填）"}, {Kind: "text", Type: "date", Name: "next", Label: "下次联系（不填按规定的日子）"}},
				do: touch(func(in map[string]string) share.Contact { return share.Contact{Result: in["result"], Note: in["note"]} })},
			{Key: "assign", Name: "分给跟踪人", Done: "分好了", Tone: "line", Can: access.ShareFollow, Batch: "分给他",
				do: func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
					next, err := day.Day(0), error(nil)
					if in["next"] != "" {
						if next, err = day.Parse(in["next"]); err != nil {
							return fault.Field("next", "日期没有看懂，请从日历里选")
						}
					}
					names, err := s.Access.Names(ctx, who.Region, in["follower"])
					if err != nil {
						return err
					}
					return s.Share.Assign(ctx, who, who.Region, id, key, in["follower"], names[in["follower"]], next, version)
				}},
		}}
}

// assignFields ask for one of those who may follow up.
func (s *Server) assignFields(r *http.Request) ([]ui.Field, []ui.Option, error) {
	who, err := s.followers(r)
	return []ui.Field{{Kind: "choose", Name: "follower", Label: "跟踪人", Options: who}, {Kind: "text", Type: "date", Name: "next", Label: "最晚哪天联系（可以不填）"}}, who, err
}

func (s *Server) watchList(r *http.Request, v url.Values, p *workPage) error {
	q, region := p.Q, ui.Actor(r).Region
	f := share.WatchFilter{District: v.Get("district"), Community: v.Get("community"), Follower: v.Get("follower"), Which: orSay(v.Get("which"), "should"), After: v.Get("after")}
	v.Set("which", f.Which)
	p.View = q.address(v)
	list, places, err := s.Share.Watching(r.Context(), region, f, sharePageRows+1)
	if err != nil {
		return err
	}
	districts, err := s.Person.Districts(r.Context(), region)
	if err != nil {
		return err
	}
	ask, followers, err := s.assignFields(r)
	if err != nil {
		return err
	}
	options := func(list []string, now string) []ui.Option {
		out := []ui.Option{{Label: "全部"}}
		for _, x := range list {
			out = append(out, ui.Option{Value: x, Label: orSay(x, "没有写"), Checked: x == now})
		}
		return out
	}
	p.Head = []ui.Link{{Href: "/o/share/watch", Label: "各区县的数字", Icon: "chart"}}
	p.filter(v, ui.Field{Kind: "choose", Name: "which", Label: "哪一类", Options: whiches}, ui.Field{Kind: "choose", Name: "district", Label: "区县", Options: options(districts, f.District)},
		ui.Field{Kind: "choose", Name: "follower", Label: "跟踪人", Options: append([]ui.Option{{Label: "全部"}}, followers...)})
	if f.Which == "should" && f.District+f.Follower+f.Community == "" {
		p.Reset = "" // this is where everybody starts
	}
	if len(places) > 0 {
		p.Filter.Fields = append(p.Filter.Fields, ui.Field{Kind: "choose", Name: "community", Label: "社区、村", Value: f.Community, Options: options(places, f.Community)})
	}
	more := len(list) > sharePageRows
	list = list[:min(len(list), sharePageRows)]
	p.Pager.Say = fmt.Sprintf("这一页 %d 人", len(list))
	if more {
		p.Pager.Next = q.address(v, "after", list[len(list)-1].Person)
	}
	p.List = ui.Table{Caption: "排查名单", Head: []string{"姓名", "住处", "走到哪一步", "跟踪人", "最近联系", "下次联系"}, Empty: "没有这样的人。"}
	for _, x := range list {
		last, next := any("没有联系过"), any("—")
		if x.Contacted != 0 {
			last = ui.Two{First: x.Contacted.Short(), Second: share.ResultName(x.Result)}
		}
		if x.Next != 0 {
			next = x.Next.Short()
			if x.Next <= ui.Today(r) {
				next = ui.Two{First: x.Next.Short(), Chip: ui.Chip{Tone: "hot", Say: "到期"}}
			}
		}
		p.Items = append(p.Items, workItem{ID: x.Person, Name: x.Name, Version: x.Version,
			Cells: []any{ui.Two{First: x.Name, Second: x.Groups}, x.District + " " + x.Community, watchStep(x), orSay(x.FollowerName, "没有"), last, next}})
	}
	if p.offer(r, "assign"); p.Batch != nil {
		p.Batch.Ask = ask
	}
	return nil
}

// watchStep is how far somebody has come, with the day of the next assessment.
func watchStep(x share.Watched) ui.Two {
	step := ui.Two{Chip: watchChip(x)}
	if x.Due != 0 {
		step.Second = "复评：" + x.Due.Chinese()
	}
	return step
}

func (s *Server) watchPeek(r *http.Request, id string) (*peek, error) {
	who := ui.Actor(r)
	see, err := s.Person.See(r.Context(), who, who.Region, id)
	if err != nil {
		return nil, err
	}
	x, contacts, err := s.Share.WatchedOne(r.Context(), who.Region, id)
	if err != nil {
		return nil, err
	}
	k := &peek{Version: x.Version, Name: x.Name, Small: fmt.Sprintf("%d 岁", see.Age(ui.Today(r))), Chips: []ui.Chip{watchChip(x)}, Objects: []string{id},
		Facts: []ui.Fact{{Label: "重点人群", Value: x.Groups}, {Label: "住处", Value: see.District + " " + see.Community + " " + see.Address}, {Label: "跟踪人", Value: orSay(x.FollowerName, "没有分给人")}},
		Watch: [][2]string{{"跟踪人", orSay(x.FollowerName, "没有")}, {"最近联系", orDash(shortOrNone(x.Contacted))}, {"结果", orDash(share.ResultName(x.Result))}, {"下次联系", orDash(shortOrNone(x.Next))}},
		Links: []ui.Link{{Href: "/o/share/person/" + id, Label: "看部门信息，记评估"}}}
	if ui.Who(r).Can(access.ShareFollow) {
		k.Facts = append(k.Facts, ui.Fact{Label: "电话", Value: orSay(see.Phone, "没有登记")})
	}
	if x.Next != 0 {
		k.Facts = append(k.Facts, ui.Fact{Label: "下次联系", Value: x.Next.Chinese()})
	}
	if x.App != "" {
		k.Links = append(k.Links, ui.Link{Href: "/o/assess/" + x.App, Label: "看最近的评估申请"})
	}
	road := ui.Timeline{}
	for _, c := range contacts {
		road.Items = append(road.Items, ui.Moment{State: "done", Title: share.ResultName(c.Result), Say: c.Note, Who: c.ActorName, When: c.On.Short()})
	}
	if len(road.Items) > 0 {
		k.More = []any{road}
	}
	ask, _, err := s.assignFields(r)
	if err != nil {
		return nil, err
	}
	k.Fields = map[string][]ui.Field{"assign": ask}
	k.Allowed = []string{"later", "unreached", "contact", "assign"}
	return k, nil
}
