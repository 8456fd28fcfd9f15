package ui

import (
	"html/template"
	"net/http"
	"strings"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// Page is embedded by every page struct.
type Page struct {
	Title string // the page's own name; the site's name follows
	Back  string // where 上一页 leads, "" for no such link
	Nav   string // address of the menu entry to mark; default: the longest that fits
	Bleed bool   // the template draws its own full-width bands

	Problems []Problem // what is wrong, shown on top; Again fills it
	Refused  *fault.Clause

	f *frame
}

// Problem is one thing to put right; Field is "" when it concerns no field.
type Problem struct{ Field, Say string }

func (p *Page) page() *Page { return p }

// pager is what every page struct becomes by embedding Page.
type pager interface{ page() *Page }

// Elder tells whether the page is shown in elder mode (长辈版).
func (p *Page) Elder() bool { return p.f.mode != "" }

// XL tells whether it is shown with the largest letters (字再大些).
func (p *Page) XL() bool { return p.f.mode == "xl" }

// Visitor is who looks at the page.
func (p *Page) Visitor() Visitor { return p.f.visitor }

// Kit is the site.
func (p *Page) Kit() *Kit { return p.f.kit }

// Today is the day in China.
func (p *Page) Today() day.Day { return day.FromTime(p.f.kit.Now()) }

// Path is the address of the page, for links that come back to it.
func (p *Page) Path() string { return p.f.r.URL.RequestURI() }

// Here is Path for a page that can be fetched again, else the face's home.
func (p *Page) Here() string {
	if p.f.r.Method == http.MethodGet {
		return p.Path()
	}
	return p.f.router.Face.Prefix
}

// Face is the face that shows the page.
func (p *Page) Face() *Face { return p.f.face }

// Router is the face's router, for its menu.
func (p *Page) Router() *Router { return p.f.router }

// Tokens are the hidden fields of a form that changes something: the form token
// and the idempotency key, which stays the same when the form comes back.
func (p *Page) Tokens() template.HTML {
	once := p.f.once
	if once == "" {
		once = random(18)
	}
	return template.HTML(`<input type="hidden" name="token" value="` + p.f.formToken() + `"><input type="hidden" name="once" value="` + template.HTMLEscapeString(once) + `">`)
}

// Err is what is wrong with a field, "" for nothing.
func (p *Page) Err(field string) string {
	for _, e := range p.Problems {
		if e.Field == field {
			return e.Say
		}
	}
	return ""
}

// FullTitle is the browser's title: errors first, page first, site last.
func (p *Page) FullTitle() string {
	t := p.Title
	if len(p.Problems) > 0 {
		t = "有错误：" + t
	}
	site := orElse(p.f.face.Brand, p.f.kit.Site)
	if p.Elder() && p.f.face == Portal {
		t += "（长辈版）"
	}
	if t == "" {
		return site
	}
	return t + " - " + site
}

// MenuItem is a menu entry as the visitor sees it.
type MenuItem struct {
	NavItem
	Current bool
	N       int
}

// Menu is the face's menu for this visitor.
func (p *Page) Menu() []struct {
	Title string
	Items []MenuItem
} {
	current := p.Nav
	if current == "" {
		path := p.f.r.URL.Path
		for _, g := range p.f.router.Nav {
			for _, it := range g.Items {
				href, _, _ := strings.Cut(it.Href, "?")
				home := href == p.f.router.Face.Prefix
				if (path == href || (!home && strings.HasPrefix(path, strings.TrimSuffix(href, "/")+"/"))) && len(href) >= len(current) {
					current = it.Href
				}
			}
		}
	}
	if !p.f.counted && p.f.router.Counts != nil && p.f.visitor.Signed() {
		p.f.counts = p.f.router.Counts(p.f.r)
	}
	p.f.counted = true
	var out []struct {
		Title string
		Items []MenuItem
	}
	for _, g := range p.f.router.Nav {
		var items []MenuItem
		for _, it := range g.Items {
			if p.f.visitor.Can(it.Can) {
				items = append(items, MenuItem{it, it.Href == current, p.f.counts[it.Count]})
			}
		}
		if len(items) > 0 {
			out = append(out, struct {
				Title string
				Items []MenuItem
			}{g.Title, items})
		}
	}
	return out
}

// Alone tells whether the page leaves the site as a file: no links, no sounds.
func (p *Page) Alone() bool { return p.f.alone }

// Style is the face's style sheet: inlined on a browser's first visit so that
// one response paints, linked and cached for good afterwards.
func (p *Page) Style() template.HTML {
	name := p.f.face.Name
	s := sheets[name]
	if p.f.alone {
		return template.HTML(`<style>` + s.css + `</style>`)
	}
	href := "/static/" + name + "." + s.hash + ".css"
	if c, err := p.f.r.Cookie(cssCookie + name); err == nil && c.Value == s.hash {
		return template.HTML(`<link rel="stylesheet" href="` + href + `">`)
	}
	p.f.kit.setCookie(p.f.w, cssCookie+name, s.hash, 300*24*3600)
	return template.HTML(`<link rel="prefetch" as="style" href="` + href + `"><style nonce="` + p.f.nonce + `">` + s.css + `</style>`)
}
