package access

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/sms"
)

// plain is a Sealer that leaves text readable; sealing itself is tested in seal.
type plain struct{}

func (plain) Seal(_, _, s string) string          { return s }
func (plain) Open(_, _, s string) (string, error) { return s, nil }
func (plain) Index(_, field, s string) string     { return field + ":" + s }

type outbox struct {
	last sms.Message
	err  error
}

func (o *outbox) Send(_ context.Context, m sms.Message) error {
	o.last = m
	return o.err
}

const region = "320700"
const secret = "JBSWY3DPEHPK3PXP"

func service(t *testing.T, d *db.DB) (*Service, *outbox) {
	box := &outbox{}
	s := New(&audit.Log{DB: d}, plain{}, box)
	for _, a := range []NewAccount{
		{Region: region, Login: "clerk1", Name: "经办", Role: "clerk", Password: "ginkgo-leaf-9", TOTP: secret},
		{Region: region, Login: "13900000001", Name: "女儿", Role: "citizen", Person: "p1"},
	} {
		if _, err := s.Create(context.Background(), audit.System(region), a); err != nil {
			t.Fatal(err)
		}
	}
	return s, box
}

func code(t *testing.T, c *dbtest.Clock) string {
	t.Helper()
	k, err := totp.GenerateCode(secret, c.Now())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestStaffLogin(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, _ := service(t, d)
		ctx := context.Background()
		cookie, a, err := s.Login(ctx, region, "clerk1", "ginkgo-leaf-9", code(t, c), "t")
		if err != nil || a.Role.ID != "clerk" {
			t.Fatalf("login: %v", err)
		}
		ses, err := s.Find(ctx, cookie)
		if err != nil || ses.CSRF == "" || !ses.Account.Role.Allows(DeskSee) || ses.Account.Role.Allows(FundPost) {
			t.Fatalf("session: %+v, %v", ses, err)
		}

		_, _, wrongPassword := s.Login(ctx, region, "clerk1", "wrong", code(t, c), "t")
		_, _, wrongCode := s.Login(ctx, region, "clerk1", "ginkgo-leaf-9", "000000", "t")
		_, _, nobody := s.Login(ctx, region, "nobody", "wrong", "000000", "t")
		for _, err := range []error{wrongPassword, wrongCode, nobody} {
			if !fault.Is(err, fault.Forbidden) || fault.As(err).Say != fault.As(nobody).Say {
				t.Errorf("a failed login must not tell what was wrong: %v", err)
			}
		}

		c.Add(31 * time.Minute)
		if _, err := s.Find(ctx, cookie); !fault.Is(err, fault.NotFound) {
			t.Fatalf("idle session: %v", err)
		}
	})
}

func TestLockAfterFiveFailures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, _ := service(t, d)
		ctx := context.Background()
		for range maxFailures {
			s.Login(ctx, region, "clerk1", "wrong", code(t, c), "t")
		}
		if _, _, err := s.Login(ctx, region, "clerk1", "ginkgo-leaf-9", code(t, c), "t"); !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "以后再试") {
			t.Fatalf("not locked: %v", err)
		}
		c.Add(lockFor + time.Second)
		if _, _, err := s.Login(ctx, region, "clerk1", "ginkgo-leaf-9", code(t, c), "t"); err != nil {
			t.Fatalf("still locked: %v", err)
		}
	})
}

// T-29: a disabled account is refused on its next request.
func TestT29DisableEndsSessionsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, _ := service(t, d)
		ctx := context.Background()
		cookie, a, err := s.Login(ctx, region, "clerk1", "ginkgo-leaf-9", code(t, c), "t")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Disable(ctx, audit.System(region), region, a.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Find(ctx, cookie); !fault.Is(err, fault.NotFound) {
			t.Fatalf("session lives on: %v", err)
		}
	})
}

func TestCitizenCode(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, box := service(t, d)
		ctx := context.Background()
		send := func() string {
			t.Helper()
			if err := s.SendCode(ctx, region, "139 0000-0001", false); err != nil {
				t.Fatal(err)
			}
			if m := box.last; m.Phone != "13900000001" || !strings.Contains(m.Text, m.Code) || len(m.Code) != 6 || m.Voice {
				t.Fatalf("sent %+v", m)
			}
			return box.last.Code
		}
		k := send()
		if err := s.SendCode(ctx, region, "13900000001", true); !fault.Is(err, fault.Conflict) {
			t.Fatalf("second code within a minute: %v", err)
		}
		if _, _, err := s.LoginByCode(ctx, region, "13900000001", "abcdef", "t"); !fault.Is(err, fault.Invalid) {
			t.Fatalf("wrong code: %v", err)
		}
		if _, a, err := s.LoginByCode(ctx, region, "13900000001", k, "t"); err != nil || a.Person != "p1" {
			t.Fatalf("login: %v", err)
		}
		if _, _, err := s.LoginByCode(ctx, region, "13900000001", k, "t"); err == nil {
			t.Fatal("a code worked twice")
		}
		c.Add(2 * time.Minute)
		k = send()
		c.Add(codeValid + time.Second)
		if _, _, err := s.LoginByCode(ctx, region, "13900000001", k, "t"); err == nil {
			t.Fatal("an old code worked")
		}
		if err := s.SendCode(ctx, region, "1390000000", false); err == nil || !strings.Contains(err.Error(), "您填了 10 位") {
			t.Fatalf("short phone: %v", err)
		}
	})
}

func TestRolesAreKnown(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Roles {
		if seen[r.ID] || r.Name == "" || r.Home == "" {
			t.Errorf("role %q is doubled or unnamed", r.ID)
		}
		seen[r.ID] = true
	}
	if (Role{}).Allows(Anyone) || !(Role{}).Allows(Public) {
		t.Error("no role must do nothing but what is public")
	}
	// Three hands (三员分立): no role holds two of them, and who administers sees
	// neither health nor money.
	for _, r := range Roles {
		hands := 0
		for _, c := range []Can{AdminSystem, AdminAccess, AuditSee} {
			if r.Allows(c) {
				hands++
			}
		}
		if hands > 1 {
			t.Errorf("%s holds %d of the three hands", r.Name, hands)
		}
	}
	for _, admin := range []Role{RoleOf("admin"), RoleOf("security")} {
		for _, c := range []Can{DeskSee, PersonSee, ClaimReview, ClaimSign, FundSee} {
			if admin.Allows(c) {
				t.Errorf("the %s may %s", admin.Name, c)
			}
		}
	}
}

func TestNamesOfAccounts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		ctx := context.Background()
		s, _ := service(t, d)
		id, err := s.Create(ctx, audit.System(region), NewAccount{Region: region, Login: "clerk9", Name: "刘晓", Role: "clerk", Password: "ginkgo-leaf-9", TOTP: secret})
		if err != nil {
			t.Fatal(err)
		}
		names, err := s.Names(ctx, region, id, "", "job", id)
		if err != nil || len(names) != 2 || names[id] != "刘晓" || names["job"] != "job" {
			t.Errorf("names %v, %v", names, err)
		}
	})
}
