package pay

import (
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"yinling/internal/claim"
	"yinling/internal/fault"
	"yinling/internal/money"
)

var (
	_ claim.PaymentChannel = (*Cashier)(nil)
	_ claim.PaymentChannel = (*WeChat)(nil)
)

var noon = time.Date(2024, 6, 3, 4, 0, 0, 0, time.UTC)

// platform is a stand-in for the payment institution: it verifies the
// signature of every request and signs every reply.
type platform struct {
	t        *testing.T
	key      *rsa.PrivateKey // the platform's
	merchant *rsa.PublicKey
	api      []byte
	mu       sync.Mutex
	orders   map[string]*Trade
	refunds  map[string]string
	spoil    func(h http.Header, body []byte) []byte // damages a reply
	now      time.Time
	*httptest.Server
}

var authForm = regexp.MustCompile(`^WECHATPAY2-SHA256-RSA2048 mchid="([^"]+)",nonce_str="([^"]+)",signature="([^"]+)",timestamp="(\d+)",serial_no="([^"]+)"$`)

func newPlatform(t *testing.T) (*platform, *WeChat) {
	mk := func() *rsa.PrivateKey {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	mine := mk()
	p := &platform{t: t, key: mk(), merchant: &mine.PublicKey, api: []byte("0123456789abcdef0123456789abcdef"),
		orders: map[string]*Trade{}, refunds: map[string]string{}, now: noon}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Server.Close)
	priv, _ := x509.MarshalPKCS8PrivateKey(mine)
	pub, _ := x509.MarshalPKIXPublicKey(&p.key.PublicKey)
	enc := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	w, err := NewWeChat(WeChatConfig{Base: p.URL, AppID: "wxdemo", Merchant: "1900000001", Serial: "S1", Key: enc("PRIVATE KEY", priv),
		Platform: enc("PUBLIC KEY", pub), PlatID: "PUB_KEY_ID_1", APIKey: string(p.api), NotifyURL: "https://example.test/pay/wechat"},
		func() time.Time { return noon }, p.Client())
	if err != nil {
		t.Fatal(err)
	}
	return p, w
}

func (p *platform) sign(h http.Header, body []byte) {
	ts, nonce := strconv.FormatInt(p.now.Unix(), 10), "n0nce"
	sum := sha256.Sum256([]byte(ts + "\n" + nonce + "\n" + string(body) + "\n"))
	sig, _ := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	h.Set("Wechatpay-Timestamp", ts)
	h.Set("Wechatpay-Nonce", nonce)
	h.Set("Wechatpay-Serial", "PUB_KEY_ID_1")
	h.Set("Wechatpay-Signature", base64.StdEncoding.EncodeToString(sig))
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m := authForm.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		http.Error(w, `{"code":"SIGN_ERROR"}`, 401)
		return
	}
	sig, _ := base64.StdEncoding.DecodeString(m[3])
	sum := sha256.Sum256([]byte(r.Method + "\n" + r.URL.RequestURI() + "\n" + m[4] + "\n" + m[2] + "\n" + string(body) + "\n"))
	if rsa.VerifyPKCS1v15(p.merchant, crypto.SHA256, sum[:], sig) != nil || m[1] != "1900000001" || m[5] != "S1" {
		http.Error(w, `{"code":"SIGN_ERROR"}`, 401)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var out any
	switch {
	case r.Method == "POST" && r.URL.Path == "/v3/pay/transactions/native":
		var t Trade
		var more struct {
			NotifyURL string `json:"notify_url"`
		}
		json.Unmarshal(body, &t)
		json.Unmarshal(body, &more)
		if t.MchID != "1900000001" || t.AppID != "wxdemo" || t.Amount.Currency != "CNY" || more.NotifyURL == "" || len(t.Order) > 32 {
			http.Error(w, `{"code":"PARAM_ERROR"}`, 400)
			return
		}
		if p.orders[t.Order] == nil {
			t.State = "NOTPAY"
			p.orders[t.Order] = &t
		}
		out = map[string]string{"code_url": "weixin://wxpay/bizpayurl?pr=" + t.Order}
	case r.Method == "GET" && strings.HasPrefix(r.URL.Path, "/v3/pay/transactions/out-trade-no/"):
		t := p.orders[strings.TrimPrefix(r.URL.Path, "/v3/pay/transactions/out-trade-no/")]
		if t == nil || r.URL.Query().Get("mchid") != "1900000001" {
			http.Error(w, `{"code":"ORDER_NOT_EXIST"}`, 404)
			return
		}
		out = t
	case r.Method == "POST" && r.URL.Path == "/v3/refund/domestic/refunds":
		var in struct {
			Transaction string `json:"transaction_id"`
			No          string `json:"out_refund_no"`
			Amount      amount `json:"amount"`
		}
		json.Unmarshal(body, &in)
		state := "SUCCESS"
		if p.refunds[in.No] == "" {
			state = "PROCESSING" // the first time; asked again, it is done
		}
		p.refunds[in.No] = in.Transaction
		out = map[string]string{"status": state}
	default:
		http.NotFound(w, r)
		return
	}
	text, _ := json.Marshal(out)
	p.sign(w.Header(), text)
	if p.spoil != nil {
		text = p.spoil(w.Header(), text)
	}
	w.Write(text)
}

func (p *platform) pay(order string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.orders[order].State, p.orders[order].ID = "SUCCESS", "T"+order
}

func TestWeChat(t *testing.T) {
	p, w := newPlatform(t)
	ctx := context.Background()
	code, err := w.Code(ctx, "990100v1-1", 1250, "护理服务个人自付")
	if err != nil || code != "weixin://wxpay/bizpayurl?pr=990100v1-1" {
		t.Fatalf("Code = %q, %v", code, err)
	}
	if paid, _, err := w.Paid(ctx, "990100v1-1", 1250); paid || err != nil {
		t.Errorf("paid before paying: %v %v", paid, err)
	}
	p.pay("990100v1-1")
	if paid, trade, err := w.Paid(ctx, "990100v1-1", 1250); !paid || trade != "T990100v1-1" || err != nil {
		t.Errorf("Paid = %v %q %v", paid, trade, err)
	}
	if paid, _, err := w.Paid(ctx, "990100v1-1", 1251); paid || err == nil {
		t.Error("an order of another amount counts as paid")
	}
	if done, err := w.Refund(ctx, "990100v1-1", "T990100v1-1", 1250, "撤回"); done || err != nil {
		t.Errorf("first refund: %v %v", done, err)
	}
	if done, err := w.Refund(ctx, "990100v1-1", "T990100v1-1", 1250, "撤回"); !done || err != nil {
		t.Errorf("second refund: %v %v", done, err)
	}
	if len(p.refunds) != 1 {
		t.Errorf("%d refunds, want one under one number", len(p.refunds))
	}
	if _, _, err := w.Paid(ctx, "nobody", 1); !fault.Is(err, fault.Busy) {
		t.Errorf("unknown order: %v", err)
	}
	// A client with another private key is refused by the platform.
	other, _ := rsa.GenerateKey(rand.Reader, 2048)
	forged := *w
	forged.key = other
	if _, err := forged.Code(ctx, "990100v2-1", 1, "x"); err == nil || len(p.orders) != 1 {
		t.Errorf("a forged request was taken: %v", err)
	}
}

func TestWeChatBelievesOnlySignedReplies(t *testing.T) {
	p, w := newPlatform(t)
	for name, spoil := range map[string]func(http.Header, []byte) []byte{
		"body changed": func(h http.Header, b []byte) []byte { return []byte(strings.Replace(string(b), "weixin", "weixim", 1)) },
		"no signature": func(h http.Header, b []byte) []byte { h.Del("Wechatpay-Signature"); return b },
		"other serial": func(h http.Header, b []byte) []byte { h.Set("Wechatpay-Serial", "X"); return b },
		"old timestamp": func(h http.Header, b []byte) []byte {
			p.now = noon.Add(-6 * time.Minute)
			p.sign(h, b)
			p.now = noon
			return b
		},
		"no timestamp":  func(h http.Header, b []byte) []byte { h.Del("Wechatpay-Timestamp"); return b },
		"changed nonce": func(h http.Header, b []byte) []byte { h.Set("Wechatpay-Nonce", "z"); return b },
		"not base64":    func(h http.Header, b []byte) []byte { h.Set("Wechatpay-Signature", "?"); return b },
		"another's sign": func(h http.Header, b []byte) []byte {
			k := p.key
			p.key, _ = rsa.GenerateKey(rand.Reader, 2048)
			p.sign(h, b)
			p.key = k
			return b
		},
	} {
		p.spoil = spoil
		if code, err := w.Code(context.Background(), "990100v1-1", 5, "x"); code != "" || !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %q, %v", name, code, err)
		}
	}
}

func (p *platform) notice(plain string, change func(m map[string]any)) *http.Request {
	block, _ := aes.NewCipher(p.api)
	gcm, _ := cipher.NewGCM(block)
	sealed := gcm.Seal(nil, []byte("abcdefghijkl"), []byte(plain), []byte("transaction"))
	m := map[string]any{"algorithm": "AEAD_AES_256_GCM", "ciphertext": base64.StdEncoding.EncodeToString(sealed), "nonce": "abcdefghijkl", "associated_data": "transaction"}
	msg := map[string]any{"id": "1", "event_type": "TRANSACTION.SUCCESS", "resource": m}
	if change != nil {
		change(m)
	}
	if e, ok := m["event_type"]; ok {
		msg["event_type"] = e
	}
	text, _ := json.Marshal(msg)
	r := httptest.NewRequest("POST", "/pay/wechat", strings.NewReader(string(text)))
	p.sign(r.Header, text)
	return r
}

func TestWeChatNotice(t *testing.T) {
	p, w := newPlatform(t)
	plain := `{"out_trade_no":"990100v1-1","transaction_id":"T1","trade_state":"SUCCESS","mchid":"1900000001","appid":"wxdemo","amount":{"total":1250,"currency":"CNY"}}`
	tr, ok, err := w.Notice(p.notice(plain, nil))
	if err != nil || !ok || tr.Order != "990100v1-1" || tr.ID != "T1" || tr.Fen() != 1250 {
		t.Fatalf("Notice = %+v %v %v", tr, ok, err)
	}
	if _, ok, err := w.Notice(p.notice(plain, func(m map[string]any) { m["event_type"] = "REFUND.SUCCESS" })); ok || err != nil {
		t.Errorf("another kind of message: %v %v", ok, err)
	}
	for name, r := range map[string]*http.Request{
		"other associated data": p.notice(plain, func(m map[string]any) { m["associated_data"] = "x" }),
		"other nonce":           p.notice(plain, func(m map[string]any) { m["nonce"] = "mnopqrstuvwx" }),
		"short nonce":           p.notice(plain, func(m map[string]any) { m["nonce"] = "m" }),
		"other algorithm":       p.notice(plain, func(m map[string]any) { m["algorithm"] = "NONE" }),
		"other merchant":        p.notice(strings.Replace(plain, "1900000001", "1900000002", 1), nil),
		"other app":             p.notice(strings.Replace(plain, "wxdemo", "wxother", 1), nil),
	} {
		if _, ok, err := w.Notice(r); ok || err == nil {
			t.Errorf("%s was believed", name)
		}
	}
	r := p.notice(plain, nil)
	r.Header.Set("Wechatpay-Signature", "AAAA")
	if _, ok, err := w.Notice(r); ok || !fault.Is(err, fault.Forbidden) {
		t.Errorf("a message with a wrong signature: %v", err)
	}
}

func TestCashierCode(t *testing.T) {
	c := &Cashier{Base: "http://127.0.0.1", Key: []byte("k")}
	code, _ := c.Code(context.Background(), "990100v1-1", 600, "")
	u, err := url.Parse(code)
	if err != nil || u.Path != "/pay/990100v1-1" {
		t.Fatal(code, err)
	}
	sign := u.Query().Get("sign")
	if fen, ok := c.Check("990100v1-1", "600", sign); !ok || fen != money.Fen(600) {
		t.Error("our own code is not ours")
	}
	for _, bad := range [][3]string{{"990100v1-1", "1", sign}, {"990100v2-1", "600", sign}, {"990100v1-1", "600", ""}, {"990100v1-1", "-600", sign}, {"990100v1-", "1600", sign}} {
		if _, ok := c.Check(bad[0], bad[1], bad[2]); ok {
			t.Error(fmt.Sprint("forged code taken: ", bad))
		}
	}
}
