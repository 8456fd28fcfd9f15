package office

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"yinling/internal/access"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/web/ui"
)

// duePage is a year's contributions: what is due by the roster and the pack,
// what has come, what is still to come.
type duePage struct {
	ui.Page
	Y         fund.YearSheet
	Assumed   bool // the standards are example values
	Filter    ui.Filter
	KPIs      ui.KPIs
	State     ui.Panel
	Sources   ui.Table
	Classes   ui.Table
	Asked     ui.Table // slips that wait for this hand
	Receipts  ui.Table
	Pager     ui.Pager
	MayCount  bool
	MayBook   bool
	MayEnter  bool
	MayJudge  bool
	Origins   []ui.Option
	Slip      string
	Source    string
	Fen       string
	On        string
	Memo      string
	Version   int64
	YearValue int64
}

var dueTmpl = ui.MustParse[duePage](ui.Office, files, "fund/due.html")

func (s *Server) duePage(r *http.Request) (*duePage, error) {
	who, now := ui.Actor(r), int64(ui.Today(r).Month().Year())
	year, err := strconv.ParseInt(r.FormValue("year"), 10, 64)
	if err != nil {
		year = now
	}
	y, err := s.Fund.ReadYear(r.Context(), who.Region, year, r.FormValue("after"))
	if err != nil {
		return nil, err
	}
	p := &duePage{Page: ui.Page{Title: fmt.Sprintf("%d年筹资", year), Nav: "/o/fund/due"}, Y: y, Version: y.Version, YearValue: year, On: ui.Today(r).String()}
	var years []ui.Option
	for n := now + 1; n > now-5; n-- {
		years = append(years, ui.Option{Value: strconv.FormatInt(n, 10), Label: strconv.FormatInt(n, 10) + "年", Checked: n == year})
	}
	p.Filter = ui.Filter{Action: "/o/fund/due", Fields: []ui.Field{{Name: "year", Label: "年份", Options: years}}, Button: "看"}
	ids := []string{y.Maker, y.Checker}
	for _, x := range slices.Concat(y.Asked, y.Receipts) {
		ids = append(ids, x.Maker, x.Checker)
	}
	slices.Sort(ids)
	names, err := s.Access.Names(r.Context(), who.Region, slices.Compact(ids)...)
	if err != nil {
		return nil, err
	}
	role := access.RoleOf(who.Role)
	p.MayCount = role.Allows(access.FundPost) && y.Status != fund.YearBooked
	p.MayBook = role.Allows(access.ClaimReview) && y.Status == fund.YearCounted && who.ID != y.Maker
	p.MayEnter = role.Allows(access.FundPost) && y.Status == fund.YearBooked
	p.MayJudge = role.Allows(access.ClaimReview)
	if first, err := day.Of(int(year), 1, 1); err == nil {
		if v, err := s.Packs.At(who.Region, first); err == nil {
			p.Assumed = fund.Assumed(v)
		}
	}
	p.state(names)
	p.tables(names)
	return p, nil
}

func (p *duePage) state(names map[string]string) {
	y := p.Y
	switch y.Status {
	case "":
		p.State = ui.Panel{Tone: "wait", Title: "还没有测算应收", Say: "由基金财务岗按名册和政策包测算，再由复核岗核对入账。"}
		return
	case fund.YearCounted:
		p.State = ui.Panel{Tone: "wait", Title: "测算好了，等核对入账", Say: fmt.Sprintf("%s按%s的名册测算，要由复核岗核对后记应收。", names[y.Maker], y.CountedOn.Chinese())}
	default:
		p.State = ui.Panel{Tone: "ok", Title: "应收已经入账，账和单据一致", Say: fmt.Sprintf("%s按%s的名册测算，%s核对入账，凭证 %s。", names[y.Maker], y.CountedOn.Chinese(), names[y.Checker], y.Voucher)}
	}
	if len(y.Differs) > 0 {
		p.State = ui.Panel{Tone: "stop", Title: "账和单据对不上", Say: "请把下面几处查清楚，再通知审计员。"}
		for _, d := range y.Differs {
			p.State.Say += d + "。"
		}
	}
	percent := "—"
	if y.Total.Due > 0 {
		percent = strconv.FormatInt(int64(y.Total.Received)*100/int64(y.Total.Due), 10)
	}
	p.KPIs.Items = []ui.KPI{{Label: "应收", Value: ui.Amount(y.Total.Due), Unit: "元"}, {Label: "已到账", Value: ui.Amount(y.Total.Received), Unit: "元"},
		{Label: "还没到", Value: ui.Amount(y.Total.Outstanding), Unit: "元"}, {Label: "到账率", Value: percent, Unit: "%"}}
}

func (p *duePage) tables(names map[string]string) {
	p.Sources = ui.Table{Title: "按来源", Caption: "每个来源应收、已到、未到", Head: []string{"来源", "应收", "已到账", "还没到"}, Empty: "测算以后在这里看到。"}
	if p.Y.Status != "" {
		for _, x := range p.Y.Sources {
			p.Sources.Rows = append(p.Sources.Rows, ui.Row{Cells: []any{x.Source.Name(), x.Due, x.Received, x.Outstanding}})
		}
	}
	p.Classes = ui.Table{Title: "按人群", Caption: "每类参保人一年应收多少", Head: []string{"参保人", "人数", "个人", "单位", "医保划转", "财政", "依据"}, Empty: "测算以后在这里看到。"}
	for _, c := range p.Y.Classes {
		name := payerName(c.Kind)
		if c.Relief != "" {
			name += "（" + c.Relief + "，个人部分由财政资助）"
		}
		if c.Say != "" {
			p.Classes.Rows = append(p.Classes.Rows, ui.Row{Cells: []any{ui.Two{First: name, Second: "还没有筹资标准，没有算"}, c.Heads, "—", "—", "—", "—", ""}})
			continue
		}
		heads := ui.Two{First: strconv.FormatInt(c.Heads, 10)}
		if c.OwnHeads > 0 {
			heads.Second = fmt.Sprintf("名册里有本人基数 %d", c.OwnHeads)
		}
		p.Classes.Rows = append(p.Classes.Rows, ui.Row{Cells: []any{name, heads, c.Person, c.Employer, c.Medical, c.Government, ui.Link{Href: "/o/why/" + c.Decision, Label: "看依据和计算", Tone: "ghost"}}})
	}
	head := []string{"回单", "来源", "金额", "到账", "登记"}
	p.Asked = ui.Table{Title: "等核对的回单", Caption: "等核对的回单", Head: head, Tick: "slip", Empty: "没有等核对的回单。"}
	p.Receipts = ui.Table{Title: "到账回单", Caption: "到账回单", Head: append(slices.Clone(head), "状态"), Empty: "还没有登记过到账。"}
	cells := func(x fund.DueReceipt) []any {
		return []any{ui.Two{First: x.Slip, Second: x.Memo}, x.Source.Name(), x.Fen, x.On, names[x.Maker]}
	}
	if p.MayJudge {
		for _, x := range p.Y.Asked {
			p.Asked.Rows = append(p.Asked.Rows, ui.Row{ID: x.Slip, Name: x.Slip, Ticked: true, Cells: cells(x)})
		}
	}
	for _, x := range p.Y.Receipts {
		tone := map[fund.ReceiptStatus]string{fund.ReceiptAsked: "wait", fund.ReceiptBooked: "ok"}[x.Status]
		if tone == "" {
			tone = "bad"
		}
		p.Receipts.Rows = append(p.Receipts.Rows, ui.Row{Cells: append(cells(x), ui.Two{First: names[x.Checker], Chip: ui.Chip{Tone: tone, Say: x.Status.Name()}})})
	}
	p.MayJudge = len(p.Asked.Rows) > 0
	if p.Y.Next != "" {
		p.Pager = ui.Pager{Say: fmt.Sprintf("这一页 %d 张", len(p.Y.Receipts)), Next: "/o/fund/due?" + url.Values{"year": {strconv.FormatInt(p.YearValue, 10)}, "after": {p.Y.Next}}.Encode()}
	}
	for _, x := range fund.Sources {
		p.Origins = append(p.Origins, ui.Option{Value: string(x), Label: x.Name()})
	}
}

func payerName(kind string) string {
	if n := slices.IndexFunc(payerKinds, func(o ui.Option) bool { return o.Value == kind }); n >= 0 {
		return payerKinds[n].Label
	}
	return kind
}

func (s *Server) due(w http.ResponseWriter, r *http.Request) error {
	p, err := s.duePage(r)
	if err != nil {
		return err
	}
	return dueTmpl.Render(w, r, p)
}

// dueAct runs one act on a year and shows the year again.
func (s *Server) dueAct(act func(r *http.Request, f *ui.Form, year int64) error) ui.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := ui.ParseForm(r)
		year := f.Int("year", "年份", 2016, 9999)
		err := f.Err()
		if err == nil {
			err = act(r, f, year)
		}
		if err != nil {
			p, perr := s.duePage(r)
			if perr != nil {
				return perr
			}
			p.Slip, p.Source, p.Fen, p.Memo = f.Raw("slip"), f.Raw("source"), f.Raw("fen"), f.Raw("memo")
			if on := f.Raw("on"); on != "" {
				p.On = on
			}
			return dueTmpl.Again(w, r, p, err)
		}
		return ui.Redirect(w, r, "/o/fund/due?year="+strconv.FormatInt(year, 10))
	}
}

func (s *Server) dueCount(r *http.Request, f *ui.Form, year int64) error {
	who := ui.Actor(r)
	_, err := s.Fund.Count(r.Context(), who, who.Region, year, f.Once())
	return err
}

func (s *Server) dueBook(r *http.Request, f *ui.Form, year int64) error {
	who := ui.Actor(r)
	version, _ := strconv.ParseInt(f.Raw("version"), 10, 64)
	_, err := s.Fund.BookDue(r.Context(), who, who.Region, year, f.Once(), version)
	return err
}

// dueEnter takes one slip from the form, or a file of them.
func (s *Server) dueEnter(r *http.Request, f *ui.Form, year int64) error {
	who := ui.Actor(r)
	var rs []fund.DueReceipt
	if file, _, err := r.FormFile("file"); err == nil {
		defer file.Close()
		if rs, err = fund.ParseReceipts(file, year); err != nil {
			return err
		}
		if len(rs) == 0 {
			return fault.Field("file", "回单文件里没有一行回单。")
		}
	} else {
		rs = []fund.DueReceipt{{Slip: f.Text("slip", "回单号"), Year: year, Source: fund.Source(f.Raw("source")), Fen: f.Fen("fen", "金额"), On: f.Day("on", "到账日期"), Memo: f.Raw("memo")}}
		if err := f.Err(); err != nil {
			return err
		}
	}
	_, err := s.Fund.Enter(r.Context(), who, who.Region, rs, f.Once())
	return err
}

func (s *Server) dueJudge(r *http.Request, f *ui.Form, _ int64) error {
	who := ui.Actor(r)
	_, err := s.Fund.Judge(r.Context(), who, who.Region, f.All("slip"), f.Raw("act") == "ok", f.Once())
	return err
}
