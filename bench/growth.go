package bench

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
)

// Growth measures a city beside one ten times as large, in turns: settlements
// at the door by 32 clients, and the rows of a month close. Time per settlement
// and per row may grow by a fifth.
func Growth(ctx context.Context, p Plan, monthRows int) ([]Row, error) {
	small, large := p.URL, p.URL
	if strings.HasPrefix(p.URL, "postgres") {
		var drop func()
		var err error
		if small, drop, err = second(ctx, p.URL); err != nil {
			return nil, err
		}
		defer drop()
	} else {
		small = "sqlite:" + filepath.Join(p.Dir, "small.db")
	}
	visits := int(4000*p.Seconds)*max(1, p.Rounds) + 2000
	made := [2]*City{}
	for i, x := range []struct {
		url  string
		n    int
		name string
	}{{small, p.Persons, "small"}, {large, p.Persons * 10, "large"}} {
		dir := filepath.Join(p.Dir, x.name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		p.Say("bench: making a city of %d persons, %d in benefit …", x.n, x.n/10)
		c, err := Build(ctx, x.url, dir, x.n, x.n/10, visits)
		if err != nil {
			return nil, err
		}
		defer c.DB.Close()
		made[i] = c
	}
	name := string(made[0].DB.Dialect)
	door := Row{What: "growth, " + name + ": settlements", YardName: fmt.Sprintf("a city of %d persons instead of %d", p.Persons, p.Persons*10), Goal: 1 / 1.2}
	var next [2]atomic.Int64
	for i, c := range made {
		if err := c.Doorsteps(ctx, &next[i], 1500); err != nil { // warm
			return nil, err
		}
		if err := c.Analyse(ctx); err != nil {
			return nil, err
		}
	}
	for range max(1, p.Rounds) {
		var rate [2]float64
		for i, c := range made {
			var err error
			if rate[i], _, _, err = c.Doors(ctx, 32, p.Seconds, audit.GroupOptions{}, &next[i], visits); err != nil {
				return nil, err
			}
		}
		door.Pairs = append(door.Pairs, [2]float64{rate[1], rate[0]})
		p.Say("bench: %s: %.0f/s and %.0f/s, ratio %.2f; %s", door.What, rate[1], rate[0], rate[1]/rate[0], Machine())
	}
	door.sum()
	// What is left of the visits is the month, a tenth of it in the small city.
	month := Row{What: "growth, " + name + ": rows of a month", YardName: door.YardName, Goal: 1 / 1.2}
	var rate [2]float64
	for i, c := range made {
		n := monthRows
		if i == 0 {
			n /= 10
		}
		if err := c.AddVisits(ctx, visits, n); err != nil {
			return nil, err
		}
		if err := c.Analyse(ctx); err != nil {
			return nil, err
		}
		begin := time.Now()
		sum, err := c.Claim.Batch(ctx, Region, c.On.Month(), nil)
		if err != nil {
			return nil, err
		}
		rate[i] = float64(sum.Settled) / time.Since(begin).Seconds()
		p.Say("bench: %s: %d rows, %.0f/s; %s", month.What, sum.Settled, rate[i], Machine())
	}
	month.Pairs = [][2]float64{{rate[1], rate[0]}}
	month.sum()
	return []Row{door, month}, nil
}

// second makes an empty database beside the one at rawurl.
func second(ctx context.Context, rawurl string) (string, func(), error) {
	u, err := url.Parse(rawurl)
	if err != nil {
		return "", nil, err
	}
	d, err := db.Open(ctx, rawurl, db.Options{AllowUnsafe: AllowUnsafe})
	if err != nil {
		return "", nil, err
	}
	name := strings.TrimPrefix(u.Path, "/") + "_small"
	for _, q := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		if _, err := d.Raw().ExecContext(ctx, q); err != nil {
			d.Close()
			return "", nil, err
		}
	}
	u.Path = "/" + name
	return u.String(), func() {
		d.Raw().ExecContext(context.WithoutCancel(ctx), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		d.Close()
	}, nil
}
