package inst

import (
	"strconv"

	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/web/ui"
)

func itoa[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }

func modeName(m string) string { return benefit.ModeChinese(m) }

func planTone(s care.PlanStatus) string {
	switch s {
	case care.Active:
		return "ok"
	case care.Returned, care.Declined:
		return "bad"
	case care.Ended:
		return "mute"
	case care.Draft:
		return "info"
	}
	return "wait"
}

func visitTone(s care.VisitStatus) string {
	switch s {
	case care.Done:
		return "ok"
	case care.Started:
		return "wait"
	case care.Trouble, care.Void:
		return "bad"
	case care.Cancelled:
		return "mute"
	}
	return "info"
}

func exceptionTone(s care.ExceptionStatus) string {
	switch s {
	case care.Open:
		return "hot"
	case care.Answered:
		return "wait"
	case care.Accepted:
		return "ok"
	}
	return "bad"
}

var visitHead = []string{"老人", "时间", "护理员", "时长", "状态"}

// visitRow is a visit in a table; one that should have begun is marked.
func visitRow(x care.Row, now int64) ui.Row {
	when := x.On.Short()
	if x.PlannedAt > 0 {
		when += " " + ui.Clock(x.PlannedAt)
	}
	state := ui.Chip{Tone: visitTone(x.Status), Say: x.Status.Name()}
	if x.Status == care.Planned && x.PlannedAt > 0 && now > x.PlannedAt+lateMinutes*60000 {
		state = ui.Chip{Tone: "hot", Say: "过时间了"}
	}
	if x.Suspects > 0 {
		state = ui.Chip{Tone: "hot", Say: "有疑点"}
	}
	minutes := "计划 " + itoa(x.PlannedMinutes) + " 分钟"
	if x.Status == care.Done {
		minutes = itoa(x.Minutes) + " 分钟"
		if x.Mode != "home" {
			minutes = "按天"
		}
	}
	staff := x.StaffName
	if staff == "" && x.Mode == "home" {
		staff = "还没排人"
	}
	return ui.Row{ID: x.ID, Cells: []any{ui.Two{First: x.Who.Name, Second: x.Who.Community + x.Who.Address, Href: "/j/visit/" + x.ID}, when, staff, minutes, state}}
}

func fact(label string, v any) ui.Fact { return ui.Fact{Label: label, Value: v} }

// UnitName is the unit in Chinese, for the template.
func (l itemLine) UnitName() string { return care.UnitName(l.Unit) }
