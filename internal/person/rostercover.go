package person

import (
	"fmt"
	"strings"

	"yinling/internal/day"
	"yinling/internal/money"
)

func sprintf(format string, args ...any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// kinds are the ways of writing which medical insurance a person follows.
var kinds = map[string]string{"职工": "employee", "居民": "resident", "310": "employee", "390": "resident",
	"employee": "employee", "resident": "resident", "城镇职工": "employee", "城乡居民": "resident", "城镇居民": "resident"}

func kindOf(s string) string {
	s = half(s)
	for _, cut := range []string{"基本医疗保险", "医疗保险", "医保", "长期护理保险", "长护险", "参保人员", "人员", "(", ")", "-", " "} {
		s = strings.ReplaceAll(s, cut, "")
	}
	return kinds[s]
}

var statuses = map[string]string{"": "active", "正常": "active", "正常参保": "active", "参保": "active", "在保": "active", "参保缴费": "active", "1": "active", "active": "active",
	"暂停": "paused", "暂停参保": "paused", "中断": "paused", "停保": "paused", "欠费": "paused", "2": "paused", "paused": "paused",
	"终止": "ended", "终止参保": "ended", "退保": "ended", "注销": "ended", "4": "ended", "ended": "ended"}

// coverage reads the coverage and the paid months. A row of this roster is a
// person insured for long-term care; 参保类型 (or 险种) says which medical
// insurance they follow.
func (c *checker) coverage() {
	if c.has&HasCoverage == 0 {
		return
	}
	cov := &c.out.entry.Coverage
	rawKind := c.get(colKind)
	if rawKind == "" {
		rawKind = c.get(colScheme)
	}
	cov.Scheme = LTCI
	cov.Since, cov.Until = c.date(colSince), c.date(colUntil)
	runs := c.paid()
	if rawKind == "" && cov.Since == 0 && len(runs) == 0 {
		c.out.entry.Has &^= HasCoverage | HasBase // nothing stated: not insured, or not known here
		return
	}
	col := colKind
	if !c.have(colKind) {
		col = colScheme
	}
	switch cov.Kind = kindOf(rawKind); {
	case rawKind == "":
		c.bad(col, "", "没有填参保类型（职工或居民）")
	case cov.Kind == "":
		c.bad(col, rawKind, "参保类型要填职工或居民")
	}
	rawSince := c.get(colSince)
	switch {
	case rawSince == "":
		c.bad(colSince, "", "没有填参保日期")
	case cov.Since == 0: // named already
	case cov.Since > c.today.AddMonths(12):
		c.bad(colSince, rawSince, "参保日期在一年以后")
	case c.out.entry.Birth != 0 && cov.Since < c.out.entry.Birth:
		c.bad(colSince, rawSince, "参保日期早于出生日期")
	case cov.Until != 0 && cov.Until < cov.Since:
		c.bad(colUntil, c.get(colUntil), "终止日期早于参保日期")
	}
	raw := c.get(colStatus)
	st, ok := statuses[half(raw)]
	if !ok {
		c.bad(colStatus, raw, "参保状态要填正常、暂停或终止")
	}
	cov.Status, cov.Paid, cov.Base = st, runs, c.base()
}

// mostBase is where a base of a month must be a slip of the pen: ten million yuan.
const mostBase money.Fen = 10_000_000_00

// base reads the base in yuan; 0 where the cell is empty.
func (c *checker) base() money.Fen {
	if !c.have(colBase) {
		return 0
	}
	raw := strings.TrimSuffix(strings.ReplaceAll(half(c.get(colBase)), " ", ""), "元")
	if raw == "" {
		return 0
	}
	fen, err := money.ParseFen(raw)
	if err != nil || fen < 0 || fen > mostBase {
		c.bad(colBase, raw, "缴费基数要填每月多少元，写成 5000 或 5000.50 的样子")
	}
	return fen
}

func (c *checker) paid() Runs {
	if c.have(colPaid) {
		raw := c.get(colPaid)
		runs, say := parsePaid(raw)
		if say != "" {
			c.bad(colPaid, raw, "%s", say)
		}
		c.future(colPaid, raw, runs)
		if len(runs) > 0 {
			return runs
		}
	}
	month := func(col column) (day.Month, string) {
		if !c.have(col) {
			return 0, ""
		}
		raw := c.get(col)
		m, say := parseMonth(raw, c.serial, c.y1904)
		if say != "" {
			c.bad(col, raw, "%s", say)
		}
		return m, raw
	}
	from, rawFrom := month(colPaidFrom)
	to, rawTo := month(colPaidTo)
	switch {
	case from == 0 && to == 0:
		return nil
	case from == 0 && rawFrom == "":
		c.bad(colPaidFrom, "", "填了缴费截止月，没有填缴费起始月")
		return nil
	case to == 0 && rawTo == "":
		c.bad(colPaidTo, "", "填了缴费起始月，没有填缴费截止月")
		return nil
	case from == 0 || to == 0:
		return nil
	case to < from:
		c.bad(colPaidTo, rawTo, "缴费截止月早于起始月")
		return nil
	}
	runs := Runs{{from, to}}
	c.future(colPaidTo, rawTo, runs)
	return runs
}

// future: residents pay a year ahead, nobody pays further.
func (c *checker) future(col column, raw string, runs Runs) {
	if n := len(runs); n > 0 && runs[n-1].To > c.today.Month()+24 {
		c.bad(col, raw, "缴费月份在两年以后")
	}
}
