package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"yinling/internal/access"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/sms"
)

// smsFile is the settings file of a message gateway; the secret is a file
// beside it.
type smsFile struct {
	URL    string `json:"url"`
	Key    string `json:"key"`
	Secret string `json:"secret_file"`
	Sign   string `json:"sign"`
}

// openSMS makes the gateway of the settings file; without one messages go to
// the log, which is for demonstrations only.
func (a *App) openSMS() error {
	if a.Config.SMS == "" {
		a.lastSMS = &smsLog{log: slog.Default(), sign: a.Config.Agency}
		a.sms = a.lastSMS
		if !a.Config.Demo && a.Config.Addr != "" {
			slog.Warn("没有配短信网关（--sms），验证码只写在日志里，群众收不到")
		}
		return nil
	}
	var f smsFile
	if err := readSettings(a.Config.SMS, "短信网关", &f); err != nil {
		return err
	}
	secret, err := readBeside(a.Config.SMS, f.Secret, "短信网关")
	if err != nil {
		return err
	}
	a.sms, err = sms.Open(sms.HTTP{URL: f.URL, Key: f.Key, Secret: []byte(secret), Sender: f.Sign, Now: a.DB.Now})
	return err
}

// readSettings reads a JSON file of settings; a name that nobody knows is a
// typing mistake.
func readSettings(path, what string, out any) error {
	f, err := os.Open(path)
	if err != nil {
		return fault.New(fault.Invalid, "%s的设置读不出来：%v", what, err)
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(out); err != nil {
		return fault.New(fault.Invalid, "%s的设置 %s 写错了：%v", what, path, err)
	}
	return nil
}

// readBeside reads a file that a settings file names, without the line's end.
func readBeside(settings, name, what string) (string, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(settings), name)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return "", fault.New(fault.Invalid, "%s的文件 %s 读不出来：%v", what, name, err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// smsLog is the message gateway of a demonstration: it writes to the log, and
// keeps the last text per phone for the demonstration's login page.
type smsLog struct {
	log  *slog.Logger
	sign string
	mute atomic.Bool

	mu   sync.Mutex
	text map[string]string
}

// Send keeps and logs a message.
func (s *smsLog) Send(_ context.Context, m sms.Message) error {
	text, to := sms.Sign(s.sign, m.Text), "sms"
	if m.Voice {
		text, to = "（电话里念）您的登录验证码是 "+m.Code, "voice"
	}
	s.mu.Lock()
	if s.text == nil || len(s.text) > 1000 {
		s.text = map[string]string{}
	}
	s.text[m.Phone] = text
	s.mu.Unlock()
	if !s.mute.Load() {
		s.log.Info(to, "to", person.MaskPhone(m.Phone), "text", text)
	}
	return nil
}

// to is the last message to a phone.
func (s *smsLog) to(phone string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text[phone]
}

// Mute stops messages from being written to the log; the loader of the
// demonstration works through months in seconds.
func (a *App) Mute(on bool) {
	if a.lastSMS != nil {
		a.lastSMS.mute.Store(on)
	}
}

// textHelped tells the person that a relative has logged a phone in for them.
var textHelped = sms.New("access.helped", "家人帮着登录", "{who}刚帮{name}在一部手机上登录了医保。不是您同意的请打12393。")

func (a *App) tellHelped(ctx context.Context, region, id string, x access.Helped) error {
	return a.tell(ctx, region, x.Person, id, func(p person.Person) string { return textHelped.Say(x.Helper, p.Name) })
}
