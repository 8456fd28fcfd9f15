// Package pages lets a real browser look at every page of every face, in normal
// and elder mode: accessibility (axe, AAA for elders), sideways scrolling, sizes
// of targets and letters, the Tab key, other hosts, wider text, elder mode against
// normal mode; then bytes and first paint of the entry pages on a slow line, and
// Lighthouse's accessibility score. The list of pages is e2e/browser/plan.json;
// screenshots go to shots/ (not committed).
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
	need(t)
	clock := &demo.Clock{}
	morning := func() { clock.At(day.MustParse("2026-06-17"), 10, 0) }
	morning()
	base := serve(t, clock, func(a *app.App) error { return demo.Fill(t.Context(), a, clock, demo.Small, t.Logf) })
	morning()
	audit(t, "plan.json", base, "pages")
	audit(t, "plan.json", base, "pages", "--paint")
	audit(t, "plan.json", base, "pages", "--lighthouse")
}

func need(t *testing.T) {
	t.Helper()
	for _, dir := range []string{"axe-core", "lighthouse"} {
		if _, err := os.Stat("../browser/node_modules/" + dir); err == nil {
			continue
		}
		if os.Getenv("CI") != "" {
			t.Fatal("the npm packages are missing: tools/setup browser installs them")
		}
		t.Skip("the npm packages are missing; `make test` installs them")
	}
}

// serve answers on a free port with a city that fill has filled; the login pages
// of a demonstration know who is there when they start.
func serve(t *testing.T, clock *demo.Clock, fill func(*app.App) error) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), app.Config{Data: t.TempDir(), Addr: l.Addr().String(), Region: demo.Region, Agency: demo.Agency,
		Demo: true, Dev: true, Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := fill(a); err != nil {
		t.Fatal(err)
	}
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return "http://" + l.Addr().String()
}

// audit runs e2e/browser/audit.mjs; what it finds fails the test.
func audit(t *testing.T, plan, base, folder string, more ...string) {
	t.Helper()
	shots, err := filepath.Abs("../../shots/" + folder)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"audit.mjs", plan, "--base", base, "--shots", shots}, more...)...)
	cmd.Dir = "../browser"
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}
