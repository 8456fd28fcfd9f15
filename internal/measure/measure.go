package measure

import (
	"slices"

	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Plan is what a region arranged for a duty (本地安排): who, what, by when.
type Plan struct {
	Duty, Unit, Owner, Phone, Target string
	Set                              day.Day // for a duty without a day of its own: set later
	SetBy                            string  // by which document
	Steps                            []Step
	Version, At                      int64
}

// Report is one report on a duty (进展报告); reports are never changed.
type Report struct {
	ID, Duty  string
	On        day.Day // which day's state it tells; not after the day it is made
	Done      bool    // the whole duty is done
	Step, Say string  // Step: the stage that is done, "" for none
	Proof     int64   // files of evidence
	Name      string  // who told
	At        int64
}

// Reminder is one reminder that was given (提醒).
type Reminder struct {
	Duty, Kind string
	Due        day.Day
	Turn       int64
	Say        string
	On         day.Day
}

// Filing is the region's own measures as they go to the superior (具体工作措施).
type Filing struct {
	Duty, Said, Writer, WriterName string
	Written                        int64
	Head, Approver                 string
	Approved, Sent                 day.Day
	SentNo                         string
	Version                        int64
}

// Line is one duty of the ledger with how it stands on the day.
type Line struct {
	Duty    Duty
	Due     Due // what the document says for this unit
	Plan    Plan
	Reports []Report // up to the day
	State   Verdict
}

// Ledger is the ledger of one unit on a day.
type Ledger struct {
	Unit  Unit
	On    day.Day
	Lines []Line
}

// One is a duty of the own ledger with its evidence.
type One struct {
	Unit  Unit
	On    day.Day
	Line  Line
	Files map[string][]desk.Document // by report
}

// Matrix is how every unit stands on every duty.
type Matrix struct {
	Region string
	Name   string
	On     day.Day
	Duties []Duty
	Units  []Ledger
}

// sight is the pack that lays the duties on a unit, on a day.
type sight struct {
	view   *policy.View
	unit   Unit
	units  []Unit
	duties []Duty
}

// look finds which pack lays duties on region: its own with what it inherits,
// or that of a superior that names it. NotFound: no document lays any.
func look(set *policy.Set, region string, on day.Day) (s sight, err error) {
	none := fault.New(fault.NotFound, "%s，没有文件给 %s 布置任务，工作台账是空的。有了文件，请政策人员写进政策包的 measure.yaml。", on.Chinese(), region)
	try := func(code string) bool {
		v, e := set.At(code, on)
		if e != nil {
			return false
		}
		units, _ := unitsKey.Peek(v)
		duties, ok := dutiesKey.Peek(v)
		i := slices.IndexFunc(units, func(u Unit) bool { return u.ID == region })
		if !ok || i < 0 {
			return false
		}
		s = sight{v, units[i], units, duties}
		return true
	}
	if try(region) {
		return s, nil
	}
	for _, p := range set.Packs {
		if try(p.Region) {
			return s, nil
		}
	}
	return s, none
}

// below lists the units that a region sees: all of its own pack when that pack
// states the list itself, only itself otherwise.
func (s sight) below(set *policy.Set, region string) []Unit {
	if s.view.Region() == region {
		if p := set.Pack(region); p != nil && s.stated(region) {
			return s.units
		}
	}
	return []Unit{s.unit}
}

func (s sight) stated(region string) bool {
	for _, x := range s.view.Show() {
		if x.Key == unitsKey.Name() {
			return x.Region == region
		}
	}
	return false
}

// facts is what the rule is asked.
func facts(duty, unit string, p Plan, rs []Report) Facts {
	f := Facts{Duty: duty, Unit: unit, Set: p.Set, Steps: p.Steps}
	for _, r := range rs {
		if r.Step == "" {
			f.Reports = append(f.Reports, Told{r.On, r.Done, r.Proof})
		} else {
			f.Reports = append(f.Reports, Told{On: r.On})
		}
	}
	return f
}
