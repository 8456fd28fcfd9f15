package office

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

type deskPage struct {
	ui.Page
	Tabs    ui.Tabs
	Filter  ui.Filter
	List    ui.Table
	Pager   ui.Pager
	Keep    []ui.Option // the view's own values, carried by the tick form
	Batch   batch
	Peek    *casePage
	Entry   bool // may enter at the window
	MayTick bool
	Note    string
}

// batch is what a batch act would do with the ticked cases, told before it runs.
type batch struct {
	N       int
	Ready   []string // numbers that go
	Against []string // «张国栋缺 1 件材料，不会一起受理»
}

var deskTmpl = ui.MustParse[deskPage](ui.Office, files, "desk/list.html", "assess/parts.html")

var sorts = []ui.Option{{Value: desk.SortUrgent, Label: "重点人群在前"}, {Value: desk.SortDue, Label: "最急的在前"}, {Value: desk.SortNew, Label: "最近收件在前"}}

// view is the worklist's address without what changes between its links.
func view(r *http.Request, set ...string) string {
	q := url.Values{}
	for _, k := range []string{"stage", "district", "channel", "material", "priority", "sort", "q", "after"} {
		if v := r.FormValue(k); v != "" {
			q.Set(k, v)
		}
	}
	for i := 0; i+1 < len(set); i += 2 {
		if set[i+1] == "" {
			q.Del(set[i])
		} else {
			q.Set(set[i], set[i+1])
		}
	}
	return "/o/desk?" + q.Encode()
}

func (s *Server) deskList(w http.ResponseWriter, r *http.Request) error {
	p, err := s.deskPage(r)
	if err != nil {
		return err
	}
	return deskTmpl.Render(w, r, p)
}

func (s *Server) deskPage(r *http.Request) (*deskPage, error) {
	ctx, who, today := r.Context(), ui.Actor(r), ui.Today(r)
	stage := r.FormValue("stage")
	if !slices.ContainsFunc(assess.Stages, func(x assess.Stage) bool { return x.Key == stage }) {
		stage = assess.Stages[0].Key
	}
	p := &deskPage{Page: ui.Page{Title: "失能评估申请", Nav: "/o/desk"}, Entry: ui.Who(r).Can(access.DeskEnter),
		MayTick: stage == "accept" && ui.Who(r).Can(access.AssessAccept)}
	order := r.FormValue("sort")
	if order == "" {
		order = desk.SortUrgent
		if stage == "done" {
			order = desk.SortNew
		}
	}
	f := desk.Filter{Stage: stage, District: r.FormValue("district"), Channel: desk.Channel(r.FormValue("channel")),
		Material: r.FormValue("material"), Priority: r.FormValue("priority") != "", Sort: order, After: r.FormValue("after")}
	items, page, err := s.Assess.Worklist(ctx, who, f, r.FormValue("q"))
	if err != nil {
		return nil, err
	}
	x, err := s.waiting(ctx, who.Region, ui.Now(r))
	if err != nil {
		return nil, err
	}
	p.Tabs.Label = "办理环节"
	for _, st := range assess.Stages {
		n := -1
		if c, ok := x.all[st.Key]; ok {
			n = c
		}
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: view(r, "stage", st.Key, "after", "", "q", ""), Label: st.Name, N: n, Current: st.Key == stage && r.FormValue("q") == ""})
	}
	all, err := s.Institution.Find(ctx, who.Region, "", "", "")
	if err != nil {
		return nil, err
	}
	var districts []string
	for _, i := range all {
		if i.District != "" {
			districts = append(districts, i.District)
		}
	}
	slices.Sort(districts)
	districts = slices.Compact(districts)
	p.Filter = deskFilter(r, stage, order, districts)
	v, err := s.Packs.At(who.Region, today)
	if err != nil {
		return nil, err
	}
	ticked := r.Form["id"]
	p.List = ui.Table{Caption: "失能评估申请", Head: []string{"申请人", "地区", "申请方式", "材料", "自动核验", "时限"}, Empty: "这里现在没有件。"}
	if p.MayTick {
		p.List.Tick = "id"
	}
	for _, it := range items {
		p.List.Rows = append(p.List.Rows, deskRow(r, it, v.Calendar(), slices.Contains(ticked, it.Case.ID)))
		if slices.Contains(ticked, it.Case.ID) {
			p.Batch.add(it)
		}
	}
	p.Pager = ui.Pager{Say: "共 " + desk.CountText(page.Total) + " 件"}
	if page.Next != "" {
		p.Pager.Next = view(r, "after", page.Next)
	}
	if f.After != "" {
		p.Pager.Prev = view(r, "after", "")
	}
	for _, k := range []string{"stage", "district", "channel", "material", "priority", "sort", "after", "q"} {
		if val := r.FormValue(k); val != "" {
			p.Keep = append(p.Keep, ui.Option{Value: k, Label: val})
		}
	}
	if see := r.FormValue("see"); see != "" {
		if p.Peek, err = s.casePage(r, see); err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	return p, nil
}

func deskFilter(r *http.Request, stage, sort string, districts []string) ui.Filter {
	pick := func(name, label, none string, options []ui.Option) ui.Field {
		out := []ui.Option{}
		if none != "" {
			out = append(out, ui.Option{Label: none})
		}
		val := r.FormValue(name)
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
		Ticks: []ui.Option{{Value: "priority", Label: "优先人群", Checked: r.FormValue("priority") != ""}}}
}

func deskRow(r *http.Request, it assess.Entry, cal *day.Calendar, ticked bool) ui.Row {
	c, today := it.Case, ui.Today(r)
	who := ui.Two{First: it.Person.Name, Second: fmt.Sprintf("%s · %d岁 · 尾号 %s", it.Person.Sex, it.Person.Age(today), it.Person.IDTail),
		Href: view(r, "see", c.ID)}
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
	return ui.Row{ID: c.ID, Name: it.Person.Name, Ticked: ticked, Current: r.FormValue("see") == c.ID,
		Cells: []any{who, ui.Two{First: c.District, Second: it.Person.Community}, how, paper, checks, clockOf(c, cal, today)}}
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

// add tells whether a ticked case would go along, and if not why.
func (b *batch) add(it assess.Entry) {
	b.N++
	c, name := it.Case, it.Person.Name
	switch {
	case c.Missing > 0:
		b.Against = append(b.Against, fmt.Sprintf("%s缺 %d 件材料", name, c.Missing))
	case c.ChecksOK < c.ChecksAll:
		b.Against = append(b.Against, fmt.Sprintf("%s有 %d 项核验没有通过，要单独办", name, c.ChecksAll-c.ChecksOK))
	default:
		b.Ready = append(b.Ready, c.ID)
	}
}

// Say names those who do not go along.
func (b batch) Say() string {
	if len(b.Against) == 0 {
		return ""
	}
	return strings.Join(b.Against, "；") + "。不会一起受理。"
}

// deskBatch accepts what was ready; what changed meanwhile is told, not forced.
func (s *Server) deskBatch(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	done, bad := 0, []string{}
	for i, id := range r.PostForm["id"] {
		err := s.Assess.Accept(r.Context(), who, assess.Cmd{Region: who.Region, ID: id, Key: fmt.Sprint(f.Once(), "-", i)}, "")
		if err != nil {
			bad = append(bad, id+"："+fault.As(err).Say)
			continue
		}
		done++
	}
	p, err := s.deskPage(r)
	if err != nil {
		return err
	}
	p.Note, p.Batch = fmt.Sprintf("受理了 %d 件。", done), batch{}
	if len(bad) > 0 {
		p.Note += fmt.Sprintf("有 %d 件没有受理：%s", len(bad), strings.Join(bad, "；"))
	}
	return deskTmpl.Render(w, r, p)
}
