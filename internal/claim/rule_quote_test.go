package claim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
	"yinling/internal/policy"
)

func packs(t testing.TB) *policy.Set {
	t.Helper()
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func view(t testing.TB, set *policy.Set, region, on string) *policy.View {
	t.Helper()
	v, err := set.At(region, day.MustParse(on))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// ask reads a claim as the command line does and quotes it.
func ask(t testing.TB, set *policy.Set, region, on, in string) (Quotation, policy.Explanation, error) {
	t.Helper()
	c, err := policy.ReadJSON[Claim]([]byte(in))
	if err != nil {
		return Quotation{}, nil, err
	}
	v := view(t, set, region, on)
	out, err := QuoteLines(v, c)
	return out, v.Steps(), err
}

// bill writes a claim with one line.
func bill(mode string, level int, unit, qty string, price int) string {
	return fmt.Sprintf(`{"scheme":"ltci","person":{"level":%d,"coverage":"employee"},"mode":"%s","month":"2024-06",
		"lines":[{"id":"1","item":"x","kind":"living","unit":"%s","qty":"%s","price_fen":%d,"on":"2024-06-03"}]}`, level, mode, unit, qty, price)
}

// The printed examples of the cities, each in several shapes of a claim.
func TestPrintedExamples(t *testing.T) {
	t.Parallel()
	set := packs(t)
	for _, tc := range []struct {
		name, region, in string
		total, fund      money.Fen
	}{
		{"T5 institution, package", "350100", bill("institution", 3, "month", "1", 180000), 180000, 135000},
		{"T5 institution, bed days", "350100", bill("institution", 4, "bed_day", "30", 6000), 180000, 135000},
		{"T5 institution, dearer", "350100", bill("institution", 5, "month", "1", 260000), 260000, 135000},
		{"T5 institution, cheaper", "350100", bill("institution", 3, "month", "1", 100000), 100000, 75000},
		{"T5 home, package", "350100", bill("home", 3, "month", "1", 180000), 180000, 153000},
		{"T5 home, visits", "350100", bill("home", 3, "visit", "20", 9000), 180000, 153000},
		{"T5 home, hours", "350100", bill("home", 3, "hour", "22.5", 8000), 180000, 153000},
		{"T6 home, level one", "330328", bill("home", 5, "month", "1", 298000), 298000, 238400},
		{"T6 home, level two", "330328", bill("home", 4, "month", "1", 238400), 238400, 190720},
		{"T6 home, level three", "330328", bill("home", 3, "month", "1", 178800), 178800, 143040},
		{"T6 family, level one", "330328", bill("family", 5, "month", "1", 298000), 298000, 119200},
		{"T6 family, level two", "330328", bill("family", 4, "month", "1", 238400), 238400, 95360},
		{"T6 family, level three", "330328", bill("family", 3, "month", "1", 178800), 178800, 71520},
		{"T6 over the cap", "330328", bill("home", 5, "hour", "50", 6000), 300000, 238400},
		{"T6 family by day", "330328", bill("family", 3, "day", "30", 10000), 300000, 71520},
		{"T7 25 hours", "331000", bill("home", 3, "hour", "25", 6500), 162500, 130000},
		{"T7 one hour", "331000", bill("home", 3, "hour", "1", 6500), 6500, 5200},
		{"T7 26 hours", "331000", bill("home", 3, "hour", "26", 6500), 169000, 130000},
		{"T7 dearer hour", "331000", bill("home", 3, "hour", "2", 8000), 16000, 10400},
		{"T10 a", "370481", bill("institution", 3, "bed_day", "1", 7000), 7000, 5250},
		{"T10 b", "370481", bill("institution", 3, "bed_day", "1", 10000), 10000, 6000},
		{"T10 a, month of bed days", "370481", bill("institution", 3, "bed_day", "30", 7000), 210000, 157500},
		{"T10 b, month of bed days", "370481", bill("institution", 3, "bed_day", "30", 10000), 300000, 180000},
		{"T10 b, as a package", "370481", bill("institution", 3, "month", "1", 300000), 300000, 180000},
		{"T10 half a day", "370481", bill("institution", 3, "day", "0.5", 10000), 5000, 3750},
		{"Tengzhou home", "370481", bill("home", 3, "visit", "1", 6000), 6000, 4500},
		{"Tengzhou family, no bill", "370481", bill("family", 3, "day", "30", 0), 90000, 90000},
		{"Tengzhou family, dearer", "370481", bill("family", 3, "day", "30", 5000), 150000, 90000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, steps, err := ask(t, set, tc.region, "2024-06-30", tc.in)
			if err != nil {
				t.Fatal(err)
			}
			want := Sum{Total: tc.total, Fund: map[string]money.Fen{"ltci": tc.fund}, Person: tc.total - tc.fund}
			if got := out.Sum; got.Total != want.Total || got.Fund["ltci"] != tc.fund || got.Person != want.Person {
				t.Errorf("got %+v, want %+v\n%s", got, want, says(steps))
			}
			for _, s := range steps {
				if s.Key() != "" && s.Clause() == nil {
					t.Errorf("step without clause: %s", s.Say())
				}
			}
		})
	}
}

func says(x policy.Explanation) string {
	var b strings.Builder
	for _, s := range x {
		b.WriteString("  " + s.Say())
		if s.Key() != "" {
			b.WriteString("  [" + s.Key() + "]")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// The 26th hour, whichever way the 25 before it were billed.
func TestTheHourAfterTheCap(t *testing.T) {
	t.Parallel()
	set := packs(t)
	var lines []string
	for i := range 26 {
		lines = append(lines, fmt.Sprintf(`{"id":"%d","kind":"living","unit":"hour","qty":"1","price_fen":6500,"on":"2024-06-%02d"}`, i+1, i+1))
	}
	out, _, err := ask(t, set, "331000", "2024-06-30", `{"scheme":"ltci","person":{"level":3,"coverage":"resident"},"mode":"home","month":"2024-06","lines":[`+strings.Join(lines, ",")+`]}`)
	if err != nil {
		t.Fatal(err)
	}
	if out.Sum.Fund["ltci"] != 130000 || out.Lines[25].Fund["ltci"] != 0 || out.Lines[25].Person != 6500 || out.Lines[25].Refused != nil {
		t.Errorf("26 lines: %+v, last %+v", out.Sum, out.Lines[25])
	}
	if len(out.Takes) != 1 || out.Takes[0].Cap != "hours" || out.Takes[0].Period != "2024-06" || out.Takes[0].Amount != 25*money.One || out.Takes[0].Max != 25*money.One {
		t.Errorf("takes %+v", out.Takes)
	}
	for _, used := range []string{`"25"`, `25`, `"24.5"`} {
		in := strings.Replace(bill("home", 3, "hour", "1", 6500), `"lines"`, `"used":{"hours@2024-06":`+used+`},"lines"`, 1)
		out, _, err := ask(t, set, "331000", "2024-06-30", in)
		if err != nil {
			t.Fatal(err)
		}
		want := money.Fen(0)
		if used == `"24.5"` {
			want = 2600
		}
		if out.Sum.Fund["ltci"] != want {
			t.Errorf("used %s: fund %v", used, out.Sum.Fund["ltci"])
		}
	}
}

// Basic medical insurance never pays living care, in no region.
func TestMedicalNeverPaysLivingCare(t *testing.T) {
	t.Parallel()
	set := packs(t)
	for _, region := range []string{"000000", "320700", "350100", "370481", "330328", "331000"} {
		for _, scheme := range []string{"employee", "resident"} {
			in := strings.Replace(bill("home", 5, "visit", "1", 8000), `"ltci"`, `"`+scheme+`"`, 1)
			out, _, err := ask(t, set, region, "2024-06-30", in)
			f := fault.As(err)
			if f.Kind != fault.Refused || f.Clause == nil || f.Clause.Article != "二（七）" {
				t.Fatalf("%s %s: %v", region, scheme, err)
			}
			if out.Sum.Fund[scheme] != 0 || out.Sum.Person != 8000 || out.Lines[0].Refused == nil {
				t.Errorf("%s %s: %+v", region, scheme, out.Sum)
			}
		}
	}
}

func TestBadInputNamesTheField(t *testing.T) {
	t.Parallel()
	set := packs(t)
	good := bill("home", 3, "hour", "1", 6500)
	for _, tc := range []struct{ old, new, field string }{
		{`"scheme":"ltci"`, `"scheme":"other"`, "scheme"},
		{`"level":3`, `"level":6`, "person.level"},
		{`"level":3`, `"level":"3"`, "person.level"},
		{`"level":3,`, ``, "person.level"},
		{`"price_fen":6500,`, ``, "lines[0].price_fen"},
		{`"employee"`, `"both"`, "person.coverage"},
		{`"mode":"home"`, `"mode":"hotel"`, "mode"},
		{`"month":"2024-06"`, `"month":"2024-13"`, "month"},
		{`"month":"2024-06",`, ``, "month"},
		{`"month"`, `"moth":1,"month"`, "moth"},
		{`"qty":"1"`, `"qty":"0"`, "lines[0].qty"},
		{`"qty":"1"`, `"qty":"-1"`, "lines[0].qty"},
		{`"qty":"1"`, `"qty":"1e3"`, "lines[0].qty"},
		{`"qty":"1"`, `"qty":1e3`, "lines[0].qty"},
		{`"qty":"1"`, `"qty":"1.1234567"`, "lines[0].qty"},
		{`"qty":"1"`, `"qty":""`, "lines[0].qty"},
		{`"qty":"1",`, ``, "lines[0].qty"},
		{`"qty":"1"`, `"qty":true`, "lines[0].qty"},
		{`"unit":"hour"`, `"unit":"minute"`, "lines[0].unit"},
		{`"unit":"hour","qty":"1"`, `"unit":"bed_day","qty":"31"`, "lines[0].qty"},
		{`"unit":"hour","qty":"1"`, `"unit":"month","qty":"2"`, "lines[0].qty"},
		{`"kind":"living"`, `"kind":"cooking"`, "lines[0].kind"},
		{`"price_fen":6500`, `"price_fen":-1`, "lines[0].price_fen"},
		{`"price_fen":6500`, `"price_fen":65.5`, "lines[0].price_fen"},
		{`"price_fen":6500`, `"price_fen":99999999999999`, "lines[0].price_fen"},
		{`"price_fen":6500`, `"price_fen":0`, "lines[0].price_fen"},
		{`"on":"2024-06-03"`, `"on":"2024-07-01"`, "lines[0].on"},
		{`"on":"2024-06-03"`, `"on":"2024-06-31"`, "lines[0].on"},
		{`"id":"1"`, `"id":""`, "lines[0].id"},
		{`"lines":[`, `"lines":[{"id":"1","kind":"living","unit":"hour","qty":"1","price_fen":1,"on":"2024-06-03"},`, "lines[1].id"},
		{`"id":"1"`, `"id":"1","colour":"red"`, "lines[0].colour"},
		{`"lines"`, `"used":{"nothing":1},"lines"`, "used.nothing"},
		{`"lines"`, `"used":{"hours@2024-W23":1},"lines"`, "used.hours@2024-W23"},
		{`"lines"`, `"used":{"hours":-1},"lines"`, "used.hours"},
		{`"lines"`, `"hospital_days":["2024-06-40"],"lines"`, "hospital_days[0]"},
		{`"lines"`, `"mode_changes":-1,"lines"`, "mode_changes"},
	} {
		in := strings.Replace(good, tc.old, tc.new, 1)
		if in == good {
			t.Fatalf("%s does not occur", tc.old)
		}
		_, _, err := ask(t, set, "331000", "2024-06-30", in)
		f := fault.As(err)
		if f.Kind != fault.Invalid || f.Field != tc.field {
			t.Errorf("%s → %s: got %v field %q", tc.old, tc.new, err, f.Field)
		}
	}
}

// A stored decision replays byte for byte.
func TestQuoteReplays(t *testing.T) {
	t.Parallel()
	set := packs(t)
	c, err := policy.ReadJSON[Claim]([]byte(bill("institution", 3, "bed_day", "30", 10000)))
	if err != nil {
		t.Fatal(err)
	}
	v := view(t, set, "370481", "2024-06-30")
	_, dec, err := Quote.Decide(v, c)
	if err != nil {
		t.Fatal(err)
	}
	in, out, explain, err := dec.Texts()
	if err != nil {
		t.Fatal(err)
	}
	r, err := policy.Replay(dec.Bundle(), "370481", "claim.quote", dec.On, in, out, explain)
	if err != nil || !r.Same {
		_, o, x, _ := r.Decision.Texts()
		t.Fatalf("replay differs: %v\n%s\n%s\n%s\n%s", err, out, o, explain, x)
	}
	if !json.Valid([]byte(out)) {
		t.Error("output is no JSON")
	}
}
