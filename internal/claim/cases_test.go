package claim

import (
	"strings"
	"testing"
)

// Every shipped case of the rules that this package and package benefit hold.
func TestShippedCases(t *testing.T) {
	t.Parallel()
	set := packs(t)
	ran := map[string]int{}
	for _, p := range set.Packs {
		cases, err := p.Cases()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			if !strings.HasPrefix(c.Rule, "claim.") && !strings.HasPrefix(c.Rule, "benefit.") {
				continue
			}
			ran[p.Region]++
			if wrong := c.Run(set, p.Region); wrong != "" {
				t.Errorf("%s:%d %s: %s", c.File, c.Line, c.Name, wrong)
			}
		}
	}
	for _, region := range []string{"000000", "320700", "350100", "370481", "330328", "331000"} {
		if ran[region] < 3 {
			t.Errorf("%s: only %d cases", region, ran[region])
		}
	}
}
