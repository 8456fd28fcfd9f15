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
	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// planQueue are care plans that wait for approval.
func (s *Server) planQueue() *queue {
	act := func(action string) func(context.Context, audit.Actor, string, int64, string, map[string]string) error {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
			_, err := s.Care.Act(ctx, who, who.Region, id, key, care.PlanAct{Action: action, Version: version, Note: in["note"]})
			return err
		}
	}
	return &queue{Key: "plan", Path: "/o/care/plans", Title: "护理计划审批", See: access.PlanApprove, Params: []string{"status"}, list: s.planList, peek: s.planPeek,
		Deeds: []*deed{
			{Key: "approve", Name: "审批通过", Done: "审批通过了", Letter: "A", Can: access.PlanApprove, Batch: "批量审批", do: act("approve"),
				Final: "通过以后马上排出上门的日子，不能撤回；要改请停止计划，另做一份。"},
			{Key: "return", Name: "退回", Done: "退回了", Letter: "R", Tone: "line", Can: access.PlanApprove, do: act("return"),
				Fields: []ui.Field{{Kind: "area", Name: "note", Label: "退回的原因", Hint: "机构照着改"}}, Final: "退回马上通知写计划的机构或同事，不能撤回。"},
		}}
}

func (s *Server) planList(r *http.Request, v url.Values, p *workPage) error {
	who, st := ui.Actor(r), care.PlanStatus(v.Get("status"))
	if st.Name() == "" || st == care.Draft {
		st = care.Confirmed
	}
	rows, err := s.Care.Plans(r.Context(), who, who.Region, st, 200)
	if err != nil {
		return err
	}
	p.Tabs.Label = "按状态看"
	for _, t := range []care.PlanStatus{care.Confirmed, care.Offered, care.Active, care.Returned, care.Declined, care.Ended} {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: p.Q.address(v, "status", string(t)), Label: t.Name(), N: -1, Current: t == st})
	}
	p.List = ui.Table{Caption: st.Name() + "的护理计划", Head: []string{"参保人", "机构", "方式", "日期", "每月", "提醒"}, Empty: "这里没有计划。"}
	for _, x := range rows {
		it := workItem{ID: x.ID, Name: x.Who.Name, Version: x.Version}
		warn := ui.Chip{Tone: "ok", Say: "没有超限额"}
		if n := len(x.Limits.Problems); n > 0 {
			warn, it.Against = ui.Chip{Tone: "hot", Say: fmt.Sprintf("%d 处超限额", n)}, fmt.Sprintf("有 %d 处超限额，要单独办", n)
		}
		if who.ID == x.WrittenBy || who.ID == x.ConfirmedBy {
			it.Against = "是您编制或确认的，要由同事审批"
		}
		it.Cells = []any{ui.Two{First: x.Who.Name, Second: x.Who.District + x.Who.Community}, orDash(x.Institution.Name), benefit.ModeChinese(x.Mode),
			ui.Two{First: x.From.Short(), Second: "到 " + x.To.Short()}, ui.Two{First: fmt.Sprintf("%d %s，%s", x.Limits.Visits, map[bool]string{true: "次", false: "天"}[x.Mode == "home"], x.Limits.TotalFen.Yuan()), Second: s.Care.PlanMark(x.Plan)}, warn}
		p.Items = append(p.Items, it)
	}
	if st == care.Confirmed {
		p.offer(r, "approve")
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("共 %d 份", len(rows))}
	return nil
}

func (s *Server) planPeek(r *http.Request, id string) (*peek, error) {
	c, err := s.carePlanPage(r, id)
	if err != nil {
		return nil, err
	}
	x := c.X
	k := &peek{Version: x.Version, Name: x.Who.Name, Small: fmt.Sprintf("%s · %d\u2060岁", x.Who.Sex, x.Who.Age(ui.Today(r))), Chips: []ui.Chip{{Tone: carePlanTone(x.Status), Say: x.Status.Name()}},
		More: []any{c.Items, c.Slots}, Links: []ui.Link{{Href: "/o/care/plan/" + id, Label: "打开整份计划"}}, Objects: []string{id}}
	for _, f := range c.Facts.Rows {
		switch f.Label {
		case "状态", "参保人":
		case "核对":
			if l, ok := f.Value.(ui.Link); ok {
				k.Links = append([]ui.Link{{Href: l.Href, Label: "看原文和计算过程"}}, k.Links...)
			}
		default:
			k.Facts = append(k.Facts, f)
		}
	}
	for _, over := range c.Over {
		k.Checks.Items = append(k.Checks.Items, ui.Check{State: "warn", Say: over.Say})
	}
	k.Watch = [][2]string{{"状态", x.Status.Name()}, {"日期", x.From.String() + " 到 " + x.To.String()}, {"每月", fmt.Sprintf("%d 次，%s", x.Limits.Visits, x.Limits.TotalFen.Yuan())}, {"原因", orDash(x.Note)}}
	if c.May {
		k.Allowed = []string{"approve", "return"}
	}
	return k, nil
}

// exceptionQueue are doubts about visits (服务疑点).
func (s *Server) exceptionQueue() *queue {
	judge := func(action string) func(context.Context, audit.Actor, string, int64, string, map[string]string) error {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
			visit, kind, _ := strings.Cut(id, "/")
			j := care.Judgement{Action: action, Reason: in["reason"], Version: version}
			if action == "deduct" {
				n, err := strconv.ParseInt(strings.TrimSpace(in["minutes"]), 10, 64)
				if err != nil || n < 1 {
					return fault.Field("minutes", "扣减的分钟数请填大于 0 的整数")
				}
				j.Minutes = n
			}
			_, err := s.Care.Judge(ctx, who, who.Region, visit, kind, key, j)
			return err
		}
	}
	reason := ui.Field{Kind: "area", Name: "reason", Label: "处理的理由", Hint: "机构会看到"}
	const final = "处理完马上重算费用、告诉机构，不能撤回；要更正请在结算里冲正。"
	return &queue{Key: "exception", Path: "/o/care/exceptions", Title: "服务疑点", See: access.ExceptionJudge, Params: []string{"status"}, list: s.exceptionList, peek: s.exceptionPeek,
		Deeds: []*deed{
			{Key: "accept", Name: "属实", Done: "按属实处理了", Letter: "A", Can: access.ExceptionJudge, Batch: "批量按属实处理", Fields: []ui.Field{reason},
				BatchFields: []ui.Field{{Kind: "text", Name: "reason", Label: "处理的理由", Hint: "每一条都记这句话，机构会看到"}}, Final: final, do: judge("accept")},
			{Key: "deduct", Name: "扣时长", Done: "扣减了时长", Letter: "R", Tone: "line", Can: access.ExceptionJudge, Final: final, do: judge("deduct"),
				Fields: []ui.Field{{Kind: "number", Name: "minutes", Label: "扣减的分钟数", InputMode: "numeric", Short: true}, reason}},
			{Key: "void", Name: "不认", Done: "整次不予认定", Letter: "D", Tone: "stop", Can: access.ExceptionJudge, Fields: []ui.Field{reason}, Final: "整次不结算。" + final, do: judge("void")},
		}}
}

func (s *Server) exceptionList(r *http.Request, v url.Values, p *workPage) error {
	who, st := ui.Actor(r), care.ExceptionStatus(v.Get("status"))
	chosen := st != "" && st.Name() != ""
	if !chosen {
		st = care.Answered
	}
	rows, counts, err := s.Care.Exceptions(r.Context(), who, who.Region, st, 200)
	if err != nil {
		return err
	}
	if counts[care.Answered] == 0 && counts[care.Open] > 0 && !chosen {
		st = care.Open // nothing was answered, but what was not answered in time waits here too
		if rows, counts, err = s.Care.Exceptions(r.Context(), who, who.Region, st, 200); err != nil {
			return err
		}
	}
	p.Tabs.Label = "按状态看"
	for _, t := range []care.ExceptionStatus{care.Answered, care.Open, care.Accepted, care.Deducted, care.Voided} {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: p.Q.address(v, "status", string(t)), Label: t.Name(), N: int(counts[t]), Current: t == st})
	}
	today := ui.Today(r)
	p.List = ui.Table{Caption: "服务疑点", Head: []string{"参保人", "哪天", "疑点", "时限"}, Empty: "这里没有疑点。"}
	for _, x := range rows {
		e := x.Exception
		it := workItem{ID: e.Visit + "/" + e.Kind, Name: x.Who.Name, Version: e.Version}
		var due any = "没有定"
		switch {
		case e.Status == care.Open && !e.AnswerDue.IsZero():
			due = "机构 " + e.AnswerDue.Short() + "前说明"
			if e.AnswerDue < today {
				due = ui.Chip{Tone: "bad", Say: "机构没有按时说明，可以处理了"}
			} else {
				it.Against = "机构还在说明的期限里"
			}
		case e.Status == care.Answered && !e.DecideDue.IsZero():
			due = chipOf(today, e.DecideDue)
		case e.Status.Decided():
			due = e.Reason
		}
		it.Cells = []any{ui.Two{First: x.Who.Name, Second: x.StaffName}, e.On.Short(), ui.Two{First: care.ExceptionName(e.Kind), Second: e.Say}, due}
		p.Items = append(p.Items, it)
	}
	if !st.Decided() {
		p.offer(r, "accept")
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 条", len(rows))}
	return nil
}

func (s *Server) exceptionPeek(r *http.Request, id string) (*peek, error) {
	visit, kind, _ := strings.Cut(id, "/")
	c, err := s.careExceptionPage(r, visit, kind)
	if err != nil {
		return nil, err
	}
	e := c.E
	k := &peek{Version: e.Version, Name: c.X.Who.Name, Small: care.ExceptionName(e.Kind), Chips: []ui.Chip{{Tone: careExceptionTone(e.Status), Say: e.Status.Name()}, {Tone: "info", Say: e.On.Short()}},
		Links: []ui.Link{{Href: "/o/care/exception/" + id, Label: "打开上门记录和证据"}}, Objects: []string{visit}}
	for _, f := range append(c.Facts.Rows, c.Visit.Rows...) {
		switch f.Label {
		case "状态", "日期":
		case "怎么发现的":
			if l, ok := f.Value.(ui.Link); ok {
				k.Links = append([]ui.Link{{Href: l.Href, Label: "看原文和计算过程"}}, k.Links...)
			}
		default:
			k.Facts = append(k.Facts, f)
		}
	}
	k.Watch = [][2]string{{"状态", e.Status.Name()}, {"机构的说明", orDash(e.Answer)}, {"处理的理由", orDash(e.Reason)}, {"扣减", fmt.Sprintf("%d 分钟", e.DeductMinutes)}}
	if c.May {
		k.Allowed = []string{"accept", "deduct", "void"}
	}
	return k, nil
}
