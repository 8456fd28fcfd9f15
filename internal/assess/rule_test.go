package assess

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

func packView(t testing.TB, region, on string) *policy.View {
	t.Helper()
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	v, err := set.At(region, day.MustParse(on))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// eval runs a rule as the command line does and reads its output.
func eval[T any](t *testing.T, v *policy.View, rule, in string) (out T, x policy.Explanation, err error) {
	t.Helper()
	r, err := policy.EvalJSON(v, rule, []byte(in))
	if err == nil {
		b, err := json.Marshal(r.Out)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &out); err != nil {
			t.Fatal(err)
		}
	}
	return out, r.Explain, err
}

// best is a full set of highest scores.
func best(v *policy.View) map[string]int64 {
	s := map[string]int64{}
	for _, it := range Instrument(v) {
		s[it.ID] = it.Options[len(it.Options)-1].Score
	}
	return s
}

// spread takes points away from a domain until its total is want.
func spread(v *policy.View, s map[string]int64, domain string, want int64) {
	total := int64(0)
	for id, x := range s {
		if strings.HasPrefix(id, domain) {
			total += x
		}
	}
	for _, it := range Instrument(v) {
		if !strings.HasPrefix(it.ID, domain) {
			continue
		}
		for i := len(it.Options) - 2; i >= 0 && total > want; i-- {
			total += it.Options[i].Score - s[it.ID]
			s[it.ID] = it.Options[i].Score
		}
	}
}

func scoresJSON(s map[string]int64) string {
	b, _ := json.Marshal(Scores{s})
	return string(b)
}

func TestLevelSixteenCells(t *testing.T) {
	v := packView(t, "320700", "2024-06-30")
	adl := []int64{100, 65, 45, 0} // least total of each grade, from 完好 to 重度
	other := []int64{16, 4, 2, 0}  // the same for 认知
	grades := []string{"能力完好", "轻度受损", "中度受损", "重度受损"}
	names := []string{"基本正常", "轻度失能", "中度失能", "重度失能Ⅰ级", "重度失能Ⅱ级", "重度失能Ⅲ级"}
	want := [4][4]int64{{0, 0, 1, 1}, {1, 1, 1, 2}, {2, 2, 2, 3}, {3, 3, 4, 5}}
	for i := range 4 {
		for j := range 4 {
			for _, by := range []string{"cog", "per"} { // the worse of the two counts, whichever it is
				s := best(v)
				spread(v, s, "adl", adl[i])
				least := other[j]
				if by == "per" && j == 0 {
					least = 12
				}
				spread(v, s, by, least)
				out, x, err := eval[Level](t, v, "assess.level", scoresJSON(s))
				if err != nil {
					t.Fatal(err)
				}
				if out.Level != want[i][j] || out.Name != names[want[i][j]] || out.ADL.Grade != grades[i] || out.ADL.Total != adl[i] {
					t.Errorf("%s × %s by %s: %+v, want level %d", grades[i], grades[j], by, out, want[i][j])
				}
				cell := x[len(x)-1]
				grade := "R"
				if (i == 2 || i == 3) && j == 1 {
					grade = "D"
				}
				if cell.Clause() == nil || cell.Clause().Grade != grade {
					t.Errorf("%s × %s: the cell is told with grade %+v, want %s", grades[i], grades[j], cell.Clause(), grade)
				}
			}
		}
	}
}

func TestLevelBandsAtTheirEdges(t *testing.T) {
	v := packView(t, "320700", "2024-06-30")
	for _, c := range []struct {
		domain string
		total  int64
		grade  string
	}{
		{"adl", 95, "轻度受损"}, {"adl", 60, "中度受损"}, {"adl", 40, "重度受损"}, {"adl", 45, "中度受损"}, {"adl", 65, "轻度受损"},
		{"cog", 15, "轻度受损"}, {"cog", 4, "轻度受损"}, {"cog", 3, "中度受损"}, {"cog", 2, "中度受损"}, {"cog", 1, "重度受损"},
		{"per", 11, "轻度受损"}, {"per", 4, "轻度受损"}, {"per", 3, "中度受损"}, {"per", 1, "重度受损"},
	} {
		s := best(v)
		spread(v, s, c.domain, c.total)
		out, _, err := eval[Level](t, v, "assess.level", scoresJSON(s))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]Total{"adl": out.ADL, "cog": out.Cog, "per": out.Per}[c.domain]
		if got.Total != c.total || got.Grade != c.grade {
			t.Errorf("%s %d: %+v, want %s", c.domain, c.total, got, c.grade)
		}
	}
}

func TestLevelErrorsNameTheField(t *testing.T) {
	v := packView(t, "320700", "2024-06-30")
	all := best(v)
	if len(all) != 17 {
		t.Fatalf("%d items", len(all))
	}
	check := func(in, field string) {
		t.Helper()
		_, _, err := eval[Level](t, v, "assess.level", in)
		if !fault.Is(err, fault.Invalid) || fault.As(err).Field != field {
			t.Errorf("%s: %v, want field %s", in, err, field)
		}
	}
	for id := range all {
		s := maps.Clone(all)
		delete(s, id)
		check(scoresJSON(s), "scores."+id)
		for _, wrong := range []int64{-5, 7, 16, 20} {
			s[id] = wrong
			check(scoresJSON(s), "scores."+id)
		}
	}
	for _, id := range []string{"adl.feeding", "adl.grooming"} { // 15 is an option of walking and transfer only
		s := maps.Clone(all)
		s[id] = 15
		check(scoresJSON(s), "scores."+id)
	}
	s := maps.Clone(all)
	s["adl.flying"] = 5
	check(scoresJSON(s), "scores.adl.flying")
	check(`{"scores":{"adl.feeding":"10"}}`, "scores.adl.feeding")
	check(`{"scores":{"adl.feeding":2.5}}`, "scores.adl.feeding")
	check(`{"score":{}}`, "score")
	check(`{}`, "scores")
}

// A score that gets worse never makes the level milder.
func TestLevelIsMonotone(t *testing.T) {
	v := packView(t, "320700", "2024-06-30")
	for _, it := range Instrument(v) {
		for _, start := range []int64{100, 60, 40} {
			s := best(v)
			spread(v, s, "adl", start)
			last := int64(-1)
			for i := len(it.Options) - 1; i >= 0; i-- {
				s[it.ID] = it.Options[i].Score
				if l := mustLevel(t, v, s); l < last {
					t.Errorf("%s down to %d: level fell from %d to %d", it.ID, it.Options[i].Score, last, l)
				} else {
					last = l
				}
			}
		}
	}
}

func mustLevel(t *testing.T, v *policy.View, s map[string]int64) int64 {
	t.Helper()
	out, _, err := LevelRule.Decide(v, Scores{s})
	if err != nil {
		t.Fatal(err)
	}
	return out.Level
}

func TestLevelNamesOfWencheng(t *testing.T) {
	v := packView(t, "330328", "2024-06-30")
	s := best(v)
	spread(v, s, "adl", 0)
	spread(v, s, "cog", 0)
	out, _, err := eval[Level](t, v, "assess.level", scoresJSON(s))
	if err != nil || out.Level != 5 || !strings.Contains(out.Name, "一级") {
		t.Errorf("the most severe is 一级 there: %+v %v", out, err)
	}
}

func TestSelfScreenAllCells(t *testing.T) {
	v := packView(t, "320700", "2024-06-30")
	a, b := []string{"eating", "continence", "bathing"}, []string{"dressing", "toilet", "transfer"}
	want := []string{"ABDE", "BCEF", "BDEF", "CEFG"} // by b, then a
	for na := range 4 {
		for nb := range 4 {
			items := map[string]string{}
			for i := range 3 {
				items[a[i]], items[b[i]] = "independent", "partial"
			}
			for i := range 3 {
				if i < na {
					items[a[i]] = "dependent"
				}
				if i < nb {
					items[b[2-i]] = "dependent"
				}
			}
			in, _ := json.Marshal(ScreenAnswers{items})
			out, _, err := eval[Screen](t, v, "assess.selfscreen", string(in))
			grade := string(want[nb][na])
			if err != nil || out.Grade != grade || out.MayApply != (grade >= "E") {
				t.Errorf("a %d, b %d: %+v %v, want %s", na, nb, out, err, grade)
			}
		}
	}
	for in, field := range map[string]string{
		`{"items":{}}`: "items.eating",
		`{"items":{"eating":"no","continence":"partial","bathing":"partial","dressing":"partial","toilet":"partial","transfer":"partial"}}`:                    "items.eating",
		`{"items":{"eating":"partial","continence":"partial","bathing":"partial","dressing":"partial","toilet":"partial","transfer":"partial","x":"partial"}}`: "items.x",
	} {
		if _, _, err := eval[Screen](t, v, "assess.selfscreen", in); !fault.Is(err, fault.Invalid) || fault.As(err).Field != field {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestApply(t *testing.T) {
	good := ApplyFacts{Covered: true, PaidMonths: 12, DisabledMonths: 6, MonthsSinceLevel: -1, SelfscreenOK: true}
	for _, c := range []struct {
		on, name string
		change   func(*ApplyFacts)
		refused  string
		article  string
	}{
		{"2024-06-30", "all well, six months exactly", func(*ApplyFacts) {}, "", ""},
		{"2024-06-30", "not insured", func(f *ApplyFacts) { f.Covered = false }, "参保记录", "第二十条"},
		{"2024-06-30", "five months", func(f *ApplyFacts) { f.DisabledMonths = 5 }, "5 个月", "四（四）保障范围"},
		{"2024-06-30", "assessed lately", func(f *ApplyFacts) { f.MonthsSinceLevel, f.SameState = 5, true }, "5 个月", "第二十九条"},
		{"2024-06-30", "assessed lately, changed", func(f *ApplyFacts) { f.MonthsSinceLevel = 5 }, "", ""},
		{"2024-06-30", "assessed half a year ago", func(f *ApplyFacts) { f.MonthsSinceLevel, f.SameState = 6, true }, "", ""},
		{"2024-06-30", "paid by another", func(f *ApplyFacts) { f.OtherPayers = []string{"工伤保险"} }, "工伤保险", "第二十条"},
		{"2024-06-30", "false papers", func(f *ApplyFacts) { f.FalseMaterial = true }, "不真实", "第二十条"},
		{"2024-06-30", "self-screen", func(f *ApplyFacts) { f.SelfscreenOK = false }, "自评", "表B 自评表"},
		{"2024-06-30", "no waiting period yet", func(f *ApplyFacts) { f.PaidMonths = 0 }, "", ""},
		{"2026-03-25", "the day before", func(f *ApplyFacts) { f.PaidMonths = 5 }, "", ""},
		{"2026-03-26", "waiting period", func(f *ApplyFacts) { f.PaidMonths = 5 }, "5 个月", "待遇等待期"},
		{"2026-03-26", "waiting period over", func(f *ApplyFacts) { f.PaidMonths = 6 }, "", ""},
	} {
		f := good
		c.change(&f)
		out, dec, err := ApplyRule.Decide(packView(t, "320700", c.on), f)
		if c.refused == "" {
			if err != nil || out.Result != "accept" {
				t.Errorf("%s: %+v %v", c.name, out, err)
			}
		} else if e := fault.As(err); e.Kind != fault.Refused || !strings.Contains(e.Say, c.refused) || e.Clause == nil || e.Clause.Article != c.article {
			t.Errorf("%s: %v %+v", c.name, err, e.Clause)
		}
		for _, s := range dec.Explain {
			if s.Clause() == nil && !strings.HasPrefix(s.Say(), "还缺") {
				t.Errorf("%s: %q rests on nothing", c.name, s.Say())
			}
		}
	}
	f := good
	f.MissingMaterial = []string{"病历"}
	if out, _, err := ApplyRule.Decide(packView(t, "320700", "2024-06-30"), f); err != nil || out.Result != "supplement" || out.Missing[0] != "病历" {
		t.Errorf("missing papers: %+v %v", out, err)
	}
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		region string
		groups []string
		want   int64
	}{
		{"320700", []string{"低保", "重残"}, 1}, {"320700", []string{"低保"}, 2}, {"320700", []string{"高龄"}, Ordinary}, {"320700", nil, Ordinary},
		{"350100", []string{"重残"}, Ordinary}, // that region has published no order
	} {
		out, _, err := OrderRule.Decide(packView(t, c.region, "2024-06-30"), OrderFacts{c.groups})
		if err != nil || out.Priority != c.want {
			t.Errorf("%s %v: %+v %v", c.region, c.groups, out, err)
		}
	}
}

func TestStaffing(t *testing.T) {
	v := packView(t, "320700", "2024-06-30")
	a := Assessor{ID: "1", Name: "甲", Role: "assessor"}
	e := Assessor{ID: "2", Name: "乙", Role: "expert"}
	kin := Assessor{ID: "3", Name: "丙", Role: "expert", Reasons: []string{"kin"}}
	for _, c := range []struct {
		name    string
		in      Staffing
		article string // of the refusal
	}{
		{"two, one an expert", Staffing{"visit", []Assessor{a, e}, true, true}, ""},
		{"one alone", Staffing{"draw", []Assessor{e}, false, false}, "第二十一条"},
		{"no expert", Staffing{"draw", []Assessor{a, {ID: "4", Name: "丁", Role: "assessor"}}, false, false}, "第二十一条"},
		{"kin", Staffing{"draw", []Assessor{a, e, kin}, false, false}, "第十五条"},
		{"serves", Staffing{"draw", []Assessor{a, {ID: "5", Name: "戊", Role: "expert", Reasons: []string{"serves"}}}, false, false}, "第九条"},
		{"no guardian", Staffing{"visit", []Assessor{a, e}, false, true}, "第二十一条"},
		{"no video", Staffing{"visit", []Assessor{a, e}, true, false}, "第二十一条"},
		{"drawing asks no guardian", Staffing{"draw", []Assessor{a, e}, false, false}, ""},
	} {
		_, _, err := StaffingRule.Decide(v, c.in)
		if c.article == "" && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.article != "" && (!fault.Is(err, fault.Refused) || fault.As(err).Clause.Article != c.article) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for field, in := range map[string]Staffing{
		"stage": {Stage: "x"}, "staff[1].id": {Stage: "draw", Staff: []Assessor{a, a}}, "staff[0].role": {Stage: "draw", Staff: []Assessor{{ID: "1"}}},
	} {
		if _, _, err := StaffingRule.Decide(v, in); fault.As(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestConclude(t *testing.T) {
	v := packView(t, "320700", "2024-06-30")
	for _, c := range []struct {
		levels []int64
		want   Conclusion
	}{
		{nil, Conclusion{}}, {[]int64{3}, Conclusion{}}, {[]int64{3, 3}, Conclusion{3, true, false}},
		{[]int64{3, 4}, Conclusion{0, false, true}}, {[]int64{3, 4, 4}, Conclusion{4, true, false}},
		{[]int64{3, 4, 5}, Conclusion{5, true, false}},
	} {
		var in Opinions
		for i, l := range c.levels {
			in.Opinions = append(in.Opinions, ExpertLevel{Expert: fmt.Sprint(i), Level: l})
		}
		out, _, err := ConcludeRule.Decide(v, in)
		if err != nil || out != c.want {
			t.Errorf("%v: %+v %v, want %+v", c.levels, out, err, c.want)
		}
	}
	for field, in := range map[string]Opinions{
		"opinions[1].expert": {[]ExpertLevel{{"a", 3}, {"a", 4}}}, "opinions[0].level": {[]ExpertLevel{{"a", 6}}},
		"opinions": {[]ExpertLevel{{"a", 3}, {"b", 4}, {"c", 3}, {"d", 4}}},
	} {
		if _, _, err := ConcludeRule.Decide(v, in); fault.As(err).Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestValidNoticeLimits(t *testing.T) {
	v := packView(t, "320700", "2024-06-30")
	d := day.MustParse
	val, _, err := ValidRule.Decide(v, ConcludedFacts{4, d("2024-06-30")})
	if err != nil || val != (Validity{To: d("2026-06-29"), ReassessFrom: d("2026-04-30"), ReviewFrom: d("2024-12-30")}) {
		t.Errorf("severe: %+v %v", val, err)
	}
	val, _, err = ValidRule.Decide(v, ConcludedFacts{2, d("2024-06-30")})
	if err != nil || val.To != d("2025-06-29") {
		t.Errorf("moderate: %+v %v", val, err)
	}
	val, _, err = ValidRule.Decide(packView(t, "350100", "2024-06-30"), ConcludedFacts{2, d("2024-06-30")})
	if err != nil || !val.To.IsZero() {
		t.Errorf("a region that sets none: %+v %v", val, err)
	}
	n, _, err := NoticeRule.Decide(v, NoticeStart{d("2024-06-30")})
	if err != nil || n != (NoticeSpan{d("2024-06-30"), d("2024-07-04"), 5}) {
		t.Errorf("notice: %+v %v", n, err)
	}
	if _, dec, err := NoticeRule.Decide(packView(t, "350100", "2024-06-30"), NoticeStart{d("2024-06-30")}); !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "assess.notice_days") || dec.Out == nil {
		t.Errorf("a region without days cannot publish: %v", err)
	}
	l, x, err := LimitsRule.Decide(v, Dates{Received: d("2024-09-27"), Accepted: d("2024-09-29")})
	// 27 September 2024 is a Friday, the 29th a worked Sunday, 1 to 7 October are holidays.
	if err != nil || l.Accept != d("2024-10-10") || l.Onsite != d("2024-10-17") || l.Deliver.IsZero() || !l.Object.IsZero() {
		t.Errorf("limits: %+v %v", l, err)
	}
	if len(x.Explain) == 0 {
		t.Error("limits are not explained")
	}
	if _, _, err := LimitsRule.Decide(v, Dates{Received: d("2026-12-30")}); !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "2027") {
		t.Errorf("a year without notice: %v", err)
	}
	if _, _, err := LimitsRule.Decide(v, Dates{Received: d("2024-06-30"), Accepted: d("2024-06-29")}); fault.As(err).Field != "accepted" {
		t.Errorf("dates in the wrong order: %v", err)
	}
}

func BenchmarkLevel(b *testing.B) {
	v := packView(b, "320700", "2024-06-30")
	s := Scores{best(v)}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := LevelRule.Decide(v, s); err != nil {
			b.Fatal(err)
		}
	}
}
