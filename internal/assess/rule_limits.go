package assess

import (
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

var (
	acceptDays     = policy.Int("assess.accept_workdays", "申请收到后答复是否受理的时限", "个工作日")
	deliverDays    = policy.Int("assess.deliver_workdays", "受理后送达结论的时限", "个工作日")
	supplementDays = policy.Int("assess.supplement_workdays", "补齐材料的时限", "个工作日").Optional()
	onsiteDays     = policy.Int("assess.onsite_workdays", "受理后上门评估的时限", "个工作日").Optional()
	objectDays     = policy.Int("assess.object_workdays", "收到结论后提出异议的时限", "个工作日").Optional()
	disputeDays    = policy.Int("assess.dispute_workdays", "争议复评的时限", "个工作日").Optional()
)

// Dates is the input of assess.limits: the days on which things have happened.
type Dates struct {
	Received  day.Day `json:"received" need:"true"`
	Asked     day.Day `json:"asked,omitzero"`     // a supplement was asked for
	Accepted  day.Day `json:"accepted,omitzero"`  // accepted
	Delivered day.Day `json:"delivered,omitzero"` // the conclusion was delivered
	Objected  day.Day `json:"objected,omitzero"`  // an objection was raised
}

// Limits are the last days for what comes next; a limit that the region does
// not set, or that has not begun, is absent.
type Limits struct {
	Accept     day.Day `json:"accept"`
	Supplement day.Day `json:"supplement,omitzero"`
	Onsite     day.Day `json:"onsite,omitzero"`
	Deliver    day.Day `json:"deliver,omitzero"`
	Object     day.Day `json:"object,omitzero"`
	Dispute    day.Day `json:"dispute,omitzero"`
}

// LimitsRule is assess.limits 办理时限, in working days of the official calendar.
var LimitsRule = policy.NewRule("assess.limits", 1, "办理时限", limits)

func limits(v *policy.View, in Dates) (Limits, error) {
	if in.Received.IsZero() {
		return Limits{}, fault.Field("received", "请写明收到申请的日期")
	}
	var out Limits
	for _, l := range []struct {
		field    string
		from     day.Day
		key      policy.Key[int64]
		required bool
		to       *day.Day
		what     string
	}{
		{"received", in.Received, acceptDays, true, &out.Accept, "答复是否受理"},
		{"asked", in.Asked, supplementDays, false, &out.Supplement, "补齐材料"},
		{"accepted", in.Accepted, onsiteDays, false, &out.Onsite, "上门评估"},
		{"accepted", in.Accepted, deliverDays, true, &out.Deliver, "送达结论"},
		{"delivered", in.Delivered, objectDays, false, &out.Object, "提出异议"},
		{"objected", in.Objected, disputeDays, false, &out.Dispute, "完成复评"},
	} {
		if l.from.IsZero() {
			continue
		}
		if l.from < in.Received {
			return Limits{}, fault.Field(l.field, "%s 早于收到申请的日期", l.from)
		}
		n, ok := l.key.Get(v)
		if !ok {
			if l.required {
				l.key.In(v) // says that the region leaves it out
			}
			continue
		}
		end, err := v.Calendar().AddWorkdays(l.from, int(n))
		if err != nil {
			return Limits{}, fault.New(fault.Refused, "%s", err.Error())
		}
		*l.to = end
		v.Say("%s最晚在%s（%s后 %d 个工作日）", l.what, end.Chinese(), l.from.Chinese(), n)
	}
	return out, nil
}
