package benefit

import (
	"fmt"

	"yinling/internal/money"
	"yinling/internal/policy"
)

var (
	keyTerms      = policy.Rows[Term]("benefit.terms", "支付办法")
	keyPrices     = policy.Rows[Price]("benefit.prices", "支付标准单价")
	keyCaps       = policy.Rows[Cap]("benefit.caps", "限额").Checked(sameCaps)
	keyUplift     = policy.Rows[Uplift]("benefit.uplift", "支付比例提高")
	keyBonus      = policy.Rows[Bonus]("benefit.bonus", "连续居家奖励")
	keyExclude    = policy.Rows[Exclude]("benefit.exclude", "不由本保险支付的情形")
	keyLevels     = policy.Rows[Entitled]("benefit.levels", "享受待遇的等级")
	keyLevelNames = policy.Rows[LevelName]("benefit.level_names", "等级的叫法")
	keyCombine    = policy.Texts("benefit.combine", "可以组合的护理方式").Checked(knownModes)
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

// sameCaps finds cap rows that share an id, and so one accumulator, but not the
// period or what they limit.
func sameCaps(caps []Cap) error {
	first := map[string]*Cap{}
	for i := range caps {
		c := &caps[i]
		switch f := first[c.ID]; {
		case f == nil:
			first[c.ID] = c
		case f.Per != c.Per || f.On != c.On:
			return fmt.Errorf("编号都是 %s 的几行共用一个累计，per 和 on 要一样（一行是 %s、%s，一行是 %s、%s）；不是同一个限额的，换一个编号", c.ID, f.Per, f.On, c.Per, c.On)
		}
	}
	return nil
}
