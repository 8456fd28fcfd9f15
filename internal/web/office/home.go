package office

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/desk"
	"yinling/internal/outreach"
	"yinling/internal/report"
	"yinling/internal/web/ui"
)

type homePage struct {
	ui.Page
	Hello string
	KPIs  ui.KPIs
	Lists []ui.Lines
	Quiet ui.Empty
}

var homeTmpl = ui.MustParse[homePage](ui.Office, files, "home/home.html")

// waiting is what waits in a region; it is read at most every ten seconds,
// because every page shows it beside the menu.
type waiting struct {
	at       time.Time
	todo     report.Todo
	all, due map[string]int
	calls    int64 // owed
	papers   desk.PaperCounts
}

type waitingCache struct {
	mu sync.Mutex
	of map[string]waiting
}

// workStages are the stages in which the agency has something to do.
func workStages() []string {
	var keys []string
	for _, st := range assess.Stages {
		if st.Key != "done" {
			keys = append(keys, st.Key)
		}
	}
	return keys
}

func (s *Server) waiting(ctx context.Context, region string, now time.Time) (waiting, error) {
	s.cache.mu.Lock()
	w, ok := s.cache.of[region]
	s.cache.mu.Unlock()
	if ok && now.Sub(w.at) < 10*time.Second && now.Sub(w.at) >= 0 {
		return w, nil
	}
	w = waiting{at: now}
	var err error
	if w.todo, err = s.Report.Todo(ctx, region); err != nil {
		return w, err
	}
	if w.all, w.due, err = s.Desk.Counts(ctx, region, assess.Matter, workStages()); err != nil {
		return w, err
	}
	if _, w.calls, _, err = s.Desk.Calls(ctx, region, false, 0); err != nil {
		return w, err
	}
	if w.papers, err = s.Desk.CountPapers(ctx, region); err != nil {
		return w, err
	}
	s.cache.mu.Lock()
	if s.cache.of == nil {
		s.cache.of = map[string]waiting{}
	}
	s.cache.of[region] = w
	s.cache.mu.Unlock()
	return w, nil
}

// counts are the numbers beside the menu; when they cannot be read the page
// still shows, without them.
func (s *Server) counts(r *http.Request) map[string]int {
	w, err := s.waiting(r.Context(), ui.Actor(r).Region, ui.Now(r))
	if err != nil {
		return nil
	}
	open := 0
	for key, n := range w.all {
		if key != "notice" {
			open += n
		}
	}
	voices, err := s.Outreach.VoiceCounts(r.Context(), ui.Actor(r).Region)
	if err != nil {
		return nil
	}
	return map[string]int{"calls": int(w.calls), "papers": w.papers.Late, "voices": voices[outreach.Received], "desk": open, "plans": int(w.todo.Plans), "exceptions": int(w.todo.Doubts), "claims": int(w.todo.Claims)}
}

// home is the first page (工作台): what waits, what is due, for this role.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	who := ui.Who(r)
	x, err := s.waiting(r.Context(), who.Region, ui.Now(r))
	if err != nil {
		return err
	}
	p := &homePage{Page: ui.Page{Title: "工作台"}, Hello: ui.Today(r).Chinese() + " " + ui.Today(r).Short()[len(ui.Today(r).Short())-len("周一"):]}
	if who.Can(access.DeskSee) {
		due, open := 0, 0
		stages := ui.Lines{Title: "失能评估", More: ui.Link{Href: "/o/desk", Label: "全部"}}
		for _, st := range assess.Stages {
			if st.Key == "done" {
				continue
			}
			n, late := x.all[st.Key], x.due[st.Key]
			due, open = due+late, open+n
			note := desk.CountText(n) + " 件"
			if late > 0 {
				note += fmt.Sprintf("，%d 件今天到期或已超期", late)
			}
			if n > 0 {
				stages.Items = append(stages.Items, ui.LineItem{Href: "/o/desk?stage=" + st.Key, Label: st.Name, Note: note})
			}
		}
		stages.Empty = "没有在办的申请。"
		if x.papers.Open > 0 {
			note := desk.CountText(x.papers.Open) + " 份"
			if x.papers.Late > 0 {
				note += "，" + desk.CountText(x.papers.Late) + " 份过了日子"
			}
			stages.Items = append(stages.Items, ui.LineItem{Href: "/o/paper", Label: "要送到本人手里的文书", Note: note})
		}
		p.KPIs.Items = append(p.KPIs.Items,
			ui.KPI{Label: "今天到期或已超期", Value: strconv.Itoa(due), Unit: "件", Href: "/o/desk?sort=due", Hot: due > 0},
			ui.KPI{Label: "在办申请", Value: desk.CountText(open), Unit: "件", Href: "/o/desk"})
		p.Lists = append(p.Lists, stages)
	}
	care := ui.Lines{Title: "护理服务", Empty: "没有等您办的。"}
	if who.Can(access.PlanApprove) && x.todo.Plans > 0 {
		care.Items = append(care.Items, ui.LineItem{Href: "/o/care/plans", Label: "等审批的护理计划", Note: fmt.Sprintf("%d 份", x.todo.Plans)})
	}
	if who.Can(access.ExceptionJudge) {
		note := fmt.Sprintf("%d 条", x.todo.Doubts)
		if x.todo.DoubtsLate > 0 {
			note += fmt.Sprintf("，%d 条已超期", x.todo.DoubtsLate)
		}
		if x.todo.Doubts > 0 {
			care.Items = append(care.Items, ui.LineItem{Href: "/o/care/exceptions", Label: "等处理的服务疑点", Note: note})
		}
		p.KPIs.Items = append(p.KPIs.Items, ui.KPI{Label: "等处理的疑点", Note: late(x.todo.DoubtsLate), Value: strconv.FormatInt(x.todo.Doubts, 10), Unit: "条", Href: "/o/care/exceptions", Hot: x.todo.DoubtsLate > 0})
	}
	if who.Can(access.PlanApprove) || who.Can(access.ExceptionJudge) {
		p.Lists = append(p.Lists, care)
	}
	if who.Can(access.FundSee) {
		money := ui.Lines{Title: "结算和基金", Empty: "没有等您办的。"}
		if x.todo.Claims > 0 {
			money.Items = append(money.Items, ui.LineItem{Href: "/o/claim", Label: "等审核的月度申报", Note: fmt.Sprintf("%d 份", x.todo.Claims)})
		}
		if x.todo.Disputes > 0 {
			money.Items = append(money.Items, ui.LineItem{Href: "/o/claim/open", Label: "有问题或申请冲正的账单", Note: fmt.Sprintf("%d 张", x.todo.Disputes)})
		}
		p.Lists = append(p.Lists, money)
		p.KPIs.Items = append(p.KPIs.Items, ui.KPI{Label: "月度申报待审", Value: strconv.FormatInt(x.todo.Claims, 10), Unit: "份", Href: "/o/claim"})
	}
	if len(p.Lists) == 0 {
		p.Quiet = ui.Empty{Title: "从左边的菜单开始", Say: "您的岗位（" + who.RoleName() + "）没有待办队列。"}
	}
	return homeTmpl.Render(w, r, p)
}

func late(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("超期 %d", n)
}
