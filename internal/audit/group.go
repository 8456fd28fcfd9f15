package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"yinling/internal/db"
	"yinling/internal/fault"
)

// Request is one request inside a group.
type Request[Q any] struct {
	Who  Actor
	Act  Act
	In   Q
	Lane int64 // the audit lane of the committer; ledgers number their vouchers along it
}

// Outcome is what became of one request: a result, or a refusal that does not
// sink the others. Object replaces the act's object in the event when the fn
// has only now made its id. An outcome with Err must have written nothing.
type Outcome[R any] struct {
	Out    R
	Err    error
	Object string
}

// GroupFunc decides a batch, all of one region, and writes the rows of those
// it accepts: read by set, decide in memory, write multi-row. It returns one
// Outcome per request in the same order. Its own error fails the whole batch,
// which is then tried again request by request.
type GroupFunc[Q, R any] func(tx *db.Tx, region string, batch []Request[Q]) ([]Outcome[R], error)

// AheadFunc asks what GroupFunc will ask first, so that the answers come
// together with the receipts (db.Tx.Ahead); it keeps nothing.
type AheadFunc[Q any] func(tx *db.Tx, region string, batch []Request[Q]) error

// GroupOptions of NewGroup; zero values give what is in brackets.
type GroupOptions struct {
	Lane  int64 // first audit lane [1]; lanes Lane … Lane+Lanes-1 belong to this group alone
	Lanes int   // committers [SQLite 1, PostgreSQL 2]
	Max   int   // requests in one transaction [256]
	Queue int   // requests waiting per lane before «busy» [1024]
}

// Group is the group committer. Requests queue per lane; the lane's committer
// takes whatever has queued while its last commit ran (it never waits for
// more), runs it in one transaction with receipts, events and jobs, and answers
// only after the commit:
//
//	Do ─→ queue of lane hash(shardKey) ─→ committer: ≤ Max requests of one region
//	        full → busy                     ├─ receipts known, by set
//	                                        ├─ fn: set reads, decisions, multi-row writes
//	                                        ├─ events as one chain segment, receipts
//	                                        └─ commit ─→ answers
//
// One person's requests stay in order because they share a lane. At one client
// it costs nothing; under load it spares syncs and round trips. On PostgreSQL
// the transaction is a pipeline (db.WritePiped).
type Group[Q, R any] struct {
	log    *Log
	fn     GroupFunc[Q, R]
	ahead  AheadFunc[Q]
	lanes  []chan *waiting[Q, R]
	lane   int64
	max    int
	seed   maphash.Seed
	mu     sync.RWMutex
	closed bool
	done   sync.WaitGroup
}

type waiting[Q, R any] struct {
	Request[Q]
	ctx    context.Context
	digest string
	out    R
	err    error
	ready  chan struct{}
}

// NewGroup starts the committers. Close ends them. ahead may be nil.
func NewGroup[Q, R any](l *Log, opt GroupOptions, fn GroupFunc[Q, R], ahead AheadFunc[Q]) *Group[Q, R] {
	if opt.Lanes == 0 {
		opt.Lanes = 1
		if l.DB.Dialect == db.Postgres {
			opt.Lanes = 2
		}
	}
	if opt.Lane == 0 {
		opt.Lane = 1
	}
	if opt.Max == 0 {
		opt.Max = 256
	}
	if opt.Queue == 0 {
		opt.Queue = 1024
	}
	g := &Group[Q, R]{log: l, fn: fn, ahead: ahead, lane: opt.Lane, max: opt.Max, seed: maphash.MakeSeed()}
	for i := range opt.Lanes {
		q := make(chan *waiting[Q, R], opt.Queue)
		g.lanes = append(g.lanes, q)
		g.done.Add(1)
		go g.run(opt.Lane+int64(i), q)
	}
	return g
}

// Do runs one request and waits for its commit. Busy: the queue is full, the
// program is closing, or the outcome of the commit is unknown (ask again with
// the same key). Conflict: the key was used with another body. Everything else
// is the outcome that fn gave. Requests with the same shardKey (a person) are
// decided in the order in which they came.
func (g *Group[Q, R]) Do(ctx context.Context, who Actor, act Act, shardKey string, q Q) (R, error) {
	var zero R
	digest, err := Digest(act.Body)
	if err != nil {
		return zero, err
	}
	w := &waiting[Q, R]{Request: Request[Q]{Who: who, Act: act, In: q}, ctx: ctx, digest: digest, ready: make(chan struct{})}
	lane := int(maphash.String(g.seed, shardKey) % uint64(len(g.lanes)))
	w.Lane = g.lane + int64(lane)
	if !g.put(lane, w) {
		return zero, fault.New(fault.Busy, "现在人多，请稍后再点一次。")
	}
	select {
	case <-w.ready:
		return w.out, w.err
	case <-ctx.Done():
		// It may still be committed: the caller must ask again with the same key.
		return zero, unknown(ctx.Err())
	}
}

func (g *Group[Q, R]) put(lane int, w *waiting[Q, R]) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.closed {
		return false
	}
	select {
	case g.lanes[lane] <- w:
		return true
	default:
		return false
	}
}

// Close takes no more requests, commits those that wait, and returns.
func (g *Group[Q, R]) Close() {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		for _, q := range g.lanes {
			close(q)
		}
	}
	g.mu.Unlock()
	g.done.Wait()
}

func (g *Group[Q, R]) run(lane int64, queue chan *waiting[Q, R]) {
	defer g.done.Done()
	for first := range queue {
		batch := append(make([]*waiting[Q, R], 0, g.max), first)
	drain:
		for len(batch) < g.max {
			select {
			case w, ok := <-queue:
				if !ok {
					break drain
				}
				batch = append(batch, w)
			default:
				break drain
			}
		}
		for _, part := range byRegion(batch) {
			g.commit(lane, part)
		}
		// Those just answered may come again at once: let them queue first, or
		// they miss this group and every group stays half as large.
		runtime.Gosched()
	}
}

// byRegion splits a batch so that every statement can carry one region.
func byRegion[Q, R any](batch []*waiting[Q, R]) [][]*waiting[Q, R] {
	at := map[string]int{}
	var parts [][]*waiting[Q, R]
	for _, w := range batch {
		i, ok := at[w.Act.Region]
		if !ok {
			i = len(parts)
			at[w.Act.Region] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], w)
	}
	return parts
}

// commit answers every request of the batch, which are of one region.
func (g *Group[Q, R]) commit(lane int64, batch []*waiting[Q, R]) {
	live := batch[:0:0]
	for _, w := range batch {
		if w.ctx.Err() != nil {
			w.err = unknown(w.ctx.Err()) // the caller has gone; nothing was done
			close(w.ready)
			continue
		}
		live = append(live, w)
	}
	if len(live) == 0 {
		return
	}
	err := g.attempt(lane, live, g.log.DB.WritePiped)
	if err != nil && !errors.Is(err, db.ErrUnknown) {
		// One by one and without a pipeline, so that every count and every
		// refusal is known where it happens.
		for _, w := range live {
			one := []*waiting[Q, R]{w}
			err := g.attempt(lane, one, g.log.DB.Write)
			if errors.Is(err, errKeyRace) {
				err = g.attempt(lane, one, g.log.DB.Write) // the receipt is there now
			}
			settle(one, err)
		}
		return
	}
	settle(live, err)
}

func settle[Q, R any](batch []*waiting[Q, R], err error) {
	for _, w := range batch {
		if err != nil {
			var zero R
			w.out, w.err = zero, err
			if errors.Is(err, db.ErrUnknown) {
				w.err = unknown(err)
			}
		}
		close(w.ready)
	}
}

// attempt is one transaction over the batch. It leaves results in the requests;
// they count only when it returns nil.
func (g *Group[Q, R]) attempt(lane int64, batch []*waiting[Q, R], write func(context.Context, func(*db.Tx) error) error) error {
	region := batch[0].Act.Region
	// The group outlives any single caller, so no caller's cancellation reaches
	// it; a server that does not answer is given up (SQLite always answers, and a
	// context that can end costs it a goroutine a statement).
	ctx := context.WithoutCancel(batch[0].ctx)
	if g.log.DB.Dialect == db.Postgres {
		var cancel func()
		ctx, cancel = context.WithTimeout(ctx, 30*time.Second)
		defer cancel()
	}
	reqs := make([]Request[Q], len(batch))
	for i, w := range batch {
		reqs[i] = w.Request
	}
	return write(ctx, func(tx *db.Tx) error {
		if g.ahead != nil {
			err := tx.Ahead(func() error {
				_, err := receipts(tx, region, keysOf(batch))
				return errors.Join(err, g.ahead(tx, region, reqs))
			})
			if err != nil {
				return err
			}
		}
		todo, twins, err := g.unknown(tx, region, batch)
		if err != nil || len(todo) == 0 {
			return err
		}
		reqs := make([]Request[Q], len(todo))
		for i, w := range todo {
			reqs[i] = w.Request
		}
		outs, err := g.call(tx, region, reqs)
		if err != nil {
			return err
		}
		if len(outs) != len(todo) {
			return fmt.Errorf("audit: group of %d got %d outcomes", len(todo), len(outs))
		}
		won, err := raced(tx, region, todo, outs)
		if err != nil {
			return err
		}
		events := make([]Event, 0, len(todo))
		keep := make([][]any, 0, len(todo))
		for i, w := range todo {
			o := outs[i]
			if r, ok := won[keyOf{w.Who.ID, w.Act.Key}]; ok && o.Err != nil {
				w.err = r.replay(w.digest, &w.out)
				continue
			}
			w.out, w.err = o.Out, o.Err
			if o.Object != "" {
				w.Act.Object = o.Object
			}
			if o.Err != nil {
				if recorded(o.Err) {
					events = append(events, NewEvent(w.Who, w.Act, string(fault.As(o.Err).Kind)))
				}
				continue
			}
			events = append(events, NewEvent(w.Who, w.Act, "done"))
			if w.Act.Key == "" {
				continue
			}
			text, err := json.Marshal(o.Out)
			if err != nil {
				return err
			}
			keep = append(keep, []any{region, w.Who.ID, w.Act.Key, w.Act.Verb, w.digest, string(text), tx.Millis()})
		}
		for twin, first := range twins {
			twin.out, twin.err = first.out, first.err
		}
		if len(keep) > 0 {
			if err := putReceipts(tx, keep); err != nil {
				return err
			}
		}
		return Append(tx, lane, events)
	})
}

func keysOf[Q, R any](batch []*waiting[Q, R]) []string {
	keys := make([]string, 0, len(batch))
	for _, w := range batch {
		if w.Act.Key != "" {
			keys = append(keys, w.Act.Key)
		}
	}
	return keys
}

// raced gives the receipts of those refused acts that another server has
// committed between our look for their receipts and what fn has seen: it is
// then their own success that refused them.
func raced[Q, R any](tx *db.Tx, region string, todo []*waiting[Q, R], outs []Outcome[R]) (map[keyOf]receipt, error) {
	var keys []string
	for i, w := range todo {
		if outs[i].Err != nil && w.Act.Key != "" {
			keys = append(keys, w.Act.Key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return receipts(tx, region, keys)
}

// call keeps a panic of fn to its batch; the requests around it go on.
func (g *Group[Q, R]) call(tx *db.Tx, region string, reqs []Request[Q]) (outs []Outcome[R], err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("audit: group: panic: %v\n%s", p, debug.Stack())
		}
	}()
	return g.fn(tx, region, reqs)
}

// unknown sorts out the requests that are already answered (a stored receipt,
// or another body under the same key) and those that repeat a key of this very
// batch (twins); the rest is to be done.
func (g *Group[Q, R]) unknown(tx *db.Tx, region string, batch []*waiting[Q, R]) (todo []*waiting[Q, R], twins map[*waiting[Q, R]]*waiting[Q, R], err error) {
	keys := keysOf(batch)
	known := map[keyOf]receipt{}
	if len(keys) > 0 {
		if known, err = receipts(tx, region, keys); err != nil {
			return nil, nil, err
		}
	}
	seen := map[keyOf]*waiting[Q, R]{}
	for _, w := range batch {
		var zero R
		w.out, w.err = zero, nil
		k := keyOf{w.Who.ID, w.Act.Key}
		if r, ok := known[k]; ok {
			w.err = r.replay(w.digest, &w.out)
			continue
		}
		if first, ok := seen[k]; ok && w.Act.Key != "" {
			if first.digest != w.digest {
				w.err = receipt{digest: first.digest}.replay(w.digest, nil)
				continue
			}
			if twins == nil {
				twins = map[*waiting[Q, R]]*waiting[Q, R]{}
			}
			twins[w] = first
			continue
		}
		seen[k] = w
		todo = append(todo, w)
	}
	return todo, twins, nil
}
