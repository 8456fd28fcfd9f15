package inst

import (
	"context"
	"strings"
	"testing"

	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/paper"
)

// A home registers who moves in, brings matters for them with consent, follows
// each to its result, and registers who leaves; another home sees none of it.
func TestResidentPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, b := open(t, d, c)
		var no string
		caretest.Must(t, d.Read(context.Background(), func(tx *db.Tx) (err error) {
			no, err = tn.People.IDNumber(tx, caretest.Region, tn.Persons[0])
			return err
		}))
		b.Get("/j/residents").Want(200, "还没有登记入住").Post("/j/residents", "name", "王桂兰", "id", no).Want(422, "请填谁、怎样同意的")
		b.Get("/j/residents").Post("/j/residents", "name", "王桂香", "id", no, "consent", "本人当面同意").Want(422, "对不上")
		if strings.Contains(b.Page, no) {
			t.Error("the number stands on the page")
		}
		b.Get("/j/residents").Post("/j/residents", "name", "王桂兰", "id", no, "room", "301", "consent", "本人当面同意").Want(200, "王桂兰", "301", "医疗费用手工报销")
		one := b.URL
		form := one + "/bring/claim.manual"
		b.Get(form).Want(200, "替王桂兰办", "票据一共多少钱", "不用交").Post(form, "hospital", "甲市人民医院").Want(422, "甲市人民医院", "请选老人怎样同意")
		fields := []string{"hospital", "甲市人民医院", "on", "2024-05-20", "total", "1280.50", "reason", "urgent", "consent", "当面口头同意"}
		b.Get(form).Post(form, fields...).Want(200, "要补材料", "1,280.50 元", "当面口头同意")
		cs := b.URL
		b.Post(cs+"/supply", "kind", "invoice", "@file", "\xff\xd8\xff\xe0 invoice").Want(200, "补交了 1 份材料", "受理")
		letter := func(k paper.Kind) string { return "/letter/" + string(k) }
		b.Get(cs).Want(200, cs[strings.Index(cs, "/j/"):]+letter(paper.More)) // taken only when the desk has looked at it
		b.Get(cs+letter(paper.More)).Want(200, "补正告知书", "王桂兰")
		b.Get(cs+letter(paper.Taken)).Want(404, "还没有办到")
		filing := one + "/bring/remote.filing"
		b.Get(filing).Post(filing, "kind", "long", "place", "江苏省苏州市", "since", "2024-06-03", "consent", "书面同意，签字存机构").Want(200, "已办结")
		b.Get(b.URL+letter(paper.Result)).Want(200, "办理结果告知书", "王桂兰")
		b.Get("/j/cases").Want(200, "异地就医备案", "医疗费用手工报销", "王桂兰")
		b.Get(one+"/bring/enrol.resident").Want(403, "不能由机构代办")
		b.As = "stranger"
		for _, path := range []string{one, form, cs, cs + letter(paper.More)} {
			b.Get(path).Want(404)
		}
		b.Get("/j/residents").Want(200, "还没有登记入住")
		b.As = "boss"
		b.Get(one).Want(200, "办离院").Post(one+"/out", "why", "回家").Want(200, "回家")
		b.Get(form).Post(form, fields...).Want(409, "已经离院")
	})
}
