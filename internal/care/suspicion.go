package care

import "yinling/internal/fault"

// Spot is a moment of a visit in metres, as a rule may see it.
type Spot struct {
	Off      bool  `json:"off"`
	Mock     bool  `json:"mock"`
	Accuracy int64 `json:"accuracy"`
	Distance int64 `json:"distance"` // -1 unknown
}

// Near is another visit of the same worker or to the same person around it.
type Near struct {
	Visit      string `json:"visit"`
	SameStaff  bool   `json:"same_staff"`
	SamePerson bool   `json:"same_person"`
	Begin      int64  `json:"begin"`
	End        int64  `json:"end"`
	Metres     int64  `json:"metres"` // between the places, -1 unknown
}

// SuspectIn is a finished visit with its neighbours.
type SuspectIn struct {
	Mode         string     `json:"mode"`
	Begin        int64      `json:"begin"` // ms
	End          int64      `json:"end"`
	Minutes      int64      `json:"minutes"`
	Scheduled    bool       `json:"scheduled"` // a planned visit of a plan in force on the day
	PlanMinutes  int64      `json:"plan_minutes"`
	PlanItems    []DoneItem `json:"plan_items"`
	Items        []DoneItem `json:"items"`
	Staff        string     `json:"staff"` // care_worker, nurse, family
	Unfit        string     `json:"unfit"` // why the worker may not work on the day
	In           *Spot      `json:"in"`
	Out          *Spot      `json:"out"`
	LateMinutes  int64      `json:"late_minutes"`  // longest time from an event to its upload
	AheadMinutes int64      `json:"ahead_minutes"` // the device's clock ahead of ours
	// The device's clock behind ours; left out when it is not, as records from before it was known do.
	BehindMinutes int64 `json:"behind_minutes,omitempty"`

	Evidence   int64  `json:"evidence"`
	Confirmed  bool   `json:"confirmed"`
	InHospital bool   `json:"in_hospital"`
	Home       int64  `json:"home"` // which home of the worker's day this is
	Near       []Near `json:"near"`
}

// Suspicion is one thing that asks for an answer.
type Suspicion struct {
	Kind   string        `json:"kind"`
	Say    string        `json:"say"`
	Clause *fault.Clause `json:"clause,omitempty"`
}

// SuspectOut is what the rule found, in a fixed order, and the time limits.
type SuspectOut struct {
	Found          []Suspicion `json:"found"`
	AnswerWorkdays int64       `json:"answer_workdays"`
	DecideWorkdays int64       `json:"decide_workdays"`
}
