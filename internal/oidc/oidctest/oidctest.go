// Package oidctest is an OpenID provider for tests: discovery, authorization
// code with PKCE, token endpoint, keys. It refuses what a real one refuses, and
// Spoil damages what it hands out.
package oidctest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is the provider. User is who logs in next: their claims.
type Server struct {
	*httptest.Server
	Client, Secret string
	Redirect       string // the one that is registered
	Now            func() time.Time

	mu    sync.Mutex
	User  map[string]any
	Alg   string                            // RS256 or ES256
	Spoil func(head, claims map[string]any) // damages the next tokens before they are signed
	Sign  func(token string) string         // damages them afterwards
	Basic bool                              // only client_secret_basic
	Kid   string
	rsa   *rsa.PrivateKey
	ec    *ecdsa.PrivateKey
	codes map[string]grant
	Asked map[string]int // requests by path
}

type grant struct{ nonce, challenge, redirect string }

// New starts a provider.
func New(t *testing.T, now func() time.Time) *Server {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Client: "yinling", Secret: "client secret", Now: now, Alg: "RS256", Basic: true, Kid: "k1", rsa: r, ec: e,
		codes: map[string]grant{}, Asked: map[string]int{}, User: map[string]any{"sub": "subject-1"}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// Set changes the provider between requests.
func (s *Server) Set(change func(s *Server)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

var b64 = base64.RawURLEncoding

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Asked[r.URL.Path]++
	switch r.Method + " " + r.URL.Path {
	case "GET /.well-known/openid-configuration":
		m := map[string]any{"issuer": s.URL, "authorization_endpoint": s.URL + "/authorize", "token_endpoint": s.URL + "/token", "jwks_uri": s.URL + "/keys",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256", "ES256"}}
		if !s.Basic {
			m["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
		}
		reply(w, 200, m)
	case "GET /keys":
		pad := func(n *big.Int) string { return b64.EncodeToString(n.FillBytes(make([]byte, 32))) }
		reply(w, 200, map[string]any{"keys": []any{
			map[string]any{"kty": "RSA", "kid": s.Kid, "use": "sig", "alg": "RS256", "n": b64.EncodeToString(s.rsa.N.Bytes()), "e": "AQAB"},
			map[string]any{"kty": "EC", "kid": s.Kid + "-ec", "use": "sig", "crv": "P-256", "x": pad(s.ec.X), "y": pad(s.ec.Y)},
			map[string]any{"kty": "RSA", "kid": s.Kid + "-enc", "use": "enc", "n": b64.EncodeToString(s.rsa.N.Bytes()), "e": "AQAB"},
		}})
	case "GET /authorize":
		s.authorize(w, r)
	case "POST /token":
		s.token(w, r)
	default:
		http.NotFound(w, r)
	}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != s.Client || q.Get("redirect_uri") != s.Redirect { // never redirect to a stranger
		http.Error(w, "unknown client or address", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}, "iss": {s.URL}}
	if q.Get("response_type") != "code" || !strings.Contains(" "+q.Get("scope")+" ", " openid ") || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 {
		back.Set("error", "invalid_request")
	} else {
		code := fmt.Sprintf("code-%d", len(s.codes)+1)
		s.codes[code] = grant{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")}
		back.Set("code", code)
	}
	http.Redirect(w, r, s.Redirect+"?"+back.Encode(), http.StatusFound)
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	client, secret, basic := r.BasicAuth()
	if !basic {
		client, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if basic != s.Basic || client != s.Client || secret != url.QueryEscape(s.Secret) && secret != s.Secret {
		reply(w, 401, map[string]string{"error": "invalid_client"})
		return
	}
	g, ok := s.codes[r.PostFormValue("code")]
	delete(s.codes, r.PostFormValue("code")) // once, whatever comes of it
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || r.PostFormValue("grant_type") != "authorization_code" || r.PostFormValue("redirect_uri") != g.redirect || b64.EncodeToString(sum[:]) != g.challenge {
		reply(w, 400, map[string]string{"error": "invalid_grant"})
		return
	}
	now := s.Now().Unix()
	claims := map[string]any{"iss": s.URL, "aud": s.Client, "iat": now, "exp": now + 300, "nonce": g.nonce}
	for k, v := range s.User {
		claims[k] = v
	}
	head := map[string]any{"alg": s.Alg, "kid": s.Kid, "typ": "JWT"}
	if s.Alg == "ES256" {
		head["kid"] = s.Kid + "-ec"
	}
	if s.Spoil != nil {
		s.Spoil(head, claims)
	}
	token := s.signed(head, claims)
	if s.Sign != nil {
		token = s.Sign(token)
	}
	reply(w, 200, map[string]any{"access_token": "unused", "token_type": "Bearer", "id_token": token})
}

func (s *Server) signed(head, claims map[string]any) string {
	part := func(v any) string { b, _ := json.Marshal(v); return b64.EncodeToString(b) }
	text := part(head) + "." + part(claims)
	sum := sha256.Sum256([]byte(text))
	var sig []byte
	if s.Alg == "ES256" {
		a, b, _ := ecdsa.Sign(rand.Reader, s.ec, sum[:])
		sig = append(a.FillBytes(make([]byte, 32)), b.FillBytes(make([]byte, 32))...)
	} else {
		sig, _ = rsa.SignPKCS1v15(rand.Reader, s.rsa, crypto.SHA256, sum[:])
	}
	return text + "." + b64.EncodeToString(sig)
}

// Turn makes new keys, as providers do.
func (s *Server) Turn(kid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rsa, _ = rsa.GenerateKey(rand.Reader, 2048)
	s.Kid = kid
}
