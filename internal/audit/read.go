package audit

import (
	"context"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
)

// Line is an event as the audit reader (审计管理员) sees it.
type Line struct {
	Lane, Seq, At                       int64
	Zone, Actor, Role, Behalf, Terminal string
	Verb, Object, Result, Detail        string
}

// Query narrows the record. An object is looked up in the whole record, else
// the days bound it: both are civil days in China, both included.
type Query struct {
	Object, Actor string
	From, To      day.Day
	After         Mark // the last line of the page before, the zero Mark for the first page
}

// Mark is a place in the record, newest first.
type Mark struct{ At, Lane, Seq int64 }

const (
	lineCols = `SELECT lane, seq, at, zone, actor, role, behalf, terminal, verb, object, result, detail FROM audit_event`
	lineEnd  = ` AND (at < $2 OR (at = $2 AND (lane < $3 OR (lane = $3 AND seq < $4)))) ORDER BY at DESC, lane DESC, seq DESC LIMIT $5`

	linesOfObject = lineCols + ` WHERE region = $1 AND object = $6 AND ($7 = '' OR actor = $7)` + lineEnd
	linesOnBehalf = lineCols + ` WHERE region = $1 AND behalf = $2 AND behalf <> '' AND verb NOT LIKE '%.see%' AND verb NOT LIKE '%.draft' AND verb NOT LIKE '%.why' ORDER BY at DESC, lane DESC, seq DESC LIMIT $3`
	linesOfDays   = lineCols + ` WHERE region = $1 AND at >= $6 AND at < $7 AND ($8 = '' OR actor = $8)` + lineEnd
)

// Lines reads a page of the record of a region, the newest first.
func Lines(ctx context.Context, l *Log, region string, q Query, limit int) (out []Line, err error) {
	after := q.After
	if after == (Mark{}) {
		after.At = 1<<62 - 1
	}
	err = l.DB.Read(ctx, func(tx *db.Tx) error {
		scan := func(r db.Row) (x Line, err error) {
			return x, r.Scan(&x.Lane, &x.Seq, &x.At, &x.Zone, &x.Actor, &x.Role, &x.Behalf, &x.Terminal, &x.Verb, &x.Object, &x.Result, &x.Detail)
		}
		if q.Object != "" {
			out, err = db.All(tx, scan, linesOfObject, region, after.At, after.Lane, after.Seq, limit, q.Object, q.Actor)
			return err
		}
		out, err = db.All(tx, scan, linesOfDays, region, after.At, after.Lane, after.Seq, limit, begin(q.From), begin(q.To+1), q.Actor)
		return err
	})
	return out, err
}

// OnBehalf are the newest acts that others did for a person, that came to effect
// or were refused; who looked is not among them.
func OnBehalf(ctx context.Context, l *Log, region, person string, limit int) (out []Line, err error) {
	if person == "" {
		return nil, nil
	}
	err = l.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, func(r db.Row) (x Line, err error) {
			return x, r.Scan(&x.Lane, &x.Seq, &x.At, &x.Zone, &x.Actor, &x.Role, &x.Behalf, &x.Terminal, &x.Verb, &x.Object, &x.Result, &x.Detail)
		}, linesOnBehalf, region, person, limit)
		return err
	})
	return out, err
}

// begin is the first millisecond of a civil day.
func begin(d day.Day) int64 {
	y, m, n := d.Date()
	return time.Date(y, time.Month(m), n, 0, 0, 0, 0, day.Shanghai).UnixMilli()
}
