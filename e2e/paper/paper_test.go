// Package paper prints every document of the program as PDF by Chromium and
// reads it with poppler: one page of A4, tagged, the words in it, also the
// characters of the extension planes that bad software loses.
package paper

import (
	"context"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/app"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/demo"
	"yinling/internal/fund"
)

const region = demo.Region

// rare is a name in characters outside the basic plane and rare ones inside.
const rare = "𠮷𫍲䶮"

type town struct {
	*app.App
	t *testing.T
	h http.Handler
}

func tools(t *testing.T) {
	t.Helper()
	for _, x := range []string{"pdfinfo", "pdftotext", "/usr/bin/chromium"} {
		if _, err := exec.LookPath(x); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("no %s (tools/setup browser installs it)", x)
			}
			t.Skipf("no %s; `make test` installs it", x)
		}
	}
}

func start(dir string, change func(c *app.Config)) (*app.App, *demo.Clock, error) {
	clock := &demo.Clock{}
	clock.At(day.MustParse("2026-06-10"), 9, 0)
	c := app.Config{Data: dir, Addr: "127.0.0.1:0", Site: "https://yl.example", Region: region, Agency: demo.Agency, Now: clock.Now, AllowUnsafe: true, Demo: true}
	change(&c)
	a, err := app.Open(context.Background(), c)
	if err == nil {
		a.Mute(true)
	}
	return a, clock, err
}

// filled is a folder with a few families and all that happens to them; every
// test works on a copy of it.
var filled = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "yinling-paper-")
	if err != nil {
		return "", err
	}
	a, clock, err := start(dir, func(c *app.Config) { c.Chromium = "off" })
	if err != nil {
		return dir, err
	}
	defer a.Close()
	scale := demo.Scale{Name: "paper", Insured: 30, Severe: 6, CareInst: 2, Points: 1, AssessInst: 3, Halls: 1, Insurers: 1, Months: 1}
	return dir, demo.Fill(context.Background(), a, clock, scale, func(string, ...any) {})
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, _ := filled(); dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

func open(t *testing.T, change func(c *app.Config)) *town {
	t.Helper()
	from, err := filled()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "yinling.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	a, _, err := start(dir, change)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	w := &town{App: a, t: t}
	if w.h, err = a.Handler(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *town) text(query string, args ...any) string {
	w.t.Helper()
	var s string
	if err := w.DB.Raw().QueryRow(query, args...).Scan(&s); err != nil {
		w.t.Fatalf("%s %v: %v", query, args, err)
	}
	return s
}

// as is a session of an account; how one logs in is tested elsewhere.
func (w *town) as(account string) string {
	w.t.Helper()
	if account == "" {
		return ""
	}
	sum := sm3.Sum([]byte("token-" + account))
	now := w.DB.Now().UnixMilli()
	if _, err := w.DB.Raw().Exec(`INSERT INTO access_session (region, token, account, csrf, created, seen, behalf) VALUES ($1,$2,$3,'c',$4,$4,'') ON CONFLICT (region, token) DO NOTHING`,
		region, hex.EncodeToString(sum[:]), account, now); err != nil {
		w.t.Fatal(err)
	}
	return region + ".token-" + account
}

func (w *town) login(login string) string {
	return w.as(w.text(`SELECT id FROM access_account WHERE region = $1 AND login = $2`, region, login))
}

func (w *town) get(session, path string) *httptest.ResponseRecorder {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), "GET", path, nil)
	if session != "" {
		r.AddCookie(&http.Cookie{Name: "yl_session", Value: session})
	}
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return rec
}

func month(t *testing.T, s string) day.Month {
	t.Helper()
	m, err := day.ParseMonth(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	b, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, b)
	}
	return string(b)
}

var codeForm = regexp.MustCompile(`/check/([A-Z][0-9]{6}-[^" ]+-[0-9]{8}-[2-9A-Z]{12})|class="code">([^<]+)<`)

// pdf prints a document and gives its words without spaces.
func (w *town) pdf(session, path string, onePage bool) (words, code string) {
	t := w.t
	t.Helper()
	page := w.get(session, path)
	if page.Code != 200 || !strings.Contains(page.Body.String(), `href="`+path+`?as=pdf"`) {
		t.Fatalf("%s: %d, no way to the PDF\n%.600s", path, page.Code, page.Body.String())
	}
	if m := codeForm.FindStringSubmatch(page.Body.String()); m != nil {
		code = m[1] + m[2]
	}
	got := w.get(session, path+"?as=pdf")
	if got.Code != 200 || got.Header().Get("Content-Type") != "application/pdf" {
		t.Fatalf("%s: %d %s\n%.600s", path, got.Code, got.Header(), got.Body.String())
	}
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, got.Body.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("YINLING_PAPERS"); dir != "" { // to look at them
		os.WriteFile(filepath.Join(dir, strings.ReplaceAll(strings.Trim(path, "/"), "/", "_")+".pdf"), got.Body.Bytes(), 0o600)
	}
	info := run(t, "pdfinfo", file)
	for _, want := range []string{`Tagged:\s+yes`, `Page size:\s+59[45]\.\d+ x 84[12]\.?\d* pts \(A4\)`} {
		if !regexp.MustCompile(want).MatchString(info) {
			t.Errorf("%s: pdfinfo says not %s:\n%s", path, want, info)
		}
	}
	if onePage && !regexp.MustCompile(`Pages:\s+1\n`).MatchString(info) {
		t.Errorf("%s has more than a page:\n%s", path, info)
	}
	return strings.Join(strings.Fields(run(t, "pdftotext", "-layout", file, "-")), ""), code
}

func TestEveryDocument(t *testing.T) {
	t.Parallel()
	tools(t)
	w := open(t, func(*app.Config) {})
	person := w.text(`SELECT b.person FROM claim_bill b JOIN care_plan p ON p.region = b.region AND p.person = b.person AND p.status = 'active'
		WHERE b.region = $1 AND b.status = 'settled' ORDER BY b.person LIMIT 1`, region)
	if _, err := w.DB.Raw().Exec(`UPDATE person_person SET name = $3 WHERE region = $1 AND id = $2`, region, person, rare); err != nil {
		t.Fatal(err)
	}
	app := w.text(`SELECT id FROM desk_case WHERE region = $1 AND person = $2`, region, person)
	bill := w.text(`SELECT MIN(visit) FROM claim_bill WHERE region = $1 AND person = $2 AND status = 'settled'`, region, person)
	plan := w.text(`SELECT MIN(id) FROM care_plan WHERE region = $1 AND person = $2 AND status = 'active'`, region, person)
	if _, err := w.DB.Raw().Exec(`UPDATE claim_payment SET status = 'paid', at = $1`, w.DB.Now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	closed := w.DB.Now().AddDate(0, -1, 0).Format("2006-01")
	if _, err := w.Fund.Close(t.Context(), audit.System(region), region, fund.LTCI, month(t, closed), "close"); err != nil {
		t.Fatal(err)
	}
	paid := w.text(`SELECT MIN(claim) FROM claim_payment WHERE region = $1 AND kind = 'month' AND status = 'paid'`, region)
	inst, _, _ := strings.Cut(paid, "/")
	clerk, treasurer := w.login("clerk"), w.login("treasurer")
	at := w.as(w.text(`SELECT MIN(id) FROM access_account WHERE region = $1 AND institution = $2 AND role = 'institution'`, region, inst))

	agency := strings.ReplaceAll(demo.Agency, " ", "")
	for _, d := range []struct {
		path, session string
		one           bool
		words         []string
	}{
		{"/o/assess/" + app + "/letter/accept", clerk, true, []string{"受理通知书", app, rare + "：", "材料齐全", "最晚办完"}},
		{"/o/assess/" + app + "/letter/effect", clerk, true, []string{"结论告知书", app, rare, "失能", "有效到"}},
		{"/o/care/plan/" + plan + "/paper", clerk, true, []string{"护理服务计划", rare, "每周次数", "护理机构"}},
		{"/o/claim/bill/" + bill + "/paper", treasurer, true, []string{"费用结算单", rare, "医保基金支付", "个人支付", "合计"}},
		{"/o/claim/month/" + paid + "/paper", treasurer, true, []string{"拨付通知", "基金应付", "质量保证金", "实际拨付"}},
		{"/j/claim/" + strings.TrimPrefix(paid, inst+"/") + "/paper", at, true, []string{"拨付通知", "实际拨付"}},
		{"/o/notice/paper", clerk, false, []string{"结论公示", "姓名", "公示到"}},
		{"/o/fund/statement/" + string(fund.LTCI) + "/" + closed + "/paper", treasurer, false, []string{"收支月报", "本月收入", "借贷相等", "制表"}},
	} {
		words, code := w.pdf(d.session, d.path, d.one)
		for _, want := range append(d.words, agency, "打印件以扫码结果为准", "样章") {
			if !strings.Contains(words, want) {
				t.Errorf("%s: no %q in the text:\n%s", d.path, want, words)
			}
		}
		if code == "" {
			t.Errorf("%s has no code", d.path)
			continue
		}
		if !strings.Contains(words, strings.ReplaceAll(code, " ", "")) {
			t.Errorf("%s: the code %s cannot be read off", d.path, code)
		}
		// Anybody may ask whether it is genuine, and learns no more than that.
		page := w.get("", "/check/"+code)
		body := page.Body.String()
		if page.Code != 200 || !strings.Contains(body, "是真的") || !strings.Contains(body, demo.Agency) {
			t.Errorf("%s: check says %d\n%.900s", d.path, page.Code, body)
		}
		if strings.Contains(body, rare) {
			t.Errorf("%s: the check shows the whole name", d.path)
		}
		if strings.Contains(strings.Join(d.words, ""), rare) && !strings.Contains(body, "𠮷*䶮") {
			t.Errorf("%s: the check does not show the masked name", d.path)
		}
	}
}

func TestCheckSaysNoAndSlowsDown(t *testing.T) {
	t.Parallel()
	w := open(t, func(c *app.Config) { c.Chromium = "off" })
	app := w.text(`SELECT id FROM desk_case WHERE region = $1 AND status = 'done' ORDER BY id`, region)
	page := w.get(w.login("clerk"), "/o/assess/"+app+"/letter/accept")
	if strings.Contains(page.Body.String(), "as=pdf") {
		t.Error("a way to the PDF without a program that makes it")
	}
	m := codeForm.FindStringSubmatch(page.Body.String())
	if m == nil {
		t.Fatalf("no code: %d", page.Code)
	}
	code := m[1] + m[2]
	last := "2"
	if strings.HasSuffix(code, "2") {
		last = "3"
	}
	if a := w.get("", "/check/"+code[:len(code)-1]+last); a.Code != 404 || !strings.Contains(a.Body.String(), "不是我们出的文书") {
		t.Errorf("a changed code: %d", a.Code)
	}
	if a := w.get("", "/check?code="+code); a.Code != 200 || !strings.Contains(a.Body.String(), "是真的") {
		t.Errorf("typed: %d", a.Code)
	}
	// The step is taken back: the paper is ours and counts no more.
	if _, err := w.DB.Raw().Exec(`DELETE FROM desk_step WHERE region = $1 AND case_id = $2 AND action = 'accept'`, region, app); err != nil {
		t.Fatal(err)
	}
	if a := w.get("", "/check/"+code); a.Code != 200 || !strings.Contains(a.Body.String(), "现在不作数") {
		t.Errorf("after the step was taken back: %d\n%.800s", a.Code, a.Body.String())
	}
	for range 20 {
		w.get("", "/check/"+code)
	}
	if a := w.get("", "/check/"+code); a.Code != 409 || !strings.Contains(a.Body.String(), "试得太快") {
		t.Errorf("guessing is not slowed down: %d", a.Code)
	}
}

func TestSealFromSettings(t *testing.T) {
	t.Parallel()
	pic := filepath.Join(t.TempDir(), "seal.svg")
	if err := os.WriteFile(pic, []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4" fill="#C8102E"/></svg>`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, demonstration := range []bool{true, false} {
		w := open(t, func(c *app.Config) { c.Chromium, c.Seal, c.Demo = "off", pic, demonstration })
		app := w.text(`SELECT id FROM desk_case WHERE region = $1 AND status = 'done' ORDER BY id`, region)
		body := w.get(w.login("clerk"), "/o/assess/"+app+"/letter/accept").Body.String()
		if !strings.Contains(body, `src="data:image/svg`) || strings.Contains(body, "样章") != demonstration {
			t.Errorf("demonstration %v: seal %v, 样章 %v", demonstration, strings.Contains(body, "data:image/svg"), strings.Contains(body, "样章"))
		}
	}
}
