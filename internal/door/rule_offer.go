package door

import (
	"slices"

	"yinling/internal/day"
	"yinling/internal/policy"
)

var (
	slotCount  = policy.Int("door.offer_count", "一次给几个时段挑", "个")
	leadDays   = policy.Int("door.lead_workdays", "最早几个工作日以后上门", "个工作日")
	loadCount  = policy.Int("door.load_count", "一名帮办员半天最多上门几家", "家")
	reachLimit = policy.Int("door.reach_metres", "帮办员最远走多远", "米")
)

// Slots of a day, and their names.
const (
	Morning   = "am"
	Afternoon = "pm"
)

// SlotName is half a day in Chinese.
func SlotName(s string) string {
	return map[string]string{Morning: "上午", Afternoon: "下午"}[s]
}

// Slot is half a day with how many visits are still possible.
type Slot struct {
	On   day.Day `json:"on" need:"true"`
	Part string  `json:"part" options:"am|pm" need:"true"`
	Free int64   `json:"free"` // visits that fit helpers can still take
}

// OfferIn is the input of door.offer: the coming half days in order.
type OfferIn struct {
	Slots []Slot `json:"slots"`
}

// OfferOut are the slots that are offered.
type OfferOut struct {
	Slots []Slot `json:"slots"`
}

// OfferRule is door.offer 给时段: the first half days in which somebody can come.
var OfferRule = policy.NewRule("door.offer", 1, "给上门时段", func(v *policy.View, in OfferIn) (out OfferOut, err error) {
	want, lead := slotCount.In(v), leadDays.In(v)
	if err := v.Err(); err != nil {
		return out, err
	}
	first, err := v.Calendar().AddWorkdays(v.On(), int(lead))
	if err != nil {
		return out, v.Refuse(leadDays.Cite(v), "%s", err.Error())
	}
	for _, s := range in.Slots {
		if s.On >= first && s.Free > 0 && int64(len(out.Slots)) < want {
			out.Slots = append(out.Slots, s)
		}
	}
	if len(out.Slots) == 0 {
		return out, v.Refuse(loadCount.Cite(v), "这几天的上门都排满了。请打 12393 登记，有空出来的马上通知您；急的可以请家人代办。")
	}
	v.Say("从%s起，给 %d 个有人能来的时段", first.Chinese(), len(out.Slots))
	return out, nil
})

// Fit is a helper as dispatch sees them.
type Fit struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Skill  bool   `json:"skill"`           // can do what is asked for
	Metres int64  `json:"metres" min:"-1"` // from where they start, -1 not known
	Load   int64  `json:"load"`            // visits in this half day already
}

// DispatchIn is the input of door.dispatch.
type DispatchIn struct {
	Helpers []Fit `json:"helpers"`
}

// DispatchOut is who goes.
type DispatchOut struct {
	Helper string `json:"helper"`
}

// DispatchRule is door.dispatch 派人: with the skill, within reach, not full;
// of these the one with the fewest visits, then the nearest.
var DispatchRule = policy.NewRule("door.dispatch", 1, "派帮办员", func(v *policy.View, in DispatchIn) (out DispatchOut, err error) {
	limit, reach := loadCount.In(v), reachLimit.In(v)
	if err := v.Err(); err != nil {
		return out, err
	}
	fit := slices.DeleteFunc(slices.Clone(in.Helpers), func(f Fit) bool { return !f.Skill || f.Load >= limit || f.Metres > reach })
	if len(fit) == 0 {
		return out, v.Refuse(loadCount.Cite(v), "这个时段没有能来的帮办员，请换一个时段，或打 12393。")
	}
	slices.SortStableFunc(fit, func(a, b Fit) int {
		switch {
		case a.Load != b.Load:
			return int(a.Load - b.Load)
		case (a.Metres < 0) != (b.Metres < 0): // who is known to be near before who is not known
			return int(b.Metres - a.Metres)
		}
		return int(a.Metres - b.Metres)
	})
	f := fit[0]
	v.Say("%d 名帮办员里有 %d 名合适，派%s：这半天已有 %d 家，离 %d 米", len(in.Helpers), len(fit), f.Name, f.Load, f.Metres)
	return DispatchOut{f.ID}, nil
})
