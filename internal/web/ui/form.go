package ui

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// Form reads the answers of a posted form. People's habits are accepted (spaces,
// full-width digits); what is wrong is collected, field by field, in Err.
// A method whose label is "" takes an empty answer, otherwise the field is needed.
type Form struct {
	r    *http.Request
	errs []error
}

// ParseForm reads the form of r; Router has parsed and checked it.
func ParseForm(r *http.Request) *Form {
	r.ParseForm()
	return &Form{r: r}
}

// Err is everything that is wrong, nil for nothing.
func (f *Form) Err() error { return errors.Join(f.errs...) }

// Bad adds what is wrong with a field.
func (f *Form) Bad(field, say string, args ...any) {
	f.errs = append(f.errs, fault.Field(field, say, args...))
}

// Once is the idempotency key that was made with the form, for audit.Act.Key.
func (f *Form) Once() string { return f.r.PostFormValue("once") }

var narrow = strings.NewReplacer("０", "0", "１", "1", "２", "2", "３", "3", "４", "4", "５", "5", "６", "6", "７", "7", "８", "8", "９", "9",
	"．", ".", "　", " ", "－", "-", "Ｘ", "X", "ｘ", "x", "，", ",")

// Raw is the answer as it was typed, without spaces around it.
func (f *Form) Raw(name string) string { return strings.TrimSpace(f.r.FormValue(name)) }

// All are the ticked values of a name.
func (f *Form) All(name string) []string { return f.r.Form[name] }

// Text is a line or a paragraph; at most 2000 characters.
func (f *Form) Text(name, label string) string {
	s := f.Raw(name)
	if s == "" && label != "" {
		f.Bad(name, "请填%s", label)
	}
	if n := len([]rune(s)); n > 2000 {
		f.Bad(name, "写得太长了，请减到 2000 字以内（现在 %d 字）", n)
	}
	return s
}

// Digits is a number made of digits such as a phone number or an id; spaces and
// dashes in it are dropped.
func (f *Form) Digits(name, label string) string {
	s := strings.NewReplacer(" ", "", "-", "").Replace(narrow.Replace(f.Raw(name)))
	if s == "" && label != "" {
		f.Bad(name, "请填%s", label)
	}
	return strings.ToUpper(s)
}

// Choice is one of the options.
func (f *Form) Choice(name, label string, options []Option) string {
	s := f.Raw(name)
	if s == "" && label == "" {
		return ""
	}
	if !slices.ContainsFunc(options, func(o Option) bool { return o.Value == s }) || s == "" {
		f.Bad(name, "请选%s", label)
		return ""
	}
	return s
}

// Day is a date.
func (f *Form) Day(name, label string) day.Day {
	s := narrow.Replace(f.Raw(name))
	if s == "" {
		if label != "" {
			f.Bad(name, "请填%s", label)
		}
		return 0
	}
	s = strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(s)
	if p := strings.Split(s, "-"); len(p) == 3 {
		y, e1 := strconv.Atoi(p[0])
		m, e2 := strconv.Atoi(p[1])
		d, e3 := strconv.Atoi(p[2])
		if e1 == nil && e2 == nil && e3 == nil {
			if v, err := day.Of(y, m, d); err == nil {
				return v
			}
		}
	}
	f.Bad(name, "%s没有这一天，请写成 2024-06-30 的样子", orElse(label, "日历上"))
	return 0
}

// Days are the days that were ticked among the options of a field, which are
// ticked again for the form that comes back.
func (f *Form) Days(name string, among []Option) (days []day.Day) {
	for _, text := range f.All(name) {
		d, err := day.Parse(text)
		if err != nil {
			f.Bad(name, "日期写成 2026-06-03 的样子")
			return nil
		}
		days = append(days, d)
		for i := range among {
			among[i].Checked = among[i].Checked || among[i].Value == text
		}
	}
	return days
}

// Month is a month such as 2024-06.
func (f *Form) Month(name, label string) day.Month {
	s := narrow.Replace(f.Raw(name))
	if s == "" && label == "" {
		return 0
	}
	m, err := day.ParseMonth(s)
	if err != nil {
		f.Bad(name, "请选%s，写成 2024-06 的样子", orElse(label, "月份"))
	}
	return m
}

// Int is a whole number from min to max.
func (f *Form) Int(name, label string, min, max int64) int64 {
	s := narrow.Replace(f.Raw(name))
	if s == "" && label == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < min || n > max {
		f.Bad(name, "%s请填 %d 到 %d 之间的整数", orElse(label, "这里"), min, max)
		return 0
	}
	return n
}

// Fen is an amount of money, typed in yuan.
func (f *Form) Fen(name, label string) money.Fen {
	s := strings.TrimSuffix(narrow.Replace(f.Raw(name)), "元")
	if s == "" && label == "" {
		return 0
	}
	v, err := money.ParseFen(strings.TrimSpace(s))
	if err != nil || v < 0 {
		f.Bad(name, "%s请填多少元，最多两位小数，例如 52.50", orElse(label, "金额"))
		return 0
	}
	return v
}

// Ticked tells whether a single tick box is on.
func (f *Form) Ticked(name string) bool { return f.r.FormValue(name) != "" }
