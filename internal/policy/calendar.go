package policy

import (
	"fmt"
	"strings"

	"yinling/internal/day"
)

// Year is the official arrangement of holidays of one year (放假安排).
type Year struct {
	Row
	Year     int64    `json:"year" say:"哪一年"`
	Holidays []string `json:"holidays" say:"放假的日子，一天写 \"2024-01-01\"，连着几天写 \"2024-02-10..2024-02-17\""`
	Worked   []string `json:"worked" say:"调休上班的周末"`
}

// Check reads the days, so that a wrong one is found when the pack is loaded.
func (y *Year) Check() error {
	for _, list := range [][]string{y.Holidays, y.Worked} {
		for _, s := range list {
			days, err := span(s)
			if err != nil {
				return err
			}
			for _, d := range days {
				if yy, _, _ := d.Date(); int64(yy) != y.Year {
					return fmt.Errorf("%s 不在 %d 年；每年只写当年的日子", d, y.Year)
				}
			}
		}
	}
	for _, s := range y.Worked {
		days, _ := span(s)
		for _, d := range days {
			if wd := d.Weekday(); wd != 0 && wd != 6 {
				return fmt.Errorf("%s 不是周末，不用写进调休上班", d)
			}
		}
	}
	return nil
}

func span(s string) ([]day.Day, error) {
	a, b, ranged := strings.Cut(s, "..")
	from, err := day.Parse(a)
	if err != nil {
		return nil, err
	}
	to := from
	if ranged {
		if to, err = day.Parse(b); err != nil {
			return nil, err
		}
	}
	if to < from || to > from+30 {
		return nil, fmt.Errorf("「%s」的结束日期不对", s)
	}
	var out []day.Day
	for d := from; d <= to; d++ {
		out = append(out, d)
	}
	return out, nil
}

var calendarYears = Rows[Year]("calendar.years", "国务院办公厅放假安排")

func calendarOf(rows []Year) *day.Calendar {
	c := &day.Calendar{Years: map[int]bool{}, Holidays: map[day.Day]bool{}, Worked: map[day.Day]bool{}}
	for _, y := range rows {
		c.Years[int(y.Year)] = true
		for _, s := range y.Holidays {
			days, _ := span(s)
			for _, d := range days {
				c.Holidays[d] = true
			}
		}
		for _, s := range y.Worked {
			days, _ := span(s)
			for _, d := range days {
				c.Worked[d] = true
			}
		}
	}
	return c
}

// Calendar is the working calendar that holds on the day of v; it refuses years
// whose arrangement no pack holds.
func (v *View) Calendar() *day.Calendar { return v.at.calendar }
