package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/person"
	"yinling/internal/policy"
	"yinling/internal/seal"
	"yinling/internal/share"
)

// shareSeconds is the bar: a register of a million rows in a minute.
const shareSeconds = 60

// Share takes a register of n rows in against n insured persons, first as a new
// list and then once more as the next full list, the way `yinling share import`
// does. The yardstick is the bar itself, in rows per second.
func Share(ctx context.Context, p Plan, n int) ([]Row, error) {
	const region = "320700"
	set, err := policy.Load("")
	if err != nil {
		return nil, err
	}
	keys, err := seal.Ensure(filepath.Join(p.Dir, "share.key"))
	if err != nil {
		return nil, err
	}
	roster, list := filepath.Join(p.Dir, "roster.csv"), filepath.Join(p.Dir, "list.csv")
	for path, write := range map[string]func(f *os.File) error{roster: func(f *os.File) error { return person.Generate(f, n, 1) }, list: func(f *os.File) error { return share.Generate(f, n, 1) }} {
		f, err := os.Create(path)
		if err == nil {
			err = write(f)
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			return nil, err
		}
	}
	url, name := p.URL, "PostgreSQL"
	if !strings.HasPrefix(url, "postgres") {
		url, name = "sqlite:"+p.Dir+"/share.db", "SQLite"
	}
	d, err := db.Open(ctx, url, db.Options{AllowUnsafe: true})
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return nil, err
	}
	log := &audit.Log{DB: d}
	people := &person.Service{Log: log, Keys: keys, Packs: set}
	s := &share.Service{Log: log, Packs: set, Persons: people, Dir: p.Dir}
	if _, err := people.Import(ctx, audit.System(region), region, roster, person.ImportOptions{}); err != nil {
		return nil, err
	}
	var rows []Row
	for _, what := range []string{"share first list ", "share next list "} {
		resetPeak()
		begin, used := time.Now(), cpu(ctx, d.Raw())
		_, r, err := s.Import(ctx, audit.System(region), region, "dibao", list, day.FromTime(d.Now()), share.ImportOptions{})
		if err != nil {
			return nil, err
		}
		took := time.Since(begin).Seconds()
		row := Row{What: what + name, YardName: fmt.Sprintf("a million rows in %d s", shareSeconds), Goal: 1, Pairs: [][2]float64{{float64(n) / took, 1e6 / shareSeconds}}}
		row.sum()
		row.Note = fmt.Sprintf("%d rows against %d persons in %.1f s (%.1f s of processor): matched %d, doubtful %d, unmatched %d, rejected %d; facts new %d, same %d; peak resident %d MiB",
			r.Rows, n, took, cpu(ctx, d.Raw())-used, r.Matched, r.Doubtful, r.Unmatched, r.Rejected, r.New, r.Same, PeakMiB())
		if p.Say != nil {
			p.Say("%s", row.Note)
		}
		rows = append(rows, row)
	}
	return rows, nil
}
