// Package office works a clerk's list in a real browser: by keys, by mouse
// without script, in a batch, back within ten minutes, and when a colleague was
// faster.
package office

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"yinling/internal/app"
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/demo"
	"yinling/internal/desk"
)

const region = demo.Region

var shots = filepath.Join("..", "..", "shots", "office")

type town struct {
	*app.App
	base  string
	clock *demo.Clock
	cases []string // wait for acceptance, complete
}

func newTown(t *testing.T) *town {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	clock := &demo.Clock{}
	clock.At(day.MustParse("2026-06-03"), 9, 0)
	a, err := app.Open(context.Background(), app.Config{Data: t.TempDir(), Addr: l.Addr().String(), Region: region, Agency: demo.Agency, Demo: true, Now: clock.Now, AllowUnsafe: true, Chromium: "off"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if err := demo.Fill(t.Context(), a, clock, demo.Small, t.Logf); err != nil {
		t.Fatal(err)
	}
	clock.At(day.MustParse("2026-06-03"), 9, 0)
	w := &town{App: a, clock: clock, base: "http://" + l.Addr().String()}
	w.apply(t, 12)
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return w
}

// apply enters applications of people who have none, as the window does.
func (w *town) apply(t *testing.T, n int) {
	t.Helper()
	rows, err := w.DB.Raw().Query(`SELECT id FROM person_person AS p WHERE region = $1 AND deceased = '' AND birth < '1960' AND NOT EXISTS
		(SELECT 1 FROM desk_case AS c WHERE c.region = p.region AND c.person = p.id) ORDER BY id`, region)
	if err != nil {
		t.Fatal(err)
	}
	var people []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		people = append(people, id)
	}
	clerk := audit.Actor{ID: "window", Name: "窗口", Role: "clerk", Region: region}
	items := map[string]string{"eating": "dependent", "continence": "dependent", "bathing": "dependent", "dressing": "dependent", "toilet": "dependent", "transfer": "partial"}
	var last error
	for _, id := range people {
		if len(w.cases) == n {
			return
		}
		f, err := w.Assess.Files.Save(region, "病历.pdf", strings.NewReader("%PDF-1.4\n"+strings.Repeat("x", 600)), w.DB.Now())
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.Assess.Apply(t.Context(), clerk, assess.ApplyInput{Region: region, Person: id, Channel: desk.Window, Files: []desk.Stored{f},
			Answers: assess.Told{Place: "home", Address: "东湖街道 12 栋 301", Items: items, Since: day.FromTime(w.DB.Now()).Month() - 9, Times: []string{"am"}}})
		if last = err; err == nil && got.Missing == 0 {
			w.cases = append(w.cases, got.Number)
		}
	}
	t.Fatalf("only %d applications from %d people: %v", len(w.cases), len(people), last)
}

type window struct {
	t    *testing.T
	ctx  context.Context
	town *town
	name string
	keys int
}

func newBrowser(t *testing.T) context.Context {
	t.Helper()
	bin := os.Getenv("CHROMIUM")
	if bin == "" {
		bin = "/usr/bin/chromium"
	}
	if _, err := os.Stat(bin); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no browser: %v (tools/setup browser installs it)", err)
		}
		t.Skip("no browser; `make test` installs it")
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), chromedp.ExecPath(bin), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("lang", "zh-CN"), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-background-networking", true))
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() { cancel(); stop() })
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

func (w *town) open(t *testing.T, browser context.Context, login string, script bool) *window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	x := &window{t: t, ctx: ctx, town: w, name: login}
	x.must(chromedp.Do(ctx, chromedp.EmulateViewport(1366, 768)))
	x.must(chromedp.Do(ctx, chromedp.Navigate(w.base+"/login/staff?as="+login)))
	x.click("main form button")
	if !script {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		x.must(err)
	}
	return x
}

func (x *window) must(err error) {
	x.t.Helper()
	if err != nil {
		s, _ := chromedp.Run(x.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
		x.t.Fatalf("%s: %v\n%s", x.name, err, s)
	}
}

func eval[T any](x *window, js string) T {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.ctx, 60*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	x.must(err)
	return v
}

func quote(s string) string { b, _ := json.Marshal(s); return string(b) }

// until waits for an expression of the page to become true.
func (x *window) until(js string) {
	x.t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); {
		ctx, cancel := context.WithTimeout(x.ctx, 5*time.Second)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && !!(`+js+`)`))
		cancel()
		if err == nil && ok {
			return
		}
		select {
		case <-x.t.Context().Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	x.must(fmt.Errorf("never came: %s", js))
}

// leave does something that leads to another page, and waits for it.
func (x *window) leave(do func()) {
	x.t.Helper()
	eval[bool](x, `(document.documentElement.dataset.old = "1", true)`)
	do()
	x.until(`!document.documentElement.dataset.old`)
}

func (x *window) goTo(path string) {
	x.t.Helper()
	x.leave(func() { x.must(chromedp.Do(x.ctx, chromedp.Navigate(x.town.base+path))) })
}

// click presses what a finger or mouse would: the real place on the screen.
func (x *window) click(sel string) {
	x.t.Helper()
	x.leave(func() {
		if !eval[bool](x, `(()=>{const e=document.querySelector(`+quote(sel)+`); if(!e) return false; e.click(); return true})()`) {
			x.must(fmt.Errorf("nothing to click: %s", sel))
		}
	})
}

// key presses one key and counts it.
func (x *window) key(k string) {
	x.t.Helper()
	x.keys++
	x.must(chromedp.Do(x.ctx, chromedp.KeyEvent(k)))
}

func (x *window) shot(name string) {
	x.t.Helper()
	b, err := chromedp.Run(x.ctx, chromedp.CaptureScreenshot())
	x.must(err)
	x.must(os.MkdirAll(shots, 0o755))
	x.must(os.WriteFile(filepath.Join(shots, name+".png"), b, 0o644))
}

func (w *town) stage(t *testing.T, id string) (s string) {
	t.Helper()
	if err := w.DB.Raw().QueryRow(`SELECT stage FROM desk_case WHERE region = $1 AND id = $2`, region, id).Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

const (
	current = `(document.querySelector("tr[data-cur] .nm")?.id || "").slice(2)`
	focused = `document.activeElement.id.slice(2)`
)

func TestWorklist(t *testing.T) {
	w := newTown(t)
	browser := newBrowser(t)
	clerk := w.open(t, browser, "clerk", true)
	clerk.goTo("/o/desk?stage=accept&sort=due")

	t.Run("three keys from the list to the decision and the next case", func(t *testing.T) {
		clerk.t = t
		eval[bool](clerk, `(document.querySelector("td.who a").focus(), true)`)
		clerk.key("j")
		first := eval[string](clerk, focused)
		clerk.keys = 0
		clerk.leave(func() { clerk.key("\r") })
		if got := eval[string](clerk, current); got != first || eval[string](clerk, focused) != first {
			t.Fatalf("%s is open, %s was chosen", got, first)
		}
		// E2: five rows and the whole decision on the first screen.
		type seen struct{ Rows, Buttons int }
		in := eval[seen](clerk, `(()=>{const ok=e=>{const r=e.getBoundingClientRect();return r.top>=56&&r.bottom<=innerHeight&&r.width>0};
			return {Rows:[...document.querySelectorAll(".work-list tbody tr")].filter(ok).length, Buttons:[...document.querySelectorAll(".peek [data-key]")].filter(ok).length}})()`)
		if in.Rows < 5 || in.Buttons != 3 {
			t.Errorf("on the first screen: %+v; want 5 rows and 3 buttons", in)
		}
		clerk.shot("preview")
		clerk.leave(func() { clerk.key("a") })
		if w.stage(t, first) != "draw" {
			t.Fatalf("%s is in %s", first, w.stage(t, first))
		}
		next := eval[string](clerk, current)
		if next == "" || next == first || eval[string](clerk, focused) != next || clerk.keys > 3 {
			t.Fatalf("after %d keys %q is open", clerk.keys, next)
		}
		t.Logf("%d keys from the list to the decision with the next case open", clerk.keys)
		clerk.shot("decided")
		clerk.leave(func() { clerk.key("u") })
		if w.stage(t, first) != "accept" {
			t.Fatal("not taken back")
		}
	})

	t.Run("keys only inside the list, and switched off for the account", func(t *testing.T) {
		clerk.t = t
		clerk.goTo("/o/desk?stage=accept")
		eval[bool](clerk, `(document.querySelector("#gs").focus(), true)`)
		clerk.key("x")
		if eval[string](clerk, `document.querySelector("#gs").value`) != "x" || eval[int](clerk, `document.querySelectorAll("td input:checked").length`) != 0 {
			t.Fatal("a key in the search field reached the list")
		}
		eval[bool](clerk, `(document.querySelector("td.who a").focus(), true)`)
		clerk.key("x")
		clerk.until(`document.querySelectorAll("td input:checked").length === 1 && !document.querySelector("[data-batch]").hidden`)
		eval[bool](clerk, `(document.querySelector("#keys").open = true)`)
		clerk.click("#keys button")
		eval[bool](clerk, `(document.querySelector("td.who a").focus(), true)`)
		clerk.key("x")
		if eval[int](clerk, `document.querySelectorAll("td input:checked").length`) != 0 {
			t.Fatal("keys still work")
		}
		clerk.click("#keys button")
	})

	t.Run("a colleague was faster", func(t *testing.T) {
		clerk.t = t
		other := w.open(t, browser, "insurer", true)
		id := w.cases[5]
		clerk.goTo("/o/desk?stage=accept&see=" + id)
		other.goTo("/o/desk?stage=accept&see=" + id)
		if s := eval[string](other, `document.querySelector(".held").innerText`); !strings.Contains(s, "打开了这件") {
			t.Fatalf("the second sees %q", s)
		}
		w.clock.Set(w.clock.Now().Add(time.Minute))
		other.click(`.peek form[action$="/accept"] button`)
		eval[bool](clerk, `(document.querySelector('[name="supplement-what"]').value = "身份证复印件", true)`)
		clerk.click(`.peek form[action$="/supplement"] button`)
		text := eval[string](clerk, `document.querySelector("main").innerText`)
		for _, s := range []string{"您打开以后，这件变了", "待受理", "待派评估", "受理了申请", "身份证复印件"} {
			if !strings.Contains(text, s) {
				t.Errorf("no %q in\n%s", s, text)
			}
		}
		if w.stage(t, id) != "draw" {
			t.Fatal("overwritten")
		}
		clerk.shot("stale")
	})

	t.Run("a batch without script", func(t *testing.T) {
		x := w.open(t, browser, "clerk", false)
		if _, err := w.DB.Raw().Exec(`UPDATE desk_case SET missing = 1 WHERE region = $1 AND id = $2`, region, w.cases[8]); err != nil {
			t.Fatal(err)
		}
		x.goTo("/o/desk?stage=accept&sort=due")
		for _, id := range []string{w.cases[7], w.cases[8], w.cases[9]} {
			eval[bool](x, `(document.querySelector("tr:has(#r-`+id+`) input").checked = true)`)
		}
		x.click("[data-check] button")
		text := eval[string](x, `document.querySelector("[data-batch]").innerText`)
		if !strings.Contains(text, "已选 3 件") || !strings.Contains(text, "批量受理 2 件") || !strings.Contains(text, "缺 1 件材料") {
			t.Fatalf("before the click: %s", text)
		}
		x.shot("batch")
		x.click("[data-batch] [data-go]")
		if s := eval[string](x, `document.querySelector("h1").innerText`); s != "受理了 2 件" {
			t.Fatalf("result: %q", s)
		}
		x.shot("result")
		x.click("td form button") // one of them back
		if a, b := w.stage(t, w.cases[7]), w.stage(t, w.cases[9]); a == b {
			t.Fatalf("one of two taken back: %s, %s", a, b)
		}
		x.click(".undo button")
		if w.stage(t, w.cases[7]) != "accept" || w.stage(t, w.cases[9]) != "accept" || w.stage(t, w.cases[8]) != "accept" {
			t.Fatal("not all taken back")
		}
		// Filters, place and marks are as they were left.
		x.goTo("/o/desk?stage=accept&sort=due&channel=window")
		x.click("td.who a")
		id := eval[string](x, current)
		x.goTo("/o/assess/" + id)
		x.click("a.back")
		if s := eval[string](x, `location.search + location.hash`); !strings.Contains(s, "channel=window") || !strings.Contains(s, "sort=due") || !strings.HasSuffix(s, "#r-"+id) {
			t.Fatalf("back at %s", s)
		}
		if s := eval[string](x, `document.querySelector("tr:has(#r-`+id+`)").innerText`); !strings.Contains(s, "看过") {
			t.Fatalf("no mark: %s", s)
		}
	})
}
