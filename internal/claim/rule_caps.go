package claim

import (
	"sort"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// account is an accumulator (累计): a cap in the period that begins on a day.
type account struct {
	cap   string
	begin day.Day
}

// booking is what a line takes from an accumulator.
type booking struct {
	account
	per    benefit.Per
	amount int64
	max    int64
}

// part is the share of a line that falls on one day; a line on a single day,
// or without any cap finer than the month, is one part.
type part struct {
	day    day.Day
	weight int64       // share of the line
	qty    money.Micro // units that count
	fen    money.Fen   // fee, later the fund's share
}

// room is what is left of a cap for a day.
func (q *quoter) room(c *benefit.Cap, d day.Day) int64 {
	return max(0, c.Max()-q.used[account{c.ID, c.Per.Begin(d)}])
}

func (q *quoter) book(id string, per benefit.Per, limit int64, d day.Day, amount int64) {
	if amount == 0 {
		return
	}
	a := account{id, per.Begin(d)}
	q.used[a] += amount
	q.booked = append(q.booked, booking{a, per, amount, limit})
}

// unbook takes a line's bookings back: a line that the fund pays nothing for
// uses nothing up.
func (q *quoter) unbook(from int) {
	for _, b := range q.booked[from:] {
		q.used[b.account] -= b.amount
	}
	q.booked = q.booked[:from]
}

// takes sums the bookings by accumulator, sorted.
func (q *quoter) takes() []benefit.Take {
	sort.SliceStable(q.booked, func(i, j int) bool {
		a, b := q.booked[i], q.booked[j]
		return a.cap < b.cap || a.cap == b.cap && a.begin < b.begin
	})
	out := make([]benefit.Take, 0, len(q.booked))
	for i, b := range q.booked {
		if i > 0 && q.booked[i-1].account == b.account {
			last := &out[len(out)-1]
			last.Amount += b.amount
			last.Max = max(last.Max, b.max)
			continue
		}
		out = append(out, benefit.Take{Cap: b.cap, Period: b.per.Period(b.begin), Amount: b.amount, Max: b.max})
	}
	return out
}

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
// returns the sum that counts.
func (q *quoter) capFen(l *Line, parts []part, caps []*benefit.Cap, on, what string) (money.Fen, error) {
	for _, c := range caps {
		if c.On != on {
			continue
		}
		var asked, kept money.Fen
		used := max(0, c.Max()-q.room(c, parts[0].day))
		for i := range parts {
			p := &parts[i]
			asked += p.fen
			room := money.Fen(0)
			if c.Per == benefit.PerUnit {
				var err error
				if room, err = c.MaxFen.Times(p.qty, q.rounding); err != nil {
					return 0, fault.Field("lines", "数量太大，请核对")
				}
			} else {
				room = money.Fen(q.room(c, p.day))
			}
			p.fen = min(p.fen, room)
			kept += p.fen
		}
		q.sayCap(l, c, len(parts), money.Fen(used), asked, kept, what)
	}
	var sum money.Fen
	for i := range parts {
		p := &parts[i]
		sum += p.fen
		for _, c := range caps {
			if c.On == on && c.Per != benefit.PerUnit {
				q.book(c.ID, c.Per, c.Max(), p.day, int64(p.fen))
			}
		}
	}
	return sum, nil
}

func (q *quoter) sayCap(l *Line, c *benefit.Cap, days int, used, asked, kept money.Fen, what string) {
	per := c.Per.Chinese()
	if c.Per == benefit.PerUnit {
		per = "每" + each(l.Unit)
	}
	switch {
	case kept == asked && (days > 1 || c.Per == benefit.PerUnit || c.Per == benefit.PerDay && used == 0):
		q.v.Cite(c, "%s：%s%s限额 %v，没有超过", c.Name, what, per, yuan(c.MaxFen))
	case kept == asked:
		q.v.Cite(c, "%s：%s%s限额 %v，此前已用 %v，没有超过", c.Name, what, per, yuan(c.MaxFen), yuan(used))
	case days > 1 || c.Per == benefit.PerUnit || used == 0:
		q.v.Cite(c, "%s：%v 超过%s%s限额 %v，按 %v 计，其余 %v 由个人付", c.Name, yuan(asked), what, per, yuan(c.MaxFen), yuan(kept), yuan(asked-kept))
	default:
		q.v.Cite(c, "%s：%s%s限额 %v，此前已用 %v，%v 里按 %v 计，其余 %v 由个人付", c.Name, what, per, yuan(c.MaxFen), yuan(used), yuan(asked), yuan(kept), yuan(asked-kept))
	}
}
