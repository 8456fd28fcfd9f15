package claim

import (
	"slices"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/money"
)

// split lays a line over the days that it covers, when a cap by day or week or
// a stay in hospital needs it. days is the number of days it covers.
func (q *quoter) split(i int, caps []*benefit.Cap) (parts []part, days int) {
	l, qty := &q.c.Lines[i], q.qty[i]
	first, days := l.On, 1
	switch l.Unit {
	case "month":
		first, days = q.c.Month.First(), q.c.Month.Days()
	case "day", "bed_day":
		days = int((qty + money.One - 1) / money.One)
		// Days that would run past the month are counted back from its end.
		first = min(first, q.c.Month.Last()-day.Day(days-1))
	}
	fine := false
	for _, c := range caps {
		fine = fine || c.Per == benefit.PerDay || c.Per == benefit.PerWeek
	}
	for _, d := range q.c.HospitalDays {
		fine = fine || first <= d && d < first+day.Day(days)
	}
	if days == 1 || !fine {
		q.parts[0] = part{day: l.On, weight: 1, qty: qty}
		return q.parts[:1], days
	}
	left := qty
	for n := range days {
		p := part{day: first + day.Day(n), weight: money.One, qty: min(left, money.One)}
		if l.Unit == "month" { // the n-th share of the month, exact in sum
			p.qty = qty*money.Micro(n+1)/money.Micro(days) - qty*money.Micro(n)/money.Micro(days)
		}
		left -= p.qty
		q.parts[n] = p
	}
	return q.parts[:days], days
}

// hospital drops the days in hospital where the region stops paying on them.
func (q *quoter) hospital(l *Line, parts []part, days int) ([]part, error) {
	if len(q.c.HospitalDays) == 0 {
		return parts, nil
	}
	hit := slices.ContainsFunc(parts, func(p part) bool { return slices.Contains(q.c.HospitalDays, p.day) })
	if !hit {
		return parts, nil
	}
	if q.t.Hospital != "stop" {
		q.v.Cite(q.t.HospitalCite(), "住院期间照常支付")
		return parts, nil
	}
	kept := parts[:0]
	for _, p := range parts {
		if !slices.Contains(q.c.HospitalDays, p.day) {
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return nil, q.v.Refuse(q.t.HospitalCite(), "%s 正在住院，住院期间长护险不付；这一行由个人付，或请核对住院日期。", l.On.Chinese())
	}
	lost := len(parts) - len(kept)
	q.v.Cite(q.t.HospitalCite(), "住院 %d 天不付，按其余 %d 天计算", lost, days-lost)
	return kept, nil
}

// spread lays an amount over the parts by weight, exact in sum.
func spread(f money.Fen, parts []part, weight func(*part) int64) error {
	if len(parts) == 1 {
		parts[0].fen = f
		return nil
	}
	if f == 0 {
		for i := range parts {
			parts[i].fen = 0
		}
		return nil
	}
	weights := make([]int64, len(parts))
	for i := range parts {
		weights[i] = weight(&parts[i])
	}
	fens, err := f.Split(weights)
	for i := range fens {
		parts[i].fen = fens[i]
	}
	return err
}
