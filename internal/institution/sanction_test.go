package institution

import (
	"context"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// punish takes a measure by itself, without the notice that comes before it.
func punish(s *Service, region, id, key string, b Breach) (Sanctioned, error) {
	who := audit.Actor{ID: "c1", Name: "刘晓", Role: "clerk", Region: region}
	return audit.Do(context.Background(), s.Log, who, audit.Act{Region: region, Verb: "institution.test", Object: id, Key: key, Body: b},
		func(tx *db.Tx) (Sanctioned, error) { return s.punish(tx, who, region, id, b) })
}

// A measure after a breach lies within its clause, is a stored decision, and
// takes effect: on the institution, on a member of staff, on who is responsible.
func TestSanction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx, who := setup(t, d)
		set, err := policy.Load("")
		if err != nil {
			t.Fatal(err)
		}
		s.Packs = set
		i, other := enter(t, s, "康宁护理站", Care), enter(t, s, "别家", Care)
		c.Add(365 * 24 * time.Hour) // the text holds from December 2024
		now := today + 365
		if err := s.Act(ctx, who, region, i.ID, Change{Action: "agree", From: now, To: now + 700}); err != nil {
			t.Fatal(err)
		}
		m, err := s.Hire(ctx, who, region, "h", NewStaff{Institution: i.ID, Name: "周护理", Role: CareWorker})
		if err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			b     Breach
			kind  fault.Kind
			field string
		}{
			{Breach{Subject: "staff", Staff: m.ID, Months: 13, Reason: "虚记"}, fault.Refused, ""},
			{Breach{Subject: "staff", Staff: m.ID, Months: 6}, fault.Invalid, "why"},
			{Breach{Subject: "staff", Staff: "nobody", Months: 6, Reason: "虚记"}, fault.Invalid, "staff"},
			{Breach{Subject: "responsible", Serious: true, Months: 60, Reason: "虚记"}, fault.Invalid, "name"},
			{Breach{Subject: "insured", Months: 6, Reason: "虚记"}, fault.Invalid, "subject"},
			{Breach{Subject: "institution", Serious: true, Months: 6, Reason: "虚记"}, fault.Invalid, "subject"}, // no text for it
		} {
			if _, err := punish(s, region, i.ID, "", tc.b); !fault.Is(err, tc.kind) || fault.As(err).Field != tc.field {
				t.Errorf("%+v: %v (%s)", tc.b, err, fault.As(err).Field)
			}
		}
		if _, err := punish(s, region, other.ID, "", Breach{Subject: "staff", Staff: m.ID, Months: 6, Reason: "虚记"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("staff of another institution: %v", err)
		}
		x, err := punish(s, region, i.ID, "k1", Breach{Subject: "staff", Staff: m.ID, Months: 6, Reason: "回访查实虚记上门"})
		if err != nil || x.To != now.AddMonths(6)-1 || x.Name != "周护理" {
			t.Fatalf("%+v, %v", x, err)
		}
		if again, err := punish(s, region, i.ID, "k1", Breach{Subject: "staff", Staff: m.ID, Months: 6, Reason: "回访查实虚记上门"}); err != nil || again.ID != x.ID {
			t.Errorf("the same key: %+v, %v", again, err)
		}
		dec, err := (&audit.Log{DB: d}).Decision(ctx, region, x.Decision)
		if err != nil || dec.Rule != "institution.sanction" || !dec.Cites() {
			t.Errorf("decision: %+v, %v", dec, err)
		}
		_, staff, err := s.See(ctx, region, i.ID)
		if err != nil || staff[0].BannedUntil != x.To {
			t.Errorf("banned until %s, %v", staff[0].BannedUntil, err)
		}
		if ok, _ := staff[0].FitOn(x.To); ok {
			t.Error("who is banned may work on the last day")
		}
		if ok, _ := staff[0].FitOn(x.To + 1); !ok {
			t.Error("the ban does not end")
		}
		if _, err := punish(s, region, i.ID, "", Breach{Subject: "responsible", Name: "李站长", Serious: true, Months: 60, Reason: "授意虚记"}); err != nil {
			t.Error(err)
		}
		c.Add(time.Minute)
		y, err := punish(s, region, i.ID, "", Breach{Subject: "institution", Months: 6, Reason: "授意虚记"})
		if err != nil || y.Name != "康宁护理站" {
			t.Fatalf("%+v, %v", y, err)
		}
		now2, _, err := s.See(ctx, region, i.ID)
		if err != nil || now2.Status != Suspended || now2.OpenOn(now) {
			t.Errorf("%+v, %v", now2, err)
		}
		if _, err := punish(s, region, i.ID, "", Breach{Subject: "institution", Months: 6, Reason: "再次"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("suspended twice: %v", err)
		}
		if xs, err := s.Sanctions(ctx, region, i.ID); err != nil || len(xs) != 3 || xs[0].ID != y.ID || !xs[0].On(y.To) || xs[0].On(y.To+1) {
			t.Errorf("%+v, %v", xs, err)
		}
	})
}
