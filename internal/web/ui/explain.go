package ui

import (
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Explain shows the explanation (待遇核定依据) of a decision: every step,
// the clause it rests on and, below grade B, a mark that says so.
type Explain struct {
	Steps []ExplainStep
	Open  bool // show the wording of clauses unfolded
}

// ExplainStep is one step as it is shown.
type ExplainStep struct {
	Say, Key string
	Clause   *fault.Clause
	Mark     Chip // 示例值, 待核 … empty for A and B
}

// ExplainOf makes the component from an explanation.
func ExplainOf(x policy.Explanation) Explain {
	e := Explain{}
	for _, s := range x {
		step := ExplainStep{Say: s.Say(), Key: s.Key(), Clause: s.Clause()}
		if step.Clause != nil {
			step.Mark = GradeMark(step.Clause.Grade)
		}
		e.Steps = append(e.Steps, step)
	}
	return e
}

// GradeMark is the mark of an evidence grade: nothing for A and B, 示例值 for
// assumed, 待核 with the reason for the rest (docs/packs.md, 证据等级).
func GradeMark(grade string) Chip {
	switch grade {
	case "A", "B":
		return Chip{}
	case "assumed":
		return Chip{"hot", "示例值"}
	case "":
		return Chip{}
	}
	return Chip{"wait", "待核：" + map[string]string{"C": "只有一个二手来源", "D": "来源可疑", "R": "凭记忆录入"}[grade]}
}
