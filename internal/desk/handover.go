package desk

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/job"
	"yinling/internal/policy"
	"yinling/internal/undo"
)

// HandoverWord is the domain of cases that are taken here for a fund elsewhere
// (通办): the number given here and the number there both count their days.
const HandoverWord = "handover"

var handoverDays = policy.Int("desk.handover_workdays", "通办的件几个工作日内要有结果", "个工作日")

// Away is what is taken here for somebody who is insured elsewhere.
type Away struct {
	There      string // the region of the fund
	IDNo, Name string
	ApplyInput // Region is here; Person stays empty
}

// HandedOver carries a case to the region of its fund; HandedBack its result
// home, or what the fund asks for on the way (status waiting, or open again); HandedAgain takes up every morning what was given up.
type (
	HandedOver struct {
		Case string `json:"case"`
	}
	HandedBack struct {
		Here   string `json:"here"` // region that took it
		Case   string `json:"case"` // its number there
		Number string `json:"number"`
		Status Status `json:"status"`
		Result string `json:"result"`
		At     int64  `json:"at,omitempty"` // ms; of what was asked on the way, so that the newest stands
	}
	HandedAgain struct {
		On day.Day `json:"on"`
	}
)

// Kind names the jobs.
func (HandedOver) Kind() string { return "desk.handed_over" }
func (HandedBack) Kind() string { return "desk.handed_back" }

// Kind names the job.
func (HandedAgain) Kind() string { return "desk.handed_again" }

const (
	awayIDNo = "idno" // what the application here keeps beside the answers
	awayName = "name"
	awaySaid = "said" // when the fund last said what it needs, ms
)

// TakeAway takes a matter in for a fund elsewhere: a case here at once, handed
// over by the outbox. Whether the fund takes it is decided there.
func (s *Service) TakeAway(ctx context.Context, who audit.Actor, in Away) (Receipt, error) {
	in.Region = who.Region
	place, err := s.place(ctx, who.Region, in.There)
	if err != nil {
		return Receipt{}, err
	}
	body := []string{in.There, in.Matter, s.Persons.Keys.Index(who.Region, "desk.away", in.IDNo+in.Name)}
	return audit.Do(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "desk.take_away", Object: in.Matter, Key: in.Key, Body: body}, func(tx *db.Tx) (r Receipt, err error) {
		m, err := s.MatterThere(tx.Today(), who.Region, in.There, in.Matter)
		if err != nil {
			return r, err
		}
		if m.Opens != "" || len(m.Ways(ByClerk)) == 0 {
			return r, fault.Field("matter", "「%s」不能异地代收，请打参保地的 12393", m.Name)
		}
		if strings.TrimSpace(in.Name) == "" {
			return r, fault.Field("name", "请填姓名")
		}
		if err := (Field{ID: "idno", Label: "身份证号", Kind: "idno"}).Judge(in.IDNo); err != nil {
			return r, err
		}
		if in.Answers, err = judgeAll(m.Fields, in.Answers); err != nil {
			return r, err
		}
		here, err := s.Packs.At(who.Region, tx.Today())
		if err != nil {
			return r, err
		}
		limit, _ := handoverDays.Peek(here)
		c, err := Open(tx, NewCase{Region: who.Region, Matter: HandoverWord, Topic: m.ID, Stage: "there", Channel: in.Channel, Nobody: true, DueWorkdays: limit, Calendar: here.Calendar(),
			Action: "take", Note: fmt.Sprintf("替%s收到「%s」，转给参保地", place.Name, m.Name), By: who})
		if err != nil {
			return r, err
		}
		a := Application{Region: who.Region, Case: c.ID, Matter: m.ID, Step: "there", By: ByClerk, OtherRegion: in.There, Answers: in.Answers,
			Asked: map[string]string{awayIDNo: in.IDNo, awayName: in.Name}}
		if err := s.insertApplication(tx, a); err != nil {
			return r, err
		}
		for _, f := range in.Files {
			if _, err := Attach(tx, who.Region, c.ID, f.Kind, f.Stored, who); err != nil {
				return r, err
			}
		}
		return Receipt{Number: c.ID, Matter: m.Name, Due: c.Due}, job.Put(tx, who.Region, c.ID, tx.Now(), HandedOver{c.ID})
	})
}

// OnHandedOver brings a case to its fund; running twice opens one there. What the
// fund refuses comes back as the result here.
func (s *Service) OnHandedOver(ctx context.Context, region string, x HandedOver) error {
	var a Application
	var docs []Document
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if a, err = s.getApplication(tx, region, x.Case); err == nil {
			docs, err = Documents(tx, region, x.Case)
		}
		return err
	})
	if err != nil || a.Step == "" || a.Other != "" {
		return err
	}
	carry, err := s.carrier(ctx, region, a.OtherRegion)
	if err != nil {
		return err
	}
	o := Origin{Region: region, Case: x.Case}
	for _, d := range docs {
		f, err := s.Files.Open(d)
		if err != nil {
			return err
		}
		err = carry.File(ctx, o, a.Matter, d, f)
		f.Close()
		if err != nil {
			return err
		}
	}
	got, err := carry.Case(ctx, Parcel{Origin: o, Matter: a.Matter, IDNo: a.Asked[awayIDNo], Name: a.Asked[awayName], Answers: a.Answers})
	if err != nil {
		return err
	}
	if got.Refused != "" {
		return s.TakeBack(ctx, a.OtherRegion, HandedBack{Here: region, Case: x.Case, Status: StatusRefused, Result: got.Refused})
	}
	return audit.Run(ctx, s.Log, audit.System(region), audit.Act{Region: region, Verb: "desk.given_away", Object: x.Case}, func(tx *db.Tx) error {
		a, err := s.getApplication(tx, region, x.Case)
		if err != nil || a.Other != "" {
			return err
		}
		a.Other = got.Number
		if err := s.putApplication(tx, a); err != nil {
			return err
		}
		say := "参保地收到了，那边的受理号是 " + got.Number
		if !got.Due.IsZero() {
			say += fmt.Sprintf("，%s前答复", got.Due.Short())
		}
		return Note(tx, region, x.Case, Step{Stage: "there", Action: "given", Say: say}, audit.System(region))
	})
}

// back sends the result of a case that came from elsewhere home.
func (s *Service) back(tx *db.Tx, a Application, status Status) error {
	if a.OtherRegion == "" || a.Other == "" {
		return nil
	}
	return job.Put(tx, a.Region, a.OtherRegion+"/"+a.Other, tx.Now(), HandedBack{Here: a.OtherRegion, Case: a.Other, Number: a.Case, Status: status, Result: a.Result})
}

// askHome tells the place that took a case what its fund asks for, or that it
// goes on; with a move it waits until that can no longer be taken back.
func (s *Service) askHome(tx *db.Tx, a Application, status Status, say string, m *Move) error {
	if a.OtherRegion == "" || a.Other == "" {
		return nil
	}
	x := HandedBack{Here: a.OtherRegion, Case: a.Other, Number: a.Case, Status: status, Result: say, At: tx.Millis()}
	key := fmt.Sprintf("%s/%s/%d", x.Here, x.Case, x.At)
	if m == nil || !m.Undo {
		return job.Put(tx, a.Region, key, tx.Now(), x)
	}
	l, err := undo.Put(tx, a.Region, key, x)
	m.Jobs = append(m.Jobs, l)
	return err
}

// AskedThere is when the fund elsewhere last said what it needs, ms; 0 never.
func (a Application) AskedThere() int64 {
	at, _ := strconv.ParseInt(a.Asked[awaySaid], 10, 64)
	return at
}

// OnHandedBack brings a result from a region home.
func (s *Service) OnHandedBack(ctx context.Context, region string, x HandedBack) error {
	carry, err := s.carrier(ctx, region, x.Here)
	if err != nil {
		return err
	}
	return carry.Back(ctx, x)
}

// OnHandedAgain puts what was given up, because the other side was away for
// long, back into the queue.
func (s *Service) OnHandedAgain(ctx context.Context, region string) error {
	return audit.Run(ctx, s.Log, audit.System(region), audit.Act{Region: region, Verb: "desk.handed_again", Object: HandoverWord}, func(tx *db.Tx) error {
		for _, kind := range []string{HandedOver{}.Kind(), HandedBack{}.Kind()} {
			list, err := job.Failing(tx, region, kind, 1000)
			if err != nil {
				return err
			}
			for _, f := range list {
				if _, err := job.Retry(tx, region, f.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Stuck is what has not reached the other side yet.
type Stuck struct {
	Job, Case, There string
	Back             bool // a result on its way home; otherwise a case on its way there
	Tries            int64
	GivenUp          bool
	Error            string
}

// StuckList is what was sent at least once and has not arrived, oldest first.
func (s *Service) StuckList(ctx context.Context, region string) (out []Stuck, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		for _, kind := range []string{HandedOver{}.Kind(), HandedBack{}.Kind()} {
			list, err := job.Failing(tx, region, kind, 200)
			if err != nil {
				return err
			}
			for _, f := range list {
				x := Stuck{Job: f.ID, Case: f.Key, Back: kind != HandedOver{}.Kind(), Tries: f.Tries, GivenUp: f.GivenUp, Error: f.Error}
				if x.Back {
					x.There, x.Case, _ = strings.Cut(f.Key, "/")
					x.Case, _, _ = strings.Cut(x.Case, "/")
				} else if a, err := s.getApplication(tx, region, f.Key); err == nil {
					x.There = a.OtherRegion
				}
				out = append(out, x)
			}
		}
		return nil
	})
	return out, err
}

// AwayList are the cases that were taken here for funds elsewhere, newest first.
func (s *Service) AwayList(ctx context.Context, region string, open bool, most int) (cases []Case, apps map[string]Application, err error) {
	apps = map[string]Application{}
	stage := StageClosed
	if open {
		stage = "there"
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := Worklist(tx, Filter{Region: region, Matter: HandoverWord, Stage: stage, Sort: SortNew, Size: most})
		if err != nil {
			return err
		}
		for _, c := range p.Cases {
			a, err := s.getApplication(tx, region, c.ID)
			if err != nil {
				return err
			}
			cases, apps[c.ID] = append(cases, c), a
		}
		return nil
	})
	return cases, apps, err
}
