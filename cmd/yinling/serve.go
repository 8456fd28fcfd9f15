package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"yinling/internal/app"
	"yinling/internal/demo"
	"yinling/internal/fault"
)

type serveCmd struct {
	place
	Packs    string `env:"YINLING_PACKS" help:"叠加在内置政策包上的目录"`
	Addr     string `env:"YINLING_ADDR" default:"127.0.0.1:8080" help:"监听地址"`
	Site     string `env:"YINLING_SITE" help:"浏览器看到的网址，如 https://yl.example.cn（付款码要用）；默认 http://监听地址"`
	Region   string `env:"YINLING_REGION" default:"320700" help:"登录页所属统筹区"`
	Agency   string `env:"YINLING_AGENCY" default:"医疗保障局" help:"页面和文书上的机构名"`
	WeChat   string `name:"wechat" env:"YINLING_WECHAT" help:"微信支付的设置文件（JSON）；不写就用自己的收银台"`
	Seal     string `env:"YINLING_SEAL" help:"文书印章的图片（PNG 或 SVG）；不写就用数据目录里的 seal.png 或 seal.svg"`
	Chromium string `env:"YINLING_CHROMIUM" help:"出 PDF 的 Chromium 程序；不写就用 /usr/bin/chromium（有的话），off 是不出"`
	SMS      string `name:"sms" env:"YINLING_SMS" help:"短信网关的设置文件（JSON）；不写就只写在日志里"`
	OIDC     string `name:"oidc" env:"YINLING_OIDC" help:"微信、医保电子凭证登录的设置文件（JSON）；不写就没有这些按钮"`
	PeerCA   string `name:"peer-ca" env:"YINLING_PEER_CA" help:"对接的系统可以用的证书（PEM），在操作系统信任的以外"`
	Voice    string `env:"YINLING_VOICE" help:"朗读用的语音合成服务的网址；不写就用本机的 espeak-ng（YINLING_VOICE_TOKEN 是它的口令）"`
	Hear     string `env:"YINLING_HEAR" help:"语音搜索用的语音识别服务的网址；不写就用浏览器自己的（YINLING_HEAR_TOKEN 是它的口令）"`
	Secure   bool   `env:"YINLING_SECURE" help:"只在 https 下发会话 cookie（前面有 TLS 代理时打开）"`
	Dev      bool   `help:"打开组件陈列页 /ui"`
}

func (c serveCmd) Run(e *env) error {
	conf := c.config()
	conf.Addr, conf.Region, conf.Agency, conf.Secure, conf.Dev, conf.Packs, conf.WeChat, conf.Site = c.Addr, c.Region, c.Agency, c.Secure, c.Dev, c.Packs, c.WeChat, c.Site
	conf.SMS, conf.OIDC, conf.Seal, conf.Chromium, conf.PeerCA = c.SMS, c.OIDC, c.Seal, c.Chromium, c.PeerCA
	conf.Speech = app.Speech{Voice: c.Voice, VoiceToken: os.Getenv("YINLING_VOICE_TOKEN"), Hear: c.Hear, HearToken: os.Getenv("YINLING_HEAR_TOKEN")}
	a, err := app.Open(e.ctx, conf)
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Serve(e.ctx, func(addr string) { e.say("银龄已启动：http://%s/", addr) })
}

type demoCmd struct {
	place
	Packs string `help:"叠加在内置政策包上的目录"`
	Scale string `enum:"small,city" default:"small" help:"small 或 city（94.2 万参保人）"`
	Serve bool   `help:"装好后启动服务"`
	Addr  string `default:"127.0.0.1:8080" help:"监听地址"`
	Dev   bool   `help:"打开组件陈列页 /ui"`
}

func (c demoCmd) Run(e *env) error {
	clock := &demo.Clock{}
	conf := c.config()
	conf.Addr, conf.Dev, conf.Demo, conf.Agency, conf.Region, conf.Packs, conf.Now = c.Addr, c.Dev, true, demo.Agency, demo.Region, c.Packs, clock.Now
	a, err := app.Open(e.ctx, conf)
	if err != nil {
		return err
	}
	defer a.Close()
	logins := filepath.Join(c.Data, "demo.json")
	filled, err := a.Populated(e.ctx)
	if err != nil {
		return err
	}
	switch text, err := os.ReadFile(logins); {
	case filled && errors.Is(err, fs.ErrNotExist):
		return fault.Field("db", "这个数据库里已经有人，不是演示库，没有动它。请换一个 --data 或 --db。")
	case filled && err == nil:
		if err := json.Unmarshal(text, &a.Logins); err != nil {
			return err
		}
	case filled:
		return err
	default:
		scale := demo.Small
		if c.Scale == demo.City.Name {
			scale = demo.City
		}
		e.say("正在装演示城市（%s）…", scale.Name)
		if err := c.fill(e.ctx, e, a, clock, scale, logins); err != nil {
			return err
		}
	}
	e.say("\n演示账号（密码都是 %s，动态口令在登录页上；人和机构都是虚构的）：", app.DemoPassword)
	for _, l := range a.Logins {
		e.say("  %-12s %s %s：%s", l.Login, l.Role, l.Name, l.Say)
	}
	if !c.Serve {
		return nil
	}
	return a.Serve(e.ctx, func(addr string) {
		e.say("\n银龄已启动：http://%s/   群众从首页登录，工作人员从 http://%s/login/staff 登录。停止按 Ctrl-C。", addr, addr)
	})
}

func (c demoCmd) fill(ctx context.Context, e *env, a *app.App, clock *demo.Clock, scale demo.Scale, logins string) error {
	if err := demo.Fill(ctx, a, clock, scale, e.say); err != nil {
		return err
	}
	text, err := json.MarshalIndent(a.Logins, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(logins, text, 0o600)
}
