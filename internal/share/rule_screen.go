package share

import (
	"yinling/internal/day"
	"yinling/internal/policy"
)

var (
	screenGroups   = policy.Texts("share.screen.groups", "排查的重点人群").Optional()
	contactMonths  = policy.Int("share.screen.contact_months", "重点人群至少多久联系一次", "个月")
	unreachedRetry = policy.Int("share.screen.retry_days", "没有联系上的再联系", "天")
)

// The states of a watched person, the most urgent first.
const (
	None    = "none"    // has not applied
	Refused = "refused" // the last application was refused or withdrawn
	Due     = "due"     // to be assessed again
	Open    = "open"    // an application is under way
	Below   = "below"   // assessed, the level gives no benefit
	Granted = "granted" // assessed, the benefit has not begun
	Enjoy   = "enjoy"   // has the benefit
)

// ScreenFacts is what is known about a person of the key population on a day.
type ScreenFacts struct {
	Groups    []string `json:"groups" need:"true"`
	Deceased  bool     `json:"deceased" need:"true"`
	Covered   bool     `json:"covered" need:"true"` // insured for long-term care
	Open      bool     `json:"open"`                // an application is under way
	Refused   bool     `json:"refused"`             // the last one was refused, withdrawn or lapsed
	Concluded bool     `json:"concluded"`           // there is a conclusion
	ValidTo   day.Day  `json:"valid_to"`            // of the last conclusion; no day: it names none (below every benefit)
	RenewFrom day.Day  `json:"renew_from"`
	Below     bool     `json:"below"` // the last conclusion gives no benefit
	Benefit   bool     `json:"benefit"`
	Today     day.Day  `json:"today" need:"true"`
}

// Screening says where a person of the key population stands.
type Screening struct {
	Group    string  `json:"group"`    // the first group that counts; "": not watched
	Should   bool    `json:"should"`   // 应评
	Assessed bool    `json:"assessed"` // 已评: a conclusion holds today
	Enjoying bool    `json:"enjoying"` // 已享
	State    string  `json:"state"`
	Due      day.Day `json:"due"`
}

// ScreenRule is share.screen 重点人群排查: who of the groups should be assessed,
// and where each stands. Nobody is left out because there is no application.
var ScreenRule = policy.NewRule("share.screen", 1, "重点人群排查", screen)

func screen(v *policy.View, in ScreenFacts) (out Screening, err error) {
	groups, _ := screenGroups.Get(v)
	for _, g := range groups {
		if has(in.Groups, g) {
			out.Group = g
			break
		}
	}
	switch {
	case out.Group == "":
		v.Say("不在要排查的重点人群里")
		return out, nil
	case in.Deceased:
		out.Group = ""
		v.Say("已经去世，不再排查")
		return out, nil
	}
	out.Should = in.Covered
	out.Assessed = in.Concluded && (in.ValidTo == 0 || in.ValidTo >= in.Today)
	out.Enjoying = in.Benefit
	if in.ValidTo != 0 {
		if out.Due = in.ValidTo; in.RenewFrom != 0 {
			out.Due = in.RenewFrom
		}
	}
	switch {
	case in.Open:
		out.State = Open
	case in.Concluded && out.Due != 0 && out.Due <= in.Today:
		out.State = Due
	case in.Benefit:
		out.State = Enjoy
	case out.Assessed && in.Below:
		out.State = Below
	case out.Assessed:
		out.State = Granted
	case in.Refused:
		out.State = Refused
	default:
		out.State = None
	}
	v.Say("%s，%s", out.Group, StateName(out.State))
	return out, nil
}

// StateName is a state in words.
func StateName(state string) string {
	return map[string]string{None: "没有申请", Refused: "没有受理或撤回", Due: "该复评", Open: "正在办", Below: "已评，不够待遇等级",
		Granted: "已评，待遇没有开始", Enjoy: "已享受待遇"}[state]
}
