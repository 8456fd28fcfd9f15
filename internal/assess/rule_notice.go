package assess

import (
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

var noticeDays = policy.Int("assess.notice_days", "结论公示的天数", "天")

// NoticeStart is the input of assess.notice.
type NoticeStart struct {
	From day.Day `json:"from" need:"true"`
}

// NoticeSpan is the public notice (公示): both days are within it.
type NoticeSpan struct {
	From day.Day `json:"from"`
	To   day.Day `json:"to"`
	Days int64   `json:"days"`
}

// NoticeRule is assess.notice 结论公示. The national text leaves the days to the
// region; a region that does not give them cannot publish.
var NoticeRule = policy.NewRule("assess.notice", 1, "结论公示", notice)

func notice(v *policy.View, in NoticeStart) (NoticeSpan, error) {
	if in.From.IsZero() {
		return NoticeSpan{}, fault.Field("from", "请写明公示从哪一天开始")
	}
	n := noticeDays.In(v)
	if n < 1 {
		return NoticeSpan{}, v.Err()
	}
	to := in.From.AddDays(int(n) - 1)
	v.Say("公示从%s到%s，共 %d 天", in.From.Chinese(), to.Chinese(), n)
	return NoticeSpan{in.From, to, n}, nil
}
