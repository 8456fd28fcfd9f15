package institution

import (
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/person"
)

// A resident moves in with consent, lives in one home only, is seen by that home
// only, and on discharge goes back to the dwelling from before.
func TestResidents(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx, who := setup(t, d)
		s.People = &person.Service{Log: s.Log, Keys: s.Keys}
		a, b, assess := enter(t, s, "松鹤养老院", ElderHome), enter(t, s, "银杏养老院", ElderHome), enter(t, s, "评估中心", Assessment)
		if err := s.Act(ctx, who, region, a.ID, Change{Action: "agree", From: today, To: today + 700}); err != nil {
			t.Fatal(err)
		}
		birth := today.AddMonths(-12 * 82)
		no := person.DemoID(7, birth, "女")
		n, err := person.ParseID(no, today)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		err = d.Write(ctx, func(tx *db.Tx) (err error) {
			ids, _, err = s.People.Put(tx, region, []person.Entry{{Number: n, Name: "王桂兰", Sex: "女", Birth: birth, Phone: "19900000009", District: "东海县", Community: "牛山社区", Address: "3栋201",
				Lat: 34500000, Lng: 118700000, Has: person.HasAll &^ person.HasCoverage}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		as := func(i Institution) audit.Actor {
			return audit.Actor{ID: "boss-" + i.Name, Name: i.Name, Role: "institution", Region: region, Institution: i.ID}
		}
		in := Admission{IDNo: no, Name: "王桂兰", Room: "301", Consent: "女儿陈丽当面同意并签字"}
		for name, tc := range map[string]struct {
			who   audit.Actor
			in    func(Admission) Admission
			kind  fault.Kind
			field string
		}{
			"wrong name":       {as(a), func(x Admission) Admission { x.Name = "王桂香"; return x }, fault.Invalid, "id"},
			"unknown number":   {as(a), func(x Admission) Admission { x.IDNo = person.DemoID(8, birth, "女"); return x }, fault.Invalid, "id"},
			"no consent":       {as(a), func(x Admission) Admission { x.Consent = " "; return x }, fault.Invalid, "consent"},
			"a day to come":    {as(a), func(x Admission) Admission { x.Since = today + 1; return x }, fault.Invalid, "since"},
			"no agreement yet": {as(b), func(x Admission) Admission { return x }, fault.Conflict, ""},
			"no home":          {as(assess), func(x Admission) Admission { return x }, fault.Forbidden, ""},
			"no institution":   {who, func(x Admission) Admission { return x }, fault.Forbidden, ""},
		} {
			if _, err := s.MoveIn(ctx, tc.who, "", tc.in(in)); !fault.Is(err, tc.kind) || fault.As(err).Field != tc.field {
				t.Errorf("%s: %v", name, err)
			}
		}
		r, err := s.MoveIn(ctx, as(a), "in", in)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.MoveIn(ctx, as(a), "in", in); err != nil || again.ID != r.ID {
			t.Errorf("the same click: %v", err)
		}
		if err := s.Act(ctx, who, region, b.ID, Change{Action: "agree", From: today, To: today + 700}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.MoveIn(ctx, as(b), "", in); !fault.Is(err, fault.Conflict) {
			t.Errorf("in two homes: %v", err)
		}
		where := func() (p person.Person) {
			t.Helper()
			if err := d.Read(ctx, func(tx *db.Tx) (err error) { p, err = s.People.Get(tx, region, ids[0]); return err }); err != nil {
				t.Fatal(err)
			}
			return p
		}
		if p := where(); p.Address != a.Address || !p.Resident || p.Phone != "19900000009" {
			t.Errorf("lives at %+v", p)
		}
		list, err := s.Residents(ctx, region, a.ID, false)
		if err != nil || len(list) != 1 || list[0].Who.Name != "王桂兰" || list[0].Who.Phone != "" || list[0].Room != "301" {
			t.Errorf("roster: %+v, %v", list, err)
		}
		living := func(i Institution) error {
			return d.Read(ctx, func(tx *db.Tx) error { return Living(tx, as(i), ids[0]) })
		}
		if living(a) != nil || !fault.Is(living(b), fault.NotFound) {
			t.Errorf("who may act: %v, %v", living(a), living(b))
		}
		if _, err := s.Resident(ctx, as(b), r.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another home looks: %v", err)
		}
		c.Add(30 * 24 * time.Hour)
		if _, err := s.MoveOut(ctx, as(b), r.ID, "", 0, "回家"); !fault.Is(err, fault.NotFound) {
			t.Errorf("another home discharges: %v", err)
		}
		if _, err := s.MoveOut(ctx, as(a), r.ID, "", today-1, "回家"); fault.As(err).Field != "on" {
			t.Errorf("before the admission: %v", err)
		}
		if _, err := s.MoveOut(ctx, as(a), r.ID, "", 0, ""); fault.As(err).Field != "why" {
			t.Errorf("without a reason: %v", err)
		}
		if _, err := s.MoveOut(ctx, as(a), r.ID, "out", 0, "回家"); err != nil {
			t.Fatal(err)
		}
		if p := where(); p.Address != "3栋201" || p.District != "东海县" || p.Lat != 34500000 || p.Resident {
			t.Errorf("went home to %+v", p)
		}
		if _, err := s.MoveOut(ctx, as(a), r.ID, "", 0, "回家"); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		if !fault.Is(living(a), fault.NotFound) {
			t.Error("the home still may act")
		}
		if _, err := s.MoveIn(ctx, as(b), "", in); err != nil {
			t.Errorf("into the next home: %v", err)
		}
		if left, err := s.Residents(ctx, region, a.ID, true); err != nil || len(left) != 1 || left[0].Why != "回家" {
			t.Errorf("who left: %+v, %v", left, err)
		}
	})
}
