package fund

import (
	"math"

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
	Own     bool      `json:"own,omitempty" say:"名册里有本人的月缴费基数时用本人的，没有的人才用人均基数；不写是都用人均基数"`
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
// part the public purse pays, "" for none. OwnHeads of the heads stand in the
// roster with a base of their own, OwnBase is the sum of those bases, of one month.
type DuesIn struct {
	Kind     string    `json:"kind" need:"true"`
	Group    string    `json:"group"`
	Heads    int64     `json:"heads" need:"true"`
	OwnHeads int64     `json:"own_heads" say:"其中名册里有本人月缴费基数的人数"`
	OwnBase  money.Fen `json:"own_base_fen" say:"这些人一个月的缴费基数合计（分）"`
}

// Dues is what a class owes in a year, by source, in fen.
type Dues struct {
	Person     money.Fen `json:"person_fen"`
	Employer   money.Fen `json:"employer_fen"`
	Medical    money.Fen `json:"medical_fen"`
	Government money.Fen `json:"government_fen"`
	Total      money.Fen `json:"total_fen"`
}

// period is the base of a period (期) from bases of a month.
func (b *Base) period(month money.Fen) (money.Fen, error) {
	return month.MulDiv(12, max(b.Periods, 1), money.HalfUp)
}

// DuesRule is fund.dues 年度应收筹资: fund.contribution less what medical insurance
// hands over, times the periods of a year. Who has a base of their own counts by
// it, where the pack says so: their bases are summed and rounded once a period.
// All others count by the average base of a head.
var DuesRule = policy.NewRule("fund.dues", 2, "年度应收筹资", func(v *policy.View, in DuesIn) (Dues, error) {
	switch {
	case in.Heads < 0 || in.Heads > 2_000_000_000:
		return Dues{}, fault.Field("heads", "人数要在 0 到 20 亿之间")
	case in.OwnHeads < 0 || in.OwnHeads > in.Heads:
		return Dues{}, fault.Field("own_heads", "有本人基数的人数要在 0 到总人数之间")
	case in.OwnBase < 0 || in.OwnHeads == 0 && in.OwnBase > 0:
		return Dues{}, fault.Field("own_base_fen", "本人基数的合计不能小于 0，没有人时要是 0")
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
	if !base.Own {
		in.OwnHeads, in.OwnBase = 0, 0
	}
	var d Dues
	if average := in.Heads - in.OwnHeads; average > 0 || in.Heads == 0 {
		if err := d.add(v, in, base, base.Base, average); err != nil {
			return Dues{}, err
		}
		v.Cite(base, "%d 人按人均基数 %s，一年 %d 期", average, base.Base.Yuan(), base.Periods)
	}
	if in.OwnHeads > 0 {
		period, err := base.period(in.OwnBase)
		if err == nil {
			err = d.add(v, in, base, period, 1)
		}
		if err != nil {
			return Dues{}, fault.Field("own_base_fen", "本人基数的合计太大，算不了")
		}
		v.Cite(base, "%d 人按名册里本人的基数，一期合计 %s，一年 %d 期；合计以后取整一次", in.OwnHeads, period.Yuan(), base.Periods)
	}
	d.Total = d.Person + d.Employer + d.Medical + d.Government
	v.Say("%d 人一年：个人 %s，单位 %s，医保划转 %s，财政 %s，合计 %s", in.Heads,
		d.Person.Yuan(), d.Employer.Yuan(), d.Medical.Yuan(), d.Government.Yuan(), d.Total.Yuan())
	return d, v.Err()
})

// add is the year of heads that all pay from one base of a period.
func (d *Dues) add(v *policy.View, in DuesIn, base *Base, period money.Fen, heads int64) error {
	c := Contributor{Kind: in.Kind, Base: period}
	if in.Group != "" {
		c.Groups = []string{in.Group}
	}
	one, err := contribution(v, c)
	if err != nil {
		return err
	}
	more := Dues{Person: one.Person, Employer: one.Employer, Government: one.Government}
	shares, _ := transfers.Get(v)
	for i := range shares {
		t := &shares[i]
		if t.Kind != in.Kind {
			continue
		}
		part, name := &more.Person, "个人"
		if t.Part == "employer" {
			part, name = &more.Employer, "单位"
		}
		fen, err := part.Share(t.Share, money.Rounding(rounding.In(v)))
		if err != nil {
			return err
		}
		*part -= fen
		more.Medical += fen
		v.Cite(t, "%s部分由医保划转 %s，即 %s", name, t.Share.Percent(), fen.Yuan())
	}
	for _, x := range []struct{ part, sum *money.Fen }{{&more.Person, &d.Person}, {&more.Employer, &d.Employer}, {&more.Medical, &d.Medical}, {&more.Government, &d.Government}} {
		if *x.part, err = x.part.MulDiv(base.Periods*heads, 1, money.Down); err != nil || *x.sum > math.MaxInt64/8-*x.part {
			return fault.Field("heads", "人数太多，算不了")
		}
		*x.sum += *x.part
	}
	return nil
}
