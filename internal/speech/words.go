package speech

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed words.txt
var wordsFile string

// words are what espeak-ng reads wrongly, with their right pinyin; longest is
// how many characters the longest has.
var words, longest = loadWords(wordsFile)

// loadWords reads lines «重庆 chong2 qing4»: a syllable for each character.
func loadWords(text string) (map[string]string, int) {
	out, max := map[string]string{}, 0
	for i, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		n := utf8.RuneCountInString(f[0])
		if len(f) != n+1 || out[f[0]] != "" {
			panic(fmt.Sprintf("speech: words.txt:%d: %q needs %d syllables, once", i+1, line, n))
		}
		out[f[0]] = strings.Join(f[1:], " ")
		if n > max {
			max = n
		}
	}
	return out, max
}

// letters are the names of the Latin letters in syllables that the voice knows.
var letters = map[rune]string{'A': "ei1", 'B': "bi4", 'C': "xi1", 'D': "di4", 'E': "yi4", 'F': "ai2 fu5", 'G': "ji4", 'H': "ai2 chi5", 'I': "ai4",
	'J': "zhei4", 'K': "kei4", 'L': "ai2 le5", 'M': "ai2 mu5", 'N': "en1", 'O': "ou1", 'P': "pi4", 'Q': "kiu1", 'R': "a4", 'S': "ai2 si5", 'T': "ti4",
	'U': "you4", 'V': "wei1", 'W': "da2 bu5 liu5", 'X': "ai2 ke5 si5", 'Y': "wai4", 'Z': "zei4"}

// pinyin writes the words of the list and Latin letters in pinyin; everything
// else stays, the voice reads characters itself.
func pinyin(spoken string) string {
	rs := []rune(spoken)
	var b strings.Builder
	for i := 0; i < len(rs); {
		if n := known(rs[i:]); n > 0 {
			b.WriteString(" " + words[string(rs[i:i+n])] + " ")
			i += n
			continue
		}
		if name, ok := letters[unicode.ToUpper(rs[i])]; ok {
			b.WriteString(" " + name + " ")
		} else {
			b.WriteRune(rs[i])
		}
		i++
	}
	return b.String()
}

// known is the length of the longest word of the list that begins rs.
func known(rs []rune) int {
	for n := min(longest, len(rs)); n > 0; n-- {
		if words[string(rs[:n])] != "" {
			return n
		}
	}
	return 0
}
