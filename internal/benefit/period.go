package benefit

import (
	"fmt"
	"strconv"
	"strings"

	"yinling/internal/day"
)

// Per is the period over which a cap (限额) runs; nothing is carried over from
// one period into the next.
type Per string

// The periods. PerUnit is a cap on every single unit (每床日、每次); it keeps no
// accumulator.
const (
	PerUnit  Per = "unit"
	PerDay   Per = "day"
	PerWeek  Per = "week"
	PerMonth Per = "month"
	PerYear  Per = "year"
)

// Chinese names the period as explanations show it: 每月.
func (p Per) Chinese() string {
	switch p {
	case PerUnit:
		return "每单位"
	case PerDay:
		return "每日"
	case PerWeek:
		return "每周"
	case PerMonth:
		return "每月"
	case PerYear:
		return "每年"
	}
	return string(p)
}

// Begin is the first day of the period that d lies in: the day itself, the
// Monday, the first of the month, 1 January.
func (p Per) Begin(d day.Day) day.Day {
	switch p {
	case PerWeek:
		return d - day.Day((d.Weekday()+6)%7)
	case PerMonth:
		return d.Month().First()
	case PerYear:
		first, _ := day.Of(d.Month().Year(), 1, 1)
		return first
	}
	return d
}

// Period names the period that d lies in, as accumulators are keyed: 2024,
// 2024-06, 2024-W23 or 2024-06-03.
func (p Per) Period(d day.Day) string {
	switch p {
	case PerWeek:
		return d.Week()
	case PerMonth:
		return d.Month().String()
	case PerYear:
		return fmt.Sprintf("%04d", d.Month().Year())
	}
	return d.String()
}

// ParsePeriod reads the name of a period and returns its kind and its first
// and last day; anything else is an error that says how to write it.
func ParsePeriod(s string) (p Per, first, last day.Day, err error) {
	bad := fmt.Errorf("期间 %q 要写成 2024、2024-06、2024-W23 或 2024-06-03 的样子", s)
	switch {
	case len(s) == 4:
		y, err := strconv.Atoi(s)
		if err != nil {
			return "", 0, 0, bad
		}
		first, err1 := day.Of(y, 1, 1)
		last, err2 := day.Of(y, 12, 31)
		if err1 != nil || err2 != nil {
			return "", 0, 0, bad
		}
		return PerYear, first, last, nil
	case len(s) == 8 && s[4:6] == "-W":
		y, err1 := strconv.Atoi(s[:4])
		w, err2 := strconv.Atoi(s[6:])
		jan4, err3 := day.Of(y, 1, 4) // always in the first ISO week
		if err1 != nil || err2 != nil || err3 != nil {
			return "", 0, 0, bad
		}
		first = PerWeek.Begin(jan4) + day.Day(7*(w-1))
		if first.Week() != s {
			return "", 0, 0, bad
		}
		return PerWeek, first, first + 6, nil
	case len(s) == 7:
		m, err := day.ParseMonth(s)
		if err != nil {
			return "", 0, 0, bad
		}
		return PerMonth, m.First(), m.Last(), nil
	case len(s) == 10:
		d, err := day.Parse(s)
		if err != nil {
			return "", 0, 0, bad
		}
		return PerDay, d, d, nil
	}
	return "", 0, 0, bad
}

// Key joins a cap and a period into the key of an accumulator: "hours@2024-06".
func Key(cap, period string) string { return cap + "@" + period }

// SplitKey is the reverse of Key; period is "" when the key names none.
func SplitKey(key string) (cap, period string) {
	cap, period, _ = strings.Cut(key, "@")
	return cap, period
}
