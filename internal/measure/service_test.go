package measure

import (
	"context"
	"strings"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/desk"
	"yinling/internal/fault"
)

func officer(region, id string) audit.Actor {
	return audit.Actor{ID: id, Name: id, Role: "clerk", Region: region, Terminal: "test"}
}

func ledger(t *testing.T, d *db.DB) (*Service, context.Context) {
	return &Service{Log: &audit.Log{DB: d}, Packs: packs(t), Files: &desk.Files{Dir: t.TempDir()}}, context.Background()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *Service) find(t *testing.T, region, unit, duty string, at day.Day) Line {
	t.Helper()
	l, _, err := s.Ledger(context.Background(), region, unit, at)
	must(t, err)
	for _, n := range l.Lines {
		if n.Duty.ID == duty {
			return n
		}
	}
	t.Fatalf("%s has no %s", region, duty)
	return Line{}
}

// A city plans, reports stage by stage and proves; the province sees it, other
// cities do not, and a past day is shown as it was known then.
func TestLedgerOfACity(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx := ledger(t, d)
		who := officer("220100", "chang")
		p := Plan{Duty: "jl-3", Unit: "服务处", Owner: "甲", Phone: "19900000001", Target: "每个县区都能上门", Steps: []Step{{Name: "设立绿色通道", Due: on("2024-05-31")}, {Name: "基层上门帮代办", Due: on("2024-09-30")}}}
		for _, tc := range []struct {
			change func(*Plan)
			field  string
		}{
			{func(p *Plan) { p.Unit = "" }, "unit"}, {func(p *Plan) { p.Owner = "" }, "owner"},
			{func(p *Plan) { p.Set, p.SetBy = on("2024-12-31"), "自己" }, "set"},
			{func(p *Plan) { p.Duty, p.Set = "jl-9", on("2024-06-30") }, "set_by"},
		} {
			x := p
			tc.change(&x)
			if err := s.SavePlan(ctx, who, "", x); fault.As(err).Field != tc.field {
				t.Errorf("%s: %v", tc.field, err)
			}
		}
		must(t, s.SavePlan(ctx, who, "p1", p))
		must(t, s.SavePlan(ctx, who, "p1", p)) // the same click
		if err := s.SavePlan(ctx, who, "p2", p); !fault.Is(err, fault.Conflict) {
			t.Errorf("an old version: %v", err)
		}
		if n := s.find(t, "220100", "", "jl-3", 0); n.State.Code != NotYet || n.State.Step != "设立绿色通道" || n.Plan.Owner != "甲" {
			t.Errorf("%+v", n.State)
		}
		for _, tc := range []struct {
			in    Tell
			field string
		}{
			{Tell{Duty: "jl-3"}, "say"}, {Tell{Duty: "jl-3", Say: "x", On: on("2024-06-04")}, "on"},
			{Tell{Duty: "jl-3", Say: "x", On: on("2024-03-01")}, "on"}, {Tell{Duty: "jl-3", Say: "x", Step: "没有的"}, "step"},
		} {
			if _, err := s.Report(ctx, who, "", tc.in); fault.As(err).Field != tc.field {
				t.Errorf("%+v: %v", tc.in, err)
			}
		}
		_, err := s.Report(ctx, who, "r1", Tell{Duty: "jl-3", Step: "设立绿色通道", Say: "八个大厅都设了", On: on("2024-05-30"), Done: true})
		must(t, err)
		if n := s.find(t, "220100", "", "jl-3", 0); n.State.Code != Doing || n.State.Step != "" || n.Plan.Version != 2 {
			t.Errorf("a stage: %+v, version %d", n.State, n.Plan.Version)
		}
		st, err := s.Files.Save("220100", "照片.jpg", strings.NewReader("\xff\xd8\xff\xe0 photo"), d.Now())
		must(t, err)
		r, err := s.Report(ctx, who, "r2", Tell{Duty: "jl-3", Say: "全部做到", Done: true, Files: []desk.Stored{st}})
		must(t, err)
		if n := s.find(t, "220100", "", "jl-3", 0); n.State.Code != Done || len(n.Reports) != 2 || n.Reports[1].ID != r.ID {
			t.Errorf("done: %+v", n.State)
		}
		if n := s.find(t, "220000", "220100", "jl-3", on("2024-06-01")); n.State.Code != Doing || len(n.Reports) != 1 {
			t.Errorf("two days ago: %+v with %d reports", n.State, len(n.Reports))
		}
		if _, _, err := s.Ledger(ctx, "220200", "220100", 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("a city looks at another: %v", err)
		}
		if _, _, err := s.Ledger(ctx, "990100", "", 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("nobody laid duties on it: %v", err)
		}
		one, why, err := s.One(ctx, "220000", "220100", "jl-3", 0)
		must(t, err)
		if docs := one.Files[r.ID]; len(docs) != 1 || docs[0].ID != st.ID || len(why) == 0 {
			t.Errorf("evidence: %+v, why %v", one.Files, why)
		}
		if _, err := s.Proof(ctx, officer("220000", "sheng"), "220100", "jl-3", st.ID); err != nil {
			t.Error(err)
		}
		if _, err := s.Proof(ctx, officer("220200", "jilin"), "", "jl-3", st.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("another city's evidence: %v", err)
		}
		if _, err := s.Proof(ctx, who, "", "jl-4", st.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the evidence of another duty: %v", err)
		}
		m, err := s.Matrix(ctx, "220000", on("2024-12-01"))
		must(t, err)
		late := 0
		for _, u := range m.Units {
			late += u.Counts()[Late]
		}
		if len(m.Units) != 12 || len(m.Duties) != 12 || late != 12*8-1 {
			t.Errorf("%d units, %d duties, %d late", len(m.Units), len(m.Duties), late)
		}
		if m, err := s.Matrix(ctx, "220100", 0); err != nil || len(m.Units) != 1 {
			t.Errorf("a city's matrix: %d units, %v", len(m.Units), err)
		}
	})
}

// A day that the state deploys later is set with its source, and counts.
func TestDaySetLater(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx := ledger(t, d)
		who := officer("370100", "jinan")
		if n := s.find(t, "370100", "", "sd-7", 0); n.State.Code != Waiting {
			t.Errorf("%+v", n.State)
		}
		must(t, s.SavePlan(ctx, who, "", Plan{Duty: "sd-7", Unit: "结算处", Owner: "乙", Set: on("2024-06-10"), SetBy: "示例：国家局部署"}))
		if n := s.find(t, "370000", "370100", "sd-7", 0); n.State.Code != Soon || n.State.Left != 7 {
			t.Errorf("%+v", n.State)
		}
	})
}

// Reminders come once before, once on the day, once a week after it, and go to
// the telephone of whoever answers.
func TestReminders(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx := ledger(t, d)
		who := officer("370100", "jinan")
		must(t, s.SavePlan(ctx, who, "", Plan{Duty: "sd-7", Unit: "结算处", Owner: "乙", Phone: "19900000002", Set: on("2024-06-10"), SetBy: "示例"}))
		count := func() (n int) {
			t.Helper()
			list, err := s.Reminders(ctx, "370100", 400)
			must(t, err)
			for _, x := range list {
				if x.Duty == "sd-7" {
					n++
				}
			}
			return n
		}
		for _, step := range []struct {
			days, want int
		}{{0, 1}, {0, 1}, {1, 1}, {6, 2}, {1, 3}, {3, 3}, {4, 4}} { // 3 June … 10, 11, 14, 18 June
			c.Add(time.Duration(step.days) * 24 * time.Hour)
			must(t, s.OnRemind(ctx, "370100"))
			if got := count(); got != step.want {
				t.Errorf("%s: %d reminders, want %d", day.FromTime(d.Now()), got, step.want)
			}
		}
		var n int
		must(t, d.Raw().QueryRow(`SELECT COUNT(*) FROM job_job WHERE kind = 'measure.message'`).Scan(&n))
		if n != 4 {
			t.Errorf("%d messages", n)
		}
		must(t, s.OnRemind(ctx, "000000")) // nothing laid on it
	})
}

// The own measures are written, approved by another hand, sent, and then the
// duty to report is done with the number as its proof.
func TestFilingToTheSuperior(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		s, ctx := ledger(t, d)
		a, b := officer("370600", "a"), officer("370600", "b")
		must(t, s.SavePlan(ctx, a, "", Plan{Duty: "sd-1", Unit: "经办处", Owner: "丙", Target: "每个大厅一个优先窗口", Steps: []Step{{Name: "挂牌", Due: on("2021-01-20")}}}))
		f, duty, _, why, err := s.Filing(ctx, "370600")
		must(t, err)
		if duty.ID != "sd-16" || !strings.Contains(f.Said, "每个大厅一个优先窗口。由经办处负责（丙）。挂牌：2021年1月20日前。") || len(why) == 0 {
			t.Errorf("draft: %+v", f)
		}
		if err := s.Approve(ctx, b, "", "丁局长", 0); !fault.Is(err, fault.Conflict) {
			t.Errorf("nothing written: %v", err)
		}
		must(t, s.WriteFiling(ctx, a, "w", f.Said, 0))
		if err := s.Approve(ctx, a, "", "丁局长", 1); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the writer approves: %v", err)
		}
		if err := s.Send(ctx, a, "", "OA-1", 1); !fault.Is(err, fault.Conflict) {
			t.Errorf("sent without approval: %v", err)
		}
		must(t, s.Approve(ctx, b, "ap", "丁局长", 1))
		must(t, s.WriteFiling(ctx, a, "w2", f.Said+"\n另加一条。", 2))
		if err := s.Send(ctx, a, "", "OA-1", 3); !fault.Is(err, fault.Conflict) {
			t.Errorf("a changed text keeps its approval: %v", err)
		}
		must(t, s.Approve(ctx, b, "ap2", "丁局长", 3))
		must(t, s.Send(ctx, a, "s", "OA-1", 4))
		if err := s.WriteFiling(ctx, a, "w3", "改", 5); !fault.Is(err, fault.Conflict) {
			t.Errorf("changed after it was sent: %v", err)
		}
		if n := s.find(t, "370000", "370600", "sd-16", 0); n.State.Code != Done || n.State.Over != int64(on("2024-06-03")-on("2021-01-12")) {
			t.Errorf("%+v", n.State)
		}
		if _, _, _, _, err := s.Filing(ctx, "220100"); !fault.Is(err, fault.NotFound) {
			t.Errorf("Jilin asks for none: %v", err)
		}
	})
}
