package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/paper"
	"yinling/internal/web/ui"
)

// paperMost is how many papers are printed in one go: what Chromium sets within
// its time.
const paperMost = 50

// paperKinds are the documents that are given to a person, as the filter names them.
var paperKinds = []struct {
	ID, Name string
	Kinds    []paper.Kind
}{
	{"taken", "受理通知", []paper.Kind{paper.Accepted, paper.Taken}}, {"more", "补正告知", []paper.Kind{paper.Supplement, paper.More}},
	{"refused", "不予受理、不予办理", []paper.Kind{paper.Refused, paper.Declined}}, {"level", "评估结论", []paper.Kind{paper.Concluded, paper.Effective}},
	{"result", "办理结果", []paper.Kind{paper.Result}}, {"plan", "护理计划", []paper.Kind{paper.Plan}}, {"reply", "投诉建议答复", []paper.Kind{paper.Reply}},
}

// paperQueue are the documents that were given to people (文书): print them, and
// note how they got there.
func (s *Server) paperQueue() *queue {
	ways := []ui.Option{{Value: "", Label: "请选"}}
	for _, w := range desk.Ways {
		ways = append(ways, ui.Option{Value: w.ID, Label: w.Name + "（写：" + w.Proof + "）"})
	}
	ask := []ui.Field{{Kind: "choose", Name: "way", Label: "怎样送到的", Options: ways}, {Kind: "text", Name: "proof", Label: "凭据"},
		{Kind: "date", Name: "on", Label: "哪天送到的", Type: "date", Hint: "今天送到的不用填", Short: true}}
	return &queue{Key: "paper", Path: "/o/paper", Title: "文书", See: access.DeskSee, Params: []string{"state", "kind", "q"}, list: s.paperList, peek: s.paperPeek,
		Undo: desk.UndoPaper, undo: func(ctx context.Context, who audit.Actor, id, key string) error {
			n, err := desk.ParsePaperID(id)
			if err == nil {
				err = s.Desk.Undeliver(ctx, who, n, key)
			}
			return err
		},
		Deeds: []*deed{
			{Key: "deliver", Name: "记送达", Done: "记下送达了", Letter: "A", Can: access.DeskEnter, Batch: "记送达", Fields: ask, BatchFields: ask,
				do: func(ctx context.Context, who audit.Actor, id string, _ int64, key string, in map[string]string) error {
					n, err := desk.ParsePaperID(id)
					if err != nil {
						return err
					}
					d := desk.Delivery{Way: in["way"], Proof: in["proof"]}
					if in["on"] != "" {
						if d.On, err = day.Parse(in["on"]); err != nil {
							return fault.Field("on", "日期请写成 2024-06-03 这样")
						}
					}
					return s.Desk.Deliver(ctx, who, n, key, d)
				}},
			{Key: "print", Name: "打印", Done: "打印了", Letter: "D", Tone: "line", Can: access.DeskEnter, Batch: "打印选中的", Then: "/o/paper/print/", Final: "只记印过几次。",
				do: func(ctx context.Context, who audit.Actor, id string, _ int64, key string, _ map[string]string) error {
					n, err := desk.ParsePaperID(id)
					if err == nil {
						err = s.Desk.Printed(ctx, who, n, key)
					}
					return err
				}},
		}}
}

// paperChip says how a paper stands against its limit.
func paperChip(p desk.Paper, today day.Day) ui.Chip {
	switch {
	case p.State == desk.PaperVoid:
		return ui.Chip{Tone: "mute", Say: "不作数了"}
	case p.State == desk.PaperDelivered:
		return ui.Chip{Tone: "ok", Say: desk.WayName(p.Way) + " " + p.Delivered.Short()}
	case p.Late(today):
		return ui.Chip{Tone: "hot", Say: fmt.Sprintf("过了 %d 天没送到", today-p.Due)}
	case p.Due.IsZero():
		return ui.Chip{Tone: "info", Say: "没有定日子"}
	case p.Due == today:
		return ui.Chip{Tone: "wait", Say: "今天要送到"}
	}
	return ui.Chip{Tone: "info", Say: p.Due.Short() + "前送到"}
}

func (s *Server) paperList(r *http.Request, v url.Values, p *workPage) error {
	who, today := ui.Actor(r), ui.Today(r)
	f := desk.PaperFilter{State: v.Get("state"), Query: v.Get("q")}
	kinds := []ui.Option{{Value: "", Label: "全部文书"}}
	for _, k := range paperKinds {
		if k.ID == v.Get("kind") {
			f.Kinds = k.Kinds
		}
		kinds = append(kinds, ui.Option{Value: k.ID, Label: k.Name, Checked: k.ID == v.Get("kind")})
	}
	list, n, err := s.Desk.Papers(r.Context(), who.Region, f, openMost)
	if err != nil {
		return err
	}
	if p.Say = "决定作出，文书就在这里。送到本人手里才算送达；本人在网上打开的，自动记下。"; n.Late > 0 {
		p.Say = fmt.Sprintf("有 %s 份过了该送到的日子，请先送。", desk.CountText(n.Late))
	}
	p.Tabs.Label = "看哪些"
	for _, t := range []struct {
		id, say string
		n       int
	}{{"", "还没送到", n.Open}, {"late", "过了日子", n.Late}, {desk.PaperDelivered, "送到了", -1}, {desk.PaperVoid, "不作数的", -1}} {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: p.Q.address(v, "state", t.id, "q", ""), Label: t.say, N: t.n, Current: f.Query == "" && f.State == t.id})
	}
	p.Filter = ui.Filter{Action: p.Q.Path, Fields: []ui.Field{
		{Kind: "choose", Name: "kind", Label: "哪种文书", Options: kinds}, {Kind: "text", Type: "search", Name: "q", Label: "受理号或姓名", Value: f.Query}}}
	if f.State != "" {
		p.Filter.Keep = []ui.Option{{Value: "state", Label: f.State}}
	}
	if v.Get("kind") != "" || f.Query != "" {
		p.Reset = p.Q.address(v, "kind", "", "q", "")
	}
	p.List = ui.Table{Caption: "文书", Head: []string{"给谁", "文书", "送达", "印过"}, Empty: "这里没有文书。"}
	for _, x := range list {
		it := workItem{ID: x.String(), Name: orDash(x.Who.Name), Cells: []any{ui.Two{First: orDash(x.Who.Name), Second: number(x.Paper)}, ui.Two{First: x.Title, Second: x.On.Chinese() + "出的"}, paperChip(x.Paper, today), printed(x.Prints)}}
		if x.State != desk.PaperOpen {
			it.Against = "的这份不用送了"
		}
		p.Items = append(p.Items, it)
	}
	if f.State != desk.PaperVoid {
		p.offer(r, "deliver")
		if p.Batch != nil {
			p.Also = p.Q.deed("print")
		}
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 份", len(list))}
	if len(list) == openMost {
		p.Pager.Say = fmt.Sprintf("先看前 %d 份；要找别的，用受理号或姓名。", openMost)
	}
	return nil
}

// number is what people know a paper's object by; a plan has none.
func number(p desk.Paper) string {
	if p.Kind == paper.Plan {
		return ""
	}
	return p.Object
}

func printed(n int64) string {
	if n == 0 {
		return "没有"
	}
	return fmt.Sprintf("%d 次", n)
}

func (s *Server) paperPeek(r *http.Request, id string) (*peek, error) {
	n, err := desk.ParsePaperID(id)
	if err != nil {
		return nil, err
	}
	x, err := s.Desk.PaperAt(r.Context(), ui.Actor(r).Region, n)
	if err != nil {
		return nil, err
	}
	chip := paperChip(x.Paper, ui.Today(r))
	k := &peek{Name: orDash(x.Who.Name), Small: x.Title, Chips: []ui.Chip{chip}, Objects: []string{x.Object}, Watch: [][2]string{{"送达", chip.Say}},
		Facts: []ui.Fact{{Label: "哪天出的", Value: x.On}}}
	add := func(label string, v string) {
		if v != "" {
			k.Facts = append(k.Facts, ui.Fact{Label: label, Value: v})
		}
	}
	add("受理号", number(x.Paper))
	if !x.Due.IsZero() {
		add("最晚送到", x.Due.Chinese())
	}
	add("住址", x.Who.District+x.Who.Community+x.Who.Address)
	add("电话", x.Who.Phone)
	if x.State == desk.PaperDelivered {
		add("怎样送到的", desk.WayName(x.Way)+"，"+x.Delivered.Chinese())
		add("凭据", x.Proof)
		add("谁记的", x.ByName+"，"+ui.Instant(x.Noted))
	}
	if x.Read != 0 {
		add("网上打开过", ui.Instant(x.Read))
	}
	add("印过", printed(x.Prints))
	k.Links = []ui.Link{{Href: paperHref(n), Label: "看这份文书"}}
	switch x.State {
	case desk.PaperOpen:
		k.Allowed = []string{"deliver", "print"}
	case desk.PaperDelivered:
		k.Allowed = []string{"print"}
	}
	return k, audit.Seen(r.Context(), s.Log, ui.Actor(r), ui.Actor(r).Region, "desk.paper_see", x.Object)
}

// paperHref is where a document is shown on one sheet.
func paperHref(n desk.PaperID) string {
	switch act := assess.LetterAct(n.Kind); {
	case act != "":
		return "/o/assess/" + n.Object + "/letter/" + act
	case n.Kind == paper.Plan:
		return "/o/care/plan/" + n.Object + "/paper"
	case n.Kind == paper.Reply:
		return "/o/voice/" + n.Object + "/paper"
	}
	return "/o/matter/case/" + n.Object + "/letter/" + string(n.Kind)
}

// sheetOf writes a document for who may see what it is about.
func (s *Server) sheetOf(ctx context.Context, who audit.Actor, n desk.PaperID) (paper.Sheet, error) {
	act := assess.LetterAct(n.Kind)
	switch {
	case act != "":
		d, err := s.Assess.Detail(ctx, who, who.Region, n.Object)
		if err != nil {
			return paper.Sheet{}, err
		}
		return d.Letter(act)
	case n.Kind == paper.Plan:
		return s.Care.Paper(ctx, who, n.Object)
	case n.Kind == paper.Reply:
		x, err := s.Outreach.See(ctx, who.Region, n.Object)
		return x.Sheet(), err
	}
	return s.Desk.Letter(ctx, who, n.Object+"/"+string(n.Kind))
}

// paperPrint sets the papers of a batch, one after another: for the browser's
// printing, or as one PDF. What cannot be written any more is named on top.
func (s *Server) paperPrint(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	b, err := s.Desk.ReadBatch(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return err
	}
	back := ui.LocalPath(r.URL.Query().Get("back"), "/o/paper")
	if b.Queue != "paper" || b.Act != "print" {
		return fault.New(fault.NotFound, "这一次不是打印。请从「文书」里选了再印。")
	}
	var all []paper.Sheet
	say := ""
	for _, it := range b.Items {
		n, err := desk.ParsePaperID(it.ID)
		if err != nil {
			return err
		}
		if !it.OK {
			say += it.Name + "：" + it.Say
			continue
		}
		if len(all) == paperMost {
			say += fmt.Sprintf("一次最多印 %d 份，后面的请另选一次。", paperMost)
			break
		}
		sheet, err := s.sheetOf(r.Context(), who, n)
		if fault.Is(err, fault.NotFound) || err == nil && sheet.On != n.On {
			say += it.Name + "的这份已经另出了新的，没有一起印。"
			continue
		}
		if err != nil {
			return err
		}
		all = append(all, sheet)
	}
	if len(all) == 0 {
		return fault.New(fault.Conflict, "没有可以印的：%s", say)
	}
	return ui.ShowPapers(w, r, back, fmt.Sprintf("文书 %d 份", len(all)), say, all)
}
