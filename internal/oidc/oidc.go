// Package oidc is a client of OpenID Connect: authorization code with PKCE,
// state and nonce, and the signature of the ID token checked against the
// provider's keys (OpenID Connect Core 1.0 §3.1, RFC 7636). It knows nothing of
// accounts; access binds a subject to one.
package oidc

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"yinling/internal/fault"
)

// Settings is a provider as the settings file names it.
type Settings struct {
	ID       string   `json:"id"`   // in addresses: wechat, nhsa
	Name     string   `json:"name"` // on the button: 微信
	Issuer   string   `json:"issuer"`
	Client   string   `json:"client_id"`
	Secret   string   `json:"client_secret"`
	Scopes   []string `json:"scopes"`   // besides openid
	IDClaim  string   `json:"id_claim"` // the claim with the identity number, "" for none
	Redirect string   `json:"-"`
}

// Provider is one provider of logins.
type Provider struct {
	Settings
	Now func() time.Time

	client *http.Client
	mu     sync.Mutex
	meta   *metadata
	keys   keySet
}

type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	Keys          string   `json:"jwks_uri"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
}

// Open checks the settings. Nothing is fetched before somebody logs in, so that
// a provider that is down does not keep the program from starting.
func Open(s Settings, now func() time.Time) (*Provider, error) {
	for _, f := range []struct{ field, value string }{{"id", s.ID}, {"name", s.Name}, {"issuer", s.Issuer}, {"client_id", s.Client}, {"redirect", s.Redirect}} {
		if f.value == "" {
			return nil, fault.Field("oidc", "登录服务 %s 的设置少了 %s", s.ID, f.field)
		}
	}
	if err := safe(s.Issuer); err != nil {
		return nil, fault.Field("oidc", "登录服务 %s 的 issuer：%v", s.ID, err)
	}
	return &Provider{Settings: s, Now: now, client: &http.Client{Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// safe lets only TLS addresses through, and those of this machine.
func safe(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%q 不是网址", address)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("%q 要用 https", address)
	}
	return nil
}

// down is what the visitor hears when the provider does not do its part.
func (p *Provider) down(err error) error {
	return &fault.Error{Kind: fault.Conflict, Say: p.Name + "那边现在登录不了。请用手机号登录，或过一会儿再试。", Err: err}
}

func (p *Provider) get(ctx context.Context, address string, out any) error {
	if err := safe(address); err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return p.read(r, out)
}

func (p *Provider) read(r *http.Request, out any) error {
	r.Header.Set("Accept", "application/json")
	res, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("oidc: %s answers %d", r.URL.Path, res.StatusCode)
	}
	return json.Unmarshal(b, out)
}

// discover reads the provider's metadata once; its issuer must be the one that
// was configured (OpenID Connect Discovery §4.3).
func (p *Provider) discover(ctx context.Context) (*metadata, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.meta != nil {
		return p.meta, nil
	}
	var m metadata
	if err := p.get(ctx, strings.TrimSuffix(p.Issuer, "/")+"/.well-known/openid-configuration", &m); err != nil {
		return nil, err
	}
	if m.Issuer != p.Issuer {
		return nil, fmt.Errorf("oidc: issuer %q, configured is %q", m.Issuer, p.Issuer)
	}
	for _, a := range []string{m.Authorization, m.Token, m.Keys} {
		if err := safe(a); err != nil {
			return nil, err
		}
	}
	p.meta = &m
	return p.meta, nil
}

// Flow is what the browser keeps, sealed, between leaving and coming back.
type Flow struct {
	Provider, State, Nonce, Verifier, Back string
	Until                                  int64 // milliseconds
}

func random() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Begin is the address to send the browser to, and what to keep meanwhile.
func (p *Provider) Begin(ctx context.Context, back string) (string, Flow, error) {
	m, err := p.discover(ctx)
	if err != nil {
		return "", Flow{}, p.down(err)
	}
	f := Flow{Provider: p.ID, State: random(), Nonce: random(), Verifier: random(), Back: back, Until: p.Now().Add(10 * time.Minute).UnixMilli()}
	sum := sha256.Sum256([]byte(f.Verifier))
	u, err := url.Parse(m.Authorization)
	if err != nil {
		return "", Flow{}, p.down(err)
	}
	q := u.Query()
	for k, v := range map[string]string{"response_type": "code", "client_id": p.Client, "redirect_uri": p.Redirect,
		"scope": strings.Join(append([]string{"openid"}, p.Scopes...), " "), "state": f.State, "nonce": f.Nonce,
		"code_challenge": base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method": "S256"} {
		q.Set(k, v)
	}
	u.RawQuery = q.Encode()
	return u.String(), f, nil
}

// Subject is who the provider says has logged in. Names are not read: nothing
// may hang on them.
type Subject struct {
	Provider, ID string
	Phone        string // only a verified one
	IDNo         string // the identity number, when the provider gives it
}

// Finish takes the answer of the provider: state and time are checked, the code
// is exchanged, the ID token proved. Conflict: it was refused, or is not what
// was asked for.
func (p *Provider) Finish(ctx context.Context, f Flow, answer url.Values) (Subject, error) {
	again := func(why string) error {
		return &fault.Error{Kind: fault.Conflict, Say: "这次没有登录成。请再试一次，或用手机号登录。", Err: fmt.Errorf("oidc: %s", why)}
	}
	switch {
	case f.State == "" || answer.Get("state") != f.State || f.Provider != p.ID:
		return Subject{}, again("state")
	case p.Now().UnixMilli() > f.Until:
		return Subject{}, again("too late")
	case answer.Get("error") != "":
		return Subject{}, again("the provider says " + answer.Get("error"))
	case answer.Get("code") == "":
		return Subject{}, again("no code")
	case answer.Has("iss") && answer.Get("iss") != p.Issuer: // RFC 9207
		return Subject{}, again("iss of another provider")
	}
	m, err := p.discover(ctx)
	if err != nil {
		return Subject{}, p.down(err)
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {answer.Get("code")}, "redirect_uri": {p.Redirect},
		"client_id": {p.Client}, "code_verifier": {f.Verifier}}
	basic := p.Secret != "" && (len(m.AuthMethods) == 0 || slices.Contains(m.AuthMethods, "client_secret_basic"))
	if p.Secret != "" && !basic {
		form.Set("client_secret", p.Secret)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.Token, strings.NewReader(form.Encode()))
	if err != nil {
		return Subject{}, p.down(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if basic {
		r.SetBasicAuth(url.QueryEscape(p.Client), url.QueryEscape(p.Secret))
	}
	var answered struct {
		IDToken string `json:"id_token"`
	}
	if err := p.read(r, &answered); err != nil {
		return Subject{}, p.down(err)
	}
	c, err := p.verify(ctx, m, answered.IDToken, f.Nonce)
	if err != nil {
		return Subject{}, p.down(err)
	}
	s := Subject{Provider: p.ID, ID: text(c["sub"])}
	if c["phone_number_verified"] == true {
		s.Phone = strings.TrimPrefix(strings.ReplaceAll(text(c["phone_number"]), " ", ""), "+86")
	}
	if p.IDClaim != "" {
		s.IDNo = text(c[p.IDClaim])
	}
	return s, nil
}

func text(v any) string { s, _ := v.(string); return s }
