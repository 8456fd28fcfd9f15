package ui

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
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
	sheets  = map[string]sheet{}  // by face name
	symbols = map[string]string{} // icon id → <symbol>
	statics = map[string]static{} // /static/… → content
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
// components' styles. A style file that begins with /* faces: a b */ is only for those.
func loadSheets() {
	parts, err := fs.Glob(componentFiles, "component/*/*.css")
	if err != nil {
		panic(err)
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
		css := squeeze(b.String())
		s := sheet{css, hash8([]byte(css))}
		sheets[face.Name] = s
		addStatic(face.Name+"."+s.hash+".css", "text/css; charset=utf-8", []byte(css))
	}
}

func forFace(css, face string) bool {
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
