package institution

import (
	"errors"

	"yinling/internal/audit"
	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const cols = `region, id, name, kind, grade, district, address, phone, lat, lng, from_day, to_day, status, reason, account_name, account_tail, decision, version`

const (
	getOne  = `SELECT ` + cols + ` FROM institution_institution WHERE region = $1 AND id = $2`
	getMany = `SELECT ` + cols + ` FROM institution_institution WHERE region = $1 AND id = ANY($2)`
	getList = `SELECT ` + cols + ` FROM institution_institution WHERE region = $1
		AND ($2 = '' OR kind = $2) AND ($3 = '' OR status = $3) AND ($4 = '' OR district = $4) ORDER BY name, id`
	putOne = `INSERT INTO institution_institution (region, id, name, kind, grade, district, address, phone, lat, lng, from_day, to_day, status, reason, account_name, account_sealed, account_tail, decision, version, at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,1,$19)`
	setState = `UPDATE institution_institution SET status = $4, from_day = $5, to_day = $6, reason = $7, decision = $8, version = version + 1, at = $9
		WHERE region = $1 AND id = $2 AND version = $3`
	getAccount = `SELECT account_sealed FROM institution_institution WHERE region = $1 AND id = $2`

	staffCols  = `region, id, institution, name, role, qualification, license_until, status, banned_until, reason, account, phone, version`
	getStaff   = `SELECT ` + staffCols + ` FROM institution_staff WHERE region = $1 AND id = $2`
	staffNames = `SELECT id, name FROM institution_staff WHERE region = $1 AND id = ANY($2)`
	staffOf    = `SELECT ` + staffCols + ` FROM institution_staff WHERE region = $1 AND institution = $2 ORDER BY role, name, id`
	staffAll   = `SELECT ` + staffCols + ` FROM institution_staff WHERE region = $1 AND ($2 = '' OR role = $2) AND ($3 = '' OR name = $3)
		AND (($4 = '' AND status <> 'left') OR ($4 = 'left' AND status = 'left') OR ($4 = 'stopped' AND (status = 'suspended' OR banned_until >= $5))
		OR ($4 = 'ends' AND status = 'active' AND license_until <> '' AND license_until <= $6)) ORDER BY name, id LIMIT $7`
	staffBy = `SELECT ` + staffCols + ` FROM institution_staff WHERE region = $1 AND account = $2 AND account <> '' AND status <> 'left'`
	staffOn = `SELECT ` + staffCols + ` FROM institution_staff WHERE region = $1 AND role = $2 AND status = 'active'
		AND (license_until = '' OR license_until >= $3) AND banned_until < $3 ORDER BY id`
	putStaff = `INSERT INTO institution_staff (region, id, institution, name, role, qualification, license_until, status, banned_until, reason, account, phone, idno_sealed, idno_index, version, at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,'active',$8,'',$9,$10,$11,$12,1,$13)`
	setStaff = `UPDATE institution_staff SET qualification = $4, license_until = $5, status = $6, banned_until = $7, reason = $8, account = $9, phone = $10, version = version + 1, at = $11
		WHERE region = $1 AND id = $2 AND version = $3`
	linkStaff = `UPDATE institution_staff SET account = $4, version = version + 1, at = $5
		WHERE region = $1 AND id = $2 AND account = $3`
	bannedByID = `SELECT COALESCE(MAX(banned_until), '') FROM institution_staff WHERE region = $1 AND idno_index = $2 AND idno_index <> ''`

	relCols = `region, person, institution, mode, from_day, to_day, chosen_by`
	relOpen = `SELECT ` + relCols + ` FROM institution_relation WHERE region = $1 AND person = $2 AND from_day <= $3 AND (to_day = '' OR to_day >= $3) ORDER BY from_day, institution`
	relOf   = `SELECT ` + relCols + ` FROM institution_relation WHERE region = $1 AND institution = $2 AND from_day <= $3 AND (to_day = '' OR to_day >= $3) ORDER BY from_day, person`
	relEnd  = `UPDATE institution_relation SET to_day = $4 WHERE region = $1 AND person = $2 AND mode = $3 AND (to_day = '' OR to_day > $4) AND from_day <= $4`
	relDrop = `DELETE FROM institution_relation WHERE region = $1 AND person = $2 AND mode = $3 AND from_day > $4`
	relPut  = `INSERT INTO institution_relation (region, person, from_day, institution, mode, to_day, chosen_by, at) VALUES ($1,$2,$3,$4,$5,'',$6,$7)
		ON CONFLICT (region, person, from_day, institution) DO UPDATE SET mode = excluded.mode, to_day = '', chosen_by = excluded.chosen_by, at = excluded.at`
	tokenPut  = `INSERT INTO institution_token (region, hash, institution, name, until_day, revoked, at) VALUES ($1,$2,$3,$4,$5,FALSE,$6)`
	tokenCols = `region, institution, name, hash, until_day, revoked, at`
	tokenGet  = `SELECT ` + tokenCols + ` FROM institution_token WHERE region = $1 AND hash = $2`
	tokensOf  = `SELECT ` + tokenCols + ` FROM institution_token WHERE region = $1 AND institution = $2 ORDER BY at DESC, hash LIMIT 200`
	tokenOff  = `UPDATE institution_token SET revoked = TRUE WHERE region = $1 AND institution = $2 AND hash = $3 AND NOT revoked`
)

func scan(r db.Row) (i Institution, err error) {
	return i, r.Scan(&i.Region, &i.ID, &i.Name, &i.Kind, &i.Grade, &i.District, &i.Address, &i.Phone, &i.Lat, &i.Lng,
		&i.From, &i.To, &i.Status, &i.Reason, &i.AccountName, &i.AccountTail, &i.Decision, &i.Version)
}

func scanStaff(r db.Row) (s Staff, err error) {
	return s, r.Scan(&s.Region, &s.ID, &s.Institution, &s.Name, &s.Role, &s.Qualification, &s.LicenseUntil, &s.Status,
		&s.BannedUntil, &s.Reason, &s.Account, &s.Phone, &s.Version)
}

func scanRelation(r db.Row) (x Relation, err error) {
	return x, r.Scan(&x.Region, &x.Person, &x.Institution, &x.Mode, &x.From, &x.To, &x.ChosenBy)
}

func none(err error, say string) error {
	if errors.Is(err, db.ErrNone) {
		return fault.New(fault.NotFound, "%s", say)
	}
	return err
}

// Get reads one institution; fault.NotFound when there is none.
func Get(tx *db.Tx, region, id string) (Institution, error) {
	i, err := db.One(tx, scan, getOne, region, id)
	return i, none(err, "没有找到这家机构。")
}

// GetMany reads institutions by id; an id without a row is left out.
func GetMany(tx *db.Tx, region string, ids []string) (map[string]Institution, error) {
	rows, err := db.All(tx, scan, getMany, region, ids)
	out := make(map[string]Institution, len(rows))
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, err
}

// List reads institutions by kind, status and district; an empty word takes all.
func List(tx *db.Tx, region string, kind Kind, status Status, district string) ([]Institution, error) {
	return db.All(tx, scan, getList, region, string(kind), string(status), district)
}

// GetStaff reads one member of staff.
func GetStaff(tx *db.Tx, region, id string) (Staff, error) {
	s, err := db.One(tx, scanStaff, getStaff, region, id)
	return s, none(err, "没有找到这位工作人员。")
}

// StaffOf lists the staff of an institution, whoever has left too.
func StaffOf(tx *db.Tx, region, institution string) ([]Staff, error) {
	return db.All(tx, scanStaff, staffOf, region, institution)
}

// StaffByAccount finds the member of staff behind a login.
func StaffByAccount(tx *db.Tx, region, account string) (Staff, error) {
	s, err := db.One(tx, scanStaff, staffBy, region, account)
	return s, none(err, "这个账号没有连着工作人员，请机构管理员在“人员”里连上。")
}

// StaffOn lists, in the order of their ids, the staff of a role who are active,
// licensed and not banned on d: the register from which assessors are drawn.
func StaffOn(tx *db.Tx, region string, role Role, d day.Day) ([]Staff, error) {
	return db.All(tx, scanStaff, staffOn, region, string(role), d)
}

// Relations lists who serves a person on d.
func Relations(tx *db.Tx, region, person string, d day.Day) ([]Relation, error) {
	return db.All(tx, scanRelation, relOpen, region, person, d)
}

// Served lists whom an institution serves on d.
func Served(tx *db.Tx, region, institution string, d day.Day) ([]Relation, error) {
	return db.All(tx, scanRelation, relOf, region, institution, d)
}

// StaffNames is the names of staff by id.
func StaffNames(tx *db.Tx, region string, ids []string) (map[string]string, error) {
	type row struct{ id, name string }
	rows, err := db.All(tx, func(r db.Row) (x row, err error) { return x, r.Scan(&x.id, &x.name) }, staffNames, region, ids)
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.id] = r.name
	}
	return out, err
}

// StaffOfActor finds the member of staff who acts: by the id that the account
// carries, else by the account itself.
func StaffOfActor(tx *db.Tx, region string, who audit.Actor) (Staff, error) {
	if who.Person != "" {
		s, err := db.One(tx, scanStaff, getStaff, region, who.Person)
		if err == nil || !errors.Is(err, db.ErrNone) {
			return s, err
		}
	}
	return StaffByAccount(tx, region, who.ID)
}

func scanToken(r db.Row) (t Token, err error) {
	return t, r.Scan(&t.Region, &t.Institution, &t.Name, &t.ID, &t.Until, &t.Revoked, &t.At)
}
