// Package listen hears every page of the citizens' face in a demonstration city
// and holds what is said against what is shown.
package listen

import (
	"context"
	"encoding/hex"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/app"
	"yinling/internal/day"
	"yinling/internal/demo"
	"yinling/internal/speech"
)

type town struct {
	*app.App
	t   *testing.T
	h   http.Handler
	dir string
}

var today = day.MustParse("2026-06-17")

func open(ctx context.Context, dir string) (*app.App, *demo.Clock, error) {
	clock := &demo.Clock{}
	clock.At(today, 10, 0)
	a, err := app.Open(ctx, app.Config{Data: dir, Addr: "127.0.0.1:0", Region: demo.Region, Agency: demo.Agency, Demo: true, Now: clock.Now, AllowUnsafe: true})
	return a, clock, err
}

// filled is a folder with the small city; every test works on a copy of it.
var filled = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "yinling-listen-")
	if err != nil {
		return "", err
	}
	a, clock, err := open(context.Background(), dir)
	if err != nil {
		return dir, err
	}
	defer a.Close()
	return dir, demo.Fill(context.Background(), a, clock, demo.Small, func(string, ...any) {})
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, _ := filled(); dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
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
	a, _, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return &town{a, t, h, dir}
}

// text is one value of the database.
func (w *town) text(query string, args ...any) string {
	w.t.Helper()
	var s string
	if err := w.DB.Raw().QueryRow(query, args...).Scan(&s); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return s
}

func (w *town) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.DB.Raw().Exec(query, args...); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
}

// daughter is 陈丽, who acts for her mother; insured is somebody with bills.
func (w *town) daughter() string {
	return w.citizen(w.text(`SELECT id FROM person_person WHERE region = $1 AND name = '陈丽'`, demo.Region))
}

func (w *town) insured() string {
	return w.citizen(w.text(`SELECT MIN(person) FROM claim_bill WHERE region = $1`, demo.Region))
}

// citizen is a session of a person.
func (w *town) citizen(person string) string {
	w.t.Helper()
	var n int
	if err := w.DB.Raw().QueryRow(`SELECT COUNT(*) FROM access_account WHERE region = $1 AND person = $2`, demo.Region, person).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	if n == 0 {
		w.exec(`INSERT INTO access_account (region, id, login, name, role, institution, person, password, totp, status, failed, locked_until, created, updated)
			SELECT region, 'acc-' || id, 'acc-' || id, name, 'citizen', '', id, '', '', 'active', 0, 0, 0, 0 FROM person_person WHERE region = $1 AND id = $2`, demo.Region, person)
	}
	account := w.text(`SELECT MIN(id) FROM access_account WHERE region = $1 AND person = $2`, demo.Region, person)
	sum := sm3.Sum([]byte("token-" + account))
	w.exec(`INSERT INTO access_session (region, token, account, csrf, created, seen, behalf) VALUES ($1,$2,$3,$4,$5,$5,'')`,
		demo.Region, hex.EncodeToString(sum[:]), account, "csrf-"+account, w.DB.Now().UnixMilli())
	return demo.Region + ".token-" + account
}

func (w *town) get(session, path string, head ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(w.t.Context(), "GET", path, nil)
	return w.do(session, r, head...)
}

func (w *town) do(session string, r *http.Request, head ...string) *httptest.ResponseRecorder {
	if session != "" {
		r.AddCookie(&http.Cookie{Name: "yl_session", Value: session})
	}
	r.AddCookie(&http.Cookie{Name: "yl_form", Value: "AAAAAAAAAAAAAAAAAAAAAAAA"})
	for i := 0; i+1 < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	r.RemoteAddr = "127.0.0.1:9"
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec
}

var (
	links  = regexp.MustCompile(`<a [^>]*href="(/[^"#]*)`)
	ids    = regexp.MustCompile(`/[^/]*[\d.][^/]*`)
	listen = regexp.MustCompile(`href="(/listen\?[^"]*)"`)
)

// pages walks from the first page along every link, at most so many of a kind.
func (w *town) pages(session string, each func(path, body string)) {
	kinds := map[string]int{}
	seen := map[string]bool{"/": true}
	for queue := []string{"/", "/me", "/nowhere", "/search?q=走不动", "/search?q=恭喜发财", "/login"}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		kind, _, _ := strings.Cut(ids.ReplaceAllString(path, "/{id}"), "?")
		if kinds[kind]++; kinds[kind] > 4 {
			continue
		}
		res := w.get(session, path)
		if to := res.Header().Get("Location"); to != "" {
			if !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
			continue
		}
		if !strings.HasPrefix(res.Header().Get("Content-Type"), "text/html") {
			continue
		}
		body := res.Body.String()
		each(path, body)
		for _, m := range links.FindAllStringSubmatch(body, -1) {
			to := html.UnescapeString(m[1])
			if !seen[to] && !strings.HasPrefix(to, "/listen") && !strings.HasPrefix(to, "/elder") && !strings.HasPrefix(to, "/o/") && !strings.HasPrefix(to, "/j/") && !strings.HasPrefix(to, "/v/") {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
}

func needVoice(t *testing.T) {
	t.Helper()
	if _, ok := speech.FindEspeak(); !ok {
		if os.Getenv("CI") != "" {
			t.Fatal("espeak-ng is missing: tools/setup speech installs it")
		}
		t.Skip("espeak-ng is missing; `make test` installs it")
	}
}

// TestEveryPageIsHeard: every page that a citizen can reach has a link to its
// sound, the sound is there, and what is said has the page's words and figures
// in their order.
func TestEveryPageIsHeard(t *testing.T) {
	needVoice(t)
	w := newTown(t)
	n, figures, sounded := 0, 0, map[string]bool{}
	for _, who := range []struct{ name, session string }{{"nobody", ""}, {"daughter", w.daughter()}, {"insured", w.insured()}} {
		w.pages(who.session, func(path, body string) {
			m := listen.FindStringSubmatch(body)
			if m == nil {
				t.Errorf("%s as %s has no 听", path, who.name)
				return
			}
			n++
			href := html.UnescapeString(m[1])
			said := w.get(who.session, href+"&as=text")
			if said.Code != 200 {
				t.Errorf("%s as %s: %s answers %d", path, who.name, href, said.Code)
				return
			}
			text, spoken := textOf(body), said.Body.String()
			want, got := figuresShown(text), figuresHeard(spoken)
			figures += len(want)
			if !slices.Equal(want, got) {
				i := 0
				for i < min(len(want), len(got)) && want[i] == got[i] {
					i++
				}
				t.Errorf("%s as %s: from figure %d on the page shows %q, the voice says %q\n%s", path, who.name, i,
					want[i:min(i+6, len(want))], got[i:min(i+6, len(got))], spoken)
			}
			if gap := missing(han(text), han(spoken)); gap != "" {
				t.Errorf("%s as %s: the voice leaves out or moves %q\n%s", path, who.name, gap, spoken)
			}
			if kind, _, _ := strings.Cut(ids.ReplaceAllString(path, "/{id}"), "?"); sounded[kind] {
				return
			} else {
				sounded[kind] = true
			}
			sound := w.get(who.session, href)
			if sound.Code != 200 || sound.Header().Get("Content-Type") != "audio/wav" || !strings.HasPrefix(sound.Body.String(), "RIFF") || sound.Body.Len() < 44100 {
				t.Errorf("%s as %s: sound %d %s, %d bytes", path, who.name, sound.Code, sound.Header().Get("Content-Type"), sound.Body.Len())
			}
		})
	}
	if n < 30 || figures < 300 {
		t.Errorf("only %d pages with %d figures were heard", n, figures)
	}
	t.Logf("%d pages, %d figures", n, figures)
}

// TestSoundIsAsPrivateAsThePage: who may not see a page does not hear it, and
// nothing personal is kept.
func TestSoundIsAsPrivateAsThePage(t *testing.T) {
	needVoice(t)
	w := newTown(t)
	me := w.daughter()
	kept := func() int {
		list, err := os.ReadDir(filepath.Join(w.dir, "speech"))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		return len(list)
	}
	if res := w.get("", "/listen?of=/me"); res.Code != 303 || !strings.HasPrefix(res.Header().Get("Location"), "/login") {
		t.Errorf("a stranger hears /me: %d %s", res.Code, res.Header().Get("Location"))
	}
	if res := w.get("", "/listen?of=/me&as=text"); res.Code != 303 {
		t.Errorf("a stranger reads /me: %d %s", res.Code, res.Body)
	}
	res := w.get(me, "/listen?of=/me&as=text")
	if !strings.Contains(res.Body.String(), "陈丽") || res.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("my own page: %s, Cache-Control %q", res.Body, res.Header().Get("Cache-Control"))
	}
	for _, path := range []string{"/me", "/", "/case", "/help/video"} {
		w.get(me, "/listen?of="+path)
	}
	w.get("", "/listen?of="+url.QueryEscape("/search?q=我叫陈丽"))
	if n := kept(); n != 0 {
		t.Errorf("%d sounds of personal pages on disk", n)
	}
	first := w.get("", "/listen?of=/help/video")
	if n := kept(); n != 1 {
		t.Errorf("%d sounds of a public page on disk", n)
	}
	again := w.get("", "/listen?of=/help/video")
	if again.Header().Get("Content-Length") == "" || first.Body.Len() != again.Body.Len() || first.Body.String()[44:] != again.Body.String()[44:] {
		t.Errorf("the kept sound differs: %d and %d bytes", first.Body.Len(), again.Body.Len())
	}
	if slow := w.get("", "/listen?of=/help/video&slow=1"); slow.Body.Len() < first.Body.Len()*11/10 {
		t.Errorf("slow: %d bytes, normal %d", slow.Body.Len(), first.Body.Len())
	}
	// Players ask for parts.
	part := w.get(me, "/listen?of=/me", "Range", "bytes=0-1")
	if part.Code != 206 || part.Body.String() != "RI" || part.Header().Get("Content-Range") == "" {
		t.Errorf("a part: %d %q %s", part.Code, part.Body, part.Header().Get("Content-Range"))
	}
	// What another host or another page of the program would be is not fetched.
	for _, of := range []string{"//example.org/", "https://example.org/", "/listen?of=/listen", "/o/desk", "/static/leaf.svg"} {
		if res := w.get("", "/listen?of="+url.QueryEscape(of)+"&as=text"); res.Code != 200 || !strings.Contains(res.Body.String(), "没有找到这一页") && !strings.Contains(res.Body.String(), "从这里办起") {
			t.Errorf("%s: %d %.200s", of, res.Code, res.Body)
		}
	}
}

// TestAnswerOfAForm: a page that answers a form with what is wrong is heard too,
// by who sent the form and by nobody else.
func TestAnswerOfAForm(t *testing.T) {
	needVoice(t)
	w := newTown(t)
	me := w.daughter()
	page := w.get(me, "/assess/apply/place")
	if to := page.Header().Get("Location"); to != "" {
		page = w.get(me, to)
	}
	token := regexp.MustCompile(`name="token" value="([^"]+)"`).FindStringSubmatch(page.Body.String())
	if token == nil {
		t.Fatalf("no form: %d %s", page.Code, page.Header().Get("Location"))
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/assess/apply/place", strings.NewReader(url.Values{"token": {token[1]}, "once": {"x"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res := w.do(me, r)
	m := listen.FindStringSubmatch(res.Body.String())
	if res.Code != 422 || m == nil || !strings.Contains(m[1], "kept=") {
		t.Fatalf("%d, link %v", res.Code, m)
	}
	href := html.UnescapeString(m[1])
	said := w.get(me, href+"&as=text").Body.String()
	if gap := missing(han(textOf(res.Body.String())), han(said)); gap != "" || said == "" {
		t.Errorf("left out %q of the answer: %s", gap, said)
	}
	if res := w.get("", href+"&as=text"); res.Code != 404 {
		t.Errorf("a stranger hears the answer: %d %s", res.Code, res.Body)
	}
}

// TestNoVoice: without a voice the link leads to a page that says so.
func TestNoVoice(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	w := newTown(t)
	body := w.get("", "/help/video").Body.String()
	m := listen.FindStringSubmatch(body)
	if m == nil || !strings.Contains(body, "data-mute") {
		t.Fatal("no 听, or the script is not told")
	}
	res := w.get("", html.UnescapeString(m[1]))
	if res.Code != 200 || !strings.Contains(res.Body.String(), "现在听不了") || !strings.Contains(res.Body.String(), `href="/help/video"`) {
		t.Errorf("%d %.300s", res.Code, res.Body)
	}
}
