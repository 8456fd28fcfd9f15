package app

import (
	"cmp"
	"context"
	"log/slog"

	"yinling/internal/access"
	"yinling/internal/assess"
	"yinling/internal/audit"
	"yinling/internal/care"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/institution"
	"yinling/internal/job"
	"yinling/internal/outreach"
	"yinling/internal/person"
	"yinling/internal/report"
	"yinling/internal/share"
	"yinling/internal/sms"
	"yinling/internal/undo"
)

// events is every reaction of the program: «when X then Y». Handlers run at
// least once and do nothing new the second time.
func (a *App) events() {
	r := a.Jobs

	// assess: the clock of an application
	job.On(r, func(ctx context.Context, j job.Job, x assess.SupplyDue) error {
		return a.Assess.OnSupplyDue(ctx, j.Region, x)
	})
	job.On(r, func(ctx context.Context, j job.Job, x assess.NoticeDue) error {
		return a.Assess.OnNoticeDue(ctx, j.Region, x)
	})
	job.On(r, func(ctx context.Context, j job.Job, x assess.RenewDue) error {
		return a.Assess.OnRenewDue(ctx, j.Region, x)
	})
	job.On(r, func(ctx context.Context, j job.Job, x assess.ExpiryDue) error {
		return a.Assess.OnExpiryDue(ctx, j.Region, x)
	})
	job.On(r, func(ctx context.Context, j job.Job, x assess.Decided) error {
		return a.tell(ctx, j.Region, x.Person, j.ID, func(p person.Person) string {
			return assess.TextDecided.Say(p.Name)
		}, institution.Message{Institution: x.Inst, Href: "/j/apply/" + x.Case})
	})

	job.On(r, func(ctx context.Context, j job.Job, x assess.Message) error {
		return a.tell(ctx, j.Region, x.Person, j.ID, func(person.Person) string { return x.Text }, institution.Message{Institution: x.Inst, Href: "/j/apply/" + x.Case})
	})

	// desk: what a person is told of a matter
	job.On(r, func(ctx context.Context, j job.Job, x desk.Told) error {
		if x.Person == "" {
			return a.tellNew(ctx, j.Region, j.ID, x)
		}
		m := institution.Message{Institution: x.Inst, Href: "/j/case/" + x.Case}
		if x.Inst != "" {
			given, err := a.Desk.PapersOf(ctx, j.Region, x.Case)
			if err != nil {
				return err
			}
			for _, p := range given { // the newest that counts
				if p.State != desk.PaperVoid {
					m.Paper = m.Href + "/letter/" + string(p.Kind)
				}
			}
		}
		return a.tell(ctx, j.Region, x.Person, j.ID, func(person.Person) string { return x.Text }, m)
	})

	// outreach: limits of complaints, the person told
	job.On(r, func(ctx context.Context, j job.Job, x outreach.VoiceDue) error {
		return a.Outreach.OnVoiceDue(ctx, j.Region, x)
	})
	job.On(r, func(ctx context.Context, j job.Job, x outreach.VoiceClose) error {
		return a.Outreach.OnVoiceClose(ctx, j.Region, x)
	})
	r.Daily(1, 40, func(region string, on day.Day) job.Args { return undo.Nightly{On: on} })
	job.On(r, func(ctx context.Context, j job.Job, _ undo.Nightly) error {
		return undo.OnNightly(ctx, a.Log, j.Region)
	})
	r.Daily(1, 45, func(region string, on day.Day) job.Args { return outreach.Nightly{On: on} })
	job.On(r, func(ctx context.Context, j job.Job, x outreach.Nightly) error {
		if _, err := a.Outreach.OnDay(ctx, j.Region); err != nil {
			return err
		}
		return a.Outreach.OnWeekly(ctx, j.Region, x.On)
	})
	job.On(r, func(ctx context.Context, j job.Job, x outreach.Message) error {
		return a.tellVoice(ctx, j.Region, j.ID, x)
	})

	job.On(r, func(ctx context.Context, j job.Job, x desk.HandedOver) error {
		return a.Desk.OnHandedOver(ctx, j.Region, x)
	})
	job.On(r, func(ctx context.Context, j job.Job, x desk.HandedBack) error {
		return a.Desk.OnHandedBack(ctx, j.Region, x)
	})
	r.Daily(8, 0, func(region string, on day.Day) job.Args { return desk.HandedAgain{On: on} })
	job.On(r, func(ctx context.Context, j job.Job, _ desk.HandedAgain) error {
		return a.Desk.OnHandedAgain(ctx, j.Region)
	})

	// access: a relative has logged a phone in
	job.On(r, func(ctx context.Context, j job.Job, x access.Helped) error {
		return a.tellHelped(ctx, j.Region, j.ID, x)
	})

	// desk: drafts that nobody came back to
	r.Daily(2, 30, func(region string, on day.Day) job.Args { return desk.Purge{On: on} })
	job.On(r, func(ctx context.Context, j job.Job, _ desk.Purge) error { return a.Desk.OnPurge(ctx, j.Region) })

	// care: visits of the coming weeks, and what a late upload shows
	r.Daily(1, 30, func(region string, on day.Day) job.Args { return daily{On: on} })
	job.On(r, func(ctx context.Context, j job.Job, x daily) error {
		if _, err := a.Care.Roll(ctx, j.Region); err != nil {
			return err
		}
		return a.Care.Recheck(ctx, j.Region, x.On-1)
	})

	// measure: reminders of the work ledger
	a.measures(r)

	// share: lists that were never finished; where everybody of the key population stands
	r.Daily(3, 10, func(region string, on day.Day) job.Args { return watchDaily{On: on} })
	job.On(r, func(ctx context.Context, j job.Job, _ watchDaily) error {
		if err := a.Share.Prune(ctx, j.Region); err != nil {
			return err
		}
		return a.Share.Refresh(ctx, audit.System(j.Region), j.Region)
	})

	// share: who has died needs no care any more
	job.On(r, func(ctx context.Context, j job.Job, x share.Died) error { return a.died(ctx, j.Region, x) })

	// claim: a bill follows what the office decides about its visit
	job.On(r, func(ctx context.Context, j job.Job, x care.Judged) error { return a.Claim.Judged(ctx, j.Region, x) })

	// claim: tell the person what was settled; give back what was paid too much
	job.On(r, func(ctx context.Context, j job.Job, x claim.Made) error { return a.tellSettled(ctx, x) })
	job.On(r, func(ctx context.Context, j job.Job, x claim.Refund) error { return a.Claim.DoRefund(ctx, a.channel, x) })
}

// daily is the work of every night.
type daily struct {
	On day.Day `json:"on"`
}

// Kind names the job.
func (daily) Kind() string { return "care.daily" }

// tell sends a person one message; who has no telephone is told by letter or
// at the next visit, so that is no failure. The id is the job's: a job that runs
// twice sends once. A number that takes no messages is no reason to try again.
// An institution that acted for the person reads the same under its messages.
func (a *App) tell(ctx context.Context, region, id, job string, say func(person.Person) string, too ...institution.Message) error {
	var p person.Person
	err := a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		p, err = a.Person.Get(tx, region, id)
		return err
	})
	if err != nil {
		return err
	}
	for _, m := range too {
		if m.Institution == "" {
			continue
		}
		m.Region, m.Kind, m.Title = region, "case", say(p)
		act := audit.Act{Region: region, Verb: "institution.tell", Object: m.Institution, Key: "tell/" + job}
		if err := audit.Run(ctx, a.Log, audit.System(region), act, func(tx *db.Tx) error { return institution.Tell(tx, m) }); err != nil {
			return err
		}
	}
	if p.Phone == "" {
		return nil
	}
	return a.send(ctx, sms.Message{ID: job, Phone: p.Phone, Text: say(p)})
}

// endedIn lists what a week has for follow-up calls.
func (a *App) endedIn(ctx context.Context, region, kind string, from, to day.Day) (out []outreach.Candidate, err error) {
	rep := &report.Service{Log: a.Log}
	var xs []report.Ended
	what := "上门护理"
	switch kind {
	case "visit":
		xs, err = rep.VisitsEnded(ctx, region, from, to)
	case "case":
		what = "提出的申请"
		xs, err = rep.CasesEnded(ctx, region, from, to)
	case "voice":
		return a.Outreach.VoicePool(ctx, region, from, to)
	}
	for _, x := range xs {
		out = append(out, outreach.Candidate{Object: x.Object, Person: x.Person, Name: x.Name, What: x.On.Short() + what, Key: x.Key})
	}
	return out, err
}

// tellNew tells somebody of their case who is not in the roster yet.
func (a *App) tellNew(ctx context.Context, region, job string, x desk.Told) error {
	var phone string
	err := a.DB.Read(ctx, func(tx *db.Tx) (err error) { phone, err = a.Desk.Phone(tx, region, x.Case); return err })
	if err != nil || phone == "" {
		return err
	}
	return a.send(ctx, sms.Message{ID: job, Phone: phone, Text: x.Text})
}

// send gives up what the gateway will never take.
func (a *App) send(ctx context.Context, m sms.Message) error {
	err := a.sms.Send(ctx, m)
	if fault.Is(err, fault.Refused) {
		slog.Warn("短信没有发出去", "job", m.ID, "err", err)
		return nil
	}
	return err
}

// tellVoice tells who spoke: an insured person, or the telephone left with it.
func (a *App) tellVoice(ctx context.Context, region, job string, x outreach.Message) error {
	if x.Person != "" {
		return a.tell(ctx, region, x.Person, job, func(person.Person) string { return x.Text })
	}
	phone, err := a.Outreach.Contact(ctx, region, x.Case)
	if err != nil || phone == "" {
		return err
	}
	return a.send(ctx, sms.Message{ID: job, Phone: phone, Text: x.Text})
}

// tellSettled tells each person what a settlement cost. One that could not be
// told gets a job of its own, so that the others are not told again.
func (a *App) tellSettled(ctx context.Context, x claim.Made) error {
	var again []job.New
	var first error
	for _, r := range x.Bills {
		var b claim.Bill
		err := a.DB.Read(ctx, func(tx *db.Tx) (err error) {
			b, err = claim.Get(tx, x.Region, r.Visit)
			return err
		})
		if err == nil {
			err = a.tell(ctx, x.Region, b.Person, "settled/"+r.String(), func(p person.Person) string {
				return claim.TextSettled.Say(p.Name, b.On.Short(), b.Minutes, b.Fund.Yuan(), b.PersonFen.Yuan())
			})
		}
		if err != nil {
			first = cmp.Or(first, err)
			again = append(again, job.New{Key: "again/" + r.String(), Args: claim.Made{Region: x.Region, Bills: []claim.Round{r}}})
		}
	}
	if len(again) == 0 || len(x.Bills) == 1 {
		return first
	}
	return a.DB.Write(ctx, func(tx *db.Tx) error { return job.PutAll(tx, x.Region, again) })
}
