package pay

import (
	"bytes"
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"yinling/internal/fault"
	"yinling/internal/money"
)

// WeChatConfig is what a merchant (商户) gets from WeChat Pay.
type WeChatConfig struct {
	Base      string // address of the API, without a slash at the end
	AppID     string
	Merchant  string // mchid
	Serial    string // serial number of the merchant's certificate
	Key       string // PEM of the merchant's private key
	Platform  string // PEM of the platform's public key or certificate
	PlatID    string // its id or serial number, as replies name it
	APIKey    string // APIv3 key, 32 bytes
	NotifyURL string // our address for the channel's messages
}

// WeChat is a client of WeChat Pay API v3, Native orders. Requests are signed
// with RSA-SHA256; every reply and message is proved against the platform's key
// before a byte of it is believed.
type WeChat struct {
	conf   WeChatConfig
	key    *rsa.PrivateKey
	plat   *rsa.PublicKey
	aead   cipher.AEAD
	now    func() time.Time
	client *http.Client
}

// clockSlack is how old a signed reply may be; older ones may be replays.
const clockSlack = 5 * time.Minute

// NewWeChat makes the client; bad keys are named. client may be nil.
func NewWeChat(conf WeChatConfig, now func() time.Time, client *http.Client) (*WeChat, error) {
	w := &WeChat{conf: conf, now: now, client: client}
	if w.client == nil {
		w.client = &http.Client{Timeout: 15 * time.Second}
	}
	key, err := x509.ParsePKCS8PrivateKey(der(conf.Key))
	if err != nil {
		return nil, fault.New(fault.Invalid, "微信支付的商户私钥读不出来：%v", err)
	}
	var ok bool
	if w.key, ok = key.(*rsa.PrivateKey); !ok {
		return nil, fault.New(fault.Invalid, "微信支付的商户私钥要是 RSA 密钥。")
	}
	if w.plat, err = publicKey(conf.Platform); err != nil {
		return nil, fault.New(fault.Invalid, "微信支付的平台公钥读不出来：%v", err)
	}
	if len(conf.APIKey) != 32 {
		return nil, fault.New(fault.Invalid, "微信支付的 APIv3 密钥要是 32 个字符，现在是 %d 个。", len(conf.APIKey))
	}
	block, err := aes.NewCipher([]byte(conf.APIKey))
	if err != nil {
		return nil, err
	}
	w.aead, err = cipher.NewGCM(block)
	return w, err
}

func der(text string) []byte {
	b, _ := pem.Decode([]byte(text))
	if b == nil {
		return nil
	}
	return b.Bytes
}

func publicKey(text string) (*rsa.PublicKey, error) {
	raw := der(text)
	if cert, err := x509.ParseCertificate(raw); err == nil {
		if k, ok := cert.PublicKey.(*rsa.PublicKey); ok {
			return k, nil
		}
	}
	k, err := x509.ParsePKIXPublicKey(raw)
	if err != nil {
		return nil, err
	}
	if r, ok := k.(*rsa.PublicKey); ok {
		return r, nil
	}
	return nil, errors.New("not an RSA key")
}

// Name is the channel's name on the charge.
func (w *WeChat) Name() string { return "wechat" }

type amount struct {
	Total    money.Fen `json:"total"`
	Refund   money.Fen `json:"refund,omitempty"`
	Currency string    `json:"currency"`
}

// Code opens a Native order and returns its code_url.
func (w *WeChat) Code(ctx context.Context, order string, fen money.Fen, what string) (string, error) {
	in := map[string]any{"appid": w.conf.AppID, "mchid": w.conf.Merchant, "description": what, "out_trade_no": order,
		"notify_url": w.conf.NotifyURL, "amount": amount{Total: fen, Currency: "CNY"}}
	var out struct {
		CodeURL string `json:"code_url"`
	}
	if err := w.call(ctx, "POST", "/v3/pay/transactions/native", in, &out); err != nil {
		return "", err
	}
	if out.CodeURL == "" {
		return "", fault.New(fault.Busy, "微信支付没有给出付款码，请稍后再试。")
	}
	return out.CodeURL, nil
}

// Trade is what the channel says about an order.
type Trade struct {
	Order  string `json:"out_trade_no"`
	ID     string `json:"transaction_id"`
	State  string `json:"trade_state"`
	MchID  string `json:"mchid"`
	AppID  string `json:"appid"`
	Amount amount `json:"amount"`
}

// Fen is the amount of the order.
func (t Trade) Fen() money.Fen { return t.Amount.Total }

// Paid asks for the state of an order. An order paid with another amount is an error.
func (w *WeChat) Paid(ctx context.Context, order string, fen money.Fen) (bool, string, error) {
	var t Trade
	path := "/v3/pay/transactions/out-trade-no/" + url.PathEscape(order) + "?mchid=" + url.QueryEscape(w.conf.Merchant)
	if err := w.call(ctx, "GET", path, nil, &t); err != nil {
		return false, "", err
	}
	if t.State != "SUCCESS" {
		return false, "", nil
	}
	if t.Order != order || t.Amount.Total != fen {
		return false, "", fault.New(fault.Internal, "微信支付的订单 %s 金额对不上。", order)
	}
	return true, t.ID, nil
}

// Refund gives an order back in full. The refund is named after the order, so
// that a second request is the same refund.
func (w *WeChat) Refund(ctx context.Context, order, trade string, fen money.Fen, why string) (bool, error) {
	in := map[string]any{"transaction_id": trade, "out_refund_no": order + "-b", "reason": why,
		"amount": amount{Total: fen, Refund: fen, Currency: "CNY"}}
	var out struct {
		Status string `json:"status"`
	}
	if err := w.call(ctx, "POST", "/v3/refund/domestic/refunds", in, &out); err != nil {
		return false, err
	}
	switch out.Status {
	case "SUCCESS":
		return true, nil
	case "PROCESSING":
		return false, nil
	}
	return false, fault.New(fault.Internal, "微信支付退款没有办成，状态是 %s。", out.Status)
}

// call sends one signed request and proves the reply.
func (w *WeChat) call(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, w.conf.Base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	auth, err := w.authorise(method, req.URL.RequestURI(), body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", auth)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "yinling")
	res, err := w.client.Do(req)
	if err != nil {
		return &fault.Error{Kind: fault.Busy, Say: "连不上微信支付，请稍后再试。", Err: err}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return &fault.Error{Kind: fault.Busy, Say: "微信支付的答复没有收全，请稍后再试。", Err: err}
	}
	if res.StatusCode/100 != 2 {
		// Refusals may come unsigned (a wrong signature of ours cannot be answered
		// otherwise); nothing in them is believed but that it did not work.
		var e struct{ Code, Message string }
		json.Unmarshal(text, &e)
		return &fault.Error{Kind: fault.Busy, Say: "微信支付没有办成，请稍后再试。", Err: fmt.Errorf("wechat: %d %s %s", res.StatusCode, e.Code, e.Message)}
	}
	if err := w.prove(res.Header, text); err != nil {
		return err
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, out)
}

// authorise signs method, address, time, nonce and body, each on its own line.
func (w *WeChat) authorise(method, uri string, body []byte) (string, error) {
	var b [16]byte
	rand.Read(b[:])
	nonce, ts := hex.EncodeToString(b[:]), strconv.FormatInt(w.now().Unix(), 10)
	sum := sha256.Sum256([]byte(method + "\n" + uri + "\n" + ts + "\n" + nonce + "\n" + string(body) + "\n"))
	sig, err := rsa.SignPKCS1v15(rand.Reader, w.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`WECHATPAY2-SHA256-RSA2048 mchid="%s",nonce_str="%s",signature="%s",timestamp="%s",serial_no="%s"`,
		w.conf.Merchant, nonce, base64.StdEncoding.EncodeToString(sig), ts, w.conf.Serial), nil
}

// prove checks the platform's signature over time, nonce and body.
func (w *WeChat) prove(h http.Header, body []byte) error {
	bad := func(why string) error {
		return &fault.Error{Kind: fault.Forbidden, Say: "微信支付的消息没有通过验签，没有采用。", Err: errors.New("wechat: " + why)}
	}
	ts, nonce := h.Get("Wechatpay-Timestamp"), h.Get("Wechatpay-Nonce")
	at, err := strconv.ParseInt(ts, 10, 64)
	if err != nil {
		return bad("no timestamp")
	}
	if age := w.now().Sub(time.Unix(at, 0)); age > clockSlack || age < -clockSlack {
		return bad("timestamp is off by " + age.String())
	}
	if h.Get("Wechatpay-Serial") != w.conf.PlatID {
		return bad("signed by another key")
	}
	sig, err := base64.StdEncoding.DecodeString(h.Get("Wechatpay-Signature"))
	if err != nil {
		return bad("signature is not base64")
	}
	sum := sha256.Sum256([]byte(ts + "\n" + nonce + "\n" + string(body) + "\n"))
	if rsa.VerifyPKCS1v15(w.plat, crypto.SHA256, sum[:], sig) != nil {
		return bad("wrong signature")
	}
	return nil
}

// Notice reads the channel's message about a paid order: proves it, decrypts
// it and checks that it is for us. ok is false for messages of another kind,
// which are to be answered with success and left alone.
func (w *WeChat) Notice(r *http.Request) (t Trade, ok bool, err error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return t, false, err
	}
	if err := w.prove(r.Header, body); err != nil {
		return t, false, err
	}
	var msg struct {
		EventType string `json:"event_type"`
		Resource  struct {
			Algorithm  string `json:"algorithm"`
			Ciphertext string `json:"ciphertext"`
			Nonce      string `json:"nonce"`
			Data       string `json:"associated_data"`
		} `json:"resource"`
	}
	if err := json.Unmarshal(body, &msg); err != nil {
		return t, false, fault.New(fault.Invalid, "微信支付的消息读不懂。")
	}
	if msg.EventType != "TRANSACTION.SUCCESS" {
		return t, false, nil
	}
	text, err := base64.StdEncoding.DecodeString(msg.Resource.Ciphertext)
	if err != nil || msg.Resource.Algorithm != "AEAD_AES_256_GCM" || len(msg.Resource.Nonce) != w.aead.NonceSize() {
		return t, false, fault.New(fault.Invalid, "微信支付的消息读不懂。")
	}
	plain, err := w.aead.Open(nil, []byte(msg.Resource.Nonce), text, []byte(msg.Resource.Data))
	if err != nil {
		return t, false, &fault.Error{Kind: fault.Forbidden, Say: "微信支付的消息解不开，没有采用。", Err: err}
	}
	if err := json.Unmarshal(plain, &t); err != nil {
		return t, false, fault.New(fault.Invalid, "微信支付的消息读不懂。")
	}
	if t.MchID != w.conf.Merchant || t.AppID != w.conf.AppID || strings.TrimSpace(t.Order) == "" {
		return t, false, fault.New(fault.Forbidden, "微信支付的消息不是给本商户的。")
	}
	return t, t.State == "SUCCESS", nil
}
