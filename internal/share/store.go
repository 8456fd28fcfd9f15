package share

import (
	"encoding/json"
	"errors"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const (
	batchCols = `id, source, file, as_of, actor, actor_name, begun, ended, say, report`
	putKey    = `INSERT INTO share_key (region, hash, source, name, until_day, revoked, maker, at) VALUES ($1,$2,$3,$4,$5,FALSE,$6,$7)`
	keyCols   = `region, hash, source, name, until_day, revoked, maker, at`
	getKey    = `SELECT ` + keyCols + ` FROM share_key WHERE region = $1 AND hash = $2`
	allKeys   = `SELECT ` + keyCols + ` FROM share_key WHERE region = $1 ORDER BY at DESC, hash`
	dropKey   = `UPDATE share_key SET revoked = TRUE WHERE region = $1 AND hash = $2`
	putBatch  = `INSERT INTO share_batch (region, id, source, file, as_of, actor, actor_name, begun, ended, say, report)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,0,'','')`
	endBatch    = `UPDATE share_batch SET ended = $3, say = $4, report = $5 WHERE region = $1 AND id = $2`
	getBatch    = `SELECT ` + batchCols + ` FROM share_batch WHERE region = $1 AND id = $2`
	listBatches = `SELECT ` + batchCols + ` FROM share_batch WHERE region = $1 ORDER BY id DESC LIMIT $2`
	openBatches = `SELECT ` + batchCols + ` FROM share_batch WHERE region = $1 AND ended = 0 AND begun < $2 ORDER BY id`
	newestDone  = `SELECT source, MAX(as_of) FROM share_batch WHERE region = $1 AND ended > 0 AND say = '' GROUP BY source`

	factCols = `source, person, item, value, document, issuer, since, until, batch, line, as_of, ended_on, ended_by`
	// The sources come from the pack, so that the key (region, source, person) is used.
	factsOf     = `SELECT ` + factCols + ` FROM share_fact WHERE region = $1 AND source = ANY($2) AND person = $3 ORDER BY source, item`
	factsMany   = `SELECT ` + factCols + ` FROM share_fact WHERE region = $1 AND source = $2 AND person = ANY($3)`
	anyFact     = `SELECT person FROM share_fact WHERE region = $1 AND source = $2 LIMIT 1`
	openFacts   = `SELECT person FROM share_fact WHERE region = $1 AND source = $2 AND person > $3 AND ended_on = '' ORDER BY person LIMIT $4`
	endFacts    = `UPDATE share_fact SET ended_on = $4, ended_by = $5 WHERE region = $1 AND source = $2 AND person = ANY($3) AND ended_on = ''`
	countFacts  = `SELECT source, COUNT(*) FROM share_fact WHERE region = $1 AND ended_on = '' GROUP BY source`
	upsertFacts = `ON CONFLICT (region, source, person, item) DO UPDATE SET value = excluded.value, document = excluded.document, issuer = excluded.issuer,
		since = excluded.since, until = excluded.until, batch = excluded.batch, line = excluded.line, as_of = excluded.as_of, ended_on = '', ended_by = ''`

	rowCols = `batch, line, source, state, name, birth, id_mask, address, reason, candidates, row_key, value, document, issuer, since, until, person, note, actor, actor_name, at`
	getRow  = `SELECT ` + rowCols + ` FROM share_row WHERE region = $1 AND batch = $2 AND line = $3`
	// The oldest batch first: who has waited longest.
	rowsByState = `SELECT ` + rowCols + ` FROM share_row WHERE region = $1 AND state = $2 AND (batch > $3 OR batch = $3 AND line > $4) AND ($5 = '' OR source = $5) ORDER BY batch, line LIMIT $6`
	rowsOfBatch = `SELECT ` + rowCols + ` FROM share_row WHERE region = $1 AND batch = $2 AND state = $3 AND line > $4 ORDER BY line LIMIT $5`
	countStates = `SELECT state, COUNT(*) FROM share_row WHERE region = $1 AND batch = $2 GROUP BY state`
	countDoubts = `SELECT source, COUNT(*) FROM share_row WHERE region = $1 AND state = 'doubtful' GROUP BY source`
	decideRow   = `UPDATE share_row SET state = $4, person = $5, note = $6, actor = $7, actor_name = $8, at = $9
		WHERE region = $1 AND batch = $2 AND line = $3 AND state IN ('doubtful', 'unknown')`
	undecideRow = `UPDATE share_row SET state = $4, person = '', note = $5, actor = $6, actor_name = $7, at = $8
		WHERE region = $1 AND batch = $2 AND line = $3 AND at = $9`
	dropLink = `DELETE FROM share_link WHERE region = $1 AND row_key = $2`
	// A newer list asks again about whoever is still open in it.
	closeRows = `DELETE FROM share_row WHERE region = $1 AND source = $2 AND batch <> $3 AND state IN ('doubtful', 'unmatched', 'unknown')`
	linksOf   = `SELECT row_key, person FROM share_link WHERE region = $1 AND row_key = ANY($2)`
	putLink   = `INSERT INTO share_link (region, row_key, person, actor, at) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (region, row_key) DO UPDATE SET person = excluded.person, actor = excluded.actor, at = excluded.at`
)

var (
	colsFact = strings.Fields("region source person item value document issuer since until batch line as_of ended_on ended_by")
	colsRow  = strings.Fields("region batch line source state name birth id_mask address reason candidates row_key value document issuer since until person note actor actor_name at")
)

func scanKey(r db.Row) (k Key, err error) {
	return k, r.Scan(&k.Region, &k.Hash, &k.Source, &k.Name, &k.Until, &k.Revoked, &k.Maker, &k.At)
}

func scanBatch(r db.Row) (b Batch, err error) {
	var report string
	if err := r.Scan(&b.ID, &b.Source, &b.File, &b.AsOf, &b.Actor, &b.ActorName, &b.Begun, &b.Ended, &b.Say, &report); err != nil || report == "" {
		return b, err
	}
	b.Report = &Report{}
	return b, json.Unmarshal([]byte(report), b.Report)
}

func batchOf(tx *db.Tx, region, id string) (Batch, error) {
	b, err := db.One(tx, scanBatch, getBatch, region, id)
	if errors.Is(err, db.ErrNone) {
		return b, fault.New(fault.NotFound, "没有找到这一批名单。")
	}
	return b, err
}

func scanFact(r db.Row) (f Fact, err error) {
	return f, r.Scan(&f.Source, &f.Person, &f.Item, &f.Value, &f.Document, &f.Issuer, &f.Since, &f.Until, &f.Batch, &f.Line, &f.AsOf, &f.EndedOn, &f.EndedBy)
}

func (f Fact) values(b []any, region string) []any {
	return append(b, region, f.Source, f.Person, f.Item, f.Value, f.Document, f.Issuer, f.Since.String(), f.Until.String(), f.Batch, f.Line, f.AsOf.String(), "", "")
}

func putFacts(tx *db.Tx, region string, list []Fact) error {
	rows := make([][]any, len(list))
	for i, f := range list {
		rows[i] = f.values(nil, region)
	}
	_, err := tx.Insert("share_fact", colsFact, rows, upsertFacts)
	return err
}

func scanRow(r db.Row) (d Doubt, err error) {
	var candidates string
	if err := r.Scan(&d.Batch, &d.Line, &d.Source, &d.State, &d.Name, &d.Birth, &d.IDMask, &d.Address, &d.Reason, &candidates, &d.Key,
		&d.Value, &d.Document, &d.Issuer, &d.Since, &d.Until, &d.Person, &d.Note, &d.Actor, &d.ActorName, &d.At); err != nil {
		return d, err
	}
	return d, json.Unmarshal([]byte(candidates), &d.Candidates)
}

func putRows(tx *db.Tx, region string, list []Doubt) error {
	var buf [22]any
	texts := make([]string, len(list))
	for i, d := range list {
		b, err := json.Marshal(append([]string{}, d.Candidates...))
		if err != nil {
			return err
		}
		texts[i] = string(b)
	}
	return tx.Bulk("share_row", colsRow, len(list), func(i int) []any {
		d := &list[i]
		return append(buf[:0], region, d.Batch, d.Line, d.Source, d.State, d.Name, d.Birth.String(), d.IDMask, d.Address, d.Reason, texts[i], d.Key,
			d.Value, d.Document, d.Issuer, d.Since.String(), d.Until.String(), "", "", "", "", int64(0))
	})
}

func rowOf(tx *db.Tx, region, batch string, line int64) (Doubt, error) {
	d, err := db.One(tx, scanRow, getRow, region, batch, line)
	if errors.Is(err, db.ErrNone) {
		return d, fault.New(fault.NotFound, "没有找到名单里的这一行，可能已有更新的名单。")
	}
	return d, err
}

type counted struct {
	key string
	n   int64
}

func scanCount(r db.Row) (c counted, err error) { return c, r.Scan(&c.key, &c.n) }

func counts(tx *db.Tx, q string, args ...any) (map[string]int64, error) {
	rows, err := db.All(tx, scanCount, q, args...)
	out := make(map[string]int64, len(rows))
	for _, r := range rows {
		out[r.key] = r.n
	}
	return out, err
}

// newest is the day to which the newest list of each source speaks.
func newest(tx *db.Tx, region string) (map[string]day.Day, error) {
	type row struct {
		source string
		on     day.Day
	}
	rows, err := db.All(tx, func(r db.Row) (x row, err error) { return x, r.Scan(&x.source, &x.on) }, newestDone, region)
	out := map[string]day.Day{}
	for _, r := range rows {
		out[r.source] = r.on
	}
	return out, err
}

type link struct{ key, person string }

func links(tx *db.Tx, region string, keys []string) (map[string]link, error) {
	out := map[string]link{}
	if len(keys) == 0 {
		return out, nil
	}
	rows, err := db.All(tx, func(r db.Row) (l link, err error) { return l, r.Scan(&l.key, &l.person) }, linksOf, region, keys)
	for _, l := range rows {
		out[l.key] = l
	}
	return out, err
}
