package sms

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"yinling/internal/fault"
)

var told = New("test.told", "测试", "{who}替{name}办，{date}前有效，{code}。不是您同意的请打12393。")

func TestNamesGiveWayFiguresDoNot(t *testing.T) {
	t.Parallel()
	if got := told.Say("陈丽", "陈德福", "12月1日", "0347"); got != "陈丽替陈德福办，12月1日前有效，0347。不是您同意的请打12393。" {
		t.Errorf("short: %s", got)
	}
	long := strings.Repeat("阿依", 30)
	got := told.Say(long, "陈德福", "12月31日", "999999")
	if n := utf8.RuneCountInString(got); n != Body {
		t.Errorf("%d characters, want exactly %d: %s", n, Body, got)
	}
	for _, keep := range []string{"陈德福", "12月31日", "999999", "…", "12393"} {
		if !strings.Contains(got, keep) {
			t.Errorf("%q is gone: %s", keep, got)
		}
	}
	if n := utf8.RuneCountInString(Sign(strings.Repeat("示", 30), got)); n != Limit {
		t.Errorf("signed: %d characters", n)
	}
}

func TestNewRefusesWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	for say, text := range map[string]string{
		"a place that is not there": "{what}好了", "a link": "请打开 www.example.cn 看", "an address": "见 https://a", "a signature of its own": "【银龄】好了",
		"too long": strings.Repeat("长", Body+1), "too long with its figures": "{fund}{own}" + strings.Repeat("长", Body-15),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was taken", say)
				}
			}()
			New("test."+say, "", text)
		}()
	}
}

// exchange stands in for a provider: it proves every signature and takes an id once.
type exchange struct {
	*httptest.Server
	t       *testing.T
	mu      sync.Mutex
	asked   int
	taken   []wire
	answers []int // what the next requests get, 200 after them
	hang    chan struct{}
}

var (
	secret = []byte("a secret of the tests, not short")
	noon   = time.Date(2024, 6, 3, 4, 0, 0, 0, time.UTC)
)

func provider(t *testing.T) *exchange {
	x := &exchange{t: t, hang: make(chan struct{})}
	x.Server = httptest.NewServer(x)
	t.Cleanup(func() { close(x.hang); x.Close() })
	return x
}

func (x *exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	at := r.Header.Get("X-Sms-Time")
	if r.Method != "POST" || r.Header.Get("X-Sms-Key") != "yinling" || at != strconv.FormatInt(noon.UnixMilli(), 10) ||
		r.Header.Get("X-Sms-Signature") != Signature(secret, at, "/v1/send", body) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	x.mu.Lock()
	x.asked++
	answer := 200
	if len(x.answers) > 0 {
		answer, x.answers = x.answers[0], x.answers[1:]
	}
	var m wire
	if err := json.Unmarshal(body, &m); err != nil {
		x.t.Error(err)
	}
	if answer == 200 {
		for _, old := range x.taken {
			if old.ID == m.ID {
				answer = http.StatusConflict
			}
		}
	}
	if answer == 200 || answer < 0 { // a negative one: taken, and the answer is lost
		x.taken = append(x.taken, m)
	}
	x.mu.Unlock()
	switch {
	case answer < 0:
		panic(http.ErrAbortHandler)
	case answer == 0:
		select {
		case <-x.hang:
		case <-r.Context().Done():
		}
		return
	case answer == http.StatusFound:
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(answer)
}

func (x *exchange) open(change func(*HTTP)) *HTTP {
	x.t.Helper()
	g := HTTP{URL: x.URL + "/v1/send", Key: "yinling", Secret: secret, Sender: "示范市医保局", Pause: time.Millisecond, Now: func() time.Time { return noon }}
	if change != nil {
		change(&g)
	}
	out, err := Open(g)
	if err != nil {
		x.t.Fatal(err)
	}
	return out
}

func TestGatewaySendsSigned(t *testing.T) {
	t.Parallel()
	x := provider(t)
	g := x.open(nil)
	if err := g.Send(context.Background(), Message{ID: "1", Phone: "19900000001", Text: "您的申请已受理。"}); err != nil {
		t.Fatal(err)
	}
	if err := g.Send(context.Background(), Message{ID: "2", Phone: "19900000001", Text: "不念", Code: "123456", Voice: true}); err != nil {
		t.Fatal(err)
	}
	want := []wire{{"1", "19900000001", "text", "【示范市医保局】您的申请已受理。", ""}, {"2", "19900000001", "voice", "", "123456"}}
	if len(x.taken) != 2 || x.taken[0] != want[0] || x.taken[1] != want[1] {
		t.Errorf("%+v", x.taken)
	}
	bad := x.open(func(g *HTTP) { g.Secret = []byte("another secret of 24 byte") })
	if err := bad.Send(context.Background(), Message{ID: "3", Phone: "19900000001"}); !fault.Is(err, fault.Refused) {
		t.Errorf("a wrong signature: %v", err)
	}
}

func TestGatewayTriesAgainAndSendsOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		say     string
		answers []int
		asked   int
		kind    fault.Kind // "" for sent
		taken   int
	}{
		{"busy once", []int{503}, 2, "", 1},
		{"too many, then an error, then well", []int{429, 500}, 3, "", 1},
		{"the answer is lost: the id was taken", []int{-1}, 2, "", 1},
		{"down", []int{500, 502, 503, 504}, 3, fault.Busy, 0},
		{"no such number", []int{422}, 1, fault.Refused, 0},
		{"a redirect is not followed", []int{302}, 1, fault.Refused, 0},
		{"no answer, then one", []int{0}, 2, "", 1},
	} {
		t.Run(c.say, func(t *testing.T) {
			t.Parallel()
			x := provider(t)
			x.answers = c.answers
			err := x.open(func(g *HTTP) { g.Timeout = 200 * time.Millisecond }).Send(context.Background(), Message{ID: "7", Phone: "19900000001", Text: "好了"})
			if c.kind == "" && err != nil || c.kind != "" && !fault.Is(err, c.kind) {
				t.Errorf("error %v, want %q", err, c.kind)
			}
			x.mu.Lock()
			defer x.mu.Unlock()
			if x.asked != c.asked || len(x.taken) != c.taken {
				t.Errorf("asked %d times, taken %d; want %d and %d", x.asked, len(x.taken), c.asked, c.taken)
			}
			if err != nil && strings.Contains(err.Error(), "19900000001") {
				t.Errorf("the error names the phone: %v", err)
			}
		})
	}
}

func TestOpenChecksSettings(t *testing.T) {
	t.Parallel()
	good := HTTP{URL: "https://sms.example/v1", Key: "k", Secret: secret, Sender: "示范市医保局"}
	if _, err := Open(good); err != nil {
		t.Fatal(err)
	}
	for say, change := range map[string]func(*HTTP){
		"no host": func(g *HTTP) { g.URL = "sms" }, "plain http to another machine": func(g *HTTP) { g.URL = "http://sms.example/v1" },
		"a short secret": func(g *HTTP) { g.Secret = []byte("short") }, "no sender": func(g *HTTP) { g.Sender = "" },
		"a sender of 13": func(g *HTTP) { g.Sender = strings.Repeat("示", 13) }, "no key": func(g *HTTP) { g.Key = "" },
	} {
		g := good
		change(&g)
		if _, err := Open(g); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", say, err)
		}
	}
}
