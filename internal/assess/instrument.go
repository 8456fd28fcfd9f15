package assess

import (
	"fmt"
	"strings"

	"yinling/internal/policy"
)

// Indicator is one of the 17 indicators of the instrument (失能等级评估表) with its
// options, as screens show them.
type Indicator struct {
	policy.Row
	ID      string   `json:"id" say:"编号：adl. cog. per. 开头，分属三个方面"`
	No      int64    `json:"no" say:"表里的序号"`
	Name    string   `json:"name" say:"条目名称"`
	Options []Option `json:"options" say:"选项和得分"`
}

// Option is one answer to an item with its score.
type Option struct {
	Score int64  `json:"score" say:"得分"`
	Text  string `json:"text" say:"选项原文"`
}

// Instrument is the questionnaire that holds on the day of v, for screens.
func Instrument(v *policy.View) []Indicator {
	items, _ := instrument.Peek(v)
	return items
}

func (it *Indicator) has(score int64) bool {
	for _, o := range it.Options {
		if o.Score == score {
			return true
		}
	}
	return false
}

func (it *Indicator) scores() string {
	var s []string
	for _, o := range it.Options {
		s = append(s, fmt.Sprint(o.Score))
	}
	return strings.Join(s, "、")
}
