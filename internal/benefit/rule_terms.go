package benefit

import (
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

var (
	keyTerms      = policy.Rows[Term]("benefit.terms", "支付办法")
	keyPrices     = policy.Rows[Price]("benefit.prices", "支付标准单价")
	keyCaps       = policy.Rows[Cap]("benefit.caps", "限额")
	keyUplift     = policy.Rows[Uplift]("benefit.uplift", "支付比例提高")
	keyBonus      = policy.Rows[Bonus]("benefit.bonus", "连续居家奖励")
	keyExclude    = policy.Rows[Exclude]("benefit.exclude", "不由本保险支付的情形")
	keyLevels     = policy.Rows[Entitled]("benefit.levels", "享受待遇的等级")
	keyLevelNames = policy.Rows[LevelName]("benefit.level_names", "等级的叫法")
	keyCombine    = policy.Texts("benefit.combine", "可以组合的护理方式")
	keyRounding   = policy.Choice("benefit.rounding", "金额取整", string(money.HalfUp), string(money.HalfEven), string(money.Down), string(money.Up))
	keyHospital   = policy.Choice("benefit.hospital", "住院期间", "stop", "continue")
)

// Terms are the tables of one region on one day, ready to be asked.
type Terms struct {
	v        *policy.View
	terms    []Term
	prices   []Price
	caps     []Cap
	uplift   []Uplift
	bonus    []Bonus
	exclude  []Exclude
	Rounding money.Rounding
	Hospital string // stop or continue
}

// TermsOf reads the tables; a region without terms is refused in words.
func TermsOf(v *policy.View) (*Terms, error) {
	t := &Terms{v: v}
	t.terms = table(v, keyTerms)
	t.prices, t.caps = table(v, keyPrices), table(v, keyCaps)
	t.uplift, t.bonus, t.exclude = table(v, keyUplift), table(v, keyBonus), table(v, keyExclude)
	r, ok := keyRounding.Peek(v)
	h, ok2 := keyHospital.Peek(v)
	if !ok || !ok2 {
		keyRounding.In(v)
		keyHospital.In(v)
	}
	t.Rounding, t.Hospital = money.Rounding(r), h
	return t, v.Err()
}

// table reads rows; the rule cites the row that it used.
func table[T any](v *policy.View, k policy.Key[[]T]) []T {
	if rows, ok := k.Peek(v); ok && len(rows) == 0 {
		return rows // an empty table tells the reader of the explanation nothing
	}
	return k.In(v)
}

// Same reports cap rows that share an id but not the period or what they limit.
func (t *Terms) Same() error {
	for i := range t.caps {
		c := &t.caps[i]
		if per, on, _ := t.FindCap(c.ID); per != c.Per || on != c.On {
			return fault.New(fault.Invalid, "政策包 benefit.caps 里编号 %s 的几行，per 和 on 要一样。请改政策包。", c.ID)
		}
	}
	return nil
}
