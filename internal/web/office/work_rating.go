package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// ratingQueue are what people said of visits, cases, answers and windows
// (好差评): the bad ones are answered, the others read.
func (s *Server) ratingQueue() *queue {
	return &queue{Key: "rating", Path: "/o/rating", Title: "好差评", See: access.VoiceSee, Params: []string{"tab", "kind"}, list: s.ratingList, peek: s.ratingPeek,
		Deeds: []*deed{{Key: "answer", Name: "答复", Done: "答复了", Letter: "A", Can: access.VoiceAct, Final: "答复马上给本人看，并发短信，不能撤回。",
			Fields: []ui.Field{{Kind: "area", Name: "text", Label: "联系本人以后的答复", Hint: "本人会看到；被评的人不能自己答复"}},
			do: func(ctx context.Context, who audit.Actor, id string, _ int64, key string, in map[string]string) error {
				kind, object, _ := strings.Cut(id, "/")
				_, err := s.Outreach.AnswerRating(ctx, who, who.Region, kind, object, key, in["text"])
				return err
			}}}}
}

var (
	ratingTabs  = []ui.Option{{Value: "low", Label: "等答复的差评"}, {Value: "answered", Label: "答复过的差评"}, {Value: "all", Label: "最近的评价"}}
	ratingKinds = []ui.Option{{Label: "全部"}, {Value: "visit", Label: "上门护理"}, {Value: "case", Label: "办件"}, {Value: "voice", Label: "投诉答复"}, {Value: "ticket", Label: "大厅窗口"}}
)

func ratingOf(x outreach.Rating) string {
	for _, k := range ratingKinds {
		if k.Value == x.Kind {
			return k.Label
		}
	}
	return ""
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

func permille(n int64) string { return fmt.Sprintf("%d.%d%%", n/10, n%10) }

func scoreChip(x outreach.Rating) ui.Chip {
	tone := map[bool]string{true: "ok", false: "mute"}[x.Score >= 4]
	if x.Low {
		tone = "bad"
	}
	return ui.Chip{Tone: tone, Say: outreach.Scores[x.Score-1]}
}

func (s *Server) ratingList(r *http.Request, v url.Values, p *workPage) error {
	q, region, tab := p.Q, ui.Actor(r).Region, v.Get("tab")
	if tab != "answered" && tab != "all" {
		tab = "low"
	}
	v.Set("tab", tab)
	p.View = q.address(v)
	xs, err := s.Outreach.Ratings(r.Context(), region, tab, v.Get("kind"))
	if err != nil {
		return err
	}
	p.Tabs.Label = "看哪些评价"
	for _, t := range ratingTabs {
		n := -1
		if t.Value == tab && tab == "low" {
			n = len(xs)
		}
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: q.address(v, "tab", t.Value), Label: t.Label, N: n, Current: t.Value == tab})
	}
	p.filter(v, ui.Field{Name: "kind", Label: "评什么", Options: ratingKinds})
	p.List = ui.Table{Caption: "评价", Head: []string{"哪件事", "评价", "评谁", "说了什么", "答复"}, Empty: "这里没有评价。"}
	for _, x := range xs {
		reply := any(ui.Two{First: orDash(x.Answer), Second: x.AnsweredBy})
		if x.Low && x.Answered.IsZero() {
			if reply = (ui.Chip{Tone: "mute", Say: "没有时限"}); !x.Due.IsZero() {
				reply = chipOf(ui.Today(r), x.Due)
			}
		}
		p.Items = append(p.Items, workItem{ID: x.Kind + "/" + x.Object, Name: ratingOf(x) + " " + x.Day.Short(),
			Cells: []any{ui.Two{First: ratingOf(x), Second: x.Day.Short()}, scoreChip(x), orDash(whom(x)), orDash(x.Words), reply}})
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 条", len(xs))}
	return s.standings(r, p)
}

// standings puts the figures of a year above and below the list; every share
// says of how many ratings it is.
func (s *Server) standings(r *http.Request, p *workPage) error {
	stands, err := s.Outreach.Standings(r.Context(), ui.Actor(r).Region, ui.Today(r).AddMonths(-12))
	if err != nil {
		return err
	}
	var all, good, low int64
	for _, g := range []struct{ who, title string }{{"window", "按窗口"}, {"inst", "按机构"}, {"staff", "按护理员"}, {"desk", "按窗口人员"}, {"insurer", "按商保经办"}} {
		t := ui.Table{Title: g.title + "，一年来", Caption: g.title, Head: []string{"谁", "多少人评价", "满意", "满意率", "差评"}, Empty: "还没有人评价。"}
		for _, x := range stands {
			if x.Who != g.who {
				continue
			}
			if g.who != "staff" && g.who != "window" { // the others part all ratings among them
				all, good, low = all+x.N, good+x.Good, low+x.Low
			}
			t.Rows = append(t.Rows, ui.Row{Cells: []any{x.Name, fmt.Sprint(x.N), fmt.Sprint(x.Good), permille(x.Permille()), fmt.Sprint(x.Low)}})
		}
		p.Extra = append(p.Extra, t)
	}
	share := "—"
	if all > 0 {
		share = permille(good * 1000 / all)
	}
	p.Say = fmt.Sprintf("12 个月里 %d 次评价，满意率 %s，差评 %d 次。", all, share, low)
	return nil
}

func (s *Server) ratingPeek(r *http.Request, id string) (*peek, error) {
	kind, object, _ := strings.Cut(id, "/")
	who := ui.Actor(r)
	x, err := s.Outreach.RatingAt(r.Context(), who.Region, kind, object)
	if err != nil {
		return nil, err
	}
	k := &peek{Name: ratingOf(x), Small: x.Day.Short(), Chips: []ui.Chip{scoreChip(x)}, Objects: []string{id}, Watch: [][2]string{{"答复", orDash(x.Answer)}},
		Facts: []ui.Fact{{Label: "评谁", Value: orDash(whom(x))}, {Label: "说了什么", Value: orSay(x.Words, "没有写原因，请打电话问")}}}
	if !x.Due.IsZero() && x.Answered.IsZero() {
		k.Facts = append(k.Facts, ui.Fact{Label: "时限", Value: x.Due})
	}
	if x.Answer != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "答复", Value: x.Answer + "（" + x.AnsweredBy + "，" + x.Answered.Short() + "）"})
	}
	if x.Person != "" && x.Low && x.Desk != who.ID { // who was rated does not learn by whom
		k.Links = append(k.Links, ui.Link{Href: "/o/person/" + x.Person, Label: "看他的情况"})
	}
	if x.Low && x.Answered.IsZero() {
		k.Allowed = []string{"answer"}
	}
	return k, nil
}
