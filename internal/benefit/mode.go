package benefit

import (
	"slices"
	"strings"

	"yinling/internal/day"
)

// Modes are the modes of care (护理方式) in the order in which screens offer them.
var Modes = []string{"home", "family", "institution", "community"}

// ModeChinese names a mode.
func ModeChinese(mode string) string {
	switch mode {
	case "home":
		return "居家护理"
	case "family":
		return "亲情护理"
	case "institution":
		return "机构护理"
	case "community":
		return "社区护理"
	}
	return mode
}

// ModesChinese names a combination: 居家护理和亲情护理.
func ModesChinese(modes []string) string {
	out := make([]string, len(modes))
	for i, m := range modes {
		out[i] = ModeChinese(m)
	}
	return strings.Join(out, "和")
}

// sameModes compares a combination as packs write it (family+home) with modes.
func sameModes(written string, modes []string) bool {
	a, b := strings.Split(strings.ReplaceAll(written, " ", ""), "+"), slices.Clone(modes)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// UnitChinese names the unit of a quantity.
func UnitChinese(unit string) string {
	switch unit {
	case "hour":
		return "小时"
	case "visit":
		return "次"
	case "day":
		return "天"
	case "bed_day":
		return "床日"
	case "month":
		return "个月"
	}
	return unit
}

func joinModes(modes []string) string { return strings.Join(modes, "+") }

// AlsoOn are the modes that a person combines with mode on a day, by the
// history of choices (the oldest first); none without a combination.
func AlsoOn(history []Choice, mode string, on day.Day) []string {
	c := choiceOn(history, on)
	if c < 0 || len(history[c].Modes) < 2 || !slices.Contains(history[c].Modes, mode) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(history[c].Modes), func(m string) bool { return m == mode })
}

// HomeMonths counts the full months of home care without a gap up to a day, by
// the history of choices.
func HomeMonths(history []Choice, on day.Day) int64 {
	since := day.Day(0)
	for c := choiceOn(history, on); c >= 0 && slices.Contains(history[c].Modes, "home"); c-- {
		since = history[c].From
	}
	if since == 0 {
		return 0
	}
	n := int64(0)
	for since.AddMonths(int(n)+1) <= on {
		n++
	}
	return n
}

func choiceOn(history []Choice, on day.Day) int {
	for i := len(history) - 1; i >= 0; i-- {
		if history[i].From <= on {
			return i
		}
	}
	return -1
}
