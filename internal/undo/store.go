package undo

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"yinling/internal/db"
)

const (
	cols       = `word, object, name, account, version, until, was, jobs`
	selectAct  = `SELECT ` + cols + ` FROM undo_act WHERE region = $1 AND word = $2 AND object = $3`
	openActs   = `SELECT ` + cols + ` FROM undo_act WHERE region = $1 AND word = $2 AND account = $3 AND object = ANY($4) AND until > $5`
	deleteAct  = `DELETE FROM undo_act WHERE region = $1 AND word = $2 AND object = $3`
	forgetActs = `DELETE FROM undo_act WHERE region = $1 AND until < $2`
	replaces   = `ON CONFLICT (region, word, object) DO UPDATE SET name = excluded.name, account = excluded.account, version = excluded.version,
		until = excluded.until, was = excluded.was, jobs = excluded.jobs`
)

func scan(r db.Row) (a Act, err error) {
	var until int64
	var jobs string
	if err = r.Scan(&a.Word, &a.Object, &a.Name, &a.Account, &a.Version, &until, &a.was, &jobs); err != nil {
		return a, err
	}
	a.Until = time.UnixMilli(until)
	if err = json.Unmarshal([]byte(jobs), &a.Jobs); err != nil {
		err = fmt.Errorf("undo_act: %w", err)
	}
	return a, err
}

func put(tx *db.Tx, region string, a Act, jobs string) error {
	_, err := tx.Insert("undo_act", strings.Split("region, "+cols, ", "),
		[][]any{{region, a.Word, a.Object, a.Name, a.Account, a.Version, a.Until.UnixMilli(), a.was, jobs}}, replaces)
	return err
}

func get(tx *db.Tx, region, word, object string) (Act, error) {
	return db.One(tx, scan, selectAct, region, word, object)
}

func drop(tx *db.Tx, region, word, object string) error {
	_, err := tx.Exec(deleteAct, region, word, object)
	return err
}

func open(tx *db.Tx, region, word, account string, objects []string) ([]Act, error) {
	return db.All(tx, scan, openActs, region, word, account, objects, tx.Millis())
}
