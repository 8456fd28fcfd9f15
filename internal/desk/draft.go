package desk

import (
	"encoding/json"
	"errors"
	"time"

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
