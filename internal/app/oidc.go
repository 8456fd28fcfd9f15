package app

import (
	"context"

	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/oidc"
	"yinling/internal/web/portal"
)

// oidcFile is the settings file of outside logins.
type oidcFile struct {
	Providers []struct {
		oidc.Settings
		SecretFile string `json:"secret_file"`
	} `json:"providers"`
}

// openOIDC makes the providers of the settings file.
func (a *App) openOIDC() error {
	if a.Config.OIDC == "" {
		return nil
	}
	var f oidcFile
	if err := readSettings(a.Config.OIDC, "外部登录", &f); err != nil {
		return err
	}
	for _, s := range f.Providers {
		if s.SecretFile != "" {
			secret, err := readBeside(a.Config.OIDC, s.SecretFile, s.Name)
			if err != nil {
				return err
			}
			s.Secret = secret
		}
		s.Redirect = a.Config.Base() + "/login/back/" + s.ID
		p, err := oidc.Open(s.Settings, a.DB.Now)
		if err != nil {
			return err
		}
		a.oidc = append(a.oidc, p)
	}
	return nil
}

// outside are the outside logins as the login page needs them.
func (a *App) outside() portal.Outside {
	return portal.Outside{Providers: a.oidc, Keys: a.Keys, Person: func(ctx context.Context, region, idno string) (id, name string, err error) {
		err = a.DB.Read(ctx, func(tx *db.Tx) error {
			p, err := a.Person.FindByID(tx, region, idno)
			if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
				return nil // not insured here: the phone decides
			}
			id, name = p.ID, p.Name
			return err
		})
		return id, name, err
	}}
}
