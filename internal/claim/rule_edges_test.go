package claim

import "testing"

// Packs of invented cities with the shapes that no shipped pack has, each with
// worked examples at its edges: caps exactly used up and one beyond, weeks over
// the end of a month and a year, a level lowered and rates changed in mid-month,
// hospital days, quantities of 0.1, every rounding. What should come out was
// reckoned from the documents before the program was asked. The first comment
// of each cases file says what shape it is about.
func TestEdgesOfCities(t *testing.T) {
	t.Parallel()
	set, ran := overlay(t, "testdata/packs"), 0
	for _, p := range set.Packs {
		if p.Region < "990600" {
			continue // shipped: packs_test.go runs them
		}
		cases, err := p.Cases()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			ran++
			if say := c.Run(set, p.Region); say != "" {
				t.Errorf("%s:%d %s: %s", c.File, c.Line, c.Name, say)
			}
		}
	}
	if ran < 60 {
		t.Errorf("only %d worked examples", ran)
	}
}
