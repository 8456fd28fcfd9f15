package sheet

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yinling/internal/fault"
)

// Banks and tax offices write GB18030 as often as UTF-8.
func TestNamed(t *testing.T) {
	t.Parallel()
	const text = "原因,序号,结果\r\n账号不符,2,失败\r\n\r\n,3,成功\r\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"utf-8": text, "with a mark": "\ufeff" + text, "gb18030": gb} {
		var got []string
		err := Named(strings.NewReader(file), "回盘文件", []string{"序号", "结果"}, func(line int, get func(string) string) error {
			got = append(got, fmt.Sprint(line, get("序号"), get("结果"), get("原因"), get("没有")))
			return nil
		})
		if err != nil || strings.Join(got, "|") != fmt.Sprint(2, "2", "失败", "账号不符", "")+"|"+fmt.Sprint(4, "3", "成功", "", "") {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	for file, say := range map[string]string{"": "空的", "序号\n1\n": "没有“结果”这一列", "PK\x03\x04": ""} {
		err := Named(strings.NewReader(file), "回盘文件", []string{"序号", "结果"}, func(int, func(string) string) error { return nil })
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.As(err).Say, say) {
			t.Errorf("%q: %v", file, err)
		}
	}
}
