package portal

import (
	"net/http"

	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// matterCasePage is a case of a matter: done, now, next, by whom, until when,
// and whether it is the applicant's turn.
type matterCasePage struct {
	ui.Page
	W        desk.Way
	Chip     ui.Chip
	Say      string
	Timeline ui.Timeline
	Facts    ui.Summary
	Answers  ui.Summary
	Result   ui.Summary
	Papers   ui.Table
	Lack     []ui.Option
	Open     bool
}

var matterCaseTmpl = ui.MustParse[matterCasePage](ui.Portal, files, "matter/case.html")

func matterTone(s desk.Status) string {
	return map[desk.Status]string{desk.StatusOpen: "wait", desk.StatusWaiting: "hot", desk.StatusDone: "ok", desk.StatusRefused: "info", desk.StatusWithdrawn: "mute"}[s]
}

// lastSay is what the last step said, which is why a case waits or was refused.
func lastSay(w desk.Way) string {
	if len(w.Done) == 0 {
		return ""
	}
	return w.Done[len(w.Done)-1].Say
}

func (s *Server) matterCasePage(r *http.Request, w desk.Way) *matterCasePage {
	c, a := w.Case, w.App
	p := &matterCasePage{Page: ui.Page{Title: w.Matter.Name + "：" + w.Person.Name, Back: atCases, Nav: atCases}, W: w,
		Chip: ui.Chip{Tone: matterTone(c.Status), Say: c.Status.Name()}, Open: !c.Status.Closed()}
	switch c.Status {
	case desk.StatusOpen:
		p.Say = "正在办，轮到" + w.Ahead[0].By + w.Ahead[0].Name + "，现在不用您做什么。"
		if !c.Due.IsZero() {
			p.Say = "正在办，轮到" + w.Ahead[0].By + w.Ahead[0].Name + "，" + c.Due.Short() + "前有结果，现在不用您做什么。"
		}
	case desk.StatusWaiting:
		p.Say = "轮到您：" + lastSay(w) + "。"
		if !c.Due.IsZero() {
			p.Say += "请在" + c.Due.Short() + "前补交，就在这一页。"
		}
		for _, m := range w.Matter.Asked() {
			p.Lack = append(p.Lack, ui.Option{Value: m.ID, Label: m.Name})
		}
		p.Lack = append(p.Lack, ui.Option{Value: "other", Label: "别的材料"})
	case desk.StatusDone:
		p.Say = "办好了：" + a.Result + "。"
	case desk.StatusRefused:
		p.Say = "这次没有办成：" + a.Result + "。觉得不对，可以打 12393，或者办「投诉」。"
	case desk.StatusWithdrawn:
		p.Say = "已经撤回。需要时随时再办。"
	}
	for _, st := range w.Done {
		m := ui.Moment{State: "done", Title: st.Say, When: ui.Instant(st.At.UnixMilli()), Who: st.ActorName}
		if st.Decision != "" {
			m.Link = ui.Link{Href: "/why/" + st.Decision, Label: "为什么"}
		}
		p.Timeline.Items = append(p.Timeline.Items, m)
	}
	for i, x := range w.Ahead {
		m := ui.Moment{State: "next", Title: x.Name, Say: x.By + "办"}
		if i == 0 {
			m.State = "now"
			if c.Status == desk.StatusWaiting {
				m.Title, m.Say = "等您补交材料", ""
			}
			if !c.Due.IsZero() {
				m.When = c.Due.Short() + "前"
			}
		}
		p.Timeline.Items = append(p.Timeline.Items, m)
	}
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "受理号", Value: c.ID}, {Label: "给谁", Value: w.Person.Name}, {Label: "怎么办的", Value: c.Channel.Name() + "，" + desk.ByName(a.By)}}}
	if !a.Since.IsZero() && w.Matter.Lasts != nil {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "有效", Value: lasts(a.Since, a.Until)})
	}
	p.Answers = ui.Summary{Title: "填了什么"}
	for _, f := range w.Matter.Fields {
		if v := a.Answers[f.ID]; v != "" {
			p.Answers.Rows = append(p.Answers.Rows, ui.Fact{Label: f.Label, Value: f.Say(v)})
		}
	}
	p.Papers = ui.Table{Caption: "材料", Title: "材料", Head: []string{"材料", "收到时间"}, Empty: "没有交材料。"}
	for _, doc := range w.Documents {
		p.Papers.Rows = append(p.Papers.Rows, ui.Row{Cells: []any{doc.Name, ui.Instant(doc.At.UnixMilli())}})
	}
	return p
}

func lasts(since, until day.Day) string {
	if until.IsZero() {
		return "从" + since.Chinese() + "起，到变更为止"
	}
	return since.Chinese() + "到" + until.Chinese()
}

// ofMatter is the way of the case in the path, when it goes by its pack's steps.
func (s *Server) ofMatter(r *http.Request) (w desk.Way, ok bool, err error) {
	who := ui.Actor(r)
	w, err = s.Desk.Way(r.Context(), who, who.Region, r.PathValue("id"))
	if fault.Is(err, fault.NotFound) {
		return w, false, nil
	}
	return w, err == nil, err
}

func (s *Server) matterSupply(w http.ResponseWriter, r *http.Request, way desk.Way) error {
	f := ui.ParseForm(r)
	p := s.matterCasePage(r, way)
	kind := f.Choice("kind", "是哪一份", p.Lack)
	st, err := s.upload(r, "file")
	if err != nil {
		f.Bad("file", "%s", fault.As(err).Say)
	} else if st == nil {
		f.Bad("file", "请拍照或选文件")
	}
	if err = f.Err(); err == nil {
		err = s.Desk.Supply(r.Context(), ui.Actor(r), desk.Cmd{Region: way.Case.Region, ID: way.Case.ID, Key: f.Once()}, []desk.FileFor{{Kind: kind, Stored: *st}}, "")
	}
	if err != nil {
		return matterCaseTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, atCases+"/"+way.Case.ID)
}

func (s *Server) matterWithdraw(w http.ResponseWriter, r *http.Request, way desk.Way) error {
	f := ui.ParseForm(r)
	if err := s.Desk.Withdraw(r.Context(), ui.Actor(r), desk.Cmd{Region: way.Case.Region, ID: way.Case.ID, Key: f.Once()}, ""); err != nil {
		return matterCaseTmpl.Again(w, r, s.matterCasePage(r, way), err)
	}
	return ui.Redirect(w, r, atCases+"/"+way.Case.ID)
}
