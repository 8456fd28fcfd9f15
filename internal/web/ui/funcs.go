package ui

import (
	"fmt"
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"time"

	"yinling/internal/day"
	"yinling/internal/money"
)

// funcs is what templates can call; doc.go lists them.
// It is filled later because show draws templates that call show.
var funcs = template.FuncMap{}

func fillFuncs() {
	for name, f := range map[string]any{
		"show": show, "icon": icon, "chip": func(tone, say string) (template.HTML, error) { return show(Chip{tone, say}) },
		"isnum": isNum, "label": cellLabel, "pct": func(a, b int) int { return a * 100 / max(1, b) },
		"add": func(a, b int) int { return a + b },
		"day": day.Day.Chinese, "short": day.Day.Short, "month": day.Month.Chinese,
		"yuan": money.Fen.Yuan, "percent": money.PPM.Percent, "qty": money.Micro.String,
		"instant": Instant, "clock": Clock,
		"text": input("text"), "area": input("area"), "date": input("date"), "number": input("number"),
		"phone": input("phone"), "money": input("money"), "file": input("file"), "password": input("password"), "code": input("code"),
		"choose": choice("choose"), "pick": choice("pick"), "checks": choice("checks"),
		"keep":  keep,
		"sheet": linkSheet,
		"undo":  func(p pager, u Undo) (template.HTML, error) { return show(undoForm{u, p.page().Tokens()}) },
		"qr":    func(text string) (template.HTML, error) { return QR{Text: text}.svg() },
		"lines": func(s string) []string { return strings.Split(s, "\n") },
	} {
		funcs[name] = f
	}
}

type undoForm struct {
	Undo
	Tokens template.HTML
}

func icon(name string) template.HTML {
	id := "i-" + name
	if name == "leaf" {
		id = "leaf"
	}
	if _, ok := symbols[id]; !ok {
		return template.HTML("<!-- no icon " + template.HTMLEscapeString(name) + " -->")
	}
	return template.HTML(`<svg class="ic" aria-hidden="true"><use href="#` + id + `"/></svg>`)
}

// Instant writes an instant in milliseconds for people: 11月26日 09:02.
func Instant(ms int64) string {
	if ms == 0 {
		return ""
	}
	t := time.UnixMilli(ms).In(day.Shanghai)
	return fmt.Sprintf("%d月%d日 %s", t.Month(), t.Day(), t.Format("15:04"))
}

// Clock writes the time of day of an instant in milliseconds: 09:02.
func Clock(ms int64) string { return time.UnixMilli(ms).In(day.Shanghai).Format("15:04") }

func isNum(v any) bool {
	switch x := v.(type) {
	case money.Fen, money.PPM, money.Micro, int, int64:
		return true
	case string:
		_, err := strconv.ParseFloat(strings.NewReplacer(",", "", "%", "", " 元", "").Replace(x), 64)
		return err == nil && x != ""
	}
	return false
}

func cellLabel(head []string, i int) string {
	if i < len(head) {
		return head[i]
	}
	return ""
}

// Option is an answer that can be chosen.
type Option struct {
	Value, Label, Hint string
	Icon               string // a picture before the words
	Checked            bool
}

// Field is a question of a form with everything that belongs to it.
type Field struct {
	Kind, Name, Label, Value, Hint, Error        string
	Type, InputMode, Autocomplete, Suffix        string
	Placeholder, Accept, Capture, Max, Min, Unit string
	Rows                                         int
	Wide, Short, Heading, Multiple               bool
	Options                                      []Option
}

// Describe lists the ids that describe the field.
func (f Field) Describe() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.Name+"-err")
	}
	return strings.Join(ids, " ")
}

func makeField(kind string, p pager, name, label string, value any, opts []string) (Field, error) {
	f := Field{Kind: kind, Name: name, Label: label, Value: textOf(value), Type: "text", Rows: 4}
	if p != nil {
		f.Error = p.page().Err(name)
	}
	switch kind {
	case "phone":
		f.Type, f.InputMode, f.Autocomplete = "tel", "tel", "tel"
	case "number":
		f.InputMode, f.Short = "decimal", true
	case "money":
		f.InputMode, f.Suffix, f.Short = "decimal", "元", true
	case "date":
		f.Type, f.Short = "date", true
	case "file":
		f.Type = "file"
	case "password":
		f.Type, f.Autocomplete, f.Value = "password", "current-password", ""
	case "code":
		f.InputMode, f.Autocomplete, f.Short = "numeric", "one-time-code", true
	}
	for _, o := range opts {
		k, v, _ := strings.Cut(o, "=")
		switch k {
		case "hint":
			f.Hint = v
		case "type":
			f.Type = v
		case "inputmode":
			f.InputMode = v
		case "autocomplete":
			f.Autocomplete = v
		case "suffix":
			f.Suffix = v
		case "placeholder":
			f.Placeholder = v
		case "accept":
			f.Accept = v
		case "capture":
			f.Capture = v
		case "max":
			f.Max = v
		case "min":
			f.Min = v
		case "rows":
			f.Rows, _ = strconv.Atoi(v)
		case "wide":
			f.Wide, f.Short = true, false
		case "short":
			f.Short = true
		case "heading": // the question is the page's heading
			f.Heading = true
		case "multiple":
			f.Multiple = true
		default:
			return f, fmt.Errorf("field %s: there is no option %q", name, o)
		}
	}
	return f, nil
}

func textOf(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case money.Fen:
		return x.String()
	case fmt.Stringer:
		return x.String()
	}
	return fmt.Sprint(v)
}

func input(kind string) any {
	return func(p pager, name, label string, value any, opts ...string) (template.HTML, error) {
		f, err := makeField(kind, p, name, label, value, opts)
		if err != nil {
			return "", err
		}
		return show(f)
	}
}

func choice(kind string) any {
	return func(p pager, name, label string, value any, options []Option, opts ...string) (template.HTML, error) {
		var many []string
		if s, ok := value.([]string); ok {
			many, value = s, ""
		}
		f, err := makeField(kind, p, name, label, value, opts)
		if err != nil {
			return "", err
		}
		f.Options = append([]Option(nil), options...)
		for i, o := range f.Options {
			for _, v := range append(many, f.Value) {
				if v == o.Value && (v != "" || len(many) == 0) {
					f.Options[i].Checked = true
				}
			}
		}
		return show(f)
	}
}

// whole are words that no line may break: days, weekdays, times, amounts.
var whole = regexp.MustCompile(`(?:\d{4}年)?\d{1,2}月\d{1,2}日|周[一二三四五六日]|(?:上午|下午)(?: ?\d{1,2} ?点)?|\d{1,2}:\d{2}|\d[\d,]*(?:\.\d+)? ?[元岁天分个]`)

// keep writes a heading whose days and amounts stay in one line each.
func keep(s string) template.HTML {
	return template.HTML(whole.ReplaceAllString(template.HTMLEscapeString(s), `<span class="nb">$0</span>`))
}
