package policy

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// The slips of a Chinese keyboard and of hurry that make a file unreadable.
var (
	wideColon = regexp.MustCompile(`^[\s\-{,]*["']?[A-Za-z0-9_.]+["']?\s*(：)|[{,，]\s*[a-z_]+\s*(：)`)
	wideComma = regexp.MustCompile(`[{\[][^"']*(，)\s*[a-z_]+\s*[:：]`)
	wideQuote = regexp.MustCompile(`[:\[,]\s*([“”])`)
	tightName = regexp.MustCompile(`^[\s\-]*[a-z_.]+(:)[^\s/:]`)
	bareSign  = regexp.MustCompile(`:\s+([<>=%@!&*|]+)\s*[0-9]`)
)

// slip looks for what made a file unreadable: first in the line that the
// reader stumbled over, then upwards, since an open bracket or quotation mark is
// noticed only later. It gives the line, the column and what to do.
func slip(f *file, line int) (int, int, string) {
	for n := min(line, len(f.lines)); n >= 1; n-- {
		text := f.lines[n-1]
		body, _, _ := strings.Cut(text, " #")
		if strings.HasPrefix(strings.TrimSpace(body), "#") {
			continue
		}
		indent := body[:len(body)-len(strings.TrimLeft(body, " \t"))]
		for _, s := range []struct {
			at  []int
			say string
		}{
			{wideColon.FindStringSubmatchIndex(body), "这里是中文的冒号「：」；请换成英文的冒号，后面空一格"},
			{wideComma.FindStringSubmatchIndex(body), "这里是中文的逗号「，」；请换成英文的逗号，后面空一格"},
			{wideQuote.FindStringSubmatchIndex(body), "这里是中文的引号；请换成英文的双引号"},
			{tightName.FindStringSubmatchIndex(body), "冒号后面要空一格"},
			{bareSign.FindStringSubmatchIndex(body), "这里不能写符号；要几个值就写列表，如 [3, 4, 5]"},
		} {
			for i := 2; i+1 < len(s.at); i += 2 {
				if s.at[i] >= 0 {
					return n, utf8.RuneCountInString(body[:s.at[i]]) + 1, s.say
				}
			}
		}
		if i := strings.IndexByte(indent, '\t'); i >= 0 {
			return n, i + 1, "缩进要用空格，不能用 Tab"
		}
		if strings.Count(body, `"`)%2 == 1 {
			return n, utf8.RuneCountInString(body[:strings.IndexByte(body, '"')]) + 1, "这一行的双引号没有配成对"
		}
		if strings.Contains(body, "- {") && strings.Count(body, "{") > strings.Count(body, "}") && !continues(f, n) {
			return n, utf8.RuneCountInString(body[:strings.IndexByte(body, '{')]) + 1, "「{」没有配上「}」"
		}
	}
	return 0, 0, ""
}

// continues tells whether the line after n is still inside the braces of line n.
func continues(f *file, n int) bool {
	last := strings.TrimSpace(f.lines[n-1])
	return strings.HasSuffix(last, ",") || strings.HasSuffix(last, "{")
}

// wide adds what to do about a name or value that swallowed its neighbours.
func wide(s string) string {
	switch {
	case strings.ContainsRune(s, '：'):
		return "（这里有中文的冒号「：」，请换成英文的冒号，后面空一格）"
	case strings.ContainsRune(s, '，'):
		return "（这里有中文的逗号「，」，请换成英文的逗号，后面空一格）"
	case strings.ContainsAny(s, "“”"):
		return "（这里有中文的引号，请换成英文的双引号）"
	case s != "" && strings.Trim(s, "0123456789") == "":
		return "（数字里不写逗号：7,500 要写成 7500）"
	}
	return ""
}
