package speech

import (
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Lines takes the words out of a page's <main>, in the order in which they
// stand there, a line for each paragraph, heading, button or row. What is hidden
// from readers of the page (hidden, aria-hidden, scripts, drawings) is left out.
func Lines(page io.Reader) ([]string, error) {
	doc, err := html.Parse(page)
	if err != nil {
		return nil, err
	}
	x := &extractor{}
	if main := find(doc, atom.Main); main != nil {
		x.walk(main)
	}
	x.end()
	return x.lines, nil
}

// find gives the first element of a kind, nil for none.
func find(n *html.Node, a atom.Atom) *html.Node {
	if n.Type == html.ElementNode && n.DataAtom == a {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if m := find(c, a); m != nil {
			return m
		}
	}
	return nil
}

type extractor struct {
	lines []string
	b     strings.Builder
}

// silent elements hold no words of the page; nested ones are drawings.
var silent = []atom.Atom{atom.Script, atom.Style, atom.Template, atom.Svg, atom.Noscript, atom.Audio, atom.Video, atom.Datalist}

// inline elements stand inside a sentence; every other element ends one.
var inline = []atom.Atom{atom.A, atom.B, atom.Strong, atom.Em, atom.I, atom.Span, atom.Small, atom.Abbr, atom.Code, atom.Time,
	atom.Label, atom.Sub, atom.Sup, atom.Mark, atom.Q, atom.Cite, atom.Kbd, atom.Data, atom.Output, atom.U, atom.S, atom.Ins, atom.Del, atom.Wbr, atom.Ruby}

// apart are inline elements that are read apart from a neighbour of their kind:
// links in a row, a title and its date.
var apart = []atom.Atom{atom.A, atom.Label, atom.Small, atom.B, atom.Strong, atom.Span}

func (x *extractor) walk(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		x.b.WriteString(n.Data)
		return
	case html.ElementNode:
		if slices.Contains(silent, n.DataAtom) || attr(n, "aria-hidden") == "true" || has(n, "hidden") {
			return
		}
	}
	switch {
	case n.Type != html.ElementNode || slices.Contains(inline, n.DataAtom):
		chip := slices.Contains(strings.Fields(attr(n, "class")), "chip")
		if chip {
			x.b.WriteString("，")
		}
		x.children(n)
		if chip || slices.Contains(apart, n.DataAtom) && beside(n) {
			x.b.WriteString("，")
		}
	case n.DataAtom == atom.Dt || n.DataAtom == atom.Td || n.DataAtom == atom.Th:
		// A fact is one sentence: 姓名，王桂兰。 So is a row.
		x.children(n)
		x.b.WriteString("，")
	case n.DataAtom == atom.Select:
		x.end()
		x.selected(n)
		x.end()
	case n.DataAtom == atom.Dd:
		x.children(n)
		x.end()
	default:
		x.end()
		x.children(n)
		x.end()
	}
}

// beside tells whether another element of such a kind follows without a word
// between. A figure and its unit stay together.
func beside(n *html.Node) bool {
	for m := n.NextSibling; m != nil; m = m.NextSibling {
		switch m.Type {
		case html.ElementNode:
			return slices.Contains(apart, m.DataAtom) && !measure(text(m))
		case html.TextNode:
			if strings.TrimSpace(m.Data) != "" {
				return false
			}
		}
	}
	return false
}

func text(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(text(c))
	}
	return b.String()
}

// selected reads the chosen option, or the first.
func (x *extractor) selected(n *html.Node) {
	var first, chosen *html.Node
	var look func(*html.Node)
	look = func(n *html.Node) {
		if n.Type == html.ElementNode && n.DataAtom == atom.Option {
			if first == nil {
				first = n
			}
			if has(n, "selected") {
				chosen = n
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			look(c)
		}
	}
	look(n)
	if chosen == nil {
		chosen = first
	}
	if chosen != nil {
		x.children(chosen)
	}
}

func (x *extractor) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		x.walk(c)
	}
}

func (x *extractor) end() {
	s := strings.Join(strings.Fields(x.b.String()), " ")
	x.b.Reset()
	if s = strings.Trim(s, " ，"); s != "" {
		x.lines = append(x.lines, s)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}
