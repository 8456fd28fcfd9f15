package hall

import (
	"strings"

	"yinling/internal/policy"
)

// Lane is a lane of the queue (通道): who goes in it, and how much faster their
// waiting counts than an ordinary one's.
type Lane struct {
	policy.Row
	ID       string              `json:"id" say:"代号"`
	Name     string              `json:"name" say:"名称"`
	Letter   string              `json:"letter" say:"号码前的字母"`
	Weight   int64               `json:"weight" say:"等 1 分钟算几分钟"`
	AgeFrom  int64               `json:"age_from" say:"多少岁起；0 是不按年龄"`
	Unwell   bool                `json:"unwell" say:"行动不便的人也走"`
	Groups   policy.Many[string] `json:"groups,omitempty" say:"也走这条通道的重点人群"`
	Priority bool                `json:"priority" say:"优先窗口先叫"`
}

var lanes = policy.Rows[Lane]("hall.lanes", "排队的通道")

// LaneFacts is the input of hall.lane. Age is -1 when nobody knows it.
type LaneFacts struct {
	Age    int64    `json:"age" need:"true" min:"-1"`
	Groups []string `json:"groups" need:"true"`
	Unwell bool     `json:"unwell" need:"true"`
}

// LaneFit is the lane of a ticket and why.
type LaneFit struct {
	Lane   string `json:"lane"`
	Name   string `json:"name"`
	Letter string `json:"letter"`
	Why    string `json:"why"`
}

// LaneRule is hall.lane 走哪条通道: the first lane in the pack's order that the
// person's age, group or need opens.
var LaneRule = policy.NewRule("hall.lane", 1, "取号走哪条通道", lane)

func lane(v *policy.View, in LaneFacts) (LaneFit, error) {
	rows := lanes.In(v)
	for i := range rows {
		r := &rows[i]
		var why []string
		if r.AgeFrom > 0 && in.Age >= r.AgeFrom {
			why = append(why, itoa(r.AgeFrom)+" 岁以上")
		}
		if r.Unwell && in.Unwell {
			why = append(why, "行动不便")
		}
		for _, g := range in.Groups {
			if r.Groups.Has(g) {
				why = append(why, g)
			}
		}
		open := r.AgeFrom == 0 && !r.Unwell && len(r.Groups) == 0
		if len(why) == 0 && !open {
			continue
		}
		fit := LaneFit{Lane: r.ID, Name: r.Name, Letter: r.Letter, Why: strings.Join(why, "、")}
		if fit.Why == "" {
			fit.Why = "按先后"
		}
		v.Cite(r, "%s：走%s", fit.Why, r.Name)
		return fit, nil
	}
	if v.Err() != nil {
		return LaneFit{}, v.Err()
	}
	return LaneFit{}, v.Refuse(lanes.Cite(v), "没有一条通道可走；请在政策包里写一条人人都能走的通道")
}
