package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/share"
	"yinling/internal/web/ui"
)

// doubtQueue are rows of departments' registers that may mean somebody of the
// roster (认不准的): a clerk compares them side by side.
func (s *Server) doubtQueue() *queue {
	decide := func(x func(map[string]string) share.Verdict) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
			v := x(in)
			batch, at, _ := strings.Cut(id, "/")
			line, _ := strconv.ParseInt(at, 10, 64)
			if v.Version = version; v.State == share.Same && v.Person == "" {
				return fault.Field("person", "请选是哪一位；查不清就点“查不清”")
			}
			return s.Share.Decide(ctx, who, who.Region, batch, line, key, v)
		}
	}
	state := func(st string) func(map[string]string) share.Verdict {
		return func(in map[string]string) share.Verdict { return share.Verdict{State: st, Note: in["note"]} }
	}
	same := func(in map[string]string) share.Verdict {
		return share.Verdict{State: share.Same, Person: in["person"], Note: in["note"]}
	}
	note := ui.Field{Kind: "text", Name: "note", Label: "怎样核对的", Hint: "例如：给本人打过电话；看过户口簿"}
	const final = "认定了马上记入这个人，身份和待遇跟着变，不能撤回。"
	return &queue{Key: "doubt", Path: "/o/share/doubt", Nav: "/o/share", Title: "认不准的", See: access.ShareSee, Params: []string{"state", "source", "after"}, list: s.doubtList, peek: s.doubtPeek,
		Undo: share.UndoDoubtWord,
		undo: func(ctx context.Context, who audit.Actor, id, key string) error {
			batch, at, _ := strings.Cut(id, "/")
			line, _ := strconv.ParseInt(at, 10, 64)
			return s.Share.UndoDecide(ctx, who, who.Region, batch, line, key)
		},
		Deeds: []*deed{
			{Key: "same", Name: "是同一个人", Done: "认定了", Letter: "A", Can: access.ShareImport, Final: final, do: decide(same), Fields: []ui.Field{{Kind: "choose", Name: "person", Label: "是哪一位"}, note}},
			{Key: "another", Name: "不是名册里的人", Done: "认定了：不是名册里的人", Letter: "R", Tone: "line", Can: access.ShareImport, Fields: []ui.Field{note}, do: decide(state(share.Another))},
			{Key: "unknown", Name: "查不清", Done: "先放着了，谁的情况都没有改", Letter: "D", Tone: "line", Can: access.ShareImport, Batch: "批量放到查不清",
				do: decide(func(in map[string]string) share.Verdict {
					return share.Verdict{State: share.Unknown, Note: orSay(in["note"], "名单和名册并排看过，认不出来")}
				})},
		}}
}

var doubtStates = []string{share.Doubtful, share.Unknown, share.Same, share.Another}

func (s *Server) doubtList(r *http.Request, v url.Values, p *workPage) error {
	q, region, state := p.Q, ui.Actor(r).Region, v.Get("state")
	if !slices.Contains(doubtStates, state) {
		state = share.Doubtful
	}
	v.Set("state", state)
	p.View = q.address(v)
	standings, err := s.Share.Standings(r.Context(), region)
	if err != nil {
		return err
	}
	names, sources := map[string]string{}, []ui.Option{{Label: "全部名单"}}
	open := int64(0)
	for _, x := range standings {
		open += x.Doubt
		names[x.ID] = x.Name
		sources = append(sources, ui.Option{Value: x.ID, Label: x.Name, Checked: x.ID == v.Get("source")})
	}
	p.Top = []any{shareTabs("/o/share/doubt", open)}
	p.Say = "打开一行，名单和名册并排看。认定过的，下一批名单里同样的一行不再问。"
	p.Tabs.Label = "状态"
	for _, st := range doubtStates {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: q.address(v, "state", st, "after", ""), Label: rowStateChip(st).Say, N: -1, Current: st == state})
	}
	p.filter(v, ui.Field{Name: "source", Label: "哪份名单", Options: sources})
	batch, at, _ := strings.Cut(v.Get("after"), "/")
	line, _ := strconv.ParseInt(at, 10, 64)
	list, err := s.Share.Doubts(r.Context(), region, state, v.Get("source"), batch, line, sharePageRows+1)
	if err != nil {
		return err
	}
	if len(list) > sharePageRows {
		list = list[:sharePageRows]
		last := list[sharePageRows-1]
		p.Pager.Next = q.address(v, "after", fmt.Sprintf("%s/%d", last.Batch, last.Line))
	}
	p.Pager.Say = fmt.Sprintf("这里 %d 行", len(list))
	p.List = ui.Table{Caption: "名单上的行", Head: []string{"名单上的姓名", "出生日期", "号码（遮盖）", "为什么", "可能的人"}, Empty: "没有等人认定的行。"}
	for _, d := range list {
		p.Items = append(p.Items, workItem{ID: fmt.Sprintf("%s/%d", d.Batch, d.Line), Name: orSay(d.Name, "没有写姓名"), Version: d.Version(),
			Cells: []any{ui.Two{First: orSay(d.Name, "没有写姓名"), Second: fmt.Sprintf("%s 第 %d 行", orSay(names[d.Source], d.Source), d.Line)}, birthSay(d.Birth), orDash(d.IDMask), d.Reason, fmt.Sprintf("%d 位", len(d.Candidates))}})
	}
	if state == share.Doubtful {
		p.offer(r, "unknown")
	}
	return nil
}

func (s *Server) doubtPeek(r *http.Request, id string) (*peek, error) {
	who := ui.Actor(r)
	batch, at, _ := strings.Cut(id, "/")
	line, _ := strconv.ParseInt(at, 10, 64)
	d, people, err := s.Share.Doubt(r.Context(), who, who.Region, batch, line)
	if err != nil {
		return nil, err
	}
	src, err := s.shareSource(r, d.Source)
	if err != nil {
		return nil, err
	}
	k := &peek{Version: d.Version(), Name: orSay(d.Name, "没有写姓名"), Small: fmt.Sprintf("%s第 %d 行", src.Name, d.Line), Chips: []ui.Chip{rowStateChip(d.State)}, Objects: []string{id},
		Facts: []ui.Fact{{Label: "为什么认不准", Value: d.Reason}, {Label: "名单说他是", Value: givesName(src)}}, Watch: [][2]string{{"状态", rowStateChip(d.State).Say}, {"怎样核对的", orDash(d.Note)}},
		More: []any{compare(d, people, src)}, Links: []ui.Link{{Href: "/o/share/batch/" + d.Batch, Label: "看这一批名单"}}, Fields: map[string][]ui.Field{}}
	if d.ActorName != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "认定", Value: d.ActorName + " " + ui.Instant(d.At) + "：" + d.Note})
	}
	if d.State != share.Doubtful && d.State != share.Unknown {
		return k, nil
	}
	if k.Allowed = []string{"another"}; d.State == share.Doubtful {
		k.Allowed = append(k.Allowed, "unknown")
	}
	if len(people) > 0 {
		k.Allowed = append(k.Allowed, "same")
		which := ui.Field{Kind: "choose", Name: "person", Label: "是哪一位"}
		for i, x := range people {
			which.Options = append(which.Options, ui.Option{Value: x.ID, Label: x.Name + nth(i, len(people)) + "（尾号 " + x.IDTail + "）"})
		}
		note := ui.Field{Kind: "text", Name: "note", Label: "怎样核对的", Hint: "例如：给本人打过电话；看过户口簿"}
		if x := people[0]; len(people) == 1 { // one person, who agrees: the clerk has looked, and need not type it
			if which.Value = x.ID; x.Name == d.Name && d.Birth != 0 && x.Birth == d.Birth {
				note.Value = "名单和名册并排核对过，姓名、出生日期一样"
			}
		}
		k.Fields["same"] = []ui.Field{note, which}
	}
	return k, nil
}

// nth tells people apart when there are several.
func nth(i, of int) string {
	if of < 2 {
		return ""
	}
	return strconv.Itoa(i + 1)
}

// compare puts the row of the register and the people it may mean side by side.
func compare(d share.Doubt, people []person.Person, src share.Source) ui.Table {
	t := ui.Table{Caption: "名单和名册并排看", Head: []string{"", src.Department + "的名单"}}
	rows := [][]any{{"姓名", orSay(d.Name, "没有写")}, {"出生日期", birthSay(d.Birth)}, {"证件号码", orSay(d.IDMask, "没有写")}, {"住处", orSay(d.Address, "没有写")}, {"电话", "名单上没有"}, {"重点人群", "—"}}
	differs := func(ours string, not bool) ui.Two {
		if not {
			return ui.Two{First: ours, Chip: ui.Chip{Tone: "hot", Say: "不一样"}}
		}
		return ui.Two{First: ours}
	}
	for i, x := range people {
		t.Head = append(t.Head, "参保名册"+nth(i, len(people)))
		name := differs(x.Name, x.Name != d.Name)
		name.Href = "/o/person/" + x.ID
		for j, c := range []any{name, differs(x.Birth.Chinese(), d.Birth != 0 && x.Birth != d.Birth), differs("尾号 "+x.IDTail, len(d.IDMask) > 1 && !strings.HasSuffix(x.IDTail, d.IDMask[len(d.IDMask)-2:])),
			x.District + x.Community + x.Address, ui.Two{First: orSay(x.Phone, "没有登记")}, orSay(strings.Join(x.Groups, "、"), "没有")} {
			rows[j] = append(rows[j], c)
		}
	}
	for _, c := range rows {
		t.Rows = append(t.Rows, ui.Row{Cells: c})
	}
	return t
}
