package demo

import (
	"bytes"
	"fmt"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/measure"
)

// measures arranges what the published reply promises, with one stage done and
// proved and one that the office has let pass.
func (m *maker) measures() error {
	s, today := m.Measure(), m.today()
	day := func(n int) day.Day { return today.AddDays(n) }
	for i, p := range []measure.Plan{
		{Duty: "lyg-2", Unit: "基金监管科", Owner: "周正", Target: "每季度稽核一遍，每月巡查十家", Steps: []measure.Step{{Name: "定期稽核", Due: day(60)}, {Name: "日常巡查", Due: day(20)}}},
		{Duty: "lyg-4", Unit: "待遇保障科", Owner: "林悦", Target: "特困、重残人员全部入库", Steps: []measure.Step{{Name: "建立重点人群数据库", Due: day(15)}, {Name: "排查和跟踪", Due: day(200)}}},
		{Duty: "lyg-5", Unit: "经办中心", Owner: "刘晓", Steps: []measure.Step{{Name: "监督考核指标", Due: day(150)}}},
		{Duty: "lyg-6", Unit: "办公室", Owner: "孟舒", Target: "每个街道讲一场"},
	} {
		if err := s.SavePlan(m.ctx, m.clerk.who, m.key("measure", i), p); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}

// measured tells how it goes, some weeks later.
func (m *maker) measured() error {
	s := m.Measure()
	st, err := m.Files.Save(Region, "数据库人数.png", bytes.NewReader(Picture()), m.clock.Now())
	if err != nil {
		return err
	}
	for i, x := range []struct {
		who audit.Actor
		in  measure.Tell
	}{
		{m.clerk2.who, measure.Tell{Duty: "lyg-4", Step: "建立重点人群数据库", Say: "特困、重残等人员的名册已经导入，和民政、残联核对过一遍。", Files: []desk.Stored{st}}},
		{m.clerk.who, measure.Tell{Duty: "lyg-2", Say: "第一批定点机构的定期稽核已经开始。"}},
		{m.clerk2.who, measure.Tell{Duty: "lyg-6", Say: "在三个社区讲了政策，发了一页通。"}},
	} {
		if _, err := s.Report(m.ctx, x.who, m.key("measured", i), x.in); err != nil && !fault.Is(err, fault.NotFound) {
			return fmt.Errorf("measure %s: %w", x.in.Duty, err)
		}
	}
	return nil
}
