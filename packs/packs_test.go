package packs_test

import (
	"strings"
	"testing"

	"yinling/internal/policy"

	// Every domain whose rules read packs.
	_ "yinling/internal/assess"
	_ "yinling/internal/benefit"
	_ "yinling/internal/care"
	_ "yinling/internal/claim"
	_ "yinling/internal/desk"
	_ "yinling/internal/door"
	_ "yinling/internal/fund"
	_ "yinling/internal/hall"
	_ "yinling/internal/institution"
	_ "yinling/internal/measure"
	_ "yinling/internal/outreach"
	_ "yinling/internal/person"
	_ "yinling/internal/share"
)

// Every worked example of every region comes out, and every rule has one.
func TestCases(t *testing.T) {
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	had := map[string]bool{}
	for _, p := range set.Packs {
		cases, err := p.Cases()
		if err != nil {
			t.Error(err)
			continue
		}
		given, refused, edge := 0, 0, 0
		for _, c := range cases {
			had[c.Rule] = true
			if say := c.Run(set, p.Region); say != "" {
				t.Errorf("%s:%d: %s: %s", c.File, c.Line, c.Name, say)
			}
			switch {
			case c.Refused != "":
				refused++
			default:
				given++
			}
			if strings.HasPrefix(c.Name, "边界") {
				edge++
			}
		}
		if given == 0 || refused == 0 || edge == 0 {
			t.Errorf("%s: %d granted, %d refused, %d at an edge; each region needs all three", p.Folder, given, refused, edge)
		}
	}
	for _, r := range policy.Rules() {
		if !had[r.ID] {
			t.Errorf("rule %s has no worked example in any pack", r.ID)
		}
	}
}

// Every file of every pack is read by some rule of the program.
func TestNoFileIsUnread(t *testing.T) {
	set, err := policy.Load("")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{"pack": true}
	for _, k := range policy.Keys() {
		word, _, _ := strings.Cut(k.Name, ".")
		words[word] = true
	}
	for _, p := range set.Packs {
		for _, f := range p.Files() {
			if word, ok := strings.CutSuffix(f, ".yaml"); ok && !strings.Contains(word, "/") && !words[word] {
				t.Errorf("%s/%s: no rule reads this file", p.Folder, f)
			}
		}
	}
}
