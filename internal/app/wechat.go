package app

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"

	"yinling/internal/audit"
	"yinling/internal/claim"
	"yinling/internal/fault"
	"yinling/internal/pay"
)

// weChatFile is the settings file of a merchant; key and platform name PEM
// files beside it.
type weChatFile struct {
	Base     string `json:"base"`
	AppID    string `json:"app_id"`
	Merchant string `json:"merchant"`
	Serial   string `json:"serial"`
	Key      string `json:"key_file"`
	Platform string `json:"platform_file"`
	PlatID   string `json:"platform_id"`
	APIKey   string `json:"api_key"`
}

// openWeChat makes the WeChat Pay channel of the settings file; without one the
// program's own cashier collects.
func (a *App) openWeChat() error {
	if a.Config.WeChat == "" {
		return nil
	}
	read := func(name string) (string, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(a.Config.WeChat), name)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return "", fault.New(fault.Invalid, "微信支付的文件 %s 读不出来：%v", name, err)
		}
		return string(b), nil
	}
	text, err := os.ReadFile(a.Config.WeChat)
	if err != nil {
		return fault.New(fault.Invalid, "微信支付的设置读不出来：%v", err)
	}
	var f weChatFile
	if err := json.Unmarshal(text, &f); err != nil {
		return fault.New(fault.Invalid, "微信支付的设置 %s 写错了：%v", a.Config.WeChat, err)
	}
	key, err := read(f.Key)
	if err != nil {
		return err
	}
	platform, err := read(f.Platform)
	if err != nil {
		return err
	}
	a.wechat, err = pay.NewWeChat(pay.WeChatConfig{Base: f.Base, AppID: f.AppID, Merchant: f.Merchant, Serial: f.Serial, Key: key,
		Platform: platform, PlatID: f.PlatID, APIKey: f.APIKey, NotifyURL: a.Config.Base() + "/pay/wechat"}, a.DB.Now, nil)
	return err
}

// collector is the channel that new charges go to.
func (a *App) collector() claim.PaymentChannel {
	if a.wechat != nil {
		return a.wechat
	}
	return a.cashier
}

// weChatNotice takes the channel's word that an order is paid: proved,
// decrypted, matched with the amount, recorded once.
func (a *App) weChatNotice(w http.ResponseWriter, r *http.Request) {
	fail := func(status int, say string) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]string{"code": "FAIL", "message": say})
	}
	if a.wechat == nil {
		fail(http.StatusNotFound, "没有开通")
		return
	}
	t, ok, err := a.wechat.Notice(r)
	if err == nil && ok {
		var c claim.Charge
		if c, err = a.Claim.ByOrder(r.Context(), t.Order, t.Fen()); err == nil {
			who := audit.System(c.Region)
			who.Terminal = "wechat"
			_, err = a.Claim.MarkPaid(r.Context(), who, c.Region, c.ID, t.ID)
		}
	}
	if err != nil {
		status := http.StatusInternalServerError
		if k := fault.As(err).Kind; k == fault.Forbidden || k == fault.Invalid || k == fault.NotFound {
			status = http.StatusBadRequest
		}
		fail(status, fault.As(err).Say)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
