package benefit

import (
	"fmt"
	"testing"

	"yinling/internal/day"
)

func TestHistoryOfChoices(t *testing.T) {
	t.Parallel()
	d := day.MustParse
	h := []Choice{
		{From: d("2024-01-10"), Modes: []string{"institution"}},
		{From: d("2024-02-01"), Modes: []string{"home"}},
		{From: d("2024-04-01"), Modes: []string{"family", "home"}}, // home care goes on
		{From: d("2024-08-01"), Modes: []string{"family"}},
	}
	for _, tc := range []struct {
		on, mode, also string
		months         int64
	}{
		{"2024-01-01", "home", "[]", 0}, {"2024-01-20", "institution", "[]", 0}, {"2024-02-29", "home", "[]", 0},
		{"2024-03-01", "home", "[]", 1}, {"2024-04-01", "home", "[family]", 2}, {"2024-04-01", "family", "[home]", 2},
		{"2024-07-31", "home", "[family]", 5}, {"2024-08-01", "family", "[]", 0}, {"2024-05-05", "institution", "[]", 3},
	} {
		on := d(tc.on)
		if got := fmt.Sprint(AlsoOn(h, tc.mode, on)); got != tc.also {
			t.Errorf("%s %s: also %s, want %s", tc.on, tc.mode, got, tc.also)
		}
		if got := HomeMonths(h, on); got != tc.months {
			t.Errorf("%s: %d months of home care, want %d", tc.on, got, tc.months)
		}
	}
}

func TestPeriods(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ day, week, first, last string }{
		{"2024-06-03", "2024-W23", "2024-06-03", "2024-06-09"},
		{"2024-12-30", "2025-W01", "2024-12-30", "2025-01-05"}, // an ISO week belongs to the year of its Thursday
		{"2021-01-03", "2020-W53", "2020-12-28", "2021-01-03"},
	} {
		d := day.MustParse(tc.day)
		name := PerWeek.Period(d)
		per, first, last, err := ParsePeriod(name)
		if err != nil || name != tc.week || per != PerWeek || first.String() != tc.first || last.String() != tc.last || PerWeek.Begin(d) != first {
			t.Errorf("%s: %s %s %s %v", tc.day, name, first, last, err)
		}
	}
	for d := day.MustParse("2023-12-20"); d < day.MustParse("2025-01-20"); d++ {
		for _, per := range []Per{PerDay, PerWeek, PerMonth, PerYear} {
			p, first, last, err := ParsePeriod(per.Period(d))
			if err != nil || p != per || first != per.Begin(d) || d < first || last < d {
				t.Fatalf("%s per %s: %s…%s %v", d, per, first, last, err)
			}
		}
	}
	for _, bad := range []string{"", "2024-W54", "2024-W00", "2023-W53", "24-06", "2024-13", "2024-06-31", "abcd", "2024-W2x", "0000"} {
		if _, _, _, err := ParsePeriod(bad); err == nil {
			t.Errorf("%q is read as a period", bad)
		}
	}
}
