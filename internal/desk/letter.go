package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/paper"
	"yinling/internal/policy"
)

// Letter is a document for the person (文书) that a step of the case gave.
type Letter struct {
	Kind  paper.Kind
	Title string // with the name of the matter
	On    day.Day
	say   string // of the step that gave it
	at    int64  // ms, of that step
}

// letterKinds are the documents that every matter can issue, by the name that
// its row gives them.
var letterKinds = map[string]paper.Kind{
	paper.Titles[paper.Taken]: paper.Taken, paper.Titles[paper.More]: paper.More,
	paper.Titles[paper.Declined]: paper.Declined, paper.Titles[paper.Result]: paper.Result,
}

// checkPapers finds a document that nobody would print. Where another domain
// takes the case over, its own documents are printed there.
func (m Matter) checkPapers() error {
	for _, name := range m.Papers {
		if m.Opens == "" && letterKinds[name] == "" {
			return fmt.Errorf("事项「%s」的文书「%s」印不出来。可以写：受理通知书、补正告知书、不予办理告知书、办理结果告知书", m.ID, name)
		}
	}
	return nil
}

// letters are the documents that a case has come to, oldest first, the newest of
// each kind. Accepted is a case when all is there; where somebody looks at it
// first (受理 as a step of its own), when that step is passed.
func (m Matter) letters(c Case, steps []Step) []Letter {
	looked := len(m.Steps) > 1 && m.Steps[0].Role != "system"
	var out []Letter
	var before [][]Letter
	has := func(k paper.Kind) bool { return slices.ContainsFunc(out, func(l Letter) bool { return l.Kind == k }) }
	give := func(k paper.Kind, st Step) {
		if !m.Papers.Has(paper.Titles[k]) {
			return
		}
		out = slices.DeleteFunc(slices.Clone(out), func(l Letter) bool { return l.Kind == k })
		out = append(out, Letter{Kind: k, Title: m.Name + paper.Titles[k], On: day.FromTime(st.At), say: st.Say, at: st.At.UnixMilli()})
	}
	last := -1
	for i, st := range steps {
		if st.Action == string(Pass) {
			last = i
		}
	}
	for i, st := range steps {
		switch st.Action {
		case "apply", "supply":
			lacks := i+1 < len(steps) && steps[i+1].Action == string(More) && steps[i+1].Actor == audit.System(c.Region).ID
			if !looked && !lacks && !m.Instant && !has(paper.Taken) {
				give(paper.Taken, st)
			}
		case string(Pass), string(More), string(Refuse):
			before = append(before, out)
			switch {
			case st.Action == string(More):
				give(paper.More, st)
			case st.Action == string(Refuse):
				give(paper.Declined, st)
			case i == last && c.Status == StatusDone:
				give(paper.Result, st)
			case looked && !has(paper.Taken):
				give(paper.Taken, st)
			}
		case "undo":
			if n := len(before) - 1; n >= 0 {
				out, before = before[n], before[:n]
			}
		}
	}
	return out
}

// Letter writes a document of a case for somebody who may see the case; id is
// «number/kind». NotFound when the case has not come to it.
func (s *Service) Letter(ctx context.Context, who audit.Actor, id string) (l paper.Sheet, err error) {
	number, kind, _ := strings.Cut(id, "/")
	w, err := s.Way(ctx, who, who.Region, number)
	if err != nil {
		return l, err
	}
	i := slices.IndexFunc(w.Letters, func(l Letter) bool { return string(l.Kind) == kind })
	if i < 0 {
		return l, fault.New(fault.NotFound, "这一件还没有办到出这份文书的一步。")
	}
	v, err := s.Packs.At(w.Case.Region, w.Letters[i].On)
	if err != nil {
		return l, err
	}
	return w.sheet(v, w.Letters[i]), nil
}

func (w Way) sheet(v *policy.View, l Letter) paper.Sheet {
	c, a := w.Case, w.App
	who := "您"
	if a.By != BySelf {
		who = "您（" + ByName(a.By) + "）"
	}
	out := paper.Sheet{Kind: l.Kind, Region: c.Region, Object: c.ID, Title: l.Title, No: c.ID, To: w.Person.Name, On: l.On,
		Body: []string{who + "于" + c.Opened.Chinese() + "提交了「" + w.Matter.Name + "」的申请（" + c.Channel.Name() + "）。"},
		Rows: [][2]string{{"受理号", c.ID}}}
	add := func(k, v string) {
		if v != "" {
			out.Rows = append(out.Rows, [2]string{k, v})
		}
	}
	until := func(days int64) string {
		if d := dueDay(v.Calendar(), l.On, days); !d.IsZero() {
			return d.Chinese()
		}
		return ""
	}
	switch l.Kind {
	case paper.Taken:
		out.Body[0] += "材料齐全，现在受理。"
		for _, f := range w.Matter.Fields {
			add(f.Label, f.Say(a.Answers[f.ID]))
		}
		days, ahead := int64(0), w.Matter.Steps
		if len(ahead) > 1 {
			ahead = ahead[1:]
		}
		for _, st := range ahead {
			days += st.Workdays(v)
		}
		add("接下来", ahead[0].Name+"，"+ahead[0].Role.Name()+"办")
		add("最晚办完", until(days))
		out.After = []string{"办理不收您的钱。办到哪一步，可以在银龄医保的「我的办件」看，或打12393问。"}
	case paper.More:
		out.Body = append(out.Body, l.say+"。")
		add("最晚补交", until(supplyDays.In(v)))
		out.After = []string{"可以在银龄医保的这一件里拍照补交，也可以送到窗口，或请代办的人送来。补齐以后接着办，不用重新申请。"}
	case paper.Declined:
		out.Body = append(out.Body, "经办机构决定："+l.say+"。")
		out.After = []string{paper.Remedy}
	default:
		out.Body[0] += "现在办好了。"
		add("结果", a.Result)
		for _, f := range w.Matter.Fields {
			add(f.Label, f.Say(a.Answers[f.ID]))
		}
		for _, st := range w.Matter.Steps {
			for _, f := range st.Asks {
				add(f.Label, f.Say(a.Asked[f.ID]))
			}
		}
		if w.Matter.Lasts != nil {
			add("从哪天起有效", a.Since.Chinese())
			if add("到哪天为止", a.Until.Chinese()); a.Until.IsZero() {
				add("到哪天为止", "到变更或取消为止")
			}
		}
		out.After = []string{"觉得结果不对的，可以打12393，或者到窗口要求再看一次。"}
	}
	if c := w.Matter.Source(v); c != nil && c.Grade != policy.GradeAssumed {
		add("依据", "《"+c.Doc+"》"+c.Article)
	}
	return out
}

// Issued tells on which day the newest document of a kind was given in a case
// and what it is called, for whoever checks one; zero: none was.
func (s *Service) Issued(tx *db.Tx, region, id string, kind paper.Kind) (on day.Day, title, person string, err error) {
	a, err := s.getApplication(tx, region, id)
	if err != nil {
		return 0, "", "", err
	}
	c, err := getCase(tx, region, id)
	if err != nil {
		return 0, "", "", err
	}
	steps, err := stepsOf(tx, region, id)
	if err != nil {
		return 0, "", "", err
	}
	v, err := s.Packs.At(region, c.Opened)
	if err != nil {
		return 0, "", "", err
	}
	m, err := MatterOf(v, a.Matter)
	if err != nil {
		return 0, "", "", err
	}
	for _, l := range m.letters(c, steps) {
		if l.Kind == kind {
			on = l.On
		}
	}
	return on, m.Name + paper.Titles[kind], a.Person, nil
}
