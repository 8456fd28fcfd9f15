package search

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// A sound is one syllable or character of what somebody said or typed.
type sound struct {
	char    rune     // the character; 0 when letters were typed
	exact   []string // its readings without tone: chong, zhong
	alike   []string // the same as they are often confused
	initial byte     // only the beginning of a syllable was typed, as in sqhl
}

var allReadings = pinyin.Args{Style: pinyin.Normal, Heteronym: true, Fallback: func(rune, pinyin.Args) []string { return nil }}

// sounds takes a text apart. Letters are read as pinyin, with or without tones;
// what cannot be a syllable is taken for initials.
func sounds(text string) []sound {
	var out []sound
	var letters strings.Builder
	flush := func() {
		out = append(out, typed(letters.String())...)
		letters.Reset()
	}
	for _, r := range strings.ToLower(text) {
		if plain, ok := toneMarks[r]; ok {
			r = plain
		}
		switch {
		case r >= 'a' && r <= 'z':
			letters.WriteRune(r)
		case r >= '0' && r <= '9' && letters.Len() > 0: // the tone
			flush()
		case unicode.Is(unicode.Han, r):
			flush()
			s := sound{char: r, exact: unique(pinyin.SinglePinyin(r, allReadings))}
			for _, e := range s.exact {
				s.alike = append(s.alike, alike(e))
			}
			out = append(out, s)
		default:
			flush()
		}
	}
	flush()
	return out
}

func unique(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range list {
		s = strings.ReplaceAll(s, "ü", "v")
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

var toneMarks = func() map[rune]rune {
	out := map[rune]rune{}
	for plain, marked := range map[rune]string{'a': "āáǎà", 'e': "ēéěè", 'i': "īíǐì", 'o': "ōóǒò", 'u': "ūúǔù", 'v': "ǖǘǚǜü"} {
		for _, r := range marked {
			out[r] = plain
		}
	}
	return out
}()

// syllables are all there are.
var syllables = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for r := rune(0x4e00); r <= 0x9fa5; r++ {
		for _, s := range unique(pinyin.SinglePinyin(r, allReadings)) {
			if s == "a" || s == "e" || s == "o" || len(s) > 1 && strings.ContainsAny(s, "aeiouv") { // no hm, ng, n
				out[s] = true
			}
		}
	}
	return out
})

// typed splits letters into the fewest syllables; what is left over are initials.
func typed(s string) []sound {
	if s == "" {
		return nil
	}
	known := syllables()
	type way struct {
		cost int
		from int
	}
	ways := make([]way, len(s)+1)
	for i := 1; i <= len(s); i++ {
		ways[i] = way{ways[i-1].cost + 3, i - 1} // a letter by itself is an initial
		for from := max(0, i-6); from < i; from++ {
			if known[s[from:i]] && ways[from].cost+2 <= ways[i].cost {
				ways[i] = way{ways[from].cost + 2, from}
			}
		}
	}
	var out []sound
	for i := len(s); i > 0; i = ways[i].from {
		part := s[ways[i].from:i]
		if known[part] {
			out = append(out, sound{exact: []string{part}, alike: []string{alike(part)}})
		} else {
			out = append(out, sound{initial: part[0]})
		}
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// onlyInitials reads letters that are no syllables throughout as initials: mbba
// is 慢病备案 though «ba» could be a syllable. nil when they are.
func onlyInitials(s string, heard []sound) []sound {
	if !slices.ContainsFunc(heard, func(h sound) bool { return h.initial != 0 }) {
		return nil
	}
	var out []sound
	for _, r := range strings.ToLower(s) {
		if r < 'a' || r > 'z' {
			return nil
		}
		out = append(out, sound{initial: byte(r)})
	}
	return out
}

// alike folds the sounds that ears and dialects confuse: n/l, zh/z, ch/c, sh/s,
// f/hu, r/l, in/ing, en/eng, an/ang.
func alike(s string) string {
	for _, p := range [][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}, {"n", "l"}, {"r", "l"}} {
		if rest, ok := strings.CutPrefix(s, p[0]); ok {
			s = p[1] + rest
			break
		}
	}
	if rest, ok := strings.CutPrefix(s, "f"); ok {
		switch rest {
		case "u":
			s = "hu"
		case "ei":
			s = "hui"
		case "en", "eng":
			s = "hun"
		case "o":
			s = "huo"
		default:
			s = "hu" + rest
		}
	}
	for _, p := range [][2]string{{"ang", "an"}, {"eng", "en"}, {"ing", "in"}} {
		if head, ok := strings.CutSuffix(s, p[0]); ok {
			return head + p[1]
		}
	}
	return s
}
