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

// Term is the first term that holds, or nil.
func (t *Terms) Term(f *Facts) *Term {
	for i := range t.terms {
		if t.terms[i].When.Holds(f) {
			return &t.terms[i]
		}
	}
	return nil
}

// Price is the first price that holds, or nil: then what is charged counts.
func (t *Terms) Price(f *Facts) *Price {
	for i := range t.prices {
		if t.prices[i].When.Holds(f) {
			return &t.prices[i]
		}
	}
	return nil
}

// Caps appends to buf, for each cap id, the first row that holds.
func (t *Terms) Caps(f *Facts, buf []*Cap) []*Cap {
next:
	for i := range t.caps {
		c := &t.caps[i]
		for _, have := range buf {
			if have.ID == c.ID {
				continue next
			}
		}
		if c.When.Holds(f) {
			buf = append(buf, c)
		}
	}
	return buf
}

// Uplift is the first uplift that holds, or nil.
func (t *Terms) Uplift(f *Facts) *Uplift {
	for i := range t.uplift {
		if t.uplift[i].When.Holds(f) {
			return &t.uplift[i]
		}
	}
	return nil
}

// Bonus is the first bonus that holds, or nil.
func (t *Terms) Bonus(f *Facts) *Bonus {
	for i := range t.bonus {
		if t.bonus[i].When.Holds(f) {
			return &t.bonus[i]
		}
	}
	return nil
}

// Excluded refuses by the first exclusion that holds.
func (t *Terms) Excluded(f *Facts) error {
	for i := range t.exclude {
		if e := &t.exclude[i]; e.When.Holds(f) {
			return t.v.Refuse(e, "%s", e.Say)
		}
	}
	return nil
}

// FindCap tells how the accumulator of a cap or bonus is kept; ok is false for
// an id that the region does not have.
func (t *Terms) FindCap(id string) (per Per, on string, ok bool) {
	for i := range t.caps {
		if t.caps[i].ID == id {
			return t.caps[i].Per, t.caps[i].On, true
		}
	}
	for i := range t.bonus {
		if t.bonus[i].ID == id {
			return t.bonus[i].Per, "qty", true
		}
	}
	return "", "", false
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

// NoTerm refuses a line that no term is for.
func (t *Terms) NoTerm(f *Facts) error {
	return t.v.Refuse(keyTerms.Cite(t.v), "%s没有规定%s按「%s」计价的这种服务由基金支付，费用由个人付。", t.v.Name(), ModeChinese(f.Mode), UnitChinese(f.Unit))
}

// CiteRounding notes how a fen is rounded.
func (t *Terms) CiteRounding() {
	t.v.Cite(keyRounding.Cite(t.v), "金额取整：%s", t.Rounding.Name())
}

// HospitalCite is the source of the rule on hospital days.
func (t *Terms) HospitalCite() policy.Row { return keyHospital.Cite(t.v) }
