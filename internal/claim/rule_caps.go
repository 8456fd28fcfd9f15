package claim

import (
	"yinling/internal/benefit"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// capQty cuts the quantities to what the caps leave, day by day, then gives
// back what a bonus pool holds. It returns the quantity that counts.
func (q *quoter) capQty(l *Line, parts []part, caps []*benefit.Cap, f *benefit.Facts) money.Micro {
	var sum, cut money.Micro
	for _, p := range parts {
		sum += p.qty
	}
	limited := false
	var before, counted [8]money.Micro // per cap, for its sentence
	for n, c := range caps {
		if c.On == "qty" {
			limited = true
			before[n] = money.Micro(c.Max()) - money.Micro(q.room(c, parts[0].day))
		}
	}
	if !limited {
		return sum
	}
	bonus := q.t.Bonus(f)
	var fromBonus money.Micro
	for i := range parts {
		p := &parts[i]
		asked := p.qty
		for _, c := range caps {
			if c.On == "qty" {
				p.qty = min(p.qty, money.Micro(q.room(c, p.day)))
			}
		}
		for n, c := range caps {
			if c.On == "qty" {
				q.book(c.ID, c.Per, c.Max(), p.day, int64(p.qty))
				counted[n] += p.qty
			}
		}
		if bonus != nil && p.qty < asked {
			left := max(0, int64(bonus.Qty)-q.used[account{bonus.ID, bonus.Per.Begin(p.day)}])
			extra := min(asked-p.qty, money.Micro(left))
			q.book(bonus.ID, bonus.Per, int64(bonus.Qty), p.day, int64(extra))
			p.qty += extra
			fromBonus += extra
		}
		cut += asked - p.qty
	}
	unit := benefit.UnitChinese(l.Unit)
	for n, c := range caps {
		switch {
		case c.On != "qty":
		case len(parts) > 1:
			q.v.Cite(c, "%s：%s最多 %v %s，本行 %d 天合计计入 %v %s", c.Name, c.Per.Chinese(), c.MaxQty, unit, len(parts), counted[n], unit)
		default:
			q.v.Cite(c, "%s：%s最多 %v %s，此前已用 %v，本行计入 %v", c.Name, c.Per.Chinese(), c.MaxQty, unit, before[n], counted[n])
		}
	}
	if fromBonus > 0 {
		q.v.Cite(bonus, "%s：另外多给 %v %s", bonus.Name, fromBonus, unit)
	}
	if cut > 0 {
		q.v.Say("超过限额的 %v %s由个人付", cut, unit)
	}
	return sum - cut
}

// capFen cuts amounts (on: fee or fund) to what the caps leave, day by day, and
// returns the sum that counts. A day is booked before the next one is cut, since
// they may share a month.
func (q *quoter) capFen(l *Line, parts []part, caps []*benefit.Cap, on, what string) (money.Fen, error) {
	var used, asked, kept [8]money.Fen // per cap, for its sentence
	for n, c := range caps {
		used[n] = money.Fen(c.Max() - q.room(c, parts[0].day))
	}
	var sum money.Fen
	for i := range parts {
		p := &parts[i]
		for n, c := range caps {
			if c.On != on {
				continue
			}
			room := money.Fen(q.room(c, p.day))
			if c.Per == benefit.PerUnit {
				var err error
				if room, err = c.MaxFen.Times(p.qty, q.rounding); err != nil {
					return 0, fault.Field("lines", "数量太大，请核对")
				}
			}
			asked[n] += p.fen
			p.fen = min(p.fen, room)
			kept[n] += p.fen
		}
		for _, c := range caps {
			if c.On == on && c.Per != benefit.PerUnit {
				q.book(c.ID, c.Per, c.Max(), p.day, int64(p.fen))
			}
		}
		sum += p.fen
	}
	for n, c := range caps {
		if c.On == on {
			q.sayCap(l, c, len(parts), used[n], asked[n], kept[n], what)
		}
	}
	return sum, nil
}

func (q *quoter) sayCap(l *Line, c *benefit.Cap, days int, used, asked, kept money.Fen, what string) {
	per := c.Per.Chinese()
	if c.Per == benefit.PerUnit {
		per = "每" + each(l.Unit)
	}
	// Over several days or units, what was used on the first of them says nothing.
	if c.Per == benefit.PerUnit || days > 1 && (c.Per == benefit.PerDay || c.Per == benefit.PerWeek) {
		used = 0
	}
	switch {
	case kept == asked && used == 0:
		q.v.Cite(c, "%s：%s%s限额 %v，没有超过", c.Name, what, per, yuan(c.MaxFen))
	case kept == asked:
		q.v.Cite(c, "%s：%s%s限额 %v，此前已用 %v，没有超过", c.Name, what, per, yuan(c.MaxFen), yuan(used))
	case used == 0:
		q.v.Cite(c, "%s：%v 超过%s%s限额 %v，按 %v 计，其余 %v 由个人付", c.Name, yuan(asked), what, per, yuan(c.MaxFen), yuan(kept), yuan(asked-kept))
	default:
		q.v.Cite(c, "%s：%s%s限额 %v，此前已用 %v，%v 里按 %v 计，其余 %v 由个人付", c.Name, what, per, yuan(c.MaxFen), yuan(used), yuan(asked), yuan(kept), yuan(asked-kept))
	}
}

// capFund spreads the fund's share over the days and cuts it to the caps.
func (q *quoter) capFund(l *Line, parts []part, caps []*benefit.Cap, fund money.Fen, byQty bool) (money.Fen, error) {
	if err := spread(fund, parts, func(p *part) int64 {
		if byQty {
			return int64(p.qty)
		}
		return int64(p.fen)
	}); err != nil {
		return 0, err
	}
	return q.capFen(l, parts, caps, "fund", "基金支付")
}
