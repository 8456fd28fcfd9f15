package hall

import (
	"encoding/json"
	"strings"
	"time"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
)

const (
	getItems = `SELECT place, item, state, checked, due, note, photo, by_name, decision FROM hall_facility WHERE region = $1 AND ($2 = '' OR place = $2)`
	setItem  = `INSERT INTO hall_facility (region, place, item, state, checked, due, note, photo, by_name, decision) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
		ON CONFLICT (region, place, item) DO UPDATE SET state = excluded.state, checked = excluded.checked, due = excluded.due, note = excluded.note,
		photo = excluded.photo, by_name = excluded.by_name, decision = excluded.decision`
	getPast = `SELECT place, item, state, checked, due, note, photo, by_name FROM hall_check WHERE region = $1 AND place = $2 ORDER BY at DESC, id LIMIT 60`

	getPlans  = `SELECT region, version, title, roles, steps, from_day, by_name, at FROM hall_plan WHERE region = $1 ORDER BY version DESC LIMIT 100`
	getDrills = `SELECT region, id, place, kind, held_on, topic, people, note, plan, by_name FROM hall_drill WHERE region = $1 ORDER BY held_on DESC, id LIMIT 200`

	incidentCols = `region, id, place, kind, name, plan, started, ended, result, by_name`
	getIncidents = `SELECT ` + incidentCols + ` FROM hall_incident WHERE region = $1 ORDER BY started DESC, id LIMIT 200`
	getIncident  = `SELECT ` + incidentCols + ` FROM hall_incident WHERE region = $1 AND id = $2`
	endIncident  = `UPDATE hall_incident SET status = 'ended', ended = $3, result = $4 WHERE region = $1 AND id = $2 AND status = 'open'`
	lastLine     = `SELECT COALESCE(MAX(seq), 0) FROM hall_incident_step WHERE region = $1 AND incident = $2`
	getLines     = `SELECT seq, say, actor, actor_name, at FROM hall_incident_step WHERE region = $1 AND incident = $2 ORDER BY seq`
)

func dayOf(ms int64) day.Day { return day.FromTime(time.UnixMilli(ms)) }

func itemsOf(tx *db.Tx, region, place string) (map[[2]string]Item, error) {
	list, err := db.All(tx, func(r db.Row) (i Item, err error) {
		return i, r.Scan(&i.Place, &i.ID, &i.State, &i.Checked, &i.Due, &i.Note, &i.Photo, &i.ByName, &i.Decision)
	}, getItems, region, place)
	out := map[[2]string]Item{}
	for _, i := range list {
		out[[2]string{i.Place, i.ID}] = i
	}
	return out, err
}

func putItem(tx *db.Tx, region string, i Item, by string) error {
	if _, err := tx.Exec(setItem, region, i.Place, i.ID, i.State, i.Checked, i.Due, i.Note, i.Photo, i.ByName, i.Decision); err != nil {
		return err
	}
	_, err := tx.Insert("hall_check", strings.Fields("region id place item state note photo checked due by_id by_name at"),
		[][]any{{region, tx.NewID(), i.Place, i.ID, i.State, i.Note, i.Photo, i.Checked, i.Due, by, i.ByName, tx.Millis()}}, "")
	return err
}

func pastOf(tx *db.Tx, region, place string) ([]Item, error) {
	return db.All(tx, func(r db.Row) (i Item, err error) {
		return i, r.Scan(&i.Place, &i.ID, &i.State, &i.Checked, &i.Due, &i.Note, &i.Photo, &i.ByName)
	}, getPast, region, place)
}

func plansOf(tx *db.Tx, region string) ([]Plan, error) {
	return db.All(tx, func(r db.Row) (p Plan, err error) {
		var roles, steps string
		if err = r.Scan(&p.Region, &p.Version, &p.Title, &roles, &steps, &p.From, &p.ByName, &p.At); err != nil {
			return p, err
		}
		if err = json.Unmarshal([]byte(roles), &p.Roles); err != nil {
			return p, err
		}
		return p, json.Unmarshal([]byte(steps), &p.Kinds)
	}, getPlans, region)
}

func putPlan(tx *db.Tx, p Plan, by string) error {
	roles, err := json.Marshal(p.Roles)
	if err != nil {
		return err
	}
	steps, err := json.Marshal(p.Kinds)
	if err != nil {
		return err
	}
	n, err := tx.Insert("hall_plan", strings.Fields("region version title roles steps from_day by_id by_name at"),
		[][]any{{p.Region, p.Version, p.Title, string(roles), string(steps), p.From, by, p.ByName, p.At}}, "ON CONFLICT (region, version) DO NOTHING")
	return changed(n, err)
}

func drillsOf(tx *db.Tx, region string) ([]Drill, error) {
	return db.All(tx, func(r db.Row) (d Drill, err error) {
		return d, r.Scan(&d.Region, &d.ID, &d.Place, &d.Kind, &d.On, &d.Topic, &d.People, &d.Note, &d.Plan, &d.ByName)
	}, getDrills, region)
}

func putDrill(tx *db.Tx, d Drill) error {
	_, err := tx.Insert("hall_drill", strings.Fields("region id place kind held_on topic people note plan by_name at"),
		[][]any{{d.Region, d.ID, d.Place, d.Kind, d.On, d.Topic, d.People, d.Note, d.Plan, d.ByName, tx.Millis()}}, "")
	return err
}

func scanIncident(r db.Row) (i Incident, err error) {
	return i, r.Scan(&i.Region, &i.ID, &i.Place, &i.Kind, &i.Name, &i.Plan, &i.Started, &i.Ended, &i.Result, &i.ByName)
}

func incidentsOf(tx *db.Tx, region string) ([]Incident, error) {
	return db.All(tx, scanIncident, getIncidents, region)
}

func incidentOf(tx *db.Tx, region, id string) (Incident, error) {
	return one(tx, scanIncident, "没有找到这件突发事件。", getIncident, region, id)
}

func putIncident(tx *db.Tx, i Incident, by string) error {
	_, err := tx.Insert("hall_incident", strings.Fields("region id place kind name plan status started ended result by_id by_name"),
		[][]any{{i.Region, i.ID, i.Place, i.Kind, i.Name, i.Plan, "open", i.Started, int64(0), "", by, i.ByName}}, "")
	return err
}

func tell(tx *db.Tx, i Incident, say string, who audit.Actor) error {
	seq, err := db.One(tx, db.Value[int64], lastLine, i.Region, i.ID)
	if err != nil {
		return err
	}
	_, err = tx.Insert("hall_incident_step", strings.Fields("region incident seq say actor actor_name at"),
		[][]any{{i.Region, i.ID, seq + 1, say, who.ID, who.Name, tx.Millis()}}, "")
	return err
}

func linesOf(tx *db.Tx, region, id string) ([]Step, error) {
	return db.All(tx, func(r db.Row) (s Step, err error) {
		return s, r.Scan(&s.Seq, &s.Say, &s.Actor, &s.ActorName, &s.At)
	}, getLines, region, id)
}
