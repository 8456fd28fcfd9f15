package benefit

import (
	"slices"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/policy"
)

// died is why a benefit ended by a death; taking the death back looks for it.
const died = "身故"

// Died ends the benefits of persons who have died, by rule benefit.death; each
// end keeps its decision. A day that was told before and is another now is taken
// back first. It gives who had something that ended.
func Died(tx *db.Tx, v *policy.View, region string, on map[string]day.Day) (ended []string, err error) {
	persons := make([]string, 0, len(on))
	for p := range on {
		persons = append(persons, p)
	}
	slices.Sort(persons)
	if err := Revive(tx, region, persons); err != nil {
		return nil, err
	}
	have, err := OfMany(tx, region, persons)
	if err != nil {
		return nil, err
	}
	for _, p := range persons {
		if len(have[p]) == 0 {
			continue
		}
		out, dec, err := Death.Decide(v, DeathIn{on[p]})
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(have[p], func(b Benefit) bool { return b.To > out.Last }) {
			continue
		}
		id, err := audit.DecideOne(tx, region, dec, p)
		if err != nil {
			return nil, err
		}
		if _, err := tx.Exec(endByDeath, region, p, out.Last, died, id); err != nil {
			return nil, err
		}
		ended = append(ended, p)
	}
	return ended, nil
}

// Revive takes back what Died ended, for persons who live or died on another day.
func Revive(tx *db.Tx, region string, persons []string) error {
	_, err := tx.Exec(reviveAll, region, persons, died)
	return err
}
