package app

import (
	"strings"
	"testing"
	"unicode/utf8"

	"yinling/internal/sms"
)

// TestEverySMSIsOneMessage renders every text that the program can send, with
// the longest values and the longest signature: one message each, no links, who,
// and where to ask.
func TestEverySMSIsOneMessage(t *testing.T) {
	t.Parallel()
	all := sms.All()
	want := []string{"access.code", "access.helped", "assess.accepted", "assess.decided", "assess.missing", "assess.refused", "assess.visit", "claim.settled"}
	have := map[string]bool{}
	for _, x := range all {
		have[x.ID] = true
		text := sms.Sign(strings.Repeat("示", sms.MaxSign), x.Longest())
		if n := utf8.RuneCountInString(text); n > sms.Limit {
			t.Errorf("%s has %d characters: %s", x.ID, n, text)
		}
		if !strings.HasPrefix(text, "【") || strings.Contains(text, "http") || strings.Contains(text, "www") {
			t.Errorf("%s: %s", x.ID, text)
		}
		if !strings.Contains(text, "12393") {
			t.Errorf("%s does not say where to ask: %s", x.ID, text)
		}
		places := strings.Join(x.Places(), " ")
		if x.ID != "access.code" && !strings.Contains(places, "name") {
			t.Errorf("%s does not say who: %s", x.ID, text)
		}
		for _, never := range []string{"逾期", "予以", "无效", "非法", "请您知悉", "提交失败"} {
			if strings.Contains(text, never) {
				t.Errorf("%s says %s: %s", x.ID, never, text)
			}
		}
		t.Logf("%2d %s", utf8.RuneCountInString(text), text)
	}
	for _, id := range want {
		if !have[id] {
			t.Errorf("no text %s", id)
		}
	}
}
