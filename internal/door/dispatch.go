package door

import (
	"context"
	"fmt"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/sms"
	"yinling/internal/undo"
)

// Lists of the dispatcher (派单).
const (
	Waiting    = "wait"       // to come, and the helper is not sent out at present
	Coming     = "coming"     // to come
	Unrecorded = "unrecorded" // the day is over and nobody wrote what came of it
	NotMet     = "missed"     // nobody was met, and there is no other appointment
)

// Job is a visit for the dispatcher, with who goes and to whom.
type Job struct {
	Visit
	Helper Helper
	Who    person.Person
}

// DispatchList are the visits of a list and a district ("" for any) by their
// day, and how many each list has in all districts.
func (s *Service) DispatchList(ctx context.Context, region, which, district string, most int) (out []Job, n map[string]int, err error) {
	n = map[string]int{}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		helpers, err := s.helpersByID(tx, region)
		if err != nil {
			return err
		}
		visits, err := dispatchable(tx, region, tx.Today(), tx.Today()-60)
		if err != nil {
			return err
		}
		var ids, missed []string
		for _, v := range visits {
			if v.Status == Missed {
				missed = append(missed, v.Person)
			}
		}
		last, err := lastOf(tx, region, missed)
		if err != nil {
			return err
		}
		for _, v := range visits {
			in := listOf(v, helpers[v.Helper], tx.Today())
			if in == NotMet && last[v.purpose()] != v.ID {
				continue // there is another appointment
			}
			if n[in]++; in == which && (district == "" || v.District == district) && len(out) < most {
				out, ids = append(out, Job{Visit: v, Helper: helpers[v.Helper]}), append(ids, v.Person)
			}
		}
		people, err := s.Persons.GetMany(tx, region, ids)
		for i := range out {
			out[i].Who = people[out[i].Person]
		}
		return err
	})
	return out, n, err
}

func listOf(v Visit, h Helper, today day.Day) string {
	switch {
	case v.Status == Missed:
		return NotMet
	case v.On < today:
		return Unrecorded
	case !h.Active:
		return Waiting
	}
	return Coming
}

func (s *Service) helpersByID(tx *db.Tx, region string) (map[string]Helper, error) {
	all, err := helpersOf(tx, region)
	out := make(map[string]Helper, len(all))
	for _, h := range all {
		out[h.ID] = h
	}
	return out, err
}

// Rest sends a helper out no more, or again: what they were to do waits for
// another helper (等派).
func (s *Service) Rest(ctx context.Context, who audit.Actor, region, key, id string, active bool) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "door.rest", Object: id, Key: key, Body: []any{id, active}}, func(tx *db.Tx) error {
		all, err := s.helpersByID(tx, region)
		if err != nil {
			return err
		}
		h, ok := all[id]
		if !ok {
			return fault.Field("helper", "请选哪一位帮办员")
		}
		h.Active = active
		return putHelper(tx, region, h)
	})
}

// UndoDispatchWord is the word under which acts of the dispatcher can be taken back.
const UndoDispatchWord = "door.dispatch"

// dispatched is what of a visit the dispatcher changes.
type dispatched struct{ Helper, Status, Decision, Result string }

// The messages to who is waited for; they go out when they hold.
var (
	textOther = sms.New("door.other", "上门换人", "{name}您好，{date}上门的人改成{who}，带证件，不收钱。有事打12393。")
	textOff   = sms.New("door.off", "上门取消", "{name}您好，{date}的上门取消了。要另约请打12393。")
)

// Send gives a visit to another helper: the one that rule door.dispatch finds,
// or with to the one that is named, if the rule lets them go. Version is the one
// that the actor saw, 0 for any.
func (s *Service) Send(ctx context.Context, who audit.Actor, region, id, key, to string, version int64) (Visit, error) {
	return s.dispatch(ctx, who, region, id, key, "door.send", version, to, func(tx *db.Tx, x *Visit, p person.Person) (string, *sms.Text, error) {
		if to == x.Helper {
			return "", nil, fault.Field("helper", "现在就是派他去，请选别人")
		}
		h, decision, err := s.pick(tx, region, p, visitMatter, x.On, x.Part, func(h Helper) bool { return h.ID != x.Helper && (to == "" || h.ID == to) })
		if err != nil {
			return "", nil, err
		}
		if x.Decision, err = audit.DecideOne(tx, region, decision, x.ID); err != nil {
			return "", nil, err
		}
		x.Helper = h.ID
		return h.Name, textOther, nil
	})
}

// CallOff cancels a visit; the case of it goes on and can have another.
func (s *Service) CallOff(ctx context.Context, who audit.Actor, region, id, key, why string, version int64) (Visit, error) {
	return s.dispatch(ctx, who, region, id, key, "door.call_off", version, why, func(_ *db.Tx, x *Visit, _ person.Person) (string, *sms.Text, error) {
		if why = strings.TrimSpace(why); why == "" {
			return "", nil, fault.Field("why", "请写为什么取消")
		}
		x.Status, x.Result = Off, why
		return "", textOff, nil
	})
}

// dispatch runs one act of the dispatcher on a visit that nobody has set out for.
func (s *Service) dispatch(ctx context.Context, who audit.Actor, region, id, key, verb string, version int64, body any, fn func(*db.Tx, *Visit, person.Person) (string, *sms.Text, error)) (Visit, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: verb, Object: id, Key: key, Body: []any{id, body}}, func(tx *db.Tx) (x Visit, err error) {
		if x, err = getVisit(tx, region, id); err != nil {
			return x, err
		}
		switch {
		case version != 0 && version != x.Version:
			return x, errMoved
		case x.Status != Planned:
			return x, fault.New(fault.Conflict, "这次上门已经记过了：%s。", StatusName(x.Status))
		case x.SetOut > 0:
			return x, fault.New(fault.Conflict, "帮办员已经出发，不能改派。请打电话给他。")
		}
		p, err := s.Persons.Get(tx, region, x.Person)
		if err != nil {
			return x, err
		}
		was := dispatched{x.Helper, x.Status, x.Decision, x.Result}
		name, text, err := fn(tx, &x, p)
		if err != nil {
			return x, err
		}
		if err := sendVisit(tx, region, x); err != nil {
			return x, err
		}
		say, values := "上门取消了："+x.Result, []any{p.Name, x.On.Short()}
		if name != "" {
			say, values = "改由"+name+"上门", append(values, name)
		}
		if err := s.note(tx, region, x, say, who); err != nil {
			return x, err
		}
		told := desk.Told{Case: x.Case, Person: x.Person, Text: text.Say(values...), At: tx.Millis()}
		later, err := undo.Put(tx, region, fmt.Sprintf("%s %s-%d", verb, x.ID, told.At), told)
		if err != nil {
			return x, err
		}
		x.Version++
		return x, undo.Keep(tx, region, undo.Act{Word: UndoDispatchWord, Object: x.ID, Name: verb, Account: who.ID, Version: x.Version, Jobs: []undo.Later{later}}, was)
	})
}

// UndoDispatch takes the dispatcher's last act on a visit back, as undo.Take
// allows it: the one who was to go goes.
func (s *Service) UndoDispatch(ctx context.Context, who audit.Actor, region, id, key string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "door.dispatch_undo", Object: id, Key: key, Body: id}, func(tx *db.Tx) error {
		x, err := getVisit(tx, region, id)
		if err != nil {
			return err
		}
		var was dispatched
		if _, err := undo.Take(tx, region, UndoDispatchWord, id, who, x.Version, &was); err != nil {
			return err
		}
		x.Helper, x.Status, x.Decision, x.Result = was.Helper, was.Status, was.Decision, was.Result
		if err := sendVisit(tx, region, x); err != nil {
			return err
		}
		return s.note(tx, region, x, "撤回了刚才的改派或取消", who)
	})
}

// note puts what happened into the timeline of the case, where there is one.
func (s *Service) note(tx *db.Tx, region string, x Visit, say string, who audit.Actor) error {
	if x.Case == "" {
		return nil
	}
	return desk.Note(tx, region, x.Case, desk.Step{Action: "door", Say: say}, who)
}
