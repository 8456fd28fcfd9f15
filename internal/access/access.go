package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"github.com/pquerna/otp/totp"
	"golang.org/x/crypto/argon2"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/sms"
)

// The limits of a session and of guessing. They follow GB/T 22239 8.1.4.1 b)
// (limit failures, leave idle sessions) and are the same for everyone.
const (
	idle        = 30 * time.Minute
	absolute    = 12 * time.Hour
	maxFailures = 5
	lockFor     = 15 * time.Minute
	codeValid   = 10 * time.Minute
)

// Sealer encrypts a field and makes a searchable index of it; seal.Keys is one.
type Sealer interface {
	Seal(region, field, plain string) string
	Open(region, field, sealed string) (string, error)
	Index(region, field, plain string) string
}

// Account is a login.
type Account struct {
	Region, ID, Login, Name string
	Role                    Role
	Institution             string
	Person                  string // the person (citizens) or the staff id (care workers, assessors, experts)
	Status                  string
	password, totp          string
	failed, lockedUntil     int64
}

// Session is a logged-in browser.
type Session struct {
	Account Account
	CSRF    string // the form token
	Behalf  string // the person for whom the holder acts now
	Helper  string // the relative whose code opened the session; "" for one's own login
	cookie  string
}

// Actor is the session's holder as the audit log and the services see them.
func (s Session) Actor(terminal string) audit.Actor {
	a := s.Account
	who := audit.Actor{ID: a.ID, Name: a.Name, Role: a.Role.ID, Region: a.Region, Institution: a.Institution,
		Person: a.Person, Behalf: s.Behalf, Terminal: terminal}
	if s.Helper != "" {
		who.Terminal += "（家人帮着登录）"
	}
	return who
}

// Service keeps accounts and sessions.
type Service struct {
	Log  *audit.Log
	Keys Sealer
	SMS  sms.Gateway

	// Bind ties a new account to what it stands for (institution, member of staff,
	// insured person) in the transaction that makes it; nil: nothing to tie.
	Bind func(tx *db.Tx, a Account) error

	passes  *Guard        // against guessing of one-time codes
	hashing chan struct{} // bounds the memory that password hashes take at once
}

// New makes the service.
func New(l *audit.Log, keys Sealer, gate sms.Gateway) *Service {
	return &Service{Log: l, Keys: keys, SMS: gate, passes: NewGuard(1, 60), hashing: make(chan struct{}, 4)}
}

// NewAccount is what Create needs. A citizen has a phone and no password.
type NewAccount struct {
	Region, Login, Name, Role, Institution, Person string
	Password                                       string
	TOTP                                           string // base32 secret; empty for roles without one
}

// Create makes an account. Refuses a role that does not exist, a login that is
// taken, and a staff password of fewer than 10 characters.
func (s *Service) Create(ctx context.Context, who audit.Actor, in NewAccount) (string, error) {
	r := RoleOf(in.Role)
	if r.ID == "" {
		return "", fault.Field("role", "没有“%s”这个岗位", in.Role)
	}
	row := Account{Region: in.Region, Login: in.Login, Name: in.Name, Role: r, Institution: in.Institution, Person: in.Person, Status: "active"}
	if r.ID == "citizen" {
		row.Login = s.Keys.Index(in.Region, "phone", in.Login)
	} else {
		if len([]rune(in.Password)) < 10 {
			return "", fault.Field("password", "密码至少 10 位，这个有 %d 位", len([]rune(in.Password)))
		}
		row.password = s.hash(in.Password)
		if r.TOTP && in.TOTP == "" {
			return "", fault.Field("totp", "%s要绑定动态口令", r.Name)
		}
		row.totp = s.Keys.Seal(in.Region, "totp", in.TOTP)
	}
	return audit.Do(ctx, s.Log, who, audit.Act{Region: in.Region, Verb: "access.create", Object: in.Role}, func(tx *db.Tx) (string, error) {
		row.ID = tx.NewID()
		n, err := insertAccount(tx, row)
		if err == nil && n == 0 {
			err = fault.Field("login", "登录名已经有人用了，请换一个")
		}
		if err == nil && s.Bind != nil {
			err = s.Bind(tx, row)
		}
		return row.ID, err
	})
}

// Login checks password and time-based code and opens a session; the string is
// the cookie. The answer to a wrong login, password or code is one and the same.
func (s *Service) Login(ctx context.Context, region, login, password, code, terminal string) (string, Account, error) {
	wrong := fault.New(fault.Forbidden, "登录名、密码或动态口令不对。连续错 %d 次会锁定 15 分钟。", maxFailures)
	var a Account
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) { a, err = accountByLogin(tx, region, login); return err })
	if errors.Is(err, db.ErrNone) {
		s.verify(dummy, password) // the same work for a login that does not exist
		return "", Account{}, wrong
	}
	if err != nil {
		return "", Account{}, err
	}
	now := s.Log.DB.Now()
	if a.lockedUntil > now.UnixMilli() {
		return "", Account{}, fault.New(fault.Forbidden, "这个账号错的次数太多，%s 以后再试。忘了密码请找本单位的管理员。",
			time.UnixMilli(a.lockedUntil).In(time.FixedZone("", 8*3600)).Format("15:04"))
	}
	ok := a.password != "" && s.verify(a.password, password) && a.Status == "active"
	if ok && a.Role.TOTP {
		secret, err := s.Keys.Open(region, "totp", a.totp)
		if err != nil {
			return "", Account{}, err
		}
		ok = validTOTP(secret, code, now)
	}
	who := audit.Actor{ID: a.ID, Name: a.Name, Role: a.Role.ID, Region: region, Terminal: terminal}
	if !ok {
		failed, until := a.failed+1, int64(0)
		if failed >= maxFailures {
			failed, until = 0, now.Add(lockFor).UnixMilli()
		}
		err := audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "access.login_failed", Object: a.ID}, func(tx *db.Tx) error {
			return setFailures(tx, region, a.ID, failed, until)
		})
		if err != nil {
			return "", Account{}, err
		}
		return "", Account{}, wrong
	}
	cookie, err := s.open(ctx, who, a, "")
	return cookie, a, err
}

func validTOTP(secret, code string, now time.Time) bool {
	code = strings.ReplaceAll(code, " ", "")
	for _, at := range []time.Time{now, now.Add(-30 * time.Second), now.Add(30 * time.Second)} {
		want, err := totp.GenerateCode(secret, at)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return true
		}
	}
	return false
}

// TOTPNow is the code of an account at this moment; only the demonstration,
// which prints its logins, asks for it.
func (s *Service) TOTPNow(ctx context.Context, region, login string) (string, error) {
	var a Account
	if err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) { a, err = accountByLogin(tx, region, login); return err }); err != nil {
		return "", err
	}
	secret, err := s.Keys.Open(region, "totp", a.totp)
	if err != nil {
		return "", err
	}
	return totp.GenerateCode(secret, s.Log.DB.Now())
}

func (s *Service) open(ctx context.Context, who audit.Actor, a Account, helper string) (cookie string, err error) {
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: a.Region, Verb: "access.login", Object: a.ID}, func(tx *db.Tx) error {
		cookie, err = session(tx, a, helper)
		return err
	})
	return cookie, err
}

// session opens a session within a transaction; the string is the cookie.
func session(tx *db.Tx, a Account, helper string) (string, error) {
	token, csrf := randomText(), randomText()
	if err := setFailures(tx, a.Region, a.ID, 0, 0); err != nil {
		return "", err
	}
	if err := sweepSessions(tx, a.Region, tx.Now().Add(-absolute).UnixMilli()); err != nil {
		return "", err
	}
	return a.Region + "." + token, insertSession(tx, a.Region, tokenHash(token), a.ID, csrf, helper)
}

// Names reads the names of accounts, for pages that say who did something.
func (s *Service) Names(ctx context.Context, region string, ids ...string) (names map[string]string, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { names, err = accountNames(tx, region, ids); return err })
	return names, err
}

// Find returns the session of a cookie. NotFound: none, idle too long, too old,
// or the account was disabled; a change of account or role counts at once.
func (s *Service) Find(ctx context.Context, cookie string) (Session, error) {
	gone := fault.New(fault.NotFound, "您离开了一会儿，请重新登录。填过的都还在。")
	region, token, ok := strings.Cut(cookie, ".")
	if !ok {
		return Session{}, gone
	}
	var found sessionRow
	var a Account
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if found, err = getSession(tx, region, tokenHash(token)); err != nil {
			return err
		}
		a, err = accountByID(tx, region, found.account)
		return err
	})
	if errors.Is(err, db.ErrNone) {
		return Session{}, gone
	}
	if err != nil {
		return Session{}, err
	}
	now := s.Log.DB.Now()
	limit := idle
	if a.Role.Shift { // a carer at work for an hour must not log in again to check out
		limit = absolute
	}
	if a.Status != "active" || now.Sub(time.UnixMilli(found.seen)) > limit || now.Sub(time.UnixMilli(found.created)) > absolute ||
		time.UnixMilli(found.created).Sub(now) > time.Hour {
		return Session{}, gone
	}
	if now.Sub(time.UnixMilli(found.seen)) > time.Minute { // not every click is worth a write
		if err := s.Log.DB.Write(ctx, func(tx *db.Tx) error { return seeSession(tx, region, tokenHash(token)) }); err != nil {
			return Session{}, err
		}
	}
	return Session{Account: a, CSRF: found.csrf, Behalf: found.behalf, Helper: found.helper, cookie: cookie}, nil
}

// ActFor makes the session act for a person (empty: for oneself again). The
// caller has checked the proxy's scope; it is checked again at every act.
func (s *Service) ActFor(ctx context.Context, ses Session, terminal, person string) error {
	region, token, _ := strings.Cut(ses.cookie, ".")
	who := ses.Actor(terminal)
	who.Behalf = person
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "access.act_for", Object: person}, func(tx *db.Tx) error {
		return setBehalf(tx, region, tokenHash(token), person)
	})
}

// Logout ends the session; one that is over already is no mistake.
func (s *Service) Logout(ctx context.Context, cookie, terminal string) error {
	ses, err := s.Find(ctx, cookie)
	if fault.Is(err, fault.NotFound) {
		return nil // it opens nothing any more; the sweep takes its row away
	}
	if err != nil {
		return err
	}
	region, token, _ := strings.Cut(cookie, ".")
	return audit.Run(ctx, s.Log, ses.Actor(terminal), audit.Act{Region: region, Verb: "access.logout", Object: ses.Account.ID}, func(tx *db.Tx) error {
		return dropSession(tx, region, tokenHash(token))
	})
}

// Disable closes an account and ends its sessions at once. NotFound; Forbidden
// for one's own account, so that a region is not left without its administrator.
func (s *Service) Disable(ctx context.Context, who audit.Actor, region, id string) error {
	if who.ID == id {
		return fault.New(fault.Forbidden, "不能停用自己的账号，请另一位安全管理员来停用。")
	}
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "access.disable", Object: id}, func(tx *db.Tx) error {
		if _, err := known(accountByID(tx, region, id)); err != nil {
			return err
		}
		if err := disableAccount(tx, region, id); err != nil {
			return err
		}
		return dropSessions(tx, region, id)
	})
}

func randomText() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func tokenHash(token string) string {
	h := sm3.Sum([]byte(token))
	return hex.EncodeToString(h[:])
}

// Passwords: argon2id with 19 MiB, 2 passes; salt and hash as text.
const argonMemory, argonTime = 19 * 1024, 2

var dummy = "00000000000000000000000000000000$0000000000000000000000000000000000000000000000000000000000000000"

func (s *Service) hash(password string) string {
	var salt [16]byte
	rand.Read(salt[:])
	return hex.EncodeToString(salt[:]) + "$" + hex.EncodeToString(s.derive(password, salt[:]))
}

func (s *Service) derive(password string, salt []byte) []byte {
	s.hashing <- struct{}{}
	defer func() { <-s.hashing }()
	return argon2.IDKey([]byte(password), salt, argonTime, argonMemory, 1, 32)
}

func (s *Service) verify(stored, password string) bool {
	salt, want, _ := strings.Cut(stored, "$")
	sb, err1 := hex.DecodeString(salt)
	wb, err2 := hex.DecodeString(want)
	return err1 == nil && err2 == nil && subtle.ConstantTimeCompare(s.derive(password, sb), wb) == 1
}
