package desk

import (
	"context"
	"fmt"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/undo"
)

var callDays = policy.Int("desk.call_workdays", "要我们打电话的，几个工作日内回电", "个工作日")

// Call is a call that is owed to somebody (回电): asked for on line («请给我打电话»)
// or noted by a clerk during another call.
type Call struct {
	Region, ID         string
	Person, Account    string
	Name, Phone, About string
	Case               string // what it is about, "" for no case
	State              CallState
	Due                day.Day // last day on which it is in time; 0: the calendar of its year is not known
	Clerk, ClerkName   string  // who took it
	Tries              int64   // how often nobody answered
	Result             string
	Done, At           int64 // milliseconds
	Version            int64
}

// CallState is where a call stands.
type CallState string

// The states: owed; in the hands of one clerk; made.
const (
	CallOpen  CallState = "open"
	CallTaken CallState = "taken"
	CallDone  CallState = "done"
)

// Late tells whether the call should have been made before.
func (c Call) Late(today day.Day) bool {
	return c.State != CallDone && !c.Due.IsZero() && c.Due < today
}

// Promise says by when the call is made, as far as that is known.
func (c Call) Promise() string {
	if c.Due.IsZero() {
		return "会打给您"
	}
	return c.Due.Short() + "前会打给您"
}

// Ask is the wish for a call.
type Ask struct {
	Person, Name, Phone, About, Case string
}

// AskCall notes that a call is owed. Who has not logged in (role public) leaves a
// name and a number; a citizen asks for themselves, or about a
// case that they may see; with a call on its way there is no second one.
func (s *Service) AskCall(ctx context.Context, who audit.Actor, key string, in Ask) (Call, error) {
	body := []string{in.Person, in.Name, in.About, in.Case, s.Persons.Keys.Index(who.Region, fieldCallPhone, in.Phone)}
	return audit.Do(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "desk.call_ask", Object: in.Case, Key: key, Body: body}, func(tx *db.Tx) (c Call, err error) {
		for _, f := range []struct {
			Field
			v string
		}{{Field{ID: "name", Label: "怎么称呼您", Kind: "text"}, in.Name}, {Field{ID: "phone", Label: "打哪个号码", Kind: "phone"}, in.Phone}, {Field{ID: "about", Label: "想问什么", Kind: "area"}, in.About}} {
			if err := f.Judge(f.v); err != nil {
				return c, err
			}
		}
		if in.Case != "" && who.Role == "public" {
			return c, errNoCase(in.Case)
		}
		if in.Case != "" {
			about, err := getCase(tx, who.Region, in.Case)
			if err != nil {
				return c, err
			}
			if in.Person = about.Person; who.Role == "citizen" {
				if _, _, err := s.subject(tx, who, about.Person); err != nil {
					return c, errNoCase(in.Case)
				}
			}
		} else if who.Role == "citizen" {
			in.Person = who.Person
		}
		if who.Role == "citizen" {
			mine, err := db.All(tx, s.scanCall, selectMine, who.Region, who.ID)
			if err != nil {
				return c, err
			}
			for _, x := range mine {
				if x.State != CallDone && x.Case == in.Case {
					return c, fault.New(fault.Conflict, "您已经要过回电了，%s，不用再要。急的话请打 12393。", x.Promise())
				}
			}
		}
		v, err := s.Packs.At(who.Region, tx.Today())
		if err != nil {
			return c, err
		}
		days, _ := callDays.Peek(v)
		c = Call{Region: who.Region, ID: tx.NewID(), Person: in.Person, Account: who.ID, Name: strings.TrimSpace(in.Name), Phone: in.Phone, About: strings.TrimSpace(in.About), Case: in.Case,
			State: CallOpen, Due: dueDay(v.Calendar(), tx.Today(), days), At: tx.Millis(), Version: 1}
		if err := s.insertCall(tx, c); err != nil || in.Case == "" {
			return c, err
		}
		return c, Note(tx, who.Region, in.Case, Step{Action: "call", Say: "请我们打电话：" + c.About}, who)
	})
}

// CallCmd is what a clerk does with a call that they saw as Version.
type CallCmd struct {
	ID, Key, Note string
	Version       int64
}

// UndoCallWord is the word under which acts on calls can be taken back.
const UndoCallWord = "desk.call"

// callBefore is what of a call an act changes.
type callBefore struct {
	State            CallState
	Clerk, ClerkName string
	Tries            int64
	Result           string
	Done             int64
}

func (s *Service) call(ctx context.Context, who audit.Actor, verb string, c CallCmd, do func(tx *db.Tx, x *Call) error) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "desk.call_" + verb, Object: c.ID, Key: c.Key, Body: c}, func(tx *db.Tx) error {
		x, err := s.getCall(tx, who.Region, c.ID)
		if err != nil {
			return err
		}
		if c.Version != 0 && c.Version != x.Version {
			return fault.New(fault.Conflict, "您打开这一页以后，同事已经动过这个回电。请看过新的内容再办。")
		}
		if x.State == CallDone {
			return fault.New(fault.Conflict, "%s已经打过了：%s", x.ClerkName, x.Result)
		}
		if x.State == CallTaken && x.Clerk != who.ID {
			return fault.New(fault.Conflict, "%s正在打这个电话。他打不了的，请他放回去。", x.ClerkName)
		}
		was := callBefore{x.State, x.Clerk, x.ClerkName, x.Tries, x.Result, x.Done}
		if err := do(tx, &x); err != nil {
			return err
		}
		if err := putCall(tx, x); err != nil {
			return err
		}
		return undo.Keep(tx, who.Region, undo.Act{Word: UndoCallWord, Object: x.ID, Name: verb, Account: who.ID, Version: x.Version + 1}, was)
	})
}

// UndoCall takes the last act on a call back, as undo.Take allows it; the
// timeline of its case says so.
func (s *Service) UndoCall(ctx context.Context, who audit.Actor, id, key string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "desk.call_undo", Object: id, Key: key, Body: id}, func(tx *db.Tx) error {
		x, err := s.getCall(tx, who.Region, id)
		if err != nil {
			return err
		}
		var was callBefore
		act, err := undo.Take(tx, who.Region, UndoCallWord, id, who, x.Version, &was)
		if err != nil {
			return err
		}
		x.State, x.Clerk, x.ClerkName, x.Tries, x.Result, x.Done = was.State, was.Clerk, was.ClerkName, was.Tries, was.Result, was.Done
		if err := putCall(tx, x); err != nil || x.Case == "" || act.Name == "take" {
			return err
		}
		return Note(tx, x.Region, x.Case, Step{Action: "undo", Say: "撤回了刚才记的电话"}, who)
	})
}

// TakeCall puts a call into one clerk's hands.
func (s *Service) TakeCall(ctx context.Context, who audit.Actor, c CallCmd) error {
	return s.call(ctx, who, "take", c, func(_ *db.Tx, x *Call) error {
		x.State, x.Clerk, x.ClerkName = CallTaken, who.ID, who.Name
		return nil
	})
}

// MissCall notes that nobody answered; the call stays owed, by anybody.
func (s *Service) MissCall(ctx context.Context, who audit.Actor, c CallCmd) error {
	return s.call(ctx, who, "miss", c, func(tx *db.Tx, x *Call) error {
		x.State, x.Clerk, x.ClerkName, x.Tries = CallOpen, "", "", x.Tries+1
		if x.Case == "" {
			return nil
		}
		return Note(tx, x.Region, x.Case, Step{Action: "call", Say: fmt.Sprintf("打了电话，第 %d 次没有人接，会再打", x.Tries)}, who)
	})
}

// EndCall notes what was said; the person reads it, too.
func (s *Service) EndCall(ctx context.Context, who audit.Actor, c CallCmd) error {
	return s.call(ctx, who, "end", c, func(tx *db.Tx, x *Call) error {
		if err := (Field{ID: "note", Label: "说了什么", Kind: "area"}).Judge(c.Note); err != nil {
			return err
		}
		x.State, x.Clerk, x.ClerkName, x.Result, x.Done = CallDone, who.ID, who.Name, strings.TrimSpace(c.Note), tx.Millis()
		if x.Case == "" {
			return nil
		}
		return Note(tx, x.Region, x.Case, Step{Action: "call", Say: "打过电话：" + x.Result}, who)
	})
}

// CallAt reads a call.
func (s *Service) CallAt(ctx context.Context, who audit.Actor, id string) (c Call, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { c, err = s.getCall(tx, who.Region, id); return err })
	return c, err
}

// Calls lists the calls that are owed, the first due first, or those that were
// made, the newest first; and how many are owed and late.
func (s *Service) Calls(ctx context.Context, region string, made bool, most int) (out []Call, owed, late int64, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if owed, err = db.One(tx, db.Value[int64], countCalls, region); err != nil {
			return err
		}
		if late, err = db.One(tx, db.Value[int64], countLate, region, tx.Today()); err != nil {
			return err
		}
		if made {
			out, err = db.All(tx, s.scanCall, selectCalled, region, most)
		} else {
			out, err = db.All(tx, s.scanCall, selectCalls, region, []string{string(CallOpen), string(CallTaken)}, most)
		}
		return err
	})
	return out, owed, late, err
}

// MyCalls are the calls that an account asked for, the newest first, and who
// they would be for when one more is asked.
func (s *Service) MyCalls(ctx context.Context, who audit.Actor) (out []Call, me person.Person, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if out, err = db.All(tx, s.scanCall, selectMine, who.Region, who.ID); err != nil || who.Person == "" {
			return err
		}
		me, err = s.Persons.Get(tx, who.Region, who.Person)
		return err
	})
	return out, me, err
}
