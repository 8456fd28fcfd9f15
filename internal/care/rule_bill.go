package care

import (
	"slices"

	"yinling/internal/day"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// BillIn is a finished visit as rule care.bill sees it.
type BillIn struct {
	On            day.Day    `json:"on"`
	Mode          string     `json:"mode"`
	Minutes       int64      `json:"minutes"`        // between arrival and departure
	DeductMinutes int64      `json:"deduct_minutes"` // taken off by decisions of the office
	Staff         string     `json:"staff"`          // care_worker, nurse, family
	Items         []DoneItem `json:"items"`
}

// BillOut is the charged lines.
type BillOut struct {
	Lines []Line `json:"lines"`
}

// billRule turns a visit into charged lines: catalogue price by unit; hours
// never exceed the time that the worker was there, and items outside the
// catalogue are not charged.
var billRule = policy.NewRule("care.bill", 1, "上门费用明细", func(v *policy.View, in BillIn) (BillOut, error) {
	out := BillOut{Lines: []Line{}}
	items := catalogue.In(v)
	if err := v.Err(); err != nil {
		return out, err
	}
	left := max(0, in.Minutes-in.DeductMinutes)
	if in.Mode == "home" {
		v.Say("在场 %d 分钟，扣减 %d 分钟，按时长计价的项目合计不超过 %d 分钟", in.Minutes, min(in.DeductMinutes, in.Minutes), left)
	}
	var used int64
	for _, d := range in.Items {
		n := slices.IndexFunc(items, func(x Item) bool { return x.Code == d.Item })
		if n < 0 {
			v.Say("项目“%s”不在目录里，不计费", d.Item)
			continue
		}
		it := items[n]
		qty := money.Micro(money.One)
		if it.Unit == "hour" {
			m := d.Minutes
			if in.Mode == "home" {
				m = min(m, left-used)
			}
			if m <= 0 {
				v.Cite(it, "%s：记了 %d 分钟，可计的时长已经用完，不计费", it.Name, d.Minutes)
				continue
			}
			// Cut from the running total, so that the quantities add up to the whole time.
			qty = money.Micro((used+m)*money.One/60 - used*money.One/60)
			used += m
			v.Cite(it, "%s：做了 %d 分钟，计 %s 小时，单价 %s", it.Name, m, qty, it.PriceFen.Yuan())
		} else {
			v.Cite(it, "%s：计 1 %s，单价 %s", it.Name, unitNames[it.Unit], it.PriceFen.Yuan())
		}
		out.Lines = append(out.Lines, Line{Item: it.Code, Name: it.Name, Kind: it.Kind, Unit: it.Unit, Qty: qty, PriceFen: it.PriceFen, Staff: in.Staff, On: in.On})
	}
	return out, nil
})
