package speech

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Say writes a text as it is spoken: every figure in Chinese characters, signs
// and brackets as words or pauses. Figures keep their order; only percentages
// and fractions are said the Chinese way round (百分之八十).
func Say(text string) string {
	s := ordinal.ReplaceAllString(fold(text), "第$1")
	var b strings.Builder
	for len(s) > 0 {
		before := tail(b.String())
		if said, n := figure(before, s); n > 0 {
			b.WriteString(said)
			rest := strings.TrimLeft(s[n:], " ")
			if len(rest) < len(s)-n && anyNumber.MatchString(rest) {
				b.WriteString("，") // two figures, not one
			}
			s = rest
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		if said, ok := sign(r, before, s[n:]); ok {
			b.WriteString(said)
		} else {
			b.WriteRune(r)
		}
		s = s[n:]
	}
	return pauses(b.String())
}

// tail is as much of what was said as a rule looks at.
func tail(s string) string {
	if len(s) <= 90 {
		return s
	}
	for s = s[len(s)-90:]; !utf8.RuneStart(s[0]); {
		s = s[1:]
	}
	return s
}

// ordinal is 第（三）款, whose brackets are no pause.
var ordinal = regexp.MustCompile(`第[（(]([一二三四五六七八九十0-9]+)[)）]`)

const (
	num  = `(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)`
	year = `((?:18|19|20|21)\d\d)`
)

// A rule says a figure that begins the text. say gets the groups of the match,
// what was said before and what follows; "" passes on to the next rule.
type rule struct {
	re  *regexp.Regexp
	say func(g []string, before, after string) string
}

// The rules, the first that fits speaks.
var rules = []rule{
	{at(year + `[-/.](\d{1,2})[-/.](\d{1,2})`), func(g []string, _, after string) string {
		if more(after) {
			return ""
		}
		return spell(g[1]) + "年" + cardinal(g[2]) + "月" + cardinal(g[3]) + "日"
	}},
	{at(year + `[-/](0[1-9]|1[0-2])`), func(g []string, _, after string) string {
		if more(after) {
			return ""
		}
		return spell(g[1]) + "年" + cardinal(g[2]) + "月"
	}},
	{at(year + `\.(\d{1,2}) ?版`), func(g []string, _, _ string) string { return spell(g[1]) + "点" + spell(g[2]) + "版" }},
	{at(year + `( ?年|〕|]| ?[-–—~～至到] ?` + year + ` ?年)`), func(g []string, _, _ string) string {
		said := spell(g[1])
		switch {
		case g[3] != "":
			return said + "到" + spell(g[3]) + "年"
		case strings.HasSuffix(g[2], "年"):
			return said + "年"
		}
		return said + "，" // 医保发〔2023〕29号
	}},
	{at(`(1[3-9]\d{9}|1\d\d\*{2,}\d{2,4}|0\d{2,3}-?\d{7,8}|400-?\d{3}-?\d{4})`), func(g []string, _, after string) string {
		if more(after) {
			return ""
		}
		return groups(strings.ReplaceAll(g[1], "-", ""))
	}},
	{at(`(\d{1,2})[:：]([0-5]\d)(?:[:：]([0-5]\d))?`), func(g []string, _, after string) string {
		if len(g[1]) == 2 && g[1] > "24" || more(after) {
			return ""
		}
		said := two(cardinal(g[1])) + "点"
		switch {
		case g[2] == "00" && g[3] == "":
		case g[2][0] == '0':
			said += "零" + cardinal(g[2][1:]) + "分"
		default:
			said += cardinal(g[2]) + "分"
		}
		if g[2] == "00" && g[3] == "" {
			return said
		}
		if g[3] != "" {
			said += cardinal(g[3]) + "秒"
		}
		return said
	}},
	// Codes: figures with letters, or in groups with hyphens, or longer than counts.
	{at(`([A-Za-z]+-?\d[0-9A-Za-z]*(?:-[0-9A-Za-z]+)*|\d+(?:-[0-9A-Za-z]+){2,}|\d{4,}-\d{3,}|\d{17}[\dXx])`), func(g []string, _, _ string) string {
		return spell(g[1])
	}},
	{at(`[¥￥] ?` + num), func(g []string, _, _ string) string { return money(g[1]) }},
	{at(num + ` ?元`), func(g []string, _, _ string) string { return money(g[1]) }},
	{at(num + ` ?([%‰])`), func(g []string, _, _ string) string {
		if g[2] == "‰" {
			return "千分之" + number(g[1])
		}
		return "百分之" + number(g[1])
	}},
	{at(`(\d{1,3}) ?/ ?(\d{1,3})`), func(g []string, _, after string) string {
		if more(after) || cardinal(g[2]) == "零" {
			return ""
		}
		return cardinal(g[2]) + "分之" + cardinal(g[1])
	}},
	{at(`(\d+(?:\.\d+){2,})`), func(g []string, _, _ string) string { return strings.ReplaceAll(spell(g[1]), ".", "点") }},
	{at(`(\d+)`), func(g []string, before, after string) string {
		d := g[1]
		counts := measure(after)
		switch {
		case decimal.MatchString(after):
			return ""
		case len(d) > 1 && d[0] == '0',
			len(d) >= 8 && !counts,
			isCode.MatchString(before),
			len(d) > 3 && strings.HasSuffix(before, "第"), // 第43299号
			hotline.MatchString(d) && !counts && (len(d) > 3 || calls.MatchString(before)):
			return groups(d)
		}
		return ""
	}},
	{at(num + ` ?(kg|km|cm|mm|ml|mL|m²|m2|MB|min|m|h|g|℃|㎡)`), func(g []string, _, after string) string {
		if r, _ := utf8.DecodeRuneInString(after); r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return ""
		}
		return counted(g[1], units[g[2]]) + units[g[2]]
	}},
	{at(`(\d+[A-Za-z][0-9A-Za-z]*)`), func(g []string, _, _ string) string { return spell(g[1]) }},
	{at(num), func(g []string, before, after string) string {
		if strings.HasSuffix(before, "第") {
			return number(g[1])
		}
		return counted(g[1], after)
	}},
}

func at(re string) *regexp.Regexp { return regexp.MustCompile(`^` + re) }

var (
	decimal = regexp.MustCompile(`^(,\d{3}|\.\d)`)
	// isCode: the words before figures that name something and do not count.
	isCode = regexp.MustCompile(`(尾号|后四位|后[0-9一二三四五六七八九]位|号码|编号|单号|文号|案号|受理号|工号|证号|卡号|账号|代码|验证码|识别码|邮编|房间号|回复)[是为：:，]? ?$`)
	// hotline: telephone numbers that are no longer than counts.
	hotline = regexp.MustCompile(`^(110|119|120|122|12393|12345|12333|12315|12320|12348|12328|12385|96\d{3,4}|95\d{3}|100(00|10|86))$`)
	calls   = regexp.MustCompile(`(打|拨|电话|急救|报警)[^。；！？]{0,16}$`)
	things  = regexp.MustCompile(`^ ?(个|位|人|名|天|次|年|周|小时|分钟|分|秒|项|件|笔|份|张|页|条|种|家|户|步|岁|元|块|倍|样|遍|把|层|段|套|辆|台|部|只|床|组|轮|间|所|处|场|回|趟|门|斤|公斤|公里|米|厘米|毫米|平方米|点|万|千|亿|字|颗|片|瓶|盒|餐|顿|代|成|口|道|本|封|句|碗|杯)`)
)

var units = map[string]string{"kg": "公斤", "km": "公里", "cm": "厘米", "mm": "毫米", "ml": "毫升", "mL": "毫升", "m²": "平方米", "m2": "平方米", "㎡": "平方米",
	"MB": "兆", "min": "分钟", "m": "米", "h": "小时", "g": "克", "℃": "摄氏度"}

// measure tells whether a text begins with a word that counts things.
func measure(after string) bool {
	return things.MatchString(after) || strings.HasPrefix(strings.TrimLeft(after, " "), "元")
}

// counted is a number before what it counts: 2 个 is 两个, 2 级 is 二级.
func counted(n, after string) string {
	said := number(n)
	if measure(after) {
		return two(said)
	}
	return said
}

// more tells whether figures, letters or hyphens go on.
func more(after string) bool {
	return len(after) > 0 && (after[0] >= '0' && after[0] <= '9' || after[0] == '-' && len(after) > 1 && after[1] >= '0' && after[1] <= '9')
}

var stars = regexp.MustCompile(`\*+`)

// groups spells a long number in the groups in which people say it: telephone
// numbers 3-4-4, others by four.
func groups(d string) string {
	if strings.Contains(d, "*") {
		return strings.ReplaceAll(spell(stars.ReplaceAllString(d, "，几位不显示，")), "，，", "，")
	}
	var b strings.Builder
	rest := d
	if len(d) == 11 && d[0] == '1' {
		b.WriteString(spell(d[:3]) + "，")
		rest = d[3:]
	}
	for len(rest) > 6 {
		b.WriteString(spell(rest[:4]) + "，")
		rest = rest[4:]
	}
	return b.String() + spell(rest)
}

// figure says the figure at the beginning of s and how long it was, 0 for none.
func figure(before, s string) (string, int) {
	if c := s[0]; !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.HasPrefix(s, "¥") || strings.HasPrefix(s, "￥")) {
		return "", 0
	}
	if last, _ := utf8.DecodeLastRuneInString(before); last < 128 && unicode.IsLetter(last) && s[0] > '9' {
		return "", 0 // inside a word
	}
	for _, r := range rules {
		if g := r.re.FindStringSubmatch(s); g != nil {
			if said := r.say(g, before, s[len(g[0]):]); said != "" {
				return said, len(g[0])
			}
		}
	}
	return "", 0
}

var (
	anyNumber = regexp.MustCompile(`^ ?[0-9¥￥]`)
	afterNum  = regexp.MustCompile(`[零一二三四五六七八九十百千万亿点分元日号月年] ?$`)
	afterDay  = regexp.MustCompile(`[零一二三四五六七八九十百千万亿日]$`)
	perUnit   = regexp.MustCompile(`(元|分|次|小时|天|公斤|毫升) ?$`)
	afterName = regexp.MustCompile(`\p{Han}$`)
)

var signs = map[rune]string{'≥': "大于等于", '≤': "小于等于", '>': "大于", '<': "小于", '×': "乘", '✕': "乘", '÷': "除以", '=': "等于", '±': "正负",
	'℃': "摄氏度", '㎡': "平方米", '№': "号", '²': "平方",
	'（': "，", '）': "，", '(': "，", ')': "，", '〔': "，", '〕': "，", '[': "，", ']': "，", '【': "，", '】': "，", '·': "，", '•': "，", '→': "，", '←': "，",
	'✓': "，", '✔': "，", '✗': "，", '✘': "，", '…': "，", '|': "，", '│': "，", '★': "，", '☆': "，", '※': "，", ',': "，", ';': "；", ':': "：", '?': "？", '!': "！",
	'《': "", '》': "", '〈': "", '〉': "", '“': "", '”': "", '‘': "", '’': "", '「': "", '」': "", '『': "", '』': "", '"': "", '\'': "", '_': "", '#': "", '¥': "", '￥': "", '^': "", '`': "",
	'\u200b': "", '\u00ad': "", '\ufeff': ""}

// sign says a character that is no letter.
func sign(r rune, before, after string) (string, bool) {
	if said, ok := signs[r]; ok {
		return said, true
	}
	num := anyNumber.MatchString(after)
	switch r {
	case '-', '–', '—', '~', '～', '−':
		switch {
		case num && afterNum.MatchString(before):
			return "到", true
		case num && (r == '-' || r == '−'):
			return "负", true
		}
		return "，", true
	case '+', '＋':
		if num {
			return "加", true
		}
		return "，", true
	case '/':
		if perUnit.MatchString(before) {
			return "每", true
		}
		return "，", true
	case '*':
		if afterName.MatchString(before) {
			return "某", true
		}
		return "", true
	case '.':
		if n, _ := utf8.DecodeRuneInString(after); unicode.IsLetter(n) && n < 128 {
			return "点", true // a file's name
		}
		return "。", true
	case '%':
		return "百分号", true
	case ' ':
		// A space between Chinese words is a short pause; beside figures none.
		l, _ := utf8.DecodeLastRuneInString(before)
		n, _ := utf8.DecodeRuneInString(after)
		switch {
		case l < 128 && n < 128 && unicode.IsLetter(l) && unicode.IsLetter(n):
			return " ", true
		case num && afterDay.MatchString(before): // 周三 09:00
			return "，", true
		case unicode.Is(unicode.Han, l) && unicode.Is(unicode.Han, n) && !afterNum.MatchString(before):
			return "，", true
		}
		return "", true
	}
	if r >= 'Ⅰ' && r <= 'Ⅻ' {
		return romans(r - 'Ⅰ'), true
	}
	if r >= 'ⅰ' && r <= 'ⅻ' {
		return romans(r - 'ⅰ'), true
	}
	if r >= '①' && r <= '⑳' {
		return romans(r-'①') + "，", true
	}
	return "", false
}

var oneToTwenty = strings.Fields("一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十")

func romans(n rune) string { return oneToTwenty[n] }

// fold makes one form of characters that have two, and one blank of many.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ', r == '％', r == '／', r == '＊', r == '．', r == '＞', r == '＜', r == '＝':
			return r - 0xFEE0
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// pauses keeps one of several pauses in a row, the longest.
func pauses(s string) string {
	const order = "，、：；。！？"
	out := make([]rune, 0, len(s))
	rank := func(r rune) int { return strings.IndexRune(order, r) }
	for _, r := range s {
		if r == ' ' && (len(out) == 0 || rank(out[len(out)-1]) >= 0) {
			continue
		}
		if rank(r) >= 0 {
			if len(out) == 0 {
				continue
			}
			if last := len(out) - 1; rank(out[last]) >= 0 {
				if rank(r) > rank(out[last]) {
					out[last] = r
				}
				continue
			}
		}
		out = append(out, r)
	}
	return strings.TrimRight(string(out), " ，、：；")
}
