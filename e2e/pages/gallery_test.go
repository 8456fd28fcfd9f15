package pages

import (
	"flag"
	"path/filepath"
	"testing"

	"yinling/internal/app"
	"yinling/internal/day"
	"yinling/internal/demo"
)

var update = flag.Bool("update", false, "write what a screen reader is told anew")

// TestGallery looks at every example of every component in all five faces as
// TestPages looks at pages, and holds what a screen reader is told of each
// against testdata/tree. Screenshots go to shots/gallery.
func TestGallery(t *testing.T) {
	need(t)
	clock := &demo.Clock{}
	clock.At(day.MustParse("2026-06-17"), 10, 0)
	base := serve(t, clock, func(*app.App) error { return nil })
	trees, err := filepath.Abs("testdata/tree")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--trees", trees}
	if *update {
		args = append(args, "--update")
	}
	audit(t, "gallery.json", base, "gallery", args...)
}
