// Package paper is what a document (文书) is before anybody prints it: its words,
// its number, its date, and the code by which whoever holds it can ask whether
// it is genuine. Each domain writes its own documents; web/ui puts them on A4.
package paper

import (
	"strings"
	"unicode/utf8"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// Kind is which document; the letter stands in its code and never changes.
type Kind string

// The documents.
const (
	Accepted   Kind = "S" // 受理通知书
	Supplement Kind = "B" // 补正告知
	Refused    Kind = "R" // 不予受理
	Concluded  Kind = "J" // 评估结论告知书, on delivery
	Effective  Kind = "E" // the same, when it takes effect
	Notice     Kind = "G" // 公示
	Plan       Kind = "H" // 护理计划
	Bill       Kind = "D" // 结算单
	Payment    Kind = "P" // 拨付通知
	Monthly    Kind = "Y" // 月度报表
	Reply      Kind = "T" // 投诉、咨询、建议的答复
	Taken      Kind = "A" // 事项的受理通知书
	More       Kind = "C" // 事项的补正告知书
	Declined   Kind = "N" // 事项的不予办理告知书
	Result     Kind = "O" // 事项的办理结果告知书
)

// Remedy says what somebody can do who does not agree with a refusal.
const Remedy = "对这个决定不服的，可以向作出决定的经办机构要求复核，也可以依法申请行政复议或者提起行政诉讼。"

// Titles are the names of the documents.
var Titles = map[Kind]string{
	Accepted: "长期护理失能等级评估受理通知书", Supplement: "长期护理失能等级评估补正告知书", Refused: "长期护理失能等级评估不予受理告知书",
	Concluded: "长期护理失能等级评估结论告知书", Effective: "长期护理失能等级评估结论告知书", Notice: "长期护理失能等级评估结论公示",
	Plan: "长期护理服务计划", Bill: "长期护理费用结算单", Payment: "长期护理费用拨付通知", Monthly: "长期护理保险基金收支月报", Reply: "投诉建议答复书",
	Taken: "受理通知书", More: "补正告知书", Declined: "不予办理告知书", Result: "办理结果告知书",
}

// Table is a table of a document; columns named in Right hold figures.
type Table struct {
	Caption string
	Head    []string
	Right   []bool
	Rows    [][]string
	Foot    []string // sums; nil for none
}

// Num tells whether a column holds figures.
func (t Table) Num(i int) bool { return i < len(t.Right) && t.Right[i] }

// Sheet is one document. Object is what it is about (a case number, a bill);
// with Region, Kind and On it makes the code. A sheet whose Draft is set says so
// and has neither seal nor code.
type Sheet struct {
	Kind           Kind
	Region, Object string
	On             day.Day
	Title, No, To  string
	Body           []string
	Rows           [][2]string
	Tables         []Table
	After          []string
	Signs          []string // lines to sign on: 制表, 复核
	Draft          string   // why it counts for nothing yet
}

// Size says how much is on the sheet: the letters get smaller so that a notice
// stays on one page, and what cannot is set over several.
func (s Sheet) Size() string {
	n, rows := 0, len(s.Rows)
	for _, list := range [][]string{s.Body, s.After, {s.To, s.Title}} {
		for _, p := range list {
			n += utf8.RuneCountInString(p) + 14 // a line is rarely full
		}
	}
	for _, r := range s.Rows {
		n += utf8.RuneCountInString(r[0]) + utf8.RuneCountInString(r[1]) + 14
		rows += utf8.RuneCountInString(r[0]) / 7 // the names stand in a narrow column
	}
	for _, t := range s.Tables {
		rows += len(t.Rows) + 2
		for _, r := range t.Rows {
			n += utf8.RuneCountInString(strings.Join(r, "")) + 14
		}
	}
	switch {
	case rows > 20 || n > 1300:
		return "long"
	case rows > 13 || n > 700:
		return "tight"
	case rows > 7 || n > 380:
		return "close"
	}
	return ""
}

// Ref is a document that a code names.
type Ref struct {
	Kind   Kind
	Region string
	Object string
	On     day.Day
}

// Codes makes and proves codes. Sign is a keyed digest of a text: without the
// key nobody makes a code, and no list of issued papers is needed.
type Codes struct{ Sign func(text string) string }

// letters nobody mixes up; the proof has twelve of them, 59 bits.
const letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

const proofLen = 12

func (c Codes) proof(text string) string {
	sum := c.Sign(text)
	var b strings.Builder
	for i := range proofLen {
		b.WriteByte(letters[int(sum[i])%len(letters)])
	}
	return b.String()
}

func (r Ref) text() string {
	return string(r.Kind) + r.Region + "-" + strings.ReplaceAll(r.Object, "/", "_") + "-" + strings.ReplaceAll(r.On.String(), "-", "")
}

// Of is the code of a sheet, "" for a draft.
func (c Codes) Of(s Sheet) string {
	if c.Sign == nil || s.Draft != "" || s.Object == "" {
		return ""
	}
	text := Ref{s.Kind, s.Region, s.Object, s.On}.text()
	return text + "-" + c.proof(text)
}

// Read proves a code as it was scanned or typed. NotFound: nobody of us made it.
func (c Codes) Read(code string) (Ref, error) {
	no := fault.New(fault.NotFound, "没有这个校验码。请看看有没有打错；没打错的，这份文书可能是假的，请打 12393 问一问。")
	code = strings.NewReplacer(" ", "", "　", "", "－", "-").Replace(strings.TrimSpace(code))
	parts := strings.Split(code, "-")
	n := len(parts)
	if n < 4 || c.Sign == nil || len(code) > 200 || len(parts[0]) != 7 {
		return Ref{}, no
	}
	proof := strings.ToUpper(parts[n-1])
	head := strings.ToUpper(parts[0][:1]) + parts[0][1:]
	object := strings.Join(parts[1:n-2], "-")
	date := parts[n-2]
	if len(date) != 8 {
		return Ref{}, no
	}
	on, err := day.Parse(date[:4] + "-" + date[4:6] + "-" + date[6:])
	if err != nil {
		return Ref{}, no
	}
	r := Ref{Kind(head[:1]), head[1:], object, on}
	if Titles[r.Kind] == "" || c.proof(r.text()) != proof {
		return Ref{}, no
	}
	r.Object = strings.ReplaceAll(r.Object, "_", "/")
	return r, nil
}

// Found is what a check shows, and all it shows.
type Found struct {
	Title, No, Issuer string
	On                day.Day
	Shown             string  // masked name; "" when it is about nobody
	Later             day.Day // a newer one of the same kind was issued; 0: none
	Void              string  // why it counts no more; "" when it does
}
