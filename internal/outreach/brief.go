package outreach

import (
	"context"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Briefing is a talk about the policy (宣讲): where, before whom, what was asked.
type Briefing struct {
	Region, ID        string
	Title, Place      string
	District          string
	Day               day.Day
	Audience, Speaker string
	People            int64
	Questions         string
	Maker             string
	At                int64
}

// Brief keeps a briefing that was held.
func (s *Service) Brief(ctx context.Context, who audit.Actor, region, key string, x Briefing) (Briefing, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "outreach.brief", Object: x.Place, Key: key, Body: x}, func(tx *db.Tx) (Briefing, error) {
		for _, f := range []struct{ v, field, say string }{{x.Title, "title", "请写讲了什么"}, {x.Place, "place", "请写在哪里讲的"}, {x.Speaker, "speaker", "请写谁讲的"}} {
			if strings.TrimSpace(f.v) == "" {
				return x, fault.Field(f.field, "%s", f.say)
			}
		}
		switch {
		case AudienceName(x.Audience) == "":
			return x, fault.Field("audience", "请选讲给谁听")
		case x.Day.IsZero() || x.Day > tx.Today():
			return x, fault.Field("day", "请填讲过的那一天，今天或以前")
		case x.People < 1:
			return x, fault.Field("people", "请填到了多少人")
		}
		x.Region, x.ID, x.Maker, x.At = region, tx.NewID(), who.Name, tx.Millis()
		return x, insertBriefing(tx, x)
	})
}

// Briefings lists what was held from a day on, the newest first.
func (s *Service) Briefings(ctx context.Context, region string, from day.Day) (xs []Briefing, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { xs, err = briefings(tx, region, from); return err })
	return xs, err
}

// SurveySheet is one answered sheet of the knowledge survey; no name is kept.
type SurveySheet struct {
	Channel  string // phone, paper, online
	District string
	Chosen   map[string]int64
}

// SurveyChannels are how a sheet is answered.
var SurveyChannels = []struct{ ID, Name string }{{"phone", "电话"}, {"paper", "纸质"}, {"online", "网上"}}

// Questions are the survey's questions on the day, nil where the region has none.
func (s *Service) Questions(region string, on day.Day) []Question {
	v, err := s.Packs.At(region, on)
	if err != nil {
		return nil
	}
	qs, _ := knowledgeKey.Peek(v)
	return qs
}

// Surveyed keeps one sheet, weighed by rule outreach.known.
func (s *Service) Surveyed(ctx context.Context, who audit.Actor, region, key string, in SurveySheet) (Known, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: region, Verb: "outreach.survey", Object: in.Channel, Key: key, Body: in}, func(tx *db.Tx) (k Known, err error) {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return k, err
		}
		for _, q := range s.Questions(region, tx.Today()) {
			if n := in.Chosen[q.ID]; n < 1 || n > int64(len(q.Options)) {
				return k, fault.Field(q.ID, "请选一个答案，不知道就选不知道")
			}
		}
		k, dec, err := KnownRule.Decide(v, Answers{in.Chosen})
		if err != nil {
			return k, err
		}
		id := tx.NewID()
		d, err := audit.DecideOne(tx, region, dec, id)
		if err != nil {
			return k, err
		}
		return k, insertSurvey(tx, region, id, in, k, d, who.Name)
	})
}

// KnowRate is how many of those asked know the policy, in a month or a district.
type KnowRate struct {
	Name  string
	N     int64
	Knows int64
}

// Percent is the share in whole percent.
func (x KnowRate) Percent() int64 {
	if x.N == 0 {
		return 0
	}
	return (x.Knows*100 + x.N/2) / x.N
}

// KnowRates is how many know the policy (政策知晓率), from a month on: by month, by
// district and by how they were asked.
type KnowRates struct{ Months, Districts, Ways []KnowRate }

// Known reads the rates from a month on.
func (s *Service) Known(ctx context.Context, region string, from day.Month) (x KnowRates, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		for _, by := range []struct {
			to *[]KnowRate
			q  string
		}{{&x.Months, knowByMonth}, {&x.Districts, knowByPlace}, {&x.Ways, knowByWay}} {
			if *by.to, err = knowRates(tx, by.q, region, from); err != nil {
				return err
			}
		}
		return nil
	})
	return x, err
}

// SurveyChannel is a way of asking in Chinese.
func SurveyChannel(id string) string {
	for _, c := range SurveyChannels {
		if c.ID == id {
			return c.Name
		}
	}
	return id
}

// Briefing reads one briefing with its photographs.
func (s *Service) Briefing(ctx context.Context, region, id string) (x Briefing, files []Media, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if x, err = getBriefing(tx, region, id); err == nil {
			files, err = mediaOf(tx, region, briefCase(id))
		}
		return err
	})
	return x, files, err
}

// Photo adds a photograph to a briefing that was held.
func (s *Service) Photo(ctx context.Context, who audit.Actor, region, id, key string, in MediaIn) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "outreach.photo", Object: id, Key: key, Body: []string{in.SHA256, in.Alt}}, func(tx *db.Tx) error {
		if _, err := getBriefing(tx, region, id); err != nil {
			return err
		}
		if formOf(in.Mime) != "picture" {
			return fault.Field("file", "这里只收照片")
		}
		return keep(tx, region, briefCase(id), "briefing", in, who)
	})
}
