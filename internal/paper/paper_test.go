package paper

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"testing"

	"yinling/internal/day"
	"yinling/internal/fault"
)

func codes(key string) Codes {
	return Codes{func(text string) string {
		h := hmac.New(sha256.New, []byte(key))
		h.Write([]byte(text))
		return string(h.Sum(nil))
	}}
}

func TestCodeNamesItsPaperAndNobodyElseMakesOne(t *testing.T) {
	t.Parallel()
	c := codes("k")
	for _, s := range []Sheet{
		{Kind: Accepted, Region: "320700", Object: "SL2406030000A1", On: day.MustParse("2024-06-03")},
		{Kind: Payment, Region: "320700", Object: "01k2x/2024-06", On: day.MustParse("2024-07-09")},
		{Kind: Monthly, Region: "320700", Object: "ltci/2024-06", On: day.MustParse("2024-06-30")},
	} {
		code := c.Of(s)
		r, err := c.Read(" " + strings.ToLower(code[:1]) + code[1:] + " ")
		if err != nil || r != (Ref{s.Kind, s.Region, s.Object, s.On}) {
			t.Errorf("%s: %+v, %v", code, r, err)
		}
		if strings.Contains(code, "/") {
			t.Errorf("%s is no part of an address", code)
		}
		for i := range code { // every single changed letter
			to := "7"
			if code[i] == '7' {
				to = "8"
			}
			bad := code[:i] + to + code[i+1:]
			if _, err := c.Read(bad); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s passes for %s: %v", bad, code, err)
			}
		}
		if _, err := codes("another").Read(code); !fault.Is(err, fault.NotFound) {
			t.Errorf("another key: %v", err)
		}
	}
	for _, bad := range []string{"", "-", "S320700", "S320700-X-20240603-", "----", "Z320700-X-20240603-AAAAAAAAAAAA", "S320700-X-20241303-AAAAAAAAAAAA", strings.Repeat("S", 500)} {
		if _, err := c.Read(bad); !fault.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if code := c.Of(Sheet{Kind: Bill, Region: "320700", Object: "x", On: 1, Draft: "还没有结算"}); code != "" {
		t.Errorf("a draft has the code %s", code)
	}
}

func FuzzRead(f *testing.F) {
	c := codes("k")
	f.Add(c.Of(Sheet{Kind: Accepted, Region: "320700", Object: "SL2406030000A1", On: day.MustParse("2024-06-03")}))
	f.Add("S320700-X-20240603-AAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := c.Read(s)
		if err == nil && c.Of(Sheet{Kind: r.Kind, Region: r.Region, Object: r.Object, On: r.On}) == "" {
			t.Errorf("%q is read and cannot be made", s)
		}
	})
}
