package day

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// T-42: the eight days on which Shanghai had no midnight, leap days and month
// ends come out the same whatever zone the machine is in.
func TestT42CivilDays(t *testing.T) {
	if os.Getenv("DAY_ZONES") == "" {
		for _, zone := range []string{"UTC", "Asia/Shanghai", "America/New_York"} {
			cmd := exec.Command(os.Args[0], "-test.run=TestT42CivilDays")
			cmd.Env = append(os.Environ(), "TZ="+zone, "DAY_ZONES=1")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("TZ=%s: %v\n%s", zone, err, out)
			}
		}
		return
	}
	for _, s := range []string{"1919-04-13", "1940-06-01", "1941-03-15", "1942-01-31", "1946-05-15", "1947-04-15", "1948-05-01", "1949-05-01",
		"1900-02-28", "2024-02-29", "9999-12-31", "0001-01-01"} {
		d, err := Parse(s)
		if err != nil || d.String() != s {
			t.Errorf("%s became %s (%v)", s, d, err)
		}
	}
	for _, s := range []string{"2026-02-29", "2100-02-29", "2024-13-01", "2024-00-10", "2024-1-1", "20240101", "2024-02-30", "2024/01/01", "0000-01-01"} {
		if d, err := Parse(s); err == nil {
			t.Errorf("%q read as %s", s, d)
		}
	}
	if got := MustParse("2024-01-31").AddMonths(1).String(); got != "2024-02-29" {
		t.Errorf("31 January + 1 month = %s", got)
	}
	if got := MustParse("2024-03-31").AddMonths(-13).String(); got != "2023-02-28" {
		t.Errorf("31 March 2024 − 13 months = %s", got)
	}
	for _, c := range []struct {
		birth, on string
		want      int
	}{{"1944-02-29", "2023-02-28", 78}, {"1944-02-29", "2023-03-01", 79}, {"1944-02-29", "2024-02-29", 80}, {"1944-06-03", "2024-06-02", 79}, {"1944-06-03", "2024-06-03", 80}} {
		if got := MustParse(c.on).Age(MustParse(c.birth)); got != c.want {
			t.Errorf("born %s, on %s: %d, want %d", c.birth, c.on, got, c.want)
		}
	}
	// The year ends at midnight in China, wherever the machine stands.
	end := time.Date(2024, 12, 31, 15, 59, 59, 999_000_000, time.UTC)
	if FromTime(end).String() != "2024-12-31" || FromTime(end.Add(time.Millisecond)).String() != "2025-01-01" {
		t.Error("the turn of the year is in the wrong place")
	}
}

func TestDaysAndMonthsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Day(rapid.Int32Range(1, 3652059).Draw(t, "d"))
		back, err := Parse(d.String())
		if err != nil || back != d {
			t.Fatalf("%d → %s → %d, %v", d, d, back, err)
		}
		m := d.Month()
		if d < m.First() || d > m.Last() || (m.Year() < 9999 && m.Last().AddDays(1) != (m+1).First()) {
			t.Fatalf("%s lies outside its month %s", d, m)
		}
	})
}

func TestCalendarRefusesYearsItDoesNotKnow(t *testing.T) {
	c := &Calendar{Years: map[int]bool{2024: true},
		Holidays: map[Day]bool{MustParse("2024-06-10"): true},
		Worked:   map[Day]bool{MustParse("2024-05-11"): true}}
	due, err := c.AddWorkdays(MustParse("2024-06-06"), 2)
	if err != nil || due.String() != "2024-06-11" {
		t.Errorf("two working days after Thursday 6 June, Monday off: %s, %v", due, err)
	}
	if n, err := c.Workdays(MustParse("2024-05-10"), MustParse("2024-05-13")); err != nil || n != 2 {
		t.Errorf("a worked Saturday did not count: %d, %v", n, err)
	}
	if _, err := c.AddWorkdays(MustParse("2024-12-30"), 5); err == nil {
		t.Error("2025 has no calendar, and yet a day came out")
	}
	if _, err := (*Calendar)(nil).IsWorkday(MustParse("2024-06-06")); err == nil {
		t.Error("no calendar at all, and yet an answer")
	}
}

// A value that is no day or month must not reach the database, nor panic
// inside database/sql, which would stay locked.
func TestInvalidValues(t *testing.T) {
	last := MustParse("9999-12-31")
	for _, d := range []Day{-1, last + 1, -1 << 31, 1<<31 - 1} {
		if v, err := d.Value(); err == nil {
			t.Errorf("day %d is stored as %v", int32(d), v)
		}
	}
	for _, m := range []Month{-1, 1, last.Month() + 1, -1 << 31, 1<<31 - 1} {
		if v, err := m.Value(); err == nil {
			t.Errorf("month %d is stored as %v", int32(m), v)
		}
		if m.String() == "" {
			t.Errorf("month %d has no text", int32(m))
		}
	}
	for _, ok := range []Day{0, 1, last} {
		if _, err := ok.Value(); err != nil {
			t.Error(err)
		}
	}
	for _, ok := range []Month{0, MustParse("0001-01-01").Month(), last.Month()} {
		if _, err := ok.Value(); err != nil {
			t.Error(err)
		}
	}
}

// TestCount holds our counting of days against the package time, day by day.
func TestCount(t *testing.T) {
	at := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for want := Day(1); at.Year() <= 9999; want++ {
		y, m, d := at.Date()
		if got, err := Of(y, int(m), d); err != nil || got != want {
			t.Fatalf("Of(%d, %d, %d) = %d, %v; want %d", y, m, d, got, err, want)
		}
		if last := at.AddDate(0, 0, 1).Day() == 1; last != (d == lastDay(y, int(m))) {
			t.Fatalf("%v: last of the month is %v", at, last)
		}
		at = at.AddDate(0, 0, 1)
	}
	if d := MustParse("0001-01-31").AddMonths(-2); d != 0 {
		t.Errorf("a month before the first year is %d", d)
	}
}
