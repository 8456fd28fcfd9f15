package fund

import (
	"fmt"

	"yinling/internal/paper"
)

// Sheet is the month's statement for paper (收支月报); an open month is a draft.
func (s Statement) Sheet(region string) paper.Sheet {
	out := paper.Sheet{Kind: paper.Monthly, Region: s.Region, Object: string(s.Book) + "/" + s.Month.String(), Title: s.Book.Name() + "收支月报",
		No: fmt.Sprintf("%s %s", region, s.Month.Chinese()), On: s.Month.Last(), Signs: []string{"制表", "复核", "负责人"}}
	if !s.Closed {
		out.Draft = "还没有结账，数字还会变"
	}
	t := paper.Table{Caption: "各科目（元）", Head: []string{"科目", "期初", "本期借方", "本期贷方", "期末"}, Right: []bool{false, true, true, true, true}}
	for _, r := range s.Rows {
		t.Rows = append(t.Rows, []string{r.Code + " " + r.Name, r.Opening.String(), r.Debit.String(), r.Credit.String(), r.Closing.String()})
	}
	balance := "借贷相等"
	if !s.Balanced {
		balance = "借贷不等，不能使用"
	}
	out.Tables = []paper.Table{t}
	out.Rows = [][2]string{{"本月收入", s.Income.Yuan()}, {"本月支出", s.Expense.Yuan()}, {"本月结余", s.Surplus.Yuan()}, {"基金累计结余", s.Fund.Yuan()}, {"借贷", balance}, {"数据校验", s.Check}}
	return out
}
