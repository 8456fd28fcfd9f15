package institution

import (
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Sanction is one line of what may follow a breach (违约处理): against whom, and
// between how many months.
type Sanction struct {
	policy.Row
	Subject string `json:"subject" options:"institution|responsible|staff|insured" say:"对谁：institution 机构、responsible 机构责任人员、staff 服务人员、insured 参保人"`
	Serious bool   `json:"serious" say:"情节严重"`
	Measure string `json:"measure" say:"怎样处理"`
	Least   int64  `json:"least_months" say:"最短几个月"`
	Most    int64  `json:"most_months" say:"最长几个月"`
}

var sanctions = policy.Rows[Sanction]("institution.sanctions", "违规违约的处理")

// SanctionPlan is a measure that somebody proposes.
type SanctionPlan struct {
	Subject string `json:"subject" need:"true"`
	Serious bool   `json:"serious" need:"true"`
	Months  int64  `json:"months" need:"true"`
}

// SanctionFit says that the proposed time lies within the text.
type SanctionFit struct {
	Measure string `json:"measure"`
	Months  int64  `json:"months"`
}

// SanctionRule is institution.sanction 违规违约处理: a proposed measure must lie
// between the least and the most that its text allows.
var SanctionRule = policy.NewRule("institution.sanction", 1, "违规违约的处理期限", sanction)

func sanction(v *policy.View, in SanctionPlan) (SanctionFit, error) {
	rows := sanctions.In(v)
	for i := range rows {
		r := &rows[i]
		if r.Subject != in.Subject || r.Serious != in.Serious {
			continue
		}
		v.Cite(r, "%s：%d 至 %d 个月", r.Measure, r.Least, r.Most)
		if in.Months < r.Least || in.Months > r.Most {
			return SanctionFit{}, v.Refuse(r, "%s应在 %d 至 %d 个月之间，现在写的是 %d 个月；请改期限", r.Measure, r.Least, r.Most, in.Months)
		}
		return SanctionFit{r.Measure, in.Months}, nil
	}
	if v.Err() != nil {
		return SanctionFit{}, v.Err()
	}
	return SanctionFit{}, fault.Field("subject", "没有这种对象或情节的处理规定；对象是 institution、responsible、staff、insured")
}

// Stopped refuses that the fund pays while a sanction of the insured person
// holds (暂停联网结算), with the clause of that measure; until is its last day.
func Stopped(v *policy.View, until day.Day) error {
	rows := sanctions.In(v)
	for i := range rows {
		if r := &rows[i]; r.Subject == "insured" {
			return v.Refuse(r, "%s，到%s。这段时间的费用先由本人全额付，凭票据到窗口申请手工报销", r.Measure, until.Chinese())
		}
	}
	if v.Err() != nil {
		return v.Err()
	}
	return fault.New(fault.Refused, "暂停联网结算，到%s。这段时间的费用先由本人全额付，凭票据到窗口申请手工报销。", until.Chinese())
}
