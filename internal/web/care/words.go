package care

import (
	"yinling/internal/care"
	"yinling/internal/desk"
	"yinling/internal/web/ui"
)

// Empty is what stands where no visit is.
func (p *todayPage) Empty() ui.Empty {
	return ui.Empty{Title: "今天没有上门", Say: "有新的安排会出现在这里。有疑问请问机构的排班同事。"}
}

// TroubleName is what happened, in words.
func (p *visitPage) TroubleName() string { return care.TroubleName(p.X.Trouble) }

// Why is the reason for no place or a far one, in words.
func (p *visitPage) Why(id string) string { return care.WhyName(id) }

// KindName is what a piece of evidence is.
func (p *visitPage) KindName(kind string) string {
	switch kind {
	case "confirm", "signature":
		return "家属签字"
	case "answer":
		return "说明的照片"
	}
	return "服务照片"
}

// Size is a file's size for people.
func (p *visitPage) Size(n int64) string { return desk.SizeText(n) }

// Empty is what stands where nothing asks for an answer.
func (p *exceptionsPage) Empty() ui.Empty {
	return ui.Empty{Title: "没有要说明的", Say: "上门记录有疑点时，会请您在这里说明当时的情况。"}
}

// Facts is where an exception stands.
func (p *exceptionPage) Facts() ui.Summary {
	s := ui.Summary{Rows: []ui.Fact{{Label: "现在", Value: p.E.Status.Name()}}}
	add := func(label string, v any) { s.Rows = append(s.Rows, ui.Fact{Label: label, Value: v}) }
	if p.E.Status == care.Open && !p.E.AnswerDue.IsZero() {
		add("最晚", p.E.AnswerDue)
	}
	if p.E.Answer != "" {
		add("您的说明", p.E.Answer)
	}
	if p.E.Status.Decided() {
		add("处理", p.E.Reason)
	}
	if c := p.E.Clause; c != nil {
		add("依据", c.Doc+" "+c.No+" "+c.Article)
		if m := ui.GradeMark(c.Grade); m.Say != "" {
			add("依据的把握", m)
		}
	}
	return s
}
