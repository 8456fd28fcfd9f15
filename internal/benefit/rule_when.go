package benefit

import (
	"errors"
	"slices"

	"yinling/internal/policy"
)

// Facts are what the conditions of a row look at: the person, the choice of
// care and one line of a claim. Text facts that are unknown are "".
type Facts struct {
	Scheme           string // ltci, or employee and resident for basic medical insurance
	Mode             string // home, family, institution, community
	Combined         bool   // the person combines two modes
	Level            int64  // national level 0 to 5
	Coverage         string // employee or resident
	Groups           []string
	Resident         bool // lives inside the region
	ContinuousMonths int64
	Kind             string // living or nursing
	Unit             string // hour, visit, day, bed_day, month
	Staff            string
	Item             string
	InstitutionKind  string // medical, care, elder_home, point
	InstitutionGrade string
}

// When are the conditions of a row (适用条件). A condition that is left out holds
// always; a list holds when the fact is one of it; all must hold together.
// Without `scheme` a row is for long-term care insurance alone.
type When struct {
	Scheme              policy.Many[string] `json:"scheme,omitempty" say:"险种" options:"ltci|employee|resident"`
	Mode                policy.Many[string] `json:"mode,omitempty" say:"护理方式" options:"home|family|institution|community"`
	Combined            *bool               `json:"combined,omitempty" say:"是否组合了两种方式"`
	Level               policy.Many[int64]  `json:"level,omitempty" say:"失能等级，全国的 0 至 5"`
	Coverage            policy.Many[string] `json:"coverage,omitempty" say:"参保身份" options:"employee|resident"`
	Groups              policy.Many[string] `json:"groups,omitempty" say:"属于其中一类人群"`
	NotGroups           policy.Many[string] `json:"not_groups,omitempty" say:"不属于其中任何一类人群"`
	Resident            *bool               `json:"resident,omitempty" say:"是否住在统筹区内"`
	ContinuousMonthsMin int64               `json:"continuous_months_min,omitempty" say:"连续接受居家护理至少几个月"`
	ContinuousMonthsMax int64               `json:"continuous_months_max,omitempty" say:"连续接受居家护理至多几个月"`
	Kind                policy.Many[string] `json:"kind,omitempty" say:"服务类别" options:"living|nursing"`
	Unit                policy.Many[string] `json:"unit,omitempty" say:"计价单位" options:"hour|visit|day|bed_day|month"`
	Staff               policy.Many[string] `json:"staff,omitempty" say:"服务人员资质"`
	Item                policy.Many[string] `json:"item,omitempty" say:"项目"`
	InstitutionKind     policy.Many[string] `json:"institution_kind,omitempty" say:"机构类别" options:"medical|care|elder_home|point"`
	InstitutionGrade    policy.Many[string] `json:"institution_grade,omitempty" say:"机构等级"`
}

// Check: what no fact can ever meet is a slip.
func (w When) Check() error {
	switch {
	case w.ContinuousMonthsMin < 0 || w.ContinuousMonthsMax < 0:
		return errors.New("连续的月数不能小于 0")
	case w.ContinuousMonthsMax > 0 && w.ContinuousMonthsMax < w.ContinuousMonthsMin:
		return errors.New("continuous_months_max 比 continuous_months_min 小，没有人符合")
	}
	return knownLevels(w.Level)
}

// Holds tells whether every condition holds for f.
func (w *When) Holds(f *Facts) bool {
	if w.Scheme == nil && f.Scheme != "ltci" {
		return false
	}
	if w.Combined != nil && *w.Combined != f.Combined || w.Resident != nil && *w.Resident != f.Resident {
		return false
	}
	if f.ContinuousMonths < w.ContinuousMonthsMin || w.ContinuousMonthsMax > 0 && f.ContinuousMonths > w.ContinuousMonthsMax {
		return false
	}
	if w.Level != nil && !slices.Contains(w.Level, f.Level) {
		return false
	}
	return is(w.Mode, f.Mode) && is(w.Kind, f.Kind) && is(w.Unit, f.Unit) && is(w.Scheme, f.Scheme) &&
		is(w.Coverage, f.Coverage) && is(w.Staff, f.Staff) && is(w.Item, f.Item) &&
		is(w.InstitutionKind, f.InstitutionKind) && is(w.InstitutionGrade, f.InstitutionGrade) &&
		(w.Groups == nil || AnyOf(w.Groups, f.Groups) != "") && AnyOf(w.NotGroups, f.Groups) == ""
}

func is(allowed policy.Many[string], fact string) bool {
	return allowed == nil || slices.Contains(allowed, fact)
}

// AnyOf returns the first of the person's groups that is in the list, or "".
func AnyOf(list policy.Many[string], groups []string) string {
	for _, g := range groups {
		if slices.Contains(list, g) {
			return g
		}
	}
	return ""
}
