package office

import (
	"net/http"
	"strings"

	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/web/ui"
)

type designPage struct {
	ui.Page
	At, On        string
	Kinds         []ui.Option
	Kind          string
	Income, Cap   string
	Ratio, Months string
	Cash          []string
	CashOption    []ui.Option
	Done          bool
	Verdict       ui.Panel
	Facts         ui.Summary
	Explain       ui.Explain
}

var designTmpl = ui.MustParse[designPage](ui.Office, files, "pack/design.html")

// packDesign measures a region's plan against the national design of 2026; what
// the pack itself already says about cash is filled in.
func (s *Server) packDesign(w http.ResponseWriter, r *http.Request) error {
	region := r.PathValue("region")
	pack := s.Packs.Pack(region)
	if pack == nil {
		return fault.New(fault.NotFound, "没有地区 %s 的政策包。", region)
	}
	on, err := onDay(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	p := &designPage{Page: ui.Page{Title: pack.Name + "与国家设计对照", Back: "/o/pack/" + region, Nav: "/o/pack"}, At: "/o/pack/" + region + "/design", On: on.String(),
		Kinds: []ui.Option{{Value: "employee", Label: "职工"}, {Value: "resident", Label: "居民"}}, Kind: f.Raw("coverage"),
		Income: f.Raw("income"), Cap: f.Raw("cap"), Ratio: f.Raw("ratio"), Months: f.Raw("waiting"), Cash: f.All("cash"),
		CashOption: []ui.Option{{Value: "yes", Label: "向失能人员支付现金"}}}
	v, err := s.Packs.At(region, on)
	if err != nil {
		return designTmpl.Again(w, r, p, err)
	}
	if p.Income == "" { // first look
		p.Kind = "employee"
		for _, x := range v.Show() {
			if x.Key == "benefit.terms" && strings.Contains(string(x.Value), `"cash"`) {
				p.Cash = []string{"yes"}
			}
		}
		return designTmpl.Render(w, r, p)
	}
	in := fund.DesignQuestion{Coverage: p.Kind, Income: f.Fen("income", "人均可支配收入"), Cash: len(p.Cash) > 0}
	if p.Cap != "" {
		in.Cap = f.Fen("cap", "年度限额")
	}
	if p.Ratio != "" {
		in.Ratio = f.Int("ratio", "支付比例", 0, 100)
	}
	if p.Months != "" {
		in.Waiting = f.Int("waiting", "等待期", 0, 120)
	}
	if err := f.Err(); err != nil {
		return designTmpl.Again(w, r, p, err)
	}
	out, dec, err := fund.DesignRule.Decide(v, in)
	if err != nil {
		return designTmpl.Again(w, r, p, err)
	}
	p.Done, p.Explain = true, ui.ExplainOf(dec.Explain)
	p.Verdict = ui.Panel{Tone: "ok", Title: "在国家设计之内", Say: "填写的各项没有和国家设计不一致的地方。没有填的没有比。"}
	if len(out.Apart) > 0 {
		p.Verdict = ui.Panel{Tone: "warn", Title: "有不一致的地方", Say: strings.Join(out.Apart, "；") + "。"}
	}
	p.Facts = ui.Summary{Title: "国家设计", Rows: []ui.Fact{{Label: "支付比例", Value: "约 " + out.Ratio}, {Label: "年度限额最高", Value: out.CapMost}, {Label: "等待期（月）", Value: out.Waiting}}}
	return designTmpl.Render(w, r, p)
}
