package hall

import (
	"strconv"

	"yinling/internal/policy"
)

var (
	patience     = policy.Int("hall.patience_minutes", "等满多久，优先窗口也一起排", "分钟")
	missCalls    = policy.Int("hall.miss_count", "叫几次没有人来算过号", "次")
	onlineCredit = policy.Int("hall.online_minutes", "网上取号，到之前最多算等了多久", "分钟")
)

// Candidate is the one who has waited longest in a lane: nobody behind can
// come first. Passed: another window sent the person here.
type Candidate struct {
	Ticket  string `json:"ticket" need:"true"`
	Lane    string `json:"lane" need:"true"`
	Seconds int64  `json:"seconds" need:"true"` // waited so far
	Passed  bool   `json:"passed" need:"true"`
}

// NextFacts is the input of hall.next: who could be called by one window.
type NextFacts struct {
	PriorityWindow bool        `json:"priority_window" need:"true"`
	Waiting        []Candidate `json:"waiting" need:"true"`
}

// NextCall is who is called and why.
type NextCall struct {
	Ticket string `json:"ticket"`
	Why    string `json:"why"`
}

// NextRule is hall.next 下一个叫谁: waiting counts by the weight of the lane, so
// elders come sooner and nobody starves: everybody's waiting grows. A priority
// window (优先窗口) calls priority lanes first, until somebody has waited too long.
var NextRule = policy.NewRule("hall.next", 1, "窗口下一个叫谁", next)

func next(v *policy.View, in NextFacts) (NextCall, error) {
	if len(in.Waiting) == 0 {
		return NextCall{}, v.Refuse(lanes.Cite(v), "现在没有人在等这个窗口能办的事")
	}
	byID := map[string]*Lane{}
	rows := lanes.In(v)
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	long := patience.In(v) * 60
	if v.Err() != nil {
		return NextCall{}, v.Err()
	}
	var best *Candidate
	var bestRow *Lane
	var first bool
	for i := range in.Waiting {
		c := &in.Waiting[i]
		row := byID[c.Lane]
		if row == nil {
			return NextCall{}, v.Refuse(lanes.Cite(v), "号 %s 的通道「%s」不在政策包里；请重新取号", c.Ticket, c.Lane)
		}
		// At a priority window the others stand behind until they are tired of waiting.
		f := !in.PriorityWindow || row.Priority || c.Seconds >= long
		if best == nil || before(c, row, f, best, bestRow, first) {
			best, bestRow, first = c, row, f
		}
	}
	switch {
	case best.Passed:
		v.Cite(bestRow, "号 %s 是别的窗口转来的，先叫", best.Ticket)
		return NextCall{best.Ticket, "别的窗口转来"}, nil
	case len(in.Waiting) == 1:
		v.Cite(bestRow, "只有号 %s 在等", best.Ticket)
		return NextCall{best.Ticket, bestRow.Name}, nil
	}
	v.Cite(bestRow, "号 %s（%s）等了 %d 秒，每秒算 %d 秒，排在最前", best.Ticket, bestRow.Name, best.Seconds, bestRow.Weight)
	return NextCall{best.Ticket, bestRow.Name + "，等了 " + itoa(best.Seconds/60) + " 分钟"}, nil
}

// before tells whether a is called before b.
func before(a *Candidate, ra *Lane, fa bool, b *Candidate, rb *Lane, fb bool) bool {
	if a.Passed != b.Passed {
		return a.Passed
	}
	if fa != fb {
		return fa
	}
	if x, y := a.Seconds*ra.Weight, b.Seconds*rb.Weight; x != y {
		return x > y
	}
	if a.Seconds != b.Seconds {
		return a.Seconds > b.Seconds
	}
	return ra.Weight > rb.Weight
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
