package desk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/person"
)

// numberSeen is a day on which every number that is given out now is read as
// that of somebody alive; who it belongs to is found out by the roster.
var numberSeen = day.MustParse("2040-01-01")

// maxAnswer is how many characters an answer may have.
const maxAnswer = 500

func limitSay(n int64) string {
	if n <= 0 {
		return "，没有规定时限"
	}
	return fmt.Sprintf("，%d 个工作日内", n)
}

// Judge checks one answer as the form gives it: days as 2024-06-03, months as
// 2024-06, money in yuan, several choices separated by a comma.
func (f Field) Judge(v string) error {
	v = strings.TrimSpace(v)
	bad := func(format string, args ...any) error {
		return fault.Field(f.ID, "%s："+format, append([]any{f.Label}, args...)...)
	}
	if v == "" {
		if f.Optional {
			return nil
		}
		return bad("请填一下")
	}
	if utf8.RuneCountInString(v) > maxAnswer {
		return bad("最多写 %d 个字", maxAnswer)
	}
	switch f.Kind {
	case "choice":
		if f.optionOf(v) == "" {
			return bad("请在选项里选一个")
		}
	case "checks":
		for x := range strings.SplitSeq(v, ",") {
			if f.optionOf(x) == "" {
				return bad("请在选项里选")
			}
		}
	case "day", "soon":
		if _, err := day.Parse(v); err != nil {
			return bad("请写成 2024-06-03 这样")
		}
	case "month":
		if _, err := day.ParseMonth(v); err != nil {
			return bad("请写成 2024-06 这样")
		}
	case "money":
		if n, err := money.ParseFen(v); err != nil || n <= 0 {
			return bad("请写金额，如 1280.50")
		}
	case "count":
		if n, err := strconv.ParseInt(v, 10, 32); err != nil || n < 0 {
			return bad("请写数字")
		}
	case "phone":
		if !isPhone(v) {
			return bad("手机号是 11 位数字，请再看一遍")
		}
	case "slot":
		on, part, _ := strings.Cut(v, "/")
		if _, err := day.Parse(on); err != nil || part != "am" && part != "pm" {
			return bad("请从给出的时段里选一个")
		}
	case "idno":
		if _, err := person.ParseID(v, numberSeen); err != nil {
			return bad("%s", fault.As(err).Say)
		}
	}
	return nil
}

func isPhone(s string) bool {
	return len(s) == 11 && s[0] == '1' && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func (f Field) optionOf(v string) string {
	i := slices.IndexFunc(f.Options, func(o Option) bool { return o.Value == v })
	if i < 0 {
		return ""
	}
	return f.Options[i].Label
}

// Say is an answer in words, as a page shows it.
func (f Field) Say(v string) string {
	switch f.Kind {
	case "choice":
		return f.optionOf(v)
	case "checks":
		var out []string
		for x := range strings.SplitSeq(v, ",") {
			if l := f.optionOf(x); l != "" {
				out = append(out, l)
			}
		}
		return strings.Join(out, "、")
	case "day", "soon":
		if d, err := day.Parse(v); err == nil {
			return d.Chinese()
		}
	case "month":
		if m, err := day.ParseMonth(v); err == nil {
			return m.Chinese()
		}
	case "money":
		if n, err := money.ParseFen(v); err == nil {
			return n.Yuan()
		}
	case "slot":
		on, part, _ := strings.Cut(v, "/")
		if d, err := day.Parse(on); err == nil {
			return d.Chinese() + map[string]string{"am": "上午", "pm": "下午"}[part]
		}
	case "idno":
		if r := []rune(v); len(r) > 8 {
			return string(r[:4]) + strings.Repeat("*", len(r)-8) + string(r[len(r)-4:])
		}
	}
	return v
}

// judgeAll checks a whole form and drops answers to questions that nobody asked.
func judgeAll(fields []Field, answers map[string]string) (map[string]string, error) {
	out := map[string]string{}
	for _, f := range fields {
		v := strings.TrimSpace(answers[f.ID])
		if err := f.Judge(v); err != nil {
			return nil, err
		}
		if v != "" {
			out[f.ID] = v
		}
	}
	return out, nil
}
