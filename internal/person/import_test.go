package person

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db/dbtest"
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

func TestBig(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("ROSTER_ROWS"))
	if n == 0 {
		t.Skip()
	}
	p := rosterFile(t, n)
	chunk, _ := strconv.Atoi(os.Getenv("ROSTER_CHUNK"))
	for _, e := range []string{"sqlite", "postgres"} {
		t.Run(e, func(t *testing.T) {
			d, _ := dbtest.SQLite(t)
			if e == "postgres" {
				d, _ = dbtest.Postgres(t)
			}
			s := service(t, d)
			for range 1 {
				t0 := time.Now()
				r, err := s.Import(context.Background(), audit.System(region), region, p, ImportOptions{Chunk: chunk})
				if err != nil {
					t.Fatal(err)
				}
				el := time.Since(t0)
				st, _ := os.ReadFile("/proc/self/status")
				fmt.Println(regexp.MustCompile("VmHWM.*").FindString(string(st)))
				fmt.Printf("%+v %v %.0f/s\n", *r, el, float64(n)/el.Seconds())
			}
		})
	}
}
