package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yinling/internal/job"
)

var kindOf = regexp.MustCompile(`func \((?:\w+ )?\*?\w+\) Kind\(\) string\s*\{\s*return "([^"]+)"`)

// Every kind of job that the program can enqueue has a handler: a job without
// one would wait for ever, unseen.
func TestEveryJobHasAHandler(t *testing.T) {
	a := &App{Jobs: &job.Runner{}}
	a.events()
	have := a.Jobs.Kinds()
	kinds := map[string]string{}
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil // a file of a neighbour that has just moved
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return nil
		}
		for _, m := range kindOf.FindAllStringSubmatch(string(b), -1) {
			kinds[m[1]] = p
		}
		return nil
	})
	if err != nil || len(kinds) < 8 {
		t.Fatalf("%d kinds found in the source, %v", len(kinds), err)
	}
	for kind, p := range kinds {
		if !slices.Contains(have, kind) {
			t.Errorf("%s enqueues %s and nobody handles it", p, kind)
		}
	}
	for _, kind := range have {
		if kinds[kind] == "" {
			t.Errorf("a handler waits for %s, which nobody enqueues", kind)
		}
	}
}
