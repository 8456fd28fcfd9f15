package care

import (
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

func TestPlanIsCheckedWhileItIsWritten(t *testing.T) {
	t.Parallel()
	d, c := dbtest.SQLite(t)
	tn := newTown(t, d, c, 1)
	good := tn.input(0)
	out, err := tn.Check(ctx, region, good)
	must(t, err)
	// June 2024 from Monday the 3rd: 4 Mondays and 4 Thursdays; July is the full
	// month: 5 Mondays, 4 Thursdays. 20 minutes each, 40 more once a week.
	if out.Month.String() != "2024-07" || out.Visits != 9 || out.WeekMinutes != 80 || out.Stops() || len(out.Problems) != 0 {
		t.Fatalf("%+v", out)
	}
	if out.TotalFen != 19500+17333 { // 3 h and 2.666666 h at 65.00
		t.Errorf("a month costs %s", out.TotalFen)
	}
	for _, c := range []struct {
		name   string
		change func(*PlanInput)
		field  string
		say    string
		stop   bool
	}{
		{"not in the catalogue", func(p *PlanInput) { p.Items[0].Item = "X99" }, "items[0]", "不在本地的护理服务项目目录里", true},
		{"nurse's work", func(p *PlanInput) { p.Items[0] = PlanItem{"N01", 1, 30, "care_worker"} }, "items[0]", "要护士来做", true},
		{"more often than visits", func(p *PlanInput) { p.Items[0].PerWeek = 3 }, "items[0]", "每周只上门 2 次", true},
		{"bad time", func(p *PlanInput) { p.Slots[1].Start = "9点" }, "slots[1]", "第 2 个上门时间", true},
		{"too long", func(p *PlanInput) { p.To = p.From.AddMonths(12) }, "to", "最长 12 个月", true},
		{"no items", func(p *PlanInput) { p.Items = nil }, "items", "还没有服务项目", true},
		{"over the cap", func(p *PlanInput) { p.Items[0].Minutes = 180; p.Items[1].Minutes = 60 }, "items", "多出的 6 小时 要由本人自己付", false},
	} {
		in := tn.input(0)
		c.change(&in)
		out, err := tn.Check(ctx, region, in)
		must(t, err)
		if len(out.Problems) == 0 || out.Problems[0].Field != c.field || !strings.Contains(out.Problems[0].Say, c.say) || out.Stops() != c.stop {
			t.Errorf("%s: %+v", c.name, out.Problems)
		}
	}
	in := tn.input(0)
	in.From = today - 60
	if _, err := tn.Check(ctx, region, in); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.As(err).Say, "还没有护理待遇") {
		t.Errorf("before the benefit: %v", err)
	}
}

func TestPlanToVisits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		in := tn.input(0)
		in.Items[0].PerWeek = 9
		p, err := tn.Save(ctx, tn.boss, region, "", "k1", in)
		must(t, err)
		if _, err := tn.Act(ctx, tn.boss, region, p.ID, "", PlanAct{Action: "offer"}); !fault.Is(err, fault.Refused) {
			t.Fatalf("offered a plan with faults: %v", err)
		}
		in = tn.input(0)
		in.Version = p.Version
		p, err = tn.Save(ctx, tn.boss, region, p.ID, "k2", in)
		must(t, err)
		if _, err := tn.Save(ctx, tn.boss, region, p.ID, "k3", in); !fault.Is(err, fault.Conflict) {
			t.Fatalf("saved over a newer version: %v", err)
		}
		p, err = tn.Act(ctx, tn.boss, region, p.ID, "", PlanAct{Action: "offer"})
		must(t, err)
		p, err = tn.Act(ctx, tn.self(tn.people[0]), region, p.ID, "", PlanAct{Action: "confirm"})
		must(t, err)
		if got := tn.visits(0, today, today+90); len(got) != 0 {
			t.Fatalf("%d visits before the approval", len(got))
		}
		if _, err := tn.Act(ctx, audit.Actor{ID: "boss", Region: region}, region, p.ID, "", PlanAct{Action: "approve"}); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("the writer approved: %v", err)
		}
		p, err = tn.Act(ctx, tn.clerk, region, p.ID, "", PlanAct{Action: "approve"})
		must(t, err)
		got := tn.visits(0, today, today+90)
		if len(got) != 9 || p.Until != today+28 { // five Mondays, four Thursdays within 28 days
			t.Fatalf("%d visits until %s", len(got), p.Until)
		}
		if v := got[0]; v.On != today || v.PlannedAt != instant(today, 9*60) || v.PlannedMinutes != 20 || got[1].PlannedMinutes != 60 {
			t.Fatalf("%+v", v)
		}
		// Three weeks later the schedule makes the next ones; a second run adds nothing.
		c.Add(22 * 24 * 3600e9)
		for range 2 {
			if _, err := tn.Roll(ctx, region); err != nil {
				t.Fatal(err)
			}
			if got = tn.visits(0, today, today+90); len(got) != 15 {
				t.Fatalf("%d visits after the roll", len(got))
			}
		}
		// A new plan of the same mode takes over on its first day.
		next := tn.input(0)
		next.From, next.To = today+30, today+80
		tn.active(next)
		for _, v := range tn.visits(0, today, today+90) {
			if old := v.Plan == p.ID; v.On >= next.From && old != (v.Status == Cancelled) {
				t.Fatalf("visit of %s by plan %s is %s", v.On, v.Plan, v.Status)
			}
		}
	})
}

// T-21: every state × every action on plans.
func TestT21FlowOfPlans(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		ways := map[PlanStatus][]string{Draft: {}, Offered: {"offer"}, Confirmed: {"offer", "confirm"}, Returned: {"offer", "confirm", "return"},
			Declined: {"offer", "decline"}, Active: {"offer", "confirm", "approve"}, Ended: {"end"}}
		by := map[string]audit.Actor{"offer": tn.boss, "recall": tn.boss, "end": tn.boss, "confirm": tn.self(tn.people[0]), "decline": tn.self(tn.people[0]), "undo": tn.self(tn.people[0]), "approve": tn.clerk, "return": tn.clerk}
		do := func(p Plan, action string) (Plan, error) {
			if action == "save" {
				return tn.Save(ctx, tn.boss, region, p.ID, "", tn.input(0))
			}
			return tn.Act(ctx, by[action], region, p.ID, "", PlanAct{Action: action, Note: "试"})
		}
		if len(ways) != len(planNames) {
			t.Fatal("a state is not tried")
		}
		for state, way := range ways {
			for _, action := range PlanActions {
				p, err := tn.Save(ctx, tn.boss, region, "", "", tn.input(0))
				must(t, err)
				for _, a := range way {
					if p, err = do(p, a); err != nil {
						t.Fatal(err)
					}
				}
				if p.Status != state {
					t.Fatalf("the way to %s ends in %s", state, p.Status)
				}
				var to []PlanStatus
				for _, f := range PlanFlow {
					if f.From == state && f.Action == action.ID {
						to = f.To
					}
				}
				before := tn.plan1(p.ID)
				if state == Active && action.ID == "undo" {
					to = nil // approved by the agency: too late, whatever the table allows without approval
				}
				_, err = do(p, action.ID)
				after := tn.plan1(p.ID)
				if to == nil {
					if !fault.Is(err, fault.Conflict) || js(before) != js(after) {
						t.Errorf("%s × %s: %v, now %s", state, action.ID, err, after.Status)
					}
				} else if err != nil || !strings.Contains(js(to), `"`+string(after.Status)+`"`) {
					t.Errorf("%s × %s: %v, now %s", state, action.ID, err, after.Status)
				}
			}
		}
	})
}

func (tn *town) plan1(id string) (p Plan) {
	tn.t.Helper()
	must(tn.t, tn.d.Read(ctx, func(tx *db.Tx) (err error) { p, err = GetPlan(tx, region, id); return err }))
	return p
}

// A confirmation can be taken back for ten minutes (A12), and leaves nothing.
func TestUndoOfAConfirmation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn := newTown(t, d, c, 1)
		me := tn.self(tn.people[0])
		p, err := tn.Save(ctx, tn.boss, region, "", "", tn.input(0))
		must(t, err)
		for _, late := range []bool{false, true} {
			if !late {
				_, err = tn.Act(ctx, tn.boss, region, p.ID, "", PlanAct{Action: "offer"})
				must(t, err)
			}
			p, err = tn.Act(ctx, me, region, p.ID, "", PlanAct{Action: "confirm"})
			must(t, err)
			if late {
				c.Add(UndoMinutes*time.Minute + time.Second)
			}
			p2, err := tn.Act(ctx, me, region, p.ID, "", PlanAct{Action: "undo"})
			if late {
				if !fault.Is(err, fault.Conflict) || tn.plan1(p.ID).Status != Confirmed {
					t.Fatalf("after ten minutes: %v", err)
				}
				continue
			}
			if err != nil || p2.Status != Offered || tn.plan1(p.ID).ConfirmedBy != "" {
				t.Fatalf("%v %+v", err, p2)
			}
		}
	})
}
