package assess

import (
	"fmt"
	"slices"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
)

// acts calls the service's method for every action, with input that is complete.
func (w *world) acts(c Cmd) map[Action]func(audit.Actor) error {
	return map[Action]func(audit.Actor) error{
		ActAccept:     func(a audit.Actor) error { return w.Accept(ctx, a, c, "看过了") },
		ActSupplement: func(a audit.Actor) error { return w.Supplement(ctx, a, c, "身份证件") },
		ActSupply:     func(a audit.Actor) error { return w.Supply(ctx, a, c) },
		ActRefuse:     func(a audit.Actor) error { return w.Refuse(ctx, a, c, "other_payer", "工伤保险") },
		ActWithdraw:   func(a audit.Actor) error { return w.Withdraw(ctx, a, c, "") },
		ActDraw:       func(a audit.Actor) error { return w.Draw(ctx, a, c) },
		ActReplace:    func(a audit.Actor) error { return w.Replace(ctx, a, c, w.assessors[0], "生病", "") },
		ActAppoint:    func(a audit.Actor) error { return w.Appoint(ctx, a, c, w.today()+1, "am") },
		ActScore:      func(a audit.Actor) error { return w.SaveScore(ctx, a, c, "adl.feeding", 0, "") },
		ActRecord:     func(a audit.Actor) error { return w.Sign(ctx, a, c, SignInput{NoTie: true}) },
		ActConclude:   func(a audit.Actor) error { return w.Conclude(ctx, a, c, 5, "x") },
		ActPublish:    func(a audit.Actor) error { return w.Publish(ctx, a, c) },
		ActDeliver:    func(a audit.Actor) error { return w.Deliver(ctx, a, c) },
		ActObject:     func(a audit.Actor) error { return w.Object(ctx, a, c, "陈丽", "13900000000", "不符") },
		ActEffect:     func(a audit.Actor) error { return w.Effect(ctx, a, c) },
		ActUndo:       func(a audit.Actor) error { return w.Undo(ctx, a, c) },
		ActLapse: func(a audit.Actor) error {
			return w.step(ctx, a, c, ActLapse, nil, func(k *work) error { k.app.State = StateWithdrawn; return nil })
		},
		ActExpire: func(a audit.Actor) error {
			return w.step(ctx, a, c, ActExpire, nil, func(k *work) error { k.app.State = StateExpired; return nil })
		},
	}
}

// TestFlowT21 walks every state × every action × every role (T-21): what the
// table does not hold is refused, changes nothing, and the attempt is audited.
func TestFlowT21(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clk *dbtest.Clock) {
		w := newWorld(t, d, clk)
		c := w.apply()
		acts := w.acts(c)
		roles := []audit.Actor{w.asDaughter, w.clerk, {ID: "u-ins", Name: "商保岗", Role: roleInsurer, Region: region},
			{ID: "u-inst", Name: "机构", Role: roleInstitution, Region: region, Institution: w.insts[3]},
			w.accounts[w.assessors[0]], w.accounts[w.experts[0]], w.system,
			{ID: "u-rev", Name: "复核", Role: "reviewer", Region: region}, {ID: "u-aud", Name: "审计", Role: "auditor", Region: region}}
		tried := 0
		for _, from := range States[1:] {
			if _, err := d.Raw().Exec(`UPDATE assess_application SET state = $1 WHERE region = $2 AND id = $3`, string(from), region, c.ID); err != nil {
				t.Fatal(err)
			}
			for act, do := range acts {
				for _, who := range roles {
					i := slices.IndexFunc(Flow, func(a Arrow) bool { return a.From == from && a.Act == act })
					if i >= 0 && slices.Contains(Flow[i].Who, who.Role) {
						continue // the arrows themselves are walked by the road tests
					}
					tried++
					want := fault.Conflict
					if i >= 0 {
						want = fault.Forbidden
					}
					events, rows := count(t, d, "audit_event"), fmt.Sprint(count(t, d, "desk_step"), w.state(c))
					err := do(who)
					if !fault.Is(err, want) {
						t.Errorf("%s --%s--> by %s: %v, want %s", from, act, who.Role, err, want)
					}
					if got := fmt.Sprint(count(t, d, "desk_step"), w.state(c)); got != rows {
						t.Errorf("%s --%s--> by %s changed\n%s\nto\n%s", from, act, who.Role, rows, got)
					}
					if n := count(t, d, "audit_event") - events; n != 1 {
						t.Errorf("%s --%s--> by %s: %d audit events, want the attempt", from, act, who.Role, n)
					}
				}
			}
		}
		if tried < 2000 {
			t.Errorf("only %d illegal steps tried", tried)
		}
	})
}

// TestFlowIsWhole checks the table itself.
func TestFlowIsWhole(t *testing.T) {
	t.Parallel()
	seen, reached := map[string]bool{}, map[State]bool{StateNone: true}
	for _, a := range Flow {
		k := fmt.Sprint(a.From, "/", a.Act)
		if seen[k] {
			t.Errorf("two arrows %s", k)
		}
		seen[k] = true
		reached[a.To] = true
		if a.From.Name() == "" || a.To.Name() == "" || a.Act.Name() == "" || len(a.Who) == 0 {
			t.Errorf("arrow without names: %+v", a)
		}
	}
	for _, s := range States {
		if !reached[s] {
			t.Errorf("nothing leads to %s", s)
		}
		if s != StateNone && StageOf(s) == "" {
			t.Errorf("%s has no tab in the worklist", s)
		}
		if st := statusOf(s); st.Closed() && s != StateEffective && s != StateBelow {
			got := slices.DeleteFunc(Allowed(s, roleClerk), func(a Action) bool { return a == ActUndo }) // for ten minutes
			if len(got) > 0 {
				t.Errorf("%s is closed but allows %v", s, got)
			}
		}
	}
}

// TestEveryArrowIsWalked drives one application over each arrow that the other
// tests do not take, so that every line of the table has worked once.
func TestEveryArrowIsWalked(t *testing.T) {
	d, clk := dbtest.SQLite(t)
	w := newWorld(t, d, clk)
	for _, state := range []State{StateApplied, StateSupplement, StateAccepted, StateDrawn} {
		c := w.apply()
		switch state {
		case StateSupplement:
			w.ok(w.Supplement(ctx, w.clerk, c, "身份证件"))
		case StateAccepted, StateDrawn:
			w.ok(w.Accept(ctx, w.clerk, c, ""))
			if state == StateDrawn {
				w.ok(w.Draw(ctx, w.clerk, c))
			}
		}
		w.ok(w.Withdraw(ctx, w.asDaughter, c, "暂时不办了"))
		if got := w.state(c).State; got != StateWithdrawn {
			t.Errorf("withdraw from %s: %s", state, got)
		}
	}
	c := w.apply()
	w.ok(w.Supplement(ctx, w.clerk, c, "身份证件"))
	w.ok(w.Refuse(ctx, w.clerk, c, "false", "诊断证明与医院存档不符"))

	// Below, objected by the family, review brings the benefit.
	c = w.apply()
	w.ok(w.Accept(ctx, w.clerk, c, ""))
	w.ok(w.Draw(ctx, w.clerk, c))
	w.visit(c, 3)
	w.conclude(c, 0, 0)
	w.refused(fault.Conflict, w.Publish(ctx, w.clerk, c), "没有达到待遇等级")
	w.ok(w.Deliver(ctx, w.clerk, c))
	w.refused(fault.NotFound, w.Object(ctx, w.asOther, c, "赵一凡", "", "不服"))
	w.ok(w.Object(ctx, w.asDaughter, c, "陈丽", "13900000000", "夜里要人照顾，没有看到"))
	w.ok(w.Draw(ctx, w.clerk, c))
	pair := w.team(c, DutyVisit)
	var staff string
	for id, a := range w.accounts {
		if a.ID == pair[0].ID {
			staff = id
		}
	}
	w.ok(w.Replace(ctx, w.clerk, c, staff, "生病", ""))
	w.ok(w.Appoint(ctx, w.clerk, c, w.today()+1, "pm"))
	w.visit(c, 0)
	expert := w.team(c, DutyConclude)[0]
	for id, a := range w.accounts {
		if a.ID == expert.ID {
			staff = id
		}
	}
	w.ok(w.Replace(ctx, w.clerk, c, staff, "出差", ""))
	w.conclude(c, 5, 5)
	w.ok(w.Effect(ctx, w.clerk, c))
	if a := w.state(c); a.State != StateEffective || a.Benefit == "" {
		t.Errorf("after the review: %+v", a)
	}
	// Ten months later the state has changed: a change review.
	w.pass(300)
	old := c
	c = w.apply()
	if k := w.state(c).Kind; k != Change {
		t.Errorf("ten months after a conclusion: %s", k)
	}
	w.ok(w.Accept(ctx, w.clerk, c, ""))
	w.ok(w.Draw(ctx, w.clerk, c))
	w.visit(c, 3)
	w.conclude(c, 0, 0)
	w.ok(w.Deliver(ctx, w.clerk, c))
	if a := w.state(old); a.State != StateExpired {
		t.Errorf("the conclusion before is %s", a.State)
	}
	w.ok(d.Read(ctx, func(tx *db.Tx) error {
		if _, err := benefit.On(tx, region, w.mother, tx.Today()+1); !fault.Is(err, fault.NotFound) {
			t.Errorf("the benefit goes on: %v", err)
		}
		return nil
	}))
}
