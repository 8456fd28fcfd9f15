package share

import (
	"context"
	"slices"
	"strconv"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/person"
	"yinling/internal/undo"
)

// Standing is where a register stands: how far its newest list goes, what holds.
type Standing struct {
	Source
	AsOf           day.Day // 0: never imported
	Holding, Doubt int64
	Stale          bool
}

// Standings are a region's registers with where each stands today.
func (s *Service) Standings(ctx context.Context, region string) (out []Standing, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		last, err := newest(tx, region)
		if err != nil {
			return err
		}
		holding, err := counts(tx, countFacts, region)
		if err != nil {
			return err
		}
		doubts, err := counts(tx, countDoubts, region)
		for _, src := range Sources(v) {
			x := Standing{Source: src, AsOf: last[src.ID], Holding: holding[src.ID], Doubt: doubts[src.ID]}
			x.Stale = x.AsOf != 0 && src.Stale(x.AsOf, tx.Today())
			out = append(out, x)
		}
		return err
	})
	return out, err
}

// Batches are the newest imports of a region.
func (s *Service) Batches(ctx context.Context, region string) (out []Batch, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		out, err = db.All(tx, scanBatch, listBatches, region, 20)
		return err
	})
	id, at := s.uploads.Now(region)
	for i := range out {
		if out[i].ID == id {
			out[i].Running, out[i].Progress = true, at
		}
	}
	return out, err
}

// Batch is one import.
func (s *Service) Batch(ctx context.Context, region, id string) (b Batch, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error { b, err = batchOf(tx, region, id); return err })
	if now, at := s.uploads.Now(region); now == id {
		b.Running, b.Progress = true, at
	}
	return b, err
}

// RowsOf lists rows of a batch in a state, after a line; states tells how many
// there are of each.
func (s *Service) RowsOf(ctx context.Context, region, batch, state string, after int64, limit int) (list []Doubt, states map[string]int64, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if list, err = db.All(tx, scanRow, rowsOfBatch, region, batch, state, after, limit); err != nil {
			return err
		}
		states, err = counts(tx, countStates, region, batch)
		return err
	})
	return list, states, err
}

// Doubts lists rows in a state (doubtful, unknown, same, another) and of a source
// ("" for any) over all batches, the oldest first, after a line of a batch.
func (s *Service) Doubts(ctx context.Context, region, state, source, batch string, after int64, limit int) (list []Doubt, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = db.All(tx, scanRow, rowsByState, region, state, batch, after, source, limit)
		return err
	})
	return list, err
}

// Doubt is a row with the people it may be, for a clerk who compares them; the
// look is audited.
func (s *Service) Doubt(ctx context.Context, who audit.Actor, region, batch string, line int64) (d Doubt, people []person.Person, err error) {
	err = s.Log.DB.Read(ctx, func(tx *db.Tx) error {
		if d, err = rowOf(tx, region, batch, line); err != nil {
			return err
		}
		ids := d.Candidates
		if d.Person != "" && !has(ids, d.Person) {
			ids = append(ids, d.Person)
		}
		found, err := s.Persons.GetMany(tx, region, ids)
		for _, id := range ids {
			if p, ok := found[id]; ok {
				people = append(people, p)
			}
		}
		return err
	})
	if err != nil {
		return d, nil, err
	}
	return d, people, audit.Seen(ctx, s.Log, who, region, "share.doubt_see", rowID(batch, line))
}

// Verdict is what a clerk has found out about a row.
type Verdict struct {
	State  string // Same, Another, Unknown
	Person string // Same: which of the candidates
	Note   string // how it was checked

	Version int64 // Doubt.Version as the clerk saw it; 0: not asked from a page
}

// UndoDoubtWord is the word under which verdicts can be taken back.
const UndoDoubtWord = "share.doubt"

func rowID(batch string, line int64) string { return batch + "/" + strconv.FormatInt(line, 10) }

// Decide settles a doubtful row. Same person: the row becomes a fact; same and
// another are kept, so that the next list does not ask again. What became a fact
// has its effect at once and is not taken back; the others are, by UndoDecide.
func (s *Service) Decide(ctx context.Context, who audit.Actor, region, batch string, line int64, key string, x Verdict) error {
	act := audit.Act{Region: region, Verb: "share.decide", Object: rowID(batch, line), Key: key, Body: []any{line, x}}
	return audit.Run(ctx, s.Log, who, act, func(tx *db.Tx) error {
		d, err := rowOf(tx, region, batch, line)
		if err != nil {
			return err
		}
		switch {
		case d.State != Doubtful && d.State != Unknown:
			return fault.New(fault.Conflict, "这一行已经有人认定过了，请刷新页面看结果。")
		case x.Version != 0 && x.Version != d.Version():
			return fault.New(fault.Conflict, "您打开这一页以后，%s已经认定过这一行。请看过新的内容再办。", d.ActorName)
		case !slices.Contains([]string{Same, Another, Unknown}, x.State):
			return fault.Field("verdict", "请选是不是同一个人；查不清就选查不清")
		case x.State == Same && !has(d.Candidates, x.Person):
			return fault.Field("verdict", "请在可能的人里选一位")
		case x.Note == "":
			return fault.Field("note", "请写怎样核对的，例如打过电话、看过户口簿")
		}
		if x.State != Same {
			x.Person = ""
		}
		n, err := tx.Exec(decideRow, region, batch, line, x.State, x.Person, x.Note, who.ID, who.Name, tx.Millis())
		if err != nil || n != 1 {
			if err == nil {
				err = fault.New(fault.Conflict, "这一行刚被别人认定，请刷新页面。")
			}
			return err
		}
		if x.State != Same {
			was := Doubt{State: d.State, Note: d.Note, Actor: d.Actor, ActorName: d.ActorName, At: d.At}
			if err := undo.Keep(tx, region, undo.Act{Word: UndoDoubtWord, Object: rowID(batch, line), Name: x.State, Account: who.ID, Version: tx.Millis() + 1}, was); err != nil || x.State == Unknown {
				return err
			}
		} else if err := undo.Drop(tx, region, UndoDoubtWord, rowID(batch, line)); err != nil {
			return err
		}
		if _, err := tx.Exec(putLink, region, d.Key, x.Person, who.ID, tx.Millis()); err != nil || x.State == Another {
			return err
		}
		v, err := s.Packs.At(region, tx.Today())
		if err != nil {
			return err
		}
		src, ok := SourceOf(v, d.Source)
		if !ok {
			return fault.New(fault.Conflict, "政策包里已经没有这份名单，认定没有记下。")
		}
		b, err := batchOf(tx, region, batch)
		if err != nil {
			return err
		}
		f := d.fact()
		f.Person, f.AsOf = x.Person, b.AsOf
		if src.Gives == GivesHospital || src.Gives == GivesAssessment {
			f.Item = f.Since.String()
		}
		if err := putFacts(tx, region, []Fact{f}); err != nil {
			return err
		}
		if err := s.effect(tx, region, src, []Fact{f}); err != nil {
			return err
		}
		return s.refresh(tx, v, region, []string{x.Person})
	})
}

// UndoDecide takes back that a row means somebody else or could not be found
// out, as undo.Take allows it.
func (s *Service) UndoDecide(ctx context.Context, who audit.Actor, region, batch string, line int64, key string) error {
	id := rowID(batch, line)
	return audit.Run(ctx, s.Log, who, audit.Act{Region: region, Verb: "share.decide_undo", Object: id, Key: key, Body: id}, func(tx *db.Tx) error {
		d, err := rowOf(tx, region, batch, line)
		if err != nil {
			return err
		}
		var was Doubt
		act, err := undo.Take(tx, region, UndoDoubtWord, id, who, d.Version(), &was)
		if err != nil {
			return err
		}
		n, err := tx.Exec(undecideRow, region, batch, line, was.State, was.Note, was.Actor, was.ActorName, was.At, d.At)
		if err == nil && n != 1 {
			err = fault.New(fault.Conflict, "这一行刚被别人认定，请刷新页面。")
		}
		if err != nil || act.Name != Another {
			return err
		}
		_, err = tx.Exec(dropLink, region, d.Key)
		return err
	})
}
