package packs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/clauses.md lists every clause of Jilin and Shandong once, and names only
// tests that exist.
func TestClauses(t *testing.T) {
	raw, err := os.ReadFile("../docs/clauses.md")
	if err != nil {
		t.Fatal(err)
	}
	count, row := map[string]int{}, regexp.MustCompile(`^\| ([A-Z]-[0-9]{2}[^|]*) \| (.*) \| (.*) \|$`)
	quoted, test := regexp.MustCompile("`([^`]+)`"), regexp.MustCompile(`^(?:([a-z0-9/]+) )?(Test[A-Za-z0-9]+)$`)
	tests := map[string]string{} // the test files of a package
	for n, line := range strings.Split(string(raw), "\n") {
		m := row.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for _, id := range strings.Split(m[1], ",") {
			count[strings.TrimSpace(id)]++
		}
		pkg := ""
		for _, q := range quoted.FindAllStringSubmatch(m[3], -1) {
			x := test.FindStringSubmatch(q[1])
			if x == nil {
				t.Errorf("docs/clauses.md:%d: %q is no test; write it as «package TestName»", n+1, q[1])
				continue
			}
			if x[1] != "" {
				pkg = x[1]
			}
			if _, ok := tests[pkg]; !ok {
				files, _ := filepath.Glob("../" + pkg + "/*_test.go")
				var all strings.Builder
				for _, f := range files {
					b, err := os.ReadFile(f)
					if err != nil {
						t.Fatal(err)
					}
					all.Write(b)
				}
				tests[pkg] = all.String()
			}
			if !strings.Contains(tests[pkg], "\nfunc "+x[2]+"(") {
				t.Errorf("docs/clauses.md:%d: there is no %s in %s", n+1, x[2], pkg)
			}
		}
		if m[3] != "—" && len(quoted.FindAllString(m[3], -1)) == 0 {
			t.Errorf("docs/clauses.md:%d: %q names no test", n+1, m[3])
		}
	}
	for letter, last := range map[string]int{"J": 49, "S": 80} {
		for i := 1; i <= last; i++ {
			if id := fmt.Sprintf("%s-%02d", letter, i); count[id] != 1 {
				t.Errorf("%s stands %d times, not once", id, count[id])
			}
		}
	}
	for id := range count {
		if strings.HasPrefix(id, "J-") && id > "J-49" || strings.HasPrefix(id, "S-") && id > "S-80" {
			t.Errorf("there is no clause %s", id)
		}
	}
}
