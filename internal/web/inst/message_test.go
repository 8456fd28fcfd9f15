package inst

import (
	"strings"
	"testing"

	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/institution"
)

// The institution reads what it was told, once as unread, and answers what it is
// asked on the page to which the message leads.
func TestMessagesAndInquiry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, b := open(t, d, c)
		tn.Insts.Packs = tn.Packs
		q, err := tn.Insts.Inquire(t.Context(), tn.Clerk, caretest.Region, tn.Inst.ID, "k", "请说明昨天的上门为什么只有 12 分钟", nil)
		caretest.Must(t, err)
		ms, unread, err := tn.Insts.Messages(t.Context(), tn.Boss, "inquiry", true, "", 10)
		if err != nil || len(ms) != 1 || unread < 1 {
			t.Fatal(ms, unread, err)
		}
		b.As = "boss"
		b.Get("/j/message").Want(200, "医保局问：请说明昨天", "没看过", "前</span>")
		b.Get("/j/message?kind=money").Want(200, "这里没有消息")
		b.Get("/j/message/"+ms[0].ID).Want(200, "/j/inquiry/"+q.ID, "最晚哪天说明", "谁先看的")
		if b.Get("/j/message?kind=inquiry"); strings.Contains(b.Page, "请说明昨天") {
			t.Error("unread after it was opened")
		}
		b.Get("/j/message?kind=inquiry&all=1").Want(200, "请说明昨天")
		at := "/j/inquiry/" + q.ID
		b.Get(at).Want(200, "稽核问询", "我们来说明").Post(at, "text", " ").Want(422, "有错误")
		b.Get(at).Post(at, "text", "老人临时去医院，做到一半", "@file", "evil.html\n<script>x</script>").Want(422, "只收照片")
		b.Get(at).Post(at, "text", "老人临时去医院，做到一半").Want(200, "说明了，等医保局定", "老人临时去医院", "再补充一点")
		caretest.Must(t, tn.Insts.CloseInquiry(t.Context(), tn.Clerk, q.ID, "c", 0, institution.ResultNoted, "核对过，是这样"))
		b.Get(at).Want(200, "核实完了", "核对过，是这样")
		if strings.Contains(b.Page, "交给医保局") {
			t.Error("there is still something to answer")
		}
	})
}
