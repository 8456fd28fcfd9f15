package ui

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
)

//go:embed script
var scriptFiles embed.FS

// scripts are the addresses of a face's script files by face name; main.js is
// the one that pages name, the others are imported by it as "./name.js".
var scripts = map[string][]string{}

var jsComments = regexp.MustCompile(`(?m)^[ \t]*//.*\n|^[ \t]+`)

// loadScripts serves script/<face>/*.js, each face's files under one folder
// whose name changes with any of them, so that they may be cached for good.
func loadScripts() {
	dirs, err := scriptFiles.ReadDir("script")
	if err != nil {
		panic(err)
	}
	for _, d := range dirs {
		names, _ := fs.Glob(scriptFiles, "script/"+d.Name()+"/*.js")
		var all []byte
		text := map[string][]byte{}
		for _, n := range names {
			b, err := scriptFiles.ReadFile(n)
			if err != nil {
				panic(err)
			}
			text[n] = jsComments.ReplaceAll(b, nil)
			all = append(all, text[n]...)
		}
		for _, n := range names {
			file := d.Name() + "." + hash8(all) + "/" + path.Base(n)
			addStatic(file, "text/javascript; charset=utf-8", text[n])
			scripts[d.Name()] = append(scripts[d.Name()], "/static/"+file)
		}
	}
}

// Scripts lists the addresses of a face's script files, for a service worker
// that keeps them.
func Scripts(face *Face) []string { return scripts[face.Name] }

// Script is the tag of the face's script, "" when it has none. It stands in the
// head as a module, so it runs when the page is there and never holds it up.
func (p *Page) Script() template.HTML {
	var all, first string
	for _, s := range scripts[p.f.face.Name] {
		if strings.HasSuffix(s, "/main.js") {
			first = `<script type="module" src="` + s + `"></script>`
		} else {
			all += `<link rel="modulepreload" href="` + s + `">` // at once, not one after the other
		}
	}
	return template.HTML(first + all)
}

// Version changes with anything that a face's pages are drawn with: its style,
// layout, icons and scripts.
func Version(face *Face) string {
	layout, _ := layoutFiles.ReadFile("layout/" + face.Layout + ".html")
	icons, _ := styleFiles.ReadFile("icons.svg")
	return hash8([]byte(sheets[face.Name].hash + strings.Join(scripts[face.Name], " ") + string(layout) + string(icons)))
}

// FormToken is the form token for a request that script sends, in the header
// X-Form-Token. Only a page of ours can read the answer that holds it.
func FormToken(r *http.Request) string { return from(r.Context()).formToken() }
