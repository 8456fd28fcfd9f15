package office

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"yinling/internal/benefit"
	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// familyPage is the agency's desk of family care: who waits for a plan, the
// plans, the households drawn this month.
type familyPage struct {
	ui.Page
	Tabs   ui.Tabs
	Tab    string
	List   ui.Table
	Month  day.Month
	Filter ui.Filter
	Seed   ui.Summary
	Draw   bool
}

var familyTmpl = ui.MustParse[familyPage](ui.Office, files, "care/family.html")

const familyMost = 2000

func (s *Server) familyPage(r *http.Request) (*familyPage, error) {
	who := ui.Actor(r)
	p := &familyPage{Page: ui.Page{Title: "亲情护理", Nav: "/o/care/family"}, Tab: r.FormValue("tab")}
	x, err := s.Care.Family(r.Context(), who.Region, familyMost)
	if err != nil {
		return nil, err
	}
	if p.Month, err = monthOf(r); err != nil {
		return nil, err
	}
	if p.Tab != "plan" && p.Tab != "spot" {
		p.Tab = "wait"
	}
	p.Tabs = ui.Tabs{Label: "亲情护理"}
	for _, t := range []struct {
		key, name string
		n         int
	}{{"wait", "等做计划", len(x.Waiting)}, {"plan", "照护计划", len(x.Plans)}, {"spot", "每月抽查", -1}} {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: "/o/care/family?tab=" + t.key, Label: t.name, N: t.n, Current: t.key == p.Tab})
	}
	switch p.Tab {
	case "wait":
		p.List = ui.Table{Caption: "选了亲情护理、等做计划的人", Head: []string{"参保人", "护理方式", "从哪天起", ""}, Empty: "没有人在等亲情护理的计划。"}
		for _, w := range x.Waiting {
			p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: w.Who.Name, Second: w.Who.District + w.Who.Community}, benefit.ModesChinese(w.Modes), w.From,
				ui.Link{Href: "/o/care/family/new?person=" + w.Person, Label: "做计划", Tone: "ghost"}}})
		}
	case "plan":
		p.List = ui.Table{Caption: "亲情护理的计划", Head: []string{"参保人", "日期", "状态", ""}, Empty: "还没有亲情护理的计划。"}
		for _, x := range x.Plans {
			open := ui.Link{Href: "/o/care/plan/" + x.ID, Label: "打开", Tone: "ghost"}
			if x.Status == care.Active || x.Status == care.Ended && x.ConfirmedBy != "" {
				open = ui.Link{Href: "/o/care/family/days/" + x.ID, Label: "确认日子", Tone: "ghost"}
			}
			p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: x.Who.Name, Second: x.Who.District + x.Who.Community, Href: "/o/care/plan/" + x.ID}, x.From.String() + " 至 " + x.To.String(),
				ui.Chip{Tone: carePlanTone(x.Status), Say: x.Status.Name()}, open}})
		}
	default:
		return p, s.spotList(r, p)
	}
	return p, nil
}

func (s *Server) family(w http.ResponseWriter, r *http.Request) error {
	p, err := s.familyPage(r)
	if err != nil {
		return err
	}
	return familyTmpl.Render(w, r, p)
}

// familyForm is the plan of family care as it is written.
type familyForm struct {
	ui.Page
	Action    string
	Person    string
	Facts     ui.Summary
	From, To  string
	Items     []ui.Option
	In        care.NewCarer
	Relations []ui.Option
	Trained   string
	Agreed    string
	Tail      string // of the number on file
	Version   int64
	Note      string
}

var familyFormTmpl = ui.MustParse[familyForm](ui.Office, files, "care/familyform.html")

func (s *Server) familyForm(r *http.Request, id string) (*familyForm, error) {
	who, on := ui.Actor(r), ui.Today(r)
	p := &familyForm{Page: ui.Page{Title: "亲情护理计划", Back: "/o/care/family", Nav: "/o/care/family"}, Person: r.FormValue("person"), Action: "/o/care/family/new",
		From: (on + 1).String(), To: ((on + 1).AddMonths(12) - 1).String(), Agreed: on.String()}
	var items []string
	if id != "" {
		x, _, err := s.Care.SeePlan(r.Context(), who, who.Region, id)
		if err != nil {
			return nil, err
		}
		c, err := s.Care.CarerOf(r.Context(), who, who.Region, id)
		if err != nil {
			return nil, err
		}
		if !x.OfFamily() {
			return nil, fault.New(fault.NotFound, "没有找到这份亲情护理的计划。")
		}
		p.Action, p.Back, p.Person, p.Version, p.Note = "/o/care/family/plan/"+id, "/o/care/plan/"+id, x.Person, x.Version, x.Note
		p.From, p.To, p.Trained, p.Agreed, p.Tail = x.From.String(), x.To.String(), dayText(c.Trained), dayText(c.Agreed), c.Tail
		p.In = care.NewCarer{Name: c.Name, Relation: c.Relation, Phone: c.Phone, Certificate: c.Certificate}
		for _, it := range x.Items {
			items = append(items, it.Item)
		}
	}
	v, err := s.Person.See(r.Context(), who, who.Region, p.Person)
	if err != nil {
		return nil, err
	}
	p.Title = v.Name + "的亲情护理计划"
	p.Facts = ui.Summary{Rows: []ui.Fact{{Label: "参保人", Value: ui.Two{First: v.Name, Second: fmt.Sprintf("%s · %d岁 · 尾号 %s", v.Sex, v.Age(on), v.IDTail)}}, {Label: "住址", Value: v.District + v.Community}}}
	if d, err := day.Parse(p.From); err == nil {
		on = d
	}
	for _, it := range s.Care.FamilyItems(who.Region, on) {
		p.Items = append(p.Items, ui.Option{Value: it.Code, Label: it.Name, Hint: "每" + care.UnitName(it.Unit) + " " + it.PriceFen.Yuan() + it.Mark(), Checked: slices.Contains(items, it.Code)})
	}
	if len(p.Items) == 1 {
		p.Items[0].Checked = true
	}
	p.Relations = []ui.Option{{Label: "请选"}}
	for _, rel := range s.Care.Relations(who.Region, on) {
		p.Relations = append(p.Relations, ui.Option{Value: rel, Label: rel})
	}
	return p, nil
}

func (s *Server) familyNew(w http.ResponseWriter, r *http.Request) error {
	p, err := s.familyForm(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	return familyFormTmpl.Render(w, r, p)
}

// familySave keeps the plan and shows it; what stands against it is said there.
func (s *Server) familySave(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	in := care.FamilyInput{Person: f.Raw("person"), From: f.Day("from", "从哪天开始"), To: f.Day("to", "到哪天为止"), Items: f.All("item"),
		Carer: care.NewCarer{Name: f.Text("name", "照护人的姓名"), Number: f.Raw("number"), Relation: f.Raw("relation"), Phone: f.Digits("phone", ""), Certificate: f.Raw("certificate"),
			Trained: f.Day("trained", ""), Agreed: f.Day("agreed", "同意的日期")}}
	in.Version, _ = strconv.ParseInt(f.Raw("version"), 10, 64)
	err := f.Err()
	var out care.Plan
	if err == nil {
		out, err = s.Care.SaveFamily(r.Context(), who, who.Region, id, f.Once(), in)
	}
	if err != nil {
		p, perr := s.familyForm(r, id)
		if perr != nil {
			return perr
		}
		p.From, p.To, p.Trained, p.Agreed, p.In = f.Raw("from"), f.Raw("to"), f.Raw("trained"), f.Raw("agreed"), in.Carer
		for i := range p.Items {
			p.Items[i].Checked = slices.Contains(in.Items, p.Items[i].Value)
		}
		return familyFormTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/care/plan/"+out.ID)
}

// careCarer says who cares: an institution, or somebody whom the family chose.
func (s *Server) careCarer(r *http.Request, p *carePlanPage) error {
	who, x := ui.Actor(r), p.X
	if !x.OfFamily() {
		p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "机构", Value: ui.Two{First: x.Institution.Name, Href: "/o/institution/" + x.Plan.Institution}})
		return nil
	}
	c, err := s.Care.CarerOf(r.Context(), who, who.Region, x.ID)
	if err != nil {
		return err
	}
	trained := "没有登记"
	if !c.Trained.IsZero() {
		trained = c.Trained.Chinese() + " " + c.Certificate
	}
	p.Facts.Rows = append(p.Facts.Rows, ui.Fact{Label: "照护人", Value: ui.Two{First: c.Name + "（" + c.Relation + "）", Second: strings.TrimSpace("尾号 " + c.Tail + " " + c.Phone)}},
		ui.Fact{Label: "培训", Value: trained}, ui.Fact{Label: "当面同意", Value: c.Agreed},
		ui.Fact{Label: "照护人核对", Value: ui.Link{Href: "/o/why/" + c.Decision, Label: "看依据和计算", Tone: "ghost"}})
	p.Own = map[string]bool{}
	for _, step := range care.PlanFlow {
		if step.From == x.Status {
			p.Own[step.Action] = true
		}
	}
	if x.Status == care.Active {
		p.Days = "/o/care/family/days/" + x.ID
	}
	p.Own["offer"] = p.Own["offer"] && !x.Limits.Stops()
	return nil
}
