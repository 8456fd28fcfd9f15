package person

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"yinling/internal/day"
	"yinling/internal/fault"
)

var today = day.MustParse("2024-06-03")

// T-43: a million good numbers are taken, and every one is refused with any
// single digit changed or any two unlike neighbours swapped, as GB 11643 promises.
func TestMillionNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(43, 43))
	first, last := day.MustParse("1900-01-01"), today
	areas := []string{"990100", "320706", "110101", "659004", "710000", "810000", "820000", "830000"}
	n := 1_000_000
	if testing.Short() {
		n = 50_000
	}
	buf := make([]byte, 18)
	for i := range n {
		birth := first.AddDays(r.IntN(int(last - first + 1)))
		seq := r.IntN(999) + 1
		copy(buf, areas[i%len(areas)])
		copy(buf[6:], strings.ReplaceAll(birth.String(), "-", ""))
		buf[14], buf[15], buf[16] = byte('0'+seq/100), byte('0'+seq/10%10), byte('0'+seq%10)
		buf[17] = checkChar(string(buf))
		s := string(buf)
		got, err := ParseID(s, today)
		if err != nil || got.Birth != birth || got.Text != s || (got.Sex == "男") != (seq%2 == 1) {
			t.Fatalf("%s: %+v, %v", s, got, err)
		}
		at := r.IntN(17)
		bad := []byte(s)
		bad[at] = '0' + (bad[at]-'0'+byte(1+r.IntN(9)))%10
		if _, err := ParseID(string(bad), today); err == nil {
			t.Fatalf("%s taken for %s", bad, s)
		}
		if at := r.IntN(16); s[at] != s[at+1] {
			bad = []byte(s)
			bad[at], bad[at+1] = bad[at+1], bad[at]
			if _, err := ParseID(string(bad), today); err == nil {
				t.Fatalf("%s taken for %s", bad, s)
			}
		}
	}
}

func TestNumberKinds(t *testing.T) {
	for in, want := range map[string]IDKind{
		withCheck("99010019420318002"): IDDemo, withCheck("32070619420318002"): IDCitizen, withCheck("81000019420318002"): IDHongKong,
		withCheck("82000019420318002"): IDMacao, withCheck("83000019420318002"): IDTaiwan, withCheck("93284019420318002"): IDForeigner,
		"DEU320742031802": IDForeigner,
	} {
		if n, err := ParseID(in, today); err != nil || n.Kind != want {
			t.Errorf("%s: %v %v", in, n.Kind, err)
		}
	}
	n, err := ParseID("320706420318002", today) // 15 digits
	if err != nil || !n.Old || n.Birth != day.MustParse("1942-03-18") || n.Text != withCheck("32070619420318002") {
		t.Errorf("15 digits: %+v %v", n, err)
	}
	for in, say := range map[string]string{
		withCheck("99010020240604002"): "在今天之后", withCheck("99010018930602002"): "超过130岁", withCheck("99010020230229002"): "不存在",
		withCheck("99010021000229002"): "不存在", withCheck("10010119420318002"): "省份", withCheck("99020019420318002"): "省份",
		"320706420230002": "不存在", "": "没有填", "3207061942031800": "18位", "4.1E+17": "科学计数法", "4.10101E17": "科学计数法",
	} {
		_, err := ParseID(in, today)
		if f := fault.As(err); f.Kind != fault.Invalid || f.Field != "id" || !strings.Contains(f.Say, say) || in != "" && strings.Contains(err.Error(), in) && len(in) > 14 {
			t.Errorf("%s: %v, want %s", in, err, say)
		}
	}
	// 130 years to the day are still believed, a day more is not.
	if _, err := ParseID(withCheck("99010018930604002"), today); err != nil {
		t.Errorf("130: %v", err)
	}
	if _, err := ParseID(withCheck("99010018930603002"), today); err == nil {
		t.Error("131 was taken")
	}
	for i := range 499 {
		for _, sex := range []string{"男", "女"} {
			if n, err := ParseID(DemoID(i, today, sex), today); err != nil || n.Sex != sex || n.Kind != IDDemo {
				t.Fatalf("demo %d %s: %+v %v", i, sex, n, err)
			}
		}
	}
}

// gaps are the eight days whose midnight Asia/Shanghai never had.
var gaps = []string{"1919-04-13", "1940-06-01", "1941-03-15", "1942-01-31", "1946-05-15", "1947-04-15", "1948-05-01", "1949-05-01"}

// T-42: the same births in every zone of the machine. The test runs itself in
// three zones and compares what comes out.
func TestBirthsInThreeZones(t *testing.T) {
	if os.Getenv("PERSON_ZONE_CHILD") != "" {
		t.Log("OUT " + births())
		return
	}
	want := births()
	for _, g := range append(gaps, "2024-02-29", "1940-02-29") {
		if !strings.Contains(want, g) {
			t.Errorf("%s is missing in %s", g, want)
		}
	}
	for _, zone := range []string{"UTC", "Asia/Shanghai", "America/New_York"} {
		c := exec.Command(os.Args[0], "-test.run=^TestBirthsInThreeZones$", "-test.v")
		c.Env = append(os.Environ(), "PERSON_ZONE_CHILD=1", "TZ="+zone)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", zone, err, out)
		}
		if !strings.Contains(string(out), "OUT "+want) {
			t.Errorf("%s: other births:\n%s\nwant %s", zone, out, want)
		}
	}
}

func births() string {
	var b strings.Builder
	for i, g := range append(append([]string{}, gaps...), "2024-02-29", "1940-02-29") {
		d := day.MustParse(g)
		n, err := ParseID(DemoID(i, d, "女"), today)
		x, say := parseDate(g, false, false)
		y, say2 := parseDate(strings.ReplaceAll(g, "-", "/"), false, false)
		z, ok := fromSerial(int(d-day.MustParse("1899-12-30")), false)
		if err != nil || say != "" || say2 != "" || !ok || x != d || y != d || z != d {
			return "wrong: " + g
		}
		b.WriteString(n.Birth.String() + " " + today.AddDays(0).String() + " ")
	}
	return b.String()
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{"2024-06-30": "2024-06-30", "2024/6/3": "2024-06-03", "2024年6月3日": "2024-06-03", "20240630": "2024-06-30",
		"2024-06-30T00:00:00Z": "2024-06-30", "2024-06-30 00:00": "2024-06-30", " ２０２４－０６－３０ ": "2024-06-30", "": ""} {
		if d, say := parseDate(in, false, false); say != "" || d.String() != want {
			t.Errorf("%q: %s %s", in, d, say)
		}
	}
	for _, in := range []string{"2026-02-29", "2100-02-29", "2024-06-31", "2024-13-01", "24-6-3", "2024-6", "6/30/2024", "2024-06-30 13:00", "abc", "45473", "2024--06", "99999999"} {
		if d, say := parseDate(in, false, false); say == "" {
			t.Errorf("%q taken as %s", in, d)
		}
	}
	for in, want := range map[string]string{"1": "1900-01-01", "59": "1900-02-28", "61": "1900-03-01", "45473": "2024-06-30", "45473.0": "2024-06-30"} {
		if d, say := parseDate(in, true, false); say != "" || d.String() != want {
			t.Errorf("serial %s: %s %s", in, d, say)
		}
	}
	if d, say := parseDate("44011", true, true); say != "" || d.String() != "2024-06-30" {
		t.Errorf("1904: %s %s", d, say)
	}
	for _, in := range []string{"0", "60", "99999", "45473.5"} {
		if d, say := parseDate(in, true, false); say == "" {
			t.Errorf("serial %s taken as %s", in, d)
		}
	}
	for in, want := range map[string]string{"2024-06": "2024-06", "2024/6": "2024-06", "202406": "2024-06", "2024年6月": "2024-06", "2024-06-15": "2024-06"} {
		if m, say := parseMonth(in, false, false); say != "" || m.String() != want {
			t.Errorf("%q: %s %s", in, m, say)
		}
	}
	if r, say := parsePaid("2023-01~2023-03、2023-04至2023-06，2023-09"); say != "" || r.String() != "2023-01~2023-06,2023-09~2023-09" {
		t.Errorf("%s %s", r, say)
	}
}

func TestRuns(t *testing.T) {
	m := func(s string) day.Month { d := day.MustParse(s + "-01"); return d.Month() }
	r, err := ParseRuns("2023-05~2023-08,2023-01~2023-03,2023-04,2024-01~2024-05")
	if err != nil || r.String() != "2023-01~2023-08,2024-01~2024-05" {
		t.Fatalf("%s %v", r, err)
	}
	for at, want := range map[string][2]int{"2022-12": {0, 0}, "2023-03": {3, 3}, "2023-09": {8, 8}, "2023-10": {8, 0}, "2024-05": {13, 5}, "2024-06": {13, 5}, "2024-07": {13, 0}} {
		if got := [2]int{r.Months(m(at)), r.Streak(m(at))}; got != want {
			t.Errorf("%s: %v, want %v", at, got, want)
		}
	}
}
