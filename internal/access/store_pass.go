package access

import "yinling/internal/db"

func accountByPerson(tx *db.Tx, region, person string) (Account, error) {
	return db.One(tx, scanAccount, getAccount+`WHERE region = $1 AND person = $2 AND role = 'citizen' ORDER BY status, id LIMIT 1`, region, person)
}

func setSecrets(tx *db.Tx, a Account) error {
	_, err := tx.Exec(`UPDATE access_account SET password = $3, totp = $4, failed = 0, locked_until = 0, updated = $5 WHERE region = $1 AND id = $2`,
		a.Region, a.ID, a.password, a.totp, tx.Millis())
	return err
}

func insertPass(tx *db.Tx, region, code string, p Pass) (int64, error) {
	return tx.Exec(`INSERT INTO access_pass (region, code, kind, person, name, maker, helper, helper_name, expires, at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
		ON CONFLICT (region, code) DO NOTHING`, region, code, p.Kind, p.Person, p.Name, p.Maker, p.Helper, p.HelperName, p.Expires, tx.Millis())
}

// sweepPasses drops what is over, and what the person got before in the same way.
func sweepPasses(tx *db.Tx, region, kind, person string) error {
	_, err := tx.Exec(`DELETE FROM access_pass WHERE region = $1 AND (expires < $2 OR (kind = $3 AND person = $4))`, region, tx.Millis(), kind, person)
	return err
}

func passOf(tx *db.Tx, region, code string) (Pass, error) {
	return db.One(tx, func(r db.Row) (p Pass, err error) {
		return p, r.Scan(&p.Kind, &p.Person, &p.Name, &p.Maker, &p.Helper, &p.HelperName, &p.Expires)
	}, `SELECT kind, person, name, maker, helper, helper_name, expires FROM access_pass WHERE region = $1 AND code = $2 AND expires >= $3`, region, code, tx.Millis())
}

func dropPass(tx *db.Tx, region, code string) (int64, error) {
	return tx.Exec(`DELETE FROM access_pass WHERE region = $1 AND code = $2 AND expires >= $3`, region, code, tx.Millis())
}

func linkedAccount(tx *db.Tx, region, provider, subject string) (Account, error) {
	return db.One(tx, scanAccount, getAccount+`WHERE region = $1 AND id = (SELECT account FROM access_link WHERE region = $1 AND provider = $2 AND subject = $3)`,
		region, provider, subject)
}

func insertLink(tx *db.Tx, region, provider, subject, account string) error {
	_, err := tx.Exec(`INSERT INTO access_link (region, provider, subject, account, at) VALUES ($1,$2,$3,$4,$5)
		ON CONFLICT (region, provider, subject) DO UPDATE SET account = excluded.account, at = excluded.at`, region, provider, subject, account, tx.Millis())
	return err
}

func putReset(tx *db.Tx, region, account, code, what string, expires int64) error {
	_, err := tx.Exec(`INSERT INTO access_reset (region, account, code, what, totp, expires, tries, at) VALUES ($1,$2,$3,$4,'',$5,0,$6)
		ON CONFLICT (region, account) DO UPDATE SET code = excluded.code, what = excluded.what, totp = '', expires = excluded.expires, tries = 0, at = excluded.at`,
		region, account, code, what, expires, tx.Millis())
	return err
}

type resetRow struct {
	code, what, totp string
	expires, tries   int64
}

// tryReset counts a try and reads the row.
func tryReset(tx *db.Tx, region, account string) (resetRow, error) {
	return db.One(tx, func(r db.Row) (x resetRow, err error) {
		return x, r.Scan(&x.code, &x.what, &x.totp, &x.expires, &x.tries)
	}, `UPDATE access_reset SET tries = tries + 1 WHERE region = $1 AND account = $2 RETURNING code, what, totp, expires, tries`, region, account)
}

func forgetTries(tx *db.Tx, region, account string) error {
	_, err := tx.Exec(`UPDATE access_reset SET tries = 0 WHERE region = $1 AND account = $2`, region, account)
	return err
}

func keepSecret(tx *db.Tx, region, account, sealed string) error {
	_, err := tx.Exec(`UPDATE access_reset SET totp = $3 WHERE region = $1 AND account = $2`, region, account, sealed)
	return err
}

func dropReset(tx *db.Tx, region, account string) error {
	_, err := tx.Exec(`DELETE FROM access_reset WHERE region = $1 AND account = $2`, region, account)
	return err
}
