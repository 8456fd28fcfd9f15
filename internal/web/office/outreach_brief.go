package office

import (
	"fmt"
	"net/http"

	"yinling/internal/access"
	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// briefPage are briefings and the knowledge rate (宣讲, 政策知晓率).
type briefPage struct {
	ui.Page
	KPIs      ui.KPIs
	Rate      ui.LineChart
	Places    ui.Bars
	Ways      ui.Bars
	List      ui.Table
	Audiences []ui.Option
	Channels  []ui.Option
	Districts []ui.Option
	Questions []surveyQuestion
	In        outreach.Briefing
	Day       string
	People    string
	May       bool
	HasRate   bool
	Channel   string
	District  string
	Said      string
}

type surveyQuestion struct {
	ID, Text, Chosen string
	Options          []ui.Option
}

var briefTmpl = ui.MustParse[briefPage](ui.Office, files, "outreach/briefing.html")

func (s *Server) briefPage(r *http.Request) (*briefPage, error) {
	ctx, region, today, f := r.Context(), ui.Actor(r).Region, ui.Today(r), ui.ParseForm(r)
	p := &briefPage{Page: ui.Page{Title: "宣讲和知晓率", Nav: "/o/briefing"}, May: ui.Who(r).Can(access.VoiceAct), Channel: f.Raw("channel"), District: f.Raw("district")}
	from := today.AddMonths(-12)
	xs, err := s.Outreach.Briefings(ctx, region, from)
	if err != nil {
		return nil, err
	}
	var people int64
	p.List = ui.Table{Title: "讲过的", Caption: "宣讲", Head: []string{"哪天", "讲什么", "在哪里", "多少人", "问了什么"}, Empty: "一年里还没有宣讲。"}
	for _, x := range xs {
		people += x.People
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{x.Day.Short(), ui.Two{First: x.Title, Href: "/o/briefing/" + x.ID, Second: x.Speaker + "讲，听的是" + outreach.AudienceName(x.Audience)}, ui.Two{First: x.Place, Second: x.District}, fmt.Sprint(x.People), orDash(x.Questions)}})
	}
	known, err := s.Outreach.Known(ctx, region, from.Month())
	if err != nil {
		return nil, err
	}
	var n, knows int64
	line := ui.LineChart{Title: "政策知晓率", Unit: "%，按月", Series: []ui.Series{{Name: "知晓率", Tone: "pine"}}}
	for _, m := range known.Months {
		mon, err := day.ParseMonth(m.Name)
		if err != nil {
			return nil, err
		}
		_, mm, _ := mon.First().Date()
		line.X = append(line.X, fmt.Sprintf("%d月", mm))
		line.Series[0].Y = append(line.Series[0].Y, m.Percent())
		n, knows = n+m.N, knows+m.Knows
	}
	line.Say = fmt.Sprintf("12 个月问了 %d 人，%d 人知晓。", n, knows)
	p.Rate, p.HasRate = line, len(known.Months) > 0
	p.Places = ui.Bars{Title: "各区县的知晓率", Unit: "%", Say: "后面写着问了多少人。"}
	for _, x := range known.Districts {
		p.Places.Items = append(p.Places.Items, knowBar(orSay(x.Name, "没有说"), x))
	}
	p.Ways = ui.Bars{Title: "怎么问的", Unit: "%", Say: "网上答的人多半会用手机，和电话、纸质的分开看。"}
	for _, x := range known.Ways {
		p.Ways.Items = append(p.Ways.Items, knowBar(outreach.SurveyChannel(x.Name), x))
	}
	share := "—"
	if n > 0 {
		share = fmt.Sprint((knows*100 + n/2) / n)
	}
	p.KPIs.Items = []ui.KPI{{Label: "12 个月宣讲", Value: fmt.Sprint(len(xs)), Unit: "场"}, {Label: "听讲", Value: fmt.Sprint(people), Unit: "人次"}, {Label: "知晓率", Value: share, Unit: "%", Note: fmt.Sprintf("问了 %d 人", n)}}
	for _, a := range outreach.Audiences {
		p.Audiences = append(p.Audiences, ui.Option{Value: a.ID, Label: a.Name})
	}
	for _, c := range outreach.SurveyChannels[:2] {
		p.Channels = append(p.Channels, ui.Option{Value: c.ID, Label: c.Name})
	}
	districts, err := s.Person.Districts(ctx, region)
	if err != nil {
		return nil, err
	}
	for _, d := range districts {
		p.Districts = append(p.Districts, ui.Option{Value: d, Label: d})
	}
	for _, q := range s.Outreach.Questions(region, today) {
		sq := surveyQuestion{ID: q.ID, Text: q.Text, Chosen: f.Raw(q.ID)}
		for i, o := range q.Options {
			sq.Options = append(sq.Options, ui.Option{Value: fmt.Sprint(i + 1), Label: o})
		}
		p.Questions = append(p.Questions, sq)
	}
	if r.URL.Query().Get("said") != "" {
		p.Said = "记下了一份答卷。"
	}
	return p, nil
}

func knowBar(name string, x outreach.KnowRate) ui.Bar {
	return ui.Bar{Name: name, Tone: "pine", N: x.Percent(), Text: fmt.Sprintf("%d%%（%d 人）", x.Percent(), x.N)}
}

func (s *Server) briefings(w http.ResponseWriter, r *http.Request) error {
	p, err := s.briefPage(r)
	if err != nil {
		return err
	}
	return briefTmpl.Render(w, r, p)
}

func (s *Server) briefEnter(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	x := outreach.Briefing{Title: f.Raw("title"), Place: f.Raw("place"), District: f.Raw("district"), Day: f.Day("day", "哪一天"), Audience: f.Raw("audience"), Speaker: f.Raw("speaker"), People: f.Int("people", "到了多少人", 1, 100000), Questions: f.Text("questions", "")}
	err := f.Err()
	if err == nil {
		x, err = s.Outreach.Brief(r.Context(), who, who.Region, f.Once(), x)
	}
	if err != nil {
		p, perr := s.briefPage(r)
		if perr != nil {
			return perr
		}
		p.In, p.Day, p.People = x, f.Raw("day"), f.Raw("people")
		return briefTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/briefing/"+x.ID)
}

// briefOnePage is one briefing with its photographs.
type briefOnePage struct {
	ui.Page
	X     outreach.Briefing
	Facts ui.Summary
	Files []mediaFile
	May   bool
	Alt   string
}

var briefOneTmpl = ui.MustParse[briefOnePage](ui.Office, files, "outreach/briefing_one.html")

func (s *Server) briefOnePage(r *http.Request) (*briefOnePage, error) {
	x, photos, err := s.Outreach.Briefing(r.Context(), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	p := &briefOnePage{Page: ui.Page{Title: x.Title, Back: "/o/briefing", Nav: "/o/briefing"}, X: x, May: ui.Who(r).Can(access.VoiceAct), Files: mediaFiles("/o/briefing/"+x.ID, photos)}
	p.Facts.Rows = []ui.Fact{{Label: "哪一天", Value: x.Day}, {Label: "在哪里", Value: orDash(x.District) + " " + x.Place}, {Label: "谁讲的", Value: x.Speaker},
		{Label: "讲给谁听", Value: outreach.AudienceName(x.Audience)}, {Label: "到了", Value: fmt.Sprintf("%d 人", x.People)}, {Label: "大家问了什么", Value: orDash(x.Questions)}, {Label: "谁记的", Value: x.Maker}}
	return p, nil
}

func (s *Server) briefOne(w http.ResponseWriter, r *http.Request) error {
	p, err := s.briefOnePage(r)
	if err != nil {
		return err
	}
	return briefOneTmpl.Render(w, r, p)
}

// briefPhoto adds a photograph of the briefing.
func (s *Server) briefPhoto(w http.ResponseWriter, r *http.Request) error {
	p, err := s.briefOnePage(r)
	if err != nil {
		return err
	}
	f, who := ui.ParseForm(r), ui.Actor(r)
	p.Alt = f.Text("alt", "")
	in, err := s.mediaIn(r, f)
	if err == nil && in == nil {
		err = fault.Field("file", "请选一张照片")
	}
	if err == nil {
		err = s.Outreach.Photo(r.Context(), who, who.Region, p.X.ID, f.Once(), *in)
	}
	if err != nil {
		return briefOneTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/briefing/"+p.X.ID)
}

func (s *Server) briefFile(w http.ResponseWriter, r *http.Request) error {
	_, photos, err := s.Outreach.Briefing(r.Context(), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.sendMedia(w, r, photos)
}

func (s *Server) surveyEnter(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	in := outreach.SurveySheet{Channel: f.Raw("channel"), District: f.Raw("district"), Chosen: map[string]int64{}}
	if in.Channel != "phone" {
		in.Channel = "paper"
	}
	for _, q := range s.Outreach.Questions(who.Region, ui.Today(r)) {
		in.Chosen[q.ID] = f.Int(q.ID, "", 0, 20)
	}
	err := f.Err()
	if err == nil {
		_, err = s.Outreach.Surveyed(r.Context(), who, who.Region, f.Once(), in)
	}
	if err != nil {
		p, perr := s.briefPage(r)
		if perr != nil {
			return perr
		}
		return briefTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/briefing?said=1")
}
