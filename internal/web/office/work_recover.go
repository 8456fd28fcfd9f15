package office

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/claim"
	"yinling/internal/web/ui"
)

// recoverQueue is what was paid and must come back (追回): asked by one hand,
// approved by another, offset in a later month or paid in with a bank slip.
func (s *Server) recoverQueue() *queue {
	judge := func(ok bool) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, _ map[string]string) error {
			_, err := s.Claim.JudgeRecover(ctx, who, who.Region, id, ok, key, version)
			return err
		}
	}
	type step = func(context.Context, audit.Actor, string, string, string, string, int64) (claim.Recovery, error)
	with := func(field string, f step) does {
		return func(ctx context.Context, who audit.Actor, id string, version int64, key string, in map[string]string) error {
			_, err := f(ctx, who, who.Region, id, in[field], key, version)
			return err
		}
	}
	return &queue{Key: "recover", Path: "/o/claim/recover", Nav: "/o/claim", Title: "追回", See: access.FundSee, Params: []string{"status"}, list: s.recoverList, peek: s.recoverPeek,
		Undo: claim.UndoRecoveryWord,
		undo: func(ctx context.Context, who audit.Actor, id, key string) error {
			return s.Claim.UndoRecover(ctx, who, who.Region, id, key)
		},
		Deeds: []*deed{
			{Key: "approve", Name: "同意追回", Done: "同意追回了", Letter: "A", Can: access.ClaimReverse, Batch: "批量同意追回", do: judge(true),
				Final: "同意了马上记应追回款、告诉对方，不能撤回；要撤销，由另一位同事在「待追回」里办。"},
			{Key: "refuse", Name: "不追回", Done: "不追回了", Letter: "R", Tone: "line", Can: access.ClaimReverse, do: judge(false)},
			{Key: "receive", Name: "对方缴回了", Done: "记了缴回", Letter: "A", Can: access.FundPost, Final: "缴回马上记账，不能撤回。", do: with("slip", s.Claim.ReceiveRecover),
				Fields: []ui.Field{{Kind: "text", Name: "slip", Label: "银行回单号", Hint: "同一张回单只记一次"}}},
			{Key: "way", Name: "改追回方式", Done: "改了追回方式", Letter: "R", Tone: "line", Can: access.ClaimReverse, do: with("way", s.Claim.SetWay),
				Fields: []ui.Field{{Kind: "choose", Name: "way", Label: "怎样追回", Options: recoverWays}}},
			{Key: "cancel", Name: "撤销追回", Done: "撤销追回了", Letter: "D", Tone: "stop", Can: access.ClaimReverse, Final: "撤销马上冲回记账，不能撤回；要追回，请再申请。", do: with("note", s.Claim.CancelRecover),
				Fields: []ui.Field{{Kind: "area", Name: "note", Label: "为什么撤销"}}},
		}}
}

func (s *Server) recoverList(r *http.Request, v url.Values, p *workPage) error {
	who, st := ui.Actor(r), claim.RecoveryStatus(v.Get("status"))
	xs, err := s.Claim.Recoveries(r.Context(), who, who.Region, "", "", 500)
	if err != nil {
		return err
	}
	names, err := s.partyNames(r, xs)
	if err != nil {
		return err
	}
	p.Head = []ui.Link{{Href: "/o/claim", Label: "月度结算", Icon: "bill"}}
	p.List = ui.Table{Caption: "追回", Head: []string{"向谁追回", "日期", "金额", "怎样追回", "状态"}, Empty: "没有要追回的。在已拨付月份的账单页可以申请追回。"}
	counts := map[claim.RecoveryStatus]int{}
	for _, x := range xs {
		counts[x.Status]++
		if st != "" && st != x.Status {
			continue
		}
		it := workItem{ID: x.ID, Name: names[x.Party], Version: x.Version, Cells: []any{ui.Two{First: names[x.Party]}, ui.Instant(x.At), x.Fen, wayName(x.Way), ui.Chip{Tone: recoverTone(x.Status), Say: x.Status.Name()}}}
		if x.Status == claim.RecoveryAsked && x.Maker == who.ID {
			it.Against = "的追回是您申请的，要由另一位同事复核"
		}
		p.Items = append(p.Items, it)
	}
	p.Tabs = ui.Tabs{Label: "按状态看", Items: []ui.Tab{{Href: p.Q.address(v, "status", ""), Label: "全部", N: len(xs), Current: st == ""}}}
	for _, t := range claim.RecoveryStatuses {
		if counts[t] > 0 || t == st {
			p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: p.Q.address(v, "status", string(t)), Label: t.Name(), N: counts[t], Current: t == st})
		}
	}
	if st == claim.RecoveryAsked {
		p.offer(r, "approve")
	}
	p.Pager = ui.Pager{Say: fmt.Sprintf("这里 %d 笔", len(p.Items))}
	return nil
}

func (s *Server) recoverPeek(r *http.Request, id string) (*peek, error) {
	x, facts, books, err := s.recoverFacts(r, id)
	if err != nil {
		return nil, err
	}
	k := &peek{Version: x.Version, Name: facts.Title, Small: "追回 " + x.Fen.Yuan(), Chips: []ui.Chip{{Tone: recoverTone(x.Status), Say: x.Status.Name()}}, More: []any{books}, Objects: []string{id}}
	for _, f := range facts.Rows {
		if l, ok := f.Value.(ui.Link); ok {
			l.Tone = ""
			k.Links = append(k.Links, l)
			continue
		}
		k.Facts = append(k.Facts, f)
	}
	k.Watch = [][2]string{{"状态", x.Status.Name()}, {"怎样追回", wayName(x.Way)}, {"银行回单", orDash(x.Slip)}}
	switch who := ui.Actor(r); {
	case x.Status == claim.RecoveryAsked && x.Maker != who.ID:
		k.Allowed = []string{"approve", "refuse"}
	case x.Status == claim.RecoveryOpen:
		k.Allowed = []string{"receive", "way"}
		if x.Month != "" {
			k.Final = map[string]string{"way": "这笔已经排进一份月结，改了马上退出来，不能撤回；可以再改回来。"}
		}
		if x.Checker != who.ID {
			k.Allowed = append(k.Allowed, "cancel")
		}
	}
	return k, nil
}

// recoverFacts is one recovery in words; the summary's title is whom it hits.
func (s *Server) recoverFacts(r *http.Request, id string) (x claim.Recovery, out ui.Summary, books ui.Table, err error) {
	who := ui.Actor(r)
	x, b, vs, err := s.Claim.ReadRecovery(r.Context(), who.Region, id)
	if err != nil {
		return x, out, books, err
	}
	names, err := s.partyNames(r, []claim.Recovery{x})
	if err != nil {
		return x, out, books, err
	}
	staff, err := s.Access.Names(r.Context(), who.Region, x.Maker, x.Checker)
	if err != nil {
		return x, out, books, err
	}
	fact := func(label string, v any) { out.Rows = append(out.Rows, ui.Fact{Label: label, Value: v}) }
	out.Title = names[x.Party]
	fact("金额", x.Fen)
	fact("理由", s.reasonName(who.Region, b.On.Month(), x.Reason))
	fact("说明", x.Note)
	fact("怎样追回", wayName(x.Way))
	switch {
	case x.Month != "":
		fact("抵在", ui.Link{Href: "/o/claim/month/" + x.Month, Label: "看抵扣的那份月结"})
	case x.Status == claim.RecoveryOpen && x.Way == "offset":
		fact("抵在", "等对方下一份月结，够抵就自动抵扣")
	}
	if x.Slip != "" {
		fact("银行回单", x.Slip)
	}
	fact("申请", staff[x.Maker])
	if x.Checker != "" {
		fact("复核", staff[x.Checker])
	} else if x.Maker == who.ID {
		fact("复核", "要由另一位同事复核")
	}
	fact("账单", ui.Link{Href: "/o/claim/bill/" + x.Visit, Label: "看" + b.On.Short() + "的账单"})
	fact("依据", ui.Link{Href: "/o/why/" + x.Decision + "?back=" + url.QueryEscape("/o/claim/recover?see="+id), Label: "看条款"})
	books = ui.Table{Title: "记账凭证", Caption: "记账凭证", Head: []string{"凭证", "种类", "日期", "记账月"}, Empty: "还没有记账。"}
	for _, v := range vs {
		books.Rows = append(books.Rows, ui.Row{Cells: []any{ui.Two{First: v.ID(), Href: "/o/fund/voucher/" + v.ID()}, v.Kind.Name(), v.On, v.Month}})
	}
	return x, out, books, nil
}
