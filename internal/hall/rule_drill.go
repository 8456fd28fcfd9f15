package hall

import "yinling/internal/policy"

// Emergency is a kind of sudden trouble with what the program's own plan says
// to do at least.
type Emergency struct {
	policy.Row
	ID    string              `json:"id" say:"代号"`
	Name  string              `json:"name" say:"名称"`
	Steps policy.Many[string] `json:"steps" say:"先做什么、再做什么"`
}

var (
	emergencies = policy.Rows[Emergency]("hall.emergencies", "老年人突发问题的种类和做法")
	drillMonths = policy.Int("hall.drill_months", "多久演练或培训一次", "个月")
)

// DrillFacts is the input of hall.drill.
type DrillFacts struct {
	Months int64 `json:"months" need:"true" min:"-1"` // full months since the last; -1: never
}

// DrillDue says whether a drill or training is due.
type DrillDue struct {
	Due   bool  `json:"due"`
	Every int64 `json:"every"` // months
}

// DrillRule is hall.drill 该不该演练: a place without one for as long as the
// pack says is due.
var DrillRule = policy.NewRule("hall.drill", 1, "应急演练和培训到期没有", drill)

func drill(v *policy.View, in DrillFacts) (DrillDue, error) {
	every := drillMonths.In(v)
	if v.Err() != nil {
		return DrillDue{}, v.Err()
	}
	due := in.Months < 0 || in.Months >= every
	switch {
	case in.Months < 0:
		v.Say("还没有演练或培训过，该做了")
	case due:
		v.Say("上一次过了 %d 个月，该做了", in.Months)
	default:
		v.Say("上一次过了 %d 个月，还没有到", in.Months)
	}
	return DrillDue{due, every}, nil
}
