package outreach

import (
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Terms are the limits for one kind of voice (投诉、咨询、建议).
type Terms struct {
	policy.Row
	Kind      string `json:"kind" options:"complaint|question|suggestion" say:"complaint 投诉、question 咨询、suggestion 建议"`
	Accept    int64  `json:"accept_workdays" say:"收到以后几个工作日内受理"`
	Answer    int64  `json:"answer_workdays" say:"受理以后几个工作日内答复"`
	Anonymous bool   `json:"anonymous" say:"可以不留姓名"`
}

var (
	termsKey    = policy.Rows[Terms]("outreach.voice.terms", "投诉、咨询、建议的办理时限")
	reopenCount = policy.Int("outreach.voice.reopen_count", "对答复不满意，可以要求重新办", "次")
	reopenDays  = policy.Int("outreach.voice.reopen_days", "收到答复后可以要求重新办的天数", "天")
)

// Spoken is what the limits depend on.
type Spoken struct {
	Kind      string `json:"kind" need:"true"`
	Anonymous bool   `json:"anonymous"`
}

// Limits are the limits that hold for it, in working days.
type Limits struct {
	Accept int64 `json:"accept_workdays"`
	Answer int64 `json:"answer_workdays"`
}

// TermsRule is outreach.terms 受理和答复的时限.
var TermsRule = policy.NewRule("outreach.terms", 1, "投诉、咨询、建议的受理和答复时限", terms)

func terms(v *policy.View, in Spoken) (Limits, error) {
	rows := termsKey.In(v)
	for i := range rows {
		r := &rows[i]
		if r.Kind != in.Kind {
			continue
		}
		v.Cite(r, "%d 个工作日内受理，受理后 %d 个工作日内答复", r.Accept, r.Answer)
		if in.Anonymous && !r.Anonymous {
			return Limits{}, v.Refuse(r, "这里不收不留姓名的；请留下姓名和电话，我们只用来答复您")
		}
		return Limits{r.Accept, r.Answer}, nil
	}
	if v.Err() != nil {
		return Limits{}, v.Err()
	}
	return Limits{}, fault.Field("kind", "请选是投诉、咨询还是建议")
}

// Again is a wish to have an answer looked at once more.
type Again struct {
	Round    int64   `json:"round" need:"true"` // 1: the first answer
	Answered day.Day `json:"answered" need:"true"`
	On       day.Day `json:"on" need:"true"`
}

// AgainOK says until when it could be asked.
type AgainOK struct {
	Until day.Day `json:"until"`
}

// AgainRule is outreach.again 对答复不满意，重新办: so many times and no later
// than so many days after the answer.
var AgainRule = policy.NewRule("outreach.again", 1, "不满意答复，要求重新办", again)

func again(v *policy.View, in Again) (AgainOK, error) {
	most, days := reopenCount.In(v), reopenDays.In(v)
	until := in.Answered + day.Day(days)
	if in.Round > most {
		return AgainOK{}, v.Refuse(reopenCount.Cite(v), "已经重新办过 %d 次，不能再重新办；还不同意的，请打 12393 向上级医保部门反映", most)
	}
	if in.On > until {
		return AgainOK{}, v.Refuse(reopenDays.Cite(v), "答复是%s给您的，%d 天内（到%s）可以要求重新办，现在过了；请另写一件", in.Answered.Chinese(), days, until.Chinese())
	}
	return AgainOK{until}, nil
}
