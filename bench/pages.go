package bench

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"yinling/internal/day"
)

// What a member of staff opens many times a day, by the demonstration's login.
var dailyPages = []struct {
	login string
	paths []string
}{
	{"clerk", []string{"/o/", "/o/report", "/o/report/assess", "/o/report/care", "/o/desk", "/o/matter", "/o/person?q=王", "/o/roster", "/o/door", "/o/door/owed",
		"/o/share", "/o/share/watch", "/o/hall", "/o/voice", "/o/rating", "/o/notice", "/o/institution", "/o/staff", "/o/care/plans", "/o/care/exceptions"}},
	{"reviewer", []string{"/o/", "/o/claim", "/o/claim/open", "/o/claim/recover", "/o/fund", "/o/fund/vouchers", "/o/fund/contribution", "/o/fund/match"}},
	{"treasurer", []string{"/o/fund/due", "/o/fund/contribution?kind=employee&base=5000", "/o/fund/statement/ltci/{month}", "/o/fund/statement/medical/{month}", "/o/fund/vouchers?m={month}",
		"/o/fund/voucher/ltci-0-1", "/o/fund/match?m={month}", "/o/claim/file", "/o/claim/deposit"}},
	{"auditor", []string{"/o/audit"}},
	{"inst1", []string{"/j/"}},
}

// Pages opens the daily pages of a demonstration that runs at base, n times
// each, one after another, and gives the wait for the whole answer at 95 per
// cent in milliseconds beside the bar of 200. A page that is not there is named
// and left out.
func Pages(ctx context.Context, base string, n int, say func(string, ...any)) ([]Row, error) {
	var rows []Row
	now := day.FromTime(time.Now())
	last := (now.Month() - 1).String() // the month that the books last closed
	for _, who := range dailyPages {
		jar, _ := cookiejar.New(nil)
		client := &http.Client{Jar: jar}
		if err := staffLogin(ctx, client, base, who.login); err != nil {
			return rows, err
		}
		for _, path := range who.paths {
			path = strings.ReplaceAll(path, "{month}", last)
			var took []float64
			size := 0
			for range n {
				t := time.Now()
				b, status, err := fetch(ctx, client, base+path)
				if err != nil {
					return rows, err
				}
				if status != http.StatusOK {
					say("bench: %s %s: %d", who.login, path, status)
					break
				}
				took, size = append(took, float64(time.Since(t))/1e6), len(b)
			}
			if len(took) < n {
				continue
			}
			slices.Sort(took)
			p95 := took[min(len(took)-1, len(took)*95/100)]
			r := Row{What: "page " + who.login + " " + path, YardName: "200 ms at p95", Goal: 1, P50: took[len(took)/2], P99: took[len(took)*99/100],
				Pairs: [][2]float64{{1000 / p95, 1000 / 200.0}}, Note: fmt.Sprintf("p95 %.0f ms, least %.0f ms, %d bytes", p95, took[0], size)}
			r.sum()
			say("bench: %s: least %.0f ms, median %.0f ms, p95 %.0f ms, %d bytes; %s", r.What, took[0], r.P50, p95, size, Machine())
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func fetch(ctx context.Context, c *http.Client, u string) ([]byte, int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, 0, err
	}
	res, err := c.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return b, res.StatusCode, err
}

var (
	loginForm = regexp.MustCompile(`(?s)<form method="post" action="/login/staff".*?</form>`)
	formField = regexp.MustCompile(`<input[^>]*>`)
	attr      = regexp.MustCompile(`(name|value)="([^"]*)"`)
)

// staffLogin sends the login form as the demonstration fills it.
func staffLogin(ctx context.Context, c *http.Client, base, login string) error {
	b, _, err := fetch(ctx, c, base+"/login/staff?as="+url.QueryEscape(login))
	if err != nil {
		return err
	}
	form := url.Values{}
	for _, in := range formField.FindAllString(loginForm.FindString(string(b)), -1) {
		f := map[string]string{}
		for _, m := range attr.FindAllStringSubmatch(in, -1) {
			f[m[1]] = html.UnescapeString(m[2])
		}
		form.Set(f["name"], f["value"])
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/login/staff", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK || strings.HasPrefix(res.Request.URL.Path, "/login") {
		return fmt.Errorf("bench: %s could not log in at %s: %s %s", login, base, res.Status, res.Request.URL.Path)
	}
	return nil
}
