package institution

import (
	"context"
	"path/filepath"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/seal"
)

const region = "320700"

var today = day.FromTime(dbtest.Start)

func setup(t *testing.T, d *db.DB) (*Service, context.Context, audit.Actor) {
	t.Helper()
	k, err := seal.Create(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	return &Service{Log: &audit.Log{DB: d}, Keys: k}, context.Background(), audit.System(region)
}

func enter(t *testing.T, s *Service, name string, k Kind) Institution {
	t.Helper()
	i, err := s.Enter(context.Background(), audit.System(region), region, "enter-"+name, New{Name: name, Kind: k, Account: "6222000011112222", AccountName: name})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// T-21: every state × every action; what the flow does not list is refused and
// leaves the row as it was.
func TestT21FlowOfInstitutions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx, who := setup(t, d)
		way := map[Status][]string{Applied: {}, Active: {"agree"}, Suspended: {"agree", "suspend"}, Ended: {"agree", "end"}}
		change := func(a string) Change {
			return Change{Action: a, From: today, To: today.AddMonths(24), Reason: "核查"}
		}
		for state, path := range way {
			for _, action := range Actions {
				i := enter(t, s, string(state)+action, Care)
				for _, a := range path {
					if err := s.Act(ctx, who, region, i.ID, change(a)); err != nil {
						t.Fatal(err)
					}
				}
				want, allowed := Status(""), false
				for _, f := range Flow {
					if f.From == state && f.Action == action {
						want, allowed = f.To, true
					}
				}
				before := read(t, s, i.ID)
				err := s.Act(ctx, who, region, i.ID, change(action))
				after := read(t, s, i.ID)
				if allowed && (err != nil || after.Status != want) {
					t.Errorf("%s × %s: %v, %s, want %s", state, action, err, after.Status, want)
				}
				if !allowed && (!fault.Is(err, fault.Conflict) || after != before) {
					t.Errorf("%s × %s: %v, row %v → %v, want conflict and no change", state, action, err, before, after)
				}
			}
		}
	})
}

func read(t *testing.T, s *Service, id string) (i Institution) {
	t.Helper()
	if err := s.Log.DB.Read(context.Background(), func(tx *db.Tx) (err error) { i, err = Get(tx, region, id); return err }); err != nil {
		t.Fatal(err)
	}
	return i
}

func TestRegisterOfStaff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx, who := setup(t, d)
		eval := enter(t, s, "海州评估中心", Assessment)
		care := enter(t, s, "新浦护理站", Care)
		if _, err := s.Hire(ctx, who, region, "", NewStaff{Institution: care.ID, Name: "张评", Role: Assessor}); !fault.Is(err, fault.Invalid) {
			t.Fatalf("an assessor in a care institution: %v", err)
		}
		hire := func(n NewStaff) Staff {
			m, err := s.Hire(ctx, who, region, "", n)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		ok := hire(NewStaff{Institution: eval.ID, Name: "甲", Role: Assessor, LicenseUntil: today})
		hire(NewStaff{Institution: eval.ID, Name: "乙", Role: Assessor, LicenseUntil: today - 1})
		ban := hire(NewStaff{Institution: eval.ID, Name: "丙", Role: Assessor, IDNo: "990100199001010012"})
		if err := s.ChangeStaff(ctx, who, region, ban.ID, StaffChange{Status: "active", BannedUntil: today.AddMonths(60), Reason: "套取基金", Version: 1, MayBan: true}); err != nil {
			t.Fatal(err)
		}
		var on []Staff
		if err := d.Read(ctx, func(tx *db.Tx) (err error) { on, err = StaffOn(tx, region, Assessor, today); return err }); err != nil {
			t.Fatal(err)
		}
		if len(on) != 1 || on[0].ID != ok.ID {
			t.Fatalf("on the register: %v, want only 甲", on)
		}
		// The same person under another name stays banned.
		if _, err := s.Hire(ctx, who, region, "", NewStaff{Institution: eval.ID, Name: "丁", Role: Expert, IDNo: "990100199001010012"}); !fault.Is(err, fault.Refused) {
			t.Fatalf("a banned person hired again: %v", err)
		}
	})
}

func TestSealedAccountAndTokens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx, who := setup(t, d)
		i := enter(t, s, "连云护理站", Care)
		if i.AccountTail != "2222" {
			t.Fatalf("tail %q", i.AccountTail)
		}
		if err := d.Read(ctx, func(tx *db.Tx) error {
			plain, err := s.Account(tx, region, i.ID)
			if err == nil && plain != "6222000011112222" {
				t.Errorf("opened %q", plain)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		tok, err := s.NewToken(ctx, who, region, i.ID, "院内系统", today.AddMonths(12))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.CheckToken(ctx, tok); err != nil || got.Institution != i.ID {
			t.Fatalf("%v %v", got, err)
		}
		if _, err := s.CheckToken(ctx, tok+"x"); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("a wrong token: %v", err)
		}
		ts, err := s.Tokens(ctx, region, i.ID)
		if err != nil || len(ts) != 1 || ts[0].Name != "院内系统" || !ts[0].On(today) || ts[0].On(today.AddMonths(12)+1) {
			t.Fatalf("%+v, %v", ts, err)
		}
		if err := s.RevokeToken(ctx, who, region, "another", ts[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another institution's token: %v", err)
		}
		if err := s.RevokeToken(ctx, who, region, i.ID, ts[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CheckToken(ctx, tok); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("a revoked token: %v", err)
		}
	})
}

func TestChooseMovesTheRelation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx, who := setup(t, d)
		a, b := enter(t, s, "甲站", Care), enter(t, s, "乙站", Care)
		choose := func(id string, from day.Day) error {
			return d.Write(ctx, func(tx *db.Tx) error { return Choose(tx, who, region, "p1", id, "home", from) })
		}
		if err := choose(a.ID, today); !fault.Is(err, fault.Invalid) {
			t.Fatalf("chose an applicant: %v", err)
		}
		for _, i := range []Institution{a, b} {
			if err := s.Act(ctx, who, region, i.ID, Change{Action: "agree", From: today, To: today.AddMonths(12)}); err != nil {
				t.Fatal(err)
			}
		}
		for _, x := range []struct {
			id   string
			from day.Day
		}{{a.ID, today}, {b.ID, today + 10}, {b.ID, today + 5}} {
			if err := choose(x.id, x.from); err != nil {
				t.Fatal(err)
			}
		}
		for on, want := range map[day.Day]string{today: a.ID, today + 4: a.ID, today + 5: b.ID, today + 40: b.ID} {
			var got []Relation
			if err := d.Read(ctx, func(tx *db.Tx) (err error) { got, err = Relations(tx, region, "p1", on); return err }); err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].Institution != want {
				t.Errorf("on %s: %v, want %s", on, got, want)
			}
		}
	})
}
