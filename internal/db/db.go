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
	"encoding/json"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
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
	now     func() time.Time
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
	var err error
	if strings.HasPrefix(rawurl, "postgres://") || strings.HasPrefix(rawurl, "postgresql://") {
		d.Dialect = Postgres
		if d.w, err = sql.Open("pgx", rawurl); err != nil {
			return nil, fault.New(fault.Invalid, "数据库地址写错了：%v", err)
		}
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

func (d *DB) openSQLite(path string) error {
	if path == "" {
		return fault.New(fault.Invalid, "没有写数据库文件的路径")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault.New(fault.Invalid, "建不了数据库目录 %s：%v", filepath.Dir(path), err)
	}
	q := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"busy_timeout(5000)", "cache_size(-262144)", "temp_store(2)", "secure_delete(1)"}}
	w := url.Values{"_pragma": q["_pragma"], "_txlock": {"immediate"}}
	file := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}).String()
	var err error
	if d.w, err = sql.Open("sqlite", file+"?"+w.Encode()); err != nil {
		return err
	}
	d.w.SetMaxOpenConns(1)
	q["_pragma"] = append(append([]string{}, q["_pragma"]...), "query_only(1)")
	q["_pragma"][4] = "cache_size(-65536)"
	if d.r, err = sql.Open("sqlite", file+"?"+q.Encode()); err != nil {
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
	if d.r != d.w && d.r != nil {
		d.r.Close()
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

// Context is the context of the transaction.
func (tx *Tx) Context() context.Context { return tx.ctx }

// set turns the portable «x = ANY($n)» with a []string or []int64 argument
// into what the engine knows: PostgreSQL takes it as it is, SQLite gets the
// list as JSON. One text whatever the length, so that it is prepared once.
func (tx *Tx) set(q string, args []any) (string, []any) {
	if tx.d == Postgres || !strings.Contains(q, "= ANY(") {
		return q, args
	}
	if r, ok := sets.Load(q); ok {
		q = r.(string)
	} else {
		r := anySet.ReplaceAllString(q, "IN (SELECT value FROM json_each(${1}))")
		sets.Store(q, r)
		q = r
	}
	out := make([]any, len(args))
	for i, a := range args {
		switch a.(type) {
		case []string, []int64:
			b, _ := json.Marshal(a)
			a = string(b)
		}
		out[i] = a
	}
	return q, out
}

var anySet = regexp.MustCompile(`= ANY\((\$\d+)\)`)
var sets sync.Map

// Exec runs a statement and returns the number of rows it touched.
func (tx *Tx) Exec(q string, args ...any) (int64, error) {
	q, args = tx.set(q, args)
	r, err := tx.sql.ExecContext(tx.ctx, q, args...)
	if err != nil {
		return 0, fmt.Errorf("%w [%s]", err, short(q))
	}
	return r.RowsAffected()
}

// Query runs a query; the caller closes the rows. All and One are simpler.
func (tx *Tx) Query(q string, args ...any) (*sql.Rows, error) {
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
	v, err := scan(tx.sql.QueryRowContext(tx.ctx, q, args...))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("%w [%s]", err, short(q))
	}
	return v, err
}

// All reads all rows.
func All[T any](tx *Tx, scan func(Row) (T, error), q string, args ...any) ([]T, error) {
	rows, err := tx.Query(q, args...)
	if err != nil {
		return nil, err
	}
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

// Insert writes rows of cols into table in few multi-row statements; suffix may
// be an ON CONFLICT clause. It returns the number of rows written.
func (tx *Tx) Insert(table string, cols []string, rows [][]any, suffix string) (int64, error) {
	var n int64
	const maxParams = 30000 // PostgreSQL takes 65535, SQLite 32766
	per := min(500, maxParams/len(cols))
	for len(rows) > 0 {
		k := min(per, len(rows))
		var b strings.Builder
		b.WriteString("INSERT INTO " + table + " (" + strings.Join(cols, ", ") + ") VALUES ")
		args := make([]any, 0, k*len(cols))
		for i, row := range rows[:k] {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('(')
			for j, v := range row {
				if j > 0 {
					b.WriteByte(',')
				}
				args = append(args, v)
				b.WriteByte('$')
				b.WriteString(strconv.Itoa(len(args)))
			}
			b.WriteByte(')')
		}
		if suffix != "" {
			b.WriteByte(' ')
			b.WriteString(suffix)
		}
		m, err := tx.Exec(b.String(), args...)
		if err != nil {
			return n, err
		}
		n, rows = n+m, rows[k:]
	}
	return n, nil
}

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
	return fn(&Tx{ctx: ctx, sql: t, now: d.Now(), d: d.Dialect})
}

// ErrUnknown wraps the error of a commit: the database may or may not have
// kept the write, so nobody may be told «no». The way out is to ask again with
// the same idempotency key.
var ErrUnknown = errors.New("commit outcome unknown")

// Write runs fn in a transaction and commits it. Conflicts that the engine
// reports (serialisation, deadlock, busy) are retried a bounded number of times.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	for try := 0; ; try++ {
		err := d.writeOnce(ctx, fn)
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
	c, err := d.w.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: connect: %w", err)
	}
	defer c.Close()
	t, err := c.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("db: begin: %w", err)
	}
	defer t.Rollback()
	if err := fn(&Tx{ctx: ctx, sql: t, conn: c, now: d.Now(), d: d.Dialect}); err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		if transient(err) {
			return err
		}
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return nil
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

// NewID makes an id that sorts by time: 48 bits of milliseconds and 72 random bits.
func NewID(at time.Time) string {
	var b [15]byte
	ms := at.UnixMilli()
	for i := 5; i >= 0; i-- {
		b[i], ms = byte(ms), ms>>8
	}
	rand.Read(b[6:])
	return idText.EncodeToString(b[:])
}

// NewID makes an id at the transaction's time.
func (tx *Tx) NewID() string { return NewID(tx.now) }
