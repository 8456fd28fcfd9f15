package assess

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const appCols = `region, id, person, kind, state, round, answers, self_grade, recorded_level, final_level, final_name,
	visit_on, visit_slot, missing_what, supply_by, notice, concluded_on, delivered_on, object_by, valid_from, valid_to, renew_from,
	benefit, previous, d_apply, d_order, d_level, d_conclude, d_valid, accepted_by, entered_by, entered_inst, created, changed`

const (
	selectApp = `SELECT ` + appCols + ` FROM assess_application WHERE region = $1 AND id = $2`
	// What somebody objected to and nobody has judged again yet, the oldest first.
	selectObjected = `SELECT ` + appCols + ` FROM assess_application WHERE region = $1 AND state IN ('disputed', 'redrawn', 'rerecorded')
		AND id IN (SELECT o.case_id FROM assess_objection AS o WHERE o.region = $1) ORDER BY id LIMIT $2`
	selectMany = `SELECT ` + appCols + ` FROM assess_application WHERE region = $1 AND id = ANY($2)`
	selectOf   = `SELECT ` + appCols + ` FROM assess_application WHERE region = $1 AND person = $2 ORDER BY id DESC`
	// Of many persons, the newest application of each first.
	selectOfMany = `SELECT ` + appCols + ` FROM assess_application WHERE region = $1 AND person = ANY($2) ORDER BY person, id DESC`
	selectInst   = `SELECT ` + appCols + ` FROM assess_application WHERE region = $1 AND entered_inst = $2 AND entered_inst <> '' AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT $4`
	// The state is part of the WHERE: two hands on one step, and the second finds nothing to change.
	updateApp = `UPDATE assess_application SET state = $4, round = $5, answers = $6, self_grade = $7, recorded_level = $8, final_level = $9,
		final_name = $10, visit_on = $11, visit_slot = $12, missing_what = $13, supply_by = $14, notice = $15, concluded_on = $16,
		delivered_on = $17, object_by = $18, valid_from = $19, valid_to = $20, renew_from = $21, benefit = $22,
		d_apply = $23, d_order = $24, d_level = $25, d_conclude = $26, d_valid = $27, accepted_by = $28, changed = $29
		WHERE region = $1 AND id = $2 AND state = $3`

	memberCols    = `staff, name, institution, account, role, duty, round, status, signed_at`
	selectMembers = `SELECT ` + memberCols + ` FROM assess_member WHERE region = $1 AND case_id = $2 ORDER BY round, duty DESC, role, staff`
	memberOff     = `UPDATE assess_member SET status = 'off' WHERE region = $1 AND case_id = $2 AND staff = $3`
	memberSign    = `UPDATE assess_member SET signed_at = $4 WHERE region = $1 AND case_id = $2 AND staff = $3`
	unsignAll     = `UPDATE assess_member SET signed_at = 0 WHERE region = $1 AND case_id = $2 AND round = $3 AND duty = 'visit'`
	selectTasks   = `SELECT m.case_id, m.duty, m.round, m.signed_at FROM assess_member m WHERE m.region = $1 AND m.staff = $2 AND m.status = 'on' ORDER BY m.case_id DESC LIMIT $3`

	upsertScore = `INSERT INTO assess_score (region, case_id, round, item, score, note, staff, at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)
		ON CONFLICT (region, case_id, round, item) DO UPDATE SET score = excluded.score, note = excluded.note, staff = excluded.staff, at = excluded.at`
	selectScores = `SELECT item, score, note, staff, at FROM assess_score WHERE region = $1 AND case_id = $2 AND round = $3`

	upsertVisit = `INSERT INTO assess_visit (region, case_id, round, began, ended, guardian, relation, video, note) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)
		ON CONFLICT (region, case_id, round) DO UPDATE SET began = excluded.began, ended = excluded.ended, guardian = excluded.guardian,
		relation = excluded.relation, video = excluded.video, note = excluded.note`
	selectVisit = `SELECT round, began, ended, guardian, relation, video, note FROM assess_visit WHERE region = $1 AND case_id = $2 AND round = $3`

	selectOpinions = `SELECT staff, round, level, reason, at FROM assess_opinion WHERE region = $1 AND case_id = $2 AND round = $3 ORDER BY at, staff`

	selectObjections = `SELECT id, name, phone, reason, state, at FROM assess_objection WHERE region = $1 AND case_id = $2 ORDER BY at, id`
	selectDraws      = `SELECT seq, round, duty, seed, pool, recused, chosen, reason, actor, at FROM assess_draw WHERE region = $1 AND case_id = $2 ORDER BY seq`
	selectDrawSeq    = `SELECT COALESCE(MAX(seq), 0) FROM assess_draw WHERE region = $1 AND case_id = $2`

	upsertTie  = `INSERT INTO assess_tie (region, staff, person, relation, actor, at) VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT (region, staff, person) DO UPDATE SET relation = excluded.relation`
	selectTies = `SELECT staff, relation FROM assess_tie WHERE region = $1 AND person = $2`
)

func columns(list string) []string { return strings.Split(strings.Join(strings.Fields(list), ""), ",") }

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func scanApp(r db.Row) (a Application, err error) {
	var answers string
	var created, changed int64
	if err = r.Scan(&a.Region, &a.ID, &a.Person, &a.Kind, &a.State, &a.Round, &answers, &a.SelfGrade, &a.RecordedLevel, &a.FinalLevel, &a.FinalName,
		&a.VisitOn, &a.VisitSlot, &a.MissingWhat, &a.SupplyBy, &a.Notice, &a.ConcludedOn, &a.DeliveredOn, &a.ObjectBy, &a.ValidFrom, &a.ValidTo, &a.RenewFrom,
		&a.Benefit, &a.Previous, &a.DApply, &a.DOrder, &a.DLevel, &a.DConclude, &a.DValid, &a.AcceptedBy, &a.EnteredBy, &a.EnteredInst, &created, &changed); err != nil {
		return a, err
	}
	a.Created, a.ChangedAt = instant(created), instant(changed)
	return a, json.Unmarshal([]byte(answers), &a.Answers)
}

func insertApp(tx *db.Tx, a Application) error {
	answers, err := json.Marshal(a.Answers)
	if err != nil {
		return err
	}
	_, err = tx.Insert("assess_application", columns(appCols), [][]any{{
		a.Region, a.ID, a.Person, string(a.Kind), string(a.State), a.Round, string(answers), a.SelfGrade, a.RecordedLevel, a.FinalLevel, a.FinalName,
		a.VisitOn, a.VisitSlot, a.MissingWhat, a.SupplyBy, a.Notice, a.ConcludedOn, a.DeliveredOn, a.ObjectBy, a.ValidFrom, a.ValidTo, a.RenewFrom,
		a.Benefit, a.Previous, a.DApply, a.DOrder, a.DLevel, a.DConclude, a.DValid, a.AcceptedBy, a.EnteredBy, a.EnteredInst, tx.Millis(), tx.Millis()}}, "")
	return err
}

// put writes the application back, from the state in which it was read.
func put(tx *db.Tx, a Application, from State) error {
	answers, err := json.Marshal(a.Answers)
	if err != nil {
		return err
	}
	n, err := tx.Exec(updateApp, a.Region, a.ID, string(from), string(a.State), a.Round, string(answers), a.SelfGrade, a.RecordedLevel, a.FinalLevel,
		a.FinalName, a.VisitOn, a.VisitSlot, a.MissingWhat, a.SupplyBy, a.Notice, a.ConcludedOn,
		a.DeliveredOn, a.ObjectBy, a.ValidFrom, a.ValidTo, a.RenewFrom, a.Benefit,
		a.DApply, a.DOrder, a.DLevel, a.DConclude, a.DValid, a.AcceptedBy, tx.Millis())
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "这件刚被别人办过一步，请刷新页面看现在该办哪一步。")
	}
	return err
}

func get(tx *db.Tx, region, id string) (Application, error) {
	a, err := db.One(tx, scanApp, selectApp, region, id)
	if errors.Is(err, db.ErrNone) {
		return a, fault.New(fault.NotFound, "没有找到受理号是 %s 的评估申请。请照回执核对，或打 12393。", id)
	}
	return a, err
}

func appsOf(tx *db.Tx, region, person string) ([]Application, error) {
	return db.All(tx, scanApp, selectOf, region, person)
}

// OfMany reads the applications of many persons, of each the newest first.
func OfMany(tx *db.Tx, region string, persons []string) (map[string][]Application, error) {
	list, err := db.All(tx, scanApp, selectOfMany, region, persons)
	out := make(map[string][]Application, len(list))
	for _, a := range list {
		out[a.Person] = append(out[a.Person], a)
	}
	return out, err
}

func putMembers(tx *db.Tx, region, id string, list []Member) error {
	rows := make([][]any, len(list))
	for i, m := range list {
		rows[i] = []any{region, id, m.Staff, m.Round, m.Duty, m.Role, m.Name, m.Institution, m.Account, "on", int64(0)}
	}
	_, err := tx.Insert("assess_member", strings.Fields("region case_id staff round duty role name institution account status signed_at"), rows, "")
	return err
}

func members(tx *db.Tx, region, id string) ([]Member, error) {
	return db.All(tx, func(r db.Row) (m Member, err error) {
		var status string
		var at int64
		err = r.Scan(&m.Staff, &m.Name, &m.Institution, &m.Account, &m.Role, &m.Duty, &m.Round, &status, &at)
		m.On, m.SignedAt = status == "on", instant(at)
		return m, err
	}, selectMembers, region, id)
}

// Task is one application on a member's list.
type Task struct {
	ID       string // of the case
	Duty     string
	Round    int64
	SignedAt time.Time
}

func tasks(tx *db.Tx, region, staff string, limit int) ([]Task, error) {
	return db.All(tx, func(r db.Row) (t Task, err error) {
		var at int64
		err = r.Scan(&t.ID, &t.Duty, &t.Round, &at)
		t.SignedAt = instant(at)
		return t, err
	}, selectTasks, region, staff, limit)
}

func putScore(tx *db.Tx, region, id string, round int64, s Score) error {
	_, err := tx.Exec(upsertScore, region, id, round, s.Item, s.Score, s.Note, s.Staff, s.At.UnixMilli())
	return err
}

func scores(tx *db.Tx, region, id string, round int64) (map[string]Score, error) {
	list, err := db.All(tx, func(r db.Row) (s Score, err error) {
		var at int64
		err = r.Scan(&s.Item, &s.Score, &s.Note, &s.Staff, &at)
		s.At = instant(at)
		return s, err
	}, selectScores, region, id, round)
	out := make(map[string]Score, len(list))
	for _, s := range list {
		out[s.Item] = s
	}
	return out, err
}

func putVisit(tx *db.Tx, region, id string, v Visit) error {
	_, err := tx.Exec(upsertVisit, region, id, v.Round, millis(v.Began), millis(v.Ended), v.Guardian, v.Relation, v.Video, v.Note)
	return err
}

func getVisit(tx *db.Tx, region, id string, round int64) (Visit, bool, error) {
	v, err := db.One(tx, func(r db.Row) (v Visit, err error) {
		var began, ended int64
		err = r.Scan(&v.Round, &began, &ended, &v.Guardian, &v.Relation, &v.Video, &v.Note)
		v.Began, v.Ended = instant(began), instant(ended)
		return v, err
	}, selectVisit, region, id, round)
	if errors.Is(err, db.ErrNone) {
		return Visit{Round: round}, false, nil
	}
	return v, err == nil, err
}

func putOpinion(tx *db.Tx, region, id string, o Finding) error {
	_, err := tx.Insert("assess_opinion", strings.Fields("region case_id round staff level reason at"),
		[][]any{{region, id, o.Round, o.Staff, o.Level, o.Reason, tx.Millis()}}, "")
	return err
}

func opinions(tx *db.Tx, region, id string, round int64) ([]Finding, error) {
	return db.All(tx, func(r db.Row) (o Finding, err error) {
		var at int64
		err = r.Scan(&o.Staff, &o.Round, &o.Level, &o.Reason, &at)
		o.At = instant(at)
		return o, err
	}, selectOpinions, region, id, round)
}

func putObjection(tx *db.Tx, region, id, account string, o Objection) error {
	_, err := tx.Insert("assess_objection", strings.Fields("region id case_id name phone reason state account at"),
		[][]any{{region, o.ID, id, o.Name, o.Phone, o.Reason, string(o.State), account, tx.Millis()}}, "")
	return err
}

func objections(tx *db.Tx, region, id string) ([]Objection, error) {
	return db.All(tx, func(r db.Row) (o Objection, err error) {
		var at int64
		err = r.Scan(&o.ID, &o.Name, &o.Phone, &o.Reason, &o.State, &at)
		o.At = instant(at)
		return o, err
	}, selectObjections, region, id)
}

func putDraw(tx *db.Tx, region, id string, d DrawRecord) error {
	seq, err := db.One(tx, db.Value[int64], selectDrawSeq, region, id)
	if err != nil {
		return err
	}
	texts := make([]any, 3)
	for i, v := range []any{struct {
		Pool  []Candidate `json:"pool"`
		Seats []Seat      `json:"seats"`
	}{d.Pool, d.Seats}, d.Recused, d.Chosen} {
		b, err := json.Marshal(v)
		if err != nil {
			return err
		}
		texts[i] = string(b)
	}
	_, err = tx.Insert("assess_draw", strings.Fields("region case_id seq round duty seed pool recused chosen reason actor at"),
		[][]any{{region, id, seq + 1, d.Round, d.Duty, d.Seed, texts[0], texts[1], texts[2], d.Reason, d.Actor, tx.Millis()}}, "")
	return err
}

func draws(tx *db.Tx, region, id string) ([]DrawRecord, error) {
	return db.All(tx, func(r db.Row) (d DrawRecord, err error) {
		var pool, recused, chosen string
		var at int64
		if err = r.Scan(&d.Seq, &d.Round, &d.Duty, &d.Seed, &pool, &recused, &chosen, &d.Reason, &d.Actor, &at); err != nil {
			return d, err
		}
		d.At = instant(at)
		ps := struct {
			Pool  *[]Candidate `json:"pool"`
			Seats *[]Seat      `json:"seats"`
		}{&d.Pool, &d.Seats}
		return d, errors.Join(json.Unmarshal([]byte(pool), &ps), json.Unmarshal([]byte(recused), &d.Recused), json.Unmarshal([]byte(chosen), &d.Chosen))
	}, selectDraws, region, id)
}

func putTie(tx *db.Tx, region, staff, person, relation, actor string) error {
	_, err := tx.Exec(upsertTie, region, staff, person, relation, actor, tx.Millis())
	return err
}

func ties(tx *db.Tx, region, person string) (map[string]string, error) {
	type tie struct{ staff, relation string }
	list, err := db.All(tx, func(r db.Row) (t tie, err error) { return t, r.Scan(&t.staff, &t.relation) }, selectTies, region, person)
	out := map[string]string{}
	for _, t := range list {
		out[t.staff] = t.relation
	}
	return out, err
}

func due(tx *db.Tx, q, region string, on day.Day, limit int) ([]Application, error) {
	return db.All(tx, scanApp, q, region, on, limit)
}
