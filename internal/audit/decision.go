package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/policy"
)

// Stored is a decision as it was kept: the texts are those of the moment.
type Stored struct {
	Region, ID, Rule, Object string
	Version                  int64 // of the rule's program
	On                       day.Day
	Pack                     policy.PackRef
	In, Out, Explain         string // JSON
	At                       time.Time
}

const getDecision = `SELECT region, id, rule, object, on_day, pack_version, pack_hash, input, output, explain, at FROM audit_decision `

func scanDecision(r db.Row) (s Stored, err error) {
	var at int64
	err = r.Scan(&s.Region, &s.ID, &s.Rule, &s.Object, &s.On, &s.Pack.Version, &s.Pack.Hash, &s.In, &s.Out, &s.Explain, &at)
	s.At = time.UnixMilli(at).UTC()
	s.Rule, s.Version = policy.SplitRule(s.Rule)
	return s, err
}

const (
	getCites = `SELECT id, text FROM audit_cite WHERE region = $1 AND id = ANY($2)`
	putCite  = "ON CONFLICT (region, id) DO NOTHING"
)

// lengthen gives stored decisions of one region their whole explanation back.
func lengthen(tx *db.Tx, region string, ds []Stored) error {
	var ids []string
	for _, d := range ds {
		ids = append(ids, policy.CitationIDs(d.Explain)...)
	}
	slices.Sort(ids)
	texts, err := citations(tx, region, slices.Compact(ids))
	if err != nil {
		return err
	}
	for i, d := range ds {
		if ds[i].Explain, err = policy.Long(d.Explain, texts); err != nil {
			return fmt.Errorf("decision %s: %w", d.ID, err)
		}
	}
	return nil
}

func citations(tx *db.Tx, region string, ids []string) (map[string]string, error) {
	texts := map[string]string{}
	_, err := db.All(tx, func(r db.Row) (struct{}, error) {
		var id, text string
		err := r.Scan(&id, &text)
		texts[id] = text
		return struct{}{}, err
	}, getCites, region, ids)
	return texts, err
}

// keepCites keeps each citation once. A row here is never taken away, so the
// process asks the database only until it knows.
func keepCites(tx *db.Tx, region string, used map[string]policy.Citation) error {
	var ids []string
	for id := range used {
		if fact := "audit_cite " + region + " " + id; !tx.Known(fact) {
			tx.Learn(fact)
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	there, err := citations(tx, region, ids)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, id := range ids {
		if _, ok := there[id]; !ok {
			rows = append(rows, []any{region, id, used[id].Text, tx.Millis()})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err = tx.Insert("audit_cite", []string{"region", "id", "text", "at"}, rows, putCite)
	return err
}

// GetDecision reads a stored decision; none is fault.NotFound.
func GetDecision(tx *db.Tx, region, id string) (Stored, error) {
	s, err := db.One(tx, scanDecision, getDecision+`WHERE region = $1 AND id = $2`, region, id)
	if errors.Is(err, db.ErrNone) {
		return s, fault.New(fault.NotFound, "没有编号 %s 的决定。请核对编号。", id)
	}
	if err != nil {
		return s, err
	}
	one := []Stored{s}
	err = lengthen(tx, region, one)
	return one[0], err
}

// DecisionIDs lists the ids of all decisions of a region, oldest first.
func DecisionIDs(tx *db.Tx, region string) ([]string, error) {
	return db.All(tx, db.Value[string], `SELECT id FROM audit_decision WHERE region = $1 ORDER BY id`, region)
}

// Cites tells whether the explanation names at least one clause.
func (s Stored) Cites() bool { return strings.Contains(s.Explain, `"clause":{`) }

// Decision is GetDecision for pages and the command line.
func (l *Log) Decision(ctx context.Context, region, id string) (s Stored, err error) {
	err = l.DB.Read(ctx, func(tx *db.Tx) error { s, err = GetDecision(tx, region, id); return err })
	return s, err
}

const getBundle = `SELECT bundle FROM audit_pack WHERE region = $1 AND hash = $2`

// Replay runs a stored decision again with the pack of its own time, as it was
// kept, and tells whether output and explanation come out the same, byte for byte.
func (l *Log) Replay(ctx context.Context, s Stored) (r policy.Replayed, err error) {
	var bundle string
	err = l.DB.Read(ctx, func(tx *db.Tx) error {
		bundle, err = db.One(tx, db.Value[string], getBundle, s.Region, s.Pack.Hash)
		return err
	})
	if errors.Is(err, db.ErrNone) {
		return r, fault.New(fault.NotFound, "这个决定所用的政策包原文没有存档，不能重算。请告诉管理员检查备份。")
	}
	if err != nil {
		return r, err
	}
	named := policy.Decision{Rule: s.Rule, Version: s.Version}.Named()
	return policy.Replay(bundle, s.Region, named, s.On, s.In, s.Out, s.Explain)
}
