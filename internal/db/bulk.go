package db

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Bulk writes n new rows of cols into table as fast as the engine takes them:
// COPY on PostgreSQL, one prepared multi-row statement on SQLite. It is part of
// the transaction. row(i) gives the i-th row's values (string, int64, bool or a
// driver.Valuer); the slice is read before row is called again, so it may be
// reused. A row that breaks a unique key fails the transaction.
func (tx *Tx) Bulk(table string, cols []string, n int, row func(i int) []any) error {
	if n == 0 {
		return nil
	}
	if tx.d == Postgres && tx.conn != nil {
		return tx.copyRows(table, cols, n, row)
	}
	return tx.insertRows(table, cols, n, row)
}

func (tx *Tx) copyRows(table string, cols []string, n int, row func(i int) []any) error {
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

// bulkParams bounds the parameters of one SQLite statement; measured best
// between 200 and 1000, beyond it binding costs more than it saves.
const bulkParams = 600

func (tx *Tx) insertRows(table string, cols []string, n int, row func(i int) []any) error {
	per := max(1, bulkParams/len(cols))
	for at := 0; at < n; {
		k := min(per, n-at)
		q := insertText(table, cols, k)
		st, err := tx.sql.PrepareContext(tx.ctx, q)
		if err != nil {
			return fmt.Errorf("%w [%s]", err, short(q))
		}
		args := make([]any, 0, k*len(cols))
		for ; n-at >= k; at += k {
			args = args[:0]
			for i := range k {
				args = append(args, row(at+i)...)
			}
			if _, err := st.ExecContext(tx.ctx, args...); err != nil {
				st.Close()
				return fmt.Errorf("%w [%s]", err, short(q))
			}
		}
		st.Close()
	}
	return nil
}

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
