package office

import (
	"net/http"

	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

type filesPage struct {
	ui.Page
	Month  day.Month
	Filter ui.Filter
	Ready  ui.Table
	May    bool
	List   ui.Table
}

var filesTmpl = ui.MustParse[filesPage](ui.Office, files, "claim/files.html")

func (s *Server) filesPage(r *http.Request, m day.Month) (*filesPage, error) {
	ctx, region := r.Context(), ui.Actor(r).Region
	p := &filesPage{Page: ui.Page{Title: "拨付", Back: "/o/claim?m=" + m.String(), Nav: "/o/claim"}, Month: m, Filter: monthFilter(r, "/o/claim/file", m)}
	p.Ready = ui.Table{Title: "等拨付的月结和保证金", Caption: "等拨付", Head: []string{"机构", "种类", "金额"}, Empty: "现在没有等拨付的。"}
	var insts []string
	type due struct {
		inst, kind string
		fen        any
	}
	var dues []due
	for _, st := range []claim.MonthStatus{claim.Signed, claim.Failed} {
		ms, err := s.Claim.Months(ctx, region, m, "", st)
		if err != nil {
			return nil, err
		}
		for _, c := range ms {
			dues, insts = append(dues, due{c.Institution, "月结", c.Payable}), append(insts, c.Institution)
		}
	}
	ds, err := s.Claim.Deposits(ctx, region, "", claim.DepositReleased, 0)
	if err != nil {
		return nil, err
	}
	for _, d := range ds {
		dues, insts = append(dues, due{d.Institution, "保证金", d.Released}), append(insts, d.Institution)
	}
	names, err := s.Claim.Names(ctx, region, insts)
	if err != nil {
		return nil, err
	}
	for _, d := range dues {
		p.Ready.Rows = append(p.Ready.Rows, ui.Row{Cells: []any{names[d.inst], d.kind, d.fen}})
	}
	p.May = len(dues) > 0
	fs, err := s.Claim.Files(ctx, region, 60)
	p.List = ui.Table{Title: "拨付文件", Caption: "拨付文件", Head: []string{"文件", "笔数", "金额", "生成时间", "摘要"}, Empty: "还没有拨付文件。"}
	for _, f := range fs {
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: f.ID, Href: "/o/claim/file/" + f.ID}, f.Lines, f.Fen, ui.Instant(f.At), f.Digest[:12]}})
	}
	return p, err
}

func (s *Server) payFiles(w http.ResponseWriter, r *http.Request) error {
	m, err := monthOf(r)
	if err != nil {
		return err
	}
	p, err := s.filesPage(r, m)
	if err != nil {
		return err
	}
	return filesTmpl.Render(w, r, p)
}

// payFileMake puts everything that is signed into one payment file.
func (s *Server) payFileMake(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	m := f.Month("m", "月份")
	err := f.Err()
	if err == nil {
		var file claim.Payfile
		if file, err = s.Claim.File(r.Context(), who, who.Region, m, f.Once()); err == nil {
			return ui.Redirect(w, r, "/o/claim/file/"+file.ID)
		}
	}
	if m == 0 { // none was chosen, or one that is no month
		m = ui.Today(r).Month() - 1
	}
	p, perr := s.filesPage(r, m)
	if perr != nil {
		return perr
	}
	return filesTmpl.Again(w, r, p, err)
}

type filePage struct {
	ui.Page
	File  claim.Payfile
	Facts ui.Summary
	List  ui.Table
	Open  int
}

var fileTmpl = ui.MustParse[filePage](ui.Office, files, "claim/file.html")

func (s *Server) filePage(r *http.Request) (*filePage, error) {
	f, ps, err := s.Claim.ReadFile(r.Context(), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	by, err := s.Access.Names(r.Context(), ui.Actor(r).Region, f.Maker)
	if err != nil {
		return nil, err
	}
	p := &filePage{Page: ui.Page{Title: "拨付文件 " + f.ID, Back: "/o/claim/file?m=" + f.Month.String(), Nav: "/o/claim"}, File: f}
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "笔数", Value: f.Lines}, {Label: "金额", Value: f.Fen}, {Label: "生成", Value: ui.Instant(f.At) + "，" + by[f.Maker]}, {Label: "摘要（SM3）", Value: f.Digest}}}
	p.List = ui.Table{Caption: "拨付明细", Head: []string{"序号", "收款户名", "账号", "用途", "金额", "结果"}}
	for _, x := range ps {
		tone := "wait"
		switch x.Status {
		case claim.PaymentPaid:
			tone = "ok"
		case claim.PaymentFailed:
			tone = "bad"
		default:
			p.Open++
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{x.No, x.Name, account(x), x.Use(), x.Fen, ui.Two{First: "", Second: x.Reason, Chip: ui.Chip{Tone: tone, Say: x.Status.Name()}}}})
	}
	return p, nil
}

// account is where a payment goes, masked: pages never show a whole number.
func account(p claim.Payment) ui.Two {
	t := ui.Two{First: "银行自留账户", Second: p.Bank}
	if p.Tail != "" {
		t.First = "尾号 " + p.Tail
	}
	return t
}

func (s *Server) payFile(w http.ResponseWriter, r *http.Request) error {
	p, err := s.filePage(r)
	if err != nil {
		return err
	}
	return fileTmpl.Render(w, r, p)
}

// payFileCSV is the file for the bank; every download is the same to the byte.
func (s *Server) payFileCSV(w http.ResponseWriter, r *http.Request) error {
	f, text, err := s.Claim.Download(r.Context(), ui.Actor(r), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="pay-`+f.ID+`.csv"`)
	w.Header().Set("X-Content-SM3", f.Digest)
	_, err = w.Write(text)
	return err
}

// payReturn loads the bank's return file.
func (s *Server) payReturn(w http.ResponseWriter, r *http.Request) error {
	who, id := ui.Actor(r), r.PathValue("id")
	err := func() error {
		file, _, err := r.FormFile("file")
		if err != nil {
			return fault.Field("file", "请选银行的回盘文件")
		}
		defer file.Close()
		rs, err := claim.ParseReturns(file, id)
		if err != nil {
			return err
		}
		_, err = s.Claim.Returns(r.Context(), who, who.Region, id, rs)
		return err
	}()
	if err != nil {
		p, perr := s.filePage(r)
		if perr != nil {
			return perr
		}
		return fileTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/claim/file/"+id)
}

type depositPage struct {
	ui.Page
	List   ui.Table
	Held   []ui.Option
	Filter ui.Filter
	Month  string
	Claim  string
	Score  string
}

var depositTmpl = ui.MustParse[depositPage](ui.Office, files, "claim/deposit.html")

func (s *Server) depositPage(r *http.Request) (*depositPage, error) {
	ctx, region := r.Context(), ui.Actor(r).Region
	m, err := monthOf(r)
	if err != nil {
		return nil, err
	}
	ds, err := s.Claim.Deposits(ctx, region, "", "", m)
	if err == nil && len(ds) == 0 && r.FormValue("m") == "" { // last month's are withheld when it is signed
		m--
		ds, err = s.Claim.Deposits(ctx, region, "", "", m)
	}
	if err != nil {
		return nil, err
	}
	var insts []string
	for _, d := range ds {
		insts = append(insts, d.Institution)
	}
	names, err := s.Claim.Names(ctx, region, insts)
	p := &depositPage{Page: ui.Page{Title: "质量保证金", Back: "/o/claim", Nav: "/o/claim"}, Filter: monthFilter(r, "/o/claim/deposit", m), Month: m.String()}
	p.List = ui.Table{Caption: m.Chinese() + "的质量保证金", Head: []string{"机构", "月份", "扣留", "考核", "返还", "不返还", "状态"}, Empty: "这个月没有扣留保证金。"}
	for _, d := range ds {
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: names[d.Institution], Href: "/o/claim/month/" + d.Claim}, d.Month, d.Fen, d.Score, d.Released, d.Kept, ui.Chip{Tone: "mute", Say: d.Status.Name()}}})
		if d.Status == claim.DepositHeld {
			p.Held = append(p.Held, ui.Option{Value: d.Claim, Label: names[d.Institution] + " " + d.Month.Chinese() + " " + d.Fen.Yuan()})
		}
	}
	return p, err
}

func (s *Server) deposits(w http.ResponseWriter, r *http.Request) error {
	p, err := s.depositPage(r)
	if err != nil {
		return err
	}
	return depositTmpl.Render(w, r, p)
}

// depositRelease releases one deposit by the score of the performance.
func (s *Server) depositRelease(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	id, score := f.Text("claim", "保证金"), f.Int("score", "考核分数", 0, 100)
	err := f.Err()
	if err == nil {
		_, err = s.Claim.ReleaseDeposit(r.Context(), who, who.Region, id, score, f.Once())
	}
	if err != nil {
		p, perr := s.depositPage(r)
		if perr != nil {
			return perr
		}
		p.Claim, p.Score = id, f.Raw("score")
		return depositTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/claim/deposit?m="+f.Raw("m"))
}
