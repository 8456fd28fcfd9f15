package journey

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"yinling/internal/app"
)

// shots is where the pictures of the journey go; the folder is not committed.
var shots = filepath.Join("..", "..", "shots", "journey")

// newBrowser starts one Chromium; every person then has a window of their own.
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
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(bin), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1366, 900)}
	for _, f := range []string{"disable-background-networking", "disable-component-update", "disable-sync", "disable-quic", "hide-scrollbars"} {
		opts = append(opts, chromedp.Flag(f, true))
	}
	opts = append(opts, chromedp.Flag("lang", "zh-CN"))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() { cancel(); stop() })
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// window is what one person sees.
type window struct {
	t    *testing.T
	ctx  context.Context
	town *town
	base string
	name string
	n    int
}

func open(w0 *town, browser context.Context, name string, width int64) *window {
	t := w0.t
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	w := &window{t: t, ctx: ctx, town: w0, base: w0.base, name: name}
	w.must(chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)))
	return w
}

// plain switches the window's script off: pages must work without.
func (w *window) plain() {
	w.t.Helper()
	_, err := chromedp.Call(w.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	w.must(err)
}

func (w *window) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", w.name, err, w.text())
	}
}

func eval[T any](w *window, js string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 60*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		w.t.Fatalf("%s: %v in %s", w.name, err, js)
	}
	return v
}

func (w *window) text() string {
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	s, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + "\n" + (document.querySelector("main")||document.body).innerText`))
	return s
}

// goTo opens an address of the program.
func (w *window) goTo(path string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 30*time.Second)
	defer cancel()
	w.must(chromedp.Do(ctx, chromedp.Navigate(w.base+path)))
	w.healthy()
}

// healthy fails on an error page, unless it was asked for.
func (w *window) healthy() {
	w.t.Helper()
	if s := eval[string](w, `document.title`); strings.HasPrefix(s, "有错误") || strings.Contains(s, "出了问题") || strings.Contains(s, "没有找到") {
		w.shot("error")
		w.t.Fatalf("%s: page says %q\n%s", w.name, s, w.text())
	}
}

func q(s string) string { b, _ := json.Marshal(s); return string(b) }

// set types into the field of a name.
func (w *window) set(name, value string) {
	w.t.Helper()
	if !eval[bool](w, fmt.Sprintf(`(()=>{const e=document.querySelector('main [name='+CSS.escape(%s)+']:not([type=hidden])'); if(!e) return false; e.value=%s; return true})()`, q(name), q(value))) {
		w.t.Fatalf("%s: no field %s\n%s", w.name, name, w.text())
	}
}

// pick ticks a radio or checkbox.
func (w *window) pick(name, value string) {
	w.t.Helper()
	if !eval[bool](w, fmt.Sprintf(`(()=>{const e=[...document.querySelectorAll('main [name='+CSS.escape(%s)+']')].find(e=>e.value===%s); if(!e) return false; if(e.tagName==='SELECT') return false; e.checked=true; return true})()`, q(name), q(value))) {
		w.t.Fatalf("%s: no choice %s=%s\n%s", w.name, name, value, w.text())
	}
}

// choose takes an option of a list.
func (w *window) choose(name, value string) {
	w.t.Helper()
	if !eval[bool](w, fmt.Sprintf(`(()=>{const e=document.querySelector('main select[name='+CSS.escape(%s)+']'); if(!e) return false; e.value=%s; return e.value===%[2]s})()`, q(name), q(value))) {
		w.t.Fatalf("%s: no option %s=%s\n%s", w.name, name, value, w.text())
	}
}

// pickLabel ticks the choice whose label holds words, and returns its value.
func (w *window) pickLabel(name, words string) string {
	w.t.Helper()
	v := eval[string](w, fmt.Sprintf(`(()=>{const e=[...document.querySelectorAll('main [name='+CSS.escape(%s)+']')].find(e=>e.closest('label')?.innerText.includes(%s)); if(!e) return ''; e.checked=true; return e.value})()`, q(name), q(words)))
	if v == "" {
		w.t.Fatalf("%s: no choice %q of %s\n%s", w.name, words, name, w.text())
	}
	return v
}

// file puts a file into a field.
func (w *window) file(name, path string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 60*time.Second)
	defer cancel()
	w.must(chromedp.Do(ctx, chromedp.SetUploadFiles(chromedp.CSS(`main input[type=file][name="`+name+`"]`), []string{path})))
}

// press presses the button, or follows the link, with these words, and waits
// for the next page.
func (w *window) press(words string) {
	w.t.Helper()
	js := fmt.Sprintf(`(()=>{const all=[...document.querySelectorAll('main button, main a')].filter(e=>e.offsetParent!==null||e.getClientRects().length||e.closest('details'));
		const e=all.find(e=>e.innerText.trim()===%[1]s)||all.find(e=>e.textContent.replace(/\s+/g,' ').trim().includes(%[1]s)); if(!e) return false; window.__old=1; e.click(); return true})()`, q(words))
	if !eval[bool](w, js) {
		w.shot("error")
		w.t.Fatalf("%s: nothing to press says %q\n%s", w.name, words, w.text())
	}
	deadline := time.Now().Add(60 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
		fresh, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!window.__old && document.readyState==='complete'`))
		cancel()
		if err == nil && fresh {
			break
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: %q led nowhere\n%s", w.name, words, w.text())
		}
		time.Sleep(20 * time.Millisecond) // polling a browser, not waiting for our own work
	}
	w.healthy()
}

// sees fails unless the page says all of the words.
func (w *window) sees(words ...string) {
	w.t.Helper()
	s := w.text()
	for _, x := range words {
		if !strings.Contains(s, x) {
			w.shot("error")
			w.t.Fatalf("%s does not see %q on\n%s", w.name, x, s)
		}
	}
}

// shot takes a picture of the whole page.
func (w *window) shot(what string) {
	ctx, cancel := context.WithTimeout(w.ctx, 60*time.Second)
	defer cancel()
	b, err := chromedp.Run(ctx, chromedp.FullScreenshot(90))
	if err != nil {
		return
	}
	w.n++
	os.MkdirAll(shots, 0o755)
	os.WriteFile(filepath.Join(shots, fmt.Sprintf("%s-%02d-%s.jpg", w.name, w.n, what)), b, 0o644)
}

// staff logs a member of staff in by password and the code of the moment.
func (w *window) staff(login string) {
	w.t.Helper()
	w.goTo("/login/staff")
	code, err := w.town.Access.TOTPNow(w.t.Context(), region, login)
	w.must(err)
	w.set("login", login)
	w.set("password", app.DemoPassword)
	w.set("code", code)
	w.press("登录")
	if p := eval[string](w, "location.pathname"); strings.HasPrefix(p, "/login") {
		w.t.Fatalf("%s could not log in\n%s", login, w.text())
	}
}

// citizen logs a citizen in by the code of the message.
func (w *window) citizen(phone string) {
	w.t.Helper()
	w.goTo("/login?as=" + phone)
	w.press("发验证码")
	code := eval[string](w, `document.querySelector('main').textContent.match(/(?<!\d)\d{6}(?!\d)/)?.[0]||''`)
	w.set("code", code)
	w.press("登录")
}

func (w *window) path() string { return eval[string](w, "location.pathname") }
