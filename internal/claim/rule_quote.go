package claim

import (
	"yinling/internal/benefit"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// Quote (预结算) computes who pays what of a claim. It refuses (fault.Refused)
// a claim of which the fund pays no line for a reason of entitlement; a line
// beyond a cap is no refusal, the person pays it.
var Quote = policy.NewRule("claim.quote", 1, "费用试算", QuoteLines)

// QuoteLines is Quote as a plain function: for a wholly refused claim it gives
// the lines, each with its refusal, together with the error.
func QuoteLines(v *policy.View, c Claim) (Quotation, error) {
	qty, err := check(&c)
	if err != nil {
		return Quotation{}, err
	}
	q := &quoter{v: v, c: &c, qty: qty, rounding: money.HalfUp}
	q.base = benefit.Facts{Scheme: c.Scheme, Mode: c.Mode, Level: c.Person.Level, Coverage: c.Person.Coverage,
		Groups: c.Person.Groups, Resident: c.Person.Resident == nil || *c.Person.Resident, ContinuousMonths: c.ContinuousMonths}
	if c.Institution != nil {
		q.base.InstitutionKind, q.base.InstitutionGrade = c.Institution.Kind, c.Institution.Grade
	}
	modes := q.modes()
	q.base.Combined = len(modes) > 1
	if err := q.admit(modes); err != nil {
		if !fault.Is(err, fault.Refused) {
			return Quotation{}, err
		}
		return q.refuseAll(err)
	}
	out := Quotation{Lines: make([]QuotationLine, len(c.Lines)), Takes: []benefit.Take{}}
	refused := 0
	for i := range c.Lines {
		if out.Lines[i], err = q.line(i); err != nil {
			return Quotation{}, err
		}
		if out.Lines[i].Refused != nil {
			refused++
		}
	}
	out.Sum = q.sum(out.Lines)
	out.Takes = q.takes()
	if refused == len(out.Lines) {
		r := out.Lines[0].Refused
		for _, l := range out.Lines {
			if l.Refused.Say != r.Say {
				return out, fault.Refuse(r.Clause, "这张单子没有一行可以由基金支付，逐行的原因见每一行。第一行：%s", r.Say)
			}
		}
		return out, fault.Refuse(r.Clause, "%s", r.Say)
	}
	return out, nil
}

// quoter is one run of the rule.
type quoter struct {
	v        *policy.View
	c        *Claim
	t        *benefit.Terms
	qty      []money.Micro
	base     benefit.Facts
	rounding money.Rounding
	used     map[account]int64
	booked   []booking
	parts    [31]part
	capsBuf  [8]*benefit.Cap
}

// refuseAll gives every line the refusal of the whole claim.
func (q *quoter) refuseAll(why error) (Quotation, error) {
	out := Quotation{Lines: make([]QuotationLine, len(q.c.Lines)), Takes: []benefit.Take{}}
	for i := range q.c.Lines {
		l := &q.c.Lines[i]
		mark := q.v.Mark()
		total, err := l.PriceFen.Times(q.qty[i], q.rounding)
		if err != nil {
			return Quotation{}, fault.Field(at("lines", i, "price_fen"), "金额太大，请核对")
		}
		q.sayFee(l, q.qty[i], total)
		out.Lines[i] = q.refused(l, total, why, mark)
	}
	out.Sum = q.sum(out.Lines)
	return out, why
}

func (q *quoter) refused(l *Line, total money.Fen, why error, mark int) QuotationLine {
	f := fault.As(why)
	q.v.Say("基金不付这一行：%s", f.Say)
	return QuotationLine{ID: l.ID, Total: total, Fund: q.fund(0), Person: total,
		Refused: &policy.Refused{Say: f.Say, Clause: f.Clause}, Steps: [2]int{mark, q.v.Mark()}}
}

func (q *quoter) fund(f money.Fen) map[string]money.Fen {
	return map[string]money.Fen{q.base.Scheme: f}
}

func (q *quoter) sum(lines []QuotationLine) Sum {
	var total, fund, person money.Fen
	for i := range lines {
		total += lines[i].Total
		fund += lines[i].Fund[q.base.Scheme]
		person += lines[i].Person
	}
	q.v.Say("合计 %v：%s付 %v，个人付 %v", yuan(total), payer(q.base.Scheme), yuan(fund), yuan(person))
	return Sum{Total: total, Fund: q.fund(fund), Person: person}
}

func payer(scheme string) string {
	if scheme == "ltci" {
		return "长护险基金"
	}
	return "医保基金"
}

func (q *quoter) sayFee(l *Line, qty money.Micro, total money.Fen) {
	q.v.Say("第 %s 行：每%s %v × %v = %v", l.ID, each(l.Unit), yuan(l.PriceFen), qty, yuan(total))
}

func each(unit string) string {
	if unit == "month" {
		return "月"
	}
	return benefit.UnitChinese(unit)
}
