package demo

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
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
	for i, e := range people[:m.scale.Severe] {
		if err := m.whole(a, e, begin+1+day.Day(i*40/m.scale.Severe), today); err != nil {
			return err
		}
	}
	m.halfway(a, people[m.scale.Severe:], today)
	// One picture stands for the evidence of every visit of the loaded year.
	st, err := m.Files.Save(Region, "现场.png", bytes.NewReader(Picture), m.clock.Now())
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
	for d := begin; d <= today; d++ {
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
		if d < today {
			m.clock.At(d, 20, 0)
			if err := m.evening(byID, d); err != nil {
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
	err = audit.Run(m.ctx, m.Log, m.clerk.who, audit.Act{Region: Region, Verb: "person.authorise", Object: "demo"}, func(tx *db.Tx) error {
		for _, e := range out {
			if _, err := m.Person.Authorise(tx, person.Authorisation{Region: Region, Proxy: e.helper.Person, Person: e.id, Relation: e.relation, Scope: person.ScopePay, Consent: person.ConsentFace}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
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

// evening lets the phones of the day upload what was done.
func (m *maker) evening(byID map[string]*elderCase, d day.Day) error {
	for _, inst := range m.care {
		var list []care.Visit
		err := m.DB.Read(m.ctx, func(tx *db.Tx) (err error) {
			list, err = care.VisitsOf(tx, Region, inst.ID, d, d, care.Planned, 0, "", 2000)
			return err
		})
		if err != nil {
			return err
		}
		slices.SortFunc(list, func(a, b care.Visit) int { return int(a.PlannedAt - b.PlannedAt) })
		queues := map[string][]care.Event{}
		actors := map[string]audit.Actor{}
		for _, v := range list {
			e := byID[v.Person]
			if e == nil {
				continue
			}
			w := m.worker(v)
			off := int64(m.r.IntN(300))
			if m.r.IntN(60) == 0 {
				off = 30_000
			}
			place := &care.Fix{Lat: e.lat + off, Lng: e.lng, Accuracy: 12}
			start := v.PlannedAt + int64(m.r.IntN(8))*60_000
			end := start + (v.PlannedMinutes+int64(m.r.IntN(6)))*60_000
			ev := func(kind string, at int64) care.Event {
				return care.Event{ClientID: v.ID + "-" + kind, Visit: v.ID, Kind: kind, At: at}
			}
			in, items, out, ok := ev("checkin", start), ev("items", end-120_000), ev("checkout", end), ev("confirm", end+60_000)
			in.Place, out.Place, items.Items, ok.Method, ok.Code = place, place, v.PlannedItems, "pin", pin
			proof := ev("evidence", end-60_000)
			proof.Documents = []string{m.photo}
			queues[w.staff] = append(queues[w.staff], in, items, proof, out, ok)
			actors[w.staff] = w.who
		}
		for staff, q := range queues {
			for len(q) > 0 {
				k := min(len(q), care.MaxEvents)
				if _, err := m.Care.Sync(m.ctx, actors[staff], Region, q[:k]); err != nil {
					return err
				}
				q = q[k:]
			}
		}
	}
	return nil
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
