package inst

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"yinling/internal/care"
	"yinling/internal/day"
	"yinling/internal/web/ui"
)

// rosterPage is the week of an institution (排班): a row for each worker, a
// column for each day, each visit with a button that gives it to somebody else.
type rosterPage struct {
	ui.Page
	Say        string
	Prev, Next string
	Here       string
	Days       []day.Day
	Rows       []rosterRow
	Full       bool // more visits than the page shows
}

type rosterRow struct {
	Name  string
	Hours string
	Cells []rosterCell
}

type rosterCell struct {
	Day    day.Day
	Visits []rosterVisit
}

type rosterVisit struct {
	ID, Clock, Who, Minutes string
	Chips                   []ui.Chip
	Staff                   []ui.Option // who could do it; empty: it can no longer be moved
}

var rosterTmpl = ui.MustParse[rosterPage](ui.Inst, files, "care/roster.html")

const rosterMost = 700

func (s *Server) week(w http.ResponseWriter, r *http.Request) error {
	f, who := ui.ParseForm(r), ui.Actor(r)
	on := f.Day("w", "")
	if err := f.Err(); err != nil {
		return err
	}
	if on.IsZero() {
		on = ui.Today(r)
	}
	first := on.AddDays(-(on.Weekday() + 6) % 7)
	rows, err := s.Care.List(r.Context(), who, who.Region, first, first+6, "", 0, "", rosterMost)
	if err != nil {
		return err
	}
	_, staff, err := s.Insts.See(r.Context(), who.Region, who.Institution)
	if err != nil {
		return err
	}
	p := &rosterPage{Page: ui.Page{Title: "排班"}, Full: len(rows) == rosterMost, Here: "/j/roster?w=" + first.String(),
		Prev: "/j/roster?w=" + first.AddDays(-7).String(), Next: "/j/roster?w=" + first.AddDays(7).String()}
	for i := range 7 {
		p.Days = append(p.Days, first.AddDays(i))
	}
	slices.SortStableFunc(rows, func(a, b care.Row) int { return int((a.PlannedAt - b.PlannedAt) / 1000) })
	names := map[string]string{"": "还没排人"}
	order := []string{""}
	for _, m := range staff {
		names[m.ID] = m.Name
		order = append(order, m.ID)
	}
	by, unmanned, crossed, all := map[string]*rosterRow{}, 0, 0, 0
	minutes := map[string]int64{}
	busy := map[string]int64{} // until when a worker is taken on a day
	for _, x := range rows {
		if x.Status == care.Cancelled {
			continue
		}
		all++
		id := x.Visit.Staff
		if _, known := names[id]; !known {
			names[id] = x.StaffName
			order = append(order, id)
		}
		row := by[id]
		if row == nil {
			row = &rosterRow{Name: names[id]}
			for _, d := range p.Days {
				row.Cells = append(row.Cells, rosterCell{Day: d})
			}
			by[id] = row
		}
		v := rosterVisit{ID: x.ID, Who: x.Who.Name, Minutes: itoa(x.PlannedMinutes) + " 分钟"}
		if x.PlannedAt > 0 {
			v.Clock = ui.Clock(x.PlannedAt)
		}
		if x.Status != care.Planned {
			v.Chips = append(v.Chips, ui.Chip{Tone: visitTone(x.Status), Say: x.Status.Name()})
		} else {
			v.Staff = staffOptions(staff, id, x.On)[1:]
		}
		if id == "" {
			unmanned++
		} else if key := id + x.On.String(); x.PlannedAt > 0 {
			if x.PlannedAt < busy[key] {
				crossed++
				v.Chips = append(v.Chips, ui.Chip{Tone: "bad", Say: "和上一家重叠"})
			}
			busy[key] = max(busy[key], x.PlannedAt+x.PlannedMinutes*time.Minute.Milliseconds())
		}
		minutes[id] += x.PlannedMinutes
		cell := &row.Cells[int(x.On-first)]
		cell.Visits = append(cell.Visits, v)
	}
	for _, id := range order {
		if row := by[id]; row != nil {
			row.Hours = care.Hours(minutes[id])
			p.Rows = append(p.Rows, *row)
		}
	}
	p.Say = itoa(all) + " 次上门"
	if unmanned > 0 {
		p.Say += "，" + itoa(unmanned) + " 次还没排人"
	}
	if crossed > 0 {
		p.Say += "，" + itoa(crossed) + " 次时间重叠"
	}
	p.Say += "。"
	return rosterTmpl.Render(w, r, p)
}

// backTo is the week from which a visit was moved, else the visit.
func backTo(r *http.Request, visit string) string {
	back, err := url.Parse(ui.LocalPath(r.PostFormValue("back"), ""))
	if err != nil || back.Path != "/j/roster" {
		return "/j/visit/" + visit
	}
	return back.String()
}
