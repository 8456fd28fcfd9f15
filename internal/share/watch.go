package share

import (
	"context"
	"slices"
	"strings"

	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
	"yinling/internal/undo"
)

// Watched is a person of the key population on the watch list (排查名单).
type Watched struct {
	Person, Name, District, Community string
	Groups                            string // 特困、重残
	State                             string
	Should, Assessed, Enjoying        bool
	App                               string // the newest application
	Due                               day.Day
	Follower, FollowerName            string
	Contacted                         day.Day // last contact; 0: never
	Result                            string
	Next                              day.Day
	Version                           int64 // counts what people did, not the nightly computation
}

// UndoWatchWord is the word under which acts on watched persons can be taken back.
const UndoWatchWord = "share.watch"

var errWatchMoved = fault.New(fault.Conflict, "您打开这一页以后，同事已经分过或者联系过他。请看过新的内容再办。")

// watchBefore is what an act on a watched person changes.
type watchBefore struct {
	Follower, FollowerName, Result string
	Contacted, Next                day.Day
	Contact                        int64 // when the contact was that the act noted; 0 for none
}

// Contact is one contact with a watched person.
type Contact struct {
	On           day.Day
	Result, Note string
	Next         day.Day
	ActorName    string

	Version int64 // Watched.Version as the actor saw it; 0: not asked from a page
}

// BoardRow are the figures of a district; every one has a list of the same name.
type BoardRow struct {
	District                                                         string
	All, Should, Assessed, Enjoying, Untouched, Due, Overdue, Nobody int64
}

// Add sums two rows.
func (b BoardRow) Add(c BoardRow) BoardRow {
	return BoardRow{b.District, b.All + c.All, b.Should + c.Should, b.Assessed + c.Assessed, b.Enjoying + c.Enjoying, b.Untouched + c.Untouched, b.Due + c.Due, b.Overdue + c.Overdue, b.Nobody + c.Nobody}
}

// Results are what may come of a contact.
var Results = []struct{ ID, Say string }{
	{"apply", "愿意申请，帮他申请"}, {"later", "暂时不需要，以后再联系"}, {"well", "能自理，不用评估"}, {"unreached", "没有联系上"},
	{"moved", "不在本地居住"}, {"served", "已有别的照护"}, {"refuse", "本人或家人不愿意"}, {"need", "有别的需要，写在说明里"},
}

// ResultName is a result in words.
func ResultName(id string) string {
	for _, r := range Results {
		if r.ID == id {
			return r.Say
		}
	}
	return ""
}

const refreshPage = 2000

// Refresh works the watch list out anew: first who belongs on it, then who is
// still on it. Each page is an act of its own; a small region is done in one.
func (s *Service) Refresh(ctx context.Context, who audit.Actor, region string) error {
	for members, after, done := true, "", false; !done; {
		m, at := members, after // kept for a transaction that runs again
		err := audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "share.watch", Object: "watch", Body: after}, func(tx *db.Tx) error {
			members, after, done = m, at, false
			v, err := s.Packs.At(region, tx.Today())
			if err != nil {
				return err
			}
			if members {
				groups, _ := screenGroups.Peek(v)
				ids, err := s.Persons.GroupMembers(tx, region, groups, after, refreshPage)
				if err != nil {
					return err
				}
				if err := s.refresh(tx, v, region, ids); err != nil || len(ids) == refreshPage {
					after = last(ids)
					return err
				}
				members, after = false, ""
			}
			ids, err := db.All(tx, db.Value[string], watchedPage, region, after, refreshPage)
			if err != nil {
				return err
			}
			done, after = len(ids) < refreshPage, last(ids)
			return s.refresh(tx, v, region, ids)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func last(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[len(ids)-1]
}

func (s *Service) apps(tx *db.Tx, region string, ids []string) (map[string][]assess.Application, error) {
	return assess.OfMany(tx, region, ids)
}

// refresh works out where persons stand, by rule share.screen.
func (s *Service) refresh(tx *db.Tx, v *policy.View, region string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	people, err := s.Persons.GetMany(tx, region, ids)
	if err != nil {
		return err
	}
	covered, err := s.Persons.CoveragesOn(tx, region, ids, tx.Today())
	if err != nil {
		return err
	}
	apps, err := s.apps(tx, region, ids)
	if err != nil {
		return err
	}
	benefits, err := benefit.OfMany(tx, region, ids)
	if err != nil {
		return err
	}
	var put []Watched
	var drop []string
	for _, id := range ids {
		p, ok := people[id]
		in := ScreenFacts{Groups: append([]string{}, p.Groups...), Deceased: p.Deceased != 0, Today: tx.Today()}
		_, in.Covered = covered[id]
		w := Watched{Person: id, Name: p.Name, District: p.District, Community: p.Community, Groups: strings.Join(p.Groups, "、")}
		for i, a := range apps[id] { // newest first
			if i == 0 {
				w.App = a.ID
				in.Refused = a.State == assess.StateRefused || a.State == assess.StateWithdrawn
				in.Open = !in.Refused && !slices.Contains(endStates, a.State)
			}
			if a.FinalLevel >= 0 && !a.ConcludedOn.IsZero() && slices.Contains(endStates, a.State) {
				in.Concluded, in.ValidTo, in.RenewFrom, in.Below = true, a.ValidTo, a.RenewFrom, a.State == assess.StateBelow
				break
			}
		}
		for _, b := range benefits[id] {
			in.Benefit = in.Benefit || b.From <= in.Today && in.Today <= b.To
		}
		out, _, err := ScreenRule.Decide(v, in)
		if err != nil {
			return err
		}
		if !ok || out.Group == "" {
			drop = append(drop, id)
			continue
		}
		w.State, w.Should, w.Assessed, w.Enjoying, w.Due = out.State, out.Should, out.Assessed, out.Enjoying, out.Due
		put = append(put, w)
	}
	if len(drop) > 0 {
		if _, err := tx.Exec(dropWatch, region, drop); err != nil {
			return err
		}
	}
	return putWatch(tx, region, put)
}

// endStates are those from which an application does not go on by itself.
var endStates = []assess.State{assess.StateEffective, assess.StateBelow, assess.StateFinal, assess.StateRefused, assess.StateWithdrawn, assess.StateExpired}

// Board are the figures of every district.
func (s *Service) Board(ctx context.Context, region string) (rows []BoardRow, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { rows, err = board(tx, region, tx.Today()); return err })
	return rows, err
}

// WatchFilter narrows the list; empty fields are any. Which: all, should,
// uninsured, assessed, enjoying, untouched, overdue, nobody, or a state.
type WatchFilter struct {
	District, Community, Follower, Which string
	After                                string // the last person of the page before
}

// Watching lists watched persons by district and community.
func (s *Service) Watching(ctx context.Context, region string, f WatchFilter, limit int) (list []Watched, places []string, err error) {
	if f.Which == "" {
		f.Which = "should"
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		var at Watched
		if f.After != "" {
			if at, err = watchOf(tx, region, f.After); err != nil {
				return err
			}
		}
		if list, err = db.All(tx, scanWatch, listWatch, region, f.District, f.Community, f.Follower, f.Which, tx.Today(), f.After, at.District, at.Community, limit); err != nil || f.District == "" {
			return err
		}
		places, err = db.All(tx, db.Value[string], communities, region, f.District)
		return err
	})
	return list, places, err
}

// WatchedOne is a watched person with all contacts, newest first.
func (s *Service) WatchedOne(ctx context.Context, region, id string) (w Watched, list []Contact, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if w, err = watchOf(tx, region, id); err != nil {
			return err
		}
		list, err = db.All(tx, scanContact, contactsOf, region, id)
		return err
	})
	return w, list, err
}

// watch runs one act on one watched person, which can be taken back.
func (s *Service) watch(ctx context.Context, who audit.Actor, region, id, key, verb string, version int64, body any, fn func(tx *db.Tx, w *Watched, was *watchBefore) error) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: verb, Object: id, Key: key, Body: body}, func(tx *db.Tx) error {
		w, err := watchOf(tx, region, id)
		if err != nil {
			return err
		}
		if version != 0 && version != w.Version {
			return errWatchMoved
		}
		was := watchBefore{Follower: w.Follower, FollowerName: w.FollowerName, Result: w.Result, Contacted: w.Contacted, Next: w.Next}
		if err := fn(tx, &w, &was); err != nil {
			return err
		}
		if err := follow(tx, region, w); err != nil {
			return err
		}
		return undo.Keep(tx, region, undo.Act{Word: UndoWatchWord, Object: id, Name: verb, Account: who.ID, Version: w.Version + 1}, was)
	})
}

// Assign gives a watched person to a follower (跟踪人), who is to see them by a
// day; a day that is agreed already stays.
func (s *Service) Assign(ctx context.Context, who audit.Actor, region, id, key, follower, name string, next day.Day, version int64) error {
	return s.watch(ctx, who, region, id, key, "share.assign", version, []any{follower, next}, func(tx *db.Tx, w *Watched, _ *watchBefore) error {
		switch {
		case follower == "" || name == "":
			return fault.Field("follower", "请选跟踪人")
		case next != 0 && next < tx.Today():
			return fault.Field("next", "联系的日子已经过去，请选今天或以后")
		}
		w.Follower, w.FollowerName = follower, name
		if w.Next == 0 {
			w.Next = next
		}
		return nil
	})
}

// Touch records a contact: what came of it, and when the next one is due. With
// no next day the rule's time counts.
func (s *Service) Touch(ctx context.Context, who audit.Actor, region, id, key string, c Contact) error {
	return s.watch(ctx, who, region, id, key, "share.contact", c.Version, c, func(tx *db.Tx, w *Watched, was *watchBefore) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		c.On = tx.Today()
		if ResultName(c.Result) == "" {
			return fault.Field("result", "请选联系的结果")
		}
		if c.Result == "need" && c.Note == "" {
			return fault.Field("note", "请写他需要什么")
		}
		if c.Next == 0 {
			if c.Next, err = nextContact(v, c); err != nil {
				return err
			}
		}
		if c.Next <= c.On {
			return fault.Field("next", "下次联系要在今天以后")
		}
		was.Contact = tx.Millis()
		if _, err := tx.Exec(putContact, region, id, was.Contact, c.On, c.Result, c.Note, c.Next, who.ID, who.Name); err != nil {
			return err
		}
		w.Contacted, w.Result, w.Next = c.On, c.Result, c.Next
		return nil
	})
}

// UndoWatch takes the last act on a watched person back, as undo.Take allows it:
// whom they were given to, or the contact that was noted.
func (s *Service) UndoWatch(ctx context.Context, who audit.Actor, region, id, key string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "share.watch_undo", Object: id, Key: key, Body: id}, func(tx *db.Tx) error {
		w, err := watchOf(tx, region, id)
		if err != nil {
			return err
		}
		var was watchBefore
		if _, err := undo.Take(tx, region, UndoWatchWord, id, who, w.Version, &was); err != nil {
			return err
		}
		w.Follower, w.FollowerName, w.Result, w.Contacted, w.Next = was.Follower, was.FollowerName, was.Result, was.Contacted, was.Next
		if err := follow(tx, region, w); err != nil || was.Contact == 0 {
			return err
		}
		_, err = tx.Exec(dropContact, region, id, was.Contact)
		return err
	})
}

// nextContact is when somebody is to be looked after again (L-55 定期排查和跟踪).
func nextContact(v *policy.View, c Contact) (day.Day, error) {
	months, days := contactMonths.In(v), unreachedRetry.In(v)
	if v.Err() != nil {
		return 0, v.Err()
	}
	if c.Result == "unreached" {
		return c.On.AddDays(int(days)), nil
	}
	return c.On.AddMonths(int(months)), nil
}
