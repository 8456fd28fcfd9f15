package policy

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"yinling/internal/day"
	"yinling/internal/fault"
	"yinling/internal/money"
)

var update = flag.Bool("update", false, "write the expected messages anew")

// The keys of the packs under testdata.
type testRow struct {
	Row
	Name  string    `json:"name"`
	Mode  string    `json:"mode" options:"home|family"`
	Price money.Fen `json:"price_fen"`
	When  *testWhen `json:"when,omitempty"`
}

type testWhen struct {
	Levels Many[int64] `json:"levels,omitempty"`
}

func (r *testRow) Check() error {
	if r.Price < 0 {
		return errors.New("price_fen 不能小于 0")
	}
	return nil
}

type testFacts struct {
	Age     int64    `json:"age"`
	Covered bool     `json:"covered"`
	Groups  []string `json:"groups"`
	City    string   `json:"city"`
	Birth   day.Day  `json:"birth"`
}

var (
	testWait   = Int("test.wait_days", "等待期", "天")
	testRatio  = Percent("test.ratio_percent", "支付比例")
	testPrice  = Fen("test.price_fen", "单价").Optional()
	testStrict = Bool("test.strict", "从严").Optional()
	testTitle  = Text("test.title", "标题").Optional()
	testNames  = Texts("test.names", "名单").Optional()
	testLevels = Ints("test.levels", "等级").Optional()
	testMethod = Choice("test.method", "办法", "first", "second").Optional()
	testRows   = Rows[testRow]("test.rows", "价目").Optional()
	testConds  = NewConditions[testFacts]("test.conditions", "条件").Optional()
)

func good(t testing.TB) []folder {
	t.Helper()
	f, err := readFolders(os.DirFS("testdata/good"), ".", "good")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const plainPack = "region: \"990100\"\nname: 甲市\nparent: \"000000\"\nversion: \"1\"\nvalid: {from: \"2020-01-01\", to: \"2030-12-31\"}\ndocuments: []\n"

// overlayOf makes folders out of an archive; 990100-x gets a plain pack.yaml
// where the archive has none.
func overlayOf(a *txtar.Archive) []folder {
	var out []folder
	add := func(name, text string) {
		dir, sub, _ := strings.Cut(name, "/")
		if len(out) == 0 || out[len(out)-1].name != dir {
			out = append(out, folder{name: dir})
		}
		last := &out[len(out)-1]
		if strings.HasPrefix(sub, "cases/") {
			last.cases = append(last.cases, newFile(name, sub, text))
		} else {
			last.files = append(last.files, newFile(name, sub, text))
		}
	}
	has := false
	for _, f := range a.Files {
		if strings.HasSuffix(f.Name, "/pack.yaml") {
			has = true
		}
	}
	if !has {
		add("990100-x/pack.yaml", plainPack)
	}
	for _, f := range a.Files {
		if text := string(f.Data); f.Name != "want" && text != "REMOVE\n" {
			add(f.Name, strings.TrimSuffix(text, "\n"))
		}
	}
	return out
}

func buildWith(t testing.TB, overlay []folder) (*Set, string) {
	t.Helper()
	l := &loader{}
	set := l.build(good(t), overlay)
	if len(l.problems) > 0 {
		return nil, l.err().(*fault.Error).Say
	}
	return set, ""
}

// TestBroken holds one fault a file; each must be found, with its place and the
// way out, and nothing else must be reported.
func TestBroken(t *testing.T) {
	files, _ := filepath.Glob("testdata/broken/*.txtar")
	if len(files) < 70 {
		t.Fatalf("only %d broken packs", len(files))
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, got := buildWith(t, overlayOf(a))
			if got == "" {
				t.Fatal("the fault was not found")
			}
			want := ""
			for i, f := range a.Files {
				if f.Name == "want" {
					want = string(f.Data)
					if *update {
						a.Files = a.Files[:i]
					}
				}
			}
			if *update {
				a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(got + "\n")})
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got+"\n" != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if !strings.Contains(got, " 1 处要改") {
				t.Errorf("one fault, several messages:\n%s", got)
			}
		})
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, got := buildWith(t, overlayOf(txtar.Parse([]byte("-- 990100-x/test.yaml --\ntest.wait_days:\n  - {value: x, from: 2024-01-01, clause: {doc: no, article: 一}, grade: Z}\n"))))
	if !strings.Contains(got, " 4 处要改") {
		t.Errorf("want all four faults, got\n%s", got)
	}
}

func TestMissingKeyIsNamed(t *testing.T) {
	l := &loader{}
	base := good(t)
	for i, f := range base[0].files {
		if f.path == "test.yaml" {
			base[0].files[i] = newFile(f.name, f.path, strings.SplitAfter(f.text, "test.ratio_percent")[0][:strings.Index(f.text, "test.ratio_percent")])
		}
	}
	l.build(base, nil)
	if len(l.problems) != 1 || !strings.Contains(l.problems[0].Say, "test.ratio_percent") || !strings.HasPrefix(l.problems[0].File, "internal/policy/load_test.go") {
		t.Errorf("got %v", l.problems)
	}
}

func TestValuesByDayAndRegion(t *testing.T) {
	city := `-- 990100-x/test.yaml --
test.wait_days:
  - {value: 20, from: "2023-06-01", to: "2024-06-30", clause: {doc: base, article: 九}, grade: A}
test.price_fen:
  - {value: 6500, from: "2024-01-01", clause: {doc: base, article: 九}, grade: C}
test.levels:
  - {value: [3, 4], from: "2024-01-01", clause: {doc: base, article: 九}, grade: C}
test.names:
  - {value: [甲, 乙], from: "2024-01-01", clause: {doc: base, article: 九}, grade: C}
test.title:
  - {value: "012", from: "2024-01-01", clause: {doc: base, article: 九}, grade: C}
test.method:
  - {value: second, from: "2024-01-01", clause: {doc: base, article: 九}, grade: C}
test.strict:
  - {value: true, from: "2024-01-01", clause: {doc: base, article: 九}, grade: C}
test.rows:
  - from: "2024-01-01"
    clause: {doc: base, article: 九}
    grade: C
    value:
      - {name: 一, mode: home, price_fen: 100, when: {levels: 3}}
      - {name: 二, mode: family, price_fen: 200, when: {levels: [4, 5]}, clause: {doc: base, article: 十}, grade: R, open: 读作每次}
`
	set, say := buildWith(t, overlayOf(txtar.Parse([]byte(city))))
	if say != "" {
		t.Fatal(say)
	}
	wait := func(region, on string) int64 {
		v, err := set.At(region, day.MustParse(on))
		if err != nil {
			t.Fatal(err)
		}
		return testWait.In(v)
	}
	for _, c := range []struct {
		region, on string
		want       int64
	}{
		{"000000", "2023-12-31", 10}, {"000000", "2024-01-01", 12},
		{"990100", "2023-05-31", 10}, {"990100", "2023-06-01", 20}, {"990100", "2024-06-30", 20}, {"990100", "2024-07-01", 12},
	} {
		if got := wait(c.region, c.on); got != c.want {
			t.Errorf("%s on %s: %d days, want %d", c.region, c.on, got, c.want)
		}
	}
	v, _ := set.At("990100", day.MustParse("2024-06-30"))
	if got := testRatio.In(v); got != 825000 {
		t.Errorf("82.5 %% is %d ppm", got)
	}
	if p, _ := testPrice.Get(v); p != 6500 {
		t.Errorf("price %d", p)
	}
	rows := testRows.In(v)
	if !rows[0].When.Levels.Has(3) || rows[0].When.Levels.Has(4) || !rows[1].When.Levels.Has(5) {
		t.Errorf("levels %v %v", rows[0].When, rows[1].When)
	}
	v.Cite(&rows[1], "第二行：%s", rows[1].Price.Yuan())
	v.Cite(testMethod, "办法")
	x := v.Steps()
	if got := x[0].Say(); got != "支付比例：82.5%（示例值，未见官方文件）" {
		t.Errorf("say %q", got)
	}
	last := x[2]
	if last.Say() != "第二行：2.00 元（凭记忆录入，待核对原文）" || last.Clause().Article != "十" || last.Clause().Reading != "读作每次" ||
		string(last.Value()) != `{"name":"二","mode":"family","price_fen":200,"when":{"levels":[4,5]}}` {
		t.Errorf("row step %s %+v %s", last.Say(), last.Clause(), last.Value())
	}
	if s, _ := testTitle.Get(v); s != "012" {
		t.Errorf("title %q", s)
	}
	// What a stored explanation says must come back the same.
	b, _ := x.MarshalJSON()
	var back Explanation
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if again, _ := back.MarshalJSON(); string(again) != string(b) {
		t.Errorf("explanation changed:\n%s\n%s", b, again)
	}
}

func TestValidityAndUnknownRegion(t *testing.T) {
	set, _ := buildWith(t, nil)
	for on, want := range map[string]string{"2019-12-31": "更早的政策包", "2031-01-01": "不能再按它办"} {
		_, err := set.At("000000", day.MustParse(on))
		if !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), want) || fault.As(err).Clause == nil {
			t.Errorf("%s: %v", on, err)
		}
	}
	if _, err := set.At("990100", day.MustParse("2024-01-01")); !fault.Is(err, fault.Invalid) || fault.As(err).Field != "region" {
		t.Errorf("unknown region: %v", err)
	}
	v, _ := set.At("000000", day.MustParse("2024-01-01"))
	if testLevels.In(v); !fault.Is(v.Err(), fault.Refused) || !strings.Contains(v.Err().Error(), "test.levels") {
		t.Errorf("a key that nobody gives: %v", v.Err())
	}
	if d, err := v.Calendar().AddWorkdays(day.MustParse("2024-02-09"), 1); err != nil || d.String() != "2024-02-18" {
		t.Errorf("calendar: %v %v", d, err)
	}
	if _, err := v.Calendar().AddWorkdays(day.MustParse("2024-12-31"), 1); err == nil {
		t.Error("a year without notice must refuse")
	}
}

func TestConditions(t *testing.T) {
	pack := `-- 990100-x/test.yaml --
test.conditions:
  - from: "2024-01-01"
    clause: {doc: base, article: 九}
    grade: B
    value:
      - {id: covered, when: covered, say_no: 没有参保}
      - {id: age, when: age >= 60, say_no: "您 {age} 岁，不满 60 岁", say_yes: "您 {age} 岁", clause: {doc: base, article: 十}}
      - {id: group, when: "size(groups) == 0 || '特困' in groups", say_no: "{groups}不在范围里"}
`
	set, say := buildWith(t, overlayOf(txtar.Parse([]byte(pack))))
	if say != "" {
		t.Fatal(say)
	}
	v, _ := set.At("990100", day.MustParse("2024-06-30"))
	failed, err := testConds.Check(v, testFacts{Age: 59, Covered: true, Groups: []string{"高龄", "重残"}})
	if err != nil || len(failed) != 2 || failed[0].ID != "age" || failed[1].ID != "group" {
		t.Fatalf("failed %v, %v", failed, err)
	}
	var said []string
	for _, s := range v.Steps() {
		said = append(said, s.Say()+"/"+s.Clause().Article)
	}
	want := "符合：covered/九|您 59 岁，不满 60 岁/十|高龄、重残不在范围里/九"
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("said %s\nwant %s", got, want)
	}
	if err := testConds.Refuse(v, failed[0]); fault.As(err).Say != "您 59 岁，不满 60 岁" || fault.As(err).Clause.Article != "十" {
		t.Errorf("refusal %v", err)
	}
}

func TestBundleReplays(t *testing.T) {
	set, _ := buildWith(t, nil)
	v, _ := set.At("000000", day.MustParse("2024-06-30"))
	type in struct {
		Days int64    `json:"days"`
		Tags []string `json:"tags"` // never made: stands as null in what is stored
	}
	type out struct {
		Left int64 `json:"left"`
	}
	r := NewRule("test.wait", 1, "等待期", func(v *View, in in) (out, error) {
		need := testWait.In(v)
		if in.Days < need {
			return out{}, v.Refuse(testWait, "还差 %d 天", need-in.Days)
		}
		v.Say("已等 %d 天", in.Days)
		return out{in.Days - need}, nil
	})
	for _, days := range []int64{5, 20} {
		_, d, err := r.Decide(v, in{Days: days})
		if (days == 5) != fault.Is(err, fault.Refused) {
			t.Fatalf("%d days: %v", days, err)
		}
		i, o, x, err := d.Texts()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Replay(d.Bundle(), d.Region, d.Named(), d.On, i, o, x)
		if err != nil || !again.Same || again.Moved() {
			t.Errorf("replay of %s: %+v, %v", o, again, err)
		}
		changed := strings.Replace(d.Bundle(), "value: 12", "value: 13", 1)
		if r, err := Replay(changed, d.Region, d.Rule, d.On, i, o, x); err != nil || r.Same {
			t.Errorf("a changed pack replays the same (%v)", err)
		}
		if _, err := Replay(d.Bundle()[:len(d.Bundle())-2], d.Region, d.Rule, d.On, i, o, x); err == nil {
			t.Error("a cut bundle is read")
		}
	}
	if other, _ := buildWith(t, overlayOf(txtar.Parse([]byte("-- 990100-x/test.yaml --\n"+"test.price_fen:\n  - {value: 1, from: \"2024-01-01\", clause: {doc: base, article: 一}, grade: A}\n")))); other.Ref("990100").Hash == set.Ref("000000").Hash {
		t.Error("two packs, one hash")
	}
}

func TestStrictJSON(t *testing.T) {
	type line struct {
		Qty  int64     `json:"qty"`
		Tags []string  `json:"tags"`
		On   day.Day   `json:"on"`
		M    money.Fen `json:"price_fen"`
	}
	type claim struct {
		Lines []line           `json:"lines"`
		Used  map[string]int64 `json:"used"`
		OK    bool             `json:"ok"`
		Name  string           `json:"name"`
	}
	for raw, field := range map[string]string{
		`{"lines":[{"qty":1,"tags":["a"],"on":"2024-06-30","price_fen":5}],"used":{"a":1},"ok":true,"name":"x"}`: "",
		`{"lines":[{"qty":"1"}]}`:                  "lines[0].qty",
		`{"lines":[{"qty":1},{"qty":1.5}]}`:        "lines[1].qty",
		`{"lines":[{"Qty":1}]}`:                    "lines[0].Qty",
		`{"lines":[{"on":"2024-02-30"}]}`:          "lines[0].on",
		`{"lines":[{"on":20240630}]}`:              "lines[0].on",
		`{"lines":[{"tags":"a"}]}`:                 "lines[0].tags",
		`{"lines":null}`:                           "lines",
		`{"used":{"a":"1"}}`:                       "used.a",
		`{"ok":"true"}`:                            "ok",
		`{"ok":true,"ok":false}`:                   "ok",
		`{"name":"x"}{}`:                           "in",
		`{"name":"x"`:                              "in",
		`[]`:                                       "in",
		`{"lines":[{"qty":99999999999999999999}]}`: "lines[0].qty",
		``: "in",
	} {
		_, err := decodeStrict[claim]([]byte(raw))
		got := ""
		if err != nil {
			got = fault.As(err).Field
		}
		if got != field {
			t.Errorf("%s: field %q, want %q (%v)", raw, got, field, err)
		}
	}
}

func TestMistakesOfTheProgrammer(t *testing.T) {
	for name, f := range map[string]func(){
		"unit":    func() { Int("test.a_days", "甲", "个月") },
		"no unit": func() { Int("test.b", "乙", "天") },
		"fen":     func() { Fen("test.c", "丙") },
		"percent": func() { Percent("test.d_fen", "丁") },
		"twice":   func() { Int("test.wait_days", "等待期", "天") },
		"form":    func() { Text("Test", "名") },
		"float row": func() {
			Rows[struct {
				Row
				X float64 `json:"x"`
			}]("test.e", "戊")
		},
		"fen row": func() {
			Rows[struct {
				Row
				X money.Fen `json:"x"`
			}]("test.f", "己")
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: not found", name)
				}
			}()
			f()
		}()
	}
}

func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/broken/*.txtar")
	for _, name := range files {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		pack, word := plainPack, ""
		for _, x := range a.Files {
			switch filepath.Base(x.Name) {
			case "pack.yaml":
				pack = string(x.Data)
			case "test.yaml":
				word = string(x.Data)
			}
		}
		f.Add(pack, word)
	}
	base := good(f)
	f.Fuzz(func(t *testing.T, pack, word string) {
		overlay := []folder{{name: "990100-x", files: []*file{newFile("990100-x/pack.yaml", "pack.yaml", pack), newFile("990100-x/test.yaml", "test.yaml", word)}}}
		l := &loader{}
		set := l.build(base, overlay)
		if (set == nil) != (len(l.problems) > 0) {
			t.Fatal("a set and problems, or neither")
		}
		for _, p := range l.problems {
			_ = p.String()
		}
		if set != nil {
			for _, p := range set.Packs {
				if v, err := set.At(p.Region, p.From); err == nil {
					v.Show()
				}
				if set.Ref(p.Region).Hash == "" {
					t.Fatal("no hash")
				}
			}
		}
	})
}
