package care

import (
	"slices"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// Item is a care service item (护理服务项目) of a region's catalogue.
type Item struct {
	policy.Row
	Code          string    `json:"code" say:"项目编码"`
	Name          string    `json:"name" say:"项目名称"`
	Kind          string    `json:"kind" options:"living|nursing" say:"生活照护 living 或医疗护理 nursing"`
	Minutes       int64     `json:"minutes" say:"一次的参考分钟数"`
	Unit          string    `json:"unit" options:"hour|visit|day|bed_day|month" say:"计价单位"`
	Qualification string    `json:"qualification" options:"care_worker|nurse|family" say:"至少要什么人做"`
	PriceFen      money.Fen `json:"price_fen" say:"单价（分）"`
}

// rank orders qualifications: a nurse may do what a care worker does, a trained
// member of the family what needs no nurse.
var rank = map[string]int{"family": 1, "care_worker": 1, "nurse": 2}

var staffNames = map[string]string{"family": "家属", "care_worker": "护理员", "nurse": "护士"}

// StaffName is the Chinese name of a qualification.
func StaffName(s string) string { return staffNames[s] }

// Catalogue is the region's catalogue, for screens.
func Catalogue(v *policy.View) []Item { items, _ := catalogue.Peek(v); return items }

// PlanIn is a plan as rule care.plan judges it.
type PlanIn struct {
	Mode  string     `json:"mode"`
	Level int64      `json:"level"`
	From  day.Day    `json:"from"`
	To    day.Day    `json:"to"`
	Items []PlanItem `json:"items"`
	Slots []Slot     `json:"slots"`
	// Limits are the caps that rule benefit.limits found for the person.
	Limits []benefit.Limit `json:"limits,omitempty"`
}

// Problem is one thing wrong with a plan. Stop: the plan may not be offered;
// else the person must know it before confirming.
type Problem struct {
	Field  string        `json:"field,omitempty"`
	Say    string        `json:"say"`
	Stop   bool          `json:"stop"`
	Clause *fault.Clause `json:"clause,omitempty"`
}

// Checked is what a plan comes to in its fullest month, and what is wrong with it.
type Checked struct {
	Month        day.Month `json:"month"`
	Visits       int64     `json:"visits"`
	WeekMinutes  int64     `json:"week_minutes"`
	MonthMinutes int64     `json:"month_minutes"`
	Lines        []Line    `json:"lines"`     // of the month, summed by item: for a quote
	TotalFen     money.Fen `json:"total_fen"` // of the month
	Parts        [][]int   `json:"parts"`     // for each slot the indices of its items
	Problems     []Problem `json:"problems"`
	Approval     bool      `json:"approval"`
	AheadDays    int64     `json:"ahead_days"`

	times []int64 // how often each item falls in the month
}

// Stops tells whether a problem forbids to offer the plan.
func (c Checked) Stops() bool {
	return slices.ContainsFunc(c.Problems, func(p Problem) bool { return p.Stop })
}
