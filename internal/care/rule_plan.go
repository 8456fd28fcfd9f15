package care

import (
	"fmt"
	"slices"

	"yinling/internal/policy"
)

var (
	catalogue  = policy.Rows[Item]("care.items", "护理服务项目")
	approval   = policy.Bool("care.plan.approval", "护理计划要经办机构审批")
	aheadDays  = policy.Int("care.plan.ahead_days", "提前排好上门的天数", "天")
	planMonths = policy.Int("care.plan.longest_months", "一份护理计划最长的时间", "个月")
)

// planRule checks a care plan while it is written: items of the catalogue, who does
// them, how often, for how long, and what a full month comes to.
var planRule = policy.NewRule("care.plan", 1, "护理计划核对", func(v *policy.View, in PlanIn) (Checked, error) {
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
