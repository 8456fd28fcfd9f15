package door

import (
	"math"
	"slices"
)

// Stop is a place on the way, in millionths of a degree.
type Stop struct{ Lat, Lng int64 }

// metres between two places, on the plane that touches the earth there: right to
// a few metres within a county.
func metres(a, b Stop) int64 {
	if a == (Stop{}) || b == (Stop{}) {
		return 0 // where nobody knows the place, nothing is added to the way
	}
	const perDegree = 111_195.0
	dy := float64(a.Lat-b.Lat) / 1e6 * perDegree
	dx := float64(a.Lng-b.Lng) / 1e6 * perDegree * math.Cos(float64(a.Lat+b.Lat)/2e6*math.Pi/180)
	return int64(math.Round(math.Hypot(dx, dy)))
}

// exact is up to how many stops the best order is found for certain; a half day
// has fewer.
const exact = 12

// Route (上门顺序) orders the stops of a half day from the place where the helper
// starts, on the shortest way; beyond exact stops the nearest comes next. It
// gives the order as indices and the length in metres.
func Route(from Stop, stops []Stop) (order []int, total int64) {
	n := len(stops)
	if n == 0 {
		return nil, 0
	}
	if n > exact {
		return nearest(from, stops)
	}
	// best[set][last] is the shortest way through a set of stops that ends at last.
	best := make([][]int64, 1<<n)
	via := make([][]int, 1<<n)
	for set := 1; set < 1<<n; set++ {
		best[set], via[set] = make([]int64, n), make([]int, n)
		for last := range n {
			if set&(1<<last) == 0 {
				continue
			}
			rest := set &^ (1 << last)
			if rest == 0 {
				best[set][last], via[set][last] = metres(from, stops[last]), -1
				continue
			}
			best[set][last] = -1
			for prev := range n {
				if rest&(1<<prev) == 0 {
					continue
				}
				if m := best[rest][prev] + metres(stops[prev], stops[last]); best[set][last] < 0 || m < best[set][last] {
					best[set][last], via[set][last] = m, prev
				}
			}
		}
	}
	set, last := 1<<n-1, 0
	for i := range n {
		if best[set][i] < best[set][last] {
			last = i
		}
	}
	total = best[set][last]
	for last >= 0 {
		order = append(order, last)
		set, last = set&^(1<<last), via[set][last]
	}
	slices.Reverse(order)
	return order, total
}

func nearest(from Stop, stops []Stop) (order []int, total int64) {
	left := make([]int, len(stops))
	for i := range left {
		left[i] = i
	}
	for at := from; len(left) > 0; at = stops[order[len(order)-1]] {
		next := slices.MinFunc(left, func(a, b int) int { return int(metres(at, stops[a]) - metres(at, stops[b])) })
		order, total = append(order, next), total+metres(at, stops[next])
		left = slices.DeleteFunc(left, func(i int) bool { return i == next })
	}
	return order, total
}
