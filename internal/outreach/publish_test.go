package outreach

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// A pack change marks exactly the publications that explain a changed value,
// once, with what changed; revised and published again they are in order.
func TestPublicationFollowsThePolicy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := setup(t, d, c)
		lead := audit.Actor{ID: "r1", Name: "方正", Role: "reviewer", Region: region}
		write := func(title, key string) Publication {
			x, err := r.Write(r.ctx, clerk("c1", "甲"), region, "", Publication{Audience: "citizen", Title: title, Body: "两天内受理\n十天内答复"}, []string{key})
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		a, b := write("投诉怎么办", "outreach.voice.reopen_days"), write("差评谁来答", "outreach.rating.answer_workdays")
		if _, err := r.Write(r.ctx, clerk("c1", "甲"), region, "", Publication{Audience: "citizen", Title: "x", Body: "x"}, []string{"no.such_count"}); fault.As(err).Field != "keys" {
			t.Errorf("a key that does not exist: %v", err)
		}
		if _, err := r.PublishText(r.ctx, clerk("c1", "甲"), region, a.ID, ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("published by who wrote it: %v", err)
		}
		for _, id := range []string{a.ID, b.ID} {
			if x, err := r.PublishText(r.ctx, lead, region, id, ""); err != nil || x.State != Published || len(x.Cites) != 1 || x.Cites[0].Value == "" || x.Hash == "" {
				t.Fatalf("%+v %v", x, err)
			}
		}
		if n, err := r.OnDay(r.ctx, region); err != nil || n != 0 {
			t.Fatalf("nothing changed, %d marked, %v", n, err)
		}
		// the region writes its own number of days
		on := day.FromTime(c.Now())
		dir := t.TempDir()
		raw, err := os.ReadFile("../../packs/320700-lianyungang/pack.yaml")
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(dir, "320700-lianyungang")
		if err := os.CopyFS(folder, os.DirFS("../../packs/320700-lianyungang")); err != nil {
			t.Fatal(err)
		}
		first := strings.SplitN(strings.SplitN(string(raw), "- id: ", 2)[1], "\n", 2)[0]
		text := fmt.Sprintf("outreach.voice.reopen_days:\n  - from: %q\n    clause: {doc: %s, article: 示例}\n    grade: assumed\n    value: 20\n", (on + 30).String(), first)
		if err := os.WriteFile(filepath.Join(folder, "outreach.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if r.Packs, err = policy.Load(dir); err != nil {
			t.Fatal(err)
		}
		if n, err := r.OnDay(r.ctx, region); err != nil || n != 0 {
			t.Fatalf("before its day %d marked, %v", n, err)
		}
		if coming := r.Coming(region, a, on); len(coming) != 1 || coming[0].From != on+30 {
			t.Errorf("coming: %+v", coming)
		}
		if coming := r.Coming(region, b, on); len(coming) != 0 {
			t.Errorf("coming for the other: %+v", coming)
		}
		c.Add(30 * 24 * time.Hour)
		for range 2 {
			if _, err := r.OnDay(r.ctx, region); err != nil {
				t.Fatal(err)
			}
		}
		xs, err := r.Publications(r.ctx, region, Revise)
		if err != nil || len(xs) != 1 || xs[0].ID != a.ID || len(xs[0].Diff) != 1 || !strings.Contains(xs[0].Diff[0].Was, "15") || !strings.Contains(xs[0].Diff[0].Now, "20") {
			t.Fatalf("%+v %v", xs, err)
		}
		if all, err := r.Publications(r.ctx, region, ""); err != nil || len(all) != 2 {
			t.Errorf("%d public, %v", len(all), err)
		}
		x := xs[0]
		x.Body = "二十天内可以要求重新办"
		if x, err = r.Write(r.ctx, clerk("c2", "乙"), region, "", x, x.Keys()); err != nil || x.State != Drafted || x.Public() || x.Diff != nil {
			t.Fatalf("%+v %v", x, err)
		}
		if _, err := r.Write(r.ctx, clerk("c2", "乙"), region, "", xs[0], x.Keys()); !fault.Is(err, fault.Conflict) {
			t.Errorf("an old page overwrites: %v", err)
		}
		if x, err = r.PublishText(r.ctx, lead, region, x.ID, ""); err != nil || !strings.Contains(x.Cites[0].Say, "20") {
			t.Fatalf("%+v %v", x, err)
		}
		if n, err := r.OnDay(r.ctx, region); err != nil || n != 0 {
			t.Errorf("revised, yet %d marked, %v", n, err)
		}
		if x, err = r.Withdraw(r.ctx, lead, region, x.ID, ""); err != nil || x.Public() {
			t.Errorf("%+v %v", x, err)
		}
	})
}

// Calls of a week are drawn once, all of key groups, and the same seed draws the
// same; who cannot be reached is tried so often as the pack says.
func TestFollowUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := setup(t, d, c)
		var pool []Candidate
		for i := range 60 {
			who := fmt.Sprintf("p%02d", i)
			if i == 0 {
				who = r.elder
				pool = append(pool, Candidate{Object: "v-1", Person: who, Name: "王秀英", What: "同一周早些时候的上门", Key: true})
			}
			pool = append(pool, Candidate{Object: fmt.Sprintf("v%02d", i), Person: who, Name: "王秀英", What: "上门护理", Key: i%20 == 0})
		}
		asked := 0
		r.Pool = func(_ context.Context, _, kind string, from, to day.Day) ([]Candidate, error) {
			asked++
			if to-from != 6 {
				t.Errorf("a week of %d days", to-from+1)
			}
			if kind == "visit" {
				return pool, nil
			}
			return nil, nil
		}
		monday := day.FromTime(c.Now())
		for monday.Weekday() != 1 {
			monday++
		}
		for range 2 {
			if err := r.OnWeekly(r.ctx, region, monday); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.OnWeekly(r.ctx, region, monday+1); err != nil || asked != 2*len(FollowKinds) {
			t.Errorf("a Tuesday draws: %d, %v", asked, err)
		}
		xs, err := r.FollowUps(r.ctx, region, "open", "")
		if err != nil || len(xs) != 6 { // 3 of key groups, 5 % of 57
			t.Fatalf("%d calls, %v", len(xs), err)
		}
		if xs, err := r.FollowUps(r.ctx, region, "open", "voice"); err != nil || len(xs) != 0 {
			t.Errorf("%d calls of another kind, %v", len(xs), err)
		}
		for _, x := range xs {
			if _, phone, err := r.FollowUp(r.ctx, clerk("c1", "甲"), region, x.Kind, x.Object); err != nil || (x.Person == r.elder) != (phone == "19900001234") {
				t.Errorf("%s is called at %q, %v", x.Person, phone, err)
			}
		}
		draws, _, err := r.Draws(r.ctx, region)
		if err != nil || len(draws) != 3 {
			t.Fatalf("%+v %v", draws, err)
		}
		i := slices.IndexFunc(draws, func(x Drawn) bool { return x.Kind == "visit" })
		slices.Reverse(pool)
		again := Pick(oncePerPerson(pool), Draw{Key: 3, Other: 3}, draws[i].Seed)
		for _, x := range xs {
			if x.Object == "v-1" {
				t.Error("a person is called twice for one week")
			}
			if !slices.ContainsFunc(again, func(c Candidate) bool { return c.Object == x.Object }) {
				t.Errorf("%s is not in the draw made again by its seed", x.Object)
			}
		}
		call := func(object string, in Call) FollowUp {
			x, err := r.Called(r.ctx, clerk("c1", "甲"), region, "visit", object, "", in)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		for n := int64(1); n <= 3; n++ {
			x := call(xs[0].Object, Call{})
			if x.Tries != n || (x.State == "lost") != (n == 3) {
				t.Errorf("try %d: %+v", n, x)
			}
		}
		if _, err := r.Called(r.ctx, clerk("c1", "甲"), region, "visit", xs[0].Object, "", Call{Reached: true, Score: 5}); !fault.Is(err, fault.Conflict) {
			t.Errorf("called after it was given up: %v", err)
		}
		call(xs[1].Object, Call{Reached: true, Came: true, Score: 5})
		call(xs[2].Object, Call{Reached: true, Came: false, Score: 3})
		if items, _, err := r.Improves(r.ctx, region, "open", ""); err != nil || len(items) != 1 || items[0].Source != "followup" {
			t.Errorf("%+v %v", items, err)
		}
	})
}

// The knowledge rate counts sheets by month and district; briefings are kept.
func TestKnowledgeAndBriefings(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		r := setup(t, d, c)
		who, today := clerk("c1", "甲"), day.FromTime(c.Now())
		qs := r.Questions(region, today)
		if len(qs) != 4 {
			t.Fatalf("%d questions", len(qs))
		}
		sheet := func(district string, right int) {
			in := SurveySheet{Channel: "paper", District: district, Chosen: map[string]int64{}}
			for i, q := range qs {
				in.Chosen[q.ID] = q.Right
				if i >= right {
					in.Chosen[q.ID] = int64(len(q.Options))
				}
			}
			if k, err := r.Surveyed(r.ctx, who, region, "", in); err != nil || k.Right != int64(right) || k.Knows != (right >= 3) {
				t.Fatalf("%+v %v", k, err)
			}
		}
		sheet("海州区", 4)
		sheet("海州区", 3)
		sheet("连云区", 2)
		if _, err := r.Surveyed(r.ctx, who, region, "", SurveySheet{Channel: "phone", Chosen: map[string]int64{qs[0].ID: 9}}); fault.As(err).Field != qs[0].ID {
			t.Errorf("an answer that does not exist: %v", err)
		}
		known, err := r.Known(r.ctx, region, today.Month()-1)
		months, places := known.Months, known.Districts
		if err != nil || len(months) != 1 || months[0].N != 3 || months[0].Knows != 2 || months[0].Percent() != 67 || len(places) != 2 || len(known.Ways) != 1 || known.Ways[0].N != 3 {
			t.Errorf("%+v %+v %v", months, places, err)
		}
		if _, err := r.Brief(r.ctx, who, region, "", Briefing{Title: "讲护理保险", Place: "福利院", Speaker: "甲", Audience: "home", Day: today + 1, People: 20}); fault.As(err).Field != "day" {
			t.Errorf("a briefing to come: %v", err)
		}
		if _, err := r.Brief(r.ctx, who, region, "", Briefing{Title: "讲护理保险", Place: "福利院", Speaker: "甲", Audience: "home", Day: today, People: 20, Questions: "怎么申请"}); err != nil {
			t.Error(err)
		}
		if xs, err := r.Briefings(r.ctx, region, today); err != nil || len(xs) != 1 || xs[0].People != 20 {
			t.Errorf("%+v %v", xs, err)
		}
	})
}
