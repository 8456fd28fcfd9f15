package hall

import (
	"strings"
	"testing"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// An inspection sets the next day by rule; what is broken needs a word, keeps
// its photo, and shows as overdue when nobody mends it.
func TestFacilities(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx := setup(t, d)
		p, _ := place(t, s, ctx)
		point, err := s.Save(ctx, clerk, "point", Place{Region: region, Name: "朐阳便民服务站", Kind: "township", Open: true, Weekdays: "12345", Opens: "08:30-17:30"})
		if err != nil {
			t.Fatal(err)
		}
		lists, err := s.Checklists(ctx, region, "")
		if err != nil || len(lists) != 2 {
			t.Fatalf("%v %v", lists, err)
		}
		today := day.FromTime(dbtest.Start)
		for _, l := range lists {
			if l.ID == p.ID && (len(l.Items) != 14 || l.Late(today) != 14) || l.ID == point.ID && len(l.Items) != 9 {
				t.Errorf("%s must have %d, late %d", l.Name, len(l.Items), l.Late(today))
			}
		}
		if _, err := s.Check(ctx, clerk, region, "k0", Look{Place: p.ID, Item: "wheelchair", State: "broken"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("broken without a word: %v", err)
		}
		if _, err := s.Check(ctx, clerk, region, "k1", Look{Place: point.ID, Item: "seats", State: "good"}); !fault.Is(err, fault.Refused) {
			t.Errorf("a point needs no seats: %v", err)
		}
		st, err := s.Files.Save(region, "轮椅.png", strings.NewReader("\x89PNG\r\n\x1a\n...."), dbtest.Start)
		if err != nil {
			t.Fatal(err)
		}
		i, err := s.Check(ctx, clerk, region, "k2", Look{Place: p.ID, Item: "wheelchair", State: "broken", Note: "刹车坏了，后勤张工去修", Photo: &st})
		if err != nil || i.Due != today.AddDays(3) || i.Photo == "" || i.Decision == "" {
			t.Fatalf("%+v %v", i, err)
		}
		if doc, err := s.Photo(ctx, region, p.ID, i.Photo); err != nil || doc.SHA256 != st.SHA256 {
			t.Errorf("%+v %v", doc, err)
		}
		if _, err := s.Photo(ctx, region, point.ID, i.Photo); !fault.Is(err, fault.NotFound) {
			t.Errorf("the photo of another place: %v", err)
		}
		wheel := func() Item {
			t.Helper()
			lists, err := s.Checklists(ctx, region, p.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range lists[0].Items {
				if i.ID == "wheelchair" {
					return i
				}
			}
			t.Fatal("no wheelchair")
			return Item{}
		}
		if w := wheel(); w.State != "broken" || w.Late(today.AddDays(3)) || !w.Late(today.AddDays(4)) || w.Name != "轮椅" {
			t.Errorf("%+v", w)
		}
		c.Add(48 * time.Hour)
		if _, err := s.Check(ctx, clerk, region, "k3", Look{Place: p.ID, Item: "wheelchair", State: "good"}); err != nil {
			t.Fatal(err)
		}
		if w := wheel(); w.State != "good" || w.Due != today.AddDays(32) {
			t.Errorf("mended: %+v", w)
		}
		if past, err := s.Past(ctx, region, p.ID); err != nil || len(past) != 2 || past[1].Photo == "" {
			t.Errorf("%+v %v", past, err)
		}
	})
}

// The plan has versions; an incident keeps the one it was handled under, its
// lines in order, and ends once; drills fall due.
func TestEmergency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx := setup(t, d)
		p, _ := place(t, s, ctx)
		today := day.FromTime(dbtest.Start)
		e, err := s.Emergencies(ctx, region)
		if err != nil || e.Plan.Version != 0 || len(e.Plan.Kinds) != 6 || len(e.Ready) != 1 || !e.Ready[0].Due {
			t.Fatalf("%+v %v", e, err)
		}
		plan := Plan{Region: region, Title: "2024年修订", From: today, Roles: []Duty{{"指挥", "值班主任", "内线 8001"}}, Kinds: []Trouble{{ID: "faint", Steps: []string{"打 120", "拿医药箱"}}}}
		for say, bad := range map[string]func(*Plan){"title": func(p *Plan) { p.Title = " " }, "roles": func(p *Plan) { p.Roles = nil }, "from": func(p *Plan) { p.From = today - 1 },
			"flood": func(p *Plan) { p.Kinds = []Trouble{{ID: "flood", Steps: []string{"x"}}} }} {
			x := plan
			bad(&x)
			if _, err := s.Issue(ctx, clerk, "", x); !fault.Is(err, fault.Invalid) || fault.As(err).Field != say {
				t.Errorf("%s: %v", say, err)
			}
		}
		v1, err := s.Issue(ctx, clerk, "p1", plan)
		if err != nil || v1.Version != 1 || v1.Kinds[0].Name != "晕倒、胸痛、突发疾病" {
			t.Fatalf("%+v %v", v1, err)
		}
		i, err := s.Alarm(ctx, clerk, region, p.ID, "faint", "al")
		if err != nil || i.Plan != 1 {
			t.Fatalf("%+v %v", i, err)
		}
		if _, err := s.Alarm(ctx, clerk, region, p.ID, "flood", ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("an unknown kind: %v", err)
		}
		c.Add(2 * time.Minute)
		if err := s.Tell(ctx, clerk, region, i.ID, "t1", "打了 120"); err != nil {
			t.Fatal(err)
		}
		plan.Title, plan.From = "下半年修订", today+30
		if _, err := s.Issue(ctx, clerk, "p2", plan); err != nil {
			t.Fatal(err)
		}
		c.Add(10 * time.Minute)
		if _, err := s.Close(ctx, clerk, region, i.ID, "e0", " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("ended without a result: %v", err)
		}
		if _, err := s.Close(ctx, clerk, region, i.ID, "e1", "救护车接走，家属陪同"); err != nil {
			t.Fatal(err)
		}
		if err := s.Tell(ctx, clerk, region, i.ID, "t2", "再记一笔"); !fault.Is(err, fault.Conflict) {
			t.Errorf("told after the end: %v", err)
		}
		if _, err := s.Close(ctx, clerk, region, i.ID, "e2", "再结束"); !fault.Is(err, fault.Conflict) {
			t.Errorf("ended twice: %v", err)
		}
		f, err := s.Incident(ctx, region, i.ID)
		if err != nil || f.Open() || f.Ended-f.Started != 12*60_000 || len(f.Lines) != 3 || f.Lines[1].Say != "打了 120" || f.Do.Steps[0] != "打 120" || f.Plan.Version != 1 || f.At.ID != p.ID {
			t.Errorf("%+v %v", f, err)
		}
		if _, err := s.Held(ctx, clerk, "d0", Drill{Region: region, Place: p.ID, Kind: "drill", On: today + 1, Topic: "晕倒", People: 8}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a drill of tomorrow: %v", err)
		}
		if _, err := s.Held(ctx, clerk, "d1", Drill{Region: region, Place: p.ID, Kind: "drill", On: today.AddMonths(-5), Topic: "晕倒", People: 8}); err != nil {
			t.Fatal(err)
		}
		if e, err = s.Emergencies(ctx, region); err != nil || e.Ready[0].Due || e.Ready[0].By != today.AddMonths(1) || e.Plan.Version != 1 || len(e.Versions) != 2 || len(e.Incidents) != 1 {
			t.Errorf("%+v %v", e.Ready, err)
		}
		c.Add(31 * 24 * time.Hour)
		if e, err = s.Emergencies(ctx, region); err != nil || !e.Ready[0].Due || e.Plan.Version != 2 {
			t.Errorf("a month later: %+v %v", e.Ready, err)
		}
	})
}
