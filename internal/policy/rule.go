package policy

import (
	"encoding/json"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"sync/atomic"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// Info is what a rule says about itself.
type Info struct {
	ID, Label string
	Version   int64  // of its program; goes up when the same input may come out differently
	File      string // where it stands in the repository
	Line      int
	In, Out   reflect.Type

	eval  func(v *View, raw []byte, stored bool) (Decision, error)
	steps atomic.Int32 // most notes of a decision so far: room for the next
}

// Rule is a pure function from a View and an input to an output or a refusal.
type Rule[In, Out any] struct {
	info *Info
	run  func(*View, In) (Out, error)
}

// NewRule registers a rule under its id ("assess.level"), the version of its
// program and its Chinese name. In and Out are JSON structs; input is read
// strictly. Whoever changes what comes out, or how it is explained, raises the
// version (packs/rules_test.go finds out), so that a replay can tell a decision
// of the old program from a damaged one.
func NewRule[In, Out any](id string, version int64, label string, run func(*View, In) (Out, error)) *Rule[In, Out] {
	if std.rules[id] != nil || !keyForm.MatchString(id) || version < 1 {
		panic("policy: rule " + id + " is registered twice, has no version or is not named word.name")
	}
	info := &Info{ID: id, Version: version, Label: label, In: reflect.TypeFor[In](), Out: reflect.TypeFor[Out]()}
	_, info.File, info.Line, _ = runtime.Caller(1)
	info.File = shortFile(info.File)
	r := &Rule[In, Out]{info, run}
	info.eval = func(v *View, raw []byte, stored bool) (d Decision, err error) {
		var in In
		if stored { // our own text: a list that was never made stands there as null
			err = json.Unmarshal(raw, &in)
		} else {
			in, err = decodeInput[In](raw)
		}
		if err != nil {
			return Decision{}, err
		}
		_, d, err = r.Decide(v, in)
		return d, err
	}
	std.rules[id] = info
	return r
}

// ID is the rule's id.
func (r *Rule[In, Out]) ID() string { return r.info.ID }

// Decide runs the rule. The Decision is filled also when the rule refuses
// (fault.Refused); for any other error there is nothing to store. The View may
// be used again afterwards.
func (r *Rule[In, Out]) Decide(v *View, in In) (Out, Decision, error) {
	steps, tables, failed := v.steps, v.tables, v.err
	v.steps, v.tables, v.err = make([]Step, 0, r.info.steps.Load()), nil, nil
	out, err := r.run(v, in)
	if v.err != nil && (err == nil || !fault.Is(err, fault.Invalid)) {
		err = v.err
	}
	v.uncited()
	if n := int32(len(v.steps)); n > r.info.steps.Load() {
		r.info.steps.Store(min(n, 64))
	}
	d := Decision{Rule: r.info.ID, Version: r.info.Version, Region: v.Region(), On: v.on, Pack: v.region.ref, In: in, Out: out, Explain: v.steps, Bundle: v.region.text}
	v.steps, v.tables, v.err = steps, tables, failed
	if err != nil {
		f := fault.As(err)
		d.Out = Refusal{Refused{f.Say, f.Clause}}
		var zero Out
		return zero, d, err
	}
	return out, d, nil
}

func (r *region) text() string { return r.bundle }

// Rules lists every rule by id.
func Rules() []*Info {
	out := make([]*Info, 0, len(std.rules))
	for _, i := range std.rules {
		out = append(out, i)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

// FindRule is the rule of an id; an unknown id is fault.Invalid.
func FindRule(id string) (*Info, error) {
	if i := std.rules[id]; i != nil {
		return i, nil
	}
	var ids []string
	for _, i := range Rules() {
		ids = append(ids, i.ID)
	}
	if best := nearest(id, ids); best != "" {
		return nil, fault.Field("rule", "没有规则「%s」；是不是「%s」？", id, best)
	}
	return nil, fault.Field("rule", "没有规则「%s」；全部规则见 yinling rule list", id)
}

// Keys are the keys declared in the rule's own file: those it reads.
func (i *Info) Keys() []*KeyInfo {
	var out []*KeyInfo
	for _, k := range std.keys {
		if k.File == i.File {
			out = append(out, k)
		}
	}
	sort.Slice(out, func(a, b int) bool { return out[a].Name < out[b].Name })
	return out
}

// Result is the answer of EvalJSON in the form that the command line prints.
type Result struct {
	Rule    string      `json:"rule"`
	Region  string      `json:"region"`
	On      day.Day     `json:"on"`
	Pack    PackRef     `json:"pack"`
	Out     any         `json:"out,omitempty"`
	Refused *Refused    `json:"refused,omitempty"`
	Explain Explanation `json:"explain"`
}

// JSON renders the result as one line.
func (r Result) JSON() ([]byte, error) { return marshal(r) }

// EvalJSON runs a rule by its id on JSON input. A refusal gives a Result with
// Refused set and the error; bad input gives fault.Invalid with the field.
func EvalJSON(v *View, rule string, raw []byte) (Result, error) {
	i, err := FindRule(rule)
	if err != nil {
		return Result{}, err
	}
	d, err := i.eval(v, raw, false)
	r := Result{Rule: rule, Region: v.Region(), On: v.on, Pack: v.region.ref, Explain: d.Explain}
	if ref, ok := d.Out.(Refusal); ok {
		r.Refused = &ref.Refused
	} else {
		r.Out = d.Out
	}
	if r.Explain == nil {
		r.Explain = Explanation{}
	}
	return r, err
}

// Show lists the value, dates and clause of every key that holds on the day,
// for `pack show` and the office.
func (v *View) Show() []Shown {
	var out []Shown
	for _, e := range v.at.values {
		if e != nil {
			out = append(out, shown(e))
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Key < out[j].Key })
	return out
}

// Shown is one value as people look at it.
type Shown struct {
	Key    string          `json:"key"`
	Label  string          `json:"label"`
	Say    string          `json:"say"`
	Value  json.RawMessage `json:"value"`
	From   day.Day         `json:"from"`
	To     day.Day         `json:"to,omitzero"`
	Region string          `json:"region"` // the pack that states it
	File   string          `json:"file"`
	Line   int             `json:"line"`
	Clause *fault.Clause   `json:"clause"`
}

func shown(e *entry) Shown {
	s := Step{src: &e.source}
	return Shown{Key: e.key.Name, Label: e.key.Label, Say: strings.TrimPrefix(s.Say(), e.key.Label+"："), Value: e.raw(), From: e.from, To: e.to,
		Region: e.pack.Region, File: e.file.name, Line: e.line, Clause: e.source.clause}
}
