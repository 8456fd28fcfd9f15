package app

import (
	"context"

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
	if !a.Config.Demo || a.lastSMS == nil {
		return nil
	}
	d := &portal.Demo{Password: DemoPassword, SMS: a.lastSMS.to,
		TOTP: func(ctx context.Context, login string) (string, error) {
			return a.Access.TOTPNow(ctx, a.Config.Region, login)
		}}
	for _, l := range a.Logins {
		d.Accounts = append(d.Accounts, portal.DemoAccount(l))
	}
	return d
}
