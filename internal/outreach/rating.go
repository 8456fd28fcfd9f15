package outreach

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

// Rating is what a person thinks of one case or one visit (好差评).
type Rating struct {
	Region, Kind, Object    string // visit, case, voice or ticket, and which
	Score                   int64  // 1 very bad … 5 very good
	Words                   string
	Person, Account         string
	Desk, DeskName          string // the account at the agency that handled it
	Window, WindowName      string // of the hall
	Staff, StaffName        string
	Inst, InstName, Insurer string
	Day                     day.Day
	Low                     bool
	Due                     day.Day // a bad rating is answered by then
	Answer                  string
	Answered                day.Day
	AnsweredBy              string
	Decision                string
	At                      int64
}

// Rate keeps a rating; the face has made sure that the person may rate the
// object and says who was part of it. The words may be added or changed on the
// same day; the score of a day that is over stands. A bad rating becomes an item
// to improve, once.
func (s *Service) Rate(ctx context.Context, who audit.Actor, region, key string, x Rating) (Rating, error) {
	x.Region, x.Words = region, strings.TrimSpace(x.Words)
	if len([]rune(x.Words)) > 500 {
		return x, fault.Field("words", "写得太长了，请减到 500 字以内")
	}
	act := audit.Act{Region: region, Verb: "outreach.rate", Object: x.Kind + "/" + x.Object, Key: key, Body: []any{x.Kind, x.Object, x.Score, x.Words}}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Rating, error) {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return x, err
		}
		w, dec, err := RatingRule.Decide(v, Rated{x.Score})
		if err != nil {
			return x, err
		}
		was, err := getRating(tx, region, x.Kind, x.Object)
		known := err == nil
		if err != nil && !fault.Is(err, fault.NotFound) {
			return x, err
		}
		if known && (was.Day != tx.Today() || !was.Answered.IsZero()) {
			return x, fault.New(fault.Conflict, "您%s已经评价过了。还有话要说，可以写投诉或建议。", was.Day.Chinese())
		}
		if x.Decision, err = audit.DecideOne(tx, region, dec, x.Object); err != nil {
			return x, err
		}
		x.Account, x.Day, x.Low, x.At = who.ID, tx.Today(), w.Low, tx.Millis()
		if w.Low {
			x.Due = workdays(v, tx.Today(), w.Answer)
		}
		if err := putRating(tx, x); err != nil {
			return x, err
		}
		if w.Low && !(known && was.Low) {
			_, err = s.improve(tx, v, who, Improve{Source: "rating", Object: x.Kind + "/" + x.Object, Title: "差评：" + orSay(x.Words, Scores[x.Score-1]),
				What: strings.Join(slices.DeleteFunc([]string{x.InstName, x.StaffName, x.WindowName, x.DeskName}, func(s string) bool { return s == "" }), "，"), Owner: orSay(x.InstName, orSay(x.DeskName, orSay(x.WindowName, "经办窗口")))})
		}
		return x, err
	})
}

// Handled is who at the agency worked last on a case, for its rating. The last
// step of a person that is not the applicant's counts.
func (s *Service) Handled(ctx context.Context, region, id string) (account, name string, c desk.Case, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if c, err = desk.Get(tx, region, id); err != nil {
			return err
		}
		steps, err := desk.Steps(tx, region, id)
		for _, st := range steps {
			if st.Actor != "" && st.Actor != "system" && slices.Contains([]string{"accept", "publish", "deliver", "effect", "refuse", "take", "answer", "decide"}, st.Action) {
				account, name = st.Actor, st.ActorName
			}
		}
		return err
	})
	return account, name, c, err
}

// Rated reads the rating of an object; NotFound for none.
func (s *Service) RatingOf(ctx context.Context, region, kind, object string) (x Rating, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { x, err = getRating(tx, region, kind, object); return err })
	return x, err
}

// AnswerRating answers a bad rating; the person is told that there is an answer.
// Who was rated does not answer (rule outreach.handler).
func (s *Service) AnswerRating(ctx context.Context, who audit.Actor, region, kind, object, key, text string) (Rating, error) {
	text = strings.TrimSpace(text)
	act := audit.Act{Region: region, Verb: "outreach.answer_rating", Object: kind + "/" + object, Key: key, Body: text}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (Rating, error) {
		x, err := getRating(tx, region, kind, object)
		switch {
		case err != nil:
			return x, err
		case !x.Low:
			return x, fault.New(fault.Refused, "这不是差评，不用答复。")
		case !x.Answered.IsZero():
			return x, fault.New(fault.Conflict, "%s已经答复过了。", x.AnsweredBy)
		case len([]rune(text)) < 6:
			return x, fault.Field("text", "请写联系本人以后知道的情况、怎样处理")
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return x, err
		}
		h := Handler{Account: who.ID, Role: who.Role, Institution: who.Institution, AgainstID: x.Desk, AgainstInst: x.Inst, Author: x.Account, Involved: []string{}, Earlier: []string{}}
		if x.Insurer != "" {
			h.Against = "insurer"
		}
		_, dec, err := HandlerRule.Decide(v, h)
		if err != nil {
			return x, err
		}
		if _, err := audit.DecideOne(tx, region, dec, object); err != nil {
			return x, err
		}
		x.Answer, x.Answered, x.AnsweredBy = text, tx.Today(), who.Name
		if err := answerRating(tx, x); err != nil {
			return x, err
		}
		if x.Person == "" {
			return x, nil
		}
		p, err := s.Persons.Get(tx, region, x.Person)
		if err != nil {
			return x, err
		}
		return x, s.tell(tx, Voice{Region: region, ID: object, Person: x.Person, Name: p.Name}, TextRated)
	})
}

// RatingsOf reads the ratings of many objects of a kind, by object.
func (s *Service) RatingsOf(ctx context.Context, region, kind string, objects []string) (out map[string]Rating, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { out, err = ratingsOf(tx, region, kind, objects); return err })
	return out, err
}

// Ratings lists ratings of the office: «low» bad ones that wait for an answer,
// «answered» bad ones that have one, «all» the newest; of a kind, "" for any.
func (s *Service) Ratings(ctx context.Context, region, which, kind string) (xs []Rating, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = ratings(tx, region, which, kind, 200); return err })
	return xs, err
}

// RatingAt reads one rating.
func (s *Service) RatingAt(ctx context.Context, region, kind, object string) (x Rating, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { x, err = getRating(tx, region, kind, object); return err })
	return x, err
}

// RatingsAt lists the ratings of an institution, the newest first. Who rated is
// not part of it.
func (s *Service) RatingsAt(ctx context.Context, region, inst string) (xs []Rating, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = ratingsAt(tx, region, inst, 100); return err })
	for i := range xs {
		xs[i].Person, xs[i].Account, xs[i].Object = "", "", ""
	}
	return xs, err
}

// Standing is how somebody is rated: always with how many ratings it comes from.
type Standing struct {
	Who   string // window, desk, staff, inst, insurer
	ID    string
	Name  string
	N     int64 // ratings
	Good  int64 // 满意 or better
	Low   int64
	Total int64 // sum of the scores
}

// Say is the standing in words; no mean is ever told without its count.
func (x Standing) Say() string {
	if x.N == 0 {
		return "还没有人评价"
	}
	return itoa(x.N) + " 人评价，" + itoa(x.Good) + " 人满意"
}

// Permille is the share of the satisfied.
func (x Standing) Permille() int64 {
	if x.N == 0 {
		return 0
	}
	return x.Good * 1000 / x.N
}

// Standings sums the ratings from a day on, per window, carer, institution and
// insurer.
func (s *Service) Standings(ctx context.Context, region string, from day.Day) (xs []Standing, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = standings(tx, region, from); return err })
	return xs, err
}
