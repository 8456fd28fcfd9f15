package measure

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// filed finds the duty of the region that is a filing to the superior.
func (s sight) filed() (Duty, bool) {
	i := slices.IndexFunc(s.duties, func(d Duty) bool { return d.Filing })
	if i < 0 {
		return Duty{}, false
	}
	return s.duties[i], true
}

// Filing reads the own measures as they go to the superior, and the ledger that
// goes with them. NotFound: no document asks for them.
func (s *Service) Filing(ctx context.Context, region string) (f Filing, d Duty, l Ledger, why policy.Explanation, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		x, err := s.see(tx, region, "", 0)
		if err != nil {
			return err
		}
		var ok bool
		if d, ok = x.filed(); !ok {
			return fault.New(fault.NotFound, "没有文件要求报送具体工作措施。")
		}
		if l, err = x.ledger(tx, x.unit); err != nil {
			return err
		}
		for _, n := range l.Lines {
			if n.Duty.ID == d.ID {
				_, dec, err := x.line(d, x.unit, n.Plan, n.Reports)
				if err != nil {
					return err
				}
				why = dec.Explain
			}
		}
		f, err = filing(tx, region, d.ID)
		if f.Said == "" {
			f.Said = Draft(l)
		}
		return err
	})
	return f, d, l, why, err
}

// Draft is the text to begin with: what the own plans say, duty by duty.
func Draft(l Ledger) string {
	var b strings.Builder
	for _, n := range l.Lines {
		if n.Duty.Filing || n.Due.Standing {
			continue
		}
		fmt.Fprintf(&b, "%s、%s。", n.Duty.No, n.Duty.Name)
		if n.Plan.Target != "" {
			b.WriteString(strings.TrimRight(n.Plan.Target, "。") + "。")
		}
		if n.Plan.Owner != "" {
			fmt.Fprintf(&b, "由%s负责（%s）。", n.Plan.Unit, n.Plan.Owner)
		}
		for _, st := range n.Plan.Steps {
			if !st.Due.IsZero() {
				fmt.Fprintf(&b, "%s：%s前。", st.Name, st.Due.Chinese())
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// WriteFiling keeps the text; an approval that was given before is void then.
// Conflict: it has been sent, or somebody changed it since.
func (s *Service) WriteFiling(ctx context.Context, who audit.Actor, key, said string, version int64) error {
	return s.onFiling(ctx, who, "measure.write", key, said, func(tx *db.Tx, d Duty, _ Filing) (int64, error) {
		if strings.TrimSpace(said) == "" {
			return 0, fault.Field("said", "请写具体工作措施。")
		}
		return tx.Exec(filingPut, who.Region, d.ID, said, who.ID, who.Name, tx.Millis(), version)
	})
}

// Approve records that the head of the agency has approved the text and had it
// sealed (审定加盖公章). Forbidden to whoever wrote it.
func (s *Service) Approve(ctx context.Context, who audit.Actor, key, head string, version int64) error {
	return s.onFiling(ctx, who, "measure.approve", key, head, func(tx *db.Tx, d Duty, f Filing) (int64, error) {
		switch {
		case f.Version == 0:
			return 0, fault.New(fault.Conflict, "具体工作措施还没有写好存下，不能审定。")
		case f.Writer == who.ID:
			return 0, fault.New(fault.Forbidden, "写的人不能自己登记审定，请换一个人办。")
		case strings.TrimSpace(head) == "":
			return 0, fault.Field("head", "请写审定的主要负责同志是谁。")
		}
		return tx.Exec(filingApprove, who.Region, d.ID, head, who.ID, tx.Today(), version)
	})
}

// Send records that the approved text was sent through the superior's own
// office system, and reports the duty as done on that day with the number.
func (s *Service) Send(ctx context.Context, who audit.Actor, key, number string, version int64) error {
	return s.onFiling(ctx, who, "measure.send", key, number, func(tx *db.Tx, d Duty, f Filing) (int64, error) {
		switch {
		case f.Approved.IsZero():
			return 0, fault.New(fault.Conflict, "还没有审定盖章，不能报送。")
		case strings.TrimSpace(number) == "":
			return 0, fault.Field("number", "请写省局OA系统里的编号。")
		}
		n, err := tx.Exec(filingSend, who.Region, d.ID, tx.Today(), number, version)
		if err != nil || n == 0 {
			return n, err
		}
		// The number in the superior's system is the proof that it arrived.
		return n, insertReport(tx, who.Region, who.ID, Report{ID: tx.NewID(), Duty: d.ID, On: tx.Today(), Done: true, Proof: 1, Name: who.Name,
			Say: fmt.Sprintf("%s审定，%s通过省局OA系统报送，编号 %s", f.Head, tx.Today().Chinese(), number)})
	})
}

func (s *Service) onFiling(ctx context.Context, who audit.Actor, verb, key string, body any, do func(*db.Tx, Duty, Filing) (int64, error)) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: verb, Object: who.Region, Key: key, Body: body}, func(tx *db.Tx) error {
		x, err := s.see(tx, who.Region, "", 0)
		if err != nil {
			return err
		}
		d, ok := x.filed()
		if !ok {
			return fault.New(fault.NotFound, "没有文件要求报送具体工作措施。")
		}
		f, err := filing(tx, who.Region, d.ID)
		if err != nil {
			return err
		}
		n, err := do(tx, d, f)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "具体工作措施刚被别人改过，或已经审定、报送。请刷新后看新的内容。")
		}
		return err
	})
}
