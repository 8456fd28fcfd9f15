package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// writer is SQLite's one writing connection with its prepared statements. The
// engine parses a text anew each time it is not prepared, which costs more than
// running it; PostgreSQL's driver keeps a cache of its own.
type writer struct {
	turn  chan struct{} // held by the writing transaction
	conn  *sql.Conn
	stmts map[string]*prepared
}

type prepared struct {
	*sql.Stmt
	busy bool // its rows are being read: a nested use gets a statement of its own
}

// maxPrepared bounds the cache; texts beyond it are parsed each time. Texts
// that are built at run time would fill it, so long ones are left out.
const maxPrepared, maxText = 1000, 60_000

func newWriter() *writer {
	return &writer{turn: make(chan struct{}, 1), stmts: map[string]*prepared{}}
}

// begin waits for the turn and begins; end gives the turn back.
func (w *writer) begin(ctx context.Context, pool *sql.DB) (*sql.Tx, error) {
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for try := 0; ; try++ {
		if w.conn == nil {
			c, err := pool.Conn(ctx)
			if err != nil {
				<-w.turn
				return nil, err
			}
			// Outside any transaction, or a rollback would take it away again.
			if _, err := c.ExecContext(ctx, rowsTable); err != nil {
				c.Close()
				<-w.turn
				return nil, err
			}
			w.conn = c
		}
		t, err := w.conn.BeginTx(ctx, nil)
		if err == nil {
			return t, nil
		}
		if ctx.Err() != nil || transient(err) || try > 0 {
			<-w.turn
			return nil, err
		}
		w.close() // a broken connection is replaced once
	}
}

func (w *writer) end() { <-w.turn }

func (w *writer) close() {
	for _, p := range w.stmts {
		p.Close()
	}
	w.stmts = map[string]*prepared{}
	if w.conn != nil {
		w.conn.Close()
		w.conn = nil
	}
}

// stmt is the prepared statement of q, or nil when q should be run as text.
func (tx *Tx) stmt(q string) *prepared {
	if tx.w == nil || len(q) > maxText {
		return nil
	}
	if p, ok := tx.w.stmts[q]; ok {
		if p.busy {
			return nil
		}
		return p
	}
	if len(tx.w.stmts) >= maxPrepared {
		return nil
	}
	st, err := tx.w.conn.PrepareContext(tx.ctx, q)
	if err != nil {
		return nil // running the text gives the error its proper place
	}
	p := &prepared{Stmt: st}
	tx.w.stmts[q] = p
	return p
}

func (tx *Tx) exec(q string, args []any) (sql.Result, error) {
	if tx.pipe != nil {
		return tx.pipe.exec(q, args)
	}
	if p := tx.stmt(q); p != nil {
		return p.ExecContext(tx.ctx, args...)
	}
	return tx.sql.ExecContext(tx.ctx, q, args...)
}

// query runs q; done must be called when the rows are closed.
func (tx *Tx) query(q string, args []any) (rows *sql.Rows, done func(), err error) {
	if p := tx.stmt(q); p != nil {
		p.busy = true
		rows, err = p.QueryContext(tx.ctx, args...)
		if err != nil {
			p.busy = false
		}
		return rows, func() { p.busy = false }, err
	}
	rows, err = tx.sql.QueryContext(tx.ctx, q, args...)
	return rows, func() {}, err
}

// Rows is a table given as one argument: a slice of rows, each with the values
// of the columns that the statement names. In the text it stands as
//
//	ROWS($3, visit TEXT, fen BIGINT) AS v
//
// wherever a table may stand, as in UPDATE … FROM ROWS(…) AS v WHERE ….
type Rows [][]any

// set turns what is portable in Yinling's SQL into what the engine knows:
//
//	x = ANY($n)          with []string or []int64
//	ROWS($n, …) AS v     with Rows
//
// Both keep one text whatever the number of values, so that it is prepared once.
func (tx *Tx) set(q string, args []any) (string, []any) {
	if !strings.Contains(q, "= ANY(") && !strings.Contains(q, "ROWS($") {
		return q, args
	}
	key := string(tx.d) + q
	if r, ok := sets.Load(key); ok {
		q = r.(string)
	} else {
		if tx.d == SQLite {
			q = anySet.ReplaceAllString(q, "IN (SELECT value FROM json_each(${1}))")
		}
		q = rowSet.ReplaceAllStringFunc(q, func(m string) string {
			p := rowSet.FindStringSubmatch(m)
			var cols []string
			for i, c := range strings.Split(p[2], ",") {
				name, typ, _ := strings.Cut(strings.TrimSpace(c), " ")
				cols = append(cols, fmt.Sprintf("CAST(x.value ->> %d AS %s) AS %s", i, typ, name))
			}
			from := "json_each(" + p[1] + ") AS x"
			if tx.d == Postgres {
				from = "jsonb_array_elements(" + p[1] + "::text::jsonb) AS x(value)"
			}
			return "(SELECT " + strings.Join(cols, ", ") + " FROM " + from + ") AS"
		})
		sets.Store(key, q)
	}
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case []string, []int64:
			if tx.d == SQLite {
				b, _ := json.Marshal(a)
				a = string(b)
			}
		case Rows:
			for _, r := range v {
				for j := range r {
					if c, err := driver.DefaultParameterConverter.ConvertValue(r[j]); err == nil {
						r[j] = c
					}
				}
			}
			b, _ := json.Marshal(v)
			a = string(b)
		}
		out[i] = a
	}
	return q, out
}

var (
	anySet = regexp.MustCompile(`= ANY\((\$\d+)\)`)
	rowSet = regexp.MustCompile(`ROWS\((\$\d+),([^()]*)\) AS\b`)
	sets   sync.Map
)

// copyFrom is how many rows are worth a COPY, which asks for the table's types first.
const copyFrom = 500

// Insert writes rows of cols into table in few statements, many of them on
// PostgreSQL by COPY; suffix may be an ON CONFLICT clause. It returns the number of rows written. Values are
// strings, integers, booleans, driver.Valuers or nil.
func (tx *Tx) Insert(table string, cols []string, rows [][]any, suffix string) (int64, error) {
	var n int64
	// In a pipeline all rows are counted on: a plain insert refuses a taken key
	// itself, for half the price of a look before.
	free := tx.pipe != nil && strings.HasPrefix(suffix, "ON CONFLICT") && strings.HasSuffix(suffix, "DO NOTHING")
	if free {
		suffix = ""
	}
	if tx.d == Postgres && tx.pipe == nil && suffix == "" && len(rows) >= copyFrom {
		return int64(len(rows)), tx.copyRows(table, cols, len(rows), func(i int) []any { return rows[i] })
	}
	for len(rows) > 0 {
		var k int
		var q string
		var args []any
		var err error
		if tx.d == Postgres && len(rows) > 1 {
			k = min(len(rows), 5000)
			q, args, err = unnest(table, cols, rows[:k], suffix)
			if err != nil {
				return n, err
			}
		}
		if tx.w != nil && len(rows) > 1 && len(cols) <= rowsColumns {
			return tx.insertSelect(table, cols, rows, suffix)
		}
		if q == "" { // few lengths, so that every text is prepared once
			switch k = 1; {
			case len(rows) >= 32:
				k = 32
			case len(rows) >= 8:
				k = 8
			}
			q = insertOf(table, cols, k, suffix)
			args = make([]any, 0, k*len(cols))
			for _, row := range rows[:k] {
				args = append(args, row...)
			}
		}
		m := int64(k)
		if tx.pipe != nil {
			want := m
			if suffix == "" {
				want = -1 // all of them or an error
			}
			err = tx.pipe.later(statement{q, args, want, free})
		} else {
			m, err = tx.Exec(q, args...)
		}
		if err != nil {
			return n, err
		}
		n, rows = n+m, rows[k:]
	}
	return n, nil
}

// insertSelect is SQLite's unnest: the rows stand in a virtual table.
func (tx *Tx) insertSelect(table string, cols []string, rows [][]any, suffix string) (int64, error) {
	id := rowSourceNo.Add(1)
	rowSources.Store(id, rowSource{len(rows), func(i int) []any { return rows[i] }})
	defer rowSources.Delete(id)
	return tx.Exec(insertOf(table, cols, 0, suffix), id)
}

// insertOf keeps the texts of inserts: building them costs as much as running
// the statement.
func insertOf(table string, cols []string, n int, suffix string) string {
	type key struct {
		table, first, suffix string
		cols, n              int
	}
	k := key{table, cols[0], suffix, len(cols), n}
	if v, ok := inserts.Load(k); ok {
		if t := v.(insertion); slices.Equal(t.cols, cols) {
			return t.text
		}
	}
	t := insertion{cols: slices.Clone(cols)}
	if n > 0 {
		t.text = insertText(table, cols, n)
	} else {
		names := make([]string, len(cols))
		for i := range names {
			names[i] = "c" + strconv.Itoa(i)
		}
		t.text = "INSERT INTO " + table + " (" + strings.Join(cols, ", ") + ") SELECT " + strings.Join(names, ", ") + " FROM temp.yinling_rows WHERE source = $1"
	}
	if suffix != "" {
		t.text += " " + suffix
	}
	inserts.Store(k, t)
	return t.text
}

type insertion struct {
	cols []string
	text string
}

var inserts sync.Map

// unnest writes any number of rows with one text and one array per column, each
// in the list of the SELECT: in its FROM the server would copy every column into
// a table of its own first, at twice the price. It gives up ("") on a column
// whose type the values do not tell.
func unnest(table string, cols []string, rows [][]any, suffix string) (string, []any, error) {
	args := make([]any, len(cols))
	types := make([]string, len(cols))
	for j := range cols {
		var err error
		if args[j], types[j], err = column(rows, j); err != nil {
			return "", nil, fmt.Errorf("db: insert %s.%s: %w", table, cols[j], err)
		}
		if types[j] == "" {
			return "", nil, nil
		}
	}
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " (" + strings.Join(cols, ", ") + ") SELECT ")
	for j, t := range types {
		if j > 0 {
			b.WriteByte(',')
		}
		b.WriteString("unnest($" + strconv.Itoa(j+1) + "::" + t + "[])")
	}
	b.WriteString(" " + suffix)
	return b.String(), args, nil
}

func column(rows [][]any, j int) (any, string, error) {
	vals := make([]driver.Value, len(rows))
	var kind driver.Value
	null := false
	for i, r := range rows {
		v, err := driver.DefaultParameterConverter.ConvertValue(r[j])
		if err != nil {
			return nil, "", err
		}
		if vals[i] = v; v == nil {
			null = true
		} else if kind == nil {
			kind = v
		}
	}
	switch kind.(type) {
	case string:
		return array[string](vals, null, "text")
	case int64:
		return array[int64](vals, null, "bigint")
	case bool:
		return array[bool](vals, null, "boolean")
	}
	return nil, "", nil
}

func array[T any](vals []driver.Value, null bool, name string) (any, string, error) {
	if null {
		out := make([]*T, len(vals))
		for i, v := range vals {
			if t, ok := v.(T); ok {
				out[i] = &t
			} else if v != nil {
				return nil, "", nil
			}
		}
		return out, name, nil
	}
	out := make([]T, len(vals))
	for i, v := range vals {
		t, ok := v.(T)
		if !ok {
			return nil, "", nil
		}
		out[i] = t
	}
	return out, name, nil
}
