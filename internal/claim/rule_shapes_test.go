package claim

import (
	"fmt"
	"strings"
	"testing"

	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

func overlay(t testing.TB, dir string) *policy.Set {
	t.Helper()
	set, err := policy.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// row writes lines as «unit qty price kind day staff item mode», in that order.
func row(id int, spec string) string {
	f := strings.Fields(spec + " - - - -")
	s := fmt.Sprintf(`{"id":"%d","unit":"%s","qty":"%s","price_fen":%s,"kind":"%s","on":"2024-06-%s"`, id, f[0], f[1], f[2], f[3], f[4])
	for i, name := range []string{"staff", "item", "mode"} {
		if f[5+i] != "-" {
			s += fmt.Sprintf(`,"%s":"%s"`, name, f[5+i])
		}
	}
	return s + "}"
}

func month(mode string, level int, extra string, specs ...string) string {
	var lines []string
	for i, s := range specs {
		lines = append(lines, row(i+1, s))
	}
	person := ""
	if strings.HasPrefix(extra, "person:") {
		person, extra, _ = strings.Cut(strings.TrimPrefix(extra, "person:"), ";")
		person = "," + person
	}
	if extra != "" {
		extra += ","
	}
	return fmt.Sprintf(`{"scheme":"ltci","person":{"level":%d,"coverage":"employee"%s},"mode":"%s","month":"2024-06",%s"lines":[%s]}`,
		level, person, mode, extra, strings.Join(lines, ","))
}

// Every variation that facts show in the wild, as packs that are not shipped.
func TestShapesOfCities(t *testing.T) {
	t.Parallel()
	set := overlay(t, "testdata/packs")
	visits := func(n int, spec string) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf(spec, 3+i)) // Monday 3 June on
		}
		return out
	}
	for _, tc := range []struct {
		name, region, in string
		total, fund      money.Fen
		refused          string // part of the sentence when the whole claim is refused
	}{
		// Laid over days because of a day in hospital, yet one monthly cap.
		{"monthly cap over single days", "320700", month("home", 3, `"hospital_days":["2024-06-10"]`, "day 27 5770 living 04"), 155790, 120000, ""},

		{"price by staff: nurse", "990611", month("home", 3, "", "visit 1 12000 nursing 03 nurse"), 12000, 7500, ""},
		{"price by staff: medical carer", "990611", month("home", 3, "", "visit 1 9500 nursing 03 medical_carer"), 9500, 7500, ""},
		{"price by staff: care worker", "990611", month("home", 3, "", "visit 1 7500 living 03 care_worker"), 7500, 7500, ""},
		{"sixth visit of the week", "990611", month("home", 3, "", visits(6, "visit 1 7500 living %02d")...), 45000, 37500, ""},
		{"fourth visit, medium", "990611", month("home", 2, "", visits(4, "visit 1 7500 living %02d")...), 30000, 22500, ""},
		{"two weeks", "990611", month("home", 2, "", append(visits(4, "visit 1 7500 living %02d"), "visit 3 7500 living 10")...), 52500, 45000, ""},
		{"used this week", "990611", month("home", 2, `"used":{"visits@2024-W23":"2"}`, visits(2, "visit 1 7500 living %02d")...), 15000, 7500, ""},
		{"family, heavy", "990611", month("family", 4, "", "day 30 0 living 01"), 150000, 150000, ""},
		{"family, medium", "990611", month("family", 2, "", "day 30 0 living 01"), 90000, 90000, ""},
		{"another payer", "990611", month("home", 3, `person:"groups":["财政供养"];`, "visit 1 7500 living 03"), 7500, 0, "单位渠道"},

		{"weekly hours, level two", "990620", month("home", 1, "", "hour 4 6500 living 03"), 26000, 17550, ""},
		{"weekly hours, level six", "990620", month("home", 5, "", "hour 8 6500 living 03"), 52000, 40950, ""},
		{"bonus hour", "990620", month("home", 5, `"continuous_months":3`, "hour 8 6500 living 03", "hour 8 6500 living 10"), 104000, 87750, ""},
		{"bonus is over after six months", "990620", month("home", 5, `"continuous_months":7`, "hour 8 6500 living 03"), 52000, 40950, ""},
		{"bonus in cash", "990620", month("home", 4, `"continuous_months":1`, "month 1 0 living 30 - 连续居家现金奖励"), 4000, 4000, ""},

		{"family alone", "990618", month("family", 3, "", "day 30 4000 living 01"), 120000, 93000, ""},
		{"family with nursing", "990618", month("family", 3, "", "day 30 3000 living 01", "visit 5 9000 nursing 03 nurse"), 135000, 130000, ""},
		{"stacked", "990618", month("family", 3, `"also":["home"]`, "day 30 3000 living 01", "visit 10 8000 living 03 - - home"), 170000, 126600, ""},
		{"stacked without saying so", "990618", month("family", 3, "", "day 30 3000 living 01", "visit 10 8000 living 03 - - home"), 170000, 126600, ""},
		{"no such combination", "990618", month("home", 3, `"also":["institution"]`, "visit 1 8000 living 03"), 8000, 0, "组合"},
		{"institution", "990618", month("institution", 3, "", "month 1 300000 living 30"), 300000, 227800, ""},

		{"outside the region", "990613", month("home", 3, `person:"resident":false;`, "day 30 0 living 01"), 60000, 60000, ""},
		{"medical institution", "990613", month("institution", 2, `"institution":{"kind":"medical"}`, "bed_day 30 9000 nursing 01"), 270000, 150000, ""},
		{"in hospital for ten days", "990613", month("home", 3, `"hospital_days":["2024-06-01","2024-06-02","2024-06-03","2024-06-04","2024-06-05","2024-06-06","2024-06-07","2024-06-08","2024-06-09","2024-06-10"]`, "day 30 3000 living 01"), 90000, 60000, ""},
		{"in hospital on the day", "990613", month("home", 3, `"hospital_days":["2024-06-05"]`, "day 1 3000 living 05", "day 1 3000 living 06"), 6000, 3000, ""},
		{"in hospital all the time", "990613", month("home", 3, `"hospital_days":["2024-06-05"]`, "day 1 3000 living 05"), 3000, 0, "住院"},

		{"by grade of the institution", "990617", month("institution", 3, `"institution":{"kind":"medical","grade":"三级"}`, "bed_day 10 12000 nursing 01"), 120000, 80000, ""},
		{"elder home", "990617", month("institution", 3, `"institution":{"kind":"elder_home"}`, "bed_day 10 12000 living 01"), 120000, 60000, ""},
		{"no kind told", "990617", month("institution", 3, "", "bed_day 10 12000 living 01"), 120000, 0, "没有规定"},
		{"basic and extra", "990617", month("home", 3, "", "visit 20 7000 living 01", "visit 5 7000 nursing 01 nurse"), 175000, 150000, ""},
		{"residents are not covered", "990617", strings.Replace(month("home", 3, "", "visit 1 7000 living 01"), "employee", "resident", 1), 7000, 0, "居民"},

		{"second change of mode", "990612", month("family", 3, `"mode_changes":2`, "day 1 0 living 01"), 2000, 2000, ""},
		{"third change of mode", "990612", month("family", 3, `"mode_changes":3`, "day 1 0 living 01"), 0, 0, "变更"},
		{"level too low", "990612", month("family", 1, "", "day 1 100 living 01"), 100, 0, "轻度失能"},

		{"ratio of the standard", "990603", month("institution", 3, "", "bed_day 30 9000 living 01"), 270000, 162000, ""},
		{"ten yuan a visit", "990603", month("home", 3, "", "visit 2 8000 nursing 03 nurse"), 16000, 14000, ""},
		{"the visit costs less than that", "990603", month("home", 3, "", "visit 1 900 nursing 03 nurse"), 900, 0, ""},
		{"by level", "990603", month("home", 5, "", "day 30 5000 living 01"), 150000, 51000, ""},

		{"rounding down", "990619", month("home", 3, "", "hour 1.333333 7999 living 03"), 10665, 8532, ""},
		{"community", "990619", month("community", 3, "", "day 20 12000 living 01"), 240000, 160000, ""},
		{"per unit on the fee", "990619", month("institution", 3, "", "month 1 400000 living 30"), 400000, 224000, ""},
		{"half a month", "990619", month("institution", 3, "", "month 0.5 400000 living 30"), 200000, 112000, ""},
		{"yearly cap", "990619", month("home", 3, `"used":{"year":1999000}`, "hour 2 8000 living 03"), 16000, 1000, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, steps, err := ask(t, set, tc.region, "2024-06-30", tc.in)
			if tc.refused != "" {
				if f := fault.As(err); f.Kind != fault.Refused || !strings.Contains(f.Say, tc.refused) || f.Clause == nil {
					t.Fatalf("want a refusal with «%s» and its clause, got %v", tc.refused, err)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if out.Sum.Total != tc.total || out.Sum.Fund["ltci"] != tc.fund || out.Sum.Person != tc.total-tc.fund {
				t.Errorf("got %+v, want total %v fund %v\n%s", out.Sum, tc.total, tc.fund, says(steps))
			}
		})
	}
	// A family sickbed under employee medical insurance: nursing is paid, living care never.
	in := strings.Replace(month("home", 0, "", "day 1 10000 nursing 03", "day 1 10000 living 03"), `"ltci"`, `"employee"`, 1)
	out, _, err := ask(t, set, "990619", "2024-06-30", in)
	if err != nil || out.Sum.Fund["employee"] != 8500 || out.Lines[1].Refused == nil || out.Lines[1].Person != 10000 {
		t.Errorf("medical scheme: %+v %v", out, err)
	}
}

// T12: a pack written from the documentation alone.
func TestPackWrittenFromTheDocumentation(t *testing.T) {
	t.Parallel()
	set := overlay(t, "../../testdata/packs-nantong")
	elder, severe := `"institution":{"kind":"elder_home"}`, `person:"groups":["重残"];`
	for _, tc := range []struct {
		name, in    string
		total, fund money.Fen
	}{
		{"T12", month("institution", 3, elder, "bed_day 30 6000 living 01"), 180000, 126000},
		{"T12, as a package", month("institution", 3, elder, "month 1 180000 living 30"), 180000, 126000},
		{"T12, dearer", month("institution", 3, elder, "bed_day 30 10000 living 01"), 300000, 126000},
		{"T12, severely disabled", month("institution", 3, severe+elder, "bed_day 30 6000 living 01"), 180000, 135000},
		{"medical", month("institution", 5, `"institution":{"kind":"medical"}`, "bed_day 30 5000 nursing 01"), 150000, 120000},
		{"medium, elder home", month("institution", 2, elder, "bed_day 30 4500 living 01"), 135000, 94500},
		{"medium, medical", month("institution", 2, `"institution":{"kind":"medical"}`, "bed_day 30 2500 living 01"), 75000, 60000},
		{"home", month("home", 3, "", "visit 12 8000 living 01"), 96000, 90000},
		{"home, medium", month("home", 2, "", "visit 12 8000 living 01"), 96000, 60000},
		{"family and home", month("family", 3, `"also":["home"]`, "day 30 0 living 01", "visit 5 8000 living 03 - - home"), 100000, 90000},
	} {
		out, steps, err := ask(t, set, "990600", "2024-06-30", tc.in)
		if err != nil || out.Sum.Total != tc.total || out.Sum.Fund["ltci"] != tc.fund {
			t.Errorf("%s: %v, got %+v\n%s", tc.name, err, out.Sum, says(steps))
		}
	}
}
