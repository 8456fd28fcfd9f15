// Package audit is the only door to a write. Do runs a command in one
// transaction together with its idempotency receipt, its audit event in a
// hash chain, and whatever the command posts, decides and enqueues.
//
//	Do ── receipt known? ── yes ─→ the first receipt again (same body) or conflict (other body)
//	      │ no
//	      ├─ fn(tx): guard rows, rows, postings, decisions, jobs
//	      ├─ event: seq+1, hash = SM3(previous hash ‖ event)
//	      ├─ receipt
//	      └─ commit ── error ─→ «结果待确认», ask again with the same key
//
// A chain runs per region and lane. Lane 0 is for people; each Group committer
// has its own, so that two committers never wait for one chain head.
package audit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"strconv"
	"strings"

	"github.com/emmansun/gmsm/sm3"
	"golang.org/x/sync/errgroup"

	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Actor is who acts, for the audit event and for access checks.
type Actor struct {
	ID          string // account id; "system" for schedules
	Name        string
	Role        string
	Region      string // the pooling region the actor belongs to
	Institution string // for staff of institutions and insurers
	Person      string // for citizens: the person behind the account
	Behalf      string // the person for whom a proxy acts
	Terminal    string // address or device
}

// System is the program itself in a region.
func System(region string) Actor {
	return Actor{ID: "system", Name: "系统", Role: "system", Region: region}
}

// Act is what is done: the verb («assess.decide»), the object's id, the
// idempotency key and the body whose digest guards the key. Without a Key the
// act is not idempotent; every money act needs one.
type Act struct {
	Region string
	Verb   string
	Object string
	Key    string
	Body   any
	Detail any // kept with the event, no personal data
}

// Log is the door.
type Log struct {
	DB *db.DB
}

// Do runs fn as described in the package comment and returns its result, which
// is also the receipt: it must survive JSON. Conflict: the key was used with
// another body. A refusal of fn leaves nothing behind but an audit event of the
// attempt.
func Do[T any](ctx context.Context, l *Log, who Actor, act Act, fn func(tx *db.Tx) (T, error)) (T, error) {
	var zero T
	digest, err := Digest(act.Body)
	if err != nil {
		return zero, err
	}
	if t := together(ctx); t != nil {
		return doPart(t, who, act, digest, fn)
	}
	for try := 0; ; try++ {
		out, err := doOnce(ctx, l, who, act, digest, fn)
		switch {
		case err == nil:
			return out, nil
		case errors.Is(err, db.ErrUnknown):
			return zero, unknown(err)
		case errors.Is(err, errKeyRace) && try < 3:
			continue // another request with this key has just won: its receipt is there now
		}
		if recorded(err) {
			// The attempt is part of the record; a failure to record it must not hide the refusal.
			l.DB.Write(ctx, func(tx *db.Tx) error {
				return Append(tx, 0, []Event{NewEvent(who, act, string(fault.As(err).Kind))})
			})
		}
		return zero, err
	}
}

func doOnce[T any](ctx context.Context, l *Log, who Actor, act Act, digest string, fn func(tx *db.Tx) (T, error)) (T, error) {
	var out T
	err := l.DB.Write(ctx, func(tx *db.Tx) error { return write(tx, who, act, digest, fn, &out) })
	return out, err
}

// write is one act inside a transaction: receipt, fn, event.
func write[T any](tx *db.Tx, who Actor, act Act, digest string, fn func(tx *db.Tx) (T, error), out *T) error {
	if done, err := answered(tx, who, act, digest, out); done || err != nil {
		return err
	}
	var zero T
	*out = zero
	res, err := fn(tx)
	if recorded(err) {
		// What refused us may be this very act, committed by another server
		// between our look for its receipt and what fn has seen.
		if done, again := answered(tx, who, act, digest, out); done {
			return again
		}
	}
	if err != nil {
		return err
	}
	*out = res
	if err := Append(tx, 0, []Event{NewEvent(who, act, "done")}); err != nil {
		return err
	}
	if act.Key == "" {
		return nil
	}
	text, err := json.Marshal(res)
	if err != nil {
		return err
	}
	return putReceipts(tx, [][]any{{act.Region, who.ID, act.Key, act.Verb, digest, string(text), tx.Millis()}})
}

// answered gives the stored receipt of an act, if there is one.
func answered(tx *db.Tx, who Actor, act Act, digest string, out any) (bool, error) {
	if act.Key == "" {
		return false, nil
	}
	known, err := receipts(tx, act.Region, []string{act.Key})
	if err != nil {
		return false, err
	}
	r, ok := known[keyOf{who.ID, act.Key}]
	if !ok {
		return false, nil
	}
	return true, r.replay(digest, out)
}

// recorded tells whether a failed attempt belongs into the chain: somebody
// tried what a rule, a right or the state does not allow.
func recorded(err error) bool {
	k := fault.As(err).Kind
	return k == fault.Refused || k == fault.Forbidden || k == fault.Conflict
}

// unknown is the honest answer to a commit whose outcome nobody knows.
func unknown(err error) error {
	return &fault.Error{Kind: fault.Busy, Say: "结果待确认：请稍等再点一次，不会重复办理。", Err: err}
}

// Run is Do for an act without a result.
func Run(ctx context.Context, l *Log, who Actor, act Act, fn func(tx *db.Tx) error) error {
	_, err := Do(ctx, l, who, act, func(tx *db.Tx) (struct{}, error) { return struct{}{}, fn(tx) })
	return err
}

// Seen records that somebody read a health record; nothing else is written.
func Seen(ctx context.Context, l *Log, who Actor, region, verb, object string) error {
	return Run(ctx, l, who, Act{Region: region, Verb: verb, Object: object}, func(*db.Tx) error { return nil })
}

// Digest is the fingerprint of a body.
func Digest(body any) (string, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("audit: digest: %w", err)
	}
	h := sm3.Sum(b)
	return hex.EncodeToString(h[:]), nil
}

const getReceipts = `SELECT actor, key, digest, receipt FROM audit_receipt WHERE region = $1 AND key = ANY($2)`

// errKeyRace: between our look and our insert another transaction stored a
// receipt under the same key. Nothing of ours is kept; look again.
var errKeyRace = errors.New("audit: key taken meanwhile")

type keyOf struct{ actor, key string }

type receipt struct{ digest, text string }

// replay answers with the first result, or refuses a key that is used again
// for something else.
func (r receipt) replay(digest string, out any) error {
	if r.digest != digest {
		return fault.New(fault.Conflict, "这个编号已经办过一件内容不同的事，请刷新页面后重新提交。")
	}
	return json.Unmarshal([]byte(r.text), out)
}

func receipts(tx *db.Tx, region string, keys []string) (map[keyOf]receipt, error) {
	known := map[keyOf]receipt{}
	_, err := db.All(tx, func(s db.Row) (struct{}, error) {
		var k keyOf
		var r receipt
		err := s.Scan(&k.actor, &k.key, &r.digest, &r.text)
		known[k] = r
		return struct{}{}, err
	}, getReceipts, region, keys)
	return known, err
}

func putReceipts(tx *db.Tx, rows [][]any) error {
	n, err := tx.Insert("audit_receipt", strings.Fields("region actor key verb digest receipt at"), rows, "ON CONFLICT DO NOTHING")
	if err == nil && n != int64(len(rows)) {
		err = errKeyRace
	}
	return err
}

// Event is one line of the audit chain.
type Event struct {
	Actor, Role, Behalf, Terminal string
	Region, Verb, Object, Result  string
	Detail                        string
}

// NewEvent makes the event of an act.
func NewEvent(who Actor, act Act, result string) Event {
	detail := ""
	if act.Detail != nil {
		b, _ := json.Marshal(act.Detail)
		detail = string(b)
	}
	return Event{Actor: who.ID, Role: who.Role, Behalf: who.Behalf, Terminal: who.Terminal,
		Region: act.Region, Verb: act.Verb, Object: act.Object, Result: result, Detail: detail}
}

const zone = "+08:00"

func (e Event) hash(prev string, lane, seq, at int64) string {
	// Length-prefixed fields: no two different events share one text.
	b := make([]byte, 0, 512)
	for _, s := range [...]string{prev, e.Region, strconv.FormatInt(lane, 10), strconv.FormatInt(seq, 10), strconv.FormatInt(at, 10), zone,
		e.Actor, e.Role, e.Behalf, e.Terminal, e.Verb, e.Object, e.Result, e.Detail} {
		b = strconv.AppendInt(b, int64(len(s)), 10)
		b = append(append(b, ':'), s...)
	}
	h := sm3.Sum(b)
	return hex.EncodeToString(h[:])
}

const lockHead = `INSERT INTO audit_head (region, lane, seq, hash, at) VALUES ($1, $2, 0, '', 0)
	ON CONFLICT (region, lane) DO UPDATE SET seq = audit_head.seq RETURNING seq, hash, at`
const setHead = `UPDATE audit_head SET seq = $3, hash = $4, at = $5 WHERE region = $1 AND lane = $2 AND seq = $6`

// Append chains events, all of one region, onto a lane. It locks the head of
// the lane until the commit, so it stands last in a transaction. In a pipeline
// it takes the head that this process wrote last and lets the server compare.
// A clock that has gone back since the last event gets an event of its own first.
func Append(tx *db.Tx, lane int64, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	region := events[0].Region
	type head struct {
		seq, at int64
		hash    string
	}
	var h head
	key := "audit_head " + region + " " + strconv.FormatInt(lane, 10)
	last, ok := tx.Recall(key)
	if ok && tx.Piped() {
		h = last.(head)
	} else {
		var err error
		if h, err = db.One(tx, func(s db.Row) (h head, err error) { return h, s.Scan(&h.seq, &h.hash, &h.at) }, lockHead, region, lane); err != nil {
			return err
		}
	}
	before := h.seq
	at := tx.Millis()
	if at < h.at {
		back := Event{Actor: "system", Role: "system", Region: region, Verb: "clock.back", Result: "done",
			Detail: fmt.Sprintf(`{"from":%d,"to":%d}`, h.at, at)}
		if h.at-at > clockSlack {
			events = append([]Event{back}, events...)
		} else {
			at = h.at // two transactions met at the head in the other order than they began
		}
	}
	rows := make([][]any, len(events))
	for i, e := range events {
		if e.Region != region {
			return fmt.Errorf("audit: one Append, two regions (%s, %s)", region, e.Region)
		}
		h.seq++
		h.hash = e.hash(h.hash, lane, h.seq, at)
		rows[i] = []any{region, lane, h.seq, at, zone, e.Actor, e.Role, e.Behalf, e.Terminal, e.Verb, e.Object, e.Result, e.Detail, h.hash}
	}
	if _, err := tx.Insert("audit_event", eventCols, rows, ""); err != nil {
		return err
	}
	if tx.Piped() {
		h.at = at
		tx.Remember(key, h)
	}
	return tx.Put(1, setHead, region, lane, h.seq, h.hash, at, before)
}

// clockSlack is how far, in milliseconds, a transaction may lag behind the one
// that reached the chain before it (retries and lock waits) without the clock
// being called wrong.
const clockSlack = 30_000

var eventCols = strings.Fields("region lane seq at zone actor role behalf terminal verb object result detail hash")

// Decide stores decisions, the citations and the packs they used, and returns their ids in
// order. objects names what each is about (a case, a visit, a settlement).
func Decide(tx *db.Tx, region string, decisions []policy.Decision, objects []string) ([]string, error) {
	d, err := WriteOut(decisions)
	if err != nil {
		return nil, err
	}
	return d.Keep(tx, region, objects)
}

// Drafts are decisions written out as text and not stored yet.
type Drafts struct {
	decisions []policy.Decision
	texts     []draft
	used      map[string]policy.Citation
}

type draft struct{ in, out, explain string }

// WriteOut writes decisions as text, many of them on all processors, and
// collects the citations they use. It needs no transaction.
func WriteOut(ds []policy.Decision) (Drafts, error) {
	out := Drafts{ds, make([]draft, len(ds)), map[string]policy.Citation{}}
	workers := min(runtime.GOMAXPROCS(0), 1+len(ds)/64)
	used := make([]map[string]policy.Citation, workers)
	var g errgroup.Group
	for w := range workers {
		used[w] = map[string]policy.Citation{}
		g.Go(func() (err error) {
			for i := w; i < len(ds) && err == nil; i += workers {
				x := &out.texts[i]
				x.in, x.out, x.explain, err = ds[i].Short(used[w])
			}
			return err
		})
	}
	err := g.Wait()
	for _, u := range used {
		maps.Copy(out.used, u)
	}
	return out, err
}

// Keep stores the decisions; see Decide.
func (x Drafts) Keep(tx *db.Tx, region string, objects []string) ([]string, error) {
	ids := make([]string, len(x.decisions))
	rows := make([][]any, len(ids))
	packs := map[string]bool{}
	for i, d := range x.decisions {
		t := x.texts[i]
		ids[i] = tx.NewID()
		rows[i] = []any{region, ids[i], d.Named(), objects[i], d.On.String(), d.Pack.Version, d.Pack.Hash, t.in, t.out, t.explain, tx.Millis()}
		if !packs[d.Pack.Hash] && d.Bundle != nil {
			packs[d.Pack.Hash] = true
			if err := keepPack(tx, region, d); err != nil {
				return nil, err
			}
		}
	}
	if err := keepCites(tx, region, x.used); err != nil {
		return nil, err
	}
	_, err := tx.Insert("audit_decision", strings.Fields("region id rule object on_day pack_version pack_hash input output explain at"), rows, "")
	return ids, err
}

// DecideOne is Decide for one decision.
func DecideOne(tx *db.Tx, region string, d policy.Decision, object string) (string, error) {
	ids, err := Decide(tx, region, []policy.Decision{d}, []string{object})
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

const hasPack = `SELECT COUNT(*) FROM audit_pack WHERE region = $1 AND hash = $2`
const putPack = `INSERT INTO audit_pack (region, hash, version, bundle, at) VALUES ($1,$2,$3,$4,$5) ON CONFLICT (region, hash) DO NOTHING`

// keepPack keeps the text of a pack once. A row here is never taken away, so
// the process asks the database only until it knows.
func keepPack(tx *db.Tx, region string, d policy.Decision) error {
	key := "audit_pack " + region + " " + d.Pack.Hash
	if tx.Known(key) {
		return nil
	}
	tx.Learn(key)
	n, err := db.One(tx, db.Value[int64], hasPack, region, d.Pack.Hash)
	if err != nil || n > 0 {
		return err
	}
	_, err = tx.Exec(putPack, region, d.Pack.Hash, d.Pack.Version, d.Bundle(), tx.Millis())
	return err
}
