package fund

import (
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// Payer is one line of the contribution table (筹资标准): who pays how much of
// the base of a kind of insured person.
type Payer struct {
	policy.Row
	Kind   string    `json:"kind" options:"employee|retiree|flexible|resident|minor" say:"参保人类别：employee 在职职工、retiree 退休人员、flexible 灵活就业、resident 未就业居民、minor 未成年人"`
	Base   string    `json:"base" say:"缴费基数是什么"`
	Person money.PPM `json:"person_percent" say:"个人缴纳的比例"`
	Unit   money.PPM `json:"employer_percent" say:"用人单位缴纳的比例"`
	Public money.PPM `json:"government_percent" say:"财政补助的比例"`
}

// Relief is a group whose own part the public purse pays (资助参保).
type Relief struct {
	policy.Row
	Group string    `json:"group" say:"人群名称，与名册里的写法一样"`
	Share money.PPM `json:"share_percent" say:"个人部分由财政资助的比例"`
}

var (
	payers   = policy.Rows[Payer]("fund.contribution.payers", "筹资标准")
	relief   = policy.Rows[Relief]("fund.contribution.relief", "资助参保").Optional()
	rounding = policy.Choice("fund.contribution.rounding", "筹资金额的取整", string(money.HalfUp), string(money.Down), string(money.Up), string(money.HalfEven))
)

// Contributor is the input of fund.contribution: the base is that of the
// period asked about (a month's wage, a year's income).
type Contributor struct {
	Kind   string    `json:"kind" need:"true"`
	Base   money.Fen `json:"base_fen" need:"true"`
	Groups []string  `json:"groups"`
}

// Contribution is who pays what for the period, in fen.
type Contribution struct {
	Person     money.Fen `json:"person_fen"`
	Employer   money.Fen `json:"employer_fen"`
	Government money.Fen `json:"government_fen"`
	Total      money.Fen `json:"total_fen"`
}

// ContributionRule is fund.contribution 筹资: the shares of person, employer
// and public purse; relief moves the person's part to the public purse.
var ContributionRule = policy.NewRule("fund.contribution", 1, "长护险筹资", contribution)

func contribution(v *policy.View, in Contributor) (Contribution, error) {
	if in.Base < 0 {
		return Contribution{}, fault.Field("base_fen", "缴费基数不能小于 0")
	}
	round := money.Rounding(rounding.In(v))
	rows := payers.In(v)
	if v.Err() != nil {
		return Contribution{}, v.Err()
	}
	var p *Payer
	for i := range rows {
		if rows[i].Kind == in.Kind {
			p = &rows[i]
		}
	}
	if p == nil {
		return Contribution{}, fault.Field("kind", "没有「%s」这类参保人的筹资标准", in.Kind)
	}
	var out Contribution
	for _, part := range []struct {
		to    *money.Fen
		share money.PPM
	}{{&out.Person, p.Person}, {&out.Employer, p.Unit}, {&out.Government, p.Public}} {
		fen, err := in.Base.Share(part.share, round)
		if err != nil {
			return Contribution{}, fault.Field("base_fen", "缴费基数太大，算不了")
		}
		*part.to = fen
	}
	v.Cite(p, "基数（%s）%s：个人 %s，单位 %s，财政 %s", p.Base, in.Base.Yuan(), p.Person.Percent(), p.Unit.Percent(), p.Public.Percent())
	groups, _ := relief.Get(v)
	var best *Relief
	for i := range groups {
		for _, g := range in.Groups {
			if r := &groups[i]; r.Group == g && (best == nil || r.Share > best.Share) {
				best = r
			}
		}
	}
	if best != nil && out.Person > 0 {
		paid, err := out.Person.Share(best.Share, round)
		if err != nil {
			return Contribution{}, err
		}
		out.Person -= paid
		out.Government += paid
		v.Cite(best, "%s的个人部分由财政资助 %s，即 %s", best.Group, best.Share.Percent(), paid.Yuan())
	}
	out.Total = out.Person + out.Employer + out.Government
	v.Say("个人 %s，单位 %s，财政 %s，合计 %s", out.Person.Yuan(), out.Employer.Yuan(), out.Government.Yuan(), out.Total.Yuan())
	return out, nil
}
