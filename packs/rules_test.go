package packs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm3"

	"yinling/internal/policy"
)

// goldenRule is what testdata/rules.txt keeps of a rule: the version of its
// program, the keys that its worked examples read, and for each example the
// print of all that went in (region, day, input, values of those keys) → the
// print of output and explanation. While what goes in is the same, what comes
// out may differ only under a raised version.
type goldenRule struct {
	version int64
	keys    []string
	cases   map[string]string
}

const goldenFile = "testdata/rules.txt"

const goldenHead = `# What every rule answers to the worked examples of the packs; written by make gen.
# rule <id>@<version of its program> <keys it reads>
#   <SM3 of region, day, input and the values of those keys> <SM3 of output and explanation>
`

// A stored decision must replay. A change of a rule's program that lets an
// example come out differently fails here until the version in policy.NewRule
// is raised; -update writes the file, and refuses the same.
func TestRulesKeepTheirVersions(t *testing.T) {
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(goldenFile)
	if err != nil && !(*update && os.IsNotExist(err)) {
		t.Fatal(err)
	}
	asked := examples(t, set)
	for _, say := range broken(readGolden(t, string(raw)), asked) {
		t.Error(say)
	}
	if t.Failed() {
		return // also -update must not write over it
	}
	current(t, goldenFile, string(raw), writeGolden(asked))
}

// The check itself: a changed answer is found, a raised version allows it, a
// new input is no change.
func TestRuleVersionCheck(t *testing.T) {
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	asked := examples(t, set)
	was := readGolden(t, writeGolden(asked))
	if say := broken(was, asked); len(say) > 0 {
		t.Fatalf("nothing changed, yet %v", say)
	}
	g := was["claim.quote"]
	if len(g.cases) == 0 || len(g.keys) == 0 {
		t.Fatalf("claim.quote has %d examples and %d keys", len(g.cases), len(g.keys))
	}
	for in := range g.cases {
		g.cases[in] = "another"
		break
	}
	if say := broken(was, asked); len(say) != 1 || !strings.Contains(say[0], "claim.quote") {
		t.Errorf("one changed answer gives %q", say)
	}
	g.version-- // as if the program had been raised since
	if say := broken(was, asked); len(say) > 0 {
		t.Errorf("raised, yet %q", say)
	}
	g.version += 2
	if say := broken(was, asked); len(say) != 1 {
		t.Errorf("a lowered version gives %q", say)
	}
}

// example is one worked example as it comes out of today's program.
type example struct {
	rule         *policy.Info
	name, region string
	in           string            // region, day and input
	values       map[string]string // every key of its View
	keys         []string          // those it read
	out          string
}

func print(text string) string {
	sum := sm3.Sum([]byte(text))
	return fmt.Sprintf("%x", sum[:12])
}

func examples(t *testing.T, set *policy.Set) (out []example) {
	for _, p := range set.Packs {
		cases, err := p.Cases()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			v, err := set.At(p.Region, c.On)
			if err != nil {
				continue // the pack refused the day; no rule ran
			}
			info, err := policy.FindRule(c.Rule)
			if err != nil {
				t.Fatal(err)
			}
			r, _ := policy.EvalJSON(v, c.Rule, c.In)
			text, err := json.Marshal([]any{r.Out, r.Refused, r.Explain})
			if err != nil {
				t.Fatal(err)
			}
			e := example{rule: info, name: p.Folder + "：" + c.Name, region: p.Region, out: print(string(text)),
				in: p.Region + " " + c.On.String() + " " + string(c.In), values: map[string]string{}}
			for _, s := range v.Show() {
				val, err := json.Marshal([]any{s.Value, s.From, s.To, s.Clause})
				if err != nil {
					t.Fatal(err)
				}
				e.values[s.Key] = string(val)
			}
			for _, step := range r.Explain {
				if k := step.Key(); k != "" && !slices.Contains(e.keys, k) {
					e.keys = append(e.keys, k)
				}
			}
			out = append(out, e)
		}
	}
	return out
}

func (e *example) print(keys []string) string {
	var b strings.Builder
	b.WriteString(e.in)
	for _, k := range keys {
		b.WriteString("\n" + k + " " + e.values[k])
	}
	return print(b.String())
}

// broken tells which rules answer differently without saying so.
func broken(was map[string]*goldenRule, now []example) (say []string) {
	told := map[string]bool{}
	for _, e := range now {
		g := was[e.rule.ID]
		if g == nil || told[e.rule.ID] {
			continue
		}
		switch out, known := g.cases[e.print(g.keys)]; {
		case e.rule.Version < g.version:
			told[e.rule.ID] = true
			say = append(say, fmt.Sprintf("%s: its version went down from %d to %d", e.rule.ID, g.version, e.rule.Version))
		case known && out != e.out && e.rule.Version == g.version:
			told[e.rule.ID] = true
			say = append(say, fmt.Sprintf("%s: %s comes out differently than version %d did; stored decisions would no longer replay. Mend it, or raise the version in %s:%d and run make gen",
				e.rule.ID, e.name, g.version, e.rule.File, e.rule.Line))
		}
	}
	return say
}

func writeGolden(now []example) string {
	keys, cases := map[string][]string{}, map[string][]string{}
	for _, e := range now {
		for _, k := range e.keys {
			if !slices.Contains(keys[e.rule.ID], k) {
				keys[e.rule.ID] = append(keys[e.rule.ID], k)
			}
		}
	}
	for _, k := range keys {
		slices.Sort(k)
	}
	for _, e := range now {
		line := "  " + e.print(keys[e.rule.ID]) + " " + e.out
		if !slices.Contains(cases[e.rule.ID], line) {
			cases[e.rule.ID] = append(cases[e.rule.ID], line)
		}
	}
	b := strings.Builder{}
	b.WriteString(goldenHead)
	for _, r := range policy.Rules() {
		slices.Sort(cases[r.ID])
		fmt.Fprintf(&b, "rule %s@%d %s\n%s\n", r.ID, r.Version, strings.Join(keys[r.ID], " "), strings.Join(cases[r.ID], "\n"))
	}
	return b.String()
}

func readGolden(t *testing.T, text string) map[string]*goldenRule {
	out := map[string]*goldenRule{}
	var g *goldenRule
	for _, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		switch {
		case len(f) == 0 || f[0] == "#":
		case f[0] == "rule" && len(f) > 1:
			id, n, _ := strings.Cut(f[1], "@")
			version, err := strconv.ParseInt(n, 10, 64)
			if err != nil {
				t.Fatalf("%s: %q", goldenFile, line)
			}
			g = &goldenRule{version, f[2:], map[string]string{}}
			out[id] = g
		case len(f) == 2 && g != nil:
			g.cases[f[0]] = f[1]
		default:
			if !strings.HasPrefix(line, "#") {
				t.Fatalf("%s: %q", goldenFile, line)
			}
		}
	}
	return out
}
