package assess

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// Scores that waited in a phone: stored once with the phone's time, refused by
// themselves, and never over what somebody scored later.
func TestScoresOfAPhone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		c := w.apply()
		w.ok(w.Accept(ctx, w.clerk, c, ""))
		w.ok(w.Draw(ctx, w.clerk, c))
		team := w.team(c, DutyVisit)
		bag, items, err := w.Carry(ctx, team[0])
		w.ok(err)
		if len(bag) != 1 || bag[0].ID != c.ID || bag[0].Name == "" || len(bag[0].Scores) != 0 || len(items) != 17 || len(items[0].Options) < 2 {
			t.Fatalf("%+v, %d items", bag, len(items))
		}
		began := clk.Now()
		clk.Add(5 * time.Hour)
		n := 0
		event := func(item string, score int64, at time.Time) Offline {
			n++
			return Offline{ClientID: fmt.Sprintf("0190c1a0-0000-7000-8000-%012d", n), Sent: clk.Now().UnixMilli(), Visit: c.ID, Kind: "score", Item: item, Score: score, At: at.UnixMilli()}
		}
		list := []Offline{event("adl.feeding", 5, began), event("adl.feeding", 7, began), event("adl.dressing", 0, began.Add(time.Minute)), {ClientID: "x", Kind: "score"}}
		got, err := w.Sync(ctx, team[0], list)
		w.ok(err)
		if got[0].Status+" "+got[1].Status+" "+got[2].Status+" "+got[3].Status != "stored refused stored refused" {
			t.Fatalf("%+v", got)
		}
		if !strings.Contains(got[1].Say, "0、5、10") {
			t.Errorf("%+v", got[1])
		}
		if s := w.detail(team[0], c).Scores["adl.feeding"]; !s.At.Equal(began) || s.Score != 5 {
			t.Errorf("%+v, want the phone's time %v", s, began)
		}
		// The answer was lost: the same again changes nothing, even after somebody changed the score.
		w.ok(w.SaveScore(ctx, team[1], c, "adl.feeding", 10, ""))
		if got, err := w.Sync(ctx, team[0], list[:1]); err != nil || got[0].Status != "stored" {
			t.Errorf("%+v, %v", got, err)
		}
		if s := w.detail(team[0], c).Scores["adl.feeding"]; s.Score != 10 {
			t.Errorf("a repeated upload changed the score: %+v", s)
		}
		// An older score of another phone does not overwrite it; a clock that is a day off does no harm.
		got, err = w.Sync(ctx, team[0], []Offline{event("adl.feeding", 0, began.Add(time.Hour))})
		if err != nil || got[0].Status != "refused" || !strings.Contains(got[0].Say, "另记了 10 分") {
			t.Errorf("%+v, %v", got, err)
		}
		wrong := event("adl.grooming", 5, clk.Now().Add(24*time.Hour))
		wrong.Sent = clk.Now().Add(25 * time.Hour).UnixMilli()
		if got, err = w.Sync(ctx, team[0], []Offline{wrong}); err != nil || got[0].Status != "stored" {
			t.Errorf("%+v, %v", got, err)
		}
		if s := w.detail(team[0], c).Scores["adl.grooming"]; !s.At.Equal(clk.Now().Add(-time.Hour)) {
			t.Errorf("a wrong clock: %v, now %v", s.At, clk.Now())
		}
		if got, err := w.Sync(ctx, w.clerk, []Offline{event("adl.feeding", 0, clk.Now())}); err != nil || got[0].Status != "refused" {
			t.Errorf("a clerk scores: %+v, %v", got, err)
		}
		if _, err := w.Sync(ctx, team[0], make([]Offline, 201)); !fault.Is(err, fault.Invalid) {
			t.Errorf("too many: %v", err)
		}
	})
}
