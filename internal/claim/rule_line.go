package claim

import (
	"yinling/internal/benefit"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// line computes one line in this order: fee → price → hospital → caps on the
// quantity → caps on the fee → method → caps on the fund's share.
func (q *quoter) line(i int) (QuotationLine, error) {
	l := &q.c.Lines[i]
	mark, booked := q.v.Mark(), len(q.booked)
	total, err := l.PriceFen.Times(q.qty[i], q.rounding)
	if err != nil {
		return QuotationLine{}, fault.Field(at("lines", i, "price_fen"), "金额太大，请核对")
	}
	q.sayFee(l, q.qty[i], total)
	fund, total, err := q.pay(i, total)
	if fault.Is(err, fault.Refused) {
		q.unbook(booked)
		return q.refused(l, total, err, mark), nil
	}
	if err != nil {
		return QuotationLine{}, err
	}
	if fund == 0 {
		q.unbook(booked)
	}
	q.v.Say("第 %s 行：%s付 %v，个人付 %v", l.ID, payer(q.base.Scheme), yuan(fund), yuan(total-fund))
	return QuotationLine{ID: l.ID, Total: total, Fund: q.fund(fund), Person: total - fund, Steps: [2]int{mark, q.v.Mark()}}, nil
}

// pay returns the fund's share and the total, which only a cash benefit raises.
func (q *quoter) pay(i int, total money.Fen) (money.Fen, money.Fen, error) {
	l, f := &q.c.Lines[i], q.base
	f.Kind, f.Unit, f.Staff, f.Item = l.Kind, l.Unit, l.Staff, l.Item
	if l.Mode != "" {
		f.Mode = l.Mode
	}
	if err := q.medical(l); err != nil {
		return 0, total, err
	}
	if err := q.t.Excluded(&f); err != nil {
		return 0, total, err
	}
	term := q.t.Term(&f)
	switch {
	case term == nil:
		return 0, total, q.t.NoTerm(&f)
	case term.Method == "none":
		return 0, total, q.v.Refuse(term, "%s", term.Say)
	case l.PriceFen == 0 && term.Method != "cash":
		return 0, total, fault.Field(at("lines", i, "price_fen"), "请填写单价，单位是分，要大于 0")
	}
	caps := q.t.Caps(&f, q.capsBuf[:0])
	if len(caps) > len(q.capsBuf) {
		return 0, total, fault.New(fault.Invalid, "政策包里同时适用的限额超过 %d 个；请合并后再算", len(q.capsBuf))
	}
	parts, days := q.split(i, caps)
	parts, err := q.hospital(l, parts, days)
	if err != nil {
		return 0, total, err
	}
	qty := q.capQty(l, parts, caps, &f)
	if term.Method == "cash" {
		fund, err := term.Amount.Times(qty, q.rounding)
		if err != nil {
			return 0, total, fault.Field(at("lines", i, "qty"), "数量太大，请核对")
		}
		q.v.Cite(term, "%s：定额每%s %v × %v = %v，发给家庭，不看收费", term.Name, each(l.Unit), yuan(term.Amount), qty, yuan(fund))
		fund, err = q.capFund(l, parts, caps, fund, true)
		return fund, max(total, fund), err
	}
	fee, err := q.fee(i, &f, parts, caps, qty)
	if err != nil {
		return 0, total, err
	}
	fund, err := q.share(l, &f, term, fee, qty)
	if err != nil {
		return 0, total, err
	}
	fund, err = q.capFund(l, parts, caps, fund, false)
	return fund, total, err
}

// fee is the part of the fee that counts: the price at most at the standard,
// then the caps on the fee.
func (q *quoter) fee(i int, f *benefit.Facts, parts []part, caps []*benefit.Cap, qty money.Micro) (money.Fen, error) {
	l := &q.c.Lines[i]
	unit := l.PriceFen
	if p := q.t.Price(f); p != nil {
		if unit > p.Price {
			q.v.Cite(p, "%s：收费每%s %v 高于标准 %v，按标准计，高出的部分由个人付", p.Name, each(l.Unit), yuan(unit), yuan(p.Price))
			unit = p.Price
		} else {
			q.v.Cite(p, "%s：每%s %v，收费没有超过", p.Name, each(l.Unit), yuan(p.Price))
		}
	}
	fee, err := unit.Times(qty, q.rounding)
	if err != nil {
		return 0, fault.Field(at("lines", i, "price_fen"), "金额太大，请核对")
	}
	if unit != l.PriceFen || qty != q.qty[i] {
		q.v.Say("可以计入的费用：每%s %v × %v = %v", each(l.Unit), yuan(unit), qty, yuan(fee))
	}
	if err := spread(fee, parts, func(p *part) int64 { return int64(p.qty) }); err != nil {
		return 0, err
	}
	return q.capFen(l, parts, caps, "fee", "费用")
}

// share applies the method.
func (q *quoter) share(l *Line, f *benefit.Facts, term *benefit.Term, fee money.Fen, qty money.Micro) (money.Fen, error) {
	switch term.Method {
	case "ratio":
		ratio := term.Ratio
		if u := q.t.Uplift(f); u != nil {
			ratio = min(money.One, ratio+u.Add)
			q.v.Cite(u, "%s：支付比例提高 %s，按 %s 支付", u.Name, percent(u.Add), percent(ratio))
		}
		fund, err := fee.Share(ratio, q.rounding)
		q.v.Cite(term, "%s：%v × %s = %v", term.Name, yuan(fee), percent(ratio), yuan(fund))
		return fund, err
	case "full":
		q.v.Cite(term, "%s：%v 全部由基金支付", term.Name, yuan(fee))
		return fee, nil
	}
	amount, err := term.Amount.Times(qty, q.rounding)
	if err != nil {
		return 0, fault.Field("lines", "数量太大，请核对")
	}
	if term.Method == "copay" {
		own := min(fee, amount)
		q.v.Cite(term, "%s：个人每%s付 %v，%v 里个人付 %v", term.Name, each(l.Unit), yuan(term.Amount), yuan(fee), yuan(own))
		return fee - own, nil
	}
	fund := min(fee, amount)
	q.v.Cite(term, "%s：基金每%s付 %v，%v 里基金付 %v", term.Name, each(l.Unit), yuan(term.Amount), yuan(fee), yuan(fund))
	return fund, nil
}
