package tasks

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
)

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
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("lang", "zh-CN"), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-background-networking", true)}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() { cancel(); stop() })
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// way is how somebody uses the site.
type way struct {
	mode   string // normal, elder
	script bool
}

func (w way) String() string {
	if w.script {
		return w.mode
	}
	return w.mode + "-noscript"
}

// walker is one person at a phone, who counts what they must do.
type walker struct {
	t    *testing.T
	ctx  context.Context
	base string
	way  way

	pages, questions, taps, typed int
}

func newWalker(t *testing.T, browser context.Context, base string, how way) *walker {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	w := &walker{t: t, ctx: ctx, base: base, way: how}
	w.must(chromedp.Do(ctx, chromedp.EmulateViewport(390, 844)))
	if how.mode == "elder" {
		w.open("/elder?on=1&back=/")
	}
	_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !how.script})
	w.must(err)
	return w
}

func (w *walker) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", w.way, err, w.text())
	}
}

func eval[T any](w *walker, js string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 60*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		w.t.Fatalf("%s: %v in %s", w.way, err, js)
	}
	return v
}

func quote(s string) string { b, _ := json.Marshal(s); return string(b) }

func (w *walker) text() string {
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	s, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + "\n" + (document.querySelector("main")||document.body).innerText`))
	return s
}

// open goes to an address without counting it.
func (w *walker) open(path string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 30*time.Second)
	defer cancel()
	w.must(chromedp.Do(ctx, chromedp.Navigate(w.base+path)))
}

// start is at home with nothing counted.
func (w *walker) start() {
	w.t.Helper()
	w.open("/")
	w.pages, w.questions, w.taps, w.typed = 0, 0, 0, 0
}

// tap taps the link or button that says words and waits for the page it leads to.
func (w *walker) tap(words string) {
	w.t.Helper()
	js := fmt.Sprintf(`(()=>{const all=[...document.querySelectorAll('main a[href],main button'),...document.querySelectorAll('a[href],button')].filter(e=>e.checkVisibility());
		const say=e=>e.textContent.replace(/\s+/g,' ').trim();
		const e=all.find(e=>say(e)===%[1]s)||all.find(e=>e.querySelector('b')&&say(e.querySelector('b'))===%[1]s)||all.find(e=>say(e).startsWith(%[1]s))||all.find(e=>say(e).includes(%[1]s));
		if(!e) return false; window.__old=1; e.click(); return true})()`, quote(words))
	if !eval[bool](w, js) {
		w.t.Fatalf("%s: nothing says %q on\n%s", w.way, words, w.text())
	}
	w.taps++
	w.arrive(words)
}

// arrive waits for the next page and counts it.
func (w *walker) arrive(by string) {
	w.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(10 * time.Millisecond) { // polling a browser, not waiting for our own work
		ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
		fresh, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!window.__old && document.readyState==='complete'`))
		cancel()
		if err == nil && fresh {
			break
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: %q led nowhere from\n%s", w.way, by, w.text())
		}
	}
	w.pages++
	if eval[bool](w, `!!document.querySelector('main .question .ask')`) {
		w.questions++
	}
}

// pick taps the card of an answer.
func (w *walker) pick(words string) {
	w.t.Helper()
	if !eval[bool](w, fmt.Sprintf(`(()=>{const e=[...document.querySelectorAll('main label.pick')].find(e=>e.innerText.trim().startsWith(%s)); if(!e) return false; e.click(); return e.querySelector('input').checked})()`, quote(words))) {
		w.t.Fatalf("%s: no answer %q on\n%s", w.way, words, w.text())
	}
	w.taps++
}

// write taps a field and types.
func (w *walker) write(name, words string) {
	w.t.Helper()
	if !eval[bool](w, fmt.Sprintf(`(()=>{const e=document.querySelector('main [name=%s]'); if(!e) return false; e.focus(); e.value=%s; return true})()`, name, quote(words))) {
		w.t.Fatalf("%s: no field %s on\n%s", w.way, name, w.text())
	}
	w.taps++
	w.typed += len([]rune(words))
}

func (w *walker) sees(words ...string) {
	w.t.Helper()
	s := w.text()
	for _, x := range words {
		if !strings.Contains(s, x) {
			w.t.Fatalf("%s: %q is not on\n%s", w.way, x, s)
		}
	}
}

// wrong taps a button and expects the same page again with the error on top: in
// the title, in focus, beside the field.
func (w *walker) wrong(button, say string) {
	w.t.Helper()
	pages, taps, questions := w.pages, w.taps, w.questions
	w.tap(button)
	w.pages, w.taps, w.questions = pages, taps, questions
	w.sees(say)
	if s := eval[string](w, `[document.title.startsWith('有错误：'), !!document.querySelector('main [data-err] .msg'), document.activeElement.className].join()`); s != "true,true,err" {
		w.t.Errorf("%s: an error must be in the title, beside the field and in focus: %s at\n%s", w.way, s, w.text())
	}
}

// within compares what was counted with the caps of a task.
func (w *walker) within(task string, pages, questions, taps, typed int) {
	w.t.Helper()
	w.t.Logf("%-18s %-16s pages %d/%d questions %d/%d taps %d/%d typed %d/%d", task, w.way, w.pages, pages, w.questions, questions, w.taps, taps, w.typed, typed)
	if w.pages > pages || w.questions > questions || w.taps > taps || w.typed > typed {
		w.t.Errorf("%s, %s: more than the cap", task, w.way)
	}
	ctx, cancel := context.WithTimeout(w.ctx, 60*time.Second)
	defer cancel()
	if b, err := chromedp.Run(ctx, chromedp.FullScreenshot(80)); err == nil {
		folder := filepath.Join("..", "..", "shots", "tasks")
		os.MkdirAll(folder, 0o755)
		os.WriteFile(filepath.Join(folder, task+"-"+w.way.String()+".jpg"), b, 0o644)
	}
}

// back is the browser's own button.
func (w *walker) back() {
	w.t.Helper()
	from := eval[string](w, `(()=>{const h=location.href; setTimeout(()=>history.back()); return h})()`)
	if !w.way.script { // timers are off with the script
		eval[bool](w, `(history.back(), true)`)
	}
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(10 * time.Millisecond) { // polling a browser
		ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
		there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`location.href!==`+quote(from)+` && document.readyState==='complete' && (delete window.__old, true)`))
		cancel()
		if err == nil && there {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("%s: back leads nowhere from %s: %v", w.way, from, err)
		}
	}
}
