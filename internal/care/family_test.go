package care

import (
	"slices"
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// ofFamily lets person p choose family care.
func (tn *town) ofFamily(p int) {
	tn.t.Helper()
	must(tn.t, tn.Choose(ctx, tn.self(tn.people[p]), region, tn.people[p], []string{"family"}, "", "", today))
}

func (tn *town) familyInput(p int) FamilyInput {
	return FamilyInput{Person: tn.people[p], From: today, To: today + 60, Items: []string{"F01"},
		Carer: NewCarer{Name: "王小丽", Number: person.DemoID(300, day.MustParse("1976-02-01"), "女"), Relation: "子女", Phone: "19900001234", Agreed: today}}
}

func field(t *testing.T, err error, name, words string) {
	t.Helper()
	f := fault.As(err)
	if err == nil || f.Field != name || !strings.Contains(f.Say, words) {
		t.Errorf("got %v (field %q), want %s: %s", err, f.Field, name, words)
	}
}

// A family's plan: written by the agency, confirmed by the person, approved by
// another hand; then the family confirms days and each becomes a priced visit.
func TestFamilyCare(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 3)
		clerk2 := audit.Actor{ID: "clerk2", Role: "clerk", Region: region}
		self := tn.self(tn.people[0])
		in := tn.familyInput(0)
		_, err := tn.SaveFamily(ctx, tn.clerk, region, "", "", in)
		field(t, err, "from", "没有选亲情护理")
		for p := range tn.people {
			tn.ofFamily(p)
		}
		for _, who := range []audit.Actor{tn.boss, self} {
			if _, err := tn.SaveFamily(ctx, who, region, "", "", in); !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s writes the plan: %v", who.Role, err)
			}
		}
		if x, err := tn.Family(ctx, region, 10); err != nil || len(x.Waiting) != 3 {
			t.Fatalf("waiting: %+v, %v", x, err)
		}
		bad := in
		bad.Carer.Agreed = today + 1
		_, err = tn.SaveFamily(ctx, tn.clerk, region, "", "", bad)
		field(t, err, "agreed", "当面同意")
		bad = in
		bad.Carer.Number = bad.Carer.Number[:17] + "%"
		_, err = tn.SaveFamily(ctx, tn.clerk, region, "", "", bad)
		field(t, err, "number", "照护人")
		// What stands against the carer keeps the plan a draft.
		bad = in
		var own string
		must(t, d.Read(ctx, func(tx *db.Tx) (err error) { own, err = tn.People.IDNumber(tx, region, tn.people[0]); return err }))
		bad.Carer.Number, bad.Carer.Relation = own, "路人"
		p, err := tn.SaveFamily(ctx, tn.clerk, region, "", "", bad)
		if err != nil || !p.Limits.Stops() || !strings.Contains(p.Limits.Problems[0].Say, "参保人自己的") || p.Limits.Problems[1].Field != "relation" || p.Limits.Problems[1].Clause == nil {
			t.Fatalf("the person as the own carer: %+v, %v", p.Limits.Problems, err)
		}
		if _, err := tn.Act(ctx, tn.clerk, region, p.ID, "", PlanAct{Action: "offer"}); !fault.Is(err, fault.Refused) {
			t.Errorf("offered: %v", err)
		}
		in.Version = p.Version
		p, err = tn.SaveFamily(ctx, tn.clerk, region, p.ID, "", in)
		if err != nil || p.Limits.Stops() || p.Institution != "" || p.Limits.TotalFen != 31*3000 {
			t.Fatalf("plan: %+v, %v", p, err)
		}
		must(t, act(tn, tn.clerk, p.ID, "offer"))
		if err := act(tn, tn.boss, p.ID, "recall"); !fault.Is(err, fault.NotFound) {
			t.Errorf("an institution takes it back: %v", err)
		}
		must(t, act(tn, self, p.ID, "confirm"))
		if err := act(tn, tn.clerk, p.ID, "approve"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the writer approves: %v", err)
		}
		must(t, act(tn, clerk2, p.ID, "approve"))
		carer, err := tn.CarerOf(ctx, tn.clerk, region, p.ID)
		if err != nil || carer.Name != "王小丽" || carer.Phone != "19900001234" || carer.Decision == "" {
			t.Errorf("carer: %+v, %v", carer, err)
		}
		var open int
		must(t, d.Raw().QueryRow(`SELECT COUNT(*) FROM care_carer WHERE id_sealed LIKE '%99010%' OR phone_sealed LIKE '%1990%'`).Scan(&open))
		if open != 0 {
			t.Error("number or phone stand open in the database")
		}

		// The family confirms days, twice the same; nobody else does.
		days := []day.Day{today, today - 1}
		_, err = tn.RecordDays(ctx, self, region, p.ID, "", days)
		field(t, err, "days", "不在计划的日期里")
		c.Set(c.Now().AddDate(0, 0, 5))
		days = []day.Day{today, today + 1, today + 2}
		for _, who := range []audit.Actor{tn.clerk, tn.boss, tn.self(tn.people[1])} {
			if n, err := tn.RecordDays(ctx, who, region, p.ID, "", days); err == nil {
				t.Errorf("%s %s confirms %d days", who.Role, who.Person, n)
			}
		}
		if n, err := tn.RecordDays(ctx, self, region, p.ID, "k", days); err != nil || n != 3 {
			t.Fatalf("confirmed: %d, %v", n, err)
		}
		if n, err := tn.RecordDays(ctx, self, region, p.ID, "", append(days, today+3)); err != nil || n != 1 {
			t.Fatalf("again: %d, %v", n, err)
		}
		_, err = tn.RecordDays(ctx, self, region, p.ID, "", []day.Day{today + 9})
		field(t, err, "days", "还没到")
		m, err := tn.FamilyDays(ctx, self, region, tn.people[0], today.Month())
		done := slices.DeleteFunc(slices.Clone(m.Days), func(x FamilyDay) bool { return x.Visit.ID == "" })
		may := slices.DeleteFunc(slices.Clone(m.Days), func(x FamilyDay) bool { return !x.Open })
		if err != nil || len(done) != 4 || len(may) != 2 || done[0].Visit.Suspects != 0 || len(done[0].Visit.Lines) != 1 || done[0].Visit.Lines[0].PriceFen != 3000 {
			t.Errorf("month: %d done, %d open, %+v, %v", len(done), len(may), done, err)
		}
		c.Set(c.Now().AddDate(0, 0, 40))
		_, err = tn.RecordDays(ctx, self, region, p.ID, "", []day.Day{today + 5})
		field(t, err, "day", "已经过了 31 天")
		if fault.As(err).Clause == nil {
			t.Error("late without a clause")
		}
		c.Set(c.Now().AddDate(0, 0, -40))

		// One carer, at most two persons; and who draws a benefit is no carer.
		two, three := tn.familyInput(1), tn.familyInput(2)
		q, err := tn.SaveFamily(ctx, tn.clerk, region, "", "", two)
		if err != nil || q.Limits.Stops() {
			t.Fatalf("the second person: %+v, %v", q.Limits.Problems, err)
		}
		q, err = tn.SaveFamily(ctx, tn.clerk, region, "", "", three)
		if err != nil || !q.Limits.Stops() || !strings.Contains(q.Limits.Problems[0].Say, "最多照护 2 位") {
			t.Errorf("the third person: %+v, %v", q.Limits.Problems, err)
		}
		three.Carer.Number, three.Version = own, q.Version
		q, err = tn.SaveFamily(ctx, tn.clerk, region, q.ID, "", three)
		if err != nil || !q.Limits.Stops() || !strings.Contains(q.Limits.Problems[0].Say, "自己也在享受") {
			t.Errorf("somebody in care as a carer: %+v, %v", q.Limits.Problems, err)
		}
	})
}

func act(tn *town, who audit.Actor, id, action string) error {
	_, err := tn.Act(ctx, who, region, id, "", PlanAct{Action: action})
	return err
}

// Households are drawn once a month; a day in doubt holds its bill until the
// office has decided, and a settled one is refused.
func TestFamilySpot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		clerk2 := audit.Actor{ID: "clerk2", Role: "clerk", Region: region}
		self, m := tn.self(tn.people[0]), today.Month()
		if _, err := tn.Draw(ctx, tn.clerk, region, "", m); !fault.Is(err, fault.Conflict) {
			t.Errorf("drawn from nothing: %v", err)
		}
		tn.ofFamily(0)
		p, err := tn.SaveFamily(ctx, tn.clerk, region, "", "", tn.familyInput(0))
		must(t, err)
		must(t, act(tn, tn.clerk, p.ID, "offer"))
		must(t, act(tn, self, p.ID, "confirm"))
		must(t, act(tn, clerk2, p.ID, "approve"))
		c.Set(c.Now().AddDate(0, 0, 3))
		_, err = tn.RecordDays(ctx, self, region, p.ID, "", []day.Day{today, today + 1})
		must(t, err)
		if n, err := tn.Draw(ctx, tn.clerk, region, "", m); err != nil || n != 1 {
			t.Fatalf("drawn: %d, %v", n, err)
		}
		if _, err := tn.Draw(ctx, tn.clerk, region, "", m); !fault.Is(err, fault.Conflict) {
			t.Errorf("drawn twice: %v", err)
		}
		rows, err := tn.Drawn(ctx, clerk2, region, m)
		if err != nil || len(rows) != 1 || len(rows[0].Days) != 2 || rows[0].Carer.Phone != "19900001234" || len(rows[0].Seed) != 64 {
			t.Fatalf("rows: %+v, %v", rows, err)
		}
		res := SpotResult{Way: "phone", Doubt: true, Note: "邻居说那天老人在外地", Days: []day.Day{today + 1}}
		if err := tn.Checked(ctx, tn.clerk, region, m, p.ID, "", res); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the writer checks: %v", err)
		}
		bad := res
		bad.Days = []day.Day{today + 2}
		field(t, tn.Checked(ctx, clerk2, region, m, p.ID, "", bad), "day", "没有确认过")
		tn.Settled = func(_ *db.Tx, _ string, visits []string) (map[string]bool, error) {
			return map[string]bool{visits[0]: true}, nil
		}
		if err := tn.Checked(ctx, clerk2, region, m, p.ID, "", res); !fault.Is(err, fault.Conflict) {
			t.Errorf("a settled day: %v", err)
		}
		tn.Settled = nil
		must(t, tn.Checked(ctx, clerk2, region, m, p.ID, "", res))
		visit := dayID(p.ID, today+1)
		if v := tn.visit(visit); v.Suspects != 1 || tn.exceptions(visit)["spot"].Status != Open {
			t.Errorf("doubt: %+v", v)
		}
		must(t, tn.Recheck(ctx, region, today+1)) // a look by the program does not clear what people saw
		if v := tn.visit(visit); v.Suspects != 1 {
			t.Errorf("after the program's look: %d", v.Suspects)
		}
		if _, err := tn.Judge(ctx, clerk2, region, visit, "spot", "", Judgement{Action: "void", Reason: "核实不在家"}); err != nil || tn.visit(visit).Status != Void {
			t.Errorf("voided: %v", err)
		}
		if v := tn.visit(dayID(p.ID, today)); v.Status != Done || v.Suspects != 0 {
			t.Errorf("the other day: %+v", v)
		}
		if err := tn.Checked(ctx, clerk2, region, m, p.ID, "", res); !fault.Is(err, fault.Conflict) {
			t.Errorf("checked twice: %v", err)
		}
		ids := []string{"a", "b", "c", "d", "e"}
		one, two := pickSpots([32]byte{1}, ids, 2), pickSpots([32]byte{1}, []string{"e", "d", "c", "b", "a"}, 2)
		if !slices.Equal(one, two) || len(one) != 2 {
			t.Errorf("drawn again: %v, %v", one, two)
		}
	})
}

// A region whose terms know no family care refuses the choice and the plan, with
// the clause, and does not offer it.
func TestNoFamilyCare(t *testing.T) {
	d, c := dbtest.SQLite(t)
	tn := newTown(t, d, c, 1)
	tn.ofFamily(0)
	set, err := policy.Load("testdata/nofamily")
	must(t, err)
	tn.Packs = set
	refused := func(err error) {
		t.Helper()
		f := fault.As(err)
		if !fault.Is(err, fault.Refused) || !strings.Contains(f.Say, "没有亲情护理") || f.Clause == nil || f.Clause.Article != "第四条" {
			t.Errorf("%v, %+v", err, f.Clause)
		}
	}
	refused(tn.Choose(ctx, tn.self(tn.people[0]), region, tn.people[0], []string{"family"}, "", "", today+1))
	_, err = tn.SaveFamily(ctx, tn.clerk, region, "", "", tn.familyInput(0))
	refused(err)
	x, err := tn.Stand(ctx, tn.self(tn.people[0]), region, tn.people[0])
	must(t, err)
	modes, err := tn.Modes(region, x)
	if err != nil || len(modes) != 2 || modes[0][0] != "home" || modes[1][0] != "institution" {
		t.Errorf("offered: %v, %v", modes, err)
	}
}
