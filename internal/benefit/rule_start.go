package benefit

import (
	"yinling/internal/day"
	"yinling/internal/policy"
)

var (
	keyStart     = policy.Choice("benefit.start", "待遇起始", "same_day", "next_day", "next_month_first", "after_days", "after_workdays")
	keyStartDays = policy.Int("benefit.start_count", "起始前等待", "天").Optional()
)

// StartIn is the day on which the conclusion takes effect.
type StartIn struct {
	Decided day.Day `json:"decided" need:"true"`
}

// StartOut is the first day of the benefit.
type StartOut struct {
	From day.Day `json:"from"`
}

// Start (待遇起始) tells from which day a decided benefit runs.
var Start = policy.NewRule("benefit.start", 1, "待遇从哪天起享受", func(v *policy.View, in StartIn) (StartOut, error) {
	from := in.Decided
	var err error
	switch keyStart.In(v) {
	case "same_day":
	case "next_day":
		from++
	case "next_month_first":
		from = (from.Month() + 1).First()
	case "after_days":
		from = from.AddDays(int(waitOf(v)))
	case "after_workdays":
		from, err = v.Calendar().AddWorkdays(from, int(waitOf(v)))
	}
	if err != nil {
		return StartOut{}, v.Refuse(keyStart.Cite(v), "%s", err.Error())
	}
	v.Say("%s 作出结论，从 %s 起享受待遇", in.Decided, from)
	return StartOut{from}, nil
})

func waitOf(v *policy.View) int64 {
	if n, ok := keyStartDays.Get(v); ok {
		return n
	}
	return 0
}
