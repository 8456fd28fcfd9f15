package claim

import (
	"strconv"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// accumulators reads what is used of the caps. A key without a period means
// the claim's own month (or year, for a yearly cap).
func accumulators(t *benefit.Terms, c *Claim) (map[account]int64, error) {
	out := make(map[account]int64, len(c.Used)+4)
	for key, n := range c.Used {
		id, period := benefit.SplitKey(key)
		field := "used." + key
		per, on, ok := t.FindCap(id)
		var begin day.Day
		switch {
		case !ok || per == benefit.PerUnit:
			return nil, fault.Field(field, "本地没有编号是「%s」的限额累计", id)
		case period == "" && per != benefit.PerMonth && per != benefit.PerYear:
			return nil, fault.Field(field, "%s的限额要写明是哪一期，如 %s", per.Chinese(), benefit.Key(id, per.Period(c.Month.First())))
		case period == "":
			begin = per.Begin(c.Month.First())
		default:
			p, first, _, err := benefit.ParsePeriod(period)
			if err != nil {
				return nil, fault.Field(field, "%s", err.Error())
			}
			if p != per {
				return nil, fault.Field(field, "「%s」是%s的限额，期间要写成 %s 的样子", id, per.Chinese(), per.Period(c.Month.First()))
			}
			begin = first
		}
		amount, err := strconv.ParseInt(string(n), 10, 64)
		if on == "qty" {
			var q money.Micro
			q, err = money.ParseMicro(string(n))
			amount = int64(q)
		}
		switch {
		case err != nil && on == "qty":
			return nil, fault.Field(field, "已用的数量要写成 \"12.5\" 的样子，现在是「%s」", n)
		case err != nil:
			return nil, fault.Field(field, "已用的金额要写成整数分，现在是「%s」", n)
		case amount < 0 || amount > int64(maxPrice)*1000:
			return nil, fault.Field(field, "已用的数要在 0 以上，现在是 %s", n)
		}
		out[account{id, begin}] += amount
	}
	return out, nil
}
