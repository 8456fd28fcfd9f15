package claim

import (
	"slices"

	"yinling/internal/benefit"
	"yinling/internal/institution"
	"yinling/internal/policy"
)

var keyMedicalKinds = policy.Texts("claim.medical_kinds", "基本医疗保险基金可以支付的服务类别")

// modes are all modes of the claim, sorted, each once.
func (q *quoter) modes() []string {
	modes := append([]string{q.c.Mode}, q.c.Also...)
	for i := range q.c.Lines {
		if m := q.c.Lines[i].Mode; m != "" && !slices.Contains(modes, m) {
			modes = append(modes, m)
		}
	}
	slices.Sort(modes)
	return slices.Compact(modes)
}

// admit decides what concerns the claim as a whole.
func (q *quoter) admit(modes []string) error {
	if err := q.alive(); err != nil {
		return err
	}
	if !q.c.StoppedUntil.IsZero() {
		return institution.Stopped(q.v, q.c.StoppedUntil)
	}
	if q.base.Scheme == "ltci" {
		if err := benefit.Entitle(q.v, &q.base); err != nil {
			return err
		}
	} else if slices.IndexFunc(q.c.Lines, func(l Line) bool { return q.medical(&l) == nil }) < 0 {
		return q.medical(&q.c.Lines[0]) // a national refusal that needs no local terms
	}
	if err := benefit.Combination(q.v, modes); err != nil {
		return err
	}
	if q.c.ModeChanges > 0 {
		if err := benefit.Changes(q.v, q.c.ModeChanges); err != nil {
			return err
		}
	}
	var err error
	if q.t, err = benefit.TermsOf(q.v); err != nil {
		return err
	}
	q.rounding = q.t.Rounding
	q.t.CiteRounding()
	q.used, err = accumulators(q.t, q.c)
	return err
}

// alive refuses services after the last day of somebody who has died.
func (q *quoter) alive() error {
	for i := range q.c.Lines {
		if err := benefit.AfterDeath(q.v, q.c.Died, q.c.Lines[i].On); err != nil {
			return err
		}
	}
	return nil
}

// medical refuses what basic medical insurance must not pay: 生活照料.
func (q *quoter) medical(l *Line) error {
	if q.base.Scheme == "ltci" {
		return nil
	}
	if allowed, ok := keyMedicalKinds.Peek(q.v); ok && slices.Contains(allowed, l.Kind) {
		return nil
	}
	return q.v.Refuse(keyMedicalKinds.Cite(q.v), "基本医疗保险基金只能支付医疗护理，不能支付生活照料；这项费用请由长期护理保险或个人支付。")
}
