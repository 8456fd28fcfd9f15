package matter

import (
	"context"
	"strings"
	"testing"
	"time"

	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/person"
)

const there = "350100"

// TestHandover: a case taken here for a fund there is handed over by the outbox
// once, both clocks run, and the result comes home; what the fund refuses, too.
func TestHandover(t *testing.T) {
	each(t, "", func(h *hall) {
		ctx := context.Background()
		no, err := person.ParseID(person.DemoID(900, today.AddMonths(-12*80), "女"), today)
		must(t, err)
		h.write(func(tx *db.Tx) error {
			_, _, err := h.Person.Put(tx, there, []person.Entry{{Number: no, Name: "林秀英", Sex: "女", Birth: today.AddMonths(-12 * 80), District: "鼓楼区", Resident: true,
				Coverage: person.Coverage{Kind: "resident", Since: today - 900, Status: "active"}, Has: person.HasAll}})
			return err
		})
		take := func(key, matter, name string, answers map[string]string) desk.Receipt {
			t.Helper()
			r, err := h.Desk.TakeAway(ctx, h.staff("clerk"), desk.Away{There: there, IDNo: no.Text, Name: name,
				ApplyInput: desk.ApplyInput{Key: key, Matter: matter, Channel: desk.Window, Answers: answers}})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		drain := func() {
			t.Helper()
			h.clock.Set(h.clock.Now().Add(time.Minute))
			for range 4 {
				if _, err := h.Jobs.Drain(ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		see := func(id string) (c desk.Case, a desk.Application) {
			t.Helper()
			c, a, err := h.Desk.See(ctx, h.staff("clerk"), region, id)
			must(t, err)
			return c, a
		}
		// Decided there on the spot.
		at := map[string]string{"kind": "long", "place": "江苏省苏州市", "since": today.String()}
		one := take("one", "remote.filing", "林秀英", at)
		if again := take("one", "remote.filing", "林秀英", at); again.Number != one.Number || one.Due.IsZero() {
			t.Errorf("%+v %+v", one, again)
		}
		drain()
		if c, a := see(one.Number); c.Status != desk.StatusDone || a.Other == "" || a.Result == "" {
			t.Errorf("%s %+v", c.Status, a)
		}
		// Decided there by somebody, days later.
		two := take("two", "person.change", "林秀英", map[string]string{"phone": "19900000777"})
		drain()
		c, a := see(two.Number)
		if c.Status != desk.StatusOpen || a.Other == "" || c.Due.IsZero() {
			t.Fatalf("%s %+v", c.Status, a)
		}
		far := h.staff("clerk")
		far.Region = there
		if c, _, err := h.Desk.See(ctx, far, there, a.Other); err != nil || c.Due.IsZero() {
			t.Errorf("the clock there: %+v %v", c, err)
		}
		// Something is missing: the place that took it sees what and since when, after
		// the ten minutes in which the other side may take it back; then it goes on.
		must(t, h.Desk.Decide(ctx, far, desk.Cmd{Region: there, ID: a.Other}, desk.More, "新号码的实名证明", nil))
		drain()
		if _, a := see(two.Number); a.Result != "" || a.AskedThere() != 0 {
			t.Errorf("told before it holds: %+v", a)
		}
		h.clock.Set(h.clock.Now().Add(11 * time.Minute))
		drain()
		if c, a := see(two.Number); c.Status != desk.StatusOpen || !strings.Contains(a.Result, "还差新号码的实名证明，请在") || a.AskedThere() == 0 {
			t.Errorf("asked: %s %+v", c.Status, a)
		}
		b := h.web()
		b.As = "clerk"
		b.Get("/o/handover").Want(200, "等补材料", "还差新号码的实名证明", "请告诉来办的人")
		must(t, h.Desk.TakeBack(ctx, there, desk.HandedBack{Here: region, Case: two.Number, Number: a.Other, Status: desk.StatusWaiting, Result: "早先的话", At: 1}))
		if _, a := see(two.Number); strings.Contains(a.Result, "早先") {
			t.Errorf("an older word stands: %q", a.Result)
		}
		must(t, h.Desk.Supply(ctx, far, desk.Cmd{Region: there, ID: a.Other}, nil, "证明送到窗口了"))
		drain()
		if c, a := see(two.Number); c.Status != desk.StatusOpen || a.Result != "" {
			t.Errorf("goes on: %s %+v", c.Status, a)
		}
		must(t, h.Desk.Decide(ctx, far, desk.Cmd{Region: there, ID: a.Other}, desk.Pass, "", nil))
		drain()
		if c, a := see(two.Number); c.Status != desk.StatusDone || !strings.Contains(a.Result, "手机号") {
			t.Errorf("%s %q", c.Status, a.Result)
		}
		// Not insured there under this name.
		three := take("three", "person.change", "林秀兰", map[string]string{"phone": "19900000777"})
		drain()
		if c, a := see(three.Number); c.Status != desk.StatusRefused || !strings.Contains(a.Result, "对不上") {
			t.Errorf("%s %q", c.Status, a.Result)
		}
	})
}
