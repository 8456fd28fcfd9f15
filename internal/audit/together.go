package audit

import (
	"context"
	"errors"

	"yinling/internal/db"
	"yinling/internal/fault"
)

type togetherKey struct{}

// batchTx is the transaction that several acts share.
type batchTx struct {
	tx    *db.Tx
	fatal error
}

func together(ctx context.Context) *batchTx {
	t, _ := ctx.Value(togetherKey{}).(*batchTx)
	return t
}

// Together runs the acts that fn does with its context in one transaction: one
// commit for a batch (批量) of two hundred. Each act keeps its own event and
// receipt; a refused one leaves its refusal in the record and nothing else, and
// does not sink the others. Any other failure takes all of them back. fn may run
// again after a conflict that the engine reports, so it keeps no results of an
// earlier run.
func Together(ctx context.Context, l *Log, fn func(ctx context.Context) error) error {
	if together(ctx) != nil {
		return fn(ctx)
	}
	for try := 0; ; try++ {
		err := l.DB.Write(ctx, func(tx *db.Tx) error {
			t := &batchTx{tx: tx}
			if err := fn(context.WithValue(ctx, togetherKey{}, t)); err != nil {
				return err
			}
			return t.fatal
		})
		switch {
		case errors.Is(err, db.ErrUnknown):
			return unknown(err)
		case errors.Is(err, errKeyRace) && try < 3:
			continue
		}
		return err
	}
}

// doPart is Do inside Together.
func doPart[T any](t *batchTx, who Actor, act Act, digest string, fn func(tx *db.Tx) (T, error)) (T, error) {
	var out, zero T
	if t.fatal != nil {
		return zero, t.fatal
	}
	err := t.tx.Part(func() error { return write(t.tx, who, act, digest, fn, &out) })
	if err == nil {
		return out, nil
	}
	switch {
	case recorded(err):
		t.fatal = Append(t.tx, 0, []Event{NewEvent(who, act, string(fault.As(err).Kind))})
	case fault.Is(err, fault.Invalid), fault.Is(err, fault.NotFound):
	default:
		t.fatal = err
	}
	return zero, err
}
