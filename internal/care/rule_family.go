package care

import (
	"fmt"
	"slices"
	"strings"

	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

var (
	carerRelations = policy.Texts("care.family.relations", "可以当亲情照护人的关系")
	carerAge       = policy.Int("care.family.age_count", "亲情照护人最小年龄", "岁")
	carerTraining  = policy.Bool("care.family.training", "亲情照护人要先培训")
	carerPersons   = policy.Int("care.family.persons_count", "一位亲情照护人最多照护", "人")
	familyConfirm  = policy.Int("care.family.confirm_days", "家里确认照护日子的期限", "天")
	spotPercent    = policy.Percent("care.family.spot_percent", "每月抽查亲情护理的比例")
)

// FamilyIn is a family carer as rule care.family sees one.
type FamilyIn struct {
	Relation string  `json:"relation" need:"true"`
	Age      int64   `json:"age" need:"true"`
	Trained  day.Day `json:"trained,omitzero"` // zero: not trained
	From     day.Day `json:"from"`
	Persons  int64   `json:"persons"`  // others cared for in the same months
	Self     bool    `json:"self"`     // the person's own number was given
	Entitled bool    `json:"entitled"` // draws a care benefit too
}

// FamilyOut is what stands against the carer.
type FamilyOut struct {
	Problems []Problem `json:"problems"`
}

// familyRule says whether somebody may be the family carer of a plan. Refused
// where the region's terms know no family care.
var familyRule = policy.NewRule("care.family", 1, "亲情照护人核对", func(v *policy.View, in FamilyIn) (FamilyOut, error) {
	out := FamilyOut{Problems: []Problem{}}
	if err := benefit.Named(v, "family"); err != nil {
		return out, err
	}
	relations, age, training, persons := carerRelations.In(v), carerAge.In(v), carerTraining.In(v), carerPersons.In(v)
	if err := v.Err(); err != nil {
		return out, err
	}
	stop := func(field string, row policy.Cited, say string, args ...any) {
		p := Problem{Field: field, Say: fmt.Sprintf(say, args...), Stop: true}
		if row != nil {
			p.Clause = fault.As(v.Refuse(row, "")).Clause
		}
		v.Say("%s", p.Say)
		out.Problems = append(out.Problems, p)
	}
	if in.Self {
		stop("number", nil, "照护人填的是参保人自己的证件号码，请填来照护的人。")
	}
	if !slices.Contains(relations, in.Relation) {
		stop("relation", carerRelations.Cite(v), "照护人和参保人的关系请在这几种里选：%s。", strings.Join(relations, "、"))
	}
	if in.Age < age {
		stop("number", carerAge.Cite(v), "照护人 %d 岁，要满 %d 岁。", in.Age, age)
	}
	if training && (in.Trained.IsZero() || in.Trained > in.From) {
		stop("trained", carerTraining.Cite(v), "照护人要先参加培训，培训合格以后才能开始。请填培训日期，或把开始日期往后改。")
	}
	if in.Persons >= persons {
		stop("number", carerPersons.Cite(v), "这位照护人已经在照护 %d 位参保人，一人最多照护 %d 位。", in.Persons, persons)
	}
	if in.Entitled {
		stop("number", nil, "这位照护人自己也在享受护理待遇，请家里另选一位身体好的人。")
	}
	if len(out.Problems) == 0 {
		v.Say("可以由这位%s照护", in.Relation)
	}
	return out, nil
})

// SpotIn is how many plans of family care stand in a month.
type SpotIn struct {
	Plans int64 `json:"plans" need:"true"`
}

// SpotOut is how many of them are looked at.
type SpotOut struct {
	Count int64 `json:"count"`
}

// spotRule says how many plans of family care are drawn in a month: the share
// of the pack, rounded up, so that where there is one, one is looked at.
var spotRule = policy.NewRule("care.spot", 1, "亲情护理抽查几户", func(v *policy.View, in SpotIn) (SpotOut, error) {
	share := int64(spotPercent.In(v))
	if in.Plans < 0 || in.Plans > 10_000_000 {
		return SpotOut{}, fault.Field("plans", "户数要在 0 到 1000 万之间")
	}
	out := SpotOut{Count: (in.Plans*share + money.One - 1) / money.One}
	v.Say("在家由家人照护的有 %d 户，抽查 %d 户", in.Plans, out.Count)
	return out, v.Err()
})
