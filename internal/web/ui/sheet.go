package ui

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

//go:embed style icons.svg
var styleFiles embed.FS

type sheet struct{ css, hash string }

var (
	sheets  = map[string]sheet{}         // by face name
	symbols = map[string]string{}        // icon id → <symbol>
	statics = map[string]static{}        // /static/… → content
	links   = map[string]template.HTML{} // name → link to a sheet that few pages need
)

type static struct {
	kind   string
	plain  []byte
	zipped []byte
}

// Everything is made once, in this order, before any page is parsed.
func init() {
	fillFuncs()
	loadSprite()
	loadSheets()
	loadScripts()
	loadComponents()
	loadErrors()
	loadListen()
	loadGallery()
	loadWhy()
	loadPaper()
}

func loadSprite() {
	b, err := styleFiles.ReadFile("icons.svg")
	if err != nil {
		panic(err)
	}
	for _, m := range regexp.MustCompile(`(?s)<symbol id="([a-z-]+)".*?</symbol>`).FindAllSubmatch(b, -1) {
		symbols[string(m[1])] = string(m[0])
	}
	leaf := regexp.MustCompile(`(?s)<symbol id="leaf" (viewBox="[^"]*")>(.*?)</symbol>`).FindSubmatch(b)
	addStatic("leaf.svg", "image/svg+xml", []byte(fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" %s color="#E5A82E">%s</svg>`, leaf[1], leaf[2])))
}

// loadSheets joins, for each face, style/base.css, style/<face>.css and the
// components' styles. A style file that begins with /* faces: a b */ is only for
// those; one with /* only: name */ only for pages that ask for it by {{sheet "name"}}.
func loadSheets() {
	parts, err := fs.Glob(componentFiles, "component/*/*.css")
	if err != nil {
		panic(err)
	}
	for _, f := range parts {
		css, _ := componentFiles.ReadFile(f)
		if head, ok := strings.CutPrefix(string(css), "/* only: "); ok {
			name, _, _ := strings.Cut(head, " */")
			small := squeeze(string(css))
			href := name + "." + hash8([]byte(small)) + ".css"
			addStatic(href, "text/css; charset=utf-8", []byte(small))
			links[name] = template.HTML(`<link rel="stylesheet" href="/static/` + href + `">`)
		}
	}
	for _, face := range []*Face{Portal, Office, Care, Doc} {
		var b strings.Builder
		for _, f := range []string{"style/base.css", "style/" + face.Name + ".css"} {
			css, err := styleFiles.ReadFile(f)
			if err != nil {
				panic(err)
			}
			b.Write(css)
		}
		for _, f := range parts {
			css, _ := componentFiles.ReadFile(f)
			if forFace(string(css), face.Name) {
				b.Write(css)
			}
		}
		css := ofFace(squeeze(b.String()), face)
		s := sheet{css, hash8([]byte(css))}
		sheets[face.Name] = s
		addStatic(face.Name+"."+s.hash+".css", "text/css; charset=utf-8", []byte(css))
	}
}

// linkSheet is {{sheet "name"}}.
func linkSheet(name string) (template.HTML, error) {
	l, ok := links[name]
	if !ok {
		return "", fmt.Errorf("no style file begins with /* only: %s */", name)
	}
	return l, nil
}

func forFace(css, face string) bool {
	if strings.HasPrefix(css, "/* only: ") {
		return false
	}
	head, ok := strings.CutPrefix(css, "/* faces: ")
	if !ok {
		return face != Doc.Name
	}
	head, _, _ = strings.Cut(head, " */")
	return slices.Contains(strings.Fields(head), face)
}

var (
	comments = regexp.MustCompile(`(?s)/\*.*?\*/`)
	spaces   = regexp.MustCompile(`\s+`)
	around   = regexp.MustCompile(`\s*([{};,>])\s*`)
)

func squeeze(css string) string {
	css = spaces.ReplaceAllString(comments.ReplaceAllString(css, ""), " ")
	css = around.ReplaceAllString(css, "$1")
	return strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(css), ";}", "}"), ": ", ":")
}

var rule = regexp.MustCompile(`([^{}]+)(\{[^{}]*\})`)

// ofFace leaves out what only other faces need: rules for [data-face=…] of
// another, and elder mode, which the portal alone has.
func ofFace(css string, face *Face) string {
	css = rule.ReplaceAllStringFunc(css, func(r string) string {
		m := rule.FindStringSubmatch(r)
		if strings.ContainsAny(m[1], "()@") { // a comma there need not part selectors
			return r
		}
		var keep []string
		for s := range strings.SplitSeq(m[1], ",") {
			of, ok := strings.CutPrefix(s, "[data-face=")
			if ok && !strings.HasPrefix(of, face.Name+"]") || face != Portal && strings.HasPrefix(s, "[data-mode=") {
				continue
			}
			keep = append(keep, s)
		}
		if keep == nil {
			return ""
		}
		return strings.Join(keep, ",") + m[2]
	})
	return hollow.ReplaceAllString(css, "")
}

var hollow = regexp.MustCompile(`@media[^{}]*\{\}`)

func addStatic(name, kind string, b []byte) {
	var z bytes.Buffer
	gz, _ := gzip.NewWriterLevel(&z, 9)
	gz.Write(b)
	gz.Close()
	statics["/static/"+name] = static{kind, b, z.Bytes()}
}

// serveStatic serves what never changes under its name.
func serveStatic(w http.ResponseWriter, r *http.Request) {
	s, ok := statics[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", s.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		w.Write(s.zipped)
		return
	}
	w.Write(s.plain)
}
