package db

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Table is a table with its columns in order and the kind of each: "TEXT",
// "BIGINT" or "BOOLEAN".
type Table struct {
	Name  string   `json:"name"`
	Cols  []string `json:"cols"`
	Kinds []string `json:"kinds"`
	Key   []string `json:"key"` // primary key, the order of a dump
}

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Tables lists the program's tables (all but the migration record) by name.
func (tx *Tx) Tables() ([]Table, error) {
	q := `SELECT m.name, p.name, p.type, p.pk FROM sqlite_master AS m, pragma_table_info(m.name) AS p
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' ORDER BY m.name, p.cid`
	if tx.d == Postgres {
		q = `SELECT c.table_name, c.column_name, UPPER(c.data_type), COALESCE(k.ordinal_position, 0)
			FROM information_schema.columns AS c
			LEFT JOIN information_schema.table_constraints AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY'
			LEFT JOIN information_schema.key_column_usage AS k ON k.constraint_schema = t.constraint_schema AND k.constraint_name = t.constraint_name AND k.column_name = c.column_name
			WHERE c.table_schema = current_schema() AND c.table_name NOT LIKE 'goose_%' ORDER BY c.table_name, c.ordinal_position`
	}
	var out []Table
	_, err := All(tx, func(r Row) (struct{}, error) {
		var table, col, kind string
		var pk int
		if err := r.Scan(&table, &col, &kind, &pk); err != nil {
			return struct{}{}, err
		}
		if !plainName.MatchString(table) || !plainName.MatchString(col) {
			return struct{}{}, fmt.Errorf("db: strange name %q.%q", table, col)
		}
		if len(out) == 0 || out[len(out)-1].Name != table {
			out = append(out, Table{Name: table})
		}
		t := &out[len(out)-1]
		t.Cols, t.Kinds = append(t.Cols, col), append(t.Kinds, kind)
		if pk > 0 {
			for len(t.Key) < pk {
				t.Key = append(t.Key, "")
			}
			t.Key[pk-1] = col
		}
		return struct{}{}, nil
	}, q)
	return out, err
}

// Each reads every row of a table in the order of its key. A value is a
// string, an int64, a bool or nil; the slice is reused.
func (tx *Tx) Each(t Table, fn func(row []any) error) error {
	rows, err := tx.Query("SELECT " + strings.Join(t.Cols, ", ") + " FROM " + t.Name + " ORDER BY " + strings.Join(t.Key, ", "))
	if err != nil {
		return err
	}
	defer rows.Close()
	row, dest := make([]any, len(t.Cols)), make([]any, len(t.Cols))
	for i := range row {
		dest[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		for i, v := range row {
			switch v := v.(type) {
			case []byte:
				row[i] = string(v)
			case int64:
				if t.Kinds[i] == "BOOLEAN" {
					row[i] = v != 0
				}
			}
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Rows of a table can be counted without knowing its owner.
func (tx *Tx) Count(t Table) (int64, error) {
	return One(tx, Value[int64], "SELECT COUNT(*) FROM "+t.Name)
}

// Schema is the version of the schema, 0 for an empty database.
func (d *DB) Schema(ctx context.Context) (int64, error) {
	p, err := d.provider()
	if err != nil {
		return 0, err
	}
	return p.GetDBVersion(ctx)
}

// MigrateTo brings an older schema to the version v.
func (d *DB) MigrateTo(ctx context.Context, v int64) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, v)
	return err
}

// DownTo takes a newer schema back to the version v, step by step; what only the
// newer steps hold is lost. For going back to an older program, and its test.
func (d *DB) DownTo(ctx context.Context, v int64) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	_, err = p.DownTo(ctx, v)
	return err
}

// Check runs the engine's own check of the files and returns what it finds.
// PostgreSQL keeps checksums of its own when initialised so; there is nothing
// to ask over a connection.
func (d *DB) Check(ctx context.Context) ([]string, error) {
	if d.Dialect == Postgres {
		return nil, nil
	}
	var bad []string
	err := d.Read(ctx, func(tx *Tx) error {
		lines, err := All(tx, Value[string], `PRAGMA quick_check`)
		for _, l := range lines {
			if l != "ok" {
				bad = append(bad, l)
			}
		}
		return err
	})
	return bad, err
}

// EngineVersion is the engine's version in words.
func (d *DB) EngineVersion(ctx context.Context) (v string, err error) {
	q := map[Dialect]string{SQLite: `SELECT 'SQLite ' || sqlite_version()`, Postgres: `SELECT 'PostgreSQL ' || current_setting('server_version')`}
	return v, d.w.QueryRowContext(ctx, q[d.Dialect]).Scan(&v)
}

// Newest is the schema version that this program needs.
func Newest() int64 {
	var newest int64
	es, _ := migrations.ReadDir("migrate")
	for _, e := range es {
		var v int64
		if n, _ := fmt.Sscanf(e.Name(), "%d_", &v); n == 1 {
			newest = max(newest, v)
		}
	}
	return newest
}

// ClockOffset is how far the database server's clock is ahead of ours; SQLite
// has no clock of its own.
func (d *DB) ClockOffset(ctx context.Context) (time.Duration, error) {
	if d.Dialect == SQLite {
		return 0, nil
	}
	var ms int64
	begin := d.Now()
	err := d.w.QueryRowContext(ctx, `SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)`).Scan(&ms)
	mid := begin.Add(d.Now().Sub(begin) / 2)
	return time.UnixMilli(ms).Sub(mid), err
}
