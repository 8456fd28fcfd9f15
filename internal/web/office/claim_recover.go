package office

import (
	"net/http"

	"yinling/internal/access"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

var recoverWays = []ui.Option{{Value: "offset", Label: "从下个月的拨付里抵扣"}, {Value: "direct", Label: "对方缴回，凭银行回单入账"}}

func wayName(way string) string {
	for _, o := range recoverWays {
		if o.Value == way {
			return o.Label
		}
	}
	return way
}

func recoverTone(st claim.RecoveryStatus) string {
	switch st {
	case claim.RecoveryOffset, claim.RecoveryReceived:
		return "ok"
	case claim.RecoveryRefused, claim.RecoveryCancelled:
		return "mute"
	}
	return "wait"
}

type recoversPage struct {
	ui.Page
	Tabs ui.Tabs
	List ui.Table
}

var recoversTmpl = ui.MustParse[recoversPage](ui.Office, files, "claim/recovers.html")

// recovers lists what was paid and must come back (追回).
func (s *Server) recovers(w http.ResponseWriter, r *http.Request) error {
	who, st := ui.Actor(r), claim.RecoveryStatus(r.FormValue("status"))
	xs, err := s.Claim.Recoveries(r.Context(), who, who.Region, "", "", 500)
	if err != nil {
		return err
	}
	names, err := s.partyNames(r, xs)
	if err != nil {
		return err
	}
	p := &recoversPage{Page: ui.Page{Title: "追回", Back: "/o/claim", Nav: "/o/claim"}}
	p.List = ui.Table{Caption: "追回", Head: []string{"日期", "向谁追回", "金额", "怎样追回", "状态"}, Empty: "没有要追回的。在已拨付月份的账单页可以申请追回。"}
	counts := map[claim.RecoveryStatus]int{}
	for _, x := range xs {
		counts[x.Status]++
		if st != "" && st != x.Status {
			continue
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: ui.Instant(x.At), Href: "/o/claim/recover/" + x.ID}, names[x.Party], x.Fen, wayName(x.Way),
			ui.Chip{Tone: recoverTone(x.Status), Say: x.Status.Name()}}})
	}
	p.Tabs = ui.Tabs{Label: "按状态看", Items: []ui.Tab{{Href: "/o/claim/recover", Label: "全部", N: len(xs), Current: st == ""}}}
	for _, t := range claim.RecoveryStatuses {
		if counts[t] > 0 || t == st {
			p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: "/o/claim/recover?status=" + string(t), Label: t.Name(), N: counts[t], Current: t == st})
		}
	}
	return recoversTmpl.Render(w, r, p)
}

// partyNames names institutions and persons from whom money is recovered.
func (s *Server) partyNames(r *http.Request, xs []claim.Recovery) (map[string]string, error) {
	var insts, persons []string
	for _, x := range xs {
		if x.Family {
			persons = append(persons, x.Party)
		} else {
			insts = append(insts, x.Party)
		}
	}
	region := ui.Actor(r).Region
	names, err := s.Claim.Names(r.Context(), region, insts)
	if err != nil {
		return nil, err
	}
	people, err := s.Claim.PersonNames(r.Context(), region, persons)
	for id, name := range people {
		names[id] = name + "（亲情护理）"
	}
	return names, err
}

type recoverPage struct {
	ui.Page
	X                                       claim.Recovery
	Facts                                   ui.Summary
	Books                                   ui.Table
	Ways                                    []ui.Option
	MayJudge, MayWay, MayReceive, MayCancel bool
	Why                                     string // why one may not decide
	Slip, Note                              string
}

var recoverTmpl = ui.MustParse[recoverPage](ui.Office, files, "claim/recover.html")

func (s *Server) recoverPage(r *http.Request) (*recoverPage, error) {
	who := ui.Actor(r)
	x, b, vs, err := s.Claim.ReadRecovery(r.Context(), who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	names, err := s.partyNames(r, []claim.Recovery{x})
	if err != nil {
		return nil, err
	}
	staff, err := s.Access.Names(r.Context(), who.Region, x.Maker, x.Checker)
	if err != nil {
		return nil, err
	}
	p := &recoverPage{Page: ui.Page{Title: "追回 " + x.Fen.Yuan(), Back: "/o/claim/recover", Nav: "/o/claim"}, X: x, Ways: recoverWays}
	fact := func(label string, v any) { p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: v}) }
	fact("状态", ui.Chip{Tone: recoverTone(x.Status), Say: x.Status.Name()})
	fact("向谁追回", names[x.Party])
	fact("金额", x.Fen)
	fact("账单", ui.Link{Href: "/o/claim/bill/" + x.Visit, Label: b.On.Short() + "的账单", Tone: "ghost"})
	fact("理由", s.reasonName(who.Region, b.On.Month(), x.Reason))
	fact("说明", x.Note)
	fact("依据", ui.Link{Href: "/o/why/" + x.Decision, Label: "看条款", Tone: "ghost"})
	fact("怎样追回", wayName(x.Way))
	switch {
	case x.Month != "":
		fact("抵在", ui.Link{Href: "/o/claim/month/" + x.Month, Label: "看这份月结", Tone: "ghost"})
	case x.Status == claim.RecoveryOpen && x.Way == "offset":
		fact("抵在", "等对方下一份月结，够抵就自动抵扣")
	}
	if x.Slip != "" {
		fact("银行回单", x.Slip)
	}
	fact("申请", staff[x.Maker])
	if x.Checker != "" {
		fact("复核", staff[x.Checker])
	}
	p.Books = ui.Table{Title: "记账凭证", Caption: "记账凭证", Head: []string{"凭证", "种类", "日期", "记账月"}, Empty: "还没有记账。"}
	for _, v := range vs {
		p.Books.Rows = append(p.Books.Rows, ui.Row{Cells: []any{ui.Two{First: v.ID(), Href: "/o/fund/voucher/" + v.ID()}, v.Kind.Name(), v.On, v.Month}})
	}
	role := access.RoleOf(who.Role)
	hand := role.Allows(access.ClaimReverse)
	p.MayJudge = x.Status == claim.RecoveryAsked && hand && who.ID != x.Maker
	p.MayWay = x.Status == claim.RecoveryOpen && hand
	p.MayCancel = x.Status == claim.RecoveryOpen && hand && who.ID != x.Checker
	p.MayReceive = x.Status == claim.RecoveryOpen && role.Allows(access.FundPost)
	if x.Status == claim.RecoveryAsked && hand && who.ID == x.Maker {
		p.Why = "这一笔是您申请的，要由另一位同事复核。"
	}
	return p, nil
}

// reasonName is the name of a deduction reason of the region.
func (s *Server) reasonName(region string, m day.Month, code string) string {
	if v, err := s.Packs.At(region, m.Last()); err == nil {
		for _, x := range claim.Reasons(v) {
			if x.Code == code {
				return x.Name
			}
		}
	}
	return code
}

func (s *Server) recover(w http.ResponseWriter, r *http.Request) error {
	p, err := s.recoverPage(r)
	if err != nil {
		return err
	}
	return recoverTmpl.Render(w, r, p)
}

// recoverAsk asks for a recovery from the page of a bill.
func (s *Server) recoverAsk(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	in := claim.RecoverIn{Visit: id, Reason: f.Raw("reason"), Way: f.Raw("way"), Note: f.Raw("why"), Fen: f.Fen("fen", "金额")}
	if in.Reason == "" {
		f.Bad("reason", "请选追回的理由")
	}
	err := f.Err()
	if err == nil {
		var x claim.Recovery
		if x, err = s.Claim.AskRecover(r.Context(), who, who.Region, f.Once(), in); err == nil {
			return ui.Redirect(w, r, "/o/claim/recover/"+x.ID)
		}
	}
	p, perr := s.billPage(r)
	if perr != nil {
		return perr
	}
	p.Recover.Reason, p.Recover.Way, p.Recover.Why, p.Recover.Fen = in.Reason, in.Way, in.Note, f.Raw("fen")
	return billTmpl.Again(w, r, p, err)
}

// recoverAct approves, refuses, changes the way or cancels.
func (s *Server) recoverAct(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	version := f.Int("version", "", 0, 1<<40)
	err := f.Err()
	if err == nil {
		switch act := f.Raw("act"); act {
		case "approve", "refuse":
			_, err = s.Claim.JudgeRecover(r.Context(), who, who.Region, id, act == "approve", f.Once(), version)
		case "way":
			_, err = s.Claim.SetWay(r.Context(), who, who.Region, id, f.Raw("way"), f.Once(), version)
		case "cancel":
			_, err = s.Claim.CancelRecover(r.Context(), who, who.Region, id, f.Raw("note"), f.Once(), version)
		default:
			err = fault.Field("act", "请点页面上的按钮。")
		}
	}
	return s.recoverAfter(w, r, f, err)
}

// recoverReceive books the bank slip of a recovery.
func (s *Server) recoverReceive(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	slip, version := f.Text("slip", "银行回单号"), f.Int("version", "", 0, 1<<40)
	err := f.Err()
	if err == nil {
		_, err = s.Claim.ReceiveRecover(r.Context(), who, who.Region, r.PathValue("id"), slip, f.Once(), version)
	}
	return s.recoverAfter(w, r, f, err)
}

func (s *Server) recoverAfter(w http.ResponseWriter, r *http.Request, f *ui.Form, err error) error {
	if err == nil {
		return ui.Redirect(w, r, "/o/claim/recover/"+r.PathValue("id"))
	}
	p, perr := s.recoverPage(r)
	if perr != nil {
		return perr
	}
	p.Slip, p.Note = f.Raw("slip"), f.Raw("note")
	return recoverTmpl.Again(w, r, p, err)
}
