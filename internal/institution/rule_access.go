package institution

import (
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// AccessFacts is what an institution states in its application and what other
// departments confirm.
type AccessFacts struct {
	Kind            string `json:"kind" need:"true" say:"assessment 评估机构、care 护理服务机构"`
	Registered      bool   `json:"registered" need:"true" say:"依法登记、能独立承担责任"`
	OperatingMonths int64  `json:"operating_months" need:"true" say:"正式运营的月数"`
	Team            bool   `json:"team" need:"true" say:"有符合要求的专业人员"`
	Premises        bool   `json:"premises" need:"true" say:"有固定场所和设备"`
	Platform        bool   `json:"platform" need:"true" say:"能使用国家医保信息平台长护险功能"`
	Systems         bool   `json:"systems" need:"true" say:"有服务、财务、统计、内控、人员、档案制度"`
	PriceList       bool   `json:"price_list" say:"执行医保的价格政策并公开收费（护理服务机构）"`
	SinceForged     int64  `json:"months_since_forged" need:"true" min:"-1" say:"距弄虚作假申请的月数，没有过为 -1"`
	SinceIllegal    int64  `json:"months_since_illegal" need:"true" min:"-1" say:"距因违法被解除协议的月数，没有过为 -1"`
	SinceBreach     int64  `json:"months_since_breach" need:"true" min:"-1" say:"距因严重违约被解除协议的月数，没有过为 -1"`
	Dishonest       bool   `json:"dishonest" need:"true" say:"法定代表人或实际控制人是失信被执行人"`
}

// Access says that the institution may go on to review and agreement.
type Access struct {
	OK bool `json:"ok"`
}

var (
	assessAccess = policy.NewConditions[AccessFacts]("institution.access.assessment", "评估机构申请定点的条件")
	careAccess   = policy.NewConditions[AccessFacts]("institution.access.care", "护理服务机构申请定点的条件")
)

// AccessRule is institution.access 申请定点: the first condition that does not
// hold refuses with its clause; all of them are told.
var AccessRule = policy.NewRule("institution.access", 1, "机构申请定点", access)

func access(v *policy.View, in AccessFacts) (Access, error) {
	conditions := careAccess
	switch in.Kind {
	case "assessment":
		conditions = assessAccess
	case "care":
	default:
		return Access{}, fault.Field("kind", "只能是 assessment（评估机构）或 care（护理服务机构）")
	}
	failed, err := conditions.Check(v, in)
	if err != nil {
		return Access{}, err
	}
	if len(failed) > 0 {
		return Access{}, conditions.Refuse(v, failed[0])
	}
	return Access{true}, nil
}
