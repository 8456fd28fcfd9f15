package care

import (
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
)

// PlanItem is a care service item in a plan: how often a week, how long each
// time, and who must do it.
type PlanItem struct {
	Item    string `json:"item"`
	PerWeek int64  `json:"per_week"`
	Minutes int64  `json:"minutes"` // each time
	Staff   string `json:"staff"`   // care_worker, nurse, family
}

// Slot is a weekly visit: the day (1 Monday … 7 Sunday), when it begins
// («09:00») and which member of staff goes.
type Slot struct {
	Weekday int64  `json:"weekday"`
	Start   string `json:"start"`
	Staff   string `json:"staff"` // id of the member; may be empty until rostered
}

// PlanStatus is where a plan stands.
type PlanStatus string

// The states of a plan, see the diagram of the package.
const (
	Draft     PlanStatus = "draft"
	Offered   PlanStatus = "offered"
	Confirmed PlanStatus = "confirmed"
	Returned  PlanStatus = "returned"
	Declined  PlanStatus = "refused"
	Active    PlanStatus = "active"
	Ended     PlanStatus = "ended"
)

var planNames = map[PlanStatus]string{Draft: "编制中", Offered: "等本人确认", Confirmed: "等经办审批",
	Returned: "已退回修改", Declined: "本人不同意", Active: "执行中", Ended: "已停止"}

// Name is the status in Chinese.
func (s PlanStatus) Name() string { return planNames[s] }

// Plan is a care plan (护理计划).
type Plan struct {
	Region, ID, Person, Institution string
	Mode                            string // home, family, institution, community
	Level                           int64
	Status                          PlanStatus
	From, To                        day.Day
	Items                           []PlanItem
	Slots                           []Slot
	Limits                          Checked // result of rule care.plan when last saved
	Note                            string
	PinSet                          bool
	WrittenBy, ConfirmedBy          string
	ApprovedBy                      string
	ConfirmedAt                     int64   // ms
	Until                           day.Day // visits exist up to this day
	Decision                        string  // of rule care.plan
	Version                         int64

	secret, pin string
}

// VisitStatus is where a visit stands.
type VisitStatus string

// The states of a visit.
const (
	Planned   VisitStatus = "planned"
	Started   VisitStatus = "started"
	Done      VisitStatus = "done"
	Trouble   VisitStatus = "trouble"
	Cancelled VisitStatus = "cancelled"
	Void      VisitStatus = "void"
)

var visitNames = map[VisitStatus]string{Planned: "还没去", Started: "服务中", Done: "已完成",
	Trouble: "没做成", Cancelled: "已取消", Void: "不予认定"}

// Name is the status in Chinese.
func (s VisitStatus) Name() string { return visitNames[s] }

// DoneItem is an item as it was done.
type DoneItem struct {
	Item    string `json:"item"`
	Minutes int64  `json:"minutes"`
}

// Fix is where a device was: 1e-6 degrees WGS84, accuracy in metres. Off means
// that the phone gave no place. Why is the worker's reason for no place, or for
// one that is far from the home (see Whys).
type Fix struct {
	Lat      int64  `json:"lat"`
	Lng      int64  `json:"lng"`
	Accuracy int64  `json:"accuracy"`
	Off      bool   `json:"off,omitempty"`
	Why      string `json:"why,omitempty"`
	Mock     bool   `json:"mock,omitempty"` // the phone says that the place is simulated
}

// Mark is a moment of a visit: the place, the distance to the registered home
// in metres (-1 unknown), and both clocks.
type Mark struct {
	Fix      Fix   `json:"fix"`
	Distance int64 `json:"distance"`
	Device   int64 `json:"device"` // ms, the moment of the act
	Received int64 `json:"received"`
}

// Place is where a visit began and ended.
type Place struct {
	In  *Mark `json:"in,omitempty"`
	Out *Mark `json:"out,omitempty"`
	// The longest time from an act to its upload, and the most that the device's
	// clock was ahead or behind, in minutes.
	Late   int64 `json:"late,omitempty"`
	Ahead  int64 `json:"ahead,omitempty"`
	Behind int64 `json:"behind,omitempty"`
}

// Line is one charged line of a visit (费用明细): what the claim takes over.
type Line struct {
	Item     string      `json:"item"`
	Name     string      `json:"name"`
	Kind     string      `json:"kind"` // living, nursing
	Unit     string      `json:"unit"`
	Qty      money.Micro `json:"qty"`
	PriceFen money.Fen   `json:"price_fen"`
	Staff    string      `json:"staff"` // care_worker, nurse, family
	On       day.Day     `json:"on"`
}

// Visit is one electronic visit verification record (上门护理记录) with the six
// elements: type of service (Items), recipient (Person), provider (Staff),
// date (On), place (Place), begin and end.
type Visit struct {
	Region, ID, Plan, Person, Institution string
	Staff                                 string // id of the member of staff
	On                                    day.Day
	Mode                                  string
	PlannedAt, PlannedMinutes             int64 // ms; 0: nobody had planned it
	PlannedItems                          []DoneItem
	Status                                VisitStatus
	Begin, End                            int64 // ms by the device that was there
	Minutes                               int64
	Place                                 Place
	Items                                 []DoneItem
	Evidence                              []string // ids of documents
	Confirmed                             string   // code, pin, sign; empty: nobody confirmed
	Trouble, Note                         string
	Lines                                 []Line
	BillDecision, SuspectDecision         string
	Suspects                              int64 // exceptions that nobody has decided yet
	Version                               int64
}

// TotalFen is the price of all lines.
func (v Visit) TotalFen() (sum money.Fen, err error) {
	for _, l := range v.Lines {
		f, err := l.PriceFen.Times(l.Qty, money.HalfUp)
		if err != nil {
			return 0, err
		}
		sum += f
	}
	return sum, nil
}

// ExceptionStatus is where an exception stands.
type ExceptionStatus string

// The states of an exception.
const (
	Open     ExceptionStatus = "open"
	Answered ExceptionStatus = "answered"
	Accepted ExceptionStatus = "accepted"
	Deducted ExceptionStatus = "deducted"
	Voided   ExceptionStatus = "void"
)

var exceptionNames = map[ExceptionStatus]string{Open: "等说明", Answered: "等处理", Accepted: "情况属实，照常结算",
	Deducted: "扣减时长", Voided: "这次不予认定"}

// Name is the status in Chinese.
func (s ExceptionStatus) Name() string { return exceptionNames[s] }

// Decided tells whether the office has decided.
func (s ExceptionStatus) Decided() bool { return s == Accepted || s == Deducted || s == Voided }

// Exception is a suspicion (疑点) about a visit on its way to a decision.
type Exception struct {
	Region, Visit, Kind        string
	Institution, Person, Staff string
	On                         day.Day
	Say                        string
	Clause                     *fault.Clause
	Status                     ExceptionStatus
	AnswerDue                  day.Day // zero: the calendar of that year is not published yet
	Answer, AnsweredBy         string
	Evidence                   []string
	DecideDue                  day.Day
	Reason, DecidedBy          string
	DeductMinutes              int64
	Version                    int64
}
