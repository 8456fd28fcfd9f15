package benefit

import (
	"yinling/internal/money"
	"yinling/internal/policy"
)

// Term says how the fund pays a line (支付办法).
type Term struct {
	policy.Row
	ID     string    `json:"id" say:"编号"`
	Name   string    `json:"name" say:"叫什么，依据里用"`
	When   When      `json:"when,omitempty" say:"适用条件"`
	Method string    `json:"method" say:"支付办法" options:"ratio|flat|cash|copay|full|none"`
	Ratio  money.PPM `json:"ratio_percent,omitempty" say:"ratio：基金支付的百分数"`
	Amount money.Fen `json:"amount_fen,omitempty" say:"flat、cash：基金每单位付多少；copay：个人每单位付多少"`
	Say    string    `json:"say,omitempty" say:"none：为什么不付"`
}

// Price is what a unit is reckoned at (支付标准单价): what is charged above it
// the person pays.
type Price struct {
	policy.Row
	Name  string    `json:"name" say:"叫什么，依据里用"`
	When  When      `json:"when,omitempty" say:"适用条件"`
	Price money.Fen `json:"price_fen" say:"每单位的支付标准"`
}

// Cap is a limit (限额) on the fee, on the fund's share or on the quantity.
// Rows with one id share one accumulator.
type Cap struct {
	policy.Row
	ID     string      `json:"id" say:"编号：同一编号共用一个累计"`
	Name   string      `json:"name" say:"叫什么，依据里用"`
	When   When        `json:"when,omitempty" say:"适用条件"`
	Per    Per         `json:"per" say:"每什么" options:"unit|day|week|month|year"`
	On     string      `json:"on" say:"限的是什么：fee 费用，fund 基金支付，qty 数量" options:"fee|fund|qty"`
	MaxFen money.Fen   `json:"max_fen,omitempty" say:"fee、fund：最多多少"`
	MaxQty money.Micro `json:"max_qty,omitempty" say:"qty：最多几个单位"`
}

// Max is the cap in the numbers of its accumulator: fen or millionths.
func (c *Cap) Max() int64 {
	if c.On == "qty" {
		return int64(c.MaxQty)
	}
	return int64(c.MaxFen)
}

// Uplift adds points to the ratio (支付比例提高).
type Uplift struct {
	policy.Row
	Name string    `json:"name" say:"叫什么，依据里用"`
	When When      `json:"when" say:"适用条件"`
	Add  money.PPM `json:"add_percent" say:"提高几个百分点"`
}

// Bonus is a pool of units above the caps on quantity (连续居家奖励).
type Bonus struct {
	policy.Row
	ID   string      `json:"id" say:"编号：它自己的累计"`
	Name string      `json:"name" say:"叫什么，依据里用"`
	When When        `json:"when" say:"适用条件"`
	Per  Per         `json:"per" say:"每什么" options:"day|week|month|year"`
	Qty  money.Micro `json:"add_qty" say:"多给几个单位"`
}

// Exclude names who or what this insurance does not pay for.
type Exclude struct {
	policy.Row
	Name string `json:"name" say:"叫什么"`
	When When   `json:"when" say:"适用条件"`
	Say  string `json:"say" say:"不付的说明，给群众看"`
}

// Entitled says which levels are entitled.
type Entitled struct {
	policy.Row
	When   When               `json:"when,omitempty" say:"适用条件：只看人，不看费用"`
	Levels policy.Many[int64] `json:"levels" say:"可以享受的等级，全国的 0 至 5"`
}

// LevelName is what a region calls a national level.
type LevelName struct {
	policy.Row
	Level int64  `json:"level" say:"全国的等级 0 至 5"`
	Name  string `json:"name" say:"当地的叫法"`
}
