package ui

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"yinling/internal/fault"
)

// Example is one named example of a component in its examples.yaml: data for a
// component with a type, page for one that is drawn from the page it stands on,
// html for one that is only classes.
type Example struct {
	Name  string
	Faces []string // where it is at home; empty: everywhere
	Data  any
	Page  *examplePage
	HTML  string
}

// examplePage is what a page of an example says of itself.
type examplePage struct {
	Problems []Problem
	Refused  *fault.Clause
	Behalf   string // for whom the visitor acts
	Elder    bool
}

// draw shows the component of a name as it stands on the page.
func (x *examplePage) draw(name string) (template.HTML, error) {
	k := &Kit{Now: func() time.Time { return time.Unix(0, 0) }}
	k.Prepare()
	f := &frame{kit: k, router: NewRouter(k, Portal), r: blank, w: nowhere{}, face: Portal}
	f.visitor.BehalfName = x.Behalf
	if x.Elder {
		f.mode = "elder"
	}
	var b bytes.Buffer
	err := template.Must(pages.Clone()).ExecuteTemplate(&b, "c-"+name, &Page{Problems: x.Problems, Refused: x.Refused, f: f})
	return template.HTML(b.String()), err
}

type shownExample struct {
	Component, Name string
	HTML            template.HTML
}

type galleryPage struct {
	Page
	Examples []shownExample
	Looks    []Link
}

var galleryTemplates map[string]*Template[galleryPage]

func loadGallery() {
	galleryTemplates = map[string]*Template[galleryPage]{}
	for _, f := range []*Face{Portal, Office, Care} {
		galleryTemplates[f.Name] = MustParse[galleryPage](f, pageFiles, "page/gallery.html")
	}
}

// Examples reads all examples of the components that face shows.
func examples(face string) ([]shownExample, error) {
	files, err := fs.Glob(componentFiles, "component/*/examples.yaml")
	if err != nil {
		return nil, err
	}
	types := map[string]reflect.Type{}
	for t, name := range names {
		types[name] = t
	}
	var out []shownExample
	for _, file := range files {
		b, err := componentFiles.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name := strings.Split(file, "/")[1]
		var list []Example
		if err := yaml.UnmarshalWithOptions(b, &list, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, ex := range list {
			if len(ex.Faces) > 0 && !slices.Contains(ex.Faces, face) {
				continue
			}
			html := template.HTML(ex.HTML)
			if ex.Page != nil {
				if html, err = ex.Page.draw(name); err != nil {
					return nil, fmt.Errorf("%s: %s: %w", file, ex.Name, err)
				}
			}
			if ex.Data != nil {
				t, ok := types[name]
				if !ok {
					return nil, fmt.Errorf("%s: component %s has no type, give html", file, name)
				}
				raw, err := yaml.Marshal(ex.Data)
				if err != nil {
					return nil, err
				}
				v := reflect.New(t)
				if err := yaml.UnmarshalWithOptions(raw, v.Interface(), yaml.Strict()); err != nil {
					return nil, fmt.Errorf("%s: %s: %w", file, ex.Name, err)
				}
				if html, err = show(v.Elem().Interface()); err != nil {
					return nil, fmt.Errorf("%s: %s: %w", file, ex.Name, err)
				}
			}
			out = append(out, shownExample{name, ex.Name, html})
		}
	}
	return out, nil
}

// gallery shows every component: GET /ui/portal, /ui/office, /ui/care; the elder
// faces are the portal's in elder mode.
func gallery(w http.ResponseWriter, r *http.Request) error {
	face := orElse(r.PathValue("face"), "portal")
	t, ok := galleryTemplates[face]
	if !ok {
		return fault.New(fault.NotFound, "没有这种样子，只有 portal、office、care。")
	}
	list, err := examples(face)
	if err != nil {
		return err
	}
	// Two stand on every page already, and a page has each landmark once.
	list = slices.DeleteFunc(list, func(x shownExample) bool { return x.Component == "help" || x.Component == "listen" })
	return t.Render(w, r, &galleryPage{Page: Page{Title: "组件样例"}, Examples: list,
		Looks: []Link{{"/ui/portal", "群众端", "line", ""}, {"/ui/office", "经办端", "line", ""}, {"/ui/care", "护理端", "line", ""}}})
}
