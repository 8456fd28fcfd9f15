package share

import (
	"strings"

	"yinling/internal/policy"
)

// Overlap is one line of what to do when a person gets another care subsidy.
type Overlap struct {
	policy.Row
	Subsidy string `json:"subsidy" say:"补贴编号：work_injury 工伤保险生活护理费、third_party 第三人负担、disabled 重度残疾人护理补贴、elder 经济困难失能老人护理补贴、veteran 伤残军人护理费"`
	Name    string `json:"name" say:"补贴名称"`
	Do      string `json:"do" options:"payer|link" say:"怎样处理：payer 由那一方付，基金不重复付；link 政策衔接，记下来并提醒，不因此拒绝"`
	Say     string `json:"say" say:"写给经办和群众的话"`
}

var overlaps = policy.Rows[Overlap]("share.double.overlaps", "其他护理补贴的衔接").Optional()

// DoubleFacts is what is known about the other care subsidies of a person.
type DoubleFacts struct {
	Registered []string `json:"registered" need:"true"` // by the registers that hold today
	Covered    []string `json:"covered" need:"true"`    // subsidies of which a valid register exists
	Declared   []string `json:"declared" need:"true"`   // by the applicant
}

// DoubleOutcome names who pays instead, and what is only noted.
type DoubleOutcome struct {
	Payers []string `json:"payers"` // names of subsidies that pay instead of the fund
	Links  []string `json:"links"`  // names of subsidies to be linked with
	Differ []string `json:"differ"` // declared, but a valid register does not know it, or the other way round
	Source string   `json:"source"` // register, declared, both
}

// DoubleRule is share.double 不重复享受: a valid register is believed before
// the applicant; only where there is none the applicant's word counts.
var DoubleRule = policy.NewRule("share.double", 1, "与其他护理补贴的衔接", double)

func double(v *policy.View, in DoubleFacts) (DoubleOutcome, error) {
	out := DoubleOutcome{Payers: []string{}, Links: []string{}, Differ: []string{}, Source: "declared"}
	rows, ok := overlaps.Get(v)
	if !ok {
		v.Say("当地没有写和其他护理补贴怎样衔接")
		return out, nil
	}
	byRegister := 0
	for i := range rows {
		r := &rows[i]
		listed, told, known := has(in.Registered, r.Subsidy), has(in.Declared, r.Subsidy), has(in.Covered, r.Subsidy)
		gets := told
		if known {
			byRegister++
			gets = listed
			if listed != told {
				out.Differ = append(out.Differ, r.Name)
			}
		}
		if !gets {
			continue
		}
		from := "申请人自己说"
		if known {
			from = "部门登记册里"
		}
		v.Cite(r, "%s有%s：%s", from, r.Name, r.Say)
		if r.Do == "payer" {
			out.Payers = append(out.Payers, r.Name)
		} else {
			out.Links = append(out.Links, r.Name)
		}
	}
	switch {
	case byRegister == len(rows):
		out.Source = "register"
	case byRegister > 0:
		out.Source = "both"
	}
	if len(out.Payers)+len(out.Links) == 0 {
		v.Say("没有查到其他护理补贴")
	}
	if len(out.Differ) > 0 {
		v.Say("申请人说的和登记册不一样：%s；按登记册", strings.Join(out.Differ, "、"))
	}
	return out, nil
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
