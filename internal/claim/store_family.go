package claim

import (
	"errors"
	"strings"

	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
)

const (
	accountCols   = `region, person, status, holder, relation, bank, sealed, tail, maker, checker, at`
	accountMany   = `SELECT ` + accountCols + ` FROM claim_account WHERE region = $1 AND person = ANY($2)`
	accountAsked  = `SELECT ` + accountCols + ` FROM claim_account WHERE region = $1 AND status = 'asked' ORDER BY at, person LIMIT $2`
	accountDrop   = `DELETE FROM claim_account WHERE region = $1 AND person = $2 AND status = $3`
	accountUpsert = `ON CONFLICT (region, person, status) DO UPDATE SET holder = excluded.holder, relation = excluded.relation, bank = excluded.bank,
		sealed = excluded.sealed, tail = excluded.tail, maker = excluded.maker, checker = excluded.checker, at = excluded.at`

	payeeList = `SELECT claim, person, fund, offsets, deducted, recovered, payable, status, reason FROM claim_payee WHERE region = $1 AND claim = $2 ORDER BY person`
	payeeOf   = `SELECT claim, person, fund, offsets, deducted, recovered, payable, status, reason FROM claim_payee WHERE region = $1 AND person = $2 ORDER BY claim DESC LIMIT $3`
	payeeMove = `UPDATE claim_payee SET status = $5, reason = $6 WHERE region = $1 AND claim = $2 AND person = $3 AND status = $4`

	offsetWait = `UPDATE claim_bill SET offset_month = '' WHERE region = $1 AND visit = ANY($2) AND offset_month = $3`

	recoverySelect = `SELECT region, id, party, family, visit, reason, note, fen, status, way, month, slip, decision, voucher, maker, checker, at, version FROM claim_recovery `
	recoveryGet    = recoverySelect + `WHERE region = $1 AND id = $2`
	recoveryList   = recoverySelect + `WHERE region = $1 AND (status = $2 OR $2 = '') AND (party = $3 OR $3 = '') ORDER BY at DESC, id LIMIT $4`
	recoveryVisit  = recoverySelect + `WHERE region = $1 AND visit = $2 ORDER BY at, id`
	recoveryMonth  = recoverySelect + `WHERE region = $1 AND month = $2 AND month <> '' ORDER BY at, id`
	recoveryFit    = recoverySelect + `WHERE region = $1 AND party = ANY($2) AND status = 'open' AND way = 'offset' AND (month = '' OR month = $3) ORDER BY at, id`
	recoverySums   = `SELECT party, family, status, CAST(SUM(fen) AS BIGINT) FROM claim_recovery WHERE region = $1 AND status IN ('open', 'offset') GROUP BY party, family, status`
	recoveryUpsert = `ON CONFLICT (region, id) DO UPDATE SET status = excluded.status, way = excluded.way, month = excluded.month, slip = excluded.slip,
		note = excluded.note, voucher = excluded.voucher, checker = excluded.checker, version = excluded.version
		WHERE claim_recovery.region = excluded.region AND claim_recovery.version = excluded.version - 1`

	// grouped by an expression: SQLite would walk all bills by person otherwise, when those without an institution are few
	sumFamilyBills = `SELECT person || '', CAST(SUM(fund) AS BIGINT) FROM claim_bill WHERE region = $1 AND institution = '' AND status IN ('settled', 'reversing') GROUP BY person || ''`
	sumFamilyPaid  = `SELECT institution, CAST(SUM(fen) AS BIGINT) FROM claim_payment WHERE region = $1 AND kind = 'family' AND status = 'paid' GROUP BY institution`
	sumFamilyCuts  = `SELECT b.person, CAST(SUM(d.fen) AS BIGINT) FROM claim_deduction d
		JOIN claim_bill b ON b.region = d.region AND b.visit = d.visit JOIN claim_month m ON m.region = d.region AND m.id = d.claim
		WHERE d.region = $1 AND m.institution = '' AND m.status IN ('signed', 'filed', 'failed', 'paid') GROUP BY b.person`
)

var (
	accountInsert  = strings.FieldsFunc(accountCols, func(r rune) bool { return r == ',' || r <= ' ' })
	payeeInsert    = strings.Fields("region claim person fund offsets deducted recovered payable status reason")
	recoveryInsert = strings.Fields("region id party family visit reason note fen status way month slip decision voucher maker checker at version")
)

func scanAccount(r db.Row) (a Account, err error) {
	return a, r.Scan(&a.Region, &a.Person, &a.Status, &a.Holder, &a.Relation, &a.Bank, &a.sealed, &a.Tail, &a.Maker, &a.Checker, &a.At)
}

// accounts reads the accounts of persons, by person and status.
func accounts(tx *db.Tx, region string, persons []string) (map[string]map[AccountStatus]Account, error) {
	out := map[string]map[AccountStatus]Account{}
	if len(persons) == 0 {
		return out, nil
	}
	all, err := db.All(tx, scanAccount, accountMany, region, persons)
	for _, a := range all {
		if out[a.Person] == nil {
			out[a.Person] = map[AccountStatus]Account{}
		}
		out[a.Person][a.Status] = a
	}
	return out, err
}

func putAccount(tx *db.Tx, a Account) error {
	_, err := tx.Insert("claim_account", accountInsert, [][]any{{a.Region, a.Person, a.Status, a.Holder, a.Relation, a.Bank, a.sealed, a.Tail,
		a.Maker, a.Checker, a.At}}, accountUpsert)
	return err
}

func dropAccount(tx *db.Tx, region, person string, st AccountStatus) error {
	_, err := tx.Exec(accountDrop, region, person, st)
	return err
}

func scanPayee(r db.Row) (p Payee, err error) {
	return p, r.Scan(&p.Claim, &p.Person, &p.Fund, &p.Offsets, &p.Deducted, &p.Recovered, &p.Payable, &p.Status, &p.Reason)
}

func payees(tx *db.Tx, region, claim string) ([]Payee, error) {
	return db.All(tx, scanPayee, payeeList, region, claim)
}

func putPayees(tx *db.Tx, region string, ps []Payee) error {
	rows := make([][]any, len(ps))
	for i, p := range ps {
		rows[i] = []any{region, p.Claim, p.Person, p.Fund, p.Offsets, p.Deducted, p.Recovered, p.Payable, p.Status, p.Reason}
	}
	_, err := tx.Insert("claim_payee", payeeInsert, rows, "")
	return err
}

func movePayee(tx *db.Tx, region, claim, person string, from, to PayeeStatus, reason string) error {
	n, err := tx.Exec(payeeMove, region, claim, person, from, to, reason)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "这笔补助刚刚有变化，请刷新后再办。")
	}
	return err
}

func scanRecovery(r db.Row) (x Recovery, err error) {
	return x, r.Scan(&x.Region, &x.ID, &x.Party, &x.Family, &x.Visit, &x.Reason, &x.Note, &x.Fen, &x.Status, &x.Way, &x.Month, &x.Slip, &x.Decision,
		&x.Voucher, &x.Maker, &x.Checker, &x.At, &x.Version)
}

func getRecovery(tx *db.Tx, region, id string) (Recovery, error) {
	x, err := db.One(tx, scanRecovery, recoveryGet, region, id)
	if errors.Is(err, db.ErrNone) {
		return x, fault.New(fault.NotFound, "没有找到这笔追回。")
	}
	return x, err
}

// put writes a recovery and moves its version on; Conflict when it was stale.
func (x *Recovery) put(tx *db.Tx) error {
	x.Version++
	n, err := tx.Insert("claim_recovery", recoveryInsert, [][]any{{x.Region, x.ID, x.Party, x.Family, x.Visit, x.Reason, x.Note, x.Fen, x.Status, x.Way,
		x.Month, x.Slip, x.Decision, x.Voucher, x.Maker, x.Checker, x.At, x.Version}}, recoveryUpsert)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "这笔追回刚刚有变化，请刷新后再办。")
	}
	return err
}

// recovered sums what is being recovered and what has been offset, by party.
func recovered(tx *db.Tx, region string) (open, offset map[string]money.Fen, err error) {
	open, offset = map[string]money.Fen{}, map[string]money.Fen{}
	_, err = db.All(tx, func(r db.Row) (x struct{}, err error) {
		var party string
		var family bool
		var st RecoveryStatus
		var fen money.Fen
		err = r.Scan(&party, &family, &st, &fen)
		if st == RecoveryOpen {
			open[party] += fen
		} else {
			offset[party] += fen
		}
		return x, err
	}, recoverySums, region)
	return open, offset, err
}
