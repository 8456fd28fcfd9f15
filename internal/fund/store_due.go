package fund

import (
	"errors"
	"strings"

	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
)

const (
	yearGet    = `SELECT year, status, counted_on, maker, checker, voucher, at, version FROM fund_year WHERE region = $1 AND year = $2`
	yearUpsert = `ON CONFLICT (region, year) DO UPDATE SET status = excluded.status, counted_on = excluded.counted_on, maker = excluded.maker, checker = excluded.checker,
		voucher = excluded.voucher, at = excluded.at, version = excluded.version WHERE fund_year.region = excluded.region AND fund_year.version = excluded.version - 1`
	dueOf   = `SELECT kind, relief, heads, own_heads, own_base, person, employer, medical, government, say, decision FROM fund_due WHERE region = $1 AND year = $2 ORDER BY kind, relief`
	dueDrop = `DELETE FROM fund_due WHERE region = $1 AND year = $2`

	receiptCols  = `slip, year, source, fen, on_day, memo, status, maker, checker, voucher, at, version`
	receiptMany  = `SELECT ` + receiptCols + ` FROM fund_receipt WHERE region = $1 AND slip = ANY($2)`
	receiptPage  = `SELECT ` + receiptCols + ` FROM fund_receipt WHERE region = $1 AND year = $2 AND (on_day, slip) < ($3, $4) ORDER BY on_day DESC, slip DESC LIMIT $5`
	receiptAsked = `SELECT ` + receiptCols + ` FROM fund_receipt WHERE region = $1 AND year = $2 AND status = 'asked' ORDER BY on_day, slip LIMIT $3`
	sumReceipts  = `SELECT source, CAST(SUM(fen) AS BIGINT) FROM fund_receipt WHERE region = $1 AND year = $2 AND status = 'booked' GROUP BY source`
	receiptMove  = `UPDATE fund_receipt SET status = $4, checker = $5, voucher = $6, version = version + 1 WHERE region = $1 AND slip = $2 AND status = $3`
	receiptBack  = `UPDATE fund_receipt SET status = 'reversed', version = version + 1 WHERE region = $1 AND voucher = $2 AND status = 'booked'`
	receiptAgain = `ON CONFLICT (region, slip) DO UPDATE SET year = excluded.year, source = excluded.source, fen = excluded.fen, on_day = excluded.on_day, memo = excluded.memo,
		status = excluded.status, maker = excluded.maker, checker = excluded.checker, at = excluded.at, version = fund_receipt.version + 1
		WHERE fund_receipt.region = excluded.region AND fund_receipt.status = 'refused'`
	// The receivables have an index of their own: a settlement's postings are none of it.
	sumOwed = `SELECT account, CAST(COALESCE(SUM(CASE WHEN kind = 'due' THEN fen ELSE 0 END), 0) AS BIGINT), CAST(COALESCE(SUM(fen), 0) AS BIGINT)
		FROM fund_posting WHERE region = $1 AND book = $2 AND party = $3 AND account >= '1301' AND account <= '1304' GROUP BY account`
)

var (
	yearInsert    = strings.Fields("region year status counted_on maker checker voucher at version")
	dueInsert     = strings.Fields("region year kind relief heads own_heads own_base person employer medical government say decision")
	receiptInsert = append([]string{"region"}, strings.Fields(strings.ReplaceAll(receiptCols, ",", ""))...)
)

// getYear reads a year; the zero Year with its number when there is none.
func getYear(tx *db.Tx, region string, year int64) (Year, error) {
	y, err := db.One(tx, func(r db.Row) (y Year, err error) {
		return y, r.Scan(&y.Year, &y.Status, &y.CountedOn, &y.Maker, &y.Checker, &y.Voucher, &y.At, &y.Version)
	}, yearGet, region, year)
	if errors.Is(err, db.ErrNone) {
		return Year{Year: year}, nil
	}
	return y, err
}

func (y *Year) put(tx *db.Tx, region string) error {
	y.Version++
	n, err := tx.Insert("fund_year", yearInsert, [][]any{{region, y.Year, y.Status, y.CountedOn, y.Maker, y.Checker, y.Voucher, y.At, y.Version}}, yearUpsert)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "%d年的应收刚刚有变化，请刷新后再办。", y.Year)
	}
	return err
}

func classesOf(tx *db.Tx, region string, year int64) ([]ClassDue, error) {
	return db.All(tx, func(r db.Row) (c ClassDue, err error) {
		err = r.Scan(&c.Kind, &c.Relief, &c.Heads, &c.OwnHeads, &c.OwnBase, &c.Person, &c.Employer, &c.Medical, &c.Government, &c.Say, &c.Decision)
		c.Total = c.Person + c.Employer + c.Medical + c.Government
		return c, err
	}, dueOf, region, year)
}

func putClasses(tx *db.Tx, region string, year int64, cs []ClassDue) error {
	if _, err := tx.Exec(dueDrop, region, year); err != nil {
		return err
	}
	rows := make([][]any, len(cs))
	for i, c := range cs {
		rows[i] = []any{region, year, c.Kind, c.Relief, c.Heads, c.OwnHeads, c.OwnBase, c.Person, c.Employer, c.Medical, c.Government, c.Say, c.Decision}
	}
	_, err := tx.Insert("fund_due", dueInsert, rows, "")
	return err
}

func scanReceipt(r db.Row) (x DueReceipt, err error) {
	return x, r.Scan(&x.Slip, &x.Year, &x.Source, &x.Fen, &x.On, &x.Memo, &x.Status, &x.Maker, &x.Checker, &x.Voucher, &x.At, &x.Version)
}

func receipts(tx *db.Tx, region string, slips []string) (map[string]DueReceipt, error) {
	all, err := db.All(tx, scanReceipt, receiptMany, region, slips)
	out := map[string]DueReceipt{}
	for _, r := range all {
		out[r.Slip] = r
	}
	return out, err
}

func receiptsOf(tx *db.Tx, region string, year int64, after string, limit int) ([]DueReceipt, error) {
	on, slip, ok := strings.Cut(after, "/")
	if !ok {
		on, slip = "9999-12-31", ""
	}
	return db.All(tx, scanReceipt, receiptPage, region, year, on, slip, limit)
}

func askedOf(tx *db.Tx, region string, year int64, limit int) ([]DueReceipt, error) {
	return db.All(tx, scanReceipt, receiptAsked, region, year, limit)
}

// bookedOf is what the booked slips of a year come to, by source.
func bookedOf(tx *db.Tx, region string, year int64) (map[Source]money.Fen, error) {
	out := map[Source]money.Fen{}
	_, err := db.All(tx, func(r db.Row) (x struct{}, err error) {
		var src Source
		var fen money.Fen
		err = r.Scan(&src, &fen)
		out[src] = fen
		return x, err
	}, sumReceipts, region, year)
	return out, err
}

func putReceipts(tx *db.Tx, region string, rs []DueReceipt) error {
	if len(rs) == 0 {
		return nil
	}
	rows := make([][]any, len(rs))
	for i, r := range rs {
		rows[i] = []any{region, r.Slip, r.Year, r.Source, r.Fen, r.On, r.Memo, r.Status, r.Maker, r.Checker, r.Voucher, r.At, 1}
	}
	_, err := tx.Insert("fund_receipt", receiptInsert, rows, receiptAgain)
	return err
}

func moveReceipt(tx *db.Tx, region, slip string, from, to ReceiptStatus, by, voucher string) error {
	n, err := tx.Exec(receiptMove, region, slip, from, to, by, voucher)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "回单 %s 刚刚有变化，请刷新页面。", slip)
	}
	return err
}

type owed struct{ due, left money.Fen }

// owedOf is what was due for a year and what is left of it, from the ledger, by account.
func owedOf(tx *db.Tx, region, year string) (map[string]owed, error) {
	out := map[string]owed{}
	_, err := db.All(tx, func(r db.Row) (x struct{}, err error) {
		var account string
		var o owed
		err = r.Scan(&account, &o.due, &o.left)
		out[account] = o
		return x, err
	}, sumOwed, region, LTCI, year)
	return out, err
}
