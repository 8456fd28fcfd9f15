package person

import (
	"fmt"
	"regexp"
	"strings"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// IDKind is the kind of an identity document (证件类型).
type IDKind string

// The kinds that a roster may hold.
const (
	IDCitizen   IDKind = "citizen"   // 居民身份证
	IDHongKong  IDKind = "hongkong"  // 港澳居民居住证 81
	IDMacao     IDKind = "macao"     // 港澳居民居住证 82
	IDTaiwan    IDKind = "taiwan"    // 台湾居民居住证 83
	IDForeigner IDKind = "foreigner" // 外国人永久居留身份证, 18 digits from 9, or the old 15 characters
	IDDemo      IDKind = "demo"      // 演示号码, from the unassigned division 990100
)

// Number is a checked identity number.
type Number struct {
	Text  string // normalised: 18 characters, or the 15 of an old foreigner's card
	Kind  IDKind
	Birth day.Day // 0 for an old foreigner's card, which shows only two digits of the year
	Sex   string  // 男 or 女; "" for an old foreigner's card
	Old   bool    // was given with 15 digits and made 18
}

// Tail is the last four characters, which screens show.
func (n Number) Tail() string { return tail(n.Text) }

func tail(s string) string { return s[max(0, len(s)-4):] }

// provinces are the first two digits of a division code.
var provinces = [100]bool{11: true, 12: true, 13: true, 14: true, 15: true, 21: true, 22: true, 23: true,
	31: true, 32: true, 33: true, 34: true, 35: true, 36: true, 37: true, 41: true, 42: true, 43: true, 44: true, 45: true, 46: true,
	50: true, 51: true, 52: true, 53: true, 54: true, 61: true, 62: true, 63: true, 64: true, 65: true, 71: true, 81: true, 82: true, 83: true}

const demoPrefix = "990100"

var (
	science   = regexp.MustCompile(`^[0-9][.0-9]*[eE]\+?[0-9]+$`)
	oldForeig = regexp.MustCompile(`^[A-Z]{3}[0-9]{12}$`)
)

// ParseID checks an identity number as it stands on the day on. Full-width
// characters, blanks, a leading apostrophe and a small x are normalised;
// everything else that is wrong is named in a sentence (fault.Invalid, field
// «id») that never repeats the number.
func ParseID(raw string, on day.Day) (Number, error) {
	s := normalID(raw)
	bad := func(say string, args ...any) (Number, error) { return Number{}, fault.Field("id", say, args...) }
	switch {
	case s == "":
		return bad("没有填证件号码")
	case !digits(s) && science.MatchString(s):
		return bad("表格把号码变成了科学计数法，后几位已经丢了。请把这一列设成「文本」，再从原始材料重新填写")
	case s[0] >= 'A' && oldForeig.MatchString(s):
		return Number{Text: s, Kind: IDForeigner}, nil
	case len(s) == 15 && digits(s):
		full := s[:6] + "19" + s[6:]
		n, err := parse18(full+string(checkChar(full)), on)
		n.Old = true
		return n, err
	case len(s) != 18:
		return bad("证件号码应当是18位（老号码15位），这里有%d位", len([]rune(s)))
	}
	return parse18(s, on)
}

func parse18(s string, on day.Day) (Number, error) {
	bad := func(say string, args ...any) (Number, error) { return Number{}, fault.Field("id", say, args...) }
	if !digits(s[:17]) || (s[17] != 'X' && (s[17] < '0' || s[17] > '9')) {
		return bad("证件号码里有不是数字的字（只有最后一位可以是X）")
	}
	n := Number{Text: s, Kind: IDCitizen}
	switch p := int(s[0]-'0')*10 + int(s[1]-'0'); {
	case s[:6] == demoPrefix:
		n.Kind = IDDemo
	case p == 81:
		n.Kind = IDHongKong
	case p == 82:
		n.Kind = IDMacao
	case p == 83:
		n.Kind = IDTaiwan
	case s[0] == '9' && provinces[int(s[1]-'0')*10+int(s[2]-'0')]: // 9 + province + country + birth
		n.Kind = IDForeigner
	case !provinces[p]:
		return bad("证件号码的前两位 %02d 不是任何一个省份的代码", p)
	}
	if checkChar(s) != s[17] {
		return bad("证件号码的最后一位（校验码）对不上，有一位抄错了")
	}
	num := func(a, b int) (v int) {
		for _, c := range s[a:b] {
			v = v*10 + int(c-'0')
		}
		return v
	}
	birth, err := day.Of(num(6, 10), num(10, 12), num(12, 14))
	if err != nil {
		return bad("证件号码里的出生日期 %s-%s-%s 不存在", s[6:10], s[10:12], s[12:14])
	}
	if err := plausibleBirth(birth, on); err != nil {
		return bad("证件号码里的%s", fault.As(err).Say)
	}
	n.Birth, n.Sex = birth, "女"
	if s[16]%2 == 1 {
		n.Sex = "男"
	}
	return n, nil
}

// oldest is the age beyond which a birth date is taken for an error.
const oldest = 130

func plausibleBirth(birth, on day.Day) error {
	if birth > on {
		return fault.Field("birth", "出生日期 %s 在今天之后", birth)
	}
	if a := on.Age(birth); a > oldest {
		return fault.Field("birth", "出生日期 %s 算下来有%d岁，超过%d岁", birth, a, oldest)
	}
	return nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// checkChar is the check character of GB 11643 (ISO 7064 MOD 11-2) over the
// first 17 digits of s.
func checkChar(s string) byte {
	sum := 0
	for i := range 17 {
		sum += int(s[i]-'0') * weights[i]
	}
	return "10X98765432"[sum%11]
}

var weights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// normalID takes away what keyboards and spreadsheets add to a number.
func normalID(s string) string {
	plain := len(s) == 18
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= '0' && s[i] <= '9' || s[i] == 'X'
	}
	if plain {
		return s
	}
	return strings.ToUpper(strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～': // full width
			r -= '！' - '!'
		case r == '　', r == '\u00a0', r == '\ufeff', r >= '\u200b' && r <= '\u200f':
			return -1
		}
		if r == ' ' || r == '\t' || r == '\'' || r == '\r' || r == '\n' || r == '`' || r == '’' {
			return -1
		}
		return r
	}, s))
}

// DemoID makes the seq-th demonstration number for a birth and a sex (男 or
// 女), from the division 990100 that nobody was given. seq counts from 0 to 499.
func DemoID(seq int, birth day.Day, sex string) string {
	y, m, d := birth.Date()
	n := (seq % 500) * 2
	if sex == "男" {
		n++
	}
	s := fmt.Sprintf("%s%04d%02d%02d%03d", demoPrefix, y, m, d, n)
	return s + string(checkChar(s))
}

// MaskID shows the first three and the last two characters of a number.
func MaskID(s string) string {
	r := []rune(s)
	if len(r) < 8 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:3]) + strings.Repeat("*", len(r)-5) + string(r[len(r)-2:])
}

// MaskPhone shows 138****5678.
func MaskPhone(s string) string {
	if len(s) < 7 {
		return strings.Repeat("*", len(s))
	}
	return s[:3] + strings.Repeat("*", len(s)-7) + s[len(s)-4:]
}

// MaskName shows the family name only: 王** (a public notice shows no more).
func MaskName(s string) string {
	r := []rune(s)
	if len(r) < 2 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:1]) + strings.Repeat("*", len(r)-1)
}
