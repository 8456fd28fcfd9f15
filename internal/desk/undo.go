package desk

import (
	"encoding/json"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/undo"
)

// UndoCase is the word under which decisions on cases are kept (package undo).
const UndoCase = "desk.case"

// Before is how a case stood before a decision that can be taken back.
type Before struct {
	Action string
	Case   Case            // stage, status and limit as they were
	More   json.RawMessage // what the domain kept with Move.Was
}

// keepBefore keeps what Restore needs; a later decision replaces it.
func keepBefore(tx *db.Tx, c Case, version int64, m Move) (err error) {
	b := Before{Action: m.Action, Case: Case{Stage: c.Stage, Status: c.Status, DueFrom: c.DueFrom, Due: c.Due, DueDays: c.DueDays, Missing: c.Missing}}
	if b.More, err = json.Marshal(m.Was); err != nil {
		return err
	}
	return undo.Keep(tx, c.Region, undo.Act{Word: UndoCase, Object: c.ID, Name: m.Action, Account: m.By.ID, Version: version, Jobs: m.Jobs}, b)
}

// Restore takes the last decision on a case back, as undo.Take allows it, and
// notes it in the timeline.
func Restore(tx *db.Tx, region, id string, by audit.Actor, note func(action string) string) (b Before, err error) {
	defer fault.Wrap(&err, "desk.Restore(%s)", id)
	c, err := getCase(tx, region, id)
	if err != nil {
		return b, err
	}
	if _, err = undo.Take(tx, region, UndoCase, id, by, c.Version, &b); err != nil {
		return b, err
	}
	seen, o := c.Version, b.Case
	c.Stage, c.Status, c.DueFrom, c.Due, c.DueDays, c.Missing = o.Stage, o.Status, o.DueFrom, o.Due, o.DueDays, o.Missing
	c.Version, c.LastChanged = c.Version+1, tx.Now()
	ok, err := updateCase(tx, c, seen)
	if err == nil && !ok {
		err = stale(tx, c, seen)
	}
	if err == nil {
		err = Note(tx, region, id, Step{Stage: c.Stage, Action: "undo", Say: note(b.Action)}, by)
	}
	return b, err
}
