package person

import (
	"strings"
	"sync"

	"github.com/mozillazg/go-pinyin"
)

var readings sync.Map // rune → its most common reading; names of a city need some 3,000

var plainPinyin = pinyin.NewArgs()

// pinyinOf is a name in small letters without tones: 王桂兰 → wangguilan. It
// serves searching only, so a surname's rare reading does not matter: the query
// is turned the same way.
func pinyinOf(name string) string {
	var b strings.Builder
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z':
			b.WriteRune(r)
		case r >= 'A' && r <= 'Z':
			b.WriteRune(r + 'a' - 'A')
		case r < 0x3400:
		default:
			v, ok := readings.Load(r)
			if !ok {
				got := ""
				if p := pinyin.SinglePinyin(r, plainPinyin); len(p) > 0 {
					got = p[0]
				}
				v = strings.ReplaceAll(got, "ü", "v")
				readings.Store(r, v)
			}
			b.WriteString(v.(string))
		}
	}
	return b.String()
}
