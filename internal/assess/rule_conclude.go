package assess

import (
	"fmt"

	"yinling/internal/fault"
	"yinling/internal/policy"
)

var (
	concludeExperts = policy.Int("assess.conclude.expert_count", "作出结论的专家最少", "名")
	concludeMethod  = policy.Choice("assess.conclude.method", "专家意见不一致时", "third_decides", "majority")
)

// ExpertLevel is the level that one expert has found on his own.
type ExpertLevel struct {
	Expert string `json:"expert"`
	Level  int64  `json:"level" need:"true"`
}

// Opinions is the input of assess.conclude, in the order in which they came.
type Opinions struct {
	Opinions []ExpertLevel `json:"opinions"`
}

// Conclusion is the level, or the wish for one more expert.
type Conclusion struct {
	Level     int64 `json:"level"`
	Final     bool  `json:"final"`
	NeedThird bool  `json:"need_third"`
}

// ConcludeRule is assess.conclude 评估结论: independent experts agree, or one
// more expert is asked.
var ConcludeRule = policy.NewRule("assess.conclude", 1, "专家结论", conclude)

func conclude(v *policy.View, in Opinions) (Conclusion, error) {
	seen := map[string]bool{}
	count := map[int64]int64{}
	for i, o := range in.Opinions {
		if o.Expert == "" || seen[o.Expert] {
			return Conclusion{}, fault.Field(fmt.Sprintf("opinions[%d].expert", i), "每名专家只能作出一份结论")
		}
		if o.Level < 0 || o.Level > 5 {
			return Conclusion{}, fault.Field(fmt.Sprintf("opinions[%d].level", i), "等级是 0 至 5")
		}
		seen[o.Expert] = true
		count[o.Level]++
	}
	need, n := concludeExperts.In(v), int64(len(in.Opinions))
	if n < need {
		v.Say("已有 %d 名专家作出结论，还差 %d 名", n, need-n)
		return Conclusion{}, nil
	}
	if n > need+1 {
		return Conclusion{}, fault.Field("opinions", "最多 %d 名专家", need+1)
	}
	first := in.Opinions[0].Level
	if count[first] == n {
		v.Say("%d 名专家的结论一致：%d 级", n, first)
		return Conclusion{Level: first, Final: true}, nil
	}
	if n == need {
		v.Cite(concludeMethod, "%d 名专家的结论不一致，请另一名专家独立评定", n)
		return Conclusion{NeedThird: true}, nil
	}
	method := concludeMethod.In(v)
	last := in.Opinions[n-1].Level
	if method == "majority" {
		for l, c := range count {
			if 2*c > n {
				v.Say("%d 名专家中有 %d 名认定为 %d 级，按多数", n, c, l)
				return Conclusion{Level: l, Final: true}, nil
			}
		}
		return Conclusion{}, v.Refuse(concludeMethod, "%d 名专家的结论各不相同，没有多数；请重新组织评估", n)
	}
	v.Say("按第 %d 名专家的结论：%d 级", n, last)
	return Conclusion{Level: last, Final: true}, nil
}
