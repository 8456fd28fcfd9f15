package demo

import (
	"fmt"
	mrand "math/rand/v2"
	"time"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/money"
	"yinling/internal/person"
)

// familyPhone is the login of the daughter-in-law who confirms days of care.
const familyPhone = "19900000005"

// familyPeople are two who choose family care: one cared for by the
// daughter-in-law, one who waits for a plan.
func (m *maker) familyPeople() ([]*elderCase, error) {
	r := m.r
	m.r = mrand.New(mrand.NewPCG(5, 2026)) // the others stay as they are
	defer func() { m.r = r }()
	var out []*elderCase
	for i, name := range []string{"周德顺", "吴秀英"} {
		old, kin := m.someone(7000+i, 79+i), m.someone(7010+i, 50)
		old.Name, old.Sex, old.Groups = name, []string{"男", "女"}[i], nil
		kin.Name, kin.Sex, kin.Phone = []string{"孙敏", "周岩"}[i], "女", []string{familyPhone, "19900000006"}[i]
		if n, err := person.ParseID(person.DemoID(470+i, old.Birth, old.Sex), m.today()); err == nil {
			old.Number = n
		}
		ids, err := m.put([]person.Entry{old, kin})
		if err != nil {
			return nil, err
		}
		say := ""
		if i == 0 {
			say = "儿媳：照护公公周德顺（亲情护理），按天确认、看补助"
		}
		l, err := m.account(kin.Phone, kin.Name, "citizen", "", ids[1], say)
		if err != nil {
			return nil, err
		}
		e := &elderCase{id: ids[0], name: name, lat: old.Lat, lng: old.Lng, level: 4, relation: "儿媳或女婿", helper: l.who, family: 1 + i, carer: kin.Number.Text}
		err = audit.Run(m.ctx, m.Log, m.clerk.who, audit.Act{Region: Region, Verb: "person.authorise", Object: e.id}, func(tx *db.Tx) error {
			_, err := m.Person.Authorise(tx, person.Authorisation{Region: Region, Proxy: e.helper.Person, Person: e.id, Relation: "儿媳", Scope: person.ScopePay, Consent: person.ConsentFace})
			return err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// familyCare chooses family care; the first has a plan in force, too.
func (m *maker) familyCare(e *elderCase, from day.Day) error {
	if err := m.Care.Choose(m.ctx, e.helper, Region, e.id, []string{"family"}, "", m.key("choose", e.id), from); err != nil || e.family > 1 {
		return err
	}
	p, err := m.Care.SaveFamily(m.ctx, m.clerk.who, Region, "", m.key("family", e.id), care.FamilyInput{Person: e.id, From: from, To: from.AddMonths(12) - 1, Items: []string{"F01"},
		Carer: care.NewCarer{Name: e.helper.Name, Number: e.carer, Relation: e.relation, Phone: familyPhone, Trained: m.today() - 3, Certificate: "示例护理培训班", Agreed: m.today()}})
	if err != nil {
		return fmt.Errorf("family plan for %s: %w", e.name, err)
	}
	e.plan = p
	for _, s := range []struct {
		who    audit.Actor
		action string
	}{{m.clerk.who, "offer"}, {e.helper, "confirm"}, {m.clerk2.who, "approve"}} {
		if err := m.plan(e, s.who, care.PlanAct{Action: s.action}); err != nil {
			return err
		}
	}
	if _, err := m.Claim.AskAccount(m.ctx, e.helper, Region, e.id, m.key("payee", e.id), claim.NewAccount{Holder: e.helper.Name, Relation: "子女", Bank: "示例银行", Number: "9901002000000000789"}); err != nil {
		return err
	}
	return m.Claim.JudgeAccount(m.ctx, m.reviewer.who, Region, e.id, m.key("payee-ok", e.id), true)
}

// familyDays lets the family confirm the days of a month up to a day and settle them.
func (m *maker) familyDays(e *elderCase, mon day.Month, to day.Day) error {
	if e.plan.ID == "" || e.plan.Status != care.Active {
		return nil
	}
	var days []day.Day
	for d := max(mon.First(), e.plan.From); d <= min(mon.Last(), to); d++ {
		days = append(days, d)
	}
	if len(days) == 0 {
		return nil
	}
	if _, err := m.Care.RecordDays(m.ctx, e.helper, Region, e.plan.ID, m.key("days", e.id, mon, to), days); err != nil {
		return fmt.Errorf("days of %s: %w", e.name, err)
	}
	x, err := m.Care.FamilyDays(m.ctx, e.helper, Region, e.id, mon)
	if err != nil || to < mon.Last() {
		return err
	}
	for _, d := range x.Days {
		if d.Visit.ID != "" {
			if err := m.bill(e, d.Visit, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// familyWindow has the carer come to the window once, for a day that is
// confirmed there, and one that is taken back.
func (m *maker) familyWindow(e *elderCase, on day.Day) error {
	if e.plan.ID == "" || e.plan.Status != care.Active || on-1 < e.plan.From {
		return nil
	}
	came := care.AtWindow{Came: "carer", Shown: care.Shown[0], Tail: e.carer[len(e.carer)-4:]}
	if _, err := m.Care.ConfirmFor(m.ctx, m.clerk.who, Region, e.plan.ID, m.key("window", e.id), []day.Day{on}, came); err != nil {
		return fmt.Errorf("days of %s at the window: %w", e.name, err)
	}
	_, err := m.Care.TakeBack(m.ctx, m.clerk.who, Region, e.plan.ID, m.key("window-back", e.id), []day.Day{on - 1}, &came)
	return err
}

// familyMonth takes a finished month of family care towards the bank; the
// newest waits on the office's desk.
func (m *maker) familyMonth(mon day.Month) error {
	c, err := m.Claim.GatherFamily(m.ctx, m.reviewer.who, Region, m.key("gather", mon), mon)
	if fault.Is(err, fault.Conflict) {
		return nil // nothing settled in that month
	}
	if err != nil || m.today().AddMonths(1) > m.end {
		return err
	}
	if c, err = m.Claim.Review(m.ctx, m.reviewer.who, Region, c.ID, m.key("review", c.ID), c.Version); err == nil {
		if c, err = m.Claim.Check(m.ctx, m.reviewer2.who, Region, c.ID, m.key("check", c.ID), c.Version); err == nil {
			_, err = m.Claim.Sign(m.ctx, m.treasurer.who, Region, c.ID, m.key("sign", c.ID), c.Version)
		}
	}
	return err
}

// family puts family care into the agenda.
func (m *maker) family(a agenda, begin, today day.Day) error {
	people, err := m.familyPeople()
	if err != nil {
		return err
	}
	for i, e := range people {
		if err := m.whole(a, e, begin+2+day.Day(i), today); err != nil {
			return err
		}
	}
	for mon := begin.Month() + 1; mon <= today.Month(); mon++ {
		first := mon.First()
		a[first] = append(a[first], func() error { return m.familyDays(people[0], mon-1, (mon - 1).Last()) })
		if err := m.on(a, first+2, func() error { return m.familyMonth(mon - 1) }); err != nil {
			return err
		}
	}
	if today > today.Month().First()+4 { // the last days wait for the family
		a[today-3] = append(a[today-3], func() error { return m.familyDays(people[0], today.Month(), today-4) })
		a[today-2] = append(a[today-2], func() error { return m.familyWindow(people[0], today-3) })
	}
	a[today] = append(a[today], func() error {
		_, err := m.Care.Draw(m.ctx, m.clerk2.who, Region, m.key("spot"), today.Month()-1)
		if fault.Is(err, fault.Conflict) {
			return nil
		}
		return err
	})
	return nil
}

// contributions works the year's contributions out and lets some of them come;
// one slip waits for another hand.
func (m *maker) contributions() error {
	year := int64(m.today().Month().Year())
	y, err := m.Fund.Count(m.ctx, m.treasurer.who, Region, year, m.key("count", year))
	if err != nil {
		return err
	}
	if y, err = m.Fund.BookDue(m.ctx, m.reviewer.who, Region, year, m.key("due", year), y.Version); err != nil {
		return err
	}
	sheet, err := m.Fund.ReadYear(m.ctx, Region, year, "")
	if err != nil {
		return err
	}
	var rs []fund.DueReceipt
	var slips []string
	for i, s := range sheet.Sources {
		part, err := s.Due.MulDiv(int64(10-2*i), 12, money.Down)
		if err != nil || part <= 0 {
			return err
		}
		r := fund.DueReceipt{Slip: fmt.Sprintf("示例回单%d-%d", year, i+1), Year: year, Source: s.Source, Fen: part, On: m.today() - day.Day(i), Memo: []string{"税务代征", "税务代征", "医保基金划转", "财政拨付"}[i]}
		if rs = append(rs, r); i < 3 {
			slips = append(slips, r.Slip)
		}
	}
	if _, err := m.Fund.Enter(m.ctx, m.treasurer.who, Region, rs, m.key("slips", year)); err != nil {
		return err
	}
	m.clock.Set(m.clock.Now().Add(time.Minute))
	_, err = m.Fund.Judge(m.ctx, m.reviewer.who, Region, slips, true, m.key("judge", year))
	return err
}
