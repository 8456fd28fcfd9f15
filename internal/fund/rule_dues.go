package fund

import (
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// Base is what one head of a kind pays from, and how often a year.
type Base struct {
	policy.Row
	Kind    string    `json:"kind" options:"employee|retiree|flexible|resident|minor" say:"参保人类别，与筹资标准里的一样"`
	Base    money.Fen `json:"base_fen" say:"一期的人均缴费基数（分）"`
	Periods int64     `json:"periods" say:"一年缴几期"`
}

// Transfer is the part that basic medical insurance hands over (划转).
type Transfer struct {
	policy.Row
	Kind  string    `json:"kind" options:"employee|retiree|flexible|resident|minor" say:"参保人类别"`
	Part  string    `json:"part" options:"person|employer" say:"哪一部分：person 个人部分、employer 单位部分"`
	Share money.PPM `json:"share_percent" say:"由医保划转的比例"`
}

var (
	bases     = policy.Rows[Base]("fund.contribution.bases", "筹资测算的人均基数")
	transfers = policy.Rows[Transfer]("fund.contribution.transfers", "由医保划转的部分").Optional()
)

// DuesIn is a class of the roster: a kind of insured, and the group whose own
// part the public purse pays, "" for none.
type DuesIn struct {
	Kind  string `json:"kind" need:"true"`
	Group string `json:"group"`
	Heads int64  `json:"heads" need:"true"`
}

// Dues is what a class owes in a year, by source, in fen.
type Dues struct {
	Person     money.Fen `json:"person_fen"`
	Employer   money.Fen `json:"employer_fen"`
	Medical    money.Fen `json:"medical_fen"`
	Government money.Fen `json:"government_fen"`
	Total      money.Fen `json:"total_fen"`
}

// DuesRule is fund.dues 年度应收筹资: fund.contribution for one head and period,
// less what medical insurance hands over, times periods and heads.
var DuesRule = policy.NewRule("fund.dues", 1, "年度应收筹资", func(v *policy.View, in DuesIn) (Dues, error) {
	if in.Heads < 0 || in.Heads > 2_000_000_000 {
		return Dues{}, fault.Field("heads", "人数要在 0 到 20 亿之间")
	}
	rows := bases.In(v)
	if v.Err() != nil {
		return Dues{}, v.Err()
	}
	var base *Base
	for i := range rows {
		if rows[i].Kind == in.Kind {
			base = &rows[i]
		}
	}
	if base == nil {
		return Dues{}, fault.Field("kind", "当地没有「%s」这类参保人的筹资基数，还没有纳入筹资", in.Kind)
	}
	c := Contributor{Kind: in.Kind, Base: base.Base}
	if in.Group != "" {
		c.Groups = []string{in.Group}
	}
	one, err := contribution(v, c)
	if err != nil {
		return Dues{}, err
	}
	d := Dues{Person: one.Person, Employer: one.Employer, Government: one.Government}
	shares, _ := transfers.Get(v)
	for i := range shares {
		t := &shares[i]
		if t.Kind != in.Kind {
			continue
		}
		part, name := &d.Person, "个人"
		if t.Part == "employer" {
			part, name = &d.Employer, "单位"
		}
		fen, err := part.Share(t.Share, money.Rounding(rounding.In(v)))
		if err != nil {
			return Dues{}, err
		}
		*part -= fen
		d.Medical += fen
		v.Cite(t, "%s部分由医保划转 %s，即 %s", name, t.Share.Percent(), fen.Yuan())
	}
	for _, part := range []*money.Fen{&d.Person, &d.Employer, &d.Medical, &d.Government} {
		if *part, err = part.MulDiv(base.Periods*in.Heads, 1, money.Down); err != nil {
			return Dues{}, fault.Field("heads", "人数太多，算不了")
		}
	}
	d.Total = d.Person + d.Employer + d.Medical + d.Government
	v.Cite(base, "人均基数 %s，一年 %d 期，%d 人：个人 %s，单位 %s，医保划转 %s，财政 %s，合计 %s", base.Base.Yuan(), base.Periods, in.Heads,
		d.Person.Yuan(), d.Employer.Yuan(), d.Medical.Yuan(), d.Government.Yuan(), d.Total.Yuan())
	return d, v.Err()
})

// Assumed tells whether the year's figures come from an example value (示例值) of
// the pack, so that a page can say so.
func Assumed(v *policy.View) bool {
	for _, row := range []policy.Cited{payers.Cite(v), bases.Cite(v)} {
		if c := fault.As(v.Refuse(row, "")).Clause; c != nil && c.Grade == policy.GradeAssumed {
			return true
		}
	}
	return false
}

// ReliefGroups are the groups whose own part the public purse pays, the largest
// share first, as a count of the roster needs them.
func ReliefGroups(v *policy.View) []string {
	rows, _ := relief.Peek(v)
	var out []string
	for share := money.PPM(money.One); share > 0; {
		var next money.PPM
		for _, r := range rows {
			if r.Share == share {
				out = append(out, r.Group)
			} else if r.Share < share {
				next = max(next, r.Share)
			}
		}
		share = next
	}
	return out
}
