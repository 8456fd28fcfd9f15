package audit

import (
	"context"
	"testing"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

func TestLinesByObjectActorAndDay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		ctx, l := context.Background(), &Log{DB: d}
		const region = "320700"
		at := func(s string) {
			t.Helper()
			x, err := time.ParseInLocation("2006-01-02 15:04", s, day.Shanghai)
			if err != nil {
				t.Fatal(err)
			}
			c.Set(x)
		}
		for _, e := range []struct{ at, actor, object string }{
			{"2024-06-02 23:59", "a", "x"}, {"2024-06-03 00:00", "a", "y"}, {"2024-06-03 12:00", "b", "x"}, {"2024-06-03 12:00", "b", "y"}, {"2024-06-03 23:59", "a", "x"}, {"2024-06-04 00:00", "b", "x"},
		} {
			at(e.at)
			if err := Seen(ctx, l, Actor{ID: e.actor, Role: "clerk", Region: region}, region, "person.see", e.object); err != nil {
				t.Fatal(err)
			}
			if err := Seen(ctx, l, Actor{ID: e.actor, Region: "350100"}, "350100", "person.see", e.object); err != nil {
				t.Fatal(err)
			}
		}
		third := day.MustParse("2024-06-03")
		for say, q := range map[string]struct {
			Query
			want []int64 // seq
		}{
			"a day":               {Query{From: third, To: third}, []int64{5, 4, 3, 2}},
			"a day of somebody":   {Query{From: third, To: third, Actor: "a"}, []int64{5, 2}},
			"two days":            {Query{From: third - 1, To: third}, []int64{5, 4, 3, 2, 1}},
			"an object, any day":  {Query{Object: "x", From: third, To: third}, []int64{6, 5, 3, 1}},
			"object and somebody": {Query{Object: "x", Actor: "b"}, []int64{6, 3}},
			"a quiet day":         {Query{From: third + 9, To: third + 9}, nil},
		} {
			var got []int64
			for pages := 0; pages < 9; pages++ { // two lines a page
				list, err := Lines(ctx, l, region, q.Query, 2)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range list {
					got = append(got, x.Seq)
					q.After = Mark{x.At, x.Lane, x.Seq}
				}
				if len(list) < 2 {
					break
				}
			}
			if len(got) != len(q.want) {
				t.Errorf("%s: %v, want %v", say, got, q.want)
				continue
			}
			for i := range got {
				if got[i] != q.want[i] {
					t.Errorf("%s: %v, want %v", say, got, q.want)
					break
				}
			}
		}
	})
}
