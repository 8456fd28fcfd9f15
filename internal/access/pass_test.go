package access

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

func count(t *testing.T, d *db.DB, q string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := d.Raw().QueryRow(q, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCodeByVoiceAndItsLimits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, box := service(t, d)
		ctx, phone := context.Background(), "13900000001"
		box.err = fault.New(fault.Busy, "没有回应")
		if err := s.SendCode(ctx, region, phone, false); !fault.Is(err, fault.Busy) {
			t.Fatalf("a gateway that is down: %v", err)
		}
		lost := box.last.Code
		box.err = nil
		if err := s.SendCode(ctx, region, phone, true); err != nil || !box.last.Voice {
			t.Fatalf("by voice at once after a failure: %v", err)
		}
		if _, _, err := s.LoginByCode(ctx, region, phone, lost, "t"); err == nil {
			t.Error("the code that was never sent works")
		}
		if _, _, err := s.LoginByCode(ctx, region, phone, " "+box.last.Code+" ", "t"); err != nil {
			t.Errorf("the code that was read out: %v", err)
		}
		for i := 3; i <= codesADay; i++ {
			c.Add(2 * time.Minute)
			if err := s.SendCode(ctx, region, phone, false); err != nil {
				t.Fatalf("code %d of the day: %v", i, err)
			}
		}
		c.Add(2 * time.Minute)
		if err := s.SendCode(ctx, region, phone, false); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "明天") {
			t.Errorf("one more: %v", err)
		}
		c.Add(24 * time.Hour)
		if err := s.SendCode(ctx, region, phone, false); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
}

func TestPassOfARelative(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, _ := service(t, d)
		ctx := context.Background()
		daughter := audit.Actor{ID: "a1", Name: "女儿", Role: "citizen", Region: region, Person: "p1"}
		pass := Pass{Kind: PassFamily, Person: "p2", Name: "母亲", Helper: "p1", HelperName: "女儿"}
		mk := func() string {
			t.Helper()
			k, until, err := s.MakePass(ctx, daughter, region, pass)
			if err != nil || len(k) != 6 || until.Sub(c.Now()).Round(time.Second) != familyValid {
				t.Fatalf("code %q until %v: %v", k, until, err)
			}
			return k
		}
		old := mk()
		k := mk()
		if _, _, err := s.UsePass(ctx, region, old, "t1"); !fault.Is(err, fault.Invalid) {
			t.Errorf("the code before the last: %v", err)
		}
		p, err := s.SeePass(ctx, region, k[:3]+" "+k[3:], "t1")
		if err != nil || p.Person != "p2" || p.HelperName != "女儿" {
			t.Fatalf("%+v, %v", p, err)
		}
		cookie, a, err := s.UsePass(ctx, region, k, "t1")
		if err != nil || a.Person != "p2" || a.Name != "母亲" {
			t.Fatalf("%+v, %v", a, err)
		}
		ses, err := s.Find(ctx, cookie)
		if err != nil || ses.Helper != "p1" || !strings.Contains(ses.Actor("t1").Terminal, "家人帮着登录") {
			t.Errorf("session %+v, %v", ses, err)
		}
		if _, _, err := s.UsePass(ctx, region, k, "t1"); !fault.Is(err, fault.Invalid) {
			t.Errorf("twice: %v", err)
		}
		k = mk()
		c.Add(familyValid + time.Second)
		if _, _, err := s.UsePass(ctx, region, k, "t1"); !fault.Is(err, fault.Invalid) {
			t.Errorf("too late: %v", err)
		}
		k = mk()
		if _, b, err := s.UsePass(ctx, region, k, "t1"); err != nil || b.ID != a.ID {
			t.Errorf("the second time makes another account: %v", err)
		}
		if n := count(t, d, `SELECT COUNT(*) FROM audit_event WHERE region = $1 AND verb = 'access.login_pass' AND object = 'p2' AND result = 'done'`, region); n != 2 {
			t.Errorf("%d logins recorded, want 2", n)
		}
		if n := count(t, d, `SELECT COUNT(*) FROM job_job WHERE region = $1 AND kind = 'access.helped'`, region); n != 2 {
			t.Errorf("the person is told %d times, want 2", n)
		}
		if n := count(t, d, `SELECT COUNT(*) FROM access_pass WHERE code LIKE $1`, "%"+k+"%"); n != 0 {
			t.Error("the code itself is stored")
		}
		if err := s.Disable(ctx, audit.System(region), region, a.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.UsePass(ctx, region, mk(), "t1"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a disabled account: %v", err)
		}
	})
}

func TestPassOfTheWindow(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, _ := service(t, d)
		ctx := context.Background()
		clerk := audit.Actor{ID: "c1", Name: "经办", Role: "clerk", Region: region}
		k, _, err := s.MakePass(ctx, clerk, region, Pass{Kind: PassWindow, Person: "p1", Name: "女儿", HelperName: "经办"})
		if err != nil || len(k) != 10 {
			t.Fatalf("%q, %v", k, err)
		}
		c.Add(windowValid - time.Minute)
		cookie, a, err := s.UsePass(ctx, region, strings.ToLower(k[:5]+"-"+k[5:]), "t")
		if err != nil || a.Person != "p1" {
			t.Fatalf("%+v, %v", a, err)
		}
		if ses, err := s.Find(ctx, cookie); err != nil || ses.Helper != "" {
			t.Errorf("a session of one's own: %+v, %v", ses, err)
		}
		if n := count(t, d, `SELECT COUNT(*) FROM job_job WHERE region = $1 AND kind = 'access.helped'`, region); n != 0 {
			t.Error("nobody helped, and the person was told so")
		}
	})
}

func TestPassCannotBeGuessed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, _ := service(t, d)
		ctx := context.Background()
		for i := range terminalBurst {
			if _, _, err := s.UsePass(ctx, region, "000000", "t"); !fault.Is(err, fault.Invalid) {
				t.Fatalf("try %d: %v", i, err)
			}
		}
		if _, err := s.SeePass(ctx, region, "000000", "t"); !fault.Is(err, fault.Conflict) {
			t.Errorf("one more: %v", err)
		}
		if _, err := s.SeePass(ctx, region, "000000", "another"); !fault.Is(err, fault.Invalid) {
			t.Errorf("another terminal: %v", err)
		}
		stopped := 0
		for i := range 100 {
			if _, err := s.SeePass(ctx, region, "000000", fmt.Sprint("robot", i)); fault.Is(err, fault.Conflict) {
				stopped++
			}
		}
		if stopped < 40 {
			t.Errorf("many terminals: only %d of 100 stopped", stopped)
		}
		c.Add(time.Minute)
		if _, err := s.SeePass(ctx, region, "000000", "t"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a minute later: %v", err)
		}
	})
}

func TestOutsideLoginIsBoundByNumberNeverByName(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, _ := service(t, d)
		ctx := context.Background()
		in := func(o Outside) (Account, error) {
			_, a, err := s.LoginOutside(ctx, region, o, "t")
			return a, err
		}
		if _, err := in(Outside{Provider: "wechat", Subject: "w1", Name: "女儿"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a name binds: %v", err)
		}
		if _, err := in(Outside{Provider: "wechat", Subject: "w1", Phone: "13900000009"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a phone without an account: %v", err)
		}
		if a, err := in(Outside{Provider: "wechat", Subject: "w1", Phone: "13900000001"}); err != nil || a.Person != "p1" {
			t.Errorf("by phone: %+v, %v", a, err)
		}
		if a, err := in(Outside{Provider: "wechat", Subject: "w1"}); err != nil || a.Person != "p1" {
			t.Errorf("bound from then on: %+v, %v", a, err)
		}
		if _, err := in(Outside{Provider: "nhsa", Subject: "w1"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("the same subject of another provider: %v", err)
		}
		a, err := in(Outside{Provider: "nhsa", Subject: "n1", Person: "p9", Name: "新人"})
		if err != nil || a.Person != "p9" {
			t.Errorf("by identity number, first time: %+v, %v", a, err)
		}
		if err := s.Link(ctx, a, Outside{Provider: "wechat", Subject: "w2"}, "t"); err != nil {
			t.Fatal(err)
		}
		if b, err := in(Outside{Provider: "wechat", Subject: "w2"}); err != nil || b.ID != a.ID {
			t.Errorf("linked after a code: %v", err)
		}
		if n := count(t, d, `SELECT COUNT(*) FROM access_link WHERE subject IN ('w1','w2','n1')`); n != 0 {
			t.Error("subjects are stored in the clear")
		}
		if err := s.Disable(ctx, audit.System(region), region, a.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := in(Outside{Provider: "wechat", Subject: "w2"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a disabled account: %v", err)
		}
	})
}

func TestReset(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		ctx, boss := context.Background(), audit.Actor{ID: "boss", Name: "安全", Role: "security", Region: region}
		now := func(secret string) string {
			t.Helper()
			k, err := totp.GenerateCode(secret, c.Now())
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
		s, _ := service(t, d)
		for _, what := range []string{ResetPassword, ResetTOTP, ResetBoth} {
			login, password, dev := "staff-"+what, "ginkgo-leaf-9", secret
			id, err := s.Create(ctx, audit.System(region), NewAccount{Region: region, Login: login, Name: "经办", Role: "clerk", Password: password, TOTP: secret})
			if err != nil {
				t.Fatal(err)
			}
			cookie, _, err := s.Login(ctx, region, login, password, now(dev), "t")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Reset(ctx, audit.Actor{ID: id, Role: "security", Region: region}, region, id, what); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s of oneself: %v", what, err)
			}
			k, err := s.Reset(ctx, boss, region, id, what)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Find(ctx, cookie); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: the session lives on: %v", what, err)
			}
			if _, _, err := s.Login(ctx, region, login, password, now(dev), "t"); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: the old way in still works: %v", what, err)
			}
			if _, err := s.BeginRenewal(ctx, region, login, "WRONGWRONG", "t"); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: a wrong code: %v", what, err)
			}
			r, err := s.BeginRenewal(ctx, region, login, strings.ToLower(k), "t")
			if err != nil || (r.Secret != "") != (what != ResetPassword) {
				t.Fatalf("%s: %+v, %v", what, r, err)
			}
			if again, err := s.BeginRenewal(ctx, region, login, k, "t"); err != nil || again != r {
				t.Errorf("%s: opening the page twice gives another secret", what)
			}
			if r.Password() {
				password = "maple-leaf-10"
			}
			if r.Secret != "" {
				dev = r.Secret
			}
			in := Renewed{Login: login, Code: k, Password: password, TOTP: now(dev)}
			for field, bad := range map[string]func(*Renewed){"password": func(x *Renewed) { x.Password = "short" }, "totp": func(x *Renewed) { x.TOTP = "000000" }} {
				x := in
				bad(&x)
				if _, _, err := s.FinishRenewal(ctx, region, x, "t"); !fault.Is(err, fault.Invalid) || fault.As(err).Field != field {
					t.Errorf("%s, wrong %s: %v", what, field, err)
				}
			}
			fresh, _, err := s.FinishRenewal(ctx, region, in, "t")
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if _, err := s.Find(ctx, fresh); err != nil {
				t.Errorf("%s: no session: %v", what, err)
			}
			if _, _, err := s.FinishRenewal(ctx, region, in, "t"); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: twice: %v", what, err)
			}
			if _, _, err := s.Login(ctx, region, login, password, now(dev), "t"); err != nil {
				t.Errorf("%s: the new way in: %v", what, err)
			}
			for verb, want := range map[string]int64{"access.reset": 1, "access.renew": 1} {
				if n := count(t, d, `SELECT COUNT(*) FROM audit_event WHERE region = $1 AND verb = $2 AND object = $3 AND result = 'done'`, region, verb, id); n != want {
					t.Errorf("%s: %d events of %s", what, n, verb)
				}
			}
		}
	})
}

func TestResetCodeRunsOut(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, _ := service(t, d)
		ctx := context.Background()
		a, err := s.ByLogin(ctx, region, "clerk1")
		if err != nil {
			t.Fatal(err)
		}
		k, err := s.Reset(ctx, audit.System(region), region, a.ID, ResetBoth)
		if err != nil {
			t.Fatal(err)
		}
		for range resetTries {
			s.BeginRenewal(ctx, region, "clerk1", "WRONGWRONG", "t")
		}
		if _, err := s.BeginRenewal(ctx, region, "clerk1", k, "t"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("after %d wrong ones: %v", resetTries, err)
		}
		if k, err = s.Reset(ctx, audit.System(region), region, a.ID, ResetBoth); err != nil {
			t.Fatal(err)
		}
		c.Add(resetValid + time.Second)
		if _, err := s.BeginRenewal(ctx, region, "clerk1", k, "t"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a day later: %v", err)
		}
		var citizen string
		if err := d.Raw().QueryRow(`SELECT id FROM access_account WHERE region = $1 AND role = 'citizen'`, region).Scan(&citizen); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reset(ctx, audit.System(region), region, citizen, ResetBoth); !fault.Is(err, fault.NotFound) {
			t.Errorf("a citizen has nothing to reset: %v", err)
		}
		if _, err := s.Reset(ctx, audit.System(region), region, a.ID, "all"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a kind that is none: %v", err)
		}
	})
}
