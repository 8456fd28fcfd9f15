package benefit

import "yinling/internal/policy"

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
