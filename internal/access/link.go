package access

import (
	"context"
	"errors"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Outside is who another login service (微信, 国家医保电子凭证) says has logged in.
type Outside struct {
	Provider, Subject string
	Phone             string // verified by the service; "" when it says none
	Person, Name      string // the insured person with the identity number that the service gave; "" for none
}

// LoginOutside opens the session of the account that is bound to a subject. A
// new subject is bound by the identity number or the verified phone, never by a
// name. NotFound: nothing tells whose it is; the person proves a phone by code
// and Link binds it.
func (s *Service) LoginOutside(ctx context.Context, region string, o Outside, terminal string) (cookie string, a Account, err error) {
	subject := s.Keys.Index(region, "oidc."+o.Provider, o.Subject)
	bound := true
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		a, err = linkedAccount(tx, region, o.Provider, subject)
		if !errors.Is(err, db.ErrNone) {
			return err
		}
		bound = false
		if o.Person != "" {
			a, err = accountByPerson(tx, region, o.Person)
		} else if o.Phone != "" {
			a, err = accountByLogin(tx, region, s.Keys.Index(region, "phone", o.Phone))
		}
		if errors.Is(err, db.ErrNone) && o.Person != "" {
			return nil // made below
		}
		return err
	})
	if errors.Is(err, db.ErrNone) {
		return "", a, fault.New(fault.NotFound, "第一次用这个方式登录，先用手机号认一认您，以后就不用了。")
	}
	if err != nil {
		return "", a, err
	}
	if a.ID != "" && (a.Status != "active" || a.Role.ID != "citizen") {
		return "", a, fault.New(fault.Forbidden, "这个账号停用了。请带身份证到窗口，或打 12393。")
	}
	who := audit.Actor{ID: a.ID, Name: a.Name, Role: "citizen", Region: region, Person: a.Person, Terminal: terminal}
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "access.login", Object: orPerson(a.ID, o.Person), Detail: map[string]string{"by": o.Provider}}, func(tx *db.Tx) error {
		if a.ID == "" {
			if a, err = s.accountFor(tx, region, o.Person, o.Name); err != nil {
				return err
			}
		}
		if !bound {
			if err := insertLink(tx, region, o.Provider, subject, a.ID); err != nil {
				return err
			}
		}
		cookie, err = session(tx, a, "")
		return err
	})
	return cookie, a, err
}

func orPerson(id, person string) string {
	if id == "" {
		return person
	}
	return id
}

// Link binds a subject to an account whose holder has just proved their phone.
func (s *Service) Link(ctx context.Context, a Account, o Outside, terminal string) error {
	who := audit.Actor{ID: a.ID, Name: a.Name, Role: a.Role.ID, Region: a.Region, Person: a.Person, Terminal: terminal}
	return audit.Run(ctx, s.Log, who, audit.Act{Region: a.Region, Verb: "access.link", Object: a.ID, Detail: map[string]string{"by": o.Provider}}, func(tx *db.Tx) error {
		return insertLink(tx, a.Region, o.Provider, s.Keys.Index(a.Region, "oidc."+o.Provider, o.Subject), a.ID)
	})
}
