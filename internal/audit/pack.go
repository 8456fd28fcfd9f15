package audit

import (
	"fmt"
	"strconv"
	"strings"
)

// An Explanation cites whole clauses and is some ten thousand bytes long; the
// lines of one bill cite the same ones again and again. It is kept with each
// citation written once: a step is a line, its sentence and its citation have
// a tab between them, and a citation that stood before is its number. JSON
// holds neither tabs nor line ends, so nothing is lost and unpack gives the
// same bytes back.

const (
	packed = "steps:" // JSON cannot begin like this
	step   = `,{"say":"`
	cites  = `,"key":`
)

func pack(text string) string {
	if len(text) < 1000 || strings.ContainsAny(text, "\t\n") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) / 2)
	b.WriteString(packed)
	seen := map[string]int{}
	for i, s := range strings.Split(text, step) {
		if i > 0 {
			b.WriteByte('\n')
		}
		say, cite, ok := strings.Cut(s, cites)
		b.WriteString(say)
		if !ok {
			continue
		}
		b.WriteByte('\t')
		if n, ok := seen[cite]; ok {
			b.WriteString(strconv.Itoa(n))
			continue
		}
		seen[cite] = len(seen)
		b.WriteByte('\t')
		b.WriteString(cite)
	}
	return b.String()
}

func unpack(text string) (string, error) {
	text, ok := strings.CutPrefix(text, packed)
	if !ok {
		return text, nil
	}
	var b strings.Builder
	var seen []string
	for i, s := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString(step)
		}
		say, cite, ok := strings.Cut(s, "\t")
		b.WriteString(say)
		if !ok {
			continue
		}
		if fresh, ok := strings.CutPrefix(cite, "\t"); ok {
			seen = append(seen, fresh)
			cite = fresh
		} else {
			n, err := strconv.Atoi(cite)
			if err != nil || n < 0 || n >= len(seen) {
				return "", fmt.Errorf("audit: stored explanation: step %d cites %q", i, cite)
			}
			cite = seen[n]
		}
		b.WriteString(cites)
		b.WriteString(cite)
	}
	return b.String(), nil
}
