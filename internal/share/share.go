package share

import (
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Service takes registers in and answers what they say.
type Service struct {
	Log     *audit.Log
	Packs   *policy.Set
	Persons *person.Service
	Dir     string // for uploaded registers and rejects files; "" the machine's temporary folder

	uploads person.Behind
}

// Fact is what a register says about a person (事实), with where it comes from.
type Fact struct {
	Source, Person   string
	Item             string // which of several: day of admission, of assessment; else ""
	Value            string // in the register's own words: 一级, 重度
	Document, Issuer string
	Since, Until     day.Day
	Batch            string // "" entered by hand
	Line             int64
	AsOf             day.Day // the day to which the list speaks
	EndedOn          day.Day // a later full list no longer holds it; 0: it holds
	EndedBy          string
}

// Holds tells whether the fact holds on a day.
func (f Fact) Holds(on day.Day) bool {
	return (f.EndedOn == 0 || f.EndedOn > on) && (f.Until == 0 || f.Until >= on)
}

// Report is what an import did: Matched + Doubtful + Unmatched + Rejected = Rows.
type Report struct {
	Rows      int              `json:"rows"`
	Matched   int              `json:"matched"`
	ByLink    int              `json:"by_link"` // of them by an earlier decision of a clerk
	Doubtful  int              `json:"doubtful"`
	Unmatched int              `json:"unmatched"`
	Rejected  int              `json:"rejected"`
	New       int              `json:"new"` // facts
	Changed   int              `json:"changed"`
	Same      int              `json:"same"`
	Ended     int              `json:"ended"` // facts that the full list no longer holds
	Problems  []person.Problem `json:"rejects"`
	More      int              `json:"rejects_more,omitempty"`
	Rejects   string           `json:"rejects_file,omitempty"`
	Ignored   []string         `json:"ignored_columns,omitempty"`
	Notes     []string         `json:"notes,omitempty"`
	Millis    int64            `json:"millis"`
}

// Batch is one import of a register.
type Batch struct {
	ID, Source, File string
	AsOf             day.Day
	Actor, ActorName string
	Begun, Ended     int64 // milliseconds; Ended 0: under way, or cut off
	Say              string
	Report           *Report
	Running          bool // in this process, now
	Progress         person.Progress
}

// State is the batch's state in one word: running, cut, failed, done.
func (b Batch) State() string {
	switch {
	case b.Running:
		return "running"
	case b.Ended == 0:
		return "cut"
	case b.Say != "":
		return "failed"
	}
	return "done"
}

// The states of a row that was not recognised by itself.
const (
	Doubtful  = "doubtful"
	Unmatched = "unmatched"
	Same      = "same"    // decided: the same person
	Another   = "another" // decided: nobody of the roster
	Unknown   = "unknown" // looked at, cannot be told
)

// Doubt is a row of a register that was not recognised by itself.
type Doubt struct {
	Batch, Source, State    string
	Line                    int64
	Name, IDMask            string
	Birth                   day.Day
	Address, Reason         string
	Candidates              []string
	Key                     string
	Value, Document, Issuer string
	Since, Until            day.Day
	Person, Note            string
	Actor, ActorName        string
	At                      int64
}

// Version tells one state of a row from the next: every verdict has its moment.
func (d Doubt) Version() int64 { return d.At + 1 }

func (d Doubt) fact() Fact {
	return Fact{Source: d.Source, Value: d.Value, Document: d.Document, Issuer: d.Issuer, Since: d.Since, Until: d.Until, Batch: d.Batch, Line: d.Line}
}

// Assessed is an assessment as a record beside others (评估互认): what each
// department found in its own words, never one field.
type Assessed struct {
	Fact
	Department, Tool string
	Use              Recognised
	Case             string // of our own
}

// own is the department of our own assessments.
const own = "医保"

// OwnTool is the instrument of our own assessments.
const OwnTool = "长期护理失能等级评估标准（试行）"

func ofOwn(a assess.Application) Assessed {
	return Assessed{Fact: Fact{Person: a.Person, Value: a.FinalName, Since: a.ConcludedOn, Until: a.ValidTo, AsOf: a.ConcludedOn}, Department: own, Tool: OwnTool, Case: a.ID,
		Use: Recognised{Use: "own", Say: "本局的失能等级结论"}}
}
