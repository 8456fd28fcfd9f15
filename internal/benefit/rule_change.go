package benefit

import (
	"yinling/internal/day"
	"yinling/internal/policy"
)

var keyFree = policy.Bool("benefit.free_choice", "护理方式和定点机构由参保人自己选")
var keyChanges = policy.Int("benefit.mode_change_count", "每年可以变更护理方式", "次").Optional()

// ChangeIn asks for a change of the mode of care.
type ChangeIn struct {
	Modes   []string `json:"modes" options:"home|family|institution|community" need:"true"` // the wanted modes: one, or a combination
	Before  []string `json:"before,omitempty" options:"home|family|institution|community"`  // the modes until now; none for the first choice
	Changes int64    `json:"changes,omitempty"`                                             // changes already made in this calendar year
	On      day.Day  `json:"on" need:"true"`                                                // the day from which the new mode is to hold
}

// ChangeOut says whether the choice counts as a change.
type ChangeOut struct {
	Counts bool    `json:"counts"`
	From   day.Day `json:"from"`
}

// Change (变更护理方式) allows or refuses a choice of modes. Another institution
// for the same mode is free and counts for nothing.
var Change = policy.NewRule("benefit.change", 1, "变更护理方式", func(v *policy.View, in ChangeIn) (ChangeOut, error) {
	if !keyFree.In(v) {
		return ChangeOut{}, v.Refuse(keyFree.Cite(v), "%s的护理方式由经办机构安排，请到窗口办理。", v.Name())
	}
	if err := Combination(v, in.Modes); err != nil {
		return ChangeOut{}, err
	}
	counts := len(in.Before) > 0 && !sameModes(joinModes(in.Before), in.Modes)
	switch {
	case len(in.Before) == 0:
		v.Say("第一次选择护理方式：%s，不算变更", ModesChinese(in.Modes))
	case !counts:
		v.Say("护理方式没有变，只换机构，不算变更")
	default:
		if err := Changes(v, in.Changes+1); err != nil {
			return ChangeOut{}, err
		}
	}
	return ChangeOut{counts, in.On}, nil
})

// Changes refuses the n-th change of a calendar year when the region allows fewer.
func Changes(v *policy.View, n int64) error {
	most, limited := keyChanges.Peek(v)
	switch {
	case !limited:
		v.Say("%s没有限制变更护理方式的次数", v.Name())
	case n > most:
		return v.Refuse(keyChanges.Cite(v), "%s每年最多变更护理方式 %d 次，今年已经变更 %d 次。明年1月1日起可以再变更。", v.Name(), most, n-1)
	default:
		v.Cite(keyChanges.Cite(v), "每年最多变更护理方式 %d 次，这是今年第 %d 次", most, n)
	}
	return nil
}
