package office

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/outreach"
	"yinling/internal/report"
	"yinling/internal/sms"
	"yinling/internal/web/ui"
)

// noSMS would be told of a citizen's login; staff have none.
type noSMS struct{}

func (noSMS) Send(context.Context, sms.Message) error { return nil }

func TestAccountPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := caretest.New(t, d, c, 1)
		ctx := context.Background()
		acc := access.New(tn.Log, tn.People.Keys, noSMS{})
		first, err := acc.Issue(ctx, audit.System(caretest.Region), access.NewAccount{Region: caretest.Region, Login: "guanning", Name: "管宁", Role: "security", Password: "ginkgo-leaf-9"})
		caretest.Must(t, err)
		by := map[string]audit.Actor{"security": {ID: first.ID, Name: "管宁", Role: "security", Region: caretest.Region}, "clerk": tn.Clerk}
		kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
		s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Outreach: &outreach.Service{Log: tn.Log}, Access: acc, Institution: tn.Insts, Report: &report.Service{Log: tn.Log}, Care: tn.Care, Desk: &desk.Service{Log: tn.Log, Files: tn.Files}}
		b := caretest.Open(t, kit.Handler(s.Router()))
		b.As = "security"

		list := "/o/access"
		b.Get(list).Want(200, "管宁", "guanning", "安全管理员", "在用", tn.Inst.Name)
		b.Post(list, "name", "刘晓", "role", "clerk", "login", "liuxiao", "password", "ginkgo-leaf-9", "again", "ginkgo-leaf-8").Want(422, "两次填的密码不一样", "有错误：", `value="liuxiao"`)
		if strings.Contains(b.Page, "ginkgo") {
			t.Error("the form echoes a password")
		}
		b.Get(list).Post(list, "name", "刘晓", "role", "clerk", "login", "liuxiao", "password", "short", "again", "short").Want(422, "密码至少 10 位")
		b.Get(list).Post(list, "name", "刘晓", "role", "citizen", "login", "13900000009").Want(422, "岗位")
		b.Get(list).Post(list, "name", "张三", "role", "care_worker", "login", "zhang", "password", "ginkgo-leaf-9", "again", "ginkgo-leaf-9").Want(422, "要写是哪家机构")
		b.Get(list).Post(list, "name", "张三", "role", "care_worker", "institution", tn.Inst.ID, "login", "zhang", "password", "ginkgo-leaf-9", "again", "ginkgo-leaf-9").Want(422, "没有登记叫张三")
		b.Get(list).Post(list, "name", "刘晓", "role", "clerk", "login", "liuxiao", "password", "ginkgo-leaf-9", "again", "ginkgo-leaf-9").Want(200, "刘晓的账号开好了", "<svg class=\"qr", "只显示这一次")
		m := regexp.MustCompile(`<code>([A-Z2-7]{32})</code>`).FindStringSubmatch(b.Page)
		if m == nil {
			t.Fatal("no secret on the page")
		}
		k, err := totp.GenerateCode(m[1], c.Now())
		caretest.Must(t, err)
		cookie, made, err := acc.Login(ctx, caretest.Region, "liuxiao", "ginkgo-leaf-9", k, "t")
		caretest.Must(t, err)

		one := list + "/" + made.ID
		b.Get(list).Want(200, "刘晓", one)
		b.Get(one).Want(200, "经办岗", "停用这个账号")
		if strings.Contains(b.Page, m[1]) {
			t.Error("the secret is shown again")
		}
		b.Post(one).Want(200, "已停用")
		if _, err := acc.Find(ctx, cookie); !fault.Is(err, fault.NotFound) {
			t.Errorf("the session lives on: %v", err)
		}
		b.Get(list+"/"+first.ID).Want(200, "请另一位安全管理员来办")
		b.Post(list+"/"+first.ID).Want(403, "不能停用自己的账号")
		b.Get(list + "/none").Want(404)
		b.As = "clerk"
		b.Get(list).Want(403)

		// Each act left its trace with the administrator's name.
		for verb, want := range map[string]int{"access.create": 1, "access.disable": 1} {
			var n int
			caretest.Must(t, d.Raw().QueryRow(`SELECT COUNT(*) FROM audit_event WHERE region = $1 AND verb = $2 AND actor = $3`, caretest.Region, verb, first.ID).Scan(&n))
			if n != want {
				t.Errorf("%s: %d events, want %d", verb, n, want)
			}
		}
	})
}
