// Package db opens the database, SQLite or PostgreSQL, and hands out
// transactions. One SQL text runs on both ($1 placeholders, TEXT, BIGINT,
// BOOLEAN; days as TEXT, instants as BIGINT milliseconds, JSON as TEXT that is
// never queried). Every table's key and every statement starts from region, so
// that the same text also runs on Citus.
//
// Only audit, job and access begin transactions; everyone else is handed a *Tx.
package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"

	"yinling/internal/day"
	"yinling/internal/fault"
)

// Dialect is the engine behind a DB.
type Dialect string

// The engines.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// DB is an open database. It is safe for many goroutines.
type DB struct {
	Dialect Dialect
	w, r    *sql.DB // SQLite: one writer and a pool of readers; PostgreSQL: the same pool
	p       *sql.DB // PostgreSQL: the connections of pipelines, which plan a statement once
	now     func() time.Time
	wr      *writer  // SQLite only
	known   sync.Map // see Tx.Known
	recall  sync.Map // see Tx.Recall
	fatal   func(error)
	broken  atomic.Pointer[error] // the I/O error after which nothing is written any more
}

// Options of Open; the zero value is right for production.
type Options struct {
	Now func() time.Time // the clock; nil is the machine's
	// AllowUnsafe opens a database whose settings may lose acknowledged writes.
	// The caller writes the override to the audit log.
	AllowUnsafe bool
	MaxConns    int // PostgreSQL pool; 0 means 32
	// Fatal is called once, when SQLite reports an I/O error or a damaged file:
	// what the page cache holds and what the disk holds may differ from then on,
	// so nothing more is written and the process should end and be started anew.
	Fatal func(error)
}

// Open opens url: "sqlite:/path/file.db" (or just a path) or "postgres://…".
// It refuses settings under which an acknowledged write could be lost, naming
// the setting, unless opt.AllowUnsafe.
func Open(ctx context.Context, rawurl string, opt Options) (*DB, error) {
	d := &DB{now: opt.Now, fatal: opt.Fatal}
	if d.now == nil {
		d.now = time.Now
	}
	if strings.HasPrefix(rawurl, "postgres://") || strings.HasPrefix(rawurl, "postgresql://") {
		d.Dialect = Postgres
		cfg, err := postgresConfig(ctx, rawurl)
		if err != nil {
			return nil, err
		}
		d.w = stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(plainArrays))
		cfg = cfg.Copy()
		cfg.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
		d.p = stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(plainArrays))
		d.p.SetMaxOpenConns(8) // committers, of which each has one
		d.p.SetMaxIdleConns(8)
		if opt.MaxConns == 0 {
			opt.MaxConns = 32
		}
		d.w.SetMaxOpenConns(opt.MaxConns)
		d.w.SetMaxIdleConns(opt.MaxConns)
		d.r = d.w
	} else {
		d.Dialect = SQLite
		if err := d.openSQLite(strings.TrimPrefix(rawurl, "sqlite:")); err != nil {
			return nil, err
		}
	}
	if err := d.w.PingContext(ctx); err != nil {
		d.Close()
		return nil, fault.New(fault.Internal, "连不上数据库：%v", err)
	}
	if unsafe, err := d.Unsafe(ctx); err != nil {
		d.Close()
		return nil, err
	} else if len(unsafe) > 0 && !opt.AllowUnsafe {
		d.Close()
		return nil, fault.New(fault.Invalid, "数据库的设置可能丢掉已经确认的数据，不能启动：%s。请改好设置后再启动。", strings.Join(unsafe, "；"))
	}
	return d, nil
}

// postgresConfig has long texts compressed with LZ4 where the server can:
// explanations are long, and pglz costs half an insert.
func postgresConfig(ctx context.Context, rawurl string) (*pgx.ConnConfig, error) {
	const toast = "default_toast_compression"
	cfg, err := pgx.ParseConfig(rawurl)
	if err != nil {
		return nil, fault.New(fault.Invalid, "数据库地址写错了：%v", err)
	}
	if _, own := cfg.RuntimeParams[toast]; !own {
		cfg.RuntimeParams[toast] = "lz4"
		c, err := pgx.ConnectConfig(ctx, cfg)
		var pe *pgconn.PgError
		if errors.As(err, &pe) && pe.Code == "22023" {
			delete(cfg.RuntimeParams, toast)
		}
		if c != nil {
			c.Close(ctx)
		}
	}
	return cfg, nil
}

func (d *DB) openSQLite(path string) error {
	path, own, _ := strings.Cut(path, "?")
	settings, err := url.ParseQuery(own) // «?_pragma=name(value)» overrides ours; Unsafe looks at the result
	if err != nil {
		return fault.New(fault.Invalid, "数据库地址问号后面的部分写错了：%v", err)
	}
	if path == "" {
		return fault.New(fault.Invalid, "没有写数据库文件的路径")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault.New(fault.Invalid, "建不了数据库目录 %s：%v", filepath.Dir(path), err)
	}
	dsn := func(extra ...string) string {
		pragmas := []string{"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "busy_timeout(5000)", "temp_store(2)", "secure_delete(1)"}
		for _, own := range settings["_pragma"] {
			name, _, _ := strings.Cut(own, "(")
			pragmas = slices.DeleteFunc(pragmas, func(p string) bool { return strings.HasPrefix(p, name+"(") })
			extra = append(extra, own)
		}
		v := url.Values{"_pragma": append(pragmas, extra...), "_txlock": {"immediate"}}
		if slices.Contains(extra, "query_only(1)") {
			v.Del("_txlock")
		}
		return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: v.Encode()}).String()
	}
	// A page and its header take the next power of two in this process, so a cache
	// costs twice its size. With these an import or a month close stays below
	// 512 MiB resident at any size; what is missed comes from the system's cache.
	if d.w, err = sql.Open("sqlite", dsn("cache_size(-98304)")); err != nil {
		return err
	}
	d.wr = newWriter()
	d.w.SetMaxOpenConns(2) // one is the writer's for ever, one for Raw
	if d.r, err = sql.Open("sqlite", dsn("cache_size(-16384)", "query_only(1)")); err != nil {
		return err
	}
	d.r.SetMaxOpenConns(2 + runtime.NumCPU())
	return nil
}

// Unsafe lists the settings under which this database could lose an
// acknowledged write or break a reference, in words; none is good.
func (d *DB) Unsafe(ctx context.Context) ([]string, error) {
	var bad []string
	if d.Dialect == Postgres {
		for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
			var v string
			if err := d.w.QueryRowContext(ctx, `SELECT current_setting($1)`, name).Scan(&v); err != nil {
				return nil, fmt.Errorf("db: read %s: %w", name, err)
			}
			if v == "off" {
				bad = append(bad, "PostgreSQL 的 "+name+" 是 off")
			}
		}
		return bad, nil
	}
	var sync, fk int
	var version, mode string
	err := errors.Join(
		d.w.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&sync),
		d.w.QueryRowContext(ctx, `PRAGMA foreign_keys`).Scan(&fk),
		d.w.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode),
		d.w.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version))
	if err != nil {
		return nil, fmt.Errorf("db: read settings: %w", err)
	}
	if sync < 2 {
		bad = append(bad, "SQLite 的 synchronous 低于 FULL")
	}
	if fk != 1 {
		bad = append(bad, "SQLite 的 foreign_keys 没有打开")
	}
	if !SafeSQLite(version) {
		bad = append(bad, "SQLite "+version+" 有丢数据的缺陷，要 3.51.3 以上（或 3.50.7、3.44.6）")
	}
	return bad, nil
}

// SafeSQLite tells whether a version has the fix for the WAL-reset race
// (3.51.3, back-ported to 3.50.7 and 3.44.6; 3.52.0 was withdrawn).
func SafeSQLite(v string) bool {
	var a, b, c int
	if _, err := fmt.Sscanf(v, "%d.%d.%d", &a, &b, &c); err != nil || a != 3 {
		return false
	}
	switch {
	case b == 52 && c == 0:
		return false
	case b == 51:
		return c >= 3
	case b == 50:
		return c >= 7
	case b == 44:
		return c >= 6
	}
	return b > 51
}

// Close closes the database.
func (d *DB) Close() error {
	if d.wr != nil {
		d.wr.turn <- struct{}{} // after the write that is under way
		d.wr.close()
		<-d.wr.turn
	}
	if d.r != d.w && d.r != nil {
		d.r.Close()
	}
	if d.p != nil {
		d.p.Close()
	}
	return d.w.Close()
}

// Now is the DB's clock.
func (d *DB) Now() time.Time { return d.now().UTC().Truncate(time.Millisecond) }

// Raw is the writing pool, for migrations, backup, bench yardsticks and tests.
func (d *DB) Raw() *sql.DB { return d.w }

// Tx is a transaction. Its Now is fixed at the beginning.
type Tx struct {
	ctx  context.Context
	sql  *sql.Tx
	conn *sql.Conn // under a writing transaction, for Bulk
	w    *writer   // SQLite's prepared statements, in a writing transaction
	pipe *pipe     // instead of sql, in WritePiped on PostgreSQL
	home *DB
	news []string       // learnt in this transaction
	keep map[string]any // remembered in this transaction
	now  time.Time
	d    Dialect
}

// Now is the instant at which the transaction began, UTC, in milliseconds.
func (tx *Tx) Now() time.Time { return tx.now }

// Millis is Now as it is stored.
func (tx *Tx) Millis() int64 { return tx.now.UnixMilli() }

// Today is the day in China at Now.
func (tx *Tx) Today() day.Day { return day.FromTime(tx.now) }

// Dialect tells the engine; only the bulk loaders in db and bench may care.
func (tx *Tx) Dialect() Dialect { return tx.d }

// Known tells whether this process has learnt a fact: something that, once
// committed, stays true for as long as the database is open, such as a row in
// a table from which nothing is ever deleted.
func (tx *Tx) Known(fact string) bool { _, ok := tx.home.known.Load(fact); return ok }

// Learn makes a fact known when the transaction has committed.
func (tx *Tx) Learn(fact string) { tx.news = append(tx.news, fact) }

func (tx *Tx) learnt() {
	for _, f := range tx.news {
		tx.home.known.Store(f, true)
	}
	for k, v := range tx.keep {
		tx.home.recall.Store(k, v)
	}
}

// Recall takes what a committed transaction of this process has remembered
// under a key, such as the head of a chain. Another process may have moved on
// since: whoever builds on it must have the database compare before the commit.
func (tx *Tx) Recall(key string) (any, bool) { return tx.home.recall.LoadAndDelete(key) }

// Remember keeps a value for Recall when the transaction has committed.
func (tx *Tx) Remember(key string, v any) {
	if tx.keep == nil {
		tx.keep = map[string]any{}
	}
	tx.keep[key] = v
}

// Part runs fn so that its failure takes back only what fn wrote: the
// transaction goes on. The error is fn's.
func (tx *Tx) Part(fn func() error) error {
	news := len(tx.news)
	if _, err := tx.Exec("SAVEPOINT part"); err != nil {
		return err
	}
	err := fn()
	if err != nil {
		tx.news = tx.news[:news]
		if _, e := tx.Exec("ROLLBACK TO SAVEPOINT part"); e != nil {
			return errors.Join(e, err)
		}
	}
	if _, e := tx.Exec("RELEASE SAVEPOINT part"); e != nil {
		return errors.Join(e, err)
	}
	return err
}

// Context is the context of the transaction.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Exec runs a statement and returns the number of rows it touched.
func (tx *Tx) Exec(q string, args ...any) (int64, error) {
	q, args = tx.set(q, args)
	r, err := tx.exec(q, args)
	if err != nil {
		return 0, fmt.Errorf("%w [%s]", err, short(q))
	}
	return r.RowsAffected()
}

// Query runs a query; the caller closes the rows. All and One are simpler.
func (tx *Tx) Query(q string, args ...any) (*sql.Rows, error) {
	if tx.pipe != nil {
		return nil, errPiped
	}
	q, args = tx.set(q, args)
	r, err := tx.sql.QueryContext(tx.ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("%w [%s]", err, short(q))
	}
	return r, nil
}

// Row is what a scan function gets.
type Row interface{ Scan(dest ...any) error }

// ErrNone is what One returns for no row.
var ErrNone = sql.ErrNoRows

// One reads one row; none is ErrNone.
func One[T any](tx *Tx, scan func(Row) (T, error), q string, args ...any) (T, error) {
	q, args = tx.set(q, args)
	v, err := one(tx, scan, q, args)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("%w [%s]", err, short(q))
	}
	return v, err
}

func one[T any](tx *Tx, scan func(Row) (T, error), q string, args []any) (v T, err error) {
	if tx.pipe != nil {
		rows, err := tx.pipe.rows(q, args)
		if err != nil {
			return v, err
		}
		if len(rows.rows) == 0 {
			return v, sql.ErrNoRows
		}
		return scan(rows)
	}
	rows, done, err := tx.query(q, args)
	if err != nil {
		return v, err
	}
	defer done()
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return v, err
		}
		return v, sql.ErrNoRows
	}
	if v, err = scan(rows); err != nil {
		return v, err
	}
	return v, rows.Close()
}

// All reads all rows.
func All[T any](tx *Tx, scan func(Row) (T, error), q string, args ...any) ([]T, error) {
	q, args = tx.set(q, args)
	if tx.pipe != nil {
		rows, err := tx.pipe.rows(q, args)
		if err != nil {
			return nil, err
		}
		var out []T
		for rows.at = range rows.rows {
			v, err := scan(rows)
			if err != nil {
				return nil, fmt.Errorf("%w [%s]", err, short(q))
			}
			out = append(out, v)
		}
		return out, nil
	}
	rows, done, err := tx.query(q, args)
	if err != nil {
		return nil, fmt.Errorf("%w [%s]", err, short(q))
	}
	defer done()
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("%w [%s]", err, short(q))
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Value scans a single column.
func Value[T any](r Row) (v T, err error) { err = r.Scan(&v); return v, err }

// Read runs fn in a read-only snapshot.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	opt := &sql.TxOptions{ReadOnly: true}
	if d.Dialect == Postgres {
		opt.Isolation = sql.LevelRepeatableRead
	} else {
		opt.ReadOnly = false // the reader pool is query_only already
	}
	t, err := d.r.BeginTx(ctx, opt)
	if err != nil {
		return fmt.Errorf("db: begin read: %w", err)
	}
	defer t.Rollback()
	return fn(&Tx{ctx: ctx, sql: t, now: d.Now(), d: d.Dialect, home: d})
}

// ErrUnknown wraps the error of a commit: the database may or may not have
// kept the write, so nobody may be told «no». The way out is to ask again with
// the same idempotency key.
var ErrUnknown = errors.New("commit outcome unknown")

// Write runs fn in a transaction and commits it. Conflicts that the engine
// reports (serialisation, deadlock, busy) are retried a bounded number of times.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return d.retry(ctx, func() error { return d.writeOnce(ctx, fn) })
}

// Analyze tells PostgreSQL's planner how large tables have become. Autovacuum
// does the same, but only once a minute: until then a table that was empty when
// a plan was made is scanned by each who asks for a row. SQLite needs none.
func (d *DB) Analyze(ctx context.Context, tables ...string) error {
	if d.Dialect != Postgres {
		return nil
	}
	_, err := d.w.ExecContext(ctx, "ANALYZE "+strings.Join(tables, ", "))
	return err
}

func (d *DB) retry(ctx context.Context, once func() error) error {
	for try := 0; ; try++ {
		err := once()
		if err == nil || try >= 10 || !transient(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(mrand.IntN(5<<min(try, 6))+1) * time.Millisecond):
		}
	}
}

// judge looks for the errors after which this process may not write again.
func (d *DB) judge(err error) {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return
	}
	switch se.Code() & 0xff {
	case sqlitelib.SQLITE_IOERR, sqlitelib.SQLITE_CORRUPT, sqlitelib.SQLITE_NOTADB:
		if d.broken.CompareAndSwap(nil, &err) && d.fatal != nil {
			d.fatal(err)
		}
	}
}

func (d *DB) writeOnce(ctx context.Context, fn func(*Tx) error) (err error) {
	if cause := d.broken.Load(); cause != nil {
		return &fault.Error{Kind: fault.Busy, Say: "磁盘出了故障，为了不写坏数据，系统正在重新启动。请稍等再点一次，不会重复办理。", Err: *cause}
	}
	defer func() { d.judge(err) }()
	t, c, end, err := d.begin(ctx)
	if err != nil {
		return fmt.Errorf("db: begin: %w", err)
	}
	defer end()
	defer t.Rollback()
	tx := &Tx{ctx: ctx, sql: t, conn: c, w: d.wr, now: d.Now(), d: d.Dialect, home: d}
	if err := fn(tx); err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		if transient(err) {
			return err
		}
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	tx.learnt()
	return nil
}

func (d *DB) begin(ctx context.Context) (*sql.Tx, *sql.Conn, func(), error) {
	if d.wr != nil {
		t, err := d.wr.begin(ctx, d.w)
		return t, d.wr.conn, d.wr.end, err
	}
	c, err := d.w.Conn(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	t, err := c.BeginTx(ctx, nil)
	if err != nil {
		c.Close()
		return nil, nil, nil, err
	}
	return t, c, func() { c.Close() }, nil
}

func transient(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	var se *sqlite.Error
	return errors.As(err, &se) && se.Code()&0xff == sqlitelib.SQLITE_BUSY
}

// IsUnique tells whether err is a violated unique key.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var se *sqlite.Error
	return errors.As(err, &se) && (se.Code() == sqlitelib.SQLITE_CONSTRAINT_UNIQUE || se.Code() == sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY)
}

func short(q string) string {
	q = strings.Join(strings.Fields(q), " ")
	if len(q) > 120 {
		q = q[:120] + "…"
	}
	return q
}

var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// lastID is the millisecond of the newest id and how many came before it in
// that millisecond, so that ids of one process sort in the order they were made.
var lastID struct {
	sync.Mutex
	ms int64
	n  uint32
}

// NewID makes an id that sorts by time and, within a millisecond of one
// process, by order: 48 bits of milliseconds, 24 of a counter, 48 random.
func NewID(at time.Time) string {
	ms := at.UnixMilli()
	lastID.Lock()
	if lastID.ms != ms {
		lastID.ms, lastID.n = ms, 0
	}
	lastID.n++
	n := lastID.n
	lastID.Unlock()
	var b [15]byte
	for i := 5; i >= 0; i-- {
		b[i], ms = byte(ms), ms>>8
	}
	b[6], b[7], b[8] = byte(n>>16), byte(n>>8), byte(n)
	rand.Read(b[9:])
	return idText.EncodeToString(b[:])
}

// NewID makes an id at the transaction's time.
func (tx *Tx) NewID() string { return NewID(tx.now) }
