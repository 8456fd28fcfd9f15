package access

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/job"
)

// The kinds of one-time passes (一次性登录码): a relative shows one on their
// phone, a clerk hands one over on paper.
const (
	PassFamily = "family"
	PassWindow = "window"
)

// How long they live. Six digits must be gone before they can be guessed; a
// slip of paper has a long code and must survive the way home.
const (
	familyValid = 5 * time.Minute
	windowValid = 7 * 24 * time.Hour
)

// Pass lets one phone log in once as a person.
type Pass struct {
	Kind         string
	Person, Name string // who logs in
	Maker        string // the account that made it
	Helper       string // person id of the relative who shows it; "" at the window
	HelperName   string // who shows it, for the elder to recognise
	Expires      int64  // milliseconds
}

// Helped is enqueued when a phone has been logged in by a relative's pass; app
// tells the person.
type Helped struct {
	Person string `json:"person"`
	Name   string `json:"name"`
	Helper string `json:"helper"`
	At     int64  `json:"at"` // makes two logins two
}

// Kind names the job.
func (Helped) Kind() string { return "access.helped" }

// Letters that nobody mixes up when reading them off paper.
const paperLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

func passCode(kind string) string {
	set, n := "0123456789", 6
	if kind == PassWindow {
		set, n = paperLetters, 10
	}
	var b strings.Builder
	for range n {
		i, err := rand.Int(rand.Reader, big.NewInt(int64(len(set))))
		if err != nil {
			panic(err)
		}
		b.WriteByte(set[i.Int64()])
	}
	return b.String()
}

// CleanPass takes a code as people type it.
func CleanPass(s string) string {
	return strings.NewReplacer(" ", "", "-", "", "－", "", "　", "").Replace(strings.ToUpper(s))
}

// MakePass makes a code for p.Person: six digits for five minutes from a
// relative, ten letters for a week from the window. The caller has checked that
// the maker may: a relative may pay for the person, so that the code gives them
// no right they lack; a clerk has seen the identity card.
func (s *Service) MakePass(ctx context.Context, who audit.Actor, region string, p Pass) (code string, until time.Time, err error) {
	valid := familyValid
	if p.Kind == PassWindow {
		valid = windowValid
	}
	p.Maker = who.ID
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "access.pass", Object: p.Person, Detail: map[string]string{"kind": p.Kind}}, func(tx *db.Tx) error {
		until = tx.Now().Add(valid)
		p.Expires = until.UnixMilli()
		if err := sweepPasses(tx, region, p.Kind, p.Person); err != nil { // the newest counts, the old ones do not
			return err
		}
		for range 20 {
			code = passCode(p.Kind)
			if n, err := insertPass(tx, region, tokenHash(code), p); err != nil || n > 0 {
				return err
			}
		}
		return fmt.Errorf("access: no free code")
	})
	return code, until, err
}

var errPass = fault.Field("code", "这个码不对，或者过了时间。家人的码 5 分钟内有效，用过一次就没有用了，请家人再出一个。")

// SeePass reads what a code is for, so that the person can say that it is them.
// Invalid: wrong or too late. Conflict: too many tries from the terminal.
func (s *Service) SeePass(ctx context.Context, region, code, terminal string) (p Pass, err error) {
	if err := s.passes.Try(terminal, s.Log.DB.Now()); err != nil {
		return p, err
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { p, err = passOf(tx, region, tokenHash(CleanPass(code))); return err })
	if errors.Is(err, db.ErrNone) {
		err = errPass
	}
	return p, err
}

// UsePass opens a session by a code and uses it up. A person who never had an
// account gets one. A phone that a relative has logged in lives as long as the
// relative may act, cannot authorise anybody, and the person is told.
func (s *Service) UsePass(ctx context.Context, region, code, terminal string) (cookie string, a Account, err error) {
	if err := s.passes.Try(terminal, s.Log.DB.Now()); err != nil {
		return "", a, err
	}
	p, err := Pass{}, error(nil)
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { p, err = passOf(tx, region, tokenHash(CleanPass(code))); return err })
	if errors.Is(err, db.ErrNone) {
		return "", a, errPass
	}
	if err != nil {
		return "", a, err
	}
	who := audit.Actor{ID: "pass", Name: p.Name, Role: "citizen", Region: region, Person: p.Person, Terminal: terminal}
	act := audit.Act{Region: region, Verb: "access.login_pass", Object: p.Person, Detail: map[string]string{"kind": p.Kind, "maker": p.Maker}}
	err = audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		n, err := dropPass(tx, region, tokenHash(CleanPass(code)))
		if err == nil && n == 0 {
			err = errPass
		}
		if err != nil {
			return err
		}
		if a, err = s.accountFor(tx, region, p.Person, p.Name); err != nil {
			return err
		}
		if p.Helper != "" {
			if err := job.Put(tx, region, fmt.Sprint(p.Person, tx.Millis()), time.Time{}, Helped{p.Person, p.Name, p.HelperName, tx.Millis()}); err != nil {
				return err
			}
		}
		cookie, err = session(tx, a, p.Helper)
		return err
	})
	return cookie, a, err
}

// accountFor is a citizen's account, made when there is none.
func (s *Service) accountFor(tx *db.Tx, region, person, name string) (Account, error) {
	a, err := accountByPerson(tx, region, person)
	if err == nil && a.Status != "active" {
		return a, fault.New(fault.Forbidden, "这个账号停用了。请带身份证到窗口，或打 12393。")
	}
	if !errors.Is(err, db.ErrNone) {
		return a, err
	}
	a = Account{Region: region, ID: tx.NewID(), Login: s.Keys.Index(region, "person", person), Name: name, Role: RoleOf("citizen"), Person: person, Status: "active"}
	_, err = insertAccount(tx, a)
	return a, err
}
