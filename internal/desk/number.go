package desk

import (
	"fmt"
	"strings"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// checkAlphabet of ISO/IEC 7064 MOD 37,36: it finds every single wrong
// character and 98 of 100 swaps of neighbours that people make on the phone.
const checkAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// Number writes a case number (受理号): SL, two-digit year, month, day, five
// digits, one check character: SL2406030000 + 1 + check.
func Number(d day.Day, seq int64) (string, error) {
	if seq < 1 || seq > 99999 {
		return "", fault.New(fault.Busy, "今天的受理号已经用完，请明天再办，或打 12393。")
	}
	y, m, dd := d.Date()
	s := fmt.Sprintf("SL%02d%02d%02d%05d", y%100, m, dd, seq)
	return s + string(checkChar(s)), nil
}

// CleanNumber turns what a person typed into a case number, or says what is
// wrong with it.
func CleanNumber(s string) (string, error) {
	s = strings.ToUpper(strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-' || r == '　':
			return -1
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		return r
	}, s))
	if len(s) != 14 || !strings.HasPrefix(s, "SL") {
		return "", fault.Field("number", "受理号是 SL 开头的 14 位，在受理短信或回执上")
	}
	for _, r := range s[:13] {
		if !strings.ContainsRune(checkAlphabet, r) {
			return "", fault.Field("number", "受理号里只有字母和数字，请照回执再看一遍")
		}
	}
	if checkChar(s[:13]) != s[13] {
		return "", fault.Field("number", "受理号有一位不对，请照回执再看一遍")
	}
	return s, nil
}

func checkChar(s string) byte {
	p := 36
	for i := range len(s) {
		p += strings.IndexByte(checkAlphabet, s[i])
		if p %= 36; p == 0 {
			p = 36
		}
		p = p * 2 % 37
	}
	return checkAlphabet[(37-p)%36]
}
