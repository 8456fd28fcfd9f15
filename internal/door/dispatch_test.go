package door

import (
	"context"
	"slices"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/job"
	"yinling/internal/undo"
)

// Who is not sent out leaves visits that wait for another helper; what the
// dispatcher does is told after ten minutes, and until then taken back.
func TestDispatch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		c.Set(time.Date(2026, 6, 3, 1, 0, 0, 0, time.UTC))
		ctx := context.Background()
		s, p := town(t, d, c)
		jobs := &job.Runner{DB: d, Regions: func() []string { return []string{region} }}
		var texts []string
		job.On(jobs, func(_ context.Context, _ job.Job, x desk.Told) error { texts = append(texts, x.Text); return nil })
		clerk := audit.Actor{ID: "clerk", Name: "刘晓", Role: "clerk", Region: region}
		other := audit.Actor{ID: "clerk2", Name: "张敏", Role: "clerk", Region: region}
		for _, h := range []Helper{{ID: "near", Name: "周近", Lat: 34601000, Lng: 119200000, Skills: []string{"*"}, Active: true}, {ID: "far", Name: "吴远", Lat: 34690000, Lng: 119200000, Skills: []string{"*"}, Active: true}} {
			must(t, s.Hire(ctx, clerk, region, "hire "+h.ID, h))
		}
		var v Visit
		must(t, d.Write(ctx, func(tx *db.Tx) (err error) {
			v, _, err = s.Book(tx, Booking{Region: region, Person: p, Matter: "door.visit", On: today + 1, Part: Morning, What: "送材料"})
			return err
		}))
		if v.Helper != "near" {
			t.Fatalf("%s goes", v.Helper)
		}
		list := func(which string) (ids []string) {
			t.Helper()
			out, n, err := s.DispatchList(ctx, region, which, "", 10)
			must(t, err)
			for _, x := range out {
				ids = append(ids, x.ID)
			}
			if n[which] != len(ids) {
				t.Errorf("%s counts %d and has %d", which, n[which], len(ids))
			}
			return ids
		}
		if !slices.Equal(list(Coming), []string{v.ID}) || len(list(Waiting)) != 0 {
			t.Fatal("a new visit is to come")
		}
		must(t, s.Rest(ctx, clerk, region, "r1", "near", false))
		if !slices.Equal(list(Waiting), []string{v.ID}) || len(list(Coming)) != 0 {
			t.Fatal("nobody waits for the one who is not sent out")
		}
		read := func() Visit {
			t.Helper()
			x, err := s.See(ctx, clerk, region, v.ID)
			must(t, err)
			y := x.Visit
			y.Version = 1
			return y
		}
		n := 0
		key := func() string { n++; return string(rune('a' + n)) }
		if x, err := s.Send(ctx, clerk, region, v.ID, key(), "", v.Version); err != nil || x.Helper != "far" || x.Decision == v.Decision {
			t.Fatalf("sent: %+v, %v", x, err)
		}
		if _, err := s.Send(ctx, other, region, v.ID, key(), "near", v.Version); !fault.Is(err, fault.Conflict) {
			t.Errorf("sent from an old page: %v", err)
		}
		if err := s.UndoDispatch(ctx, other, region, v.ID, key()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another takes it back: %v", err)
		}
		must(t, s.UndoDispatch(ctx, clerk, region, v.ID, key()))
		if now := read(); now != v {
			t.Fatalf("taken back: %+v, was %+v", now, v)
		}
		if _, err := s.Send(ctx, clerk, region, v.ID, key(), "near", 0); fault.As(err).Field != "helper" {
			t.Errorf("the same helper again: %v", err)
		}
		if _, err := s.CallOff(ctx, clerk, region, v.ID, key(), " ", 0); fault.As(err).Field != "why" {
			t.Errorf("called off without a word: %v", err)
		}
		if x, err := s.CallOff(ctx, clerk, region, v.ID, key(), "家里今天有人", 0); err != nil || x.Status != Off {
			t.Fatalf("called off: %+v, %v", x, err)
		}
		must(t, s.UndoDispatch(ctx, clerk, region, v.ID, key()))
		if now := read(); now != v {
			t.Fatalf("taken back: %+v, was %+v", now, v)
		}
		drain := func() { _, err := jobs.Drain(ctx); must(t, err) }
		c.Add(undo.For + time.Second)
		if drain(); len(texts) != 0 {
			t.Fatalf("told of what was taken back: %v", texts)
		}
		if _, err := s.Send(ctx, clerk, region, v.ID, key(), "far", 0); err != nil {
			t.Fatal(err)
		}
		if drain(); len(texts) != 0 {
			t.Fatalf("told at once: %v", texts)
		}
		c.Add(undo.For + time.Second)
		if drain(); len(texts) != 1 || texts[0] != "王桂兰您好，6月4日 周四上门的人改成吴远，带证件，不收钱。有事打12393。" {
			t.Fatalf("told: %q", texts)
		}
		lines, err := audit.Lines(ctx, s.Log, region, audit.Query{Object: v.ID}, 50)
		must(t, err)
		var verbs []string
		for _, l := range lines {
			if l.Result == "done" && l.Verb != "door.see" {
				verbs = append(verbs, l.Verb)
			}
		}
		slices.Reverse(verbs)
		if !slices.Equal(verbs, []string{"door.send", "door.dispatch_undo", "door.call_off", "door.dispatch_undo", "door.send"}) {
			t.Errorf("the record: %v", verbs)
		}
		// The day comes: nobody is sent elsewhere once the helper has set out.
		c.Set(time.Date(2026, 6, 4, 1, 0, 0, 0, time.UTC))
		far := audit.Actor{ID: "", Name: "吴远", Role: "clerk", Region: region}
		if _, err := s.Leave(ctx, far, region, v.ID, key()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Send(ctx, clerk, region, v.ID, key(), "near", 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("sent another while one is on the way: %v", err)
		}
		if _, err := s.Finish(ctx, clerk, region, v.ID, key(), Proof{Missed: true, Result: "没人应门"}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(list(NotMet), []string{v.ID}) {
			t.Error("a visit where nobody was met waits for another appointment")
		}
		var again Visit
		if again, err = s.Again(ctx, clerk, region, v.ID, key(), today+5, Morning); err != nil {
			t.Fatal(err)
		}
		if len(list(NotMet)) != 0 || !slices.Equal(list(Coming), []string{again.ID}) {
			t.Error("another appointment was made")
		}
		must(t, d.Read(ctx, func(tx *db.Tx) error { // by set as one by one
			all, err := dispatchable(tx, region, today+60, today-60)
			if err != nil || len(all) < 2 {
				t.Fatalf("%d visits, %v", len(all), err)
			}
			var people []string
			for _, x := range all {
				people = append(people, x.Person)
			}
			last, err := lastOf(tx, region, people)
			if err != nil {
				return err
			}
			for _, x := range all {
				one, err := s.latest(tx, region, x)
				if err != nil || last[x.purpose()] != one.ID {
					t.Errorf("last of %s: %s by set, %s alone, %v", x.ID, last[x.purpose()], one.ID, err)
				}
			}
			if none, err := lastOf(tx, region, nil); err != nil || len(none) != 0 {
				t.Errorf("nobody: %v, %v", none, err)
			}
			return nil
		}))
		c.Set(time.Date(2026, 6, 12, 1, 0, 0, 0, time.UTC))
		if !slices.Equal(list(Unrecorded), []string{again.ID}) {
			t.Error("a day that is over without a result")
		}
	})
}
