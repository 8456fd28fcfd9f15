package assess

import (
	"strings"

	"yinling/internal/policy"
)

// PriorityGroup is a key group (重点人群) whose applications go first.
type PriorityGroup struct {
	policy.Row
	Group    string `json:"group" say:"重点人群名称，与名册里的写法一样"`
	Priority int64  `json:"priority" say:"先后：1 最先"`
}

var priorityGroups = policy.Rows[PriorityGroup]("assess.order.groups", "优先受理的重点人群").Optional()

// Ordinary is the priority of everyone whom no rule puts first.
const Ordinary = 9

// OrderFacts is the input of assess.order.
type OrderFacts struct {
	Groups []string `json:"groups"`
}

// Order is the place in the queue: 1 first, Ordinary last.
type Order struct {
	Priority int64  `json:"priority"`
	Group    string `json:"group"`
}

// OrderRule is assess.order 优先受理: who belongs to several groups gets the
// best of their places.
var OrderRule = policy.NewRule("assess.order", 1, "优先受理", order)

func order(v *policy.View, in OrderFacts) (Order, error) {
	rows, ok := priorityGroups.Get(v)
	var best *PriorityGroup
	for i := range rows {
		for _, g := range in.Groups {
			if r := &rows[i]; r.Group == g && (best == nil || r.Priority < best.Priority) {
				best = r
			}
		}
	}
	if best == nil {
		if !ok {
			v.Say("当地没有规定优先受理的人群，按申请先后办理")
		} else if len(in.Groups) > 0 {
			v.Say("%s不在优先受理的人群里，按申请先后办理", strings.Join(in.Groups, "、"))
		}
		return Order{Priority: Ordinary}, nil
	}
	v.Cite(best, "%s，优先受理", best.Group)
	return Order{best.Priority, best.Group}, nil
}
