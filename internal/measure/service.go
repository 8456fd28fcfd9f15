package measure

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Service keeps the ledger.
type Service struct {
	Log   *audit.Log
	Packs *policy.Set
	Files *desk.Files
}

// line works out one duty for a unit.
func (s sight) line(d Duty, u Unit, p Plan, rs []Report) (l Line, dec policy.Decision, err error) {
	l = Line{Duty: d, Due: DueOf(d, u), Plan: p}
	for _, r := range rs {
		if r.On <= s.view.On() {
			l.Reports = append(l.Reports, r)
		}
	}
	l.State, dec, err = StateRule.Decide(s.view, facts(d.ID, u.ID, p, rs))
	return l, dec, err
}

func (s sight) ledger(tx *db.Tx, u Unit) (out Ledger, err error) {
	out = Ledger{Unit: u, On: s.view.On()}
	ps, err := plans(tx, u.ID)
	if err != nil {
		return out, err
	}
	rs, err := reports(tx, u.ID)
	if err != nil {
		return out, err
	}
	for _, d := range s.duties {
		l, _, err := s.line(d, u, ps[d.ID], rs[d.ID])
		if err != nil {
			return out, err
		}
		out.Lines = append(out.Lines, l)
	}
	return out, nil
}

// see is the sight of the actor's region on a day (zero: today), and the unit
// asked for (empty: the own one). NotFound: a unit that is not below.
func (s *Service) see(tx *db.Tx, region, unit string, on day.Day) (x sight, err error) {
	if on.IsZero() {
		on = tx.Today()
	}
	if x, err = look(s.Packs, region, on); err != nil {
		return x, err
	}
	if unit == "" || unit == x.unit.ID {
		return x, nil
	}
	below := x.below(s.Packs, region)
	i := slices.IndexFunc(below, func(u Unit) bool { return u.ID == unit })
	if i < 0 {
		return x, fault.New(fault.NotFound, "没有这个下级地区，或它的台账不归您看。")
	}
	x.unit = below[i]
	return x, nil
}

// Ledger is the ledger of the own region, or of a unit below it, on a day
// (zero: today). NotFound: no document lays duties on it.
func (s *Service) Ledger(ctx context.Context, region, unit string, on day.Day) (out Ledger, below []Unit, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		x, err := s.see(tx, region, unit, on)
		if err != nil {
			return err
		}
		below = x.below(s.Packs, region)
		out, err = x.ledger(tx, x.unit)
		return err
	})
	return out, below, err
}

// Matrix is every unit below the region against every duty on a day.
func (s *Service) Matrix(ctx context.Context, region string, on day.Day) (m Matrix, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		x, err := s.see(tx, region, "", on)
		if err != nil {
			return err
		}
		m = Matrix{Region: region, Name: x.view.Name(), On: x.view.On(), Duties: x.duties}
		for _, u := range x.below(s.Packs, region) {
			l, err := x.ledger(tx, u)
			if err != nil {
				return err
			}
			m.Units = append(m.Units, l)
		}
		return nil
	})
	return m, err
}

// One is a duty of the own region or of a unit below, with its evidence and why
// it stands as it does.
func (s *Service) One(ctx context.Context, region, unit, duty string, on day.Day) (out One, why policy.Explanation, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		x, err := s.see(tx, region, unit, on)
		if err != nil {
			return err
		}
		d, err := x.duty(duty)
		if err != nil {
			return err
		}
		p, err := planOf(tx, x.unit.ID, duty)
		if err != nil {
			return err
		}
		rs, err := db.All(tx, scanReport, reportsOf, x.unit.ID, duty)
		if err != nil {
			return err
		}
		out = One{Unit: x.unit, On: x.view.On(), Files: map[string][]desk.Document{}}
		l, dec, err := x.line(d, x.unit, p, rs)
		if err != nil {
			return err
		}
		out.Line, why = l, dec.Explain
		for _, r := range l.Reports {
			if r.Proof > 0 {
				if out.Files[r.ID], err = desk.Documents(tx, x.unit.ID, r.ID); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return out, why, err
}

func (s sight) duty(id string) (Duty, error) {
	i := slices.IndexFunc(s.duties, func(d Duty) bool { return d.ID == id })
	if i < 0 {
		return Duty{}, fault.New(fault.NotFound, "台账里没有这一项。")
	}
	return s.duties[i], nil
}

// SavePlan keeps the own arrangement for a duty. Conflict: somebody changed it
// since; Invalid: a day set where the document names one, or without its source.
func (s *Service) SavePlan(ctx context.Context, who audit.Actor, key string, p Plan) error {
	act := audit.Act{Region: who.Region, Verb: "measure.plan", Object: p.Duty, Key: key, Body: p}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		x, err := s.see(tx, who.Region, "", 0)
		if err != nil {
			return err
		}
		d, err := x.duty(p.Duty)
		if err != nil {
			return err
		}
		due := DueOf(d, x.unit)
		switch {
		case p.Unit == "":
			return fault.Field("unit", "请写承办处室。")
		case p.Owner == "":
			return fault.Field("owner", "请写谁负责：每一项要有专人。")
		case !p.Set.IsZero() && (due.Standing || !due.On.IsZero()):
			return fault.Field("set", "文件已经写了期限“%s”，这里不能另定日子。", due.Say)
		case !p.Set.IsZero() && strings.TrimSpace(p.SetBy) == "":
			return fault.Field("set_by", "请写这个日子是哪份文件、谁定的。")
		}
		old, err := planOf(tx, who.Region, p.Duty)
		if err != nil {
			return err
		}
		for i, st := range p.Steps { // what is done stays done
			if k := slices.IndexFunc(old.Steps, func(o Step) bool { return o.Name == st.Name }); k >= 0 {
				p.Steps[i].Done = old.Steps[k].Done
			}
		}
		ok, err := putPlan(tx, who.Region, who.ID, p)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "这一项的安排刚被别人改过，请刷新后再改。")
		}
		return err
	})
}

// Tell is a report as it is entered.
type Tell struct {
	Duty      string
	On        day.Day
	Done      bool
	Step, Say string
	Files     []desk.Stored `json:"-"`
}

// Report adds a report of the own region with its evidence. A day to come, or
// one before the document, is refused.
func (s *Service) Report(ctx context.Context, who audit.Actor, key string, in Tell) (Report, error) {
	act := audit.Act{Region: who.Region, Verb: "measure.report", Object: in.Duty, Key: key, Body: in}
	return audit.Do(ctx, s.Log, who, act, func(tx *db.Tx) (r Report, err error) {
		x, err := s.see(tx, who.Region, "", 0)
		if err != nil {
			return r, err
		}
		if _, err = x.duty(in.Duty); err != nil {
			return r, err
		}
		if in.On.IsZero() {
			in.On = tx.Today()
		}
		if strings.TrimSpace(in.Say) == "" {
			return r, fault.Field("say", "请写做了什么。")
		}
		if in.On > tx.Today() {
			return r, fault.Field("on", "%s还没有到，只能报已经发生的。", in.On.Chinese())
		}
		if _, err := look(s.Packs, who.Region, in.On); err != nil {
			return r, fault.Field("on", "%s这项任务还没有布置，请核对日期。", in.On.Chinese())
		}
		p, err := planOf(tx, who.Region, in.Duty)
		if err != nil {
			return r, err
		}
		if in.Step != "" {
			k := slices.IndexFunc(p.Steps, func(st Step) bool { return st.Name == in.Step })
			if k < 0 {
				return r, fault.Field("step", "安排里没有这个阶段。")
			}
			in.Done = false // a stage is not the whole
			p.Steps[k].Done = in.On
			if err := putSteps(tx, who.Region, in.Duty, p.Steps); err != nil {
				return r, err
			}
		}
		r = Report{ID: tx.NewID(), Duty: in.Duty, On: in.On, Done: in.Done, Step: in.Step, Say: in.Say, Proof: int64(len(in.Files)), Name: who.Name, At: tx.Millis()}
		for _, f := range in.Files {
			if _, err := desk.Attach(tx, who.Region, r.ID, "measure", f, who); err != nil {
				return r, err
			}
		}
		return r, insertReport(tx, who.Region, who.ID, r)
	})
}

// Proof finds a file of evidence of the own region, or of a unit below, and
// records the look. NotFound: it belongs to something else.
func (s *Service) Proof(ctx context.Context, who audit.Actor, unit, duty, id string) (doc desk.Document, err error) {
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "measure.proof", Object: id}, func(tx *db.Tx) error {
		x, err := s.see(tx, who.Region, unit, 0)
		if err != nil {
			return err
		}
		if doc, err = desk.GetDocument(tx, x.unit.ID, id); err != nil {
			return err
		}
		of, err := db.One(tx, db.Value[string], reportHas, x.unit.ID, doc.Case)
		if err != nil || of != duty {
			return fault.New(fault.NotFound, "这份材料不是这一项的佐证。")
		}
		return nil
	})
	return doc, err
}

// Counts are how many lines stand in which state.
func (l Ledger) Counts() map[string]int {
	n := map[string]int{}
	for _, x := range l.Lines {
		n[x.State.Code]++
	}
	return n
}

// Summary says in one sentence how a ledger stands.
func (l Ledger) Summary() string {
	n := l.Counts()
	say := []string{fmt.Sprintf("共 %d 项", len(l.Lines))}
	for _, c := range []string{Done, Late, Soon, Unproven, Doing, NotYet, Waiting, Standing} {
		if n[c] > 0 {
			say = append(say, fmt.Sprintf("%s %d 项", CodeNames[c], n[c]))
		}
	}
	return strings.Join(say, "，") + "。"
}

// CodeNames are the states in Chinese.
var CodeNames = map[string]string{Waiting: "期限待定", Standing: "长期", NotYet: "没到期，还没有报告", Doing: "进行中", Soon: "快到期", Late: "超期", Unproven: "缺佐证", Done: "完成"}
