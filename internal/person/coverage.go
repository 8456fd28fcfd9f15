package person

import (
	"fmt"
	"sort"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// Run is a stretch of months that were all paid, both ends included.
type Run struct{ From, To day.Month }

// Runs are paid months (缴费月份), sorted, not touching each other; their text
// is «2023-01~2024-05,2024-07~2024-12».
type Runs []Run

// ParseRuns reads the text of Runs; order and overlaps are put right.
func ParseRuns(s string) (Runs, error) {
	if s == "" {
		return nil, nil
	}
	var out Runs
	for _, part := range strings.Split(s, ",") {
		a, b, two := strings.Cut(part, "~")
		from, err := day.ParseMonth(a)
		if err != nil {
			return nil, err
		}
		to := from
		if two {
			if to, err = day.ParseMonth(b); err != nil {
				return nil, err
			}
		}
		if to < from {
			return nil, fmt.Errorf("缴费月份 %s 的结束早于开始", part)
		}
		out = append(out, Run{from, to})
	}
	return out.Join(nil), nil
}

// Join is r and more in one, in order, touching stretches made one.
func (r Runs) Join(more Runs) Runs {
	all := append(append(Runs{}, r...), more...)
	sort.Slice(all, func(i, j int) bool { return all[i].From < all[j].From })
	var out Runs
	for _, x := range all {
		if n := len(out); n > 0 && x.From <= out[n-1].To+1 {
			out[n-1].To = max(out[n-1].To, x.To)
			continue
		}
		out = append(out, x)
	}
	return out
}

func (r Runs) String() string {
	if len(r) == 0 {
		return ""
	}
	parts := make([]string, len(r))
	for i, x := range r {
		parts[i] = x.From.String() + "~" + x.To.String()
	}
	return strings.Join(parts, ",")
}

// Months is the number of paid months up to and including m.
func (r Runs) Months(m day.Month) (n int) {
	for _, x := range r {
		if x.From <= m {
			n += int(min(x.To, m)-x.From) + 1
		}
	}
	return n
}

// Streak is the number of months paid without a gap up to m (连续缴费). A month
// that has just begun and is not paid yet does not break the streak.
func (r Runs) Streak(m day.Month) int {
	for i := len(r) - 1; i >= 0; i-- {
		if r[i].From <= m {
			if r[i].To < m-1 {
				return 0
			}
			return int(min(r[i].To, m)-r[i].From) + 1
		}
	}
	return 0
}

// Coverage is a person's insurance under a scheme (参保关系).
type Coverage struct {
	Scheme string // "ltci" 长期护理保险 (also "employee", "resident" when a roster brings the medical coverage itself)
	Kind   string // "employee" 职工 or "resident" 居民: which medical insurance the person follows; what a quote calls person.coverage
	Since  day.Day
	Until  day.Day // last day, 0: open
	Status string  // active 正常 · paused 暂停 · ended 终止
	Paid   Runs
	Base   money.Fen // what contributions are worked out from (缴费基数), of one month; 0: the roster does not say

	PaidMonths int // paid months up to the day asked for
	Streak     int // of them without a gap up to that day
}

// Covers tells whether c is in force on a day.
func (c Coverage) Covers(on day.Day) bool {
	return c.Status == "active" && c.Since <= on && (c.Until == 0 || on <= c.Until)
}

// LTCI is the scheme of long-term care insurance.
const LTCI = "ltci"

// CoverageOn is the person's long-term care coverage in force on a day;
// none is fault.NotFound with the reason (never insured, not yet, ended, paused).
func (s *Service) CoverageOn(tx *db.Tx, region, person string, on day.Day) (Coverage, error) {
	m, err := s.CoveragesOn(tx, region, []string{person}, on)
	if err != nil {
		return Coverage{}, err
	}
	if c, ok := m[person]; ok {
		return c, nil
	}
	all, err := s.Coverages(tx, region, person)
	if err != nil {
		return Coverage{}, err
	}
	say := "没有长期护理保险的参保记录"
	for _, c := range all {
		switch {
		case c.Scheme != LTCI:
		case c.Since > on:
			say = "长期护理保险从 " + c.Since.Chinese() + " 起参保，在那之前不能享受"
		case c.Status == "paused":
			say = "长期护理保险现在是暂停缴费状态"
		case c.Status == "ended" || c.Until != 0:
			say = "长期护理保险已经终止"
			if c.Until != 0 {
				say = "长期护理保险到 " + c.Until.Chinese() + " 为止"
			}
		}
	}
	return Coverage{}, fault.New(fault.NotFound, "%s。请到医保经办窗口核对参保，或打 12393。", say)
}

// CoveragesOn is CoverageOn for many; who is not covered is not in the map.
func (s *Service) CoveragesOn(tx *db.Tx, region string, persons []string, on day.Day) (map[string]Coverage, error) {
	rows, err := db.All(tx, scanCoverage, getCoverages, region, persons)
	if err != nil {
		return nil, err
	}
	out := make(map[string]Coverage, len(rows))
	for _, r := range rows {
		if r.Scheme == LTCI && r.Covers(on) {
			r.PaidMonths, r.Streak = r.Paid.Months(on.Month()), r.Paid.Streak(on.Month())
			out[r.person] = r.Coverage
		}
	}
	return out, nil
}

// Coverages are all coverages that a person has or had, oldest first.
func (s *Service) Coverages(tx *db.Tx, region, person string) ([]Coverage, error) {
	rows, err := db.All(tx, scanCoverage, getCoverages, region, []string{person})
	out := make([]Coverage, len(rows))
	for i, r := range rows {
		r.PaidMonths, r.Streak = r.Paid.Months(tx.Today().Month()), r.Paid.Streak(tx.Today().Month())
		out[i] = r.Coverage
	}
	return out, err
}

// Group is one membership of a key group (重点人群).
type Group struct {
	Name   string
	Source string // who told: 名册, 民政, 残联 …
	Since  day.Day
}

// Groups are the key groups of a person.
func (s *Service) Groups(tx *db.Tx, region, person string) ([]Group, error) {
	rows, err := db.All(tx, scanGroup, getGroups, region, []string{person})
	out := make([]Group, len(rows))
	for i, r := range rows {
		out[i] = r.Group
	}
	return out, err
}

// Stay is a time in hospital (住院期间).
type Stay struct {
	Since  day.Day
	Until  day.Day // day of discharge; 0: still there
	Source string
}

// In tells whether a day lies in the stay. The day of discharge does not: care
// at home may begin on it.
func (s Stay) In(on day.Day) bool { return s.Since <= on && (s.Until == 0 || on < s.Until) }

// Stays are the stays of persons that touch the days from … to.
func (s *Service) Stays(tx *db.Tx, region string, persons []string, from, to day.Day) (map[string][]Stay, error) {
	rows, err := db.All(tx, scanStay, getStays, region, persons, from, to)
	out := map[string][]Stay{}
	for _, r := range rows {
		out[r.person] = append(out[r.person], r.Stay)
	}
	return out, err
}

// InHospital tells whether a person is in hospital on a day.
func (s *Service) InHospital(tx *db.Tx, region, person string, on day.Day) (bool, error) {
	m, err := s.Stays(tx, region, []string{person}, on, on)
	for _, st := range m[person] {
		if st.In(on) {
			return true, err
		}
	}
	return false, err
}

// Class is a part of the roster for the year's contributions: a kind of insured
// and the group that counts for it, "" for none.
type Class struct {
	Kind, Group string
	Heads       int64
	OwnHeads    int64     // of them with a base of their own
	OwnBase     money.Fen // the sum of those bases, of one month
}

// Classes counts, in one statement, who is insured for long-term care on a day,
// by kind (residents under 18 as minor) and the first of the groups that each
// person is in.
func (s *Service) Classes(tx *db.Tx, region string, on day.Day, groups []string) ([]Class, error) {
	ranks := make(db.Rows, len(groups))
	for i, g := range groups {
		ranks[i] = []any{g, i + 1}
	}
	return db.All(tx, func(r db.Row) (c Class, err error) {
		var n int
		if err = r.Scan(&c.Kind, &n, &c.Heads, &c.OwnHeads, &c.OwnBase); err == nil && n > 0 {
			c.Group = groups[n-1]
		}
		return c, err
	}, countClasses, region, on, ranks, on.AddMonths(-18*12))
}
