package outreach

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/undo"
)

// verbs are the acts on an object that the record shows as done, oldest first.
func (r *room) verbs(object string) (out []string) {
	r.t.Helper()
	lines, err := audit.Lines(r.ctx, r.Log, region, audit.Query{Object: object}, 50)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, l := range lines {
		if l.Result == "done" && l.Verb != "outreach.followup_see" {
			out = append(out, l.Verb)
		}
	}
	slices.Reverse(out)
	return out
}

// What a clerk decided about a voice is taken back within ten minutes: the voice
// stands as before, nobody was told, and the record shows both.
func TestUndoVoice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := setup(t, d, c)
		a, b := clerk("c1", "甲"), clerk("c2", "乙")
		id := r.speak(Said{Kind: "complaint", Text: "护理员迟到半小时", Channel: desk.Online, Person: r.elder}).Number
		r.drain()
		told := len(r.texts)
		first := r.see(id)
		take := func() {
			t.Helper()
			if _, err := r.Take(r.ctx, a, region, id, "", 0, false); err != nil {
				t.Fatal(err)
			}
		}
		same := func(was Whole) {
			t.Helper()
			now := r.see(id)
			if !reflect.DeepEqual(now.Voice, was.Voice) || now.Case.Stage != was.Case.Stage || now.Case.Status != was.Case.Status || now.Case.Due != was.Case.Due || len(now.Done) != len(was.Done) {
				t.Fatalf("taken back, yet\n%+v\n%+v", now.Voice, was.Voice)
			}
		}
		take()
		if err := r.UndoVoice(r.ctx, b, region, id, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another takes it back: %v", err)
		}
		if err := r.UndoVoice(r.ctx, a, region, id, ""); err != nil {
			t.Fatal(err)
		}
		same(first)
		take()
		taken := r.see(id)
		answer := Reply{Finding: "founded", Text: "查了打卡记录，确实迟到三十分钟", Improve: "排班留出路上的时间"}
		if _, err := r.AnswerVoice(r.ctx, a, region, id, "", 0, answer); err != nil {
			t.Fatal(err)
		}
		if r.drain(); len(r.texts) != told || len(r.see(id).Done) != 1 {
			t.Fatalf("told at once: %+v", r.texts[told:])
		}
		if err := r.UndoVoice(r.ctx, a, region, id, ""); err != nil {
			t.Fatal(err)
		}
		same(taken)
		if got := r.verbs(id); !slices.Equal(got[len(got)-5:], []string{"outreach.take", "outreach.undo", "outreach.take", "outreach.answer", "outreach.undo"}) {
			t.Errorf("the record: %v", got)
		}
		// Answered for good: told after ten minutes, closed when nobody asked again.
		if _, err := r.AnswerVoice(r.ctx, a, region, id, "", 0, answer); err != nil {
			t.Fatal(err)
		}
		c.Add(undo.For + time.Second)
		if r.drain(); len(r.texts) != told+1 {
			t.Fatalf("%d texts", len(r.texts)-told)
		}
		if err := r.UndoVoice(r.ctx, a, region, id, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken back after it was told: %v", err)
		}
		y, m, day1 := (r.see(id).ReopenBy + 1).Date()
		c.Set(time.Date(y, time.Month(m), day1, 9, 0, 0, 0, day.Shanghai))
		if r.drain(); r.see(id).Stage != Done {
			t.Errorf("not closed after it was answered a second time: %s", r.see(id).Stage)
		}
	})
}

// The result of a call and the end of an item are taken back, with the item
// that the call had made; who was slower is refused.
func TestUndoCallsAndItems(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := setup(t, d, c)
		a := clerk("c1", "甲")
		pool := []Candidate{{Object: "v1", Person: r.elder, Name: "王秀英", What: "上门护理", Key: true}}
		if err := audit.Run(r.ctx, r.Log, audit.System(region), audit.Act{Region: region, Verb: "test.draw", Object: "w"}, func(tx *db.Tx) error {
			return insertFollowUps(tx, region, "2026-05-25", "visit", pool)
		}); err != nil {
			t.Fatal(err)
		}
		read := func() FollowUp {
			t.Helper()
			x, _, err := r.FollowUp(r.ctx, a, region, "visit", "v1")
			if err != nil {
				t.Fatal(err)
			}
			x.Version = 0
			return x
		}
		items := func(state string) []Improve {
			t.Helper()
			xs, _, err := r.Improves(r.ctx, region, state, "")
			if err != nil {
				t.Fatal(err)
			}
			return xs
		}
		was := read()
		for _, in := range []Call{{}, {Reached: true, Came: true, Score: 5, Words: "很好"}, {Reached: true, Came: false, Score: 3}} {
			if _, err := r.Called(r.ctx, a, region, "visit", "v1", "", in); err != nil {
				t.Fatal(err)
			}
			if err := r.UndoCalled(r.ctx, a, region, "visit", "v1", ""); err != nil {
				t.Fatal(err)
			}
			if now := read(); now != was || len(items("open")) != 0 {
				t.Fatalf("%+v taken back: %+v, %d items", in, now, len(items("open")))
			}
		}
		if got := r.verbs("visit/v1"); !slices.Equal(got, []string{"outreach.called", "outreach.called_undo", "outreach.called", "outreach.called_undo", "outreach.called", "outreach.called_undo"}) {
			t.Errorf("the record: %v", got)
		}
		if _, err := r.Called(r.ctx, a, region, "visit", "v1", "", Call{Version: 1}); !fault.Is(err, fault.Conflict) {
			t.Errorf("noted from an old page: %v", err)
		}
		if _, err := r.Called(r.ctx, a, region, "visit", "v1", "", Call{Reached: true, Score: 1}); err != nil {
			t.Fatal(err)
		}
		item := items("open")[0]
		if _, err := r.CloseImprove(r.ctx, a, region, item.ID, "", "done", "换了护理员", item.Version+1); !fault.Is(err, fault.Conflict) {
			t.Errorf("ended from another page: %v", err)
		}
		if _, err := r.CloseImprove(r.ctx, a, region, item.ID, "", "done", "换了护理员", item.Version); err != nil {
			t.Fatal(err)
		}
		// The item has moved on, so the call stands.
		if err := r.UndoCalled(r.ctx, a, region, "visit", "v1", ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("a call whose item was seen to: %v", err)
		}
		if err := r.UndoImprove(context.Background(), clerk("c2", "乙"), region, item.ID, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("another opens it again: %v", err)
		}
		if err := r.UndoImprove(r.ctx, a, region, item.ID, ""); err != nil {
			t.Fatal(err)
		}
		now := items("open")[0]
		if now.Version = item.Version; now != item {
			t.Errorf("opened again: %+v, was %+v", now, item)
		}
		if got := r.verbs(item.ID); !slices.Equal(got, []string{"outreach.improved", "outreach.improve_undo"}) {
			t.Errorf("the record: %v", got)
		}
		if err := r.UndoImprove(r.ctx, a, region, item.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("taken back twice: %v", err)
		}
	})
}
