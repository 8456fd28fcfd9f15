package office

import (
	"net/http"

	"yinling/internal/claim"
	"yinling/internal/web/ui"
)

// claimFamily gathers a month's family-care bills into their claim.
func (s *Server) claimFamily(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	m := f.Month("m", "月份")
	if err := f.Err(); err != nil {
		return err
	}
	c, err := s.Claim.GatherFamily(r.Context(), who, who.Region, f.Once(), m)
	if err != nil {
		return err
	}
	return ui.Redirect(w, r, "/o/claim/month/"+c.ID)
}

// payeesTable shows what each person of a family-care claim gets.
func (s *Server) payeesTable(r *http.Request, sh claim.Sheet) (ui.Table, error) {
	t := ui.Table{Title: "按人拨付", Caption: "按人拨付", Head: []string{"参保人", "应付", "抵扣", "实付", "状态"}, Empty: "没有要付的人。"}
	var ids []string
	for _, p := range sh.Payees {
		ids = append(ids, p.Person)
	}
	names, err := s.Claim.PersonNames(r.Context(), ui.Actor(r).Region, ids)
	if err != nil {
		return t, err
	}
	for _, p := range sh.Payees {
		tone := "wait"
		switch p.Status {
		case claim.PayeePaid:
			tone = "ok"
		case claim.PayeeFailed:
			tone = "bad"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []any{ui.Two{First: names[p.Person], Href: "/o/person/" + p.Person + "/account"}, p.Fund, p.Offsets + p.Deducted + p.Recovered, p.Payable,
			ui.Two{First: "", Second: p.Reason, Chip: ui.Chip{Tone: tone, Say: p.Status.Name()}}}})
	}
	return t, nil
}
