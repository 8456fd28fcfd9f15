// Package undo keeps, for ten minutes, how something stood before an act, so
// that who did it can take it back (撤回). The act stands in the file at once;
// who is told of it is told only when it can no longer be taken back, so that
// nobody gets a message which does not hold (互联网网站适老化通用设计规范：十分钟内可以撤销).
//
//	Keep ─→ Take, by who acted, within For, while nothing else has happened
//	   └──→ the ten minutes are over, or a later act replaces it
//
// A domain names its things by a word («desk.call») and writes their rows back
// itself; who acted, until when, and which messages wait is kept here.
package undo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/job"
)

// For is how long an act can be taken back.
const For = 10 * time.Minute

// Later is a job that runs when the act can no longer be taken back.
type Later struct {
	Kind string `json:"kind"`
	Key  string `json:"key"`
}

// Put enqueues a job for the end of For.
func Put(tx *db.Tx, region, key string, a job.Args) (Later, error) {
	return Later{a.Kind(), key}, job.Put(tx, region, key, tx.Now().Add(For), a)
}

// Act is an act that can be taken back.
type Act struct {
	Word, Object string // what it was done to
	Name         string // what was done, as the domain calls it
	Account      string // who did it
	Version      int64  // of the object after the act
	Jobs         []Later
	Until        time.Time // set by Keep

	was string
}

// Keep keeps an act with how its object stood before; a later act on the same
// object replaces it.
func Keep(tx *db.Tx, region string, a Act, was any) error {
	before, err := json.Marshal(was)
	if err != nil {
		return err
	}
	if a.Jobs == nil {
		a.Jobs = []Later{}
	}
	jobs, err := json.Marshal(a.Jobs)
	if err != nil {
		return err
	}
	a.Until, a.was = tx.Now().Add(For), string(before)
	return put(tx, region, a, string(jobs))
}

// Take takes the last act on an object back and reads into was how it stood:
// only for who did it, within For, and while the object still has the version
// that the act gave it. Messages that were to tell of it are dropped. The caller
// writes the old state. Conflict and Forbidden tell which of these is not so.
func Take(tx *db.Tx, region, word, object string, by audit.Actor, version int64, was any) (a Act, err error) {
	defer fault.Wrap(&err, "undo.Take(%s, %s)", word, object)
	a, err = get(tx, region, word, object)
	switch {
	case errors.Is(err, db.ErrNone):
		return a, fault.New(fault.Conflict, "这件没有可以撤回的决定。")
	case err != nil:
		return a, err
	case a.Account != by.ID:
		return a, fault.New(fault.Forbidden, "这个决定不是您做的，请由做决定的同事撤回。")
	case a.Version != version:
		return a, fault.New(fault.Conflict, "您办过以后，这件又有了变动，不能撤回了。请看过新的内容再办。")
	case tx.Now().After(a.Until):
		return a, fault.New(fault.Conflict, "已经过了 10 分钟，通知已经发出，不能撤回了。确实办错的，请按更正程序办。")
	}
	for _, j := range a.Jobs {
		dropped, err := job.Drop(tx, region, j.Kind, j.Key)
		if err != nil {
			return a, err
		}
		if !dropped {
			return a, fault.New(fault.Conflict, "通知已经发出，不能撤回了。确实办错的，请按更正程序办。")
		}
	}
	if err := json.Unmarshal([]byte(a.was), was); err != nil {
		return a, fmt.Errorf("undo_act: %w", err)
	}
	return a, drop(tx, region, word, object)
}

// Drop forgets that an act could be taken back: something final came after it.
func Drop(tx *db.Tx, region, word, object string) error { return drop(tx, region, word, object) }

// Nightly forgets what nobody can take back any more: it may carry sealed
// numbers, which are not kept longer than they serve.
type Nightly struct {
	On day.Day `json:"on"`
}

// Kind is the job's name.
func (Nightly) Kind() string { return "undo.nightly" }

// OnNightly forgets the acts of a region whose time was over a day ago.
func OnNightly(ctx context.Context, l *audit.Log, region string) error {
	return audit.Run(ctx, l, audit.System(region), audit.Act{Region: region, Verb: "undo.forget", Object: "undo"}, func(tx *db.Tx) error {
		_, err := tx.Exec(forgetActs, region, tx.Now().Add(-24*time.Hour).UnixMilli())
		return err
	})
}

// Open are the acts on objects of a word that an account can still take back.
func Open(ctx context.Context, l *audit.Log, who audit.Actor, word string, objects []string) (out map[string]Act, err error) {
	out = map[string]Act{}
	if word == "" || len(objects) == 0 {
		return out, nil
	}
	err = l.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := open(tx, who.Region, word, who.ID, objects)
		for _, a := range list {
			out[a.Object] = a
		}
		return err
	})
	return out, err
}
