package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"time"

	"yinling/internal/app"
	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/fund"
	"yinling/internal/money"
	"yinling/internal/person"
)

// Fill fills an empty database at the given scale up to today. a runs on clock.
func Fill(ctx context.Context, a *app.App, clock *Clock, scale Scale, say func(string, ...any)) error {
	m := &maker{App: a, ctx: ctx, end: day.FromTime(clock.Now()), clock: clock, scale: scale, say: say, r: mrand.New(mrand.NewPCG(20240730, 942)), seq: map[string]int{}}
	a.Mute(true) // nobody needs to read a thousand messages
	defer a.Mute(false)
	fill := m.small
	if scale.Name == City.Name {
		fill = m.city
	}
	if err := fill(m.end); err != nil {
		return err
	}
	return m.hallNow()
}

// base makes desks, institutions and the fund's first money.
func (m *maker) base() error {
	if err := m.office(); err != nil {
		return err
	}
	if err := m.institutions(); err != nil {
		return err
	}
	// One picture stands for the evidence of every visit of the loaded year.
	st, err := m.Files.Save(Region, "现场.png", bytes.NewReader(room()), m.clock.Now())
	if err != nil {
		return err
	}
	m.photo = st.ID
	err = audit.Run(m.ctx, m.Log, m.clerk.who, audit.Act{Region: Region, Verb: "desk.attach", Object: "demo"}, func(tx *db.Tx) error {
		_, err := desk.Attach(tx, Region, "demo", "photo", st, m.clerk.who)
		return err
	})
	if err != nil {
		return err
	}
	return m.money(m.today(), 2_000_000_00)
}

// money lets contributions arrive and fills the payout account from them.
func (m *maker) money(on day.Day, fen money.Fen) error {
	for _, in := range []struct {
		from, slip, memo string
		fen              money.Fen
	}{{fund.FromPerson, "P", "个人缴费", fen / 2}, {fund.FromEmployer, "E", "单位缴费", fen / 2}} {
		if _, err := m.Fund.Receive(m.ctx, m.treasurer.who, Region, fund.Receipt{Book: fund.LTCI, From: in.from, Fen: in.fen, On: on,
			Slip: in.slip + on.String(), Memo: on.Month().Chinese() + in.memo}, m.key("receive", in.slip, on)); err != nil {
			return err
		}
	}
	_, err := m.Fund.Fill(m.ctx, m.treasurer.who, Region, fund.Receipt{Book: fund.LTCI, From: fund.TreasuryBank, Fen: fen * 3 / 4, On: on,
		Slip: "F" + on.String(), Memo: on.Month().Chinese() + "划拨"}, m.key("fill", on))
	return err
}

// workday is the first day from d on that is worked.
func (m *maker) workday(d day.Day) (day.Day, error) {
	v, err := m.Packs.At(Region, d)
	if err != nil {
		return 0, err
	}
	for ; ; d++ {
		ok, err := v.Calendar().IsWorkday(d)
		if err != nil && d.Weekday() >= 1 && d.Weekday() <= 5 {
			return d, nil // the demonstration also runs in a year whose calendar is not out yet
		}
		if ok {
			return d, nil
		}
	}
}

// agenda is what happens on which day.
type agenda map[day.Day][]func() error

func (m *maker) on(a agenda, d day.Day, f func() error) error {
	d, err := m.workday(d)
	a[d] = append(a[d], f)
	return err
}

// helpers of the named family: the logins of the demonstration.
const (
	daughterPhone = "19900000001"
	motherName    = "王桂兰"
	fatherName    = "陈德福"
)

func (m *maker) small(today day.Day) error {
	begin := today.Month().First().AddMonths(-m.scale.Months - 2)
	m.clock.At(begin, 9, 0)
	if err := m.base(); err != nil {
		return err
	}
	people, err := m.people()
	if err != nil {
		return err
	}
	a := agenda{}
	if err := errors.Join(m.on(a, begin+8, m.hallOpen), m.on(a, today-34, m.hallLook), m.on(a, today-6, func() error { return m.hallDay(false) }), m.on(a, today-3, func() error { return m.hallDay(true) })); err != nil {
		return err
	}
	if err := errors.Join(m.on(a, begin+8, m.nearBy), m.on(a, today-3, func() error { return errors.Join(m.brought(people[:6]), m.handedOver()) }), m.on(a, begin+9, m.measures), m.on(a, begin+24, m.measured), m.on(a, begin+30, m.residents)); err != nil {
		return err
	}
	// Six have come all the way; the rest stands at every earlier place.
	for i, e := range people[:7] {
		if err := m.whole(a, e, begin+1+day.Day(i%3), today); err != nil {
			return err
		}
	}
	m.halfway(a, people[7:], today)
	if err := m.family(a, begin, today); err != nil {
		return err
	}
	if err := m.on(a, today-18, m.contributions); err != nil {
		return err
	}
	for mon := begin.Month() + 1; mon <= today.Month(); mon++ {
		first := mon.First()
		if err := m.on(a, first, func() error { return m.money(m.today(), 500_000_00) }); err != nil {
			return err
		}
		if err := m.on(a, first+2, func() error { return m.month(mon - 1) }); err != nil {
			return err
		}
	}
	a[today] = append(a[today], m.registers, m.doors, m.papers, m.inquiries, func() error { return m.hands(people[3:7]) })
	if err := m.speakUp(a, people, today); err != nil {
		return err
	}
	byID := map[string]*elderCase{}
	for _, e := range people {
		byID[e.id] = e
	}
	return m.days(a, begin, func(d day.Day) error { return m.visits(byID, d) })
}

// days lets the days pass up to the last one: jobs at night, the agenda in the
// morning, the visits until the evening. The last day is left to its users.
func (m *maker) days(a agenda, begin day.Day, visits func(day.Day) error) error {
	for d := begin; d <= m.end; d++ {
		m.clock.At(d, 2, 0)
		if _, err := m.Jobs.Drain(m.ctx); err != nil {
			return err
		}
		m.clock.At(d, 9, 0)
		for _, f := range a[d] {
			if err := f(); err != nil {
				return fmt.Errorf("%s: %w", d, err)
			}
			m.clock.Set(m.clock.Now().Add(time.Second))
		}
		if d < m.end {
			m.clock.At(d, 20, 0)
			if err := visits(d); err != nil {
				return fmt.Errorf("%s: %w", d, err)
			}
		}
		if d == d.Month().Last() {
			m.say("  %s", d.Month().Chinese())
		}
	}
	m.clock.Live()
	return nil
}

// people puts a small roster in: ordinary insured persons, and the elders of
// the cases, each with a relative who has a login.
func (m *maker) people() ([]*elderCase, error) {
	var entries []person.Entry
	levels := []int64{5, 3, 4, 3, 5, 4, 3, 3, 4, 5, 3, 2}
	for i := range m.scale.Severe + 3 {
		e := m.someone(100+i, 71+m.r.IntN(22))
		switch i {
		case 0:
			e.Name, e.Sex = fatherName, "男"
		case m.scale.Severe:
			e.Name, e.Sex = motherName, "女"
		}
		if i%4 == 1 {
			e.Groups = []string{[]string{"特困", "重残", "高龄"}[i%3]}
		}
		if n, err := person.ParseID(person.DemoID(400+i, e.Birth, e.Sex), m.today()); err == nil {
			e.Number = n
		}
		entries = append(entries, e)
	}
	for i := len(entries); i < m.scale.Insured; i++ {
		entries = append(entries, m.someone(1000+i, 20+m.r.IntN(60)))
	}
	daughter := m.someone(1, 48)
	daughter.Name, daughter.Sex, daughter.Phone = "陈丽", "女", daughterPhone
	entries = append(entries, daughter)
	ids, err := m.put(entries)
	if err != nil {
		return nil, err
	}
	m.roster = entries
	login0, err := m.account(daughterPhone, "陈丽", "citizen", "", ids[len(ids)-1], "女儿：可以替妈妈"+motherName+"申请护理，替爸爸"+fatherName+"看账单、付款")
	if err != nil {
		return nil, err
	}
	var out []*elderCase
	for i := range m.scale.Severe + 3 {
		e := &elderCase{id: ids[i], name: entries[i].Name, lat: entries[i].Lat, lng: entries[i].Lng, level: levels[i%len(levels)], relation: "女儿", inst: i}
		if i == 0 || i == m.scale.Severe {
			e.helper = login0.who
			e.inst = 0
		} else {
			kin := m.someone(30+i, 45)
			kin.Name, kin.Phone = entries[i].Name[:3]+younger[m.r.IntN(len(younger))], fmt.Sprintf("1990001%04d", i)
			kid, err := m.put([]person.Entry{kin})
			if err != nil {
				return nil, err
			}
			l, err := m.account(kin.Phone, kin.Name, "citizen", "", kid[0], "")
			if err != nil {
				return nil, err
			}
			e.helper, e.relation = l.who, []string{"儿子", "女儿", "侄女"}[i%3]
		}
		err := audit.Run(m.ctx, m.Log, m.clerk.who, audit.Act{Region: Region, Verb: "person.authorise", Object: e.id}, func(tx *db.Tx) error {
			_, err := m.Person.Authorise(tx, person.Authorisation{Region: Region, Proxy: e.helper.Person, Person: e.id, Relation: e.relation, Scope: person.ScopePay, Consent: person.ConsentFace})
			return err
		})
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out[:m.scale.Severe+3], nil
}

// whole lets e come all the way from application to care.
func (m *maker) whole(a agenda, e *elderCase, d, today day.Day) error {
	steps := []struct {
		after int
		do    func() error
	}{
		{0, func() error { return m.apply(e) }}, {1, func() error { return m.accept(e) }}, {2, func() error { return m.draw(e) }},
		{5, func() error { return m.assessAtHome(e) }}, {7, func() error { return m.conclude(e) }}, {8, func() error { return m.publish(e) }},
	}
	for _, s := range steps {
		if err := m.on(a, d+day.Day(s.after), s.do); err != nil {
			return err
		}
	}
	// The notice's end comes by the clock; care starts when the benefit does.
	return m.on(a, d+24, func() error { return m.care1(e, today) })
}

// care1 chooses, plans, confirms and approves, for the day on which the benefit begins.
func (m *maker) care1(e *elderCase, today day.Day) error {
	var b benefit.Benefit
	for d := m.today(); ; d++ {
		err := m.DB.Read(m.ctx, func(tx *db.Tx) (err error) { b, err = benefit.On(tx, Region, e.id, d); return err })
		if err == nil {
			break
		}
		if !fault.Is(err, fault.NotFound) || d > m.today()+62 {
			return fmt.Errorf("no benefit for %s: %w", e.name, err)
		}
	}
	from := max(b.From, m.today()+1)
	if e.family > 0 {
		return m.familyCare(e, from)
	}
	inst := m.care[e.inst%len(m.care)].ID
	w := m.workers[inst][e.inst/len(m.care)%3].staff
	hour := []string{"09:00", "10:30", "14:00", "15:30"}[e.inst%4]
	if m.scale.Name == City.Name { // one visit a week, on the weekday of the person
		slots := []care.Slot{{Weekday: int64(1 + e.inst%5), Start: hour, Staff: w}}
		items := []care.PlanItem{{Item: "L05", PerWeek: 1, Minutes: 40, Staff: "care_worker"}, {Item: "L15", PerWeek: 1, Minutes: 20, Staff: "care_worker"}}
		return m.inForce(e, inst, from, slots, items)
	}
	slots := []care.Slot{{Weekday: 1, Start: hour, Staff: w}, {Weekday: 3, Start: hour, Staff: w}, {Weekday: 5, Start: hour, Staff: w}}
	items := []care.PlanItem{{Item: "L01", PerWeek: 3, Minutes: 15, Staff: "care_worker"}, {Item: "L07", PerWeek: 3, Minutes: 30, Staff: "care_worker"}, {Item: "L15", PerWeek: 3, Minutes: 20, Staff: "care_worker"}}
	return m.inForce(e, inst, from, slots, items)
}

func (m *maker) inForce(e *elderCase, inst string, from day.Day, slots []care.Slot, items []care.PlanItem) error {
	if err := m.startCare(e, from, slots, items); err != nil {
		return err
	}
	for _, s := range []struct {
		who audit.Actor
		act care.PlanAct
	}{{m.insts[inst].who, care.PlanAct{Action: "offer"}}, {e.helper, care.PlanAct{Action: "confirm", Pin: pin}}, {m.clerk.who, care.PlanAct{Action: "approve"}}} {
		if s.act.Action == "approve" && e.plan.Status == care.Active {
			continue
		}
		if err := m.plan(e, s.who, s.act); err != nil {
			return err
		}
	}
	return nil
}

// halfway leaves people at every earlier place of the road.
func (m *maker) halfway(a agenda, people []*elderCase, today day.Day) {
	// How far: on notice, concluded, recorded, drawn, accepted, applied.
	stops := []int{6, 5, 4, 3, 2, 1, 1}
	i := -1
	for _, e := range people {
		if i++; i >= len(stops) {
			break
		}
		if e.name == motherName { // she is the newcomer's to apply for
			i--
			continue
		}
		d := today - day.Day([]int{11, 9, 8, 6, 4, 2, 1}[i])
		for k, f := range []func(*elderCase) error{m.apply, m.accept, m.draw, m.assessAtHome, m.conclude, m.publish}[:stops[i]] {
			at := min(d+day.Day([]int{0, 1, 2, 5, 7, 8}[k]), today)
			a[at] = append(a[at], func() error { return f(e) })
		}
	}
}

// visits uploads the day's visits, bills them, and lets most families pay.
func (m *maker) visits(byID map[string]*elderCase, d day.Day) error {
	done, err := m.evening(byID, d)
	if err != nil {
		return err
	}
	if err := m.rated(m.ctx, byID, d, done); err != nil {
		return err
	}
	for _, v := range done {
		// The last days' bills wait for the family: something to confirm and pay.
		if err := m.bill(byID[v.Person], v, d < m.end-6 || m.r.IntN(3) > 0); err != nil {
			return err
		}
	}
	return nil
}

// month takes a finished month from the institutions' claims to the bank.
func (m *maker) month(mon day.Month) error {
	var any bool
	for _, inst := range m.care {
		l := m.insts[inst.ID]
		c, err := m.Claim.Intake(m.ctx, l.who, Region, inst.ID, mon)
		if k := fault.As(err).Kind; err != nil && k != fault.Internal {
			continue // nothing settled in that month
		}
		if err != nil {
			return err
		}
		if c.Bills == 0 {
			continue
		}
		if c, err = m.Claim.Submit(m.ctx, l.who, Region, c.ID, m.key("submit", c.ID), c.Version); err != nil {
			return err
		}
		if mon == m.today().Month()-1 && m.today().AddMonths(1) > m.end {
			any = true
			continue // the newest month waits on the office's desk
		}
		if c, err = m.Claim.Review(m.ctx, m.reviewer.who, Region, c.ID, m.key("review", c.ID), c.Version); err != nil {
			return err
		}
		if c, err = m.Claim.Check(m.ctx, m.reviewer2.who, Region, c.ID, m.key("check", c.ID), c.Version); err != nil {
			return err
		}
		if _, err = m.Claim.Sign(m.ctx, m.treasurer.who, Region, c.ID, m.key("sign", c.ID), c.Version); err != nil {
			return err
		}
		any = true
	}
	if !any || m.today().AddMonths(1) > m.end {
		return nil
	}
	_, err := m.Claim.File(m.ctx, m.treasurer.who, Region, mon, m.key("file", mon))
	return err
}
