package oidc_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"yinling/internal/fault"
	"yinling/internal/oidc"
	"yinling/internal/oidc/oidctest"
)

type desk struct {
	t   *testing.T
	srv *oidctest.Server
	p   *oidc.Provider
	now time.Time
}

func open(t *testing.T) *desk {
	d := &desk{t: t, now: time.Date(2024, 6, 3, 4, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return d.now }
	d.srv = oidctest.New(t, clock)
	d.srv.Redirect = "http://127.0.0.1:1/login/back/wechat"
	d.fresh()
	return d
}

func (d *desk) fresh() {
	p, err := oidc.Open(oidc.Settings{ID: "wechat", Name: "微信", Issuer: d.srv.URL, Client: d.srv.Client, Secret: d.srv.Secret, Scopes: []string{"phone"},
		IDClaim: "id_card", Redirect: "http://127.0.0.1:1/login/back/wechat"}, func() time.Time { return d.now })
	if err != nil {
		d.t.Fatal(err)
	}
	d.p = p
}

// walk goes to the provider as a browser does and comes back with its answer.
func (d *desk) walk() (oidc.Flow, url.Values) {
	d.t.Helper()
	address, flow, err := d.p.Begin(context.Background(), "/case")
	if err != nil {
		d.t.Fatal(err)
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Get(address)
	if err != nil {
		d.t.Fatal(err)
	}
	res.Body.Close()
	to, err := res.Location()
	if err != nil {
		d.t.Fatalf("%d, no way back: %v", res.StatusCode, err)
	}
	return flow, to.Query()
}

func (d *desk) login() (oidc.Subject, error) {
	flow, answer := d.walk()
	return d.p.Finish(context.Background(), flow, answer)
}

func TestLogin(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.srv.Set(func(s *oidctest.Server) {
		s.User = map[string]any{"sub": "wx-1", "name": "陈丽", "phone_number": "+86 19900000001", "phone_number_verified": true, "id_card": "990100196001010010"}
	})
	want := oidc.Subject{Provider: "wechat", ID: "wx-1", Phone: "19900000001", IDNo: "990100196001010010"}
	for _, alg := range []string{"RS256", "ES256"} {
		for _, basic := range []bool{true, false} {
			d.srv.Set(func(s *oidctest.Server) { s.Alg, s.Basic = alg, basic })
			d.fresh()
			if got, err := d.login(); err != nil || got != want {
				t.Errorf("%s, basic %v: %+v, %v", alg, basic, got, err)
			}
		}
	}
	d.srv.Set(func(s *oidctest.Server) {
		s.User = map[string]any{"sub": "wx-2", "phone_number": "19900000001", "phone_number_verified": "true", "id_card": 7}
	})
	if got, err := d.login(); err != nil || got != (oidc.Subject{Provider: "wechat", ID: "wx-2"}) {
		t.Errorf("an unverified phone counts for nothing: %+v, %v", got, err)
	}
}

func TestTokensThatAreNotOurs(t *testing.T) {
	t.Parallel()
	d := open(t)
	now := d.now.Unix()
	for say, spoil := range map[string]func(head, c map[string]any){
		"another issuer":          func(_, c map[string]any) { c["iss"] = "https://other.example" },
		"another client":          func(_, c map[string]any) { c["aud"] = "other" },
		"several without azp":     func(_, c map[string]any) { c["aud"] = []string{"yinling", "other"} },
		"azp of another":          func(_, c map[string]any) { c["azp"] = "other" },
		"another nonce":           func(_, c map[string]any) { c["nonce"] = "n" },
		"no nonce":                func(_, c map[string]any) { delete(c, "nonce") },
		"expired":                 func(_, c map[string]any) { c["exp"] = now - 121 },
		"without an end":          func(_, c map[string]any) { delete(c, "exp") },
		"from the future":         func(_, c map[string]any) { c["iat"] = now + 121 },
		"of last week":            func(_, c map[string]any) { c["iat"] = now - 7*86400 },
		"nobody":                  func(_, c map[string]any) { delete(c, "sub") },
		"without a signature":     func(h, _ map[string]any) { h["alg"] = "none" },
		"signed with our secret":  func(h, _ map[string]any) { h["alg"] = "HS256" },
		"the key of another kind": func(h, _ map[string]any) { h["alg"] = "ES256" },
		"a key that is not there": func(h, _ map[string]any) { h["kid"] = "k9" },
		"a key for other uses":    func(h, _ map[string]any) { h["kid"] = "k1-enc" },
	} {
		d.srv.Set(func(s *oidctest.Server) { s.Spoil = spoil })
		if got, err := d.login(); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %+v, %v", say, got, err)
		}
	}
	d.srv.Set(func(s *oidctest.Server) { s.Spoil = nil })
	if _, err := d.login(); err != nil {
		t.Errorf("a right one afterwards: %v", err)
	}
	for say, sign := range map[string]func(string) string{
		"changed claims": func(tok string) string {
			p := strings.Split(tok, ".")
			return p[0] + "." + p[1][:len(p[1])-2] + "AA." + p[2]
		},
		"no signature": func(tok string) string { return tok[:strings.LastIndex(tok, ".")+1] },
		"two parts":    func(tok string) string { return tok[:strings.LastIndex(tok, ".")] },
		"nothing":      func(string) string { return "" },
	} {
		d.srv.Set(func(s *oidctest.Server) { s.Sign = sign })
		if got, err := d.login(); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %+v, %v", say, got, err)
		}
	}
}

func TestAnswersThatWereNotAskedFor(t *testing.T) {
	t.Parallel()
	d := open(t)
	ctx := context.Background()
	for say, change := range map[string]func(f *oidc.Flow, a url.Values){
		"another state":       func(_ *oidc.Flow, a url.Values) { a.Set("state", "x") },
		"no flow":             func(f *oidc.Flow, _ url.Values) { *f = oidc.Flow{} },
		"no flow, no state":   func(f *oidc.Flow, a url.Values) { *f = oidc.Flow{Provider: "wechat"}; a.Del("state") },
		"of another provider": func(f *oidc.Flow, _ url.Values) { f.Provider = "nhsa" },
		"mixed up":            func(_ *oidc.Flow, a url.Values) { a.Set("iss", "https://other.example") },
		"too late":            func(f *oidc.Flow, _ url.Values) { f.Until = d.now.UnixMilli() - 1 },
		"declined":            func(_ *oidc.Flow, a url.Values) { a.Set("error", "access_denied") },
		"no code":             func(_ *oidc.Flow, a url.Values) { a.Del("code") },
		"another verifier":    func(f *oidc.Flow, _ url.Values) { f.Verifier = strings.Repeat("v", 43) },
		"a made-up code":      func(_ *oidc.Flow, a url.Values) { a.Set("code", "code-99") },
	} {
		flow, answer := d.walk()
		change(&flow, answer)
		if got, err := d.p.Finish(ctx, flow, answer); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %+v, %v", say, got, err)
		}
	}
	flow, answer := d.walk()
	if _, err := d.p.Finish(ctx, flow, answer); err != nil {
		t.Fatal(err)
	}
	if _, err := d.p.Finish(ctx, flow, answer); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same code twice: %v", err)
	}
}

func TestKeysTurnAndAreNotFetchedWithoutEnd(t *testing.T) {
	t.Parallel()
	d := open(t)
	if _, err := d.login(); err != nil {
		t.Fatal(err)
	}
	d.srv.Turn("k2")
	if _, err := d.login(); !fault.Is(err, fault.Conflict) {
		t.Errorf("a new key within the minute: %v", err)
	}
	d.now = d.now.Add(time.Minute)
	if _, err := d.login(); err != nil {
		t.Errorf("a new key a minute later: %v", err)
	}
	d.srv.Set(func(s *oidctest.Server) { s.Spoil = func(h, _ map[string]any) { h["kid"] = "made-up" } })
	for range 5 {
		d.login()
	}
	d.srv.Set(func(s *oidctest.Server) {
		if n := s.Asked["/keys"]; n != 2 {
			t.Errorf("keys fetched %d times, want 2", n)
		}
	})
}

func TestSettings(t *testing.T) {
	t.Parallel()
	good := oidc.Settings{ID: "wechat", Name: "微信", Issuer: "https://id.example", Client: "c", Redirect: "https://yl.example/login/back/wechat"}
	for say, change := range map[string]func(*oidc.Settings){
		"no issuer": func(s *oidc.Settings) { s.Issuer = "" }, "plain http": func(s *oidc.Settings) { s.Issuer = "http://id.example" },
		"no client": func(s *oidc.Settings) { s.Client = "" }, "no name": func(s *oidc.Settings) { s.Name = "" },
	} {
		s := good
		change(&s)
		if _, err := oidc.Open(s, time.Now); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", say, err)
		}
	}
	p, err := oidc.Open(good, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // the provider cannot be reached
	if _, _, err := p.Begin(ctx, "/"); !fault.Is(err, fault.Conflict) {
		t.Errorf("a provider that is down: %v", err)
	}
}
