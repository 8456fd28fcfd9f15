package demo

import (
	"yinling/internal/claim"
	"yinling/internal/db"
)

// hands leaves what waits for a second hand at the office: a bill that a family
// calls wrong, money to come back, an account to compare, a number to correct;
// and gives the first institution a token for its own system.
func (m *maker) hands(people []*elderCase) error {
	quoted, settled := map[*elderCase][]claim.Bill{}, map[*elderCase][]claim.Bill{}
	for _, e := range people {
		bs, err := m.Claim.BillsOf(m.ctx, e.helper, Region, e.id, m.today().AddMonths(-12), 100)
		if err != nil {
			return err
		}
		for _, b := range bs {
			switch {
			case b.Status == claim.Quoted && !b.Held:
				quoted[e] = append(quoted[e], b)
			case b.Status == claim.Settled && b.Month != "" && b.Fund > 0:
				settled[e] = append(settled[e], b)
			}
		}
	}
	for _, e := range people {
		if bs := quoted[e]; len(bs) > 1 {
			if _, err := m.Claim.Dispute(m.ctx, e.helper, Region, bs[0].Visit, "那天只来了半个小时，多记了时间", m.key("dispute"), 0); err != nil {
				return err
			}
			break
		}
	}
	if err := m.askBack(people, settled); err != nil {
		return err
	}
	last := people[len(people)-1]
	if _, err := m.Claim.AskAccount(m.ctx, m.clerk2.who, Region, last.id, m.key("payee"), claim.NewAccount{Holder: "示例户名", Relation: claim.Relations[0], Bank: "示例银行", Number: "9901002000000000456"}); err != nil {
		return err
	}
	wrong := m.roster[len(m.roster)/3] // ordinary, without any business
	var id string
	if err := m.DB.Read(m.ctx, func(tx *db.Tx) error {
		p, err := m.Person.FindByID(tx, Region, wrong.Number.Text)
		id = p.ID
		return err
	}); err != nil {
		return err
	}
	right := m.someone(5900, 66)
	if _, err := m.Person.AskNumber(m.ctx, m.clerk2.who, Region, id, m.key("fix"), right.Number.Text, "本人拿身份证原件到窗口，名册里错了几位"); err != nil {
		return err
	}
	_, err := m.Institution.NewToken(m.ctx, m.clerk.who, Region, m.care[0].ID, "院内护理系统", m.end.AddMonths(12))
	return err
}

// askBack asks for five yuan of the first bill that stands in a signed month.
func (m *maker) askBack(people []*elderCase, settled map[*elderCase][]claim.Bill) error {
	for _, e := range people {
		for _, b := range settled[e] {
			left, err := m.Claim.RecoverableOf(m.ctx, Region, b.Visit)
			if err != nil {
				return err
			}
			if left < 500 {
				continue
			}
			_, err = m.Claim.AskRecover(m.ctx, m.reviewer2.who, Region, m.key("recover"), claim.RecoverIn{Visit: b.Visit, Reason: "short_time", Fen: 500, Way: "offset", Note: "回访时家属说早走了十分钟，机构已经承认"})
			return err
		}
	}
	return nil
}
