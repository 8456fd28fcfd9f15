package ui

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// A chart is drawn by the server as SVG. Each has a title, a sentence that says
// what it shows, direct labels, and the same figures as a table.

// LineChart draws one or two series over the same points of time.
type LineChart struct {
	Title, Unit, Say string
	X                []string
	Series           []Series
}

// Series is one line; Tone: pine (solid, square end) or pers (filled, dots).
type Series struct {
	Name, Tone string
	Y          []int64
}

type linePoint struct{ X, Y float64 }

type lineDraw struct {
	LineChart
	Grid         []gridLine
	Ticks        []tick
	Lines        []lineShape
	Left, LabelX float64
}

type gridLine struct {
	Y    float64
	Text string
}

type tick struct {
	X    float64
	Text string
}

type lineShape struct {
	Name, Tone, Path, Area string
	Dots                   []linePoint
	End                    linePoint
	LabelY                 float64
	Last                   string
}

// Draw computes the geometry, for the template.
func (c LineChart) Draw() lineDraw {
	const right, top, bottom = 540.0, 14.0, 184.0
	d := lineDraw{LineChart: c}
	var high int64 = 1
	for _, s := range c.Series {
		for _, y := range s.Y {
			high = max(high, y)
		}
	}
	step := niceStep(high)
	n := (high + step - 1) / step
	all := float64(n * step)
	left := max(48, 12+8*float64(len(thousands(n*step)))) // room for the longest label
	d.Left, d.LabelX = left, left-6
	y := func(v int64) float64 { return round1(bottom - (bottom-top)*float64(v)/all) }
	x := func(i int) float64 {
		if len(c.X) < 2 {
			return left
		}
		return round1(left + (right-left)*float64(i)/float64(len(c.X)-1))
	}
	for i := int64(0); i <= n; i++ {
		d.Grid = append(d.Grid, gridLine{y(i * step), thousands(i * step)})
	}
	every := (len(c.X) + 11) / 12
	for i, t := range c.X {
		if every > 0 && i%every == 0 {
			d.Ticks = append(d.Ticks, tick{x(i), t})
		}
	}
	for _, s := range c.Series {
		if len(s.Y) == 0 {
			continue
		}
		l := lineShape{Name: s.Name, Tone: s.Tone, Last: thousands(s.Y[len(s.Y)-1])}
		var b strings.Builder
		for i, v := range s.Y {
			p := linePoint{x(i), y(v)}
			l.Dots = append(l.Dots, p)
			fmt.Fprintf(&b, "%s%g %g", map[bool]string{true: "M", false: " L"}[i == 0], p.X, p.Y)
			l.End = p
		}
		l.Path = b.String()
		l.Area = fmt.Sprintf("%s L%g %g L%g %gZ", l.Path, l.End.X, bottom, left, bottom)
		l.LabelY = l.End.Y + 5
		for _, other := range d.Lines { // two labels must not lie on each other
			if diff := l.LabelY - other.LabelY; diff < 16 && diff > -16 {
				if diff >= 0 {
					l.LabelY = other.LabelY + 16
				} else {
					l.LabelY = other.LabelY - 16
				}
			}
		}
		d.Lines = append(d.Lines, l)
	}
	return d
}

func round1(f float64) float64 { return float64(int64(f*10+0.5)) / 10 }

func niceStep(high int64) int64 {
	for base := int64(1); ; base *= 10 {
		for _, m := range []int64{1, 2, 5} {
			if base*m*5 >= high {
				return base * m
			}
		}
	}
}

func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		s = "−" + s
	}
	return s
}

// Funnel shows how many of the first stage reach each later one.
type Funnel struct {
	Title, Unit, Say string
	Stages           []Stage
}

// Stage is one of them.
type Stage struct {
	Name string
	N    int64
}

type funnelBar struct {
	Name, N, Lost string
	Y, W, TextY   int
	Tone          int
}

// Draw computes the bars.
func (f Funnel) Draw() []funnelBar {
	var out []funnelBar
	var most int64 = 1
	for _, s := range f.Stages {
		most = max(most, s.N)
	}
	for i, s := range f.Stages {
		b := funnelBar{Name: s.Name, N: thousands(s.N), Y: i*41 + 4, TextY: i*41 + 24, W: int(max(min(3, s.N), 215*s.N/most)), Tone: min(i+1, 4)}
		if i > 0 && f.Stages[i-1].N > s.N {
			b.Lost = "−" + thousands(f.Stages[i-1].N-s.N)
		}
		if i == len(f.Stages)-1 {
			b.Tone = 5
		}
		out = append(out, b)
	}
	return out
}

// Height of the drawing.
func (f Funnel) Height() int { return len(f.Stages)*41 + 6 }

// Bars compares amounts by length; Tone of an item: pine gold pers seal.
type Bars struct {
	Title, Unit, Say string
	Items            []Bar
	More             Link
}

// Bar is one of them.
type Bar struct {
	Name, Tone, Href string
	N                int64
	Text             string // instead of N
}

// Width in percent of the longest, for the template.
func (b Bars) Width(n int64) int64 {
	var most int64 = 1
	for _, i := range b.Items {
		most = max(most, i.N)
	}
	if n == 0 {
		return 0
	}
	return max(1, 100*n/most)
}

// TileMap shows one figure for each district as tiles of five shades, labels
// printed on each.
type TileMap struct {
	Title, Unit, Say string
	Tiles            []MapTile
	More             Link
	Hundredths       bool // N counts hundredths: the legend writes 2.98 for 298
}

// MapTile is one district; N is the figure by which it is shaded.
type MapTile struct {
	Name, Text, Href string
	N                int64
}

type mapTile struct {
	MapTile
	Shade int
}

// Draw shades the tiles by fifths of the highest.
func (m TileMap) Draw() []mapTile {
	var most int64 = 1
	for _, t := range m.Tiles {
		most = max(most, t.N)
	}
	var out []mapTile
	for _, t := range m.Tiles {
		out = append(out, mapTile{t, int(min(4, max(0, t.N*5/(most+1)))) + 1})
	}
	return out
}

// Key is the legend: the bounds of the shades.
func (m TileMap) Key() []string {
	var most int64 = 1
	for _, t := range m.Tiles {
		most = max(most, t.N)
	}
	if most < 5 {
		return nil
	}
	var out []string
	for i := int64(0); i < 5; i++ {
		lo, hi := (i*(most+1)+4)/5, ((i+1)*(most+1)+4)/5-1
		hi = min(hi, most)
		switch {
		case m.Hundredths:
			out = append(out, fmt.Sprintf("%d.%02d–%d.%02d", lo/100, lo%100, hi/100, hi%100))
		case lo == hi:
			out = append(out, thousands(lo))
		default:
			out = append(out, thousands(lo)+"–"+thousands(hi))
		}
	}
	return out
}

// QR is a code to scan; Size "big" is at least 240 pixels wide.
type QR struct{ Text, Label, Size string }

func (q QR) svg() (template.HTML, error) {
	code, err := qr.Encode(q.Text, qr.M)
	if err != nil {
		return "", fmt.Errorf("ui: qr: %w", err)
	}
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			n := 1
			for x+n < code.Size && code.Black(x+n, y) {
				n++
			}
			fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x, y, n, n)
			x += n
		}
	}
	return template.HTML(fmt.Sprintf(`<svg class="qr %s" viewBox="-4 -4 %d %d" role="img" aria-label="%s" shape-rendering="crispEdges"><rect x="-4" y="-4" width="100%%" height="100%%" fill="#fff"/><path fill="#000" d="%s"/></svg>`,
		template.HTMLEscapeString(q.Size), code.Size+8, code.Size+8, template.HTMLEscapeString(orElse(q.Label, "二维码")), b.String())), nil
}
