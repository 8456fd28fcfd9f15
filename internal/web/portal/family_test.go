package portal

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/web/ui"
)

func TestFamily(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := caretest.New(t, d, c, 3)
		ctx := context.Background()
		citizen := func(i int) ui.Visitor {
			return ui.Visitor{Actor: audit.Actor{ID: "c" + tn.Persons[i], Role: "citizen", Region: caretest.Region, Person: tn.Persons[i]}}
		}
		acting := citizen(1)
		acting.Behalf, acting.BehalfName, acting.SeeOnly = tn.Persons[0], "本人", true
		by := map[string]ui.Visitor{"mother": citizen(0), "daughter": citizen(1), "acting": acting}
		kit := &ui.Kit{Now: d.Now, Who: func(r *http.Request) ui.Visitor { return by[r.Header.Get("X-Test-Who")] }}
		s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Person: tn.People, Care: tn.Care, Region: caretest.Region}
		b := caretest.Open(t, kit.Handler(s.Router()))
		no, err := tn.People.Reveal(ctx, tn.Clerk, caretest.Region, tn.Persons[1])
		caretest.Must(t, err)
		d1, err := tn.People.See(ctx, audit.System(caretest.Region), caretest.Region, tn.Persons[1])
		caretest.Must(t, err)

		b.As = "mother"
		b.Get("/family").Want(200, "还没有人可以替您办")
		b.Get("/family/new").Want(200, "老伴")
		b.Get("/family/new?asked=relation").Want(422, "请选他是您的什么人")
		b.Get("/family/new?relation=子女&asked=scope").Want(422, "可以代办和付款", "请选他可以做什么")
		b.Get("/family/new?relation=子女&scope=see").Want(200, "他的手机号是多少")
		b.Get("/family/new?relation=子女&scope=see&by=id").Want(200, "家人的姓名").Post("/family", "name", d1.Name, "id", no, "relation", "", "scope", "").Want(422, "请选他是您的什么人", "请选他可以做什么")
		b.Get("/family/new?relation=子女&scope=see&by=id").Post("/family", "name", d1.Name, "id", no, "relation", "子女", "scope", "see").Want(200, "子女，只能看", "2025年6月2日")
		b.As = "daughter"
		b.Get("/family").Want(200, "我可以替谁办", "您只能看")
		b.Post("/family/act", "person", tn.Persons[2]).Want(403, "收回或者到期")
		b.As = "acting"
		b.Get("/family/new").Post("/family", "name", "x", "id", no, "relation", "子女", "scope", "see").Want(403)
		b.Get("/family/new").Post("/care/choose", "mode", "home").Want(403, "只授权您看")
		b.As = "mother"
		f, err := tn.People.FamilyOf(ctx, caretest.Region, tn.Persons[0])
		caretest.Must(t, err)
		b.Get("/family").Post("/family/"+f.Given[0].ID+"/recall").Want(200, "还没有人可以替您办")
		if strings.Contains(b.Page, no) {
			t.Error("a full number on the page")
		}
		b.As = "daughter"
		b.Get("/family")
		if strings.Contains(b.Page, "我可以替谁办") {
			t.Error("still held after the recall")
		}
	})
}
