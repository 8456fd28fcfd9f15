// Package sms writes and sends text messages (短信). A text is declared beside
// the matter that it announces (sms.New) and registers itself; a test renders
// every text with the longest values it can get. A Gateway sends them.
package sms

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limit is how many characters one message may have, signature included; a
// longer one is billed and often delivered as two. MaxSign is the longest name
// in the signature 【…】, Body what is left for the text.
const (
	Limit   = 70
	MaxSign = 12
	Body    = Limit - MaxSign - 2
)

// slot is a place in a text that is filled in.
type slot struct {
	name    string
	longest string // the longest value it gets, for the test of all texts
	least   int    // how far a value may be cut to fit, 0 for not at all
}

// slots are the places that texts may have. Names give way when a message would
// be too long; a figure or a date never does.
var slots = map[string]slot{
	"name":    {"name", "阿卜杜热合曼·吐尔逊江·买买提明", 4}, // 本人
	"who":     {"who", "阿卜杜热合曼·吐尔逊江·买买提明", 4},  // 另一个人
	"tail":    {"tail", "9999", 0},
	"code":    {"code", "999999", 0},
	"count":   {"count", "99", 0},
	"minutes": {"minutes", "1440", 0},
	"date":    {"date", "12月31日", 0},
	"when":    {"when", "12月31日上午", 0},
	"clock":   {"clock", "23:59", 0},
	"fund":    {"fund", "9,999.99 元", 0},
	"own":     {"own", "9,999.99 元", 0},
	"matter":  {"matter", "城乡居民基本医疗保险参保登记", 6}, // 事项名称
}

// Text is one message that the program can send.
type Text struct {
	ID    string // word.what, «assess.accepted»
	Name  string // what it announces, in Chinese
	parts []string
	slots []slot // between the parts
}

var (
	all   = map[string]*Text{}
	place = regexp.MustCompile(`\{([a-z]+)\}`)
	link  = regexp.MustCompile(`(?i)://|www\.|\.(cn|com|net|org)\b`)
)

// New declares a text with places such as {name}. It panics on a place that
// does not exist, a link, or a text that cannot be kept within Body: all of them
// are mistakes of whoever writes the text.
func New(id, name, text string) *Text {
	t := &Text{ID: id, Name: name}
	at := 0
	for _, m := range place.FindAllStringSubmatchIndex(text, -1) {
		s, ok := slots[text[m[2]:m[3]]]
		if !ok {
			panic(fmt.Sprintf("sms %s: no place {%s}", id, text[m[2]:m[3]]))
		}
		t.parts, t.slots, at = append(t.parts, text[at:m[0]]), append(t.slots, s), m[1]
	}
	t.parts = append(t.parts, text[at:])
	if all[id] != nil || link.MatchString(text) || strings.ContainsAny(strings.Join(t.parts, ""), "{}【】") {
		panic(fmt.Sprintf("sms %s: twice, with a link, or with marks that mean something else", id))
	}
	if n := utf8.RuneCountInString(t.Longest()); n > Body {
		panic(fmt.Sprintf("sms %s: %d characters, at most %d", id, n, Body))
	}
	all[id] = t
	return t
}

// All are the texts that the program can send, by their ids.
func All() []*Text {
	var out []*Text
	for _, id := range slices.Sorted(maps.Keys(all)) {
		out = append(out, all[id])
	}
	return out
}

// Longest is the text with the longest value in every place.
func (t *Text) Longest() string {
	args := make([]any, len(t.slots))
	for i, s := range t.slots {
		args[i] = s.longest
	}
	return t.Say(args...)
}

// Places names the places of the text, in their order.
func (t *Text) Places() (out []string) {
	for _, s := range t.slots {
		out = append(out, s.name)
	}
	return out
}

// Say fills the places in their order. Values that may give way are cut with …
// until the text fits. A wrong number of values is the caller's mistake and panics.
func (t *Text) Say(values ...any) string {
	if len(values) != len(t.slots) {
		panic(fmt.Sprintf("sms %s: %d values for %v", t.ID, len(values), t.Places()))
	}
	text, n := make([][]rune, len(values)), 0
	for i, v := range values {
		text[i] = []rune(strings.TrimSpace(fmt.Sprint(v)))
		n += len(text[i])
	}
	for _, p := range t.parts {
		n += utf8.RuneCountInString(p)
	}
	for n > Body {
		widest := -1
		for i, s := range t.slots {
			if s.least > 0 && len(text[i]) > s.least && (widest < 0 || len(text[i]) > len(text[widest])) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		w := strings.TrimRight(string(text[widest]), "…")
		r := []rune(w)
		text[widest] = append(r[:len(text[widest])-2:len(text[widest])-2], '…')
		n--
	}
	var b strings.Builder
	for i, p := range t.parts {
		b.WriteString(p)
		if i < len(text) {
			b.WriteString(string(text[i]))
		}
	}
	return b.String()
}

// Sign puts the sender's name in front: 【示范市医保局】… A name that is too long
// loses its end, so that the message still is one.
func Sign(sign, text string) string {
	if r := []rune(sign); len(r) > MaxSign {
		sign = string(r[:MaxSign])
	}
	return "【" + sign + "】" + text
}
