package demo

import (
	"fmt"

	"yinling/internal/desk"
	"yinling/internal/door"
	"yinling/internal/institution"
)

// nearBy states when the service points open and who goes out to people's doors.
func (m *maker) nearBy() error {
	points, err := m.Institution.Find(m.ctx, Region, institution.Point, institution.Active, "")
	if err != nil {
		return err
	}
	for i, x := range points {
		kind := []desk.PointKind{"township", "village"}[i%2]
		p := door.Point{Institution: x.ID, Kind: kind, Weekdays: "12345", Opens: "08:30-11:30,14:00-17:00", Facilities: "轮椅、老花镜、爱心座椅", Staff: int64(1 + i%3)}
		if err := m.Door.SetPoint(m.ctx, m.clerk.who, Region, m.key("door", x.ID), p); err != nil {
			return err
		}
		if i == 0 {
			if _, err := m.account("point1", "苗桂荣", "point", x.ID, "", "服务站点：替老人收件"); err != nil {
				return err
			}
		}
	}
	for i, name := range []string{"毛建国", "邵玉珍", "万海燕"} {
		var at institution.Institution // the last goes wherever it is needed
		if i < len(points) && i < 2 {
			at = points[i]
		}
		if err := m.Door.Hire(m.ctx, m.clerk.who, Region, m.key("helper", i), door.Helper{Account: "clerk", Name: name, District: at.District, Lat: at.Lat, Lng: at.Lng, Skills: []string{"*"}, Active: true}); err != nil {
			return err
		}
	}
	return nil
}

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
	e := people[1]
	slots, err := m.Desk.OptionsFor(m.ctx, Region, e.id, "door.visit", desk.Field{Kind: "slot"})
	if err != nil || len(slots) == 0 {
		return err
	}
	_, err = m.Desk.Apply(m.ctx, m.clerk.who, desk.ApplyInput{Region: Region, Key: m.key("doorstep"), Matter: "door.visit", Person: e.id, Channel: desk.Phone,
		Answers: map[string]string{"what": "insurance", "slot": slots[0].Value}})
	return err
}
