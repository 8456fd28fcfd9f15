package claim

import (
	"errors"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
)

const (
	monthCols = `region, id, institution, month, status, version, bills, total, fund, person_fen, offsets, deducted, deposit, recovered, payable,
		submitted_by, first_by, second_by, signed_by, note, decision, at`
	monthSelect = `SELECT ` + monthCols + ` FROM claim_month `
	monthGet    = monthSelect + `WHERE region = $1 AND id = $2`
	monthList   = monthSelect + `WHERE region = $1 AND (month = $2 OR $2 = '') AND (institution = $3 OR $3 = '') AND (status = $4 OR $4 = '') ORDER BY month DESC, institution`
	monthUpsert = `ON CONFLICT (region, id) DO UPDATE SET status = excluded.status, version = excluded.version, bills = excluded.bills,
		total = excluded.total, fund = excluded.fund, person_fen = excluded.person_fen, offsets = excluded.offsets, deducted = excluded.deducted,
		deposit = excluded.deposit, recovered = excluded.recovered, payable = excluded.payable, submitted_by = excluded.submitted_by, first_by = excluded.first_by,
		second_by = excluded.second_by, signed_by = excluded.signed_by, note = excluded.note, decision = excluded.decision
		WHERE claim_month.region = excluded.region AND claim_month.version = excluded.version - 1`
	offsetOf  = billSelect + `WHERE region = $1 AND institution = $2 AND offset_month = $3 AND on_day >= $4 ORDER BY on_day, visit`
	instsIn   = `SELECT DISTINCT institution FROM claim_bill WHERE region = $1 AND on_day >= $2 AND on_day <= $3 ORDER BY institution`
	sumBills  = `SELECT institution, CAST(SUM(fund) AS BIGINT) FROM claim_bill WHERE region = $1 AND institution <> '' AND status IN ('settled', 'reversing') GROUP BY institution`
	sumMonths = `SELECT institution, CAST(SUM(deposit) AS BIGINT), CAST(SUM(deducted) AS BIGINT) FROM claim_month
		WHERE region = $1 AND institution <> '' AND status IN ('signed', 'filed', 'failed', 'paid') GROUP BY institution`
	sumPaid = `SELECT institution, CAST(SUM(fen) AS BIGINT) FROM claim_payment WHERE region = $1 AND status = 'paid' AND kind <> 'family' GROUP BY institution`

	deductionList = `SELECT id, claim, visit, reason, fen, note, maker FROM claim_deduction WHERE region = $1 AND claim = $2 ORDER BY visit`
	deductionDrop = `DELETE FROM claim_deduction WHERE region = $1 AND claim = $2 AND visit = $3`

	depositSelect = `SELECT region, claim, institution, month, fen, released, kept, status, score, decision, asked_by FROM claim_deposit `
	depositGet    = depositSelect + `WHERE region = $1 AND claim = $2`
	depositList   = depositSelect + `WHERE region = $1 AND (status = $2 OR $2 = '') AND (institution = $3 OR $3 = '') AND (month = $4 OR $4 = '') ORDER BY month DESC, institution`
	depositMove   = `UPDATE claim_deposit SET released = $4, kept = $5, status = $6, score = $7, decision = $8, asked_by = $9
		WHERE region = $1 AND claim = $2 AND status = $3`

	fileSelect    = `SELECT id, month, lines, fen, digest, maker, at FROM claim_payfile `
	fileGet       = fileSelect + `WHERE region = $1 AND id = $2`
	fileList      = fileSelect + `WHERE region = $1 ORDER BY id DESC LIMIT $2`
	fileCount     = `SELECT COUNT(*) FROM claim_payfile WHERE region = $1 AND month = $2`
	paymentSelect = `SELECT file, no, kind, claim, institution, name, bank, sealed, tail, fen, status, reason FROM claim_payment `
	paymentList   = paymentSelect + `WHERE region = $1 AND file = $2 ORDER BY no`
	paymentMove   = `UPDATE claim_payment SET status = $4, reason = $5, at = $6 WHERE region = $1 AND file = $2 AND no = $3 AND status = 'sent'`
)

var (
	monthInsert     = strings.FieldsFunc(monthCols, func(r rune) bool { return r == ',' || r <= ' ' })
	deductionInsert = strings.Fields("region id claim visit reason fen note maker at")
	depositInsert   = strings.Fields("region claim institution month fen released kept status score decision asked_by")
	fileInsert      = strings.Fields("region id month lines fen digest maker at")
	paymentInsert   = strings.Fields("region file no kind claim institution name bank sealed tail fen status reason at")
)

func errNoMonth() error { return fault.New(fault.NotFound, "没有找到这份月结申报。") }

func scanMonth(r db.Row) (m Month, err error) {
	return m, r.Scan(&m.Region, &m.ID, &m.Institution, &m.Month, &m.Status, &m.Version, &m.Bills, &m.Total, &m.Fund, &m.PersonFen, &m.Offsets,
		&m.Deducted, &m.Deposit, &m.Recovered, &m.Payable, &m.SubmittedBy, &m.FirstBy, &m.SecondBy, &m.SignedBy, &m.Note, &m.Decision, &m.At)
}

func getMonth(tx *db.Tx, region, id string) (Month, error) {
	m, err := db.One(tx, scanMonth, monthGet, region, id)
	if errors.Is(err, db.ErrNone) {
		return m, errNoMonth()
	}
	return m, err
}

func listMonths(tx *db.Tx, region string, m day.Month, inst string, st MonthStatus) ([]Month, error) {
	return db.All(tx, scanMonth, monthList, region, m, inst, st)
}

// put writes a claim and moves its version on; Conflict when it was stale.
func (m *Month) put(tx *db.Tx) error {
	m.Version++
	n, err := tx.Insert("claim_month", monthInsert, [][]any{{m.Region, m.ID, m.Institution, m.Month, m.Status, m.Version, m.Bills, m.Total, m.Fund,
		m.PersonFen, m.Offsets, m.Deducted, m.Deposit, m.Recovered, m.Payable, m.SubmittedBy, m.FirstBy, m.SecondBy, m.SignedBy, m.Note, m.Decision, m.At}}, monthUpsert)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "这份月结刚刚有变化，请刷新后再办。")
	}
	return err
}

// attach takes into the claim every settled bill that is in none and can no
// longer be undone, and every reversal that an earlier claim has paid.
func attach(tx *db.Tx, m *Month, from day.Day) error {
	if _, err := tx.Exec(billIntake, m.Region, m.ID, m.Institution, m.Month.Last(), tx.Millis(), from); err != nil {
		return err
	}
	_, err := tx.Exec(billOffset, m.Region, m.ID, m.Institution, from)
	return err
}

// linesOf reads the bills of a claim and those that it takes off.
func linesOf(tx *db.Tx, m *Month) (lines, offset []Bill, err error) {
	if lines, err = db.All(tx, scanBill, billOfMonth, m.Region, m.ID); err != nil {
		return nil, nil, err
	}
	offset, err = db.All(tx, scanBill, offsetOf, m.Region, m.Institution, m.ID, (m.Month - earlier).First())
	return lines, offset, err
}

func institutionsIn(tx *db.Tx, region string, m day.Month) ([]string, error) {
	return db.All(tx, db.Value[string], instsIn, region, m.First(), m.Last())
}

func deductions(tx *db.Tx, region, claim string) ([]Deduction, error) {
	return db.All(tx, func(r db.Row) (d Deduction, err error) {
		return d, r.Scan(&d.ID, &d.Claim, &d.Visit, &d.Reason, &d.Fen, &d.Note, &d.Maker)
	}, deductionList, region, claim)
}

func dropDeduction(tx *db.Tx, region, claim, visit string) error {
	_, err := tx.Exec(deductionDrop, region, claim, visit)
	return err
}

func putDeduction(tx *db.Tx, region string, d Deduction) error {
	_, err := tx.Insert("claim_deduction", deductionInsert, [][]any{{region, d.ID, d.Claim, d.Visit, d.Reason, d.Fen, d.Note, d.Maker, tx.Millis()}}, "")
	return err
}

func scanDeposit(r db.Row) (d Deposit, err error) {
	return d, r.Scan(&d.Region, &d.Claim, &d.Institution, &d.Month, &d.Fen, &d.Released, &d.Kept, &d.Status, &d.Score, &d.Decision, &d.AskedBy)
}

func getDeposit(tx *db.Tx, region, claim string) (Deposit, error) {
	d, err := db.One(tx, scanDeposit, depositGet, region, claim)
	if errors.Is(err, db.ErrNone) {
		return d, fault.New(fault.NotFound, "没有找到这笔质量保证金。")
	}
	return d, err
}

func putDeposit(tx *db.Tx, d Deposit) error {
	_, err := tx.Insert("claim_deposit", depositInsert, [][]any{{d.Region, d.Claim, d.Institution, d.Month, d.Fen, d.Released, d.Kept, d.Status, d.Score, d.Decision, d.AskedBy}}, "")
	return err
}

func moveDeposit(tx *db.Tx, d Deposit, from DepositStatus) error {
	n, err := tx.Exec(depositMove, d.Region, d.Claim, from, d.Released, d.Kept, d.Status, d.Score, d.Decision, d.AskedBy)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "这笔保证金刚刚有变化，请刷新后再办。")
	}
	return err
}

func scanFile(r db.Row) (f Payfile, err error) {
	return f, r.Scan(&f.ID, &f.Month, &f.Lines, &f.Fen, &f.Digest, &f.Maker, &f.At)
}

func scanPayment(r db.Row) (p Payment, err error) {
	return p, r.Scan(&p.File, &p.No, &p.Kind, &p.Claim, &p.Institution, &p.Name, &p.Bank, &p.sealed, &p.Tail, &p.Fen, &p.Status, &p.Reason)
}

func getFile(tx *db.Tx, region, id string) (Payfile, []Payment, error) {
	f, err := db.One(tx, scanFile, fileGet, region, id)
	if errors.Is(err, db.ErrNone) {
		return f, nil, fault.New(fault.NotFound, "没有找到这份拨付文件。")
	}
	if err != nil {
		return f, nil, err
	}
	ps, err := db.All(tx, scanPayment, paymentList, region, id)
	return f, ps, err
}

func putFile(tx *db.Tx, region string, f Payfile, ps []Payment) error {
	if _, err := tx.Insert("claim_payfile", fileInsert, [][]any{{region, f.ID, f.Month, f.Lines, f.Fen, f.Digest, f.Maker, f.At}}, ""); err != nil {
		return err
	}
	rows := make([][]any, len(ps))
	for i, p := range ps {
		rows[i] = []any{region, p.File, p.No, p.Kind, p.Claim, p.Institution, p.Name, p.Bank, p.sealed, p.Tail, p.Fen, p.Status, p.Reason, f.At}
	}
	_, err := tx.Insert("claim_payment", paymentInsert, rows, "")
	return err
}
