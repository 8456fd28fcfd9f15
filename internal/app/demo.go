package app

import (
	"context"
	"sync"

	"yinling/internal/web/portal"
)

// Login is one invented account of the demonstration.
type Login struct {
	Login, Name, Role, Say string
	Citizen                bool
}

// DemoPassword is the password of every invented staff account. It is shown on
// the login page of a demonstration, together with the code of the moment.
const DemoPassword = "ginkgo-2026"

func (a *App) demoLogins() *portal.Demo {
	if !a.Config.Demo {
		return nil
	}
	d := &portal.Demo{Password: DemoPassword, SMS: a.sms.to,
		TOTP: func(ctx context.Context, login string) (string, error) {
			return a.Access.TOTPNow(ctx, a.Config.Region, login)
		}}
	for _, l := range a.Logins {
		d.Accounts = append(d.Accounts, portal.DemoAccount(l))
	}
	return d
}

// lastSMS remembers the last text per phone, for the login page of a demonstration.
type lastSMS struct {
	mu   sync.Mutex
	text map[string]string
}

func (l *lastSMS) keep(phone, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text == nil || len(l.text) > 1000 {
		l.text = map[string]string{}
	}
	l.text[phone] = text
}

func (l *lastSMS) to(phone string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text[phone]
}
