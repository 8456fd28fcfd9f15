package measure

import (
	"fmt"

	"yinling/internal/day"
)

// judge fills the verdict from what was told up to the day; later reports do
// not count, so that the ledger of a past day can be shown.
func judge(out *Verdict, in Facts, on day.Day, standing bool, warn, every int64) {
	var done, unproven, last day.Day
	for _, r := range in.Reports {
		switch {
		case r.On > on:
			continue
		case r.Done && r.Proof > 0 && (done.IsZero() || r.On < done):
			done = r.On
		case r.Done && r.Proof == 0 && (unproven.IsZero() || r.On < unproven):
			unproven = r.On
		}
		last = max(last, r.On)
	}
	for _, s := range in.Steps {
		if !s.Due.IsZero() && s.Due < on && (s.Done.IsZero() || s.Done > on) && out.Step == "" {
			out.Step = s.Name
		}
	}
	if !out.Due.IsZero() {
		out.Left = int64(out.Due) - int64(on)
	}
	behind := ""
	if out.Step != "" {
		behind = fmt.Sprintf("；阶段「%s」过了自己定的日子", out.Step)
	}
	switch {
	case !done.IsZero() && !standing:
		out.Code, out.Say = Done, done.Chinese()+"完成，有佐证"
		if !out.Due.IsZero() && done > out.Due {
			out.Over = int64(done) - int64(out.Due)
			out.Say = fmt.Sprintf("%s完成，有佐证，迟了 %d 天", done.Chinese(), out.Over)
		}
		return
	case standing:
		out.Code, out.Say = Standing, "长期，还没有报告"
		if !last.IsZero() {
			out.Say = "长期，最近一次报告在 " + last.Chinese()
		}
		out.Say += behind
		return
	case !unproven.IsZero() && (out.Due.IsZero() || out.Left >= 0):
		out.Code, out.Say = Unproven, unproven.Chinese()+"报了完成，还缺佐证"
	case out.Due.IsZero():
		out.Code, out.Say = Waiting, "文件没有写日子，等定下来"+behind
		return
	case out.Left < 0:
		out.Code, out.Over = Late, -out.Left
		out.Say = fmt.Sprintf("超期 %d 天", out.Over)
		if !unproven.IsZero() {
			out.Say += "，报了完成但没有佐证"
		} else if last.IsZero() {
			out.Say += "，没有报告"
		}
	case out.Left == 0:
		out.Code, out.Say = Soon, "今天到期"+behind
	case out.Left <= warn:
		out.Code, out.Say = Soon, fmt.Sprintf("还剩 %d 天%s", out.Left, behind)
	case last.IsZero():
		out.Code, out.Say = NotYet, fmt.Sprintf("还没有报告，还剩 %d 天%s", out.Left, behind)
	default:
		out.Code, out.Say = Doing, fmt.Sprintf("进行中，还剩 %d 天%s", out.Left, behind)
	}
	switch {
	case out.Due.IsZero():
	case out.Left < 0:
		out.Remind, out.Turn = "late", (-out.Left-1)/every
	case out.Left == 0:
		out.Remind = "due"
	case out.Left <= warn:
		out.Remind = "before"
	}
}

// DueOf is the deadline of a duty that holds for a unit.
func DueOf(d Duty, u Unit) (due Due) {
	for _, x := range d.Dues {
		if x.Group == "" || x.Group == u.Group {
			due = x
			if x.Group != "" {
				break
			}
		}
	}
	return due
}
