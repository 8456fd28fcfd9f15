package policy

import (
	"fmt"
	"sort"
	"strings"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// Set is every loaded pack; it never changes and may be shared.
type Set struct {
	Packs   []*Pack // by region code
	regions map[string]*region
}

// region is a pack together with its ancestors, ready to answer for any day.
type region struct {
	chain  []*Pack
	ref    PackRef
	bundle string
	begins []day.Day // ascending; snapshot i holds from begins[i] to the day before begins[i+1]
	snaps  []*snapshot
}

// snapshot is what holds on the days between two changes of any value.
type snapshot struct {
	values   []*entry // by key id; nil: not given
	calendar *day.Calendar
}

// resolve lays a child over its ancestors: on each day a key has the value of
// the nearest pack that has one for that day.
func resolve(chain []*Pack) *region {
	r := &region{chain: chain}
	marks := map[day.Day]bool{0: true}
	for _, p := range chain {
		for _, es := range p.entries {
			for _, e := range es {
				marks[e.from] = true
				if e.to != 0 {
					marks[e.to+1] = true
				}
			}
		}
	}
	for d := range marks {
		r.begins = append(r.begins, d)
	}
	sort.Slice(r.begins, func(i, j int) bool { return r.begins[i] < r.begins[j] })
	for _, d := range r.begins {
		s := &snapshot{values: make([]*entry, len(std.keys))}
		for i := len(chain) - 1; i >= 0; i-- {
			for id, es := range chain[i].entries {
				for _, e := range es {
					if e.covers(d) {
						s.values[id] = e
					}
				}
			}
		}
		if e := s.values[calendarYears.info.id]; e != nil {
			s.calendar = calendarOf(e.value.([]Year))
		}
		r.snaps = append(r.snaps, s)
	}
	r.bundle = bundle(chain)
	sum := sm3.Sum([]byte(r.bundle))
	r.ref = PackRef{Version: chain[0].Version, Hash: fmt.Sprintf("%x", sum[:])}
	return r
}

// At is the View of one region on one day. A region without a pack is
// fault.Invalid, a day outside the pack's validity is fault.Refused.
func (s *Set) At(code string, on day.Day) (*View, error) {
	r := s.regions[code]
	if r == nil {
		return nil, fault.Field("region", "没有地区 %s 的政策包；现有的是：%s", code, s.known())
	}
	if on.IsZero() {
		return nil, fault.Field("on", "请写明是哪一天，如 2024-06-30")
	}
	for _, p := range r.chain {
		if on < p.From {
			return nil, fault.Refuse(p.clause(), "%s的政策包（%s版）从%s起有效，%s 不能按它办；请补上更早的政策包", p.Name, p.Version, p.From.Chinese(), on.Chinese())
		}
		if on > p.To {
			return nil, fault.Refuse(p.clause(), "%s的政策包（%s版）到%s为止，%s 不能再按它办；请由政策人员核对新文件后更新政策包", p.Name, p.Version, p.To.Chinese(), on.Chinese())
		}
	}
	i := sort.Search(len(r.begins), func(i int) bool { return r.begins[i] > on }) - 1
	return &View{region: r, at: r.snaps[i], on: on}, nil
}

func (p *Pack) clause() *fault.Clause {
	// The pack states its own validity: our reading, not an official text.
	return &fault.Clause{Doc: "政策包 " + p.Name, No: p.Region + " " + p.Version, Grade: GradeAssumed, Article: "valid " + p.From.String() + " 至 " + p.To.String()}
}

func (s *Set) known() string {
	var out []string
	for _, p := range s.Packs {
		out = append(out, p.Region+" "+p.Name)
	}
	return strings.Join(out, "、")
}

// Pack is what a region states itself, nil for an unknown region.
func (s *Set) Pack(code string) *Pack {
	if r := s.regions[code]; r != nil {
		return r.chain[0]
	}
	return nil
}

// View is what holds in one region on one day, and the notes of one decision.
// It belongs to one goroutine.
type View struct {
	region *region
	at     *snapshot
	on     day.Day
	steps  []Step
	tables []*entry // row tables that were read
	err    error
}

// Region is the code of the region, On the day, Ref the pack used.
func (v *View) Region() string { return v.region.chain[0].Region }

// Name is the region's name, such as 连云港市.
func (v *View) Name() string { return v.region.chain[0].Name }

// On is the day.
func (v *View) On() day.Day { return v.on }

// Ref names the pack.
func (v *View) Ref() PackRef { return v.region.ref }

// Err is the first refusal that reading met: a key that the region leaves out.
func (v *View) Err() error { return v.err }

// Steps are the notes so far.
func (v *View) Steps() Explanation { return v.steps }

// Mark and Since cut out the notes of a part of a decision (one line of a claim).
func (v *View) Mark() int { return len(v.steps) }

// Since: see Mark.
func (v *View) Since(mark int) Explanation { return v.steps[mark:len(v.steps):len(v.steps)] }

// Say notes a computed step. Format and args are put together only when the
// step is read, so args must be values that do not change.
func (v *View) Say(format string, args ...any) {
	v.steps = append(v.steps, Step{text: format, args: args})
}

// Cite notes a step that rests on a row of a table or on the value of a key.
func (v *View) Cite(row Cited, format string, args ...any) {
	v.steps = append(v.steps, Step{src: row.sourceIn(v), text: format, args: args})
}

// Refuse is a refusal that rests on a row of a table or on the value of a key.
func (v *View) Refuse(row Cited, format string, args ...any) error {
	var c *fault.Clause
	if s := row.sourceIn(v); s != nil {
		c = s.clause
	}
	return fault.Refuse(c, format, args...)
}

func (v *View) used(e *entry) {
	if e.key.Type == TRows || e.key.Type == TConditions {
		v.tables = append(v.tables, e)
		return
	}
	v.steps = append(v.steps, Step{src: &e.source})
}

// uncited notes the tables that were read and of which no row was cited, so
// that an explanation never hides what was looked at.
func (v *View) uncited() {
	for i, e := range v.tables {
		seen := false
		for _, before := range v.tables[:i] {
			seen = seen || before == e
		}
		for j := range v.steps {
			if seen || (v.steps[j].src != nil && v.steps[j].src.entry == e) {
				seen = true
				break
			}
		}
		if !seen {
			v.steps = append(v.steps, Step{src: &e.source, text: "查阅「%s」（%s）", args: []any{e.key.Label, strings.TrimPrefix(e.source.say, e.key.Label+"：")}})
		}
	}
}

func (v *View) missing(k *KeyInfo) {
	if v.err == nil {
		p := v.region.chain[0]
		v.err = fault.New(fault.Refused, "%s的政策包没有给出%s的「%s」（%s），这一步不能办；请政策人员在 %s.yaml 补上这一项和依据的条款", p.Name, v.on.Chinese(), k.Label, k.Name, wordOf(k.Name))
	}
}
