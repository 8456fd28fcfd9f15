// Package bench measures Yinling's real code paths beside yardsticks that run
// in the same minutes on the same machine. Absolute figures move by ±40 % from
// minute to minute, so every goal is a ratio, taken pair by pair, and the
// median of the pairs is what counts. bench/README.md has the table.
package bench

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Row is one line of the table.
type Row struct {
	What     string       `json:"what"`
	Ours     float64      `json:"ours"`      // median, per second
	Yard     float64      `json:"yardstick"` // median, per second
	YardName string       `json:"yardstick_name"`
	Ratio    float64      `json:"ratio"` // median of the pairs
	Goal     float64      `json:"goal"`
	Met      bool         `json:"met"`
	Pairs    [][2]float64 `json:"pairs"`
	P50      float64      `json:"p50_ms,omitempty"`
	P99      float64      `json:"p99_ms,omitempty"`
	CPU      float64      `json:"cpu_ms,omitempty"` // processor time each, program and database together
	CPUYard  float64      `json:"cpu_yardstick_ms,omitempty"`
	Note     string       `json:"note,omitempty"`
}

func (r *Row) sum() {
	var a, b, q []float64
	for _, p := range r.Pairs {
		a, b, q = append(a, p[0]), append(b, p[1]), append(q, p[0]/p[1])
	}
	r.Ours, r.Yard, r.Ratio = median(a), median(b), median(q)
	r.Met = r.Ratio >= r.Goal
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Clone(v)
	sort.Float64s(v)
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

// Load runs do from n clients for the given time and returns the rate per
// second and the latencies at 50 and 99 per cent, in milliseconds. The first
// error ends it.
func Load(ctx context.Context, n int, seconds float64, do func(ctx context.Context, client int) error) (rate, p50, p99 float64, err error) {
	ctx, stop := context.WithTimeout(ctx, time.Duration(seconds*float64(time.Second)))
	defer stop()
	var first atomic.Pointer[error]
	lat := make([][]time.Duration, n)
	var wg sync.WaitGroup
	begin := time.Now()
	for c := range n {
		wg.Go(func() {
			for ctx.Err() == nil {
				t := time.Now()
				// The request itself is not cut off: what was begun is counted.
				if err := do(context.WithoutCancel(ctx), c); err != nil {
					first.CompareAndSwap(nil, &err)
					stop()
					return
				}
				lat[c] = append(lat[c], time.Since(t))
			}
		})
	}
	wg.Wait()
	took := time.Since(begin).Seconds()
	if e := first.Load(); e != nil {
		return 0, 0, 0, *e
	}
	all := slices.Concat(lat...)
	if len(all) == 0 {
		return 0, 0, 0, fmt.Errorf("bench: nothing done in %.0f s", seconds)
	}
	slices.Sort(all)
	at := func(q float64) float64 {
		return float64(all[int(math.Min(q*float64(len(all)), float64(len(all)-1)))]) / 1e6
	}
	return float64(len(all)) / took, at(0.5), at(0.99), nil
}

// PGBench runs a script with pgbench and returns transactions per second.
func PGBench(ctx context.Context, url, script string, clients int, seconds float64) (float64, error) {
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if p, err := exec.LookPath("pgbench"); err == nil {
		bins = append(bins, p)
	}
	if len(bins) == 0 {
		return 0, fmt.Errorf("bench: pgbench is not installed (Debian: postgresql)")
	}
	f, err := os.CreateTemp("", "pgbench-*.sql")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(script); err != nil {
		return 0, err
	}
	f.Close()
	cmd := exec.CommandContext(ctx, bins[len(bins)-1], "-n", "-M", "prepared", "-f", f.Name(), "-c", strconv.Itoa(clients), "-j", "2",
		"-T", strconv.Itoa(max(1, int(seconds))), url)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("bench: pgbench: %w\n%s", err, out)
	}
	for _, l := range strings.Split(string(out), "\n") {
		if s, ok := strings.CutPrefix(l, "tps = "); ok {
			return strconv.ParseFloat(strings.Fields(s)[0], 64)
		}
	}
	return 0, fmt.Errorf("bench: pgbench said no tps:\n%s", out)
}

// Machine is what must stand beside any figure.
func Machine() string {
	load, _ := os.ReadFile("/proc/loadavg")
	return fmt.Sprintf("load %s", strings.TrimSpace(string(load)))
}
