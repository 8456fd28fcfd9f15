package assess

import (
	"fmt"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/job"
	"yinling/internal/sms"
	"yinling/internal/undo"
)

// SupplyDue fires on the day after the last day for missing material.
type SupplyDue struct {
	Case string  `json:"case"`
	By   day.Day `json:"by"`
}

// Kind is the job's name.
func (SupplyDue) Kind() string { return "assess.supply_due" }

// NoticeDue fires on the day after the last day of a public notice.
type NoticeDue struct {
	Case   string `json:"case"`
	Notice string `json:"notice"`
}

// Kind is the job's name.
func (NoticeDue) Kind() string { return "assess.notice_due" }

// RenewDue fires when re-assessment should begin, so that it ends before the
// validity does (29号 第三十条).
type RenewDue struct {
	Case string `json:"case"`
}

// Kind is the job's name.
func (RenewDue) Kind() string { return "assess.renew_due" }

// ExpiryDue fires on the day after the last valid day.
type ExpiryDue struct {
	Case string  `json:"case"`
	To   day.Day `json:"to"`
}

// Kind is the job's name.
func (ExpiryDue) Kind() string { return "assess.expiry_due" }

// Decided tells others that a level has taken effect (or that none did).
type Decided struct {
	Case, Person string
	Level        int64
	Benefit      string
	Inst         string // the institution that applied for the person and is told, too
}

// Kind is the job's name.
func (Decided) Kind() string { return "assess.decided" }

// later puts a job for one o'clock in the morning of a day; the key names
// everything that makes it one deadline, so that none fires twice (T-41).
func (s *Service) later(tx *db.Tx, region string, a job.Args, on day.Day) error {
	y, m, d := on.Date()
	due := time.Date(y, time.Month(m), d, 1, 0, 0, 0, day.Shanghai)
	if on.IsZero() {
		due = time.Time{}
	}
	return job.Put(tx, region, fmt.Sprintf("%+v", a), due, a)
}

// Message is a text message to the person (and through the person's telephone
// to the family); written by one of the texts in text.go.
type Message struct {
	Case   string `json:"case"`
	Person string `json:"person"`
	Text   string `json:"text"`
	At     int64  `json:"at"`             // makes two messages of one case two
	Inst   string `json:"inst,omitempty"` // as in Decided
}

// Kind is the job's name.
func (Message) Kind() string { return "assess.message" }

// message enqueues a text, whose first place is the person's name.
func (w *work) message(t *sms.Text, values ...any) error {
	m, err := w.text(t, values)
	if err != nil {
		return err
	}
	return w.s.later(w.tx, w.app.Region, m, 0)
}

// decided is message for a decision that its maker may take back: the text goes
// out when that is over.
func (w *work) decided(t *sms.Text, values ...any) error {
	m, err := w.text(t, values)
	if err != nil {
		return err
	}
	w.move.Undo = true
	l, err := undo.Put(w.tx, w.app.Region, fmt.Sprintf("%+v", m), m)
	w.move.Jobs = append(w.move.Jobs, l)
	return err
}

func (w *work) text(t *sms.Text, values []any) (Message, error) {
	p, err := w.s.Persons.Get(w.tx, w.app.Region, w.app.Person)
	return Message{Case: w.app.ID, Person: w.app.Person, Inst: w.app.EnteredInst, At: w.tx.Millis(), Text: t.Say(append([]any{p.Name}, values...)...)}, err
}
