// Package access attacks the whole program in process: every route as every
// role and as nobody, other people's ids in every address, forms without a
// token, rights that were taken away a moment ago, and acts that leave no trace.
package access

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/app"
	"yinling/internal/day"
	"yinling/internal/demo"
	"yinling/internal/web/ui"
)

const region = demo.Region

// today is a day of a year with a calendar, a week after the month's bills.
var today = day.MustParse("2026-06-10")

// scale is a smaller demo.Small: a few families and all that happens to them.
var scale = demo.Scale{Name: "access", Insured: 30, Severe: 12, CareInst: 2, Points: 1, AssessInst: 3, Halls: 1, Insurers: 1, Months: 1}

// town is the program with its demonstration city under a clock that stands.
type town struct {
	*app.App
	t      *testing.T
	clock  *demo.Clock
	h      http.Handler
	routes []ui.Route
}

// filled is a folder with the small city; every test works on a copy of it.
var filled = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "yinling-access-")
	if err != nil {
		return "", err
	}
	a, clock, err := open(dir)
	if err != nil {
		return dir, err
	}
	defer a.Close()
	return dir, demo.Fill(context.Background(), a, clock, scale, func(string, ...any) {})
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, _ := filled(); dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

func open(dir string) (*app.App, *demo.Clock, error) {
	clock := &demo.Clock{}
	clock.At(today, 9, 0)
	a, err := app.Open(context.Background(), app.Config{Data: dir, Addr: "127.0.0.1:0", Region: region, Agency: demo.Agency, Now: clock.Now, AllowUnsafe: true})
	return a, clock, err
}

func newTown(t *testing.T) *town {
	t.Helper()
	from, err := filled()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "yinling.key"), 0o600); err != nil { // CopyFS does not keep that it is secret
		t.Fatal(err)
	}
	a, clock, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	w := &town{App: a, t: t, clock: clock}
	// The faces are made once: a second set would have other form keys.
	kit, faces := a.Faces()
	w.h = kit.Handler(faces...)
	for _, f := range faces {
		w.routes = append(w.routes, f.Routes()...)
	}
	return w
}

// text is one value of the database; the attacker knows every id there is.
func (w *town) text(query string, args ...any) string {
	w.t.Helper()
	var s string
	if err := w.DB.Raw().QueryRow(query, args...).Scan(&s); err != nil {
		w.t.Fatalf("%s %v: %v", query, args, err)
	}
	return s
}

func (w *town) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.DB.Raw().Exec(query, args...); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
}

// visitor is a browser with a session, or without one.
type visitor struct {
	*town
	name, account, session, token string
}

const formCookie = "AAAAAAAAAAAAAAAAAAAAAAAA"

// as opens a session of an account. That logging in asks for password and code
// is tested where it is written; here it would only cost time.
func (w *town) as(name, region, account string) *visitor {
	w.t.Helper()
	token := "token-of-" + name + "-" + account
	sum := sm3.Sum([]byte(token))
	w.exec(`DELETE FROM access_session WHERE region = $1 AND token = $2`, region, hex.EncodeToString(sum[:]))
	now := w.clock.Now().UnixMilli()
	w.exec(`INSERT INTO access_session (region, token, account, csrf, created, seen, behalf) VALUES ($1,$2,$3,$4,$5,$5,'')`,
		region, hex.EncodeToString(sum[:]), account, "csrf-"+account, now)
	return &visitor{town: w, name: name, account: account, session: region + "." + token}
}

// login is as for a login of the demonstration.
func (w *town) login(name, login string) *visitor {
	return w.as(name, region, w.text(`SELECT id FROM access_account WHERE region = $1 AND login = $2`, region, login))
}

// citizen is the account of a person, made when there is none.
func (w *town) citizen(name, region, person string) *visitor {
	var n int
	if err := w.DB.Raw().QueryRow(`SELECT COUNT(*) FROM access_account WHERE region = $1 AND person = $2`, region, person).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	if n == 0 {
		w.account(region, "citizen", "", person, "")
	}
	return w.as(name, region, w.text(`SELECT MIN(id) FROM access_account WHERE region = $1 AND person = $2`, region, person))
}

// account makes an account that nobody can log in to.
func (w *town) account(region, role, inst, person, name string) string {
	id := fmt.Sprintf("acc-%s-%s-%s%s", region, role, inst, person)
	w.exec(`INSERT INTO access_account (region, id, login, name, role, institution, person, password, totp, status, failed, locked_until, created, updated)
		VALUES ($1,$2,$2,$3,$4,$5,$6,'','','active',0,0,0,0)`, region, id, name, role, inst, person)
	return id
}

func (w *town) nobody() *visitor { return &visitor{town: w, name: "anonymous"} }

// role is what the account may do now.
func (v *visitor) role() string {
	where, _, _ := strings.Cut(v.session, ".")
	return v.text(`SELECT role FROM access_account WHERE region = $1 AND id = $2`, where, v.account)
}

type answer struct {
	code     int
	body, to string
}

func (v *visitor) do(r *http.Request) answer {
	if v.session != "" {
		r.AddCookie(&http.Cookie{Name: "yl_session", Value: v.session})
	}
	r.AddCookie(&http.Cookie{Name: "yl_form", Value: formCookie})
	r.RemoteAddr = "127.0.0.1:9"
	rec := httptest.NewRecorder()
	v.h.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Body.String(), rec.Header().Get("Location")}
}

func (v *visitor) get(path string) answer {
	return v.do(httptest.NewRequestWithContext(v.t.Context(), "GET", path, nil))
}

var tokenForm = regexp.MustCompile(`name="token" value="([^"]+)"`)

// form is the token that every page of the visitor carries.
func (v *visitor) form() string {
	v.t.Helper()
	if v.token == "" {
		for _, page := range []string{"/login", "/help", "/me", "/o/", "/v/", "/j/"} {
			if m := tokenForm.FindStringSubmatch(v.get(page).body); m != nil {
				v.token = m[1]
				return v.token
			}
		}
		v.t.Fatalf("no page of %s has a form token", v.name)
	}
	return v.token
}

// send posts a form with or without a token.
func (v *visitor) send(path, token string, form url.Values, head ...string) answer {
	f := url.Values{}
	for k, x := range form {
		f[k] = x
	}
	f.Set("token", token)
	if !f.Has("once") {
		f.Set("once", fmt.Sprintf("once-%d", nextOnce()))
	}
	r := httptest.NewRequestWithContext(v.t.Context(), "POST", path, strings.NewReader(f.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	return v.do(r)
}

func (v *visitor) post(path string, pairs ...string) answer {
	return v.send(path, v.form(), values(pairs...))
}

func values(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

var once int

func nextOnce() int { once++; return once }

// upload is a form as multipart with one file.
func (v *visitor) upload(path, name string, content []byte, pairs ...string) answer {
	var b bytes.Buffer
	mp := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		mp.WriteField(pairs[i], pairs[i+1])
	}
	mp.WriteField("token", v.form())
	mp.WriteField("once", fmt.Sprintf("once-%d", nextOnce()))
	part, err := mp.CreateFormFile(name, "现场.png")
	if err != nil {
		v.t.Fatal(err)
	}
	io.Copy(part, bytes.NewReader(content))
	mp.Close()
	r := httptest.NewRequestWithContext(v.t.Context(), "POST", path, &b)
	r.Header.Set("Content-Type", mp.FormDataContentType())
	return v.do(r)
}

// brief is what a page says, for messages of tests.
func (a answer) brief() string {
	s := regexp.MustCompile(`(?s)<style.*?</style>|<svg.*?</svg>|<[^>]+>`).ReplaceAllString(a.body, " ")
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300])
	}
	return fmt.Sprintf("%d %s %s", a.code, a.to, s)
}
