package demo

import (
	"fmt"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fund"
	"yinling/internal/person"
)

// city fills a whole city: the roster in one go, every severely disabled person
// through the whole road, and a year of visits that arrive from phones in the
// evening, are settled by the month and paid.
func (m *maker) city(today day.Day) error {
	begin := today.Month().First().AddMonths(-m.scale.Months - 2)
	m.clock.At(begin, 9, 0)
	if err := m.base(); err != nil {
		return err
	}
	people, err := m.cityPeople()
	if err != nil {
		return err
	}
	a := agenda{}
	if err := m.on(a, begin+8, m.hallOpen); err != nil {
		return err
	}
	for i, e := range people[:m.scale.Severe] {
		if err := m.whole(a, e, begin+1+day.Day(i*40/m.scale.Severe), today); err != nil {
			return err
		}
	}
	m.halfway(a, people[m.scale.Severe:], today)
	if err := m.on(a, today-18, m.contributions); err != nil {
		return err
	}
	renew := begin.AddMonths(11) // an authorisation lasts a year
	a[renew] = append(a[renew], func() error { return m.authorise(people) })
	byID := map[string]*elderCase{}
	for _, e := range people {
		byID[e.id] = e
	}
	for mon := begin.Month() + 1; mon <= today.Month(); mon++ {
		first := mon.First()
		if err := m.on(a, first, func() error { return m.money(m.today(), 60_000_000_00) }); err != nil {
			return err
		}
		if err := m.on(a, first+2, func() error { return m.cityMonth(mon - 1) }); err != nil {
			return err
		}
	}
	return m.days(a, begin, func(d day.Day) error { _, err := m.evening(byID, d); return err })
}

// authorise lets every relative act for the elder, for as long as the pack allows.
func (m *maker) authorise(people []*elderCase) error {
	return audit.Run(m.ctx, m.Log, m.clerk.who, audit.Act{Region: Region, Verb: "person.authorise", Object: "demo"}, func(tx *db.Tx) error {
		for _, e := range people {
			if _, err := m.Person.Authorise(tx, person.Authorisation{Region: Region, Proxy: e.helper.Person, Person: e.id, Relation: e.relation, Scope: person.ScopePay, Consent: person.ConsentFace}); err != nil {
				return err
			}
		}
		return nil
	})
}

// cityPeople puts the roster in: elders, their relatives, everybody else.
func (m *maker) cityPeople() ([]*elderCase, error) {
	const piece = 5000
	levels := []int64{3, 4, 5, 3, 3, 4}
	const more = 40 // who is still somewhere on the road
	n := m.scale.Severe + more
	var elders, kin []person.Entry
	for i := range n {
		e := m.someone(i, 70+m.r.IntN(25))
		if i%9 == 0 {
			e.Groups = []string{[]string{"特困", "重残", "高龄"}[i/9%3]}
		}
		if i == 0 {
			e.Name = fatherName
		}
		k := m.someone(i, 40+m.r.IntN(20))
		k.Phone = fmt.Sprintf("19900%06d", i+1)
		elders, kin = append(elders, e), append(kin, k)
	}
	kin[0].Name, kin[0].Phone = "陈丽", daughterPhone
	ids, err := m.put(elders)
	if err != nil {
		return nil, err
	}
	kinIDs, err := m.put(kin)
	if err != nil {
		return nil, err
	}
	var out []*elderCase
	for i := range n {
		e := &elderCase{id: ids[i], name: elders[i].Name, lat: elders[i].Lat, lng: elders[i].Lng, level: levels[i%len(levels)], relation: "女儿", inst: i}
		e.helper = audit.Actor{ID: "demo:kin" + itoa(i), Name: kin[i].Name, Role: "citizen", Region: Region, Person: kinIDs[i], Terminal: "demo"}
		if i == 0 {
			l, err := m.account(daughterPhone, kin[i].Name, "citizen", "", kinIDs[i], "女儿：替爸爸"+fatherName+"看账单、付款")
			if err != nil {
				return nil, err
			}
			e.helper = l.who
		}
		out = append(out, e)
	}
	if err := m.authorise(out); err != nil {
		return nil, err
	}
	left := m.scale.Insured - 2*n
	for at := 0; at < left; at += piece {
		entries := make([]person.Entry, 0, piece)
		for i := range min(piece, left-at) {
			entries = append(entries, m.someone(10_000+at+i, 16+m.r.IntN(75)))
		}
		if _, err := m.put(entries); err != nil {
			return nil, err
		}
		if at%100_000 == 0 {
			m.say("  名册 %d / %d", at, left)
		}
	}
	return out, nil
}

// cityMonth settles, claims, pays and closes a month.
func (m *maker) cityMonth(mon day.Month) error {
	if _, err := m.Claim.Batch(m.ctx, Region, mon, nil); err != nil {
		return err
	}
	if err := m.month(mon); err != nil {
		return err
	}
	_, err := m.Fund.Close(m.ctx, m.treasurer.who, Region, fund.LTCI, mon, m.key("close", mon))
	return err
}
