package hall

import (
	"context"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
)

// Accept ties a case to the ticket from which it was taken (一站式：接待、答疑、受理、
// 办理、反馈, S-14). Where the person sits at a window, the ticket is accepted by
// it. Conflict: the ticket is of another day, or its person has left.
func (s *Service) Accept(tx *db.Tx, who audit.Actor, region, ticket string, r desk.Receipt) error {
	t, err := ticketOf(tx, region, ticket)
	if err != nil {
		return err
	}
	if t.Day != tx.Today().String() || t.Status == Left || t.Status == Missed {
		return fault.New(fault.Conflict, "号 %s 现在是「%s」，不能再从它收件。请重新取号，或不带号收件。", t.Label, t.Status.Name())
	}
	if _, err := tx.Insert("hall_case", []string{"region", "ticket", "case_id", "at"}, [][]any{{region, t.ID, r.Number, tx.Millis()}}, ""); err != nil {
		return err
	}
	say := "收下「" + r.Matter + "」，受理号 " + r.Number
	if t.Status == Serving && t.Accepted == 0 {
		_, err = s.step(tx, who, t, Act{Action: "accept", Say: say})
		return err
	}
	return note(tx, t, "accept", say, who.ID, who.Name)
}

// Cases are the cases that were taken from a ticket, oldest first.
func (s *Service) Cases(ctx context.Context, region, ticket string) (out []desk.Case, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		ids, err := db.All(tx, db.Value[string], getCases, region, ticket)
		for _, id := range ids {
			c, err := desk.Get(tx, region, id)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return err
	})
	return out, err
}

// OfCase is the ticket from which a case was taken; no ID: it came another way.
func (s *Service) OfCase(ctx context.Context, region, number string) (t Ticket, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		ids, err := db.All(tx, db.Value[string], getCaseTicket, region, number)
		if err == nil && len(ids) > 0 {
			t, err = ticketOf(tx, region, ids[0])
		}
		return err
	})
	return t, err
}

// Stage is one of the five stages of the reception on a ticket.
type Stage struct {
	Name, Say string
	At        int64 // milliseconds; 0: not yet
	By        string
}

// Stages are 接待、答疑、受理、办理、反馈 of a ticket, as far as they have come.
// Acceptance is also what a window did without a case; handling is done when
// the last of the cases is closed, or when the window was done and there is none.
func Stages(t Ticket, steps []Step, cases []desk.Case) []Stage {
	out := []Stage{{Name: "接待"}, {Name: "答疑"}, {Name: "受理"}, {Name: "办理"}, {Name: "反馈"}}
	at := map[string]int{"greet": 0, "answer": 1, "accompany": 1, "fill": 1, "accept": 2, "handle": 3, "feedback": 4}
	for _, x := range steps {
		if i, ok := at[x.Step]; ok {
			out[i].Say, out[i].At, out[i].By = x.Say, x.At, x.ActorName
		}
	}
	if out[0].At == 0 && t.Source == "guide" {
		out[0].At, out[0].Say = t.Taken, "引导台取的号"
	}
	if out[2].At == 0 && t.Accepted > 0 {
		out[2].At = t.Accepted
	}
	open := 0
	for _, c := range cases {
		if !c.Status.Closed() {
			open++
		} else if ms := c.LastChanged.UnixMilli(); ms > out[3].At && len(cases) > 0 {
			out[3].At, out[3].Say, out[3].By = ms, c.ID+" "+c.Status.Name(), ""
		}
	}
	switch {
	case open > 0:
		out[3] = Stage{Name: "办理", Say: "还在办"}
	case len(cases) == 0 && t.Ended > 0 && out[3].At == 0:
		out[3].At = t.Ended
	}
	return out
}
