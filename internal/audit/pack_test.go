package audit

import (
	"fmt"
	"strings"
	"testing"
)

func sample() string {
	var b strings.Builder
	for i := range 30 {
		fmt.Fprintf(&b, `{"say":"居家护理：%d.00 元 × 80%% = 10.40 元（示例值，未见官方文件）","key":"benefit.terms","value":{"id":"home","ratio_percent":80},"clause":{"doc":"示例值（当地实施细则未公布）","no":"无文号","article":"支付办法","grade":"assumed","issuer":"本系统示例","issued":"2024-01-01","reading":"居家护理、亲情护理、机构护理三种方式见公开材料二；比例和定额是示例值，细则未公布"}},`, i)
	}
	return b.String()
}

func TestPack(t *testing.T) {
	nested := strings.Repeat(`,{"say":"x","key":"a","value":[1,{"say":"y","key":"z"}]}`, 40)
	for _, s := range []string{"", "[]", strings.Repeat("x", 5000), strings.Repeat("银龄\t\n", 5000), sample(), nested, nested + step, nested + cites} {
		if got, err := unpack(pack(s)); err != nil || got != s {
			t.Errorf("%d bytes do not come back: %v", len(s), err)
		}
	}
	if long := pack(sample()); len(long) > len(sample())/3 {
		t.Errorf("%d bytes became %d", len(sample()), len(long))
	}
	if _, err := unpack("steps:a\t7"); err == nil {
		t.Error("a citation of nothing unpacked")
	}
}

func BenchmarkPack(b *testing.B) {
	s := sample()
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		pack(s)
	}
}
