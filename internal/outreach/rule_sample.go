package outreach

import (
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

// Plan is one line of the sampling plan of follow-up calls (回访抽样计划).
type Plan struct {
	policy.Row
	Kind  string    `json:"kind" options:"visit|case|voice" say:"回访什么：visit 上门服务、case 办结的申请、voice 投诉"`
	Share money.PPM `json:"share_percent" say:"抽多少"`
	Least int64     `json:"least" say:"至少抽几件（不够就全抽）"`
	Key   bool      `json:"key_groups" say:"重点人群全部回访"`
}

var (
	samplePlan = policy.Rows[Plan]("outreach.followup.plan", "回访的抽样计划")
	tries      = policy.Int("outreach.followup.try_count", "打不通最多打几次", "次")
)

// Pool is what a week has to draw from.
type Pool struct {
	Kind  string `json:"kind" need:"true"`
	Key   int64  `json:"key" need:"true"`   // of key groups
	Other int64  `json:"other" need:"true"` // the rest
}

// Draw is how many are called.
type Draw struct {
	Key   int64 `json:"key"`
	Other int64 `json:"other"`
}

// SampleRule is outreach.sample 回访抽样: all of key groups, of the rest the share
// rounded up and at least so many.
var SampleRule = policy.NewRule("outreach.sample", 1, "回访抽样", sample)

func sample(v *policy.View, in Pool) (Draw, error) {
	if in.Key < 0 || in.Other < 0 {
		return Draw{}, fault.Field("key", "件数不能小于 0")
	}
	rows := samplePlan.In(v)
	for i := range rows {
		r := &rows[i]
		if r.Kind != in.Kind {
			continue
		}
		key, pool := in.Key, in.Other
		if !r.Key {
			key, pool = 0, in.Key+in.Other
		}
		n := (pool*int64(r.Share) + 999_999) / 1_000_000
		n = min(pool, max(n, r.Least-key))
		n = max(n, 0)
		v.Cite(r, "重点人群 %d 件全部回访，其余 %d 件抽 %s，至少共 %d 件：抽 %d 件", key, pool, r.Share.Percent(), r.Least, n)
		return Draw{key, n}, nil
	}
	if v.Err() != nil {
		return Draw{}, v.Err()
	}
	return Draw{}, fault.Field("kind", "抽样计划里没有这一种；可以是 visit、case、voice")
}

// Tries is how often an unreachable person is called.
type Tries struct {
	Made int64 `json:"made" need:"true"` // calls made so far without an answer
}

// TriesLeft says whether there is another one.
type TriesLeft struct {
	Left int64 `json:"left"`
}

// TriesRule is outreach.tries 打不通的回访.
var TriesRule = policy.NewRule("outreach.tries", 1, "打不通的回访再打几次", triesLeft)

func triesLeft(v *policy.View, in Tries) (TriesLeft, error) {
	return TriesLeft{max(0, tries.In(v)-in.Made)}, v.Err()
}
