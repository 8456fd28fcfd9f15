package hall

import (
	"context"
	"fmt"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Take is the wish for a ticket. Person may be unknown: then what the person
// says of age and need decides the lane, and the window looks at the id card.
type Take struct {
	Place, Matter string
	Person        string
	Elder, Unwell bool   // said: 60 or older; hard to move
	Source        string // machine, guide, online
}

// Draw gives out a ticket (取号); rule hall.lane says which lane. One person
// holds one waiting ticket at a place.
func (s *Service) Draw(ctx context.Context, who audit.Actor, region, key string, in Take) (Ticket, error) {
	act := audit.Act{Region: region, Verb: "hall.draw", Object: in.Place, Key: key, Body: in}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (t Ticket, err error) {
		p, err := placeOf(tx, region, in.Place)
		if err != nil {
			return t, err
		}
		if !p.Open {
			return t, fault.New(fault.Conflict, "%s现在不办业务，请看开放时间，或换一个大厅。", p.Name)
		}
		windows, err := db.All(tx, scanWindow, getWindows, region, p.ID)
		if err != nil {
			return t, err
		}
		if err := served(windows, in.Matter, s.MatterName(region, in.Matter)); err != nil {
			return t, err
		}
		facts := LaneFacts{Age: -1, Groups: []string{}, Unwell: in.Unwell}
		if in.Elder {
			facts.Age = 60
		}
		if in.Person != "" {
			x, err := s.Persons.Get(tx, region, in.Person)
			if err != nil {
				return t, err
			}
			t.Shown = person.MaskName(x.Name)
			facts.Age, facts.Groups = int64(x.Age(tx.Today())), append([]string{}, x.Groups...)
			mine, err := db.All(tx, scanTicket, getOf, region, in.Person, tx.Today().String())
			if err != nil {
				return t, err
			}
			for _, m := range mine {
				if m.Place == p.ID && (m.Status == Booked || m.Status == Waiting || m.Status == Called) {
					return t, fault.New(fault.Conflict, "您今天在%s已经有号 %s，不用再取。", p.Name, m.Label)
				}
			}
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return t, err
		}
		fit, dec, err := LaneRule.Decide(v, facts)
		if err != nil {
			return t, err
		}
		n, err := db.One(tx, db.Value[int64], bump, region, p.ID, tx.Today())
		if err != nil {
			return t, err
		}
		now := tx.Millis()
		t = Ticket{Region: region, ID: tx.NewID(), Place: p.ID, Day: tx.Today().String(), Label: fmt.Sprintf("%s%03d", fit.Letter, n), Lane: fit.Lane, Why: fit.Why,
			Source: in.Source, Matter: in.Matter, Person: in.Person, Shown: t.Shown, Status: Waiting, Taken: now, Arrived: now, Version: 1}
		if in.Source == "online" {
			t.Status, t.Arrived = Booked, 0
		}
		if t.Decision, err = audit.DecideOne(tx, region, dec, t.ID); err != nil {
			return t, err
		}
		if err := putTicket(tx, t); err != nil {
			return t, err
		}
		return t, note(tx, t, "take", fit.Name+"："+fit.Why, who.ID, who.Name)
	})
}

// served refuses a matter that no window of the place does.
func served(windows []Window, matter, name string) error {
	for _, w := range windows {
		if w.Serves(matter) {
			return nil
		}
	}
	return fault.Field("matter", "这里的窗口不办「%s」，请问引导员去哪里办", name)
}

// credit is since when a ticket's waiting counts, in milliseconds: from the
// arrival, and for one taken online a little from before.
func credit(t Ticket, minutes int64) int64 {
	if t.Source != "online" {
		return t.Arrived
	}
	return max(t.Taken, t.Arrived-minutes*60_000)
}

// heads are who could come first at a window: of each lane whoever has waited
// longest, and whom another window sent here.
func heads(w Window, waiting []Ticket, now, minutes int64) (out []Candidate, by map[string]Ticket) {
	by = map[string]Ticket{}
	type head struct {
		t     Ticket
		since int64
	}
	first := map[string]head{}
	var order []string
	for _, t := range waiting {
		if t.Status != Waiting || (t.ToWindow != "" && t.ToWindow != w.ID) || (t.ToWindow == "" && !w.Serves(t.Matter)) {
			continue
		}
		slot, since := t.Lane, credit(t, minutes)
		if t.ToWindow != "" {
			slot += " passed"
		}
		if h, ok := first[slot]; !ok || since < h.since || since == h.since && t.Label < h.t.Label {
			if !ok {
				order = append(order, slot)
			}
			first[slot] = head{t, since}
		}
	}
	for _, slot := range order {
		h := first[slot]
		out = append(out, Candidate{Ticket: h.t.Label, Lane: h.t.Lane, Seconds: max(0, now-h.since) / 1000, Passed: h.t.ToWindow != ""})
		by[h.t.Label] = h.t
	}
	return out, by
}

// Choose is whom a window calls next and why; it changes nothing.
func Choose(v *policy.View, w Window, waiting []Ticket, now int64) (Ticket, policy.Decision, error) {
	minutes, _ := onlineCredit.Peek(v)
	list, by := heads(w, waiting, now, minutes)
	if list == nil {
		list = []Candidate{}
	}
	call, dec, err := NextRule.Decide(v, NextFacts{PriorityWindow: w.Priority, Waiting: list})
	return by[call.Ticket], dec, err
}

// Call calls the next one to a window (叫号); rule hall.next says who.
func (s *Service) Call(ctx context.Context, who audit.Actor, region, window, key string) (Ticket, error) {
	act := audit.Act{Region: region, Verb: "hall.call", Object: window, Key: key}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (t Ticket, err error) {
		w, err := windowOf(tx, region, window)
		if err != nil {
			return t, err
		}
		if w.Status != "open" {
			return t, fault.New(fault.Conflict, "%s没有开，请先打开窗口再叫号。", w.Label())
		}
		today := tx.Today().String()
		at, err := db.All(tx, scanTicket, getAt, region, w.Place, today, w.ID)
		if err != nil {
			return t, err
		}
		if len(at) > 0 {
			return t, fault.New(fault.Conflict, "%s还没有办完，办完、过号或转走以后再叫下一个。", at[0].Label)
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return t, err
		}
		for range 5 { // another window may be faster
			waiting, err := db.All(tx, scanTicket, getActive, region, w.Place, today)
			if err != nil {
				return t, err
			}
			next, dec, err := Choose(v, w, waiting, tx.Millis())
			if err != nil {
				return t, err
			}
			t = next
			t.Status, t.Window, t.ToWindow, t.Calls, t.Called = Called, w.ID, "", t.Calls+1, tx.Millis()
			ok, err := changeTicket(tx, t)
			if err != nil {
				return t, err
			}
			if !ok {
				continue
			}
			id, err := audit.DecideOne(tx, region, dec, t.ID)
			if err != nil {
				return t, err
			}
			t.Version++
			t.CallDecision = id
			if _, err := changeTicket(tx, t); err != nil {
				return t, err
			}
			t.Version++
			return t, note(tx, t, "call", "请到 "+w.Label(), who.ID, who.Name)
		}
		return t, fault.New(fault.Busy, "几个窗口同时在叫号，请再点一次。")
	})
}

// Act is what a window or a guide does with a ticket.
type Act struct {
	Action string // of Flow, but not call
	To     string // pass: the window
	Matter string // accept: what it is really about; "" as it was
	Say    string
}

// Do takes a ticket one step on.
func (s *Service) Do(ctx context.Context, who audit.Actor, region, ticket, key string, in Act) (Ticket, error) {
	act := audit.Act{Region: region, Verb: "hall." + in.Action, Object: ticket, Key: key, Body: in}
	if _, known := map[string]bool{"arrive": true, "leave": true, "recall": true, "start": true, "miss": true, "pass": true, "accept": true, "end": true, "back": true}[in.Action]; !known {
		act.Verb = "hall.do"
	}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Ticket, error) {
		t, err := ticketOf(tx, region, ticket)
		if err != nil {
			return t, err
		}
		return s.step(tx, who, t, in)
	})
}

func (s *Service) step(tx *db.Tx, who audit.Actor, t Ticket, in Act) (Ticket, error) {
	to, ok := arrow(t.Status, in.Action)
	if !ok || in.Action == "call" || t.Day != tx.Today().String() {
		return t, fault.New(fault.Conflict, "号 %s 现在是「%s」，这一步办不了。请看过新的情况再办。", t.Label, t.Status.Name())
	}
	now, say := tx.Millis(), strings.TrimSpace(in.Say)
	t.Status = to
	switch in.Action {
	case "arrive":
		t.Arrived = now
	case "back": // keeps the place that the ticket had
		t.Calls = 0
	case "recall":
		t.Calls++
	case "start":
		t.Started = now
	case "miss":
		v, err := s.Packs.At(t.Region, day.MustParse(t.Day))
		if err != nil {
			return t, err
		}
		if n := missCalls.In(v); v.Err() == nil && t.Calls < n {
			return t, v.Refuse(missCalls.Cite(v), "号 %s 才叫了 %d 次，叫满 %d 次没有人来才算过号", t.Label, t.Calls, n)
		}
		if err := v.Err(); err != nil {
			return t, err
		}
	case "accept":
		if t.Accepted != 0 {
			return t, fault.New(fault.Conflict, "号 %s 已经受理过了。", t.Label)
		}
		t.Accepted = now
		if in.Matter != "" {
			t.Matter = in.Matter
		}
	case "end":
		if t.Accepted == 0 {
			t.Accepted = now
		}
		t.Ended = now
	case "pass":
		w, err := windowOf(tx, t.Region, in.To)
		if err != nil || w.Place != t.Place || w.ID == t.Window {
			return t, fault.Field("to", "请选这个大厅里的另一个窗口")
		}
		if w.Status == "closed" {
			return t, fault.Field("to", "%s今天没有开，请换一个窗口", w.Label())
		}
		t.ToWindow, t.Window, t.Called, t.Started, t.Calls = w.ID, "", 0, 0, 0
		say = strings.TrimSpace("转到 " + w.Label() + " " + say)
	}
	if ok, err := changeTicket(tx, t); err != nil || !ok {
		return t, orConflict(err)
	}
	t.Version++
	return t, note(tx, t, in.Action, say, who.ID, who.Name)
}

func orConflict(err error) error {
	if err != nil {
		return err
	}
	return changed(0, nil)
}

// Write adds a step of the reception to the log of a ticket (S-14).
func (s *Service) Write(ctx context.Context, who audit.Actor, region, ticket, key, step, say string) error {
	act := audit.Act{Region: region, Verb: "hall.write", Object: ticket, Key: key, Body: [2]string{step, say}}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		t, err := ticketOf(tx, region, ticket)
		if err != nil {
			return err
		}
		known := false
		for _, x := range Steps {
			known = known || x.ID == step
		}
		switch {
		case !known || step == "accept" && t.Status != Serving:
			return fault.Field("step", "请选做了哪一步；受理要等窗口叫到")
		case step == "feedback" && t.Status != Done:
			return fault.New(fault.Conflict, "办完以后再请老人评。")
		}
		return note(tx, t, step, strings.TrimSpace(say), who.ID, who.Name)
	})
}

// Served is a ticket that was handled: at which window and by whom, for what the
// person thinks of it (好差评).
type Served struct {
	Ticket
	Where            string // 市医保服务大厅 3 号窗口
	Clerk, ClerkName string // who called it last
}

// Served reads a ticket that was handled. Conflict before it is.
func (s *Service) Served(ctx context.Context, region, ticket string) (x Served, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if x.Ticket, err = ticketOf(tx, region, ticket); err != nil {
			return err
		}
		if x.Status != Done {
			return fault.New(fault.Conflict, "办完以后再评。")
		}
		p, err := placeOf(tx, region, x.Place)
		if err != nil {
			return err
		}
		w, err := windowOf(tx, region, x.Window)
		if err != nil {
			return err
		}
		x.Where = p.Name + " " + w.Label()
		steps, err := stepsOf(tx, region, ticket)
		for _, st := range steps {
			if st.Step == "call" || st.Step == "end" {
				x.Clerk, x.ClerkName = st.Actor, st.ActorName
			}
		}
		return err
	})
	return x, err
}

// DrawByCard is Draw at a machine that reads an id card; no number, no person.
// Somebody with a ticket from the net is reported in instead.
func (s *Service) DrawByCard(ctx context.Context, who audit.Actor, region, key, idno string, in Take) (Ticket, error) {
	if idno == "" {
		return s.Draw(ctx, who, region, key, in)
	}
	var booked Ticket
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		x, err := s.Persons.FindByID(tx, region, idno)
		if fault.Is(err, fault.NotFound) {
			return fault.Field("idno", "名册里没有这个号码。可以不填，直接取号，窗口再查")
		}
		if err != nil {
			return fault.Field("idno", "%s", fault.As(err).Say)
		}
		in.Person = x.ID
		mine, err := db.All(tx, scanTicket, getOf, region, x.ID, tx.Today().String())
		for _, t := range mine {
			if t.Place == in.Place && t.Status == Booked {
				booked = t
			}
		}
		return err
	})
	switch {
	case err != nil:
		return booked, err
	case booked.ID != "":
		return s.Do(ctx, who, region, booked.ID, key, Act{Action: "arrive"})
	}
	return s.Draw(ctx, who, region, key, in)
}
