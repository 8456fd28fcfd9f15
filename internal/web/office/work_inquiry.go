package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

// inquiryQueue are the questions to institutions and the measures announced to
// them (稽核问询、拟处理告知); what was answered waits first.
func (s *Server) inquiryQueue() *queue {
	end := func(result string) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
			return s.Institution.CloseInquiry(ctx, who, id, key, version, result, in["say"])
		}
	}
	why := []ui.Field{{Kind: "area", Name: "say", Label: "为什么", Hint: "机构会看到"}}
	return &queue{Key: "inquiry", Path: "/o/inquiry", Title: "问询和申辩", See: access.InstitutionSee, Params: []string{"state"}, list: s.inquiryList, peek: s.inquiryPeek,
		Deeds: []*deed{
			{Key: "punish", Name: "作出处理", Done: "作出处理了", Letter: "A", Tone: "stop", Can: access.InstitutionJudge, do: end(institution.ResultPunish), Final: "马上生效，机构收到消息，不能撤回。",
				Fields: []ui.Field{{Kind: "area", Name: "say", Label: "对机构说明的意见（可以不写）", Hint: "机构会看到"}}},
			{Key: "noted", Name: "核实完了", Done: "问询完了", Letter: "A", Can: access.InstitutionAct, do: end(institution.ResultNoted), Fields: why, Final: "机构收到消息，不能撤回。"},
			{Key: "drop", Name: "不处理", Done: "不处理了", Letter: "R", Tone: "line", Can: access.InstitutionJudge, do: end(institution.ResultDrop), Fields: why, Final: "机构收到消息，不能撤回。"},
		}}
}

// inquiryChip says where an inquiry stands against its clock.
func inquiryChip(q institution.Inquiry, r *http.Request) ui.Chip {
	switch {
	case q.State == institution.InquiryClosed && q.Result == institution.ResultPunish:
		return ui.Chip{Tone: "bad", Say: "作出处理"}
	case q.State == institution.InquiryClosed && q.Result == institution.ResultDrop:
		return ui.Chip{Tone: "mute", Say: "不处理"}
	case q.State == institution.InquiryClosed:
		return ui.Chip{Tone: "ok", Say: "核实完了"}
	case q.State == institution.InquiryAnswered:
		return ui.Chip{Tone: "wait", Say: "说明了，等决定"}
	case q.Ready(ui.Today(r)):
		return ui.Chip{Tone: "hot", Say: "到期没有说明"}
	}
	return ui.Chip{Tone: "info", Say: q.Due.Short() + "前说明"}
}

func (s *Server) inquiryList(r *http.Request, v url.Values, p *workPage) error {
	state := v.Get("state")
	if state != institution.InquiryOpen && state != institution.InquiryClosed {
		state = institution.InquiryAnswered
	}
	list, at, n, err := s.Institution.InquiriesAt(r.Context(), ui.Actor(r).Region, state, openMost)
	if err != nil {
		return err
	}
	p.Say = "处理机构和人员以前，先告知、等机构说明；说明了或者到期了再定，告知的人自己不能定，由复核岗或者另一位经办来定。在机构的页面发起。"
	p.Tabs = ui.Tabs{Label: "看哪些", Items: []ui.Tab{
		{Href: p.Q.address(v, "state", ""), Label: "等决定", N: n[institution.InquiryAnswered], Current: state == institution.InquiryAnswered},
		{Href: p.Q.address(v, "state", institution.InquiryOpen), Label: "等机构说明", N: n[institution.InquiryOpen], Current: state == institution.InquiryOpen},
		{Href: p.Q.address(v, "state", institution.InquiryClosed), Label: "定了的", N: -1, Current: state == institution.InquiryClosed}}}
	p.List = ui.Table{Caption: "问询和申辩", Head: []string{"机构", "为什么事", "拟怎样处理", "谁问的", "到哪一步"}, Empty: "这里没有问询。"}
	for _, q := range list {
		p.Items = append(p.Items, workItem{ID: q.ID, Name: at[q.Institution].Name, Version: q.Version, Cells: []any{
			ui.Two{First: at[q.Institution].Name, Second: q.KindSay()}, q.Say, orDash(plan(q)), q.AskerName, inquiryChip(q, r)}})
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 件", len(list))}
	return nil
}

// plan is the announced measure in words, "" for a question.
func plan(q institution.Inquiry) string {
	if q.Kind != institution.AskPlan {
		return ""
	}
	return fmt.Sprintf("%s：%s %d 个月", q.Name, q.Measure, q.Months)
}

func (s *Server) inquiryPeek(r *http.Request, id string) (*peek, error) {
	q, i, docs, err := s.Institution.SeeInquiry(r.Context(), ui.Actor(r), id)
	if err != nil {
		return nil, err
	}
	chip := inquiryChip(q, r)
	k := &peek{Version: q.Version, Name: i.Name, Small: q.KindSay(), Chips: []ui.Chip{chip}, Objects: []string{id},
		Watch: [][2]string{{"到哪一步", chip.Say}, {"机构的说明", orDash(q.Answer)}},
		Facts: []ui.Fact{{Label: "查到什么", Value: q.Say}, {Label: "谁问的", Value: q.AskerName + "，" + q.Asked.Chinese()}, {Label: "最晚说明", Value: q.Due}},
		Links: []ui.Link{{Href: "/o/institution/" + i.ID, Label: "打开机构"}}}
	if x := plan(q); x != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "拟怎样处理", Value: x})
	}
	if q.Answer != "" {
		k.Facts = append(k.Facts, ui.Fact{Label: "机构的说明", Value: q.Answer}, ui.Fact{Label: "谁说明的", Value: q.Answerer + "，" + ui.Instant(q.Answered)})
	}
	for n, d := range docs {
		k.Links = append(k.Links, ui.Link{Href: "/o/inquiry/" + id + "/file/" + d.ID, Label: fmt.Sprintf("证据 %d：%s", n+1, d.Name)})
	}
	if q.State == institution.InquiryClosed {
		k.Facts = append(k.Facts, ui.Fact{Label: "结果", Value: strings.TrimSpace(chip.Say + "。" + q.ResultSay)}, ui.Fact{Label: "谁定的", Value: q.Closer + "，" + ui.Instant(q.Closed)})
		return k, nil
	}
	switch {
	case q.Kind == institution.AskQuestion:
		k.Allowed = []string{"noted"}
	case q.Asker == ui.Actor(r).ID:
		k.Facts = append(k.Facts, ui.Fact{Label: "谁来定", Value: "是您告知的，要由复核岗或者另一位经办的同事来定"})
	case q.Ready(ui.Today(r)):
		k.Allowed = []string{"punish", "drop"}
	default:
		k.Allowed = []string{"drop"}
	}
	return k, nil
}

// inquiryFile shows a piece of the institution's evidence.
func (s *Server) inquiryFile(w http.ResponseWriter, r *http.Request) error {
	d, f, err := s.Institution.InquiryFile(r.Context(), ui.Actor(r), s.Desk.Files, r.PathValue("id"), r.PathValue("doc"))
	if err != nil {
		return err
	}
	defer f.Close()
	return ui.SendFile(w, r, d.Mime, d.At, f)
}

// institutionAsk puts a question to an institution.
func (s *Server) institutionAsk(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	say := f.Text("ask", "要机构说明什么")
	err := f.Err()
	if err == nil {
		if _, err = s.Institution.Inquire(r.Context(), who, who.Region, id, f.Once(), say, nil); fault.Is(err, fault.Invalid) {
			err = fault.Field("ask", "%s", fault.As(err).Say)
		}
	}
	if err != nil {
		p, perr := s.institutionPage(r)
		if perr != nil {
			return perr
		}
		p.Sanction.Ask = say
		return institutionTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/institution/"+id)
}
