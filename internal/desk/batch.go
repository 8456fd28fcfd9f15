package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

// Batch is what an account did in one go: one case or two hundred, with the
// result of each. Only that account sees it.
type Batch struct {
	ID, Queue, Act string
	Until          time.Time // until when it can be taken back; zero: it cannot
	At             time.Time
	Items          []BatchItem
}

// BatchItem is one of them; Say is why not, or what was done.
type BatchItem struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	Say  string `json:"say,omitempty"`
	Back bool   `json:"back,omitempty"` // taken back
}

// Done counts what was done and still stands.
func (b Batch) Done() (n int) {
	for _, i := range b.Items {
		if i.OK && !i.Back {
			n++
		}
	}
	return n
}

// KeepBatch keeps the results; it belongs into the batch's own transaction
// (audit.Together), so that results and deeds stand or fall together.
func (s *Service) KeepBatch(ctx context.Context, who audit.Actor, key string, b Batch) (Batch, error) {
	return audit.Do(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "desk.batch", Object: b.Queue + "/" + b.Act, Key: key, Body: []any{b.Queue, b.Act, len(b.Items)}},
		func(tx *db.Tx) (Batch, error) {
			b.ID, b.At = tx.NewID(), tx.Now()
			return b, putBatch(tx, who.Region, who.ID, b)
		})
}

// ReadBatch reads a batch of the account's own.
func (s *Service) ReadBatch(ctx context.Context, who audit.Actor, id string) (b Batch, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { b, err = getBatch(tx, who.Region, who.ID, id); return err })
	return b, err
}

// MarkBack keeps which items of a batch were taken back: by id "" for those
// that were, or the sentence why not.
func (s *Service) MarkBack(ctx context.Context, who audit.Actor, id string, said map[string]string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "desk.batch_back", Object: id}, func(tx *db.Tx) error {
		b, err := getBatch(tx, who.Region, who.ID, id)
		if err != nil {
			return err
		}
		for i := range b.Items {
			if say, ok := said[b.Items[i].ID]; ok {
				b.Items[i].Back, b.Items[i].Say = say == "", say
			}
		}
		return setBatchItems(tx, who.Region, who.ID, b)
	})
}

func getBatch(tx *db.Tx, region, account, id string) (Batch, error) {
	b, err := db.One(tx, func(r db.Row) (b Batch, err error) {
		var until, at int64
		var items string
		if err = r.Scan(&b.ID, &b.Queue, &b.Act, &until, &items, &at); err != nil {
			return b, err
		}
		b.Until, b.At = instant(until), instant(at)
		if err = json.Unmarshal([]byte(items), &b.Items); err != nil {
			err = fmt.Errorf("desk_batch: %w", err)
		}
		return b, err
	}, selectBatch, region, account, id)
	if errors.Is(err, db.ErrNone) {
		return b, fault.New(fault.NotFound, "没有找到这一次办理的结果。请回到列表看。")
	}
	return b, err
}

// Setting reads a habit of an account, "" when it was never set.
func (s *Service) Setting(ctx context.Context, who audit.Actor, name string) (v string, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err = db.One(tx, db.Value[string], selectSetting, who.Region, who.ID, name)
		return err
	})
	if errors.Is(err, db.ErrNone) {
		return "", nil
	}
	return v, err
}

// Set keeps a habit of the account that asks.
func (s *Service) Set(ctx context.Context, who audit.Actor, name, value string) error {
	return audit.Run(ctx, s.Log, who, audit.Act{Region: who.Region, Verb: "desk.setting", Object: name}, func(tx *db.Tx) error {
		_, err := tx.Exec(upsertSetting, who.Region, who.ID, name, value)
		return err
	})
}
