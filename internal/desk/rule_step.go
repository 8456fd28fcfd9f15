package desk

import (
	"strings"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Verdict is what somebody decides at a step.
type Verdict string

// The verdicts.
const (
	Pass   Verdict = "pass"   // go on, or done at the last step
	More   Verdict = "more"   // something is missing (补正)
	Refuse Verdict = "refuse" // not possible (不予)
)

// StepIn is the input of desk.step.
type StepIn struct {
	Matter  string            `json:"matter"`
	Step    string            `json:"step"`
	Role    string            `json:"role"`
	Verdict Verdict           `json:"verdict"`
	Note    string            `json:"note"`    // what is missing, or why not
	Answers map[string]string `json:"answers"` // of the applicant, for how long the result lasts
	Asked   map[string]string `json:"asked"`   // what the decider filled in
}

// StepOut is its result.
type StepOut struct {
	Next  string  `json:"next"` // id of the next step; empty: the case is closed
	Role  string  `json:"role"` // who does it
	Days  int64   `json:"workdays"`
	Act   Deed    `json:"act"` // what the program does now
	Done  bool    `json:"done"`
	Since day.Day `json:"since"` // of the result
	Until day.Day `json:"until"`
}

var supplyDays = policy.Int("desk.supply_workdays", "补交材料的期限", "个工作日")

// StepRule is desk.step 办理: where a case goes from a step, who has it then and
// for how long; at the end how long the result stands.
var StepRule = policy.NewRule("desk.step", 1, "办理", func(v *policy.View, in StepIn) (out StepOut, err error) {
	m, err := MatterOf(v, in.Matter)
	if err != nil {
		return out, fault.Field("matter", "%s", fault.As(err).Say)
	}
	st, ok := m.Step(in.Step)
	if !ok {
		return out, fault.Field("step", "「%s」没有「%s」这个环节", m.Name, in.Step)
	}
	if !st.Role.Does(in.Role) && in.Role != "system" {
		return out, v.Refuse(m, "「%s」的%s由%s办，您的岗位不能办这一步。", m.Name, st.Name, st.Role.Name())
	}
	note := strings.TrimSpace(in.Note)
	switch in.Verdict {
	case More:
		if note == "" {
			return out, fault.Field("note", "请写还差什么，一次说全")
		}
		out.Next, out.Role, out.Days = st.ID, string(st.Role), supplyDays.In(v)
		v.Cite(m, "%s：还差%s", st.Name, note)
		return out, v.Err()
	case Refuse:
		if note == "" {
			return out, fault.Field("note", "请写为什么不能办，当事人会看到这句话")
		}
		v.Cite(m, "%s：不予办理，%s", st.Name, note)
		return out, v.Err()
	case Pass:
	default:
		return out, fault.Field("verdict", "请选通过、补正或不予")
	}
	for _, f := range st.Asks {
		if err := f.Judge(in.Asked[f.ID]); err != nil {
			return out, err
		}
	}
	out.Act = st.Act
	v.Cite(m, "%s：%s，由%s决定，通过", st.Name, st.Decides, st.Role.Name())
	if next, ok := m.After(st.ID); ok {
		out.Next, out.Role, out.Days = next.ID, string(next.Role), next.Workdays(v)
		v.Cite(m, "下一步%s，%s办%s", next.Name, next.Role.Name(), limitSay(out.Days))
		return out, v.Err()
	}
	out.Done, out.Since = true, v.On()
	if l := m.Lasts; l != nil {
		if d, err := day.Parse(in.Answers[l.Since]); l.Since != "" && err == nil {
			out.Since = d
		}
		if d, err := day.Parse(in.Answers[l.Until]); l.Until != "" && err == nil {
			out.Until = d
		} else if q, want, _ := strings.Cut(l.Forever, "="); l.Months > 0 && (q == "" || in.Answers[q] != want) {
			out.Until = out.Since.AddMonths(int(l.Months)) - 1
		}
		if out.Until != 0 && out.Until < out.Since {
			return out, fault.Field(l.Until, "结束的日子在开始的日子前面，请改一下")
		}
		if out.Until == 0 {
			v.Cite(m, "从%s起有效，到变更或取消为止", out.Since.Chinese())
		} else {
			v.Cite(m, "从%s到%s有效", out.Since.Chinese(), out.Until.Chinese())
		}
	}
	return out, v.Err()
})
