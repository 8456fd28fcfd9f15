package office

import (
	"net/http"
	"strconv"

	"yinling/internal/audit"
	"yinling/internal/hall"
	"yinling/internal/web/ui"
)

type facilitiesPage struct {
	ui.Page
	Figures ui.KPIs
	List    ui.Table
	Late    ui.Table
}

type facilityPage struct {
	ui.Page
	P      hall.Place
	Items  ui.Table
	Past   ui.Table
	Choose []ui.Option
	States []ui.Option
	In     hall.Look
}

var (
	facilitiesTmpl = ui.MustParse[facilitiesPage](ui.Office, files, "hall/facilities.html")
	facilityTmpl   = ui.MustParse[facilityPage](ui.Office, files, "hall/facility.html")
)

var facilityStates = []ui.Option{{Value: "good", Label: "好的，能用"}, {Value: "broken", Label: "坏了"}, {Value: "missing", Label: "没有"}}

func facilityChip(i hall.Item, late bool) ui.Chip {
	tone := map[string]string{"good": "ok", "broken": "bad", "missing": "bad", "": "mute"}[i.State]
	if late && i.State == "good" {
		return ui.Chip{Tone: "hot", Say: "该看了"}
	}
	return ui.Chip{Tone: tone, Say: hall.StateName(i.State)}
}

func (s *Server) facilities(w http.ResponseWriter, r *http.Request) error {
	lists, err := s.Hall.Checklists(r.Context(), ui.Actor(r).Region, "")
	if err != nil {
		return err
	}
	today := ui.Today(r)
	p := &facilitiesPage{Page: ui.Page{Title: "设施检查"},
		List: ui.Table{Title: "大厅和站点", Caption: "每个地方的设施", Head: []string{"地方", "要有", "坏了或没有", "过期没看"}, Empty: "还没有登记大厅或站点。"},
		Late: ui.Table{Title: "过期的", Caption: "该看没看、该补没补的", Head: []string{"设施", "地方", "上次", "应在", "说明"}, Empty: "没有过期的。"}}
	bad, late := 0, 0
	for _, c := range lists {
		n := c.Late(today)
		bad, late = bad+c.Bad(), late+n
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: c.Name, Href: "/o/hall/facility/" + c.ID, Second: c.KindName()}, strconv.Itoa(len(c.Items)) + " 样", strconv.Itoa(c.Bad()) + " 样", strconv.Itoa(n) + " 样"}})
		for _, i := range c.Items {
			if i.Late(today) && !i.Checked.IsZero() {
				p.Late.Rows = append(p.Late.Rows, ui.Row{Cells: []any{ui.Two{First: i.Name, Chip: facilityChip(i, true)}, c.Name, i.Checked, i.Due, i.Note}})
			}
		}
	}
	p.Figures = ui.KPIs{Items: []ui.KPI{{Label: "地方", Value: strconv.Itoa(len(lists)), Unit: "个"}, {Label: "坏了或没有", Value: strconv.Itoa(bad), Unit: "样", Hot: bad > 0}, {Label: "过期没看", Value: strconv.Itoa(late), Unit: "样", Hot: late > 0}}}
	return facilitiesTmpl.Render(w, r, p)
}

func (s *Server) facilityPlacePage(r *http.Request) (*facilityPage, error) {
	who, id, today := ui.Actor(r), r.PathValue("id"), ui.Today(r)
	lists, err := s.Hall.Checklists(r.Context(), who.Region, id)
	if err != nil {
		return nil, err
	}
	past, err := s.Hall.Past(r.Context(), who.Region, id)
	if err != nil {
		return nil, err
	}
	c := lists[0]
	p := &facilityPage{Page: ui.Page{Title: c.Name + "的设施", Back: "/o/hall/facility", Nav: "/o/hall/facility"}, P: c.Place, States: facilityStates, In: hall.Look{Item: r.URL.Query().Get("item")},
		Items: ui.Table{Title: "设施清单", Caption: "这里要有的", Head: []string{"设施", "现在", "上次看", "应在", "照片"}, Empty: "这类地方没有要求的设施。"},
		Past:  ui.Table{Title: "检查记录", Caption: "最近的检查", Head: []string{"设施", "那天", "怎样", "说明", "谁看的"}, Empty: "还没有检查过。"}}
	names := map[string]string{}
	photo := func(i hall.Item) any {
		if i.Photo == "" {
			return "没有照片"
		}
		return ui.Link{Href: "/o/hall/facility/" + id + "/photo/" + i.Photo, Label: "看照片", Tone: "ghost"}
	}
	for _, i := range c.Items {
		names[i.ID] = i.Name
		p.Choose = append(p.Choose, ui.Option{Value: i.ID, Label: i.Name})
		checked, due := any("还没有看过"), any("")
		if !i.Checked.IsZero() {
			checked, due = ui.Two{First: i.Checked.Short(), Second: i.ByName}, ui.Two{First: i.Due.Short(), Second: i.Note}
		}
		p.Items.Rows = append(p.Items.Rows, ui.Row{Cells: []any{ui.Two{First: i.Name, Href: "/o/hall/facility/" + id + "?item=" + i.ID + "#item"}, facilityChip(i, i.Late(today)), checked, due, photo(i)}})
	}
	for _, i := range past {
		p.Past.Rows = append(p.Past.Rows, ui.Row{Cells: []any{names[i.ID], i.Checked, facilityChip(i, false), i.Note, i.ByName}})
	}
	return p, nil
}

func (s *Server) facilityPlace(w http.ResponseWriter, r *http.Request) error {
	p, err := s.facilityPlacePage(r)
	if err != nil {
		return err
	}
	return facilityTmpl.Render(w, r, p)
}

func (s *Server) facilityCheck(w http.ResponseWriter, r *http.Request) error {
	p, err := s.facilityPlacePage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	p.In = hall.Look{Place: p.P.ID, Item: f.Choice("item", "看的是哪一样", p.Choose), State: f.Choice("state", "怎样", p.States), Note: f.Text("note", "")}
	if err = f.Err(); err == nil {
		in := p.In
		if in.Photo, err = s.upload(r, "file"); err == nil {
			_, err = s.Hall.Check(r.Context(), who, who.Region, f.Once(), in)
		}
	}
	if err != nil {
		return facilityTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/hall/facility/"+p.P.ID)
}

// facilityPhoto shows the photo of an inspection; the look is on record.
func (s *Server) facilityPhoto(w http.ResponseWriter, r *http.Request) error {
	who := ui.Actor(r)
	doc, err := s.Hall.Photo(r.Context(), who.Region, r.PathValue("id"), r.PathValue("doc"))
	if err != nil {
		return err
	}
	if err := audit.Seen(r.Context(), s.Log, who, who.Region, "hall.photo", r.PathValue("id")); err != nil {
		return err
	}
	file, err := s.Desk.Files.Open(doc)
	if err != nil {
		return err
	}
	defer file.Close()
	return ui.SendFile(w, r, doc.Mime, doc.At, file)
}
