package share

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinling/internal/audit"
	"yinling/internal/benefit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/db/dbtest"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
)

const region = "990800"

var clerk = audit.Actor{ID: "clerk", Name: "刘晓", Role: "clerk", Region: region}

type town struct {
	*Service
	t   *testing.T
	ids []string
}

func birth(i int) day.Day { return day.MustParse("1942-03-15").AddDays(i) }

func number(i int) string { return person.DemoID(i, birth(i), "女") }

// names in the roster; 3 and 4 are two women of one name, born on one day.
var names = []string{"王桂兰", "李秀英", "张玉珍", "陈凤华", "陈凤华", "古丽·买买提"}

func open(t *testing.T, d *db.DB) *town {
	t.Helper()
	set, err := policy.Load("testdata/packs")
	must(t, err)
	keys, err := seal.Create(filepath.Join(t.TempDir(), "key"))
	must(t, err)
	log := &audit.Log{DB: d}
	w := &town{t: t, Service: &Service{Log: log, Packs: set, Dir: t.TempDir(), Persons: &person.Service{Log: log, Keys: keys, Packs: set}}}
	t.Cleanup(w.Stop)
	must(t, d.Write(context.Background(), func(tx *db.Tx) error {
		var list []person.Entry
		for i, n := range names {
			no, b := number(i), birth(i)
			if i == 4 {
				b = birth(3)
				no = person.DemoID(44, b, "女")
			}
			num, err := person.ParseID(no, tx.Today())
			if err != nil {
				return err
			}
			list = append(list, person.Entry{Number: num, Name: n, Sex: "女", Birth: b, District: []string{"海州区", "连云区"}[i%2], Community: "望湖社区", Resident: true,
				Coverage: person.Coverage{Scheme: "ltci", Kind: "employee", Since: tx.Today() - 3000, Status: "active"}, Has: person.HasAll})
		}
		w.ids, _, err = w.Persons.Put(tx, region, list)
		return err
	}))
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *town) file(lines ...string) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "名单.csv")
	must(w.t, os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
	return path
}

func (w *town) bring(source, asOf string, lines ...string) (string, *Report) {
	w.t.Helper()
	id, r, err := w.Import(context.Background(), clerk, region, source, w.file(lines...), day.MustParse(asOf), ImportOptions{Chunk: 2, Rejects: filepath.Join(w.t.TempDir(), "r.xlsx")})
	must(w.t, err)
	return id, r
}

func (w *town) person(i int) person.View {
	w.t.Helper()
	v, err := w.Persons.See(context.Background(), audit.System(region), region, w.ids[i])
	must(w.t, err)
	return v
}

func (r *Report) figures() string {
	return fmt.Sprintf("rows %d matched %d doubtful %d unmatched %d rejected %d; new %d changed %d same %d ended %d", r.Rows, r.Matched, r.Doubtful, r.Unmatched, r.Rejected, r.New, r.Changed, r.Same, r.Ended)
}

func wantFigures(t *testing.T, r *Report, want string) {
	t.Helper()
	if got := r.figures(); got != want {
		t.Errorf("got  %s\nwant %s\n%+v", got, want, r.Problems)
	}
	if r.Matched+r.Doubtful+r.Unmatched+r.Rejected != r.Rows || r.New+r.Changed+r.Same != r.Matched {
		t.Errorf("the figures do not add up: %s", r.figures())
	}
}

const listHead = "姓名,身份证号,出生日期,认定日期"

func row(name string, no any, born day.Day) string {
	return fmt.Sprintf("%s,%v,%s,2024-01-05", name, no, born)
}

func TestRegisterMatchesAndNothingIsGuessed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		w := open(t, d)
		id, r := w.bring("tekun", "2024-05-31", "民政局特困人员名单", listHead,
			row("王桂兰", number(0), birth(0)),                        // matched
			row("李 秀英", number(1), birth(1)),                       // matched: blanks in a name mean nothing
			row("王桂蓝", number(2), birth(2)),                        // the number is another's name: doubtful
			row("陈凤华", "", birth(3)),                               // two of that name and day: doubtful
			row("陈凤华", "99010019420318000X", birth(3)),             // wrong check digit: doubtful by name
			row("赵无名", person.DemoID(77, birth(9), "女"), birth(9)), // nobody
			row("钱没号", "12345", 0),                                 // cannot be looked for
			row("王桂兰", number(0), birth(0)),                        // twice
			row("古丽•买买提", number(5), birth(5)),                     // another dot
		)
		wantFigures(t, r, "rows 9 matched 3 doubtful 3 unmatched 1 rejected 2; new 3 changed 0 same 0 ended 0")
		if g := w.person(0).KeyGroups; len(g) != 1 || g[0].Name != "特困" || g[0].Source != "民政" || g[0].Since != day.MustParse("2024-01-05") {
			t.Errorf("groups of the matched: %+v", g)
		}
		for _, i := range []int{2, 3, 4} {
			if g := w.person(i).KeyGroups; len(g) != 0 {
				t.Errorf("person %d was guessed: %+v", i, g)
			}
		}
		told, _, err := w.OfPerson(context.Background(), region, w.ids[0])
		must(t, err)
		if len(told) != 1 || told[0].Batch != id || told[0].Line != 3 || told[0].AsOf != day.MustParse("2024-05-31") || told[0].Source.Department != "民政" {
			t.Errorf("provenance: %+v", told)
		}

		open, err := w.Doubts(context.Background(), region, Doubtful, "", "", 0, 50)
		must(t, err)
		if len(open) != 3 || len(open[0].Candidates) != 1 || open[0].Candidates[0] != w.ids[2] || len(open[1].Candidates) != 2 || len(open[2].Candidates) != 2 {
			t.Fatalf("doubtful: %+v", open)
		}
		for _, x := range open {
			if strings.Contains(x.IDMask, "19420") || x.Key == "" || x.Reason == "" {
				t.Errorf("row shows too much or says nothing: %+v", x)
			}
		}
		ctx := context.Background()
		decide := func(x Doubt, v Verdict) error {
			return w.Decide(ctx, clerk, region, x.Batch, x.Line, "k"+fmt.Sprint(x.Line, v.State, v.Person), v)
		}
		if err := decide(open[0], Verdict{State: Same, Person: w.ids[0], Note: "电话核对"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("somebody who is no candidate: %v", err)
		}
		must(t, decide(open[0], Verdict{State: Same, Person: w.ids[2], Note: "名字写错，电话核对"}))
		must(t, decide(open[1], Verdict{State: Same, Person: w.ids[4], Note: "看过户口簿"}))
		must(t, decide(open[2], Verdict{State: Another, Note: "外地同名"}))
		if err := decide(open[2], Verdict{State: Same, Person: w.ids[3], Note: "再想想"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("decided twice: %v", err)
		}
		if g := w.person(4).KeyGroups; len(g) != 1 || g[0].Name != "特困" {
			t.Errorf("groups of the decided: %+v", g)
		}

		// The next full list: what was decided is not asked again; who is gone is ended.
		_, r = w.bring("tekun", "2024-06-01", listHead,
			row("王桂兰", number(0), birth(0)),
			row("王桂蓝", number(2), birth(2)),
			row("陈凤华", "", birth(3)),
			row("陈凤华", "99010019420318000X", birth(3)))
		wantFigures(t, r, "rows 4 matched 3 doubtful 0 unmatched 1 rejected 0; new 0 changed 0 same 3 ended 2")
		if r.ByLink != 2 {
			t.Errorf("by earlier decisions: %d", r.ByLink)
		}
		if g := w.person(1).KeyGroups; len(g) != 0 {
			t.Errorf("the group of who is gone: %+v", g)
		}
		told, _, err = w.OfPerson(ctx, region, w.ids[1])
		must(t, err)
		if len(told) != 1 || told[0].EndedOn != day.MustParse("2024-06-01") || told[0].Holds(day.MustParse("2024-06-01")) {
			t.Errorf("ended: %+v", told)
		}
		told, _, err = w.OfPerson(ctx, region, w.ids[0])
		must(t, err)
		if told[0].AsOf != day.MustParse("2024-05-31") || told[0].Confirmed != day.MustParse("2024-06-01") {
			t.Errorf("said %s, confirmed %s", told[0].AsOf, told[0].Confirmed)
		}
		// An older list is refused.
		if _, _, err := w.Import(ctx, clerk, region, "tekun", w.file(listHead), day.MustParse("2024-05-30"), ImportOptions{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("an older list: %v", err)
		}
		// A file without a head leaves its reason.
		id, _, err = w.Import(ctx, clerk, region, "tekun", w.file("甲,乙", "1,2"), day.MustParse("2024-06-02"), ImportOptions{})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("no head: %v", err)
		}
		b, err := w.Batch(ctx, region, id)
		must(t, err)
		if b.State() != "failed" || !strings.Contains(b.Say, "没有认出表头") {
			t.Errorf("batch: %+v", b)
		}
		if told, _, _ := w.OfPerson(ctx, region, w.ids[0]); told[0].EndedOn != 0 {
			t.Error("a file that cannot be read ended facts")
		}
	})
}

func TestDeathsStaysAndRejects(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		w := open(t, d)
		_, r := w.bring("deceased", "2024-06-01", "姓名,身份证号,死亡日期",
			"王桂兰,"+number(0)+",2024-05-20", "李秀英,"+number(1)+",2024-07-01", "张玉珍,"+number(2)+",")
		wantFigures(t, r, "rows 3 matched 1 doubtful 0 unmatched 0 rejected 2; new 1 changed 0 same 0 ended 0")
		if w.person(0).Deceased != day.MustParse("2024-05-20") || w.person(1).Deceased != 0 {
			t.Error("deceased mark")
		}
		if r.Problems[0].Column != "死亡日期" || !strings.Contains(r.Problems[0].Reason, "今天之后") || r.Rejects == "" {
			t.Errorf("%+v", r.Problems)
		}
		lines := []string{"姓名,身份证号,入院日期,出院日期,医院", "李秀英," + number(1) + ",2024-04-02,2024-04-12,市一院", "李秀英," + number(1) + ",2024-05-30,,市二院"}
		_, r = w.bring("hospital", "2024-06-01", lines...)
		wantFigures(t, r, "rows 2 matched 2 doubtful 0 unmatched 0 rejected 0; new 2 changed 0 same 0 ended 0")
		if s := w.person(1).Stays; len(s) != 2 || s[1].Until != 0 {
			t.Errorf("stays: %+v", s)
		}
		lines[2] = "李秀英," + number(1) + ",2024-05-30,2024-06-02,市二院" // has come home
		_, r = w.bring("hospital", "2024-06-02", lines...)
		wantFigures(t, r, "rows 2 matched 2 doubtful 0 unmatched 0 rejected 0; new 0 changed 1 same 1 ended 0")
		if s := w.person(1).Stays; len(s) != 2 || s[1].Until != day.MustParse("2024-06-02") {
			t.Errorf("stays: %+v", s)
		}
		// The bill asks for the same days: from admission to the day before discharge.
		if err := d.Read(context.Background(), func(tx *db.Tx) error {
			days, err := benefit.HospitalDays(tx, region, w.ids[1], day.MustParse("2024-05-01"), day.MustParse("2024-06-30"))
			if fmt.Sprint(days) != "[2024-05-30 2024-05-31 2024-06-01]" {
				t.Errorf("days in hospital: %v", days)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestRecordsStandSideBySide(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		w := open(t, d)
		ctx := context.Background()
		w.bring("assess-civil", "2024-06-01", "姓名,身份证号,评估日期,有效期至,评估结果,报告编号,评估机构", "王桂兰,"+number(0)+",2024-03-01,2025-02-28,重度失能,MZ-12,海州区评估中心")
		err := w.Record(ctx, clerk, region, w.ids[0], "k1", Fact{Source: "assess-disabled", Value: "二级", Since: day.MustParse("2021-07-01"), Document: "残疾证 12 号"})
		must(t, err)
		if err := w.Record(ctx, clerk, region, w.ids[0], "k2", Fact{Source: "tekun", Value: "二级", Since: day.MustParse("2021-07-01"), Document: "x"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a register that gives no assessment: %v", err)
		}
		_, list, err := w.OfPerson(ctx, region, w.ids[0])
		must(t, err)
		if len(list) != 2 || list[0].Department != "民政" || list[0].Value != "重度失能" || list[1].Department != "残联" || list[1].Value != "二级" ||
			list[0].Use.Use != "shorten" || list[1].Use.Use != "reference" {
			t.Errorf("%+v", list)
		}
	})
}

func TestSubsidiesAreReadFromRegisters(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		w := open(t, d)
		ask := func(i int, declared ...string) (out DoubleOutcome) {
			must(t, d.Read(context.Background(), func(tx *db.Tx) error {
				v, err := w.Packs.At(region, tx.Today())
				if err == nil {
					out, _, err = w.Double(tx, v, region, w.ids[i], declared)
				}
				return err
			}))
			return out
		}
		if x := ask(0, "work_injury"); fmt.Sprint(x.Payers) != "[工伤保险生活护理费]" || x.Source != "declared" {
			t.Errorf("declared: %+v", x)
		}
		w.bring("subsidy-injury", "2024-06-01", "姓名,身份证号,起始日期", "李秀英,"+number(1)+",2023-01-01")
		if x := ask(0, "work_injury"); len(x.Payers) != 0 || fmt.Sprint(x.Differ) != "[工伤保险生活护理费]" {
			t.Errorf("declared, but not on the register: %+v", x)
		}
		if x := ask(1); fmt.Sprint(x.Payers) != "[工伤保险生活护理费]" || x.Source != "both" {
			t.Errorf("on the register, not declared: %+v", x)
		}
		c.Set(c.Now().AddDate(0, 3, 0)) // the list is out of date: the word of the applicant counts again
		if x := ask(0, "work_injury"); len(x.Payers) != 1 || x.Source != "declared" {
			t.Errorf("stale register: %+v", x)
		}
	})
}

func TestBoardAgreesWithLists(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *dbtest.Clock) {
		w := open(t, d)
		ctx := context.Background()
		var lines []string
		for i, n := range names {
			if i != 4 {
				lines = append(lines, row(n, number(i), birth(i)))
			}
		}
		w.bring("tekun", "2024-06-01", append([]string{listHead}, lines...)...)
		must(t, w.Refresh(ctx, clerk, region))
		for _, id := range w.ids[:2] {
			must(t, w.Assign(ctx, clerk, region, id, "k1"+id, "clerk", "刘晓", day.MustParse("2024-06-03"), 0))
		}
		must(t, w.Touch(ctx, clerk, region, w.ids[0], "k2", Contact{Result: "later"}))
		must(t, w.Touch(ctx, clerk, region, w.ids[2], "k3", Contact{Result: "unreached"}))
		one, contacts, err := w.WatchedOne(ctx, region, w.ids[0])
		must(t, err)
		if one.Next != day.MustParse("2024-12-03") || one.FollowerName != "刘晓" || len(contacts) != 1 {
			t.Errorf("%+v %+v", one, contacts)
		}
		if x, _, _ := w.WatchedOne(ctx, region, w.ids[2]); x.Next != day.MustParse("2024-06-10") {
			t.Errorf("not reached, again on %s", x.Next)
		}
		check := func(want string) {
			t.Helper()
			rows, err := w.Board(ctx, region)
			must(t, err)
			var sum BoardRow
			for _, b := range rows {
				sum = sum.Add(b)
				for which, n := range map[string]int64{"all": b.All, "should": b.Should, "assessed": b.Assessed, "enjoying": b.Enjoying, "untouched": b.Untouched, Due: b.Due, "overdue": b.Overdue, "nobody": b.Nobody} {
					list, _, err := w.Watching(ctx, region, WatchFilter{District: b.District, Which: which}, 100)
					must(t, err)
					if int64(len(list)) != n {
						t.Errorf("%s %s: the board says %d, the list has %d", b.District, which, n, len(list))
					}
				}
			}
			if got := fmt.Sprintf("all %d should %d untouched %d overdue %d nobody %d", sum.All, sum.Should, sum.Untouched, sum.Overdue, sum.Nobody); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		check("all 5 should 5 untouched 3 overdue 1 nobody 3")
		// Pages of the list hold everybody once.
		seen := map[string]bool{}
		for f := (WatchFilter{Which: "all"}); ; {
			list, _, err := w.Watching(ctx, region, f, 2)
			must(t, err)
			if len(list) == 0 {
				break
			}
			for _, x := range list {
				seen[x.Person] = true
			}
			f.After = list[len(list)-1].Person
		}
		if len(seen) != 5 {
			t.Errorf("the pages hold %d", len(seen))
		}
		// Who dies or leaves the groups leaves the list; the contacts stay with who stays.
		w.bring("deceased", "2024-06-02", "姓名,身份证号,死亡日期", "李秀英,"+number(1)+",2024-05-20")
		w.bring("tekun", "2024-06-02", append([]string{listHead}, lines[:3]...)...)
		must(t, w.Refresh(ctx, clerk, region))
		check("all 2 should 2 untouched 0 overdue 0 nobody 1")
	})
}
