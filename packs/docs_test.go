package packs_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yinling/internal/day"
	"yinling/internal/policy"
)

var update = flag.Bool("update", false, "write docs/packs.md and docs/map.md anew")

const begin, end = "<!-- keys:begin (由程序生成：go test ./packs -update) -->\n", "<!-- keys:end -->"

// The table of keys in docs/packs.md is made from the keys themselves.
func TestKeyTableIsCurrent(t *testing.T) {
	const name = "../docs/packs.md"
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(raw), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/packs.md has lost the marks of its table")
	}
	current(t, name, string(raw), head+begin+keyTable(t)+end+tail)
}

var line = regexp.MustCompile(`\.go:[0-9]+`)

func current(t *testing.T, name, is, want string) {
	t.Helper()
	if *update && is != want {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	// Lines move with every edit; what a reader must not miss is the rest.
	if line.ReplaceAllString(is, ":n") == line.ReplaceAllString(want, ":n") {
		return
	}
	t.Errorf("%s is not current; run: go test ./packs -update", name)
}

func national(t *testing.T) map[string]bool {
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	v, err := set.At("000000", day.MustParse("2026-06-30"))
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, s := range v.Show() {
		has[s.Key] = true
	}
	return has
}

func keyTable(t *testing.T) string {
	var b strings.Builder
	has := national(t)
	word := ""
	for _, k := range policy.Keys() {
		if w, _, _ := strings.Cut(k.Name, "."); w != word {
			word = w
			fmt.Fprintf(&b, "\n### %s.yaml：%s\n\n| 名称 | 意思 | 类型 | 单位 | 全国 |\n|---|---|---|---|---|\n", word, policy.Words[word])
		}
		kind, state := string(k.Type), "由地区写"
		if len(k.Options) > 0 {
			kind = "`" + strings.Join(k.Options, "`、`") + "` 之一"
		}
		switch {
		case has[k.Name]:
			state = "有"
		case k.Optional:
			state = "可不写"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", k.Name, k.Label, kind, k.Unit, state)
	}
	b.WriteString("\n## 10. 行列表和条件里的名称\n\n行里写 `名称: 值`；「必须」的每行都要写。\n")
	shared := map[reflect.Type]*common{}
	for _, k := range policy.Keys() {
		if k.Type == policy.TRows {
			count(k.Row, k.Name, shared)
		}
	}
	for _, k := range policy.Keys() {
		switch k.Type {
		case policy.TRows:
			fmt.Fprintf(&b, "\n**`%s`** %s\n\n| 名称 | 必须 | 类型 | 意思 |\n|---|---|---|---|\n", k.Name, k.Label)
			fields(&b, k.Row, "", shared, k.Name)
		case policy.TConditions:
			fmt.Fprintf(&b, "\n**`%s`** %s，条件列表；可以用的事实：\n\n| 事实 | 类型 | 意思 |\n|---|---|---|\n", k.Name, k.Label)
			for sf := range k.Row.Fields() {
				name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, typeName(sf), sf.Tag.Get("say"))
			}
		}
	}
	for _, k := range policy.Keys() {
		if k.Type != policy.TRows {
			continue
		}
		for sf := range k.Row.Fields() {
			if c := shared[bare(sf.Type)]; c != nil && len(c.in) > 1 && c.in[0] == k.Name {
				fmt.Fprintf(&b, "\n**`%s`** %s；用在 `%s`\n\n| 名称 | 必须 | 类型 | 意思 |\n|---|---|---|---|\n", c.name, c.say, strings.Join(c.in, "`、`"))
				fields(&b, bare(sf.Type), "", nil, k.Name)
			}
		}
	}
	b.WriteString("\n")
	return b.String()
}

// common is a struct that several tables use; it is described once.
type common struct {
	name, say string
	in        []string
}

func bare(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}

func count(t reflect.Type, key string, shared map[reflect.Type]*common) {
	for sf := range t.Fields() {
		name, _, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if inner := bare(sf.Type); name != "" && inner.Kind() == reflect.Struct && inner.PkgPath() != "yinling/internal/day" {
			if shared[inner] == nil {
				shared[inner] = &common{name: name, say: sf.Tag.Get("say")}
			}
			shared[inner].in = append(shared[inner].in, key)
		}
	}
}

func fields(b *strings.Builder, t reflect.Type, under string, shared map[reflect.Type]*common, key string) {
	for sf := range t.Fields() {
		name, rest, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if name == "" {
			continue
		}
		must := "是"
		if strings.Contains(rest, "omitempty") {
			must = ""
		}
		fmt.Fprintf(b, "| `%s%s` | %s | %s | %s |\n", under, name, must, typeName(sf), sf.Tag.Get("say"))
		inner := bare(sf.Type)
		if c := shared[inner]; inner.Kind() == reflect.Struct && inner.PkgPath() != "yinling/internal/day" && (c == nil || len(c.in) == 1) {
			fields(b, inner, under+name+".", shared, key)
		}
	}
}

func typeName(sf reflect.StructField) string {
	t := sf.Type
	list := ""
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		if t.Kind() == reflect.Slice {
			list = "列表"
			if strings.HasPrefix(t.Name(), "Many") {
				list = "（一个或列表）"
			}
		}
		t = t.Elem()
	}
	if o := sf.Tag.Get("options"); o != "" {
		return "`" + strings.ReplaceAll(o, "|", "`、`") + "`" + list
	}
	switch {
	case t.Name() == "Fen":
		return "金额（分）" + list
	case t.Name() == "PPM":
		return "百分数" + list
	case t.Name() == "Micro":
		return "小数" + list
	case t.Name() == "Day":
		return "日期" + list
	}
	switch t.Kind() {
	case reflect.String:
		return "文字" + list
	case reflect.Bool:
		return "是否" + list
	case reflect.Int64, reflect.Int:
		return "整数" + list
	case reflect.Map:
		return "名称: 值"
	}
	return "内容见下" + list
}

// docs/map.md joins every rule with its name, place, keys, clauses and examples.
func TestMapIsCurrent(t *testing.T) {
	const name = "../docs/map.md"
	raw, _ := os.ReadFile(name)
	current(t, name, string(raw), ruleMap(t))
}

func ruleMap(t *testing.T) string {
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	clauses := map[string][]string{}
	for _, p := range set.Packs {
		for _, on := range []string{"2024-06-30", "2026-06-30"} {
			v, err := set.At(p.Region, day.MustParse(on))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range v.Show() {
				c := fmt.Sprintf("%s %s（%s）", s.Clause.No, s.Clause.Article, s.Clause.Grade)
				if s.Region == p.Region && !slices.Contains(clauses[s.Key], c) {
					clauses[s.Key] = append(clauses[s.Key], c)
				}
			}
		}
	}
	reads, err := set.Reads()
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]map[string]int{}
	for _, p := range set.Packs {
		all, err := p.Cases()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range all {
			if cases[c.Rule] == nil {
				cases[c.Rule] = map[string]int{}
			}
			cases[c.Rule][p.Region]++
		}
	}
	var b strings.Builder
	b.WriteString("# 规则地图\n\n每条规则：叫什么、在哪里、读哪些值、依据什么条款、有哪些算例。由程序生成：`go test ./packs -update`。\n读哪些值，看规则所在文件里声明的，和算例的依据里出现的。\n")
	word := ""
	for _, r := range policy.Rules() {
		if w, _, _ := strings.Cut(r.ID, "."); w != word {
			word = w
			fmt.Fprintf(&b, "\n## %s %s\n", word, policy.Words[word])
		}
		fmt.Fprintf(&b, "\n### %s `%s`\n\n%s:%d · 算例：", r.Label, r.ID, r.File, r.Line)
		regions := make([]string, 0)
		for region, n := range cases[r.ID] {
			regions = append(regions, fmt.Sprintf("%s %d 个", region, n))
		}
		slices.Sort(regions)
		b.WriteString(strings.Join(regions, "、") + "\n")
		if keys := reads[r.ID]; len(keys) > 0 {
			b.WriteString("\n| 值 | 名称 | 条款（等级） |\n|---|---|---|\n")
			for _, k := range keys {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.Name, k.Label, strings.Join(clauses[k.Name], "；"))
			}
		}
	}
	return b.String()
}

// The worked example of docs/packs.md is a pack: it loads, and its own cases
// come out.
func TestWorkedExample(t *testing.T) {
	raw, err := os.ReadFile("../docs/packs.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(raw), "## 2. 从头到尾做一遍")
	section, _, ok2 := strings.Cut(section, "## 3.")
	blocks := strings.Split(section, "```yaml\n")
	files := []string{"pack.yaml", "assess.yaml", "benefit.yaml", "cases/jia.yaml"}
	if !ok || !ok2 || len(blocks) != len(files)+1 {
		t.Fatalf("section 2 has %d blocks of YAML, want %d", len(blocks)-1, len(files))
	}
	dir := filepath.Join(t.TempDir(), "990100-jia")
	if err := os.MkdirAll(filepath.Join(dir, "cases"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i, name := range files {
		text, _, _ := strings.Cut(blocks[i+1], "```")
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, where := range []string{dir, filepath.Dir(dir)} { // the folder itself, or a folder of folders
		set, err := policy.Load(where)
		if err != nil {
			t.Fatal(err)
		}
		cases, err := set.Pack("990100").Cases()
		if err != nil || len(cases) != 3 {
			t.Fatalf("%d cases, %v", len(cases), err)
		}
		for _, c := range cases {
			if say := c.Run(set, "990100"); say != "" {
				t.Errorf("%s: %s", c.Name, say)
			}
		}
	}
}
