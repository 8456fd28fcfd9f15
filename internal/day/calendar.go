package day

import "fmt"

// Calendar is the official working calendar (工作日历): the yearly notice of
// the State Council's office says which weekdays are holidays and which weekend
// days are worked. A year without a notice has no working days that anyone may
// count, so asking for one is an error and never a guess.
type Calendar struct {
	Years    map[int]bool // years whose notice is held
	Holidays map[Day]bool // weekdays off
	Worked   map[Day]bool // weekend days worked (调休)
}

// IsWorkday tells whether d is worked, or fails for a year without a notice.
func (c *Calendar) IsWorkday(d Day) (bool, error) {
	y, _, _ := d.Date()
	if c == nil || !c.Years[y] {
		return false, fmt.Errorf("%d 年还没有国务院办公厅的放假安排，工作日算不出来；请在政策包 calendar 里补上这一年", y)
	}
	if c.Worked[d] {
		return true, nil
	}
	wd := d.Weekday()
	return wd != 0 && wd != 6 && !c.Holidays[d], nil
}

// AddWorkdays returns the n-th working day after d (the day itself does not
// count), the end of a time limit of n 工作日.
func (c *Calendar) AddWorkdays(d Day, n int) (Day, error) {
	for n > 0 {
		d++
		ok, err := c.IsWorkday(d)
		if err != nil {
			return 0, err
		}
		if ok {
			n--
		}
	}
	return d, nil
}

// Workdays counts the working days after from up to and including to; it is
// negative when to lies before from (a limit that has passed).
func (c *Calendar) Workdays(from, to Day) (int, error) {
	sign := 1
	if to < from {
		from, to, sign = to, from, -1
	}
	n := 0
	for d := from + 1; d <= to; d++ {
		ok, err := c.IsWorkday(d)
		if err != nil {
			return 0, err
		}
		if ok {
			n++
		}
	}
	return sign * n, nil
}
