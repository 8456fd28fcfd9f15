package fund

import (
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

var (
	designEmployee = policy.Percent("fund.design.employee_percent", "职工支付比例的国家设计")
	designResident = policy.Percent("fund.design.resident_percent", "居民支付比例的国家设计")
	designCap      = policy.Percent("fund.design.cap_percent", "年度支付限额占上年居民人均可支配收入的上限")
	designWaiting  = policy.Int("fund.design.waiting_months", "待遇等待期的国家设计", "个月")
	designCash     = policy.Bool("fund.design.cash", "基金可以向失能人员支付现金")
)

// DesignQuestion is what a region plans: a scheme for one kind of insured.
type DesignQuestion struct {
	Coverage string    `json:"coverage" options:"employee|resident" need:"true"` // employee or resident
	Income   money.Fen `json:"income_fen" need:"true"`                           // last year's disposable income per head
	Ratio    int64     `json:"ratio_percent"`                                    // planned payment ratio, whole percent; 0 = not decided
	Cap      money.Fen `json:"cap_fen"`                                          // planned yearly cap; 0 = not decided
	Waiting  int64     `json:"waiting_months"`                                   // planned waiting period; 0 = not decided
	Cash     bool      `json:"cash"`                                             // plans cash to the person
}

// Design is the national frame for the question and where the plan leaves it.
type Design struct {
	Ratio   string    `json:"ratio"`
	CapMost money.Fen `json:"cap_most_fen"`
	Waiting int64     `json:"waiting_months"`
	Apart   []string  `json:"apart"` // what differs, in words; empty when the plan fits
}

// DesignRule is fund.design 国家设计对照: it measures a region's plan against the
// national design of 2026. It never refuses; the design says 约 (about).
var DesignRule = policy.NewRule("fund.design", 1, "与2026年国家设计对照", design)

func design(v *policy.View, in DesignQuestion) (Design, error) {
	if in.Income <= 0 {
		return Design{}, fault.Field("income_fen", "请填上年居民人均可支配收入，大于 0")
	}
	ratio := designResident
	switch in.Coverage {
	case "employee":
		ratio = designEmployee
	case "resident":
	default:
		return Design{}, fault.Field("coverage", "只能是 employee（职工）或 resident（居民）")
	}
	about, most, waiting, cash := ratio.In(v), designCap.In(v), designWaiting.In(v), designCash.In(v)
	if v.Err() != nil {
		return Design{}, v.Err()
	}
	limit, err := in.Income.Share(most, money.Down)
	if err != nil {
		return Design{}, fault.Field("income_fen", "收入太大，算不了")
	}
	out := Design{Ratio: about.Percent(), CapMost: limit, Waiting: waiting, Apart: []string{}}
	v.Say("年度限额最高 %s 的 %s，即 %s", in.Income.Yuan(), most.Percent(), limit.Yuan())
	apart := func(on bool, say string) {
		if on {
			out.Apart = append(out.Apart, say)
			v.Say("%s", say)
		}
	}
	apart(in.Ratio != 0 && money.PPM(in.Ratio)*10_000 != about, "支付比例与国家设计的约 "+about.Percent()+" 不同")
	apart(in.Cap > limit, "年度限额高于国家设计的上限 "+limit.Yuan())
	apart(in.Waiting != 0 && in.Waiting != waiting, "等待期与国家设计不同")
	apart(in.Cash && !cash, "国家设计原则上不向失能人员支付现金")
	return out, nil
}
