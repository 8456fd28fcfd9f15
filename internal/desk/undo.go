package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/job"
)

// UndoFor is how long a decision can be taken back by who made it. It stands in
// the file at once; the person is told only when it can no longer be taken
// back, so that nobody gets a message which does not hold (互联网网站适老化通用设计规范：
// 十分钟内可以撤销).
const UndoFor = 10 * time.Minute

// Later is a job that runs when the decision can no longer be taken back.
type Later struct {
	Kind string `json:"kind"`
	Key  string `json:"key"`
}

// PutLater enqueues a job for the end of UndoFor.
func PutLater(tx *db.Tx, region, key string, a job.Args) (Later, error) {
	return Later{a.Kind(), key}, job.Put(tx, region, key, tx.Now().Add(UndoFor), a)
}

// Before is how a case stood before a decision that can be taken back.
type Before struct {
	Case   Case // stage, status and limit as they were
	Action string
	Until  time.Time

	version int64
	account string
	jobs    []Later
}

// keepBefore keeps what Restore needs; a later decision replaces it.
func keepBefore(tx *db.Tx, c Case, version int64, m Move) error {
	jobs, err := json.Marshal(m.Jobs)
	if err != nil {
		return err
	}
	return putUndo(tx, c, version, m.By.ID, tx.Now().Add(UndoFor).UnixMilli(), m.Action, string(jobs))
}

// Restore takes the last decision on a case back: only who made it, within
// UndoFor, and while nothing else has happened to the case. Messages that were
// to tell of it are dropped. Conflict tells which of these is not so.
func Restore(tx *db.Tx, region, id string, by audit.Actor, note func(action string) string) (b Before, err error) {
	defer fault.Wrap(&err, "desk.Restore(%s)", id)
	c, err := getCase(tx, region, id)
	if err != nil {
		return b, err
	}
	b, err = getUndo(tx, region, id)
	if errors.Is(err, db.ErrNone) {
		return b, fault.New(fault.Conflict, "这件没有可以撤回的决定。")
	}
	if err != nil {
		return b, err
	}
	switch {
	case b.version != c.Version:
		return b, stale(tx, c, b.version)
	case b.account != by.ID:
		return b, fault.New(fault.Forbidden, "这个决定不是您做的，请由做决定的同事撤回。")
	case tx.Now().After(b.Until):
		return b, fault.New(fault.Conflict, "已经过了 10 分钟，通知已经发出，不能撤回了。确实办错的，请按更正程序办。")
	}
	for _, j := range b.jobs {
		dropped, err := job.Drop(tx, region, j.Kind, j.Key)
		if err != nil {
			return b, err
		}
		if !dropped {
			return b, fault.New(fault.Conflict, "通知已经发出，不能撤回了。确实办错的，请按更正程序办。")
		}
	}
	o := b.Case
	c.Stage, c.Status, c.DueFrom, c.Due, c.DueDays, c.Missing = o.Stage, o.Status, o.DueFrom, o.Due, o.DueDays, o.Missing
	c.Version, c.LastChanged = c.Version+1, tx.Now()
	ok, err := updateCase(tx, c, b.version)
	if err == nil && !ok {
		err = stale(tx, c, b.version)
	}
	if err == nil {
		err = Note(tx, region, id, Step{Stage: c.Stage, Action: "undo", Say: note(b.Action)}, by)
	}
	if err != nil {
		return b, err
	}
	return b, dropUndo(tx, region, id)
}

func scanUndo(r db.Row) (b Before, err error) {
	var until int64
	var jobs string
	c := &b.Case
	if err = r.Scan(&b.version, &b.account, &until, &b.Action, &c.Stage, &c.Status, &c.DueFrom, &c.Due, &c.DueDays, &c.Missing, &jobs); err != nil {
		return b, err
	}
	b.Until = instant(until)
	if err = json.Unmarshal([]byte(jobs), &b.jobs); err != nil {
		err = fmt.Errorf("desk_undo: %w", err)
	}
	return b, err
}
