package app

import (
	"context"
	"fmt"

	"yinling/internal/assess"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/job"
	"yinling/internal/money"
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
		return a.tell(ctx, j.Region, x.Person, "护理评估有结果了，请打开银龄医保看结论和依据，有问题打12393。")
	})

	job.On(r, func(ctx context.Context, j job.Job, x assess.Message) error {
		return a.tell(ctx, j.Region, x.Person, x.Text)
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
// at the next visit, so that is no failure.
func (a *App) tell(ctx context.Context, region, person, text string) error {
	var phone string
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		p, err := a.Person.Get(tx, region, person)
		phone = p.Phone
		return err
	})
	if err != nil || phone == "" {
		return err
	}
	return a.sms.Send(ctx, phone, "【"+a.Config.Agency+"】"+text)
}

func (a *App) tellSettled(ctx context.Context, x claim.Made) error {
	var person, text string
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		b, err := claim.Get(tx, x.Region, x.Visit)
		if err != nil {
			return err
		}
		person = b.Person
		_, m, d := b.On.Date()
		text = smsSettled(m, d, b.Minutes, b.Fund, b.PersonFen)
		return nil
	})
	if err != nil {
		return err
	}

	return a.tell(ctx, x.Region, person, text)
}

func smsSettled(month, dayOf int, minutes int64, fund, own money.Fen) string {
	return fmt.Sprintf("%d月%d日护理%d分钟已结算，医保付%s，您付%s。有问题打12393。", month, dayOf, minutes, fund.Yuan(), own.Yuan())
}
