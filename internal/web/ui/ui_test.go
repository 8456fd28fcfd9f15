package ui

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/fault"
)

type formPage struct {
	Page
	Name string
	Who  string
	Opts []Option
}

var testFiles = fstest.MapFS{
	"x/form.html": {Data: []byte(`{{define "main"}}<h1>改名</h1><form method="post" action="/x" novalidate>{{.Tokens}}{{text . "name" "名字" .Name "hint=写全名"}}{{pick . "who" "给谁" .Who .Opts}}<button class="btn">改名</button></form>{{end}}`)},
}

var formTmpl *Template[formPage]

func init() { formTmpl = MustParse[formPage](Portal, testFiles, "x/form.html") }

// house is a portal with a form at /x whose outcome the test chooses.
func house(t *testing.T, who Visitor, act func(f *Form, r *http.Request) error) *httptest.Server {
	t.Helper()
	k := &Kit{Agency: "示范市医疗保障局", Dev: true, Now: func() time.Time { return time.UnixMilli(1717376400000) }, Who: func(*http.Request) Visitor { return who }}
	rt := NewRouter(k, Portal)
	opts := []Option{{Value: "self", Label: "自己"}, {Value: "family", Label: "家人"}}
	page := func(f *Form) *formPage {
		p := &formPage{Page: Page{Title: "改名"}, Opts: opts}
		if f != nil {
			p.Name, p.Who = f.Raw("name"), f.Raw("who")
		}
		return p
	}
	rt.Handle("GET /{$}", access.Public, func(w http.ResponseWriter, r *http.Request) error {
		return formTmpl.Render(w, r, page(nil))
	})
	rt.Handle("GET /x", access.Citizen, func(w http.ResponseWriter, r *http.Request) error {
		return formTmpl.Render(w, r, page(nil))
	})
	rt.Handle("POST /x", access.Citizen, func(w http.ResponseWriter, r *http.Request) error {
		f := ParseForm(r)
		if err := act(f, r); err != nil {
			return formTmpl.Again(w, r, page(f), err)
		}
		return Redirect(w, r, "/")
	})
	rt.Handle("GET /boom", access.Public, func(http.ResponseWriter, *http.Request) error { panic("secret text") })
	rt.Handle("GET /no", access.Public, func(http.ResponseWriter, *http.Request) error {
		return fault.Refuse(&fault.Clause{Doc: "示范办法", Article: "第八条", Grade: "B"}, "参保还不满两年，现在不能申请。")
	})
	s := httptest.NewServer(k.Handler(rt))
	t.Cleanup(s.Close)
	return s
}

var citizen = Visitor{Actor: audit.Actor{ID: "a1", Name: "王桂兰", Role: "citizen"}, Session: "s1"}

func read(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// browser keeps cookies and follows nothing by itself.
type browser struct {
	t    *testing.T
	http *http.Client
	base string
}

func newBrowser(t *testing.T, s *httptest.Server) *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{t, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, s.URL}
}

func (b *browser) get(path string) (*http.Response, string) {
	b.t.Helper()
	res, err := b.http.Get(b.base + path)
	if err != nil {
		b.t.Fatal(err)
	}
	return res, read(b.t, res)
}

func (b *browser) post(path string, form url.Values) (*http.Response, string) {
	b.t.Helper()
	res, err := b.http.PostForm(b.base+path, form)
	if err != nil {
		b.t.Fatal(err)
	}
	return res, read(b.t, res)
}

func hidden(page, name string) string {
	_, rest, _ := strings.Cut(page, `name="`+name+`" value="`)
	v, _, _ := strings.Cut(rest, `"`)
	return v
}

func wants(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(page, p) {
			t.Errorf("the page lacks %q", p)
		}
	}
}

func TestFormComesBackFilledIn(t *testing.T) {
	var keys []string
	s := house(t, citizen, func(f *Form, r *http.Request) error {
		keys = append(keys, f.Once())
		if len(keys) == 3 {
			return nil
		}
		f.Text("name", "名字")
		if f.Choice("who", "给谁", []Option{{Value: "self"}}); f.Err() != nil {
			return f.Err()
		}
		return fault.Refuse(&fault.Clause{Doc: "示范办法", Article: "第八条"}, "现在不能改名。")
	})
	b := newBrowser(t, s)
	_, page := b.get("/x")
	form := url.Values{"token": {hidden(page, "token")}, "once": {hidden(page, "once")}, "name": {""}, "who": {"<b>"}}
	res, page := b.post("/x", form)
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("status %s", res.Status)
	}
	wants(t, page, "<title>有错误：改名 - 银龄医保</title>", "有 2 处要改", `<a href="#name">请填名字</a>`, `aria-invalid="true"`, `id="name-err"`, `href="#who"`)
	if strings.Contains(page, "<b>\"") {
		t.Error("what was typed is not escaped")
	}
	form.Set("name", "王 & 桂兰")
	form.Set("who", "self")
	form.Set("token", hidden(page, "token"))
	form.Set("once", hidden(page, "once"))
	res, page = b.post("/x", form)
	if res.StatusCode != http.StatusConflict {
		t.Errorf("refused: status %s", res.Status)
	}
	wants(t, page, `value="王 &amp; 桂兰"`, `value="self" checked`, "这次不能办", "现在不能改名。", "示范办法", "第八条")
	if res, _ = b.post("/x", form); res.StatusCode != http.StatusSeeOther {
		t.Errorf("done: status %s", res.Status)
	}
	if len(keys) != 3 || keys[0] == "" || keys[0] != keys[1] || keys[1] != keys[2] {
		t.Errorf("the idempotency key must stay with the form: %q", keys)
	}
}

func TestForgedFormsAreRefused(t *testing.T) {
	done := 0
	s := house(t, citizen, func(*Form, *http.Request) error { done++; return nil })
	b := newBrowser(t, s)
	_, page := b.get("/x")
	token := hidden(page, "token")
	for what, form := range map[string]url.Values{"no token": {}, "a made-up token": {"token": {strings.Repeat("A", 43)}}} {
		if res, _ := b.post("/x", form); res.StatusCode != http.StatusForbidden {
			t.Errorf("%s: status %s", what, res.Status)
		}
	}
	other := newBrowser(t, s)
	other.get("/x")
	if res, _ := other.post("/x", url.Values{"token": {token}}); res.StatusCode != http.StatusForbidden {
		t.Errorf("another browser's token: status %s", res.Status)
	}
	req, _ := http.NewRequest("POST", s.URL+"/x", strings.NewReader(url.Values{"token": {token}}.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://elsewhere.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if res, err := b.http.Do(req); err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %v %v", res.Status, err)
	}
	if done != 0 {
		t.Fatalf("%d forged forms were obeyed", done)
	}
	if b.post("/x", url.Values{"token": {token}}); done != 1 {
		t.Error("the true form was not obeyed")
	}
}

func TestPermissions(t *testing.T) {
	s := house(t, Visitor{}, func(*Form, *http.Request) error { return nil })
	b := newBrowser(t, s)
	if res, _ := b.get("/x?a=1"); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/login?back=%2Fx%3Fa%3D1" {
		t.Errorf("a stranger: %s to %s", res.Status, res.Header.Get("Location"))
	}
	if res, _ := b.post("/x", nil); res.StatusCode != http.StatusForbidden {
		t.Errorf("a stranger's post: %s", res.Status)
	}
	s = house(t, Visitor{Actor: audit.Actor{ID: "c", Role: "clerk"}}, nil)
	res, page := newBrowser(t, s).get("/x")
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("another role: %s", res.Status)
	}
	wants(t, page, "您的岗位（经办岗）不能看这一页")
}

func TestErrorsSayNothingInternal(t *testing.T) {
	s := house(t, citizen, nil)
	b := newBrowser(t, s)
	res, page := b.get("/boom")
	if res.StatusCode != http.StatusInternalServerError || strings.Contains(page, "secret") {
		t.Errorf("a panic: %s %s", res.Status, page)
	}
	wants(t, page, "我们这边出了问题", "请报这个编号", "再试一次")
	res, page = b.get("/no")
	if res.StatusCode != http.StatusConflict {
		t.Errorf("refused: %s", res.Status)
	}
	wants(t, page, "参保还不满两年", "示范办法", "第八条")
	res, page = b.get("/nowhere")
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("nowhere: %s", res.Status)
	}
	wants(t, page, "没有找到这一页", "12393")
	req, _ := http.NewRequest("GET", s.URL+"/no", nil)
	req.Header.Set("Accept", "application/json")
	res, err := b.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	wants(t, read(t, res), `"kind":"refused"`, `"article":"第八条"`)
}

func TestElderModeKeepsThePlace(t *testing.T) {
	b := newBrowser(t, house(t, citizen, nil))
	_, page := b.get("/x?step=3")
	wants(t, page, `href="/elder?on=1&amp;back=%2fx%3fstep%3d3"`)
	res, _ := b.get("/elder?on=1&back=%2Fx%3Fstep%3D3")
	if to := res.Header.Get("Location"); to != "/x?step=3" {
		t.Errorf("comes back to %s", to)
	}
	_, page = b.get("/x?step=3")
	wants(t, page, `data-mode="elder"`, "普通版", "字再大些", "（长辈版）")
	b.get("/elder?on=xl&back=/x")
	_, page = b.get("/x")
	wants(t, page, `data-size="xl"`, "字小一些")
	b.get("/elder?on=0&back=/x")
	if _, page = b.get("/x"); strings.Contains(page, "data-mode") {
		t.Error("still in elder mode")
	}
	for _, evil := range []string{"//evil.example", "https://evil.example", "/\\evil.example", ""} {
		res, _ := b.get("/elder?on=0&back=" + url.QueryEscape(evil))
		if to := res.Header.Get("Location"); to != "/" {
			t.Errorf("back=%q leads to %s", evil, to)
		}
	}
}

// The first response must fit the first flight of packets: 14,336 bytes.
func TestFirstResponseIsSmall(t *testing.T) {
	s := house(t, citizen, nil)
	for _, mode := range []string{"", "elder", "xl"} {
		req, _ := http.NewRequest("GET", s.URL+"/x", nil)
		req.Header.Set("Accept-Encoding", "gzip")
		req.AddCookie(&http.Cookie{Name: modeCookie, Value: mode})
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.Header.Get("Content-Encoding") != "gzip" || len(b) > 14336-2500 {
			t.Errorf("%q: %s, %d bytes; a form must leave room for a page's own words", mode, res.Header.Get("Content-Encoding"), len(b))
		}
	}
	b := newBrowser(t, s)
	_, first := b.get("/x")
	res, second := b.get("/x")
	if !strings.Contains(first, "<style nonce=") || strings.Contains(second, "<style") {
		t.Error("the style is inlined for new visitors only")
	}
	csp := res.Header.Get("Content-Security-Policy")
	if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") || res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers: %v", res.Header)
	}
	_, rest, _ := strings.Cut(second, `rel="stylesheet" href="`)
	href, _, _ := strings.Cut(rest, `"`)
	if res, css := b.get(href); res.StatusCode != 200 || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") || !strings.Contains(css, "--pine-800") {
		t.Errorf("%s: %s", href, res.Status)
	}
}

func TestBrokenTemplatesStopTheProgram(t *testing.T) {
	for name, text := range map[string]string{
		"a wrong field":                 `{{define "main"}}{{.Nmae}}{{end}}`,
		"a wrong field in a far branch": `{{define "main"}}{{if .Name}}{{range .Opts}}{{.Lable}}{{end}}{{end}}{{end}}`,
		"no main":                       `hello`,
		"an unclosed attribute":         `{{define "main"}}<a href="{{.Name}}>{{end}}`,
		"an unknown partial":            `{{define "main"}}{{if .Who}}{{template "nothing" .}}{{end}}{{end}}`,
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was taken")
				}
			}()
			MustParse[formPage](Portal, fstest.MapFS{"x.html": {Data: []byte(text)}}, "x.html").load()
		})
	}
}

func TestSLA(t *testing.T) {
	for _, c := range []struct {
		left, all  int
		say, state string
	}{{5, 5, "剩 5 天", ""}, {2, 5, "剩 2 天", "mid"}, {0, 5, "今天到期", "hot"}, {-2, 5, "超 2 天", "hot"}} {
		if s := SLAOf(c.left, c.all); s.Say != c.say || s.State != c.state || s.Percent < 1 || s.Percent > 100 {
			t.Errorf("%d of %d: %+v", c.left, c.all, s)
		}
	}
}
