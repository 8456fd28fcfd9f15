package care

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/job"
)

// AtWindow is the ground on which the office acts for a family that is before
// it (窗口代确认): who came, and which document was shown.
type AtWindow struct {
	Came  string `json:"came"`  // the Key of one of Callers
	Shown string `json:"shown"` // one of Shown
	Tail  string `json:"-"`     // last four characters of the number on it, compared and not kept
}

// Shown are the documents by which the window knows who came.
var Shown = []string{"居民身份证", "社会保障卡", "临时居民身份证", "户口簿"}

// Caller is somebody who may come for a family's days: the person, who cares,
// or whom the person has authorised to act.
type Caller struct {
	Key, Name, Role string
	tail            string
}

// WindowAct is an act that the window did for a family.
type WindowAct struct {
	ID, Plan            string
	Back                bool // days were taken back, else confirmed
	Days                []day.Day
	Came, CameAs, Shown string
	Clerk, ClerkName    string
	At                  int64 // ms
}

// callers are who may come for a plan of family care.
func (s *Service) callers(tx *db.Tx, p Plan) ([]Caller, error) {
	who, err := s.People.Get(tx, p.Region, p.Person)
	if err != nil {
		return nil, err
	}
	c, err := getCarer(tx, p.Region, p.ID)
	if err != nil {
		return nil, err
	}
	out := []Caller{{"self", who.Name, "本人", who.IDTail}, {"carer", c.Name, "照护人，" + c.Relation, c.Tail}}
	given, err := s.People.ProxiesOf(tx, p.Region, p.Person)
	if err != nil {
		return nil, err
	}
	for _, x := range given {
		if !x.On(tx.Today()) || x.Scope != "act" && x.Scope != "pay" {
			continue
		}
		v, err := s.People.Get(tx, p.Region, x.Proxy)
		if err != nil {
			return nil, err
		}
		if v.Name == c.Name && v.IDTail == c.Tail {
			continue // who cares, stands there already
		}
		out = append(out, Caller{x.ID, v.Name, "本人授权代办，" + x.Relation, v.IDTail})
	}
	return out, nil
}

// came finds who came and compares the document.
func (s *Service) came(tx *db.Tx, p Plan, w AtWindow) (Caller, error) {
	all, err := s.callers(tx, p)
	if err != nil {
		return Caller{}, err
	}
	n := slices.IndexFunc(all, func(c Caller) bool { return c.Key == w.Came })
	switch {
	case n < 0:
		return Caller{}, fault.Field("came", "请选来的是谁。别人来的，请先由本人在“授权代办”里授权。")
	case !slices.Contains(Shown, w.Shown):
		return Caller{}, fault.Field("shown", "请选出示了什么证件。")
	case !strings.EqualFold(strings.TrimSpace(w.Tail), all[n].tail):
		return Caller{}, fault.Field("tail", "证件号码后四位和登记的%s（%s）对不上，请再看一遍证件。", all[n].Name, all[n].Role)
	}
	return all[n], nil
}

// ofWindow reads a plan of family care for an act at the window.
func (s *Service) ofWindow(tx *db.Tx, who audit.Actor, region, plan string) (Plan, error) {
	if who.Institution != "" || who.Role == "citizen" {
		return Plan{}, fault.New(fault.Forbidden, "代家里确认由医保经办窗口来办。")
	}
	p, err := GetPlan(tx, region, plan)
	if err == nil && !p.OfFamily() {
		err = fault.New(fault.NotFound, "没有找到这份亲情护理的计划。")
	}
	return p, err
}

// ConfirmFor confirms days of family care at the window for a family without a
// telephone; the same days and limits as the family's own RecordDays. Field:
// who came is not one of those, or shows another document.
func (s *Service) ConfirmFor(ctx context.Context, who audit.Actor, region, plan, key string, days []day.Day, w AtWindow) (int64, error) {
	act := audit.Act{Region: region, Verb: "care.days_window", Object: plan, Key: key, Body: []any{days, w}, Detail: w}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (int64, error) {
		p, err := s.ofWindow(tx, who, region, plan)
		if err != nil {
			return 0, err
		}
		c, err := s.came(tx, p, w)
		if err != nil {
			return 0, err
		}
		n, err := s.keepDays(tx, p, days, "window")
		if err != nil {
			return n, err
		}
		return n, putWindow(tx, region, WindowAct{tx.NewID(), plan, false, days, c.Name, c.Role, w.Shown, who.ID, who.Name, tx.Millis()})
	})
}

// TakeBack takes confirmed days of family care back while their bill is not
// settled; they may be confirmed again. The person, a proxy who may act, or the
// office with the ground w. Conflict: the office looks at the day, or it is
// settled; then only the office reverses it (冲正).
func (s *Service) TakeBack(ctx context.Context, who audit.Actor, region, plan, key string, days []day.Day, w *AtWindow) (int64, error) {
	act := audit.Act{Region: region, Verb: "care.days_back", Object: plan, Key: key, Body: []any{days, w}}
	if w != nil {
		act.Detail = w
	}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (int64, error) {
		if w == nil {
			p, err := GetPlan(tx, region, plan)
			if err == nil && !p.OfFamily() {
				err = fault.New(fault.NotFound, "没有找到这份亲情护理的计划。")
			}
			if err == nil {
				err = s.mayAct(tx, who, region, p.Person)
			}
			if err != nil {
				return 0, err
			}
			return int64(len(days)), s.takeBack(tx, p, days, "家里在手机上收回了这一天的确认")
		}
		p, err := s.ofWindow(tx, who, region, plan)
		if err != nil {
			return 0, err
		}
		c, err := s.came(tx, p, *w)
		if err != nil {
			return 0, err
		}
		if err := s.takeBack(tx, p, days, c.Name+"（"+c.Role+"）到窗口收回了这一天的确认"); err != nil {
			return 0, err
		}
		return int64(len(days)), putWindow(tx, region, WindowAct{tx.NewID(), plan, true, days, c.Name, c.Role, w.Shown, who.ID, who.Name, tx.Millis()})
	})
}

func (s *Service) takeBack(tx *db.Tx, p Plan, days []day.Day, why string) error {
	if len(days) == 0 {
		return fault.Field("back", "请勾选要收回的日子。")
	}
	visits := make([]string, len(days))
	for i, d := range days {
		visits[i] = dayID(p.ID, d)
	}
	known, err := GetVisits(tx, p.Region, visits)
	if err != nil {
		return err
	}
	settled := map[string]bool{}
	if s.Settled != nil {
		if settled, err = s.Settled(tx, p.Region, visits); err != nil {
			return err
		}
	}
	for i, id := range visits {
		v, d := known[id], days[i].Chinese()
		switch {
		case v.Status == Void:
			return fault.New(fault.Conflict, "%s经办已经核实，不予认定，不用再收回。", d)
		case v.Status != Done:
			return fault.Field("back", "%s没有确认，不用收回。", d)
		case settled[id]:
			return fault.New(fault.Conflict, "%s的补助已经结算，不能直接收回。请带证件到窗口或打 12393，由经办办冲正。", d)
		case v.Suspects > 0:
			return fault.New(fault.Conflict, "%s经办正在核实，核实完以前不能收回。情况请跟来电的经办说。", d)
		}
		v.Status, v.Note = Cancelled, why
		if err := s.bill(tx, &v); err != nil {
			return err
		}
		if err := updateVisit(tx, v); err != nil {
			return err
		}
		if err := job.Put(tx, p.Region, id+"/withdraw/"+strconv.FormatInt(v.Version+1, 10), time.Time{}, Judged{id, "withdraw", why}); err != nil {
			return err
		}
	}
	return nil
}

// Window is what the office needs to act for a family: who may come, and what
// was done at the window before, the newest first.
func (s *Service) Window(ctx context.Context, who audit.Actor, region, plan string) (callers []Caller, acts []WindowAct, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := s.ofWindow(tx, who, region, plan)
		if err != nil {
			return err
		}
		if callers, err = s.callers(tx, p); err != nil {
			return err
		}
		acts, err = db.All(tx, scanWindow, windowOf, region, plan, 100)
		return err
	})
	return callers, acts, err
}
