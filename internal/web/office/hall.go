package office

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"yinling/internal/access"
	"yinling/internal/hall"
	"yinling/internal/web/ui"
)

type hallsPage struct {
	ui.Page
	List  ui.Table
	In    placeInput
	Kinds []ui.Option
	Week  []ui.Option
}

// placeInput is a place as its form shows it.
type placeInput struct {
	hall.Place
	Days  []string
	Staff string
	Inst  string // whose point it is, by name
}

type hallPage struct {
	ui.Page
	P        hall.Place
	Figures  ui.KPIs
	Windows  ui.Table
	Queue    ui.Table
	Ways     ui.Rows
	Kinds    []ui.Option
	Week     []ui.Option
	Place    placeInput
	In       hall.Window
	No, Yes  string
	Matters  []ui.Option
	OpenSay  string
	YesNo    []ui.Option
	Priority string
}

var (
	hallsTmpl = ui.MustParse[hallsPage](ui.Office, files, "hall/list.html")
	hallTmpl  = ui.MustParse[hallPage](ui.Office, files, "hall/place.html")
)

var yesNo = []ui.Option{{Value: "yes", Label: "是"}, {Value: "no", Label: "否"}}

var week = []ui.Option{{Value: "1", Label: "周一"}, {Value: "2", Label: "周二"}, {Value: "3", Label: "周三"}, {Value: "4", Label: "周四"}, {Value: "5", Label: "周五"}, {Value: "6", Label: "周六"}, {Value: "7", Label: "周日"}}

func hallKinds() (out []ui.Option) {
	for _, k := range hall.Kinds {
		out = append(out, ui.Option{Value: k.ID, Label: k.Name})
	}
	return out
}

func (s *Server) matterOptions(region string) (out []ui.Option) {
	for _, m := range s.Hall.ListMatters(region) {
		out = append(out, ui.Option{Value: m.ID, Label: m.Name})
	}
	return out
}

// lasting says seconds for people.
func lasting(seconds int64) string {
	switch {
	case seconds < 0:
		return "还没有"
	case seconds < 60:
		return "不到 1 分钟"
	}
	return strconv.FormatInt(seconds/60, 10) + " 分钟"
}

func windowChip(w hall.Window) ui.Chip {
	switch w.Status {
	case "open":
		return ui.Chip{Tone: "ok", Say: "开着"}
	case "paused":
		return ui.Chip{Tone: "wait", Say: "暂停"}
	}
	return ui.Chip{Tone: "mute", Say: "没开"}
}

func ticketChip(t hall.Ticket) ui.Chip {
	tone := map[hall.Status]string{hall.Waiting: "wait", hall.Called: "hot", hall.Serving: "info", hall.Done: "ok", hall.Missed: "bad"}[t.Status]
	if tone == "" {
		tone = "mute"
	}
	return ui.Chip{Tone: tone, Say: t.Status.Name()}
}

func (s *Server) hallsPage(r *http.Request, in placeInput) (*hallsPage, error) {
	p := &hallsPage{Page: ui.Page{Title: "叫号和窗口"}, In: in, Kinds: hallKinds(), Week: week,
		List: ui.Table{Caption: "大厅和站点", Head: []string{"地方", "在等", "窗口", "开放时间", ""}, Empty: "还没有大厅。请在右边登记第一个。"}}
	list, err := s.Hall.Places(r.Context(), ui.Actor(r).Region)
	for _, b := range list {
		state := ui.Chip{}
		if !b.Open {
			state = ui.Chip{Tone: "mute", Say: "不办业务"}
		}
		windows := "没有窗口"
		if len(b.Windows) > 0 {
			windows = fmt.Sprintf("开着 %d 个，共 %d 个", b.OpenWindows(), len(b.Windows))
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: b.Name, Href: "/o/hall/at/" + b.ID, Second: b.KindName() + " " + b.District, Chip: state},
			strconv.FormatInt(b.Waiting, 10) + " 人", windows, b.Hours(), ui.Link{Href: "/o/hall/at/" + b.ID + "/guide", Label: "引导台", Tone: "line"}}})
	}
	return p, err
}

func (s *Server) halls(w http.ResponseWriter, r *http.Request) error {
	p, err := s.hallsPage(r, placeInput{Place: hall.Place{Kind: "hall"}, Days: strings.Split("12345", "")})
	if err != nil {
		return err
	}
	return hallsTmpl.Render(w, r, p)
}

// placeForm reads a place; a point stands where its institution does.
func (s *Server) placeForm(r *http.Request, f *ui.Form, was hall.Place) (placeInput, error) {
	p := placeInput{Place: was, Days: f.All("weekdays"), Staff: f.Raw("staff"), Inst: f.Raw("inst")}
	p.Name, p.Kind, p.District = f.Text("name", "名称"), f.Choice("kind", "哪一类", hallKinds()), f.Text("district", "")
	p.Address, p.Opens, p.Facilities = f.Text("address", ""), f.Text("opens", "开门时间"), f.Text("facilities", "")
	p.Place.Staff = f.Int("staff", "", 0, 999)
	slices.Sort(p.Days)
	p.Weekdays = strings.Join(slices.Compact(slices.Clone(p.Days)), "")
	if err := f.Err(); err != nil {
		return p, err
	}
	i, err := s.institutionNamed(r.Context(), p.Region, p.Inst)
	if err == nil {
		p.Institution = i.ID
		if i.ID != "" {
			p.Lat, p.Lng = i.Lat, i.Lng
		}
	}
	return p, err
}

func (s *Server) hallEnter(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	in, err := s.placeForm(r, f, hall.Place{Region: who.Region, Open: true})
	if err == nil {
		var got hall.Place
		if got, err = s.Hall.Save(r.Context(), who, f.Once(), in.Place); err == nil {
			return ui.Redirect(w, r, "/o/hall/at/"+got.ID)
		}
	}
	p, perr := s.hallsPage(r, in)
	if perr != nil {
		return perr
	}
	return hallsTmpl.Again(w, r, p, err)
}

func (s *Server) hallPlacePage(r *http.Request, id string) (*hallPage, error) {
	who := ui.Actor(r)
	f, err := s.Hall.Floor(r.Context(), who.Region, id)
	if err != nil {
		return nil, err
	}
	p := &hallPage{Page: ui.Page{Title: f.Name, Back: "/o/hall", Nav: "/o/hall"}, P: f.Place, Kinds: hallKinds(), Week: week, Place: placeInput{Place: f.Place, Days: strings.Split(f.Weekdays, "")}, Matters: s.matterOptions(who.Region), YesNo: yesNo, OpenSay: "no", Priority: "no",
		Windows: ui.Table{Title: "窗口", Caption: "窗口", Head: []string{"窗口", "现在", "办什么", ""}, Empty: "还没有窗口。"},
		Queue:   ui.Table{Title: "现在的号", Caption: "正在等和正在办的", Head: []string{"号", "通道", "办什么", "等了", ""}, Empty: "现在没有人在等。"}}
	if f.Open {
		p.OpenSay = "yes"
	}
	if f.Place.Staff > 0 {
		p.Place.Staff = strconv.FormatInt(f.Place.Staff, 10)
	}
	if f.Institution != "" {
		i, _, err := s.Institution.See(r.Context(), who.Region, f.Institution)
		if err != nil {
			return nil, err
		}
		p.Place.Inst = i.Name
	}
	open := 0
	for _, x := range f.Windows {
		if x.Status == "open" {
			open++
		}
		does := "什么都办"
		if len(x.Matters) > 0 {
			var names []string
			for _, m := range x.Matters {
				names = append(names, s.Hall.MatterName(who.Region, m))
			}
			does = strings.Join(names, "、")
		}
		first := ui.Two{First: x.Label() + " " + x.Name, Href: "/o/hall/window/" + x.ID, Second: x.ClerkName}
		if x.Priority {
			first.Marks = []ui.Chip{{Tone: "info", Say: "老年人优先"}}
		}
		now := any(windowChip(x))
		if t, ok := f.At(x.ID); ok {
			now = ui.Two{First: t.Label + " " + t.Shown, Chip: ticketChip(t)}
		} else if x.Reason != "" {
			now = ui.Two{First: x.Reason, Chip: windowChip(x)}
		}
		p.Windows.Rows = append(p.Windows.Rows, ui.Row{Cells: []any{first, now, does, ui.Link{Href: "/o/hall/window/" + x.ID, Label: "坐到这个窗口", Tone: "line"}}})
		p.In.No = x.No + 1
	}
	p.No = strconv.FormatInt(max(1, p.In.No), 10)
	waiting := f.With(hall.Waiting)
	longest := int64(-1)
	for _, t := range f.Tickets {
		p.Queue.Rows = append(p.Queue.Rows, s.ticketRow(who.Region, f, t))
		if t.Status == hall.Waiting {
			longest = max(longest, (f.Now-t.Arrived)/1000)
		}
	}
	p.Figures = ui.KPIs{Items: []ui.KPI{{Label: "在等", Value: strconv.Itoa(len(waiting)), Unit: "人"}, {Label: "等得最久", Value: lasting(longest)},
		{Label: "开着的窗口", Value: strconv.Itoa(open), Unit: "个"}, {Label: "过号", Value: strconv.Itoa(len(f.With(hall.Missed))), Unit: "人"}}}
	p.Ways.Items = []ui.Link{{Href: "/o/hall/at/" + id + "/guide", Label: "引导台（平板）", Icon: "user"}, {Href: "/hall/" + id + "/screen", Label: "大厅的大屏", Icon: "video"},
		{Href: "/hall/" + id + "/machine/" + s.Hall.Key(who.Region, id), Label: "取号机", Icon: "list"}, {Href: "/o/hall/facility/" + id, Label: "设施检查", Icon: "check"},
		{Href: "/o/hall/at/" + id + "/sign/window", Label: "打印窗口牌", Icon: "print"}, {Href: "/o/hall/at/" + id + "/sign/priority", Label: "打印优先窗口告示", Icon: "print"},
		{Href: "/o/hall/at/" + id + "/sign/hours", Label: "打印开放时间和指引", Icon: "print"}}
	if ui.Who(r).Can(access.HallManage) {
		p.Ways.Items = append(p.Ways.Items, ui.Link{Href: "/o/hall/at/" + id + "/board", Label: "等了多久（看板）", Icon: "chart"})
	}
	return p, nil
}

func (s *Server) ticketRow(region string, f hall.Floor, t hall.Ticket) ui.Row {
	waited := "还没到"
	if t.Arrived > 0 {
		until := f.Now
		if t.Called > 0 {
			until = t.Called
		}
		waited = lasting((until - t.Arrived) / 1000)
	}
	at := t.Status.Name()
	if t.Window != "" {
		at = f.Window(t.Window).Label()
	}
	return ui.Row{Cells: []any{ui.Two{First: t.Label, Second: t.Shown, Href: "/o/hall/ticket/" + t.ID, Chip: ticketChip(t)}, t.Why, s.Hall.MatterName(region, t.Matter), waited, at}}
}

func (s *Server) hallPlace(w http.ResponseWriter, r *http.Request) error {
	p, err := s.hallPlacePage(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	return hallTmpl.Render(w, r, p)
}

func (s *Server) hallChange(w http.ResponseWriter, r *http.Request) error {
	p, err := s.hallPlacePage(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	f := ui.ParseForm(r)
	p.OpenSay = f.Choice("open", "现在办不办业务", yesNo)
	if p.Place, err = s.placeForm(r, f, p.P); err == nil {
		p.Place.Open, p.Place.Version = p.OpenSay == "yes", f.Int("version", "", 0, 1<<40)
		_, err = s.Hall.Save(r.Context(), ui.Actor(r), f.Once(), p.Place.Place)
	}
	if err != nil {
		return hallTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/hall/at/"+p.P.ID)
}

func (s *Server) hallWindowEnter(w http.ResponseWriter, r *http.Request) error {
	p, err := s.hallPlacePage(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	p.No, p.Priority = f.Raw("no"), f.Choice("priority", "是不是优先窗口", yesNo)
	p.In = hall.Window{Region: who.Region, Place: p.P.ID, No: f.Int("no", "窗口号", 1, 99), Name: f.Text("window", ""), Matters: f.All("matters"), Priority: p.Priority == "yes"}
	if err = f.Err(); err == nil {
		_, err = s.Hall.SaveWindow(r.Context(), who, f.Once(), p.In)
	}
	if err != nil {
		return hallTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/hall/at/"+p.P.ID)
}
