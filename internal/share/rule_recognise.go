package share

import (
	"yinling/internal/day"
	"yinling/internal/policy"
)

// Recognition is a line of what another department's assessment may do here.
type Recognition struct {
	policy.Row
	Source string `json:"source" say:"登记册的编号"`
	Use    string `json:"use" options:"shorten|replace" say:"用途：shorten 可以减少本次评估的步骤，replace 可以代替本次评估"`
	Months int64  `json:"most_months" say:"作出后几个月以内的才认"`
	Say    string `json:"say" say:"怎样用，写给经办"`
}

var recognitions = policy.Rows[Recognition]("share.recognise.rules", "评估结果互认").Optional()

// RecognisedFacts is another department's assessment.
type RecognisedFacts struct {
	Source string  `json:"source" need:"true"`
	On     day.Day `json:"on" need:"true"` // of the assessment
	Until  day.Day `json:"until"`          // its own validity; no day: it names none
	Today  day.Day `json:"today" need:"true"`
}

// Recognised says what an assessment may be used for: reference, shorten, replace.
type Recognised struct {
	Use string `json:"use"`
	Say string `json:"say"`
}

// RecogniseRule is share.recognise 评估互认: by itself no other assessment
// replaces or shortens ours; a region's clause may let it.
var RecogniseRule = policy.NewRule("share.recognise", 1, "评估结果互认", recognise)

func recognise(v *policy.View, in RecognisedFacts) (Recognised, error) {
	out := Recognised{Use: "reference", Say: "只作参考，不代替失能等级评估"}
	rows, ok := recognitions.Get(v)
	if !ok {
		v.Say("当地没有规定互认，%s", out.Say)
		return out, nil
	}
	for i := range rows {
		r := &rows[i]
		if r.Source != in.Source {
			continue
		}
		switch {
		case in.Until != 0 && in.Until < in.Today:
			v.Cite(r, "这份评估到 %s 为止，已经过期；%s", in.Until.Chinese(), out.Say)
		case in.On.AddMonths(int(r.Months)) < in.Today:
			v.Cite(r, "这份评估作出已超过 %d 个月；%s", r.Months, out.Say)
		default:
			v.Cite(r, "%s", r.Say)
			return Recognised{r.Use, r.Say}, nil
		}
		return out, nil
	}
	v.Say("当地的互认规定里没有这一种，%s", out.Say)
	return out, nil
}
