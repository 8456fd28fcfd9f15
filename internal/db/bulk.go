package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite/vtab"

	"yinling/internal/fault"
)

// Bulk writes n new rows of cols into table as fast as the engine takes them:
// COPY on PostgreSQL, INSERT … SELECT on SQLite. It is part of the transaction. row(i) gives the i-th row's values (string, int64, bool or a
// driver.Valuer); the slice is read before row is called again, so it may be
// reused. After an error the transaction must be given up.
func (tx *Tx) Bulk(table string, cols []string, n int, row func(i int) []any) error {
	if n == 0 {
		return nil
	}
	if tx.d == Postgres {
		return tx.copyRows(table, cols, n, row)
	}
	return tx.selectRows(table, cols, n, row)
}

func (tx *Tx) copyRows(table string, cols []string, n int, row func(i int) []any) error {
	if tx.pipe != nil {
		return fault.New(fault.Internal, "db: Bulk inside WritePiped; use Insert")
	}
	err := tx.conn.Raw(func(c any) error {
		_, err := c.(*stdlib.Conn).Conn().CopyFrom(tx.ctx, pgx.Identifier{table}, cols,
			pgx.CopyFromSlice(n, func(i int) ([]any, error) { return row(i), nil }))
		return err
	})
	if err != nil {
		return fmt.Errorf("%w [COPY %s]", err, table)
	}
	return nil
}

// On SQLite the rows stand in a virtual table, from which INSERT … SELECT takes
// them: a third of the price of binding a parameter for each value, and within
// a tenth of copying from another table.

const (
	rowsColumns = 40
	rowsTable   = `CREATE VIRTUAL TABLE IF NOT EXISTS temp.yinling_rows USING yinling_rows`
)

type rowSource struct {
	n   int
	row func(i int) []any
}

var (
	rowSources  sync.Map // number → rowSource
	rowSourceNo atomic.Int64
)

func init() {
	if err := vtab.RegisterModule(nil, "yinling_rows", rowsModule{}); err != nil {
		panic(err)
	}
}

// OR FAIL: a failed statement fails the transaction anyway, so SQLite need not
// keep every page that the statement changes for a way back.
func (tx *Tx) selectRows(table string, cols []string, n int, row func(i int) []any) error {
	if len(cols) > rowsColumns {
		return fmt.Errorf("db: Bulk into %s: %d columns, at most %d", table, len(cols), rowsColumns)
	}
	id := rowSourceNo.Add(1)
	rowSources.Store(id, rowSource{n, row})
	defer rowSources.Delete(id)
	names := make([]string, len(cols))
	for i := range names {
		names[i] = "c" + strconv.Itoa(i)
	}
	q := "INSERT OR FAIL INTO " + table + " (" + strings.Join(cols, ", ") + ") SELECT " + strings.Join(names, ", ") + " FROM temp.yinling_rows WHERE source = ?"
	if _, err := tx.sql.ExecContext(tx.ctx, q, id); err != nil {
		return fmt.Errorf("%w [%s]", err, short(q))
	}
	return nil
}

type (
	rowsModule struct{}
	rowsVTable struct{}
	rowsCursor struct {
		rowSource
		at   int
		vals []any
	}
)

func (m rowsModule) Create(c vtab.Context, args []string) (vtab.Table, error) {
	return m.Connect(c, args)
}

func (rowsModule) Connect(c vtab.Context, _ []string) (vtab.Table, error) {
	var b strings.Builder
	for i := range rowsColumns {
		b.WriteString("c" + strconv.Itoa(i) + ",")
	}
	return rowsVTable{}, c.Declare("CREATE TABLE x(" + b.String() + "source HIDDEN)")
}

func (rowsVTable) BestIndex(info *vtab.IndexInfo) error {
	for i := range info.Constraints {
		if c := &info.Constraints[i]; c.Column == rowsColumns && c.Op == vtab.OpEQ && c.Usable {
			c.ArgIndex, c.Omit = 0, true
		}
	}
	return nil
}
func (rowsVTable) Open() (vtab.Cursor, error) { return &rowsCursor{}, nil }
func (rowsVTable) Disconnect() error          { return nil }
func (rowsVTable) Destroy() error             { return nil }

func (c *rowsCursor) Filter(_ int, _ string, vals []vtab.Value) error {
	if len(vals) != 1 {
		return errors.New("db: yinling_rows without a source")
	}
	src, ok := rowSources.Load(vals[0])
	if !ok {
		return errors.New("db: yinling_rows: no such source")
	}
	c.rowSource, c.at = src.(rowSource), -1
	return c.Next()
}

func (c *rowsCursor) Next() error {
	if c.at++; c.at < c.n {
		c.vals = c.row(c.at)
	}
	return nil
}

func (c *rowsCursor) Eof() bool { return c.at >= c.n }

func (c *rowsCursor) Column(i int) (vtab.Value, error) {
	if i >= len(c.vals) {
		return nil, nil
	}
	switch v := c.vals[i].(type) {
	case string, int64, bool, nil:
		return v, nil
	default:
		return driver.DefaultParameterConverter.ConvertValue(v)
	}
}

func (c *rowsCursor) Rowid() (int64, error) { return int64(c.at), nil }
func (c *rowsCursor) Close() error          { return nil }

func insertText(table string, cols []string, n int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " (" + strings.Join(cols, ", ") + ") VALUES ")
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		for j := range cols {
			b.WriteByte("(,"[min(j, 1)])
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(i*len(cols) + j + 1))
		}
		b.WriteByte(')')
	}
	return b.String()
}
