package share

import (
	"fmt"
	"slices"
	"strings"

	"yinling/internal/day"
	"yinling/internal/policy"
)

// What a register gives.
const (
	GivesGroup      = "group"      // a key group
	GivesDeceased   = "deceased"   // a death
	GivesHospital   = "hospital"   // a stay in hospital
	GivesSubsidy    = "subsidy"    // another care subsidy
	GivesAssessment = "assessment" // an assessment of disability by another department
)

// Column says by which headings a fact of a row is recognised.
type Column struct {
	Fact  string   `json:"fact" options:"number|name|birth|since|until|value|document|issuer|address" say:"内容：number 证件号码、name 姓名、birth 出生日期、since 起始或发生日、until 截止日、value 等级或类别、document 证书文书号、issuer 出具单位、address 住处"`
	Names []string `json:"names" say:"表头可能的写法，第一个用在说明里"`
}

// Heading is a Column for all registers of a kind.
type Heading struct {
	policy.Row
	Gives string   `json:"gives,omitempty" options:"group|deceased|hospital|subsidy|assessment" say:"只用于给出这一种的名单，不写是各种名单"`
	Fact  string   `json:"fact" options:"number|name|birth|since|until|value|document|issuer|address" say:"内容，和 share.registers 的 columns.fact 一样"`
	Names []string `json:"names" say:"表头可能的写法，第一个用在说明里"`
}

// Source is a register of another department (登记册).
type Source struct {
	policy.Row
	ID          string   `json:"id" say:"编号"`
	Name        string   `json:"name" say:"名称"`
	Department  string   `json:"department" say:"哪个部门给的"`
	Gives       string   `json:"gives" options:"group|deceased|hospital|subsidy|assessment" say:"给出什么：group 重点人群、deceased 死亡、hospital 住院、subsidy 其他护理补贴、assessment 其他部门的评估"`
	Value       string   `json:"value,omitempty" say:"group 的人群名称，subsidy 的补贴编号，assessment 的评估工具"`
	Mode        string   `json:"mode" options:"full|increment" say:"名单：full 全量，名单上没有了就结束；increment 增量，只增加"`
	ValidMonths int64    `json:"valid_months" say:"名单几个月没有更新就算过期"`
	Columns     []Column `json:"columns,omitempty" say:"各列的表头；不写就用 share.headings"`
}

// Check refuses what types cannot say.
func (s Source) Check() error {
	switch {
	case s.Value == "" && s.Gives != GivesDeceased && s.Gives != GivesHospital:
		return fmt.Errorf("来源 %s 要写 value", s.ID)
	case s.Mode == "full" && s.Gives != GivesGroup && s.Gives != GivesSubsidy:
		return fmt.Errorf("来源 %s：只有人群和补贴的名单可以是全量", s.ID)
	case s.ValidMonths < 1:
		return fmt.Errorf("来源 %s：valid_months 至少是 1", s.ID)
	}
	return nil
}

func (s Source) heads(fact string) []string {
	for _, c := range s.Columns {
		if c.Fact == fact {
			return c.Names
		}
	}
	return nil
}

// Says is the list's mode in words.
func (s Source) Says() string {
	if s.Mode == "full" {
		return "全量名单：新名单上没有的人，旧的认定就结束"
	}
	return "增量名单：只增加，不结束旧的"
}

// Stale tells whether a list that speaks to a day is too old on another.
func (s Source) Stale(asOf, today day.Day) bool { return asOf.AddMonths(int(s.ValidMonths)) < today }

var (
	registers = policy.Rows[Source]("share.registers", "部门登记册").Optional()
	headings  = policy.Rows[Heading]("share.headings", "登记册的表头").Optional()
)

// Sources are the registers that a region takes, in the pack's order, each with
// its columns.
func Sources(v *policy.View) []Source {
	list, _ := registers.Peek(v)
	heads, _ := headings.Peek(v)
	out := slices.Clone(list)
	for i := range out {
		if len(out[i].Columns) > 0 {
			continue
		}
		for _, h := range heads {
			if h.Gives == "" || h.Gives == out[i].Gives {
				out[i].Columns = append(out[i].Columns, Column{h.Fact, h.Names})
			}
		}
	}
	return out
}

// SourceOf finds a register by its id; ok false: the region takes none such.
func SourceOf(v *policy.View, id string) (Source, bool) {
	list := Sources(v)
	i := slices.IndexFunc(list, func(s Source) bool { return s.ID == id })
	if i < 0 {
		return Source{}, false
	}
	return list[i], true
}

// Heads are the columns in words, for the page.
func (s Source) Heads() string {
	var out []string
	for _, c := range s.Columns {
		out = append(out, c.Names[0])
	}
	return strings.Join(out, "、")
}
