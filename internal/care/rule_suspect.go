package care

import (
	"fmt"
	"slices"
	"strings"

	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

var (
	radius       = policy.Int("care.visit.radius_metres", "打卡位置离登记住址最远", "米")
	accuracyMost = policy.Int("care.visit.accuracy_metres", "定位误差最大", "米")
	shortPercent = policy.Percent("care.visit.short_percent", "实际时长至少达到计划时长的比例")
	speedMost    = policy.Int("care.visit.speed_count", "两次上门之间最快车速", "公里每小时")
	homesMost    = policy.Int("care.visit.homes_count", "一人一天最多上门", "户")
	lateHours    = policy.Int("care.visit.late_hours", "离线记录最晚上传", "小时")
	aheadMinutes = policy.Int("care.visit.clock_minutes", "设备时钟可以快", "分钟")
	evidenceMin  = policy.Int("care.visit.evidence_count", "每次上门至少留证", "份")
	checks       = policy.Texts("care.visit.checks", "要筛查的疑点")
	answerDays   = policy.Int("care.exception.answer_workdays", "机构说明疑点的时限", "个工作日")
	decideDays   = policy.Int("care.exception.decide_workdays", "经办处理疑点的时限", "个工作日")
)

// suspectRule looks for what does not fit. It never says no.
var suspectRule = policy.NewRule("care.suspect", 1, "上门记录疑点", func(v *policy.View, in SuspectIn) (SuspectOut, error) {
	out := SuspectOut{Found: []Suspicion{}, AnswerWorkdays: answerDays.In(v), DecideWorkdays: decideDays.In(v)}
	wanted := checks.In(v)
	add := func(kind string, row policy.Cited, say string, args ...any) {
		if !slices.Contains(wanted, kind) {
			return
		}
		if row == nil {
			row = checks.Cite(v)
		}
		out.Found = append(out.Found, Suspicion{Kind: kind, Say: fmt.Sprintf(say, args...), Clause: fault.As(v.Refuse(row, "")).Clause})
		v.Say("疑点：%s", out.Found[len(out.Found)-1].Say)
	}
	if in.InHospital {
		add("hospital", nil, "这一天老人在住院。")
	}
	if !in.Scheduled {
		add("unplanned", nil, "这次上门不在执行中的护理计划里。")
	}
	if in.Mode != "home" {
		return out, v.Err()
	}
	inTime(v, in, add)
	inPlace(v, in, add)
	inPlan(v, in, add)
	return out, v.Err()
})

type adder func(kind string, row policy.Cited, say string, args ...any)

func inTime(v *policy.View, in SuspectIn, add adder) {
	late, ahead, speed, homes := lateHours.In(v), aheadMinutes.In(v), speedMost.In(v), homesMost.In(v)
	if in.LateMinutes > late*60 {
		add("late", lateHours.Cite(v), "记录过了 %d 小时才上传，超过 %d 小时。", in.LateMinutes/60, late)
	}
	if m := max(in.AheadMinutes, in.BehindMinutes); m > ahead {
		add("clock", aheadMinutes.Cite(v), "手机的时钟%s了 %d 分钟。", map[bool]string{true: "快", false: "慢"}[m == in.AheadMinutes], m)
	}
	overlap := func(o Near) bool { return in.Begin < o.End && o.Begin < in.End }
	if n := slices.IndexFunc(in.Near, func(o Near) bool { return overlap(o) && o.SameStaff }); n >= 0 {
		add("overlap_staff", nil, "同一位护理员同一时间还在另一家（记录 %s）。", in.Near[n].Visit)
	}
	if n := slices.IndexFunc(in.Near, func(o Near) bool { return overlap(o) && o.SamePerson }); n >= 0 {
		add("overlap_person", nil, "老人同一时间还有另一次上门（记录 %s）。", in.Near[n].Visit)
	}
	for _, o := range in.Near {
		gap := max(in.Begin-o.End, o.Begin-in.End) // ms between the two
		// metres / hours > speed, in whole numbers: m × 3,600,000 > ms × km/h × 1000
		if o.SameStaff && o.Metres > 2000 && gap >= 0 && o.Metres*3600 > gap*speed {
			add("travel", speedMost.Cite(v), "和另一次上门（记录 %s）隔 %d 分钟，相距 %d 公里，路上来不及。", o.Visit, gap/60000, o.Metres/1000)
			break
		}
	}
	if in.Home > homes {
		add("homes", homesMost.Cite(v), "这是护理员当天的第 %d 户，一天最多 %d 户。", in.Home, homes)
	}
}

func inPlace(v *policy.View, in SuspectIn, add adder) {
	far, rough := radius.In(v), accuracyMost.In(v)
	var off, mock, out []string
	for i, s := range []*Spot{in.In, in.Out} {
		name := []string{"到达", "离开"}[i]
		if s == nil || s.Off {
			off = append(off, name+"时没有定位")
			continue
		} else if s.Mock {
			mock = append(mock, name+"时手机报的是模拟位置")
		} else if s.Accuracy > rough {
			off = append(off, fmt.Sprintf("%s时定位误差 %d 米", name, s.Accuracy))
		}
		if s.Distance > far+s.Accuracy {
			out = append(out, fmt.Sprintf("%s时离登记住址 %d 米（误差 %d 米）", name, s.Distance, s.Accuracy))
		}
	}
	for _, f := range []struct {
		kind string
		says []string
		row  policy.Cited
	}{{"location_off", off, accuracyMost.Cite(v)}, {"mock", mock, nil}, {"location_far", out, radius.Cite(v)}} {
		if len(f.says) > 0 {
			add(f.kind, f.row, "%s。", strings.Join(f.says, "，"))
		}
	}
}

func inPlan(v *policy.View, in SuspectIn, add adder) {
	short, least, items := shortPercent.In(v), evidenceMin.In(v), catalogue.In(v)
	if in.Minutes*money.One < in.PlanMinutes*int64(short) {
		add("short", shortPercent.Cite(v), "计划 %d 分钟，实际 %d 分钟，不到 %s。", in.PlanMinutes, in.Minutes, short.Percent())
	}
	var extra, unfit []string
	for _, d := range in.Items {
		name, need := d.Item, ""
		if n := slices.IndexFunc(items, func(x Item) bool { return x.Code == d.Item }); n >= 0 {
			name, need = items[n].Name, items[n].Qualification
		}
		if in.Scheduled && !slices.ContainsFunc(in.PlanItems, func(p DoneItem) bool { return p.Item == d.Item }) {
			extra = append(extra, name)
		}
		if rank[in.Staff] < rank[need] {
			unfit = append(unfit, name)
		}
	}
	if len(extra) > 0 {
		add("extra", nil, "做了计划里没有的项目：%s。", strings.Join(extra, "、"))
	}
	if len(unfit) > 0 {
		add("unqualified", nil, "这些项目要护士来做：%s。", strings.Join(unfit, "、"))
	}
	if in.Unfit != "" {
		add("unfit", nil, "%s。", in.Unfit)
	}
	if in.Evidence < least {
		add("no_evidence", evidenceMin.Cite(v), "只留了 %d 份证据，至少要 %d 份。", in.Evidence, least)
	}
	if !in.Confirmed {
		add("unconfirmed", nil, "家属没有确认。")
	}
}
