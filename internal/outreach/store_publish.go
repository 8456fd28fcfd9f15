package outreach

import (
	"encoding/json"
	"errors"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const (
	pubCols    = `region, id, audience, title, body, elder, cites, hash, state, diff, owner, owner_name, publisher, published, version, at`
	briefCols  = `region, id, title, place, district, day, audience, speaker, people, questions, maker, at`
	surveyCols = `region, id, day, month, channel, district, chosen, right_count, knows, decision, maker, at`
	followCols = `region, kind, object, week, person, name, what, key_group, state, tries, again, came, score, words, caller, caller_name, day, at, version`
	drawCols   = `region, week, kind, seed, pool_key, pool_other, drawn, decision, at`

	selectPub    = `SELECT ` + pubCols + ` FROM outreach_publication WHERE region = $1 AND id = $2`
	selectPubs   = `SELECT ` + pubCols + ` FROM outreach_publication WHERE region = $1 AND state = $2 ORDER BY at DESC, id LIMIT 200`
	selectPublic = `SELECT ` + pubCols + ` FROM outreach_publication WHERE region = $1 AND state IN ('published', 'revise') ORDER BY published DESC, id LIMIT 200`
	onPub        = `ON CONFLICT (region, id) DO UPDATE SET audience = excluded.audience, title = excluded.title, body = excluded.body, elder = excluded.elder, cites = excluded.cites,
		hash = excluded.hash, state = excluded.state, diff = excluded.diff, owner = excluded.owner, owner_name = excluded.owner_name, publisher = excluded.publisher,
		published = excluded.published, version = excluded.version, at = excluded.at`

	selectBriefs = `SELECT ` + briefCols + ` FROM outreach_briefing WHERE region = $1 AND day >= $2 ORDER BY day DESC, id LIMIT 200`
	knowByMonth  = `SELECT month, CAST(COUNT(*) AS BIGINT), CAST(SUM(CASE WHEN knows THEN 1 ELSE 0 END) AS BIGINT) FROM outreach_survey WHERE region = $1 AND month >= $2 GROUP BY month ORDER BY month`
	knowByWay    = `SELECT channel, CAST(COUNT(*) AS BIGINT), CAST(SUM(CASE WHEN knows THEN 1 ELSE 0 END) AS BIGINT) FROM outreach_survey WHERE region = $1 AND month >= $2 GROUP BY channel ORDER BY channel`
	knowByPlace  = `SELECT district, CAST(COUNT(*) AS BIGINT), CAST(SUM(CASE WHEN knows THEN 1 ELSE 0 END) AS BIGINT) FROM outreach_survey WHERE region = $1 AND month >= $2 GROUP BY district ORDER BY district`

	upsertMedia = `INSERT INTO outreach_media (region, object, doc, alt, words, at) VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT (region, object, doc) DO NOTHING`
	selectMedia = `SELECT doc, alt, words FROM outreach_media WHERE region = $1 AND object = $2`
	deleteMedia = `DELETE FROM outreach_media WHERE region = $1 AND object = $2 AND doc = $3`
	selectBrief = `SELECT ` + briefCols + ` FROM outreach_briefing WHERE region = $1 AND id = $2`

	selectFollow  = `SELECT ` + followCols + ` FROM outreach_followup WHERE region = $1 AND kind = $2 AND object = $3`
	selectFollows = `SELECT ` + followCols + ` FROM outreach_followup WHERE region = $1 AND state = $2 AND ($3 = '' OR kind = $3) ORDER BY again DESC, key_group DESC, object LIMIT $4`
	updateFollow  = `UPDATE outreach_followup SET state = $4, tries = $5, again = $6, came = $7, score = $8, words = $9, caller = $10, caller_name = $11, day = $12, version = version + 1 WHERE region = $1 AND kind = $2 AND object = $3 AND version = $13`
	countFollow   = `SELECT state, CAST(COUNT(*) AS BIGINT) FROM outreach_followup WHERE region = $1 GROUP BY state`
	selectDraws   = `SELECT week, kind, decision, seed, pool_key, pool_other, drawn FROM outreach_draw WHERE region = $1 ORDER BY week DESC, kind LIMIT 24`
	selectReplied = `SELECT ` + voiceCols + ` FROM outreach_voice WHERE region = $1 AND answered >= $2 AND answered <= $3 ORDER BY id`
)

func scanPub(r db.Row) (x Publication, err error) {
	var cites, diff string
	if err = r.Scan(&x.Region, &x.ID, &x.Audience, &x.Title, &x.Body, &x.Elder, &cites, &x.Hash, &x.State, &diff, &x.Owner, &x.OwnerName, &x.Publisher, &x.Published, &x.Version, &x.At); err != nil {
		return x, err
	}
	return x, errors.Join(json.Unmarshal([]byte(cites), &x.Cites), json.Unmarshal([]byte(diff), &x.Diff))
}

func putPublication(tx *db.Tx, x Publication) error {
	cites, err1 := json.Marshal(x.Cites)
	diff, err2 := json.Marshal(x.Diff)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	_, err := tx.Insert("outreach_publication", fieldsOf(pubCols), [][]any{{x.Region, x.ID, x.Audience, x.Title, x.Body, x.Elder, string(cites), x.Hash, x.State, string(diff),
		x.Owner, x.OwnerName, x.Publisher, x.Published, x.Version, x.At}}, onPub)
	return err
}

func getPublication(tx *db.Tx, region, id string) (Publication, error) {
	x, err := db.One(tx, scanPub, selectPub, region, id)
	if errors.Is(err, db.ErrNone) {
		return x, fault.New(fault.NotFound, "没有找到这份材料，它可能已经撤下。")
	}
	return x, err
}

func publications(tx *db.Tx, region, state string) ([]Publication, error) {
	if state == "" {
		return db.All(tx, scanPub, selectPublic, region)
	}
	return db.All(tx, scanPub, selectPubs, region, state)
}

func insertBriefing(tx *db.Tx, x Briefing) error {
	_, err := tx.Insert("outreach_briefing", fieldsOf(briefCols), [][]any{{x.Region, x.ID, x.Title, x.Place, x.District, x.Day, x.Audience, x.Speaker, x.People, x.Questions, x.Maker, x.At}}, "")
	return err
}

func scanBriefing(r db.Row) (x Briefing, err error) {
	err = r.Scan(&x.Region, &x.ID, &x.Title, &x.Place, &x.District, &x.Day, &x.Audience, &x.Speaker, &x.People, &x.Questions, &x.Maker, &x.At)
	return x, err
}

func briefings(tx *db.Tx, region string, from day.Day) ([]Briefing, error) {
	return db.All(tx, scanBriefing, selectBriefs, region, from)
}

func getBriefing(tx *db.Tx, region, id string) (Briefing, error) {
	x, err := db.One(tx, scanBriefing, selectBrief, region, id)
	if errors.Is(err, db.ErrNone) {
		return x, fault.New(fault.NotFound, "没有找到这场宣讲。")
	}
	return x, err
}

func insertSurvey(tx *db.Tx, region, id string, in SurveySheet, k Known, decision, maker string) error {
	chosen, err := json.Marshal(in.Chosen)
	if err != nil {
		return err
	}
	_, err = tx.Insert("outreach_survey", fieldsOf(surveyCols), [][]any{{region, id, tx.Today(), tx.Today().Month().String(), in.Channel, in.District, string(chosen), k.Right, k.Knows, decision, maker, tx.Millis()}}, "")
	return err
}

// knowRates are the rates by what a statement groups by.
func knowRates(tx *db.Tx, by, region string, from day.Month) ([]KnowRate, error) {
	return db.All(tx, func(r db.Row) (x KnowRate, err error) { err = r.Scan(&x.Name, &x.N, &x.Knows); return x, err }, by, region, from.String())
}

func putMedia(tx *db.Tx, region, object string, in MediaIn) error {
	_, err := tx.Exec(upsertMedia, region, object, in.ID, in.Alt, in.Words, tx.Millis())
	return err
}

func mediaWords(tx *db.Tx, region, object string) (map[string][2]string, error) {
	out := map[string][2]string{}
	_, err := db.All(tx, func(r db.Row) (struct{}, error) {
		var doc, alt, words string
		err := r.Scan(&doc, &alt, &words)
		out[doc] = [2]string{alt, words}
		return struct{}{}, err
	}, selectMedia, region, object)
	return out, err
}

func dropMedia(tx *db.Tx, region, object, doc string) error {
	n, err := tx.Exec(deleteMedia, region, object, doc)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "没有找到这个附件，可能已经拿掉了。")
	}
	return err
}

func insertDraw(tx *db.Tx, region string, x Drawn) (bool, error) {
	n, err := tx.Insert("outreach_draw", fieldsOf(drawCols), [][]any{{region, x.Week, x.Kind, x.Seed, x.Key, x.Other, x.Took, x.Decision, tx.Millis()}}, "ON CONFLICT (region, week, kind) DO NOTHING")
	return n == 1, err
}

func insertFollowUps(tx *db.Tx, region, week, kind string, cs []Candidate) error {
	var rows [][]any
	for _, c := range cs {
		rows = append(rows, []any{region, kind, c.Object, week, c.Person, c.Name, c.What, c.Key, "open", int64(0), day.Day(0), false, int64(0), "", "", "", day.Day(0), tx.Millis(), int64(1)})
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.Insert("outreach_followup", fieldsOf(followCols), rows, "ON CONFLICT (region, kind, object) DO NOTHING")
	return err
}

func scanFollow(r db.Row) (x FollowUp, err error) {
	err = r.Scan(&x.Region, &x.Kind, &x.Object, &x.Week, &x.Person, &x.Name, &x.What, &x.Key, &x.State, &x.Tries, &x.Again, &x.Came, &x.Score, &x.Words, &x.Caller, &x.CallerName, &x.Day, &x.At, &x.Version)
	return x, err
}

func getFollowUp(tx *db.Tx, region, kind, object string) (FollowUp, error) {
	x, err := db.One(tx, scanFollow, selectFollow, region, kind, object)
	if errors.Is(err, db.ErrNone) {
		return x, fault.New(fault.NotFound, "没有找到这个回访。")
	}
	return x, err
}

func updateFollowUp(tx *db.Tx, x FollowUp) error {
	n, err := tx.Exec(updateFollow, x.Region, x.Kind, x.Object, x.State, x.Tries, x.Again, x.Came, x.Score, x.Words, x.Caller, x.CallerName, x.Day, x.Version)
	if err == nil && n == 0 {
		err = errFollowMoved
	}
	return err
}

func followUps(tx *db.Tx, region, state, kind string, limit int) ([]FollowUp, error) {
	return db.All(tx, scanFollow, selectFollows, region, state, kind, limit)
}

func followCounts(tx *db.Tx, region string) (map[string]int64, error) {
	n := map[string]int64{}
	_, err := db.All(tx, func(r db.Row) (struct{}, error) {
		var state string
		var k int64
		err := r.Scan(&state, &k)
		n[state] = k
		return struct{}{}, err
	}, countFollow, region)
	return n, err
}

func draws(tx *db.Tx, region string) ([]Drawn, error) {
	return db.All(tx, func(r db.Row) (x Drawn, err error) {
		err = r.Scan(&x.Week, &x.Kind, &x.Decision, &x.Seed, &x.Key, &x.Other, &x.Took)
		return x, err
	}, selectDraws, region)
}

func answeredIn(tx *db.Tx, region string, from, to day.Day) ([]Voice, error) {
	return db.All(tx, scanVoice, selectReplied, region, from, to)
}
