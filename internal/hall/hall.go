package hall

import (
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/desk"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Place is a hall or a service point (地方).
type Place struct {
	Region, ID        string
	Name              string
	Kind              string // hall, township, village, hospital, home
	District, Address string
	Weekdays          string // days of the week on which it opens: 12345
	Opens             string // 08:30-12:00,13:30-17:30
	Facilities        string
	Staff             int64
	Lat, Lng          int64  // millionths of a degree; 0, 0: not known
	Institution       string // of a point; "" for a hall
	Open              bool   // does business at all
	Version           int64

	told string // opening hours in words, of a place whose hours were never entered
}

// Kinds of places; to all but the hall matters are delegated.
var Kinds = []struct{ ID, Name string }{{"hall", "服务大厅"}, {"township", "乡镇（街道）站点"}, {"village", "村（社区）站点"}, {"hospital", "定点医疗机构"}, {"home", "养老机构"}}

// checklist is the kind as the checklist of facilities names it.
func (p Place) checklist() string {
	if p.Kind == "hall" || p.Kind == "home" {
		return p.Kind
	}
	return "point"
}

// KindName is the kind in Chinese.
func (p Place) KindName() string {
	for _, k := range Kinds {
		if k.ID == p.Kind {
			return k.Name
		}
	}
	return p.Kind
}

// Window is one desk of a place (窗口).
type Window struct {
	Region, ID, Place string
	No                int64
	Name              string
	Matters           []string // ids; none: every matter
	Priority          bool     // 老年人优先窗口
	Status            string   // open, paused, closed
	Reason            string   // of the pause
	Clerk, ClerkName  string   // who sits there
	Version           int64
}

// Serves tells whether the window does a matter; "" is somebody who only asks.
func (w Window) Serves(matter string) bool {
	return len(w.Matters) == 0 || matter == "" || slices.Contains(w.Matters, matter)
}

// Label is how people call the window.
func (w Window) Label() string { return itoa(w.No) + " 号窗口" }

// Ticket is a person's number on one day (号). The instants are milliseconds,
// 0 while it has not happened.
type Ticket struct {
	Region, ID                                       string
	Place, Day, Label                                string
	Lane, Why                                        string
	Source                                           string // machine, guide, online
	Matter, Person, Shown                            string
	Status                                           Status
	Window, ToWindow                                 string
	Calls                                            int64
	Taken, Arrived, Called, Started, Accepted, Ended int64
	Decision, CallDecision                           string
	Version                                          int64
}

// Status is where a ticket stands.
type Status string

// The statuses.
const (
	Booked  Status = "booked"
	Waiting Status = "waiting"
	Called  Status = "called"
	Serving Status = "serving"
	Done    Status = "done"
	Missed  Status = "missed"
	Left    Status = "left"
)

// Name is the status in Chinese.
func (s Status) Name() string {
	return map[Status]string{Booked: "网上取号，还没报到", Waiting: "在等", Called: "已叫号", Serving: "正在办", Done: "办完了", Missed: "过号", Left: "不办了"}[s]
}

// Arrow is one allowed step of a ticket.
type Arrow struct {
	From   Status
	Action string
	To     Status
}

// Flow is every step that a ticket can take; all others are refused. «call» is
// chosen by hall.next, never by hand.
var Flow = []Arrow{
	{Booked, "arrive", Waiting}, {Booked, "leave", Left},
	{Waiting, "call", Called}, {Waiting, "leave", Left},
	{Called, "recall", Called}, {Called, "start", Serving}, {Called, "miss", Missed}, {Called, "pass", Waiting},
	{Serving, "accept", Serving}, {Serving, "end", Done}, {Serving, "pass", Waiting},
	{Missed, "back", Waiting}, {Missed, "leave", Left},
}

func arrow(from Status, action string) (Status, bool) {
	for _, a := range Flow {
		if a.From == from && a.Action == action {
			return a.To, true
		}
	}
	return "", false
}

// Steps of the one-stop reception (一站式, S-14), in their order.
var Steps = []struct{ ID, Name string }{{"greet", "接待"}, {"answer", "答疑"}, {"accompany", "陪同引导"}, {"fill", "帮填表"},
	{"accept", "受理"}, {"handle", "办理"}, {"feedback", "反馈"}}

// StepName is a step in Chinese.
func StepName(id string) string {
	for _, s := range Steps {
		if s.ID == id {
			return s.Name
		}
	}
	return map[string]string{"take": "取号", "arrive": "报到", "call": "叫号", "recall": "再叫一次", "start": "到窗口", "miss": "过号", "back": "过号回来",
		"pass": "转窗口", "leave": "不办了", "end": "办完"}[id]
}

// Step is one line of a ticket's log.
type Step struct {
	Seq              int64
	Step, Say        string
	Actor, ActorName string
	At               int64
}

// Named is a matter by its name.
type Named struct{ ID, Name string }

// Service is the hall. Matters names what can be done at windows; nil: nothing
// is told apart.
type Service struct {
	Log     *audit.Log
	Packs   *policy.Set
	Persons *person.Service
	Files   *desk.Files
	Matters func(region string) []Named
	Key     func(region, place string) string // secret of the ticket machine of a place
}

// MatterName is a matter in words; a question when there is none.
func (s *Service) MatterName(region, id string) string {
	for _, m := range s.ListMatters(region) {
		if m.ID == id {
			return m.Name
		}
	}
	if id == "" {
		return "咨询"
	}
	return id
}

// ListMatters lists what windows may do.
func (s *Service) ListMatters(region string) []Named {
	if s.Matters == nil {
		return nil
	}
	return s.Matters(region)
}

func split(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
}
