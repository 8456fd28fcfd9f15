package policy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"github.com/rogpeppe/go-internal/txtar"

	"yinling/internal/day"
)

// The eligibility of a real acceptance, eight conditions: who may have an
// assessment. The bare rule is the same eight joined by && in one expression.
type eligible struct {
	Covered        bool     `json:"covered"`
	PaidMonths     int64    `json:"paid_months"`
	DisabledMonths int64    `json:"disabled_months"`
	SinceLevel     int64    `json:"since_level"`
	SameState      bool     `json:"same_state"`
	Screen         string   `json:"screen"`
	Payers         []string `json:"payers"`
	False          bool     `json:"false_material"`
	Age            int64    `json:"age"`
	Hospital       bool     `json:"hospital"`
}

var eight = []string{
	"covered", "paid_months >= 6", "disabled_months >= 6", "since_level < 0 || since_level >= 6 || !same_state",
	"screen >= 'E'", "size(payers) == 0", "!false_material", "age >= 18 && !hospital",
}

var eligibleConds = NewConditions[eligible]("test.eligible.conditions", "申请条件").Optional()

type yes struct {
	OK bool `json:"ok"`
}

var eligibleRule = NewRule("test.eligible", 1, "申请条件", func(v *View, in eligible) (yes, error) {
	failed, err := eligibleConds.Check(v, in)
	if err != nil {
		return yes{}, err
	}
	if len(failed) > 0 {
		return yes{}, eligibleConds.Refuse(v, failed[0])
	}
	return yes{true}, nil
})

var someone = eligible{Covered: true, PaidMonths: 12, DisabledMonths: 8, SinceLevel: -1, Screen: "F", Age: 81}

func eligibleView(b testing.TB) *View {
	b.Helper()
	var rows strings.Builder
	for i, c := range eight {
		rows.WriteString("      - {id: c" + string(rune('0'+i)) + ", when: \"" + c + "\", say_yes: \"符合第 {paid_months} 条\", say_no: 不符合, clause: {doc: base, article: 第" + string(rune('0'+i)) + "条}}\n")
	}
	set, say := buildWith(b, overlayOf(txtar.Parse([]byte("-- 990100-x/test.yaml --\ntest.eligible.conditions:\n  - from: \"2024-01-01\"\n    clause: {doc: base, article: 一}\n    grade: B\n    value:\n"+rows.String()))))
	if say != "" {
		b.Fatal(say)
	}
	v, err := set.At("990100", day.MustParse("2024-06-30"))
	if err != nil {
		b.Fatal(err)
	}
	return v
}

// explained is a decision with its explanation: eight lines, each with its own
// sentence and clause.
func explained(b testing.TB, v *View) {
	_, d, err := eligibleRule.Decide(v, someone)
	if err != nil || len(d.Explain) != 8 {
		b.Fatal(err, len(d.Explain))
	}
}

// bare is the yardstick: cel-go evaluating the bare rule.
func bare(b testing.TB) func() {
	b.Helper()
	env, err := cel.NewEnv(cel.Variable("covered", cel.BoolType), cel.Variable("paid_months", cel.IntType), cel.Variable("disabled_months", cel.IntType),
		cel.Variable("since_level", cel.IntType), cel.Variable("same_state", cel.BoolType), cel.Variable("screen", cel.StringType),
		cel.Variable("payers", cel.ListType(cel.StringType)), cel.Variable("false_material", cel.BoolType), cel.Variable("age", cel.IntType), cel.Variable("hospital", cel.BoolType))
	if err != nil {
		b.Fatal(err)
	}
	ast, issues := env.Compile("(" + strings.Join(eight, ") && (") + ")")
	if issues.Err() != nil {
		b.Fatal(issues.Err())
	}
	p, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		in := someone
		out, _, err := p.Eval(map[string]any{
			"covered": in.Covered, "paid_months": in.PaidMonths, "disabled_months": in.DisabledMonths, "since_level": in.SinceLevel, "same_state": in.SameState,
			"screen": in.Screen, "payers": in.Payers, "false_material": in.False, "age": in.Age, "hospital": in.Hospital,
		})
		if err != nil || out.Value() != true {
			b.Fatal(out, err)
		}
	}
}

func BenchmarkDecisionExplained(b *testing.B) {
	v := eligibleView(b)
	b.ReportAllocs()
	for b.Loop() {
		explained(b, v)
	}
}

func BenchmarkBareCEL(b *testing.B) {
	run := bare(b)
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
}

// BenchmarkRatio runs both in turns, a hundred at a time, and reports the
// median of the ratios, which a busy machine does not move much.
func BenchmarkRatio(b *testing.B) {
	v, run := eligibleView(b), bare(b)
	var ratios []float64
	for b.Loop() {
		t0 := time.Now()
		for range 100 {
			run()
		}
		t1 := time.Now()
		for range 100 {
			explained(b, v)
		}
		ratios = append(ratios, float64(time.Since(t1))/float64(t1.Sub(t0)))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "times-bare-CEL")
}

// BenchmarkDecisionStored adds what is paid once when a decision is stored.
func BenchmarkDecisionStored(b *testing.B) {
	v := eligibleView(b)
	b.ReportAllocs()
	for b.Loop() {
		_, d, err := eligibleRule.Decide(v, someone)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, _, err := d.Texts(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAt opens a region on a day.
func BenchmarkAt(b *testing.B) {
	set, say := buildWith(b, nil)
	if say != "" {
		b.Fatal(say)
	}
	on := day.MustParse("2024-06-30")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := set.At("000000", on); err != nil {
			b.Fatal(err)
		}
	}
}
