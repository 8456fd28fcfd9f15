package desk

import (
	"context"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
)

// HoldFor is how long a case counts as open with who looked at it last; after
// that it is free by itself. A hold tells, it does not lock: what decides
// between two clerks is the version that each of them saw.
const HoldFor = 10 * time.Minute

// Holder is who has a case open, and since when.
type Holder struct {
	Account, Name string
	At            time.Time
}

// Other is the name of another account that has it open, "" for none.
func (h Holder) Other(account string) string {
	if h.Account == account {
		return ""
	}
	return h.Name
}

// Take marks an object of a queue as open with who, unless somebody else has
// it: then that one is returned. What the account held before in the queue is
// free again, so that walking down a list leaves no trail of holds.
func (s *Service) Take(ctx context.Context, who audit.Actor, queue, object string) (h Holder, err error) {
	now := s.Log.DB.Now()
	held, err := s.Holders(ctx, who.Region, queue, []string{object})
	if err != nil {
		return h, err
	}
	if h = held[object]; h.Other(who.ID) != "" || h.Account == who.ID && now.Sub(h.At) < HoldFor/2 {
		return h, nil
	}
	err = audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "desk.hold", Object: object}, func(tx *db.Tx) error {
		if err := dropHolds(tx, who.Region, queue, who.ID); err != nil {
			return err
		}
		_, err := tx.Exec(takeHold, who.Region, queue, object, who.ID, who.Name, tx.Millis(), tx.Now().Add(-HoldFor).UnixMilli())
		return err
	})
	return Holder{who.ID, who.Name, now}, err
}

// Free puts back what the account has open in a queue (放回去).
func (s *Service) Free(ctx context.Context, who audit.Actor, queue string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "desk.free", Object: queue}, func(tx *db.Tx) error {
		return dropHolds(tx, who.Region, queue, who.ID)
	})
}

// Holders tells who has which of the objects open now.
func (s *Service) Holders(ctx context.Context, region, queue string, objects []string) (out map[string]Holder, err error) {
	out = map[string]Holder{}
	if len(objects) == 0 {
		return out, nil
	}
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := db.All(tx, func(r db.Row) (struct{}, error) {
			var object string
			var h Holder
			var at int64
			err := r.Scan(&object, &h.Account, &h.Name, &at)
			h.At = instant(at)
			out[object] = h
			return struct{}{}, err
		}, selectHolds, region, queue, objects, tx.Now().Add(-HoldFor).UnixMilli())
		return err
	})
	return out, err
}
