package desk

import (
	"context"
	"fmt"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Cmd names a case for an action: Version is the one that the actor saw (0: not
// asked from a page), Key the idempotency key.
type Cmd struct {
	Region, ID string
	Version    int64
	Key        string
}

// Decide is what the one whose turn it is decides at the present step.
func (s *Service) Decide(ctx context.Context, who audit.Actor, c Cmd, verdict Verdict, note string, asked map[string]string) error {
	in := StepIn{Verdict: verdict, Note: note, Asked: asked}
	return audit.Run(ctx, s.Log, who, audit.Act{Region: c.Region, Verb: "desk." + string(verdict), Object: c.ID, Key: c.Key, Body: []any{c.ID, in}},
		func(tx *db.Tx) error { _, _, err := s.decide(tx, who, c, in); return err })
}

// turn is one case with everything that a step of it needs.
type turn struct {
	v *policy.View
	m Matter
	c Case
	a Application
}

func (s *Service) turn(tx *db.Tx, who audit.Actor, c Cmd) (t turn, err error) {
	if who.Region != c.Region {
		return t, fault.New(fault.Forbidden, "这件不在您的统筹区。")
	}
	if t.c, err = getCase(tx, c.Region, c.ID); err != nil {
		return t, err
	}
	if t.a, err = s.getApplication(tx, c.Region, c.ID); err != nil {
		return t, err
	}
	if t.v, err = s.Packs.At(c.Region, tx.Today()); err != nil {
		return t, err
	}
	t.m, err = MatterOf(t.v, t.a.Matter)
	return t, err
}

func (s *Service) decide(tx *db.Tx, who audit.Actor, c Cmd, in StepIn) (done bool, say string, err error) {
	t, err := s.turn(tx, who, c)
	if err != nil {
		return false, "", err
	}
	if t.c.Status.Closed() || t.a.Step == "" {
		return false, "", fault.New(fault.Conflict, "这件已经%s，不能再办。", t.c.Status.Name())
	}
	if t.c.Status == StatusWaiting && in.Verdict == More {
		return false, "", fault.New(fault.Conflict, "已经请申请人补交了，等他补齐再看。")
	}
	if who.Role == "institution" && who.Institution != t.a.Institution {
		return false, "", errNoCase(c.ID)
	}
	in.Matter, in.Step, in.Role, in.Answers = t.m.ID, t.a.Step, who.Role, t.a.Answers
	if in.Asked == nil {
		in.Asked = map[string]string{}
	}
	out, decision, err := StepRule.Decide(t.v, in)
	if err != nil {
		return false, "", err
	}
	id, err := audit.DecideOne(tx, c.Region, decision, c.ID)
	if err != nil {
		return false, "", err
	}
	st, _ := t.m.Step(t.a.Step)
	p, err := s.personOf(tx, t.a)
	if err != nil {
		return false, "", err
	}
	move := Move{Action: string(in.Verdict), By: who, Version: c.Version, Decision: id, Calendar: t.v.Calendar(), DueWorkdays: out.Days, Undo: who.Role != "system"}
	if out.Days == 0 {
		move.DueWorkdays = StopDue
	}
	none := int64(0)
	t.a.Before, t.a.Decision = t.a.Step, id
	switch {
	case in.Verdict == More:
		one := int64(1)
		move.Stage, move.Status, move.Missing, move.Note = StageWaiting, StatusWaiting, &one, st.Name+"：还差"+in.Note
		by := dueDay(t.v.Calendar(), tx.Today(), out.Days)
		if err = s.tell(tx, t.a, textMore.Say(p.Name, t.m.Name, by.Short()), &move); err == nil {
			err = s.askHome(tx, t.a, StatusWaiting, fmt.Sprintf("还差%s，请在%s前补", in.Note, by.Chinese()), &move)
		}
	case in.Verdict == Refuse:
		t.a.Step, t.a.Result = "", in.Note
		move.Stage, move.Status, move.Note = StageClosed, StatusRefused, st.Name+"：不予办理，"+in.Note
		move.Undo = move.Undo && t.a.OtherRegion == "" // what has gone home cannot be taken back
		err = s.tell(tx, t.a, textRefuse.Say(p.Name, t.m.Name), &move)
	default:
		t.a.keep(in.Asked)
		say = st.Name + "通过"
		if act := s.Acts[out.Act]; act.Do != nil {
			// What is in effect cannot be taken back by a tap.
			move.Undo = false
			t.a.Since, t.a.Until = out.Since, out.Until
			if err := s.admit(tx, act, &t.a); err != nil {
				return false, "", err
			}
			if say, err = act.Do(tx, who, t.a); err != nil {
				return false, "", err
			}
		} else if out.Act != "" {
			return false, "", fmt.Errorf("desk: the deed %q of matter %s does nothing", out.Act, t.m.ID)
		}
		move.Note, move.Missing = st.Name+"："+say, &none
		if !out.Done {
			t.a.Step, move.Stage, move.Status = out.Next, out.Role, StatusOpen
			break
		}
		done = true
		t.a.Step, t.a.Since, t.a.Until, t.a.Result = "", out.Since, out.Until, say
		move.Stage, move.Status = StageClosed, StatusDone
		move.Undo = move.Undo && t.a.OtherRegion == ""
		if t.m.Lasts != nil {
			if err := s.endStanding(tx, t.a); err != nil {
				return false, "", err
			}
			move.Undo = false
		}
		err = s.tell(tx, t.a, textDone.Say(p.Name, t.m.Name), &move)
	}
	if err != nil {
		return false, "", err
	}
	if _, err := Advance(tx, c.Region, c.ID, move); err != nil {
		return false, "", err
	}
	if err := s.putApplication(tx, t.a); err != nil {
		return done, say, err
	}
	if err := s.givePapers(tx, t.v, t.m, t.a); err != nil || t.a.Step != "" {
		return done, say, err
	}
	return done, say, s.back(tx, t.a, move.Status)
}

func (a *Application) keep(asked map[string]string) {
	if a.Asked == nil {
		a.Asked = map[string]string{}
	}
	for k, v := range asked {
		a.Asked[k] = v
	}
}

// Supply brings what was missing; the step's clock starts anew.
func (s *Service) Supply(ctx context.Context, who audit.Actor, c Cmd, files []FileFor, note string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: c.Region, Verb: "desk.supply", Object: c.ID, Key: c.Key, Body: []any{c.ID, files, note}}, func(tx *db.Tx) error {
		t, err := s.turn(tx, who, c)
		if err != nil {
			return err
		}
		if err := s.mine(tx, who, t.a, "act"); err != nil {
			return err
		}
		if t.c.Status != StatusWaiting {
			return fault.New(fault.Conflict, "这件现在不用补材料。")
		}
		if len(files) == 0 && note == "" {
			return fault.Field("file", "请拍照或选文件；纸质材料已经交到窗口的，请写一句说明")
		}
		for _, f := range files {
			if _, err := Attach(tx, c.Region, c.ID, f.Kind, f.Stored, who); err != nil {
				return err
			}
		}
		st, _ := t.m.Step(t.a.Step)
		none := int64(0)
		days := st.Workdays(t.v)
		if days == 0 {
			days = StopDue
		}
		if _, err := Advance(tx, c.Region, c.ID, Move{Stage: string(st.Role), Status: StatusOpen, DueWorkdays: days, Calendar: t.v.Calendar(),
			Action: "supply", Note: fmt.Sprintf("补交了 %d 份材料 %s", len(files), note), By: who, Version: c.Version, Missing: &none}); err != nil {
			return err
		}
		if err := s.askHome(tx, t.a, StatusOpen, "要补的材料收到了，接着办", nil); err != nil {
			return err
		}
		return s.givePapers(tx, t.v, t.m, t.a)
	})
}

// Withdraw takes an open case back.
func (s *Service) Withdraw(ctx context.Context, who audit.Actor, c Cmd, why string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: c.Region, Verb: "desk.withdraw", Object: c.ID, Key: c.Key, Body: []any{c.ID, why}}, func(tx *db.Tx) error {
		t, err := s.turn(tx, who, c)
		if err != nil {
			return err
		}
		if err := s.mine(tx, who, t.a, "act"); err != nil {
			return err
		}
		if t.c.Status.Closed() {
			return fault.New(fault.Conflict, "这件已经%s，不能撤回了。", t.c.Status.Name())
		}
		note := "撤回了"
		if why != "" {
			note += "：" + why
		}
		t.a.Step = ""
		if _, err := Advance(tx, c.Region, c.ID, Move{Stage: StageClosed, Status: StatusWithdrawn, DueWorkdays: StopDue, Action: "withdraw", Note: note, By: who, Version: c.Version}); err != nil {
			return err
		}
		t.a.Result = note
		if err := s.putApplication(tx, t.a); err != nil {
			return err
		}
		return s.back(tx, t.a, StatusWithdrawn)
	})
}

// Undo takes the last decision on a case back, by who made it, within ten minutes.
func (s *Service) Undo(ctx context.Context, who audit.Actor, c Cmd) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: c.Region, Verb: "desk.undo", Object: c.ID, Key: c.Key, Body: c.ID}, func(tx *db.Tx) error {
		t, err := s.turn(tx, who, c)
		if err != nil {
			return err
		}
		if _, err := Restore(tx, c.Region, c.ID, who, func(string) string { return "撤回了刚才的决定" }); err != nil {
			return err
		}
		t.a.Step, t.a.Since, t.a.Until, t.a.Result = t.a.Before, 0, 0, ""
		if err := s.putApplication(tx, t.a); err != nil {
			return err
		}
		return s.givePapers(tx, t.v, t.m, t.a)
	})
}

// mine checks the right to a case: citizens to their own or within a proxy of
// need, institutions and points to what they brought; staff by role and region.
func (s *Service) mine(tx *db.Tx, who audit.Actor, a Application, need string) error {
	switch who.Role {
	case "citizen":
		_, scope, err := s.subject(tx, who, a.Person)
		if err != nil {
			return errNoCase(a.Case)
		}
		if who.Person != a.Person && scopeRank[scope] < scopeRank[need] {
			return fault.New(fault.Forbidden, "您现在只能看，不能替办。请本人在「家人代办」里把权限改成「可以代办」。")
		}
	case "institution", "point", "api":
		if who.Institution == "" || who.Institution != a.Institution {
			return errNoCase(a.Case)
		}
	case "clerk", "insurer", "reviewer", "treasurer", "auditor", "system":
	default:
		return errNoCase(a.Case)
	}
	return nil
}

func errNoCase(id string) error {
	return fault.New(fault.NotFound, "没有找到受理号是 %s 的办件。请照回执核对受理号，或打 12393。", id)
}
