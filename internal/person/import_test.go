package person

import (
	"os"
	"path/filepath"
	"testing"
)

func rosterFile(t testing.TB, n int) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "roster.csv")
	f, err := os.Create(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := Generate(f, n, 1); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return p
}
