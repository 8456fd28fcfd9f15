package offline

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"yinling/internal/app"
)

// shots is where the pictures go; the folder is not committed.
var shots = filepath.Join("..", "..", "shots", "offline")

// phone is one worker's phone: a browser with a profile on disk.
type phone struct {
	t      *testing.T
	town   *town
	dir    string
	skew   time.Duration // of the phone's clock
	reset  context.CancelFunc
	chrome context.Context // the browser
	ctx    context.Context // the tab
	off    bool
	where  *emulation.SetGeolocationOverrideParams
	shut   context.CancelFunc
	n      int
}

func newPhone(t *testing.T, w *town) *phone {
	t.Helper()
	p := &phone{t: t, town: w, dir: t.TempDir()}
	p.boot()
	t.Cleanup(func() { p.reset() })
	return p
}

// boot starts the phone's browser on its profile.
func (p *phone) boot() {
	p.t.Helper()
	bin := os.Getenv("CHROMIUM")
	if bin == "" {
		bin = "/usr/bin/chromium"
	}
	if _, err := os.Stat(bin); err != nil {
		if os.Getenv("CI") != "" {
			p.t.Fatalf("no browser: %v (tools/setup browser installs it)", err)
		}
		p.t.Skip("no browser; `make test` installs it")
	}
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(bin), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(p.dir), chromedp.WindowSize(390, 844), chromedp.Flag("lang", "zh-CN")}
	for _, f := range []string{"disable-background-networking", "disable-component-update", "disable-sync", "disable-quic", "hide-scrollbars"} {
		opts = append(opts, chromedp.Flag(f, true))
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	p.chrome, p.reset = chromedp.NewContext(alloc)
	p.reset = stop
	p.must(chromedp.Do(p.chrome, chromedp.Navigate("about:blank")))
	p.open()
}

// open opens a tab with the phone's clock, place and network.
func (p *phone) open() {
	p.t.Helper()
	p.ctx, p.shut = chromedp.NewContext(p.chrome)
	p.must(chromedp.Do(p.ctx, chromedp.EmulateViewport(390, 844)))
	shift := p.town.shift.Load() + p.skew.Milliseconds()
	clock := fmt.Sprintf(`(()=>{const D=Date,s=%d;self.Date=class extends D{constructor(...a){a.length?super(...a):super(D.now()+s)}static now(){return D.now()+s}};})()`, shift)
	call(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: clock})
	if p.where != nil {
		call(p, emulation.SetGeolocationOverride, *p.where)
	}
	p.network(p.off)
}

// kill ends the tab without a word to its page, as a phone short of memory does.
func (p *phone) kill() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 2*time.Second)
	chromedp.Call(ctx, page.Crash, cdp.Empty{}) // answers never: the page is gone
	cancel()
	p.shut()
	p.open()
}

// reboot kills the whole browser and starts it on the same profile.
func (p *phone) reboot() {
	p.t.Helper()
	p.reset()
	os.Remove(filepath.Join(p.dir, "SingletonLock"))
	p.boot()
}

func call[P, R any](p *phone, c cdp.Command[P, R], in P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	out, err := chromedp.Call(ctx, c, in)
	p.must(err)
	return out
}

func (p *phone) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%v\n%s", err, p.text())
	}
}

// network cuts the phone off, or joins it again.
func (p *phone) network(off bool) {
	p.t.Helper()
	p.off = off
	if off {
		p.town.net.Store(down)
	} else {
		p.town.net.Store(up)
	}
	call(p, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1})
}

// place sets what the phone's location gives: granted or denied; nil coordinates: no fix.
func (p *phone) place(granted bool, at ...float64) {
	p.t.Helper()
	setting := browser.PermissionSettingGranted
	if !granted {
		setting = browser.PermissionSettingDenied
	}
	if _, err := chromedp.CallBrowser(p.ctx, browser.SetPermission, browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: "geolocation"}, Setting: setting, Origin: p.town.base}); err != nil {
		p.t.Fatal(err)
	}
	p.where = &emulation.SetGeolocationOverrideParams{}
	if len(at) == 2 {
		acc := 12.0
		p.where = &emulation.SetGeolocationOverrideParams{Latitude: &at[0], Longitude: &at[1], Accuracy: &acc}
	}
	call(p, emulation.SetGeolocationOverride, *p.where)
}

func eval[T any](p *phone, js string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%v in %s", err, js)
	}
	return v
}

func (p *phone) text() string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	s, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + "\n" + document.body.innerText`))
	return s
}

func q(s string) string { b, _ := json.Marshal(s); return string(b) }

// until waits for a condition of the page.
func (p *phone) until(js string) {
	p.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+js+")"))
		cancel()
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			p.shot("error")
			p.t.Fatalf("never: %s (%v)\n%s", js, err, p.text())
		}
		time.Sleep(20 * time.Millisecond) // polling a browser, not waiting for our own work
	}
}

// sees waits until the page says all of the words.
func (p *phone) sees(words ...string) {
	p.t.Helper()
	for _, s := range words {
		p.until(`document.body.innerText.includes(` + q(s) + `)`)
	}
}

// goTo opens an address; the page is there when its script has drawn it.
func (p *phone) goTo(path string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	p.must(chromedp.Do(ctx, chromedp.Navigate(p.town.base+path)))
	if strings.HasPrefix(path, "/v/") {
		p.until(`document.documentElement.dataset.ready || location.pathname.startsWith('/login')`)
	}
}

// tap presses what says these words.
func (p *phone) tap(words string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`(()=>{if(location.pathname.startsWith('/v/')&&!document.documentElement.dataset.ready) return false;
		const of=s=>[...document.querySelectorAll(s)], all=[...of('main button'),...of('main a, main summary, main label'),...of('button, a')].filter(e=>e.getClientRects().length);
		const e=all.find(e=>e.innerText.trim()===%[1]s)||all.find(e=>e.innerText.includes(%[1]s)); if(!e||e.disabled) return false; self.__tap=e; return true})()`, q(words)))
	eval[bool](p, `(self.__tap.click(),true)`) // once: a click must not be tried again
}

func (p *phone) tick(name, value string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`(()=>{const e=[...document.querySelectorAll('[name='+CSS.escape(%s)+']')].find(e=>e.value===%s); if(!e) return false; if(!e.checked) e.click(); return e.checked})()`, q(name), q(value)))
}

func (p *phone) write(name, value string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`(()=>{const e=document.querySelector('main [name='+CSS.escape(%s)+']:not([type=hidden])'); if(!e) return false; e.value=%s; e.dispatchEvent(new Event('input',{bubbles:true})); return true})()`, q(name), q(value)))
}

func (p *phone) file(name, path string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	p.must(chromedp.Do(ctx, chromedp.SetUploadFiles(chromedp.CSS(`main input[type=file][name="`+name+`"]`), []string{path})))
}

// login logs the worker in; a one-time code counts once, so the clock moves on first.
func (p *phone) login(login string) { p.t.Helper(); p.loginTo(login, "/v/") }

// loginTo is login for who begins the day on another page.
func (p *phone) loginTo(login, home string) {
	p.t.Helper()
	p.town.login.Lock()
	defer p.town.login.Unlock()
	p.town.later(31 * time.Second)
	p.goTo("/login/staff?back=" + home)
	code, err := p.town.Access.TOTPNow(p.t.Context(), region, login)
	p.must(err)
	p.write("login", login)
	p.write("password", app.DemoPassword)
	p.write("code", code)
	p.tap("登录")
	p.until(`location.pathname === ` + q(home) + ` && document.documentElement.dataset.taken && navigator.serviceWorker.controller`)
}

// kept is an event as it lies in the phone.
type kept struct {
	State string
	Say   string
	Body  struct {
		Visit, Kind string
		At          int64
	}
	Files []struct {
		SHA256 string
		Size   int64
		Kind   string
	}
}

const openDB = `new Promise((ok,no)=>{const r=indexedDB.open('yinling-care');r.onsuccess=()=>{const d=r.result,t=d.transaction(%s).objectStore(%[1]s).getAll();t.onsuccess=()=>{d.close();ok(JSON.stringify(t.result))};t.onerror=no};r.onerror=no;r.onupgradeneeded=()=>{r.transaction.abort();no('the store is gone')}})`

// queue is what lies in the phone's own queue, in order of time.
func (p *phone) queue() (out []kept) {
	p.t.Helper()
	p.must(json.Unmarshal([]byte(eval[string](p, fmt.Sprintf(openDB, "'queue'")+`.then(s=>JSON.stringify(JSON.parse(s).sort((a,b)=>a.body.at-b.body.at)))`)), &out))
	return out
}

func (p *phone) stored(store string) string { return eval[string](p, fmt.Sprintf(openDB, q(store))) }

// shot takes a picture of the page.
func (p *phone) shot(what string) {
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	b, err := chromedp.Run(ctx, chromedp.FullScreenshot(90))
	if err != nil {
		return
	}
	p.n++
	os.MkdirAll(shots, 0o755)
	os.WriteFile(filepath.Join(shots, fmt.Sprintf("%s-%02d-%s.jpg", strings.ReplaceAll(p.t.Name(), "/", "-"), p.n, what)), b, 0o644)
}
