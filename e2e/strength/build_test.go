package strength

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// T-49: two builds from two directories give the same bytes, and the modules
// in the program are those of go.mod.
func TestT49SameBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program twice")
	}
	sum := func(dir string) (digest, bin string) {
		t.Helper()
		bin = filepath.Join(t.TempDir(), "yinling")
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-buildid=", "-o", bin, "./cmd/yinling")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "PWD="+dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", dir, err, out)
		}
		b, err := os.ReadFile(bin)
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.Sum256(b)
		return hex.EncodeToString(h[:]), bin
	}
	here, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	// Two copies in two places, of what git knows and of what is new, so that
	// nobody's editor changes one of them meanwhile.
	places := []string{filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "another", "place")}
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = here
	files, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.Trim(string(files), "\x00"), "\x00") {
		b, err := os.ReadFile(filepath.Join(here, name))
		if err != nil {
			continue // deleted, not yet committed
		}
		for _, place := range places {
			to := filepath.Join(place, name)
			if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	a, bin := sum(places[0])
	b, _ := sum(places[1])
	if a != b {
		t.Errorf("%v differ: %s, %s", places, a, b)
	}
	out, err := exec.Command("go", "version", "-m", bin).Output()
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(here, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.SplitSeq(string(out), "\n") {
		f := strings.Fields(line)
		if len(f) < 3 || f[0] != "dep" {
			continue
		}
		n++
		if !strings.Contains(string(mod), f[1]+" "+f[2]) {
			t.Errorf("%s %s is in the program, not in go.mod", f[1], f[2])
		}
	}
	if n < 10 {
		t.Errorf("only %d modules seen", n)
	}
}
