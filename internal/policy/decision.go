package policy

import (
	"encoding/json"
	"slices"
	"strings"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// Step is one line of an Explanation (待遇核定依据): a sentence in plain
// Chinese and, where it rests on a pack, the key, the value used and the
// clause. The sentence is put together when somebody reads it, so that a
// settlement pays for it only once, when it is stored.
type Step struct {
	src  *source
	form *form
	text string
	args []any
}

// source is what a step rests on: a value of a pack, or a row of one.
type source struct {
	key    string
	value  json.RawMessage // as the pack writes it
	clause *fault.Clause
	say    string // ready sentence of a plain value
	entry  *entry
	cite   Citation // `,"key":…,"value":…,"clause":…`, rendered once at loading
}

// Say is the sentence. A value that is no official figure says so itself.
func (s Step) Say() string {
	text := s.text
	switch {
	case s.form != nil:
		text = s.form.fill(s.args)
	case len(s.args) > 0:
		text = string(appendf(nil, s.text, s.args))
	case s.text == "" && s.src != nil:
		text = s.src.say
	}
	if s.src == nil || s.src.clause == nil {
		return text
	}
	return text + gradeMark(s.src.clause.Grade)
}

// gradeMark warns inside the sentence, where it cannot be overlooked.
func gradeMark(grade string) string {
	switch grade {
	case GradeAssumed:
		return "（示例值，未见官方文件）"
	case GradeRecalled, GradeDoubtful:
		return "（凭记忆录入，待核对原文）"
	}
	return ""
}

// Key is the key of the pack, empty for a computed step.
func (s Step) Key() string {
	if s.src == nil {
		return ""
	}
	return s.src.key
}

// Value is the value as the pack writes it, nil for a computed step.
func (s Step) Value() json.RawMessage {
	if s.src == nil {
		return nil
	}
	return s.src.value
}

// Clause is the text that the step rests on, nil for a computed step.
func (s Step) Clause() *fault.Clause {
	if s.src == nil {
		return nil
	}
	return s.src.clause
}

// Explanation is every step of a decision in the order in which it was taken.
type Explanation []Step

// MarshalJSON writes the steps as the command line and the store show them.
func (x Explanation) MarshalJSON() ([]byte, error) { return x.append(x.room()), nil }

// room is a buffer in which the explanation will fit without growing.
func (x Explanation) room() []byte {
	n := 2
	for i := range x {
		n += 256
		if x[i].src != nil {
			n += len(x[i].src.cite.Text)
		}
	}
	return make([]byte, 0, n)
}

func (x Explanation) append(b []byte) []byte {
	b = append(b, '[')
	for i, s := range x {
		if i > 0 {
			b = append(b, ',')
		}
		b = s.append(b)
	}
	return append(b, ']')
}

func (s Step) append(b []byte) []byte {
	b = append(b, `{"say":`...)
	b = s.quoteSay(b)
	if s.src != nil {
		b = append(b, s.src.cite.Text...)
	}
	return append(b, '}')
}

// quoteSay writes the sentence as a JSON string. Almost no sentence has a
// character that JSON escapes, so it is written where it will stay.
func (s Step) quoteSay(b []byte) []byte {
	if s.form != nil || len(s.args) == 0 {
		return appendQuoted(b, s.Say())
	}
	start := len(b)
	b = appendf(append(b, '"'), s.text, s.args)
	if s.src != nil && s.src.clause != nil {
		b = append(b, gradeMark(s.src.clause.Grade)...)
	}
	if text := b[start+1:]; slices.ContainsFunc(text, escaped) {
		return appendQuoted(b[:start], string(text))
	}
	return append(b, '"')
}

// MarshalJSON writes one step.
func (s Step) MarshalJSON() ([]byte, error) { return s.append(nil), nil }

type stepJSON struct {
	Say    string          `json:"say"`
	Key    string          `json:"key,omitempty"`
	Value  json.RawMessage `json:"value,omitempty"`
	Clause *fault.Clause   `json:"clause,omitempty"`
}

// UnmarshalJSON reads a stored step; its sentence is the one that was stored.
func (s *Step) UnmarshalJSON(b []byte) error {
	var j stepJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*s = Step{text: j.Say}
	if j.Key != "" || j.Clause != nil || j.Value != nil {
		s.src = &source{key: j.Key, value: j.Value, clause: j.Clause}
		s.src.render()
		if j.Clause != nil {
			s.text = strings.TrimSuffix(s.text, gradeMark(j.Clause.Grade))
		}
	}
	return nil
}

// render prepares the part of the JSON that never changes.
func (s *source) render() {
	b, err := marshal(stepJSON{Key: s.key, Value: s.value, Clause: s.clause})
	if err != nil {
		panic("policy: " + err.Error()) // values were checked when the pack was read
	}
	s.cite = cite(strings.TrimSuffix(strings.TrimPrefix(string(b), `{"say":""`), "}"))
}

// marshal is JSON without escaping of < and >, which occur in conditions.
func marshal(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}

const hexDigits = "0123456789abcdef"

// PackRef names the exact rules that a decision used: the version for people,
// the hash (SM3 over the pack and its ancestors) for machines.
type PackRef struct {
	Version string `json:"version"`
	Hash    string `json:"hash"`
}

// Decision is one run of a rule, complete enough to be replayed years later.
// In and Out are the rule's own values and become JSON when the decision is
// stored, so nobody may change them after Decide. Out is
// {"refused":{"say","clause"}} when the rule said no.
type Decision struct {
	Rule    string
	Version int64 // of the rule's program
	Region  string
	On      day.Day
	Pack    PackRef
	In      any
	Out     any
	Explain Explanation
	Bundle  func() string // text of the pack and its ancestors; stored once per hash
}

// Texts renders the decision as JSON.
func (d Decision) Texts() (in, out, explain string, err error) {
	if in, out, err = d.inOut(); err != nil {
		return "", "", "", err
	}
	return in, out, string(d.Explain.append(d.Explain.room())), nil
}

// Short is Texts with the explanation in short (see Long), for the store. The
// citations that it uses are put into used.
func (d Decision) Short(used map[string]Citation) (in, out, explain string, err error) {
	if in, out, err = d.inOut(); err != nil {
		return "", "", "", err
	}
	return in, out, d.Explain.short(used), nil
}

func (d Decision) inOut() (in, out string, err error) {
	i, err := marshal(d.In)
	if err != nil {
		return "", "", err
	}
	o, err := marshal(d.Out)
	return string(i), string(o), err
}

// Refusal is the answer of a rule that said no, as JSON shows it.
type Refusal struct {
	Refused Refused `json:"refused"`
}

// Refused is the sentence of a refusal and the clause that it rests on.
type Refused struct {
	Say    string        `json:"say"`
	Clause *fault.Clause `json:"clause,omitempty"`
}
