package share

import (
	"strings"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/person/sheet"
)

// head is a head of a table as a source's columns understand it.
type head struct {
	cells           []string
	at              map[string]int // fact → column
	csv             bool
	serial, from904 bool
}

// headLook is how many rows may stand above a head.
const headLook = 30

// headOf understands a row as a head, or tells that it is none (nil).
func headOf(src Source, f *sheet.File, r *sheet.Row) (*head, []string, error) {
	known := map[string]string{}
	for _, c := range src.Columns {
		for _, n := range c.Names {
			known[person.Heading(n)] = c.Fact
		}
	}
	h := &head{at: map[string]int{}, csv: !f.Excel, serial: f.Excel, from904: f.Date1904}
	var ignored []string
	for i, c := range r.Cells {
		c = strings.TrimSpace(c)
		h.cells = append(h.cells, c)
		if len(c) > 60 {
			return nil, nil, nil
		}
		word := person.Heading(c)
		fact := known[word]
		switch _, twice := h.at[fact]; {
		case fact == "":
			if word != "" && word != "行号" && word != "原因" && word != "序号" {
				ignored = append(ignored, c)
			}
		case twice:
			return nil, nil, fault.Field("file", "第 %d 行的表头里有两列都是「%s」，分不清用哪一列。请删去一列再导入", r.Line, src.heads(fact)[0])
		default:
			h.at[fact] = i
		}
	}
	_, number := h.at["number"]
	_, name := h.at["name"]
	_, birth := h.at["birth"]
	if !number && !(name && birth) || len(h.at) < 2 && len(src.Columns) > 1 {
		return nil, nil, nil
	}
	if _, ok := h.at["since"]; !ok && src.Gives != GivesGroup && src.Gives != GivesSubsidy {
		return nil, nil, fault.Field("file", "表里没有「%s」一列，这份名单读不了", src.heads("since")[0])
	}
	return h, ignored, nil
}

// entry is one checked row.
type entry struct {
	row      sheet.Row
	head     *head
	problems []person.Problem
	fact     Fact // without person
	name     string
	birth    day.Day
	number   person.Number
	badID    string // why the number cannot be used; the row may still be found by name
	index    string // blind index of the number
	key      string
	address  string
}

func (h *head) cell(r *sheet.Row, fact string) (string, bool) {
	i, ok := h.at[fact]
	if !ok || i >= len(r.Cells) {
		return "", ok
	}
	c := r.Cells[i]
	if h.csv {
		c = sheet.Plain(c)
	}
	return person.Plain(c), true
}

// check reads one row; what is wrong is named by column.
func (im *importer) check(h *head, row sheet.Row) (e entry) {
	e = entry{row: row, head: h}
	src, region := im.src, im.region
	bad := func(fact, value, say string) {
		col := ""
		if i, ok := h.at[fact]; ok {
			col = h.cells[i]
		}
		e.problems = append(e.problems, person.Problem{Sheet: row.Sheet, Row: row.Line, Column: col, Value: value, Reason: say})
	}
	if row.Bad != "" {
		bad("", "", row.Bad)
		return e
	}
	date := func(fact string) day.Day {
		c, _ := h.cell(&row, fact)
		d, say := person.ReadDay(c, h.serial && row.Kind(h.at[fact]) == sheet.Digits, h.from904)
		if say != "" {
			bad(fact, "", say)
		}
		return d
	}
	e.name = cleanName(first(h.cell(&row, "name")))
	e.birth = date("birth")
	if raw, ok := h.cell(&row, "number"); ok && raw != "" {
		n, err := person.ParseID(raw, im.today)
		switch {
		case err == nil:
			e.number, e.index = n, im.s.Persons.NumberIndex(region, n)
			if e.birth == 0 {
				e.birth = n.Birth
			}
		default:
			e.badID = fault.As(err).Say
		}
		if e.badID != "" && (e.name == "" || e.birth == 0) {
			bad("number", person.MaskID(raw), e.badID+"，也没有姓名和出生日期可以查找")
		}
	} else if e.name == "" || e.birth == 0 {
		bad("number", "", "没有证件号码，也没有姓名和出生日期可以查找")
	}
	f := &e.fact
	f.Source, f.Line, f.AsOf, f.Batch = src.ID, int64(row.Line), im.asOf, im.batch
	f.Since, f.Until = date("since"), date("until")
	f.Value, f.Document, f.Issuer = first(h.cell(&row, "value")), first(h.cell(&row, "document")), first(h.cell(&row, "issuer"))
	e.address = first(h.cell(&row, "address"))
	for _, s := range []*string{&f.Value, &f.Document, &f.Issuer, &e.address, &e.name} {
		if r := []rune(*s); len(r) > 100 {
			*s = string(r[:100])
		}
	}
	switch src.Gives {
	case GivesDeceased, GivesHospital, GivesAssessment:
		if f.Since == 0 && len(e.problems) == 0 {
			bad("since", "", "没有写日期")
		}
		if f.Since > im.today {
			bad("since", f.Since.String(), "日期在今天之后")
		}
	}
	if f.Since != 0 && f.Until != 0 && f.Until < f.Since {
		bad("until", f.Until.String(), "截止日早于起始日")
	}
	if src.Gives == GivesDeceased && e.birth != 0 && f.Since != 0 && f.Since < e.birth {
		bad("since", f.Since.String(), "死亡日期早于出生日期")
	}
	if src.Gives == GivesAssessment && f.Value == "" {
		bad("value", "", "没有写评估结果")
	}
	if src.Gives == GivesHospital || src.Gives == GivesAssessment {
		f.Item = f.Since.String()
	}
	if len(e.problems) == 0 {
		number := e.number.Text
		if number == "" {
			number, _ = h.cell(&row, "number")
		}
		e.key = im.s.Persons.Keys.Index(region, "share.row", strings.Join([]string{src.ID, number, e.name, e.birth.String()}, "\x00"))
	}
	return e
}

func first(s string, _ bool) string { return s }

// cleanName takes blanks out of a name and makes the dot of a long name one.
func cleanName(s string) string {
	if !strings.ContainsAny(s, " \t　•・．") {
		return s
	}
	return nameMarks.Replace(s)
}

var nameMarks = strings.NewReplacer(" ", "", "　", "", "\t", "", "•", "·", "・", "·", "．", "·")

// mask is the number as pages may show it.
func (e *entry) mask() string {
	raw := e.number.Text
	if raw == "" {
		raw, _ = e.head.cell(&e.row, "number")
	}
	return person.MaskID(raw)
}
