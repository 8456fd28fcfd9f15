package office

import (
	"fmt"
	"net/http"
	"net/url"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/desk"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// noticeQueue are the conclusions on public notice (公示) and those that
// somebody objected to (异议). Its deeds are those of the desk.
func (s *Server) noticeQueue() *queue {
	q := &queue{Key: "notice", Path: "/o/notice", Title: "公示和异议", See: access.AssessNotice, Params: []string{"stage", "after"}, list: s.noticeList, peek: s.deskPeek}
	for _, d := range s.deskQueue().Deeds {
		if d.Key == "effect" || d.Key == "draw" {
			q.Deeds = append(q.Deeds, d)
		}
	}
	q.deed("effect").Batch = "批量生效"
	return q
}

func (s *Server) noticeList(r *http.Request, v url.Values, p *workPage) error {
	ctx, who, today, stage := r.Context(), ui.Actor(r), ui.Today(r), v.Get("stage")
	objected, err := s.Assess.Objected(ctx, who, openMost)
	if err != nil {
		return err
	}
	on, page, err := s.Assess.Worklist(ctx, who, desk.Filter{Stage: "notice", Sort: desk.SortNew, After: v.Get("after")}, "")
	if err != nil {
		return err
	}
	p.Head = []ui.Link{{Href: "/o/notice/paper", Label: "打印公示", Icon: "doc"}, {Href: "/notice", Label: "看群众看到的样子", Icon: "book"}}
	p.Say = "公示期满、没有异议的，第二天凌晨自动生效；有异议的另派人员复评。"
	p.Tabs = ui.Tabs{Label: "看哪些", Items: []ui.Tab{{Href: p.Q.address(v, "stage", "", "after", ""), Label: "公示中", N: page.Total, Current: stage != "objected"},
		{Href: p.Q.address(v, "stage", "objected", "after", ""), Label: "有异议", N: len(objected), Current: stage == "objected"}}}
	if stage == "objected" {
		p.List = ui.Table{Caption: "有异议的结论", Head: []string{"参保人", "原来的结论", "到哪一步", "受理号"}, Empty: "没有等复评的异议。"}
		for _, it := range objected {
			x := workItem{ID: it.Case.ID, Name: it.Person.Name, Version: it.Case.Version, Cells: []any{ui.Two{First: it.Person.Name, Second: it.Case.District}, it.App.FinalName, it.App.State.Name(), it.Case.ID}}
			if it.App.State != assess.StateDisputed {
				x.Against = "已经抽派了"
			}
			p.Items = append(p.Items, x)
		}
		p.offer(r, "draw")
		p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 件", len(objected))}
		return nil
	}
	list, err := s.Outreach.Current(ctx, who.Region, 500)
	if err != nil {
		return err
	}
	notice := map[string]outreach.Notice{}
	for _, n := range list {
		notice[n.Object] = n
	}
	p.List = ui.Table{Caption: "公示中的结论", Head: []string{"参保人", "公示的样子", "结论", "从哪天", "到哪天"}, Empty: "现在没有正在公示的结论。"}
	for _, it := range on {
		n, running := notice[it.Case.ID]
		x := workItem{ID: it.Case.ID, Name: it.Person.Name, Version: it.Case.Version}
		var until any = ui.Chip{Tone: "hot", Say: "期满，可以生效"}
		if running && !n.Over(today) {
			until, x.Against = n.Ends, "公示到"+n.Ends.Short()+"，期满才生效"
		}
		x.Cells = []any{ui.Two{First: it.Person.Name, Second: it.Case.ID}, ui.Two{First: orDash(n.Shown), Second: n.Place}, orDash(n.What), n.Begins, until}
		p.Items = append(p.Items, x)
	}
	p.offer(r, "effect")
	p.Pager = ui.Pager{Say: fmt.Sprintf("共 %d 件", page.Total)}
	if page.Next != "" {
		p.Pager.Next = p.Q.address(v, "after", page.Next)
	}
	return nil
}
