package desk

import (
	"slices"
	"strings"

	"yinling/internal/fault"
	"yinling/internal/policy"
)

var (
	matterRows  = policy.Rows[Matter]("desk.matters", "事项")
	matterLocal = policy.Rows[Matter]("desk.matters_local", "当地的事项：新增的，或者替换同名的").Optional()
	conditions  = policy.NewConditions[MatterFacts]("desk.conditions", "事项的前提条件")
	condLocal   = policy.NewConditions[MatterFacts]("desk.conditions_local", "当地事项的前提条件").Optional()
)

// MatterFacts are what preconditions (前提条件) of matters may ask about.
type MatterFacts struct {
	By       string   `json:"by" say:"谁来办：self proxy clerk point institution"`
	Channel  string   `json:"channel" say:"办理方式"`
	Age      int64    `json:"age" say:"周岁"`
	Alive    bool     `json:"alive" say:"没有登记去世"`
	Insured  bool     `json:"insured" say:"今天在参保"`
	Coverage string   `json:"coverage" options:"employee|resident" say:"参保类型：employee 职工，resident 居民，空是没有"`
	Resident bool     `json:"resident" say:"住在本地"`
	Groups   []string `json:"groups" say:"重点人群"`
	Level    int64    `json:"level" say:"在有效期里的失能等级，0 是没有"`
	Enjoying bool     `json:"enjoying" say:"正在享受护理待遇"`
	Standing bool     `json:"standing" say:"这件事以前办成的还在有效期里"`
	Related  bool     `json:"related" say:"点号前同一类的另一件办成的还在有效期里，如变更以前的备案"`
}

// MatterIn is the input of desk.matter.
type MatterIn struct {
	Matter   string      `json:"matter"`
	Scope    string      `json:"scope" options:"see|act|pay"` // what the proxy may do
	Facts    MatterFacts `json:"facts"`                       //
	Brought  []string    `json:"brought"`                     // materials that were handed in
	Supplied []string    `json:"supplied"`                    // facts that data sharing gave
	Open     string      `json:"open"`                        // number of a case of the same matter on its way
	New      bool        `json:"new,omitempty"`               // nothing is known of the person; who takes it has seen the card
}

// MatterOut is its result: the first step, its limit, what is missing.
type MatterOut struct {
	Step    string   `json:"step"`
	Days    int64    `json:"workdays"`
	Missing []string `json:"missing"`
	Instant bool     `json:"instant"`
}

// Matters are all matters of a region on a day, local ones in place of the
// national ones of the same id.
func Matters(v *policy.View) []Matter {
	all, _ := matterRows.Peek(v)
	local, _ := matterLocal.Peek(v)
	out := slices.Clone(all)
	for _, m := range local {
		if i := slices.IndexFunc(out, func(x Matter) bool { return x.ID == m.ID }); i >= 0 {
			out[i] = m
		} else {
			out = append(out, m)
		}
	}
	return out
}

// MatterOf is one matter; an unknown id is fault.NotFound.
func MatterOf(v *policy.View, id string) (Matter, error) {
	list := Matters(v)
	if i := slices.IndexFunc(list, func(x Matter) bool { return x.ID == id }); i >= 0 {
		return list[i], nil
	}
	return Matter{}, fault.New(fault.NotFound, "%s没有「%s」这个事项。请从办事页重新选，或打 12393。", v.Name(), id)
}

// MatterRule is desk.matter 收件: who may bring what, by which way, under which
// conditions, and what is still missing.
var MatterRule = policy.NewRule("desk.matter", 2, "收件", func(v *policy.View, in MatterIn) (out MatterOut, err error) {
	m, err := MatterOf(v, in.Matter)
	if err != nil {
		return out, fault.Field("matter", "%s", fault.As(err).Say)
	}
	v.Cite(m, "办的是「%s」", m.Name)
	f := in.Facts
	ch := Channel(f.Channel)
	switch {
	case !m.By.Has(f.By):
		return out, v.Refuse(m, "「%s」不能由%s来办。", m.Name, ByName(f.By))
	case !slices.Contains(m.Ways(f.By), ch):
		return out, v.Refuse(m, "「%s」不能用%s办，可以用：%s。", m.Name, ch.Name(), m.ChannelNames())
	case f.By == ByProxy && scopeRank[in.Scope] < scopeRank[m.Proxied()]:
		return out, v.Refuse(m, "替家人办「%s」，要本人授权您%s。请本人在「家人代办」里改授权，或由本人来办。", m.Name, scopeSay[m.Proxied()])
	case in.Open != "" && !m.Many:
		return out, v.Refuse(m, "「%s」已经有一件在办（%s），不用再交。看进度就行。", m.Name, in.Open)
	}
	v.Say("由%s用%s来办", ByName(f.By), ch.Name())
	mine := func(id string) bool { return strings.HasPrefix(id, "any.") || strings.HasPrefix(id, m.ID+".") }
	failed, err := conditions.CheckThese(v, f, mine)
	if err != nil {
		return out, err
	}
	if len(failed) > 0 {
		return out, conditions.Refuse(v, failed[0])
	}
	if failed, err = condLocal.CheckThese(v, f, mine); err != nil {
		return out, err
	}
	if len(failed) > 0 {
		return out, condLocal.Refuse(v, failed[0])
	}
	for _, x := range m.Materials {
		switch {
		case in.New && x.From == "identity":
			v.Cite(m, "名册里还没有他，%s由收件人当面看过，不用交复印件", x.Name)
		case x.From != "" && slices.Contains(in.Supplied, string(x.From)):
			v.Cite(m, "%s由数据共享得到，不用交", x.Name)
		case x.Optional || slices.Contains(in.Brought, x.ID):
		default:
			out.Missing = append(out.Missing, x.Name)
		}
	}
	out.Step, out.Instant = m.Steps[0].ID, m.Instant && len(out.Missing) == 0
	switch out.Days = m.Steps[0].Workdays(v); {
	case len(out.Missing) > 0:
		v.Say("还差：%s", strings.Join(out.Missing, "、"))
	case out.Instant:
		v.Cite(m, "条件符合、材料齐全，当场办结")
	case out.Days > 0:
		v.Cite(m, "材料齐了，%d 个工作日内%s", out.Days, m.Steps[0].Name)
	}
	return out, v.Err()
})

var (
	scopeRank = map[string]int{"see": 1, "act": 2, "pay": 3}
	scopeSay  = map[string]string{"see": "查看", "act": "代办", "pay": "代办和付款"}
)
