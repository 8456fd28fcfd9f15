package person

import (
	"context"
	"errors"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/undo"
)

// Fix is a correction of the roster that needs two hands: another identity
// number (改号码), or two entries that are one person (合并, 一人两号).
type Fix struct {
	Region, ID     string
	Kind           string // FixNumber, FixMerge
	Person, Other  string // who stays; whose entry goes into it
	Tail           string // of the new number
	Why, State     string
	Maker, Checker string
	At, Version    int64

	sealed string
}

// The kinds of a correction and its states.
const (
	FixNumber = "renumber"
	FixMerge  = "merge"

	FixAsked   = "asked"
	FixDone    = "done"
	FixRefused = "refused"
)

// FixName is a kind in Chinese.
func FixName(kind string) string {
	return map[string]string{FixNumber: "更正证件号码", FixMerge: "合并登记"}[kind]
}

// FixStates are the states with their names, for tabs.
var FixStates = []struct{ ID, Say string }{{FixAsked, "等核准"}, {FixDone, "办了"}, {FixRefused, "没有办"}}

// AskNumber is the first hand of a new number. It is tried at once, so that a
// number that cannot be does not wait for a colleague.
func (s *Service) AskNumber(ctx context.Context, who audit.Actor, region, id, key, idno, why string) (Fix, error) {
	x := Fix{Region: region, Kind: FixNumber, Person: id, Why: why}
	body := []any{id, s.Keys.Index(region, fieldID, idno), why} // the record keeps no number
	return s.askFix(ctx, who, key, body, x, func(tx *db.Tx, x *Fix) error {
		n, err := ParseID(idno, tx.Today())
		if err != nil {
			return err
		}
		x.sealed, x.Tail = s.Keys.Seal(region, fieldID, n.Text), n.Tail()
		other, err := s.findNumber(tx, region, n)
		switch {
		case err == nil && other == id:
			return fault.Field("id", "登记的就是这个号码，不用更正。")
		case err == nil:
			return fault.New(fault.Conflict, "这个号码已经登记在另一个人名下。如果是同一个人登记了两次，请申请合并。")
		case !fault.Is(err, fault.NotFound):
			return err
		}
		return nil
	})
}

// AskMerge is the first hand of a merge: other goes into id. Refused while
// something of another domain stands under other's name.
func (s *Service) AskMerge(ctx context.Context, who audit.Actor, region, id, key, otherNo, why string) (Fix, error) {
	x := Fix{Region: region, Kind: FixMerge, Person: id, Why: why}
	body := []any{id, s.Keys.Index(region, fieldID, otherNo), why}
	return s.askFix(ctx, who, key, body, x, func(tx *db.Tx, x *Fix) error {
		n, err := ParseID(otherNo, tx.Today())
		if err != nil {
			return err
		}
		if x.Other, err = s.findNumber(tx, region, n); fault.Is(err, fault.NotFound) {
			return fault.Field("id", "名册里没有这个号码，不用合并。号码登记错了，请用更正。")
		} else if err != nil {
			return err
		}
		x.Tail = n.Tail()
		return s.mergeable(tx, x)
	})
}

// mergeable tells whether the entry that goes has nothing but the roster's.
func (s *Service) mergeable(tx *db.Tx, x *Fix) error {
	if x.Other == x.Person {
		return fault.Field("id", "两个号码已经是同一个人，不用合并。")
	}
	a, err := s.Get(tx, x.Region, x.Person)
	if err != nil {
		return err
	}
	b, err := s.Get(tx, x.Region, x.Other)
	if err != nil {
		return err
	}
	if a.Name != b.Name {
		return fault.New(fault.Refused, "两条登记的姓名不一样（%s 和 %s），不能当作一个人。先更正名册，再合并。", a.Name, b.Name)
	}
	if s.Held == nil {
		return nil
	}
	held, err := s.Held(tx, x.Region, x.Other)
	if err == nil && held != "" {
		err = fault.New(fault.Conflict, "要并掉的登记名下还有%s。请从那一条的页面申请，留下那一条、并掉这一条。", held)
	}
	return err
}

func (s *Service) askFix(ctx context.Context, who audit.Actor, key string, body any, x Fix, check func(*db.Tx, *Fix) error) (Fix, error) {
	act := audit.Act{Region: x.Region, Verb: "person.fix_ask", Object: x.Person, Key: key, Body: body}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Fix, error) {
		if _, err := s.Get(tx, x.Region, x.Person); err != nil {
			return x, err
		}
		if x.Why = strings.TrimSpace(x.Why); x.Why == "" {
			return x, fault.Field("why", "请写明凭什么更正，比如“核对身份证原件”。")
		}
		if err := check(tx, &x); err != nil {
			return x, err
		}
		x.ID, x.State, x.Maker, x.At, x.Version = tx.NewID(), FixAsked, who.ID, tx.Millis(), 1
		return x, insertFix(tx, x)
	})
}

// JudgeFix is the second hand: it carries the correction out, or refuses.
// Forbidden to the hand that asked.
func (s *Service) JudgeFix(ctx context.Context, who audit.Actor, region, id, key string, ok bool, version int64) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "person.fix", Object: id, Key: key, Body: []any{id, ok, version}}, func(tx *db.Tx) error {
		x, err := getFix(tx, region, id)
		switch {
		case err != nil:
			return err
		case x.State != FixAsked || version != 0 && version != x.Version:
			return fault.New(fault.Conflict, "这件更正同事已经办了。")
		case x.Maker == who.ID:
			return fault.New(fault.Forbidden, "更正要两个人办：这一件是您申请的，请另一位同事核准。")
		}
		was := fixBefore{Sealed: x.sealed}
		x.State, x.Checker, x.sealed = FixRefused, who.ID, ""
		if ok {
			x.State = FixDone
			switch x.Kind {
			case FixMerge:
				if err = s.mergeable(tx, &x); err == nil {
					err = s.Merge(tx, region, x.Person, x.Other, x.Why)
				}
			default:
				var no string
				if was.Old, err = db.One(tx, db.Value[string], sealedOf, region, x.Person); err != nil {
					return err
				}
				if no, err = s.Keys.Open(region, fieldID, was.Sealed); err == nil {
					err = s.Renumber(tx, region, x.Person, no, x.Why)
				}
			}
			if err != nil {
				return err
			}
		}
		if err := putFix(tx, x); err != nil {
			return err
		}
		if x.State == FixDone && x.Kind == FixMerge { // two entries that have become one cannot be told apart again
			return undo.Drop(tx, region, UndoFixWord, id)
		}
		return undo.Keep(tx, region, undo.Act{Word: UndoFixWord, Object: id, Name: x.State, Account: who.ID, Version: x.Version + 1}, was)
	})
}

// UndoFixWord is the word under which second hands on corrections can be taken back.
const UndoFixWord = "person.fix"

// fixBefore is what a second hand takes away: the new number as it was asked
// for, and the old one, both sealed.
type fixBefore struct{ Sealed, Old string }

// UndoFix takes the second hand's decision back, as undo.Take allows it: the
// correction waits again, and the person has the old number.
func (s *Service) UndoFix(ctx context.Context, who audit.Actor, region, id, key string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "person.fix_undo", Object: id, Key: key, Body: id}, func(tx *db.Tx) error {
		x, err := getFix(tx, region, id)
		if err != nil {
			return err
		}
		var was fixBefore
		if _, err := undo.Take(tx, region, UndoFixWord, id, who, x.Version, &was); err != nil {
			return err
		}
		if was.Old != "" {
			if err := s.unnumber(tx, region, x.Person, was.Old, was.Sealed); err != nil {
				return err
			}
		}
		x.State, x.Checker, x.sealed = FixAsked, "", was.Sealed
		return putFix(tx, x)
	})
}

// Fixes lists corrections in a state, the oldest first.
func (s *Service) Fixes(ctx context.Context, region, state string, limit int) (xs []Fix, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = fixes(tx, region, state, limit); return err })
	return xs, err
}

// OneFix reads a correction with the two entries it is about; the second is
// empty when a number is corrected, or when it has gone into the first.
func (s *Service) OneFix(ctx context.Context, region, id string) (x Fix, keep, drop Person, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if x, err = getFix(tx, region, id); err != nil {
			return err
		}
		if keep, err = s.Get(tx, region, x.Person); err != nil || x.Other == "" {
			return err
		}
		if drop, err = s.Get(tx, region, x.Other); fault.Is(err, fault.NotFound) {
			err = nil
		}
		return err
	})
	return x, keep, drop, err
}

func getFix(tx *db.Tx, region, id string) (Fix, error) {
	x, err := db.One(tx, scanFix, selectFix, region, id)
	if errors.Is(err, db.ErrNone) {
		return x, fault.New(fault.NotFound, "没有找到这件更正。")
	}
	return x, err
}
