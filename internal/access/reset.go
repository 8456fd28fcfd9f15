package access

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// What an administrator can have set anew.
const (
	ResetPassword = "password"
	ResetTOTP     = "totp"
	ResetBoth     = "both"
)

const (
	resetValid = 24 * time.Hour
	resetTries = 5
)

var errReset = fault.New(fault.Forbidden, "登录名或重设码不对，或者码过了 24 小时、错了 %d 次。请找安全管理员再要一个。", resetTries)

// Reset voids an account's password, second factor or both, ends its sessions,
// and gives a code with which its holder sets them anew at the next login. The
// code is shown to the administrator this once. NotFound; Forbidden for one's
// own account; Conflict for one that is disabled.
func (s *Service) Reset(ctx context.Context, who audit.Actor, region, id, what string) (code string, err error) {
	if who.ID == id {
		return "", fault.New(fault.Forbidden, "不能重设自己的账号，请另一位安全管理员来办。")
	}
	if what != ResetPassword && what != ResetTOTP && what != ResetBoth {
		return "", fault.Field("what", "请选重设什么：密码、动态口令，还是都重设")
	}
	code = passCode(PassWindow)
	return code, audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "access.reset", Object: id, Detail: map[string]string{"what": what}}, func(tx *db.Tx) error {
		a, err := known(accountByID(tx, region, id))
		if err == nil && a.Role.ID == "citizen" {
			_, err = known(a, db.ErrNone)
		}
		if err == nil && a.Status != "active" {
			err = fault.New(fault.Conflict, "%s的账号停用了，不能重设。", a.Name)
		}
		if err != nil {
			return err
		}
		if what != ResetTOTP {
			a.password = ""
		}
		if what != ResetPassword {
			a.totp = ""
		}
		if err := setSecrets(tx, a); err != nil {
			return err
		}
		if err := putReset(tx, region, id, tokenHash(code), what, tx.Now().Add(resetValid).UnixMilli()); err != nil {
			return err
		}
		return dropSessions(tx, region, id)
	})
}

// Renewal is what the holder of a code sets anew.
type Renewal struct {
	What   string
	Secret string // base32 of the new second factor; "" when it stays
	URI    string // the same as a QR code's text
}

// Password and TOTP tell what is set anew.
func (r Renewal) Password() bool { return r.What != ResetTOTP }

// TOTP tells whether the second factor is set anew.
func (r Renewal) TOTP() bool { return r.What != ResetPassword }

// BeginRenewal proves a code and gives what is to be set. The answer to a wrong
// login and a wrong code is one and the same.
func (s *Service) BeginRenewal(ctx context.Context, region, login, code, terminal string) (out Renewal, err error) {
	var wrong error
	err = s.Log.DB.Write(ctx, func(tx *db.Tx) error {
		var a Account
		a, out, wrong, err = s.renewal(tx, region, login, code)
		if err != nil || wrong == nil || a.ID == "" {
			return err // not wrong: the counted try must stay
		}
		who := audit.Actor{ID: a.ID, Name: a.Name, Role: a.Role.ID, Region: region, Terminal: terminal}
		return audit.Append(tx, 0, []audit.Event{audit.NewEvent(who, audit.Act{Region: region, Verb: "access.login_failed", Object: a.ID}, "done")})
	})
	if err == nil {
		err = wrong
	}
	return out, err
}

// renewal finds the reset of a login and proves its code; wrong is the answer
// to the visitor, whose try has been counted.
func (s *Service) renewal(tx *db.Tx, region, login, code string) (a Account, out Renewal, wrong, err error) {
	a, err = accountByLogin(tx, region, login)
	if errors.Is(err, db.ErrNone) || err == nil && (a.Role.ID == "citizen" || a.Status != "active") {
		return a, out, errReset, nil
	}
	if err != nil {
		return a, out, nil, err
	}
	row, err := tryReset(tx, region, a.ID)
	if errors.Is(err, db.ErrNone) {
		return a, out, errReset, nil
	}
	if err != nil {
		return a, out, nil, err
	}
	if row.code != tokenHash(CleanPass(code)) || row.expires < tx.Millis() || row.tries > resetTries {
		return a, out, errReset, nil
	}
	if err := forgetTries(tx, region, a.ID); err != nil { // a right one is no guess
		return a, out, nil, err
	}
	out.What = row.what
	if !out.TOTP() || !a.Role.TOTP {
		return a, out, nil, nil
	}
	key, err := s.newSecret(tx, a, row.totp)
	if err == nil {
		out.Secret, out.URI = key.secret, key.uri
	}
	return a, out, nil, err
}

type secretKey struct{ secret, uri string }

// newSecret is the second factor of a renewal, the same however often the page
// is opened.
func (s *Service) newSecret(tx *db.Tx, a Account, sealed string) (out secretKey, err error) {
	opts := totp.GenerateOpts{Issuer: "yinling-" + a.Region, AccountName: a.Login, Rand: rand.Reader}
	if sealed != "" {
		if out.secret, err = s.Keys.Open(a.Region, "totp", sealed); err != nil {
			return out, err
		}
		if opts.Secret, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(out.secret); err != nil {
			return out, err
		}
	}
	key, err := totp.Generate(opts)
	if err != nil {
		return out, err
	}
	out = secretKey{key.Secret(), key.URL()}
	if sealed == "" {
		err = keepSecret(tx, a.Region, a.ID, s.Keys.Seal(a.Region, "totp", out.secret))
	}
	return out, err
}

// Renewed is what the holder enters.
type Renewed struct {
	Login, Code string
	Password    string // the new one, or the present one when it stays
	TOTP        string // a code of the new device, or of the present one
}

// FinishRenewal sets what the code allows and opens a session. Invalid names the
// field; the code stays good until everything is right.
func (s *Service) FinishRenewal(ctx context.Context, region string, in Renewed, terminal string) (cookie string, a Account, err error) {
	begun, err := s.BeginRenewal(ctx, region, in.Login, in.Code, terminal)
	if err != nil {
		return "", a, err
	}
	if begun.Password() && len([]rune(in.Password)) < 10 {
		return "", a, fault.Field("password", "密码至少 10 位，这个有 %d 位", len([]rune(in.Password)))
	}
	if begun.Password() && strings.EqualFold(in.Password, in.Login) {
		return "", a, fault.Field("password", "密码不能和登录名一样")
	}
	fresh := ""
	if begun.Password() {
		fresh = s.hash(in.Password)
	}
	if err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { a, err = accountByLogin(tx, region, in.Login); return err }); err != nil {
		return "", a, err
	}
	if !begun.Password() && !s.verify(a.password, in.Password) {
		return "", a, fault.Field("password", "密码不对。忘了的话，请安全管理员连密码一起重设。")
	}
	who := audit.Actor{ID: a.ID, Name: a.Name, Role: a.Role.ID, Region: region, Institution: a.Institution, Terminal: terminal}
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "access.renew", Object: a.ID, Detail: map[string]string{"what": begun.What}}, func(tx *db.Tx) error {
		now, r, wrong, err := s.renewal(tx, region, in.Login, in.Code)
		if err == nil {
			err = wrong
		}
		if err != nil {
			return err
		}
		a = now
		secret := r.Secret
		if secret == "" && a.Role.TOTP {
			if secret, err = s.Keys.Open(region, "totp", a.totp); err != nil {
				return err
			}
		}
		if a.Role.TOTP && !validTOTP(secret, in.TOTP, tx.Now()) {
			return fault.Field("totp", "动态口令不对。请填手机上现在的 6 位数；一直不对的，请看看手机的时间准不准。")
		}
		if r.Password() {
			a.password = fresh
		}
		if r.Secret != "" {
			a.totp = s.Keys.Seal(region, "totp", r.Secret)
		}
		if err := setSecrets(tx, a); err != nil {
			return err
		}
		if err := dropReset(tx, region, a.ID); err != nil {
			return err
		}
		cookie, err = session(tx, a, "")
		return err
	})
	return cookie, a, err
}
