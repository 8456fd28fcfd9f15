package share

import (
	"testing"

	"yinling/internal/day"
	"yinling/internal/person"
	"yinling/internal/policy"
)

// Every shipped register can be read: it has the columns that its kind needs,
// and no heading stands for two of them.
func TestShippedRegisters(t *testing.T) {
	t.Parallel()
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"000000", "320700"} {
		v, err := set.At(region, day.MustParse("2024-06-03"))
		if err != nil {
			t.Fatal(err)
		}
		list := Sources(v)
		if len(list) < 15 {
			t.Fatalf("%s: %d registers", region, len(list))
		}
		for _, s := range list {
			seen := map[string]string{}
			facts := map[string]bool{}
			for _, c := range s.Columns {
				facts[c.Fact] = true
				for _, n := range c.Names {
					if was := seen[person.Heading(n)]; was != "" {
						t.Errorf("%s: heading %s stands for %s and %s", s.ID, n, was, c.Fact)
					}
					seen[person.Heading(n)] = c.Fact
				}
			}
			for _, need := range []string{"number", "name", "birth", "since"} {
				if !facts[need] {
					t.Errorf("%s has no column for %s", s.ID, need)
				}
			}
			if s.Gives == GivesAssessment && !facts["value"] {
				t.Errorf("%s has no column for the result", s.ID)
			}
		}
	}
}

func TestRecognitionNeedsItsClause(t *testing.T) {
	t.Parallel()
	set, err := policy.Load("testdata/packs")
	if err != nil {
		t.Fatal(err)
	}
	v, err := set.At("990800", day.MustParse("2024-06-03"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ source, on, until, use string }{
		{"assess-civil", "2024-05-01", "", "shorten"},
		{"assess-civil", "2023-06-03", "", "shorten"},             // twelve months to the day
		{"assess-civil", "2023-06-02", "", "reference"},           // too old
		{"assess-civil", "2024-05-01", "2024-06-02", "reference"}, // its own validity is over
		{"assess-health", "2024-05-01", "", "reference"},          // the clause does not name it
	} {
		in := RecognisedFacts{Source: c.source, On: day.MustParse(c.on), Today: day.MustParse("2024-06-03")}
		if c.until != "" {
			in.Until = day.MustParse(c.until)
		}
		out, d, err := RecogniseRule.Decide(v, in)
		if err != nil || out.Use != c.use {
			t.Errorf("%+v: %+v, %v", c, out, err)
		}
		if c.use == "shorten" && d.Explain[len(d.Explain)-1].Clause() == nil {
			t.Errorf("%+v has no clause", c)
		}
	}
}
