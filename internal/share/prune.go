package share

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
)

// KeepOpen is how long a list may stay unfinished: a department's system that has
// sent nothing more by then will not, and its rows lie open on the disk.
const KeepOpen = 7 * 24 * time.Hour

// Prune ends the lists of a region that were begun and never finished, and
// clears away what had come of them. Errors are of the database or the disk; what
// is left is pruned the next time.
func (s *Service) Prune(ctx context.Context, region string) error {
	before := s.Log.DB.Now().Add(-KeepOpen)
	var old []Batch
	err := s.Log.DB.Read(ctx, func(tx *db.Tx) (err error) {
		old, err = db.All(tx, scanBatch, openBatches, region, before.UnixMilli())
		return err
	})
	if err != nil {
		return err
	}
	for _, b := range old {
		if now, _ := s.uploads.Now(region); now == b.ID {
			continue // a large one, still being read
		}
		if err := os.RemoveAll(s.parts(b.ID)); err != nil {
			return err
		}
		err := audit.Run(ctx, s.Log, audit.System(region), audit.Act{Region: region, Verb: "share.prune", Object: b.ID}, func(tx *db.Tx) error {
			_, err := tx.Exec(endBatch, region, b.ID, tx.Millis(), "开了以后 7 天没有做完，已经作废，收到的部分清掉了。请重新交一份。", "")
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.pruneUploads(before)
}

// pruneUploads clears away files of imports that a crash has cut off.
func (s *Service) pruneUploads(before time.Time) error {
	files, err := filepath.Glob(filepath.Join(s.folder(), "*.upload"))
	if err != nil {
		return err
	}
	for _, path := range files {
		if st, err := os.Stat(path); err == nil && st.ModTime().Before(before) {
			if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
				return err
			}
		}
	}
	return nil
}
