package policy

import (
	"fmt"
	"strconv"
	"strings"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// Replayed tells how a stored decision came out when it was run again.
type Replayed struct {
	Same      bool  // output and explanation are the same, byte for byte
	Then, Now int64 // version of the rule's program that decided, and of this one; Now 0: the rule is gone
	Decision  Decision
}

// Moved tells that another version of the rule's program decided: a difference
// then says nothing about the stored decision, which stands as it was made.
func (r Replayed) Moved() bool { return r.Then != r.Now }

// Say is the verdict in one sentence.
func (r Replayed) Say() string {
	way := fmt.Sprintf("从第%d版改到第%d版", r.Then, r.Now)
	if r.Now < r.Then { // an older program reads newer decisions
		way = fmt.Sprintf("当时是第%d版，现在装的是第%d版", r.Then, r.Now)
	}
	switch {
	case r.Same && r.Moved():
		return "规则程序已" + way + "，这个决定重算的结果和存档仍然一字不差"
	case r.Same:
		return "重算的结果和存档一字不差"
	case r.Now == 0:
		return "这条规则已经撤下，不能逐字重算；当时的结果和依据照存档原样保留"
	case r.Now < r.Then:
		return "规则程序" + way + "，不能逐字重算；当时的结果和依据照存档原样保留"
	case r.Moved():
		return "规则程序已" + way + "，不能逐字重算；当时的结果和依据照存档原样保留"
	}
	return "重算的结果和存档不同"
}

// Named is the rule with the version of its program, as decisions keep it:
// "claim.quote" is version 1, "claim.quote@2" version 2.
func (d Decision) Named() string {
	if d.Version <= 1 {
		return d.Rule
	}
	return d.Rule + "@" + strconv.FormatInt(d.Version, 10)
}

// SplitRule takes apart what Named made.
func SplitRule(named string) (rule string, version int64) {
	rule, n, ok := strings.Cut(named, "@")
	if version, err := strconv.ParseInt(n, 10, 64); ok && err == nil && version > 0 {
		return rule, version
	}
	return rule, 1
}

// Replay runs a stored decision again with the packs of its own time; rule is
// as Named wrote it. Errors: the stored packs cannot be read, or this very
// program cannot read its own input any more.
func Replay(bundleText, region, rule string, on day.Day, in, out, explain string) (Replayed, error) {
	var r Replayed
	id, then := SplitRule(rule)
	r.Then = then
	set, err := LoadBundle(bundleText)
	if err != nil {
		return r, err
	}
	v, err := set.At(region, on)
	if err != nil {
		return r, err
	}
	i := std.rules[id]
	if i == nil {
		return r, nil
	}
	r.Now = i.Version
	r.Decision, err = i.eval(v, []byte(in), true)
	if err != nil && !fault.Is(err, fault.Refused) {
		if r.Moved() { // another version may ask for other input
			return r, nil
		}
		return r, err
	}
	_, o, x, err := r.Decision.Texts()
	r.Same = err == nil && o == out && x == explain
	return r, err
}
