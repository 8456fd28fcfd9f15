package office

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"yinling/internal/access"
	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

func TestSharePages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, s, b := openPeople(t, d, c)
		ctx := context.Background()
		s.Access = access.New(tn.Log, tn.People.Keys, nil)
		t.Cleanup(s.Share.Stop)
		v, err := s.Person.See(ctx, tn.Clerk, caretest.Region, tn.Persons[0])
		caretest.Must(t, err)
		w, err := s.Person.See(ctx, tn.Clerk, caretest.Region, tn.Persons[1])
		caretest.Must(t, err)
		no, err := s.Person.Reveal(ctx, tn.Clerk, caretest.Region, tn.Persons[0])
		caretest.Must(t, err)
		list := fmt.Sprintf("姓名,身份证号,出生日期,认定日期\n%s,%s,%s,2024-01-05\n%s,,%s,2024-01-05\n赵无名,,1950-01-01,\n缺号,123,,\n", v.Name, no, v.Birth, w.Name, w.Birth)

		b.Get("/o/share").Want(200, "特困人员名单", "还没有导入过", "怎样认人")
		b.Post("/o/share", "source", "tekun", "@file", list).Want(422, "名单截至哪一天")
		b.Get("/o/share").Post("/o/share", "source", "tekun", "asof", "2024-06-01", "@file", list).Want(200)
		s.Share.Wait()
		batches, err := s.Share.Batches(ctx, caretest.Region)
		caretest.Must(t, err)
		at := "/o/share/batch/" + batches[0].ID
		b.Get(at).Want(200, "特困人员名单", "等人认定", w.Name, "读不了的行", "下载读不了的行")
		if strings.Contains(b.Page, no) {
			t.Error("the page shows a full number")
		}
		b.Get(at+"?state=unmatched").Want(200, "赵无名", "参保名册里没有这个人")
		b.Get(at + "/rejects").Want(200)
		b.Get("/o/share").Want(200, "认不准 1 行")
		b.Get("/o/share/doubt").Want(200, w.Name, "名单上没有号码")
		one := batches[0].ID + "/3"
		see := "/o/share/doubt?state=doubtful&see=" + one
		b.Get(see).Want(200, "参保名册", w.Phone, "是同一个人", "不能撤回")
		ref := one + "|1|" + w.Name
		b.Get(see).Post("/o/share/doubt/same", "one", "1", "id", ref, "same-person", w.ID, "same-note", "").Want(422, "怎样核对的")
		// Put aside, taken back from the list, decided for good.
		b.Get(see).Post("/o/share/doubt/unknown", "one", "1", "id", ref).Want(200, "先放着了", "撤回")
		b.Get("/o/share/doubt?state=unknown&see="+one).Want(200, "您刚才办的").Post("/o/share/doubt/undo?id="+one+"&back="+url.QueryEscape(see)).Want(200, "已经撤回，和没有办一样", "等人认定")
		b.Get(see).Post("/o/share/doubt/same", "one", "1", "id", ref, "same-person", w.ID, "same-note", "电话核对").Want(200, "认定了")
		b.Get("/o/share/doubt?state=same&see="+one).Want(200, "是同一个人", "电话核对")
		b.Get("/o/share/doubt?state=doubtful").Want(200, "没有等人认定的行")

		b.Get("/o/person/"+w.ID).Want(200, "部门名单里的情况", "特困人员名单", "各部门的评估")
		b.Get("/o/share/watch").Post("/o/share/watch").Want(200)
		b.Get("/o/share/watch").Want(200, "应评", "未联系", v.District)
		b.Get("/o/share/watch/list?which=should").Want(200, v.Name, w.Name, "已享受待遇")
		b.Get("/o/share/watch/list?which=untouched").Want(200, "没有这样的人")
		list2 := "/o/share/watch/list?which=should&see=" + v.ID
		b.Get(list2).Want(200, "没有联系过", "联系了，暂时不需要", "分给跟踪人").Post("/o/share/watch/list/later", "one", "1", "id", v.ID+"|1|"+v.Name).Want(200, "暂时不需要", "撤回")
		b.Get(list2).Want(200, "您刚才办的").Post("/o/share/watch/list/undo?id="+v.ID+"&back="+url.QueryEscape(list2)).Want(200, "已经撤回", "没有联系过")
		b.Get(list2).Post("/o/share/watch/list/assign", "one", "1", "id", v.ID+"|1|"+v.Name).Want(409, "同事已经分过或者联系过他")
		b.Get(list2).Post("/o/share/watch/list/assign", "one", "1", "id", v.ID+"|3|"+v.Name).Want(422, "请选跟踪人")
		person := "/o/share/person/" + v.ID
		b.Get(person).Post(person+"/contact", "result", "need").Want(422, "请写他需要什么")
		b.Get(person).Post(person+"/contact", "result", "need", "note", "要轮椅").Want(200)
		b.Get(person).Want(200, "要轮椅", "有别的需要")
		b.Get(person).Post(person+"/record", "source", "assess-disabled", "value", "肢体一级", "since", "2022-03-01").Want(422, "证书或文书的编号")
		b.Get(person).Post(person+"/record", "source", "assess-disabled", "value", "肢体一级", "since", "2022-03-01", "document", "残 0012").Want(200)
		b.Get(person).Want(200, "肢体一级", "残联", "只作参考")

		b.As = "worker"
		b.Get("/o/share").Want(403)
	})
}
