package door

import (
	"context"
	"math/rand"
	"path/filepath"
	"slices"
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

var today = day.MustParse("2026-06-03") // a Wednesday

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A route is the shortest there is, which is found by trying all orders.
func TestRoute(t *testing.T) {
	// Where nobody knows where the helper starts, only the way between the families counts.
	two := []Stop{{34600000, 119200000}, {34610000, 119200000}}
	if order, n := Route(Stop{}, two); len(order) != 2 || n != metres(two[0], two[1]) || n < 1000 || n > 1200 {
		t.Errorf("from nowhere: %v, %d m", order, n)
	}
	rnd := rand.New(rand.NewSource(7))
	for range 200 {
		from, stops := Stop{34600000, 119200000}, []Stop{}
		for range 2 + rnd.Intn(5) {
			stops = append(stops, Stop{34600000 + rnd.Int63n(100000), 119200000 + rnd.Int63n(100000)})
		}
		order, got := Route(from, stops)
		if s := slices.Sorted(slices.Values(order)); len(s) != len(stops) || s[0] != 0 || s[len(s)-1] != len(stops)-1 {
			t.Fatalf("order %v of %d", order, len(stops))
		}
		best := int64(1 << 60)
		permute(len(stops), func(o []int) {
			at, n := from, int64(0)
			for _, i := range o {
				n += metres(at, stops[i])
				at = stops[i]
			}
			best = min(best, n)
		})
		if got != best {
			t.Fatalf("%d metres by %v, the best is %d", got, order, best)
		}
	}
	many := make([]Stop, 40)
	for i := range many {
		many[i] = Stop{34600000 + rnd.Int63n(100000), 119200000 + rnd.Int63n(100000)}
	}
	if order, _ := Route(many[0], many); len(order) != 40 || order[0] != 0 {
		t.Errorf("forty stops: %v", order)
	}
}

func permute(n int, fn func([]int)) {
	o := make([]int, n)
	for i := range o {
		o[i] = i
	}
	var go1 func(int)
	go1 = func(k int) {
		if k == n {
			fn(o)
			return
		}
		for i := k; i < n; i++ {
			o[k], o[i] = o[i], o[k]
			go1(k + 1)
			o[k], o[i] = o[i], o[k]
		}
	}
	go1(0)
}

// town is a service with one old woman in its roster.
func town(t *testing.T, d *db.DB, c *dbtest.Clock) (s *Service, id string) {
	t.Helper()
	set, err := policy.Load("")
	must(t, err)
	keys, err := seal.Create(filepath.Join(t.TempDir(), "key"))
	must(t, err)
	log := &audit.Log{DB: d}
	s = &Service{Log: log, Packs: set, Persons: &person.Service{Log: log, Keys: keys, Packs: set}, Files: &desk.Files{Dir: t.TempDir()}}
	must(t, d.Write(context.Background(), func(tx *db.Tx) error {
		no, err := person.ParseID(person.DemoID(1, day.MustParse("1940-01-02"), "女"), today)
		if err != nil {
			return err
		}
		ids, _, err := s.Persons.Put(tx, region, []person.Entry{{Number: no, Name: "王桂兰", Sex: "女", Birth: day.MustParse("1940-01-02"), District: "海州区",
			Lat: 34600000, Lng: 119200000, Resident: true, Has: person.HasAll &^ person.HasCoverage}})
		if err == nil {
			id = ids[0]
		}
		return err
	}))
	return s, id
}

// Slots fill up, the least loaded fit helper goes, a visit needs proof and is
// recorded once, and it counts for what is owed this year.
func TestVisits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		c.Set(time.Date(2026, 6, 3, 1, 0, 0, 0, time.UTC))
		ctx := context.Background()
		s, p := town(t, d, c)
		clerk := audit.Actor{ID: "clerk", Name: "刘晓", Role: "clerk", Region: region}
		for i, h := range []Helper{{Name: "近的", Lat: 34601000, Lng: 119200000, Skills: []string{"*"}, Active: true}, {Name: "远的", Lat: 34690000, Lng: 119200000, Skills: []string{"*"}, Active: true},
			{Name: "不会的", Lat: 34600000, Lng: 119200000, Skills: []string{"claim.manual"}, Active: true}} {
			must(t, s.Hire(ctx, clerk, region, string(rune('a'+i)), h))
		}
		book := func(on day.Day, part, duty string) (x Visit, h Helper, err error) {
			err = d.Write(ctx, func(tx *db.Tx) error {
				x, h, err = s.Book(tx, Booking{Region: region, Person: p, Matter: "door.visit", On: on, Part: part, Duty: duty})
				return err
			})
			return x, h, err
		}
		var got []string
		for range 8 {
			_, h, err := book(today+1, Morning, "")
			must(t, err)
			got = append(got, h.Name)
		}
		if want := []string{"近的", "远的", "近的", "远的", "近的", "远的", "近的", "远的"}; !slices.Equal(got, want) {
			t.Errorf("who goes: %v", got)
		}
		if _, _, err := book(today+1, Morning, ""); !fault.Is(err, fault.Refused) || fault.As(err).Clause == nil {
			t.Errorf("a ninth visit: %v", err)
		}
		must(t, d.Read(ctx, func(tx *db.Tx) error {
			slots, _, err := s.Offer(tx, region, p, "door.visit")
			if len(slots) != 3 || slots[0].On != today+1 || slots[0].Part != Afternoon {
				t.Errorf("offered %+v", slots)
			}
			return err
		}))
		x, _, err := book(today+2, Morning, "doctor")
		must(t, err)
		photo := desk.Stored{ID: db.NewID(c.Now()), Name: "到场.png", Mime: "image/png", Size: 1, SHA256: "a", SM3: "b"}
		if _, err := s.Finish(ctx, clerk, region, x.ID, "f0", Proof{Result: "量了血压"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a proof: %v", err)
		}
		done, err := s.Finish(ctx, clerk, region, x.ID, "f1", Proof{Result: "量了血压", Place: Stop{34600900, 119200000}, Files: []desk.Stored{photo}})
		if err != nil || done.Metres != 100 {
			t.Errorf("%d metres, %v", done.Metres, err)
		}
		if _, err := s.Finish(ctx, clerk, region, x.ID, "f2", Proof{Result: "又来", Missed: true}); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		must(t, d.Read(ctx, func(tx *db.Tx) error {
			who, err := s.Persons.Get(tx, region, p)
			if err != nil {
				return err
			}
			owed, err := s.OwedOf(tx, region, []person.Person{who})
			if err == nil && (len(owed) != 1 || len(owed[0].Owed) != 1 || owed[0].Owed[0].Done != 1 || owed[0].Left != 0) {
				t.Errorf("owed %+v", owed)
			}
			return err
		}))
		tours, err := s.Day(ctx, region, "", today+1)
		if err != nil || len(tours) != 2 || len(tours[0].Stops) != 4 {
			t.Errorf("%d tours %v", len(tours), err)
		}
	})
}

// A helper goes out by telephone: only to the own doors, in order leave, arrive,
// result; who was waited for is told once; nobody at home is another appointment.
func TestTour(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		c.Set(time.Date(2026, 6, 3, 1, 0, 0, 0, time.UTC))
		ctx := context.Background()
		s, p := town(t, d, c)
		clerk := audit.Actor{ID: "clerk", Name: "刘晓", Role: "clerk", Region: region}
		hao := audit.Actor{ID: "acc-hao", Name: "郝强", Role: "helper", Region: region}
		other := audit.Actor{ID: "acc-other", Name: "万燕", Role: "helper", Region: region}
		must(t, s.Hire(ctx, clerk, region, "h1", Helper{Account: hao.ID, Name: hao.Name, Lat: 34601000, Lng: 119200000, Skills: []string{"*"}, Active: true}))
		var v, later Visit
		must(t, d.Write(ctx, func(tx *db.Tx) (err error) {
			if v, _, err = s.Book(tx, Booking{Region: region, Person: p, Matter: "door.visit", On: today, Part: Morning, What: "取送材料", Case: "C1"}); err == nil {
				later, _, err = s.Book(tx, Booking{Region: region, Person: p, Matter: "door.visit", On: today + 1, Part: Morning, What: "别的事", Case: "C2"})
			}
			return err
		}))
		must(t, s.Hire(ctx, clerk, region, "h2", Helper{Account: other.ID, Name: other.Name, Lat: 34601000, Lng: 119200000, Skills: []string{"*"}, Active: true}))
		if tours, err := s.Day(ctx, region, hao.ID, today); err != nil || len(tours) != 1 || len(tours[0].Stops) != 1 || tours[0].Stops[0].ID != v.ID {
			t.Fatalf("own day: %+v %v", tours, err)
		}
		if tours, err := s.Day(ctx, region, other.ID, today); err != nil || len(tours) != 0 {
			t.Fatalf("another's day: %+v %v", tours, err)
		}
		_, err1 := s.See(ctx, other, region, v.ID)
		_, err2 := s.Leave(ctx, other, region, v.ID, "x1")
		_, err3 := s.Arrive(ctx, other, region, v.ID, "x2", Stop{})
		_, err4 := s.Finish(ctx, other, region, v.ID, "x3", Proof{Result: "去过了", Missed: true})
		_, _, _, err5 := s.Open(ctx, other, v.ID, "doc")
		for i, err := range []error{err1, err2, err3, err4, err5} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("another helper, act %d: %v", i, err)
			}
		}
		if _, err := s.Leave(ctx, hao, region, later.ID, "l0"); !fault.Is(err, fault.Conflict) {
			t.Errorf("off a day early: %v", err)
		}
		must(t, second(s.Leave(ctx, hao, region, v.ID, "l1")))
		must(t, second(s.Leave(ctx, hao, region, v.ID, "l2")))
		if n := count(t, d, `SELECT COUNT(*) FROM job_job WHERE region = $1 AND kind = 'desk.told'`); n != 1 {
			t.Errorf("%d messages that somebody comes", n)
		}
		c.Add(20 * time.Minute)
		x, err := s.Arrive(ctx, hao, region, v.ID, "a1", Stop{34600900, 119200000})
		if err != nil || x.Metres != 100 || x.Arrived-x.SetOut != 20*60*1000 {
			t.Fatalf("arrived: %+v %v", x, err)
		}
		if x, err = s.Finish(ctx, hao, region, v.ID, "f1", Proof{Result: "没人应门", Missed: true}); err != nil || x.Status != Missed || x.Metres != 100 {
			t.Fatalf("nobody at home: %+v %v", x, err)
		}
		if _, err := s.Again(ctx, clerk, region, later.ID, "g0", today+2, Morning); !fault.Is(err, fault.Conflict) {
			t.Errorf("again what is planned: %v", err)
		}
		n, err := s.Again(ctx, clerk, region, v.ID, "g1", today+2, Afternoon)
		if err != nil || n.Case != "C1" || n.What != "取送材料" || n.On != today+2 || n.Status != Planned || n.Decision == "" {
			t.Fatalf("another appointment: %+v %v", n, err)
		}
		if _, err := s.Again(ctx, clerk, region, v.ID, "g2", today+3, Morning); !fault.Is(err, fault.Conflict) {
			t.Errorf("again and again: %v", err)
		}
		must(t, d.Read(ctx, func(tx *db.Tx) error {
			got, err := s.OfCase(tx, region, p, "C1")
			if got.ID != n.ID {
				t.Errorf("the case is at visit %s, not %s", got.ID, n.ID)
			}
			return err
		}))
	})
}

func second[T any](_ T, err error) error { return err }

func count(t *testing.T, d *db.DB, q string) (n int64) {
	t.Helper()
	must(t, d.Read(context.Background(), func(tx *db.Tx) (err error) {
		n, err = db.One(tx, db.Value[int64], q, region)
		return err
	}))
	return n
}
