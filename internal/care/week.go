package care

import (
	"fmt"
	"slices"

	"yinling/internal/day"
)

// fullMonth is the first month that the plan fills, or its first month.
func fullMonth(from, to day.Day) day.Month {
	m := from.Month()
	if from != m.First() && to >= (m+1).Last() {
		m++
	}
	return m
}

// clock reads "09:00" as minutes after midnight.
func clock(s string) (int64, bool) {
	var h, m int64
	if n, err := fmt.Sscanf(s, "%02d:%02d", &h, &m); err != nil || n != 2 || len(s) != 5 || h > 23 || m > 59 {
		return 0, false
	}
	return h*60 + m, true
}

// spread gives each slot of the week its items: an item done k times a week
// falls on k slots as evenly as possible, the same every week.
func spread(items []PlanItem, slots []Slot) [][]int {
	order := make([]int, len(slots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, _ := clock(slots[a].Start)
		y, _ := clock(slots[b].Start)
		return int(slots[a].Weekday*1440+x) - int(slots[b].Weekday*1440+y)
	})
	parts := make([][]int, len(slots))
	n := int64(len(slots))
	for pos, slot := range order {
		for i, it := range items {
			if int64(pos+1)*it.PerWeek/n > int64(pos)*it.PerWeek/n {
				parts[slot] = append(parts[slot], i)
			}
		}
	}
	return parts
}
