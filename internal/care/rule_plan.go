package care

import (
	"fmt"
	"slices"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// Item is a care service item (护理服务项目) of a region's catalogue.
type Item struct {
	policy.Row
	Code          string    `json:"code" say:"项目编码"`
	Name          string    `json:"name" say:"项目名称"`
	Kind          string    `json:"kind" options:"living|nursing" say:"生活照护 living 或医疗护理 nursing"`
	Minutes       int64     `json:"minutes" say:"一次的参考分钟数"`
	Unit          string    `json:"unit" options:"hour|visit|day|bed_day|month" say:"计价单位"`
	Qualification string    `json:"qualification" options:"care_worker|nurse|family" say:"至少要什么人做"`
	PriceFen      money.Fen `json:"price_fen" say:"单价（分）"`
}

var (
	catalogue  = policy.Rows[Item]("care.items", "护理服务项目")
	approval   = policy.Bool("care.plan.approval", "护理计划要经办机构审批")
	aheadDays  = policy.Int("care.plan.ahead_days", "提前排好上门的天数", "天")
	planMonths = policy.Int("care.plan.longest_months", "一份护理计划最长的时间", "个月")
)

// rank orders qualifications: a nurse may do what a care worker does, a trained
// member of the family what needs no nurse.
var rank = map[string]int{"family": 1, "care_worker": 1, "nurse": 2}

var staffNames = map[string]string{"family": "家属", "care_worker": "护理员", "nurse": "护士"}

// StaffName is the Chinese name of a qualification.
func StaffName(s string) string { return staffNames[s] }

// Catalogue is the region's catalogue, for screens.
func Catalogue(v *policy.View) []Item { items, _ := catalogue.Peek(v); return items }

// PlanIn is a plan as rule care.plan judges it.
type PlanIn struct {
	Mode  string     `json:"mode"`
	Level int64      `json:"level"`
	From  day.Day    `json:"from"`
	To    day.Day    `json:"to"`
	Items []PlanItem `json:"items"`
	Slots []Slot     `json:"slots"`
	// Limits are the caps that rule benefit.limits found for the person.
	Limits []benefit.Limit `json:"limits,omitempty"`
}

// Problem is one thing wrong with a plan. Stop: the plan may not be offered;
// else the person must know it before confirming.
type Problem struct {
	Field  string        `json:"field,omitempty"`
	Say    string        `json:"say"`
	Stop   bool          `json:"stop"`
	Clause *fault.Clause `json:"clause,omitempty"`
}

// Checked is what a plan comes to in its fullest month, and what is wrong with it.
type Checked struct {
	Month        day.Month `json:"month"`
	Visits       int64     `json:"visits"`
	WeekMinutes  int64     `json:"week_minutes"`
	MonthMinutes int64     `json:"month_minutes"`
	Lines        []Line    `json:"lines"`     // of the month, summed by item: for a quote
	TotalFen     money.Fen `json:"total_fen"` // of the month
	Parts        [][]int   `json:"parts"`     // for each slot the indices of its items
	Problems     []Problem `json:"problems"`
	Approval     bool      `json:"approval"`
	AheadDays    int64     `json:"ahead_days"`

	times []int64 // how often each item falls in the month
}

// Stops tells whether a problem forbids to offer the plan.
func (c Checked) Stops() bool {
	return slices.ContainsFunc(c.Problems, func(p Problem) bool { return p.Stop })
}

// Plan checks a care plan while it is written: items of the catalogue, who does
// them, how often, for how long, and what a full month comes to.
var planRule = policy.NewRule("care.plan", "护理计划核对", func(v *policy.View, in PlanIn) (Checked, error) {
	out := Checked{Approval: approval.In(v), AheadDays: aheadDays.In(v)}
	longest, items := planMonths.In(v), catalogue.In(v)
	if err := v.Err(); err != nil {
		return out, err
	}
	stop := func(field, say string, args ...any) {
		out.Problems = append(out.Problems, Problem{Field: field, Say: fmt.Sprintf(say, args...), Stop: true})
	}
	if in.From.IsZero() || in.To < in.From {
		stop("to", "请写计划的起止日期，止日不能早于起日。")
		return out, nil
	}
	if in.To >= in.From.AddMonths(int(longest)) {
		stop("to", "一份计划最长 %d 个月，最晚写到%s。", longest, (in.From.AddMonths(int(longest)) - 1).Chinese())
	}
	if len(in.Items) == 0 {
		stop("items", "计划里还没有服务项目，请至少选一项。")
	}
	byDay := in.Mode == "home"
	if byDay && len(in.Slots) == 0 {
		stop("slots", "请写每周哪几天、几点上门。")
	}
	found := make([]*Item, len(in.Items))
	for i, p := range in.Items {
		field := fmt.Sprintf("items[%d]", i)
		n := slices.IndexFunc(items, func(x Item) bool { return x.Code == p.Item })
		if n < 0 {
			stop(field, "项目“%s”不在本地的护理服务项目目录里，请从目录里选。", p.Item)
			continue
		}
		it := &items[n]
		found[i] = it
		v.Cite(*it, "%s：%s做，每次 %d 分钟，每周 %d 次", it.Name, staffNames[p.Staff], p.Minutes, p.PerWeek)
		if rank[p.Staff] == 0 || rank[p.Staff] < rank[it.Qualification] {
			stop(field, "“%s”要%s来做，不能安排%s。", it.Name, staffNames[it.Qualification], staffNames[p.Staff])
		}
		if byDay && (p.PerWeek < 1 || p.PerWeek > int64(len(in.Slots))) {
			stop(field, "“%s”每周 %d 次，但每周只上门 %d 次；请改次数或加上门。", it.Name, p.PerWeek, len(in.Slots))
		}
		if byDay && (p.Minutes < 1 || p.Minutes > 480) {
			stop(field, "“%s”每次的分钟数要在 1 到 480 之间。", it.Name)
		}
	}
	for i, s := range in.Slots {
		if _, ok := clock(s.Start); !ok || s.Weekday < 1 || s.Weekday > 7 {
			stop(fmt.Sprintf("slots[%d]", i), "第 %d 个上门时间写错了：星期是 1 到 7，时间写成 09:00 的样子。", i+1)
		}
	}
	if out.Stops() {
		return out, nil
	}
	out.Month = fullMonth(in.From, in.To)
	out.Parts = spread(in.Items, in.Slots)
	if err := sum(v, in, found, &out); err != nil {
		return out, err
	}
	overLimits(v, in, found, &out)
	return out, nil
})

// fullMonth is the first month that the plan fills, or its first month.
func fullMonth(from, to day.Day) day.Month {
	m := from.Month()
	if from != m.First() && to >= (m+1).Last() {
		m++
	}
	return m
}

// clock reads "09:00" as minutes after midnight.
func clock(s string) (int64, bool) {
	var h, m int64
	if n, err := fmt.Sscanf(s, "%02d:%02d", &h, &m); err != nil || n != 2 || len(s) != 5 || h > 23 || m > 59 {
		return 0, false
	}
	return h*60 + m, true
}

// spread gives each slot of the week its items: an item done k times a week
// falls on k slots as evenly as possible, the same every week.
func spread(items []PlanItem, slots []Slot) [][]int {
	order := make([]int, len(slots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, _ := clock(slots[a].Start)
		y, _ := clock(slots[b].Start)
		return int(slots[a].Weekday*1440+x) - int(slots[b].Weekday*1440+y)
	})
	parts := make([][]int, len(slots))
	n := int64(len(slots))
	for pos, slot := range order {
		for i, it := range items {
			if int64(pos+1)*it.PerWeek/n > int64(pos)*it.PerWeek/n {
				parts[slot] = append(parts[slot], i)
			}
		}
	}
	return parts
}
