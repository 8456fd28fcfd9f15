package person

import (
	"encoding/json"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
)

const personCols = `id, name, sex, birth, id_tail, phone_sealed, district, community, address, lat, lng, resident, deceased`

const (
	getPersons   = `SELECT ` + personCols + ` FROM person_person WHERE region = $1 AND id = ANY($2)`
	getSealed    = `SELECT id_sealed FROM person_person WHERE region = $1 AND id = $2`
	findIndex    = `SELECT id FROM person_person WHERE region = $1 AND id_index = $2`
	findFormer   = `SELECT person FROM person_number WHERE region = $1 AND id_index = $2`
	anyPerson    = `SELECT id FROM person_person WHERE region = $1 LIMIT 1`
	countPersons = `SELECT COUNT(*) FROM person_person WHERE region = $1`
	searchName   = `SELECT id FROM person_person WHERE region = $1 AND pinyin >= $2 AND pinyin < $3
		AND ($4 = '' OR substr(name, 1, length($4)) = $4) AND ($5 = '' OR id_tail = $5) ORDER BY pinyin, id LIMIT $6`
	selectOldest = `SELECT id FROM person_person WHERE region = $1 AND deceased = '' AND birth < '1970-01-01' AND (birth, id) > ($2, $3) ORDER BY birth, id LIMIT $4`
	getDistricts = `SELECT name FROM person_district WHERE region = $1 ORDER BY name`

	getGroups    = `SELECT person, name, source, since FROM person_group WHERE region = $1 AND person = ANY($2) ORDER BY person, name`
	dropGroup    = `DELETE FROM person_group WHERE region = $1 AND person = $2 AND name = $3`
	getCoverages = `SELECT person, scheme, kind, since, until, status, paid, base FROM person_coverage WHERE region = $1 AND person = ANY($2) ORDER BY person, since`
	countClasses = `SELECT CASE WHEN c.kind = 'resident' AND p.birth > $4 THEN 'minor' ELSE c.kind END AS class, COALESCE(r.n, 0) AS n, COUNT(*),
		CAST(COALESCE(SUM(CASE WHEN c.base > 0 THEN 1 ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(c.base), 0) AS BIGINT)
		FROM person_coverage c JOIN person_person p ON p.region = c.region AND p.id = c.person
		LEFT JOIN (SELECT g.person AS person, MIN(v.n) AS n FROM ROWS($3, name TEXT, n BIGINT) AS v JOIN person_group g ON g.region = $1 AND g.name = v.name AND g.since <= $2 GROUP BY g.person) r ON r.person = c.person
		WHERE c.region = $1 AND c.scheme = 'ltci' AND c.status = 'active' AND c.since <= $2 AND (c.until = '' OR c.until >= $2) AND (p.deceased = '' OR p.deceased >= $2)
		GROUP BY 1, 2 ORDER BY 1, 2`
	dropCoverage = `DELETE FROM person_coverage WHERE region = $1 AND person = $2 AND scheme = $3 AND since = $4`

	getStays = `SELECT person, since, until, source FROM person_stay WHERE region = $1 AND person = ANY($2)
		AND since <= $4 AND (until = '' OR until >= $3) ORDER BY person, since`
)

type personRow struct {
	Person
	phone string
}

func scanPerson(s db.Row) (r personRow, err error) {
	p := &r.Person
	return r, s.Scan(&p.ID, &p.Name, &p.Sex, &p.Birth, &p.IDTail, &r.phone, &p.District, &p.Community, &p.Address, &p.Lat, &p.Lng, &p.Resident, &p.Deceased)
}

type groupRow struct {
	person string
	Group
}

func scanGroup(s db.Row) (r groupRow, err error) {
	return r, s.Scan(&r.person, &r.Name, &r.Source, &r.Since)
}

type coverageRow struct {
	person string
	Coverage
}

func scanCoverage(s db.Row) (r coverageRow, err error) {
	var paid string
	if err := s.Scan(&r.person, &r.Scheme, &r.Kind, &r.Since, &r.Until, &r.Status, &paid, &r.Base); err != nil {
		return r, err
	}
	r.Paid, err = ParseRuns(paid)
	return r, err
}

type stayRow struct {
	person string
	Stay
}

func scanStay(s db.Row) (r stayRow, err error) {
	return r, s.Scan(&r.person, &r.Since, &r.Until, &r.Source)
}

// What the roster writes.

const (
	knownRows = `SELECT id_index, id, digest FROM person_person WHERE region = $1 AND id_index = ANY($2)`
	formerOf  = `SELECT id_index, person FROM person_number WHERE region = $1 AND id_index = ANY($2)`
	fullRows  = `SELECT id, name, id_index, phone_index, phone_sealed, id_sealed, id_tail, sex, birth, district, community, address, lat, lng, resident, deceased
		FROM person_person WHERE region = $1 AND id = ANY($2)`
	upsertPerson = `ON CONFLICT (region, id) DO UPDATE SET name = excluded.name, pinyin = excluded.pinyin, sex = excluded.sex, birth = excluded.birth,
		id_index = excluded.id_index, id_sealed = excluded.id_sealed, id_tail = excluded.id_tail, phone_index = excluded.phone_index,
		phone_sealed = excluded.phone_sealed, district = excluded.district, community = excluded.community, address = excluded.address,
		lat = excluded.lat, lng = excluded.lng, resident = excluded.resident, deceased = excluded.deceased, digest = excluded.digest, updated = excluded.updated`
	upsertGroup    = `ON CONFLICT (region, person, name) DO UPDATE SET source = excluded.source, since = excluded.since`
	upsertCoverage = `ON CONFLICT (region, person, scheme, since) DO UPDATE SET until = excluded.until, kind = excluded.kind, status = excluded.status, paid = excluded.paid, base = excluded.base`
)

var (
	colsPerson = strings.Fields("region id name pinyin sex birth id_index id_sealed id_tail phone_index phone_sealed district community address lat lng resident deceased digest updated")
	colsCover  = strings.Fields("region person scheme since until kind status paid base")
	colsGroup  = strings.Fields("region person name source since")
)

type knownRow struct{ index, id, digest string }

func scanKnown(s db.Row) (r knownRow, err error) { return r, s.Scan(&r.index, &r.id, &r.digest) }

func scanFormer(s db.Row) (r knownRow, err error) { return r, s.Scan(&r.index, &r.id) }

func scanFull(s db.Row) (r fullRow, err error) {
	return r, s.Scan(&r.id, &r.name, &r.idIndex, &r.phoneIndex, &r.phoneSealed, &r.idSealed, &r.tail, &r.sex, &r.birth,
		&r.district, &r.community, &r.address, &r.lat, &r.lng, &r.resident, &r.deceased)
}

// What registers of other departments ask and write (register.go).

const (
	seekNumbers = `SELECT id_index, id, name, birth FROM person_person WHERE region = $1 AND id_index = ANY($2)`
	// The wanted stand on the left, so that each is one look into the index.
	seekAlike = `SELECT p.id, p.name, p.birth FROM ROWS($2, py TEXT, birth TEXT) AS v CROSS JOIN person_person p
		WHERE p.region = $1 AND p.pinyin = v.py AND p.birth = v.birth`
	endGroups    = `DELETE FROM person_group WHERE region = $1 AND name = $2 AND source = $3 AND person = ANY($4)`
	groupMembers = `SELECT person FROM person_group WHERE region = $1 AND name = ANY($2) AND person > $3 GROUP BY person ORDER BY person LIMIT $4`
	setDeceased  = `UPDATE person_person SET deceased = v.died, digest = '', updated = $3 FROM ROWS($2, person TEXT, died TEXT) AS v
		WHERE person_person.region = $1 AND person_person.id = v.person`
	upsertStay = `ON CONFLICT (region, person, since) DO UPDATE SET until = excluded.until, source = excluded.source, updated = excluded.updated`
)

type soughtRow struct {
	index string
	Known
}

func scanSought(s db.Row) (r soughtRow, err error) {
	return r, s.Scan(&r.index, &r.ID, &r.Name, &r.Birth)
}

// Numbers and merges.

const (
	setNumber  = `UPDATE person_person SET id_index = $3, id_sealed = $4, id_tail = $5, sex = $6, birth = $7, digest = '', updated = $8 WHERE region = $1 AND id = $2`
	keepNumber = `INSERT INTO person_number (region, id_index, person, at, why) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (region, id_index) DO UPDATE SET person = excluded.person, at = excluded.at, why = excluded.why`
	freeNumber  = `DELETE FROM person_number WHERE region = $1 AND id_index = $2`
	moveNumbers = `UPDATE person_number SET person = $3 WHERE region = $1 AND person = $2`
	indexOf     = `SELECT id_index FROM person_person WHERE region = $1 AND id = $2`
	moveCover   = `INSERT INTO person_coverage (region, person, scheme, since, until, kind, status, paid, base)
		SELECT region, $3, scheme, since, until, kind, status, paid, base FROM person_coverage WHERE region = $1 AND person = $2
		ON CONFLICT (region, person, scheme, since) DO NOTHING`
	clearCover = `DELETE FROM person_coverage WHERE region = $1 AND person = $2`
	moveGroups = `INSERT INTO person_group (region, person, name, source, since)
		SELECT region, $3, name, source, since FROM person_group WHERE region = $1 AND person = $2
		ON CONFLICT (region, person, name) DO NOTHING`
	clearGroups = `DELETE FROM person_group WHERE region = $1 AND person = $2`
	moveStays   = `INSERT INTO person_stay (region, person, since, until, source, updated)
		SELECT region, $3, since, until, source, updated FROM person_stay WHERE region = $1 AND person = $2
		ON CONFLICT (region, person, since) DO NOTHING`
	clearStays      = `DELETE FROM person_stay WHERE region = $1 AND person = $2`
	moveProxyPerson = `UPDATE person_proxy SET person = $3 WHERE region = $1 AND person = $2`
	moveProxyProxy  = `UPDATE person_proxy SET proxy = $3 WHERE region = $1 AND proxy = $2`
	dropPerson      = `DELETE FROM person_person WHERE region = $1 AND id = $2`
)

// Proxies.

const proxyCols = `id, proxy, person, relation, scope, since, until, consent, decision, created, revoked`

const (
	putProxy = `INSERT INTO person_proxy (region, id, proxy, person, relation, scope, since, until, consent, decision, created, revoked)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,0)`
	getProxy    = `SELECT ` + proxyCols + ` FROM person_proxy WHERE region = $1 AND id = $2`
	proxiesOf   = `SELECT ` + proxyCols + ` FROM person_proxy WHERE region = $1 AND person = $2 ORDER BY created DESC, id`
	proxiesBy   = `SELECT ` + proxyCols + ` FROM person_proxy WHERE region = $1 AND proxy = $2 ORDER BY created DESC, id`
	revokeProxy = `UPDATE person_proxy SET revoked = $3 WHERE region = $1 AND id = $2 AND revoked = 0`
	scopeProxy  = `SELECT scope, until FROM person_proxy WHERE region = $1 AND proxy = $2 AND person = $3
		AND revoked = 0 AND since <= $4 AND until >= $4`
	countWards = `SELECT COUNT(*) FROM (SELECT person FROM person_proxy WHERE region = $1 AND proxy = $2 AND person <> $3
		AND revoked = 0 AND until >= $4 GROUP BY person) AS wards`
	endProxies = `UPDATE person_proxy SET revoked = $4 WHERE region = $1 AND proxy = $2 AND person = $3 AND revoked = 0`
)

func scanProxy(s db.Row) (p Proxy, err error) {
	return p, s.Scan(&p.ID, &p.Proxy, &p.Person, &p.Relation, &p.Scope, &p.Since, &p.Until, &p.Consent, &p.Decision, &p.Created, &p.Revoked)
}

type scopeRow struct {
	scope string
	until day.Day
}

func scanScope(s db.Row) (r scopeRow, err error) { return r, s.Scan(&r.scope, &r.until) }

// Uploads.

const (
	importCols  = `id, file, actor, actor_name, begun, ended, say, report`
	putImport   = `INSERT INTO person_import (region, id, file, actor, actor_name, begun, ended, say, report) VALUES ($1,$2,$3,$4,$5,$6,0,'','')`
	endImport   = `UPDATE person_import SET ended = $3, say = $4, report = $5 WHERE region = $1 AND id = $2`
	getImport   = `SELECT ` + importCols + ` FROM person_import WHERE region = $1 AND id = $2`
	listImports = `SELECT ` + importCols + ` FROM person_import WHERE region = $1 ORDER BY id DESC LIMIT 20`
)

func scanImport(s db.Row) (u Upload, err error) {
	var report string
	if err := s.Scan(&u.ID, &u.File, &u.Actor, &u.ActorName, &u.Begun, &u.Ended, &u.Say, &report); err != nil || report == "" {
		return u, err
	}
	u.Report = &Report{}
	return u, json.Unmarshal([]byte(report), u.Report)
}
