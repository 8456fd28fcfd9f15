package claim

import (
	"slices"
	"strings"

	"yinling/internal/db"
	"yinling/internal/fault"
)

// The natural key of a settlement: one item of one person at one minute from
// one institution is paid once. A settled visit keeps one row with its items,
// in part 0 of its moment; another visit of the same moment with other items
// (two carers at once) stands in the next part, so that two servers that settle
// at once meet at the key.

const (
	momentClear = `DELETE FROM claim_moment WHERE region = $1 AND person = $2 AND minute = $3 AND institution = $4 AND visit = $5`
	momentFill  = `UPDATE claim_moment SET part = $5 WHERE region = $1 AND person = $2 AND minute = $3 AND institution = $4 AND part = $6`
	momentOf    = `SELECT person, minute, institution, part, visit, items FROM claim_moment WHERE region = $1 AND person = ANY($2) AND minute = ANY($3)
		ORDER BY person, minute, institution, part`
	momentFree = "ON CONFLICT (region, person, minute, institution, part) DO NOTHING"
)

var momentInsert = strings.Fields("region person minute institution part visit items")

type moment struct {
	person      string
	minute      int64
	institution string
}

// moment of a visit is the minute at which it began; of a day of care, which
// has none, the day, below zero, where no minute stands.
func (b *Bill) moment() moment {
	if b.Begin == 0 {
		return moment{b.Person, -int64(b.On), b.Institution}
	}
	return moment{b.Person, b.Begin / 60000, b.Institution}
}

// items are the ids of what the bill pays for, each once.
func (b *Bill) items() []string {
	var out []string
	for _, l := range b.Lines {
		if !slices.Contains(out, l.Item) {
			out = append(out, l.Item)
		}
	}
	return out
}

// momentRow is what one visit has settled at a moment.
type momentRow struct {
	moment
	part  int64
	visit string
	items []string
}

func (r momentRow) meets(items []string) bool {
	return slices.ContainsFunc(items, func(i string) bool { return slices.Contains(r.items, i) })
}

func (r momentRow) row(region string) []any {
	return []any{region, r.person, r.minute, r.institution, r.part, r.visit, strings.Join(r.items, "\n")}
}

// putMoments writes the natural keys of bills and returns, for each bill that
// clashes with the settlement of another visit, which visit that is; such a
// bill leaves no key behind.
func putMoments(tx *db.Tx, region string, bs []*Bill) (map[string]string, error) {
	clash := map[string]string{}
	mine := map[moment][]momentRow{}
	var rows [][]any
	for _, b := range bs {
		r := momentRow{moment: b.moment(), visit: b.Visit, items: b.items()}
		r.part = int64(len(mine[r.moment]))
		if other, ok := clashing(mine[r.moment], r); ok { // two visits of this very group
			clash[b.Visit] = other
			continue
		}
		mine[r.moment] = append(mine[r.moment], r)
		rows = append(rows, r.row(region))
	}
	if len(rows) == 0 {
		return clash, nil
	}
	n, err := tx.Insert("claim_moment", momentInsert, rows, momentFree)
	if err != nil || n == int64(len(rows)) {
		return clash, err
	}
	return clash, moveMoments(tx, region, mine, clash)
}

func clashing(there []momentRow, r momentRow) (string, bool) {
	i := slices.IndexFunc(there, func(o momentRow) bool { return o.visit != r.visit && o.meets(r.items) })
	if i < 0 {
		return "", false
	}
	return there[i].visit, true
}

// moveMoments looks at moments that were not free: a visit whose items another
// one has settled clashes, the rest goes to the next part.
func moveMoments(tx *db.Tx, region string, mine map[moment][]momentRow, clash map[string]string) error {
	var persons []string
	var minutes []int64
	for m := range mine {
		persons, minutes = append(persons, m.person), append(minutes, m.minute)
	}
	slices.Sort(persons)
	slices.Sort(minutes)
	rows, err := db.All(tx, func(s db.Row) (r momentRow, err error) {
		var items string
		err = s.Scan(&r.person, &r.minute, &r.institution, &r.part, &r.visit, &items)
		r.items = strings.Split(items, "\n")
		return r, err
	}, momentOf, region, slices.Compact(persons), slices.Compact(minutes))
	if err != nil {
		return err
	}
	there := map[moment][]momentRow{}
	for _, r := range rows {
		there[r.moment] = append(there[r.moment], r)
	}
	for m, group := range mine {
		if len(there[m]) == len(group) && !slices.ContainsFunc(there[m], func(o momentRow) bool {
			return !slices.ContainsFunc(group, func(r momentRow) bool { return r.visit == o.visit })
		}) {
			continue // all of it is ours
		}
		// Take ours out again and see who may stay beside those that were there.
		others := there[m]
		for _, r := range group {
			if _, err := tx.Exec(momentClear, region, m.person, m.minute, m.institution, r.visit); err != nil {
				return err
			}
			others = slices.DeleteFunc(others, func(o momentRow) bool { return o.visit == r.visit })
		}
		for _, r := range group {
			if other, ok := clashing(others, r); ok {
				clash[r.visit] = other
				continue
			}
			r.part = int64(len(others))
			others = append(others, r)
			n, err := tx.Insert("claim_moment", momentInsert, [][]any{r.row(region)}, momentFree)
			if err == nil && n != 1 {
				err = fault.New(fault.Busy, "同一时刻的护理正在结算，请再试一次。")
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// clearMoment takes a bill's natural key back. Parts stay without a gap, so
// that the next settlement of the moment meets those that are left.
func clearMoment(tx *db.Tx, region string, b *Bill) error {
	m := b.moment()
	rows, err := db.All(tx, func(s db.Row) (r momentRow, err error) {
		var items string
		return r, s.Scan(&r.person, &r.minute, &r.institution, &r.part, &r.visit, &items)
	}, momentOf, region, []string{m.person}, []int64{m.minute})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(momentClear, region, m.person, m.minute, m.institution, b.Visit); err != nil {
		return err
	}
	next := int64(0)
	for _, r := range rows {
		if r.moment != m || r.visit == b.Visit {
			continue
		}
		if r.part != next {
			if _, err := tx.Exec(momentFill, region, m.person, m.minute, m.institution, next, r.part); err != nil {
				return err
			}
		}
		next++
	}
	return nil
}
