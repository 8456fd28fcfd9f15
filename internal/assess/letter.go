package assess

import (
	"slices"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/paper"
)

// Letter is a document for the person (文书) that a step of the case gave.
type Letter struct {
	Kind, Title string // the step's action
	On          day.Day
}

// letterKinds: which step of the timeline gives which document.
var letterKinds = []struct {
	act  Action
	kind paper.Kind
}{
	{ActAccept, paper.Accepted}, {ActSupplement, paper.Supplement}, {ActRefuse, paper.Refused}, {ActEffect, paper.Effective}, {ActDeliver, paper.Concluded},
}

// givePaper notes that the person is given the document of a step. A conclusion
// has to be delivered within its limit after acceptance, the others within that
// of every paper.
func (w *work) givePaper(act Action) error {
	kind := letterOf(act)
	if kind == "" {
		return nil
	}
	today := w.tx.Today()
	p := desk.Paper{PaperID: desk.PaperID{Kind: kind, Object: w.app.ID, On: today}, Region: w.app.Region,
		Title: paper.Titles[kind], Person: w.app.Person, Due: desk.PaperDue(w.v, today)}
	if n, ok := deliverDays.Get(w.v); ok && (act == ActEffect || act == ActDeliver) && w.app.Round == 1 {
		steps, err := desk.Steps(w.tx, w.app.Region, w.app.ID)
		if err != nil {
			return err
		}
		for _, s := range steps {
			if s.Action == string(ActAccept) {
				if by, err := w.v.Calendar().AddWorkdays(day.FromTime(s.At), int(n)); err == nil {
					p.Due = by
				}
			}
		}
	}
	return desk.Give(w.tx, p)
}

// letters are the documents that the steps so far have given, the newest of each
// kind, the newest last; a step that was taken back has given none.
func letters(steps []desk.Step) []Letter {
	var out, before []Letter // before: as it was until the last step of the flow
	for _, s := range steps {
		if s.Action == string(ActUndo) {
			out = before
			continue
		}
		if Action(s.Action).Name() != "" {
			before = out
		}
		if kind := letterOf(Action(s.Action)); kind != "" {
			out = slices.DeleteFunc(slices.Clone(out), func(l Letter) bool { return l.Kind == s.Action })
			out = append(out, Letter{Kind: s.Action, Title: paper.Titles[kind], On: day.FromTime(s.At)})
		}
	}
	return out
}

// Letters lists the documents that the steps so far give, the newest last.
func (d Detail) Letters() []Letter { return letters(d.Steps) }

// letterOf is the document that a step gives, "" for none.
func letterOf(act Action) paper.Kind {
	for _, k := range letterKinds {
		if k.act == act {
			return k.kind
		}
	}
	return ""
}

// LetterAct is the step that gives a document, "" for another domain's.
func LetterAct(kind paper.Kind) string {
	for _, k := range letterKinds {
		if k.kind == kind {
			return string(k.act)
		}
	}
	return ""
}

// Issued tells on which day the newest document of a kind was given in a case,
// for whoever checks one; zero: none was.
func Issued(tx *db.Tx, region, id string, kind paper.Kind) (on day.Day, person string, err error) {
	c, err := desk.Get(tx, region, id)
	if err != nil {
		return 0, "", err
	}
	steps, err := desk.Steps(tx, region, id)
	for _, l := range letters(steps) {
		if l.Kind == LetterAct(kind) {
			on = l.On
		}
	}
	return on, c.Person, err
}

// Letter writes a document; NotFound when the case has not come to it.
func (d Detail) Letter(kind string) (paper.Sheet, error) {
	list := d.Letters()
	i := slices.IndexFunc(list, func(l Letter) bool { return l.Kind == kind })
	if i < 0 {
		return paper.Sheet{}, fault.New(fault.NotFound, "这一件还没有办到出这份文书的一步。")
	}
	a := d.App
	l := paper.Sheet{Region: a.Region, Object: a.ID, Title: list[i].Title, No: a.ID, To: d.Person.Name, On: list[i].On}
	for _, k := range letterKinds {
		if string(k.act) == kind {
			l.Kind = k.kind
		}
	}
	step := d.Steps[slices.IndexFunc(d.Steps, func(s desk.Step) bool { return s.Action == kind && day.FromTime(s.At) == l.On })]
	who := "您"
	if d.Case.Relation != "" && d.Case.Relation != "本人" {
		who = "您（由" + d.Case.Relation + "代办）"
	}
	l.Body = []string{who + "于" + d.Case.Opened.Chinese() + "提交了长期护理失能等级评估申请。"}
	l.Rows = [][2]string{{"受理号", a.ID}}
	add := func(k, v string) {
		if v != "" {
			l.Rows = append(l.Rows, [2]string{k, v})
		}
	}
	switch Action(kind) {
	case ActAccept:
		l.Body[0] += "材料齐全，符合受理条件，现在受理。"
		add("下一步", "评估人员上门评估，上门前会打电话约时间")
		if n, ok := deliverDays.Get(d.View); ok {
			// From the day of acceptance: the case's own clock may have stopped since.
			if by, err := d.View.Calendar().AddWorkdays(l.On, int(n)); err == nil {
				add("最晚办完", by.Chinese())
			}
		}
		l.After = []string{"评估不收您的钱。评估人员上门会出示证件，请家人或代理人在场，评估全程录像。"}
	case ActSupplement:
		l.Body = append(l.Body, step.Say+"。")
		l.After = []string{"到期没有补交的，这次申请按撤回办理；材料齐了可以再申请。"}
	case ActRefuse:
		l.Body = append(l.Body, step.Say+"。")
		l.After = []string{paper.Remedy}
	default:
		l.Body[0] += "经现场评估和专家评定，结论如下："
		add("结论", a.FinalName)
		add("作出日期", a.ConcludedOn.Chinese())
		add("有效到", a.ValidTo.Chinese())
		add("提异议截止", a.ObjectBy.Chinese())
		l.Body = append(l.Body, step.Say+"。")
		l.After = []string{"结论的每一步计算和依据的条款，可以在银龄医保的办件页点“为什么”查看。"}
		if a.Round > 1 {
			l.After = append(l.After, "这是争议复评的结论，为最终结论。")
		}
	}
	return l, nil
}
