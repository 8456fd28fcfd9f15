package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"yinling/internal/claim"
)

// What a month close writes.
var batchTables = []string{"claim_bill", "claim_moment", "claim_charge", "benefit_used", "fund_voucher", "fund_posting", "audit_decision", "job_job"}

// Batch settles a month of n visits the way `yinling batch settle` does —
// quoted, decided, explained, booked, audited — and then loads the very rows it
// wrote with the engine's own bulk loader into tables with the same indexes.
func Batch(ctx context.Context, p Plan, n int) (Row, error) {
	row := Row{What: "month close, PostgreSQL", YardName: "COPY of all rows written, same indexes", Goal: 0.6}
	pg := strings.HasPrefix(p.URL, "postgres")
	if !pg {
		row.What, row.YardName, row.Goal = "month close, SQLite", "INSERT … SELECT of all rows written, same indexes", 0.4
	}
	served := max(1, n/12)
	url := p.URL
	if !pg {
		url = "sqlite:" + filepath.Join(p.Dir, "batch.db")
	}
	p.Say("bench: making a month of %d visits to %d persons …", n, served)
	const warm = 1500
	c, err := Build(ctx, url, p.Dir, max(served, p.Persons), served, n+warm)
	if err != nil {
		return row, err
	}
	defer c.DB.Close()
	// As in Settle: a plan made on an empty table scans it for ever.
	var next atomic.Int64
	if err := c.Doorsteps(ctx, &next, warm); err != nil {
		return row, err
	}
	if err := c.Analyse(ctx); err != nil {
		return row, err
	}
	resetPeak()
	last := time.Now()
	begin := last
	sum, err := c.Claim.Batch(ctx, Region, c.On.Month(), func(s claim.Summary) {
		if time.Since(last) > 10*time.Second {
			last = time.Now()
			p.Say("bench: %d of %d visits, %.0f/s", s.Visits, n, float64(s.Visits)/time.Since(begin).Seconds())
		}
	})
	if err != nil {
		return row, err
	}
	ours := float64(n) / time.Since(begin).Seconds()
	row.Note = fmt.Sprintf("%d visits, peak resident %d MiB", n, PeakMiB())
	if sum.Settled != n || sum.Already != warm {
		return row, fmt.Errorf("bench: settled %d of %d: %+v", sum.Settled, n, sum)
	}
	for round := range max(1, p.Rounds) {
		took, err := bulkYard(ctx, c.DB, batchTables)
		if err != nil {
			return row, err
		}
		yard := float64(n+warm) / took.Seconds()
		row.Pairs = append(row.Pairs, [2]float64{ours, yard})
		p.Say("%s %d: %.0f visits/s, yardstick %.0f, ratio %.2f; %s", row.What, round+1, ours, yard, ours/yard, Machine())
	}
	row.sum()
	return row, nil
}
