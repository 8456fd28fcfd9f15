package person

import (
	"strconv"
	"strings"

	"yinling/internal/day"
)

// half turns full-width letters and digits into plain ones and trims blanks.
func half(s string) string {
	plain := true
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] <= ' ' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case r == '　' || r == '\u00a0':
			return ' '
		case r == '\ufeff' || r >= '\u200b' && r <= '\u200f':
			return -1
		}
		return r
	}, s))
}

// parseDate reads the ways in which offices write a day. serial allows the
// serial number of a spreadsheet, counted from 1900 or 1904. say is the reason
// when it is none.
func parseDate(raw string, serial, from1904 bool) (d day.Day, say string) {
	s := half(raw)
	if s == "" {
		return 0, ""
	}
	if serial {
		if n, ok := serialOf(s); ok {
			if d, ok := fromSerial(n, from1904); ok {
				return d, ""
			}
			return 0, "这个数字不是一个日期，请写成 2024-06-30 的样子"
		}
	}
	if y, m, dd, ok := ymd(s); ok {
		d, err := day.Of(y, m, dd)
		if err != nil {
			return 0, "这一天不存在，请核对"
		}
		return d, ""
	}
	if n, ok := serialOf(s); ok && n > 1000 {
		return 0, "这像是表格软件里日期的序号。请在表格软件里把这一列设成日期，或写成 2024-06-30 的样子"
	}
	return 0, "日期要写成 2024-06-30 的样子"
}

var (
	dayMarks   = strings.NewReplacer("年", "-", "月", "-", "/", "-", ".", "-")
	monthMarks = strings.NewReplacer("年", "-", "/", "-", ".", "-")
	rangeMarks = strings.NewReplacer("至", "~", "到", "~", "—", "~", "～", "~")
	phoneMarks = strings.NewReplacer(" ", "", "-", "", "—", "", "(", "", ")", "")
)

// ymd takes 2024-06-30, 2024/6/30, 2024.6.30, 2024年6月30日, 20240630, each
// also with a time of zero behind it.
func ymd(s string) (y, m, d int, ok bool) {
	if i := strings.IndexAny(s, " T"); i >= 8 && strings.Trim(s[i+1:], "0:.Z ") == "" {
		s = s[:i]
	}
	if len(s) == 8 && digits(s) {
		return atoi(s[:4]), atoi(s[4:6]), atoi(s[6:]), true
	}
	if len(s) == 10 && s[4] == '-' && s[7] == '-' && digits(s[:4]) && digits(s[5:7]) && digits(s[8:]) {
		return atoi(s[:4]), atoi(s[5:7]), atoi(s[8:]), true
	}
	s = strings.TrimSuffix(dayMarks.Replace(s), "日")
	p := strings.Split(s, "-")
	if len(p) != 3 || len(p[0]) != 4 {
		return 0, 0, 0, false
	}
	for _, x := range p {
		if x == "" || len(x) > 4 || !digits(x) || x != p[0] && len(x) > 2 {
			return 0, 0, 0, false
		}
	}
	return atoi(p[0]), atoi(p[1]), atoi(p[2]), true
}

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }

// serialOf reads 45473 and 45473.0; a time of day behind the point is no date.
func serialOf(s string) (int, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	if whole == "" || len(whole) > 5 || !digits(whole) || strings.Trim(frac, "0") != "" {
		return 0, false
	}
	return atoi(whole), true
}

// fromSerial counts as spreadsheets do: day 60 of the 1900 count is 29 February
// 1900, which never was, so smaller numbers lie one day later than arithmetic says.
func fromSerial(n int, from1904 bool) (day.Day, bool) {
	switch {
	case from1904:
		return day.MustParse("1904-01-01").AddDays(n), n < 73050-1462
	case n < 1 || n == 60 || n > 73050:
		return 0, false
	case n < 60:
		return day.MustParse("1899-12-31").AddDays(n), true
	}
	return day.MustParse("1899-12-30").AddDays(n), true
}

// parseMonth reads 2024-06, 2024/6, 2024年6月, 202406, or any day of the month.
func parseMonth(raw string, serial, from1904 bool) (day.Month, string) {
	s := half(raw)
	if s == "" {
		return 0, ""
	}
	const say = "月份要写成 2024-06 的样子"
	if len(s) == 7 && s[4] == '-' && digits(s[:4]) && digits(s[5:]) {
		if d, err := day.Of(atoi(s[:4]), atoi(s[5:]), 1); err == nil {
			return d.Month(), ""
		}
	}
	t := strings.TrimSuffix(monthMarks.Replace(s), "月")
	if len(t) == 6 && digits(t) {
		t = t[:4] + "-" + t[4:]
	}
	if y, m, ok := strings.Cut(t, "-"); ok && len(y) == 4 && digits(y) && m != "" && len(m) <= 2 && digits(m) {
		d, err := day.Of(atoi(y), atoi(m), 1)
		if err != nil {
			return 0, say
		}
		return d.Month(), ""
	}
	d, bad := parseDate(s, serial, from1904)
	if bad != "" {
		return 0, say
	}
	return d.Month(), ""
}

// parsePaid reads «2023-01~2024-05、2024-07» into runs.
func parsePaid(raw string) (Runs, string) {
	var out Runs
	for _, part := range strings.FieldsFunc(half(raw), func(r rune) bool { return r == '、' || r == ',' || r == ';' || r == ' ' }) {
		a, b, two := strings.Cut(rangeMarks.Replace(part), "~")
		from, say := parseMonth(a, false, false)
		to := from
		if two && say == "" {
			to, say = parseMonth(b, false, false)
		}
		if say != "" || from == 0 || to == 0 {
			return nil, "缴费月份要写成 2023-01~2024-05 的样子，几段之间用顿号隔开"
		}
		if to < from {
			return nil, "缴费月份的结束早于开始"
		}
		out = append(out, Run{from, to})
	}
	return out.Join(nil), ""
}

// parsePhone takes mobile numbers, and landlines with or without area code.
func parsePhone(raw string) (string, string) {
	s := half(raw)
	if s == "" {
		return "", ""
	}
	if len(s) != 11 || !digits(s) {
		s = phoneMarks.Replace(strings.TrimSuffix(s, ".0"))
		s = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(s, "+"), "0086"), "86")
	}
	n := len(s)
	switch {
	case !digits(s) && science.MatchString(s):
		return "", "表格把号码变成了科学计数法，请把这一列设成「文本」后重新填写"
	case !digits(s):
		return "", "联系电话里有不是数字的字；有几个电话时请只留一个"
	case n == 11 && s[0] == '1' && s[1] >= '3', n >= 10 && n <= 12 && s[0] == '0', (n == 7 || n == 8) && s[0] > '1':
		return s, ""
	}
	return "", "联系电话应当是11位手机号，或带区号的座机号"
}

// parseMicro reads a decimal number of degrees as millionths, exactly.
func parseMicro(raw string) (int64, bool) {
	s := half(raw)
	whole, frac, _ := strings.Cut(s, ".")
	if whole == "" || len(whole) > 3 || !digits(whole) || !digits(frac) || len(frac) > 20 {
		return 0, false
	}
	frac = (frac + "000000")[:6]
	n, err := strconv.ParseInt(whole+frac, 10, 64)
	return n, err == nil
}

// mask keeps the beginning of a value that a message shows.
func mask(s string) string {
	r := []rune(strings.TrimSpace(s))
	show := 1
	if len(r) > 6 {
		show = 3
	}
	for i := range r {
		if i >= show && r[i] != '-' && r[i] != '/' && r[i] != '.' && r[i] != ' ' {
			r[i] = '*'
		}
	}
	if len(r) > 20 {
		r = append(r[:20], '…')
	}
	return string(r)
}
