package demo

import (
	"bytes"
	"slices"
	"time"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/hall"
	"yinling/internal/institution"
	"yinling/internal/outreach"
)

// hallOpen registers the halls with their windows, and the service points.
func (m *maker) hallOpen() error {
	s := m.Hall()
	var matters []string
	for _, x := range s.ListMatters(Region) {
		matters = append(matters, x.ID)
	}
	if len(matters) > 4 {
		matters = matters[:4]
	}
	for i := range m.scale.Halls {
		d := districts[i%len(districts)]
		name := d + "医保服务大厅"
		if i == 0 {
			name = "市医保服务大厅"
		}
		p, err := s.Save(m.ctx, m.clerk.who, m.key("hall", i), hall.Place{Region: Region, Name: name, Kind: "hall", District: d, Address: "政务服务中心二楼", Weekdays: "12345", Opens: "09:00-12:00,13:30-17:00", Facilities: "轮椅、老花镜、无障碍卫生间", Staff: 8, Lat: 34_600_000 + int64(i)*9000, Lng: 119_170_000 + int64(i)*12000, Open: true})
		if err != nil {
			return err
		}
		for n := int64(1); n <= 6; n++ {
			w := hall.Window{Region: Region, Place: p.ID, No: n, Name: "综合"}
			switch n {
			case 1:
				w.Name, w.Priority = "老年人优先", true
			case 2:
				w.Name, w.Matters = "护理和参保", matters
			}
			if w, err = s.SaveWindow(m.ctx, m.clerk.who, m.key("window", i, n), w); err != nil {
				return err
			}
			if n == 6 {
				continue // not staffed
			}
			if _, err = s.Turn(m.ctx, m.clerk.who, Region, w.ID, m.key("turn", i, n), "open", ""); err != nil {
				return err
			}
		}
	}
	points, err := m.Institution.Find(m.ctx, Region, institution.Point, institution.Active, "")
	if err != nil {
		return err
	}
	for i, x := range points {
		p := hall.Place{Region: Region, Name: x.Name, Kind: []string{"township", "village"}[i%2], District: x.District, Address: x.Address, Weekdays: "12345", Opens: "08:30-11:30,14:00-17:00",
			Facilities: "轮椅、老花镜、爱心座椅", Staff: int64(1 + i%3), Lat: x.Lat, Lng: x.Lng, Institution: x.ID, Open: true}
		if _, err := s.Save(m.ctx, m.clerk.who, m.key("point", x.ID), p); err != nil {
			return err
		}
	}
	return m.hallReady()
}

// hallReady writes the plan, holds a training, and looks at most facilities;
// one wheelchair is broken and nobody has mended it.
func (m *maker) hallReady() error {
	s := m.Hall()
	list, err := s.Checklists(m.ctx, Region, "")
	if err != nil {
		return err
	}
	draft, err := s.Draft(m.ctx, Region)
	if err != nil {
		return err
	}
	draft.Title, draft.From = "第一版", m.today()
	draft.Roles = []hall.Duty{{Role: "现场指挥", Who: "当天值班主任", Reach: "内线 801"}, {Role: "急救", Who: "持急救证的引导员", Reach: "引导台"},
		{Role: "联系家属", Who: "受理窗口", Reach: "内线 803"}, {Role: "疏散和接救护车", Who: "保安", Reach: "大门口"}, {Role: "医疗急救", Who: "急救中心", Reach: "120"}}
	if _, err := s.Issue(m.ctx, m.clerk.who, m.key("plan"), draft); err != nil {
		return err
	}
	for i, c := range list {
		if c.Kind == "hall" {
			if _, err := s.Held(m.ctx, m.clerk.who, m.key("drill", c.ID), hall.Drill{Region: Region, Place: c.ID, Kind: "training", On: m.today(), Topic: "急救知识：晕倒和噎食怎么救", People: 12, Note: "每人练了一遍心肺复苏"}); err != nil {
				return err
			}
		}
		for k, x := range c.Items {
			if i > 3 || k == len(c.Items)-1 && i > 0 {
				continue // not looked at yet
			}
			look := hall.Look{Place: c.ID, Item: x.ID, State: "good"}
			if paint := map[string]func() []byte{"seats": seats, "ramp": ramp}[x.ID]; paint != nil {
				st, err := m.Files.Save(Region, x.Name+".png", bytes.NewReader(paint()), m.clock.Now())
				if err != nil {
					return err
				}
				look.Photo = &st
			}
			if x.ID == "wheelchair" && i == 1 {
				look.State, look.Note = "broken", "左轮刹车坏了，后勤去修"
			}
			if _, err := s.Check(m.ctx, m.clerk.who, Region, m.key("check", c.ID, x.ID), look); err != nil {
				return err
			}
		}
	}
	return nil
}

// hallLook looks at the first hall's facilities again, with a photo.
func (m *maker) hallLook() error {
	s := m.Hall()
	list, err := s.Checklists(m.ctx, Region, "")
	if err != nil || len(list) == 0 {
		return err
	}
	st, err := m.Files.Save(Region, "爱心专座.png", bytes.NewReader(seats()), m.clock.Now())
	if err != nil {
		return err
	}
	for _, x := range list[0].Items {
		look := hall.Look{Place: list[0].ID, Item: x.ID, State: "good"}
		if x.ID == "seats" {
			look.Photo = &st
		}
		if x.ID == "magnifier" {
			look.State, look.Note = "missing", "只剩 1 个，已报采购"
		}
		if x.ID == "ramp" {
			continue
		}
		if _, err := s.Check(m.ctx, m.clerk.who, Region, m.key("look", x.ID), look); err != nil {
			return err
		}
	}
	return nil
}

// hallDay lets some fifty people come to the first hall on one day; one faints.
func (m *maker) hallDay(faint bool) error {
	s := m.Hall()
	places, err := s.Places(m.ctx, Region)
	if err != nil || len(places) == 0 {
		return err
	}
	p := places[slices.IndexFunc(places, func(b hall.Busy) bool { return b.Name == "市医保服务大厅" })]
	today := m.today()
	if err := m.hallHours(p, func(i int) bool { m.clock.At(today, 9, i*6); return i < 56 }, 2, 15*time.Second); err != nil || !faint {
		return err
	}
	m.clock.Set(m.clock.Now().Add(time.Minute))
	in, err := s.Alarm(m.ctx, m.clerk.who, Region, p.ID, "faint", m.key("alarm"))
	if err != nil {
		return err
	}
	for i, say := range []string{"打了 120，拿来医药箱", "通知了家属，保安到门口接救护车"} {
		m.clock.Set(m.clock.Now().Add(2 * time.Minute))
		if err := s.Tell(m.ctx, m.clerk.who, Region, in.ID, m.key("tell", i), say); err != nil {
			return err
		}
	}
	m.clock.Set(m.clock.Now().Add(9 * time.Minute))
	_, err = s.Close(m.ctx, m.clerk.who, Region, in.ID, m.key("over"), "低血糖，老人醒了，救护车接走，女儿陪同。以后在爱心专座备糖。")
	return err
}

// hallHours lets people come while more says so (it moves the clock) and the
// windows serve them, each for hold and more arrivals; pace is how long their
// steps take. What goes on at the end goes on.
func (m *maker) hallHours(p hall.Busy, more func(int) bool, hold int, pace time.Duration) error {
	s, day0 := m.Hall(), m.today()
	matters := append([]string{""}, p.Windows[1].Matters...)
	type busy struct {
		id     string
		called int
	}
	at := map[string]busy{}
	do := func(id, action string) error {
		_, err := s.Do(m.ctx, m.clerk.who, Region, id, m.key("hall", id, action), hall.Act{Action: action})
		return err
	}
	for i := 0; more(i); i++ {
		if _, err := s.Draw(m.ctx, m.clerk.who, Region, m.key("ticket", day0, i), hall.Take{Place: p.ID, Matter: matters[i%len(matters)], Elder: i%5 < 2, Unwell: i%11 == 0, Source: []string{"machine", "guide", "machine"}[i%3]}); err != nil {
			return err
		}
		for k, w := range p.Windows[:2] { // two of the windows are enough for the demonstration
			b, here := at[w.ID]
			switch {
			case here && i-b.called < hold+k:
				continue
			case here:
				m.clock.Set(m.clock.Now().Add(pace))
				for _, a := range []string{"start", "accept", "end"} {
					if err := do(b.id, a); err != nil {
						return err
					}
					m.clock.Set(m.clock.Now().Add(pace * time.Duration(1+i%4)))
				}
				if i%3 == 0 {
					t, err := s.Served(m.ctx, Region, b.id)
					if err == nil {
						_, err = m.Outreach.Rate(m.ctx, m.clerk.who, Region, m.key("rate", b.id), outreach.Rating{Kind: "ticket", Object: b.id, Score: int64(5 - i%7/5), Person: t.Person,
							Desk: t.Clerk, DeskName: t.ClerkName, Window: t.Ticket.Window, WindowName: t.Where})
					}
					if err != nil {
						return err
					}
				}
				delete(at, w.ID)
			}
			t, err := s.Call(m.ctx, m.clerk.who, Region, w.ID, m.key("call", day0, i, w.ID))
			if fault.Is(err, fault.Refused) {
				continue // nobody waits
			}
			if err != nil {
				return err
			}
			at[w.ID] = busy{t.ID, i}
		}
	}
	return nil
}

// hallNow fills the first hall with the people of this hour; the clock is the
// machine's again afterwards.
func (m *maker) hallNow() error {
	s := m.Hall()
	places, err := s.Places(m.ctx, Region)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(places, func(b hall.Busy) bool { return b.Name == "市医保服务大厅" })
	if i < 0 {
		return nil
	}
	m.clock.Live()
	now := m.clock.Now()
	if day.FromTime(now.Add(-40*time.Minute)) != m.end {
		return nil // just after midnight: nobody is there
	}
	defer m.clock.Live()
	return m.hallHours(places[i], func(i int) bool { m.clock.Set(now.Add(time.Duration(i*2-40) * time.Minute)); return i < 20 }, 3, 3*time.Second)
}
