package benefit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinling/internal/policy"
)

const goodTables = `benefit.levels:
  - {value: [{levels: [3, 4]}], from: "2024-01-01", clause: {doc: d, article: 一}, grade: C}
benefit.terms:
  - {value: [{id: h, name: 居家, when: {mode: home}, method: ratio, ratio_percent: 80}], from: "2024-01-01", clause: {doc: d, article: 一}, grade: C}
benefit.prices:
  - {value: [{name: 每小时, when: {unit: hour}, price_fen: 7500}], from: "2024-01-01", clause: {doc: d, article: 一}, grade: C}
benefit.caps:
  - {value: [{id: h, name: 重, when: {unit: hour, level: 4}, per: month, on: qty, max_qty: 30}, {id: h, name: 轻, when: {unit: hour}, per: month, on: qty, max_qty: 20}], from: "2024-01-01", clause: {doc: d, article: 一}, grade: C}
benefit.uplift:
  - {value: [{name: 重残, when: {groups: 重残}, add_percent: 5}], from: "2024-01-01", clause: {doc: d, article: 一}, grade: C}
benefit.bonus:
  - {value: [{id: b, name: 连续, when: {unit: hour, continuous_months_min: 1, continuous_months_max: 6}, per: month, add_qty: 1}], from: "2024-01-01", clause: {doc: d, article: 一}, grade: C}
benefit.combine:
  - {value: [family + home], from: "2024-01-01", clause: {doc: d, article: 一}, grade: C}
`

// Slips that have the right type and would pay wrongly in silence.
func TestTablesThatCannotBeMeant(t *testing.T) {
	t.Parallel()
	check := func(tables string) string {
		dir := t.TempDir()
		pack := "region: \"990100\"\nname: 甲市\nparent: \"000000\"\nversion: \"1\"\nvalid: {from: \"2024-01-01\", to: \"2027-12-31\"}\ndocuments: [{id: d, title: 办法, no: 一号, issuer: 局, issued: \"2023-12-01\"}]\n"
		for name, text := range map[string]string{"pack.yaml": pack, "benefit.yaml": tables} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := policy.Load(dir); err != nil {
			return err.Error()
		}
		return ""
	}
	if got := check(goodTables); got != "" {
		t.Fatalf("the good tables: %s", got)
	}
	for _, tc := range []struct{ old, new, want string }{
		{"ratio_percent: 80", "ratio_percent: 0.8", "0.8%"},
		{"ratio_percent: 80", "ratio_percent: 108", "至多 100"},
		{"price_fen: 7500", "price_fen: 0", "大于 0"},
		{"price_fen: 7500", "price_fen: -1", "大于 0"},
		{"level: 4", "level: 6", "没有 6 级"},
		{"levels: [3, 4]", "levels: [3, 7]", "没有 7 级"},
		{"levels: [3, 4]", "levels: []", "至少写一个等级"},
		{"per: month, on: qty, max_qty: 20", "per: week, on: qty, max_qty: 20", "编号都是 h"},
		{"per: month, on: qty, max_qty: 20", "per: month, on: fund, max_fen: 20", "编号都是 h"},
		{"add_percent: 5", "add_percent: -5", "add_percent"},
		{"add_qty: 1", "add_qty: 0", "add_qty"},
		{"continuous_months_max: 6", "continuous_months_max: 0.5", "整数"},
		{"continuous_months_min: 1", "continuous_months_min: 7", "没有人符合"},
		{"family + home", "亲情+home", "「亲情」"},
		{"family + home", "home", "只有一种方式"},
	} {
		got := check(strings.Replace(goodTables, tc.old, tc.new, 1))
		if !strings.Contains(got, tc.want) || !strings.Contains(got, " 1 处要改") || !strings.Contains(got, "benefit.yaml:") {
			t.Errorf("%s: want one message with «%s», got %q", tc.new, tc.want, got)
		}
	}
}
