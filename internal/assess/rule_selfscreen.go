package assess

import (
	"strings"

	"yinling/internal/fault"
	"yinling/internal/policy"
)

// ScreenItem is one of the six questions of the self-screen (自评表, 表B).
type ScreenItem struct {
	policy.Row
	ID    string `json:"id" say:"编号"`
	Class string `json:"class" options:"a|b" say:"类别：a 进食、大小便控制、洗澡；b 穿衣、用厕、床椅转移"`
	Name  string `json:"name" say:"名称"`
}

// ScreenRow is the line of the grade table for a number of b items that cannot
// be done alone; grades stand for 0, 1, 2, 3 such a items.
type ScreenRow struct {
	policy.Row
	B      int64    `json:"b" say:"b 类里依赖的项数"`
	Grades []string `json:"grades" say:"a 类里依赖 0、1、2、3 项时的等级 A 至 G"`
}

var (
	screenItems     = policy.Rows[ScreenItem]("assess.selfscreen.items", "自评条目")
	screenGrades    = policy.Rows[ScreenRow]("assess.selfscreen.grades", "自评等级表")
	screenThreshold = policy.Choice("assess.selfscreen.threshold", "可以申请的最低自评等级", "A", "B", "C", "D", "E", "F", "G")
	screenEnforced  = policy.Bool("assess.selfscreen.enforced", "没有达到自评等级就不能申请")
)

// ScreenAnswers is the input of assess.selfscreen: item id to independent (独立),
// partial (部分独立) or dependent (依赖).
type ScreenAnswers struct {
	Items map[string]string `json:"items" need:"true"`
}

// Screen is the grade A to G and whether an application may be made.
type Screen struct {
	Grade    string `json:"grade"`
	MayApply bool   `json:"may_apply"`
}

// SelfScreenRule is assess.selfscreen 自评: it never refuses, it only tells.
var SelfScreenRule = policy.NewRule("assess.selfscreen", 1, "失能自评", selfScreen)

// ScreenQuestions are the six questions on the day of v, for screens.
func ScreenQuestions(v *policy.View) []ScreenItem {
	items, _ := screenItems.Peek(v)
	return items
}

func selfScreen(v *policy.View, in ScreenAnswers) (Screen, error) {
	items := screenItems.In(v)
	depend := map[string]int64{}
	var names []string
	known := map[string]bool{}
	for i := range items {
		it := &items[i]
		known[it.ID] = true
		switch in.Items[it.ID] {
		case "dependent":
			depend[it.Class]++
			names = append(names, it.Name)
		case "independent", "partial":
		case "":
			return Screen{}, fault.Field("items."+it.ID, "「%s」还没有选；六项都要选", it.Name)
		default:
			return Screen{}, fault.Field("items."+it.ID, "「%s」只能选 independent（独立）、partial（需要帮助）、dependent（不能独立完成）", it.Name)
		}
	}
	for id := range in.Items {
		if !known[id] {
			return Screen{}, fault.Field("items."+id, "自评表里没有这一项；请核对编号")
		}
	}
	if len(names) == 0 {
		v.Cite(screenItems, "六项都能自己做，或在帮助下能做")
	} else {
		v.Cite(screenItems, "不能独立完成的有：%s", strings.Join(names, "、"))
	}
	rows := screenGrades.In(v)
	for i := range rows {
		r := &rows[i]
		if r.B != depend["b"] || depend["a"] >= int64(len(r.Grades)) {
			continue
		}
		out := Screen{Grade: r.Grades[depend["a"]]}
		v.Cite(r, "a 类依赖 %d 项，b 类依赖 %d 项，自评等级为 %s", depend["a"], depend["b"], out.Grade)
		threshold, enforced := screenThreshold.In(v), screenEnforced.In(v)
		out.MayApply = !enforced || out.Grade >= threshold
		if out.MayApply {
			v.Say("可以申请失能等级评估")
		} else {
			v.Say("还没有达到 %s 级，现在申请多半通不过；情况有变化时可以再自评", threshold)
		}
		return out, nil
	}
	return Screen{}, v.Refuse(screenGrades, "自评等级表里没有 a 类 %d 项、b 类 %d 项这一格；请政策人员补上", depend["a"], depend["b"])
}
