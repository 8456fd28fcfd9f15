package listen

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// This file reads figures out of a page and out of what is said of it, each in
// its own way, and shares nothing with the program: Arabic figures on one side,
// Chinese numerals on the other.

var (
	mainPart = regexp.MustCompile(`(?s)<main[^>]*>(.*)</main>`)
	unseen   = regexp.MustCompile(`(?s)<(svg|script|style|template)\b.*?</(svg|script|style|template)>|<[^>]*\saria-hidden="true"[^>]*>[^<]*</[a-z]+>|<button[^>]*\shidden[^>]*>.*?</button>|<!--.*?-->`)
	choices  = regexp.MustCompile(`(?s)<select.*?</select>`)
	option   = regexp.MustCompile(`(?s)<option[^>]*>(.*?)(</option>|<|$)`)
	chosen   = regexp.MustCompile(`(?s)<option[^>]*\sselected[^>]*>(.*?)(</option>|<|$)`)
	together = regexp.MustCompile(`</?(a|b|strong|em|span|small|label|time|abbr|i|u|wbr)\b[^>]*>`)
	tag      = regexp.MustCompile(`<[^>]+>`)
)

// textOf is what a page shows in its main part, a line for each block.
func textOf(page string) string {
	m := mainPart.FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	s := unseen.ReplaceAllString(m[1], "\n")
	s = choices.ReplaceAllStringFunc(s, func(sel string) string {
		if c := chosen.FindStringSubmatch(sel); c != nil {
			return "\n" + c[1] + "\n"
		}
		if c := option.FindStringSubmatch(sel); c != nil {
			return "\n" + c[1] + "\n"
		}
		return "\n"
	})
	s = together.ReplaceAllString(s, "")
	s = tag.ReplaceAllString(s, "\n")
	return html.UnescapeString(s)
}

const numerals = "零一二三四五六七八九十百千万亿两"

var (
	oclock = regexp.MustCompile(`\b(\d?\d):00\b`) // nobody says the zeros
	shown  = regexp.MustCompile(`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[Ⅰ-Ⅻ①-⑳]|[` + numerals + `]+`)
	heard  = regexp.MustCompile(`(百分之|千分之)?([` + numerals + `]+(?:点[` + numerals + `]+)?)(分之[` + numerals + `]+)?`)
)

// figuresShown are the figures of a page, in order and without their dress:
// 1,800.00 is 1800, 09 is 9, Ⅱ is 2.
func figuresShown(text string) (out []string) {
	text = oclock.ReplaceAllString(text, "$1")
	for _, at := range shown.FindAllStringIndex(text, -1) {
		s := text[at[0]:at[1]]
		r := []rune(s)[0]
		switch {
		case r >= 'Ⅰ' && r <= 'Ⅻ':
			out = append(out, strconv.Itoa(int(r-'Ⅰ')+1))
		case r >= '①' && r <= '⑳':
			out = append(out, strconv.Itoa(int(r-'①')+1))
		case r < 128:
			after := strings.TrimLeft(text[at[1]:], " ")
			if strings.HasPrefix(after, "万") || strings.HasPrefix(after, "亿") {
				continue // said in one with it: both sides leave it out
			}
			out = append(out, bare(strings.ReplaceAll(s, ",", "")))
		default:
			out = append(out, numeral(s))
		}
	}
	return out
}

// bare takes off zeros that nobody says.
func bare(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	if s = strings.TrimLeft(s, "0"); s == "" || s[0] == '.' {
		s = "0" + s
	}
	return s
}

// numeral reads Chinese numerals: by value when they have 十 百 千 万 亿, else
// figure by figure.
func numeral(s string) string {
	digits := map[rune]int{'零': 0, '一': 1, '二': 2, '两': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}
	if !strings.ContainsAny(s, "十百千万亿") {
		var b strings.Builder
		for _, r := range s {
			b.WriteString(strconv.Itoa(digits[r]))
		}
		return bare(b.String())
	}
	total, group, last := 0, 0, -1
	for _, r := range s {
		unit := map[rune]int{'十': 10, '百': 100, '千': 1000}[r]
		switch {
		case unit > 0:
			if last < 0 {
				last = 1
			}
			group += last * unit
			last = -1
		case r == '万' || r == '亿':
			if last > 0 {
				group += last
			}
			total = (total + group) * map[rune]int{'万': 1e4, '亿': 1e8}[r]
			group, last = 0, -1
		default:
			last = digits[r]
		}
	}
	if last > 0 {
		group += last
	}
	return strconv.Itoa(total + group)
}

// figuresHeard are the figures of spoken words, written as figuresShown writes
// them: yuan, jiao and fen together, hours and minutes apart.
func figuresHeard(text string) (out []string) {
	glued := regexp.MustCompile(`([零一二三四五六七八九]{3,4})，([零一二三四五六七八九]{2,4})`)
	for glued.MatchString(text) { // telephone numbers are said in groups
		text = glued.ReplaceAllString(text, "$1$2")
	}
	type piece struct {
		value, after string
		next         bool // nothing stands between it and the one before
	}
	var all []piece
	end := 0
	for _, m := range heard.FindAllStringSubmatchIndex(text, -1) {
		num, rest := text[m[4]:m[5]], text[m[1]:]
		adjacent := strings.Trim(text[end:m[0]], "元角") == "" && end > 0
		end = m[1]
		if m[6] >= 0 { // 五分之三 stands there as 3/5
			all = append(all, piece{numeral(strings.TrimPrefix(text[m[6]:m[7]], "分之")), "", false}, piece{numeral(num), "", false})
			continue
		}
		whole, part, dot := strings.Cut(num, "点")
		switch {
		case dot && strings.HasPrefix(rest, "分") && !strings.HasPrefix(rest, "分钟") && (strings.HasPrefix(part, "零") || strings.Contains(part, "十")):
			all = append(all, piece{numeral(whole), "", false}, piece{numeral(part), "", false})
		case dot && strings.ContainsAny(part, "十百千万"): // 九点 十二月
			all = append(all, piece{numeral(whole), "", false}, piece{numeral(part), rest, false})
		case dot:
			s := ""
			for _, r := range part {
				s += numeral(string(r))
			}
			all = append(all, piece{bare(numeral(whole) + "." + s), rest, false})
		default:
			all = append(all, piece{numeral(num), rest, adjacent})
		}
	}
	yuan := ""
	flush := func() {
		if yuan != "" {
			out = append(out, bare(yuan))
		}
		yuan = ""
	}
	for i, p := range all {
		money := func(unit string) bool {
			return strings.HasPrefix(p.after, unit) && len(p.value) == 1 && !strings.HasPrefix(p.after, "分钟")
		}
		switch {
		case yuan != "" && p.next && money("角"):
			yuan += "." + p.value
		case yuan != "" && p.next && money("分"):
			if strings.Contains(yuan, ".") {
				yuan += p.value
			} else {
				yuan += ".0" + p.value
			}
		default:
			flush()
			if strings.HasPrefix(p.after, "元") && i+1 < len(all) && all[i+1].next {
				yuan = p.value
			} else {
				out = append(out, p.value)
			}
		}
	}
	flush()
	return out
}

// han are the Chinese characters of a text without numerals and without 元,
// which 五角 does not say.
func han(text string) []rune {
	var out []rune
	for _, r := range text {
		if unicode.Is(unicode.Han, r) && !strings.ContainsRune(numerals+"元", r) {
			out = append(out, r)
		}
	}
	return out
}

// missing is the first place of a that is not in b in order, "" for none.
func missing(a, b []rune) string {
	j := 0
	for i, r := range a {
		for j < len(b) && b[j] != r {
			j++
		}
		if j == len(b) {
			return string(a[max(0, i-8):min(len(a), i+8)])
		}
		j++
	}
	return ""
}
