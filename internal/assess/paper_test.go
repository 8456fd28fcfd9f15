package assess

import (
	"context"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/paper"
	"yinling/internal/undo"
)

// Every document that a step gives is on its way until somebody proves that it
// arrived; a step that is taken back takes its document with it.
func TestPapersAreDelivered(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		desks := &desk.Service{Log: w.Log, Packs: packs, Persons: w.Persons}
		papers := func(f desk.PaperFilter) (map[paper.Kind]desk.PaperRow, desk.PaperCounts) {
			t.Helper()
			list, n, err := desks.Papers(ctx, region, f, 50)
			w.ok(err)
			out := map[paper.Kind]desk.PaperRow{}
			for _, p := range list {
				out[p.Kind] = p
			}
			return out, n
		}
		c := w.apply() // asked for papers, supplied
		w.ok(w.Accept(ctx, w.clerk, c, ""))
		open, n := papers(desk.PaperFilter{})
		if len(open) != 2 || n.Open != 2 || n.Late != 0 || open[paper.Accepted].Who.Name != "王桂兰" || open[paper.Supplement].Object != c.ID {
			t.Fatalf("after acceptance: %+v, %+v", open, n)
		}
		if got := open[paper.Accepted].Due.String(); got != "2024-06-18" { // ten working days, one holiday between
			t.Errorf("due %s", got)
		}
		w.ok(w.Undo(ctx, w.clerk, c))
		open, _ = papers(desk.PaperFilter{})
		void, _ := papers(desk.PaperFilter{State: desk.PaperVoid})
		if len(open) != 1 || open[paper.Supplement].State != desk.PaperOpen || void[paper.Accepted].State != desk.PaperVoid {
			t.Fatalf("after taking back: open %+v, void %+v", open, void)
		}
		if l := w.detail(w.clerk, c).Letters(); len(l) != 1 || l[0].Kind != string(ActSupplement) {
			t.Errorf("letters of the case after taking back: %+v", l)
		}
		w.ok(d.Read(ctx, func(tx *db.Tx) error {
			on, _, err := Issued(tx, region, c.ID, paper.Accepted)
			if !on.IsZero() {
				t.Errorf("whoever checks the code is told that it counts, of %s", on)
			}
			return err
		}))
		w.ok(w.Accept(ctx, w.clerk, c, "")) // on the same day: the same paper again
		open, _ = papers(desk.PaperFilter{Kinds: []paper.Kind{paper.Accepted}})
		got, ok := open[paper.Accepted]
		if len(open) != 1 || !ok || got.State != desk.PaperOpen {
			t.Fatalf("accepted again: %+v", open)
		}

		// Delivered by hand: with a proof, on a day on which that can be, once.
		id := got.PaperID
		post := desk.Delivery{Way: "post", Proof: "挂号 XA10086，女儿签收"}
		w.refused(fault.Invalid, desks.Deliver(ctx, w.clerk, id, "k1", desk.Delivery{Way: "post"}), "邮件号")
		w.refused(fault.Invalid, desks.Deliver(ctx, w.clerk, id, "k2", desk.Delivery{Way: "pigeon", Proof: "x"}), "怎样送到")
		w.refused(fault.Invalid, desks.Deliver(ctx, w.clerk, id, "k3", desk.Delivery{Way: "post", Proof: "x", On: w.today() + 1}), "今天之间")
		w.refused(fault.Invalid, desks.Deliver(ctx, w.clerk, id, "k4", desk.Delivery{Way: "post", Proof: "x", On: w.today() - 1}), "今天之间")
		w.refused(fault.NotFound, desks.Deliver(ctx, w.clerk, desk.PaperID{Kind: paper.Refused, Object: c.ID, On: w.today()}, "k5", post))
		elsewhere := w.clerk
		elsewhere.Region = "330100"
		w.refused(fault.NotFound, desks.Deliver(ctx, elsewhere, id, "k6", post))
		w.ok(desks.Deliver(ctx, w.clerk, id, "k7", post))
		w.ok(desks.Deliver(ctx, w.clerk, id, "k7", post)) // a double click
		w.refused(fault.Conflict, desks.Deliver(ctx, w.clerk, id, "k8", post), "邮寄")
		w.refused(fault.Forbidden, desks.Undeliver(ctx, audit.Actor{ID: "u-2", Name: "张敏", Role: roleClerk, Region: region}, id, "k9"))
		w.ok(desks.Undeliver(ctx, w.clerk, id, "k10"))
		w.ok(desks.Deliver(ctx, w.clerk, id, "k11", post))
		clk.Add(undo.For + time.Minute)
		w.refused(fault.Conflict, desks.Undeliver(ctx, w.clerk, id, "k12"), "10 分钟")

		// The person opens the other one on line: read, and by that delivered; strangers' looks and later ones change nothing.
		letter, err := w.detail(w.asDaughter, c).Letter(string(ActSupplement))
		w.ok(err)
		w.ok(desks.Opened(ctx, w.clerk, letter))
		if p := at(t, desks, letter); p.Read != 0 || p.State != desk.PaperOpen {
			t.Errorf("a clerk's look is no receipt: %+v", p)
		}
		events := count(t, d, "audit_event")
		w.ok(desks.Opened(ctx, w.asDaughter, letter))
		first := at(t, desks, letter)
		clk.Add(time.Hour)
		w.ok(desks.Opened(ctx, w.asDaughter, letter))
		if p := at(t, desks, letter); p.State != desk.PaperDelivered || p.Way != desk.ByPortal || p.Proof != "代办的家人登录后打开" || p.Read != first.Read || count(t, d, "audit_event") != events+1 {
			t.Errorf("receipt: %+v, %d events", p, count(t, d, "audit_event")-events)
		}
		// What was handed over before keeps its proof, and is known to have been read.
		letter, err = w.detail(w.asDaughter, c).Letter(string(ActAccept))
		w.ok(err)
		w.ok(desks.Opened(ctx, w.asDaughter, letter))
		if p := at(t, desks, letter); p.Way != "post" || p.Proof != post.Proof || p.Read == 0 {
			t.Errorf("read after the post came: %+v", p)
		}
		if done, n := papers(desk.PaperFilter{State: desk.PaperDelivered}); len(done) != 2 || n.Open != 0 {
			t.Errorf("delivered: %+v, %+v", done, n)
		}
	})
}

func at(t *testing.T, s *desk.Service, sheet paper.Sheet) desk.Paper {
	t.Helper()
	p, err := s.PaperAt(context.Background(), region, desk.PaperID{Kind: sheet.Kind, Object: sheet.Object, On: sheet.On})
	if err != nil {
		t.Fatal(err)
	}
	return p.Paper
}

// A conclusion has to be delivered within 30 working days after acceptance
// (医保发〔2023〕29号 第二十六条); after that it stands among the late ones, and a
// newer document of its kind takes the older one's place.
func TestConclusionIsLate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		desks := &desk.Service{Log: w.Log, Packs: packs, Persons: w.Persons}
		c := w.toNotice()
		w.pass(5)
		w.ok(w.OnNoticeDue(ctx, region, NoticeDue{Case: c.ID, Notice: w.state(c).Notice}))
		find := func(f desk.PaperFilter) (out []desk.PaperRow, n desk.PaperCounts) {
			t.Helper()
			f.Kinds = []paper.Kind{paper.Effective}
			out, n, err := desks.Papers(ctx, region, f, 50)
			w.ok(err)
			return out, n
		}
		list, _ := find(desk.PaperFilter{})
		if len(list) != 1 || list[0].Due.String() != "2024-07-16" { // accepted on 3 June, 30 working days, one holiday
			t.Fatalf("conclusion: %+v", list)
		}
		w.clock.Set(time.Date(2024, 7, 16, 1, 0, 0, 0, time.UTC))
		if late, _ := find(desk.PaperFilter{State: "late"}); len(late) != 0 {
			t.Errorf("late on its last day: %+v", late)
		}
		w.pass(1)
		late, n := find(desk.PaperFilter{State: "late"})
		if len(late) != 1 || n.Late == 0 || !late[0].Late(w.today()) {
			t.Errorf("late: %+v, %+v", late, n)
		}
		if all, _ := find(desk.PaperFilter{State: desk.PaperDelivered, Query: c.ID}); len(all) != 3 {
			t.Errorf("by number, whatever its state: %d", len(all))
		}
		if all, _ := find(desk.PaperFilter{Query: "王桂兰"}); len(all) != 3 {
			t.Errorf("by name: %d", len(all))
		}
		if all, _ := find(desk.PaperFilter{Query: "赵一凡"}); len(all) != 0 {
			t.Errorf("another's: %+v", all)
		}
		w.write(func(tx *db.Tx) error {
			p := late[0].Paper
			p.On = tx.Today()
			return desk.Give(tx, p)
		})
		list, _ = find(desk.PaperFilter{})
		void, _ := find(desk.PaperFilter{State: desk.PaperVoid})
		if len(list) != 1 || list[0].On != w.today() || len(void) != 1 {
			t.Errorf("the newer one: %+v, void %+v", list, void)
		}
	})
}
