package speech

import "strings"

const digitWords = "零一二三四五六七八九"

var digitWord = []rune(digitWords)

// spell says figure by figure; letters stay, a hyphen is 杠.
func spell(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(digitWord[r-'0'])
		case r == '-':
			b.WriteString("杠")
		case r >= 'a' && r <= 'z':
			b.WriteRune(r - 'a' + 'A')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cardinal says a whole number: 十, 一百零五, 两千, 十二万零三十. One of more than
// sixteen figures is spelt.
func cardinal(s string) string {
	s = strings.TrimLeft(s, "0")
	if s == "" {
		return "零"
	}
	if len(s) > 16 {
		return spell(s)
	}
	var b strings.Builder
	for strings.Trim(s, "0") != "" {
		n := (len(s)-1)%4 + 1
		group, rest := s[:n], s[n:]
		name := []string{"", "万", "亿", "万亿"}[len(rest)/4]
		if name != "" && group == "2" {
			b.WriteString("两" + name)
		} else if said := thousand(group, b.Len() > 0); said != "" {
			b.WriteString(said + name)
		}
		s = rest
	}
	return b.String()
}

// thousand says a group of up to four figures, "" for zeros; inside a longer
// number its leading zeros are heard.
func thousand(group string, inside bool) string {
	var b strings.Builder
	gap := false
	for i, r := range group {
		unit := []string{"千", "百", "十", ""}[4-len(group)+i]
		if r == '0' {
			gap = true
			continue
		}
		if gap && (inside || b.Len() > 0) {
			b.WriteString("零")
		}
		gap = false
		switch {
		case unit == "十" && r == '1' && b.Len() == 0 && !inside: // 十二, not 一十二
		case unit == "千" && r == '2':
			b.WriteString("两")
		default:
			b.WriteRune(digitWord[r-'0'])
		}
		b.WriteString(unit)
	}
	return b.String()
}

// number says a figure as it is written: 1,800 or 12.5.
func number(s string) string {
	whole, part, dot := strings.Cut(strings.ReplaceAll(s, ",", ""), ".")
	if !dot {
		return cardinal(whole)
	}
	return cardinal(whole) + "点" + spell(part)
}

// money says yuan: 1,800.00 is 一千八百元, 54.05 五十四元零五分.
func money(s string) string {
	whole, part, _ := strings.Cut(strings.ReplaceAll(s, ",", ""), ".")
	if len(part) > 2 {
		return number(s) + "元"
	}
	part = (part + "00")[:2]
	jiao, fen := part[0], part[1]
	var b strings.Builder
	if strings.Trim(whole, "0") != "" || part == "00" {
		b.WriteString(two(cardinal(whole)) + "元")
	}
	switch {
	case jiao != '0':
		b.WriteString(two(string(digitWord[jiao-'0'])) + "角")
	case fen != '0' && b.Len() > 0:
		b.WriteString("零")
	}
	if fen != '0' {
		said := string(digitWord[fen-'0'])
		if b.Len() == 0 {
			said = two(said)
		}
		b.WriteString(said + "分")
	}
	return b.String()
}

// two is 两 where 二 counts things.
func two(said string) string {
	if said == "二" {
		return "两"
	}
	return said
}
