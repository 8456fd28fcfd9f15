package care

import (
	"fmt"
	"testing"
	"time"

	"yinling/internal/db/dbtest"
)

// BenchmarkDay uploads the day of a worker with six visits, five events each;
// the figure is visits a second.
func BenchmarkDay(b *testing.B) {
	d, c := dbtest.SQLite(b)
	tn := newTown(b, d, c, 6)
	var plan Plan
	for p := range tn.people {
		in := tn.input(p)
		in.Slots = nil
		for w := range int64(7) {
			in.Slots = append(in.Slots, Slot{w + 1, fmt.Sprintf("%02d:00", 8+p*2), tn.workers[0].ID})
		}
		in.Items[0].PerWeek, in.Items[1].PerWeek = 7, 7
		in.To = in.From.AddMonths(12) - 1
		plan = tn.active(in)
	}
	_ = plan
	n := 0
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		on := today.AddDays(n % 360)
		if n%20 == 0 {
			c.Set(time.UnixMilli(instant(on, 7*60)))
			if _, err := tn.Roll(ctx, region); err != nil {
				b.Fatal(err)
			}
		}
		c.Set(time.UnixMilli(instant(on, 21*60)))
		var queue []Event
		for p := range tn.people {
			for _, v := range tn.visits(p, on, on) {
				queue = append(queue, tn.whole(v, p, on, int64((8+p*2)*60), 60)...)
			}
		}
		b.StartTimer()
		tn.sync(0, queue)
		n += 1
	}
	b.ReportMetric(float64(6*b.N)/b.Elapsed().Seconds(), "visits/s")
}
