package claim

import (
	"context"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Service is the way from a visit to money. Start it before Settle.
type Service struct {
	Log     *audit.Log
	Packs   *policy.Set
	Persons *person.Service

	group *audit.Group[SettleRequest, Receipt]
}

// mayPay tells whether who may confirm, pay and undo for the bill's person:
// the person, a proxy whose scope is «pay», the office, or the carer at the
// door when the family has confirmed the visit there.
func (s *Service) mayPay(tx *db.Tx, who audit.Actor, b *Bill) error {
	switch {
	case who.Person != "" && who.Person == b.Person && who.Role == "citizen":
		return nil
	case who.Role == "system":
		return nil
	case who.Role == "citizen" && who.Person != "":
		scope, _, err := s.Persons.ProxyScope(tx, b.Region, who.Person, b.Person, tx.Today())
		if err != nil {
			return err
		}
		if scope == "pay" {
			return nil
		}
		return fault.New(fault.Forbidden, "您没有替这位参保人确认付款的授权，请本人或家里有授权的人来办。")
	case who.Role == "care_worker" && who.Person == b.Staff:
		v, err := care.GetVisit(tx, b.Region, b.Visit)
		if err != nil {
			return err
		}
		if v.Confirmed != "" {
			return nil
		}
		return fault.New(fault.Forbidden, "还没有得到本人或家属的确认，请先在签退页面请家属确认。")
	}
	return fault.New(fault.Forbidden, "只有本人或得到授权的家属可以确认这张账单。")
}

// maySee is mayPay for reading: a proxy of any scope may see.
func (s *Service) maySee(tx *db.Tx, who audit.Actor, b *Bill) error {
	if who.Role != "citizen" {
		if who.Institution != "" && who.Institution != b.Institution {
			return errNoBill()
		}
		return nil
	}
	if who.Person == b.Person {
		return nil
	}
	scope, _, err := s.Persons.ProxyScope(tx, b.Region, who.Person, b.Person, tx.Today())
	if err == nil && scope == "" {
		err = errNoBill()
	}
	return err
}

// See reads a bill that who may see, with the charge of its last settlement.
func (s *Service) See(ctx context.Context, who audit.Actor, region, visit string) (b Bill, c Charge, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if b, err = Get(tx, region, visit); err != nil {
			return err
		}
		if err := s.maySee(tx, who, &b); err != nil {
			return err
		}
		if b.Round > 0 && b.PersonFen > 0 {
			if c, err = ChargeOf(tx, region, visit, b.Round); fault.Is(err, fault.NotFound) {
				err = nil
			}
		}
		return err
	})
	return b, c, err
}

// BillsOf lists a person's bills since a day, the newest first.
func (s *Service) BillsOf(ctx context.Context, who audit.Actor, region, person string, since day.Day, limit int) (bs []Bill, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if err := s.maySee(tx, who, &Bill{Region: region, Person: person}); err != nil {
			return err
		}
		bs, err = db.All(tx, scanBill, billPerson, region, person, since, limit)
		return err
	})
	return bs, err
}

// Waiting lists the bills that the office must look at: Disputed or Reversing.
func (s *Service) Waiting(ctx context.Context, region string, st Status, limit int) (bs []Bill, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		bs, err = db.All(tx, scanBill, billOpen, region, st, limit)
		return err
	})
	return bs, err
}

// change runs one act on one bill: load, check the version that was seen,
// move, whatever else, write.
func (s *Service) change(ctx context.Context, who audit.Actor, region, visit, action, key string, version int64, body any, fn func(tx *db.Tx, b *Bill) error) (Bill, error) {
	act := audit.Act{Region: region, Verb: "claim." + action, Object: visit, Key: key, Body: []any{visit, action, version, body}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Bill, error) {
		b, err := Get(tx, region, visit)
		if err != nil {
			return b, err
		}
		if version != 0 && version != b.Version {
			return b, fault.New(fault.Conflict, "账单在您打开以后有变化，请看过新的账单再办。")
		}
		if err := fn(tx, &b); err != nil {
			return b, err
		}
		if err := b.move(action); err != nil {
			return b, err
		}
		return b, b.put(tx)
	})
}

// Confirm records «没问题» without settling yet; batch or Settle does the rest.
func (s *Service) Confirm(ctx context.Context, who audit.Actor, region, visit, key string, version int64) (Bill, error) {
	return s.change(ctx, who, region, visit, "confirm", key, version, nil, func(tx *db.Tx, b *Bill) error {
		b.ConfirmedBy, b.ConfirmedAt = who.ID, tx.Millis()
		return s.mayPay(tx, who, b)
	})
}

// Dispute records «有问题» with the person's words; the office answers, and
// nothing is paid before.
func (s *Service) Dispute(ctx context.Context, who audit.Actor, region, visit, reason, key string, version int64) (Bill, error) {
	if strings.TrimSpace(reason) == "" {
		return Bill{}, fault.Field("reason", "请说说哪里有问题，比如“没来人”“时间不对”“多记了项目”。")
	}
	return s.change(ctx, who, region, visit, "dispute", key, version, reason, func(tx *db.Tx, b *Bill) error {
		b.Note, b.ConfirmedBy, b.ConfirmedAt = "问题："+reason, "", 0
		return s.mayPay(tx, who, b)
	})
}

// Answer is the office's answer to a dispute: the bill goes back to the person
// for confirmation, or it is not settled at all (void).
func (s *Service) Answer(ctx context.Context, who audit.Actor, region, visit string, void bool, note, key string, version int64) (Bill, error) {
	if strings.TrimSpace(note) == "" {
		return Bill{}, fault.Field("note", "请写明核实的情况，本人会看到。")
	}
	action := "answer"
	if void {
		action = "void"
	}
	return s.change(ctx, who, region, visit, action, key, version, note, func(tx *db.Tx, b *Bill) error {
		b.Note += "\n答复：" + note
		return nil
	})
}

// Undo takes a settlement back within ten minutes: caps, voucher and the
// person's money are given back and the bill waits for confirmation again.
func (s *Service) Undo(ctx context.Context, who audit.Actor, region, visit, key string) (Bill, error) {
	return s.change(ctx, who, region, visit, "undo", key, 0, nil, func(tx *db.Tx, b *Bill) error {
		if err := s.mayPay(tx, who, b); err != nil {
			return err
		}
		if b.Status == Settled && !b.Undoable(tx.Millis()) {
			return fault.New(fault.Conflict, "已经过了 %d 分钟，不能自己撤回了。账单有错，请打 12393 或到经办窗口申请更正。", UndoMinutes)
		}
		if _, ok := next(billFlow, string(b.Status), "undo"); !ok {
			return nil // move refuses, in words
		}
		if err := unsettle(tx, b, "本人撤回", who.ID); err != nil {
			return err
		}
		b.ConfirmedBy, b.ConfirmedAt, b.SettledAt, b.PendingUntil = "", 0, 0, 0
		return nil
	})
}

// AskReverse is the first hand of a reversal (冲正); another approves.
func (s *Service) AskReverse(ctx context.Context, who audit.Actor, region, visit, why, key string, version int64) (Bill, error) {
	if strings.TrimSpace(why) == "" {
		return Bill{}, fault.Field("why", "请写明为什么冲正。")
	}
	return s.change(ctx, who, region, visit, "ask", key, version, why, func(tx *db.Tx, b *Bill) error {
		b.AskedBy, b.Note = who.ID, "冲正："+why
		return nil
	})
}

// JudgeReverse is the second hand: approve or keep the settlement. Forbidden
// to the hand that asked. Conflict: the bill stands in a month claim under
// review, where it is deducted instead.
func (s *Service) JudgeReverse(ctx context.Context, who audit.Actor, region, visit string, approve bool, key string, version int64) (Bill, error) {
	action := "keep"
	if approve {
		action = "approve"
	}
	return s.change(ctx, who, region, visit, action, key, version, approve, func(tx *db.Tx, b *Bill) error {
		if b.Status == Reversing && b.AskedBy == who.ID {
			return fault.New(fault.Forbidden, "冲正要两个人办：这一笔是您申请的，请另一位同事复核。")
		}
		if !approve || b.Status != Reversing {
			return nil
		}
		if b.Month != "" {
			m, err := getMonth(tx, region, b.Month)
			if err != nil {
				return err
			}
			switch m.Status {
			case Draft, Returned:
				b.Month = ""
			case Submitted, Reviewed, Checked:
				return fault.New(fault.Conflict, "这笔在 %s 的月结审核里，请在审核时扣减，或先退回月结再冲正。", m.Month.Chinese())
			}
			xs, err := db.All(tx, scanRecovery, recoveryVisit, region, visit)
			if err != nil {
				return err
			}
			for _, x := range xs {
				if x.Status.Live() {
					return fault.New(fault.Conflict, "这笔已经在追回 %s，再冲正会多扣；要冲正请先撤销追回。", x.Fen.Yuan())
				}
			}
			ds, err := deductions(tx, region, m.ID)
			if err != nil {
				return err
			}
			for _, d := range ds {
				if d.Visit == visit && b.Month != "" {
					return fault.New(fault.Conflict, "这笔在 %s 的月结里已经扣减 %s，再冲正会多扣；其余的钱请办追回。", m.Month.Chinese(), d.Fen.Yuan())
				}
			}
		}
		return unsettle(tx, b, "冲正", who.ID)
	})
}
