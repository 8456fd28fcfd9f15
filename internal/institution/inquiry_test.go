package institution

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Nothing is decided against an institution before it has answered or its time
// is over; what it answers and hands in is there when it is decided; it is told
// of each step, and whoever opens a message first is known.
func TestInquiry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx, _ := setup(t, d)
		var err error
		if s.Packs, err = policy.Load(""); err != nil {
			t.Fatal(err)
		}
		files := &desk.Files{Dir: t.TempDir()}
		clerk := audit.Actor{ID: "c1", Name: "刘晓", Role: "clerk", Region: region}
		i, other := enter(t, s, "康宁护理站", Care), enter(t, s, "别家", Care)
		at := audit.Actor{ID: "j1", Name: "周站长", Role: "institution", Region: region, Institution: i.ID}
		stranger := audit.Actor{ID: "j2", Name: "吴站长", Role: "institution", Region: region, Institution: other.ID}
		c.Set(time.Date(2025, 3, 3, 1, 0, 0, 0, time.UTC)) // a Monday; the text on measures holds from December 2024
		now := day.FromTime(c.Now())
		if err := s.Act(ctx, clerk, region, i.ID, Change{Action: "agree", From: now, To: now + 700}); err != nil {
			t.Fatal(err)
		}
		m, err := s.Hire(ctx, clerk, region, "h", NewStaff{Institution: i.ID, Name: "周护理", Role: CareWorker})
		if err != nil {
			t.Fatal(err)
		}
		want := func(k fault.Kind, err error, say string) {
			t.Helper()
			if !fault.Is(err, k) || !strings.Contains(fault.As(err).Say, say) {
				t.Errorf("%v, want %s %q", err, k, say)
			}
		}
		told := func() (out []string) {
			t.Helper()
			ms, _, err := s.Messages(ctx, at, "", false, "", 50)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range ms {
				out = append(out, m.Title)
			}
			return out
		}

		// A measure outside its clause is not even announced.
		ask := func(key string, b Breach) (Inquiry, error) { return s.Inquire(ctx, clerk, region, i.ID, key, "", &b) }
		_, err = ask("", Breach{Subject: "staff", Staff: m.ID, Months: 13, Reason: "虚记上门"})
		want(fault.Refused, err, "3 至 12 个月")
		_, err = ask("", Breach{Subject: "staff", Staff: "nobody", Months: 6, Reason: "虚记上门"})
		want(fault.Invalid, err, "人员里选")
		_, err = s.Inquire(ctx, clerk, region, i.ID, "", "？", nil)
		want(fault.Invalid, err, "说明什么")
		before := len(told())
		q, err := ask("k1", Breach{Subject: "staff", Staff: m.ID, Months: 6, Reason: "回访查实虚记上门 3 次"})
		if err != nil || q.Kind != AskPlan || q.Name != "周护理" || q.Measure == "" || q.Due.String() != "2025-03-10" { // five working days
			t.Fatalf("%+v, %v", q, err)
		}
		if again, err := ask("k1", Breach{Subject: "staff", Staff: m.ID, Months: 6, Reason: "回访查实虚记上门 3 次"}); err != nil || again.ID != q.ID {
			t.Errorf("the same key: %+v, %v", again, err)
		}
		if got := told(); len(got) != before+1 || !strings.Contains(got[0], "拟处理：周护理") {
			t.Errorf("told %v", got)
		}
		if _, staff, _ := s.See(ctx, region, i.ID); !staff[0].BannedUntil.IsZero() {
			t.Error("announced and already in effect")
		}

		// Never by the hand that announced it, and not before the answer; strangers see nothing of it.
		judge := audit.Actor{ID: "r1", Name: "吴复核", Role: "reviewer", Region: region}
		for _, result := range []string{ResultPunish, ResultDrop} {
			want(fault.Forbidden, s.CloseInquiry(ctx, clerk, q.ID, "c0", 1, result, "x"), "复核岗，或者另一位经办")
		}
		want(fault.Conflict, s.CloseInquiry(ctx, judge, q.ID, "c0", 1, ResultPunish, ""), "可以说明到2025年3月10日")
		want(fault.Invalid, s.CloseInquiry(ctx, judge, q.ID, "c0", 1, ResultNoted, "x"), "怎样定")
		want(fault.Invalid, s.CloseInquiry(ctx, judge, q.ID, "c0", 1, ResultDrop, ""), "为什么")
		_, _, _, err = s.SeeInquiry(ctx, stranger, q.ID)
		want(fault.NotFound, err, "没有找到")
		want(fault.NotFound, s.AnswerInquiry(ctx, stranger, q.ID, "a0", "不是我们", nil), "没有找到")
		want(fault.Invalid, s.AnswerInquiry(ctx, at, q.ID, "a0", " ", nil), "写清楚")
		stored, err := files.Save(region, "签到照片.jpg", bytes.NewReader([]byte("\xff\xd8\xff\xe0"+strings.Repeat("x", 600))), c.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.AnswerInquiry(ctx, at, q.ID, "a1", "三次都去了，定位漂移", []desk.Stored{stored}); err != nil {
			t.Fatal(err)
		}
		if err := s.AnswerInquiry(ctx, at, q.ID, "a2", "补充：有家属签字", nil); err != nil {
			t.Fatal(err)
		}
		q, in, docs, err := s.SeeInquiry(ctx, clerk, q.ID)
		if err != nil || in.ID != i.ID || len(docs) != 1 || q.State != InquiryAnswered || q.Answer != "三次都去了，定位漂移\n补充：有家属签字" || q.Answerer != "周站长" {
			t.Fatalf("%+v %v %v", q, docs, err)
		}
		if _, f, err := s.InquiryFile(ctx, at, files, q.ID, docs[0].ID); err != nil {
			t.Error(err)
		} else {
			f.Close()
		}
		_, _, err = s.InquiryFile(ctx, stranger, files, q.ID, docs[0].ID)
		want(fault.NotFound, err, "没有找到")
		want(fault.Conflict, s.CloseInquiry(ctx, judge, q.ID, "c1", q.Version-1, ResultPunish, ""), "又说明了")
		want(fault.Forbidden, s.CloseInquiry(ctx, clerk, q.ID, "c2", q.Version, ResultPunish, ""), "您告知机构的")
		if err := s.CloseInquiry(ctx, judge, q.ID, "c2", q.Version, ResultPunish, "定位和打卡不符，不采纳"); err != nil {
			t.Fatal(err)
		}
		xs, err := s.Sanctions(ctx, region, i.ID)
		if err != nil || len(xs) != 1 || xs[0].Name != "周护理" || !strings.Contains(xs[0].Reason, "不采纳") {
			t.Errorf("%+v, %v", xs, err)
		}
		if got := told(); got[0] != "违规处理：周护理" {
			t.Errorf("told %v", got)
		}
		want(fault.Conflict, s.AnswerInquiry(ctx, at, q.ID, "a3", "还有话说", nil), "已经定了")
		want(fault.Conflict, s.CloseInquiry(ctx, judge, q.ID, "c3", 0, ResultDrop, "x"), "已经定了")

		// Silence: after the last day the office decides; a question never punishes.
		late, err := ask("k2", Breach{Subject: "institution", Months: 6, Reason: "授意虚记上门"})
		if err != nil {
			t.Fatal(err)
		}
		question, err := s.Inquire(ctx, clerk, region, i.ID, "k3", "请说明 3 月 1 日王奶奶的上门为什么只有 12 分钟", nil)
		if err != nil {
			t.Fatal(err)
		}
		want(fault.Invalid, s.CloseInquiry(ctx, clerk, question.ID, "c4", 0, ResultPunish, ""), "怎样定")
		open, insts, n, err := s.InquiriesAt(ctx, region, InquiryOpen, 10)
		if err != nil || len(open) != 2 || n[InquiryOpen] != 2 || n[InquiryAnswered] != 0 || insts[i.ID].Name != "康宁护理站" {
			t.Errorf("%+v %v %v", open, n, err)
		}
		c.Set(time.Date(2025, 3, 11, 1, 0, 0, 0, time.UTC))
		want(fault.Conflict, s.AnswerInquiry(ctx, at, late.ID, "a4", "来晚了", nil), "已经过了")
		if err := s.CloseInquiry(ctx, judge, late.ID, "c5", 0, ResultPunish, ""); err != nil {
			t.Error(err)
		}
		if now, _, _ := s.See(ctx, region, i.ID); now.Status != Suspended {
			t.Errorf("after the time was over: %+v", now)
		}
		if err := s.CloseInquiry(ctx, clerk, question.ID, "c6", 0, ResultNoted, "当天老人去了医院"); err != nil {
			t.Error(err)
		}
		if done, _, n, _ := s.InquiriesAt(ctx, region, InquiryClosed, 10); len(done) != 3 || len(n) != 0 {
			t.Errorf("%d closed, %v", len(done), n)
		}

		// Messages are the institution's own; the first reader is kept.
		ms, unread, err := s.Messages(ctx, at, "inquiry", true, "", 50)
		if err != nil || unread != len(told()) || len(ms) != 4 { // announced, announced, asked, settled
			t.Fatalf("%d of %d unread, %v", len(ms), unread, err)
		}
		if _, err := s.OpenMessage(ctx, stranger, ms[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's message: %v", err)
		}
		first, err := s.OpenMessage(ctx, at, ms[0].ID)
		if err != nil || first.Read == 0 || first.ReadName != "周站长" {
			t.Errorf("%+v %v", first, err)
		}
		c.Add(time.Hour)
		at.Name = "另一个人"
		if again, err := s.OpenMessage(ctx, at, ms[0].ID); err != nil || again.Read != first.Read || again.ReadName != "周站长" {
			t.Errorf("%+v %v", again, err)
		}
		if _, n, _ := s.Messages(ctx, at, "", false, "", 0); n != unread-1 {
			t.Errorf("%d unread, %d before", n, unread)
		}
		if page, _, _ := s.Messages(ctx, at, "", false, ms[0].ID, 2); len(page) != 2 || page[0].ID >= ms[0].ID {
			t.Errorf("the next page: %+v", page)
		}
	})
}
