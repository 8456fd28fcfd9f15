package benefit

import (
	"yinling/internal/money"
	"yinling/internal/policy"
)

// LimitsIn asks what a person may use, while a care plan is written.
type LimitsIn struct {
	Level            int64    `json:"level" need:"true"`
	Coverage         string   `json:"coverage" options:"employee|resident" need:"true"`
	Groups           []string `json:"groups,omitempty"`
	Resident         bool     `json:"resident"`
	Modes            []string `json:"modes" options:"home|family|institution|community" need:"true"`
	ContinuousMonths int64    `json:"continuous_months,omitempty"`
	InstitutionKind  string   `json:"institution_kind,omitempty"`
	InstitutionGrade string   `json:"institution_grade,omitempty"`
}

// Limit is one cap for people and for the check of a plan.
type Limit struct {
	Cap    string      `json:"cap"`
	Name   string      `json:"name"`
	Mode   string      `json:"mode"`
	Per    Per         `json:"per"`
	On     string      `json:"on"`             // fee, fund or qty
	Unit   []string    `json:"unit,omitempty"` // the units it counts; none: all
	Kind   []string    `json:"kind,omitempty"`
	MaxFen money.Fen   `json:"max_fen,omitempty"`
	MaxQty money.Micro `json:"max_qty,omitempty"`
}

// LimitsOut lists the caps of every wanted mode.
type LimitsOut struct {
	Limits []Limit `json:"limits"`
}

// Limits (可用限额) tells which caps hold for a person and modes; it refuses who
// has no right to benefits or may not combine the modes.
var Limits = policy.NewRule("benefit.limits", 1, "可以使用的限额", func(v *policy.View, in LimitsIn) (LimitsOut, error) {
	f := Facts{Scheme: "ltci", Level: in.Level, Coverage: in.Coverage, Groups: in.Groups, Resident: in.Resident,
		Combined: len(in.Modes) > 1, ContinuousMonths: in.ContinuousMonths, InstitutionKind: in.InstitutionKind, InstitutionGrade: in.InstitutionGrade}
	if err := Entitle(v, &f); err != nil {
		return LimitsOut{}, err
	}
	if err := Combination(v, in.Modes); err != nil {
		return LimitsOut{}, err
	}
	t, err := TermsOf(v)
	if err != nil {
		return LimitsOut{}, err
	}
	out := LimitsOut{Limits: []Limit{}}
	for _, f.Mode = range in.Modes {
		for i := range t.caps {
			c := &t.caps[i]
			if !t.firstFor(i, f) {
				continue
			}
			v.Cite(c, "%s：%s%s%s", ModeChinese(f.Mode), c.Name, c.Per.Chinese(), c.Says())
			out.Limits = append(out.Limits, Limit{c.ID, c.Name, f.Mode, c.Per, c.On, c.When.Unit, c.When.Kind, c.MaxFen, c.MaxQty})
		}
	}
	return out, nil
})

// firstFor tells whether cap row i can decide some line of the facts: its
// conditions on the person hold, and no earlier row of its id takes all lines.
// Conditions on a line (kind, unit, staff, item) are unknown while planning.
func (t *Terms) firstFor(i int, f Facts) bool {
	holds := func(c *Cap) (ok, everyLine bool) {
		w := c.When
		everyLine = w.Kind == nil && w.Unit == nil && w.Staff == nil && w.Item == nil
		w.Kind, w.Unit, w.Staff, w.Item = nil, nil, nil, nil
		return w.Holds(&f), everyLine
	}
	if ok, _ := holds(&t.caps[i]); !ok {
		return false
	}
	for j := range i {
		if t.caps[j].ID == t.caps[i].ID {
			if ok, every := holds(&t.caps[j]); ok && every {
				return false
			}
		}
	}
	return true
}

// Says writes the cap for people: 最多 25（单位）, 基金最多支付 60.00 元.
func (c *Cap) Says() string {
	switch c.On {
	case "qty":
		unit := "个单位"
		if len(c.When.Unit) == 1 {
			unit = UnitChinese(c.When.Unit[0])
		}
		return "最多 " + c.MaxQty.String() + " " + unit
	case "fund":
		return "基金最多支付 " + c.MaxFen.Yuan()
	}
	return "费用最多计 " + c.MaxFen.Yuan()
}
