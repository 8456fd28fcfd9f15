package outreach

import (
	"context"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
	"yinling/internal/undo"
)

// Improve is one thing to be done better (改进事项), with who sees to it and by
// when; it comes from a complaint, a rating, a follow-up call or a survey.
type Improve struct {
	Region, ID     string
	Source, Object string
	Title, What    string
	Owner          string
	Due            day.Day
	State          string // open, done, dropped
	Result         string
	Closed         day.Day
	Maker          string
	At, Version    int64
}

// Late tells whether it should have been done before today.
func (x Improve) Late(today day.Day) bool { return x.State == "open" && late(x.Due, today) }

// SourceName says where an item comes from.
func SourceName(id string) string {
	return map[string]string{"voice": "投诉建议", "rating": "差评", "followup": "回访", "survey": "知晓调查", "briefing": "宣讲", "office": "工作中发现"}[id]
}

// ImproveStates are the states in Chinese, in the order of the board.
var ImproveStates = []struct{ ID, Name string }{{"open", "在改"}, {"done", "改好了"}, {"dropped", "不改，写明理由"}}

// ImproveCount is how many items of a source stand in a state, and how many of
// them are past their day.
type ImproveCount struct {
	Source, State string
	N, Late       int64
}

// improve opens an item; its day comes from the pack (outreach.rating).
func (s *Service) improve(tx *db.Tx, v *policy.View, who audit.Actor, x Improve) (Improve, error) {
	x.Region, x.ID, x.State, x.Maker, x.At, x.Version = v.Region(), tx.NewID(), "open", who.ID, tx.Millis(), 1
	if x.Due.IsZero() {
		w, _, err := RatingRule.Decide(v, Rated{Score: 1})
		if err != nil {
			return x, err
		}
		x.Due = workdays(v, tx.Today(), w.Improve)
	}
	return x, insertImprove(tx, x)
}

// workdays is a day so many working days on, or no day while the calendar of
// that year is not out.
func workdays(v *policy.View, from day.Day, n int64) day.Day {
	d, err := v.Calendar().AddWorkdays(from, int(n))
	if err != nil {
		return 0
	}
	return d
}

// Improve opens an item that somebody at work has noticed.
func (s *Service) Improve(ctx context.Context, who audit.Actor, region, key string, x Improve) (Improve, error) {
	x.Title, x.Owner = strings.TrimSpace(x.Title), strings.TrimSpace(x.Owner)
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "outreach.improve", Object: x.Source, Key: key, Body: x}, func(tx *db.Tx) (Improve, error) {
		if x.Title == "" {
			return x, fault.Field("title", "请写要改进什么")
		}
		if x.Owner == "" {
			return x, fault.Field("owner", "请写由谁负责")
		}
		if SourceName(x.Source) == "" {
			x.Source = "office"
		}
		if !x.Due.IsZero() && x.Due < tx.Today() {
			return x, fault.Field("due", "完成日期不能早于今天")
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return x, err
		}
		return s.improve(tx, v, who, x)
	})
}

var errImproveMoved = fault.New(fault.Conflict, "您打开这一页以后，同事已经动过这个事项。请看过新的内容再办。")

// UndoImproveWord is the word under which ends of items can be taken back.
const UndoImproveWord = "outreach.improve"

// CloseImprove ends an item with what was done, or why it is not. Version is
// the one that the actor saw, 0 for any.
func (s *Service) CloseImprove(ctx context.Context, who audit.Actor, region, id, key, state, result string, version int64) (Improve, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "outreach.improved", Object: id, Key: key, Body: []string{state, result}}, func(tx *db.Tx) (Improve, error) {
		x, err := getImprove(tx, region, id)
		if err != nil {
			return x, err
		}
		result = strings.TrimSpace(result)
		switch {
		case x.State != "open":
			return x, fault.New(fault.Conflict, "这个事项%s已经办结了。", x.Closed.Chinese())
		case version != 0 && version != x.Version:
			return x, errImproveMoved
		case state != "done" && state != "dropped":
			return x, fault.Field("state", "请选改好了，还是不改")
		case result == "":
			return x, fault.Field("result", "请写做了什么，或者为什么不改")
		}
		x.State, x.Result, x.Closed = state, result, tx.Today()
		if err := saveImprove(tx, x); err != nil {
			return x, err
		}
		return x, undo.Keep(tx, region, undo.Act{Word: UndoImproveWord, Object: id, Name: state, Account: who.ID, Version: x.Version + 1}, nil)
	})
}

// UndoImprove opens an item again that was just ended, as undo.Take allows it.
func (s *Service) UndoImprove(ctx context.Context, who audit.Actor, region, id, key string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "outreach.improve_undo", Object: id, Key: key, Body: id}, func(tx *db.Tx) error {
		x, err := getImprove(tx, region, id)
		if err != nil {
			return err
		}
		var none any
		if _, err := undo.Take(tx, region, UndoImproveWord, id, who, x.Version, &none); err != nil {
			return err
		}
		x.State, x.Result, x.Closed = "open", "", 0
		return saveImprove(tx, x)
	})
}

// OneImprove reads an item.
func (s *Service) OneImprove(ctx context.Context, region, id string) (x Improve, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { x, err = getImprove(tx, region, id); return err })
	return x, err
}

// Improves lists the items of a state and a source ("" for any) by their day.
func (s *Service) Improves(ctx context.Context, region, state, source string) (xs []Improve, counts []ImproveCount, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if xs, err = improves(tx, region, state, source, 200); err == nil {
			counts, err = improveCounts(tx, region, tx.Today())
		}
		return err
	})
	return xs, counts, err
}
