package portal

import (
	"net/http"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/desk"
	"yinling/internal/web/ui"
)

// familyLogPage tells a person what others did for them (代办记录): who, when,
// what, whether it went through. It is read aloud like every page.
type familyLogPage struct {
	ui.Page
	Lines ui.Timeline
}

var familyLogTmpl = ui.MustParse[familyLogPage](ui.Portal, files, "family/log.html")

// actSays are the acts of a proxy in plain words; actWords what else is about.
var (
	actSays = map[string]string{"desk.apply": "替您提交了申请", "desk.supply": "替您补交了材料", "desk.withdraw": "替您撤回了申请", "desk.call_ask": "替您要了回电",
		"assess.apply": "替您申请了失能评估", "assess.supply": "替您补交了评估的材料", "assess.withdraw": "替您撤回了评估的申请", "assess.object": "替您对结论提了异议",
		"care.choose": "替您选了护理方式和机构", "claim.settle": "替您确认了账单", "outreach.speak": "替您提了意见", "outreach.rate": "替您打了评价",
		"access.act_for": "开始或停止替您办", "person.authorise": "替您授权了家人", "person.revoke": "替您收回了授权"}
	actWords = map[string]string{"assess": "替您办了失能评估的事", "care": "替您办了护理的事", "claim": "替您办了账单的事", "desk": "替您办了一件申请的事", "outreach": "替您说了意见", "person": "替您改了登记"}
)

func (s *Server) familyLog(w http.ResponseWriter, r *http.Request) error {
	region, me, err := self(r)
	if err != nil {
		return err
	}
	lines, err := audit.OnBehalf(r.Context(), s.Log, region, me, 50)
	if err != nil {
		return err
	}
	var ids []string
	for _, l := range lines {
		ids = append(ids, l.Actor)
	}
	names, err := s.Access.Names(r.Context(), region, ids...)
	if err != nil {
		return err
	}
	p := &familyLogPage{Page: ui.Page{Title: "谁替我办过什么", Back: "/family", Nav: "/family"}}
	for _, l := range lines {
		word, _, _ := strings.Cut(l.Verb, ".")
		m := ui.Moment{State: "done", Title: actSays[l.Verb], When: ui.Instant(l.At), Who: names[l.Actor]}
		if m.Title == "" {
			if m.Title = actWords[word]; m.Title == "" {
				m.Title = "替您办了一件事"
			}
		}
		if l.Result != "done" {
			m.Say = "没有办成"
		}
		if number, err := desk.CleanNumber(l.Object); err == nil {
			m.Link = ui.Link{Href: atCases + "/" + number, Label: "看这一件"}
		}
		p.Lines.Items = append(p.Lines.Items, m)
	}
	return familyLogTmpl.Render(w, r, p)
}
