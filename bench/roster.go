package bench

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/person"
	"yinling/internal/seal"
)

var rosterTables = []string{"person_person", "person_coverage", "person_group"}

// Roster imports a file of n invented people the way `yinling roster import`
// does, audit included, and then loads the very same rows with the engine's own
// bulk loader into tables with the same indexes: COPY of ready files on
// PostgreSQL, INSERT … SELECT on SQLite.
func Roster(ctx context.Context, p Plan, n int) (Row, error) {
	row := Row{What: "roster PostgreSQL", YardName: "COPY of ready files, same indexes", Goal: 0.7}
	file := filepath.Join(p.Dir, "roster.csv")
	f, err := os.Create(file)
	if err != nil {
		return row, err
	}
	if err := person.Generate(f, n, 1); err != nil {
		return row, err
	}
	if err := f.Close(); err != nil {
		return row, err
	}
	keys, err := seal.Ensure(filepath.Join(p.Dir, "roster.key"))
	if err != nil {
		return row, err
	}
	peak := 0
	for round := range max(1, p.Rounds) {
		url := p.URL
		if !strings.HasPrefix(url, "postgres") {
			row.What, row.YardName, row.Goal = "roster SQLite", "INSERT … SELECT, same indexes", 0.4
			url = fmt.Sprintf("sqlite:%s/roster-%d.db", p.Dir, round)
		}
		ours, yard, mib, err := rosterRound(ctx, url, file, n, keys)
		if err != nil {
			return row, err
		}
		peak = max(peak, mib)
		row.Pairs = append(row.Pairs, [2]float64{ours, yard})
		if p.Say != nil {
			p.Say("%s %d: %.0f rows/s, yardstick %.0f, ratio %.2f", row.What, round+1, ours, yard, ours/yard)
		}
	}
	row.sum()
	row.Note = fmt.Sprintf("%d rows, peak resident %d MiB", n, peak)
	return row, nil
}

func rosterRound(ctx context.Context, url, file string, n int, keys *seal.Keys) (ours, yard float64, mib int, err error) {
	d, err := db.Open(ctx, url, db.Options{AllowUnsafe: true})
	if err != nil {
		return 0, 0, 0, err
	}
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return 0, 0, 0, err
	}
	region := "990100"
	empty := func() error {
		for _, t := range append([]string{"person_district"}, rosterTables...) {
			if _, err := d.Raw().ExecContext(ctx, "DELETE FROM "+t+" WHERE region = '"+region+"'"); err != nil {
				return err
			}
		}
		if d.Dialect == db.Postgres {
			_, err := d.Raw().ExecContext(ctx, "VACUUM "+strings.Join(rosterTables, ", "))
			return err
		}
		return nil
	}
	if err := empty(); err != nil {
		return 0, 0, 0, err
	}
	s := &person.Service{Log: &audit.Log{DB: d}, Keys: keys}
	resetPeak()
	begin := time.Now()
	r, err := s.Import(ctx, audit.System(region), region, file, person.ImportOptions{})
	if err != nil {
		return 0, 0, 0, err
	}
	if r.New != n || r.Rejected != 0 {
		return 0, 0, 0, fmt.Errorf("bench: roster: %+v", r)
	}
	ours = float64(n) / time.Since(begin).Seconds()
	mib = PeakMiB()
	took, err := bulkYard(ctx, d, rosterTables)
	if err != nil {
		return 0, 0, 0, err
	}
	return ours, float64(n) / took.Seconds(), mib, empty()
}

// bulkYard loads the rows of tables once more, with the engine's own bulk
// loader, into empty tables with the same columns, key and indexes.
func bulkYard(ctx context.Context, d *db.DB, tables []string) (took time.Duration, err error) {
	conn, err := d.Raw().Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	exec := func(q string) error {
		_, err := conn.ExecContext(ctx, q)
		if err != nil {
			err = fmt.Errorf("bench: %s: %w", q, err)
		}
		return err
	}
	for _, t := range tables {
		if err := exec("DROP TABLE IF EXISTS yard_" + t); err != nil {
			return 0, err
		}
		if err := rosterTwin(ctx, conn, d.Dialect, t); err != nil {
			return 0, err
		}
		defer exec("DROP TABLE IF EXISTS yard_" + t)
	}
	if d.Dialect == db.SQLite {
		begin := time.Now()
		if err := exec("BEGIN IMMEDIATE"); err != nil {
			return 0, err
		}
		for _, t := range tables {
			if err := exec("INSERT INTO yard_" + t + " SELECT * FROM " + t + " ORDER BY rowid"); err != nil {
				return 0, err
			}
		}
		return time.Since(begin), exec("COMMIT")
	}
	var files []*os.File
	defer func() {
		for _, f := range files {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	err = conn.Raw(func(c any) error {
		pg := c.(*stdlib.Conn).Conn().PgConn()
		for _, t := range tables {
			f, err := os.CreateTemp("", "yard-*.copy")
			if err != nil {
				return err
			}
			files = append(files, f)
			if _, err := pg.CopyTo(ctx, f, "COPY "+t+" TO STDOUT"); err != nil {
				return err
			}
			if _, err := f.Seek(0, 0); err != nil {
				return err
			}
		}
		begin := time.Now()
		if _, err := pg.Exec(ctx, "BEGIN").ReadAll(); err != nil {
			return err
		}
		for i, t := range tables {
			if _, err := pg.CopyFrom(ctx, files[i], "COPY yard_"+t+" FROM STDIN"); err != nil {
				return err
			}
		}
		_, err := pg.Exec(ctx, "COMMIT").ReadAll()
		took = time.Since(begin)
		return err
	})
	return took, err
}

// rosterTwin makes an empty table with the columns, key and indexes of t.
func rosterTwin(ctx context.Context, conn *sql.Conn, dialect db.Dialect, t string) error {
	if dialect == db.Postgres {
		_, err := conn.ExecContext(ctx, "CREATE TABLE yard_"+t+" (LIKE "+t+" INCLUDING ALL)")
		return err
	}
	rows, err := conn.QueryContext(ctx, "SELECT sql FROM sqlite_master WHERE tbl_name = $1 AND sql IS NOT NULL ORDER BY type DESC", t)
	if err != nil {
		return err
	}
	var ddl []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return err
		}
		ddl = append(ddl, strings.ReplaceAll(s, t, "yard_"+t))
	}
	rows.Close()
	for _, q := range ddl {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("bench: %s: %w", q, err)
		}
	}
	return rows.Err()
}

// resetPeak lets PeakMiB begin anew (Linux).
func resetPeak() {
	debug.FreeOSMemory()
	os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// PeakMiB is the most memory that this process has held resident, in MiB,
// since it began or since resetPeak.
func PeakMiB() int {
	b, _ := os.ReadFile("/proc/self/status")
	for _, l := range strings.Split(string(b), "\n") {
		var n int
		if _, err := fmt.Sscanf(l, "VmHWM: %d kB", &n); err == nil {
			return n / 1024
		}
	}
	return 0
}
