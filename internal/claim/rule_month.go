package claim

import (
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

var (
	keyDeposit = policy.Percent("claim.deposit_percent", "质量保证金扣留比例")
	keyRelease = policy.Rows[ReleaseRow]("claim.deposit_release", "质量保证金按考核核返")
	keyReasons = policy.Rows[Reason]("claim.reasons", "审核扣减理由")
)

// Reason is one entry of the dictionary of deduction reasons (扣付原因).
type Reason struct {
	policy.Row
	Code string `json:"code" say:"代码"`
	Name string `json:"name" say:"理由，机构会看到"`
	Full bool   `json:"full,omitempty" say:"是：整张账单都不付"`
}

// ReleaseRow says which share of a deposit a score earns; the first row whose
// score is reached decides.
type ReleaseRow struct {
	policy.Row
	Score   int64     `json:"score" say:"考核从多少分起"`
	Release money.PPM `json:"release_percent" say:"返还的百分数"`
}

// Reasons is the dictionary for screens.
func Reasons(v *policy.View) []Reason { rs, _ := keyReasons.Peek(v); return rs }

// DepositIn and DepositOut are the question and answer of rule claim.deposit.
type DepositIn struct {
	Base money.Fen `json:"base_fen"` // what the fund owes for the month after deductions
}

// DepositOut: see DepositIn.
type DepositOut struct {
	Fen money.Fen `json:"deposit_fen"`
}

// claim.deposit 质量保证金扣留: a share of each month that waits for the year's
// performance. Less than a fen is dropped, in favour of the institution.
var depositRule = policy.NewRule("claim.deposit", 1, "质量保证金扣留", func(v *policy.View, in DepositIn) (DepositOut, error) {
	if in.Base < 0 {
		return DepositOut{}, fault.Field("base_fen", "金额不能小于 0")
	}
	share := keyDeposit.In(v)
	fen, err := in.Base.Share(share, money.Down)
	v.Say("%v 元 × %s = %v 元，%s", in.Base, share.Percent(), fen, money.Down.Name())
	return DepositOut{fen}, err
})

// ReleaseIn and ReleaseOut are the question and answer of rule claim.release.
type ReleaseIn struct {
	Deposit money.Fen `json:"deposit_fen"`
	Score   int64     `json:"score"` // of the yearly performance, 0 to 100
}

// ReleaseOut: see ReleaseIn.
type ReleaseOut struct {
	Released money.Fen `json:"released_fen"`
	Kept     money.Fen `json:"kept_fen"`
}

// claim.release 质量保证金核返: by the score of the performance.
var releaseRule = policy.NewRule("claim.release", 1, "质量保证金核返", func(v *policy.View, in ReleaseIn) (ReleaseOut, error) {
	if in.Score < 0 || in.Score > 100 {
		return ReleaseOut{}, fault.Field("score", "考核分数在 0 和 100 之间")
	}
	if in.Deposit < 0 {
		return ReleaseOut{}, fault.Field("deposit_fen", "金额不能小于 0")
	}
	for _, r := range keyRelease.In(v) {
		if in.Score < r.Score {
			continue
		}
		fen, err := in.Deposit.Share(r.Release, money.Down)
		v.Cite(r, "考核 %d 分，返还 %v 元 × %s = %v 元，不返还 %v 元", in.Score, in.Deposit, r.Release.Percent(), fen, in.Deposit-fen)
		return ReleaseOut{fen, in.Deposit - fen}, err
	}
	v.Say("考核 %d 分，没有达到返还的分数，不返还", in.Score)
	return ReleaseOut{0, in.Deposit}, nil
})

// DeductIn and DeductOut are the question and answer of rule claim.deduct.
type DeductIn struct {
	Reason string    `json:"reason"`
	Fen    money.Fen `json:"fen"`      // what the reviewer wants to take off
	Fund   money.Fen `json:"fund_fen"` // what the fund pays for the bill
}

// DeductOut: see DeductIn.
type DeductOut struct {
	Fen  money.Fen `json:"fen"`
	Name string    `json:"name"`
}

// claim.deduct 审核扣减: a reason of the region's dictionary, never more than
// the fund pays for the bill; some reasons take the whole bill.
var deductRule = policy.NewRule("claim.deduct", 1, "审核扣减", func(v *policy.View, in DeductIn) (DeductOut, error) {
	if in.Fen <= 0 || in.Fen > in.Fund {
		return DeductOut{}, fault.Field("fen", "扣减的金额要大于 0，不超过基金支付的 %s", in.Fund.Yuan())
	}
	for _, r := range keyReasons.In(v) {
		if r.Code != in.Reason {
			continue
		}
		fen := in.Fen
		if r.Full {
			fen = in.Fund
		}
		v.Cite(r, "扣减理由：%s，扣减 %v 元", r.Name, fen)
		return DeductOut{fen, r.Name}, nil
	}
	return DeductOut{}, fault.Field("reason", "扣减理由要从理由表里选")
})
