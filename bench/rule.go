package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"cel.dev/cel-go/cel"

	"yinling/internal/assess"
	"yinling/internal/day"
	"yinling/internal/policy"
)

// Rule measures the shipped rule assess.apply: its conditions one by one, each
// with sentence and clause, a whole decision with its explanation, beside
// cel-go evaluating the same conditions as one bare expression. The ratio is
// time by time, so that at most 1.5 times its time is a ratio of at least 0.67.
func Rule(ctx context.Context, p Plan) (Row, error) {
	row := Row{What: "decision with explanation (assess.apply)", YardName: "cel-go, the bare rule", Goal: 1 / 1.5}
	set, err := policy.Load("")
	if err != nil {
		return row, err
	}
	v, err := set.At(Region, day.MustParse("2026-06-01"))
	if err != nil {
		return row, err
	}
	var conditions []struct {
		When string `json:"when"`
	}
	for _, s := range v.Show() {
		if s.Key == "assess.apply.conditions" {
			if err := json.Unmarshal(s.Value, &conditions); err != nil {
				return row, err
			}
		}
	}
	if len(conditions) == 0 {
		return row, fmt.Errorf("bench: the pack has no conditions for assess.apply")
	}
	var whens []string
	for _, c := range conditions {
		whens = append(whens, c.When)
	}
	facts := assess.ApplyFacts{Covered: true, PaidMonths: 24, DisabledMonths: 8, MonthsSinceLevel: -1, SelfscreenOK: true}
	bare, err := bareRule("("+strings.Join(whens, ") && (")+")", facts)
	if err != nil {
		return row, err
	}
	const batch = 200
	for range max(3, p.Rounds) {
		var ours, yard time.Duration
		n := 0
		for begin := time.Now(); time.Since(begin).Seconds() < p.Seconds; n += batch { // in turns: a busy machine hits both
			t0 := time.Now()
			for range batch {
				if err := bare(); err != nil {
					return row, err
				}
			}
			t1 := time.Now()
			for range batch {
				if _, d, err := assess.ApplyRule.Decide(v, facts); err != nil || len(d.Explain) < len(conditions) {
					return row, fmt.Errorf("bench: assess.apply: %d steps, %w", len(d.Explain), err)
				}
			}
			yard, ours = yard+t1.Sub(t0), ours+time.Since(t1)
		}
		row.Pairs = append(row.Pairs, [2]float64{float64(n) / ours.Seconds(), float64(n) / yard.Seconds()})
	}
	row.sum()
	row.Note = fmt.Sprintf("%d conditions, %.1f times the time of the bare rule", len(conditions), 1/row.Ratio)
	return row, nil
}

// bareRule compiles one expression over the facts and gives what evaluates it.
func bareRule(expr string, facts any) (func() error, error) {
	t, val := reflect.TypeOf(facts), reflect.ValueOf(facts)
	var opts []cel.EnvOption
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
		kind := map[reflect.Kind]*cel.Type{reflect.Bool: cel.BoolType, reflect.Int64: cel.IntType, reflect.String: cel.StringType,
			reflect.Slice: cel.ListType(cel.StringType)}[t.Field(i).Type.Kind()]
		opts = append(opts, cel.Variable(names[i], kind))
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(expr)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	prog, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, err
	}
	return func() error {
		in := make(map[string]any, len(names)) // a request brings its facts: making the map is part of both
		for i, n := range names {
			in[n] = val.Field(i).Interface()
		}
		out, _, err := prog.Eval(in)
		if err == nil && out.Value() != true {
			err = fmt.Errorf("bench: the bare rule says no")
		}
		return err
	}, nil
}
