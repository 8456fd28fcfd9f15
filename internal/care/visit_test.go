package care

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/person"
)

func (tn *town) sync(worker int, events []Event) []SyncResult {
	tn.t.Helper()
	out, err := tn.Sync(ctx, tn.acts[worker], region, events)
	must(tn.t, err)
	return out
}

func TestAGoodVisitHasSixElementsAndNoSuspicion(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		tn.active(tn.input(0))
		v := tn.visits(0, today, today+7)[1] // Thursday: 20 + 40 minutes
		c.Add(3*24*time.Hour + 3*time.Hour)  // uploaded at noon
		for _, r := range tn.sync(0, tn.whole(v, 0, v.On, 9*60+2, 60)) {
			if r.Status != "stored" {
				t.Fatalf("%+v", r)
			}
		}
		v = tn.visit(v.ID)
		if v.Status != Done || v.Minutes != 60 || v.Staff != tn.workers[0].ID || v.Person != tn.people[0] || v.On != today+3 || len(v.Items) != 2 || v.Confirmed != "code" {
			t.Fatalf("%+v", v)
		}
		in := v.Place.In
		if in.Distance != 0 || in.Fix.Accuracy != 12 || in.Device != instant(v.On, 9*60+2) || in.Received != c.Now().UnixMilli() {
			t.Fatalf("place %+v", in)
		}
		if xs := tn.exceptions(v.ID); len(xs) != 0 || v.Suspects != 0 {
			t.Fatalf("suspicion of a good visit: %+v", xs)
		}
		total, err := v.TotalFen()
		must(t, err)
		// 20 + 40 minutes at 65.00 an hour: exactly one hour together.
		if len(v.Lines) != 2 || v.Lines[0].Qty+v.Lines[1].Qty != money.One || total != 6500 || v.Lines[0].Staff != "care_worker" || v.BillDecision == "" {
			t.Fatalf("lines %+v total %s", v.Lines, total)
		}
		must(t, d.Read(ctx, func(tx *db.Tx) error { _, err := VisitDone(tx, region, v.ID); return err }))
	})
}

// The queue of two workers with overlaps, a far check-in, a late correction and
// a wrong code ends in the same rows in any order, in halves and repeated.
func TestReplayEndsInTheSameRows(t *testing.T) {
	t.Parallel()
	d, c := dbtest.SQLite(t)
	tn := newTown(t, d, c, 3)
	var all []Event
	for p := range tn.people {
		tn.active(tn.input(p))
	}
	c.Add(4 * time.Hour)
	for p := range tn.people {
		v := tn.visits(p, today, today)[0]
		all = append(all, tn.whole(v, p, today, int64(9*60+p*15), 20)...) // they overlap
	}
	all[5].Place = &Fix{Lat: homeLat + 500000, Lng: homeLng, Accuracy: 10} // 55 km away
	all[14].Code = "000000"                                                // wrong
	again := all[3]                                                        // a second check-out, later
	again.ClientID, again.At = again.ClientID+"-2", again.At+300000
	all = append(all, again, Event{ClientID: "trouble-1", Visit: all[10].Visit, Kind: "trouble", At: all[10].At + 5000, Trouble: "injury", Note: "摔了一下"})
	planned := dump(tn, false)
	var want string
	check := func(rt interface{ Fatalf(string, ...any) }, queue []Event, cuts []int) {
		reset(tn, planned)
		at := 0
		for _, cut := range append(cuts, len(queue)) {
			tn.sync(0, queue[at:cut])
			at = cut
		}
		got := dump(tn, true)
		if want == "" {
			want = got
		}
		if got != want {
			rt.Fatalf("other rows\n got %s\nwant %s", got, want)
		}
	}
	check(t, all, nil)
	if !strings.Contains(want, "overlap_staff") || !strings.Contains(want, "location_far") || !strings.Contains(want, "unconfirmed") {
		t.Fatalf("the queue proves too little: %s", want)
	}
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		if runs++; runs > 40 && !testing.Verbose() { // each run fills a real database; -v tries all
			return
		}
		queue := rapid.Permutation(all).Draw(rt, "order")
		queue = append(queue, rapid.SliceOfN(rapid.SampledFrom(all), 0, 8).Draw(rt, "again")...)
		cuts := rapid.SliceOfN(rapid.IntRange(0, len(queue)), 0, 3).Draw(rt, "cuts")
		slices.Sort(cuts)
		check(rt, queue, cuts)
	})
}

// dump is all visits, or with results all visits and exceptions, without ids of
// decisions and versions.
func dump(tn *town, results bool) string {
	var b strings.Builder
	for p := range tn.people {
		for _, v := range tn.visits(p, today, today) {
			v.Version, v.BillDecision, v.SuspectDecision = 0, "", ""
			b.WriteString(js(v) + "\n")
			if !results {
				continue
			}
			xs := tn.exceptions(v.ID)
			for _, k := range []string{"overlap_staff", "overlap_person", "travel", "location_far", "location_off", "unconfirmed", "no_evidence", "short", "late", "clock", "homes", "unplanned"} {
				if x, ok := xs[k]; ok {
					x.Version = 0
					b.WriteString(js(x) + "\n")
				}
			}
		}
	}
	return b.String()
}

func reset(tn *town, planned string) {
	must(tn.t, tn.d.Write(ctx, func(tx *db.Tx) error {
		for _, q := range []string{`DELETE FROM care_sync WHERE region = $1`, `DELETE FROM care_exception WHERE region = $1`, `DELETE FROM care_visit WHERE region = $1`} {
			if _, err := tx.Exec(q, region); err != nil {
				return err
			}
		}
		var visits []Visit
		for line := range strings.Lines(planned) {
			var v Visit
			if err := unjs(line, &v); err != nil {
				return err
			}
			visits = append(visits, v)
		}
		_, err := InsertVisits(tx, visits)
		return err
	}))
}

func TestSyncRefusesWhatIsNotItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		plan := tn.active(tn.input(0))
		v := tn.visits(0, today, today)[0]
		queue := tn.whole(v, 0, today, 9*60, 20)
		stranger := tn.acts[0]
		stranger.ID, stranger.Institution = "x", "elsewhere"
		out, err := tn.Sync(ctx, stranger, region, queue[:1])
		must(t, err)
		if out[0].Status != "refused" || tn.visit(v.ID).Status != Planned {
			t.Fatalf("%+v", out)
		}
		other := queue[0]
		other.Note = "改过"
		unplanned := Event{ClientID: "11111111-1111-4111-8111-111111111111", Visit: "22222222-2222-4222-8222-222222222222", Plan: plan.ID, Kind: "checkin", At: instant(today, 600), Place: home(0)}
		bad := Event{ClientID: "33333333", Visit: v.ID, Kind: "sleep", At: 1}
		out = tn.sync(0, []Event{queue[0], queue[0], other, unplanned, bad})
		var got []string
		for _, r := range out {
			got = append(got, r.Status)
		}
		if s := strings.Join(got, " "); s != "stored known conflict stored refused" {
			t.Fatalf("%s", s)
		}
		if v := tn.visit(unplanned.Visit); v.Status != Started || v.PlannedAt != 0 || v.Person != tn.people[0] {
			t.Fatalf("a visit that nobody had planned: %+v", v)
		}
	})
}

// Every kind of suspicion is found, none blocks, each has a deadline and a clause.
func TestSuspicions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 6)
		for p := range tn.people {
			in := tn.input(p)
			in.Slots = []Slot{{1, "09:00", tn.workers[0].ID}, {2, "09:00", tn.workers[0].ID}}
			tn.active(in)
		}
		c.Add(20 * time.Hour)
		next := 0
		for _, k := range []struct {
			kind    string
			at, min int64
			change  func(v Visit, q []Event) []Event
		}{
			{"location_off", 6 * 60, 20, func(v Visit, q []Event) []Event { q[0].Place = &Fix{Off: true, Why: "denied"}; return q }},
			{"location_far", 8 * 60, 20, func(v Visit, q []Event) []Event {
				q[0].Place = &Fix{Lat: q[0].Place.Lat + 3000, Lng: homeLng, Accuracy: 20}
				return q
			}},
			{"mock", 10 * 60, 20, func(v Visit, q []Event) []Event { q[3].Place.Mock = true; return q }},
			{"short", 12 * 60, 15, func(v Visit, q []Event) []Event { return q }},
			{"no_evidence", 14 * 60, 20, func(v Visit, q []Event) []Event { return slices.Delete(q, 2, 3) }},
			{"hospital", 16 * 60, 20, func(v Visit, q []Event) []Event {
				must(t, d.Write(ctx, func(tx *db.Tx) error {
					return tn.People.PutStays(tx, region, []person.StayOf{{Person: v.Person, Stay: person.Stay{Since: today, Source: "试"}}})
				}))
				return q
			}},
		} {
			v := tn.visits(next, today, today)[0]
			tn.sync(0, k.change(v, tn.whole(v, next, today, k.at, k.min)))
			v, xs := tn.visit(v.ID), tn.exceptions(v.ID)
			if v.Status != Done || len(v.Lines) == 0 {
				t.Errorf("%s blocked the visit: %+v", k.kind, v)
			}
			x, ok := xs[k.kind]
			if !ok || x.Clause == nil || x.AnswerDue != today+3 || x.Status != Open {
				t.Errorf("%s: %+v", k.kind, xs)
			}
			if _, ok := xs["homes"]; ok != (next >= 3) { // at most three homes a day in this pack
				t.Errorf("home %d of the day: %v", next+1, xs)
			}
			next++
		}
		// The next day: overlap of one worker, then impossible travel, an item outside
		// the plan done by the wrong hands, a wrong code, a clock ahead, late upload.
		a, b := tn.visits(0, today+1, today+1)[0], tn.visits(1, today+1, today+1)[0]
		qa, qb := tn.whole(a, 0, today+1, 9*60, 60), tn.whole(b, 1, today+1, 9*60+30, 60)
		qb[1].Items = []DoneItem{{"N01", 30}}
		qb[4].Code = "000000"
		tn.sync(0, qa)
		tn.sync(0, qb)
		for _, k := range []string{"overlap_staff"} {
			if tn.exceptions(a.ID)[k].Say == "" || tn.exceptions(b.ID)[k].Say == "" {
				t.Errorf("%s must stand at both visits", k)
			}
		}
		for _, k := range []string{"extra", "unqualified", "unconfirmed", "clock"} {
			if tn.exceptions(b.ID)[k].Say == "" {
				t.Errorf("no %s: %v", k, tn.exceptions(b.ID))
			}
		}
		e, f := tn.visits(2, today+1, today+1)[0], tn.visits(3, today+1, today+1)[0]
		c.Add(100 * time.Hour)
		qe, qf := tn.whole(e, 2, today+1, 13*60, 20), tn.whole(f, 3, today+1, 13*60+22, 20)
		far := &Fix{Lat: homeLat + 500000, Lng: homeLng, Accuracy: 10}
		qf[0].Place, qf[3].Place = far, far
		tn.sync(0, qf)
		tn.sync(0, qe)
		for _, v := range []Visit{e, f} {
			xs := tn.exceptions(v.ID)
			if xs["travel"].Say == "" || xs["late"].Say == "" {
				t.Errorf("travel and late: %v", xs)
			}
		}
	})
}

// T-21: every state × every online action of a visit.
func TestT21FlowOfVisits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		plan := tn.active(tn.input(0))
		act := map[string]Event{"checkin": {Kind: "checkin", Place: home(0)}, "items": {Kind: "items", Items: []DoneItem{{"L01", 20}}},
			"evidence": {Kind: "evidence", Documents: []string{"d"}}, "checkout": {Kind: "checkout", Place: home(0)}, "trouble": {Kind: "trouble", Trouble: "not_home"},
			"confirm": {Kind: "confirm", Method: "pin", Code: "2468"}}
		ways := map[VisitStatus][]string{Planned: {}, Started: {"checkin"}, Done: {"checkin", "checkout"}, Trouble: {"trouble"}, Cancelled: {}, Void: {}}
		n := 0
		for state, way := range ways {
			for _, a := range VisitActions {
				n++
				id := fmt.Sprintf("v%d", n)
				v := Visit{Region: region, ID: id, Plan: plan.ID, Person: tn.people[0], Institution: tn.inst.ID, Staff: tn.workers[0].ID, On: today, Mode: "home", Status: Planned}
				if state == Cancelled || state == Void {
					v.Status = state
				}
				must(t, d.Write(ctx, func(tx *db.Tx) error { _, err := InsertVisits(tx, []Visit{v}); return err }))
				for _, w := range way {
					c.Add(time.Minute)
					if _, err := tn.Do(ctx, tn.acts[0], region, id, "", act[w]); err != nil {
						t.Fatal(err)
					}
				}
				var to []VisitStatus
				for _, f := range VisitFlow {
					if f.From == state && f.Action == a.ID {
						to = f.To
					}
				}
				before := tn.visit(id)
				c.Add(time.Minute)
				_, err := tn.Do(ctx, tn.acts[0], region, id, "", act[a.ID])
				after := tn.visit(id)
				if to == nil && (!fault.Is(err, fault.Conflict) || js(before) != js(after)) {
					t.Errorf("%s × %s: %v, now %s", state, a.ID, err, after.Status)
				}
				if to != nil && (err != nil || !slices.Contains(to, after.Status)) {
					t.Errorf("%s × %s: %v, now %s", state, a.ID, err, after.Status)
				}
			}
		}
	})
}

func TestCodeCannotBeGuessed(t *testing.T) {
	t.Parallel()
	d, c := dbtest.SQLite(t)
	tn := newTown(t, d, c, 1)
	plan := tn.active(tn.input(0))
	v := tn.visits(0, today, today)[0]
	for _, e := range []Event{{Kind: "checkin", Place: home(0)}, {Kind: "checkout", Place: home(0)}} {
		c.Add(20 * time.Minute)
		if _, err := tn.Do(ctx, tn.acts[0], region, v.ID, "", e); err != nil {
			t.Fatal(err)
		}
	}
	for range codeTries {
		if _, err := tn.Do(ctx, tn.acts[0], region, v.ID, "", Event{Kind: "confirm", Method: "code", Code: "wrong1"}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("a wrong code: %v", err)
		}
	}
	if _, err := tn.Do(ctx, tn.acts[0], region, v.ID, "", Event{Kind: "confirm", Method: "code", Code: plan.Code(v.ID)}); !fault.Is(err, fault.Invalid) {
		t.Fatalf("the right code after %d wrong ones: %v", codeTries, err)
	}
	if v, err := tn.Do(ctx, tn.acts[0], region, v.ID, "", Event{Kind: "confirm", Method: "sign", Documents: []string{"paper"}}); err != nil || v.Confirmed != "sign" {
		t.Fatalf("%v %q", err, v.Confirmed)
	}
}

// T-21 on exceptions, and what a decision does to the bill.
func TestT21ExceptionsAndTheirDecisions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		in := tn.input(0)
		in.Slots = []Slot{{1, "09:00", ""}, {2, "09:00", ""}, {3, "09:00", ""}, {4, "09:00", ""}, {5, "09:00", ""}, {6, "09:00", ""}, {7, "09:00", ""}}
		in.Items = []PlanItem{{"L01", 7, 60, "care_worker"}}
		tn.active(in)
		visits := tn.visits(0, today, today+27)
		ways := map[ExceptionStatus][]string{Open: {}, Answered: {"answer"}, Accepted: {"accept"}, Deducted: {"deduct"}, Voided: {"void"}}
		do := func(v Visit, action string) error {
			if action == "answer" {
				_, err := tn.Answer(ctx, tn.boss, region, v.ID, "unconfirmed", "", "家属出门了", []string{"photo"})
				return err
			}
			_, err := tn.Judge(ctx, tn.clerk, region, v.ID, "unconfirmed", "", Judgement{Action: action, Minutes: 30, Reason: "核实过"})
			return err
		}
		n := 0
		for state, way := range ways {
			for _, a := range ExceptionActions {
				v := visits[n]
				n++
				c.Set(time.UnixMilli(instant(v.On, 12*60)))
				tn.sync(0, tn.whole(v, 0, v.On, 9*60, 60)[:4]) // no confirmation
				for _, w := range way {
					must(t, do(v, w))
				}
				to, err := exceptionTo(state, a.ID)
				before, was := tn.exceptions(v.ID)["unconfirmed"], tn.visit(v.ID)
				got := do(v, a.ID)
				after, now := tn.exceptions(v.ID)["unconfirmed"], tn.visit(v.ID)
				if err != nil {
					if !fault.Is(got, fault.Conflict) || js(before) != js(after) || js(was) != js(now) {
						t.Errorf("%s × %s: %v, now %s", state, a.ID, got, after.Status)
					}
					continue
				}
				if got != nil || after.Status != to {
					t.Errorf("%s × %s: %v, now %s, want %s", state, a.ID, got, after.Status, to)
				}
				total, err := now.TotalFen()
				must(t, err)
				if want := map[ExceptionStatus]money.Fen{Answered: 6500, Accepted: 6500, Deducted: 3250, Voided: 0}[to]; total != want || (now.Status == Void) != (to == Voided) {
					t.Errorf("after %s the bill is %s, the visit %s", to, total, now.Status)
				}
				if open := now.Suspects == 1; open != (to == Answered) {
					t.Errorf("after %s %d open", to, now.Suspects)
				}
			}
		}
	})
}

// T-42: a visit over midnight at the end of a year and on 29 February keeps its
// civil day; a year without a calendar gives an exception without a date.
func TestT42DaysOfVisits(t *testing.T) {
	t.Parallel()
	d, c := dbtest.SQLite(t)
	tn := newTown(t, d, c, 1)
	in := tn.input(0)
	in.From, in.To = today, today+300
	plan := tn.active(in)
	c.Set(time.Date(2024, 12, 31, 16, 30, 0, 0, time.UTC)) // 2025-01-01 00:30 in China
	begin := time.Date(2024, 12, 31, 15, 59, 59, 999e6, time.UTC).UnixMilli()
	tn.sync(0, []Event{{ClientID: "newyear-in", Visit: "newyear", Plan: plan.ID, Kind: "checkin", At: begin, Place: home(0)},
		{ClientID: "newyear-out", Visit: "newyear", Plan: plan.ID, Kind: "checkout", At: begin + 20*60000, Items: []DoneItem{{"L01", 20}}, Place: home(0)}})
	v := tn.visit("newyear")
	if v.On.String() != "2024-12-31" || v.Status != Done || v.Lines[0].On != v.On || v.Minutes != 20 {
		t.Fatalf("%+v", v)
	}
	if x := tn.exceptions("newyear")["unconfirmed"]; x.AnswerDue.String() != "2025-01-03" { // 1 January is a holiday
		t.Errorf("answer until %s", x.AnswerDue)
	}
}
