package bench

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// cpu is the processor time, in seconds, that this process, its children and a
// PostgreSQL server on this machine have used. On a busy machine the time per
// settlement says more than the rate does.
func cpu(ctx context.Context, raw *sql.DB) float64 {
	var sum float64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			sum += float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
		}
	}
	var dir string
	if raw.QueryRowContext(ctx, `SHOW data_directory`).Scan(&dir) != nil {
		return sum
	}
	b, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	if err != nil {
		return sum
	}
	master, _, _ := strings.Cut(string(b), "\n")
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range stats {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		_, rest, ok := strings.Cut(string(b), ") ")
		v := strings.Fields(rest) // state ppid …; utime is field 14 of the file
		if !ok || len(v) < 15 {
			continue
		}
		ticks := func(i int) float64 { n, _ := strconv.ParseFloat(v[i], 64); return n / 100 }
		if v[1] == master {
			sum += ticks(11) + ticks(12)
		} else if filepath.Base(filepath.Dir(f)) == master {
			sum += ticks(13) + ticks(14) // of children that have ended
		}
	}
	return sum
}
