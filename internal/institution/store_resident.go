package institution

import (
	"encoding/json"
	"strings"

	"yinling/internal/audit"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const residentCols = `region, id, institution, person, room, since, until, why, consent, home, at, version`

const (
	residentOne  = `SELECT ` + residentCols + ` FROM institution_resident WHERE region = $1 AND id = $2`
	residentsNow = `SELECT ` + residentCols + ` FROM institution_resident WHERE region = $1 AND institution = $2 AND until = '' ORDER BY room, since, id`
	residentsOut = `SELECT ` + residentCols + ` FROM institution_resident WHERE region = $1 AND institution = $2 AND until <> '' ORDER BY until DESC, id LIMIT 200`
	residentHas  = `SELECT COUNT(*) FROM institution_resident WHERE region = $1 AND institution = $2 AND person = $3 AND until = ''`
	residentEnd  = `UPDATE institution_resident SET until = $4, why = $5, actor = $6, at = $7, version = version + 1
		WHERE region = $1 AND id = $2 AND version = $3 AND until = ''`
)

func scanResident(s db.Row) (r Resident, err error) {
	var home string
	if err = s.Scan(&r.Region, &r.ID, &r.Institution, &r.Person, &r.Room, &r.Since, &r.Until, &r.Why, &r.Consent, &home, &r.At, &r.Version); err == nil {
		err = json.Unmarshal([]byte(home), &r.Home)
	}
	return r, err
}

// putResident adds a stay; false: the person has an open one.
func putResident(tx *db.Tx, actor string, r Resident) (bool, error) {
	home, err := json.Marshal(r.Home)
	if err != nil {
		return false, err
	}
	n, err := tx.Insert("institution_resident", strings.Fields("region id institution person room since until why consent home actor at version"),
		[][]any{{r.Region, r.ID, r.Institution, r.Person, r.Room, r.Since, r.Until, r.Why, r.Consent, string(home), actor, r.At, r.Version}},
		"ON CONFLICT (region, person, until) DO NOTHING")
	return n > 0, err
}

func endResident(tx *db.Tx, actor string, r Resident) (bool, error) {
	n, err := tx.Exec(residentEnd, r.Region, r.ID, r.Version, r.Until, r.Why, actor, tx.Millis())
	return n > 0, err
}

// ownResident reads a stay in the actor's institution; another's does not exist.
func ownResident(tx *db.Tx, who audit.Actor, id string) (Resident, error) {
	r, err := db.One(tx, scanResident, residentOne, who.Region, id)
	if err == nil && (r.Institution != who.Institution || who.Institution == "") {
		return Resident{}, fault.New(fault.NotFound, "花名册里没有这位老人。")
	}
	return r, none(err, "花名册里没有这位老人。")
}

func residentsOf(tx *db.Tx, region, institution string, left bool) ([]Resident, error) {
	q := residentsNow
	if left {
		q = residentsOut
	}
	return db.All(tx, scanResident, q, region, institution)
}

func residentsIn(tx *db.Tx, region, institution, person string) (int64, error) {
	return db.One(tx, db.Value[int64], residentHas, region, institution, person)
}
