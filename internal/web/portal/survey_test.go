package portal

import (
	"net/http"
	"testing"

	"yinling/internal/access"
	"yinling/internal/care/caretest"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// The survey asks one question a page of whoever comes, keeps nothing before the
// end and no name at all, and counts as asked on line.
func TestSurvey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := caretest.New(t, d, c, 1)
		kit := &ui.Kit{Now: d.Now, Who: func(*http.Request) ui.Visitor { return ui.Visitor{} }}
		out := &outreach.Service{Log: tn.Log, Packs: tn.Packs, Persons: tn.People, Keys: tn.People.Keys}
		s := &Server{Kit: kit, Log: tn.Log, Packs: tn.Packs, Person: tn.People, Outreach: out, Access: access.New(tn.Log, tn.People.Keys, nil), Region: caretest.Region}
		b := caretest.Open(t, kit.Handler(s.Router()))
		qs := out.Questions(caretest.Region, caretest.Today)
		b.Get("/survey").Want(200, "您住在哪里", "不记姓名", "第 1 题，共 5 题", "不想说")
		b.Get("/survey/2").Want(422, "您住在哪里", "请选一个答案")
		b.Get("/survey/2?district=0").Want(200, qs[0].Text, "第 2 题")
		b.Get("/survey/3?district=0&q-phone=7").Want(422, qs[0].Text, "请选一个答案")
		b.Get("/survey/9").Want(404)
		b.Get("/survey/5?district=0&q-phone=1&q-fee=2&q-proxy=1").Want(200, qs[3].Text, "交上去", `href="/survey/4?`)
		b.Post("/survey", "district", "0", "q-phone", "1", "q-fee", "2", "q-proxy", "1").Want(422, "请选一个答案")
		rates := func() outreach.KnowRates {
			t.Helper()
			x, err := out.Known(t.Context(), caretest.Region, day.FromTime(c.Now()).Month())
			caretest.Must(t, err)
			return x
		}
		if n := len(rates().Months); n != 0 {
			t.Errorf("%d months before anybody has finished", n)
		}
		b.Get("/survey/5?district=0&q-phone=1&q-fee=2&q-proxy=1").
			Post("/survey", "district", "0", "q-phone", "1", "q-fee", "2", "q-proxy", "1", "q-choose", "3").Want(200, "4 题答对了 3 题", "老人和家人自己选")
		if x := rates(); len(x.Ways) != 1 || x.Ways[0].Name != "online" || x.Ways[0].N != 1 || x.Ways[0].Knows != 1 || x.Districts[0].Name != "" {
			t.Errorf("%+v", x)
		}
	})
}
