package ui

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"

	"yinling/internal/fault"
)

// Template is a page's template, bound to the page struct T.
type Template[T any] struct {
	face *Face
	name string
	load func() *template.Template // reads and tries it, once
}

// MustParse names a page's files in fsys (the first holds {{define "main"}}),
// which are read together with the layout of the face when the page is first
// asked for, or by Load: a command that shows no page pays for none.
func MustParse[T any](face *Face, fsys fs.FS, files ...string) *Template[T] {
	if _, ok := any(new(T)).(pager); !ok {
		panic(fmt.Sprintf("ui: %T does not embed ui.Page", *new(T)))
	}
	tmpl := &Template[T]{face: face, name: files[0]}
	tmpl.load = sync.OnceValue(func() *template.Template {
		t := template.Must(pages.Clone())
		t = template.Must(t.ParseFS(layoutFiles, "layout/"+face.Layout+".html"))
		t = template.Must(t.ParseFS(fsys, files...))
		if err := errors.Join(checkFields(t, reflect.TypeFor[*T]()), tmpl.try(t)); err != nil {
			panic(fmt.Sprintf("ui: %s: %v", files[0], err))
		}
		return t
	})
	loads = append(loads, func() { tmpl.load() })
	return tmpl
}

var loads []func()

// Load reads every template of the program and tries it on an empty page: what
// is broken stops a server at its start.
func Load() {
	for _, load := range loads {
		load()
	}
}

// try runs the template on an empty page; only what the page's emptiness
// explains (a nil pointer, an index out of range) is let pass.
func (t *Template[T]) try(parsed *template.Template) error {
	k := &Kit{Now: func() time.Time { return time.Unix(0, 0) }, Who: func(*http.Request) Visitor { return Visitor{} }}
	k.Prepare()
	face := t.face
	if face == Doc {
		face = Office
	}
	p := new(T)
	f := &frame{kit: k, router: NewRouter(k, face), r: blank, w: nowhere{}, face: t.face}
	any(p).(pager).page().f = f
	err := parsed.ExecuteTemplate(io.Discard, "layout", p)
	var bad *template.Error
	if errors.As(err, &bad) || (err != nil && strings.Contains(err.Error(), "can't evaluate field")) {
		return err
	}
	return nil
}

// Render shows the page with status 200.
func (t *Template[T]) Render(w http.ResponseWriter, r *http.Request, p *T) error {
	return t.RenderStatus(w, r, http.StatusOK, p)
}

// RenderStatus shows the page. Nothing is sent before all of it is there.
func (t *Template[T]) RenderStatus(w http.ResponseWriter, r *http.Request, status int, p *T) error {
	b, err := t.bytes(r, status, p)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err = w.Write(b)
	return err
}

// noStatus is for a page that is no answer but a file by itself.
const noStatus = 0

func (t *Template[T]) bytes(r *http.Request, status int, p *T) ([]byte, error) {
	f := from(r.Context())
	if f == nil {
		return nil, fmt.Errorf("ui: %s rendered outside a Router", t.name)
	}
	g := *f
	g.face, g.status, g.alone = t.face, status, status == noStatus
	any(p).(pager).page().f = &g
	var b bytes.Buffer
	if err := t.load().ExecuteTemplate(&b, "layout", p); err != nil {
		return nil, fmt.Errorf("ui: %s: %w", t.name, err)
	}
	out := sprite(b.Bytes())
	if g.kept != "" {
		g.kit.kept.put(g.kept, g.visitor, out)
	}
	return out, nil
}

// Again shows a form again after err: the same page and values, what is wrong on
// top and beside the fields, status 422 (invalid) or 409 (refused, conflict).
// Any other error goes on to the error page.
func (t *Template[T]) Again(w http.ResponseWriter, r *http.Request, p *T, err error) error {
	page := any(p).(pager).page()
	status := http.StatusUnprocessableEntity
	for _, e := range leaves(err) {
		f := fault.As(e)
		switch f.Kind {
		case fault.Invalid:
		case fault.Refused, fault.Conflict:
			status = http.StatusConflict
		case fault.Busy:
			status = http.StatusServiceUnavailable
		default:
			return err
		}
		page.Problems = append(page.Problems, Problem{f.Field, f.Say})
		if f.Clause != nil && page.Refused == nil {
			page.Refused = f.Clause
		}
	}
	return t.RenderStatus(w, r, status, p)
}

// leaves splits what errors.Join joined.
func leaves(err error) []error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if _, ok := e.(*fault.Error); ok {
			return []error{e}
		}
		if j, ok := e.(interface{ Unwrap() []error }); ok {
			var out []error
			for _, part := range j.Unwrap() {
				out = append(out, leaves(part)...)
			}
			return out
		}
	}
	return []error{err}
}

var iconRef = regexp.MustCompile(`href="#(i-[a-z]+|leaf)"`)

// sprite puts the symbols of the icons that the page uses, and only those,
// before the end of its body.
func sprite(page []byte) []byte {
	end := bytes.LastIndex(page, []byte("</body>"))
	if end < 0 {
		return page
	}
	var b bytes.Buffer
	b.Grow(len(page) + 4096)
	b.Write(page[:end])
	b.WriteString(`<svg width="0" height="0" class="sprite" aria-hidden="true" focusable="false"><defs>`)
	seen := map[string]bool{}
	for _, m := range iconRef.FindAllSubmatch(page, -1) {
		if id := string(m[1]); !seen[id] {
			seen[id] = true
			b.WriteString(symbols[id])
		}
	}
	b.WriteString("</defs></svg>")
	b.Write(page[end:])
	return b.Bytes()
}

// blank and nowhere stand in for a request and its answer when try runs.
var blank, _ = http.NewRequest(http.MethodGet, "/", nil)

type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}
