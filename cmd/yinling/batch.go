package main

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"yinling/internal/app"
	"yinling/internal/claim"
	"yinling/internal/day"
	"yinling/internal/fault"
)

// batchCmd runs work over a whole month.
type batchCmd struct {
	Settle batchSettle `cmd:"" help:"结算一个月里已经确认、还没有结算的全部护理；可以重复运行。"`
}

type batchSettle struct {
	place
	Packs  string `env:"YINLING_PACKS" help:"叠加在内置政策包上的目录"`
	Region string `required:"" help:"统筹区代码，六位"`
	Month  string `required:"" help:"月份，如 2024-06"`
}

type batchAnswer struct {
	claim.Summary
	Seconds int64 `json:"seconds"`
}

// Run prints the summary; progress goes to stderr.
func (c *batchSettle) Run(e *env) error {
	m, err := day.ParseMonth(c.Month)
	if err != nil {
		return fault.Field("month", "%s", err.Error())
	}
	conf := c.config()
	conf.Packs = c.Packs
	a, err := app.Open(e.ctx, conf)
	if err != nil {
		return err
	}
	defer a.Close()
	// A log file gets the one line at the end, not a bar that draws over itself.
	show := func(claim.Summary) {}
	if f, ok := e.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(e.stderr), progressbar.OptionSetDescription("结算"),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(500*time.Millisecond), progressbar.OptionClearOnFinish())
		show = func(s claim.Summary) { bar.Set(s.Visits) }
		defer bar.Finish()
	}
	begun := a.DB.Now()
	sum, err := a.Claim.Batch(e.ctx, c.Region, m, show)
	if err != nil {
		return err
	}
	e.say("%s：看了 %d 次护理，这次结算 %d 次，基金付 %s；以前已结 %d，等确认 %d，疑点待核 %d，结不了 %d。", m.Chinese(), sum.Visits,
		sum.Settled, sum.Fund.Yuan(), sum.Already, sum.Waiting, sum.Held, sum.Refused)
	return e.print(batchAnswer{sum, int64(a.DB.Now().Sub(begun).Seconds())})
}
