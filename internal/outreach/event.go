package outreach

import (
	"fmt"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/job"
	"yinling/internal/sms"
)

// The messages to who spoke.
var (
	TextReceived = sms.New("outreach.received", "投诉建议收到", "{name}您好，您说的事收到了，{count}个工作日内答复您。有事打12393。")
	TextAnswered = sms.New("outreach.answered", "投诉建议答复", "{name}您好，您说的事有答复了，请到“投诉和建议”里看，或打12393。")
	TextRated    = sms.New("outreach.rated", "差评答复", "{name}您好，您的评价我们看过了，已有答复，请在银龄医保里看，或打12393。")
)

// VoiceDue fires on the day after the last day of a limit.
type VoiceDue struct {
	Case  string  `json:"case"`
	Stage string  `json:"stage"`
	Round int64   `json:"round"`
	Due   day.Day `json:"due"`
}

// Kind is the job's name.
func (VoiceDue) Kind() string { return "outreach.voice_due" }

// VoiceClose fires when an answer can no longer be objected to.
type VoiceClose struct {
	Case  string `json:"case"`
	Round int64  `json:"round"`
}

// Kind is the job's name.
func (VoiceClose) Kind() string { return "outreach.voice_close" }

// Message is a text to who spoke: the person, or the telephone left with a case.
type Message struct {
	Case   string `json:"case"`
	Person string `json:"person"`
	Text   string `json:"text"`
	At     int64  `json:"at"`
}

// Kind is the job's name.
func (Message) Kind() string { return "outreach.message" }

// putJob puts a job for one o'clock in the morning of a day, 0 for now.
func putJob(tx *db.Tx, region string, a job.Args, on day.Day) error {
	var due time.Time
	if !on.IsZero() {
		y, m, d := on.Date()
		due = time.Date(y, time.Month(m), d, 1, 0, 0, 0, day.Shanghai)
	}
	return job.Put(tx, region, keyOf(a), due, a)
}

func keyOf(a job.Args) string { return fmt.Sprintf("%+v", a) }

func dueJob(tx *db.Tx, x Voice) error {
	if x.Due.IsZero() || x.Stage != Received && x.Stage != Handling {
		return nil
	}
	return putJob(tx, x.Region, VoiceDue{x.ID, x.Stage, x.Round, x.Due}, x.Due+1)
}

// tell sends a text to who spoke, if there is a way to.
func (s *Service) tell(tx *db.Tx, x Voice, t *sms.Text, values ...any) error {
	if !x.reachable() {
		return nil
	}
	return putJob(tx, x.Region, message(x, t, tx.Millis(), values...), 0)
}

func (x *Voice) reachable() bool { return x.Person != "" || x.phone != "" }

func message(x Voice, t *sms.Text, at int64, values ...any) Message {
	return Message{x.ID, x.Person, t.Say(append([]any{x.Name}, values...)...), at}
}
