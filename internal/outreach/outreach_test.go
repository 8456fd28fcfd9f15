package outreach

import "testing"

func TestMaskNameHidesTheMiddle(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"陈德福": "陈*福", "李娜": "李*", "欧阳晓燕": "欧**燕", "王": "*", "": "", " 陈丽 ": "陈*",
		"阿依古丽·买买提": "阿***·***", "玛·丽": "玛·*"} {
		if got := MaskName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
