package claim

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"yinling/internal/day"
	"yinling/internal/db"
	"yinling/internal/fault"
	"yinling/internal/money"
)

const (
	billCols = `region, visit, person, institution, staff, on_day, mode, minutes, started, held, status, version, round, total, fund, person_fen,
		funds, lines, takes, decision, note, quoted_at, confirmed_by, confirmed_at, settled_at, pending_until, asked_by, month, offset_month`
	billSelect  = `SELECT ` + billCols + ` FROM claim_bill `
	billGet     = billSelect + `WHERE region = $1 AND visit = $2`
	billMany    = billSelect + `WHERE region = $1 AND visit = ANY($2)`
	billPerson  = billSelect + `WHERE region = $1 AND person = $2 AND on_day >= $3 ORDER BY on_day DESC, visit DESC LIMIT $4`
	billInst    = billSelect + `WHERE region = $1 AND institution = $2 AND on_day >= $3 AND on_day <= $4 ORDER BY on_day, visit`
	billOpen    = billSelect + `WHERE region = $1 AND status = $2 AND status IN ('disputed', 'reversing') ORDER BY on_day, visit LIMIT $3`
	billOfMonth = billSelect + `WHERE region = $1 AND month = $2 AND month <> '' ORDER BY on_day, visit`

	// A stale writer meets another version and writes nothing.
	billUpsert = `ON CONFLICT (region, visit) DO UPDATE SET person = excluded.person, institution = excluded.institution, staff = excluded.staff,
		on_day = excluded.on_day, mode = excluded.mode, minutes = excluded.minutes, started = excluded.started, held = excluded.held,
		status = excluded.status, version = excluded.version, round = excluded.round, total = excluded.total, fund = excluded.fund,
		person_fen = excluded.person_fen, funds = excluded.funds, lines = excluded.lines, takes = excluded.takes, decision = excluded.decision,
		note = excluded.note, quoted_at = excluded.quoted_at, confirmed_by = excluded.confirmed_by, confirmed_at = excluded.confirmed_at,
		settled_at = excluded.settled_at, pending_until = excluded.pending_until, asked_by = excluded.asked_by, month = excluded.month,
		offset_month = excluded.offset_month
		WHERE claim_bill.region = excluded.region AND claim_bill.version = excluded.version - 1`
	billNew    = `ON CONFLICT (region, visit) DO NOTHING`
	billSettle = `UPDATE claim_bill SET status = 'settled', version = version + 1, round = round + 1, confirmed_by = v.who,
		confirmed_at = CASE WHEN confirmed_at = 0 THEN $2 ELSE confirmed_at END, settled_at = $2, pending_until = $3
		FROM ROWS($4, visit TEXT, who TEXT) AS v WHERE claim_bill.region = $1 AND claim_bill.visit = v.visit AND claim_bill.status IN ('quoted', 'confirmed') AND NOT claim_bill.held`
	billIntake = `UPDATE claim_bill SET month = $2, version = version + 1 WHERE region = $1 AND institution = $3 AND on_day <= $4
		AND status = 'settled' AND month = '' AND pending_until <= $5 AND on_day >= $6`
	billOffset = `UPDATE claim_bill SET offset_month = $2 WHERE region = $1 AND institution = $3 AND status = 'reversed' AND month <> ''
		AND month <> $2 AND offset_month = '' AND on_day >= $4`

	chargeSelect = `SELECT region, id, visit, round, person, institution, fen, status, channel, code, trade, at, paid_at FROM claim_charge `
	chargeGet    = chargeSelect + `WHERE region = $1 AND id = $2`
	chargeOf     = chargeSelect + `WHERE region = $1 AND visit = $2 AND round = $3`
	chargeMove   = `UPDATE claim_charge SET status = $4, channel = $5, code = $6, trade = $7, paid_at = $8
		WHERE region = $1 AND id = $2 AND status = $3`
)

var (
	billInsert   = strings.FieldsFunc(billCols, func(r rune) bool { return r == ',' || r <= ' ' })
	chargeInsert = strings.Fields("region id visit round person institution fen status channel code trade at paid_at")
)

func scanBill(r db.Row) (b Bill, err error) {
	var funds, lines, takes string
	err = r.Scan(&b.Region, &b.Visit, &b.Person, &b.Institution, &b.Staff, &b.On, &b.Mode, &b.Minutes, &b.Begin, &b.Held, &b.Status, &b.Version,
		&b.Round, &b.Total, &b.Fund, &b.PersonFen, &funds, &lines, &takes, &b.Decision, &b.Note, &b.QuotedAt, &b.ConfirmedBy, &b.ConfirmedAt,
		&b.SettledAt, &b.PendingUntil, &b.AskedBy, &b.Month, &b.OffsetMonth)
	if err != nil {
		return b, err
	}
	return b, errors.Join(json.Unmarshal([]byte(funds), &b.Funds), json.Unmarshal([]byte(lines), &b.Lines), json.Unmarshal([]byte(takes), &b.Takes))
}

func (b *Bill) row() ([]any, error) {
	funds, err1 := json.Marshal(b.Funds)
	lines, err2 := json.Marshal(b.Lines)
	takes, err3 := json.Marshal(b.Takes)
	return []any{b.Region, b.Visit, b.Person, b.Institution, b.Staff, b.On, b.Mode, b.Minutes, b.Begin, b.Held, b.Status, b.Version,
		b.Round, b.Total, b.Fund, b.PersonFen, string(funds), string(lines), string(takes), b.Decision, b.Note, b.QuotedAt, b.ConfirmedBy, b.ConfirmedAt,
		b.SettledAt, b.PendingUntil, b.AskedBy, b.Month, b.OffsetMonth}, errors.Join(err1, err2, err3)
}

// Get reads one bill; none is fault.NotFound.
func Get(tx *db.Tx, region, visit string) (Bill, error) {
	b, err := db.One(tx, scanBill, billGet, region, visit)
	if errors.Is(err, db.ErrNone) {
		return b, errNoBill()
	}
	return b, err
}

// bills reads bills by set.
func bills(tx *db.Tx, region string, visits []string) (map[string]*Bill, error) {
	bs, err := db.All(tx, scanBill, billMany, region, visits)
	out := make(map[string]*Bill, len(bs))
	for i := range bs {
		out[bs[i].Visit] = &bs[i]
	}
	return out, err
}

// putBills writes bills whose Version has been moved on by one (1 for a new
// one). Conflict: somebody else has written one in between.
func putBills(tx *db.Tx, bs []*Bill) error { return writeBills(tx, bs, billUpsert) }

// newBills writes bills that nobody has written yet; Conflict otherwise.
func newBills(tx *db.Tx, bs []*Bill) error { return writeBills(tx, bs, billNew) }

func writeBills(tx *db.Tx, bs []*Bill, clash string) error {
	rows := make([][]any, len(bs))
	var err error
	for i, b := range bs {
		if rows[i], err = b.row(); err != nil {
			return err
		}
	}
	n, err := tx.Insert("claim_bill", billInsert, rows, clash)
	if err == nil && n != int64(len(bs)) {
		err = fault.New(fault.Conflict, "账单刚刚有变化，请刷新后再办。")
	}
	return err
}

func (b *Bill) put(tx *db.Tx) error {
	b.Version++
	return putBills(tx, []*Bill{b})
}

// markSettled moves bills to settled by set; who confirmed each stands beside it.
func markSettled(tx *db.Tx, region string, bs []*Bill, until int64) error {
	rows := make(db.Rows, len(bs))
	for i, b := range bs {
		rows[i] = []any{b.Visit, b.ConfirmedBy}
	}
	n, err := tx.Exec(billSettle, region, tx.Millis(), until, rows)
	if err == nil && n != int64(len(bs)) {
		err = fault.New(fault.Conflict, "账单刚刚有变化，请刷新后再办。")
	}
	return err
}

func putCharges(tx *db.Tx, cs []Charge) error {
	rows := make([][]any, len(cs))
	for i, c := range cs {
		rows[i] = []any{c.Region, c.ID, c.Visit, c.Round, c.Person, c.Institution, c.Fen, c.Status, c.Channel, c.Code, c.Trade, c.At, c.PaidAt}
	}
	_, err := tx.Insert("claim_charge", chargeInsert, rows, "")
	return err
}

// GetCharge reads one charge; none is fault.NotFound.
func GetCharge(tx *db.Tx, region, id string) (Charge, error) {
	return oneCharge(tx, chargeGet, region, id)
}

// ChargeOf is the charge of one settlement of a bill; none is fault.NotFound.
func ChargeOf(tx *db.Tx, region, visit string, round int64) (Charge, error) {
	return oneCharge(tx, chargeOf, region, visit, round)
}

func oneCharge(tx *db.Tx, q string, args ...any) (Charge, error) {
	c, err := db.One(tx, func(r db.Row) (c Charge, err error) {
		return c, r.Scan(&c.Region, &c.ID, &c.Visit, &c.Round, &c.Person, &c.Institution, &c.Fen, &c.Status, &c.Channel, &c.Code, &c.Trade, &c.At, &c.PaidAt)
	}, q, args...)
	if errors.Is(err, db.ErrNone) {
		return c, fault.New(fault.NotFound, "没有找到这笔付款。")
	}
	return c, err
}

// moveCharge writes a charge that stood at from; Conflict when it has moved.
func moveCharge(tx *db.Tx, c Charge, from ChargeStatus) error {
	n, err := tx.Exec(chargeMove, c.Region, c.ID, from, c.Status, c.Channel, c.Code, c.Trade, c.PaidAt)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这笔付款刚刚有变化，请刷新后再看。")
	}
	return err
}

// roundKey names one settlement of a bill.
func roundKey(visit string, round int64) string { return visit + "-" + strconv.FormatInt(round, 10) }

// sumMonth adds up the bills of a month claim.
func sumMonth(bs []Bill, id string) (n int64, total, fund, person money.Fen) {
	for _, b := range bs {
		if b.Month == id {
			n++
			total, fund, person = total+b.Total, fund+b.Fund, person+b.PersonFen
		}
	}
	return
}

// The bills of one institution between two days, oldest first.
func billsOf(tx *db.Tx, region, institution string, from, to day.Day) ([]Bill, error) {
	return db.All(tx, scanBill, billInst, region, institution, from, to)
}
