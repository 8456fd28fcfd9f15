package ui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"reflect"
	"strings"

	"yinling/internal/day"
	"yinling/internal/money"
	"yinling/internal/policy"
)

//go:embed component
var componentFiles embed.FS

//go:embed layout/*.html
var layoutFiles embed.FS

// Link is an address with words; Tone is a button's look (line, gold, ghost,
// stop, white, onpine; "" is the primary one), Icon an icon's name.
type Link struct{ Href, Label, Tone, Icon string }

// Chip is a state in words: ok wait hot bad info mute.
type Chip struct{ Tone, Say string }

// Two is a table cell of two lines; with Href the first is a link.
type Two struct {
	First, Second, Href string
	Chip                Chip
	Marks               []Chip // more about it: who has it open, that it was seen
	Anchor              string // id of the link: an address that ends in it comes back to it, focus and all
}

// Steps shows how far something is: Now of Total, and the sentence for it.
type Steps struct {
	Total, Now int
	Say        string
}

// Each is the state of every step, for the template.
func (s Steps) Each() []string {
	out := make([]string, s.Total)
	for i := range out {
		switch {
		case i+1 < s.Now:
			out[i] = "on"
		case i+1 == s.Now:
			out[i] = "now"
		}
	}
	return out
}

// Next is the card of a person's next step: the first thing on the home page.
type Next struct {
	Tag, Title, When, Say string
	Steps                 Steps
	Acts                  []Link
}

// Tile is one service on a home page; Tone: pine gold pers sky.
type Tile struct{ Href, Icon, Tone, Title, Say, Dot string }

// Tiles is the grid of services.
type Tiles struct{ Items []Tile }

// Rows is a list of big row links.
type Rows struct{ Items []Link }

// Lines is a titled list of links with a date or a word at the end.
type Lines struct {
	Title string
	More  Link
	Items []LineItem
	Empty string // what stands there when there is nothing
}

// LineItem is one line of Lines.
type LineItem struct{ Href, Label, Note string }

// Summary is a list of facts (核对): Value is any component, text, day or money;
// Change leads to where the answer is put right.
type Summary struct {
	Title string
	Rows  []Fact
}

// Fact is one row of a Summary.
type Fact struct {
	Label  string
	Value  any
	Change string
}

// Timeline is the road of a case in words.
type Timeline struct{ Items []Moment }

// Moment is one step of a Timeline; State: done, now, next.
type Moment struct {
	State, Title, Say, When, Who string
	Link                         Link
}

// Done is the panel after an act: what was done, its number, what comes next.
type Done struct {
	Title, Number string
	Say           []string
	Acts          []Link
}

// Undo is the strip that takes an act back until a time of the clock. Show it
// with {{undo $ .Undo}}: it is a form.
type Undo struct {
	Until  string // 10:42
	Say    string // 选错了？
	Action string
	Button string // 撤回
}

// Panel is a notice: info, ok, warn, stop.
type Panel struct {
	Tone, Title, Say string
	Link             Link
}

// Checks is a list of automatic checks, each with its source and time.
type Checks struct {
	Title string
	Items []Check
}

// Check is one of them; State: ok, warn, no.
type Check struct{ State, Say, Source string }

// SLA is working time left, in words and as a bar; Percent of it is used.
type SLA struct {
	Say     string
	Percent int
	State   string // "", mid, hot
}

// SLAOf makes the bar of a deadline from working days left of all; less than
// one day left is hot, less than half is mid.
func SLAOf(left, all int) SLA {
	s := SLA{Say: fmt.Sprintf("剩 %d 天", left)}
	if all > 0 {
		s.Percent = min(100, max(4, (all-left)*100/all))
	}
	switch {
	case left < 0:
		s = SLA{fmt.Sprintf("超 %d 天", -left), 100, "hot"}
	case left == 0:
		s.Say, s.State, s.Percent = "今天到期", "hot", 96
	case left*2 < all:
		s.State = "mid"
	}
	return s
}

// Tabs are views of one list, each a link with a count (-1: none shown).
type Tabs struct {
	Label string
	Items []Tab
}

// Tab is one view.
type Tab struct {
	Href, Label string
	N           int
	Current     bool
}

// Table is a table that becomes cards on phones. A cell is text, a day, money,
// Chip, Two, Link, SLA or any other component.
type Table struct {
	Caption string // for screen readers and, with Title, above the table
	Title   string
	Head    []string
	Rows    []Row
	Tick    string // name of the tick boxes; "" for none
	Empty   string // what to say when there are no rows
}

// Row is one row of a Table.
type Row struct {
	ID      string // value of the tick box
	Name    string // what the tick box ticks, for screen readers
	Cells   []any
	Current bool
	Ticked  bool
	Against string // why the batch act would not take it, for the script that counts ticks
}

// Pager leads to the pages of a list.
type Pager struct{ Say, Prev, Next string }

// KPIs is a band of figures.
type KPIs struct{ Items []KPI }

// KPI is one figure.
type KPI struct {
	Label, Note, Value, Unit, Href string
	Hot                            bool
}

// Amount writes an amount for a figure whose unit stands apart: "1,234.50".
func Amount(f money.Fen) string { return strings.TrimSuffix(f.Yuan(), " 元") }

// Empty is what stands where nothing is.
type Empty struct {
	Title, Say string
	Act        Link
}

// Filter is a form that narrows a list by its address.
type Filter struct {
	Action string
	Fields []Field
	Ticks  []Option
	Button string
	Keep   []Option // hidden values that stay
}

// Seal is the drawn seal of a document; Note such as （样章）.
type Seal struct{ Agency, Note string }

// names says which component shows which type.
var names = map[reflect.Type]string{
	reflect.TypeFor[Link]():      "button",
	reflect.TypeFor[Chip]():      "chip",
	reflect.TypeFor[Two]():       "two",
	reflect.TypeFor[Steps]():     "steps",
	reflect.TypeFor[Next]():      "next",
	reflect.TypeFor[Tiles]():     "tiles",
	reflect.TypeFor[Rows]():      "rows",
	reflect.TypeFor[Lines]():     "lines",
	reflect.TypeFor[Summary]():   "summary",
	reflect.TypeFor[Timeline]():  "timeline",
	reflect.TypeFor[Done]():      "done",
	reflect.TypeFor[Panel]():     "panel",
	reflect.TypeFor[Checks]():    "checks",
	reflect.TypeFor[SLA]():       "sla",
	reflect.TypeFor[Tabs]():      "tabs",
	reflect.TypeFor[Table]():     "table",
	reflect.TypeFor[Pager]():     "pager",
	reflect.TypeFor[KPIs]():      "kpi",
	reflect.TypeFor[Empty]():     "empty",
	reflect.TypeFor[Filter]():    "filter",
	reflect.TypeFor[Field]():     "field",
	reflect.TypeFor[Explain]():   "explain",
	reflect.TypeFor[Seal]():      "seal",
	reflect.TypeFor[LineChart](): "line",
	reflect.TypeFor[Funnel]():    "funnel",
	reflect.TypeFor[FlowChart](): "flowchart",
	reflect.TypeFor[Bars]():      "bars",
	reflect.TypeFor[TileMap]():   "tilemap",
	reflect.TypeFor[undoForm]():  "undo",
}

// live holds all components, for show; pages holds those that are drawn from a
// page itself, and is never run, so that each page can clone it.
var live, pages *template.Template

func loadComponents() {
	shown := map[string]bool{}
	for _, name := range names {
		shown[name] = true
	}
	live, pages = template.New("").Funcs(funcs), template.New("").Funcs(funcs)
	files, err := fs.Glob(componentFiles, "component/*/*.html")
	if err != nil || len(files) == 0 {
		panic("ui: no components")
	}
	for _, f := range files {
		b, err := componentFiles.ReadFile(f)
		if err != nil {
			panic(err)
		}
		name := strings.TrimSuffix(f[strings.LastIndex(f, "/")+1:], ".html")
		set := pages
		if shown[name] {
			set = live
		}
		template.Must(set.New("c-" + name).Parse(strings.TrimSpace(string(b))))
	}
}

// show draws any component, and plain values as text.
func show(v any) (template.HTML, error) {
	switch x := v.(type) {
	case nil:
		return "", nil
	case template.HTML:
		return x, nil
	case string:
		return template.HTML(template.HTMLEscapeString(x)), nil
	case day.Day:
		return template.HTML(x.Chinese()), nil
	case day.Month:
		return template.HTML(x.Chinese()), nil
	case money.Fen:
		return template.HTML(`<span class="num">` + x.Yuan() + `</span>`), nil
	case money.PPM:
		return template.HTML(x.Percent()), nil
	case policy.Explanation:
		return show(ExplainOf(x))
	case QR:
		return x.svg()
	case []Link, []Chip:
		var b strings.Builder
		rv := reflect.ValueOf(v)
		for i := range rv.Len() {
			h, err := show(rv.Index(i).Interface())
			if err != nil {
				return "", err
			}
			b.WriteString(string(h) + " ")
		}
		return template.HTML(b.String()), nil
	}
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer && !rv.IsNil() {
		return show(rv.Elem().Interface())
	}
	name, ok := names[rv.Type()]
	if !ok {
		return template.HTML(template.HTMLEscapeString(fmt.Sprint(v))), nil
	}
	var b bytes.Buffer
	if err := live.ExecuteTemplate(&b, "c-"+name, v); err != nil {
		return "", fmt.Errorf("component %s: %w", name, err)
	}
	return template.HTML(b.String()), nil
}
