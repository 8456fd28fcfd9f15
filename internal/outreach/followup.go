package outreach

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"math"
	mrand "math/rand/v2"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/undo"
)

// Candidate is one thing of a week that may be followed up (回访).
type Candidate struct {
	Object, Person, Name, What string
	Key                        bool // of a key group
}

// FollowKinds are what is followed up.
var FollowKinds = []struct{ ID, Name string }{{"visit", "上门护理"}, {"case", "办结的申请"}, {"voice", "投诉和建议"}}

// FollowUp is one call to make.
type FollowUp struct {
	Region, Kind, Object, Week string
	Person, Name, What         string
	Key                        bool
	State                      string // open, done, lost
	Tries                      int64
	Again                      day.Day
	Came                       bool
	Score                      int64
	Words                      string
	Caller, CallerName         string
	Day                        day.Day
	At, Version                int64
}

// FollowName is a kind of follow-up in Chinese.
func FollowName(id string) string {
	for _, k := range FollowKinds {
		if k.ID == id {
			return k.Name
		}
	}
	return ""
}

// Drawn is one draw of a week: whoever doubts it draws again with its seed.
type Drawn struct {
	Week, Kind, Decision   string
	Seed, Key, Other, Took int64
}

// Nightly looks for publications to revise, and on Mondays draws the calls of the
// week before.
type Nightly struct {
	On day.Day `json:"on"`
}

// Kind is the job's name.
func (Nightly) Kind() string { return "outreach.nightly" }

// OnWeekly draws the calls of the week before a Monday; on other days it does
// nothing. A week is drawn once.
func (s *Service) OnWeekly(ctx context.Context, region string, on day.Day) error {
	if on.Weekday() != 1 || s.Pool == nil {
		return nil
	}
	for _, k := range FollowKinds {
		pool, err := s.Pool(ctx, region, k.ID, on-7, on-1)
		if err != nil {
			return err
		}
		var b [8]byte
		if _, err := rand.Read(b[:]); err != nil {
			return err
		}
		seed := int64(binary.BigEndian.Uint64(b[:]) & math.MaxInt64)
		if err := s.drawWeek(ctx, region, (on - 7).String(), k.ID, seed, oncePerPerson(pool)); err != nil {
			return err
		}
	}
	return nil
}

// oncePerPerson keeps the last of a person's things of a week: nobody is called
// three times because somebody came three times.
func oncePerPerson(pool []Candidate) (out []Candidate) {
	last := map[string]Candidate{}
	for _, c := range pool {
		if was, ok := last[c.Person]; !ok || c.Object > was.Object {
			last[c.Person] = c
		}
	}
	for _, c := range pool {
		if last[c.Person].Object == c.Object {
			out = append(out, c)
		}
	}
	return out
}

func (s *Service) drawWeek(ctx context.Context, region, week, kind string, seed int64, pool []Candidate) error {
	return audit.Run(ctx, s.Log, audit.System(region), audit.Act{Region: region, Verb: "outreach.draw", Object: kind + "/" + week, Detail: map[string]int64{"seed": seed, "pool": int64(len(pool))}}, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		p := Pool{Kind: kind}
		for _, c := range pool {
			if c.Key {
				p.Key++
			} else {
				p.Other++
			}
		}
		n, dec, err := SampleRule.Decide(v, p)
		if err != nil {
			return err
		}
		id, err := audit.DecideOne(tx, region, dec, kind+"/"+week)
		if err != nil {
			return err
		}
		took := Pick(pool, n, seed)
		fresh, err := insertDraw(tx, region, Drawn{week, kind, id, seed, p.Key, p.Other, int64(len(took))})
		if err != nil || !fresh {
			return err
		}
		return insertFollowUps(tx, region, week, kind, took)
	})
}

// Pick draws from a pool by a seed: the same pool and seed give the same calls,
// in whatever order the pool comes.
func Pick(pool []Candidate, n Draw, seed int64) (out []Candidate) {
	pool = slices.Clone(pool)
	slices.SortFunc(pool, func(a, b Candidate) int { return cmp.Compare(a.Object, b.Object) })
	rest := pool
	if n.Key > 0 {
		rest = nil
		for _, c := range pool {
			if c.Key {
				out = append(out, c)
			} else {
				rest = append(rest, c)
			}
		}
	}
	r := mrand.New(mrand.NewPCG(uint64(seed), 86))
	r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	return append(out, rest[:min(int64(len(rest)), n.Other)]...)
}

// Call is what came of a call.
type Call struct {
	Reached bool
	Again   day.Day // not reached: when to try again; zero: tomorrow
	Came    bool    // the service took place as recorded
	Score   int64   // 1 to 5
	Words   string
	Improve string
	Version int64 // of the follow-up that the caller saw; 0: not asked from a page
}

var errFollowMoved = fault.New(fault.Conflict, "您打开这一页以后，同事已经打过这个电话。请看过新的内容再办。")

// UndoFollowWord is the word under which results of calls can be taken back.
const UndoFollowWord = "outreach.followup"

// followBefore is what a call changes.
type followBefore struct {
	State              string
	Tries              int64
	Again              day.Day
	Came               bool
	Score              int64
	Words              string
	Caller, CallerName string
	Day                day.Day
	Improve            string // the item that the call made
}

// Called keeps a call. Who is not reached is called again, so often as the pack
// says; then the call is given up and stands as such.
func (s *Service) Called(ctx context.Context, who audit.Actor, region, kind, object, key string, c Call) (FollowUp, error) {
	act := audit.Act{Region: region, Verb: "outreach.called", Object: kind + "/" + object, Key: key, Body: c}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (x FollowUp, err error) {
		if x, err = getFollowUp(tx, region, kind, object); err != nil {
			return x, err
		}
		if x.State != "open" {
			return x, fault.New(fault.Conflict, "%s已经回访过这件了。", x.CallerName)
		}
		if c.Version != 0 && c.Version != x.Version {
			return x, errFollowMoved
		}
		was := followBefore{State: x.State, Tries: x.Tries, Again: x.Again, Came: x.Came, Score: x.Score, Words: x.Words, Caller: x.Caller, CallerName: x.CallerName, Day: x.Day}
		keep := func() error {
			if err := updateFollowUp(tx, x); err != nil {
				return err
			}
			return undo.Keep(tx, region, undo.Act{Word: UndoFollowWord, Object: kind + "/" + object, Name: x.State, Account: who.ID, Version: x.Version + 1}, was)
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return x, err
		}
		x.Tries++
		x.Caller, x.CallerName, x.Day = who.ID, who.Name, tx.Today()
		if !c.Reached {
			left, _, err := TriesRule.Decide(v, Tries{x.Tries})
			if err != nil {
				return x, err
			}
			if x.Again = c.Again; x.Again <= tx.Today() {
				x.Again = tx.Today() + 1
			}
			if left.Left == 0 {
				x.State, x.Again = "lost", 0
			}
			return x, keep()
		}
		if c.Score < 1 || c.Score > 5 {
			return x, fault.Field("score", "请选本人满意不满意")
		}
		x.State, x.Again, x.Came, x.Score, x.Words = "done", 0, c.Came, c.Score, strings.TrimSpace(c.Words)
		title := strings.TrimSpace(c.Improve)
		if title == "" && !x.Came {
			title = "回访说服务没有按记录做：" + x.Name
		}
		w, _, err := RatingRule.Decide(v, Rated{c.Score})
		if err != nil {
			return x, err
		}
		if title == "" && w.Low {
			title = "回访不满意：" + orSay(x.Words, x.What)
		}
		if title != "" {
			item, err := s.improve(tx, v, who, Improve{Source: "followup", Object: kind + "/" + object, Title: title, What: x.What, Owner: who.Name})
			if err != nil {
				return x, err
			}
			was.Improve = item.ID
		}
		return x, keep()
	})
}

// UndoCalled takes back what was noted of a call, as undo.Take allows it, with
// the item to improve that it made.
func (s *Service) UndoCalled(ctx context.Context, who audit.Actor, region, kind, object, key string) error {
	id := kind + "/" + object
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "outreach.called_undo", Object: id, Key: key, Body: id}, func(tx *db.Tx) error {
		x, err := getFollowUp(tx, region, kind, object)
		if err != nil {
			return err
		}
		var was followBefore
		if _, err := undo.Take(tx, region, UndoFollowWord, id, who, x.Version, &was); err != nil {
			return err
		}
		x.State, x.Tries, x.Again, x.Came, x.Score, x.Words = was.State, was.Tries, was.Again, was.Came, was.Score, was.Words
		x.Caller, x.CallerName, x.Day = was.Caller, was.CallerName, was.Day
		if err := updateFollowUp(tx, x); err != nil {
			return err
		}
		return dropImprove(tx, region, was.Improve)
	})
}

// FollowUps lists calls of a state and a kind ("" for any), key groups and what
// was promised first.
func (s *Service) FollowUps(ctx context.Context, region, state, kind string) (xs []FollowUp, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = followUps(tx, region, state, kind, 200); return err })
	return xs, err
}

// FollowUp reads one call to make with the telephone; the look is audited.
func (s *Service) FollowUp(ctx context.Context, who audit.Actor, region, kind, object string) (x FollowUp, phone string, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if x, err = getFollowUp(tx, region, kind, object); err != nil || x.Person == "" {
			return err
		}
		people, err := s.Persons.GetMany(tx, region, []string{x.Person})
		phone = people[x.Person].Phone
		return err
	})
	if err != nil {
		return x, "", err
	}
	return x, phone, audit.Seen(ctx, s.Log, who, region, "outreach.followup_see", kind+"/"+object)
}

// Draws lists the newest draws with their seeds; counts are the calls by state.
func (s *Service) Draws(ctx context.Context, region string) (xs []Drawn, counts map[string]int64, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if xs, err = draws(tx, region); err == nil {
			counts, err = followCounts(tx, region)
		}
		return err
	})
	return xs, counts, err
}

// VoicePool are the voices that were answered between two days, for the draw.
func (s *Service) VoicePool(ctx context.Context, region string, from, to day.Day) (out []Candidate, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		xs, err := answeredIn(tx, region, from, to)
		for _, x := range xs {
			if x.Person != "" {
				out = append(out, Candidate{Object: x.ID, Person: x.Person, Name: x.Name, What: KindName(x.Kind) + "：" + x.Brief()})
			}
		}
		return err
	})
	return out, err
}
