package peer

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/peer"
	"yinling/internal/seal"
)

const here, there = "320700", "350100"

// The description is served, names every message, and keeps its word: a program
// that signs by its text alone is let in, and what it gets is what stands there.
func TestDescriptionIsTrue(t *testing.T) {
	t.Parallel()
	d, _ := dbtest.SQLite(t)
	keys, err := seal.Ensure(filepath.Join(t.TempDir(), "field.key"))
	if err != nil {
		t.Fatal(err)
	}
	peers := &peer.Service{Log: &audit.Log{DB: d}, Keys: keys}
	admin := audit.Actor{ID: "admin", Name: "管宁", Role: "admin", Region: here}
	secret, err := peers.Register(context.Background(), admin, peer.New{There: there, Name: "福州市医疗保障局", Address: "https://peer.example"})
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Peers: peers}
	h, doc := s.Handler(), s.Description()

	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", Prefix+"/openapi.json", nil))
	var served struct {
		OpenAPI string                               `json:"openapi"`
		Info    struct{ Description string }         `json:"info"`
		Paths   map[string]map[string]map[string]any `json:"paths"`
		Servers []struct{ URL string }               `json:"servers"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &served); err != nil || w.Code != 200 || served.OpenAPI != "3.1.0" || len(served.Servers) != 1 || served.Servers[0].URL != Prefix || len(served.Paths) != 3 {
		t.Fatalf("%d %s %v", w.Code, w.Body, err)
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", Prefix+"/docs", nil))
	if w.Code != 404 || !strings.Contains(w.Body.String(), "openapi.json") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(served.Info.Description, "yinling-peer-1、Peer-From、Peer-To、方法（POST）、地址（从 /api 开始，带问号后面的部分）、Peer-Time、Peer-Nonce、Peer-Digest、Peer-Note") {
		t.Fatal("the description no longer says what is signed")
	}

	// The lines of the description, joined by hand.
	sign := func(lines ...string) string {
		m := hmac.New(sm3.New, []byte(secret))
		m.Write([]byte(strings.Join(lines, "\n")))
		return hex.EncodeToString(m.Sum(nil))
	}
	sum := func(b []byte) string { x := sm3.Sum(b); return hex.EncodeToString(x[:]) }
	call := func(id, uri, body string, change func(http.Header)) *httptest.ResponseRecorder {
		t.Helper()
		r := httptest.NewRequest("POST", Prefix+uri, strings.NewReader(body))
		at, nonce := strconv.FormatInt(d.Now().Unix(), 10), peer.Nonce()
		for k, v := range map[string]string{"Peer-From": there, "Peer-To": here, "Peer-Time": at, "Peer-Nonce": nonce, "Peer-Digest": sum([]byte(body))} {
			r.Header.Set(k, v)
		}
		r.Header.Set("Peer-Signature", sign("yinling-peer-1", there, here, "POST", r.URL.RequestURI(), at, nonce, sum([]byte(body)), ""))
		for _, p := range operation(doc, id).Parameters {
			if p.In == "header" && p.Required && r.Header.Get(p.Name) == "" {
				t.Errorf("%s needs %s", id, p.Name)
			}
		}
		if change != nil {
			change(r.Header)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Header().Get("Peer-Signature") != "" && w.Header().Get("Peer-Signature") != sign("yinling-peer-1 answer", nonce, strconv.Itoa(w.Code), sum(w.Body.Bytes())) {
			t.Errorf("%s: the answer is signed otherwise", id)
		}
		resp := operation(doc, id).Responses[strconv.Itoa(w.Code)]
		if resp == nil {
			t.Fatalf("%s: %d is not in the description: %s", id, w.Code, w.Body)
		}
		keep(t, doc, resp.Content[w.Header().Get("Content-Type")], w.Body.Bytes())
		return w
	}
	for _, x := range []struct {
		id, uri, body string
		change        func(http.Header)
		code          int
		signed        bool
		say           string
	}{
		{"case", "/cases", `{"matter":"x","more":1}`, nil, 422, true, "读不懂"},
		{"case", "/cases", `{}`, nil, 422, true, ""},
		{"result", "/results", `{"result":"` + strings.Repeat("长", 2001) + `"}`, nil, 422, true, "太长"},
		{"result", "/results", `{}`, func(h http.Header) { h.Set("Peer-From", "331000") }, 403, false, "没有登记"},
		{"result", "/results", `{}`, func(h http.Header) { h.Set("Peer-Note", "x") }, 403, false, "签名不对"},
		{"result", "/results", strings.Repeat(" ", MostText+1), nil, 409, false, "太大"},
		{"file", "/cases/A1/files?matter=person.change&kind=" + strings.Repeat("k", 61), "x", nil, 422, true, "太长"},
	} {
		w := call(x.id, x.uri, x.body, x.change)
		if w.Code != x.code || !strings.Contains(w.Body.String(), x.say) || (w.Header().Get("Peer-Signature") != "") != x.signed {
			t.Errorf("%s %.40s: %d %s, signed %v", x.uri, x.body, w.Code, w.Body, w.Header().Get("Peer-Signature") != "")
		}
	}

	// What the program itself sends and answers is what the description says.
	for id, v := range map[string]any{"case": desk.Parcel{Origin: desk.Origin{Region: there, Case: "A1"}, Matter: "person.change", IDNo: "x", Name: "林秀英", Answers: map[string]string{"phone": "1"}},
		"result": desk.HandedBack{Here: here, Case: "A1", Number: "B1", Status: desk.StatusDone, Result: "办好了"}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		keep(t, doc, operation(doc, id).RequestBody.Content["application/json"], b)
	}
	b, _ := json.Marshal(desk.Arrival{Number: "B1", Due: day.MustParse("2026-06-30")})
	keep(t, doc, operation(doc, "case").Responses["200"].Content["application/json"], b)
}

func operation(doc *huma.OpenAPI, id string) *huma.Operation {
	for _, p := range doc.Paths {
		if p.Post.OperationID == id {
			return p.Post
		}
	}
	return nil
}

// keep fails when a text is not what a schema says.
func keep(t *testing.T, doc *huma.OpenAPI, media *huma.MediaType, text []byte) {
	t.Helper()
	if media == nil {
		t.Fatalf("no such type in the description: %s", text)
	}
	var v any
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&v); err != nil {
		t.Fatal(err)
	}
	reg, schema, res := doc.Components.Schemas, media.Schema, &huma.ValidateResult{}
	if schema.Ref != "" {
		schema = reg.SchemaFromRef(schema.Ref)
	}
	huma.Validate(reg, schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, v, res)
	if len(res.Errors) > 0 {
		t.Errorf("%s does not keep the description: %v", text, res.Errors)
	}
	m, _ := v.(map[string]any)
	for _, need := range schema.Required {
		if _, ok := m[need]; !ok {
			t.Errorf("%s lacks %s", text, need)
		}
	}
}
