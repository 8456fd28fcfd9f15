package person

import (
	"strconv"
	"strings"

	"yinling/internal/person/sheet"
)

// rejects writes the rows that were not taken as they came, with the row number
// and the reason behind them, so that they can be corrected and read in again.
type rejects struct {
	*sheet.Rejects
	sec  *section
	ours []bool // columns of an earlier rejects file, which are not repeated
}

func newRejects(path string) *rejects { return &rejects{Rejects: sheet.NewRejects(path)} }

func (r *rejects) add(sec *section, c *checked) error {
	if r.sec != sec {
		r.sec, r.ours = sec, make([]bool, len(sec.head))
		for i, col := range sec.cols {
			r.ours[i] = col == colSkip && (heading(sec.head[i]) == "原因" || heading(sec.head[i]) == "行号")
		}
		if err := r.Row(append(r.line(sec.head), "行号", "原因")); err != nil {
			return err
		}
	}
	cells := c.row.Cells
	out := r.line(cells[:min(len(cells), len(sec.head))])
	out = append(out, c.row.Where(), Why(c.problems))
	return r.Row(append(out, cells[min(len(cells), len(sec.head)):]...))
}

// line is a row in the width of the head, without our own two columns. The
// apostrophes that protect it in a CSV are taken off, or they would grow.
func (r *rejects) line(cells []string) []string {
	out := make([]string, 0, len(r.ours)+2)
	for i := range r.ours {
		if r.ours[i] {
			continue
		}
		s := ""
		if i < len(cells) {
			if s = cells[i]; r.sec.csv {
				s = sheet.Plain(s)
			}
		}
		out = append(out, s)
	}
	return out
}

// Why says what is wrong with a row, for the column behind it.
func Why(problems []Problem) string {
	why := make([]string, len(problems))
	for i, p := range problems {
		if why[i] = p.Reason; p.Column != "" {
			why[i] = p.Column + "：" + p.Reason
		}
	}
	return strings.Join(why, "；")
}

// cells writes an accepted entry back as cells, for a row that is refused only
// after its own cells were let go.
func (s *section) cells(e Entry) []string {
	out := make([]string, len(s.head))
	micro := func(v int64) string {
		if v == 0 {
			return ""
		}
		return strconv.FormatInt(v/1e6, 10) + "." + strconv.FormatInt(1e6+v%1e6, 10)[1:]
	}
	yesNo := "否"
	if e.Resident {
		yesNo = "是"
	}
	kind := map[string]string{"employee": "职工", "resident": "居民"}[e.Coverage.Kind]
	status := map[string]string{"active": "正常", "paused": "暂停", "ended": "终止"}[e.Coverage.Status]
	var paid []string
	for _, r := range e.Coverage.Paid {
		paid = append(paid, r.From.String()+"~"+r.To.String())
	}
	from, to, base := "", "", ""
	if e.Coverage.Base > 0 {
		base = e.Coverage.Base.String()
	}
	if n := len(e.Coverage.Paid); n > 0 {
		from, to = e.Coverage.Paid[0].From.String(), e.Coverage.Paid[n-1].To.String()
	}
	if e.Has&HasCoverage == 0 {
		status = ""
	}
	for c, v := range map[column]string{colID: e.Number.Text, colName: e.Name, colSex: e.Sex, colBirth: e.Birth.String(), colPhone: e.Phone,
		colDistrict: e.District, colCommunity: e.Community, colAddress: e.Address, colLat: micro(e.Lat), colLng: micro(e.Lng),
		colResident: yesNo, colDeceased: e.Deceased.String(), colKind: kind, colScheme: kind, colSince: e.Coverage.Since.String(),
		colUntil: e.Coverage.Until.String(), colStatus: status, colPaidFrom: from, colPaidTo: to, colPaid: strings.Join(paid, "、"),
		colBase: base, colGroup: strings.Join(e.Groups, "、")} {
		if s.have(c) {
			out[s.at[c]] = v
		}
	}
	return out
}
