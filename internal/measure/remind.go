package measure

import (
	"context"
	"fmt"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/job"
	"yinling/internal/sms"
)

// Remind is the job of every morning: who has to be reminded of what.
type Remind struct {
	On day.Day `json:"on"`
}

// Kind names the job.
func (Remind) Kind() string { return "measure.remind" }

// Message is a text message to whoever answers for a duty.
type Message struct {
	Phone string `json:"phone"`
	Text  string `json:"text"`
}

// Kind names the job.
func (Message) Kind() string { return "measure.message" }

// TextDue is the message: which day, how many duties.
var TextDue = sms.New("measure.due", "工作台账有任务要到期或超期", "{name}：工作台账里有{count}项任务要到期或已超期，请登录经办系统报告。有事打12393。")

// OnRemind gives each reminder of the own ledger once: when the day comes near,
// on the day, and again and again after it. A region without duties has none.
func (s *Service) OnRemind(ctx context.Context, region string) error {
	today := day.FromTime(s.Log.DB.Now())
	if _, err := look(s.Packs, region, today); fault.Is(err, fault.NotFound) {
		return nil
	}
	who := audit.System(region)
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "measure.remind", Object: today.String()}, func(tx *db.Tx) error {
		x, err := s.see(tx, region, "", 0)
		if err != nil {
			return err
		}
		l, err := x.ledger(tx, x.unit)
		if err != nil {
			return err
		}
		due := map[string]int{} // by telephone
		name := map[string]string{}
		for _, n := range l.Lines {
			st := n.State
			if st.Remind == "" {
				continue
			}
			say := fmt.Sprintf("%s「%s」：%s", n.Duty.No, n.Duty.Name, st.Say)
			added, err := tx.Exec(remindPut, region, n.Duty.ID, st.Remind, st.Due, st.Turn, say, tx.Today(), tx.Millis())
			if err != nil {
				return err
			}
			if added > 0 && n.Plan.Phone != "" {
				due[n.Plan.Phone]++
				name[n.Plan.Phone] = n.Plan.Owner
			}
		}
		for phone, n := range due {
			text := TextDue.Say(name[phone], n)
			if err := job.Put(tx, region, phone+" "+tx.Today().String(), tx.Now(), Message{phone, text}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Reminders lists the reminders of the last days, newest first.
func (s *Service) Reminders(ctx context.Context, region string, days int) (list []Reminder, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = remindersSince(tx, region, tx.Today().AddDays(-days), 50)
		return err
	})
	return list, err
}
