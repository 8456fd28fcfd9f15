package measure

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"yinling/internal/day"
	"yinling/internal/paper"
	"yinling/internal/person/sheet"
)

// Deadline says a deadline in words: the document's, and the day set later.
func (l Line) Deadline() string {
	if l.Due.On.IsZero() && !l.Plan.Set.IsZero() {
		return fmt.Sprintf("%s（%s）", l.Plan.Set.Chinese(), l.Plan.SetBy)
	}
	return l.Due.Say
}

// Leads says who leads, who supports and who is responsible, in words.
func (d Duty) Leads() string {
	var say []string
	if d.Lead != "" {
		say = append(say, "牵头："+d.Lead)
	}
	if len(d.Support) > 0 {
		say = append(say, "配合："+strings.Join(d.Support, "、"))
	}
	return strings.Join(append(say, "责任："+d.Duty), "；")
}

// Sheet is the ledger of a unit on A4.
func (l Ledger) Sheet() paper.Sheet {
	s := paper.Sheet{Region: l.Unit.ID, On: l.On, Title: "工作台账", No: l.Unit.Name + "　" + l.On.Chinese(), Body: []string{l.Summary()}, Signs: []string{"制表", "审核"}}
	t := paper.Table{Caption: "任务和措施", Head: []string{"项", "做什么", "期限", "负责", "到这一天的情况"}}
	for _, n := range l.Lines {
		t.Rows = append(t.Rows, []string{n.Duty.No, n.Duty.Name, n.Deadline(), strings.TrimSpace(n.Plan.Unit + " " + n.Plan.Owner), n.State.Say})
	}
	s.Tables = []paper.Table{t}
	return s
}

// Sheet is the text for the superior on A4, with the timetable and who answers.
func (f Filing) Sheet(d Duty, l Ledger) paper.Sheet {
	s := paper.Sheet{Region: l.Unit.ID, On: l.On, Title: "具体工作措施", No: l.Unit.Name, Body: strings.Split(strings.TrimSpace(f.Said), "\n"), Signs: []string{"主要负责同志审定", "单位公章"}}
	switch {
	case f.Version == 0:
		s.Draft = "还没有存下"
	case f.Approved.IsZero():
		s.Draft = "还没有经主要负责同志审定"
	default:
		s.On = f.Approved
		s.After = []string{fmt.Sprintf("%s%s审定。", f.Head, f.Approved.Chinese())}
	}
	if !f.Sent.IsZero() {
		s.After = append(s.After, fmt.Sprintf("%s通过省局OA系统报送，编号 %s。", f.Sent.Chinese(), f.SentNo))
	}
	t := paper.Table{Caption: "时间表和责任链", Head: []string{"项", "做什么", "期限", "处室和负责人", "阶段"}}
	for _, n := range l.Lines {
		if n.Duty.ID == d.ID {
			continue
		}
		var steps []string
		for _, st := range n.Plan.Steps {
			say := st.Name
			if !st.Due.IsZero() {
				say += " " + st.Due.Chinese()
			}
			steps = append(steps, say)
		}
		t.Rows = append(t.Rows, []string{n.Duty.No, n.Duty.Name, n.Deadline(), strings.TrimSpace(n.Plan.Unit + " " + n.Plan.Owner), strings.Join(steps, "；")})
	}
	s.Tables = []paper.Table{t}
	return s
}

func dayText(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// WriteXLSX writes the matrix for the superior: one row per unit and duty.
func (m Matrix) WriteXLSX(w io.Writer) error {
	x, err := sheet.NewXLSX(w, "工作台账")
	if err != nil {
		return err
	}
	if err := x.Row([]string{"截止", "地区", "项", "做什么", "牵头、配合、责任单位", "文件写的期限", "期限", "承办处室", "负责人", "本地要做到", "状态", "说明", "迟了几天", "报告数", "佐证份数", "最近一次报告", "最近报告的话"}); err != nil {
		return err
	}
	for _, u := range m.Units {
		for _, n := range u.Lines {
			proofs, last := int64(0), Report{}
			for _, r := range n.Reports {
				proofs += r.Proof
				if r.On >= last.On {
					last = r
				}
			}
			row := []string{m.On.String(), u.Unit.Name, n.Duty.No, n.Duty.Name, n.Duty.Leads(), n.Due.Say, dayText(n.State.Due), n.Plan.Unit, n.Plan.Owner, n.Plan.Target,
				CodeNames[n.State.Code], n.State.Say, strconv.FormatInt(n.State.Over, 10), strconv.Itoa(len(n.Reports)), strconv.FormatInt(proofs, 10), dayText(last.On), last.Say}
			if err := x.Row(row); err != nil {
				return err
			}
		}
	}
	return x.Close()
}
