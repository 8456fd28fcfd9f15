package office

import (
	"net/http"
	"strconv"

	"yinling/internal/access"
	"yinling/internal/fault"
	"yinling/internal/web/ui"
)

// personSanction is what was done against an insured person who deceived the
// fund (骗保处理), and the form for it.
type personSanction struct {
	Taken       ui.Table
	Undo        []ui.Undo // the maker's own, within ten minutes
	May         bool
	Months, Why string
}

func (s *Server) personSanctions(r *http.Request, id string) (p personSanction, err error) {
	who := ui.Actor(r)
	xs, err := s.Claim.Sanctions(r.Context(), who.Region, id)
	if err != nil {
		return p, err
	}
	p.May = ui.Who(r).Can(access.ClaimReverse)
	p.Taken = ui.Table{Title: "骗保处理", Caption: "骗保处理", Head: []string{"怎样处理", "期限", "查实的情况", "依据"}}
	if len(xs) == 0 {
		return p, nil
	}
	var makers []string
	for _, x := range xs {
		makers = append(makers, x.Maker)
	}
	by, err := s.Access.Names(r.Context(), who.Region, makers...)
	if err != nil {
		return p, err
	}
	for _, x := range xs {
		state := ui.Chip{Tone: "mute", Say: "已到期"}
		switch {
		case x.UndoneAt != 0:
			state.Say = "撤回了"
		case x.On(ui.Today(r)):
			state, p.May = ui.Chip{Tone: "bad", Say: "生效中"}, false
			if x.Maker == who.ID && ui.Now(r).Before(x.Until()) {
				p.Undo = append(p.Undo, ui.Undo{Say: "办错了？" + x.Measure, Until: ui.Clock(x.Until().UnixMilli()), Button: "撤回这次处理", Action: "/o/person/" + id + "/sanction/undo?sanction=" + x.ID})
			}
		}
		p.Taken.Rows = append(p.Taken.Rows, ui.Row{Cells: []any{ui.Two{First: x.Measure, Chip: state}, ui.Two{First: strconv.FormatInt(x.Months, 10) + " 个月", Second: x.From.String() + " 至 " + x.To.String()},
			ui.Two{First: x.Reason, Second: by[x.Maker]}, ui.Link{Href: "/o/why/" + x.Decision + "?back=/o/person/" + id, Label: "看条款", Tone: "ghost"}}})
	}
	return p, nil
}

// personPunish stops the settlement of an insured person who deceived the fund.
func (s *Server) personPunish(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	months, why := f.Int("months", "几个月", 1, 600), f.Raw("found")
	err := f.Err()
	if err == nil {
		_, err = s.Claim.Punish(r.Context(), who, who.Region, id, f.Once(), months, why)
	}
	if err != nil {
		if fault.As(err).Field == "why" {
			err = fault.Field("found", "%s", fault.As(err).Say)
		}
		p, perr := s.personPage(r)
		if perr != nil {
			return perr
		}
		p.Sanction.Months, p.Sanction.Why = f.Raw("months"), why
		return personTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/person/"+id)
}

// personPardon takes it back within ten minutes.
func (s *Server) personPardon(w http.ResponseWriter, r *http.Request) error {
	f, who, id := ui.ParseForm(r), ui.Actor(r), r.PathValue("id")
	if _, err := s.Claim.Pardon(r.Context(), who, who.Region, id, f.Raw("sanction"), f.Once()); err != nil {
		p, perr := s.personPage(r)
		if perr != nil {
			return perr
		}
		return personTmpl.Again(w, r, p, err)
	}
	return ui.Redirect(w, r, "/o/person/"+id)
}
