// Package day holds civil days and months, and the working-day calendar.
// A Day is a date on the wall calendar, never an instant: benefits, validity,
// births and caps are counted in days, and a birth date must not move because
// of a time zone (Asia/Shanghai had summer time and offsets in the last century).
package day

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Day is a civil date; the zero Day is «no day». Days compare with < and ==.
type Day int32

// Month is a civil month; the zero Month is «no month».
type Month int32

// Shanghai is the zone in which an instant becomes a day. China has had no
// other offset since 1991; a fixed zone needs no zone database on the machine.
var Shanghai = time.FixedZone("CST", 8*3600)

const epoch = 719162 // days from 0001-01-01 to 1970-01-01

// Of makes a Day; a date that does not exist (2026-02-29) is an error.
func Of(y, m, d int) (Day, error) {
	if y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > lastDay(y, m) {
		return 0, fmt.Errorf("%04d-%02d-%02d 这一天不存在", y, m, d)
	}
	return of(y, m, d), nil
}

// of counts the days; the package time does so, too, at ten times the price,
// and every row that is read has days in it.
func of(y, m, d int) Day {
	y--
	n := y*365 + y/4 - y/100 + y/400 + before[m] + d
	if m > 2 && leap(y+1) {
		n++
	}
	return Day(n)
}

var before = [...]int{0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365} // days before the month's first

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

func lastDay(y, m int) int {
	switch {
	case m < 1 || m > 12:
		return 0
	case m == 2 && leap(y):
		return 29
	}
	return before[m+1] - before[m]
}

func (d Day) utc() time.Time { return time.Unix((int64(d)-1-epoch)*86400, 0).UTC() }

// FromTime is the day in China at the instant t.
func FromTime(t time.Time) Day {
	y, m, d := t.In(Shanghai).Date()
	return of(y, int(m), d)
}

// Parse reads "2024-06-30".
func Parse(s string) (Day, error) {
	if len(s) == 10 && s[4] == '-' && s[7] == '-' {
		y, ok1 := digits(s[:4])
		m, ok2 := digits(s[5:7])
		d, ok3 := digits(s[8:])
		if ok1 && ok2 && ok3 {
			return Of(y, m, d)
		}
	}
	return 0, fmt.Errorf("日期 %q 要写成 2024-06-30 的样子", s)
}

func digits(s string) (n int, ok bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// MustParse is Parse for constants in tests and packs' defaults.
func MustParse(s string) Day {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// Date returns year, month and day of the month.
func (d Day) Date() (y, m, dd int) {
	y, mm, dd := d.utc().Date()
	return y, int(mm), dd
}

// Weekday is Sunday = 0 … Saturday = 6.
func (d Day) Weekday() int { return int(d.utc().Weekday()) }

// IsZero tells whether d is «no day».
func (d Day) IsZero() bool { return d == 0 }

// AddDays counts calendar days; AddMonths keeps the day of the month and takes
// the last day of a shorter month (31 January + 1 month = 28 or 29 February).
func (d Day) AddDays(n int) Day { return d + Day(n) }

// AddMonths: see AddDays.
func (d Day) AddMonths(n int) Day {
	y, m, dd := d.Date()
	t := y*12 + m - 1 + n
	y, m = t/12, t%12+1
	if last := lastDay(y, m); dd > last {
		dd = last
	}
	r, _ := Of(y, m, dd)
	return r
}

// Age is the number of full years from birth to d; who is born on 29 February
// is a year older on 1 March of common years.
func (d Day) Age(birth Day) int {
	y, m, dd := d.Date()
	by, bm, bd := birth.Date()
	a := y - by
	if m < bm || (m == bm && dd < bd) {
		a--
	}
	return a
}

// Month is the month that d lies in.
func (d Day) Month() Month { y, m, _ := d.Date(); return Month(y*12 + m) }

// Week is the ISO week as "2024-W23", Monday first.
func (d Day) Week() string { y, w := d.utc().ISOWeek(); return fmt.Sprintf("%04d-W%02d", y, w) }

// String writes "2024-06-30", and "" for no day.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	y, m, dd := d.Date()
	if y < 0 || y > 9999 {
		return d.utc().Format("2006-01-02")
	}
	at := func(n int) byte { return '0' + byte(n%10) } // written a million times by an import
	return string([]byte{at(y / 1000), at(y / 100), at(y / 10), at(y), '-', at(m / 10), at(m), '-', at(dd / 10), at(dd)})
}

// Chinese writes "2024年6月30日".
func (d Day) Chinese() string {
	if d == 0 {
		return ""
	}
	y, m, dd := d.Date()
	return fmt.Sprintf("%d年%d月%d日", y, m, dd)
}

// Short writes "6月30日 周日" for lists and messages.
func (d Day) Short() string {
	if d == 0 {
		return ""
	}
	_, m, dd := d.Date()
	return fmt.Sprintf("%d月%d日 周%s", m, dd, []string{"日", "一", "二", "三", "四", "五", "六"}[d.Weekday()])
}

// ParseMonth reads "2024-06".
func ParseMonth(s string) (Month, error) {
	d, err := Parse(s + "-01")
	if err != nil {
		return 0, fmt.Errorf("月份 %q 要写成 2024-06 的样子", s)
	}
	return d.Month(), nil
}

// First and Last are the first and last day of the month.
func (m Month) First() Day { d, _ := Of(int(m-1)/12, int(m-1)%12+1, 1); return d }

// Last: see First.
func (m Month) Last() Day {
	y, mm := int(m-1)/12, int(m-1)%12+1
	d, _ := Of(y, mm, lastDay(y, mm))
	return d
}

// Days is the number of days in the month.
func (m Month) Days() int { return int(m.Last()-m.First()) + 1 }

// Year is the year that m lies in.
func (m Month) Year() int { return int(m-1) / 12 }

// String writes "2024-06", and "" for no month.
func (m Month) String() string {
	if m == 0 {
		return ""
	}
	first := m.First()
	if first == 0 {
		return fmt.Sprintf("month(%d)", int32(m))
	}
	return first.String()[:7]
}

// Chinese writes "2024年6月".
func (m Month) Chinese() string {
	y, mm, _ := m.First().Date()
	return fmt.Sprintf("%d年%d月", y, mm)
}

// The text forms serve JSON and YAML, Value and Scan serve SQL (a TEXT column).

// MarshalText writes the same as String.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a day; empty is no day.
func (d *Day) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*d = 0
		return nil
	}
	*d, err = Parse(string(b))
	return err
}

// Value stores the day as TEXT. A day outside the years 1 to 9999 is an error
// and never a text that nobody can read back.
func (d Day) Value() (driver.Value, error) {
	if d < 0 || d > lastOfAll {
		return nil, fmt.Errorf("day: %d is no day", int32(d))
	}
	return d.String(), nil
}

const lastOfAll = 3652059 // 9999-12-31

// Scan reads a TEXT column.
func (d *Day) Scan(src any) error {
	s, err := text(src)
	if err != nil {
		return err
	}
	return d.UnmarshalText([]byte(s))
}

// MarshalText writes the same as String.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads a month; empty is no month.
func (m *Month) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*m = 0
		return nil
	}
	*m, err = ParseMonth(string(b))
	return err
}

// Value stores the month as TEXT. A month outside the years 1 to 9999 is an
// error: a panic here would leave database/sql locked.
func (m Month) Value() (driver.Value, error) {
	if m != 0 && m.First() == 0 {
		return nil, fmt.Errorf("day: %d is no month", int32(m))
	}
	return m.String(), nil
}

// Scan reads a TEXT column.
func (m *Month) Scan(src any) error {
	s, err := text(src)
	if err != nil {
		return err
	}
	return m.UnmarshalText([]byte(s))
}

func text(src any) (string, error) {
	switch v := src.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	return "", fmt.Errorf("day: cannot scan %T", src)
}
