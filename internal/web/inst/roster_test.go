package inst

import (
	"strings"
	"testing"

	"yinling/internal/care/caretest"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
)

// The week shows who goes where, says what overlaps, and gives a visit to
// somebody else by a button, back to the same week.
func TestWeek(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		tn, b := open(t, d, c)
		for p := range 2 {
			tn.Plan(p, "offer", "confirm", "approve")
		}
		v := tn.Visits(0, caretest.Today, caretest.Today)[0]
		week := "/j/roster?w=" + caretest.Today.String()
		b.Get(week).Want(200, "周小兰", "换人", "2 次时间重叠", "和上一家重叠")
		b.Post("/j/visit/"+v.ID+"/roster", "staff", tn.WorkerIDs[1], "back", week).Want(200, "排班", "吴大江", "1 次时间重叠")
		if b.URL != "/j/roster" {
			t.Errorf("moved to %s", b.URL)
		}
		b.Post("/j/visit/"+v.ID+"/roster", "staff", tn.WorkerIDs[0], "back", "//elsewhere").Want(200, "上门：")
		b.Get("/j/roster?w=2024-13-40").Want(422)
		b.As = "stranger"
		b.Get(week).Want(404)
		if strings.Contains(b.Page, "王桂兰") {
			t.Error("another institution sees the week")
		}
	})
}
