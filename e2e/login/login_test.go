// Package login logs people in over HTTP as browsers do: by a code from a real
// gateway's protocol, by another service's OpenID Connect, by a relative's code.
package login

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"yinling/internal/access"
	"yinling/internal/app"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/oidc/oidctest"
	"yinling/internal/person"
	"yinling/internal/sms"
)

const region = "320700"

// phones is a gateway that proves signatures and keeps what it would send.
type phones struct {
	mu   sync.Mutex
	last map[string]map[string]string
}

func (p *phones) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	if r.Header.Get("X-Sms-Signature") != sms.Signature([]byte("a secret of the tests, not short"), r.Header.Get("X-Sms-Time"), r.URL.Path, b) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var m map[string]string
	json.Unmarshal(b, &m)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last[m["phone"]] = m
}

func (p *phones) to(phone string) map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last[phone]
}

type house struct {
	*app.App
	t     *testing.T
	site  *httptest.Server
	sms   *phones
	op    *oidctest.Server
	elder string
}

// newHouse is a site with one family: a daughter with a phone, who may act and
// pay for her mother, who has none.
func newHouse(t *testing.T) *house {
	w := &house{t: t, sms: &phones{last: map[string]map[string]string{}}}
	gate := httptest.NewServer(w.sms)
	t.Cleanup(gate.Close)
	w.op = oidctest.New(t, time.Now)
	mux := http.NewServeMux()
	w.site = httptest.NewServer(mux)
	t.Cleanup(w.site.Close)
	w.op.Redirect = w.site.URL + "/login/back/wechat"
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("secret", "a secret of the tests, not short\n")
	write("oidc.secret", w.op.Secret)
	c := app.Config{Data: filepath.Join(dir, "data"), Site: w.site.URL, Region: region, Agency: "示范市医保局", AllowUnsafe: true, Chromium: "off",
		SMS:  write("sms.json", `{"url":"`+gate.URL+`/send","key":"k","secret_file":"secret","sign":"示范市医保局"}`),
		OIDC: write("oidc.json", `{"providers":[{"id":"wechat","name":"微信","issuer":"`+w.op.URL+`","client_id":"yinling","secret_file":"oidc.secret","id_claim":"id_card"}]}`)}
	a, err := app.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	w.App = a
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/", h)
	ctx := context.Background()
	insert := func(id, name, phone string) {
		t.Helper()
		no := person.DemoID(len(id), day.MustParse("1953-02-15"), "女")
		if _, err := a.DB.Raw().Exec(`INSERT INTO person_person (region, id, name, pinyin, sex, birth, id_index, id_sealed, id_tail, phone_index, phone_sealed, district, community, address, lat, lng, resident, deceased, digest, updated)
			VALUES ($1,$2,$3,'','女','1953-02-15',$4,$5,$6,'',$7,'','','',0,0,TRUE,'','',0)`, region, id, name,
			a.Keys.Index(region, "person.id", no), a.Keys.Seal(region, "person.id", no), no[14:], a.Keys.Seal(region, "person.phone", phone)); err != nil {
			t.Fatal(err)
		}
	}
	insert("daughter", "陈丽", "19900000001")
	insert("mother", "王桂兰", "19900000002")
	w.elder = "mother"
	if err := a.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := a.Person.Authorise(tx, person.Authorisation{Region: region, Proxy: "daughter", Person: "mother", Relation: "子女", Scope: person.ScopePay, Consent: person.ConsentFace})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Access.Create(ctx, audit.System(region), access.NewAccount{Region: region, Login: "19900000001", Name: "陈丽", Role: "citizen", Person: "daughter"}); err != nil {
		t.Fatal(err)
	}
	return w
}

// phone is a browser.
type phone struct {
	*house
	c    *http.Client
	page string
	at   string
}

func (w *house) phone() *phone {
	jar, _ := cookiejar.New(nil)
	return &phone{house: w, c: &http.Client{Jar: jar}}
}

func (p *phone) take(res *http.Response, err error) *phone {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	p.page, p.at = string(b), res.Request.URL.Path
	return p
}

func (p *phone) get(path string) *phone { p.t.Helper(); return p.take(p.c.Get(p.site.URL + path)) }

var tokenForm = regexp.MustCompile(`name="token" value="([^"]+)"`)

func (p *phone) post(path string, pairs ...string) *phone {
	p.t.Helper()
	m := tokenForm.FindStringSubmatch(p.page)
	if m == nil {
		p.t.Fatalf("no form on %s:\n%.1500s", p.at, p.page)
	}
	f := url.Values{"token": {m[1]}, "once": {"o" + path}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return p.take(p.c.PostForm(p.site.URL+path, f))
}

func (p *phone) want(words ...string) *phone {
	p.t.Helper()
	for _, x := range words {
		if !strings.Contains(p.page, x) {
			i := max(strings.Index(p.page, "<main"), 0)
			p.t.Fatalf("%s does not say %q:\n%.2500s", p.at, x, p.page[i:])
		}
	}
	return p
}

func (p *phone) byCode(voice string) *phone {
	p.t.Helper()
	p.get("/login").post("/login/code", "phone", "199 0000 0001", "voice", voice).want(`autocomplete="one-time-code"`)
	m := p.sms.to("19900000001")
	code := m["code"]
	if m["kind"] == "text" {
		code = regexp.MustCompile(`[0-9]{6}`).FindString(m["text"])
	}
	return p.post("/login", "phone", "19900000001", "code", code)
}

func TestCodeByVoiceThroughTheGateway(t *testing.T) {
	t.Parallel()
	w := newHouse(t)
	w.phone().byCode("1").get("/me").want("陈丽")
	if m := w.sms.to("19900000001"); m["kind"] != "voice" || len(m["code"]) != 6 {
		t.Errorf("sent %v", m)
	}
	p := w.phone().get("/login")
	p.post("/login/code", "phone", "19900000001") // within the minute: the page of the code, no second message
	p.want("再发短信", "打电话念给我听")
}

func TestWeChatLoginIsBoundByThePhone(t *testing.T) {
	t.Parallel()
	w := newHouse(t)
	w.op.Set(func(s *oidctest.Server) { s.User = map[string]any{"sub": "wx-1", "name": "陈丽"} })
	p := w.phone().get("/login").want("微信登录")
	p.get("/login/with/wechat?back=/me").want("认一认您的手机号", "第一次用微信登录")
	p.post("/login/code", "phone", "19900000001", "back", "/me")
	_, code, ok := strings.Cut(w.sms.to("19900000001")["text"], "登录验证码")
	if !ok {
		t.Fatalf("sent %v", w.sms.to("19900000001"))
	}
	p.post("/login", "phone", "19900000001", "code", code[:6], "back", "/me").want("陈丽")
	w.phone().get("/login/with/wechat?back=/me").want("陈丽") // another phone, the same WeChat: straight in
	w.op.Set(func(s *oidctest.Server) { s.User = map[string]any{"sub": "wx-2", "name": "陈丽"} })
	w.phone().get("/login/with/wechat?back=/me").want("认一认您的手机号") // the same name is nobody's proof
	// The identity number of the e-credential finds the mother, who never logged in.
	no := person.DemoID(len("mother"), day.MustParse("1953-02-15"), "女")
	w.op.Set(func(s *oidctest.Server) { s.User = map[string]any{"sub": "wx-3", "id_card": no} })
	w.phone().get("/login/with/wechat?back=/me").want("王桂兰")
	if p := w.phone().get("/login/back/wechat?code=x&state=y"); !strings.Contains(p.page, "没有登录成") {
		t.Errorf("an answer that nobody asked for: %.300s", p.page)
	}
}

func TestRelativeLogsTheElderIn(t *testing.T) {
	t.Parallel()
	w := newHouse(t)
	her := w.phone().byCode("")
	her.get("/family").want("帮王桂兰登录").post("/family/pass", "person", w.elder).want("<svg class=\"qr")
	m := regexp.MustCompile(`<b class="num">(\d{3}) (\d{3})</b>`).FindStringSubmatch(her.page)
	if m == nil {
		t.Fatalf("no code:\n%.2000s", her.page)
	}
	elder := w.phone()
	elder.get("/login/pass?code="+m[1]+m[2]).want("您是 王*兰 吗", "陈丽正在帮您")
	elder.post("/login/pass", "code", m[1]+m[2], "yes", "1").get("/me").want("王桂兰")
	w.phone().get("/login/pass?code=" + m[1] + m[2]).want("这个码不对") // used up
	if _, err := w.Jobs.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text := w.sms.to("19900000002")["text"]; !strings.Contains(text, "陈丽刚帮王桂兰") {
		t.Errorf("the mother was told %q", text)
	}
	elder.get("/family").post("/family", "name", "陈丽", "id", "x", "relation", "子女", "scope", "see").want("不能用它授权给人")
	if _, err := w.DB.Raw().Exec(`UPDATE person_proxy SET revoked = 1 WHERE person = 'mother'`); err != nil {
		t.Fatal(err)
	}
	if elder.get("/me"); elder.at != "/login" {
		t.Errorf("the authorisation is gone, the phone still in: %s", elder.at)
	}
}
