// Package pages lets a real browser look at every page of every face, in normal
// and elder mode: accessibility (axe, AAA for elders), sideways scrolling, sizes
// of targets and letters, the Tab key, other hosts, wider text, elder mode against
// normal mode; then bytes and first paint of the entry pages on a slow line. The
// list of pages is e2e/browser/plan.json; screenshots go to shots/ (not committed).
package pages

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"yinling/internal/app"
	"yinling/internal/day"
	"yinling/internal/demo"
)

func TestPages(t *testing.T) {
	if _, err := os.Stat("../browser/node_modules/axe-core"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the npm packages are missing: tools/setup browser installs them")
		}
		t.Skip("the npm packages are missing; `make test` installs them")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	clock := &demo.Clock{}
	clock.At(day.MustParse("2026-06-17"), 10, 0)
	a, err := app.Open(t.Context(), app.Config{Data: t.TempDir(), Addr: l.Addr().String(), Region: demo.Region, Agency: demo.Agency,
		Demo: true, Dev: true, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if err := demo.Fill(t.Context(), a, clock, demo.Small, t.Logf); err != nil {
		t.Fatal(err)
	}
	clock.At(day.MustParse("2026-06-17"), 10, 0)
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h}
	go srv.Serve(l)
	defer srv.Close()
	shots, err := filepath.Abs("../../shots/pages")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	for _, args := range [][]string{{"--shots", shots}, {"--paint"}} {
		cmd := exec.CommandContext(t.Context(), "node", append([]string{"audit.mjs", "plan.json", "--base", base}, args...)...)
		cmd.Dir = "../browser"
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		if err != nil {
			t.Error(err)
		}
	}
}
