package person

import (
	"errors"

	"yinling/internal/db"
	"yinling/internal/fault"
)

// Renumber corrects a person's identity number; the old one keeps finding them.
// A number that another person has is a Conflict: merge the two first.
func (s *Service) Renumber(tx *db.Tx, region, id, idno, why string) error {
	n, err := ParseID(idno, tx.Today())
	if err != nil {
		return err
	}
	if n.Birth == 0 {
		return fault.Field("id", "旧版外国人永久居留证没有完整的出生日期，请用新版18位号码")
	}
	old, err := db.One(tx, db.Value[string], indexOf, region, id)
	if errors.Is(err, db.ErrNone) {
		return errNone()
	}
	if err != nil {
		return err
	}
	index := s.Keys.Index(region, fieldID, n.Text)
	if index == old {
		return nil
	}
	switch other, err := s.findNumber(tx, region, n); {
	case err == nil && other != id:
		return fault.New(fault.Conflict, "这个号码已经登记在另一个人名下。如果是同一个人登记了两次，请先合并。")
	case err != nil && !fault.Is(err, fault.NotFound):
		return err
	}
	if _, err := tx.Exec(keepNumber, region, old, id, tx.Millis(), why); err != nil {
		return err
	}
	if _, err := tx.Exec(freeNumber, region, index); err != nil {
		return err
	}
	_, err = tx.Exec(setNumber, region, id, index, s.Keys.Seal(region, fieldID, n.Text), n.Tail(), n.Sex, n.Birth, tx.Millis())
	return err
}

// unnumber gives a person back the number that Renumber replaced; both come
// sealed. The new number finds nobody again. Conflict when the person has
// another number by now.
func (s *Service) unnumber(tx *db.Tx, region, id, oldSealed, newSealed string) error {
	before, err := s.Keys.Open(region, fieldID, oldSealed)
	if err != nil {
		return err
	}
	after, err := s.Keys.Open(region, fieldID, newSealed)
	if err != nil {
		return err
	}
	n, err := ParseID(before, tx.Today())
	if err != nil {
		return err
	}
	now, err := db.One(tx, db.Value[string], indexOf, region, id)
	if err != nil {
		return err
	}
	if now != s.Keys.Index(region, fieldID, after) {
		return fault.New(fault.Conflict, "他的号码后来又改过，不能撤回。请按现在的登记再申请更正。")
	}
	index := s.Keys.Index(region, fieldID, n.Text)
	if _, err := tx.Exec(freeNumber, region, index); err != nil {
		return err
	}
	_, err = tx.Exec(setNumber, region, id, index, oldSealed, n.Tail(), n.Sex, n.Birth, tx.Millis())
	return err
}

// Merge makes one person of two that are the same (一人两号): keep stays, the
// coverages, groups, stays and proxies of drop become keep's where keep has none of the
// same, and drop's numbers find keep from then on. Other domains must hold nothing under
// drop's id; AskMerge and JudgeFix see to it.
func (s *Service) Merge(tx *db.Tx, region, keep, drop, why string) error {
	if keep == drop {
		return fault.Field("person", "请选两条不同的登记来合并")
	}
	old, err := db.One(tx, db.Value[string], indexOf, region, drop)
	if err == nil {
		_, err = db.One(tx, db.Value[string], indexOf, region, keep)
	}
	if errors.Is(err, db.ErrNone) {
		return errNone()
	}
	if err != nil {
		return err
	}
	for _, q := range []string{moveCover, moveGroups, moveStays, moveNumbers, moveProxyPerson, moveProxyProxy} {
		if _, err := tx.Exec(q, region, drop, keep); err != nil {
			return err
		}
	}
	for _, q := range []string{clearCover, clearGroups, clearStays, dropPerson} {
		if _, err := tx.Exec(q, region, drop); err != nil {
			return err
		}
	}
	_, err = tx.Exec(keepNumber, region, old, keep, tx.Millis(), why)
	return err
}
