package office

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"yinling/internal/access"
	"yinling/internal/audit"
	"yinling/internal/care/caretest"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/outreach"
	"yinling/internal/person"
	"yinling/internal/report"
	"yinling/internal/share"
	"yinling/internal/web/ui"
)

func openPeople(t *testing.T, d *db.DB, c *dbtest.Clock) (*caretest.Town, *Server, *caretest.Browser) {
	tn := caretest.New(t, d, c, 3)
	tn.People.Dir = t.TempDir()
	t.Cleanup(tn.People.Stop)
	reviewer := audit.Actor{ID: "reviewer", Role: "reviewer", Region: caretest.Region}
	by := map[string]audit.Actor{"clerk": tn.Clerk, "reviewer": reviewer, "insurer": {ID: "insurer", Role: "insurer", Region: caretest.Region}, "worker": {ID: "w", Role: "care_worker", Region: caretest.Region}}
	kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return ui.Visitor{Actor: by[r.Header.Get("X-Test-Who")]} }}
	s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Person: tn.People, Care: tn.Care, Access: &access.Service{Log: tn.Log}, Claim: &claim.Service{Log: tn.Log, Packs: tn.Packs, Persons: tn.People}, Report: &report.Service{Log: tn.Log}, Outreach: &outreach.Service{Log: tn.Log}, Share: &share.Service{Log: tn.Log, Packs: tn.Packs, Persons: tn.People, Dir: t.TempDir()}, Desk: &desk.Service{Log: tn.Log, Files: tn.Files}}
	b := caretest.Open(t, kit.Handler(s.Router()))
	b.As = "clerk"
	return tn, s, b
}

func TestPersonPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, s, b := openPeople(t, d, c)
		ctx := context.Background()
		var no [2]string
		for i := range no {
			var err error
			no[i], err = s.Person.Reveal(ctx, tn.Clerk, caretest.Region, tn.Persons[i])
			caretest.Must(t, err)
		}
		v, err := s.Person.See(ctx, audit.System(caretest.Region), caretest.Region, tn.Persons[0])
		caretest.Must(t, err)
		other, err := s.Person.See(ctx, audit.System(caretest.Region), caretest.Region, tn.Persons[1])
		caretest.Must(t, err)

		at := "/o/person/" + tn.Persons[0]
		b.Get("/o/person?q="+url.QueryEscape(v.Name)).Want(200, v.Name, "尾号 "+v.IDTail)
		b.Get("/o/person?q="+no[0]).Want(200, at)
		b.Get("/o/person?q="+url.QueryEscape("欧阳无名")).Want(200, "没有找到这个人")
		b.Get("/o/person?q=0023").Want(422, "请填姓名、拼音或者完整的证件号码")
		b.Get(at).Want(200, "长期护理保险参保", "没有授权给任何人")
		if strings.Contains(b.Page, no[0]) {
			t.Error("the page shows the full number unasked")
		}
		b.Post(at+"/number").Want(200, no[0], "这次查看已经记下来")

		b.Get(at).Post(at+"/proxy", "name", other.Name+"错", "id", no[1], "relation", "子女", "scope", "act", "consent", "face").Want(422, "对不上")
		if strings.Contains(b.Page, no[1]) {
			t.Error("the form echoes the number of another")
		}
		b.Get(at).Post(at+"/proxy", "name", other.Name, "id", no[1], "relation", "子女", "scope", "act", "consent", "face").Want(200, "可以代办", "2025年6月", "收回给"+other.Name)
		v, err = s.Person.See(ctx, audit.System(caretest.Region), caretest.Region, tn.Persons[0])
		caretest.Must(t, err)
		b.Post(at+"/recall", "proxy", v.Given[0].ID).Want(200, "收回")
		if scope, err := s.Person.MayActFor(ctx, caretest.Region, tn.Persons[1], tn.Persons[0]); err != nil || scope != "" {
			t.Errorf("after recall: %q %v", scope, err)
		}
		b.As = "worker"
		b.Get(at).Want(403)
		b.Get("/o/roster").Want(403)
	})
}

// A wrong number is corrected by two hands; a person who deceived the fund is
// not settled at the door, and the maker may take that back for ten minutes.
func TestPersonFixAndSanction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, _, b := openPeople(t, d, c)
		id := tn.Persons[0]
		at, fresh := "/o/person/"+id, person.DemoID(91, day.MustParse("1941-02-03"), "女")
		b.Get(at).Want(200, "证件号码登记错了", "同一个人登记了两次").Post(at+"/fix", "kind", "renumber", "number", "99", "why", "看了身份证").Want(422, "证件号码登记错了")
		b.Post(at+"/fix", "kind", "merge", "other", fresh, "because", "一人两号").Want(422, "名册里没有这个号码")
		if strings.Contains(b.Page, fresh) {
			t.Error("the form echoes a number")
		}
		b.Post(at+"/fix", "kind", "renumber", "number", fresh, "why", "").Want(422, "凭什么更正")
		b.Post(at+"/fix", "kind", "renumber", "number", fresh, "why", "看了身份证").Want(200, "尾号 "+fresh[14:], "这一件现在不用您办")
		if strings.Contains(b.Page, fresh) {
			t.Error("the page shows the new number")
		}
		xs, err := tn.People.Fixes(context.Background(), caretest.Region, person.FixAsked, 9)
		caretest.Must(t, err)
		const fix = "/o/person/fix"
		one := []string{"one", "1", "id", xs[0].ID + "|1|王", "view", fix}
		b.Post(fix+"/approve", one...).Want(403, "两个人")
		b.As = "worker"
		b.Get(fix).Want(403)
		b.As = "reviewer"
		b.Get(fix+"?see="+xs[0].ID).Want(200, "批量核准", "看了身份证").Post(fix+"/approve", one...).Want(200, "核准了", "撤回")
		b.Get(at).Want(200, "尾号 "+fresh[14:])
		b.Get(fix+"?state=done&see="+xs[0].ID).Want(200, "您刚才办的").Post(fix+"/undo?id="+xs[0].ID+"&back="+fix).Want(200, "已经撤回，和没有办一样", "等核准")
		b.Post(fix+"/undo?id="+xs[0].ID+"&back="+fix).Want(409, "没有可以撤回的决定")
		b.Get(fix).Post(fix+"/approve", "one", "1", "id", xs[0].ID+"|3|王", "view", fix).Want(200, "核准了")
		b.Get(at).Want(200, "尾号 "+fresh[14:])

		// 骗保处理: the text holds from December 2024.
		c.Add(365 * 24 * time.Hour)
		b.Get(at).Want(200, "查实骗保").Post(at+"/sanction", "months", "2", "found", "挂名服务").Want(409, "3 至 12 个月")
		b.Post(at+"/sanction", "months", "6", "found", "").Want(422, "请写明查实的情况")
		b.Post(at+"/sanction", "months", "6", "found", "挂名服务，查实 3 次").Want(200, "暂停参保人联网结算", "生效中", "撤回这次处理", "6 个月")
		if strings.Contains(b.Page, "查实骗保，暂停联网结算") {
			t.Error("the form is offered while a measure holds")
		}
		ss, err := (&claim.Service{Log: tn.Log}).Sanctions(context.Background(), caretest.Region, id)
		caretest.Must(t, err)
		undo := at + "/sanction/undo?sanction=" + ss[0].ID
		b.As = "clerk"
		b.Get(at).Want(200, "生效中").Post(undo).Want(403)
		b.As = "reviewer"
		b.Get(at).Post(undo).Want(200, "撤回了", "查实骗保")
	})
}

func TestRosterUpload(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		_, s, b := openPeople(t, d, c)
		good := person.DemoID(77, day.MustParse("1940-06-01"), "女")
		text := "姓名,证件号码,备注\n陈秀英," + good + ",x\n陈秀兰,990100194006011999,y\n"
		b.Get("/o/roster").Want(200, "还没有导入过名册", "证件号码").Post("/o/roster").Want(422, "请选名册文件")
		b.Get("/o/roster").Post("/o/roster", "@file", text)
		at := b.URL
		if !strings.HasPrefix(at, "/o/roster/") {
			t.Fatalf("%d %s", b.Code, b.Page)
		}
		s.Person.Wait()
		b.Get(at).Want(200, "退回的原因", "校验码", "没有用到的列：备注", "下载退回的行", "<b>1</b>")
		if strings.Contains(b.Page, "990100194006011999") {
			t.Error("the page shows the number of a rejected row")
		}
		b.Get(at + "/rejects")
		if b.Code != 200 || !strings.HasPrefix(b.Page, "PK") {
			t.Fatalf("%d", b.Code)
		}
		// Sent back as it came, the row is rejected again; corrected, it is taken.
		back := b.Page
		b.Get("/o/roster").Post("/o/roster", "@file", back)
		s.Person.Wait()
		b.Get("/o/roster").Post("/o/roster", "@file", strings.Replace(text, "990100194006011999", person.DemoID(78, day.MustParse("1940-06-01"), "女"), 1))
		s.Person.Wait()
		b.Get("/o/roster").Want(200, "退回 1 行", "全部收下")
		b.Get("/o/roster").Post("/o/roster", "@file", "%PDF-1.4")
		at = b.URL
		s.Person.Wait()
		b.Get(at).Want(200, "这个文件读不了", "PDF")
		b.Get("/o/roster/none").Want(404)
		b.As = "insurer"
		b.Get(at).Want(403)
		left, err := os.ReadDir(s.Person.Dir)
		caretest.Must(t, err)
		for _, f := range left {
			if !strings.HasSuffix(f.Name(), "-rejects.xlsx") {
				t.Errorf("left behind: %s", f.Name())
			}
		}
	})
}
