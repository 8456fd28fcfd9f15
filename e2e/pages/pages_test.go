// Package pages lets a real browser look at every page of every face, in normal
// and elder mode: accessibility (axe, AAA for elders), sideways scrolling, sizes
// of targets and letters, the Tab key, other hosts, wider text, elder mode against
// normal mode; then bytes and first paint of the entry pages on a slow line, and
// Lighthouse's accessibility score. The list of pages is e2e/browser/plan.json;
// screenshots go to shots/ (not committed).
package pages

import (
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/app"
	"yinling/internal/day"
	"yinling/internal/demo"
)

func TestPages(t *testing.T) {
	need(t)
	clock := &demo.Clock{}
	morning := func() { clock.At(day.MustParse("2026-06-17"), 10, 0) }
	morning()
	var sessions []string
	base := serve(t, clock, func(a *app.App) error {
		if err := demo.Fill(t.Context(), a, clock, demo.Small, t.Logf); err != nil {
			return err
		}
		morning()
		sessions = drawn(t, a)
		return nil
	})
	audit(t, "plan.json", base, "pages", "--sessions", strings.Join(sessions, ","))
	audit(t, "plan.json", base, "pages", "--paint")
	audit(t, "plan.json", base, "pages", "--lighthouse")
}

// drawn opens sessions of those whom chance has given something to do, as
// NAME=TOKEN: the logins that the login page fills in are nobody of them.
func drawn(t *testing.T, a *app.App) (out []string) {
	t.Helper()
	task := `SELECT MIN(m.account) FROM assess_member m JOIN assess_application a ON a.region = m.region AND a.id = m.case_id WHERE a.region = $1 AND a.state = '%s' AND m.duty = '%s'`
	for name, find := range map[string]string{
		"assessor": fmt.Sprintf(task, "drawn", "visit"), "expert": fmt.Sprintf(task, "recorded", "conclude"),
		"carer4": `SELECT id FROM access_account WHERE region = $1 AND login = 'carer4'`, "carer7": `SELECT id FROM access_account WHERE region = $1 AND login = 'carer7'`,
	} {
		var account string
		if err := a.DB.Raw().QueryRow(find, demo.Region).Scan(&account); err != nil {
			t.Fatal(name, err)
		}
		sum, now := sm3.Sum([]byte("token-"+name)), a.DB.Now().UnixMilli()
		if _, err := a.DB.Raw().Exec(`INSERT INTO access_session (region, token, account, csrf, created, seen, behalf) VALUES ($1,$2,$3,$4,$5,$5,'')`,
			demo.Region, hex.EncodeToString(sum[:]), account, "csrf-"+account, now); err != nil {
			t.Fatal(name, err)
		}
		out = append(out, name+"="+demo.Region+".token-"+name)
	}
	return out
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
