package care

import (
	"yinling/internal/day"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// sum fills what a full month of the plan comes to: visits, minutes, lines and
// price. Home care counts the real weekdays of the month; family and
// institutional care count its days.
func sum(v *policy.View, in PlanIn, found []*Item, out *Checked) error {
	times := make([]int64, len(in.Items))
	out.times = times
	if in.Mode == "home" {
		for slot, parts := range out.Parts {
			n := weekdays(out.Month, in.Slots[slot].Weekday, in.From, in.To)
			out.Visits += n
			for _, i := range parts {
				times[i] += n
				out.MonthMinutes += n * in.Items[i].Minutes
				out.WeekMinutes += in.Items[i].Minutes
			}
		}
	} else {
		days := int64(min(out.Month.Last(), in.To)-max(out.Month.First(), in.From)) + 1
		out.Visits = days
		for i, it := range found {
			times[i] = 1
			if it.Unit == "day" || it.Unit == "bed_day" {
				times[i] = days
			}
		}
	}
	for i, it := range found {
		qty := money.Micro(times[i] * money.One)
		switch it.Unit {
		case "hour":
			qty = money.Micro(times[i] * in.Items[i].Minutes * money.One / 60)
		case "month":
			qty = money.One
		}
		line := Line{Item: it.Code, Name: it.Name, Kind: it.Kind, Unit: it.Unit, Qty: qty, PriceFen: it.PriceFen, Staff: in.Items[i].Staff, On: max(out.Month.First(), in.From)}
		fen, err := line.PriceFen.Times(qty, money.HalfUp)
		if err != nil {
			return err
		}
		out.Lines = append(out.Lines, line)
		out.TotalFen += fen
		v.Say("%s：%s排 %d 次，%s %s × 单价 %s = %s", it.Name, out.Month.Chinese(), times[i], qty, unitNames[it.Unit], it.PriceFen.Yuan(), fen.Yuan())
	}
	v.Say("%s一共 %d 次，%d 分钟，服务价格合计 %s", out.Month.Chinese(), out.Visits, out.MonthMinutes, out.TotalFen.Yuan())
	return nil
}

var unitNames = map[string]string{"hour": "小时", "visit": "次", "day": "天", "bed_day": "床日", "month": "个月"}

// UnitName is a unit of the catalogue in Chinese.
func UnitName(u string) string { return unitNames[u] }

// Quantity writes a quantity for people: hours as hours and minutes, for a third
// of an hour has no end as a decimal.
func Quantity(q money.Micro, unit string) string {
	if unit == "hour" {
		return Hours((int64(q)*60 + 500_000) / 1_000_000)
	}
	return q.String() + " " + UnitName(unit)
}

// weekdays counts the days of month m on a weekday (1 Monday … 7 Sunday) that
// lie within from–to.
func weekdays(m day.Month, weekday int64, from, to day.Day) (n int64) {
	for d := max(m.First(), from); d <= min(m.Last(), to); d++ {
		if int64(d.Weekday()) == weekday%7 {
			n++
		}
	}
	return n
}
