package claim

import (
	"sort"

	"yinling/internal/benefit"
	"yinling/internal/day"
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
