package benefit

import (
	"fmt"
	"sort"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Take is what a settlement uses of a cap (限额): the amount and the most that
// the period may hold, both in fen or, for caps on quantities, in millionths.
type Take struct {
	Cap    string `json:"cap"`
	Period string `json:"period"`
	Amount int64  `json:"amount"`
	Max    int64  `json:"max"`
}

// PersonTakes is all that one settlement takes: all of it or nothing.
type PersonTakes struct {
	Person string
	Takes  []Take
}

func over(t Take) error {
	return fault.New(fault.Conflict, "限额 %s 在 %s 已经不够了：别的单子刚刚用掉了一部分。请重新试算后再结算。", t.Cap, t.Period)
}

// TakeAll books the takes of one settlement; when one of them no longer fits
// it returns a Conflict and the caller's transaction must not commit.
func TakeAll(tx *db.Tx, region, person string, takes []Take) error {
	return takeAll(tx, region, person, merge(takes))
}

// TakeMany books the takes of many settlements in a few statements, for the
// group committer. They are decided in their order; the result holds, for each
// request, nil or the Conflict it is to be answered with. The error concerns
// the group as a whole (a Busy when another server changed the same rows in
// between): nothing may be committed then.
func TakeMany(tx *db.Tx, region string, requests []PersonTakes) ([]error, error) {
	refused := make([]error, len(requests))
	if len(requests) == 1 && !tx.Piped() {
		err := TakeAll(tx, region, requests[0].Person, requests[0].Takes)
		if fault.Is(err, fault.Conflict) {
			refused[0], err = err, nil
		}
		return refused, err
	}
	persons := make([]string, 0, len(requests))
	for _, r := range requests {
		if len(r.Takes) > 0 {
			persons = append(persons, r.Person)
		}
	}
	used := map[usedKey]int64{}
	if !tx.Piped() { // in a pipeline the guard of the statement refuses
		var err error
		if used, err = usedOf(tx, region, persons, tx.Today().AddMonths(-13)); err != nil {
			return nil, err
		}
	}
	add := map[usedKey]*usedRow{}
	for i, r := range requests {
		refused[i] = fits(used, add, r)
	}
	return refused, writeTaken(tx, region, add)
}

// fits decides one request against what is used and what the group has added.
func fits(used map[usedKey]int64, add map[usedKey]*usedRow, r PersonTakes) error {
	takes := merge(r.Takes)
	for _, t := range takes {
		k := usedKey{r.Person, t.Cap, t.Period}
		have := used[k]
		if a := add[k]; a != nil {
			have += a.amount
		}
		if t.Amount < 0 || have+t.Amount > t.Max {
			return over(t)
		}
	}
	for _, t := range takes {
		k := usedKey{r.Person, t.Cap, t.Period}
		if add[k] == nil {
			add[k] = &usedRow{}
		}
		add[k].amount += t.Amount
		add[k].max = max(add[k].max, t.Max)
	}
	return nil
}

// Give takes back what settlements used, for an undo or a reversal.
func Give(tx *db.Tx, region, person string, takes []Take) error {
	return GiveMany(tx, region, []PersonTakes{{person, takes}})
}

// GiveMany is Give in set form. Giving back more than was taken is an internal
// error: it would mean that a settlement was undone twice.
func GiveMany(tx *db.Tx, region string, requests []PersonTakes) error {
	sum := map[usedKey]int64{}
	for _, r := range requests {
		for _, t := range r.Takes {
			if t.Amount != 0 {
				sum[usedKey{r.Person, t.Cap, t.Period}] += t.Amount
			}
		}
	}
	return giveBack(tx, region, sum)
}

// Used reads all accumulators of a person whose period is not over on the day
// of the transaction, keyed as in Key.
func Used(tx *db.Tx, region, person string) (map[string]int64, error) {
	return UsedSince(tx, region, person, tx.Today().Month().First())
}

// UsedSince is Used for periods that end on or after a day, such as the first
// of a past month that is settled late.
func UsedSince(tx *db.Tx, region, person string, since day.Day) (map[string]int64, error) {
	m, err := UsedMany(tx, region, []string{person}, since)
	return m[person], err
}

// UsedMany is UsedSince for many persons at once.
func UsedMany(tx *db.Tx, region string, persons []string, since day.Day) (map[string]map[string]int64, error) {
	rows, err := usedOf(tx, region, persons, since)
	if err != nil {
		return nil, err
	}
	out := make(map[string]map[string]int64, len(persons))
	for k, n := range rows {
		m := out[k.person]
		if m == nil {
			m = map[string]int64{}
			out[k.person] = m
		}
		m[Key(k.cap, k.period)] = n
	}
	return out, nil
}

// merge sums the takes of one settlement by accumulator, sorted, so that every
// transaction locks guard rows in one order.
func merge(takes []Take) []Take {
	out := make([]Take, 0, len(takes))
	for _, t := range takes {
		if t.Amount != 0 {
			out = append(out, t)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		return out[i].Cap < out[j].Cap || (out[i].Cap == out[j].Cap && out[i].Period < out[j].Period)
	})
	n := 0
	for _, t := range out {
		if n > 0 && out[n-1].Cap == t.Cap && out[n-1].Period == t.Period {
			out[n-1].Amount += t.Amount
			out[n-1].Max = max(out[n-1].Max, t.Max)
			continue
		}
		out[n] = t
		n++
	}
	return out[:n]
}

func lastOf(period string) (string, error) {
	_, _, last, err := ParsePeriod(period)
	if err != nil {
		return "", fmt.Errorf("benefit: %w", err)
	}
	return last.String(), nil
}
