package sms

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"yinling/internal/fault"
)

// Message is one message to one phone. The id is the sender's: a gateway that
// has taken it sends nothing for a second one.
type Message struct {
	ID    string
	Phone string
	Text  string // without the signature
	Code  string // of a login; with Voice the gateway calls and reads it out
	Voice bool
}

// Gateway sends a message. Its error is fault.Busy when the same message may be
// tried again later, fault.Refused when the gateway does not want it.
type Gateway interface {
	Send(ctx context.Context, m Message) error
}

// HTTP is a gateway behind a signed JSON POST, as aggregators offer it or a
// small adapter in front of one does. The body is
//
//	{"id","phone","kind":"text"|"voice","text","code"}
//
// with the headers X-Sms-Key (the account), X-Sms-Time (milliseconds) and
// X-Sms-Signature: hex of HMAC-SHA256 over "time\npath\nbody" by the secret.
// 2xx and 409 (this id was taken before) mean taken; 408, 429 and 5xx, a lost
// connection or no answer in Timeout mean try again with the same id; all else
// is a refusal.
type HTTP struct {
	URL, Key string
	Secret   []byte
	Sender   string        // the name in the signature
	Timeout  time.Duration // of one try; 0 means 5 s
	Tries    int           // 0 means 3
	Pause    time.Duration // before the second try, doubled for the third; 0 means 500 ms
	Now      func() time.Time

	client *http.Client
}

// Open checks the settings of a gateway: personal data leaves over TLS only,
// but for a program on the same machine.
func Open(g HTTP) (*HTTP, error) {
	u, err := url.Parse(g.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fault.Field("sms", "短信网关的地址 %q 写错了，要写成 https://… 的样子", g.URL)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fault.Field("sms", "短信网关在别的机器上，地址要用 https")
	}
	if len(g.Secret) < 16 || g.Key == "" {
		return nil, fault.Field("sms", "短信网关要写账号（key），密钥（secret）至少 16 个字节")
	}
	if n := len([]rune(g.Sender)); n == 0 || n > MaxSign {
		return nil, fault.Field("sms", "短信签名（sign）要 1 到 %d 个字，现在 %d 个", MaxSign, n)
	}
	if g.Timeout == 0 {
		g.Timeout = 5 * time.Second
	}
	if g.Tries == 0 {
		g.Tries = 3
	}
	if g.Pause == 0 {
		g.Pause = 500 * time.Millisecond
	}
	// A redirect would carry phone and code to an address that nobody configured.
	g.client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &g, nil
}

type wire struct {
	ID    string `json:"id"`
	Phone string `json:"phone"`
	Kind  string `json:"kind"`
	Text  string `json:"text,omitempty"`
	Code  string `json:"code,omitempty"`
}

// Send hands m to the gateway.
func (g *HTTP) Send(ctx context.Context, m Message) error {
	w := wire{ID: m.ID, Phone: m.Phone, Kind: "text", Text: Sign(g.Sender, m.Text)}
	if m.Voice {
		w.Kind, w.Text, w.Code = "voice", "", m.Code
	}
	body, err := json.Marshal(w)
	if err != nil {
		return err
	}
	pause := g.Pause
	for try := 1; ; try++ {
		err = g.once(ctx, body)
		if !fault.Is(err, fault.Busy) || try == g.Tries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
			pause *= 2
		}
	}
}

func (g *HTTP) once(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, g.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	at := strconv.FormatInt(g.Now().UnixMilli(), 10)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("X-Sms-Key", g.Key)
	r.Header.Set("X-Sms-Time", at)
	r.Header.Set("X-Sms-Signature", Signature(g.Secret, at, r.URL.Path, body))
	busy := func(err error) error {
		return &fault.Error{Kind: fault.Busy, Say: "短信现在发不出去，请过一分钟再试，或打 12393。", Err: err}
	}
	res, err := g.client.Do(r)
	if err != nil {
		return busy(err)
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	switch s := res.StatusCode; {
	case s/100 == 2 || s == http.StatusConflict:
		return nil
	case s == http.StatusRequestTimeout || s == http.StatusTooManyRequests || s >= 500:
		return busy(fmt.Errorf("sms: the gateway answers %d", s))
	default:
		return &fault.Error{Kind: fault.Refused, Say: "这个号码收不了短信，请换“打电话告诉我”，或打 12393。", Err: fmt.Errorf("sms: the gateway answers %d", s)}
	}
}

// Signature is what X-Sms-Signature holds.
func Signature(secret []byte, at, path string, body []byte) string {
	h := hmac.New(sha256.New, secret)
	io.WriteString(h, at+"\n"+path+"\n")
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
