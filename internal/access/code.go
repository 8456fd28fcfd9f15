package access

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/sms"
)

var phoneForm = regexp.MustCompile(`^1[3-9][0-9]{9}$`)

// CleanPhone takes spaces and dashes as people type them.
func CleanPhone(s string) (string, error) {
	p := strings.NewReplacer(" ", "", "-", "", "－", "", "　", "").Replace(s)
	p = strings.TrimPrefix(p, "+86")
	if !phoneForm.MatchString(p) {
		return "", fault.Field("phone", "手机号是 11 位数字，您填了 %d 位", len([]rune(p)))
	}
	return p, nil
}

// textCode is the login code; nobody but the program ever asks for it.
var textCode = sms.New("access.code", "登录验证码", "登录验证码{code}，10分钟内有效。工作人员不会向您要验证码。不是您在登录，不用理。有事打12393。")

// codesADay bounds the messages to one phone: nobody's phone is to ring all night.
const codesADay = 10

// SendCode sends a login code, valid ten minutes, at most one a minute and ten
// a day; with voice the gateway calls and reads it out. Whether the phone has an
// account is not told. Busy: the gateway does not answer; another code can be
// asked for at once.
func (s *Service) SendCode(ctx context.Context, region, phone string, voice bool) error {
	phone, err := CleanPhone(phone)
	if err != nil {
		return err
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return err
	}
	code := fmt.Sprintf("%06d", n)
	index := s.Keys.Index(region, "phone", phone)
	err = s.Log.DB.Write(ctx, func(tx *db.Tx) error {
		fresh, err := freshCode(tx, region, index, tx.Now().Add(codeValid-time.Minute).UnixMilli())
		if err != nil {
			return err
		}
		if fresh {
			return fault.New(fault.Conflict, "刚刚发过验证码，请一分钟后再要。")
		}
		sent, err := putCode(tx, region, index, tokenHash(code), tx.Now().Add(codeValid).UnixMilli(), tx.Today())
		if err == nil && sent > codesADay {
			err = fault.New(fault.Conflict, "这个手机号今天要了 %d 次验证码，不能再发了。请明天再试，或请家人出一个登录码帮您登录，也可以打 12393。", codesADay)
		}
		return err
	})
	if err != nil {
		return err
	}
	err = s.SMS.Send(ctx, sms.Message{ID: randomText(), Phone: phone, Text: textCode.Say(code), Code: code, Voice: voice})
	if err != nil {
		// The code that nobody got must not make the person wait for the next.
		err = errors.Join(err, s.Log.DB.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return voidCode(tx, region, index) }))
	}
	return err
}

// LoginByCode opens a citizen's session by the code sent to the phone.
func (s *Service) LoginByCode(ctx context.Context, region, phone, code, terminal string) (string, Account, error) {
	phone, err := CleanPhone(phone)
	if err != nil {
		return "", Account{}, err
	}
	index := s.Keys.Index(region, "phone", phone)
	var ok bool
	var a Account
	err = s.Log.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if ok, err = useCode(tx, region, index, tokenHash(strings.TrimSpace(code))); err != nil {
			return err
		}
		a, err = accountByLogin(tx, region, index)
		if errors.Is(err, db.ErrNone) && !ok {
			return nil // whether the phone has an account is not told
		}
		if err == nil && !ok {
			who := audit.Actor{ID: a.ID, Name: a.Name, Role: a.Role.ID, Region: region, Terminal: terminal}
			return audit.Append(tx, 0, []audit.Event{audit.NewEvent(who, audit.Act{Region: region, Verb: "access.login_failed", Object: a.ID}, "done")})
		}
		if errors.Is(err, db.ErrNone) {
			return fault.New(fault.NotFound, "这个手机号还没有登记。请带身份证到窗口登记，或打 12393。")
		}
		return err
	})
	if err != nil {
		return "", Account{}, err
	}
	if !ok || a.Status != "active" {
		return "", Account{}, fault.Field("code", "验证码不对，或者过了 10 分钟。可以重新要一个。")
	}
	who := audit.Actor{ID: a.ID, Name: a.Name, Role: a.Role.ID, Region: region, Terminal: terminal}
	cookie, err := s.open(ctx, who, a, "")
	return cookie, a, err
}

// PersonOf is the insured person whose account logs in by a phone, "" for none.
func (s *Service) PersonOf(ctx context.Context, region, phone string) (id string, err error) {
	if phone, err = CleanPhone(phone); err != nil {
		return "", err
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		a, err := accountByLogin(tx, region, s.Keys.Index(region, "phone", phone))
		if errors.Is(err, db.ErrNone) {
			return nil
		}
		if a.Role.ID == "citizen" {
			id = a.Person
		}
		return err
	})
	return id, err
}
