package office

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"yinling/internal/access"
	"yinling/internal/day"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/measure"
	"yinling/internal/web/ui"
)

// stepRows is how many stages the form has room for.
const stepRows = 8

func panelTone(v measure.Verdict) string {
	if t := map[string]string{"bad": "stop", "hot": "warn", "ok": "ok"}[measureChip(v).Tone]; t != "" {
		return t
	}
	return "info"
}

func (s *Server) dutyPage(r *http.Request) (*dutyPage, error) {
	on, unit, err := measureAsked(r)
	if err != nil {
		return nil, err
	}
	if r.Method == http.MethodPost {
		on = 0 // there «on» is the day of the report
	}
	who := ui.Actor(r)
	x, why, err := s.Measure.One(r.Context(), who.Region, unit, r.PathValue("duty"), on)
	if err != nil {
		return nil, err
	}
	l := x.Line
	own := x.Unit.ID == who.Region
	p := &dutyPage{Page: ui.Page{Title: l.Duty.Name, Back: "/o/measure" + measureQuery(on, unit), Nav: "/o/measure"}, D: l.Duty, Why: why,
		MayWrite: own && on.IsZero() && mayMeasure(r, access.MeasureWrite), NoDay: l.Due.On.IsZero() && !l.Due.Standing,
		Dones: []ui.Option{{Value: "no", Label: "还在做", Hint: "报进展"}, {Value: "yes", Label: "整项做完了", Hint: "附上佐证才算完成"}}, Done: "no"}
	p.Where = ui.Panel{Tone: panelTone(l.State), Title: measureChip(l.State).Say, Say: x.On.Chinese() + "，" + x.Unit.Name + "：" + l.State.Say + "。"}
	add := func(label string, v any) {
		if v != "" {
			p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: label, Value: v})
		}
	}
	add("第几项", l.Duty.No)
	add("期限", l.Deadline())
	add("牵头单位", l.Duty.Lead)
	add("配合单位", strings.Join(l.Duty.Support, "、"))
	add("责任单位", l.Duty.Duty)
	add("文件点到的事", strings.Join(l.Duty.Stages, "；"))
	add("要交的佐证", strings.Join(l.Duty.Evidence, "；"))
	add("本地要做到", l.Plan.Target)
	add("谁负责", strings.TrimSpace(l.Plan.Unit+" "+l.Plan.Owner))
	p.Plan = planForm{l.Plan.Unit, l.Plan.Owner, l.Plan.Phone, l.Plan.Target, l.Plan.SetBy, l.Plan.Set, l.Plan.Version}
	for _, st := range l.Plan.Steps {
		say := "没有定日子"
		if !st.Due.IsZero() {
			say = st.Due.Chinese() + "前"
		}
		switch {
		case !st.Done.IsZero():
			say += "，" + st.Done.Chinese() + "做完"
		case !st.Due.IsZero() && st.Due < x.On:
			say += fmt.Sprintf("，过了 %d 天", int(x.On-st.Due))
		}
		add("阶段「"+st.Name+"」", say)
		if st.Done.IsZero() {
			p.Stages = append(p.Stages, ui.Option{Value: st.Name, Label: st.Name})
		}
	}
	if len(p.Stages) > 0 {
		p.Stages = append([]ui.Option{{Label: "不是某个阶段"}}, p.Stages...)
	}
	p.steps(l.Plan.Steps, l.Duty.Stages)
	for i := len(l.Reports) - 1; i >= 0; i-- {
		t := toldReport{R: l.Reports[i]}
		for _, f := range x.Files[t.R.ID] {
			t.Files = append(t.Files, ui.Link{Href: "/o/measure/" + l.Duty.ID + "/file/" + f.ID + measureQuery(0, unit), Label: f.Name + " " + desk.SizeText(f.Size), Tone: "line", Icon: "doc"})
		}
		p.Told = append(p.Told, t)
	}
	return p, nil
}

// steps fills the rows of the form: the own stages, or for a plan that is new
// those that the document names, and empty rows.
func (p *dutyPage) steps(own []measure.Step, named []string) {
	if len(own) == 0 && p.Plan.Version == 0 {
		for _, n := range named {
			own = append(own, measure.Step{Name: n})
		}
	}
	p.Steps = nil
	for i := range max(stepRows, len(own)) {
		f := stepForm{NameID: "step" + strconv.Itoa(i), DueID: "due" + strconv.Itoa(i)}
		if i < len(own) {
			f.Name, f.Due, f.Done = own[i].Name, own[i].Due, own[i].Done
		}
		if i < len(own)+2 && i < stepRows+len(own) {
			p.Steps = append(p.Steps, f)
		}
	}
}

func (s *Server) measureOne(w http.ResponseWriter, r *http.Request) error {
	p, err := s.dutyPage(r)
	if err != nil {
		return err
	}
	return dutyTmpl.Render(w, r, p)
}

func (s *Server) measurePlan(w http.ResponseWriter, r *http.Request) error {
	p, err := s.dutyPage(r)
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	in := measure.Plan{Duty: p.D.ID, Unit: f.Text("unit_name", "承办处室"), Owner: f.Text("owner", "谁负责"), Phone: f.Digits("phone", ""), Target: f.Text("target", ""), SetBy: f.Text("set_by", "")}
	if p.NoDay {
		in.Set = f.Day("set", "")
	}
	in.Version, _ = strconv.ParseInt(f.Raw("version"), 10, 64)
	for i := range 3 * stepRows {
		name, due := f.Text("step"+strconv.Itoa(i), ""), f.Day("due"+strconv.Itoa(i), "")
		if name != "" {
			in.Steps = append(in.Steps, measure.Step{Name: name, Due: due})
		} else if !due.IsZero() {
			f.Bad("step"+strconv.Itoa(i), "写了日子，请把阶段的名称也写上")
		}
	}
	if in.Phone != "" && len(in.Phone) != 11 {
		f.Bad("phone", "手机号是 11 位数字，请核对；不发提醒就空着")
	}
	if err = f.Err(); err == nil {
		err = s.Measure.SavePlan(r.Context(), ui.Actor(r), f.Once(), in)
	}
	if err != nil {
		if x := fault.As(err); x.Field == "unit" {
			err = fault.Field("unit_name", "%s", x.Say)
		}
		p.Plan = planForm{in.Unit, in.Owner, in.Phone, in.Target, in.SetBy, in.Set, in.Version}
		p.steps(in.Steps, nil)
		return dutyTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/measure/"+p.D.ID)
}

func (s *Server) measureReport(w http.ResponseWriter, r *http.Request) error {
	p, err := s.dutyPage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	p.Say, p.Step, p.Done = f.Text("say", "做了什么"), f.Raw("step"), f.Choice("done", "做到哪一步", p.Dones)
	p.On = f.Day("on", "")
	in := measure.Tell{Duty: p.D.ID, On: p.On, Done: p.Done == "yes", Step: p.Step, Say: p.Say}
	if err = f.Err(); err == nil {
		in.Files, err = s.measureFiles(r)
	}
	if err == nil {
		_, err = s.Measure.Report(r.Context(), who, f.Once(), in)
	}
	if err != nil {
		return dutyTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/measure/"+p.D.ID)
}

func (s *Server) measureFiles(r *http.Request) (out []desk.Stored, err error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	for _, h := range r.MultipartForm.File["file"] {
		in, err := h.Open()
		if err != nil {
			return nil, err
		}
		st, err := s.Desk.Files.Save(ui.Actor(r).Region, h.Filename, in, ui.Now(r))
		in.Close()
		if err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, nil
}

type filingPage struct {
	ui.Page
	D             measure.Duty
	F             measure.Filing
	Where         ui.Panel
	Facts         ui.Summary
	Write, Decide bool // may write, may record the approval
	Send          bool
	Said          string
	Head, Number  string
}

var filingTmpl = ui.MustParse[filingPage](ui.Office, files, "measure/filing.html")

func (s *Server) filingPage(r *http.Request) (*filingPage, error) {
	who := ui.Actor(r)
	f, d, l, _, err := s.Measure.Filing(r.Context(), who.Region)
	if err != nil {
		return nil, err
	}
	p := &filingPage{Page: ui.Page{Title: "报送具体工作措施", Back: "/o/measure", Nav: "/o/measure"}, D: d, F: f, Said: f.Said}
	var line measure.Line
	for _, n := range l.Lines {
		if n.Duty.ID == d.ID {
			line = n
		}
	}
	p.Where = ui.Panel{Tone: panelTone(line.State), Title: measureChip(line.State).Say, Say: "期限：" + line.Deadline() + "。" + line.State.Say + "。"}
	day1 := func(d day.Day) string {
		if d.IsZero() {
			return "还没有"
		}
		return d.Chinese()
	}
	p.Facts.Rows = []ui.Fact{{Label: "写的人", Value: f.WriterName + " " + ui.Instant(f.Written)}, {Label: "审定盖章", Value: strings.TrimSpace(f.Head + " " + day1(f.Approved))},
		{Label: "报送", Value: strings.TrimSpace(day1(f.Sent) + " " + f.SentNo)}}
	if f.Version == 0 {
		p.Facts.Rows[0].Value = "下面的草稿由各项安排拼成，还没有存下"
	}
	p.Write = f.Sent.IsZero() && mayMeasure(r, access.MeasureWrite)
	p.Decide = f.Version > 0 && f.Approved.IsZero() && mayMeasure(r, access.MeasureApprove)
	p.Send = !f.Approved.IsZero() && f.Sent.IsZero() && mayMeasure(r, access.MeasureWrite)
	return p, nil
}

func (s *Server) measureFiling(w http.ResponseWriter, r *http.Request) error {
	p, err := s.filingPage(r)
	if err != nil {
		return err
	}
	return filingTmpl.Render(w, r, p)
}

// filingAct is one of write, approve and send.
func (s *Server) filingAct(do func(s *Server, r *http.Request, f *ui.Form, p *filingPage, version int64) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.filingPage(r)
		if err != nil {
			return err
		}
		f := ui.ParseForm(r)
		version, _ := strconv.ParseInt(f.Raw("version"), 10, 64)
		if err := do(s, r, f, p, version); err != nil {
			return filingTmpl.Again(w, r, p, err)
		}
		return ui.Redirect(w, r, "/o/measure/filing")
	}
}

func filingWrite(s *Server, r *http.Request, f *ui.Form, p *filingPage, version int64) error {
	p.Said = f.Raw("said") // a whole text, longer than one answer
	return s.Measure.WriteFiling(r.Context(), ui.Actor(r), f.Once(), p.Said, version)
}

func filingApprove(s *Server, r *http.Request, f *ui.Form, p *filingPage, version int64) error {
	p.Head = f.Raw("head")
	return s.Measure.Approve(r.Context(), ui.Actor(r), f.Once(), p.Head, version)
}

func filingSend(s *Server, r *http.Request, f *ui.Form, p *filingPage, version int64) error {
	p.Number = f.Raw("number")
	return s.Measure.Send(r.Context(), ui.Actor(r), f.Once(), p.Number, version)
}

func (s *Server) filingPaper(w http.ResponseWriter, r *http.Request) error {
	f, d, l, _, err := s.Measure.Filing(r.Context(), ui.Actor(r).Region)
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/o/measure/filing", f.Sheet(d, l))
}
