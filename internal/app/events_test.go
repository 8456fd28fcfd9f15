package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yinling/internal/claim"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
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

// News of a settlement that could not be told is tried again by itself, so that
// nobody is told twice because of a neighbour.
func TestUntoldSettlementsStandAlone(t *testing.T) {
	d, _ := dbtest.SQLite(t)
	a := &App{DB: d}
	made := claim.Made{Region: "320700", Bills: []claim.Round{{Visit: "v1", Round: 1}, {Visit: "v2", Round: 3}}}
	for range 2 { // a job runs at least once
		if err := a.tellSettled(t.Context(), made); err != nil {
			t.Fatal(err)
		}
	}
	var keys []string
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		keys, err = db.All(tx, db.Value[string], `SELECT key FROM job_job WHERE region = $1 ORDER BY key`, "320700")
		return err
	})
	if err != nil || strings.Join(keys, " ") != "again/v1-1 again/v2-3" {
		t.Errorf("%v, %v", keys, err)
	}
	made.Bills = made.Bills[:1]
	if a.tellSettled(t.Context(), made) == nil {
		t.Error("a job of one bill hides that it failed")
	}
}
