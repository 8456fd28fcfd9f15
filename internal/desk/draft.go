package desk

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
)

// KeepDraft is how long an unfinished application is kept after its last
// change; people come back after weeks.
const KeepDraft = 60 * 24 * time.Hour

// SaveDraft keeps an unfinished application of an account, one per matter.
func SaveDraft(tx *db.Tx, region, account, matter string, answers any) error {
	b, err := json.Marshal(answers)
	if err != nil {
		return err
	}
	_, err = tx.Exec(upsertDraft, region, account, matter, string(b), tx.Millis())
	return err
}

// LoadDraft reads it into answers and tells when it was last changed; ok is
// false when there is none.
func LoadDraft(tx *db.Tx, region, account, matter string, answers any) (at time.Time, ok bool, err error) {
	type row struct {
		text string
		at   int64
	}
	r, err := db.One(tx, func(s db.Row) (r row, err error) { return r, s.Scan(&r.text, &r.at) }, selectDraft, region, account, matter)
	if errors.Is(err, db.ErrNone) {
		return at, false, nil
	}
	if err != nil {
		return at, false, err
	}
	return instant(r.at), true, json.Unmarshal([]byte(r.text), answers)
}

// DropDraft removes it, when it has become a case or the person threw it away.
func DropDraft(tx *db.Tx, region, account, matter string) error {
	_, err := tx.Exec(deleteDraft, region, account, matter)
	return err
}

// PurgeDrafts removes the drafts of a region that nobody touched for KeepDraft.
func PurgeDrafts(tx *db.Tx, region string) (int64, error) {
	return tx.Exec(purgeDrafts, region, tx.Now().Add(-KeepDraft).UnixMilli())
}

// Purge is the nightly job that drops drafts nobody touched for KeepDraft.
type Purge struct {
	On day.Day `json:"on"`
}

// Kind is the job's name.
func (Purge) Kind() string { return "desk.purge" }

// OnPurge runs it.
func (s *Service) OnPurge(ctx context.Context, region string) error {
	return audit.Run(ctx, s.Log, audit.System(region), audit.Act{Region: region, Verb: "desk.purge", Object: "draft"}, func(tx *db.Tx) error {
		_, err := PurgeDrafts(tx, region)
		return err
	})
}
