package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cmd runs a command as main does and reads its JSON.
func cmd(t *testing.T, stdin string, args ...string) (code int, out map[string]any, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(stdin), &stdout, &stderr)
	if stdout.Len() > 0 {
		if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
			t.Fatalf("%v: stdout is no JSON object: %v\n%s", args, err, stdout.String())
		}
	}
	return code, out, stderr.String()
}

func dig(v any, path ...string) any {
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

const allFit = `{"scores":{"adl.feeding":10,"adl.dressing":10,"adl.grooming":5,"adl.bowels":10,"adl.bladder":10,"adl.toilet":10,"adl.walking":15,"adl.transfer":15,"adl.stairs":10,"adl.bathing":5,"cog.time":4,"cog.people":4,"cog.place":4,"cog.memory":4,"per.vision":4,"per.hearing":4,"per.communication":4}}`

func TestRuleEval(t *testing.T) {
	eval := func(stdin, rule, region, on, in string) (int, map[string]any) {
		code, out, _ := cmd(t, stdin, "rule", "eval", rule, "--region", region, "--on", on, "--in", in)
		return code, out
	}
	code, out := eval("", "assess.level", "320700", "2024-06-30", allFit)
	if code != 0 || dig(out, "out", "level") != 0.0 || dig(out, "out", "adl", "total") != 100.0 || len(dig(out, "pack", "hash").(string)) != 64 || len(out["explain"].([]any)) < 4 {
		t.Errorf("level: %d %v", code, out)
	}
	for _, k := range []string{"rule", "region", "on", "pack", "out", "explain"} {
		if out[k] == nil {
			t.Errorf("the answer has no %s", k)
		}
	}
	// from standard input, and from a file
	if code, _ := eval(allFit, "assess.level", "320700", "2024-06-30", "-"); code != 0 {
		t.Errorf("standard input: exit %d", code)
	}
	file := filepath.Join(t.TempDir(), "in.json")
	if err := os.WriteFile(file, []byte(allFit), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _ := eval("", "assess.level", "320700", "2024-06-30", "@"+file); code != 0 {
		t.Errorf("file: exit %d", code)
	}
	// bad input: exit 2 and the field
	for field, args := range map[string][4]string{
		"scores.adl.feeding": {"assess.level", "320700", "2024-06-30", strings.Replace(allFit, `"adl.feeding":10`, `"adl.feeding":7`, 1)},
		"scores.cog.time":    {"assess.level", "320700", "2024-06-30", strings.Replace(allFit, `"cog.time":4,`, ``, 1)},
		"region":             {"assess.level", "990100", "2024-06-30", allFit},
		"on":                 {"assess.level", "320700", "2024-02-30", allFit},
		"rule":               {"assess.levle", "320700", "2024-06-30", allFit},
		"in":                 {"assess.level", "320700", "2024-06-30", `{`},
	} {
		code, out := eval("", args[0], args[1], args[2], args[3])
		if code != 2 || dig(out, "error", "field") != field || dig(out, "error", "say") == "" {
			t.Errorf("%s: exit %d, %v", field, code, out)
		}
	}
	// refused: exit 3 and the clause
	code, out = eval("", "assess.apply", "320700", "2024-06-30", `{"covered":false,"paid_months":9,"disabled_months":9,"months_since_level":-1,"selfscreen_ok":true}`)
	if code != 3 || dig(out, "refused", "clause", "article") != "第二十条" || dig(out, "refused", "say") == "" {
		t.Errorf("refusal: exit %d, %v", code, out)
	}
	// a day that the pack does not cover
	if code, out = eval("", "assess.level", "320700", "2023-12-31", allFit); code != 3 || dig(out, "refused", "say") == "" {
		t.Errorf("before the pack: exit %d, %v", code, out)
	}
}

func TestPackCommands(t *testing.T) {
	if code, out, _ := cmd(t, "", "pack", "check"); code != 0 || len(out["packs"].([]any)) != 8 {
		t.Errorf("check: %d %v", code, out)
	}
	if code, out, _ := cmd(t, "", "pack", "test"); code != 0 || out["ran"].(float64) < 100 {
		t.Errorf("test: %d %v", code, out)
	}
	if code, out, _ := cmd(t, "", "pack", "show", "320700", "assess.notice_days", "--on", "2024-06-30"); code != 0 ||
		dig(out["values"].([]any)[0], "clause", "grade") != "assumed" {
		t.Errorf("show: %d %v", code, out)
	}
	if code, out, _ := cmd(t, "", "pack", "show", "320700", "no.such", "--on", "2024-06-30"); code != 2 || dig(out, "error", "field") != "key" {
		t.Errorf("show of nothing: %d %v", code, out)
	}
	if code, out, _ := cmd(t, "", "pack", "diff", "000000", "320700", "--on", "2024-06-30"); code != 0 || len(out["diff"].([]any)) == 0 {
		t.Errorf("diff: %d %v", code, out)
	}
	if code, out, _ := cmd(t, "", "rule", "show", "assess.notice", "--region", "320700", "--on", "2024-06-30"); code != 0 || len(out["keys"].([]any)) != 1 {
		t.Errorf("rule show: %d %v", code, out)
	}
	if code, out, _ := cmd(t, "", "rule", "list"); code != 0 || len(out["rules"].([]any)) < 15 {
		t.Errorf("rule list: %d %v", code, out)
	}
}

// A broken folder is bad input: exit 2, with the place and a caret.
func TestPackCheckOfBrokenFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "990100-x")
	if err := os.MkdirAll(filepath.Join(dir, "cases"), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("pack.yaml", "region: \"990100\"\nname: 甲市\nparent: \"000000\"\nversion: \"1\"\nvalid: {from: \"2024-01-01\", to: \"2027-12-31\"}\ndocuments:\n  - {id: d, title: 办法, no: 甲〔2024〕1号, issuer: 甲局, issued: \"2024-01-01\"}\n")
	write("assess.yaml", "assess.notice_days:\n  - {value: 7, from: 2024-01-01, clause: {doc: d, article: 第一条}, grade: A}\n")
	code, out, said := cmd(t, "", "pack", "check", dir)
	if code != 2 || dig(out, "error", "field") != "packs" || !strings.Contains(said, "assess.yaml:2:22") || !strings.Contains(said, "^") {
		t.Errorf("broken: exit %d, %v\n%s", code, out, said)
	}
	write("assess.yaml", "assess.notice_days:\n  - {value: 7, from: \"2024-01-01\", clause: {doc: d, article: 第一条}, grade: A}\n")
	write("cases/a.yaml", "- {name: 七天, on: \"2024-06-30\", rule: assess.notice, in: {from: \"2024-07-01\"}, out: {to: \"2024-07-07\"}}\n")
	if code, out, _ := cmd(t, "", "pack", "check", dir); code != 0 || len(out["packs"].([]any)) != 1 {
		t.Errorf("mended: exit %d, %v", code, out)
	}
	if code, out, _ := cmd(t, "", "pack", "test", "990100", "--packs", dir); code != 0 || out["ran"] != 1.0 {
		t.Errorf("its case: exit %d, %v", code, out)
	}
	write("cases/a.yaml", "- {name: 八天, on: \"2024-06-30\", rule: assess.notice, in: {from: \"2024-07-01\"}, out: {to: \"2024-07-08\"}}\n")
	if code, out, said := cmd(t, "", "pack", "test", "990100", "--packs", dir); code != 2 || !strings.Contains(said, "2024-07-08") {
		t.Errorf("wrong case: exit %d, %v, %s", code, out, said)
	}
	if code, out, _ := cmd(t, "", "pack", "check", dir+"-none"); code != 2 || dig(out, "error", "field") != "packs" {
		t.Errorf("no folder: exit %d, %v", code, out)
	}
}

// A city with its own combination table, names of levels that run the other
// way, a lower threshold of the self-screen, years of contribution and a start
// after working days.
func TestPackOfOtherScores(t *testing.T) {
	t.Parallel()
	code, out, said := cmd(t, "", "pack", "test", "990639", "--packs", "../../testdata/packs-scores")
	if code != 0 || out["ran"] != 12.0 || len(out["failed"].([]any)) != 0 {
		t.Errorf("exit %d: %v %s", code, out, said)
	}
}
