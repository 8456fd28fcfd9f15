package policy

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/fault"
)

// An explanation cites whole clauses and is some ten thousand bytes long, and
// all decisions under one pack cite the same ones. The store keeps each
// citation once, under its id, and an explanation in short: the ids that it
// uses, then a line per step with its sentence and, after a tab, the place of
// its citation among the ids. JSON text holds neither tabs nor line ends, so
// Long gives the very bytes back.
//
//	cited:3f0c… 91ab…
//	居家护理：13.00 元 × 80% = 10.40 元	1
//	第 1 行：长护险基金付 10.40 元，个人付 2.60 元

// Citation is what the steps that rest on one value of a pack have in common:
// key, value and clause, as JSON without braces. Its id is the beginning of
// its SM3, so a text that somebody changed does not fit it any more.
type Citation struct{ ID, Text string }

func cite(text string) Citation {
	h := sm3.Sum([]byte(text))
	return Citation{hex.EncodeToString(h[:8]), text}
}

const cited = "cited:" // JSON cannot begin like this

// short is the explanation in short; each citation that it uses is put into used.
func (x Explanation) short(used map[string]Citation) string {
	var ids []*source
	place := func(s *source) int {
		for i, have := range ids {
			if have == s || have.cite.ID == s.cite.ID {
				return i
			}
		}
		ids = append(ids, s)
		used[s.cite.ID] = s.cite
		return len(ids) - 1
	}
	b := make([]byte, 0, 64+len(x)*160)
	for _, s := range x {
		b = append(b, '\n')
		b = s.quoteSay(b)
		if s.src != nil && s.src.cite.ID != "" {
			b = append(b, '\t')
			b = strconv.AppendInt(b, int64(place(s.src)), 10)
		}
	}
	head := make([]byte, 0, len(cited)+17*len(ids)+len(b))
	head = append(head, cited...)
	for i, s := range ids {
		if i > 0 {
			head = append(head, ' ')
		}
		head = append(head, s.cite.ID...)
	}
	return string(append(head, b...))
}

// CitationIDs lists the ids of the citations that a text in short uses.
func CitationIDs(short string) []string {
	head, _, _ := strings.Cut(strings.TrimPrefix(short, cited), "\n")
	return strings.Fields(head)
}

// Long is the explanation as JSON again; texts holds its citations by id.
func Long(short string, texts map[string]string) (string, error) {
	rest, ok := strings.CutPrefix(short, cited)
	if !ok {
		return "", fault.New(fault.Internal, "policy: a stored explanation begins with %.20q", short)
	}
	ids := CitationIDs(short)
	for _, id := range ids {
		if text, ok := texts[id]; !ok {
			return "", fault.New(fault.Internal, "policy: citation %s is not stored", id)
		} else if cite(text).ID != id {
			return "", fault.New(fault.Internal, "policy: citation %s was changed in the store", id)
		}
	}
	_, rest, ok = strings.Cut(rest, "\n")
	if !ok {
		return "[]", nil
	}
	var b strings.Builder
	for i, line := range strings.Split(rest, "\n") {
		b.WriteByte("[,"[min(i, 1)])
		say, at, ok := strings.Cut(line, "\t")
		b.WriteString(`{"say":` + say)
		if ok {
			n, err := strconv.Atoi(at)
			if err != nil || n < 0 || n >= len(ids) {
				return "", fault.New(fault.Internal, "policy: step %d cites number %q", i, at)
			}
			b.WriteString(texts[ids[n]])
		}
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.String(), nil
}
