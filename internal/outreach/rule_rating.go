package outreach

import (
	"maps"
	"slices"

	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Scores are the five steps of a rating (好差评) in words, worst first; a rating
// is a number from 1 to 5.
var Scores = []string{"很不满意", "不满意", "一般", "满意", "很满意"}

var (
	lowLevel      = policy.Int("outreach.rating.low_level", "差评：从这一级往下", "级")
	ratingAnswer  = policy.Int("outreach.rating.answer_workdays", "收到差评后联系本人、答复的时限", "个工作日")
	improveWork   = policy.Int("outreach.improve.finish_workdays", "改进事项办完的时限", "个工作日")
	knowledgeKey  = policy.Rows[Question]("outreach.knowledge.questions", "政策知晓调查的题目")
	knownQuestion = policy.Int("outreach.knowledge.right_count", "答对几题算知晓", "题")
)

// Rated is one rating.
type Rated struct {
	Score int64 `json:"score" need:"true"`
}

// Weighed says whether somebody has to answer it, and in how many working days.
type Weighed struct {
	Low     bool  `json:"low"`
	Answer  int64 `json:"answer_workdays"`  // 0: nobody has to
	Improve int64 `json:"improve_workdays"` // what came of it is to be done in so many
}

// RatingRule is outreach.rating 好差评: a bad rating is answered and becomes an
// item to improve.
var RatingRule = policy.NewRule("outreach.rating", 1, "差评的答复和整改", rating)

func rating(v *policy.View, in Rated) (Weighed, error) {
	if in.Score < 1 || in.Score > int64(len(Scores)) {
		return Weighed{}, fault.Field("score", "请在很满意到很不满意五个里选一个")
	}
	low := lowLevel.In(v)
	if v.Err() != nil || in.Score > low {
		return Weighed{}, v.Err()
	}
	w := Weighed{true, ratingAnswer.In(v), improveWork.In(v)}
	v.Say("评价是“%s”，%d 个工作日内要答复本人，%d 个工作日内整改", Scores[in.Score-1], w.Answer, w.Improve)
	return w, v.Err()
}

// Question is one question of the knowledge survey (政策知晓率).
type Question struct {
	policy.Row
	ID      string   `json:"id" say:"编号"`
	Text    string   `json:"text" say:"问什么"`
	Options []string `json:"options" say:"几个答案"`
	Right   int64    `json:"right" say:"第几个是对的，从 1 数起"`
}

// Check holds a question to have its right answer.
func (q Question) Check() error {
	if q.Right < 1 || q.Right > int64(len(q.Options)) {
		return fault.New(fault.Invalid, "right 要在 1 到 %d 之间", len(q.Options))
	}
	return nil
}

// Answers are what somebody answered, by the question's id, counted from 1.
type Answers struct {
	Chosen map[string]int64 `json:"chosen" need:"true"`
}

// Known says how much of the policy the person knew.
type Known struct {
	Right int64 `json:"right"`
	All   int64 `json:"all"`
	Knows bool  `json:"knows"`
}

// KnownRule is outreach.known 政策知晓: so many right answers count as knowing.
var KnownRule = policy.NewRule("outreach.known", 1, "政策知晓调查", known)

func known(v *policy.View, in Answers) (k Known, err error) {
	rows, need := knowledgeKey.In(v), knownQuestion.In(v)
	for _, id := range slices.Sorted(maps.Keys(in.Chosen)) {
		n := in.Chosen[id]
		i := slices.IndexFunc(rows, func(q Question) bool { return q.ID == id })
		if i < 0 {
			return k, fault.Field("chosen."+id, "没有「%s」这道题", id)
		}
		if most := len(rows[i].Options); n < 0 || n > int64(most) {
			return k, fault.Field("chosen."+id, "这道题的答案是第 1 到第 %d 个，没有答的写 0，现在是 %d", most, n)
		}
	}
	for i := range rows {
		k.All++
		if in.Chosen[rows[i].ID] == rows[i].Right {
			k.Right++
		}
	}
	k.Knows = k.Right >= need
	if v.Err() == nil {
		v.Say("答对 %d 题，共 %d 题，答对 %d 题算知晓", k.Right, k.All, need)
	}
	return k, v.Err()
}
