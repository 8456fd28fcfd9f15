package access

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"regexp"
	"strings"

	"github.com/pquerna/otp/totp"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// OfInstitution tells whether an account of the role belongs to an institution.
func (r Role) OfInstitution() bool {
	return strings.HasPrefix(r.Home, "/j/") || r.Allows(PointAct) || r.OfStaff()
}

// OfStaff tells whether an account of the role belongs to one registered member
// of an institution's staff: who cares or assesses. A helper is the agency's.
func (r Role) OfStaff() bool { return r.Allows(VisitDo) || r.Allows(AssessRecord) }

// Issued is a new account with what its holder has to be told, once.
type Issued struct {
	ID     string
	Secret string // base32, to type into an authenticator; empty for citizens
	URI    string // the same as a QR code's text
}

var loginForm = regexp.MustCompile(`^[a-z][a-z0-9._-]{2,31}$`)

// Issue makes an account for a real holder: it makes the secret of the time-based
// code and asks for what the role needs to work (institution, person). Errors as
// Create's, and Invalid for each thing that is missing.
func (s *Service) Issue(ctx context.Context, who audit.Actor, in NewAccount) (out Issued, err error) {
	r := RoleOf(in.Role)
	in.Name, in.Login = strings.TrimSpace(in.Name), strings.TrimSpace(in.Login)
	switch {
	case r.ID == "":
		return out, fault.Field("role", "没有“%s”这个岗位", in.Role)
	case in.Name == "":
		return out, fault.Field("name", "请填姓名")
	case r.ID == "citizen":
		if in.Login, err = CleanPhone(in.Login); err != nil {
			return out, fault.Field("login", "群众用手机号登录：%s", fault.As(err).Say)
		}
	case !loginForm.MatchString(in.Login):
		return out, fault.Field("login", "登录名要 3 到 32 位，小写字母开头，可以有小写字母、数字、点、横线和下划线")
	}
	switch {
	case r.OfInstitution() && in.Institution == "":
		return out, fault.Field("institution", "%s的账号要写是哪家机构", r.Name)
	case !r.OfInstitution() && in.Institution != "":
		return out, fault.Field("institution", "%s不属于机构，这一项请空着", r.Name)
	case (r.OfStaff() || r.ID == "citizen") && in.Person == "":
		return out, fault.Field("person", "%s的账号要写是哪个人", r.Name)
	case !r.OfStaff() && r.ID != "citizen" && in.Person != "":
		return out, fault.Field("person", "%s的账号不连人员，这一项请空着", r.Name)
	}
	if r.TOTP {
		key, err := totp.Generate(totp.GenerateOpts{Issuer: "yinling-" + in.Region, AccountName: in.Login, Rand: rand.Reader})
		if err != nil {
			return out, err
		}
		in.TOTP, out.Secret, out.URI = key.Secret(), key.Secret(), key.URL()
	}
	out.ID, err = s.Create(ctx, who, in)
	return out, err
}

// RandomPassword is 20 letters and digits, 100 bits.
func RandomPassword() string {
	var b [13]byte
	rand.Read(b[:])
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))[:20]
}

// List reads the accounts of a region that work in it (citizens are not listed:
// there may be a million), in the order of their logins, after the login after.
func (s *Service) List(ctx context.Context, region, after string, limit int) (list []Account, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { list, err = accountsOf(tx, region, after, limit); return err })
	return list, err
}

// Account reads one account. NotFound.
func (s *Service) Account(ctx context.Context, region, id string) (a Account, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { a, err = known(accountByID(tx, region, id)); return err })
	return a, err
}

// ByLogin reads the account of a login. NotFound.
func (s *Service) ByLogin(ctx context.Context, region, login string) (a Account, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { a, err = known(accountByLogin(tx, region, login)); return err })
	return a, err
}

func known(a Account, err error) (Account, error) {
	if errors.Is(err, db.ErrNone) {
		err = fault.New(fault.NotFound, "没有找到这个账号。")
	}
	return a, err
}
