package care

import (
	"fmt"
	"slices"

	"yinling/internal/benefit"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// overLimits compares the plan with the caps of the benefit. What lies above a
// cap may be planned, but the person pays it and must know it beforehand. Caps
// on the fund's share need a quote and are only told.
func overLimits(v *policy.View, in PlanIn, found []*Item, out *Checked) {
	for _, c := range in.Limits {
		if c.Mode != in.Mode {
			continue
		}
		name := c.Name
		if name == "" {
			name = c.Per.Chinese() + "限额"
		}
		var have, most int64
		var say func(int64) string
		switch c.On {
		case "qty":
			have, most = planned(in, found, out, c, qtyOf), int64(c.MaxQty)
			unit := "个单位"
			if len(c.Unit) == 1 {
				unit = unitNames[c.Unit[0]]
			}
			say = func(n int64) string { return money.Micro(n).String() + " " + unit }
		case "fee":
			have, most = planned(in, found, out, c, feeOf), int64(c.MaxFen)
			say = func(n int64) string { return money.Fen(n).Yuan() }
		default:
			v.Say("%s：%s基金最多支付 %s", name, c.Per.Chinese(), c.MaxFen.Yuan())
			continue
		}
		v.Say("%s：%s最多 %s，计划最多的时候 %s", name, c.Per.Chinese(), say(most), say(have))
		if have > most {
			out.Problems = append(out.Problems, Problem{Field: "items", Say: fmt.Sprintf("%s%s最多 %s，这份计划是 %s，多出的 %s 要由本人自己付。",
				name, c.Per.Chinese(), say(most), say(have), say(have-most))})
		}
	}
}

func qtyOf(it *Item, p PlanItem, times int64) int64 {
	if it.Unit == "hour" {
		return times * p.Minutes * money.One / 60
	}
	return times * money.One
}

func feeOf(it *Item, p PlanItem, times int64) int64 {
	f, err := it.PriceFen.Times(money.Micro(qtyOf(it, p, times)), money.HalfUp)
	if err != nil {
		return 0 // too large to be a plan; sum has refused it
	}
	return int64(f)
}

// planned is the most that the plan comes to in one period of the cap: a unit,
// a day, a week, the fullest month; a year counts twelve such months.
func planned(in PlanIn, found []*Item, out *Checked, c benefit.Limit, of func(*Item, PlanItem, int64) int64) (most int64) {
	counts := func(it *Item) bool {
		return (c.Unit == nil || slices.Contains(c.Unit, it.Unit)) && (c.Kind == nil || slices.Contains(c.Kind, it.Kind))
	}
	if c.Per == benefit.PerDay && in.Mode == "home" {
		day := map[int64]int64{}
		for slot, parts := range out.Parts {
			for _, i := range parts {
				if counts(found[i]) {
					day[in.Slots[slot].Weekday] += of(found[i], in.Items[i], 1)
				}
			}
		}
		for _, n := range day {
			most = max(most, n)
		}
		return most
	}
	for i, it := range found {
		if !counts(it) {
			continue
		}
		byDay := it.Unit == "day" || it.Unit == "bed_day"
		switch times := out.times[i]; c.Per {
		case benefit.PerUnit:
			most = max(most, of(it, PlanItem{Minutes: 60}, 1))
		case benefit.PerDay:
			if byDay {
				most += of(it, in.Items[i], 1)
			}
		case benefit.PerWeek:
			if in.Mode == "home" {
				times = in.Items[i].PerWeek
			} else if byDay {
				times = 7
			}
			most += of(it, in.Items[i], times)
		case benefit.PerYear:
			most += of(it, in.Items[i], 12*times)
		default:
			most += of(it, in.Items[i], times)
		}
	}
	return most
}
