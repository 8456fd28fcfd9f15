package bench

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"sync/atomic"

	"yinling/internal/audit"
	"yinling/internal/db"
)

//go:embed settle.sql
var settleSQL string

// Plan of a settle bench.
type Plan struct {
	URL     string
	Dir     string // for SQLite files and keys
	Seconds float64
	Rounds  int
	Persons int
	Clients []int
	Lanes   int // committers; 0 is the program's own choice
	Say     func(format string, args ...any)
}

// Settle measures the doorstep settlement through the group committer beside
// its yardstick, round by round.
func Settle(ctx context.Context, p Plan) ([]Row, error) {
	pg := strings.HasPrefix(p.URL, "postgres")
	const served = 10_000
	// Enough visits that no run falls dry: both sides take from their own half.
	rate := 4000.0
	if !pg {
		rate = 2500
	}
	visits := int(rate*p.Seconds)*p.Rounds*len(p.Clients) + 2000
	if !pg {
		visits *= 2 // the yardstick is ours, too
	}
	all := visits
	if pg {
		all *= 2
	}
	p.Say("bench: making a city of %d persons, %d in benefit, %d visits …", p.Persons, served, all)
	c, err := Build(ctx, p.URL, p.Dir, p.Persons, served, all)
	if err != nil {
		return nil, err
	}
	defer c.DB.Close()
	var next atomic.Int64
	ours := func(n int, opt audit.GroupOptions) (rate, p50, p99 float64, err error) {
		return c.Doors(ctx, n, p.Seconds, opt, &next, visits)
	}
	// Warm caches, take a sample for the yardstick, and let the planner see the
	// tables with rows in them: a plan made on an empty table scans it for ever.
	if err := c.Doorsteps(ctx, &next, 1500); err != nil {
		return nil, err
	}
	if err := c.Analyse(ctx); err != nil {
		return nil, err
	}
	var yard func(n int) (float64, error)
	name := "a transaction a request on the same file"
	if pg {
		name = "pgbench calling one PL/pgSQL function of the same footprint"
		if err := c.yardstick(ctx); err != nil {
			return nil, err
		}
		script := fmt.Sprintf("SELECT bench_settle(%d);\n", visits)
		yard = func(n int) (float64, error) { return PGBench(ctx, p.URL, script, n, p.Seconds) }
	} else {
		yard = func(n int) (float64, error) {
			rate, _, _, err := ours(n, audit.GroupOptions{Max: 1})
			return rate, err
		}
	}
	var rows []Row
	for _, n := range p.Clients {
		r := Row{What: fmt.Sprintf("settle, %s, %d clients", c.DB.Dialect, n), YardName: name, Goal: goal(pg, n)}
		yn := n
		if pg && n > 32 {
			yn, r.YardName = 32, name+", 32 clients"
		}
		var p50s, p99s, cpuO, cpuY []float64
		for round := range p.Rounds {
			t0 := cpu(ctx, c.DB.Raw())
			y, err := yard(yn)
			if err != nil {
				return rows, err
			}
			t1 := cpu(ctx, c.DB.Raw())
			o, p50, p99, err := ours(n, audit.GroupOptions{Lanes: p.Lanes})
			if err != nil {
				return rows, err
			}
			t2 := cpu(ctx, c.DB.Raw())
			cpuY, cpuO = append(cpuY, (t1-t0)*1000/(y*p.Seconds)), append(cpuO, (t2-t1)*1000/(o*p.Seconds))
			p.Say("bench: %s, round %d: ours %.0f/s (p50 %.1f ms, p99 %.1f ms), yardstick %.0f/s, ratio %.2f; processor %.2f and %.2f ms each; %s", r.What, round+1, o, p50, p99, y, o/y,
				cpuO[round], cpuY[round], Machine())
			r.Pairs = append(r.Pairs, [2]float64{o, y})
			p50s, p99s = append(p50s, p50), append(p99s, p99)
		}
		r.sum()
		r.P50, r.P99, r.CPU, r.CPUYard = median(p50s), median(p99s), median(cpuO), median(cpuY)
		rows = append(rows, r)
		if n == 32 {
			rows = append(rows, tail(r, p50s, p99s))
		}
	}
	return rows, nil
}

// tail says how much longer than the median the slowest hundredth waits.
func tail(of Row, p50s, p99s []float64) Row {
	r := Row{What: "tail: " + of.What, YardName: "the median wait of the same runs; p99 at most 4 times as long", Goal: 0.25}
	for i := range p50s {
		r.Pairs = append(r.Pairs, [2]float64{1000 / p99s[i], 1000 / p50s[i]})
	}
	r.sum()
	return r
}

func goal(pg bool, clients int) float64 {
	switch {
	case !pg:
		if clients == 1 {
			return 0.9
		}
		return 3
	case clients == 1:
		return 0.7
	case clients <= 32:
		return 1.5
	}
	return 3
}

// Doors settles visits from next on, below end, by n clients for some seconds.
func (c *City) Doors(ctx context.Context, n int, seconds float64, opt audit.GroupOptions, next *atomic.Int64, end int) (rate, p50, p99 float64, err error) {
	c.Claim.Start(opt)
	defer c.Claim.Close()
	return Load(ctx, n, seconds, func(ctx context.Context, _ int) error {
		i := int(next.Add(1) - 1)
		if i >= end {
			return fmt.Errorf("bench: out of visits: fewer seconds or rounds")
		}
		return c.Doorstep(ctx, i)
	})
}

// Doorsteps settles n visits by 32 clients.
func (c *City) Doorsteps(ctx context.Context, next *atomic.Int64, n int) error {
	c.Claim.Start(audit.GroupOptions{})
	defer c.Claim.Close()
	errs := make(chan error, 32)
	var left atomic.Int64
	left.Store(int64(n))
	for range 32 {
		go func() {
			for left.Add(-1) >= 0 {
				if err := c.Doorstep(ctx, int(next.Add(1)-1)); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range 32 {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

// yardstick makes the function and gives it one of our own decisions as sample.
func (c *City) yardstick(ctx context.Context) error {
	if _, err := c.DB.Raw().ExecContext(ctx, settleSQL); err != nil {
		return fmt.Errorf("bench: settle.sql: %w", err)
	}
	return c.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`INSERT INTO bench_sample SELECT d.input, d.output, d.explain, b.lines, b.takes, b.funds FROM audit_decision d
			JOIN claim_bill b ON b.region = d.region AND b.decision = d.id WHERE d.region = $1 LIMIT 1`, Region)
		if err == nil && n != 1 {
			err = fmt.Errorf("bench: no settlement to take as sample")
		}
		return err
	})
}
