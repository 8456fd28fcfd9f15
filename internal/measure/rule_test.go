package measure

import (
	"fmt"
	"strings"
	"testing"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

func packs(t *testing.T) *policy.Set {
	t.Helper()
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func on(s string) day.Day { return day.MustParse(s) }

// The deadlines of both documents, as the texts state them, by measure and kind
// of region; "" for a day that the text does not name.
var texts = map[string]map[string][2]string{ // province → duty → {most regions, the six pooling regions}
	"220000": {"jl-1": {"2024-11-30"}, "jl-2": {"2024-11-30"}, "jl-3": {"2024-11-30"}, "jl-4": {"2024-11-30"}, "jl-5": {"2024-11-30"}, "jl-6": {"2024-11-30"},
		"jl-7": {"2024-11-30"}, "jl-8": {"2024-11-30"}, "jl-9": {""}, "jl-10": {"standing"}, "jl-11": {"standing"}, "jl-12": {"standing"}},
	"370000": {"sd-1": {"2021-01-31"}, "sd-2": {"2021-01-31"}, "sd-3": {"2021-02-28"}, "sd-4": {"2021-02-28"}, "sd-5": {"2021-03-31"}, "sd-6": {"2021-06-30"},
		"sd-7": {"2021-12-31", "none"}, "sd-8": {"2021-12-31"}, "sd-9": {"2021-12-31"}, "sd-10": {"2021-12-31"}, "sd-11": {"2021-12-31"}, "sd-12": {"2021-03-31"},
		"sd-13": {"standing"}, "sd-14": {""}, "sd-15": {"standing"}, "sd-16": {"2021-01-12"}},
}

var six = "370000 370100 370200 370300 370500 371600"

// Every duty of both documents, in every region, on days before, at and after
// its deadline, with and without reports and evidence.
func TestStateOfEveryDutyOnEveryDay(t *testing.T) {
	t.Parallel()
	set := packs(t)
	checked := 0
	for province, duties := range texts {
		v, err := set.At(province, on("2026-06-30"))
		if err != nil {
			t.Fatal(err)
		}
		units, _ := unitsKey.Peek(v)
		rows, _ := dutiesKey.Peek(v)
		if len(rows) != len(duties) || len(units) < 12 {
			t.Fatalf("%s: %d duties, %d units", province, len(rows), len(units))
		}
		for _, u := range units {
			for _, d := range rows {
				want, ok := duties[d.ID]
				if !ok {
					t.Fatalf("%s is not in the text", d.ID)
				}
				due := want[0]
				if want[1] != "" && strings.Contains(six, u.ID) {
					due = ""
				}
				ask := func(at day.Day, rs ...Told) Verdict {
					t.Helper()
					v, err := set.At(province, at)
					if err != nil {
						t.Fatal(err)
					}
					out, _, err := StateRule.Decide(v, Facts{Duty: d.ID, Unit: u.ID, Reports: rs})
					if err != nil {
						t.Fatalf("%s %s %s: %v", d.ID, u.ID, at, err)
					}
					checked++
					return out
				}
				is := func(got Verdict, code string, over int64, remind string) {
					t.Helper()
					if got.Code != code || got.Over != over || got.Remind != remind {
						t.Errorf("%s %s: %+v, want %s, %d days late, reminder %q", d.ID, u.ID, got, code, over, remind)
					}
				}
				switch due {
				case "standing":
					is(ask(on("2025-01-01")), Standing, 0, "")
					is(ask(on("2025-01-01"), Told{On: on("2024-12-31"), Done: true, Proof: 1}), Standing, 0, "")
					continue
				case "":
					is(ask(on("2026-06-30")), Waiting, 0, "")
					is(ask(on("2026-06-30"), Told{On: on("2026-01-01"), Done: true, Proof: 1}), Done, 0, "")
					continue
				}
				at := on(due)
				first := on(map[string]string{"220000": "2024-03-22", "370000": "2021-01-01"}[province])
				if at-40 >= first {
					is(ask(at-40), NotYet, 0, "")
					is(ask(at-31, Told{On: at - 35}), Doing, 0, "")
					is(ask(at-31, Told{On: at - 30}), NotYet, 0, "") // told later: not known that day
				}
				is(ask(max(first, at-30)), Soon, 0, "before")
				is(ask(at-1), Soon, 0, "before")
				is(ask(at), Soon, 0, "due")
				is(ask(at+1), Late, 1, "late")
				is(ask(at+400, Told{On: at - 2}), Late, 400, "late")
				is(ask(at, Told{On: at, Done: true, Proof: 1}), Done, 0, "")
				is(ask(at+1, Told{On: at, Done: true, Proof: 1}), Done, 0, "")
				is(ask(at+9, Told{On: at + 3, Done: true, Proof: 1}), Done, 3, "")
				is(ask(at, Told{On: at - 1, Done: true}), Unproven, 0, "due")
				is(ask(at+2, Told{On: at - 1, Done: true}), Late, 2, "late")
			}
		}
	}
	if checked < 2000 {
		t.Errorf("only %d states were checked", checked)
	}
}

// The six pooling regions have the day that the state deploys; the others have
// the end of 2021 (clause seven of the twelve).
func TestSixPoolingRegions(t *testing.T) {
	t.Parallel()
	set := packs(t)
	v, err := set.At("370000", on("2022-03-01"))
	if err != nil {
		t.Fatal(err)
	}
	units, _ := unitsKey.Peek(v)
	var open []string
	for _, u := range units {
		out, dec, err := StateRule.Decide(v, Facts{Duty: "sd-7", Unit: u.ID})
		if err != nil {
			t.Fatal(err)
		}
		if out.Code == Waiting {
			open = append(open, u.Name)
		} else if out.Code != Late || out.Due != on("2021-12-31") {
			t.Errorf("%s: %+v", u.Name, out)
		}
		text, err := dec.Explain.MarshalJSON()
		if err != nil || !strings.Contains(string(text), "鲁医保发〔2021〕1号") || !strings.Contains(string(text), "不补日期") {
			t.Errorf("%s: the explanation has no clause or reading: %s", u.Name, text)
		}
	}
	if got := strings.Join(open, " "); got != "省直 济南市 青岛市 淄博市 东营市 滨州市" {
		t.Errorf("without a day: %s", got)
	}
	out, _, err := StateRule.Decide(v, Facts{Duty: "sd-7", Unit: "370100", Set: on("2021-09-30")})
	if err != nil || out.Code != Late || out.Over != 152 {
		t.Errorf("set later: %+v, %v", out, err)
	}
	if _, _, err := StateRule.Decide(v, Facts{Duty: "sd-99", Unit: "370100"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown duty: %v", err)
	}
}

func TestJudgeTellsAboutStages(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in   Facts
		due  string
		want string
	}{
		"a stage behind":     {Facts{Steps: []Step{{Name: "甲", Due: on("2024-06-01")}}}, "2024-11-30", "还没有报告，还剩 153 天；阶段「甲」过了自己定的日子"},
		"done in time":       {Facts{Steps: []Step{{Name: "甲", Due: on("2024-06-01"), Done: on("2024-05-01")}}}, "2024-11-30", "还没有报告，还剩 153 天"},
		"done after the day": {Facts{Steps: []Step{{Name: "甲", Due: on("2024-06-01"), Done: on("2024-07-15")}}}, "2024-11-30", "还没有报告，还剩 153 天；阶段「甲」过了自己定的日子"},
		"no day at all":      {Facts{}, "", "文件没有写日子，等定下来"},
	} {
		var out Verdict
		if tc.due != "" {
			out.Due = on(tc.due)
		}
		judge(&out, tc.in, on("2024-06-30"), false, 30, 7)
		if out.Say != tc.want {
			t.Errorf("%s: %q", name, out.Say)
		}
	}
	for left, turn := range map[int64]int64{1: 0, 7: 0, 8: 1, 14: 1, 15: 2} {
		out := Verdict{Due: on("2024-06-30")}
		judge(&out, Facts{}, on("2024-06-30")+day.Day(left), false, 30, 7)
		if out.Remind != "late" || out.Turn != turn {
			t.Errorf("%d days late: %s", left, fmt.Sprint(out.Remind, out.Turn))
		}
	}
}

// The units of each of Jilin's eight tasks as the plan names them, and the
// twelve of Shandong in their order.
func TestUnitsOfEveryTask(t *testing.T) {
	t.Parallel()
	set := packs(t)
	lead := map[string][2]string{"jl-4": {"待遇保障处", "省社会医疗保险管理局"}, "jl-8": {"省社会医疗保险管理局", "办公室、待遇保障处"}}
	v, err := set.At("220000", on("2024-06-30"))
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := dutiesKey.Peek(v)
	for i, d := range rows[:8] {
		want, ok := lead[d.ID]
		if !ok {
			want = [2]string{"省社会医疗保险管理局", "规划财务处"}
		}
		if d.ID != fmt.Sprintf("jl-%d", i+1) || d.Lead != want[0] || strings.Join(d.Support, "、") != want[1] || d.Duty != "各地医保部门" {
			t.Errorf("%s: %s, %v, %s", d.ID, d.Lead, d.Support, d.Duty)
		}
	}
	if v, err = set.At("370000", on("2021-06-30")); err != nil {
		t.Fatal(err)
	}
	rows, _ = dutiesKey.Peek(v)
	for i, no := range strings.Fields("一 二 三 四 五 六 七 八 九 十 十一 十二") {
		if d := rows[i]; d.No != "措施"+no || d.ID != fmt.Sprintf("sd-%d", i+1) || len(d.Stages) == 0 || len(d.Evidence) == 0 {
			t.Errorf("%s is %s", no, d.ID)
		}
	}
}
