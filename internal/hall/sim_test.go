package hall

import (
	"fmt"
	"math"
	mrand "math/rand/v2"
	"slices"
	"testing"

	"yinling/internal/day"
	"yinling/internal/policy"
)

// arrival is one person of a simulated day.
type arrival struct {
	at, service int64 // seconds from opening; seconds at the window
	elder       bool
	lane        string
	label       string
}

// hallDay draws a day: 600 people over eight hours with a morning peak, 40 % of
// them elders, service times spread around a mean of 4 minutes.
func hallDay(seed uint64) (out []arrival) {
	r := mrand.New(mrand.NewPCG(seed, 600))
	for i := range 600 {
		var at float64
		if r.IntN(100) < 35 {
			at = 5400 + r.NormFloat64()*3600 // the morning: around 10:30 with the doors open at 9
		} else {
			at = r.Float64() * 8 * 3600
		}
		at = math.Min(math.Max(at, 0), 8*3600-1)
		service := 60 + int64(r.ExpFloat64()*95) + int64(r.ExpFloat64()*95) // two stages: most take minutes, a few a quarter of an hour
		a := arrival{at: int64(at), service: min(service, 1500), elder: i%5 < 2, lane: "normal"}
		if a.elder {
			a.lane = "elder"
			if r.IntN(5) == 0 {
				a.lane = "green"
			}
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b arrival) int { return int(a.at - b.at) })
	for i := range out {
		out[i].label = fmt.Sprintf("T%03d", i)
	}
	return out
}

// run lets the day pass at six windows, the first of them a priority window,
// and gives back everybody's wait in seconds. fair: no priority at all.
func run(t *testing.T, v *policy.View, people []arrival, fair bool) []int64 {
	t.Helper()
	const windows = 6
	free := [windows]int64{}
	waits := make([]int64, len(people))
	index := map[string]int{}
	var queue []Ticket
	came := 0
	for served := 0; served < len(people); {
		// The window that is free first takes the next one.
		w := 0
		for i := range free {
			if free[i] < free[w] {
				w = i
			}
		}
		now := free[w]
		if len(queue) == 0 && came < len(people) && people[came].at > now {
			now = people[came].at
		}
		for came < len(people) && people[came].at <= now {
			p := people[came]
			lane := p.lane
			if fair {
				lane = "normal"
			}
			queue = append(queue, Ticket{ID: p.label, Label: p.label, Lane: lane, Status: Waiting, Arrived: p.at*1000 + 1})
			index[p.label] = came
			came++
		}
		desk := Window{ID: fmt.Sprint(w), No: int64(w + 1), Priority: w == 0 && !fair}
		next, _, err := Choose(v, desk, queue, now*1000+1)
		if err != nil {
			t.Fatal(err)
		}
		i := index[next.Label]
		waits[i] = now - people[i].at
		free[w] = now + people[i].service
		queue = slices.DeleteFunc(queue, func(q Ticket) bool { return q.ID == next.ID })
		served++
	}
	return waits
}

// TestBar3Queue is bar 3: the day of a hall over the real rule hall.next.
// Elders wait at the median at most a third of the others, and nobody waits
// more than twice the longest wait of the same day without priority.
func TestBar3Queue(t *testing.T) {
	t.Parallel()
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for seed := uint64(1); seed <= 8; seed++ {
		v, err := set.At("320700", day.MustParse("2024-06-03"))
		if err != nil {
			t.Fatal(err)
		}
		people := hallDay(seed)
		fair, with := run(t, v, people, true), run(t, v, people, false)
		var elders, others, all, work []int64
		for i, p := range people {
			if p.elder {
				elders = append(elders, with[i])
			} else {
				others = append(others, with[i])
			}
			all = append(all, fair[i])
			work = append(work, p.service)
		}
		e, o, longest, limit := median(elders), median(others), slices.Max(with), 2*slices.Max(all)
		t.Logf("种子 %d：不分先后 中位 %s 最长 %s；有优先 老人中位 %s（最长 %s），其他人中位 %s（最长 %s）；办理中位 %s",
			seed, clock(median(all)), clock(slices.Max(all)), clock(e), clock(slices.Max(elders)), clock(o), clock(slices.Max(others)), clock(median(work)))
		if o < 120 {
			t.Errorf("seed %d: the others wait only %s: the day is too quiet to show anything", seed, clock(o))
		}
		if e*3 > o {
			t.Errorf("seed %d: elders wait %s, the others %s: more than a third", seed, clock(e), clock(o))
		}
		if longest > limit {
			t.Errorf("seed %d: somebody waits %s, more than twice the longest without priority (%s)", seed, clock(longest), clock(limit))
		}
	}
}

func clock(s int64) string { return fmt.Sprintf("%d:%02d", s/60, s%60) }
