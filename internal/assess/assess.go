package assess

import (
	"time"

	"yinling/internal/day"
)

// Kind is why somebody is assessed.
type Kind string

// The kinds: the first time, before the validity ends (重新评估), or because the
// state has changed (状态复评, six months after the conclusion at the earliest).
const (
	First  Kind = "first"
	Renew  Kind = "renew"
	Change Kind = "change"
)

// Name is the kind in Chinese.
func (k Kind) Name() string {
	return map[Kind]string{First: "首次评估", Renew: "到期前重新评估", Change: "状态变化复评"}[k]
}

// Told is what the applicant told us. Items is the self-screen (表B): each
// of eating, continence, bathing, dressing, toilet, transfer is independent,
// partial or dependent.
type Told struct {
	Relation  string            `json:"relation"` // of the applicant to the person: 本人, 女儿 …
	Place     string            `json:"place"`    // home | child | institution | hospital
	Address   string            `json:"address"`
	Items     map[string]string `json:"items"`
	Since     day.Month         `json:"since"`     // dependent since
	Documents []string          `json:"documents"` // ids of evidence
	Times     []string          `json:"times"`     // when a visit suits: am, pm, weekend, any
	Subsidy   []string          `json:"subsidy"`   // other care subsidies that the person receives
	Note      string            `json:"note"`
}

// Application is an application and everything that came of it. ID is the case number.
type Application struct {
	Region, ID, Person string
	Kind               Kind
	State              State
	Round              int64 // 2: the dispute review
	Answers            Told
	SelfGrade          string // what the person said: A … G
	RecordedLevel      int64  // what the scores on site give; -1: not yet
	FinalLevel         int64  // what the experts concluded; -1: not yet
	FinalName          string
	VisitOn            day.Day
	VisitSlot          string
	MissingWhat        string
	SupplyBy           day.Day
	Notice             string
	ConcludedOn        day.Day
	DeliveredOn        day.Day
	ObjectBy           day.Day
	ValidFrom, ValidTo day.Day
	RenewFrom          day.Day
	Benefit, Previous  string
	DApply, DOrder     string // ids of decisions
	DLevel, DConclude  string
	DValid             string
	AcceptedBy         string // account
	EnteredBy          string // account that entered it
	EnteredInst        string // its institution, when one applied for a resident
	Created, ChangedAt time.Time
}

// Member is somebody who was drawn for an application.
type Member struct {
	Staff, Name, Institution, Account string
	Role                              string
	Duty                              string
	Round                             int64
	On                                bool // still on it; false: replaced
	SignedAt                          time.Time
}

// Score is one of the 17 items as it was scored on site.
type Score struct {
	Item  string
	Score int64
	Note  string
	Staff string
	At    time.Time
}

// Visit is what happened on site besides the scores.
type Visit struct {
	Round        int64
	Began, Ended time.Time
	Guardian     string // who was present for the person, with relation
	Relation     string
	Video        string // document id of the recording
	Note         string
}

// Finding is one expert's conclusion.
type Finding struct {
	Staff  string
	Round  int64
	Level  int64
	Reason string
	At     time.Time
}

// Objection is an objection in the objector's real name (异议).
type Objection struct {
	ID, Name, Phone, Reason string
	State                   State // in which it was raised
	At                      time.Time
}

// DrawRecord is a draw with everything that is needed to repeat it.
type DrawRecord struct {
	Seq, Round int64
	Duty       string
	Seed       string
	Pool       []Candidate
	Recused    []Aside
	Chosen     []Chosen
	Seats      []Seat
	Reason     string
	Actor      string
	At         time.Time
}
