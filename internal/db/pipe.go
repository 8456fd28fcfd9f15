package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"

	"yinling/internal/fault"
)

// ErrCount says that a statement sent in a pipeline touched another number of
// rows than its caller counted on. Nothing of the transaction is kept; run it
// again with Write, where every count is known at once.
var ErrCount = errors.New("db: another number of rows than expected")

// pipe is a PostgreSQL transaction that waits for the server as seldom as it
// can. Begin, inserts and Puts are not sent when they are called but together
// with the next query, or with the commit:
//
//	insert ─┐
//	insert ─┼─→ one packet: begin; insert; insert; select ─→ rows
//	query ──┘
//	insert ─────→ one packet: insert; commit
//
// Together does the same for queries that do not depend on one another.
type pipe struct {
	ctx   context.Context
	conn  *pgx.Conn
	queue []statement
	begun bool

	recording bool
	recorded  []statement
	answers   []answer
}

type statement struct {
	q    string
	args []any
	want int64 // rows it must touch; -1: any
}

type answer struct {
	statement
	rows *rawRows
}

// rawRows holds the rows of one answer as they came over the wire.
type rawRows struct {
	m      *pgtype.Map
	fields []pgconn.FieldDescription
	rows   [][][]byte
	at     int
}

// Scan reads the row at hand.
func (r *rawRows) Scan(dest ...any) error {
	row := r.rows[r.at]
	if len(dest) != len(row) {
		return fmt.Errorf("db: scan %d of %d columns", len(dest), len(row))
	}
	for i, d := range dest {
		if err := r.m.Scan(r.fields[i].DataTypeOID, r.fields[i].Format, row[i], d); err != nil {
			return fmt.Errorf("db: column %s: %w", r.fields[i].Name, err)
		}
	}
	return nil
}

// WritePiped is Write for a hot path on PostgreSQL: see pipe. Tx.Insert returns
// the number of rows it was given and Exec is sent at once; a count that was
// wrong comes out as ErrCount, from the next query or the commit. On SQLite it
// is Write.
func (d *DB) WritePiped(ctx context.Context, fn func(*Tx) error) error {
	if d.Dialect != Postgres {
		return d.Write(ctx, fn)
	}
	return d.retry(ctx, func() error { return d.pipeOnce(ctx, fn) })
}

func (d *DB) pipeOnce(ctx context.Context, fn func(*Tx) error) (err error) {
	c, err := d.w.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: connect: %w", err)
	}
	defer c.Close()
	return c.Raw(func(dc any) error {
		p := &pipe{ctx: ctx, conn: dc.(*stdlib.Conn).Conn(), queue: []statement{{q: "begin", want: -1}, {q: "SET LOCAL plan_cache_mode = force_generic_plan", want: -1}}}
		done := false
		defer func() {
			if !done && p.begun && !p.conn.IsClosed() {
				p.conn.Exec(context.WithoutCancel(ctx), "rollback")
			}
		}()
		tx := &Tx{ctx: ctx, pipe: p, now: d.Now(), d: d.Dialect, home: d}
		if err := fn(tx); err != nil {
			return err
		}
		if !p.begun && len(p.queue) == 2 {
			done = true
			return nil // nothing was asked
		}
		if err := p.commit(); err != nil {
			return err
		}
		done = true
		tx.learnt()
		return nil
	})
}

// send sends what waits and then more, and reads the answers of more.
func (p *pipe) send(more []statement) ([]*rawRows, error) {
	b := &pgx.Batch{}
	queue := p.queue
	p.queue = nil
	for _, s := range queue {
		b.Queue(s.q, s.args...)
	}
	for _, s := range more {
		b.Queue(s.q, s.args...)
	}
	p.begun = true
	br := p.conn.SendBatch(p.ctx, b)
	defer br.Close()
	var wrong error
	for _, s := range queue {
		tag, err := br.Exec()
		if err != nil {
			return nil, fmt.Errorf("%w [%s]", err, short(s.q))
		}
		if n := tag.RowsAffected(); s.want >= 0 && n != s.want && wrong == nil {
			wrong = fmt.Errorf("%w: %d, not %d [%s]", ErrCount, n, s.want, short(s.q))
		}
	}
	out := make([]*rawRows, len(more))
	for i, s := range more {
		rows, err := br.Query()
		if err != nil {
			return nil, fmt.Errorf("%w [%s]", err, short(s.q))
		}
		r := &rawRows{m: p.conn.TypeMap(), fields: append([]pgconn.FieldDescription(nil), rows.FieldDescriptions()...)}
		for rows.Next() {
			vals := rows.RawValues()
			row := make([][]byte, len(vals))
			for j, v := range vals {
				row[j] = bytes.Clone(v)
			}
			r.rows = append(r.rows, row)
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("%w [%s]", err, short(s.q))
		}
		out[i] = r
	}
	if err := br.Close(); err != nil {
		return nil, err
	}
	return out, wrong
}

// commit sends what waits with the commit. A refusal that the server spoke
// before the commit is a plain error; when the answer is lost, so is the outcome.
func (p *pipe) commit() error {
	b := &pgx.Batch{}
	queue := p.queue
	p.queue = nil
	for _, s := range queue {
		if s.want >= 0 {
			// The commit must not happen when a count is wrong, so it waits for the counts.
			p.queue = queue
			if _, err := p.send(nil); err != nil {
				return err
			}
			queue = nil
			break
		}
	}
	for _, s := range queue {
		b.Queue(s.q, s.args...)
	}
	b.Queue("commit")
	br := p.conn.SendBatch(p.ctx, b)
	var tag pgconn.CommandTag
	var err error
	for range len(queue) + 1 {
		if tag, err = br.Exec(); err != nil {
			break
		}
	}
	err = errors.Join(err, br.Close())
	var pe *pgconn.PgError
	switch {
	case errors.As(err, &pe):
		return err // the server refused; it has not committed
	case err != nil:
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	case tag.String() != "COMMIT":
		return fmt.Errorf("db: commit was answered with %s", tag)
	}
	return nil
}

// rows answers a query: from what Together has fetched, or from the server.
func (p *pipe) rows(q string, args []any) (*rawRows, error) {
	if p.recording {
		p.recorded = append(p.recorded, statement{q, args, -1})
		return &rawRows{}, nil
	}
	for i, a := range p.answers {
		if a.rows != nil && a.q == q && reflect.DeepEqual(a.args, args) {
			p.answers[i].rows = nil
			return a.rows, nil
		}
	}
	out, err := p.send([]statement{{q, args, -1}})
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// Together runs fn, whose queries do not depend on one another's answers and
// which writes nothing, with all its queries in one packet. On PostgreSQL in a
// pipeline fn runs twice: first every query answers with no rows and is only
// noted, then again with the answers. Elsewhere fn just runs.
func (tx *Tx) Together(fn func() error) error {
	p := tx.pipe
	if p == nil {
		return fn()
	}
	p.recording, p.recorded = true, nil
	fn() // its error, if any, comes from the missing rows
	p.recording = false
	asked := p.recorded
	if len(asked) > 1 {
		got, err := p.send(asked)
		if err != nil {
			return err
		}
		for i, r := range got {
			p.answers = append(p.answers, answer{asked[i], r})
		}
	}
	defer func() { p.answers = nil }()
	return fn()
}

// Piped tells whether tx is a pipeline. What another statement's guard or key
// refuses anyway need not be asked for first in one: a wrong count or a taken
// key fails the whole transaction, and its caller runs it again with Write.
func (tx *Tx) Piped() bool { return tx.pipe != nil }

// Put runs a statement that must touch want rows, any number when -1; another
// is ErrCount. In a pipeline it goes out with the next query or the commit.
func (tx *Tx) Put(want int64, q string, args ...any) error {
	if tx.pipe != nil {
		q, args = tx.set(q, args)
		return tx.pipe.later(statement{q, args, want})
	}
	n, err := tx.Exec(q, args...)
	if err == nil && want >= 0 && n != want {
		err = fmt.Errorf("%w: %d, not %d [%s]", ErrCount, n, want, short(q))
	}
	return err
}

func (p *pipe) later(s statement) error {
	if p.recording {
		return errors.New("db: a write inside Together")
	}
	p.queue = append(p.queue, s)
	return nil
}

// exec runs a statement at once, because its caller wants the count.
func (p *pipe) exec(q string, args []any) (sql.Result, error) {
	if p.recording {
		return nil, errors.New("db: a write inside Together")
	}
	if _, err := p.send(nil); err != nil {
		return nil, err
	}
	tag, err := p.conn.Exec(p.ctx, q, args...)
	return result(tag.RowsAffected()), err
}

type result int64

func (r result) LastInsertId() (int64, error) { return 0, errors.ErrUnsupported }
func (r result) RowsAffected() (int64, error) { return int64(r), nil }

var errPiped = fault.New(fault.Internal, "db: Query inside WritePiped; use All or One")
