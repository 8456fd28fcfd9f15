package assess

import (
	"yinling/internal/benefit"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Band turns a total into one of four grades.
type Band struct {
	policy.Row
	Domain string `json:"domain" options:"adl|cog|per" say:"方面：adl 日常生活活动能力、cog 认知能力、per 感知觉与沟通能力"`
	Min    int64  `json:"min" say:"合计最低分"`
	Max    int64  `json:"max" say:"合计最高分"`
	Grade  string `json:"grade_name" options:"能力完好|轻度受损|中度受损|重度受损" say:"分级"`
}

// Cell is one cell of the combination table (组合法).
type Cell struct {
	policy.Row
	ADL   string `json:"adl" options:"能力完好|轻度受损|中度受损|重度受损" say:"日常生活活动能力的分级"`
	Worse string `json:"worse" options:"能力完好|轻度受损|中度受损|重度受损" say:"认知能力、感知觉与沟通能力中较重的分级"`
	Level int64  `json:"level" say:"失能等级 0 至 5"`
}

var (
	instrument  = policy.Rows[Indicator]("assess.instrument", "失能等级评估表")
	bands       = policy.Rows[Band]("assess.bands", "一级指标分级")
	combination = policy.Rows[Cell]("assess.combination", "失能等级组合表")
)

// Grades of one domain, from the best to the worst.
var severity = map[string]int{"能力完好": 0, "轻度受损": 1, "中度受损": 2, "重度受损": 3}

// Scores is the input of assess.level: every item's id with its score.
type Scores struct {
	Scores map[string]int64 `json:"scores" need:"true"`
}

// Total is the sum of one domain and its grade.
type Total struct {
	Total int64  `json:"total"`
	Grade string `json:"grade"`
}

// Level is the conclusion: 0 基本正常 … 5 重度失能Ⅲ级, named as the region names it.
type Level struct {
	Level int64  `json:"level"`
	Name  string `json:"name"`
	ADL   Total  `json:"adl"`
	Cog   Total  `json:"cog"`
	Per   Total  `json:"per"`
}

// LevelRule is assess.level 失能等级判定: 17 scores, three grades, one level.
var LevelRule = policy.NewRule("assess.level", 1, "失能等级判定", level)

var domains = []struct{ id, name string }{{"adl", "日常生活活动能力"}, {"cog", "认知能力"}, {"per", "感知觉与沟通能力"}}

func level(v *policy.View, in Scores) (Level, error) {
	items := instrument.In(v)
	sums := map[string]int64{}
	known := map[string]bool{}
	for i := range items {
		it := &items[i]
		known[it.ID] = true
		s, ok := in.Scores[it.ID]
		if !ok {
			return Level{}, fault.Field("scores."+it.ID, "「%s」还没有评分；17 项都要评", it.Name)
		}
		if !it.has(s) {
			return Level{}, fault.Field("scores."+it.ID, "「%s」没有 %d 分这个选项；可以选的是 %s", it.Name, s, it.scores())
		}
		sums[it.ID[:3]] += s
	}
	for id := range in.Scores {
		if !known[id] {
			return Level{}, fault.Field("scores."+id, "评估表里没有这一项；请核对编号")
		}
	}
	v.Cite(instrument, "%d 项评分齐全", len(items))
	out := Level{}
	for i, to := range []*Total{&out.ADL, &out.Cog, &out.Per} {
		d := domains[i]
		b := band(bands.In(v), d.id, sums[d.id])
		if b == nil {
			return Level{}, fault.Field("scores", "%s合计 %d 分，没有对应的分级；请核对评分", d.name, sums[d.id])
		}
		to.Total, to.Grade = sums[d.id], b.Grade
		v.Cite(b, "%s合计 %d 分，在 %d 至 %d 分之间，为%s", d.name, to.Total, b.Min, b.Max, b.Grade)
	}
	worse := out.Cog.Grade
	if severity[out.Per.Grade] > severity[worse] {
		worse = out.Per.Grade
	}
	cells := combination.In(v)
	for i := range cells {
		if c := &cells[i]; c.ADL == out.ADL.Grade && c.Worse == worse {
			out.Level, out.Name = c.Level, benefit.Name(v, c.Level)
			v.Cite(c, "日常生活活动能力%s，认知、感知觉与沟通中较重的一项%s，组合后为 %d 级：%s", c.ADL, c.Worse, c.Level, out.Name)
			return out, nil
		}
	}
	return Level{}, v.Refuse(combination, "组合表里没有「%s」和「%s」这一格；请政策人员补上", out.ADL.Grade, worse)
}

func band(rows []Band, domain string, total int64) *Band {
	for i := range rows {
		if b := &rows[i]; b.Domain == domain && b.Min <= total && total <= b.Max {
			return b
		}
	}
	return nil
}
