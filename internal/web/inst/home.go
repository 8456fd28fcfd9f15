package inst

import (
	"net/http"

	"yinling/internal/care"
	"yinling/internal/web/ui"
)

type homePage struct {
	ui.Page
	KPIs      ui.KPIs
	Today     ui.Table
	Tasks     ui.Lines
	Sanctions ui.Table // measures against the institution that hold today
}

var homeTmpl = ui.MustParse[homePage](ui.Inst, files, "home/home.html")

// lateMinutes is after how long a visit that has not begun is shown as late: a
// mark on a screen, no rule.
const lateMinutes = 30

func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	who, on, ctx := ui.Actor(r), ui.Today(r), r.Context()
	rows, err := s.Care.List(ctx, who, who.Region, on, on, "", 0, "", 500)
	if err != nil {
		return err
	}
	_, counts, err := s.Care.Exceptions(ctx, who, who.Region, care.Open, 1)
	if err != nil {
		return err
	}
	served, err := s.Care.Served(ctx, who, who.Region)
	if err != nil {
		return err
	}
	p := &homePage{Page: ui.Page{Title: "工作台"}}
	taken, err := s.Insts.Sanctions(ctx, who.Region, who.Institution)
	if err != nil {
		return err
	}
	p.Sanctions = ui.Table{Title: "医保经办作出的处理", Caption: "生效中的违规处理", Head: []string{"对谁", "怎样处理", "到哪天", "查实的情况", "依据"}}
	for _, x := range taken {
		if x.On(on) {
			p.Sanctions.Rows = append(p.Sanctions.Rows, ui.Row{Cells: []any{x.Name, x.Measure, x.To, x.Reason, ui.Link{Href: "/j/why/" + x.Decision, Label: "看条款", Tone: "ghost"}}})
		}
	}
	done, late, now := 0, 0, ui.Now(r).UnixMilli()
	p.Today = ui.Table{Caption: "今天的上门", Head: visitHead, Empty: "今天没有上门。"}
	for _, x := range rows {
		if x.Status == care.Done {
			done++
		}
		if x.Status == care.Planned && now > x.PlannedAt+lateMinutes*60000 {
			late++
		}
		p.Today.Rows = append(p.Today.Rows, visitRow(x, now))
	}
	todo := 0
	p.Tasks = ui.Lines{Title: "要编计划的老人", Empty: "选了本机构的老人都有计划了。"}
	for _, c := range served {
		if c.Plan.ID == "" || c.Plan.Status == care.Returned || c.Plan.Status == care.Declined || c.Plan.Status == care.Draft {
			todo++
			p.Tasks.Items = append(p.Tasks.Items, ui.LineItem{Href: planHref(c), Label: c.Who.Name, Note: c.From.Short() + "起"})
		}
	}
	p.KPIs = ui.KPIs{Items: []ui.KPI{
		{Label: "今天上门", Value: itoa(len(rows)), Unit: "次", Note: "做完 " + itoa(done) + " 次", Href: "/j/visits"},
		{Label: "过了时间还没去", Value: itoa(late), Unit: "次", Hot: late > 0, Href: "/j/visits"},
		{Label: "等说明的疑点", Value: itoa(int(counts[care.Open])), Unit: "个", Hot: counts[care.Open] > 0, Href: "/j/exceptions"},
		{Label: "要编的计划", Value: itoa(todo), Unit: "份", Href: "/j/people"},
	}}
	return homeTmpl.Render(w, r, p)
}

func planHref(c care.Charge) string {
	if c.Plan.ID == "" || c.Plan.Status == care.Ended {
		return "/j/plan/new?person=" + c.Person + "&mode=" + c.Mode
	}
	return "/j/plan/" + c.Plan.ID
}

type peoplePage struct {
	ui.Page
	List ui.Table
}

var peopleTmpl = ui.MustParse[peoplePage](ui.Inst, files, "care/people.html")

func (s *Server) people(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	served, err := s.Care.Served(r.Context(), who, who.Region)
	if err != nil {
		return err
	}
	p := &peoplePage{Page: ui.Page{Title: "服务对象"}, List: ui.Table{Caption: "服务对象", Head: []string{"老人", "方式", "从哪天起", "护理计划", ""},
		Empty: "还没有老人选择本机构。老人或家属选好以后，会出现在这里。"}}
	for _, c := range served {
		plan, act := ui.Chip{Tone: "hot", Say: "还没有计划"}, ui.Link{Href: planHref(c), Label: "编计划", Tone: "line"}
		if c.Plan.ID != "" {
			plan, act.Label = ui.Chip{Tone: planTone(c.Plan.Status), Say: c.Plan.Status.Name()}, "看计划"
		}
		p.List.Rows = append(p.List.Rows, ui.Row{ID: c.Person, Cells: []any{
			ui.Two{First: c.Who.Name, Second: c.Who.Sex + " · " + itoa(c.Who.Age(ui.Today(r))) + "岁 · " + c.Who.District + c.Who.Community}, modeName(c.Mode), c.From, plan, act}})
	}
	return peopleTmpl.Render(w, r, p)
}
