package hall

import (
	"testing"
	"time"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpening(t *testing.T) {
	set, err := policy.Load("")
	must(t, err)
	v, err := set.At("320700", day.MustParse("2026-06-03"))
	must(t, err)
	p := Place{Weekdays: "12345", Opens: "08:30-12:00,13:30-17:30"}
	for at, want := range map[string]string{"2026-06-03 08:29": "今天 08:30 开门", "2026-06-03 08:30": "开着，到 12:00", "2026-06-03 12:00": "今天 13:30 开门", "2026-06-05 17:30": "6月8日 周一 08:30 开门",
		"2026-10-01 10:00": "10月8日 周四 08:30 开门"} {
		when, err := time.ParseInLocation("2006-01-02 15:04", at, day.Shanghai)
		must(t, err)
		open, say := p.Now(v.Calendar(), when)
		if say != want || open != (want[:6] == "开着") {
			t.Errorf("%s: %v %q, want %q", at, open, say, want)
		}
	}
}

// Hours are told as they are spoken, and taken as people write them.
func TestHours(t *testing.T) {
	for _, x := range []struct{ days, opens, want string }{{"12345", "08:30-12:00,13:30-17:30", "周一到周五 08:30到12:00、13:30到17:30"}, {"1234567", "09:00-17:00", "每天 09:00到17:00"}, {"67", "9：00—11:00", ""}, {"6", " 09：00—11:00，14:00-16:00", "周六 09:00到11:00、14:00到16:00"}, {"", "09:00-17:00", ""}} {
		p := Place{Weekdays: x.days, Opens: x.opens}
		err := p.checkHours()
		if (err == nil) != (x.want != "") || err != nil && !fault.Is(err, fault.Invalid) || err == nil && p.Hours() != x.want {
			t.Errorf("%q %q: %v %q", x.days, x.opens, err, p.Hours())
		}
	}
	if got := (Place{told: "工作日"}).Hours(); got != "工作日" {
		t.Error(got)
	}
}
