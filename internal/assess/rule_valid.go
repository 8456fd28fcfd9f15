package assess

import (
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

var (
	severeMax    = policy.Int("assess.valid.severe_max_months", "重度失能结论有效期的上限", "个月")
	severeMonths = policy.Int("assess.valid.severe_months", "重度失能结论的有效期", "个月")
	otherMonths  = policy.Int("assess.valid.other_months", "其他等级结论的有效期", "个月").Optional()
	reviewMonths = policy.Int("assess.change_review_months", "结论作出多久后可以申请状态复评", "个月")
	leadDays     = policy.Int("assess.reassess_lead_days", "有效期届满前多久安排重新评估", "天").Optional()
)

// ConcludedFacts is the input of assess.valid.
type ConcludedFacts struct {
	Level     int64   `json:"level" need:"true"`
	Concluded day.Day `json:"concluded" need:"true"`
}

// Validity is how long a conclusion holds and when it may be looked at again.
type Validity struct {
	To           day.Day `json:"to,omitzero"`            // last day; none where the region sets no validity for this level
	ReassessFrom day.Day `json:"reassess_from,omitzero"` // re-assessment is arranged from here
	ReviewFrom   day.Day `json:"review_from"`            // change review (状态复评) may be asked from here
}

// Severe is the first level of 重度失能.
const Severe = 3

// ValidRule is assess.valid 有效期与复评.
var ValidRule = policy.NewRule("assess.valid", 1, "结论有效期和复评", valid)

func valid(v *policy.View, in ConcludedFacts) (Validity, error) {
	if in.Level < 0 || in.Level > 5 {
		return Validity{}, fault.Field("level", "等级是 0 至 5")
	}
	if in.Concluded.IsZero() {
		return Validity{}, fault.Field("concluded", "请写明结论作出的日期")
	}
	out := Validity{ReviewFrom: in.Concluded.AddMonths(int(reviewMonths.In(v)))}
	v.Say("%s起可以申请状态复评", out.ReviewFrom.Chinese())
	months, ok := int64(0), false
	if in.Level >= Severe {
		months, ok = severeMonths.In(v), true
		if most := severeMax.In(v); months > most {
			return Validity{}, v.Refuse(severeMax, "当地规定的有效期 %d 个月超过了上限 %d 个月；请政策人员更正", months, most)
		}
	} else {
		months, ok = otherMonths.Get(v)
	}
	if !ok {
		v.Say("当地没有规定这个等级的有效期")
		return out, nil
	}
	out.To = in.Concluded.AddMonths(int(months)) - 1
	v.Say("结论自%s起 %d 个月内有效，到%s为止", in.Concluded.Chinese(), months, out.To.Chinese())
	if lead, ok := leadDays.Get(v); ok {
		out.ReassessFrom = out.To.AddDays(-int(lead))
		v.Say("%s起安排重新评估", out.ReassessFrom.Chinese())
	}
	return out, nil
}
