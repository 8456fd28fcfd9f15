package door

import (
	"encoding/json"
	"errors"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const visitCols = `region, id, case_id, duty, person, district, address, lat, lng, what, on_day, slot, helper, status, arrived, metres, result, decision, set_out, ended, version`

const (
	upsertHelper = `INSERT INTO door_helper (region, id, account, name, district, lat, lng, skills, active) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)
		ON CONFLICT (region, id) DO UPDATE SET account = excluded.account, name = excluded.name, district = excluded.district, lat = excluded.lat,
		lng = excluded.lng, skills = excluded.skills, active = excluded.active`
	selectHelpers = `SELECT id, account, name, district, lat, lng, skills, active FROM door_helper WHERE region = $1 ORDER BY id`
	countLoads    = `SELECT on_day, slot, helper, COUNT(*) FROM door_visit WHERE region = $1 AND on_day >= $2 AND on_day <= $3 AND status = 'planned' GROUP BY on_day, slot, helper`
	selectVisit   = `SELECT ` + visitCols + ` FROM door_visit WHERE region = $1 AND id = $2`
	selectDay     = `SELECT ` + visitCols + ` FROM door_visit WHERE region = $1 AND on_day = $2 ORDER BY id`
	selectCase    = `SELECT ` + visitCols + ` FROM door_visit WHERE region = $1 AND person = $2 ORDER BY on_day DESC, id DESC`
	selectLast    = `SELECT id, person, case_id, duty FROM door_visit WHERE region = $1 AND person = ANY($2) ORDER BY on_day DESC, id DESC`
	updateVisit   = `UPDATE door_visit SET status = $3, arrived = $4, metres = $5, result = $6, set_out = $7, ended = $8, version = version + 1
		WHERE region = $1 AND id = $2 AND status = 'planned' AND version = $9`
	resendVisit = `UPDATE door_visit SET helper = $4, status = $5, decision = $6, result = $7, version = version + 1 WHERE region = $1 AND id = $2 AND version = $3`
	selectSend  = `SELECT ` + visitCols + ` FROM door_visit WHERE region = $1 AND on_day >= $2 AND (status = 'planned' OR status = 'missed' AND on_day <= $3)
		ORDER BY on_day, slot DESC, id LIMIT 2000`
	countDuties = `SELECT person, duty, COUNT(*) FROM door_visit WHERE region = $1 AND person = ANY($2) AND on_day >= $3 AND status = 'done' AND duty > '' GROUP BY person, duty`
)

func putHelper(tx *db.Tx, region string, h Helper) error {
	_, err := tx.Exec(upsertHelper, region, h.ID, h.Account, h.Name, h.District, h.Lat, h.Lng, skillsText(h.Skills), h.Active)
	return err
}

func helpersOf(tx *db.Tx, region string) ([]Helper, error) {
	return db.All(tx, func(r db.Row) (h Helper, err error) {
		var skills string
		if err = r.Scan(&h.ID, &h.Account, &h.Name, &h.District, &h.Lat, &h.Lng, &skills, &h.Active); err == nil {
			err = json.Unmarshal([]byte(skills), &h.Skills)
		}
		return h, err
	}, selectHelpers, region)
}

type load struct {
	on     day.Day
	part   string
	helper string
}

func loadsOf(tx *db.Tx, region string, from, to day.Day) (map[load]int64, error) {
	out := map[load]int64{}
	_, err := db.All(tx, func(r db.Row) (struct{}, error) {
		var k load
		var n int64
		err := r.Scan(&k.on, &k.part, &k.helper, &n)
		out[k] = n
		return struct{}{}, err
	}, countLoads, region, from, to)
	return out, err
}

func scanVisit(r db.Row) (v Visit, err error) {
	var region string
	return v, r.Scan(&region, &v.ID, &v.Case, &v.Duty, &v.Person, &v.District, &v.Address, &v.Lat, &v.Lng, &v.What, &v.On, &v.Part, &v.Helper,
		&v.Status, &v.Arrived, &v.Metres, &v.Result, &v.Decision, &v.SetOut, &v.Ended, &v.Version)
}

func insertVisit(tx *db.Tx, region string, v Visit) error {
	_, err := tx.Insert("door_visit", strings.Split(strings.Join(strings.Fields(visitCols), ""), ","), [][]any{{region, v.ID, v.Case, v.Duty, v.Person, v.District,
		v.Address, v.Lat, v.Lng, v.What, v.On, v.Part, v.Helper, v.Status, v.Arrived, v.Metres, v.Result, v.Decision, v.SetOut, v.Ended, v.Version}}, "")
	return err
}

func getVisit(tx *db.Tx, region, id string) (Visit, error) {
	v, err := db.One(tx, scanVisit, selectVisit, region, id)
	if errors.Is(err, db.ErrNone) {
		return v, errNoVisit()
	}
	return v, err
}

func errNoVisit() error {
	return fault.New(fault.NotFound, "没有找到这次上门。请从当天的单子里重新打开。")
}

func visitsOn(tx *db.Tx, region string, on day.Day) ([]Visit, error) {
	return db.All(tx, scanVisit, selectDay, region, on)
}

func visitsOf(tx *db.Tx, region, person string) ([]Visit, error) {
	return db.All(tx, scanVisit, selectCase, region, person)
}

// purpose is what visits to a person are for: a case, or a duty.
type purpose struct{ person, matter, duty string }

func (v Visit) purpose() purpose { return purpose{v.Person, v.Case, v.Duty} }

// lastOf finds the last visit of each purpose to some people, by id.
func lastOf(tx *db.Tx, region string, people []string) (map[purpose]string, error) {
	out := map[purpose]string{}
	if len(people) == 0 {
		return out, nil
	}
	_, err := db.All(tx, func(r db.Row) (struct{}, error) {
		var id string
		var p purpose
		err := r.Scan(&id, &p.person, &p.matter, &p.duty)
		if out[p] == "" {
			out[p] = id
		}
		return struct{}{}, err
	}, selectLast, region, people)
	return out, err
}

func changeVisit(tx *db.Tx, region string, v Visit) error {
	n, err := tx.Exec(updateVisit, region, v.ID, v.Status, v.Arrived, v.Metres, v.Result, v.SetOut, v.Ended, v.Version)
	if err == nil && n != 1 {
		err = errMoved
	}
	return err
}

var errMoved = fault.New(fault.Conflict, "这次上门刚刚有人动过了，请看过再办。")

func sendVisit(tx *db.Tx, region string, v Visit) error {
	n, err := tx.Exec(resendVisit, region, v.ID, v.Version, v.Helper, v.Status, v.Decision, v.Result)
	if err == nil && n != 1 {
		err = errMoved
	}
	return err
}

// dispatchable are visits that are planned, or were missed, since a day.
func dispatchable(tx *db.Tx, region string, today, since day.Day) ([]Visit, error) {
	return db.All(tx, scanVisit, selectSend, region, since, today)
}

func dutiesDone(tx *db.Tx, region string, people []string, from day.Day) (map[string]map[string]int64, error) {
	out := map[string]map[string]int64{}
	_, err := db.All(tx, func(r db.Row) (struct{}, error) {
		var p, d string
		var n int64
		if err := r.Scan(&p, &d, &n); err != nil {
			return struct{}{}, err
		}
		if out[p] == nil {
			out[p] = map[string]int64{}
		}
		out[p][d] = n
		return struct{}{}, nil
	}, countDuties, region, people, from)
	return out, err
}
