package demo

import (
	"bytes"
	"fmt"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/door"
	"yinling/internal/institution"
	"yinling/internal/person"
)

// nearBy gives the first service point its login, and says who goes out to
// people's doors.
func (m *maker) nearBy() error {
	points, err := m.Institution.Find(m.ctx, Region, institution.Point, institution.Active, "")
	if err != nil {
		return err
	}
	if len(points) > 0 {
		if _, err := m.account("point1", "苗桂荣", "point", points[0].ID, "", "服务站点：替老人收件"); err != nil {
			return err
		}
	}
	for i, name := range []string{"毛建国", "邵玉珍", "万海燕"} {
		var at institution.Institution // the last goes wherever it is needed
		if i < len(points) && i < 2 {
			at = points[i]
		}
		say := "" // the first one is shown on the login page
		if i == 0 {
			say = "帮办员：今天上谁家、路线、留证"
		}
		l, err := m.account(fmt.Sprintf("helper%d", i+1), name, "helper", "", "", say)
		if err != nil {
			return err
		}
		if err := m.Door.Hire(m.ctx, m.clerk.who, Region, m.key("helper", i), door.Helper{Account: l.who.ID, Name: name, District: at.District, Lat: at.Lat, Lng: at.Lng, Skills: []string{"*"}, Active: true}); err != nil {
			return err
		}
	}
	return nil
}

// resting is a helper on leave: what they were to do today waits for another
// (等派).
const resting = "潘志芳"

// brought lets people bring matters: some wait for the desk, one for the
// applicant, some are done.
func (m *maker) brought(people []*elderCase) error {
	soon := (m.today() + 7).String()
	for i, x := range []struct {
		matter, channel string
		answers         map[string]string
	}{
		{"remote.filing", "window", map[string]string{"kind": "long", "place": "上海市", "since": m.today().String()}},
		{"claim.manual", "window", map[string]string{"hospital": "示范市人民医院", "on": m.today().AddDays(-12).String(), "total": "3260.00", "reason": "urgent"}},
		{"person.change", "phone", map[string]string{"phone": "19900000088"}},
		{"point.filing", "phone", map[string]string{"hospital": "示范市中医院", "since": soon}},
		{"person.change", "window", map[string]string{"address": "望湖社区12栋201室"}},
		{"care.mode", "window", map[string]string{"mode": "institution", "institution": m.care[0].Name, "since": soon}},
	} {
		e := people[i%len(people)]
		_, err := m.Desk.Apply(m.ctx, m.clerk.who, desk.ApplyInput{Region: Region, Key: m.key("matter", i), Matter: x.matter, Person: e.id, Channel: desk.Channel(x.channel), Answers: x.answers})
		if err != nil {
			return fmt.Errorf("%s: %w", x.matter, err)
		}
	}
	if _, err := m.Desk.AskCall(m.ctx, m.clerk.who, m.key("call"), desk.Ask{Person: people[0].id, Name: "家属", Phone: "19900000077", About: "手工报销的钱什么时候到"}); err != nil {
		return err
	}
	_, err := m.Desk.Apply(m.ctx, m.clerk.who, desk.ApplyInput{Region: Region, Key: m.key("newcomer"), Matter: "enrol.resident", Channel: desk.Window,
		New:     desk.Newcomer{Name: "闵秀珍", IDNo: person.DemoID(9901, day.MustParse("1958-03-09"), "女"), District: m.care[0].District},
		Answers: map[string]string{"phone": "19900000079", "address": "望湖社区3栋102室"}})
	if err != nil {
		return err
	}
	e := people[1]
	slots, err := m.Desk.OptionsFor(m.ctx, Region, e.id, "door.visit", desk.Field{Kind: "slot"})
	if err != nil || len(slots) == 0 {
		return err
	}
	_, err = m.Desk.Apply(m.ctx, m.clerk.who, desk.ApplyInput{Region: Region, Key: m.key("doorstep"), Matter: "door.visit", Person: e.id, Channel: desk.Phone,
		Answers: map[string]string{"what": "insurance", "slot": slots[0].Value}})
	return err
}

// elsewhere is a region of the same installation that insures a few people, so
// that a case can be taken here for a fund there (通办).
const elsewhere = "350100"

// handedOver takes two matters in for somebody who is insured elsewhere: one is
// decided there on the spot, one waits for their desk.
func (m *maker) handedOver() error {
	birth := day.MustParse("1950-10-06")
	idno := person.DemoID(9902, birth, "女")
	no, err := person.ParseID(idno, m.today())
	if err != nil {
		return err
	}
	err = audit.Run(m.ctx, m.Log, audit.System(elsewhere), audit.Act{Region: elsewhere, Verb: "person.put", Object: "demo", Key: m.key("elsewhere")}, func(tx *db.Tx) error {
		_, _, err := m.Person.Put(tx, elsewhere, []person.Entry{{Number: no, Name: "柯素琴", Sex: "女", Birth: birth, District: "鼓楼区", Resident: true,
			Coverage: person.Coverage{Kind: "resident", Since: m.today().AddMonths(-60), Status: "active"}, Has: person.HasAll}})
		return err
	})
	if err != nil {
		return err
	}
	for i, x := range []struct {
		matter  string
		answers map[string]string
	}{
		{"remote.filing", map[string]string{"kind": "long", "place": "江苏省苏州市", "since": m.today().String()}},
		{"person.change", map[string]string{"phone": "19900000089"}},
	} {
		_, err := m.Desk.TakeAway(m.ctx, m.clerk.who, desk.Away{There: elsewhere, IDNo: idno, Name: "柯素琴",
			ApplyInput: desk.ApplyInput{Key: m.key("away", i), Matter: x.matter, Channel: desk.Window, Answers: x.answers}})
		if err != nil {
			return fmt.Errorf("%s elsewhere: %w", x.matter, err)
		}
	}
	return nil
}

// doors are visits of today that are owed to the oldest (每年应上门): one done, one
// with nobody at home, the others on the helpers' way.
func (m *maker) doors() error {
	id := ""
	if err := m.Door.Hire(m.ctx, m.clerk.who, Region, m.key("helper", "leave"), door.Helper{Name: resting, Skills: []string{"*"}, Active: true}); err != nil {
		return err
	}
	helpers, err := m.Door.Helpers(m.ctx, Region)
	if err != nil {
		return err
	}
	for _, h := range helpers {
		if h.Name == resting {
			id = h.ID
		}
	}
	var made []door.Visit
	err = audit.Run(m.ctx, m.Log, m.clerk.who, audit.Act{Region: Region, Verb: "door.plan", Object: "demo", Key: m.key("doors")}, func(tx *db.Tx) error {
		made = nil
		old, err := m.Person.Oldest(tx, Region, "", 9)
		if err != nil {
			return err
		}
		for i, p := range old {
			v, _, err := m.Door.Book(tx, door.Booking{Region: Region, Person: p.ID, Duty: "doctor", What: "上门出诊", Matter: "door.visit", On: tx.Today(), Part: []string{door.Morning, door.Afternoon}[i%3/2]})
			if err != nil {
				return err
			}
			made = append(made, v)
		}
		return nil
	})
	if err != nil || len(made) < 2 {
		return err
	}
	if err := m.Door.Rest(m.ctx, m.clerk.who, Region, m.key("rest"), id, false); err != nil {
		return err
	}
	if _, err = m.Door.Finish(m.ctx, m.clerk.who, Region, made[1].ID, m.key("door-missed"), door.Proof{Missed: true, Result: "敲门没人应，邻居说去女儿家了"}); err != nil {
		return err
	}
	f, err := m.Files.Save(Region, "到场.png", bytes.NewReader(atDoor()), m.clock.Now())
	if err != nil {
		return err
	}
	_, err = m.Door.Finish(m.ctx, m.clerk.who, Region, made[0].ID, m.key("door-done"), door.Proof{Result: "量了血压，教会了用手机看账单", Files: []desk.Stored{f}})
	return err
}
