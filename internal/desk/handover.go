package desk

import (
	"context"
	"fmt"
	"io"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/job"
	"yinling/internal/policy"
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

// HandedOver carries a case to the region of its fund; HandedBack its result home.
type (
	HandedOver struct {
		Case string `json:"case"`
	}
	HandedBack struct {
		Here   string `json:"here"` // region that took it
		Case   string `json:"case"` // its number there
		Status Status `json:"status"`
		Result string `json:"result"`
	}
)

// Kind names the jobs.
func (HandedOver) Kind() string { return "desk.handed_over" }
func (HandedBack) Kind() string { return "desk.handed_back" }

const (
	awayIDNo = "idno" // what the application here keeps beside the answers
	awayName = "name"
)

// TakeAway takes a matter in for a fund elsewhere: a case here at once, handed
// over by the outbox. Whether the fund takes it is decided there.
func (s *Service) TakeAway(ctx context.Context, who audit.Actor, in Away) (Receipt, error) {
	in.Region = who.Region
	body := []string{in.There, in.Matter, s.Persons.Keys.Index(who.Region, "desk.away", in.IDNo+in.Name)}
	return audit.Do(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "desk.take_away", Object: in.Matter, Key: in.Key, Body: body}, func(tx *db.Tx) (r Receipt, err error) {
		there, err := s.Packs.At(in.There, tx.Today())
		if err != nil {
			return r, fault.Field("there", "还不能替这个地区收件。请让老人打当地的 12393，或选别的地区。")
		}
		if in.There == who.Region {
			return r, fault.Field("there", "本地参保的请用「窗口收件」")
		}
		m, err := MatterOf(there, in.Matter)
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
			Action: "take", Note: fmt.Sprintf("替%s收到「%s」，转给参保地", there.Name(), m.Name), By: who})
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

// OnHandedOver opens the case there; running twice opens one. What the fund
// refuses comes back as the result here.
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
	in := ApplyInput{Region: a.OtherRegion, Key: "handover/" + region + "/" + x.Case, Matter: a.Matter, Channel: Window, Answers: a.Answers}
	for _, d := range docs {
		f, err := s.Files.Open(d)
		if err != nil {
			return err
		}
		copied, err := s.Files.Save(a.OtherRegion, d.Name, io.Reader(f), s.Log.DB.Now())
		f.Close()
		if err != nil {
			return err
		}
		in.Files = append(in.Files, FileFor{d.Kind, copied})
	}
	who := audit.Actor{ID: "handover-" + region, Name: "通办（" + region + "）", Role: "clerk", Region: a.OtherRegion}
	r, err := s.ApplyFor(ctx, who, a.Asked[awayIDNo], a.Asked[awayName], in)
	if err != nil {
		if k := fault.As(err).Kind; k == fault.Internal || k == fault.Busy {
			return err // try again
		}
		return s.OnHandedBack(ctx, HandedBack{Here: region, Case: x.Case, Status: StatusRefused, Result: fault.As(err).Say})
	}
	if err := audit.Run(ctx, s.Log, audit.System(a.OtherRegion), audit.Act{Region: a.OtherRegion, Verb: "desk.from_away", Object: r.Number}, func(tx *db.Tx) error {
		b, err := s.getApplication(tx, a.OtherRegion, r.Number)
		if err != nil {
			return err
		}
		b.Other, b.OtherRegion = x.Case, region
		if err := s.putApplication(tx, b); err != nil || b.Step != "" {
			return err
		}
		return s.back(tx, b, StatusDone) // decided on the spot
	}); err != nil {
		return err
	}
	return audit.Run(ctx, s.Log, audit.System(region), audit.Act{Region: region, Verb: "desk.given_away", Object: x.Case}, func(tx *db.Tx) error {
		a, err := s.getApplication(tx, region, x.Case)
		if err != nil || a.Other != "" {
			return err
		}
		a.Other = r.Number
		if err := s.putApplication(tx, a); err != nil {
			return err
		}
		return Note(tx, region, x.Case, Step{Stage: "there", Action: "given", Say: "参保地收到了，那边的受理号是 " + r.Number}, audit.System(region))
	})
}

// back sends the result of a case that came from elsewhere home.
func (s *Service) back(tx *db.Tx, a Application, status Status) error {
	if a.OtherRegion == "" || a.Other == "" {
		return nil
	}
	return job.Put(tx, a.Region, a.OtherRegion+"/"+a.Other, tx.Now(), HandedBack{Here: a.OtherRegion, Case: a.Other, Status: status, Result: a.Result})
}

// OnHandedBack closes the case here with the result from there.
func (s *Service) OnHandedBack(ctx context.Context, x HandedBack) error {
	return audit.Run(ctx, s.Log, audit.System(x.Here), audit.Act{Region: x.Here, Verb: "desk.back", Object: x.Case}, func(tx *db.Tx) error {
		a, err := s.getApplication(tx, x.Here, x.Case)
		if err != nil || a.Step == "" {
			return err
		}
		a.Step, a.Result, a.Since = "", x.Result, day.Day(0)
		say := "参保地办好了：" + x.Result
		if x.Status != StatusDone {
			say = "参保地没有办：" + x.Result
		}
		if _, err := Advance(tx, x.Here, x.Case, Move{Stage: StageClosed, Status: x.Status, DueWorkdays: StopDue, Action: "back", Note: say, By: audit.System(x.Here)}); err != nil {
			return err
		}
		return s.putApplication(tx, a)
	})
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
