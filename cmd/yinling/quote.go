package main

import (
	"fmt"
	"strings"

	"yinling/internal/benefit"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// quoteCmd computes who pays what of a claim (费用试算).
type quoteCmd struct {
	Region string `required:"" help:"统筹区代码，六位数字"`
	On     string `required:"" help:"按哪一天的政策算，如 2024-06-30"`
	In     string `required:"" help:"费用：JSON、@文件，或 - 从标准输入读"`
	Packs  string `help:"另外的政策包文件夹"`
}

// quoteAnswer is what quote prints. A wholly refused claim has Refused and,
// beside it, every line with its own refusal.
type quoteAnswer struct {
	Rule    string             `json:"rule"`
	Region  string             `json:"region"`
	On      day.Day            `json:"on"`
	Pack    policy.PackRef     `json:"pack"`
	Refused *policy.Refused    `json:"refused,omitempty"`
	Lines   []quoteLine        `json:"lines"`
	Sum     claim.Sum          `json:"sum"`
	Takes   []benefit.Take     `json:"takes"`
	Notes   []string           `json:"notes,omitempty"`
	Explain policy.Explanation `json:"explain"`
}

type quoteLine struct {
	claim.QuotationLine
	Steps   *struct{}          `json:"steps,omitempty"` // hides the indices: the steps themselves follow
	Explain policy.Explanation `json:"explain"`
}

// Run prints the quotation: exit 0, 2 for a bad claim, 3 when no line is paid.
func (c *quoteCmd) Run(e *env) error {
	on, err := day.Parse(c.On)
	if err != nil {
		return fault.Field("on", "%s", err.Error())
	}
	raw, err := e.input(c.In)
	if err != nil {
		return err
	}
	set, err := policy.Load(c.Packs)
	if err != nil {
		return err
	}
	in, err := policy.ReadJSON[claim.Claim](raw)
	if err != nil {
		return err
	}
	v, err := set.At(c.Region, on)
	if err != nil {
		return err
	}
	out, dec, err := claim.Quote.Decide(v, in)
	if err != nil && !fault.Is(err, fault.Refused) {
		return err
	}
	a := quoteAnswer{Rule: dec.Rule, Region: c.Region, On: on, Pack: dec.Pack, Explain: dec.Explain}
	if err != nil {
		f := fault.As(err)
		a.Refused = &policy.Refused{Say: f.Say, Clause: f.Clause}
		out, _ = claim.QuoteLines(v, in) // the same run, with its lines
	}
	a.Sum, a.Takes = out.Sum, out.Takes
	for _, l := range out.Lines {
		a.Lines = append(a.Lines, quoteLine{QuotationLine: l, Explain: dec.Explain[l.Steps[0]:l.Steps[1]]})
	}
	a.Notes = otherDays(set, v, c.Region, in.Lines)
	if perr := e.print(a); perr != nil {
		return perr
	}
	for _, n := range a.Notes {
		e.say("注意：%s", n)
	}
	if err != nil {
		e.say("不行：%s", a.Refused.Say)
		return answered{3}
	}
	e.say("合计 %s，基金付 %s，个人付 %s", out.Sum.Total.Yuan(), out.Sum.Fund[in.Scheme].Yuan(), out.Sum.Person.Yuan())
	return nil
}

// otherDays names the lines on whose day another policy holds than on the day
// of the quotation, which alone decides.
func otherDays(set *policy.Set, v *policy.View, region string, lines []claim.Line) (notes []string) {
	told := map[day.Day]string{}
	for _, l := range lines {
		say, known := told[l.On]
		if !known {
			if then, err := set.At(region, l.On); err != nil {
				say = "政策包不管那一天（还没有生效，或已经过期）"
			} else {
				for _, d := range policy.Compare(then, v) {
					if strings.HasPrefix(d.Key, "benefit.") {
						say += "「" + d.Label + "」"
					}
				}
				if say != "" {
					say = "那一天的" + say + "和 " + v.On().String() + " 的不同"
				}
			}
			told[l.On] = say
		}
		if say != "" {
			notes = append(notes, fmt.Sprintf("第 %s 行的服务日是 %s，%s；整张单子按 %s 算，这一行请放到另一张单子，用它自己的日期算", l.ID, l.On, say, v.On()))
		}
	}
	return notes
}

// answered is the error of a command that has already printed its whole answer.
type answered struct{ code int }

func (a answered) Error() string { return "answered" }
