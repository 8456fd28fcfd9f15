package desk

import (
	"errors"
	"strings"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const caseCols = `region, id, matter, topic, stage, status, channel, person, applicant, relation, district, rank, priority,
	opened, due_from, due, due_days, missing, checks_ok, checks_all, version, created, changed`

const (
	bumpCounter = `INSERT INTO desk_counter (region, day, last) VALUES ($1, $2, 1)
		ON CONFLICT (region, day) DO UPDATE SET last = desk_counter.last + 1 RETURNING last`
	selectCase    = `SELECT ` + caseCols + ` FROM desk_case WHERE region = $1 AND id = $2`
	selectOf      = `SELECT ` + caseCols + ` FROM desk_case WHERE region = $1 AND person = $2 ORDER BY id DESC`
	updateCaseSQL = `UPDATE desk_case SET stage = $4, status = $5, due_from = $6, due = $7, due_days = $8, missing = $9,
		version = $10, changed = $11
		WHERE region = $1 AND id = $2 AND version = $3`

	selectSteps = `SELECT seq, stage, action, say, actor, actor_name, at, decision FROM desk_step
		WHERE region = $1 AND case_id = $2 ORDER BY seq`
	selectSeq = `SELECT COALESCE(MAX(seq), 0) FROM desk_step WHERE region = $1 AND case_id = $2`

	selectDoc  = `SELECT ` + docCols + ` FROM desk_document WHERE region = $1 AND id = $2`
	selectDocs = `SELECT ` + docCols + ` FROM desk_document WHERE region = $1 AND case_id = $2 ORDER BY at, id`
	docCols    = `region, id, case_id, kind, name, mime, size, sha256, sm3, actor, at`
	moveDoc    = `UPDATE desk_document SET case_id = $3 WHERE region = $1 AND id = $2 AND case_id = $4 AND actor = $5`

	// heads of the worklist's queries; deep ones filter the first Depth rows of a tab
	listHead  = `SELECT ` + caseCols + ` FROM desk_case WHERE region = $1 AND matter = $2`
	countHead = `SELECT COUNT(*) FROM (SELECT 1 AS one FROM desk_case WHERE region = $1 AND matter = $2`
	listDeep  = `SELECT ` + caseCols + ` FROM (SELECT ` + caseCols + ` FROM desk_case WHERE region = $1 AND matter = $2`
	countDeep = `SELECT COUNT(*) FROM (SELECT 1 AS one FROM (SELECT ` + caseCols + ` FROM desk_case WHERE region = $1 AND matter = $2`

	dueCount = `SELECT COUNT(*) FROM (SELECT 1 AS one FROM desk_case WHERE region = $1 AND matter = $2 AND stage = $3
		AND due > '' AND due <= $4 LIMIT $5) x`
	stageCount = `SELECT COUNT(*) FROM (SELECT 1 AS one FROM desk_case WHERE region = $1 AND matter = $2 AND stage = $3 LIMIT $4) x`

	selectDraft = `SELECT answers, changed FROM desk_draft WHERE region = $1 AND account = $2 AND matter = $3`
	upsertDraft = `INSERT INTO desk_draft (region, account, matter, answers, changed) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (region, account, matter) DO UPDATE SET answers = excluded.answers, changed = excluded.changed`
	deleteDraft = `DELETE FROM desk_draft WHERE region = $1 AND account = $2 AND matter = $3`
	purgeDrafts = `DELETE FROM desk_draft WHERE region = $1 AND changed < $2`
)

func nextSeq(tx *db.Tx, region string, d day.Day) (int64, error) {
	return db.One(tx, db.Value[int64], bumpCounter, region, d)
}

func scanCase(r db.Row) (c Case, err error) {
	var created, changed int64
	err = r.Scan(&c.Region, &c.ID, &c.Matter, &c.Topic, &c.Stage, &c.Status, &c.Channel, &c.Person, &c.Applicant, &c.Relation,
		&c.District, &c.Rank, &c.Priority, &c.Opened, &c.DueFrom, &c.Due, &c.DueDays, &c.Missing, &c.ChecksOK, &c.ChecksAll,
		&c.Version, &created, &changed)
	c.Created, c.LastChanged = instant(created), instant(changed)
	return c, err
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func insertCase(tx *db.Tx, c Case) error {
	_, err := tx.Insert("desk_case", strings.Split(strings.Join(strings.Fields(caseCols), ""), ","), [][]any{{
		c.Region, c.ID, c.Matter, c.Topic, c.Stage, string(c.Status), string(c.Channel), c.Person, c.Applicant, c.Relation,
		c.District, c.Rank, c.Priority, c.Opened, c.DueFrom, c.Due, c.DueDays, c.Missing, c.ChecksOK, c.ChecksAll,
		c.Version, c.Created.UnixMilli(), c.LastChanged.UnixMilli()}}, "")
	return err
}

func getCase(tx *db.Tx, region, id string) (Case, error) {
	c, err := db.One(tx, scanCase, selectCase, region, id)
	if errors.Is(err, db.ErrNone) {
		return c, fault.New(fault.NotFound, "没有找到受理号是 %s 的办件。请照回执核对受理号，或打 12393。", id)
	}
	return c, err
}

func casesOf(tx *db.Tx, region, person string) ([]Case, error) {
	return db.All(tx, scanCase, selectOf, region, person)
}

func updateCase(tx *db.Tx, c Case, seen int64) (bool, error) {
	n, err := tx.Exec(updateCaseSQL, c.Region, c.ID, seen, c.Stage, string(c.Status), c.DueFrom, c.Due, c.DueDays,
		c.Missing, c.Version, c.LastChanged.UnixMilli())
	return n == 1, err
}

func insertStep(tx *db.Tx, region, id string, s Step) error {
	_, err := tx.Insert("desk_step", strings.Fields("region case_id seq stage action say actor actor_name at decision"),
		[][]any{{region, id, s.Seq, s.Stage, s.Action, s.Say, s.Actor, s.ActorName, s.At.UnixMilli(), s.Decision}}, "")
	return err
}

func lastSeq(tx *db.Tx, region, id string) (int64, error) {
	return db.One(tx, db.Value[int64], selectSeq, region, id)
}

func stepsOf(tx *db.Tx, region, id string) ([]Step, error) {
	return db.All(tx, func(r db.Row) (s Step, err error) {
		var at int64
		err = r.Scan(&s.Seq, &s.Stage, &s.Action, &s.Say, &s.Actor, &s.ActorName, &at, &s.Decision)
		s.At = instant(at)
		return s, err
	}, selectSteps, region, id)
}

func scanDoc(r db.Row) (d Document, err error) {
	var at int64
	err = r.Scan(&d.Region, &d.ID, &d.Case, &d.Kind, &d.Name, &d.Mime, &d.Size, &d.SHA256, &d.SM3, &d.Actor, &at)
	d.At = instant(at)
	return d, err
}

func insertDoc(tx *db.Tx, d Document) error {
	_, err := tx.Insert("desk_document", strings.Split(strings.Join(strings.Fields(docCols), ""), ","),
		[][]any{{d.Region, d.ID, d.Case, d.Kind, d.Name, d.Mime, d.Size, d.SHA256, d.SM3, d.Actor, d.At.UnixMilli()}}, "")
	return err
}
