package office

import (
	"net/http"
	"slices"
	"strings"

	"yinling/internal/access"
	"yinling/internal/desk"
	"yinling/internal/fault"
	"yinling/internal/outreach"
	"yinling/internal/web/ui"
)

// publicationsPage lists what is written for the public (宣传材料).
type publicationsPage struct {
	ui.Page
	Tabs ui.Tabs
	List ui.Table
	May  bool
}

// publicationPage is one publication: its form, the values that it explains,
// what changed about them, its files.
type publicationPage struct {
	ui.Page
	X                                outreach.Publication
	Chip                             ui.Chip
	Audience, Title1, Body, Elder    string
	Keys                             []string
	Audiences                        []ui.Option
	All                              []ui.Option // values of the pack
	Cites, Diff, Coming              ui.Table
	Files                            []mediaFile
	Alt, Words                       string
	MayDrop                          bool
	MayWrite, MayPublish, MayTakeOff bool
}

var (
	publicationsTmpl = ui.MustParse[publicationsPage](ui.Office, files, "outreach/publications.html")
	publicationTmpl  = ui.MustParse[publicationPage](ui.Office, files, "outreach/publication.html")
)

func stateChip(state string) ui.Chip {
	return ui.Chip{Tone: map[string]string{outreach.Revise: "hot", outreach.Drafted: "wait", outreach.Published: "ok", outreach.Withdrawn: "mute"}[state], Say: outreach.StateName(state)}
}

func (s *Server) publications(w http.ResponseWriter, r *http.Request) error {
	region := ui.Actor(r).Region
	p := &publicationsPage{Page: ui.Page{Title: "宣传材料", Nav: "/o/publication"}, May: ui.Who(r).Can(access.VoiceAct)}
	state := r.URL.Query().Get("state")
	all := map[string][]outreach.Publication{}
	for _, st := range outreach.PublicationStates {
		xs, err := s.Outreach.Publications(r.Context(), region, st.ID)
		if err != nil {
			return err
		}
		all[st.ID] = xs
	}
	if outreach.StateName(state) == "" {
		state = outreach.Published
		if len(all[outreach.Revise]) > 0 {
			state = outreach.Revise
		}
	}
	p.Tabs.Label = "按状态看"
	for _, st := range outreach.PublicationStates {
		p.Tabs.Items = append(p.Tabs.Items, ui.Tab{Href: "/o/publication?state=" + st.ID, Label: st.Name, N: len(all[st.ID]), Current: st.ID == state})
	}
	p.List = ui.Table{Caption: "宣传材料", Head: []string{"标题", "写给谁", "讲的政策", "变了什么", "谁写的"}, Empty: "这里没有材料。"}
	for _, x := range all[state] {
		var labels, diff []string
		for _, c := range x.Cites {
			labels = append(labels, c.Label)
		}
		for _, d := range x.Diff {
			diff = append(diff, d.Label+"："+d.Was+" → "+d.Now)
		}
		p.List.Rows = append(p.List.Rows, ui.Row{Cells: []any{ui.Two{First: x.Title, Href: "/o/publication/" + x.ID, Chip: stateChip(x.State)}, outreach.AudienceName(x.Audience), strings.Join(labels, "、"), orDash(strings.Join(diff, "；")), x.OwnerName}})
	}
	return publicationsTmpl.Render(w, r, p)
}

func (s *Server) publicationPage(r *http.Request) (*publicationPage, error) {
	ctx, who, id, today := r.Context(), ui.Who(r), r.PathValue("id"), ui.Today(r)
	p := &publicationPage{Page: ui.Page{Title: "写一份宣传材料", Back: "/o/publication", Nav: "/o/publication"}, Audience: "citizen", MayWrite: who.Can(access.VoiceAct)}
	if id != "new" {
		x, files, err := s.Outreach.Publication(ctx, who.Region, id)
		if err != nil {
			return nil, err
		}
		p.Files, p.MayDrop = mediaFiles("/o/publication/"+id, files), x.State == outreach.Drafted && p.MayWrite
		p.X, p.Title, p.Chip, p.Audience, p.Title1, p.Body, p.Elder, p.Keys = x, x.Title, stateChip(x.State), x.Audience, x.Title, x.Body, x.Elder, x.Keys()
		p.MayPublish = x.State == outreach.Drafted && x.Owner != who.ID && who.Can(access.VoiceLead)
		p.MayTakeOff = x.Public() && who.Can(access.VoiceLead)
		p.Cites = ui.Table{Title: "讲的是这些政策", Caption: "引用的政策值", Head: []string{"政策", "材料里的值", "出处"}}
		for _, c := range x.Cites {
			p.Cites.Rows = append(p.Cites.Rows, ui.Row{Cells: []any{c.Label, c.Say, orDash(c.Clause)}})
		}
		for _, t := range []struct {
			to    *ui.Table
			title string
			xs    []outreach.Changed
		}{{&p.Diff, "政策变了，请照新的改", x.Diff}, {&p.Coming, "60 天内要变，请先准备", s.Outreach.Coming(who.Region, x, today)}} {
			for _, d := range t.xs {
				*t.to = ui.Table{Title: t.title, Caption: t.title, Head: []string{"政策", "原来", "现在", "从哪天起"}, Rows: append(t.to.Rows, ui.Row{Cells: []any{d.Label, d.Was, d.Now, d.From}})}
			}
		}
	}
	for _, a := range outreach.Audiences {
		p.Audiences = append(p.Audiences, ui.Option{Value: a.ID, Label: a.Name})
	}
	v, err := s.Packs.At(who.Region, today)
	if err != nil {
		return nil, err
	}
	for _, x := range v.Show() {
		if !strings.HasPrefix(x.Key, "calendar.") {
			p.All = append(p.All, ui.Option{Value: x.Key, Label: x.Label, Checked: slices.Contains(p.Keys, x.Key)})
		}
	}
	return p, nil
}

func (s *Server) publication(w http.ResponseWriter, r *http.Request) error {
	p, err := s.publicationPage(r)
	if err != nil {
		return err
	}
	return publicationTmpl.Render(w, r, p)
}

func (s *Server) publicationWrite(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	in := outreach.Publication{Audience: f.Raw("audience"), Title: f.Raw("title"), Body: f.Text("body", ""), Elder: f.Text("elder", ""), Version: f.Int("version", "", 0, 1<<40)}
	if id != "new" {
		in.ID = id
	}
	err := f.Err()
	var file *outreach.MediaIn
	if err == nil { // before the text is written: a form comes back as a whole
		file, err = s.mediaIn(r, f)
	}
	if err == nil && file != nil {
		err = file.Check()
	}
	var x outreach.Publication
	if err == nil {
		x, err = s.Outreach.Write(r.Context(), who, who.Region, f.Once(), in, f.All("keys"))
	}
	if err == nil && file != nil {
		err = s.Outreach.Attach(r.Context(), who, who.Region, x.ID, f.Once()+"-file", *file)
	}
	if err != nil {
		p, perr := s.publicationPage(r)
		if perr != nil {
			return perr
		}
		p.Alt, p.Words = f.Raw("alt"), f.Raw("words")
		p.Audience, p.Title1, p.Body, p.Elder, p.Keys = in.Audience, in.Title, in.Body, in.Elder, f.All("keys")
		for i := range p.All {
			p.All[i].Checked = slices.Contains(p.Keys, p.All[i].Value)
		}
		return publicationTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/publication/"+x.ID)
}

// publicationTurn publishes a draft or takes a publication down.
func (s *Server) publicationTurn(w http.ResponseWriter, r *http.Request) (err error) {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	if f.Raw("act") == "withdraw" {
		_, err = s.Outreach.Withdraw(r.Context(), who, who.Region, id, f.Once())
	} else {
		_, err = s.Outreach.PublishText(r.Context(), who, who.Region, id, f.Once())
	}
	if err != nil {
		p, perr := s.publicationPage(r)
		if perr != nil {
			return perr
		}
		return publicationTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/publication/"+id)
}

func (s *Server) publicationPaper(w http.ResponseWriter, r *http.Request) error {
	x, _, err := s.Outreach.Publication(r.Context(), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := s.Packs.At(x.Region, ui.Today(r))
	if err != nil {
		return err
	}
	return ui.ShowPaper(w, r, "/o/publication/"+x.ID, x.Leaflet(v.Name()))
}

func (s *Server) publicationFile(w http.ResponseWriter, r *http.Request) error {
	_, files, err := s.Outreach.Publication(r.Context(), ui.Actor(r).Region, r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.sendMedia(w, r, files)
}

// publicationDrop takes a file off a draft.
func (s *Server) publicationDrop(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	if err := s.Outreach.Detach(r.Context(), who, who.Region, id, r.PathValue("doc"), f.Once()); err != nil {
		p, perr := s.publicationPage(r)
		if perr != nil {
			return perr
		}
		return publicationTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/publication/"+id)
}

// mediaFile is a file of a publication or a briefing as pages show it.
type mediaFile struct {
	outreach.Media
	Href string
	Size string
}

func mediaFiles(under string, list []outreach.Media) (out []mediaFile) {
	for _, m := range list {
		out = append(out, mediaFile{m, under + "/file/" + m.ID, desk.SizeText(m.Document.Size)})
	}
	return out
}

// FormName is what it is in Chinese.
func (m mediaFile) FormName() string { return outreach.FormName(m.Form()) }

// mediaIn takes the file of a form in, with its words; nil when there is none.
func (s *Server) mediaIn(r *http.Request, f *ui.Form) (*outreach.MediaIn, error) {
	in := outreach.MediaIn{Alt: f.Text("alt", ""), Words: f.Text("words", "")}
	if err := f.Err(); err != nil {
		return nil, err
	}
	st, err := s.upload(r, "file")
	if err != nil || st == nil {
		return nil, err
	}
	in.Stored = *st
	return &in, nil
}

// sendMedia sends the file that the address names.
func (s *Server) sendMedia(w http.ResponseWriter, r *http.Request, list []outreach.Media) error {
	i := slices.IndexFunc(list, func(m outreach.Media) bool { return m.ID == r.PathValue("doc") })
	if i < 0 {
		return fault.New(fault.NotFound, "没有找到这个附件。")
	}
	return s.sendFile(w, r, []desk.Document{list[i].Document}, list[i].ID)
}

// sendFile sends one of the files so that a browser shows it and runs nothing in it.
func (s *Server) sendFile(w http.ResponseWriter, r *http.Request, files []desk.Document, id string) error {
	i := slices.IndexFunc(files, func(d desk.Document) bool { return d.ID == id })
	if i < 0 {
		return fault.New(fault.NotFound, "没有找到这个附件。")
	}
	f, err := s.Desk.Files.Open(files[i])
	if err != nil {
		return err
	}
	defer f.Close()
	return ui.SendFile(w, r, files[i].Mime, files[i].At, f)
}
