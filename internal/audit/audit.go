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
	"strings"

	"github.com/emmansun/gmsm/sm3"

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
// another body. Refusals of fn leave nothing behind but an audit event of the
// attempt.
func Do[T any](ctx context.Context, l *Log, who Actor, act Act, fn func(tx *db.Tx) (T, error)) (T, error) {
	var out T
	digest, err := Digest(act.Body)
	if err != nil {
		return out, err
	}
	err = l.DB.Write(ctx, func(tx *db.Tx) error {
		if act.Key != "" {
			known, err := receipt(tx, who, act, digest)
			if err != nil {
				return err
			}
			if known != "" {
				return json.Unmarshal([]byte(known), &out)
			}
		}
		res, err := fn(tx)
		if err != nil {
			return err
		}
		out = res
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
		_, err = tx.Exec(putReceipt, act.Region, who.ID, act.Key, act.Verb, digest, string(text), tx.Millis())
		return err
	})
	switch {
	case err == nil:
		return out, nil
	case errors.Is(err, db.ErrUnknown):
		return out, &fault.Error{Kind: fault.Busy, Say: "结果待确认：请稍等再点一次，不会重复办理。", Err: err}
	case db.IsUnique(err) && act.Key != "":
		// Two requests with one key at the same time: the first has won, read its receipt.
		var again T
		rerr := l.DB.Read(ctx, func(tx *db.Tx) error {
			known, err := receipt(tx, who, act, digest)
			if err != nil || known == "" {
				return errors.Join(err, errNotFirst)
			}
			return json.Unmarshal([]byte(known), &again)
		})
		if rerr == nil {
			return again, nil
		}
		if fault.Is(rerr, fault.Conflict) {
			return out, rerr
		}
	}
	if k := fault.As(err).Kind; k == fault.Refused || k == fault.Forbidden || k == fault.Conflict {
		// The attempt is part of the record; a failure to record it must not hide the refusal.
		l.DB.Write(ctx, func(tx *db.Tx) error {
			return Append(tx, 0, []Event{NewEvent(who, act, string(k))})
		})
	}
	var zero T
	return zero, err
}

var errNotFirst = errors.New("no receipt")

// Run is Do for an act without a result.
func Run(ctx context.Context, l *Log, who Actor, act Act, fn func(tx *db.Tx) error) error {
	_, err := Do(ctx, l, who, act, func(tx *db.Tx) (struct{}, error) { return struct{}{}, fn(tx) })
	return err
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

const getReceipt = `SELECT digest, receipt FROM audit_receipt WHERE region = $1 AND actor = $2 AND key = $3`
const putReceipt = `INSERT INTO audit_receipt (region, actor, key, verb, digest, receipt, at) VALUES ($1,$2,$3,$4,$5,$6,$7)`

func receipt(tx *db.Tx, who Actor, act Act, digest string) (string, error) {
	type row struct{ digest, receipt string }
	r, err := db.One(tx, func(s db.Row) (r row, err error) { return r, s.Scan(&r.digest, &r.receipt) },
		getReceipt, act.Region, who.ID, act.Key)
	if errors.Is(err, db.ErrNone) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if r.digest != digest {
		return "", fault.New(fault.Conflict, "这个编号已经办过一件内容不同的事，请刷新页面后重新提交。")
	}
	return r.receipt, nil
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
	h := sm3.New()
	// Length-prefixed fields: no two different events share one text.
	for _, s := range []string{prev, e.Region, fmt.Sprint(lane), fmt.Sprint(seq), fmt.Sprint(at), zone,
		e.Actor, e.Role, e.Behalf, e.Terminal, e.Verb, e.Object, e.Result, e.Detail} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil))
}

const moveHead = `INSERT INTO audit_head (region, lane, seq, hash) VALUES ($1, $2, $3, '')
	ON CONFLICT (region, lane) DO UPDATE SET seq = audit_head.seq + $3 RETURNING seq, hash`
const setHead = `UPDATE audit_head SET hash = $3 WHERE region = $1 AND lane = $2`

// Append chains events, all of one region, onto a lane. It locks the head of
// the lane until the commit, so it stands last in a transaction.
func Append(tx *db.Tx, lane int64, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	region := events[0].Region
	type head struct {
		seq  int64
		hash string
	}
	n := int64(len(events))
	h, err := db.One(tx, func(s db.Row) (h head, err error) { return h, s.Scan(&h.seq, &h.hash) }, moveHead, region, lane, n)
	if err != nil {
		return err
	}
	rows := make([][]any, len(events))
	seq := h.seq - n
	for i, e := range events {
		if e.Region != region {
			return fmt.Errorf("audit: one Append, two regions (%s, %s)", region, e.Region)
		}
		seq++
		h.hash = e.hash(h.hash, lane, seq, tx.Millis())
		rows[i] = []any{region, lane, seq, tx.Millis(), zone, e.Actor, e.Role, e.Behalf, e.Terminal, e.Verb, e.Object, e.Result, e.Detail, h.hash}
	}
	if _, err := tx.Insert("audit_event", strings.Fields("region lane seq at zone actor role behalf terminal verb object result detail hash"), rows, ""); err != nil {
		return err
	}
	_, err = tx.Exec(setHead, region, lane, h.hash)
	return err
}

// Decide stores decisions and the packs they used, and returns their ids in
// order. objects names what each is about (a case, a visit, a settlement).
func Decide(tx *db.Tx, region string, decisions []policy.Decision, objects []string) ([]string, error) {
	ids := make([]string, len(decisions))
	rows := make([][]any, len(decisions))
	packs := map[string]bool{}
	for i, d := range decisions {
		explain, err := json.Marshal(d.Explain)
		if err != nil {
			return nil, err
		}
		ids[i] = tx.NewID()
		rows[i] = []any{region, ids[i], d.Rule, objects[i], d.On.String(), d.Pack.Version, d.Pack.Hash, string(d.In), string(d.Out), string(explain), tx.Millis()}
		if !packs[d.Pack.Hash] && d.Bundle != nil {
			packs[d.Pack.Hash] = true
			if err := keepPack(tx, region, d); err != nil {
				return nil, err
			}
		}
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

func keepPack(tx *db.Tx, region string, d policy.Decision) error {
	n, err := db.One(tx, db.Value[int64], hasPack, region, d.Pack.Hash)
	if err != nil || n > 0 {
		return err
	}
	_, err = tx.Exec(putPack, region, d.Pack.Hash, d.Pack.Version, d.Bundle(), tx.Millis())
	return err
}
