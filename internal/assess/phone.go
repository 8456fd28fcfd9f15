package assess

import (
	"context"
	"slices"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/fault"
)

// carryFor is how long a phone may be without network.
const carryFor = 72 * time.Hour

// Carried is a visit that an assessor's phone takes along: who, where, and the
// scores as they stand. No identity number, no papers.
type Carried struct {
	ID     string                  `json:"id"`
	Name   string                  `json:"name"`
	Sex    string                  `json:"sex"`
	Age    int                     `json:"age"`
	Where  string                  `json:"where"`
	Phone  string                  `json:"phone"`
	On     string                  `json:"on"` // the day that was agreed, "" for none
	Slot   string                  `json:"slot"`
	Scores map[string]CarriedScore `json:"scores"`
}

// CarriedScore is a score as the server has it.
type CarriedScore struct {
	Score int64  `json:"score"`
	Note  string `json:"note"`
}

// Questions is the questionnaire as a phone draws it.
type Questions struct {
	ID      string   `json:"id"`
	No      int64    `json:"no"`
	Name    string   `json:"name"`
	Options []Option `json:"options"`
}

// Carry is what a phone takes along: the open visits and the questionnaire. That
// it was taken stands in the record.
func (s *Service) Carry(ctx context.Context, who audit.Actor) (out []Carried, items []Questions, err error) {
	list, err := s.MyTasks(ctx, who)
	if err != nil {
		return nil, nil, err
	}
	now := s.Log.DB.Now()
	v, err := s.Packs.At(who.Region, day.FromTime(now))
	if err != nil {
		return nil, nil, err
	}
	for _, it := range Instrument(v) {
		items = append(items, Questions{it.ID, it.No, it.Name, it.Options})
	}
	var ids []string
	for _, t := range list {
		if t.Duty != DutyVisit {
			continue
		}
		d, err := s.Detail(ctx, who, who.Region, t.App.ID)
		if err != nil {
			return nil, nil, err
		}
		c := Carried{ID: t.App.ID, Name: d.Person.Name, Sex: d.Person.Sex, Age: d.Person.Age(day.FromTime(now)), Where: d.App.Answers.Address,
			Phone: d.Person.Phone, Scores: map[string]CarriedScore{}}
		if c.Where == "" {
			c.Where = d.Person.District + d.Person.Community + d.Person.Address
		}
		if !d.App.VisitOn.IsZero() {
			c.On = d.App.VisitOn.String()
			if n := slices.IndexFunc(Slots, func(x struct{ Key, Name string }) bool { return x.Key == d.App.VisitSlot }); n >= 0 {
				c.Slot = Slots[n].Name
			}
		}
		for id, sc := range d.Scores {
			c.Scores[id] = CarriedScore{sc.Score, sc.Note}
		}
		out, ids = append(out, c), append(ids, c.ID)
	}
	if len(ids) > 0 {
		err = audit.Seen(ctx, s.Log, who, who.Region, "assess.take", strings.Join(ids, " "))
	}
	return out, items, err
}

// Offline is a score that waited in a phone. ClientID counts once.
type Offline struct {
	ClientID string `json:"client_id"`
	Sent     int64  `json:"sent"`
	Visit    string `json:"visit"` // the case
	Kind     string `json:"kind"`
	Item     string `json:"item"`
	Score    int64  `json:"score"`
	Note     string `json:"note"`
	At       int64  `json:"at"` // ms of the phone's clock
}

// Took is what became of one score of a phone.
type Took struct {
	Status string `json:"status"` // stored, refused
	Say    string `json:"say,omitempty"`
}

// Sync takes the scores that waited in a phone, in their order; each is stored
// or refused by itself, and one that came before is answered as it was then.
func (s *Service) Sync(ctx context.Context, who audit.Actor, list []Offline) ([]Took, error) {
	out := make([]Took, len(list))
	if len(list) > 200 {
		return nil, fault.New(fault.Invalid, "一次最多传 200 条。")
	}
	for i, e := range list {
		if len(e.ClientID) != 36 || e.Kind != "score" {
			out[i] = Took{"refused", "这一条读不懂，请更新页面后再传。"}
			continue
		}
		at := time.UnixMilli(e.At)
		if e.Sent > 0 { // the phone's clock, corrected by how far off it is now
			at = at.Add(s.Log.DB.Now().Sub(time.UnixMilli(e.Sent)))
		}
		err := s.SaveScoreAt(ctx, who, Cmd{Region: who.Region, ID: e.Visit, Key: e.ClientID}, e.Item, e.Score, e.Note, at)
		switch f := fault.As(err); {
		case err == nil:
			out[i] = Took{Status: "stored"}
		case f.Kind == fault.Internal || f.Kind == fault.Busy:
			return nil, err
		default:
			out[i] = Took{"refused", f.Say}
		}
	}
	return out, nil
}
