package care

import (
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
)

const (
	carerGet    = `SELECT plan, name, relation, id_index, id_sealed, id_tail, phone_sealed, birth, trained, certificate, agreed, decision FROM care_carer WHERE region = $1 AND plan = $2`
	carerUpsert = `ON CONFLICT (region, plan) DO UPDATE SET name = excluded.name, relation = excluded.relation, id_index = excluded.id_index,
		id_sealed = excluded.id_sealed, id_tail = excluded.id_tail, phone_sealed = excluded.phone_sealed, birth = excluded.birth,
		trained = excluded.trained, certificate = excluded.certificate, agreed = excluded.agreed, decision = excluded.decision, at = excluded.at`
	// Whom else somebody cares for, from a day on.
	caresFor = `SELECT COUNT(DISTINCT p.person) FROM care_carer c JOIN care_plan p ON p.region = c.region AND p.id = c.plan
		WHERE c.region = $1 AND c.id_index = $2 AND p.person <> $3 AND p.to_day >= $4 AND p.status IN ('draft', 'offered', 'confirmed', 'active')`
	plansFamily = `SELECT ` + planCols + ` FROM care_plan WHERE region = $1 AND institution = '' AND mode = 'family' ORDER BY id DESC LIMIT $2`
	planIDs     = `SELECT id FROM care_plan WHERE region = $1 AND institution = '' AND status = 'active' AND mode = 'family' AND from_day <= $3 AND to_day >= $2 ORDER BY id`

	spotCols = `month, plan, seed, decision, drawn_by, drawn_at, status, way, note, days, checked_by, checked_at, version`
	spotsOf  = `SELECT ` + spotCols + ` FROM care_spot WHERE region = $1 AND month = $2 ORDER BY plan`
	spotGet  = `SELECT ` + spotCols + ` FROM care_spot WHERE region = $1 AND month = $2 AND plan = $3`
	spotSet  = `UPDATE care_spot SET status = $5, way = $6, note = $7, days = $8, checked_by = $9, checked_at = $10, version = version + 1
		WHERE region = $1 AND month = $2 AND plan = $3 AND version = $4`
	windowCols = `id, plan, back, days, came, came_as, shown, clerk, clerk_name, at`
	windowOf   = `SELECT ` + windowCols + ` FROM care_window WHERE region = $1 AND plan = $2 ORDER BY at DESC, id DESC LIMIT $3`
	doubtVisit = `UPDATE care_visit SET suspects = suspects + 1, version = version + 1 WHERE region = $1 AND id = $2`
)

var (
	carerInsert  = strings.Fields("region plan name relation id_index id_sealed id_tail phone_sealed birth trained certificate agreed decision at")
	windowInsert = append([]string{"region"}, strings.Fields(strings.ReplaceAll(windowCols, ",", ""))...)
	spotInsert   = append([]string{"region"}, strings.Fields(strings.ReplaceAll(spotCols, ",", ""))...)
)

// getCarer reads a plan's carer, the phone still sealed.
func getCarer(tx *db.Tx, region, plan string) (Carer, error) {
	c, err := db.One(tx, func(r db.Row) (c Carer, err error) {
		return c, r.Scan(&c.Plan, &c.Name, &c.Relation, &c.index, &c.sealed, &c.Tail, &c.Phone, &c.Birth, &c.Trained, &c.Certificate, &c.Agreed, &c.Decision)
	}, carerGet, region, plan)
	return c, none(err, "没有找到这份计划的照护人。")
}

func putCarer(tx *db.Tx, region string, c Carer) error {
	_, err := tx.Insert("care_carer", carerInsert, [][]any{{region, c.Plan, c.Name, c.Relation, c.index, c.sealed, c.Tail, c.Phone, c.Birth, c.Trained,
		c.Certificate, c.Agreed, c.Decision, tx.Millis()}}, carerUpsert)
	return err
}

func scanSpot(r db.Row) (x Spotted, err error) {
	var days string
	if err = r.Scan(&x.Month, &x.Plan, &x.Seed, &x.Decision, &x.DrawnBy, &x.DrawnAt, &x.Status, &x.Way, &x.Note, &days, &x.CheckedBy, &x.CheckedAt, &x.Version); err == nil {
		err = unjs(days, &x.Days)
	}
	return x, err
}

func spots(tx *db.Tx, region string, m day.Month) ([]Spotted, error) {
	return db.All(tx, scanSpot, spotsOf, region, m)
}

func putSpots(tx *db.Tx, region string, xs []Spotted) (int64, error) {
	rows := make([][]any, len(xs))
	for i, x := range xs {
		rows[i] = []any{region, x.Month, x.Plan, x.Seed, x.Decision, x.DrawnBy, x.DrawnAt, x.Status, x.Way, x.Note, js(x.Days), x.CheckedBy, x.CheckedAt, 1}
	}
	return tx.Insert("care_spot", spotInsert, rows, "ON CONFLICT (region, month, plan) DO NOTHING")
}

func scanWindow(r db.Row) (x WindowAct, err error) {
	var days string
	if err = r.Scan(&x.ID, &x.Plan, &x.Back, &days, &x.Came, &x.CameAs, &x.Shown, &x.Clerk, &x.ClerkName, &x.At); err == nil {
		err = unjs(days, &x.Days)
	}
	return x, err
}

func putWindow(tx *db.Tx, region string, x WindowAct) error {
	_, err := tx.Insert("care_window", windowInsert, [][]any{{region, x.ID, x.Plan, x.Back, js(x.Days), x.Came, x.CameAs, x.Shown, x.Clerk, x.ClerkName, x.At}}, "")
	return err
}
