package office

import (
	"fmt"
	"strings"

	"yinling/internal/assess"
	"yinling/internal/web/ui"
)

// record fills what came of the visits and the experts.
func (s *Server) record(p *casePage) {
	d, a := p.D, p.D.App
	level := func(n int64) string {
		if n < 0 {
			return "还没有"
		}
		return assess.LevelName(d.View, n)
	}
	p.Levels = ui.Summary{Title: "三个等级", Rows: []ui.Fact{{Label: "本人自评", Value: a.SelfGrade + " 级"},
		{Label: "现场记分", Value: level(a.RecordedLevel)}, {Label: "专家结论", Value: level(a.FinalLevel)}}}
	if !a.ValidTo.IsZero() {
		p.Levels.Rows = append(p.Levels.Rows, ui.Fact{Label: "有效到", Value: a.ValidTo})
	}
	p.Members = ui.Table{Caption: "评估人员", Head: []string{"人员", "做什么", "轮次", "签字"}, Empty: "还没有抽派。"}
	names := map[string]string{}
	for _, m := range d.Members {
		names[m.Staff] = m.Name
		duty := map[string]string{assess.DutyVisit: "上门评估", assess.DutyConclude: "专家结论"}[m.Duty]
		signed := ui.Instant(m.SignedAt.UnixMilli())
		if m.SignedAt.IsZero() {
			signed = "—"
		}
		who := ui.Two{First: m.Name, Second: map[string]string{"assessor": "评估员", "expert": "评估专家"}[m.Role]}
		if !m.On {
			who.Chip = ui.Chip{Tone: "mute", Say: "已换下"}
		}
		round := "初次评估"
		if m.Round > 1 {
			round = "争议复评"
		}
		p.Members.Rows = append(p.Members.Rows, ui.Row{Cells: []any{who, duty, round, signed}})
		if m.On && m.Round == a.Round {
			p.Others = append(p.Others, ui.Option{Value: m.Staff, Label: m.Name + "（" + duty + "）"})
		}
	}
	p.Scores = ui.Table{Caption: "逐项记分", Head: []string{"条目", "得分", "选项", "记的人"}}
	for _, it := range assess.Instrument(d.View) {
		sc, ok := d.Scores[it.ID]
		if !ok {
			continue
		}
		text := ""
		for _, o := range it.Options {
			if o.Score == sc.Score {
				text = o.Text
			}
		}
		if sc.Note != "" {
			text += "。备注：" + sc.Note
		}
		p.Scores.Rows = append(p.Scores.Rows, ui.Row{Cells: []any{fmt.Sprintf("%d %s", it.No, it.Name), sc.Score, text, names[sc.Staff]}})
	}
	if d.Visited {
		p.Visit = ui.Summary{Title: "上门情况", Rows: []ui.Fact{{Label: "开始", Value: ui.Instant(d.Visit.Began.UnixMilli())}, {Label: "结束", Value: ui.Instant(d.Visit.Ended.UnixMilli())},
			{Label: "在场", Value: d.Visit.Guardian + "（" + d.Visit.Relation + "）"},
			{Label: "录像", Value: ui.Link{Href: "/o/assess/" + a.ID + "/file/" + d.Visit.Video, Label: "打开全程录像", Tone: "ghost"}}}}
		if d.Visit.Note != "" {
			p.Visit.Rows = append(p.Visit.Rows, ui.Fact{Label: "备注", Value: d.Visit.Note})
		}
	}
	p.Opinions = ui.Table{Caption: "专家意见", Head: []string{"专家", "结论", "理由", "时间"}}
	for _, o := range d.Opinions {
		p.Opinions.Rows = append(p.Opinions.Rows, ui.Row{Cells: []any{names[o.Staff], level(o.Level), orDash(o.Reason), ui.Instant(o.At.UnixMilli())}})
	}
	p.Opinions.Empty = fmt.Sprintf("这一轮已有 %d 位专家交了意见。结论定下以前，互相看不到，经办也看不到。", d.Given)
	for _, dr := range d.Draws {
		v := drawView{Title: fmt.Sprintf("第 %d 次抽派（%s）", dr.Seq, ui.Instant(dr.At.UnixMilli())), Seed: dr.Seed, Why: dr.Reason, Pool: len(dr.Pool)}
		for _, c := range dr.Chosen {
			v.Chosen = append(v.Chosen, names[c.Staff]+"（"+map[string]string{assess.DutyVisit: "上门", assess.DutyConclude: "结论"}[c.Duty]+"）")
		}
		for _, x := range dr.Recused {
			v.Recused = append(v.Recused, x.Name+"："+x.Why)
		}
		p.Draws = append(p.Draws, v)
	}
	p.Objects = ui.Table{Caption: "异议", Head: []string{"提出的人", "电话", "理由", "时间"}}
	for _, o := range d.Objections {
		p.Objects.Rows = append(p.Objects.Rows, ui.Row{Cells: []any{o.Name, o.Phone, o.Reason, ui.Instant(o.At.UnixMilli())}})
	}
}

// Names joins names for the template.
func (d drawView) Names(list []string) string { return strings.Join(list, "、") }
