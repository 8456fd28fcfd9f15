package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

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
// Together does the same for queries that do not depend on one another. A
// statement that must touch a given number of rows says so to the server itself
// (see counted), so that even then the commit need not wait for the count.
type pipe struct {
	ctx   context.Context
	conn  *pgx.Conn
	queue []statement
	begun bool

	recording bool
	recorded  []statement
	answers   []answer // fetched and not yet asked for
}

type statement struct {
	q    string
	args []any
	want int64 // rows it must touch; -1: any
	free bool  // its keys must be free: a taken one is a wrong count
}

// counted is the statement as it goes to the server: one that divides by zero
// there, and so ends the transaction, when it touches another number of rows
// than its caller counts on.
func (s statement) counted() (string, []any) {
	if s.want < 0 {
		return s.q, s.args
	}
	type key struct {
		q string
		n int
	}
	k := key{s.q, len(s.args)}
	q, ok := guards.Load(k)
	if !ok {
		q = fmt.Sprintf("WITH w AS (%s RETURNING 1) SELECT 1/(CASE WHEN COUNT(*) = $%d::bigint THEN 1 ELSE 0 END) FROM w", s.q, len(s.args)+1)
		guards.Store(k, q)
	}
	return q.(string), append(s.args[:len(s.args):len(s.args)], s.want)
}

var guards sync.Map

// failed names the statement of an error, and the count when that was wrong.
func (s statement) failed(err error) error {
	var pe *pgconn.PgError
	if s.want >= 0 && errors.As(err, &pe) && pe.Code == "22012" || s.free && IsUnique(err) {
		return fmt.Errorf("%w [%s]", ErrCount, short(s.q))
	}
	return fmt.Errorf("%w [%s]", err, short(s.q))
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
	c, err := d.p.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: connect: %w", err)
	}
	defer c.Close()
	return c.Raw(func(dc any) error {
		p := &pipe{ctx: ctx, conn: dc.(*stdlib.Conn).Conn(), queue: []statement{{q: "begin", want: -1}}}
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
		if !p.begun && len(p.queue) == 1 {
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
		q, args := s.counted()
		b.Queue(q, args...)
	}
	for _, s := range more {
		b.Queue(s.q, s.args...)
	}
	p.begun = true
	br := p.conn.SendBatch(p.ctx, b)
	defer br.Close()
	for _, s := range queue {
		if _, err := br.Exec(); err != nil {
			return nil, s.failed(err)
		}
	}
	out := make([]*rawRows, len(more))
	for i, s := range more {
		rows, err := br.Query()
		if err != nil {
			return nil, s.failed(err)
		}
		r := &rawRows{m: p.conn.TypeMap(), fields: append([]pgconn.FieldDescription(nil), rows.FieldDescriptions()...)}
		for rows.Next() {
			vals := rows.RawValues()
			size := 0
			for _, v := range vals {
				size += len(v)
			}
			row, all := make([][]byte, len(vals)), make([]byte, 0, size)
			for j, v := range vals {
				if v != nil {
					at := len(all)
					all = append(all, v...)
					row[j] = all[at:len(all):len(all)]
				}
			}
			r.rows = append(r.rows, row)
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return nil, s.failed(err)
		}
		out[i] = r
	}
	return out, br.Close()
}

// commit sends what waits with the commit. A refusal that the server spoke
// before the commit is a plain error; when the answer is lost, so is the outcome.
func (p *pipe) commit() error {
	b := &pgx.Batch{}
	queue := append(p.queue, statement{q: "commit", want: -1})
	p.queue = nil
	for _, s := range queue {
		q, args := s.counted()
		b.Queue(q, args...)
	}
	br := p.conn.SendBatch(p.ctx, b)
	var tag pgconn.CommandTag
	var err error
	for _, s := range queue {
		if tag, err = br.Exec(); err != nil {
			err = s.failed(err)
			break
		}
	}
	err = errors.Join(err, br.Close())
	var pe *pgconn.PgError
	switch {
	case errors.Is(err, ErrCount), errors.As(err, &pe):
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
		p.recorded = append(p.recorded, statement{q: q, args: args, want: -1})
		return &rawRows{}, nil
	}
	if i := p.answered(q, args); i >= 0 {
		rows := p.answers[i].rows
		p.answers = slices.Delete(p.answers, i, i+1)
		return rows, nil
	}
	out, err := p.send([]statement{{q: q, args: args, want: -1}})
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
	if err := tx.Ahead(fn); err != nil {
		return err
	}
	return fn()
}

// Ahead fetches, in one packet, the answers of the queries that fn asks, for
// those who ask the same later in this transaction: each answer is given once.
// fn's own results count for nothing. Only a pipeline does it at all.
func (tx *Tx) Ahead(fn func() error) error {
	p := tx.pipe
	if p == nil {
		return nil
	}
	p.recording, p.recorded = true, nil
	fn() // its error, if any, comes from the missing rows
	p.recording = false
	var asked []statement
	for _, s := range p.recorded {
		if p.answered(s.q, s.args) < 0 {
			asked = append(asked, s)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	got, err := p.send(asked)
	for i, r := range got {
		p.answers = append(p.answers, answer{asked[i], r})
	}
	return err
}

// answered is the place of a fetched answer, or -1.
func (p *pipe) answered(q string, args []any) int {
	for i, a := range p.answers {
		if a.q == q && reflect.DeepEqual(a.args, args) {
			return i
		}
	}
	return -1
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
		return tx.pipe.later(statement{q: q, args: args, want: want})
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
