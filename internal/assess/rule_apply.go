package assess

import (
	"strings"

	"yinling/internal/policy"
)

// ApplyFacts is what the system has found out about an applicant; where each
// fact came from and when stands in the case.
type ApplyFacts struct {
	Covered          bool     `json:"covered" need:"true" say:"当天是否参加长期护理保险"`
	PaidMonths       int64    `json:"paid_months" need:"true" say:"连续参保缴费的月数"`
	DisabledMonths   int64    `json:"disabled_months" need:"true" say:"失能状态持续的月数"`
	MonthsSinceLevel int64    `json:"months_since_level" need:"true" min:"-1" say:"距上次评估结论的月数，没有评估过为 -1"`
	SameState        bool     `json:"same_state" say:"自述状态和上次评估时一样"`
	SelfscreenOK     bool     `json:"selfscreen_ok" need:"true" say:"自评达到可以申请的等级，或当地不设门槛"`
	OtherPayers      []string `json:"other_payers" say:"应当支付护理费的其他渠道，如工伤保险"`
	PayerSource      string   `json:"payer_source,omitempty" say:"其他渠道的情况从哪里来：申请人填报、部门登记册"`
	FalseMaterial    bool     `json:"false_material" say:"材料经核实不真实"`
	MissingMaterial  []string `json:"missing_material" say:"还缺的材料"`
}

// ApplyOutcome is the result of the checks: accept, or supplement what is missing.
type ApplyOutcome struct {
	Result  string   `json:"result"`  // accept or supplement
	Missing []string `json:"missing"` // materials to bring
}

var applyConditions = policy.NewConditions[ApplyFacts]("assess.apply.conditions", "受理条件")

// ApplyRule is assess.apply 申请受理: each condition of the pack is checked and
// told; the first that does not hold refuses with its clause. Missing material
// does not refuse, it asks for a supplement (补正).
var ApplyRule = policy.NewRule("assess.apply", 1, "评估申请受理", apply)

func apply(v *policy.View, in ApplyFacts) (ApplyOutcome, error) {
	failed, err := applyConditions.Check(v, in)
	if err != nil {
		return ApplyOutcome{}, err
	}
	if len(failed) > 0 {
		return ApplyOutcome{}, applyConditions.Refuse(v, failed[0])
	}
	out := ApplyOutcome{Result: "accept", Missing: []string{}}
	if len(in.MissingMaterial) > 0 {
		out.Result, out.Missing = "supplement", in.MissingMaterial
		v.Say("还缺：%s；补齐后受理", strings.Join(in.MissingMaterial, "、"))
	}
	return out, nil
}
