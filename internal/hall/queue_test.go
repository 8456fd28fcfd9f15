package hall

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

const region = "320700"

var clerk = audit.Actor{ID: "clerk", Name: "刘晓", Role: "clerk", Region: region}

func setup(t *testing.T, d *db.DB) (*Service, context.Context) {
	t.Helper()
	k, err := seal.Create(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	log := &audit.Log{DB: d}
	return &Service{Log: log, Packs: set, Persons: &person.Service{Log: log, Keys: k, Packs: set}, Files: &desk.Files{Dir: t.TempDir()},
		Matters: func(string) []Named { return []Named{{"ltci.apply", "申请护理"}, {"insure", "参保登记"}} }}, context.Background()
}

// place makes a hall: window 1 a priority window, window 2 for insure only, window 3 for all.
func place(t *testing.T, s *Service, ctx context.Context) (Place, []Window) {
	t.Helper()
	p, err := s.Save(ctx, clerk, "place", Place{Region: region, Name: "市医保服务大厅", Kind: "hall", Open: true, Weekdays: "12345", Opens: "09:00-17:00"})
	if err != nil {
		t.Fatal(err)
	}
	var out []Window
	for i, w := range []Window{{Priority: true}, {Matters: []string{"insure"}}, {}} {
		w.Region, w.Place, w.No = region, p.ID, int64(i+1)
		if w, err = s.SaveWindow(ctx, clerk, "window"+itoa(w.No), w); err != nil {
			t.Fatal(err)
		}
		if w, err = s.Turn(ctx, clerk, region, w.ID, "open"+w.ID, "open", ""); err != nil {
			t.Fatal(err)
		}
		out = append(out, w)
	}
	return p, out
}

func someone(t *testing.T, s *Service, ctx context.Context, age int, groups ...string) string {
	t.Helper()
	birth := day.FromTime(dbtest.Start).AddMonths(-12*age - 1)
	n, err := person.ParseID(person.DemoID(age, birth, "女"), day.FromTime(dbtest.Start))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	err = s.Log.DB.Write(ctx, func(tx *db.Tx) (err error) {
		ids, _, err = s.Persons.Put(tx, region, []person.Entry{{Number: n, Name: "王桂兰", Sex: n.Sex, Birth: n.Birth, District: "海州区", Resident: true, Groups: groups, Has: person.HasAll}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids[0]
}

func take(t *testing.T, s *Service, ctx context.Context, key string, in Take) Ticket {
	t.Helper()
	if in.Source == "" {
		in.Source = "machine"
	}
	x, err := s.Draw(ctx, clerk, region, key, in)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// A whole morning: lanes by person, order by rule, no-show, return, passing on,
// the four waits measured, the log, the rating.
func TestQueue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx := setup(t, d)
		p, w := place(t, s, ctx)
		old := someone(t, s, ctx, 85)
		a := take(t, s, ctx, "a", Take{Place: p.ID, Matter: "insure"})
		c.Add(2 * time.Minute)
		l := take(t, s, ctx, "l", Take{Place: p.ID, Matter: "insure", Elder: true, Source: "guide"})
		g := take(t, s, ctx, "g", Take{Place: p.ID, Person: old, Matter: "ltci.apply"})
		if a.Label != "A001" || l.Label != "L002" || g.Label != "G003" || g.Shown != "王**" || g.Lane != "green" {
			t.Fatalf("%+v %+v %+v", a, l, g)
		}
		if again, err := s.Draw(ctx, clerk, region, "g", Take{Place: p.ID, Person: old, Matter: "ltci.apply", Source: "machine"}); err != nil || again.ID != g.ID {
			t.Errorf("the same key: %+v %v", again, err)
		}
		if _, err := s.Draw(ctx, clerk, region, "g2", Take{Place: p.ID, Person: old, Source: "machine"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second ticket: %v", err)
		}
		if _, err := s.Draw(ctx, clerk, region, "x", Take{Place: p.ID, Person: "nobody", Source: "machine"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a ticket for nobody: %v", err)
		}
		c.Add(3 * time.Minute)
		// Window 2 does not do the matter of G003: L002 waited 3 min × 10, A001 5 min × 1.
		f, err := s.Floor(ctx, region, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		order, err := s.Next(region, f, w[2], 9)
		if err != nil || len(order) != 3 || order[0].ID != g.ID || order[1].ID != l.ID || order[2].ID != a.ID {
			t.Errorf("the order at window 3: %v %v", labels(order), err)
		}
		one, err := s.Call(ctx, clerk, region, w[1].ID, "c1")
		if err != nil || one.ID != l.ID || one.Status != Called || one.Window != w[1].ID {
			t.Fatalf("window 2 calls %+v, %v", one, err)
		}
		if _, err := s.Call(ctx, clerk, region, w[1].ID, "c2"); !fault.Is(err, fault.Conflict) {
			t.Errorf("calls a second one: %v", err)
		}
		if _, err := s.Turn(ctx, clerk, region, w[1].ID, "t", "paused", "回来"); !fault.Is(err, fault.Conflict) {
			t.Errorf("pauses with somebody there: %v", err)
		}
		dec, err := s.Log.Decision(ctx, region, one.CallDecision)
		if err != nil || dec.Rule != "hall.next@1" && dec.Rule != "hall.next" {
			t.Errorf("the call's decision: %+v %v", dec, err)
		}
		do := func(id, key string, in Act) Ticket {
			t.Helper()
			x, err := s.Do(ctx, clerk, region, id, key, in)
			if err != nil {
				t.Fatalf("%s: %v", in.Action, err)
			}
			return x
		}
		// Nobody comes: a no-show only after the third call; then back in the queue.
		if _, err := s.Do(ctx, clerk, region, l.ID, "m1", Act{Action: "miss"}); !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "叫满 3 次") {
			t.Errorf("missed after one call: %v", err)
		}
		do(l.ID, "r1", Act{Action: "recall"})
		do(l.ID, "r2", Act{Action: "recall"})
		do(l.ID, "m2", Act{Action: "miss"})
		do(l.ID, "b1", Act{Action: "back"})
		if one, err = s.Call(ctx, clerk, region, w[1].ID, "c3"); err != nil || one.ID != l.ID || one.Calls != 1 {
			t.Fatalf("after coming back: %+v %v", one, err)
		}
		// Passed on, the other window calls it before everybody else.
		do(l.ID, "s1", Act{Action: "start"})
		if _, err := s.Do(ctx, clerk, region, l.ID, "p0", Act{Action: "pass", To: w[1].ID}); !fault.Is(err, fault.Invalid) {
			t.Errorf("passed on to itself: %v", err)
		}
		do(l.ID, "p1", Act{Action: "pass", To: w[2].ID, Say: "要核对参保"})
		if _, err := s.Turn(ctx, clerk, region, w[2].ID, "close3", "closed", ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("a window closes while somebody was sent to it: %v", err)
		}
		if one, err = s.Call(ctx, clerk, region, w[2].ID, "c4"); err != nil || one.ID != l.ID {
			t.Fatalf("passed on, yet window 3 calls %+v %v", one, err)
		}
		c.Add(30 * time.Second)
		do(l.ID, "s2", Act{Action: "start"})
		c.Add(4 * time.Minute)
		do(l.ID, "a1", Act{Action: "accept", Matter: "ltci.apply"})
		if err := s.Write(ctx, clerk, region, l.ID, "f0", "feedback", ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("rated before the end: %v", err)
		}
		c.Add(2 * time.Minute)
		done := do(l.ID, "e1", Act{Action: "end"})
		if seg := done.Segments(); seg != (Segments{180, 30, 240, 120}) {
			t.Errorf("the four waits: %v", seg)
		}
		if err := s.Write(ctx, clerk, region, l.ID, "f1", "feedback", "说得清楚"); err != nil {
			t.Fatal(err)
		}
		x, steps, err := s.Ticket(ctx, region, l.ID)
		if err != nil || len(steps) != 14 || steps[13].Step != "feedback" || steps[13].ActorName != "刘晓" {
			t.Errorf("%+v\n%+v %v", x, steps, err)
		}
		if _, err := s.Served(ctx, region, a.ID); !fault.Is(err, fault.Conflict) {
			t.Errorf("served before the end: %v", err)
		}
		if at, err := s.Served(ctx, region, l.ID); err != nil || at.Where != p.Name+" "+w[2].Label() || at.Clerk != clerk.ID || at.ClerkName != "刘晓" {
			t.Errorf("who is rated: %+v %v", at, err)
		}
		b, err := s.Measure(ctx, region, p.ID, day.FromTime(dbtest.Start), day.FromTime(dbtest.Start))
		if err != nil || b.All.N != 3 || b.All.Done != 1 || b.All.Median != (Segments{180, 30, 240, 120}) || b.ByWindow[2].N != 1 || b.ByHour[9] != 3 {
			t.Errorf("%+v %v", b.All, err)
		}
	})
}

func labels(ts []Ticket) (out []string) {
	for _, t := range ts {
		out = append(out, t.Label)
	}
	return out
}

// A ticket taken at home is not called before its holder is there, and then a
// part of the time before counts.
func TestOnline(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx := setup(t, d)
		p, w := place(t, s, ctx)
		o := take(t, s, ctx, "o", Take{Place: p.ID, Source: "online"})
		if _, err := s.Call(ctx, clerk, region, w[2].ID, "c0"); !fault.Is(err, fault.Refused) {
			t.Errorf("called at home: %v", err)
		}
		c.Add(50 * time.Minute)
		a := take(t, s, ctx, "a", Take{Place: p.ID})
		c.Add(10 * time.Minute)
		if _, err := s.Do(ctx, clerk, region, o.ID, "ar", Act{Action: "arrive"}); err != nil {
			t.Fatal(err)
		}
		// 20 minutes of the hour at home count, A002 has waited 10.
		if x, err := s.Call(ctx, clerk, region, w[2].ID, "c1"); err != nil || x.ID != o.ID {
			t.Errorf("%+v %v", x, err)
		}
		if x, err := s.Call(ctx, clerk, region, w[0].ID, "c2"); err != nil || x.ID != a.ID {
			t.Errorf("a priority window without elders: %+v %v", x, err)
		}
		c.Add(24 * time.Hour)
		if _, err := s.Do(ctx, clerk, region, o.ID, "st", Act{Action: "start"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("yesterday's ticket: %v", err)
		}
		// A hall that is shut, a matter that no window does.
		p.Open = false
		if _, err := s.Save(ctx, clerk, "shut", p); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Draw(ctx, clerk, region, "n", Take{Place: p.ID, Source: "online"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a ticket of a shut hall: %v", err)
		}
		if _, err := s.Save(ctx, clerk, "shut2", p); !fault.Is(err, fault.Conflict) {
			t.Errorf("saved over a newer version: %v", err)
		}
	})
}

// T-21: every status × every action; what Flow does not list is refused.
func TestT21FlowOfTickets(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx := setup(t, d)
		p, w := place(t, s, ctx)
		actions := []string{"arrive", "leave", "call", "recall", "start", "miss", "pass", "accept", "end", "back", "nonsense"}
		for _, from := range []Status{Booked, Waiting, Called, Serving, Done, Missed, Left} {
			for _, a := range actions {
				x := take(t, s, ctx, string(from)+a, Take{Place: p.ID})
				x.Status, x.Window, x.Calls = from, w[0].ID, 3
				err := d.Write(ctx, func(tx *db.Tx) error { _, err := changeTicket(tx, x); return err })
				if err != nil {
					t.Fatal(err)
				}
				to, ok := arrow(from, a)
				got, err := s.Do(ctx, clerk, region, x.ID, "do"+x.ID, Act{Action: a, To: w[2].ID})
				if ok = ok && a != "call"; ok != (err == nil) || ok && got.Status != to || !ok && !fault.Is(err, fault.Conflict) {
					t.Errorf("%s %s: %s %v", from, a, got.Status, err)
				}
				if err := s.gone(ctx, x.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// gone takes a ticket of a test out of the way.
func (s *Service) gone(ctx context.Context, id string) error {
	return s.Log.DB.Write(ctx, func(tx *db.Tx) error {
		t, err := ticketOf(tx, region, id)
		if err == nil {
			t.Status = Left
			_, err = changeTicket(tx, t)
		}
		return err
	})
}

// Many windows at once never call the same ticket.
func TestCallsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx := setup(t, d)
		p, w := place(t, s, ctx)
		for i := range 3 {
			take(t, s, ctx, "k"+itoa(int64(i)), Take{Place: p.ID, Matter: "insure"})
		}
		type answer struct {
			t   Ticket
			err error
		}
		out := make(chan answer)
		for _, x := range w {
			go func() { t, err := s.Call(ctx, clerk, region, x.ID, "call"+x.ID); out <- answer{t, err} }()
		}
		seen := map[string]bool{}
		for range w {
			a := <-out
			if a.err != nil || seen[a.t.ID] {
				t.Errorf("%s twice, or %v", a.t.Label, a.err)
			}
			seen[a.t.ID] = true
		}
	})
}
