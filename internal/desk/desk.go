package desk

import (
	"fmt"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/undo"
)

// Status is where a case stands for everybody; the stage says it in the words
// of its matter.
type Status string

// The statuses. Waiting: the applicant has to do something, the clock stands still.
const (
	StatusOpen      Status = "open"
	StatusWaiting   Status = "waiting"
	StatusDone      Status = "done"
	StatusRefused   Status = "refused"
	StatusWithdrawn Status = "withdrawn"
)

// Closed tells whether nothing more will happen to the case.
func (s Status) Closed() bool {
	return s == StatusDone || s == StatusRefused || s == StatusWithdrawn
}

// Name is the status in Chinese.
func (s Status) Name() string {
	return map[Status]string{StatusOpen: "在办", StatusWaiting: "等申请人", StatusDone: "已办结",
		StatusRefused: "不予受理", StatusWithdrawn: "已撤回"}[s]
}

// Channel (渠道) is how an application reached the desk.
type Channel string

// The channels.
const (
	Window      Channel = "window"
	Online      Channel = "online"
	Video       Channel = "video"
	Doorstep    Channel = "doorstep"
	Point       Channel = "point"
	Institution Channel = "institution"
	Phone       Channel = "phone"
)

// Channels in the order in which filters show them.
var Channels = []Channel{Window, Online, Video, Doorstep, Point, Institution, Phone}

// Name is the channel in Chinese; empty for one that does not exist.
func (c Channel) Name() string {
	return map[Channel]string{Window: "窗口", Online: "网上", Video: "视频", Doorstep: "上门代办",
		Point: "服务站点", Institution: "机构代办", Phone: "电话"}[c]
}

// Case is one application on its way (办件). Its ID is the number that people read.
type Case struct {
	Region, ID  string
	Matter      string // word of the owning domain, such as assess; MatterWord: moved by its pack's steps
	Topic       string // id of the matter in the pack; empty where the domain knows only one
	Stage       string // of the matter
	Status      Status
	Channel     Channel
	Person      string // id of the insured person
	Applicant   string // person id of a proxy; empty when the person applied
	Relation    string // of the proxy to the person, in words
	District    string
	Rank        int64  // 0 is served first
	Priority    string // why it comes first, in words
	Opened      day.Day
	DueFrom     day.Day // the day from which the limit counts (that day does not)
	Due         day.Day // last day of the limit; zero: no clock runs
	DueDays     int64   // length of the limit in working days
	Missing     int64   // materials still missing
	ChecksOK    int64   // automatic checks passed
	ChecksAll   int64
	Version     int64
	Created     time.Time
	LastChanged time.Time
}

// Clock is how far the limit of a case has run on a day.
type Clock struct {
	Left    int64 // working days left; 0 is today, negative is late
	Permill int64 // share used, 0..1000, for the bar
	Say     string
}

// Clock counts working days. It refuses, by a sentence, a year without an
// official calendar: a guessed deadline is worse than none.
func (c Case) Clock(cal *day.Calendar, today day.Day) (Clock, error) {
	if c.DueDays == 0 || c.Status != StatusOpen {
		return Clock{Say: c.Status.Name()}, nil
	}
	if c.Due.IsZero() {
		due, err := cal.AddWorkdays(c.DueFrom, int(c.DueDays))
		if err != nil {
			return Clock{}, fault.New(fault.Refused, "%s", err.Error())
		}
		c.Due = due
	}
	n, err := cal.Workdays(today, c.Due)
	if err != nil {
		return Clock{}, fault.New(fault.Refused, "%s", err.Error())
	}
	left := int64(n)
	used := int64(1000)
	if c.DueDays > 0 {
		used = min(1000, max(0, (c.DueDays-left)*1000/c.DueDays))
	}
	k := Clock{Left: left, Permill: used}
	switch {
	case today > c.Due:
		k.Left = min(left, -1)
		k.Permill = 1000
		k.Say = fmt.Sprintf("过了 %d 个工作日", -k.Left)
	case left <= 0:
		k.Say = "今天到期"
	default:
		k.Say = fmt.Sprintf("剩 %d 天", left)
	}
	return k, nil
}

// Step is one thing that happened to a case, in words for the timeline.
type Step struct {
	Seq       int64
	Stage     string
	Action    string
	Say       string
	Actor     string
	ActorName string
	At        time.Time
	Decision  string // id of the decision behind it, for «why?»
}

// NewCase is what Open needs.
type NewCase struct {
	Region, Matter, Topic, Stage string
	Channel                      Channel
	Person, Applicant, Relation  string
	Nobody                       bool // nobody insured is behind it: a question by telephone, a complaint without a name
	District                     string
	Rank                         int64
	Priority                     string
	DueWorkdays                  int64
	Calendar                     *day.Calendar
	Missing, ChecksOK, ChecksAll int64
	Action, Note                 string // first step of the timeline; empty: 收到申请
	Decision                     string
	By                           audit.Actor
}

// Open opens a case and gives it its number; Busy after 99,999 cases of one day.
// A limit that runs into a year without an official calendar never keeps
// somebody from applying: the day stays open until the pack has the year.
func Open(tx *db.Tx, n NewCase) (_ Case, err error) {
	defer fault.Wrap(&err, "desk.Open")
	if n.Region == "" || n.Matter == "" || n.Stage == "" || n.Person == "" && !n.Nobody {
		return Case{}, fmt.Errorf("a case needs region, matter, stage and person: %+v", n)
	}
	if n.Channel.Name() == "" {
		return Case{}, fault.Field("channel", "申请方式要在这些里选：窗口、网上、视频、上门代办、服务站点、机构代办、电话")
	}
	today := tx.Today()
	due := dueDay(n.Calendar, today, n.DueWorkdays)
	seq, err := nextSeq(tx, n.Region, today)
	if err != nil {
		return Case{}, err
	}
	id, err := Number(today, seq)
	if err != nil {
		return Case{}, err
	}
	c := Case{Region: n.Region, ID: id, Matter: n.Matter, Topic: n.Topic, Stage: n.Stage, Status: StatusOpen, Channel: n.Channel,
		Person: n.Person, Applicant: n.Applicant, Relation: n.Relation, District: n.District, Rank: n.Rank, Priority: n.Priority,
		Opened: today, DueFrom: today, Due: due, DueDays: n.DueWorkdays,
		Missing: n.Missing, ChecksOK: n.ChecksOK, ChecksAll: n.ChecksAll,
		Version: 1, Created: tx.Now(), LastChanged: tx.Now()}
	if n.DueWorkdays == 0 {
		c.DueFrom = 0
	}
	if err := insertCase(tx, c); err != nil {
		return Case{}, err
	}
	if n.Action == "" {
		n.Action, n.Note = "open", "收到申请"
	}
	return c, insertStep(tx, c.Region, c.ID, Step{Seq: 1, Stage: c.Stage, Action: n.Action, Say: n.Note,
		Actor: n.By.ID, ActorName: n.By.Name, At: tx.Now(), Decision: n.Decision})
}

// dueDay is the last day of a limit, or no day while the calendar of its year
// is not known; Clock then says so.
func dueDay(cal *day.Calendar, from day.Day, n int64) day.Day {
	if n <= 0 {
		return 0
	}
	d, err := cal.AddWorkdays(from, int(n))
	if err != nil {
		return 0
	}
	return d
}

// Get reads a case.
func Get(tx *db.Tx, region, id string) (Case, error) { return getCase(tx, region, id) }

// Versions are the versions of cases, for a list whose rows are decided on.
func Versions(tx *db.Tx, region string, ids []string) (map[string]int64, error) {
	return versionsOf(tx, region, ids)
}

// OfPerson lists the cases of a person, newest first. Nobody has none: cases
// without a person belong to no account.
func OfPerson(tx *db.Tx, region, person string) ([]Case, error) {
	if person == "" {
		return nil, nil
	}
	return casesOf(tx, region, person)
}

// Steps is the timeline of a case, oldest first.
func Steps(tx *db.Tx, region, id string) ([]Step, error) { return stepsOf(tx, region, id) }

// Move is a change of a case. Empty Stage or Status keeps the old one.
type Move struct {
	Stage       string
	Status      Status
	DueWorkdays int64 // > 0: a new limit from today; KeepDue: as it is; StopDue: none
	Calendar    *day.Calendar
	Action      string // short word of the domain's transition table
	Note        string // what happened, in words
	Decision    string
	By          audit.Actor
	Version     int64        // the version that the actor saw; 0: not asked from a page
	Missing     *int64       // new count of missing materials
	Quiet       bool         // no step in the timeline (a part of a larger act)
	Undo        bool         // who acts may take it back (package undo)
	Jobs        []undo.Later // what is told only when it can no longer be taken back
	Was         any          // what the domain needs to take it back, besides
}

// Special values of Move.DueWorkdays.
const (
	KeepDue int64 = 0
	StopDue int64 = -1
)

// Advance moves a case. Conflict when it is closed, or when somebody changed it
// since the actor's page was made; the sentence says who did what.
func Advance(tx *db.Tx, region, id string, m Move) (_ Case, err error) {
	defer fault.Wrap(&err, "desk.Advance(%s)", id)
	c, err := getCase(tx, region, id)
	if err != nil {
		return c, err
	}
	if m.Version != 0 && m.Version != c.Version {
		return c, stale(tx, c, m.Version)
	}
	seen, before := c.Version, c
	if m.Stage != "" {
		c.Stage = m.Stage
	}
	if m.Status != "" {
		c.Status = m.Status
	}
	switch {
	case m.DueWorkdays > 0:
		c.Due = dueDay(m.Calendar, tx.Today(), m.DueWorkdays)
		c.DueFrom, c.DueDays = tx.Today(), m.DueWorkdays
	case m.DueWorkdays == StopDue || c.Status.Closed():
		c.Due, c.DueFrom, c.DueDays = 0, 0, 0
	}
	if m.Missing != nil {
		c.Missing = *m.Missing
	}
	c.Version++
	c.LastChanged = tx.Now()
	ok, err := updateCase(tx, c, seen)
	if err != nil {
		return c, err
	}
	if !ok {
		return c, stale(tx, c, seen)
	}
	if err := letGo(tx, region, c.Matter, id); err != nil {
		return c, err
	}
	if m.Undo {
		if err := keepBefore(tx, before, c.Version, m); err != nil {
			return c, err
		}
	}
	if m.Quiet {
		return c, nil
	}
	return c, Note(tx, region, id, Step{Stage: c.Stage, Action: m.Action, Say: m.Note, Decision: m.Decision}, m.By)
}

// Note adds a step to the timeline without changing the case.
func Note(tx *db.Tx, region, id string, s Step, by audit.Actor) error {
	seq, err := lastSeq(tx, region, id)
	if err != nil {
		return err
	}
	s.Seq, s.Actor, s.ActorName, s.At = seq+1, by.ID, by.Name, tx.Now()
	return insertStep(tx, region, id, s)
}

// stale tells the actor of an old page what changed meanwhile.
func stale(tx *db.Tx, c Case, seen int64) error {
	steps, err := stepsOf(tx, c.Region, c.ID)
	if err != nil {
		return err
	}
	last := steps[len(steps)-1]
	return fault.New(fault.Conflict, "您打开这一页以后，%s在 %s 已经办过这件：%s。请看过新的内容再办。",
		last.ActorName, last.At.In(day.Shanghai).Format("1月2日 15:04"), last.Say)
}
