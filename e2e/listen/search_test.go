package listen

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"yinling/internal/app"
	"yinling/internal/search"
)

// TestSearchPage: the answer says what was asked and what was found, without
// script; every service that it can name leads somewhere.
func TestSearchPage(t *testing.T) {
	w := newTown(t)
	body := w.get("", "/search?q="+url.QueryEscape("我妈走不动了")).Body.String()
	for _, s := range []string{"您说的是“我妈走不动了”", "找到 ", `href="/matter/door.visit"`, `value="我妈走不动了"`, "因为说到“走不动”"} {
		if !strings.Contains(body, s) {
			t.Errorf("the answer lacks %s", s)
		}
	}
	if body = w.get("", "/search?q="+url.QueryEscape("恭喜发财")).Body.String(); !strings.Contains(body, "没有找到") || strings.Count(body, `class="row"`) != len(search.Services) {
		t.Error("nothing found: neither said, nor all services listed")
	}
	me := w.daughter()
	for _, s := range search.Services {
		if res := w.get(me, s.Href); res.Code != 200 && res.Code != 303 {
			t.Errorf("%s leads to %s: %d", s.Title, s.Href, res.Code)
		} else if strings.HasPrefix(s.Href, "/help") && !strings.Contains(res.Body.String(), "tel:") {
			t.Errorf("%s: no telephone on %s", s.Title, s.Href)
		}
	}
}

// hearing is a recogniser of ours and the town that uses it.
func hearing(t *testing.T) (*town, *[]byte) {
	var clip []byte
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clip, _ = io.ReadAll(r.Body)
		json.NewEncoder(w).Encode(map[string]string{"text": "我走不动了。"})
	}))
	t.Cleanup(srv.Close)
	w := newTown(t)
	w.Config.Speech = app.Speech{Hear: srv.URL}
	h, err := w.Handler()
	if err != nil {
		t.Fatal(err)
	}
	w.h = h
	return w, &clip
}

// TestHear: a recording becomes words; what is no recording, or comes without
// the token of our page, does not reach the recogniser.
func TestHear(t *testing.T) {
	w, clip := hearing(t)
	form := regexp.MustCompile(`data-hear="/search/hear" data-token="([^"]+)"`).FindStringSubmatch(w.get("", "/search").Body.String())
	if form == nil {
		t.Fatal("the page does not say where recordings go")
	}
	post := func(token, kind, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/search/hear", strings.NewReader(body))
		return w.do("", r, "Content-Type", kind, "X-Form-Token", token, "Accept", "application/json")
	}
	if res := post(form[1], "audio/webm", "clip"); res.Code != 200 || strings.TrimSpace(res.Body.String()) != `{"text":"我走不动了"}` || string(*clip) != "clip" {
		t.Errorf("%d %s, the recogniser got %q", res.Code, res.Body, *clip)
	}
	*clip = nil
	for name, res := range map[string]*httptest.ResponseRecorder{"no token": post("", "audio/webm", "clip"), "a picture": post(form[1], "image/png", "clip"),
		"nothing": post(form[1], "audio/webm", ""), "too long": post(form[1], "audio/webm", strings.Repeat("x", 2<<20))} {
		if res.Code < 400 || *clip != nil {
			t.Errorf("%s: %d, the recogniser got %d bytes", name, res.Code, len(*clip))
		}
	}
	if res := newTown(t).get("", "/search"); strings.Contains(res.Body.String(), "data-hear") {
		t.Error("without a recogniser the page offers one")
	}
}

// tab is a browser tab on the town; init runs before every page's own script.
func tab(t *testing.T, w *town, init string) (context.Context, string) {
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
	srv := httptest.NewServer(w.h)
	t.Cleanup(srv.Close)
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(bin), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir())}
	for _, f := range []string{"disable-background-networking", "disable-component-update", "disable-sync", "use-fake-device-for-media-stream", "use-fake-ui-for-media-stream"} {
		opts = append(opts, chromedp.Flag(f, true))
	}
	opts = append(opts, chromedp.Flag("autoplay-policy", "no-user-gesture-required"))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, _ := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: init}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(srv.URL+"/")); err != nil {
		t.Fatal(err)
	}
	return ctx, srv.URL
}

// until waits for a condition of the page.
func until(t *testing.T, ctx context.Context, what, js string) {
	t.Helper()
	expr := fmt.Sprintf(`new Promise((ok,no)=>{const end=Date.now()+20000;(function f(){if(%s)ok("");else if(Date.now()>end)no(Error("never"));else setTimeout(f,30)})()})`, js)
	if _, err := eval(ctx, expr); err != nil {
		now, _ := eval(ctx, `document.body.innerText.slice(0,400)`)
		t.Fatalf("%s: %v\n%s", what, err, now)
	}
}

const noRecogniser = `for(const n of['SpeechRecognition','webkitSpeechRecognition'])Object.defineProperty(window,n,{value:undefined});`

// TestScriptPlaysInPlace: with script the sound plays on the page; 说 is hidden
// where nothing hears.
func TestScriptPlaysInPlace(t *testing.T) {
	needVoice(t)
	ctx, _ := tab(t, newTown(t), noRecogniser)
	until(t, ctx, "the script has run", `document.querySelector('[data-listen] a').dataset.name`)
	eval(ctx, `document.querySelector('[data-listen] a').click()`)
	until(t, ctx, "it plays", `document.querySelector('audio')?.currentTime>0.2`)
	until(t, ctx, "on the same page, with a way to stop", `location.pathname==='/'&&document.querySelector('[data-listen] a').textContent.trim()==='停下'`)
	eval(ctx, `document.querySelector('[data-listen] a').click()`)
	until(t, ctx, "it stops", `!document.querySelector('audio')&&document.querySelector('[data-listen] a').textContent.trim()==='听这一页'`)
	until(t, ctx, "nothing hears", `document.querySelector('[data-say]').hidden`)
}

// TestScriptReadsByBrowser: a personal page, or any where the server is mute, is
// read by the browser's own Chinese voice, in the words of the server.
func TestScriptReadsByBrowser(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	ctx, _ := tab(t, newTown(t), noRecogniser+`window.spoken=[];Object.defineProperty(window,'speechSynthesis',{value:{getVoices:()=>[{localService:true,lang:'zh-CN'}],cancel(){},speak(u){spoken.push(u.text);setTimeout(()=>u.onend(),5)}}});
		window.SpeechSynthesisUtterance=class{constructor(t){this.text=t}};`)
	until(t, ctx, "the script has run", `document.querySelector('[data-listen] a').dataset.name`)
	eval(ctx, `document.querySelector('[data-listen] a').click()`)
	until(t, ctx, "all is read", `spoken.length>5&&document.querySelector('[data-listen] a').textContent.trim()==='听这一页'`)
	until(t, ctx, "in the server's words", `spoken[0]==='老人要人照顾。'&&!/[0-9]/.test(spoken.join(''))`)
}

// TestScriptHears: what the browser, or else our recogniser, heard stands in the
// field to be corrected, and nothing is sent before the person says so.
func TestScriptHears(t *testing.T) {
	w, clip := hearing(t)
	for name, c := range map[string]struct {
		town *town
		init string
	}{
		"browser": {newTown(t), `window.webkitSpeechRecognition=window.SpeechRecognition=class{start(){setTimeout(()=>{this.onresult({results:[[{transcript:'我走不动了。'}]]});this.onend()},20)}stop(){}};`},
		"server":  {w, noRecogniser},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, _ := tab(t, c.town, c.init)
			until(t, ctx, "说 is there", `document.querySelector('[data-say]')?.hidden===false`)
			eval(ctx, `document.querySelector('[data-say]').click()`)
			if name == "server" {
				until(t, ctx, "it listens", `document.querySelector('[data-say]').textContent.trim()==='说完了'`)
				eval(ctx, `new Promise(ok=>setTimeout(ok,600))`) // something to record
				eval(ctx, `document.querySelector('[data-say]').click()`)
			}
			until(t, ctx, "what was heard", `document.querySelector('#q').value==='我走不动了'&&document.querySelector('[data-told]').textContent.includes('不对可以改')&&location.pathname==='/'`)
		})
	}
	if len(*clip) == 0 {
		t.Error("the recogniser got no recording")
	}
}

func eval(ctx context.Context, js string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[string](`Promise.resolve(`+js+`).then(v=>String(v??""))`, chromedp.EvalAwaitPromise))
}
