package benefit

import (
	"yinling/internal/day"
	"yinling/internal/policy"
)

var keyDeath = policy.Choice("benefit.death", "身故的人享受到哪一天", "same_day", "day_before").Optional()

// DeathIn is the day on which a person died.
type DeathIn struct {
	Died day.Day `json:"died" need:"true"`
}

// DeathOut is the last day of the benefit.
type DeathOut struct {
	Last day.Day `json:"last"`
}

// Death (身故后待遇停止) tells up to which day somebody who has died was entitled.
var Death = policy.NewRule("benefit.death", 1, "身故后待遇到哪天为止", func(v *policy.View, in DeathIn) (DeathOut, error) {
	last := lastAlive(v, in.Died)
	v.Say("%s 身故，待遇到 %s 为止", in.Died, last)
	return DeathOut{last}, v.Err()
})

// lastAlive is the last day; where a region says nothing, the day of death counts.
func lastAlive(v *policy.View, died day.Day) day.Day {
	if how, ok := keyDeath.Get(v); ok && how == "day_before" {
		return died - 1
	}
	return died
}

// AfterDeath refuses what was done after the last day of somebody who has died;
// no day of death refuses nothing and reads nothing.
func AfterDeath(v *policy.View, died, on day.Day) error {
	if died.IsZero() {
		return nil
	}
	if last := lastAlive(v, died); on > last {
		return v.Refuse(keyDeath.Cite(v), "登记的情况是本人已于%s身故，待遇到%s为止，之后的费用基金不付。登记有误的，请带证件到窗口更正。", died.Chinese(), last.Chinese())
	}
	return v.Err()
}
