package hall

import (
	"context"
	"slices"
	"strings"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/policy"
)

// Segments are the four waits (四段等待) in seconds; -1: not come so far.
// S-63 names them for hospitals (挂号、就诊、取药、结算); in a hall they are 取号到叫号,
// 叫号到窗口, 到窗口到受理, 受理到办完.
type Segments [4]int64

// SegmentNames are the four in words.
var SegmentNames = [4]string{"取号到叫号", "叫号到窗口", "到窗口到受理", "受理到办完"}

// Segments of a ticket.
func (t Ticket) Segments() (s Segments) {
	at := [5]int64{t.Arrived, t.Called, t.Started, t.Accepted, t.Ended}
	for i := range s {
		s[i] = -1
		if at[i] > 0 && at[i+1] >= at[i] {
			s[i] = (at[i+1] - at[i]) / 1000
		}
	}
	return s
}

// Measured is one line of the manager's board: how many, and the medians.
type Measured struct {
	ID, Name        string
	N, Done, Missed int64
	Median          Segments
	Longest         int64 // wait for the call, seconds
}

// Board is what the hall's manager sees of some days.
type Board struct {
	Place
	From, To  day.Day
	All       Measured
	ByLane    []Measured
	ByWindow  []Measured
	ByMatter  []Measured
	ByHour    [24]int64 // arrivals
	HourWaits [24]int64 // median wait for the call of those who came in that hour, seconds
}

// Measure reads the waits of a place from one day to another.
func (s *Service) Measure(ctx context.Context, region, place string, from, to day.Day) (b Board, err error) {
	b.From, b.To = from, to
	var list []Ticket
	var windows []Window
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if b.Place, err = placeOf(tx, region, place); err != nil {
			return err
		}
		if windows, err = db.All(tx, scanWindow, getWindows, region, place); err != nil {
			return err
		}
		list, err = db.All(tx, scanTicket, getDays, region, place, from, to)
		return err
	})
	if err != nil {
		return b, err
	}
	v, err := s.Packs.At(region, to)
	if err != nil {
		return b, err
	}
	b.All = measure("", "全部", list)
	rows, _ := lanes.Peek(v)
	for _, l := range rows {
		b.ByLane = append(b.ByLane, measure(l.ID, l.Name, list, func(t Ticket) bool { return t.Lane == l.ID }))
	}
	for _, w := range windows {
		b.ByWindow = append(b.ByWindow, measure(w.ID, w.Label()+" "+w.Name, list, func(t Ticket) bool { return t.Window == w.ID }))
	}
	var matters []string
	for _, t := range list {
		if !slices.Contains(matters, t.Matter) {
			matters = append(matters, t.Matter)
		}
	}
	slices.Sort(matters)
	for _, m := range matters {
		b.ByMatter = append(b.ByMatter, measure(m, s.MatterName(region, m), list, func(t Ticket) bool { return t.Matter == m }))
	}
	hours := [24][]int64{}
	for _, t := range list {
		if t.Arrived == 0 {
			continue
		}
		h := time.UnixMilli(t.Arrived).In(day.Shanghai).Hour()
		b.ByHour[h]++
		if w := t.Segments()[0]; w >= 0 {
			hours[h] = append(hours[h], w)
		}
	}
	for h := range hours {
		b.HourWaits[h] = median(hours[h])
	}
	return b, nil
}

func measure(id, name string, list []Ticket, only ...func(Ticket) bool) Measured {
	m := Measured{ID: id, Name: name}
	var waits [4][]int64
	for _, t := range list {
		if len(only) > 0 && !only[0](t) || t.Arrived == 0 {
			continue
		}
		m.N++
		switch t.Status {
		case Done:
			m.Done++
		case Missed:
			m.Missed++
		}
		for i, w := range t.Segments() {
			if w >= 0 {
				waits[i] = append(waits[i], w)
			}
		}
	}
	for i := range waits {
		m.Median[i] = median(waits[i])
	}
	if len(waits[0]) > 0 {
		m.Longest = slices.Max(waits[0])
	}
	return m
}

// median of seconds; -1 of nothing.
func median(xs []int64) int64 {
	if len(xs) == 0 {
		return -1
	}
	xs = slices.Sorted(slices.Values(xs))
	return xs[(len(xs)-1)/2]
}

// PrioritySay says in plain words who comes first, for the signs.
func PrioritySay(v *policy.View) (out []string) {
	rows, _ := lanes.Peek(v)
	for _, l := range rows {
		if !l.Priority {
			continue
		}
		var who []string
		if l.AgeFrom > 0 {
			who = append(who, itoa(l.AgeFrom)+" 岁以上")
		}
		if l.Unwell {
			who = append(who, "行动不便")
		}
		who = append(who, l.Groups...)
		out = append(out, strings.Join(who, "、")+"：走"+l.Name)
	}
	return out
}
