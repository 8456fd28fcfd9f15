package care

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Service plans care and records visits.
type Service struct {
	Log    *audit.Log
	Packs  *policy.Set
	People *person.Service
	// Settled tells of which visits the bill is settled; then the record stands
	// and whatever comes later is an exception. app sets it to claim's answer;
	// nil means that nothing is settled.
	Settled func(tx *db.Tx, region string, visits []string) (map[string]bool, error)
}

// PlanInput is a plan as it is written.
type PlanInput struct {
	Person   string     `json:"person"`
	Mode     string     `json:"mode"`
	From     day.Day    `json:"from"`
	To       day.Day    `json:"to"`
	Items    []PlanItem `json:"items"`
	Slots    []Slot     `json:"slots"`
	Version  int64      `json:"version"` // of the plan that is changed
	Decision string     `json:"-"`
}

// Check runs rule care.plan on an input without keeping anything, for a page
// that shows limits while the plan is written.
func (s *Service) Check(ctx context.Context, region string, in PlanInput) (out Checked, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		_, out, _, err = s.check(tx, region, in)
		return err
	})
	return out, err
}

func (s *Service) check(tx *db.Tx, region string, in PlanInput) (level int64, out Checked, dec policy.Decision, err error) {
	if in.From.IsZero() {
		return 0, out, dec, fault.Field("from", "请写计划从哪一天开始。")
	}
	if !slices.Contains(benefit.Modes, in.Mode) {
		return 0, out, dec, fault.Field("mode", "请选护理方式：居家、亲情、机构或社区护理。")
	}
	b, err := benefit.On(tx, region, in.Person, in.From)
	if fault.Is(err, fault.NotFound) {
		return 0, out, dec, fault.Field("from", "这位老人在%s还没有护理待遇，不能做护理计划。", in.From.Chinese())
	}
	if err != nil {
		return 0, out, dec, err
	}
	v, err := s.Packs.At(region, in.From)
	if err != nil {
		return 0, out, dec, err
	}
	limits, err := s.limitsOf(tx, v, region, in, b.Level)
	if err != nil {
		return 0, out, dec, err
	}
	out, dec, err = planRule.Decide(v, PlanIn{Mode: in.Mode, Level: b.Level, From: in.From, To: in.To, Items: in.Items, Slots: in.Slots, Limits: limits})
	if err == nil && !b.To.IsZero() && in.To > b.To {
		out.Problems = append(out.Problems, Problem{Field: "to", Stop: true, Say: "护理待遇到" + b.To.Chinese() + "为止，计划不能写得更晚；到期前请先办重新评估。"})
	}
	return b.Level, out, dec, err
}

// limitsOf asks rule benefit.limits for the caps of the person.
func (s *Service) limitsOf(tx *db.Tx, v *policy.View, region string, in PlanInput, level int64) ([]benefit.Limit, error) {
	p, err := s.People.Get(tx, region, in.Person)
	if err != nil {
		return nil, err
	}
	c, err := s.People.CoverageOn(tx, region, in.Person, in.From)
	if err != nil {
		return nil, err
	}
	modes := []string{in.Mode}
	if chosen, err := benefit.ModeOn(tx, region, in.Person, in.From); err == nil && slices.Contains(chosen.Modes, in.Mode) {
		modes = chosen.Modes
	} else if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	out, _, err := benefit.Limits.Decide(v, benefit.LimitsIn{Level: level, Coverage: c.Kind, Groups: p.Groups, Resident: p.Resident, Modes: modes})
	return out.Limits, err
}

// Save writes a new plan (id "") or changes one that is being written. The
// result carries what the rule found; a plan with problems is kept as a draft.
func (s *Service) Save(ctx context.Context, who audit.Actor, region, id, key string, in PlanInput) (Plan, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.plan", Object: id, Key: key, Body: in}, func(tx *db.Tx) (Plan, error) {
		level, checked, dec, err := s.check(tx, region, in)
		if err != nil {
			return Plan{}, err
		}
		i, err := institution.Get(tx, region, who.Institution)
		if err != nil {
			return Plan{}, err
		}
		if !i.Kind.Serves() || !i.OpenOn(in.From) {
			return Plan{}, fault.New(fault.Refused, "%s在%s没有有效的护理服务协议，不能做护理计划。", i.Name, in.From.Chinese())
		}
		p := Plan{Region: region, ID: id, Person: in.Person, Institution: i.ID, Mode: in.Mode, Status: Draft}
		if id != "" {
			if p, err = s.plan(tx, who, region, id, "save", in.Version); err != nil {
				return Plan{}, err
			}
			if p.Person != in.Person {
				return Plan{}, fault.Field("person", "不能把一份计划改给别人，请另写一份。")
			}
		}
		p.Mode, p.From, p.To, p.Items, p.Slots, p.Limits, p.Level = in.Mode, in.From, in.To, in.Items, in.Slots, checked, level
		p.Status, p.Note, p.WrittenBy = Draft, "", who.ID
		fresh := p.ID == ""
		if fresh {
			secret := make([]byte, 16)
			rand.Read(secret)
			p.ID, p.secret = tx.NewID(), hex.EncodeToString(secret)
		}
		if p.Decision, err = audit.DecideOne(tx, region, dec, p.ID); err != nil {
			return Plan{}, err
		}
		if fresh {
			err = insertPlan(tx, p)
		} else {
			err = updatePlan(tx, p)
		}
		p.Version++
		return p, err
	})
}

// plan reads a plan for an action, in the state and the hands that allow it.
func (s *Service) plan(tx *db.Tx, who audit.Actor, region, id, action string, version int64) (Plan, error) {
	p, err := GetPlan(tx, region, id)
	if err != nil {
		return p, err
	}
	if serves(who) && who.Institution != p.Institution {
		return p, fault.New(fault.NotFound, "没有找到这份护理计划。")
	}
	if !serves(who) && !p.OfFamily() && slices.Contains([]string{"save", "offer", "recall", "end"}, action) {
		return p, fault.New(fault.Forbidden, "这份计划是机构写的，这一步由机构来办。")
	}
	if err := planMay(p.Status, action); err != nil {
		return p, err
	}
	if version != 0 && version != p.Version {
		return p, stale(0, nil, "这份计划")
	}
	return p, nil
}

// PlanAct is an action on a plan: offer, recall, end (institution), confirm,
// decline (person or proxy), approve, return (agency).
type PlanAct struct {
	Action  string  `json:"action"` // see PlanActions
	Version int64   `json:"version"`
	Note    string  `json:"note"`          // why: decline, return, end
	Pin     string  `json:"-"`             // confirm: the family's password for visits, 4 to 6 digits, may be empty
	Last    day.Day `json:"last,omitzero"` // end: the last day of service
}

// Act moves a plan along its flow. Confirmation by the person or a proxy comes
// before any service (22号 §16). Confirming the last step makes the visits of the coming weeks.
func (s *Service) Act(ctx context.Context, who audit.Actor, region, id, key string, a PlanAct) (Plan, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.plan." + a.Action, Object: id, Key: key, Body: a}, func(tx *db.Tx) (Plan, error) {
		p, err := s.plan(tx, who, region, id, a.Action, a.Version)
		if err != nil {
			return p, err
		}
		if a.Action == "confirm" || a.Action == "decline" || a.Action == "undo" {
			if err := s.mayAct(tx, who, region, p.Person); err != nil {
				return p, err
			}
		}
		if err := s.step(tx, who, &p, a); err != nil {
			return p, err
		}
		if err = updatePlan(tx, p); err != nil {
			return p, err
		}
		p.Version++
		if err := s.givePaper(tx, p, a.Action); err != nil {
			return p, err
		}
		return p, s.tellPlan(tx, p, a)
	})
}

func (s *Service) step(tx *db.Tx, who audit.Actor, p *Plan, a PlanAct) error {
	reason := func() error {
		if strings.TrimSpace(a.Note) == "" {
			return fault.Field("note", "请写明原因，对方会看到。")
		}
		p.Note = a.Note
		return nil
	}
	switch a.Action {
	case "offer":
		if p.Limits.Stops() {
			return fault.New(fault.Refused, "计划里还有要改的地方：%s", p.Limits.Problems[0].Say)
		}
		p.Status = Offered
	case "recall":
		p.Status = Draft
	case "confirm":
		if a.Pin != "" {
			if !digits(a.Pin, 4, 6) {
				return fault.Field("pin", "上门口令是 4 到 6 位数字，也可以不设。")
			}
			p.pin = pinHash(p.secret, a.Pin)
		}
		p.ConfirmedBy, p.ConfirmedAt = who.ID, tx.Millis()
		if p.Limits.Approval {
			p.Status = Confirmed
			return nil
		}
		return s.activate(tx, who, p)
	case "undo":
		return s.undo(tx, p)
	case "decline":
		p.Status = Declined
		return reason()
	case "approve":
		if who.ID == p.WrittenBy || who.ID == p.ConfirmedBy {
			return fault.New(fault.Forbidden, "编制或确认计划的人不能审批同一份计划，请换一位同事。")
		}
		p.ApprovedBy = who.ID
		return s.activate(tx, who, p)
	case "return":
		p.Status = Returned
		return reason()
	case "end":
		p.Status = Ended
		if a.Last.IsZero() {
			a.Last = tx.Today()
		}
		if err := reason(); err != nil {
			return err
		}
		if p.To = min(p.To, a.Last); p.ConfirmedBy == "" {
			return nil
		}
		_, err := tx.Exec(cancelVisits, p.Region, p.ID, p.To, tx.Millis(), p.Person)
		return err
	}
	return nil
}

// UndoMinutes is how long a confirmation can be taken back: what binds a person
// stays reversible for ten minutes (互联网网站适老化通用设计规范).
const UndoMinutes = 10

// UndoUntil is the moment (ms) up to which the confirmation may be taken back,
// 0 when it may not.
func (p Plan) UndoUntil() int64 {
	if p.ApprovedBy != "" || p.ConfirmedAt == 0 || p.Status != Confirmed && p.Status != Active {
		return 0
	}
	return p.ConfirmedAt + UndoMinutes*60000
}

// undo takes a confirmation back: the plan is offered again, its visits are gone.
func (s *Service) undo(tx *db.Tx, p *Plan) error {
	if tx.Millis() > p.UndoUntil() {
		return fault.New(fault.Conflict, "确认已经超过十分钟或已经审批，不能撤回了。要改的话，请打电话给机构或 12393。")
	}
	begun, err := db.One(tx, db.Value[int64], countBegun, p.Region, p.ID, p.Person)
	if err != nil {
		return err
	}
	others, err := PlansOfPerson(tx, p.Region, p.Person)
	if err != nil {
		return err
	}
	replaced := slices.ContainsFunc(others, func(o Plan) bool {
		return p.Status == Active && o.ID != p.ID && o.Mode == p.Mode && o.ConfirmedBy != "" && o.To == p.From-1
	})
	if begun > 0 || replaced {
		return fault.New(fault.Conflict, "服务已经按新计划开始了，不能撤回。要改的话，请打电话给机构或 12393。")
	}
	p.Status, p.ConfirmedBy, p.ConfirmedAt, p.Until, p.pin = Offered, "", 0, 0, ""
	_, err = tx.Exec(dropVisits, p.Region, p.ID, p.Person)
	return err
}

// activate puts the plan into force: the person's other plan of the same mode
// ends the day before, and the visits of the coming weeks are made.
func (s *Service) activate(tx *db.Tx, who audit.Actor, p *Plan) error {
	p.Status = Active
	others, err := PlansOfPerson(tx, p.Region, p.Person)
	if err != nil {
		return err
	}
	for _, o := range others {
		if o.ID == p.ID || o.Status != Active || o.Mode != p.Mode || o.To < p.From {
			continue
		}
		if o.To = p.From - 1; o.To < tx.Today() {
			o.Status = Ended
		}
		o.Note = "换成了新的护理计划"
		if err := updatePlan(tx, o); err != nil {
			return err
		}
		if _, err := tx.Exec(cancelVisits, o.Region, o.ID, o.To, tx.Millis(), o.Person); err != nil {
			return err
		}
	}
	if p.Institution != "" { // family care has none
		if err := institution.Choose(tx, who, p.Region, p.Person, p.Institution, p.Mode, p.From); err != nil {
			return err
		}
	}
	return roll(tx, p, max(p.From, tx.Today()).AddDays(int(p.Limits.AheadDays)))
}

// roll makes the planned visits of a home plan up to and including a day. A
// visit's id is made from plan, day and slot, so that doing it twice is nothing.
func roll(tx *db.Tx, p *Plan, to day.Day) error {
	to = min(to, p.To)
	var visits []Visit
	for d := max(p.From, p.Until+1); p.Mode == "home" && d <= to; d++ {
		for n, slot := range p.Slots {
			if int64(d.Weekday()) != slot.Weekday%7 {
				continue
			}
			at, _ := clock(slot.Start)
			v := Visit{Region: p.Region, ID: fmt.Sprintf("%s-%s-%d", p.ID, strings.ReplaceAll(d.String(), "-", ""), n), Plan: p.ID, Person: p.Person,
				Institution: p.Institution, Staff: slot.Staff, On: d, Mode: p.Mode, PlannedAt: instant(d, at), Status: Planned}
			for _, i := range p.Limits.Parts[n] {
				v.PlannedItems = append(v.PlannedItems, DoneItem{Item: p.Items[i].Item, Minutes: p.Items[i].Minutes})
				v.PlannedMinutes += p.Items[i].Minutes
			}
			visits = append(visits, v)
		}
	}
	p.Until = max(p.Until, to)
	_, err := InsertVisits(tx, visits)
	return err
}

// instant is the moment of minutes after midnight of a day in China, in ms.
func instant(d day.Day, minutes int64) int64 {
	y, m, dd := d.Date()
	return time.Date(y, time.Month(m), dd, 0, int(minutes), 0, 0, day.Shanghai).UnixMilli()
}

// Roll makes the visits of the coming weeks for every plan in force; the
// schedule of app calls it daily. It returns the number of plans it moved on.
func (s *Service) Roll(ctx context.Context, region string) (n int, err error) {
	for {
		k, err := audit.Do(ctx, s.Log, audit.System(region), audit.Act{Region: region, Verb: "care.roll"}, func(tx *db.Tx) (int, error) {
			plans, err := db.All(tx, scanPlan, plansRolling, region, tx.Today()+7, tx.Today(), 200)
			if err != nil {
				return 0, err
			}
			moved := 0
			for _, p := range plans {
				if p.To < tx.Today() {
					p.Status = Ended
				} else if err := roll(tx, &p, tx.Today().AddDays(int(p.Limits.AheadDays))); err != nil {
					return moved, err
				}
				if err := updatePlan(tx, p); err != nil {
					return moved, err
				}
				moved++
			}
			return moved, nil
		})
		n += k
		if err != nil || k == 0 {
			return n, err
		}
	}
}

// Choose records the person's free choice of modes and institution (22号 §15).
func (s *Service) Choose(ctx context.Context, who audit.Actor, region, person string, modes []string, inst, key string, from day.Day) error {
	body := []any{person, modes, inst, from}
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "care.choose", Object: person, Key: key, Body: body}, func(tx *db.Tx) error {
		if err := s.mayAct(tx, who, region, person); err != nil {
			return err
		}
		return s.ChooseTx(tx, who, region, person, modes, inst, from)
	})
}

// ChooseTx is Choose inside another act, whose actor's right has been checked.
func (s *Service) ChooseTx(tx *db.Tx, who audit.Actor, region, person string, modes []string, inst string, from day.Day) error {
	if from < tx.Today() {
		return fault.Field("from", "请选今天或以后的日期。")
	}
	v, err := s.Packs.At(region, from)
	if err != nil {
		return err
	}
	if _, err := benefit.ChooseMode(tx, benefit.ChooseInput{Region: region, Person: person, Modes: modes, Institution: inst, From: from, By: who.ID, View: v}); err != nil {
		return err
	}
	if slices.Contains(modes, "family") {
		if err := benefit.Named(v, "family"); err != nil {
			return err
		}
	}
	for _, m := range modes {
		if inst == "" || m == "family" && len(modes) > 1 {
			continue // family care is given at home, the institution guides it
		}
		if err := institution.Choose(tx, who, region, person, inst, m, from); err != nil {
			return err
		}
	}
	return nil
}

func digits(s string, from, to int) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(s) >= from && len(s) <= to
}

func pinHash(secret, pin string) string {
	h := sm3.Sum([]byte("pin\x00" + secret + "\x00" + pin))
	return hex.EncodeToString(h[:])
}

// Code is the six digits by which the family confirms one visit; the portal
// shows them to the person, the worker types them at the door.
func (p Plan) Code(visit string) string {
	h := sm3.Sum([]byte("code\x00" + p.secret + "\x00" + visit))
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(h[:4])%1000000)
}
