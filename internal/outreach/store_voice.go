package outreach

import (
	"errors"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const voiceCols = `region, id, kind, stage, channel, person, account, name, phone_sealed, anonymous, code, say, about, against, against_id, against_name, against_inst,
	handler, handler_name, earlier, round, due, late, asked, explanation, explained, finding, answer, answered, reopen_by, decision, at`

const (
	selectVoice  = `SELECT ` + voiceCols + ` FROM outreach_voice WHERE region = $1 AND id = $2`
	selectVoices = `SELECT ` + voiceCols + ` FROM outreach_voice WHERE region = $1 AND stage = $2 AND ($3 = '' OR kind = $3) ORDER BY due, id LIMIT $4`
	selectClosed = `SELECT ` + voiceCols + ` FROM outreach_voice WHERE region = $1 AND stage = $2 AND ($3 = '' OR kind = $3) ORDER BY id DESC LIMIT $4`
	selectLate   = `SELECT ` + voiceCols + ` FROM outreach_voice WHERE region = $1 AND stage IN ('received', 'handling') AND late = $2 AND ($3 = '' OR kind = $3) ORDER BY due, id LIMIT $4`
	selectMine   = `SELECT ` + voiceCols + ` FROM outreach_voice WHERE region = $1 AND (account <> '' AND account = $2 OR person <> '' AND person = $3) ORDER BY id DESC LIMIT 50`
	selectAsked  = `SELECT ` + voiceCols + ` FROM outreach_voice WHERE region = $1 AND against_inst = $2 AND asked <> '' ORDER BY id DESC LIMIT 100`
	countVoices  = `SELECT stage, CAST(COUNT(*) AS BIGINT), CAST(SUM(CASE WHEN late THEN 1 ELSE 0 END) AS BIGINT) FROM outreach_voice WHERE region = $1 GROUP BY stage`

	updateVoiceSQL = `UPDATE outreach_voice SET stage = $3, handler = $4, handler_name = $5, earlier = $6, round = $7, due = $8, late = $9, asked = $10, explanation = $11, explained = $12,
		finding = $13, answer = $14, answered = $15, reopen_by = $16, against = $17, against_name = $18, against_inst = $19 WHERE region = $1 AND id = $2`
)

func fieldsOf(cols string) []string {
	return strings.Split(strings.Join(strings.Fields(cols), ""), ",")
}

func scanVoice(r db.Row) (x Voice, err error) {
	var earlier string
	err = r.Scan(&x.Region, &x.ID, &x.Kind, &x.Stage, &x.Channel, &x.Person, &x.Account, &x.Name, &x.phone, &x.Anonymous, &x.code, &x.Say, &x.About, &x.Against, &x.AgainstID,
		&x.AgainstName, &x.AgainstInst, &x.Handler, &x.HandlerName, &earlier, &x.Round, &x.Due, &x.Late, &x.Asked, &x.Explanation, &x.Explained, &x.Finding, &x.Answer,
		&x.Answered, &x.ReopenBy, &x.Decision, &x.At)
	x.Earlier = strings.Fields(earlier)
	return x, err
}

func insertVoice(tx *db.Tx, x Voice) error {
	_, err := tx.Insert("outreach_voice", fieldsOf(voiceCols), [][]any{{x.Region, x.ID, x.Kind, x.Stage, string(x.Channel), x.Person, x.Account, x.Name, x.phone, x.Anonymous, x.code,
		x.Say, x.About, x.Against, x.AgainstID, x.AgainstName, x.AgainstInst, x.Handler, x.HandlerName, strings.Join(x.Earlier, " "), x.Round, x.Due, x.Late, x.Asked,
		x.Explanation, x.Explained, x.Finding, x.Answer, x.Answered, x.ReopenBy, x.Decision, x.At}}, "")
	return err
}

func updateVoice(tx *db.Tx, x Voice) error {
	_, err := tx.Exec(updateVoiceSQL, x.Region, x.ID, x.Stage, x.Handler, x.HandlerName, strings.Join(x.Earlier, " "), x.Round, x.Due, x.Late, x.Asked, x.Explanation, x.Explained,
		x.Finding, x.Answer, x.Answered, x.ReopenBy, x.Against, x.AgainstName, x.AgainstInst)
	return err
}

func getVoice(tx *db.Tx, region, id string) (Voice, error) {
	x, err := db.One(tx, scanVoice, selectVoice, region, id)
	if errors.Is(err, db.ErrNone) {
		return x, fault.New(fault.NotFound, "没有找到这件。请照回执核对受理号，或打 12393。")
	}
	return x, err
}

func voices(tx *db.Tx, region, stage, kind string, limit int) ([]Voice, error) {
	switch stage {
	case "late":
		return db.All(tx, scanVoice, selectLate, region, true, kind, limit)
	case Answered, Done:
		return db.All(tx, scanVoice, selectClosed, region, stage, kind, limit)
	}
	return db.All(tx, scanVoice, selectVoices, region, stage, kind, limit)
}

func voicesOf(tx *db.Tx, region, account, person string) ([]Voice, error) {
	return db.All(tx, scanVoice, selectMine, region, account, person)
}

func askedOf(tx *db.Tx, region, inst string) ([]Voice, error) {
	if inst == "" {
		return nil, nil
	}
	return db.All(tx, scanVoice, selectAsked, region, inst)
}

func voiceCounts(tx *db.Tx, region string) (map[string]int, error) {
	n := map[string]int{}
	_, err := db.All(tx, func(r db.Row) (struct{}, error) {
		var stage string
		var all, late int
		err := r.Scan(&stage, &all, &late)
		n[stage] = all
		if stage == Received || stage == Handling {
			n["late"] += late
		}
		return struct{}{}, err
	}, countVoices, region)
	return n, err
}

// Improvement items.

const improveCols = `region, id, source, object, title, what, owner, due, state, result, closed, maker, at, version`

const (
	selectImprove  = `SELECT ` + improveCols + ` FROM outreach_improve WHERE region = $1 AND id = $2`
	selectImproves = `SELECT ` + improveCols + ` FROM outreach_improve WHERE region = $1 AND state = $2 AND ($3 = '' OR source = $3) ORDER BY due, id LIMIT $4`
	selectImproved = `SELECT ` + improveCols + ` FROM outreach_improve WHERE region = $1 AND object = $2 AND source = $3 ORDER BY id`
	updateImprove  = `UPDATE outreach_improve SET owner = $3, due = $4, state = $5, result = $6, closed = $7, version = version + 1 WHERE region = $1 AND id = $2 AND version = $8`
	deleteImprove  = `DELETE FROM outreach_improve WHERE region = $1 AND id = $2 AND version = 1`
	countImprove   = `SELECT source, state, CAST(COUNT(*) AS BIGINT), CAST(SUM(CASE WHEN due < $2 THEN 1 ELSE 0 END) AS BIGINT) FROM outreach_improve WHERE region = $1 GROUP BY source, state`
)

func scanImprove(r db.Row) (x Improve, err error) {
	err = r.Scan(&x.Region, &x.ID, &x.Source, &x.Object, &x.Title, &x.What, &x.Owner, &x.Due, &x.State, &x.Result, &x.Closed, &x.Maker, &x.At, &x.Version)
	return x, err
}

func insertImprove(tx *db.Tx, x Improve) error {
	_, err := tx.Insert("outreach_improve", fieldsOf(improveCols), [][]any{{x.Region, x.ID, x.Source, x.Object, x.Title, x.What, x.Owner, x.Due, x.State, x.Result, x.Closed, x.Maker, x.At, x.Version}}, "")
	return err
}

func getImprove(tx *db.Tx, region, id string) (Improve, error) {
	x, err := db.One(tx, scanImprove, selectImprove, region, id)
	if errors.Is(err, db.ErrNone) {
		return x, fault.New(fault.NotFound, "没有找到这个改进事项。")
	}
	return x, err
}

func saveImprove(tx *db.Tx, x Improve) error {
	n, err := tx.Exec(updateImprove, x.Region, x.ID, x.Owner, x.Due, x.State, x.Result, x.Closed, x.Version)
	if err == nil && n == 0 {
		err = errImproveMoved
	}
	return err
}

// dropImprove takes back an item that nobody has touched; "" is none.
func dropImprove(tx *db.Tx, region, id string) error {
	if id == "" {
		return nil
	}
	n, err := tx.Exec(deleteImprove, region, id)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "由此记下的改进事项已经有人办了，不能撤回。")
	}
	return err
}

func improves(tx *db.Tx, region, state, source string, limit int) ([]Improve, error) {
	return db.All(tx, scanImprove, selectImproves, region, state, source, limit)
}

func improvesOf(tx *db.Tx, region, source, object string) ([]Improve, error) {
	return db.All(tx, scanImprove, selectImproved, region, object, source)
}

func improveCounts(tx *db.Tx, region string, today day.Day) (xs []ImproveCount, err error) {
	return db.All(tx, func(r db.Row) (c ImproveCount, err error) {
		err = r.Scan(&c.Source, &c.State, &c.N, &c.Late)
		return c, err
	}, countImprove, region, today)
}
