package person

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

const region = "320700"

func service(t testing.TB, d *db.DB) *Service {
	t.Helper()
	k, err := seal.Ensure(filepath.Join(t.TempDir(), "field.key"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	return &Service{Log: &audit.Log{DB: d}, Keys: k, Packs: set}
}

func write(t testing.TB, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func entry(seq int, name string) Entry {
	birth := day.MustParse("1942-03-15").AddDays(seq)
	n, err := ParseID(DemoID(seq, birth, "女"), day.MustParse("2024-06-03"))
	if err != nil {
		panic(err)
	}
	return Entry{Number: n, Name: name, Sex: n.Sex, Birth: n.Birth, Phone: "13800000001", District: "海州区", Address: "幸福路1号",
		Resident: true, Coverage: Coverage{Kind: "employee", Since: day.MustParse("2023-01-01"), Paid: Runs{{day.MustParse("2023-01-01").Month(), day.MustParse("2024-05-01").Month()}}},
		Groups: []string{"重残"}, Has: HasAll}
}

func put(t testing.TB, d *db.DB, s *Service, es ...Entry) (ids []string, n Count) {
	t.Helper()
	write(t, d, func(tx *db.Tx) (err error) { ids, n, err = s.Put(tx, region, es); return err })
	return ids, n
}

func TestPutFindsAndChangesOnlyWhatDiffers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s := service(t, d)
		a, b := entry(1, "王桂兰"), entry(2, "李秀英")
		ids, n := put(t, d, s, a, b)
		if n != (Count{New: 2}) {
			t.Fatalf("first: %+v", n)
		}
		a, b = entry(1, "王桂兰"), entry(2, "李秀英")
		if _, n := put(t, d, s, a, b); n != (Count{Same: 2}) {
			t.Fatalf("again: %+v", n)
		}
		// A file that brings less changes nothing by its silence.
		less := entry(1, "王桂兰")
		less.Has, less.Phone, less.Address, less.Groups = HasDistrict, "", "", nil
		if _, n := put(t, d, s, less); n != (Count{Same: 1}) {
			t.Fatalf("less: %+v", n)
		}
		more := entry(1, "王桂兰")
		more.Phone, more.Groups = "13900000002", []string{"特困"}
		more.Coverage.Paid = Runs{{more.Coverage.Paid[0].From, more.Coverage.Paid[0].To + 1}}
		if got, n := put(t, d, s, more, entry(2, "李秀英")); n != (Count{Changed: 1, Same: 1}) || got[0] != ids[0] {
			t.Fatalf("changed: %+v", n)
		}
		write(t, d, func(tx *db.Tx) error {
			p, err := s.FindByID(tx, region, strings.ToLower(more.Number.Text))
			if err != nil {
				return err
			}
			if p.ID != ids[0] || p.Name != "王桂兰" || p.Phone != "13900000002" || p.Birth != a.Birth || p.Sex != "女" ||
				p.IDTail != a.Number.Text[14:] || !p.Resident || len(p.Groups) != 1 || !p.In("特困") || p.Address != "幸福路1号" {
				t.Errorf("person %+v", p)
			}
			cov, err := s.CoverageOn(tx, region, p.ID, day.MustParse("2024-06-03"))
			if err != nil || cov.Kind != "employee" || cov.Scheme != LTCI || cov.PaidMonths != 18 || cov.Streak != 18 {
				t.Errorf("coverage %+v %v", cov, err)
			}
			if _, err := s.CoverageOn(tx, region, p.ID, day.MustParse("2022-12-31")); !fault.Is(err, fault.NotFound) {
				t.Errorf("before: %v", err)
			}
			if no, err := s.IDNumber(tx, region, p.ID); err != nil || no != a.Number.Text {
				t.Errorf("number %q %v", no, err)
			}
			if _, err := s.FindByID(tx, "350100", a.Number.Text); !fault.Is(err, fault.NotFound) {
				t.Errorf("other region: %v", err)
			}
			return nil
		})
		ctx := context.Background()
		for q, want := range map[string]int{"王": 1, "王桂": 1, "wanggui": 1, "wang": 1, "汪": 0, "王桂兰 " + a.Number.Tail(): 1,
			"王桂兰 0000": 0, b.Number.Text: 1, "李秀英": 1, "": 0} {
			got, err := s.Search(ctx, region, q, 10)
			if err != nil || len(got) != want {
				t.Errorf("search %q: %d found, %v", q, len(got), err)
			}
		}
		if got, err := s.Districts(ctx, region); err != nil || len(got) != 1 || got[0] != "海州区" {
			t.Errorf("districts %q %v", got, err)
		}
		if _, err := s.Search(ctx, region, "0023", 10); !fault.Is(err, fault.Invalid) {
			t.Errorf("four digits alone: %v", err)
		}
	})
}

func TestNoPlaintextInTheDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s := service(t, d)
		e := entry(1, "王桂兰")
		put(t, d, s, e)
		write(t, d, func(tx *db.Tx) error {
			rows, err := db.All(tx, func(r db.Row) (string, error) {
				var a, b, c, f, g string
				err := r.Scan(&a, &b, &c, &f, &g)
				return a + b + c + f + g, err
			}, `SELECT id_index, id_sealed, phone_index, phone_sealed, digest FROM person_person WHERE region = $1`, region)
			if err != nil || len(rows) != 1 || len(rows[0]) < 150 {
				t.Fatalf("%v %v", rows, err)
			}
			if strings.Contains(rows[0], e.Phone) || strings.Contains(rows[0], e.Number.Text[6:14]) {
				t.Error("plaintext in a sealed column")
			}
			return nil
		})
	})
}

func TestStays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s := service(t, d)
		ids, _ := put(t, d, s, entry(1, "王桂兰"))
		write(t, d, func(tx *db.Tx) error {
			in := func(on string) bool {
				b, err := s.InHospital(tx, region, ids[0], day.MustParse(on))
				if err != nil {
					t.Fatal(err)
				}
				return b
			}
			stay := func(st Stay) error { return s.PutStays(tx, region, []StayOf{{ids[0], st}}) }
			if err := stay(Stay{Since: day.MustParse("2024-05-10"), Source: "结算"}); err != nil {
				return err
			}
			if !in("2024-06-01") || in("2024-05-09") {
				t.Error("open stay")
			}
			if err := stay(Stay{Since: day.MustParse("2024-05-10"), Until: day.MustParse("2024-05-20"), Source: "结算"}); err != nil {
				return err
			}
			if !in("2024-05-19") || in("2024-05-20") {
				t.Error("closed stay")
			}
			if err := stay(Stay{Since: day.MustParse("2024-05-10"), Until: day.MustParse("2024-05-01")}); err == nil {
				t.Errorf("backward stay: %v", err)
			}
			return nil
		})
	})
}

func TestProxy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s := service(t, d)
		var es []Entry
		for i := range 8 {
			es = append(es, entry(i+1, "人"+string(rune('甲'+i))))
		}
		ids, _ := put(t, d, s, es...)
		ask := func(person string, scope string, until day.Day) (Proxy, error) {
			return audit.Do(context.Background(), s.Log, audit.System(region), audit.Act{Region: region, Verb: "person.authorise", Object: person},
				func(tx *db.Tx) (Proxy, error) {
					return s.Authorise(tx, Authorisation{Region: region, Proxy: ids[0], Person: person, Relation: "子女", Scope: scope, Until: until, Consent: ConsentFace})
				})
		}
		scope := func(person string, on day.Day) string {
			var got string
			write(t, d, func(tx *db.Tx) (err error) { got, _, err = s.ProxyScope(tx, region, ids[0], person, on); return err })
			return got
		}
		today := day.MustParse("2024-06-03")
		p, err := ask(ids[1], ScopeAct, 0)
		if err != nil || p.Until != day.MustParse("2025-06-02") || p.Decision == "" {
			t.Fatalf("%+v %v", p, err)
		}
		if scope(ids[1], today) != ScopeAct || scope(ids[1], p.Until) != ScopeAct || scope(ids[1], p.Until+1) != "" || scope(ids[2], today) != "" {
			t.Error("scope")
		}
		// A new authorisation of the same two replaces the old one.
		p2, err := ask(ids[1], ScopeSee, day.MustParse("2024-07-01"))
		if err != nil || scope(ids[1], today) != ScopeSee || scope(ids[1], day.MustParse("2024-07-02")) != "" {
			t.Fatalf("replace: %+v %v", p2, err)
		}
		for i := 2; i <= 5; i++ {
			if _, err := ask(ids[i], ScopePay, 0); err != nil {
				t.Fatalf("ward %d: %v", i, err)
			}
		}
		_, err = ask(ids[6], ScopeSee, 0)
		if f := fault.As(err); f.Kind != fault.Refused || f.Clause == nil || f.Clause.Grade != "D" {
			t.Fatalf("sixth ward: %v", err)
		}
		if _, err := ask(ids[1], ScopePay, 0); err != nil {
			t.Errorf("a ward already held may be renewed: %v", err)
		}
		write(t, d, func(tx *db.Tx) error {
			list, err := s.ProxiesOf(tx, region, ids[1])
			if err != nil || len(list) != 3 {
				t.Fatalf("%d, %v", len(list), err)
			}
			if _, err := s.Revoke(tx, region, list[0].ID, ids[7]); !fault.Is(err, fault.NotFound) {
				t.Errorf("a stranger revoked: %v", err)
			}
			for _, x := range list {
				if x.On(today) {
					_, err = s.Revoke(tx, region, x.ID, ids[1])
				}
			}
			return err
		})
		if scope(ids[1], today) != "" {
			t.Error("revoked, and still acts")
		}
		if _, err := ask(ids[6], ScopeSee, 0); err != nil {
			t.Errorf("after a revocation there is room: %v", err)
		}
		for name, a := range map[string]Authorisation{
			"self":     {Proxy: ids[0], Person: ids[0], Relation: "本人", Scope: ScopeSee, Consent: ConsentFace},
			"scope":    {Proxy: ids[7], Person: ids[1], Relation: "子女", Scope: "all", Consent: ConsentFace},
			"consent":  {Proxy: ids[7], Person: ids[1], Relation: "子女", Scope: ScopeSee},
			"relation": {Proxy: ids[7], Person: ids[1], Scope: ScopeSee, Consent: ConsentFace},
			"past":     {Proxy: ids[7], Person: ids[1], Relation: "子女", Scope: ScopeSee, Consent: ConsentFace, Until: today - 1},
			"too long": {Proxy: ids[7], Person: ids[1], Relation: "子女", Scope: ScopeSee, Consent: ConsentFace, Until: today + 400},
		} {
			a.Region = region
			err := d.Write(context.Background(), func(tx *db.Tx) error { _, err := s.Authorise(tx, a); return err })
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// T-43: the same person under two numbers.
func TestRenumberAndMergeKeepBothHistories(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s := service(t, d)
		a, b := entry(1, "王桂兰"), entry(2, "王桂兰")
		b.Coverage.Since, b.Groups = day.MustParse("2021-01-01"), []string{"特困"}
		b.Coverage.Until = day.MustParse("2022-12-31")
		ids, _ := put(t, d, s, a, b)
		err := d.Write(context.Background(), func(tx *db.Tx) error { return s.Renumber(tx, region, ids[0], b.Number.Text, "更正") })
		if !fault.Is(err, fault.Conflict) {
			t.Fatalf("taken number: %v", err)
		}
		write(t, d, func(tx *db.Tx) error { return s.Merge(tx, region, ids[0], ids[1], "一人两号") })
		write(t, d, func(tx *db.Tx) error {
			for _, no := range []string{a.Number.Text, b.Number.Text} {
				p, err := s.FindByID(tx, region, no)
				if err != nil || p.ID != ids[0] || len(p.Groups) != 2 {
					t.Errorf("%+v %v", p, err)
				}
			}
			cs, err := s.Coverages(tx, region, ids[0])
			if err != nil || len(cs) != 2 || cs[0].Since != b.Coverage.Since {
				t.Errorf("%+v %v", cs, err)
			}
			return nil
		})
		// The roster may go on naming either number.
		if got, n := put(t, d, s, entry(1, "王桂兰"), entry(2, "王桂兰")); got[0] != ids[0] || got[1] != ids[0] || n.New != 0 {
			t.Errorf("roster after merge: %v %+v", got, n)
		}
		third := entry(3, "王桂兰")
		write(t, d, func(tx *db.Tx) error { return s.Renumber(tx, region, ids[0], third.Number.Text, "更正") })
		write(t, d, func(tx *db.Tx) error {
			for _, no := range []string{a.Number.Text, b.Number.Text, third.Number.Text} {
				if p, err := s.FindByID(tx, region, no); err != nil || p.ID != ids[0] || p.Birth != third.Number.Birth {
					t.Errorf("%+v %v", p, err)
				}
			}
			return nil
		})
	})
}
