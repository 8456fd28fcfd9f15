package office

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"yinling/internal/hall"
	"yinling/internal/paper"
	"yinling/internal/web/ui"
)

type emergencyPage struct {
	ui.Page
	Plan      hall.Plan
	Ready     ui.Table
	Places    []ui.Option
	Place     string
	Kinds     []hall.Trouble
	Open      ui.Lines
	Past      ui.Table
	Drills    ui.Table
	Roles     ui.Table
	In        hall.Drill
	On        string
	People    string
	DrillKind []ui.Option
}

type planPage struct {
	ui.Page
	Plan     hall.Plan
	Roles    string
	Kinds    []planKind
	Versions ui.Table
	From     string
}

type planKind struct{ ID, Name, Steps string }

type incidentPage struct {
	ui.Page
	F      hall.IncidentFile
	Clock  string
	Log    ui.Timeline
	Roles  ui.Table
	Say    string
	Result string
}

var (
	emergencyTmpl = ui.MustParse[emergencyPage](ui.Office, files, "hall/emergency.html")
	planTmpl      = ui.MustParse[planPage](ui.Office, files, "hall/plan.html")
	incidentTmpl  = ui.MustParse[incidentPage](ui.Office, files, "hall/incident.html")
)

func rolesTable(p hall.Plan) ui.Table {
	t := ui.Table{Title: "找谁", Caption: "角色和联系办法", Head: []string{"角色", "谁", "怎么找到"}, Empty: "预案还没有写谁负责什么。"}
	for _, x := range p.Roles {
		t.Rows = append(t.Rows, ui.Row{Cells: []any{x.Role, x.Who, x.Reach}})
	}
	return t
}

func (s *Server) emergencyPage(r *http.Request) (*emergencyPage, error) {
	e, err := s.Hall.Emergencies(r.Context(), ui.Actor(r).Region)
	if err != nil {
		return nil, err
	}
	p := &emergencyPage{Page: ui.Page{Title: "应急"}, Plan: e.Plan, Kinds: e.Plan.Kinds, Roles: rolesTable(e.Plan), DrillKind: []ui.Option{{Value: "drill", Label: "演练"}, {Value: "training", Label: "急救和应急培训"}},
		In: hall.Drill{Kind: "drill"}, On: ui.Today(r).String(),
		Ready:  ui.Table{Title: "演练和培训", Caption: "每个大厅", Head: []string{"大厅", "上一次", "下一次"}, Empty: "还没有登记大厅。"},
		Open:   ui.Lines{Title: "正在处理", Empty: "现在没有。"},
		Past:   ui.Table{Title: "处理过的", Caption: "突发事件记录", Head: []string{"哪一件", "开始", "用了", "结果"}, Empty: "还没有发生过。"},
		Drills: ui.Table{Title: "做过的演练和培训", Caption: "演练和培训记录", Head: []string{"那天", "大厅", "练了什么", "人数", "小结"}, Empty: "还没有记录。"}}
	names := map[string]string{}
	for _, x := range e.Ready {
		names[x.ID] = x.Name
		p.Places = append(p.Places, ui.Option{Value: x.ID, Label: x.Name})
		last, by := "还没有做过", any(ui.Chip{Tone: "hot", Say: "该做了"})
		if !x.Last.On.IsZero() {
			last = x.Last.On.Chinese() + " " + x.Last.Topic
			if !x.Due {
				by = x.By
			}
		}
		p.Ready.Rows = append(p.Ready.Rows, ui.Row{Cells: []any{x.Name, last, by}})
	}
	for _, i := range e.Incidents {
		if i.Open() {
			p.Open.Items = append(p.Open.Items, ui.LineItem{Href: "/o/hall/incident/" + i.ID, Label: names[i.Place] + "：" + i.Name, Note: ui.Clock(i.Started) + " 开始"})
			continue
		}
		p.Past.Rows = append(p.Past.Rows, ui.Row{Cells: []any{ui.Two{First: i.Name, Second: names[i.Place], Href: "/o/hall/incident/" + i.ID}, ui.Instant(i.Started), lasting((i.Ended - i.Started) / 1000), i.Result}})
	}
	for _, d := range e.Drills {
		kind := "演练："
		if d.Kind == "training" {
			kind = "培训："
		}
		p.Drills.Rows = append(p.Drills.Rows, ui.Row{Cells: []any{d.On, names[d.Place], kind + d.Topic, strconv.FormatInt(d.People, 10) + " 人", d.Note}})
	}
	if len(p.Places) > 0 {
		p.Place = p.Places[0].Value
	}
	return p, nil
}

func (s *Server) emergency(w http.ResponseWriter, r *http.Request) error {
	p, err := s.emergencyPage(r)
	if err != nil {
		return err
	}
	return emergencyTmpl.Render(w, r, p)
}

// emergencyAlarm is the one tap: the button names what happened.
func (s *Server) emergencyAlarm(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	i, err := s.Hall.Alarm(r.Context(), who, who.Region, f.Raw("place"), f.Raw("kind"), f.Once())
	if err != nil {
		p, perr := s.emergencyPage(r)
		if perr != nil {
			return perr
		}
		p.Place = f.Raw("place")
		return emergencyTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/hall/incident/"+i.ID)
}

func (s *Server) emergencyDrill(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, err := s.emergencyPage(r)
	if err != nil {
		return err
	}
	p.Place, p.On, p.People = f.Raw("place"), f.Raw("on"), f.Raw("people")
	p.In = hall.Drill{Region: who.Region, Place: f.Choice("place", "在哪个大厅", p.Places), Kind: f.Choice("kind", "是演练还是培训", p.DrillKind), On: f.Day("on", "哪一天"), Topic: f.Text("topic", "练了什么"),
		People: f.Int("people", "几个人参加", 1, 9999), Note: f.Text("note", "")}
	if err = f.Err(); err == nil {
		_, err = s.Hall.Held(r.Context(), who, f.Once(), p.In)
	}
	if err != nil {
		return emergencyTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/hall/emergency")
}

func (s *Server) planPage(r *http.Request) (*planPage, error) {
	e, err := s.Hall.Emergencies(r.Context(), ui.Actor(r).Region)
	if err != nil {
		return nil, err
	}
	p := &planPage{Page: ui.Page{Title: "应急预案", Back: "/o/hall/emergency", Nav: "/o/hall/emergency"}, Plan: e.Plan, From: ui.Today(r).String(),
		Versions: ui.Table{Title: "各版", Caption: "预案的各版", Head: []string{"版", "名称", "从哪天起", "谁发的"}, Empty: "还没有发过，现在按随程序带的最少做法。"}}
	var lines []string
	for _, d := range e.Plan.Roles {
		lines = append(lines, d.Role+"｜"+d.Who+"｜"+d.Reach)
	}
	p.Roles = strings.Join(lines, "\n")
	for _, k := range e.Plan.Kinds {
		p.Kinds = append(p.Kinds, planKind{k.ID, k.Name, strings.Join(k.Steps, "\n")})
	}
	for _, v := range e.Versions {
		p.Versions.Rows = append(p.Versions.Rows, ui.Row{Cells: []any{"第 " + strconv.FormatInt(v.Version, 10) + " 版", v.Title, v.From, v.ByName}})
	}
	return p, nil
}

func (s *Server) emergencyPlan(w http.ResponseWriter, r *http.Request) error {
	p, err := s.planPage(r)
	if err != nil {
		return err
	}
	return planTmpl.Render(w, r, p)
}

func textLines(s string) (out []string) {
	for _, l := range strings.Split(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func (s *Server) emergencyIssue(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	p, err := s.planPage(r)
	if err != nil {
		return err
	}
	p.Roles, p.From = f.Text("roles", "谁负责什么"), f.Raw("from")
	in := hall.Plan{Region: who.Region, Title: f.Text("title", "这一版的名称"), From: f.Day("from", "从哪天起")}
	p.Plan.Title = in.Title
	for _, l := range textLines(p.Roles) {
		parts := strings.Split(strings.ReplaceAll(l, "|", "｜"), "｜")
		if len(parts) != 3 {
			f.Bad("roles", "「%s」要写成三段：角色｜谁｜怎么找到", l)
			continue
		}
		in.Roles = append(in.Roles, hall.Duty{Role: strings.TrimSpace(parts[0]), Who: strings.TrimSpace(parts[1]), Reach: strings.TrimSpace(parts[2])})
	}
	for i, k := range p.Kinds {
		p.Kinds[i].Steps = f.Text(k.ID, "「"+k.Name+"」怎么做")
		in.Kinds = append(in.Kinds, hall.Trouble{ID: k.ID, Steps: textLines(p.Kinds[i].Steps)})
	}
	if err = f.Err(); err == nil {
		_, err = s.Hall.Issue(r.Context(), who, f.Once(), in)
	}
	if err != nil {
		return planTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/hall/emergency/plan")
}

func (s *Server) incidentPage(r *http.Request) (*incidentPage, error) {
	f, err := s.Hall.Incident(r.Context(), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &incidentPage{Page: ui.Page{Title: f.Name, Back: "/o/hall/emergency", Nav: "/o/hall/emergency"}, F: f, Roles: rolesTable(f.Plan)}
	until := ui.Now(r).UnixMilli()
	if !f.Open() {
		until = f.Ended
	}
	p.Clock = lasting((until - f.Started) / 1000)
	for _, x := range f.Lines {
		p.Log.Items = append(p.Log.Items, ui.Moment{State: "done", Title: x.Say, When: ui.Clock(x.At), Who: x.ActorName})
	}
	return p, nil
}

func (s *Server) incident(w http.ResponseWriter, r *http.Request) error {
	p, err := s.incidentPage(r)
	if err != nil {
		return err
	}
	return incidentTmpl.Render(w, r, p)
}

func (s *Server) incidentDone(w http.ResponseWriter, r *http.Request, f *ui.Form, err error) error {
	if err == nil {
		return ui.Redirect(w, r, "/o/hall/incident/"+r.PathValue("id"))
	}
	p, perr := s.incidentPage(r)
	if perr != nil {
		return perr
	}
	p.Say, p.Result = f.Raw("say"), f.Raw("result")
	return incidentTmpl.Again(w, r, p, err)
}

func (s *Server) incidentTell(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	say := f.Text("say", "刚才做了什么")
	err := f.Err()
	if err == nil {
		err = s.Hall.Tell(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), say)
	}
	return s.incidentDone(w, r, f, err)
}

func (s *Server) incidentEnd(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	result := f.Text("result", "结果")
	err := f.Err()
	if err == nil {
		_, err = s.Hall.Close(r.Context(), who, who.Region, r.PathValue("id"), f.Once(), result)
	}
	return s.incidentDone(w, r, f, err)
}

// incidentPaper is the report of an incident on A4 (突发事件处理报告).
func (s *Server) incidentPaper(w http.ResponseWriter, r *http.Request) error {
	f, err := s.Hall.Incident(r.Context(), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	plan := "随程序带的最少做法"
	if f.Incident.Plan > 0 {
		plan = fmt.Sprintf("第 %d 版（%s）", f.Incident.Plan, f.Plan.Title)
	}
	sheet := paper.Sheet{Title: "突发事件处理报告", No: f.ID, On: ui.Today(r), Signs: []string{"值班负责人", "大厅负责人"},
		Rows:   [][2]string{{"地点", f.At.Name}, {"发生了什么", f.Name}, {"开始", ui.Instant(f.Started)}, {"按哪一版预案", plan}},
		Tables: []paper.Table{{Caption: "经过", Head: []string{"时间", "做了什么", "谁"}}}}
	if f.Open() {
		sheet.Draft = "还在处理"
	} else {
		sheet.Rows = append(sheet.Rows, [2]string{"结束", ui.Instant(f.Ended)}, [2]string{"用了", lasting((f.Ended - f.Started) / 1000)}, [2]string{"结果", f.Result})
	}
	for _, x := range f.Lines {
		sheet.Tables[0].Rows = append(sheet.Tables[0].Rows, []string{ui.Clock(x.At), x.Say, x.ActorName})
	}
	return ui.ShowPaper(w, r, "/o/hall/incident/"+f.ID, sheet)
}
