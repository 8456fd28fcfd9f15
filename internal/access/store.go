package access

import (
	"errors"

	"yinling/internal/day"
	"yinling/internal/db"
)

const getAccount = `SELECT region, id, login, name, role, institution, person, password, totp, status, failed, locked_until FROM access_account `

func scanAccount(r db.Row) (a Account, err error) {
	var role string
	err = r.Scan(&a.Region, &a.ID, &a.Login, &a.Name, &role, &a.Institution, &a.Person, &a.password, &a.totp, &a.Status, &a.failed, &a.lockedUntil)
	a.Role = RoleOf(role)
	return a, err
}

func accountByLogin(tx *db.Tx, region, login string) (Account, error) {
	return db.One(tx, scanAccount, getAccount+`WHERE region = $1 AND login = $2`, region, login)
}

func accountByID(tx *db.Tx, region, id string) (Account, error) {
	return db.One(tx, scanAccount, getAccount+`WHERE region = $1 AND id = $2`, region, id)
}

func accountsOf(tx *db.Tx, region, after string, limit int) ([]Account, error) {
	return db.All(tx, scanAccount, getAccount+`WHERE region = $1 AND login > $2 AND role <> 'citizen' ORDER BY login LIMIT $3`, region, after, limit)
}

func accountNames(tx *db.Tx, region string, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	for _, id := range ids {
		if _, done := out[id]; done || id == "" {
			continue
		}
		name, err := db.One(tx, db.Value[string], `SELECT name FROM access_account WHERE region = $1 AND id = $2`, region, id)
		if errors.Is(err, db.ErrNone) {
			name = id // a job of the program, or another system
		} else if err != nil {
			return nil, err
		}
		out[id] = name
	}
	return out, nil
}

func insertAccount(tx *db.Tx, a Account) (int64, error) {
	return tx.Exec(`INSERT INTO access_account (region, id, login, name, role, institution, person, password, totp, status, failed, locked_until, created, updated)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,0,0,$11,$11) ON CONFLICT (region, login) DO NOTHING`,
		a.Region, a.ID, a.Login, a.Name, a.Role.ID, a.Institution, a.Person, a.password, a.totp, a.Status, tx.Millis())
}

func setFailures(tx *db.Tx, region, id string, failed, until int64) error {
	_, err := tx.Exec(`UPDATE access_account SET failed = $3, locked_until = $4 WHERE region = $1 AND id = $2`, region, id, failed, until)
	return err
}

func disableAccount(tx *db.Tx, region, id string) error {
	_, err := tx.Exec(`UPDATE access_account SET status = 'disabled', updated = $3 WHERE region = $1 AND id = $2`, region, id, tx.Millis())
	return err
}

type sessionRow struct {
	account, csrf, behalf, helper string
	created, seen                 int64
}

func getSession(tx *db.Tx, region, token string) (sessionRow, error) {
	return db.One(tx, func(r db.Row) (s sessionRow, err error) {
		return s, r.Scan(&s.account, &s.csrf, &s.behalf, &s.helper, &s.created, &s.seen)
	}, `SELECT account, csrf, behalf, helper, created, seen FROM access_session WHERE region = $1 AND token = $2`, region, token)
}

func insertSession(tx *db.Tx, region, token, account, csrf, helper string) error {
	_, err := tx.Exec(`INSERT INTO access_session (region, token, account, csrf, created, seen, behalf, helper) VALUES ($1,$2,$3,$4,$5,$5,'',$6)`,
		region, token, account, csrf, tx.Millis(), helper)
	return err
}

func seeSession(tx *db.Tx, region, token string) error {
	_, err := tx.Exec(`UPDATE access_session SET seen = $3 WHERE region = $1 AND token = $2`, region, token, tx.Millis())
	return err
}

func setBehalf(tx *db.Tx, region, token, person string) error {
	_, err := tx.Exec(`UPDATE access_session SET behalf = $3 WHERE region = $1 AND token = $2`, region, token, person)
	return err
}

func dropSession(tx *db.Tx, region, token string) error {
	_, err := tx.Exec(`DELETE FROM access_session WHERE region = $1 AND token = $2`, region, token)
	return err
}

func dropSessions(tx *db.Tx, region, account string) error {
	_, err := tx.Exec(`DELETE FROM access_session WHERE region = $1 AND account = $2`, region, account)
	return err
}

func sweepSessions(tx *db.Tx, region string, before int64) error {
	_, err := tx.Exec(`DELETE FROM access_session WHERE region = $1 AND created < $2`, region, before)
	return err
}

// freshCode tells whether a code was sent so lately that it expires after t.
func freshCode(tx *db.Tx, region, phone string, t int64) (bool, error) {
	n, err := db.One(tx, db.Value[int64], `SELECT COUNT(*) FROM access_code WHERE region = $1 AND phone = $2 AND expires > $3`, region, phone, t)
	return n > 0, err
}

// putCode keeps a code and counts how many the phone got this day.
func putCode(tx *db.Tx, region, phone, code string, expires int64, on day.Day) (sent int64, err error) {
	return db.One(tx, db.Value[int64], `INSERT INTO access_code (region, phone, code, expires, tries, sent_on, sent) VALUES ($1,$2,$3,$4,0,$5,1)
		ON CONFLICT (region, phone) DO UPDATE SET code = excluded.code, expires = excluded.expires, tries = 0,
		sent = CASE WHEN access_code.sent_on = excluded.sent_on THEN access_code.sent + 1 ELSE 1 END, sent_on = excluded.sent_on
		RETURNING sent`, region, phone, code, expires, on)
}

// voidCode makes a code worthless and leaves the count of the day.
func voidCode(tx *db.Tx, region, phone string) error {
	_, err := tx.Exec(`UPDATE access_code SET code = '', expires = 0 WHERE region = $1 AND phone = $2`, region, phone)
	return err
}

// useCode counts a try and, when the code is right, in time and not guessed at
// more than five times, uses it up.
func useCode(tx *db.Tx, region, phone, code string) (bool, error) {
	n, err := tx.Exec(`UPDATE access_code SET tries = tries + 1 WHERE region = $1 AND phone = $2`, region, phone)
	if err != nil || n == 0 {
		return false, err
	}
	n, err = tx.Exec(`UPDATE access_code SET code = '', expires = 0 WHERE region = $1 AND phone = $2 AND code = $3 AND expires >= $4 AND tries <= 5`,
		region, phone, code, tx.Millis())
	return n > 0, err
}
