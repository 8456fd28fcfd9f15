package claim

import (
	"slices"
	"strconv"
	"strings"

	"yinling/internal/benefit"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// Bounds that no honest claim reaches; they keep every sum inside an int64.
const (
	maxPrice = money.Fen(10_000_000_000) // 1 亿元 a unit
	maxQty   = money.Micro(10_000 * money.One)
	maxLines = 10_000
)

var (
	schemes   = []string{"ltci", "employee", "resident"}
	coverages = []string{"employee", "resident"}
	kinds     = []string{"living", "nursing"}
	units     = []string{"hour", "visit", "day", "bed_day", "month"}
)

// check refuses a claim that is not exact, naming the field, and reads the
// quantities once.
func check(c *Claim) ([]money.Micro, error) {
	if err := oneOf("scheme", c.Scheme, schemes); err != nil {
		return nil, err
	}
	if c.Person.Level < 0 || c.Person.Level > 5 {
		return nil, fault.Field("person.level", "失能等级是全国的 0 至 5，现在是 %d", c.Person.Level)
	}
	if err := oneOf("person.coverage", c.Person.Coverage, coverages); err != nil {
		return nil, err
	}
	if err := oneOf("mode", c.Mode, benefit.Modes); err != nil {
		return nil, err
	}
	for i, m := range c.Also {
		if err := oneOf(at("also", i, ""), m, benefit.Modes); err != nil {
			return nil, err
		}
	}
	switch {
	case c.Month == 0:
		return nil, fault.Field("month", "请写费用所在的月份，如 2024-06")
	case c.ContinuousMonths < 0:
		return nil, fault.Field("continuous_months", "不能小于 0")
	case c.ModeChanges < 0:
		return nil, fault.Field("mode_changes", "不能小于 0")
	case len(c.Lines) == 0:
		return nil, fault.Field("lines", "没有费用；请至少写一行")
	case len(c.Lines) > maxLines:
		return nil, fault.Field("lines", "一次最多 %d 行；请分成几张单子", maxLines)
	}
	for i, d := range c.HospitalDays {
		if d.IsZero() {
			return nil, fault.Field(at("hospital_days", i, ""), "日期要写成 2024-06-30 的样子")
		}
	}
	qty := make([]money.Micro, len(c.Lines))
	seen := make(map[string]bool, len(c.Lines))
	for i := range c.Lines {
		l := &c.Lines[i]
		switch {
		case l.ID == "":
			return nil, fault.Field(at("lines", i, "id"), "请给这一行一个编号")
		case seen[l.ID]:
			return nil, fault.Field(at("lines", i, "id"), "编号 %s 用了两次；同一行费用只能写一次", l.ID)
		}
		seen[l.ID] = true
		var err error
		if qty[i], err = checkLine(c, i, l); err != nil {
			return nil, err
		}
	}
	return qty, nil
}

func checkLine(c *Claim, i int, l *Line) (money.Micro, error) {
	if err := oneOf2("lines", i, "kind", l.Kind, kinds); err != nil {
		return 0, err
	}
	if err := oneOf2("lines", i, "unit", l.Unit, units); err != nil {
		return 0, err
	}
	if l.Mode != "" {
		if err := oneOf2("lines", i, "mode", l.Mode, benefit.Modes); err != nil {
			return 0, err
		}
	}
	q, err := money.ParseMicro(string(l.Qty))
	switch {
	case err != nil:
		return 0, fault.Field(at("lines", i, "qty"), "数量要写成 \"1.5\" 的样子，最多六位小数，现在是「%s」", l.Qty)
	case q <= 0:
		return 0, fault.Field(at("lines", i, "qty"), "数量要大于 0")
	case q > maxQty:
		return 0, fault.Field(at("lines", i, "qty"), "数量太大，请核对")
	case l.Unit == "month" && q > money.One:
		return 0, fault.Field(at("lines", i, "qty"), "一张单子只算一个月，包月的数量不能超过 1")
	case (l.Unit == "day" || l.Unit == "bed_day") && q > money.Micro(c.Month.Days()*money.One):
		return 0, fault.Field(at("lines", i, "qty"), "%s只有 %d 天，数量不能超过", c.Month.Chinese(), c.Month.Days())
	case l.PriceFen < 0:
		return 0, fault.Field(at("lines", i, "price_fen"), "单价不能小于 0")
	case l.PriceFen > maxPrice:
		return 0, fault.Field(at("lines", i, "price_fen"), "单价太大，请核对；单位是分")
	case l.On.IsZero():
		return 0, fault.Field(at("lines", i, "on"), "请写服务的日期，如 2024-06-03")
	case l.On.Month() != c.Month:
		return 0, fault.Field(at("lines", i, "on"), "%s 不在%s里；请放到它自己那个月的单子", l.On, c.Month.Chinese())
	}
	return q, nil
}

func oneOf(field, got string, options []string) error {
	if slices.Contains(options, got) {
		return nil
	}
	if got == "" {
		return fault.Field(field, "请填写；可以填的是：%s", strings.Join(options, "、"))
	}
	return fault.Field(field, "没有「%s」这个选项；可以填的是：%s", got, strings.Join(options, "、"))
}

func oneOf2(list string, i int, name, got string, options []string) error {
	if slices.Contains(options, got) {
		return nil
	}
	return oneOf(at(list, i, name), got, options)
}

func at(list string, i int, name string) string {
	s := list + "[" + strconv.Itoa(i) + "]"
	if name != "" {
		s += "." + name
	}
	return s
}
