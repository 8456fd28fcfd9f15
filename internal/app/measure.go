package app

import (
	"context"

	"yinling/internal/day"
	"yinling/internal/job"
	"yinling/internal/measure"
	"yinling/internal/sms"
)

// Measure is the work ledger of measures (工作台账); it keeps nothing of its own.
func (a *App) Measure() *measure.Service {
	return &measure.Service{Log: a.Log, Packs: a.Packs, Files: a.Files}
}

// measures reminds every morning of what comes due or is late.
func (a *App) measures(r *job.Runner) {
	r.Daily(8, 0, func(_ string, on day.Day) job.Args { return measure.Remind{On: on} })
	job.On(r, func(ctx context.Context, j job.Job, _ measure.Remind) error {
		return a.Measure().OnRemind(ctx, j.Region)
	})
	job.On(r, func(ctx context.Context, j job.Job, x measure.Message) error {
		return a.sms.Send(ctx, sms.Message{ID: j.ID, Phone: x.Phone, Text: x.Text})
	})
}
