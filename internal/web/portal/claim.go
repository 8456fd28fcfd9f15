package portal

import (
	"fmt"
	"net/http"

	"yinling/internal/audit"
	"yinling/internal/claim"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/web/ui"
)

// Cashier proves the codes of our own cashier page; pay.Cashier is one.
type Cashier interface {
	claim.PaymentChannel
	Check(order, fen, sign string) (money.Fen, bool)
}

type billsPage struct {
	ui.Page
	Wait, Past ui.Lines
	Nothing    ui.Empty
	Any        bool
	Stopped    []stopped // sanctions that hold today
}

type stopped struct{ Say, Why string }

var billsTmpl = ui.MustParse[billsPage](ui.Portal, files, "claim/list.html")

// bills lists the bills of a year: what waits for an answer first.
func (s *Server) bills(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	bs, err := s.Claim.BillsOf(r.Context(), who, who.Region, subject(who), ui.Today(r).AddMonths(-12), 100)
	if err != nil {
		return err
	}
	p := &billsPage{Page: ui.Page{Title: "账单", Back: "/"}, Any: len(bs) > 0}
	p.Wait = ui.Lines{Title: "等您看一看", Empty: "没有要您确认的账单。"}
	p.Past = ui.Lines{Title: "以前的账单", Empty: "还没有结算过的账单。"}
	p.Nothing = ui.Empty{Title: "还没有账单", Say: "护理做完以后，这里会出现账单：做了什么、医保付多少、您付多少。"}
	if who.Behalf == "" {
		p.Nothing.Act = ui.Link{Href: atFamily, Label: "看家人的账单", Tone: "line"}
	}
	for _, b := range bs {
		item := ui.LineItem{Href: "/claim/" + b.Visit, Label: b.On.Short() + " " + b.Items(), Note: b.Status.Name()}
		if b.Status == claim.Quoted {
			item.Note = "您付 " + b.PersonFen.Yuan()
			p.Wait.Items = append(p.Wait.Items, item)
		} else {
			p.Past.Items = append(p.Past.Items, item)
		}
	}
	held, err := s.Claim.Sanctions(r.Context(), who.Region, subject(who))
	if err != nil {
		return err
	}
	for _, x := range held {
		if x.On(ui.Today(r)) {
			p.Stopped = append(p.Stopped, stopped{Why: "/why/" + x.Decision + "?back=/claim", Say: "医保经办查实：" + x.Reason + "。从" + x.From.Chinese() + "到" + x.To.Chinese() +
				"，护理费用由您先付，凭票据到窗口申请手工报销。不同意这样处理的，可以打 12393 问怎么申诉。"})
		}
	}
	return billsTmpl.Render(w, r, p)
}

type billPage struct {
	ui.Page
	X        claim.Sight
	Say      string
	Facts    ui.Summary
	Lines    ui.Table
	Owes     bool // the person's share waits to be paid
	Undoable bool
	Undo     ui.Undo
	Reason   string
}

var (
	billTmpl    = ui.MustParse[billPage](ui.Portal, files, "claim/bill.html")
	problemTmpl = ui.MustParse[billPage](ui.Portal, files, "claim/problem.html")
)

func (s *Server) billPage(r *http.Request) (*billPage, error) {
	who := ui.Actor(r)
	x, err := s.Claim.Look(r.Context(), who, who.Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &billPage{Page: ui.Page{Title: x.On.Short() + "的护理账单", Back: "/claim"}, X: x}
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "照护谁", Value: x.Who.Name}, {Label: "哪家机构", Value: x.Place.Name}}}
	if x.Institution == "" {
		p.Facts.Rows[1] = ui.Fact{Label: "谁照护", Value: "家里人"}
	}
	if x.StaffName != "" {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "谁来的", Value: x.StaffName})
	}
	p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "时间", Value: span(x.Bill)})
	p.Lines = ui.Table{Title: "做了什么", Caption: "护理项目和费用", Head: []string{"项目", "费用", "医保付", "您付"}}
	for _, l := range x.Bill.Lines {
		p.Lines.Rows = append(p.Lines.Rows, ui.Row{Cells: []any{ui.Two{First: l.Name, Second: l.Refused}, l.Total, l.Fund, l.Person}})
	}
	now := ui.Now(r).UnixMilli()
	p.Undoable = x.Undoable(now)
	p.Undo = undoBill(x.Bill)
	p.Owes = x.Status == claim.Settled && x.Charge.Status == claim.ChargeOpen
	switch {
	case x.Held && (x.Status == claim.Quoted || x.Status == claim.Confirmed):
		p.Say = "这次护理的记录正在核实，核实以后再结算，不影响您享受护理。"
	case x.Status == claim.Quoted:
		p.Say = "请看看对不对。您说没问题，医保才付钱。"
	case x.Status == claim.Confirmed:
		p.Say = "您已经确认，医保经办会结算这笔账。"
	case x.Status == claim.Disputed:
		p.Say = "您说有问题，医保经办正在核实。核实以前不会付钱。"
	case x.Status == claim.Void:
		p.Say = "经办核实后，这次护理不结算，您不用付钱。"
		if x.Note != "" {
			p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "说明", Value: x.Note})
		}
	case x.Status == claim.Withdrawn:
		p.Say = "这一天的确认收回了，不结算。要重新确认的，请到“确认照护的日子”。"
	case x.Status == claim.Reversing || x.Status == claim.Settled:
		p.Say = "已经结算。"
	case x.Status == claim.Reversed:
		p.Say = "这笔账已经冲正，医保和您都不用付。"
	}
	return p, nil
}

func undoBill(b claim.Bill) ui.Undo {
	return ui.Undo{Until: ui.Clock(b.PendingUntil), Say: "点错了？", Action: "/claim/" + b.Visit + "/undo", Button: "撤回"}
}

func span(b claim.Bill) string {
	if b.Begin == 0 {
		return b.On.Short() + " 全天" // a day of care
	}
	return fmt.Sprintf("%s %s 到 %s，%d 分钟", b.On.Short(), ui.Clock(b.Begin), ui.Clock(b.Begin+b.Minutes*60000), b.Minutes)
}

func (s *Server) bill(w http.ResponseWriter, r *http.Request) error {
	p, err := s.billPage(r)
	if err != nil {
		return err
	}
	return billTmpl.Render(w, r, p)
}

// billSettle is «没问题»: confirmed and settled by one act.
func (s *Server) billSettle(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	version := f.Int("version", "账单", 1, 1<<40)
	err := f.Err()
	if err == nil {
		var b claim.Bill
		if b, _, err = s.Claim.See(r.Context(), who, who.Region, id); err == nil {
			if b.Held {
				_, err = s.Claim.Confirm(r.Context(), who, who.Region, id, f.Once(), version)
			} else {
				_, err = s.Claim.Settle(r.Context(), who, who.Region, b.Person, f.Once(), claim.SettleRequest{Visit: id, Version: version})
			}
		}
	}
	if err != nil {
		p, perr := s.billPage(r)
		if perr != nil {
			return perr
		}
		return billTmpl.Again(w, r, p, err)
	}
	if _, c, err := s.Claim.See(r.Context(), who, who.Region, id); err == nil && c.Status == claim.ChargeOpen {
		return ui.Redirect(w, r, "/claim/"+id+"/pay") // what is left to do
	}
	return ui.Redirect(w, r, "/claim/"+id)
}

func (s *Server) billProblem(w http.ResponseWriter, r *http.Request) error {
	p, err := s.billPage(r)
	if err != nil {
		return err
	}
	p.Title, p.Back = "哪里有问题？", "/claim/"+p.X.Visit
	return problemTmpl.Render(w, r, p)
}

func (s *Server) billDispute(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	reason := f.Text("reason", "哪里有问题")
	err := f.Err()
	if err == nil {
		_, err = s.Claim.Dispute(r.Context(), who, who.Region, id, reason, f.Once(), 0)
	}
	if err != nil {
		p, perr := s.billPage(r)
		if perr != nil {
			return perr
		}
		p.Title, p.Back, p.Reason = "哪里有问题？", "/claim/"+id, reason
		return problemTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/claim/"+id)
}

func (s *Server) billUndo(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	if _, err := s.Claim.Undo(r.Context(), who, who.Region, id, f.Once()); err != nil {
		return err
	}
	return ui.Redirect(w, r, "/claim/"+id)
}

type payPage struct {
	ui.Page
	Charge  claim.Charge
	Undo    ui.Undo
	MayUndo bool
	QR      ui.QR
	Link    string // for who reads this on the phone that pays
	Place   string
	Done    ui.Done
	IsDone  bool
	Sign    string
	Confirm string
}

var (
	payTmpl     = ui.MustParse[payPage](ui.Portal, files, "claim/pay.html")
	cashierTmpl = ui.MustParse[payPage](ui.Portal, files, "claim/cashier.html")
)

// billPay shows the code of the person's share.
func (s *Server) billPay(w http.ResponseWriter, r *http.Request) error {
	who, id := ui.Actor(r), r.PathValue("id")
	b, c, err := s.Claim.See(r.Context(), who, who.Region, id)
	if err != nil {
		return err
	}
	if c.Status == claim.ChargeOpen && c.Code != "" {
		if c, err = s.Claim.Ask(r.Context(), s.Pay, who.Region, c.ID); err != nil {
			return err
		}
	}
	if c.Status != claim.ChargeOpen {
		return ui.Redirect(w, r, "/claim/"+id)
	}
	if c, err = s.Claim.Code(r.Context(), who, s.Pay, who.Region, id); err != nil {
		return err
	}
	p := &payPage{Page: ui.Page{Title: "付款", Back: "/claim/" + id}, Charge: c, Link: "",
		QR: ui.QR{Text: c.Code, Label: "付款码，" + c.Fen.Yuan(), Size: "big"}}
	p.Undo, p.MayUndo = undoBill(b), b.Undoable(ui.Now(r).UnixMilli())
	if s.Cashier != nil && c.Channel == s.Cashier.Name() {
		p.Link = c.Code
	}
	return payTmpl.Render(w, r, p)
}

// cashierCharge proves the code that brought the payer here.
func (s *Server) cashierCharge(r *http.Request) (claim.Charge, error) {
	order, fen, sign := r.PathValue("order"), r.FormValue("fen"), r.FormValue("sign")
	bad := fault.New(fault.NotFound, "这个付款码不对或者已经失效，请回到账单重新打开付款码。")
	if s.Cashier == nil {
		return claim.Charge{}, bad
	}
	amount, ok := s.Cashier.Check(order, fen, sign)
	if !ok {
		return claim.Charge{}, bad
	}
	return s.Claim.ByOrder(r.Context(), order, amount)
}

// cashier is the demonstration's own cashier: whoever scans the code sees the
// amount and the payee, and no name of a person.
func (s *Server) cashier(w http.ResponseWriter, r *http.Request) error {
	c, err := s.cashierCharge(r)
	if err != nil {
		return err
	}
	place, v, err := s.Claim.Payer(r.Context(), c)
	if err != nil {
		return err
	}
	p := &payPage{Page: ui.Page{Title: "收银台"}, Charge: c, Place: place, Sign: r.FormValue("sign"), Confirm: "护理服务个人自付，" + v.On.Short()}
	p.IsDone = c.Status != claim.ChargeOpen
	if p.IsDone {
		p.Done = ui.Done{Title: "这笔款" + c.Status.Name(), Number: c.Fen.Yuan(), Say: []string{"可以关掉这个页面了。"}}
	}
	return cashierTmpl.Render(w, r, p)
}

func (s *Server) cashierPay(w http.ResponseWriter, r *http.Request) error {
	c, err := s.cashierCharge(r)
	if err != nil {
		return err
	}
	who := audit.System(c.Region)
	who.Terminal = ui.Actor(r).Terminal
	if _, err := s.Claim.MarkPaid(r.Context(), who, c.Region, c.ID, "cashier-"+c.ID); err != nil {
		return err
	}
	return ui.Redirect(w, r, r.URL.Path+"?fen="+r.FormValue("fen")+"&sign="+r.FormValue("sign"))
}
