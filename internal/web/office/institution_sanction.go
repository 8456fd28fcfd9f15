package office

import (
	"net/http"
	"strconv"

	"yinling/internal/institution"
	"yinling/internal/web/ui"
)

// sanctionForm is the form for a measure after a breach, and what was taken.
type sanctionForm struct {
	Taken    ui.Table
	Asked    ui.Table // what the institution was asked, and told that is meant to follow
	Ask      string
	Subjects []ui.Option
	Staff    []ui.Option
	Grades   []ui.Option
	In       institution.Breach
	Months   string
	Serious  string
}

func (s *Server) sanctionForm(r *http.Request, i institution.Institution, staff []institution.Staff) (f sanctionForm, err error) {
	who := ui.Actor(r)
	xs, err := s.Institution.Sanctions(r.Context(), who.Region, i.ID)
	if err != nil {
		return f, err
	}
	var makers []string
	for _, x := range xs {
		makers = append(makers, x.Maker)
	}
	by := map[string]string{}
	if len(xs) > 0 {
		if by, err = s.Access.Names(r.Context(), who.Region, makers...); err != nil {
			return f, err
		}
	}
	asked, err := s.Institution.Inquiries(r.Context(), who.Region, i.ID)
	if err != nil {
		return f, err
	}
	f.Asked = ui.Table{Title: "问询和申辩", Caption: "问询和申辩", Head: []string{"哪天", "为什么事", "拟怎样处理", "到哪一步"}, Empty: "没有问过。"}
	for _, q := range asked {
		view := "/o/inquiry?state=" + q.State + "&see=" + q.ID
		f.Asked.Rows = append(f.Asked.Rows, ui.Row{Cells: []any{q.Asked.Short(), ui.Two{First: q.Say, Href: view}, orDash(plan(q)), inquiryChip(q, r)}})
	}
	f.Grades = []ui.Option{{Value: "no", Label: "一般"}, {Value: "yes", Label: "情节严重"}}
	for _, x := range institution.Subjects {
		if x.ID == "institution" && i.Status != institution.Active || x.ID == "staff" && len(staff) == 0 {
			continue // it does not serve anyhow, or has nobody
		}
		f.Subjects = append(f.Subjects, ui.Option{Value: x.ID, Label: x.Say})
	}
	for _, m := range staff {
		f.Staff = append(f.Staff, ui.Option{Value: m.ID, Label: m.Name + " " + m.Role.Name()})
	}
	f.Taken = ui.Table{Title: "违规处理", Caption: "违规处理", Head: []string{"对谁", "怎样处理", "期限", "查实的情况", "依据"}, Empty: "没有处理过。"}
	for _, x := range xs {
		state := ui.Chip{Tone: "mute", Say: "已到期"}
		if x.On(ui.Today(r)) {
			state = ui.Chip{Tone: "bad", Say: "生效中"}
		}
		f.Taken.Rows = append(f.Taken.Rows, ui.Row{Cells: []any{x.Name, ui.Two{First: x.Measure, Chip: state}, ui.Two{First: strconv.FormatInt(x.Months, 10) + " 个月", Second: x.From.String() + " 至 " + x.To.String()},
			ui.Two{First: x.Reason, Second: by[x.Maker]}, ui.Link{Href: "/o/why/" + x.Decision + "?back=/o/institution/" + i.ID, Label: "看条款", Tone: "ghost"}}})
	}
	return f, nil
}

// institutionSanction announces a measure to the institution, which may answer
// before it is decided.
func (s *Server) institutionSanction(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	in := institution.Breach{Subject: f.Raw("subject"), Staff: f.Raw("staff"), Name: f.Raw("name"), Serious: f.Raw("serious") == "yes", Months: f.Int("months", "几个月", 1, 600), Reason: f.Raw("why")}
	var q institution.Inquiry
	err := f.Err()
	if err == nil {
		q, err = s.Institution.Inquire(r.Context(), who, who.Region, id, f.Once(), "", &in)
	}
	if err != nil {
		p, perr := s.institutionPage(r)
		if perr != nil {
			return perr
		}
		p.Sanction.In, p.Sanction.Months, p.Sanction.Serious = in, f.Raw("months"), f.Raw("serious")
		return institutionTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/inquiry?state=open&see="+q.ID)
}
