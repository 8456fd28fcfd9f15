package hall

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"yinling/internal/day"
	"yinling/internal/fault"
)

var hours = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d(,([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)*$`)

// checkHours holds opening hours to their form.
func (p *Place) checkHours() error {
	p.Opens = strings.NewReplacer(" ", "", "，", ",", "、", ",", "：", ":", "–", "-", "—", "-", "至", "-").Replace(p.Opens)
	switch {
	case p.Weekdays == "" || strings.Trim(p.Weekdays, "1234567") != "":
		return fault.Field("weekdays", "请选哪几天开门")
	case !hours.MatchString(p.Opens):
		return fault.Field("opens", "开门时间请写成 08:30-12:00,13:30-17:30 这样")
	}
	return nil
}

// Weekdays are days of the week in words: 周一到周五.
func Weekdays(s string) string {
	switch s {
	case "12345":
		return "周一到周五"
	case "1234567":
		return "每天"
	}
	var out []string
	for _, c := range s {
		out = append(out, []string{"一", "二", "三", "四", "五", "六", "日"}[c-'1'])
	}
	return "周" + strings.Join(out, "、")
}

// Hours are the opening hours in words, as they are spoken.
func (p Place) Hours() string {
	if p.Opens == "" {
		return p.told
	}
	return Weekdays(p.Weekdays) + " " + strings.NewReplacer(",", "、", "-", "到").Replace(p.Opens)
}

// Now tells whether the place is open at a time, and when it opens or closes
// next in words. A public holiday closes it.
func (p Place) Now(cal *day.Calendar, at time.Time) (bool, string) {
	at = at.In(day.Shanghai)
	today, now := day.FromTime(at), at.Format("15:04")
	for i := range 8 {
		on := today + day.Day(i)
		if p.Opens == "" || !p.openOn(cal, on) {
			continue
		}
		for span := range strings.SplitSeq(p.Opens, ",") {
			from, to, _ := strings.Cut(span, "-")
			switch {
			case i == 0 && from <= now && now < to:
				return true, "开着，到 " + to
			case i > 0 || now < from:
				return false, map[bool]string{true: "今天", false: on.Short()}[i == 0] + " " + from + " 开门"
			}
		}
	}
	return false, "请先打电话问"
}

func (p Place) openOn(cal *day.Calendar, on day.Day) bool {
	w := on.Weekday()
	if w == 0 {
		w = 7
	}
	if ok, err := cal.IsWorkday(on); err == nil && w <= 5 && !ok {
		return false
	}
	return strings.Contains(p.Weekdays, fmt.Sprint(w))
}
