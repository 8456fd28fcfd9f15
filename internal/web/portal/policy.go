package portal

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"yinling/internal/fault"
	"yinling/internal/policy"
	"yinling/internal/web/ui"
)

type policyPage struct {
	ui.Page
	Region    string
	Documents []document
	Groups    []policyGroup
	Marked    bool
}

// document is a policy document as the public reads of it.
type document struct {
	ID, Title, No, Issuer, Issued, From string
	Mark                                ui.Chip
}

type policyGroup struct {
	Name  string
	Items []policyItem
}

type policyItem struct {
	Key, Label, Say string
	Mark            ui.Chip
}

type policyKeyPage struct {
	ui.Page
	X      policy.Shown
	Say    string
	Mark   ui.Chip
	Region string
	Facts  ui.Summary
}

var (
	policyTmpl    = ui.MustParse[policyPage](ui.Portal, files, "policy/list.html")
	policyKeyTmpl = ui.MustParse[policyKeyPage](ui.Portal, files, "policy/key.html")
)

// The words whose plain values the public reads, in the order of their questions.
var publicWords = [][2]string{{"assess", "申请和评估"}, {"benefit", "能享受什么"}, {"care", "上门护理"}, {"claim", "结算和付款"}, {"fund", "钱从哪里来"}, {"person", "家人代办"}}

// documents of a region and all above it, the nearest first.
func (s *Server) documents(region string) []document {
	var out []document
	for p := s.Packs.Pack(region); p != nil; p = s.Packs.Pack(p.Parent) {
		for _, d := range p.Documents {
			out = append(out, document{d.ID, d.Title, d.No, d.Issuer, d.Issued, p.Name, ui.GradeMark(d.Grade)})
		}
	}
	return out
}

func (s *Server) policy(w http.ResponseWriter, r *http.Request) error {
	region := s.region(r)
	v, err := s.Packs.At(region, ui.Today(r))
	if err != nil {
		return err
	}
	p := &policyPage{Page: ui.Page{Title: "政策"}, Region: v.Name(), Documents: s.documents(region)}
	by, cited := map[string][]policyItem{}, map[string]bool{}
	for _, x := range v.Show() {
		word, _, _ := strings.Cut(x.Key, ".")
		if x.Clause != nil && slices.ContainsFunc(publicWords, func(w [2]string) bool { return w[0] == word }) {
			cited[x.Clause.Doc] = true
		}
		if !short(x) {
			continue
		}
		it := policyItem{Key: x.Key, Label: x.Label, Say: unmarked(x.Say)}
		if x.Clause != nil {
			it.Mark = ui.GradeMark(x.Clause.Grade)
		}
		p.Marked = p.Marked || it.Mark.Say != ""
		by[word] = append(by[word], it)
	}
	for _, word := range publicWords {
		if len(by[word[0]]) > 0 {
			p.Groups = append(p.Groups, policyGroup{word[1], by[word[0]]})
		}
	}
	// Documents that only the offices' duties stand on are found on those pages.
	p.Documents = slices.DeleteFunc(p.Documents, func(d document) bool { return d.From != v.Name() && !cited[d.Title] })
	return policyTmpl.Render(w, r, p)
}

// code is the name of a method, not words.
var code = regexp.MustCompile(`^"[a-z][a-z0-9_+]*"$`)

// short tells whether a value can be read in one line; tables and methods stay
// with the offices.
func short(x policy.Shown) bool {
	return !code.Match(x.Value) && len(x.Value) > 0 && x.Value[0] != '[' && x.Value[0] != '{' && len([]rune(x.Say)) <= 60
}

// unmarked drops the warning that the chip beside the value repeats.
func unmarked(say string) string {
	say = strings.TrimSuffix(say, "（示例值，未见官方文件）")
	return strings.TrimSuffix(say, "（凭记忆录入，待核对原文）")
}

func (s *Server) policyKey(w http.ResponseWriter, r *http.Request) error {
	v, err := s.Packs.At(s.region(r), ui.Today(r))
	if err != nil {
		return err
	}
	for _, x := range v.Show() {
		if x.Key != r.PathValue("key") || !short(x) {
			continue
		}
		p := &policyKeyPage{Page: ui.Page{Title: x.Label, Back: "/policy", Nav: "/policy"}, X: x, Say: unmarked(x.Say), Region: v.Name()}
		p.Facts = ui.Summary{Title: "依据", Rows: []ui.Fact{{Label: "从哪天起", Value: x.From}}}
		if c := x.Clause; c != nil {
			p.Mark = ui.GradeMark(c.Grade)
			for _, f := range []ui.Fact{{Label: "文件", Value: c.Doc}, {Label: "文号", Value: c.No}, {Label: "条款", Value: c.Article}, {Label: "发文单位", Value: c.Issuer}, {Label: "发文日期", Value: c.Issued}} {
				if f.Value != "" {
					p.Facts.Rows = append(p.Facts.Rows, f)
				}
			}
		}
		return policyKeyTmpl.Render(w, r, p)
	}
	return fault.New(fault.NotFound, "没有找到这一项规定。")
}
