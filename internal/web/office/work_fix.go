package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/web/ui"
)

// fixQueue are corrections of the roster that wait for the second hand (人员更正).
func (s *Server) fixQueue() *queue {
	judge := func(ok bool) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, _ map[string]string) error {
			return s.Person.JudgeFix(ctx, who, who.Region, id, key, ok, version)
		}
	}
	return &queue{Key: "fix", Path: "/o/person/fix", Title: "人员更正", See: access.PersonSee, Params: []string{"state"}, list: s.fixList, peek: s.fixPeek,
		Undo: person.UndoFixWord,
		undo: func(ctx context.Context, who audit.Actor, id, key string) error {
			return s.Person.UndoFix(ctx, who, who.Region, id, key)
		},
		Deeds: []*deed{
			{Key: "approve", Name: "核准", Done: "核准了", Letter: "A", Can: access.MatterAct, Batch: "批量核准", do: judge(true)},
			{Key: "refuse", Name: "不更正", Done: "没有更正", Letter: "R", Tone: "line", Can: access.MatterAct, do: judge(false)},
		}}
}

func (s *Server) fixList(r *http.Request, v url.Values, p *workPage) error {
	ctx, who, state := r.Context(), ui.Actor(r), v.Get("state")
	if state == "" || person.FixStates[1].ID != state && person.FixStates[2].ID != state {
		state = person.FixAsked
	}
	xs, err := s.Person.Fixes(ctx, who.Region, state, openMost)
	if err != nil {
		return err
	}
	p.Say = "在参保人的页面申请，另一位同事在这里核准。"
	p.Tabs.Label = "按状态看"
	for _, t := range person.FixStates {
		n := -1
		if t.ID == state {
			n = len(xs)
		}
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: p.Q.address(v, "state", t.ID), Label: t.Say, N: n, Current: t.ID == state})
	}
	var staff []string
	for _, x := range xs {
		staff = append(staff, x.Maker, x.Checker)
	}
	by, err := s.Access.Names(ctx, who.Region, staff...)
	if err != nil {
		return err
	}
	p.List = ui.Table{Caption: "人员更正", Head: []string{"参保人", "更正什么", "凭什么", "谁申请", "谁核准"}, Empty: "没有等核准的更正。"}
	for _, x := range xs {
		_, keep, _, err := s.Person.OneFix(ctx, who.Region, x.ID)
		if err != nil {
			return err
		}
		it := workItem{ID: x.ID, Name: keep.Name, Version: x.Version, Cells: []any{ui.Two{First: keep.Name, Second: "尾号 " + keep.IDTail}, ui.Two{First: person.FixName(x.Kind), Second: "尾号 " + x.Tail}, x.Why,
			ui.Two{First: by[x.Maker], Second: ui.Instant(x.At)}, orDash(by[x.Checker])}}
		if x.Kind == person.FixMerge {
			it.Against = "要合并，合并不能撤回，请单独办"
		}
		if x.Maker == who.ID {
			it.Against = "的更正是您申请的，要由另一位同事核准"
		}
		p.Items = append(p.Items, it)
	}
	if state == person.FixAsked {
		p.offer(r, "approve")
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 件", len(xs))}
	return nil
}

func (s *Server) fixPeek(r *http.Request, id string) (*peek, error) {
	who := ui.Actor(r)
	x, keep, drop, err := s.Person.OneFix(r.Context(), who.Region, id)
	if err != nil {
		return nil, err
	}
	if err := audit.Seen(r.Context(), s.Log, who, who.Region, "person.fix_see", id); err != nil {
		return nil, err
	}
	k := &peek{Version: x.Version, Name: keep.Name, Small: person.FixName(x.Kind), Objects: []string{id}, Links: []ui.Link{{Href: "/o/person/" + keep.ID, Label: "打开参保人"}}}
	for _, t := range person.FixStates {
		if t.ID == x.State {
			k.Chips = []ui.Chip{{Tone: map[string]string{person.FixAsked: "wait", person.FixDone: "ok"}[x.State], Say: t.Say}}
			k.Watch = [][2]string{{"状态", t.Say}}
		}
	}
	entry := func(p person.Person) string {
		return fmt.Sprintf("%s，%s，%s生，尾号 %s，%s%s", p.Name, p.Sex, p.Birth.Chinese(), p.IDTail, p.District, p.Community)
	}
	k.Facts = []ui.Fact{{Label: "登记", Value: entry(keep)}}
	switch {
	case x.Kind == person.FixNumber:
		k.Facts = append(k.Facts, ui.Fact{Label: "新号码", Value: "尾号 " + x.Tail})
	case drop.ID != "":
		k.Facts = append(k.Facts, ui.Fact{Label: "并进来的登记", Value: entry(drop)})
	default:
		k.Facts = append(k.Facts, ui.Fact{Label: "并进来的登记", Value: "尾号 " + x.Tail})
	}
	k.Facts = append(k.Facts, ui.Fact{Label: "凭什么", Value: x.Why})
	k.Watch = append(k.Watch, [2]string{"登记", entry(keep)})
	if x.Kind == person.FixMerge {
		k.Final = map[string]string{"approve": "两条登记马上合成一条，不能撤回。"}
	}
	if x.State == person.FixAsked && x.Maker != who.ID {
		k.Allowed = []string{"approve", "refuse"}
	}
	return k, nil
}

// personFix asks for a correction from the page of an insured person.
func (s *Server) personFix(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	var x person.Fix
	var err error
	merge := f.Raw("kind") == person.FixMerge
	if merge {
		x, err = s.Person.AskMerge(r.Context(), who, who.Region, id, f.Once(), f.Digits("other", "另一条登记的证件号码"), f.Raw("because"))
	} else {
		x, err = s.Person.AskNumber(r.Context(), who, who.Region, id, f.Once(), f.Digits("number", "对的证件号码"), f.Raw("why"))
	}
	if err == nil {
		return ui.Redirect(w, r, "/o/person/fix?see="+x.ID+"#"+anchor(x.ID))
	}
	if e := fault.As(err); e.Kind == fault.Invalid { // the sentence stands beside the field of this form
		same := *e
		same.Field = map[bool]map[string]string{false: {"id": "number", "why": "why"}, true: {"id": "other", "why": "because"}}[merge][e.Field]
		err = &same
	}
	p, perr := s.personPage(r)
	if perr != nil {
		return perr
	}
	p.Fix.Open, p.Fix.Why, p.Fix.Because = f.Raw("kind"), f.Raw("why"), f.Raw("because") // no number comes back
	return personTmpl.Again(w, r, p, err)
}
