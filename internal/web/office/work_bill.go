package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/claim"
	"yinling/internal/web/ui"
)

// openMost is how many open items a money queue shows at once.
const openMost = 200

// billQueue are the bills that wait for the office: what people call wrong
// (有问题), and reversals (冲正) that wait for the second hand.
func (s *Server) billQueue() *queue {
	answer := func(void bool) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
			_, err := s.Claim.Answer(ctx, who, who.Region, id, void, in["note"], key, version)
			return err
		}
	}
	judge := func(ok bool) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, _ map[string]string) error {
			_, err := s.Claim.JudgeReverse(ctx, who, who.Region, id, ok, key, version)
			return err
		}
	}
	note := []ui.Field{{Kind: "area", Name: "note", Label: "核实的情况", Hint: "本人会看到"}}
	return &queue{Key: "bill", Path: "/o/claim/open", Nav: "/o/claim", Title: "有问题的账单和冲正", See: access.FundSee, Params: []string{"status"}, list: s.billList, peek: s.billPeek,
		Deeds: []*deed{
			{Key: "answer", Name: "属实", Done: "答复属实了", Letter: "A", Can: access.ClaimReverse, Batch: "批量答复属实", Fields: note, BatchFields: note,
				Final: "本人马上看到答复，不能撤回；本人再确认一次，还可以再提出问题。", do: answer(false)},
			{Key: "void", Name: "不结算", Done: "不结算了", Letter: "R", Tone: "stop", Can: access.ClaimReverse, Fields: note, Final: "这次护理不再结算，不能撤回。", do: answer(true)},
			{Key: "approve", Name: "同意冲正", Done: "冲正了", Letter: "A", Tone: "stop", Can: access.ClaimReverse, Batch: "批量同意冲正", Final: "冲正马上记账，不能撤回。", do: judge(true)},
			{Key: "keep", Name: "驳回冲正", Done: "驳回冲正了", Letter: "R", Tone: "line", Can: access.ClaimReverse, Final: "驳回以后结算不变，不能撤回；要冲正，请再申请。", do: judge(false)},
		}}
}

func (s *Server) billList(r *http.Request, v url.Values, p *workPage) error {
	who, st := ui.Actor(r), claim.Status(v.Get("status"))
	if st != claim.Reversing {
		st = claim.Disputed
	}
	p.Head = []ui.Link{{Href: "/o/claim", Label: "月度结算", Icon: "bill"}}
	p.Tabs.Label = "等办什么"
	var bs []claim.Bill
	for _, t := range []claim.Status{claim.Disputed, claim.Reversing} {
		xs, err := s.Claim.Waiting(r.Context(), who.Region, t, openMost)
		if err != nil {
			return err
		}
		if t == st {
			bs = xs
		}
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: p.Q.address(v, "status", string(t)), Label: t.Name(), N: len(xs), Current: t == st})
	}
	var ids []string
	for _, b := range bs {
		ids = append(ids, b.Person)
	}
	names, err := s.Claim.PersonNames(r.Context(), who.Region, ids)
	if err != nil {
		return err
	}
	p.List = ui.Table{Caption: st.Name(), Head: []string{"参保人", "哪天", "项目", "基金付", "说了什么"}, Empty: "没有要办的。"}
	for _, b := range bs {
		it := workItem{ID: b.Visit, Name: names[b.Person], Version: b.Version, Cells: []any{ui.Two{First: names[b.Person]}, b.On.Short(), b.Items(), b.Fund, b.Note}}
		if st == claim.Reversing && b.AskedBy == who.ID {
			it.Against = "的冲正是您申请的，要由另一位同事复核"
		}
		p.Items = append(p.Items, it)
	}
	p.offer(r, map[claim.Status]string{claim.Disputed: "answer", claim.Reversing: "approve"}[st])
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 张", len(bs))}
	return nil
}

func (s *Server) billPeek(r *http.Request, id string) (*peek, error) {
	c, err := s.billPage(r, id)
	if err != nil {
		return nil, err
	}
	x := c.X
	k := &peek{Version: x.Version, Name: x.Who.Name, Small: x.On.Short() + "的账单", Chips: []ui.Chip{{Tone: "wait", Say: x.Status.Name()}}, More: []any{c.Lines}, Objects: []string{id},
		Links: []ui.Link{{Href: "/o/why/" + x.Decision + "?back=" + url.QueryEscape("/o/claim/open?see="+id), Label: "看怎么算的"}, {Href: "/o/claim/bill/" + id, Label: "打开整张账单"}}}
	for i, say := range strings.Split(x.Note, "\n") {
		label := ""
		if i == 0 {
			label = "说了什么"
		}
		if say != "" {
			k.Facts = append(k.Facts, ui.Fact{Label: label, Value: say})
		}
	}
	for _, f := range c.Facts.Rows {
		if f.Label != "状态" && f.Label != "依据" {
			k.Facts = append(k.Facts, f)
		}
	}
	k.Watch = [][2]string{{"状态", x.Status.Name()}, {"说了什么", orDash(x.Note)}, {"基金付", x.Fund.Yuan()}, {"个人付", x.PersonFen.Yuan()}}
	switch who := ui.Actor(r); {
	case x.Status == claim.Disputed:
		k.Allowed = []string{"answer", "void"}
	case x.Status == claim.Reversing && x.AskedBy != who.ID:
		k.Allowed = []string{"approve", "keep"}
	}
	return k, nil
}

// accountQueue are accounts of persons that wait for the second hand (收款账户).
func (s *Server) accountQueue() *queue {
	judge := func(ok bool) does {
		return func(ctx context.Context, who audit.Actor, id string, _ int64, key string, _ map[string]string) error {
			return s.Claim.JudgeAccount(ctx, who, who.Region, id, key, ok)
		}
	}
	return &queue{Key: "account", Path: "/o/claim/account", Nav: "/o/claim", Title: "收款账户等核对", See: access.ClaimReview, list: s.accountList, peek: s.accountPeek,
		Deeds: []*deed{
			{Key: "ok", Name: "核对无误", Done: "启用了", Letter: "A", Can: access.ClaimReview, Batch: "批量启用", Final: "启用了，下一次补助就付到这里，不能撤回；要换账户，请窗口再录一个。", do: judge(true)},
			{Key: "no", Name: "不对，作废", Done: "作废了", Letter: "R", Tone: "stop", Can: access.ClaimReview, Final: "作废不能撤回；请窗口对照银行卡重新录。", do: judge(false)},
		}}
}

func (s *Server) accountList(r *http.Request, _ url.Values, p *workPage) error {
	who := ui.Actor(r)
	as, err := s.Claim.AccountsAsked(r.Context(), who.Region, openMost)
	if err != nil {
		return err
	}
	var ids []string
	for _, a := range as {
		ids = append(ids, a.Person)
	}
	names, err := s.Claim.PersonNames(r.Context(), who.Region, ids)
	if err != nil {
		return err
	}
	p.Say = "亲情护理补助付到这些账户。请对照银行卡核对户名和尾号，录入的人不能核对自己录的。"
	p.List = ui.Table{Caption: "等核对的收款账户", Head: []string{"参保人", "户名", "开户行", "账号", "提交时间"}, Empty: "没有等核对的收款账户。"}
	for _, a := range as {
		it := workItem{ID: a.Person, Name: names[a.Person], Version: a.At, Cells: []any{ui.Two{First: names[a.Person]}, ui.Two{First: a.Holder, Second: a.Relation}, a.Bank, a.Masked(), ui.Instant(a.At)}}
		if a.Maker == who.ID {
			it.Against = "的账户是您录入的，要由另一位同事核对"
		}
		p.Items = append(p.Items, it)
	}
	p.offer(r, "ok")
	p.Pager = ui.Pager{Say: fmt.Sprintf("共 %d 个", len(as))}
	return nil
}

func (s *Server) accountPeek(r *http.Request, id string) (*peek, error) {
	c, err := s.payAccountPage(r, id)
	if err != nil {
		return nil, err
	}
	k := &peek{Version: c.asked.At, Name: c.name, Small: "收款账户", Facts: c.Asked.Rows, Objects: []string{id}, Links: []ui.Link{{Href: "/o/person/" + id + "/account", Label: "打开这个人的收款账户"}}}
	if c.HasLive {
		k.More = []any{c.Live}
	}
	for _, f := range k.Facts {
		k.Watch = append(k.Watch, [2]string{f.Label, fmt.Sprint(f.Value)})
	}
	if c.HasAsked && c.asked.Maker != ui.Actor(r).ID {
		k.Allowed = []string{"ok", "no"}
	}
	return k, nil
}
