package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

func runQuote(t *testing.T, region, in string, more ...string) (code int, out map[string]any) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	args := append([]string{"quote", "--region", region, "--on", "2024-06-30", "--in", "-"}, more...)
	code = run(context.Background(), args, strings.NewReader(in), &stdout, &stderr)
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil {
		t.Fatalf("stdout is not one JSON document: %v\n%s\n%s", err, &stdout, &stderr)
	}
	if stderr.Len() == 0 {
		t.Error("nothing for people on stderr")
	}
	return code, out
}

// The exit codes and the shape of the answer, which other programs rely on.
func TestQuoteCommand(t *testing.T) {
	t.Parallel()
	claim := func(unit, qty, price, kind string) string {
		return `{"scheme":"ltci","person":{"level":3,"coverage":"employee","groups":["重残"],"resident":true},"mode":"institution","month":"2024-06","used":{},
		"lines":[{"id":"a","item":"B01","kind":"` + kind + `","unit":"` + unit + `","qty":"` + qty + `","price_fen":` + price + `,"staff":"nurse","on":"2024-06-03"}]}`
	}
	code, out := runQuote(t, "370481", claim("bed_day", "1", "10000", "living"))
	line := out["lines"].([]any)[0].(map[string]any)
	if code != 0 || line["total_fen"] != 10000.0 || line["fund_fen"].(map[string]any)["ltci"] != 6000.0 || line["person_fen"] != 4000.0 {
		t.Errorf("T10 b: exit %d, %v", code, line)
	}
	if line["refused"] != nil || line["steps"] != nil || len(line["explain"].([]any)) < 3 || out["sum"] == nil || out["region"] != "370481" || out["pack"] == nil {
		t.Errorf("shape: %v", out)
	}
	clauses := 0
	for _, s := range out["explain"].([]any) {
		if c, ok := s.(map[string]any)["clause"].(map[string]any); ok && c["no"] != "" && c["grade"] != "" {
			clauses++
		}
	}
	if clauses < 3 {
		t.Errorf("only %d clauses", clauses)
	}

	code, out = runQuote(t, "370481", claim("bed_day", "-1", "10000", "living"))
	if e, _ := out["error"].(map[string]any); code != 2 || e["field"] != "lines[0].qty" || e["say"] == "" {
		t.Errorf("bad input: exit %d, %v", code, out)
	}
	code, out = runQuote(t, "370481", strings.Replace(claim("bed_day", "1", "10000", "living"), "ltci", "employee", 1))
	if r, _ := out["refused"].(map[string]any); code != 3 || r["clause"] == nil || len(out["lines"].([]any)) != 1 {
		t.Errorf("refused: exit %d, %v", code, out)
	}
	code, out = runQuote(t, "123456", claim("bed_day", "1", "10000", "living"))
	if code != 2 || out["error"].(map[string]any)["field"] != "region" {
		t.Errorf("unknown region: exit %d, %v", code, out)
	}

	// T12 from a pack that is not shipped.
	code, out = runQuote(t, "990600", claim("bed_day", "30", "6000", "living"), "--packs", "../../testdata/packs-nantong")
	if code != 0 || out["sum"].(map[string]any)["fund_fen"].(map[string]any)["ltci"] != 135000.0 {
		t.Errorf("T12 with 重残: exit %d, %v", code, out["sum"])
	}
}

// A claim over a change of the rates is reckoned by one day; the lines of
// another time are named.
func TestQuoteNamesLinesOfAnotherTime(t *testing.T) {
	t.Parallel()
	in := `{"scheme":"ltci","person":{"level":3,"coverage":"employee"},"mode":"home","month":"2024-06","lines":[
		{"id":"early","kind":"living","unit":"hour","qty":"1","price_fen":10000,"on":"2024-06-14"},
		{"id":"late","kind":"living","unit":"hour","qty":"1","price_fen":10000,"on":"2024-06-15"}]}`
	code, out := runQuote(t, "990638", in, "--packs", "../../internal/claim/testdata/packs") // 70 % until the 14th, 80 % from the 15th
	notes, _ := out["notes"].([]any)
	if code != 0 || len(notes) != 1 || !strings.Contains(notes[0].(string), "第 early 行") || !strings.Contains(notes[0].(string), "支付办法") {
		t.Errorf("exit %d, notes %v", code, notes)
	}
	if out["sum"].(map[string]any)["fund_fen"].(map[string]any)["ltci"] != 16000.0 {
		t.Errorf("the day of the quotation decides: %v", out["sum"])
	}
	code, out = runQuote(t, "990638", strings.Replace(in, "2024-06-14", "2024-06-16", 1), "--packs", "../../internal/claim/testdata/packs")
	if code != 0 || out["notes"] != nil {
		t.Errorf("one time: exit %d, notes %v", code, out["notes"])
	}
}
