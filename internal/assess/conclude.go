package assess

import (
	"context"
	"errors"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/outreach"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Conclude files one expert's conclusion (专家结论). The experts work alone:
// nobody reads another's opinion before giving one. When they differ a third is
// drawn; the rule assess.conclude says whose level holds.
func (s *Service) Conclude(ctx context.Context, who audit.Actor, c Cmd, level int64, reason string) error {
	return s.step(ctx, who, c, ActConclude, []any{level, reason}, func(w *work) error {
		m, err := w.member(DutyConclude)
		if err != nil {
			return err
		}
		if level < 0 || level > 5 {
			return fault.Field("level", "请选结论等级")
		}
		if level != w.app.RecordedLevel && strings.TrimSpace(reason) == "" {
			return fault.Field("reason", "您的结论和现场记分得出的等级不同，请写理由")
		}
		given, err := opinions(w.tx, c.Region, c.ID, w.app.Round)
		if err != nil {
			return err
		}
		for _, o := range given {
			if o.Staff == m.Staff {
				return fault.New(fault.Conflict, "您已经交了结论意见，不能再改。")
			}
		}
		o := Finding{Staff: m.Staff, Round: w.app.Round, Level: level, Reason: strings.TrimSpace(reason)}
		if err := putOpinion(w.tx, c.Region, c.ID, o); err != nil {
			return err
		}
		given = append(given, o)
		list, err := members(w.tx, c.Region, c.ID)
		if err != nil {
			return err
		}
		seats := 0
		for _, o := range list {
			if o.On && o.Round == w.app.Round && o.Duty == DutyConclude {
				seats++
			}
		}
		if len(given) < seats {
			w.say("%d 位专家中有 %d 位交了结论意见，互相看不到，等其他专家", seats, len(given))
			return nil
		}
		out, err := concludeOf(w.v, given)
		if err != nil {
			return err
		}
		if out.third {
			if _, err := w.draw([]Seat{{Duty: DutyConclude, Role: roleExpert, Count: 1}}, "两位专家结论不一致"); err != nil {
				return err
			}
			w.say("%d 位专家的结论不一致，随机抽出第 3 位专家", len(given))
			return nil
		}
		if w.app.DConclude, err = w.decide(out.decision); err != nil {
			return err
		}
		w.app.FinalLevel, w.app.FinalName, w.app.ConcludedOn = out.level, out.name, w.tx.Today()
		w.app.State, w.move.Decision = w.arrow.To, w.app.DConclude
		if w.arrow.To == StateFinal {
			w.say("争议复评的结论是「%s」，这是最终结论", out.name)
		} else {
			w.say("%d 位专家的结论是「%s」", len(given), out.name)
		}
		return nil
	})
}

// entitlement asks whether the final level reaches a benefit in this region.
// refused is the sentence and clause when it does not.
func (w *work) entitlement() (decision string, refused error, err error) {
	p, err := w.s.Persons.Get(w.tx, w.app.Region, w.app.Person)
	if err != nil {
		return "", nil, err
	}
	cov, err := w.s.Persons.CoverageOn(w.tx, w.app.Region, w.app.Person, w.tx.Today())
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", nil, err
	}
	dec, err := w.reaches(p, cov)
	if err != nil && !fault.Is(err, fault.Refused) {
		return "", nil, err
	}
	id, err2 := w.decide(dec)
	if err2 != nil {
		return "", nil, err2
	}
	return id, err, nil
}

// reaches decides whether the level reaches a benefit of this person.
func (w *work) reaches(p person.Person, cov person.Coverage) (policy.Decision, error) {
	_, dec, err := benefit.Limits.Decide(w.v, benefit.LimitsIn{Level: w.app.FinalLevel, Coverage: kindOf(cov), Groups: p.Groups, Resident: p.Resident, Modes: []string{}})
	return dec, err
}

// Publish puts the conclusion on public notice (公示) with a masked name.
// Conflict when the level reaches no benefit: that is delivered, not published.
func (s *Service) Publish(ctx context.Context, who audit.Actor, c Cmd) error {
	return s.step(ctx, who, c, ActPublish, nil, func(w *work) error {
		decision, no, err := w.entitlement()
		if err != nil {
			return err
		}
		if no != nil {
			return fault.New(fault.Conflict, "结论没有达到待遇等级，不用公示，请直接送达。%s", fault.As(no).Say)
		}
		p, err := s.Persons.Get(w.tx, c.Region, w.app.Person)
		if err != nil {
			return err
		}
		span, dec, err := NoticeRule.Decide(w.v, NoticeStart{From: w.tx.Today()})
		if err != nil {
			return err
		}
		if _, err := w.decide(dec); err != nil {
			return err
		}
		n, err := outreach.Publish(w.tx, outreach.Notice{Region: c.Region, Kind: Matter, Object: c.ID, Shown: outreach.MaskName(p.Name),
			Place: p.District, What: w.app.FinalName, Begins: span.From, Ends: span.To, Decision: decision})
		if err != nil {
			return err
		}
		w.app.State, w.app.Notice, w.move.Decision = StateOnNotice, n.ID, decision
		w.say("结论公示到%s。对结论有意见的，可以实名提出", n.Ends.Chinese())
		return s.later(w.tx, c.Region, NoticeDue{Case: c.ID, Notice: n.ID}, n.Ends+1)
	})
}

// Deliver delivers a conclusion that reaches no benefit (送达).
func (s *Service) Deliver(ctx context.Context, who audit.Actor, c Cmd) error {
	return s.step(ctx, who, c, ActDeliver, nil, func(w *work) error {
		decision, no, err := w.entitlement()
		if err != nil {
			return err
		}
		if no == nil {
			return fault.New(fault.Conflict, "结论达到了待遇等级，请先公示，期满以后待遇生效。")
		}
		if err := w.deliver(); err != nil {
			return err
		}
		w.app.State, w.move.Decision = StateBelow, decision
		w.say("送达结论：%s。%s", w.app.FinalName, fault.As(no).Say)
		w.tellObject()
		// What an earlier conclusion gave ends with this one.
		if err := w.supersede(); err != nil {
			return err
		}
		if err := benefit.End(w.tx, c.Region, w.app.Person, w.tx.Today(), "新的评估结论没有达到待遇等级"); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		return s.later(w.tx, c.Region, Decided{Case: c.ID, Person: w.app.Person, Level: w.app.FinalLevel, Inst: w.app.EnteredInst}, 0)
	})
}

// supersede closes the conclusion that held before this one.
func (w *work) supersede() error {
	if w.app.Previous == "" {
		return nil
	}
	prev, err := get(w.tx, w.app.Region, w.app.Previous)
	if err != nil || prev.State != StateEffective {
		return err
	}
	prev.State = StateExpired
	if err := put(w.tx, prev, StateEffective); err != nil {
		return err
	}
	return desk.Note(w.tx, w.app.Region, prev.ID, desk.Step{Stage: StageOf(StateExpired), Action: string(ActExpire), Decision: w.app.DConclude,
		Say: "新的结论（" + w.app.ID + "）代替了这一件"}, audit.System(w.app.Region))
}

// deliver notes the day of delivery and until when the person may object.
func (w *work) deliver() error {
	w.app.DeliveredOn, w.app.ObjectBy = w.tx.Today(), 0
	if w.app.Round > 1 {
		return nil // final: no further objection
	}
	limit, err := workdays(w.v, objectDays)
	if err != nil {
		return err
	}
	// Without the calendar of the coming year the last day is open, for the good
	// of the person, and nobody's benefit waits for it.
	if by, err := w.v.Calendar().AddWorkdays(w.tx.Today(), int(limit)); err == nil {
		w.app.ObjectBy = by
	}
	return nil
}

func (w *work) tellObject() {
	if !w.app.ObjectBy.IsZero() {
		w.say("。有异议的，在%s前申请复评", w.app.ObjectBy.Chinese())
	}
}

// Effect makes the level count: after the last day of the notice, or at once
// for the final level of a dispute review. The benefit starts in the same
// transaction.
func (s *Service) Effect(ctx context.Context, who audit.Actor, c Cmd) error {
	return s.step(ctx, who, c, ActEffect, nil, s.effect)
}

func (s *Service) effect(w *work) error {
	if w.from == StateOnNotice {
		n, err := outreach.Get(w.tx, w.app.Region, w.app.Notice)
		if err != nil {
			return err
		}
		if !n.Over(w.tx.Today()) {
			return fault.New(fault.Conflict, "公示到%s，期满以后才能生效。", n.Ends.Chinese())
		}
		if err := outreach.SetStatus(w.tx, w.app.Region, n.ID, outreach.Closed); err != nil {
			return err
		}
	}
	_, no, err := w.entitlement()
	if err != nil {
		return err
	}
	if no != nil {
		return no
	}
	valid, dec, err := ValidRule.Decide(w.v, ConcludedFacts{Level: w.app.FinalLevel, Concluded: w.app.ConcludedOn})
	if err != nil {
		return err
	}
	if valid.To.IsZero() {
		return fault.New(fault.Refused, "政策包没有写%s的结论有效多久，不能生效。请政策岗在政策包里补上 assess.valid.other_months。", w.app.FinalName)
	}
	if w.app.DValid, err = w.decide(dec); err != nil {
		return err
	}
	b, err := benefit.Grant(w.tx, benefit.GrantInput{Region: w.app.Region, Person: w.app.Person, Level: w.app.FinalLevel,
		Case: w.app.ID, Decision: w.app.DConclude, Decided: w.tx.Today(), To: valid.To, View: w.v})
	if err != nil {
		return err
	}
	if err := w.supersede(); err != nil {
		return err
	}
	if err := w.deliver(); err != nil {
		return err
	}
	w.app.State, w.app.Benefit = StateEffective, b.ID
	w.app.ValidFrom, w.app.ValidTo, w.app.RenewFrom = w.app.ConcludedOn, valid.To, valid.ReassessFrom
	w.move.Decision = w.app.DValid
	w.say("结论生效：%s，有效到%s，待遇从%s起", w.app.FinalName, valid.To.Chinese(), b.From.Chinese())
	w.tellObject()
	if !valid.ReassessFrom.IsZero() {
		if err := s.later(w.tx, w.app.Region, RenewDue{Case: w.app.ID}, valid.ReassessFrom); err != nil {
			return err
		}
	}
	return errors.Join(
		s.later(w.tx, w.app.Region, ExpiryDue{Case: w.app.ID, To: valid.To}, valid.To+1),
		s.later(w.tx, w.app.Region, Decided{Case: w.app.ID, Person: w.app.Person, Level: w.app.FinalLevel, Benefit: b.ID, Inst: w.app.EnteredInst}, 0))
}

// Object raises an objection in the real name (异议): anybody while the notice
// runs, afterwards the person or a proxy within the limit. It leads to a dispute
// review by other people, whose conclusion is final.
func (s *Service) Object(ctx context.Context, who audit.Actor, c Cmd, name, phone, reason string) error {
	return s.step(ctx, who, c, ActObject, []string{name, reason}, s.object(c, who, name, phone, reason))
}

// ObjectTx is Object inside another act; it gives the number of the case that
// the objection is against: the person's last one.
func (s *Service) ObjectTx(tx *db.Tx, who audit.Actor, region, person, name, phone, reason string) (number string, err error) {
	apps, err := appsOf(tx, region, person)
	if err != nil {
		return "", err
	}
	if len(apps) == 0 {
		return "", fault.New(fault.Conflict, "还没有评估过，没有结论可以提异议。")
	}
	c := Cmd{Region: region, ID: apps[0].ID}
	return c.ID, s.stepTx(tx, who, c, ActObject, s.object(c, who, name, phone, reason))
}

func (s *Service) object(c Cmd, who audit.Actor, name, phone, reason string) func(w *work) error {
	return func(w *work) error {
		name, reason = strings.TrimSpace(name), strings.TrimSpace(reason)
		switch {
		case name == "":
			return fault.Field("name", "请写您的真实姓名")
		case reason == "":
			return fault.Field("reason", "请写哪里不符合实际情况")
		case w.app.Round > 1:
			return fault.New(fault.Conflict, "这已经是复评的结论，是最终结论，不能再提异议。状态变化满 6 个月可以申请重新评估。")
		}
		if w.from == StateOnNotice {
			n, err := outreach.Get(w.tx, c.Region, w.app.Notice)
			if err != nil {
				return err
			}
			if n.Over(w.tx.Today()) {
				return fault.New(fault.Conflict, "公示已经在%s期满。参保人本人或代办人收到结论后可以申请复评。", n.Ends.Chinese())
			}
			if err := outreach.SetStatus(w.tx, c.Region, n.ID, outreach.Objected); err != nil {
				return err
			}
		} else if !w.app.ObjectBy.IsZero() && w.tx.Today() > w.app.ObjectBy {
			return fault.New(fault.Conflict, "提异议的时间到%s为止。状态变化满 6 个月可以申请重新评估。", w.app.ObjectBy.Chinese())
		}
		sealed := s.Persons.Keys.Seal(c.Region, "assess.phone", phone)
		if err := putObjection(w.tx, c.Region, c.ID, who.ID, Objection{ID: w.tx.NewID(), Name: name, Phone: sealed, Reason: reason, State: w.from}); err != nil {
			return err
		}
		limit, err := workdays(w.v, disputeDays)
		if err != nil {
			return err
		}
		w.app.State = StateDisputed
		w.move.Status, w.move.DueWorkdays = desk.StatusOpen, limit
		w.say("收到实名异议，另派机构和人员复评，%d 个工作日内出最终结论", limit)
		return nil
	}
}

// OnSupplyDue, OnNoticeDue, OnRenewDue and OnExpiryDue are what the jobs run.
// Each looks at the state first, so that running twice does nothing new.

// OnSupplyDue closes an application whose missing material did not come.
func (s *Service) OnSupplyDue(ctx context.Context, region string, a SupplyDue) error {
	return s.timed(ctx, region, a.Case, ActLapse, StateSupplement, func(w *work) (bool, error) {
		if w.app.SupplyBy != a.By || w.tx.Today() <= a.By {
			return false, nil
		}
		w.app.State = StateWithdrawn
		w.say("到%s还没有收到要补的材料，这次申请按撤回办理。材料齐了可以再申请", a.By.Chinese())
		return true, nil
	})
}

// OnNoticeDue makes a level count when its notice is over without objection.
func (s *Service) OnNoticeDue(ctx context.Context, region string, a NoticeDue) error {
	return s.timed(ctx, region, a.Case, ActEffect, StateOnNotice, func(w *work) (bool, error) {
		if w.app.Notice != a.Notice {
			return false, nil
		}
		return true, s.effect(w)
	})
}

// OnExpiryDue closes an application whose level is no longer valid.
func (s *Service) OnExpiryDue(ctx context.Context, region string, a ExpiryDue) error {
	return s.timed(ctx, region, a.Case, ActExpire, StateEffective, func(w *work) (bool, error) {
		if w.app.ValidTo != a.To || w.tx.Today() <= a.To {
			return false, nil
		}
		w.app.State = StateExpired
		w.say("结论的有效期到%s为止", a.To.Chinese())
		return true, nil
	})
}

// OnRenewDue reminds the person that the level runs out.
func (s *Service) OnRenewDue(ctx context.Context, region string, a RenewDue) error {
	return audit.Run(ctx, s.Log, audit.System(region), audit.Act{Region: region, Verb: "assess.remind", Object: a.Case, Key: "renew " + a.Case}, func(tx *db.Tx) error {
		app, err := get(tx, region, a.Case)
		if err != nil || app.State != StateEffective {
			return err
		}
		return desk.Note(tx, region, a.Case, desk.Step{Stage: StageOf(app.State), Action: "remind",
			Say: "结论" + app.ValidTo.Chinese() + "到期，请在到期前申请重新评估，待遇不中断"}, audit.System(region))
	})
}

// timed runs a step of the clock when the application still stands in the state
// that the job was made for; otherwise nothing happens and nothing is audited.
func (s *Service) timed(ctx context.Context, region, id string, act Action, in State, fn func(*work) (bool, error)) error {
	var state State
	if err := s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		app, err := get(tx, region, id)
		state = app.State
		return err
	}); err != nil || state != in {
		return err
	}
	var nothing = fault.New(fault.Busy, "没有到时间")
	err := s.step(ctx, audit.System(region), Cmd{Region: region, ID: id}, act, nil, func(w *work) error {
		ok, err := fn(w)
		if err == nil && !ok {
			err = nothing
		}
		return err
	})
	if fault.As(err) == fault.As(nothing) || (fault.Is(err, fault.Conflict) && s.moved(ctx, region, id, in)) {
		return nil
	}
	return err
}

// moved tells whether somebody else took the step meanwhile.
func (s *Service) moved(ctx context.Context, region, id string, from State) bool {
	var app Application
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) { app, err = get(tx, region, id); return err })
	return err == nil && app.State != from
}
