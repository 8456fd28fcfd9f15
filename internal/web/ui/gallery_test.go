package ui

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Tokens are drawn anew for every page.
var drawn = regexp.MustCompile(`(name="(?:token|once)" value=")[^"]*`)

// Every component has examples, every face shows those that are at home there,
// and what they look like in HTML is what testdata/component says.
func TestExamples(t *testing.T) {
	dirs, err := fs.ReadDir(componentFiles, "component")
	if err != nil {
		t.Fatal(err)
	}
	golden := map[string]string{}
	for _, face := range []string{"portal", "office", "care"} {
		list, err := examples(face)
		if err != nil {
			t.Fatal(err)
		}
		for _, ex := range list {
			part := "<!-- " + ex.Name + " -->\n" + strings.TrimSpace(drawn.ReplaceAllString(string(ex.HTML), "$1")) + "\n"
			if !strings.Contains(golden[ex.Component], part) {
				golden[ex.Component] += part
			}
			if strings.Contains(part, " style=") || strings.Contains(part, "<script") || strings.Contains(part, " onclick=") {
				t.Errorf("%s/%s: the content policy refuses style attributes and inline script", ex.Component, ex.Name)
			}
		}
	}
	for _, d := range dirs {
		if golden[d.Name()] == "" {
			t.Errorf("component %s has no example", d.Name())
		}
	}
	folder := filepath.Join("testdata", "component")
	if *update {
		os.RemoveAll(folder)
		os.MkdirAll(folder, 0o755)
		for name, text := range golden {
			if err := os.WriteFile(filepath.Join(folder, name+".html"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".html")
		have = append(have, name)
		want, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if golden[name] != string(want) {
			t.Errorf("component %s has changed; look at /ui, then: go test ./internal/web/ui -run TestExamples -update\n%s", name, golden[name])
		}
	}
	for name := range golden {
		if !slices.Contains(have, name) {
			t.Errorf("component %s has no golden file", name)
		}
	}
}

// Colours stand in one place, style/base.css and the tokens of the faces; what
// components add are tints that no token names.
func TestTokens(t *testing.T) {
	named := map[string]string{}
	base, err := styleFiles.ReadFile("style/base.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(--[a-z]+-\d+):(#[0-9A-Fa-f]{6})`).FindAllStringSubmatch(string(base), -1) {
		named[strings.ToUpper(m[2])] = m[1]
	}
	if len(named) < 25 {
		t.Fatalf("only %d colour tokens", len(named))
	}
	delete(named, "#FFFFFF")
	files, _ := fs.Glob(componentFiles, "component/*/*.css")
	for _, f := range files {
		css, _ := componentFiles.ReadFile(f)
		for _, c := range regexp.MustCompile(`#[0-9A-Fa-f]{6}`).FindAllString(string(css), -1) {
			if token := named[strings.ToUpper(c)]; token != "" {
				t.Errorf("%s: %s is %s", f, c, token)
			}
		}
	}
	for _, face := range []*Face{Portal, Office, Care} {
		for _, must := range []string{"prefers-reduced-motion", "forced-colors", "@media print", ":focus-visible"} {
			if !strings.Contains(sheets[face.Name].css, must) {
				t.Errorf("the style of %s lacks %s", face.Name, must)
			}
		}
	}
}
