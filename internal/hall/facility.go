package hall

import (
	"context"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
)

// Item is a facility of a place as the last inspection found it; a zero
// Checked was never looked at.
type Item struct {
	Facility
	Place       string
	State       string // good, broken, missing; "": never looked at
	Checked     day.Day
	Due         day.Day // when it must be looked at again, or be mended
	Note, Photo string
	ByName      string
	Decision    string
}

// Late tells whether it should have been looked at, or mended, before today.
func (i Item) Late(today day.Day) bool { return i.Checked.IsZero() || i.Due < today }

// StateName is a state in Chinese.
func StateName(state string) string {
	return map[string]string{"good": "好的", "broken": "坏了", "missing": "没有", "": "还没看过"}[state]
}

// Checklist is a place with all that it must have.
type Checklist struct {
	Place
	Items []Item
}

// Late counts what is overdue.
func (c Checklist) Late(today day.Day) (n int) {
	for _, i := range c.Items {
		if i.Late(today) {
			n++
		}
	}
	return n
}

// Bad counts what is broken or missing.
func (c Checklist) Bad() (n int) {
	for _, i := range c.Items {
		if i.State == "broken" || i.State == "missing" {
			n++
		}
	}
	return n
}

// Checklists reads what every place of a region must have and has; place ""
// is all of them.
func (s *Service) Checklists(ctx context.Context, region, place string) (out []Checklist, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		must, _ := facilities.Peek(v)
		places, err := db.All(tx, scanPlace, getPlaces, region)
		if err != nil {
			return err
		}
		if place != "" {
			p, err := placeOf(tx, region, place)
			if err != nil {
				return err
			}
			places = []Place{p}
		}
		found, err := itemsOf(tx, region, place)
		if err != nil {
			return err
		}
		for _, p := range places {
			c := Checklist{Place: p}
			for _, f := range must {
				if !f.Places.Has(p.checklist()) {
					continue
				}
				i := found[[2]string{p.ID, f.ID}]
				i.Facility, i.Place = f, p.ID
				c.Items = append(c.Items, i)
			}
			out = append(out, c)
		}
		return nil
	})
	return out, err
}

// Look is what an inspection found.
type Look struct {
	Place, Item, State, Note string
	Photo                    *desk.Stored // may be nil when all is well
}

// Check records the inspection of one facility (设施检查); rule hall.check gives
// the day by which it must be seen again or mended. What is broken or missing
// needs a word; a photo is registered as evidence of the place.
func (s *Service) Check(ctx context.Context, who audit.Actor, region, key string, in Look) (Item, error) {
	act := audit.Act{Region: region, Verb: "hall.check", Object: in.Place, Key: key, Body: in}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (i Item, err error) {
		p, err := placeOf(tx, region, in.Place)
		if err != nil {
			return i, err
		}
		in.Note = strings.TrimSpace(in.Note)
		if !slices.Contains([]string{"good", "broken", "missing"}, in.State) {
			return i, fault.Field("state", "请选这样设施是好的、坏了还是没有")
		}
		if in.State != "good" && in.Note == "" {
			return i, fault.Field("note", "请写清楚哪里坏了、缺什么，谁去补")
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return i, err
		}
		due, dec, err := CheckRule.Decide(v, CheckFacts{Place: p.checklist(), Item: in.Item, State: in.State})
		if err != nil {
			return i, err
		}
		i = Item{Place: p.ID, State: in.State, Checked: tx.Today(), Due: tx.Today().AddDays(int(due.DueDays)), Note: in.Note, ByName: who.Name}
		i.ID = in.Item
		if in.Photo != nil {
			doc, err := desk.Attach(tx, region, evidence(p.ID), "photo", *in.Photo, who)
			if err != nil {
				return i, err
			}
			i.Photo = doc.ID
		}
		if i.Decision, err = audit.DecideOne(tx, region, dec, p.ID+"/"+in.Item); err != nil {
			return i, err
		}
		return i, putItem(tx, region, i, who.ID)
	})
}

// evidence is the object under which the photos of a place are registered.
func evidence(place string) string { return "hall:" + place }

// Photo reads the registration of a photo of a place.
func (s *Service) Photo(ctx context.Context, region, place, doc string) (d desk.Document, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		d, err = desk.GetDocument(tx, region, doc)
		if err == nil && d.Case != evidence(place) {
			return fault.New(fault.NotFound, "没有找到这张照片。")
		}
		return err
	})
	return d, err
}

// Past lists the last inspections of a place, the newest first.
func (s *Service) Past(ctx context.Context, region, place string) (out []Item, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { out, err = pastOf(tx, region, place); return err })
	return out, err
}
